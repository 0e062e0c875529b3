"""The two-page datasheet: what the design says, set by typst from ``templates/datasheet``."""

import json
from statistics import NormalDist
from typing import Any

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.pdf import FONT, Typesetter, compile_typst
from layoutgen.draw.plot import Curve, plot
from layoutgen.draw.scene import Box, Scene, extent
from layoutgen.draw.section import cell_films
from layoutgen.draw.sheets import cross_section, land_pattern, package_outline
from layoutgen.draw.svg import svg_bytes
from layoutgen.draw.text import mm, um
from layoutgen.pdk.quantity import Kind, Quantity
from layoutgen.record import Record
from layoutgen.resources import data_folder
from layoutgen.sizing.attach import Attach
from layoutgen.sizing.capacity import BAND, fade_left, rated_mah, remaining
from layoutgen.sizing.delivery import Delivery
from layoutgen.sizing.process import process_of
from layoutgen.smt.land_pattern import Level
from layoutgen.smt.land_pattern import land_pattern as pattern_of
from layoutgen.smt.part import solder_part
from layoutgen.units import plain

_MARGIN_MM = 1.0
_SHOWN_TIMES = 10 / 3
"""How far beyond what was measured the fade is drawn, in times of it: 500 cycles beyond 150."""


def datasheet_bytes(inputs: DrawingInputs, typesetter: Typesetter | None = None) -> bytes:
    """The datasheet as PDF; equal designs give equal bytes.

    Raises:
        DesignError: the part has no land pattern.
    """
    template = (data_folder("templates") / "datasheet" / "datasheet.typ").read_text(encoding="utf-8")
    figures = {
        "outline": package_outline.figure(inputs),
        "land": land_pattern.figure(inputs),
        "section": cross_section.figure(inputs),
    }
    curves = model_curves(inputs)
    figures |= {f"curve{number}": plot(curve) for number, curve in enumerate(curves, 1)}
    files = {f"{name}.svg": _cropped(scene) for name, scene in figures.items()}
    content = datasheet_content(inputs) | {"curves": [curve.title for curve in curves]}
    files["data.json"] = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return compile_typst(template, files, typesetter)


def datasheet_content(inputs: DrawingInputs) -> dict[str, Any]:
    """Every text and number of the datasheet, as the template takes it."""
    design, pdk, block = inputs.design, inputs.pdk, inputs.title
    part = solder_part(design, inputs.template)
    patterns = {level: pattern_of(part, level) for level in Level}
    return {
        "title": block.title or pdk.title,
        "number": block.number or "-",
        "identity": inputs.identity,
        "revision": block.issue or "-",
        "date": block.issued or "-",
        "owner": block.owner or "-",
        "process": f"{pdk.name} {pdk.version}: {pdk.title}",
        "trust": pdk.disclaimer,
        "ratings": ratings(inputs),
        "dimensions": package_outline.dimension_table(part, package_outline.coplanarity_mm(inputs)),
        "levels": land_pattern.level_table(patterns),
        "films": [
            [film.film.replace("_", " "), film.material, um(film.thickness_um)] for film in cell_films(inputs)
        ],
        "flags": [f"{flag.message[0].upper()}{flag.message[1:]}." for flag in design.flags],
        "assumed": assumed_values(inputs),
    }


def ratings(inputs: DrawingInputs) -> list[list[str]]:
    """Rows of name, value, unit and condition."""
    design, cell = inputs.design, inputs.pdk.cell
    after = f"after {plain(design.cycles)} cycles" if design.cycles else "new"
    at = _at(design.delivery)
    share = f"reached by {design.confidence * 100:.4g} % of parts, {after}"
    rows = [
        ("Rated capacity", plain(design.rated_mah, 4), "mAh", share),
        ("Nominal capacity", plain(design.nominal_mah, 4), "mAh", "mean, new"),
        ("Mean discharge voltage", plain(cell.mean_voltage.value), "V", ""),
        ("Nominal energy", plain(design.energy_mwh, 4), "mWh", ""),
        ("Continuous current", plain(design.max_continuous_ma, 3), "mA",
         f"at which the voltage drops by {plain(inputs.pdk.electrical.voltage_drop_max.value)} V, {at}"),
        ("Internal resistance", plain(design.resistance_ohm, 3), "ohm", f"for hours, {at}"),
        *_electrical(design.delivery),
        ("Capacity kept", plain(cell.retention.value * 100), "%",
         f"after {plain(cell.retention_cycles.value)} cycles"),
        ("Energy density, package", plain(design.package_wh_per_l, 4), "Wh/L", ""),
        ("Energy density, bare cell", plain(design.bare_cell_wh_per_l, 4), "Wh/L", "as built, without lithium"),
        ("Size", f"{mm(design.package_length_um / 1000)} × {mm(design.package_width_um / 1000)}"
         f" × {mm(design.package_height_um / 1000)}", "mm", "nominal"),
        ("Mass", plain(design.mass_g, 3), "g", ""),
        ("Layers", str(design.layers), "", "in parallel"),
    ]  # fmt: skip
    if design.attach is not Attach.SOLDERED:
        rows.append(("Joining", design.attach.value, "", "no reflow, no paste"))
    return [list(row) for row in rows]


