"""The cell on the web and the stacked device, drawn from the device template."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shapely.geometry.base import BaseGeometry

from layoutgen.errors import PreflightError, Problem
from layoutgen.geometry.regions import rectangle, simple_polygons, snapped, union
from layoutgen.layer_expressions import layers_of
from layoutgen.layout.dbu import to_dbu
from layoutgen.layout.masks import STREET, MaskShapes, StreetShape, local_mask, web_mask
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon
from layoutgen.pdk.layers import masks_of_marks, parse_masks

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk
    from layoutgen.template import BoundTemplate

CELL = "CELL"
STACK = "STACK"
SECTION = "SECTION"
SECTION_WIDTH_UM = 10.0
"""Width of the drawn section line, so that it shows and has an area; its middle is the section."""


@dataclass(frozen=True, slots=True)
class DrawnDevice:
    """One device in dbu: its cell on the web, its stack, and what the streets around it carry."""

    cell: LayoutCell
    stack: LayoutCell
    size: tuple[int, int]
    kerf: int
    on_streets: tuple[StreetShape, ...]


def draw_device(pdk: "Pdk", template: "BoundTemplate", cell_um: tuple[float, float], dbu_nm: int) -> DrawnDevice:
    """The CELL and STACK cells of a device, drawn and mask layers.

    Args:
        pdk: process design kit.
        template: the device template with that PDK's values.
        cell_um: finished cell (length, width).
        dbu_nm: database unit.

    Raises:
        PreflightError: an edge is off the grid, or a mask cannot be drawn.
    """
    size = to_dbu(cell_um[0], dbu_nm, "cell length"), to_dbu(cell_um[1], dbu_nm, "cell width")
    kerf = to_dbu(template.street_um(), dbu_nm, "street width")
    drawn = _drawn_regions(template, cell_um, dbu_nm)
    outline = rectangle((0, 0, *size))
    _check_inside(drawn, template, outline)
    stages = {element.layer: element.stage for element in template.template.elements}
    web = {layer: region for layer, region in drawn.items() if stages[layer] == "web"}
    stack = {layer: region for layer, region in drawn.items() if stages[layer] != "web"}
    web_masks, stack_masks = _masks(pdk, drawn, outline, kerf, dbu_nm)
    streets = [StreetShape(STREET, 0, 0)] if STREET in pdk.layers else []
    streets += [shape.on_street for shape in web_masks.values() if shape.on_street]
    x0, x1, y = (to_dbu(value, dbu_nm, "section") for value in template.section_line(*cell_um))
    width = to_dbu(SECTION_WIDTH_UM, dbu_nm, "section line")
    section = (Path(SECTION, width, ((x0, y), (x1, y))),) if SECTION in pdk.layers else ()
    cell_regions = web | {name: shape.in_cell for name, shape in web_masks.items()}
    return DrawnDevice(
        LayoutCell(CELL, _polygons(cell_regions)),
        LayoutCell(STACK, _polygons(stack | stack_masks), section),
        size,
        kerf,
        tuple(streets),
    )


def device_alone(drawn: DrawnDevice, dbu_nm: int) -> Layout:
    """The layout of one device without a web: its cell with the stack on top.

    Args:
        drawn: the device.
        dbu_nm: database unit that it is drawn in.
    """
    top = LayoutCell("DEVICE", (), (), (Placement(CELL, (0, 0)), Placement(STACK, (0, 0))))
    return Layout(dbu_nm, (drawn.cell, drawn.stack, top), top.name, ())


def _drawn_regions(template: "BoundTemplate", cell_um: tuple[float, float], dbu_nm: int) -> dict[str, BaseGeometry]:
    problems: list[Problem] = []
    outlines: dict[str, BaseGeometry] = {}
    for layer, rect in template.rectangles(*cell_um).items():
        edges = []
        for edge in ("x0", "y0", "x1", "y1"):
            try:
                edges.append(to_dbu(float(getattr(rect, edge)), dbu_nm, f"elements.{layer}.{edge}"))
            except PreflightError as error:
                problems += error.problems
        if len(edges) == 4:
            x0, y0, x1, y1 = edges
            if x0 >= x1 or y0 >= y1:
                problems.append(
                    Problem("has no area in a cell of this size", f"elements.{layer}", remedy="take a larger cell")
                )
            outlines[layer] = rectangle((x0, y0, x1, y1))
    if problems:
        raise PreflightError(problems)
    return {
        element.layer: snapped(outlines[element.layer] - union(outlines[hole] for hole in element.holes))
        for element in template.template.elements
    }


def _check_inside(drawn: dict[str, BaseGeometry], template: "BoundTemplate", outline: BaseGeometry) -> None:
    problems = [
        Problem(
            "reaches beyond the finished cell on the web",
            f"elements.{element.layer}",
            "inside 0 .. cell_length, cell_width",
        )
        for element in template.template.elements
        if element.stage == "web" and not outline.covers(drawn[element.layer])
    ]
    if problems:
        raise PreflightError(problems)


def _masks(
    pdk: "Pdk", drawn: dict[str, BaseGeometry], outline: BaseGeometry, kerf: int, dbu_nm: int
) -> tuple[dict[str, MaskShapes], dict[str, BaseGeometry]]:
    on_web: dict[str, MaskShapes] = {}
    on_stack: dict[str, BaseGeometry] = {}
    problems: list[Problem] = []
    of_marks = masks_of_marks(pdk)
    for name, expression in parse_masks(pdk).items():
        try:
            bias = to_dbu(pdk.masks[name].bias.value, dbu_nm, f"masks.{name}.bias")
            layers = layers_of(expression)
            if name in of_marks:
                continue
            if pdk.layers[name].stage == "web":
                inside = {layer: drawn[layer] for layer in layers if layer in drawn}
                on_web[name] = web_mask(name, expression, inside, outline, kerf, bias)
            else:
                on_stack[name] = local_mask(expression, drawn, bias)
        except PreflightError as error:
            problems += error.problems
    if problems:
        raise PreflightError(problems)
    return on_web, on_stack


def _polygons(regions: dict[str, BaseGeometry]) -> tuple[Polygon, ...]:
    return tuple(Polygon(layer, points) for layer, region in regions.items() for points in simple_polygons(region))
