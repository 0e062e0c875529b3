"""Process-control structures as a table: where they stand, where their pads are, and what each is nominally."""

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from layoutgen.layout.dbu import to_dbu, to_mm_text
from layoutgen.template.structure import BoundStructure, Rectangles
from layoutgen.units import plain

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution
    from layoutgen.web.plan import Placement

HEADER = (
    "structure", "field", "kind", "name", "number", "x_mm", "y_mm", "width_mm", "length_mm", "rotation_deg",
    "layers", "what", "nominal", "unit",
)  # fmt: skip
PAD = "PROBE"
STRUCTURES = "structures.csv"


def structures_csv(solution: "Solution") -> bytes:
    """The structures of a repeat, each with its pads and the features that have a name; empty where there are none.

    ``x_mm, y_mm`` is the middle in repeat coordinates, width across and length along the web as it lies. Features
    of a row are numbered from 1. A nominal value is that of the drawing; how it is measured is in the template.
    """
    standing = solution.web.structures
    if not standing:
        return b""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    pdk, templates = solution.loaded.pdk, solution.loaded.structures
    for item in standing:
        bound = templates[item.structure.name].bind(pdk, item.structure.name)
        writer.writerows(_rows(item, bound, solution.dbu_nm))
    return text.getvalue().encode()


def _rows(item: "Placement", bound: BoundStructure, dbu_nm: int) -> Iterator[list[str]]:
    width, height = item.structure.width, item.structure.length
    name, field, turn = item.structure.name, str(item.field + 1), "90" if item.turned else "0"
    place = _place(item, (0, 0, width, height), dbu_nm)
    yield [name, field, "structure", name, "1", *place, turn, "STRUCTURE", bound.template.title, "", ""]
    for element in bound.template.elements:
        if element.name:
            yield from (
                [name, field, *row[:3], *row[3], turn, *row[4:]] for row in _named(item, bound, element, dbu_nm)
            )


def _named(
    item: "Placement", bound: BoundStructure, element: Rectangles, dbu_nm: int
) -> Iterator[tuple[str, str, str, list[str], str, str, str, str]]:
    layers = " ".join(element.layers or element.cuts)
    kind = "pad" if PAD in element.layers else "feature"
    for i, edges in enumerate(bound.boxes_um(element)):
        x0, y0, x1, y1 = (to_dbu(value, dbu_nm, f"structures.{bound.name}") for value in edges)
        nominal = plain(bound.value(element.nominal, i), 9) if element.nominal else ""
        place = _place(item, (x0, y0, x1, y1), dbu_nm)
        yield kind, element.name, str(i + 1), place, layers, element.what, nominal, element.unit


def _place(item: "Placement", box: tuple[int, int, int, int], dbu_nm: int) -> list[str]:
    """Middle and size of a box of a structure, as it lies on the repeat."""
    x0, y0, x1, y1 = box
    if item.turned:  # counter-clockwise: its top is on the left
        height = item.structure.length
        x0, y0, x1, y1 = height - y1, x0, height - y0, x1
    middle = to_mm_text(item.x + (x0 + x1) / 2, dbu_nm), to_mm_text(item.y + (y0 + y1) / 2, dbu_nm)
    return [*middle, to_mm_text(x1 - x0, dbu_nm), to_mm_text(y1 - y0, dbu_nm)]
