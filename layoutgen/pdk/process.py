"""The process of a kit: films of one layer of the stack, the cell, yield, and the finished part.

In the shipped kits these tables stand in ``process.toml``.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from layoutgen.pdk.measures import (
    Cells,
    Charge,
    ClusterParameter,
    Coverage,
    Cycles,
    Defects,
    Density,
    Factor,
    Layers,
    Length,
    Modulus,
    NumberOf,
    PlatedThickness,
    Ratio,
    Resistivity,
    Sigma,
    Strain,
    StrainLimit,
    Temperature,
    Thickness,
    Voltage,
    VolumetricCapacity,
)
from layoutgen.record import KitRecord


class Mechanics(KitRecord):
    """How a film takes bending."""

    modulus: Modulus
    """Young's modulus."""
    strain_limit: StrainLimit | None = None
    """Largest stretch before the film cracks or yields; a film without it is not judged."""
    residual_strain: Strain | None = None
    """Strain of the film before it is bent, stretched positive; it adds to that of the bend."""
    shear_modulus: Modulus | None = None
    """Shear modulus, given for the films between two cells: whether the layers of a stack slide follows from it."""


class Film(KitRecord):
    """One material of the stack."""

    material: str = Field(min_length=1)
    """What it is made of, as drawings call it."""
    thickness: Thickness
    """As-built thickness, across the foil."""
    density: Density
    """Mass density, for the mass of the device."""
    mechanics: Mechanics | None = None
    """Stiffness and strain limit; without it nothing is said of bending."""


class Collector(Film):
    """A film that carries the cell's current in the plane."""

    resistivity: Resistivity
    """Electrical resistivity; sheet resistance = this / thickness."""


class Cathode(Film):
    """The lithium source; its thickness sets the areal capacity."""

    volumetric_capacity: VolumetricCapacity
    """Charge per area and thickness at full utilisation; areal capacity = this x thickness x utilisation."""
    proven_thickness: Thickness
    """Thickest cathode that the process is proven for; thicker raises a flag."""
    anneal: Temperature | None = None
    """Temperature that crystallises the cathode; above what the substrate stands it raises a flag."""


class Substrate(Film):
    """What the films are deposited on."""

    conductive: bool
    """Whether the substrate itself is the + pole; an insulating one needs a cathode collector."""
    resistivity: Resistivity | None = None
    """Electrical resistivity, given exactly where the substrate is the + pole."""
    anneal_limit: Temperature | None = None
    """Highest temperature that the substrate stands while the cathode is annealed."""


class Lithium(KitRecord):
    """Lithium that plates under the anode collector when the cell is charged."""

    plated_thickness: PlatedThickness
    """Thickness plated per areal capacity."""
    utilization_max: Ratio
    """Cathode utilisation that the stack must have room for when charged."""
    mechanics: Mechanics | None = None
    """Stiffness of the plated lithium, for a bend while charged."""


class Stack(KitRecord):
    """The films of one layer, from the substrate up."""

    substrate: Substrate
    """Foil, plate or sheet that everything is deposited on."""
    barrier: Film | None = None
    """Diffusion barrier between substrate and cathode."""
    cathode_collector: Collector | None = None
    """Cathode current collector, on an insulating substrate."""
    cathode: Cathode
    """Lithium source, on the substrate or its collector."""
    electrolyte: Film
    """Solid electrolyte between cathode and anode collector."""
    anode: Film | None = None
    """Deposited lithium anode; absent in an anodeless cell."""
    anode_collector: Collector
    """Current collector on top of the cell; the - pole. Lithium plates under it."""
    film_lower: Film
    """Insulating film under the tab, with a window over the anode collector."""
    tab: Film
    """Conductor from the window to the - terminal; its resistance counts with the terminals and their joints."""
    film_upper: Film
    """Insulating film that keeps the tab off the next layer."""
    lithium: Lithium
    """The lithium that comes out of the cathode on charge, which the stack must have room for."""

    @model_validator(mode="after")
    def _plus_pole_exists(self) -> Self:
        if not self.substrate.conductive and self.cathode_collector is None:
            raise ValueError("an insulating substrate needs a cathode_collector as + pole")
        if self.substrate.conductive and self.cathode_collector is not None:
            raise ValueError(
                "a conductive substrate is the + pole: a film on it is a barrier, no cathode_collector"
            )
        if self.substrate.conductive and self.substrate.resistivity is None:
            raise ValueError("a conductive substrate is the + pole and needs a resistivity")
        if not self.substrate.conductive and self.substrate.resistivity is not None:
            raise ValueError("an insulating substrate carries no current: leave out its resistivity")
        return self


