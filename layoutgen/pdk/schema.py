"""The schema of a process design kit (PDK): what a process engineer states, table by table.

The TOML files of a PDK folder are read as one document; which file a table stands in is the author's choice.
Lengths across the foil and in the plane are um here; the docstring of a field is what ``layoutgen pdk explain``
prints for it.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from layoutgen.pdk.quantity import Quantity, Record, measured_in
from layoutgen.pdk.rule import Rule, RuleId
from layoutgen.validation import Form

Length = Annotated[Quantity, measured_in("um", inclusive=False, most=1e7)]
Thickness = Annotated[Quantity, measured_in("um", inclusive=False, most=1e4)]
OptionalLength = Annotated[Quantity, measured_in("um", most=1e7)]
Density = Annotated[Quantity, measured_in("g/cm3", inclusive=False, most=25)]
Ratio = Annotated[Quantity, measured_in("1", inclusive=False, most=1)]
Coverage = Annotated[Quantity, measured_in("1", most=1)]
Sigma = Annotated[Quantity, measured_in("1", most=0.5)]
Resistivity = Annotated[Quantity, measured_in("uohm cm", inclusive=False, most=1e6)]
Voltage = Annotated[Quantity, measured_in("V", inclusive=False, most=10)]
Resistance = Annotated[Quantity, measured_in("ohm", most=1e3)]
Asr = Annotated[Quantity, measured_in("ohm cm2", inclusive=False, most=1e6)]
Defects = Annotated[Quantity, measured_in("1/cm2", most=1e3)]
Temperature = Annotated[Quantity, measured_in("degC", most=500)]
Cycles = Annotated[Quantity, measured_in("cycles", inclusive=False, most=1e5)]
Charge = Annotated[Quantity, measured_in("mAh", inclusive=False, most=1e6)]
VolumetricCapacity = Annotated[Quantity, measured_in("uAh/(cm2 um)", inclusive=False, most=1e3)]
PlatedThickness = Annotated[Quantity, measured_in("um/(mAh/cm2)", inclusive=False, most=100)]
Layers = Annotated[Quantity, measured_in("layers", above=1, most=1e4)]
ClusterParameter = Annotated[Quantity, measured_in("1", inclusive=False, most=1e3)]
Bias = Annotated[Quantity, measured_in("um", above=-1e3, most=1e3)]
LayerName = Annotated[
    str, Form(r"[A-Z][A-Z0-9_]{0,31}", "capital letters, digits and _, at most 32, the first a letter")
]
KitName = Annotated[
    str, Form(r"[a-z0-9][a-z0-9-]{0,39}", "lower-case letters, digits and -, at most 40, the first no -")
]
StructureName = Annotated[
    str, Form(r"[a-z0-9][a-z0-9-]{0,19}", "lower-case letters, digits and -, at most 20, the first no -")
]
Colour = Annotated[str, Form(r"#[0-9a-fA-F]{6}", "# and six digits 0-9 a-f, such as #1f77b4")]


class Film(Record):
    """One material of the stack."""

    material: str = Field(min_length=1)
    """What it is made of, as drawings call it."""
    thickness: Thickness
    """As-built thickness, across the foil."""
    density: Density
    """Mass density, for the mass of the device."""


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


class Substrate(Film):
    """What the films are deposited on."""

    conductive: bool
    """Whether the substrate itself is the + pole; an insulating one needs a cathode collector."""
    resistivity: Resistivity | None = None
    """Electrical resistivity, given exactly where the substrate is the + pole."""


class Lithium(Record):
    """Lithium that plates under the anode collector when the cell is charged."""

    plated_thickness: PlatedThickness
    """Thickness plated per areal capacity."""
    utilization_max: Ratio
    """Cathode utilisation that the stack must have room for when charged."""


class Stack(Record):
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


class Cell(Record):
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
    cycles_max: Cycles
    """Largest number of cycles that the linear fade model is used for."""


class Yield(Record):
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


class Electrical(Record):
    """Resistance and current."""

    area_specific_resistance: Asr
    """Resistance of the cell times its active area."""
    terminal_resistance: Resistance
    """Both terminals with their joints."""
    voltage_drop_max: Voltage
    """The continuous current is the one at which I x R reaches this."""


class Laser(Record):
    """The dry patterning step."""

    overlay: Length
    """Laser to fiducial, within one set-up of the web."""
    overlay_between: Length
    """Anything placed against an earlier pass of the web, and films on the stack."""
    heat_affected_zone: Length
    """Width beside an ablated edge that may be damaged."""
    margin: Length
    """What is added to overlay and heat-affected zone to give the setback."""
    min_feature: Length
    """Smallest line or space that the laser makes."""


class Web(Record):
    """The web and how it is patterned; x is cross-web, y along the web."""

    regime: Literal["fields", "free", "fixed"]
    """Field by field (scanner), continuously, or with a given repeat (drum, stepper, plate)."""
    width: Length
    """Web width."""
    edge: OptionalLength
    """Unusable at each edge."""
    field_width: Length
    """Scanner reach across the web; the outer cut of a field included."""
    field_length: Length
    """Scanner reach along the web; the outer cut of a field included."""
    field_gap: OptionalLength
    """Left between fields, for fiducials and the field label."""
    repeat_length: Length | None = None
    """Length of the repeat, given exactly when the regime is fixed."""
    kerf: Length
    """Width that the cut takes away."""
    rotation_allowed: bool
    """Whether cells may be turned by 90 degrees on the web."""
    size_grid: Length
    """Cell dimensions are multiples of this."""
    structures: Annotated[
        str, Form(r"[a-z0-9][a-z0-9-]*( *, *[a-z0-9][a-z0-9-]*)*", "none, or names of structures with commas")
    ] = "none"
    """Structures drawn in every repeat: none, or names with commas."""
    guillotine_only: bool = False
    """Whether cells are parted by straight cuts from edge to edge of a field, as a saw does."""
    slits: Annotated[
        str,
        Form(
            r"(none|[1-9]\d?|[\d.]+( *, *[\d.]+)*)",
            "none, a number of equal strips such as 2, or middles of slits in mm such as 100, 200",
        ),
    ] = "none"
    """Slits along the web: none, a number of equal strips, or middles of slits in mm from the web's left edge."""
    slit_width: OptionalLength | None = None
    """Width lost at each slit; the field gap where it is not given."""

    @model_validator(mode="after")
    def _repeat_goes_with_fixed(self) -> Self:
        if self.regime == "fixed" and self.repeat_length is None:
            raise ValueError("a fixed repeat has no length; try web.repeat_length as well, such as 150 mm")
        if self.regime != "fixed" and self.repeat_length is not None:
            raise ValueError(f"repeat_length is for regime 'fixed', not {self.regime!r}; try web.regime = fixed")
        return self

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        width, edge = self.width.value, self.edge.value
        if width <= 2 * edge:
            raise ValueError(f"two edges of {edge:g} um leave nothing of a width of {width:g} um; try a wider web")
        return self


