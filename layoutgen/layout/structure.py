"""Process-control structures as layout cells: drawn layers and masks by the same expressions as in cells."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shapely.geometry import Polygon as Shape
from shapely.geometry.base import BaseGeometry

from layoutgen.errors import PreflightError, Problem
from layoutgen.geometry.boxes import Box
from layoutgen.geometry.regions import rectangle, simple_polygons, snapped
from layoutgen.layer_expressions import layers_of
from layoutgen.layout.dbu import to_dbu
from layoutgen.layout.marks import LABEL
from layoutgen.layout.masks import STREET, StreetShape, mark_cell, mark_masks, web_mask
from layoutgen.layout.model import LayoutCell, Path, Placement, Polygon
from layoutgen.layout.streets import CUT_CENTER
from layoutgen.layout.text import GlyphLibrary, drawable
from layoutgen.pdk.layers import parse_masks

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk
    from layoutgen.template.structure import BoundStructure

STRUCTURE = "STRUCTURE"


@dataclass(frozen=True, slots=True)
class DrawnStructure:
    """A structure in dbu, and what the streets around it carry."""

    cell: LayoutCell
    size: tuple[int, int]
    on_streets: tuple[StreetShape, ...]


def structure_cell(name: str) -> str:
    """The layout cell of a structure."""
    return f"{STRUCTURE}_{name.upper().replace('-', '_')}"


def structure_size(bound: "BoundStructure", dbu_nm: int) -> tuple[int, int]:
    """Finished (width, height) of a structure in dbu."""
    width, height = bound.size_um
    where = f"structures.{bound.name}"
    return to_dbu(width, dbu_nm, f"{where}: width"), to_dbu(height, dbu_nm, f"{where}: height")


def draw_structure(pdk: "Pdk", bound: "BoundStructure", kerf: int, dbu_nm: int) -> DrawnStructure:
    """The layout cell of a structure.

    Raises:
        PreflightError: it is off the grid, reaches beyond its outline, or a mask cannot be drawn.
    """
    size = structure_size(bound, dbu_nm)
    outline = rectangle((0, 0, *size))
    drawn, slots = _drawn(bound, dbu_nm)
    where = f"structures.{bound.name}"
    problems = [
        Problem(f"{layer} reaches beyond the outline", where, remedy="a larger structure, in its lengths")
        for layer, region in drawn.items()
        if not outline.covers(region)
    ]
    if problems:
        raise PreflightError(problems)
    masks, streets = {}, []
    of_marks = mark_masks(pdk, dbu_nm)
    for name, expression in parse_masks(pdk).items():
        if pdk.layers[name].stage == "web" and name not in of_marks:
            bias = to_dbu(pdk.masks[name].bias.value, dbu_nm, f"masks.{name}.bias")
            inside = {layer: drawn[layer] for layer in layers_of(expression) if layer in drawn}
            shapes = web_mask(name, expression, inside, outline, kerf, bias)
            masks[name] = shapes.in_cell
            streets += [shapes.on_street] if shapes.on_street else []
    polygons = [
        Polygon(layer, points)
        for layer, region in ({STRUCTURE: outline} | drawn | masks).items()
        if layer in pdk.layers
        for points in simple_polygons(region)
    ]
    labels = LayoutCell("", tuple(_labels(bound, dbu_nm) if LABEL in pdk.layers else ()))
    polygons += mark_cell(labels, of_marks).polygons
    lines = [_middle(slot) for slot in slots] if CUT_CENTER in pdk.layers else []
    return DrawnStructure(
        LayoutCell(structure_cell(bound.name), tuple(polygons), tuple(lines)), size, tuple(streets)
    )


def _drawn(bound: "BoundStructure", dbu_nm: int) -> tuple[dict[str, BaseGeometry], list[Box]]:
    """Region of each layer, and the streets inside."""
    drawn: dict[str, BaseGeometry] = {}
    slots: list[Box] = []
    for element in bound.template.elements:
        boxes = []
        for edges in bound.boxes_um(element):
            x0, y0, x1, y1 = (to_dbu(value, dbu_nm, f"structures.{bound.name}") for value in edges)
            if x0 >= x1 or y0 >= y1:
                raise PreflightError(Problem("has a rectangle without area", f"structures.{bound.name}"))
            boxes.append((x0, y0, x1, y1))
        for box in boxes:
            for layer in element.layers:
                drawn[layer] = snapped(drawn.get(layer, Shape()) | rectangle(box))
            for layer in element.cuts:
                drawn[layer] = snapped(drawn.get(layer, Shape()) - rectangle(box))
        slots += boxes if STREET in element.layers else []
    return drawn, slots


def _middle(slot: Box) -> Path:
    """The centre line of a street, half its width short of both ends, as all centre lines of streets are."""
    x0, y0, x1, y1 = slot
    half = min(x1 - x0, y1 - y0) // 2
    if x1 - x0 > y1 - y0:
        y = (y0 + y1) // 2
        return Path(CUT_CENTER, 0, ((x0 + half, y), (x1 - half, y)))
    x = (x0 + x1) // 2
    return Path(CUT_CENTER, 0, ((x, y0 + half), (x, y1 - half)))


def _labels(bound: "BoundStructure", dbu_nm: int) -> list[Polygon]:
    found = []
    for label in bound.template.labels:
        x, y, pixel = (
            to_dbu(bound.value(text), dbu_nm, f"structures.{bound.name}: labels")
            for text in (label.x, label.y, label.pixel)
        )
        glyphs = GlyphLibrary(LABEL, pixel)
        placements: list[Placement] = glyphs.text(drawable(label.text), (x, y))
        for placement in placements:
            dx, dy = placement.origin
            found += [
                Polygon(LABEL, tuple((a + dx, b + dy) for a, b in polygon.points))
                for polygon in glyphs.cells[placement.cell].polygons
            ]
    return found