class Cell(KitRecord):
    """Electrochemistry of one cell."""

    mean_voltage: Voltage
    """Mean discharge voltage."""
    utilization_mean: Ratio
    """Cathode utilisation, mean over lots."""
    utilization_sigma_lot: Sigma
    """Standard deviation of the utilisation from lot to lot."""
    utilization_sigma_cell: Sigma
    """Standard deviation of the utilisation from cell to cell inside a lot."""
    retention: Ratio
    """Capacity left after ``retention_cycles``."""
    retention_cycles: Cycles
    """Cycles after which ``retention`` was measured."""
    fade: Literal["linear", "square-root", "geometric", "power"] = "linear"
    """How the capacity falls through the measured point: by equal steps, by the root of the cycles, by a constant
    coulombic efficiency, or by ``fade_exponent``; rated capacities follow it."""
    fade_exponent: Factor | None = None
    """Exponent of the cycles in the model ``power``."""
    cycles_max: Cycles | None = None
    """Largest number of cycles that may be asked for; any, where it is not stated."""

    @model_validator(mode="after")
    def _exponent_belongs_to_power(self) -> Self:
        if (self.fade == "power") != (self.fade_exponent is not None):
            raise ValueError("fade_exponent is given exactly where fade is 'power'")
        return self


class Yield(KitRecord):
    """Defects, screening and stacking."""

    model: Literal["negative-binomial", "poisson", "murphy", "seeds"]
    """Defect-limited yield model."""
    defect_density: Defects
    """Killer defects per active area."""
    cluster_parameter: ClusterParameter
    """alpha of the negative binomial model; small means clustered defects."""
    screen_coverage: Coverage
    """Part of the bad cells that the test on the web catches."""
    stacking_per_layer: Ratio
    """Probability that adding one layer to a stack does no harm."""


class Assembly(KitRecord):
    """How the line stacks: what a stack's rated capacity may count on."""

    order: Literal["web", "shuffled", "mixed", "trays", "matched"]
    """``web``: neighbours of one lot as they come; ``shuffled``: at random from one lot; ``mixed``: at random from
    several lots, evenly; ``trays``: by recipe from class trays over several lots; ``matched``: shared evenly by
    estimate over all cells of several lots."""
    order_correlation: Coverage
    """Mean correlation of the utilisation of two cells of a stack that is made in web order, inside a lot."""
    lots: NumberOf
    """Lots that ``mixed``, ``trays`` and ``matched`` have at hand."""
    estimate_correlation: Coverage
    """Correlation of estimated and true capacity; the rating uses the lower end of its 95 % interval."""
    cycled: Cells
    """Cells that were cycled to find that correlation."""
    trays: NumberOf
    """Class trays by estimated capacity."""


class Package(KitRecord):
    """The finished part. Tolerances are +- values."""

    lid_bottom: Thickness
    """Insulating lid below the first layer."""
    lid_top: Thickness
    """Insulating lid above the last layer."""
    lid_density: Density
    """Mass density of lids and side walls."""
    terminal_density: Density
    """Mass density of the terminal metal."""
    tolerance_length: Length
    """Of the package length."""
    tolerance_width: Length
    """Of the package width."""
    tolerance_height: Length
    """Of the package height."""
    tolerance_terminal: Length
    """Of the terminal length on the bottom."""
    tolerance_standoff: Length | None = None
    """Of the height of the body above the board; without it the drawing gives the stand-off for reference."""
    coplanarity: Length | None = None
    """How far the bottom of a terminal may stand off the board before solder no longer fills the gap."""
    reflow_temperature: Temperature
    """Peak reflow temperature that the technology names."""
    moisture_class: Literal["1", "2", "2a", "3", "4", "5", "5a", "6"] | None = None
    """Moisture sensitivity level (J-STD-020) that parts were tested for; the sheet says "not stated" without it."""
    storage: Annotated[str, Field(min_length=3, max_length=28)] | None = None
    """How parts are to be kept until they are soldered, in a few words; "not stated" else."""
    reel: Annotated[str, Field(min_length=3, max_length=28)] | None = None
    """Reel that the tape comes on, such as 330 mm, 1000 parts; "not stated" else."""
    layers_max: Layers
    """Most layers in one stack."""
    capacity_min: Charge
    """Smallest capacity that the technology targets; below it, a flag."""
    capacity_max: Charge
    """Largest capacity that the technology targets; above it, a flag."""