class ProcessStructure(Record):
    """A process-control structure that a repeat may hold."""

    title: str = Field(min_length=3)
    """What it is."""
    template: str = Field(min_length=1)
    """Its geometry: a name among templates/structures/, or a path."""
    lengths: dict[str, Length] = Field(min_length=1)
    """Lengths that its template names as lengths.X."""


class Marks(Record):
    """Marks in the strip between fields."""

    fiducial: Length
    """Arm length of the fiducial cross, over all."""
    fiducial_line: Length
    """Line width of the fiducial cross."""
    label_height: Length
    """Height of the characters of labels."""
    probe: Length
    """Diameter of the probe target on the anode collector."""


class Package(Record):
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
    reflow_temperature: Temperature
    """Peak reflow temperature that the technology names."""
    layers_max: Layers
    """Most layers in one stack."""
    capacity_min: Charge
    """Smallest capacity that the technology targets; below it, a flag."""
    capacity_max: Charge
    """Largest capacity that the technology targets; above it, a flag."""


class Layer(Record):
    """One layer of the layout."""

    number: int = Field(ge=0, le=255)
    """Layer number in GDSII and OASIS."""
    datatype: int = Field(default=0, ge=0, le=255)
    """Data type in GDSII and OASIS."""
    purpose: Literal["drawn", "mask", "mark"]
    """Design intent, what a tool does, or help for people and machines."""
    stage: Literal["web", "stack"]
    """Patterned on the web, or added to the stack of cells."""
    colour: Colour
    """Colour in viewers and drawings."""
    description: str = Field(min_length=3)
    """What the layer stands for."""


class Mask(Record):
    """One tool operation, derived from drawn layers."""

    number: int = Field(ge=1, le=999)
    """Order of the operations."""
    title: str = Field(min_length=3)
    """What the operation does."""
    expression: str = Field(min_length=1)
    """Drawn layers joined by + (union), - (difference) and & (intersection)."""
    tool: str = Field(min_length=3)
    """Kind of tool."""
    polygon_tone: Literal["clear", "dark"]
    """Whether the digitised data are clear or dark on the tool."""
    bias: Bias
    """Growth of every edge that is already in the data, positive outwards."""


