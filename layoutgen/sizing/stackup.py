"""Thickness of one layer, built and charged, and volumetric energy density."""

from typing import Final

from layoutgen.formula import PAPER, Formula, states
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.capacity import areal_capacity_mah_per_cm2
from layoutgen.sizing.process import Number, Process

_BUILT: Final = (
    "substrate", "barrier", "cathode_collector", "cathode", "electrolyte", "anode", "anode_collector",
)  # fmt: skip
LAMINATE: Final = ("film_lower", "tab", "film_upper")
"""The insulating film around a tab, beneath and above."""


def films_of(pdk: Pdk) -> list[str]:
    """The films of a cell as built, from the bottom up."""
    return [name for name in _BUILT if getattr(pdk.stack, name) is not None]


def _built(pdk: Pdk) -> Formula:
    films = films_of(pdk)
    return Formula(
        "Thickness of one cell as built, substrate included",
        "um",
        " + ".join(f"t_{name}" for name in films),
        {f"t_{name}": f"pdk:stack.{name}.thickness" for name in films},
        "without insulating film and plated lithium",
    )


@states("steps.built_um", _built)
def built_um(process: Process) -> Number:
    """As-built thickness of one cell, substrate included, without insulating film or plated lithium."""
    return (
        process.substrate_um
        + process.interlayers_um
        + process.cathode_um
        + process.electrolyte_um
        + process.anode_collector_um
    )


@states(
    "steps.lithium_um",
    Formula(
        "Room for plated lithium in each layer",
        "um",
        "p * q * u_max",
        {
            "p": "pdk:stack.lithium.plated_thickness",
            "q": "steps.areal_capacity_mah_per_cm2",
            "u_max": "pdk:stack.lithium.utilization_max",
        },
        "lithium stores 2062 mAh/cm3",
    ),
)
def plated_um(process: Process, utilization: Number) -> Number:
    """Lithium plated by a full charge; 4.85 um per mAh/cm2 (2062 mAh per cm3 of lithium)."""
    return process.plated_um_per_mah_cm2 * areal_capacity_mah_per_cm2(process, utilization)


@states(
    "device.layer_pitch_um",
    Formula(
        "What one layer adds to the stack",
        "um",
        " + ".join(["t_built", "t_lithium", *(f"t_{name}" for name in LAMINATE)]),
        {"t_built": "steps.built_um", "t_lithium": "steps.lithium_um"}
        | {f"t_{name}": f"pdk:stack.{name}.thickness" for name in LAMINATE},
        "built cell, room for plated lithium, insulating film",
    ),
)
def pitch_um(process: Process) -> Number:
    """What one layer adds to the stack: built cell, room for plated lithium at the highest utilisation, film."""
    return built_um(process) + plated_um(process, process.utilization_max) + process.film_um


@states(
    "device.energy_density_wh_per_l.bare_cell",
    Formula(
        "Energy density of the bare cell, as built",
        "Wh/L",
        "q * u * V / t * 10000",
        {
            "q": "steps.areal_capacity_mah_per_cm2",
            "u": "pdk:cell.utilization_mean",
            "V": "pdk:cell.mean_voltage",
            "t": "steps.built_um",
        },
        f"definition of figure 1 of {PAPER}: plated lithium not counted",
    ),
)
def bare_cell_wh_per_l(process: Process, utilization: Number) -> Number:
    """Energy over as-built volume of a bare cell, ``q V / t``; 1232 Wh/L at u = 1 and 10 um foil (the paper).

    mWh/cm2 over um times 10^4 is mWh/cm3, which is Wh/L.
    """
    areal = areal_capacity_mah_per_cm2(process, utilization) * process.mean_voltage_v
    return areal / built_um(process) * 1e4


@states(
    "device.energy_density_wh_per_l.bare_cell_charged",
    Formula(
        "Energy density of the bare cell, charged",
        "Wh/L",
        "q * u * V / (t + p * q * u) * 10000",
        {
            "q": "steps.areal_capacity_mah_per_cm2",
            "u": "pdk:cell.utilization_mean",
            "V": "pdk:cell.mean_voltage",
            "t": "steps.built_um",
            "p": "pdk:stack.lithium.plated_thickness",
        },
        "as above, over the volume with the plated lithium",
    ),
)
def bare_cell_charged_wh_per_l(process: Process, utilization: Number) -> Number:
    """As :func:`bare_cell_wh_per_l`, over the volume of the charged cell, where the plated lithium is."""
    areal = areal_capacity_mah_per_cm2(process, utilization) * process.mean_voltage_v
    return areal / (built_um(process) + plated_um(process, utilization)) * 1e4


@states(
    "steps.package_volume_mm3",
    Formula(
        "Volume of the package",
        "mm3",
        "L * W * H",
        {"L": "device.package_mm.length", "W": "device.package_mm.width", "H": "device.package_mm.height"},
        "box around the part, nominal",
    ),
)
def package_volume_mm3(length_um: Number, width_um: Number, height_um: Number) -> Number:
    """Volume of the box around the part, nominal."""
    return length_um * width_um * height_um * 1e-9


@states(
    "device.energy_density_wh_per_l.package",
    Formula(
        "Energy density of the package",
        "Wh/L",
        "E / volume * 1000",
        {"E": "device.energy_mwh", "volume": "steps.package_volume_mm3"},
        "terminals, lids, walls and insulating film counted",
    ),
)
def package_wh_per_l(energy_mwh: Number, volume_mm3: Number) -> Number:
    """Energy density of the whole part."""
    return energy_mwh / volume_mm3 * 1e3
