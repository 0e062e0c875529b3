"""The device of a design: what it is, in mm, um, mAh and mWh.

Only what was chosen is read back, the cell and the number of layers: all else follows from it and the process.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from layoutgen.errors import DocumentError, Problem
from layoutgen.formula import Formula, states
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.capacity import remaining, remaining_band
from layoutgen.sizing.device import DeviceDesign, size_device
from layoutgen.sizing.process import process_of
from layoutgen.solver.asked import asked_of
from layoutgen.spec import Spec
from layoutgen.template import BoundTemplate


def device_part(pdk: Pdk, device: DeviceDesign) -> dict[str, Any]:
    """The part ``device``: package, cell, capacity, energy, stack and tolerances."""
    return {
        "package_mm": {
            "length": device.package_length_um / 1000,
            "width": device.package_width_um / 1000,
            "height": device.package_height_um / 1000,
        },
        "cell_mm": {"length": device.cell_length_um / 1000, "width": device.cell_width_um / 1000},
        "active_area_cm2": device.active_area_cm2,
        "layers": device.layers,
        "capacity_mah": {
            "nominal": device.nominal_mah,
            "rated": device.rated_mah,
            "confidence": device.confidence,
            "cycles": device.cycles,
        },
        "life": life_of(pdk, device.cycles),
        "energy_mwh": device.energy_mwh,
        "energy_density_wh_per_l": {
            "package": device.package_wh_per_l,
            "bare_cell": device.bare_cell_wh_per_l,
            "bare_cell_charged": device.bare_cell_charged_wh_per_l,
        },
        "mass_g": device.mass_g,
        "layer_pitch_um": device.pitch_um,
        "stack": [
            {
                "layer": film.layer,
                "film": film.film,
                "material": film.material,
                "thickness_um": film.thickness_um,
                "z0_um": film.z0_um,
                "count": film.count,
                "source": film.source,
            }
            for film in device.stack
        ],
        "resistance_ohm": device.resistance_ohm,
        "max_continuous_ma": device.max_continuous_ma,
        "electrical": asdict(device.delivery),
        "terminal_mm": {"length": device.terminal_length_um / 1000},
        "tolerance_mm": {
            "length": device.tolerance_length_um / 1000,
            "width": device.tolerance_width_um / 1000,
            "height": device.tolerance_height_um / 1000,
            "terminal": device.tolerance_terminal_um / 1000,
            "standoff": None if device.tolerance_standoff_um is None else device.tolerance_standoff_um / 1000,
        },
    }


@states(
    "device.life.measured_cycles",
    Formula("Cycles of the measured point", "", "n_r", {"n_r": "pdk:cell.retention_cycles"}, "process: cell"),
)
def life_of(pdk: Pdk, cycles: float) -> dict[str, Any]:
    """What is left after the cycles asked for, and between what bounds the models leave it."""
    process = process_of(pdk)
    low, high = remaining_band(process, cycles)
    return {
        "cycles": cycles,
        "model": pdk.cell.fade,
        "left": float(remaining(process, cycles)),
        "low": float(low),
        "high": float(high),
        "measured_cycles": pdk.cell.retention_cycles.value,
    }


def read_device(device: Mapping[str, Any], pdk: Pdk, template: BoundTemplate, spec: Spec) -> DeviceDesign:
    """The device that the part describes, sized again for what was asked.

    Raises:
        DocumentError: its cell or its number of layers is out of range.
    """
    cell_um = round(device["cell_mm"]["length"] * 1000, 6), round(device["cell_mm"]["width"] * 1000, 6)
    layers = int(device["layers"])
    if layers < 1 or not all(0 < side < 1e7 for side in cell_um):
        raise DocumentError(Problem("is out of range", "design.json: device"))
    capacity = device["capacity_mah"]
    return size_device(
        pdk, template, cell_um, layers, capacity["confidence"], capacity["cycles"], asked_of(spec), spec.capacity
    )