class Criterion(Record):
    """One question of the design review, and what answers it."""

    id: Annotated[
        str, Form(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*", "capital letters and digits with - between, such as MAN-1")
    ]
    """Short name, such as CAP-1; review.toml refers to it."""
    criterion: str = Field(min_length=3)
    """What must hold."""
    rationale: str = Field(min_length=3)
    """Why it matters."""
    evidence: Literal["limits", "rules", "flag", "figure", "signature"]
    """What answers it: every limit is kept, every rule has run and passed, a flag is absent, a figure of
    design.json is on the right side of another, or somebody signs."""
    flag: str = ""
    """Code of the flag, where evidence is a flag."""
    figure: str = ""
    """Key path in design.json, where evidence is a figure."""
    relation: Literal["at least", "at most"] = "at least"
    """How the figure compares with ``than``."""
    than: float | str = 0.0
    """A number, or another key path in design.json."""
    sign: str = ""
    """Who signs, where evidence is a signature."""

    @model_validator(mode="after")
    def _evidence_is_named(self) -> Self:
        for kind, key in (("flag", "flag"), ("figure", "figure"), ("signature", "sign")):
            if (self.evidence == kind) != bool(getattr(self, key)):
                raise ValueError(f"{key!r} is given exactly when evidence is {kind!r}")
        return self


class Pdk(Record):
    """A process design kit, checked."""

    schema_: Literal["layoutgen.pdk/1"] = Field(alias="schema")
    """Version of this schema."""
    name: KitName
    """Name of the PDK: lower case letters, digits and hyphens."""
    version: Annotated[str, Form(r"\d+\.\d+\.\d+", "three numbers with dots, such as 0.1.0")]
    """Version of the PDK, as 1.2.3."""
    title: str = Field(min_length=3)
    """One line for people."""
    disclaimer: str
    """What the tool prints about the trust in these numbers; empty for foundry data."""
    template: str = Field(min_length=1)
    """Device template: a name among templates/devices, or a path."""
    stack: Stack
    """Films of one layer of the stack."""
    cell: Cell
    """Electrochemistry of one cell."""
    yield_: Yield = Field(alias="yield")
    """Defects, screening and stacking."""
    electrical: Electrical
    """Resistance and current."""
    laser: Laser
    """The dry patterning step: overlay, heat-affected zone, smallest feature."""
    device: dict[str, OptionalLength] = Field(min_length=1)
    """Lengths that the device template names."""
    web: Web
    """The web, how it is patterned, and the grid of cell sizes."""
    marks: Marks
    """Fiducials, labels and needle targets."""
    structures: dict[
        StructureName,
        ProcessStructure,
    ] = Field(default_factory=dict)
    """Process-control structures by name; ``web.structures`` says which are drawn."""
    package: Package
    """Lids, tolerances and limits of the finished part."""
    layers: dict[LayerName, Layer]
    """Layers of the layout by name: capital letters, digits and underscores."""
    masks: dict[LayerName, Mask]
    """Tool operations by name; a mask has a layer of the same name."""
    rules: dict[RuleId, Rule] = Field(min_length=1)
    """Design rules by id; ``layoutgen rule`` prints them."""
    review: tuple[Criterion, ...] = ()
    """Checklist of the design review."""

    @property
    def drawn_structures(self) -> tuple[str, ...]:
        """The structures that every repeat holds, each once."""
        names = tuple(dict.fromkeys(name.strip() for name in self.web.structures.split(",")))
        return () if names == ("none",) else names

    @model_validator(mode="after")
    def _structures_are_known(self) -> Self:
        unknown = [name for name in self.drawn_structures if name not in self.structures]
        if unknown:
            known = ", ".join(["none", *self.structures])
            raise ValueError(f"web.structures: there is no structure {unknown[0]!r}; allowed: {known}")
        if self.drawn_structures and self.web.guillotine_only:
            raise ValueError("web.structures and web.guillotine_only cannot be combined")
        return self

    @model_validator(mode="after")
    def _criteria_are_unique(self) -> Self:
        names = [item.id for item in self.review]
        double = next((name for name in names if names.count(name) > 1), None)
        if double:
            raise ValueError(f"review criterion {double} stands there twice")
        return self

    @model_validator(mode="after")
    def _layers_are_unique(self) -> Self:
        seen: dict[tuple[int, int], str] = {}
        for name, layer in self.layers.items():
            other = seen.setdefault((layer.number, layer.datatype), name)
            if other != name:
                raise ValueError(f"layers {other} and {name} share number {layer.number}/{layer.datatype}")
        missing = [name for name in self.masks if name not in self.layers]
        if missing:
            raise ValueError(f"mask {missing[0]} has no layer of the same name")
        numbers: dict[int, str] = {}
        for name, mask in self.masks.items():
            other = numbers.setdefault(mask.number, name)
            if other != name:
                raise ValueError(f"masks {other} and {name} share number {mask.number}")
        return self
