"""One point of a sweep: a spec in, a flat row out. Rows are what tables, fronts and plots are made from."""

from collections.abc import Mapping, Sequence
from typing import Any

from layoutgen.errors import DesignError, SpecError
from layoutgen.pdk.load import LoadedPdk
from layoutgen.solver.shared import Shared
from layoutgen.solver.solve import find
from layoutgen.spec import Spec, build_spec

Row = dict[str, Any]

COLUMNS = (
    "capacity_mah", "footprint_a_mm", "footprint_b_mm", "height_limit_mm", "size_limits", "objective", "confidence",
    "cycles", "bend_radius_mm", "current_ma", "pulse", "lowest_voltage_v", "charge_time_s", "temperature_c",
    "foil_um", "cathode_um", "varied", "fits", "why", "layers", "cell_length_mm", "cell_width_mm",
    "package_length_mm", "package_width_mm", "package_height_mm", "rated_mah", "nominal_mah", "energy_mwh",
    "package_wh_per_l", "resistance_ohm", "drop_v", "delivered_mah", "charge_s", "charge_to_mah", "stack_yield",
    "cells_per_m2", "good_devices_per_m2", "web_mm2_per_good_device",
)  # fmt: skip
"""Columns of a row, in order; figures are None where nothing fits. A row of a sweep over values of the process has
a column more for each of them, named by its path."""
ASKED = (
    "capacity_mah", "size_limits", "confidence", "cycles", "bend_radius_mm", "current_ma", "pulse",
    "lowest_voltage_v", "charge_time_s", "temperature_c", "varied",
)  # fmt: skip
"""Columns of a scenario: what a device must do, and values of the process; rows compare where they are equal."""
FIGURES = COLUMNS[COLUMNS.index("why") + 1 :]
"""Columns of the answer."""
WORDS = (
    ("bend_radius_mm", "bent to mm", "bent to {} mm"),
    ("current_ma", "mA", "{} mA"),
    ("pulse", "pulse", "{}"),
    ("lowest_voltage_v", "down to V", "down to {} V"),
    ("charge_time_s", "charged in s", "charged in {} s"),
    ("temperature_c", "degC", "{} degC"),
    ("confidence", "confidence", "at {} confidence"),
    ("cycles", "cycles", "after {} cycles"),
    ("size_limits", "limits", "{} limits"),
    ("objective", "best", "best {}"),
)
"""Columns of a question beside capacity, footprint, height and films, each with heading and a text for a value."""
TEXT_COLUMNS = ("pulse", "varied", "why", "size_limits", "objective")
"""Those that hold text."""


def specs_of(points: Sequence[Mapping[str, Any]]) -> list[Spec]:
    """The checked specs of some points.

    Raises:
        SpecError: a point is not a question; the first one's problems.
    """
    return [build_spec(point, {}) for point in points]


def evaluate(points: Sequence[Mapping[str, Any]], shared: Shared | None = None) -> list[Row]:
    """The rows of some points; what they share is worked out once for all of them, and may be shared with more.

    Raises:
        SpecError, PdkError: a point is wrong input. A point that has no design is not: its row says so.
    """
    among = shared or Shared()
    return [_row(spec, among.kit(spec.pdk, spec.overrides), among) for spec in specs_of(points)]


def _row(spec: Spec, loaded: LoadedPdk, shared: Shared) -> Row:
    sides = spec.footprint or (None, None)
    stack = loaded.pdk.stack
    row: Row = dict.fromkeys(COLUMNS)
    row |= {
        "capacity_mah": spec.capacity,
        "footprint_a_mm": sides[0],
        "footprint_b_mm": sides[1],
        "height_limit_mm": spec.height,
        "size_limits": spec.size_limits.value,
        "confidence": spec.confidence,
        "cycles": spec.cycles,
        "bend_radius_mm": spec.bend_radius,
        "current_ma": spec.current,
        "pulse": spec.pulse,
        "lowest_voltage_v": spec.lowest_voltage,
        "charge_time_s": spec.charge_time,
        "temperature_c": spec.temperature,
        "foil_um": stack.substrate.thickness.value,
        "cathode_um": stack.cathode.thickness.value,
        "varied": " ".join(f"{path}={value}" for path, value in spec.overrides),
    }
    question = shared.question(spec, loaded)
    row["objective"] = "weights" if question.objective is None else question.objective.value
    try:
        answer = find(question, shared.web(loaded))
    except (DesignError, SpecError) as error:  # a structure or a zone that this one design has no place for
        return row | {"fits": False, "why": "; ".join(" ".join(line.split()) for line in str(error).splitlines())}
    chosen = answer.chosen
    variant = question.variants[chosen.variant]
    device = question.sized(variant.loaded.pdk, variant.template, chosen.cell_um, chosen.layers)
    figures = {
        "foil_um": variant.loaded.pdk.stack.substrate.thickness.value,
        "cathode_um": variant.loaded.pdk.stack.cathode.thickness.value,
        "layers": chosen.layers,
        "cell_length_mm": device.cell_length_um / 1000,
        "cell_width_mm": device.cell_width_um / 1000,
        "package_length_mm": device.package_length_um / 1000,
        "package_width_mm": device.package_width_um / 1000,
        "package_height_mm": device.package_height_um / 1000,
        "rated_mah": device.rated_mah,
        "nominal_mah": device.nominal_mah,
        "energy_mwh": device.energy_mwh,
        "package_wh_per_l": device.package_wh_per_l,
        "resistance_ohm": device.resistance_ohm,
        "drop_v": None if device.delivery.load is None else device.delivery.load.drop_v,
        "delivered_mah": None if device.delivery.load is None else device.delivery.load.delivered_mah,
        "charge_s": device.delivery.charge_s,
        "charge_to_mah": device.delivery.charge_to_mah,
        "stack_yield": device.stack_yield,
        "cells_per_m2": chosen.density_per_um2 * 1e12,
        "good_devices_per_m2": 1e6 / chosen.web_mm2_per_good,
        "web_mm2_per_good_device": chosen.web_mm2_per_good,
    }
    rounded = {
        name: float(f"{value:.10g}") if isinstance(value, float) else value for name, value in figures.items()
    }
    return row | {"fits": True, "why": ""} | rounded


def columns_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """Columns of a table: those of every row, and the values of the process that vary, after the films."""
    more = tuple(name for name in (rows[0] if rows else ()) if name not in COLUMNS)
    at = COLUMNS.index("varied")
    return (*COLUMNS[:at], *more, *COLUMNS[at:])
