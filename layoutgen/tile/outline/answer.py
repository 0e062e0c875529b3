"""How an outline is filled, as an answer: the same facts as text, JSON and CSV."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from layoutgen.geometry.outline import Outline
from layoutgen.tile.outline.model import Lattice, OutlinePacking
from layoutgen.tile.outline.repeat import OutlineWebPlan
from layoutgen.units import plain

SCHEMA = "layoutgen.tile-outline/1"
DBU_PER_MM = 1_000_000


def mm(value: int) -> float:
    return value / DBU_PER_MM


def lattices_json(
    lattices: Iterable[Lattice], sizes: dict[int, tuple[int, int]], kerf: int
) -> list[dict[str, Any]]:
    """Arrays; a row or column of one has the pitch that its next copy would have as a box."""
    found = []
    for lattice in lattices:
        width, height = sizes[lattice.turn]
        found.append(
            {
                "x_mm": mm(lattice.x),
                "y_mm": mm(lattice.y),
                "columns": lattice.columns,
                "rows": lattice.rows,
                "pitch_x_mm": mm(lattice.pitch_x if lattice.columns > 1 else width + kerf),
                "pitch_y_mm": mm(lattice.pitch_y if lattice.rows > 1 else height + kerf),
                "turn_deg": lattice.turn,
            }
        )
    return found


def outline_json(outline: Outline, text: str, notes: Sequence[str]) -> dict[str, Any]:
    """The outline itself: measures, and the path with bulges (tangent of a quarter of an arc's angle)."""
    width, height = outline.size
    return {
        "shape": text,
        "notes": list(notes),
        "box_mm": {"length": mm(width), "width": mm(height)},
        "area_mm2": round(outline.area / 1e12, 6),
        "perimeter_mm": round(outline.length / 1e6, 6),
        "path": [
            {"x_mm": mm(edge.x0), "y_mm": mm(edge.y0), "bulge": round(edge.bulge, 12), "name": edge.name}
            for edge in outline.edges
        ],
    }


def field_json(
    packing: OutlinePacking,
    outline: Outline,
    said: dict[str, Any],
    streets: dict[str, int],
) -> dict[str, Any]:
    """A field on its own; lattice corners are those of finished outlines from the field's lower left."""
    sizes = {turn: outline.turned(turn).size for turn in (0, 90, 180, 270)}
    field = packing.size[0] * packing.size[1]
    return {
        "schema": SCHEMA,
        "outline": said,
        "field_mm": {"width": mm(packing.size[0]), "length": mm(packing.size[1])},
        "kerf_mm": mm(streets["kerf"]),
        "skeleton_mm": mm(streets["skeleton"]),
        "distance_mm": mm(streets["distance"]),
        "cells": packing.count,
        "bound_cells": packing.upper_bound,
        "gap_percent": round(packing.gap_percent, 4),
        "proved_optimal": packing.proved_optimal,
        "proof": packing.proof,
        "method": packing.method,
        "utilization": round(packing.count * outline.area / field, 6),
        "lattices": lattices_json(packing.lattices, sizes, streets["distance"]),
    }


def web_json(
    plan: OutlineWebPlan, outline: Outline, said: dict[str, Any], streets: dict[str, int]
) -> dict[str, Any]:
    """A repeat of the web; corners in repeat coordinates."""
    frame = plan.frame
    sizes = {turn: outline.turned(turn).size for turn in (0, 90, 180, 270)}
    area = frame.width * plan.repeat_length
    boxes = Fraction(plan.in_boxes[0], plan.in_boxes[1] or 1) * 10**9
    return {
        "schema": SCHEMA,
        "outline": said,
        "regime": frame.regime.value,
        "web_mm": mm(frame.width),
        "usable_mm": mm(frame.usable),
        "kerf_mm": mm(streets["kerf"]),
        "skeleton_mm": mm(streets["skeleton"]),
        "distance_mm": mm(streets["distance"]),
        "repeat_mm": mm(plan.repeat_length),
        "cells_per_repeat": plan.cells_per_repeat,
        "cells_per_m": round(plan.cells_per_repeat / mm(plan.repeat_length) * 1000, 4),
        "cells_per_m2": round(plan.cells_per_repeat * 1e18 / area, 3),
        "cells_per_m_in_boxes": round(float(boxes), 4),
        "utilization": round(plan.cells_per_repeat * outline.area / area, 6),
        "bound_cells_per_repeat": plan.bound_cells_per_repeat,
        "gap_percent": round(plan.gap_percent, 4),
        "proved_optimal": bool(plan.fields) and plan.cells_per_repeat == plan.bound_cells_per_repeat,
        "proof": "area" if plan.fields and plan.cells_per_repeat == plan.bound_cells_per_repeat else "",
        "method": plan.method,
        "fields": [
            {
                "x_mm": mm(field.x),
                "y_mm": mm(field.y),
                "width_mm": mm(field.width),
                "length_mm": mm(field.length),
                "cells": field.count,
                "lattices": lattices_json(field.lattices, sizes, streets["distance"]),
            }
            for field in plan.fields
        ],
    }


def text_of(answer: dict[str, Any]) -> str:
    """The answer for a terminal."""
    box = answer["outline"]["box_mm"]
    size = f"{plain(box['length'])} x {plain(box['width'])} mm"
    lines = [f"note: {note}" for note in answer["outline"]["notes"]]
    what = f"cells of {answer['outline']['shape']} ({size}, {plain(answer['outline']['area_mm2'])} mm2)"
    kerf = f"kerf {plain(answer['kerf_mm'])} mm"
    if answer["skeleton_mm"]:
        kerf += f", skeleton {plain(answer['skeleton_mm'])} mm"
    if "field_mm" in answer:
        field = answer["field_mm"]
        lines.append(f"{answer['cells']} {what}, {kerf}, in {plain(field['width'])} x {plain(field['length'])} mm")
        proof = (
            f"optimal ({answer['proof']})"
            if answer["proved_optimal"]
            else f"at most {answer['bound_cells']} (gap {plain(answer['gap_percent'], 3)} %)"
        )
        lines.append(
            f"{proof}; method: {answer['method']}; lattices: {len(answer['lattices'])}; "
            f"{100 * answer['utilization']:.2f} % of the field is cell"
        )
        return "\n".join(lines)
    lines.append(
        f"{answer['cells_per_repeat']} {what}, {kerf}, in a repeat of {plain(answer['repeat_mm'])} mm on a "
        f"{plain(answer['web_mm'])} mm web ({answer['regime']})"
    )
    lines.append(
        f"{plain(answer['cells_per_m'], 7)} cells per metre, {plain(answer['cells_per_m2'], 7)} per m2, "
        f"{100 * answer['utilization']:.2f} % of the web is cell; in boxes: "
        f"{plain(answer['cells_per_m_in_boxes'], 7)} per metre"
    )
    lines.append(
        f"at most {answer['bound_cells_per_repeat']} (gap {plain(answer['gap_percent'], 3)} %); "
        f"method: {answer['method']}"
    )
    for number, field in enumerate(answer["fields"], 1):
        lines.append(
            f"  field {number}: {plain(field['width_mm'])} x {plain(field['length_mm'])} mm at x = "
            f"{plain(field['x_mm'])} mm, {field['cells']} cells in {len(field['lattices'])} lattices"
        )
    return "\n".join(lines)


def csv_of(groups: Iterable[tuple[int, Iterable[Lattice]]], outline: Outline) -> str:
    """Every cell as a row: field, number, centre of its box, turn; mm, y upwards."""
    sizes = {turn: outline.turned(turn).size for turn in (0, 90, 180, 270)}
    lines = ["field,cell,x_mm,y_mm,turn_deg"]
    for field, lattices in groups:
        cells = sorted((y, x, turn) for lattice in lattices for turn, x, y in lattice.places())
        for number, (y, x, turn) in enumerate(cells, 1):
            width, height = sizes[turn]
            lines.append(f"{field},{number},{mm(2 * x + width) / 2:.7g},{mm(2 * y + height) / 2:.7g},{turn}")
    return "\n".join(lines) + "\n"