def _at(found: Delivery) -> str:
    """Temperature that the electrical figures are for."""
    return f"{plain(found.temperature_c)} °C"


def _electrical(found: Delivery) -> list[tuple[str, str, str, str]]:
    """What the process states, and what it does not."""
    at = _at(found)
    rows = [
        ("Resistance, pulse", found.pulse_ohm, "ohm", f"10 ms, {at}"),
        ("Charge voltage", found.charge_voltage_v, "V", "constant voltage, current limited"),
        ("Charge current", found.charge_limit_ma, "mA", "at most: critical current of plating lithium"),
        (
            "Charge time",
            None if found.charge_s is None else found.charge_s / 60,
            "min",
            f"to {found.charge_words}, {at}",
        ),
        ("Discharge cut-off", found.cutoff_voltage_v, "V", ""),
        (
            "Self-discharge",
            found.self_discharge_percent_per_year,
            "%/year",
            "through the electrolyte; edges aside",
        ),
    ]
    told = [
        (name, "not stated", "", "by the process") if value is None else (name, plain(value, 3), unit, condition)
        for name, value, unit, condition in rows
    ]
    load = found.load
    if load is not None:
        told.append(
            ("Drop at the load", plain(load.drop_v * 1000, 3), "mV", f"{plain(load.peak_ma, 3)} mA peak, {at}")
        )
        told.append(
            (
                "Delivered at the load",
                plain(load.delivered_mah, 4),
                "mAh",
                f"down to {plain(load.lowest_v)} V, {at}",
            )
        )
    return told


def model_curves(inputs: DrawingInputs) -> tuple[Curve, ...]:
    """Curves of the sizing model; no measurement is in them."""
    design, process = inputs.design, process_of(inputs.pdk)
    measured = float(process.retention_cycles)
    last = max(_SHOWN_TIMES * measured, design.cycles)
    new = rated_mah(process, design.layers, design.active_area_cm2, design.confidence)
    fade = tuple((n, float(new * remaining(process, n))) for n in _steps(0.0, measured))
    beyond = [
        tuple((n, float(new * fade_left(model, process.retention, n / measured))) for n in _steps(measured, last))
        for model in BAND
    ]
    voltage = inputs.pdk.cell.mean_voltage.value
    currents = [design.max_continuous_ma * i / 20 for i in range(21)]
    load = tuple((i, voltage - i * design.resistance_ohm / 1000) for i in currents)
    # equal steps of the quantile, so that the steep end is smooth
    shares = [NormalDist().cdf(i / 12) for i in range(40)]
    spread = tuple(
        (share * 100, float(rated_mah(process, design.layers, design.active_area_cm2, share, design.cycles)))
        for share in shares
    )
    return (
        Curve("Capacity over cycles; dashed: not measured", "cycles", "mAh", fade, tuple(beyond)),
        Curve(f"Mean voltage under load, {_at(design.delivery)}", "current, mA", "V", load),
        Curve("Capacity that a share of parts reaches", "% of parts", "mAh", spread),
    )


def _steps(first: float, last: float) -> list[float]:
    return [first + (last - first) * i / 20 for i in range(21)]


def assumed_values(inputs: DrawingInputs) -> list[str]:
    """The values of the process that are assumptions, as ``path = value unit``."""
    found: list[str] = []

    def walk(path: str, value: object) -> None:
        if isinstance(value, Quantity):
            if value.kind is Kind.ASSUMED:
                unit = "" if value.unit == "1" else f" {value.unit}"
                found.append(f"{path} {plain(value.value)}{unit}")
        elif isinstance(value, Record):
            for name in type(value).model_fields:
                walk(f"{path}.{name}" if path else name, getattr(value, name))
        elif isinstance(value, dict):
            for name, item in value.items():
                walk(f"{path}.{name}", item)

    for table in ("stack", "cell", "electrical", "device", "package"):
        walk(table, getattr(inputs.pdk, table))
    return found


def _cropped(scene: Scene) -> bytes:
    box = extent(scene)
    window = Box(box.x0 - _MARGIN_MM, box.y0 - _MARGIN_MM, box.x1 + _MARGIN_MM, box.y1 + _MARGIN_MM)
    return svg_bytes(scene, FONT, window)
