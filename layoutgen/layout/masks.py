"""Mask layers, evaluated where the geometry repeats: once in the cell, once on the streets, never flat.

Mask expressions are pointwise, and cells and streets are disjoint, so each can be evaluated alone. A bias moves
the edges of the *merged* mask. Every cell is surrounded by a whole street, so what a bias does near a cell's edge
depends on that cell and its street alone; on the street it depends on whether the mask continues into the cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shapely.geometry import Polygon as Shape
from shapely.geometry.base import BaseGeometry

from layoutgen.errors import PreflightError, Problem
from layoutgen.geometry.regions import evaluate, grown, simple_polygons, union
from layoutgen.layer_expressions import Expression
from layoutgen.layout.dbu import to_dbu
from layoutgen.layout.model import LayoutCell, Polygon
from layoutgen.pdk.layers import masks_of_marks

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

STREET = "STREET"


@dataclass(frozen=True, slots=True)
class StreetShape:
    """How one layer covers the streets: ``inset`` from each cell's edge, ``growth`` beyond outer streets; dbu."""

    layer: str
    inset: int
    growth: int


@dataclass(frozen=True, slots=True)
class MaskShapes:
    """One mask: its region in the cell, and how it covers the streets (None: not at all)."""

    in_cell: BaseGeometry
    on_street: StreetShape | None


def mark_masks(pdk: "Pdk", dbu_nm: int) -> dict[str, tuple[Expression, int]]:
    """The masks of marks: expression, and bias in dbu.

    Raises:
        PreflightError: a bias is off the grid.
    """
    return {
        name: (expression, to_dbu(pdk.masks[name].bias.value, dbu_nm, f"masks.{name}.bias"))
        for name, expression in masks_of_marks(pdk).items()
    }


def local_mask(expression: Expression, drawn: Mapping[str, BaseGeometry], bias: int) -> BaseGeometry:
    """A mask that has no neighbours, such as one on the stack."""
    return grown(evaluate(expression, drawn), bias)


def mark_cell(cell: LayoutCell, masks: Mapping[str, tuple[Expression, int]]) -> LayoutCell:
    """A cell of marks with what the masks of marks hold of it; marks stand apart, so each is looked at alone.

    Args:
        cell: one mark, on its own layers.
        masks: name -> expression over marks, and bias.
    """
    layers = {polygon.layer for polygon in cell.polygons}
    drawn = {
        layer: union(Shape(polygon.points) for polygon in cell.polygons if polygon.layer == layer)
        for layer in layers
    }
    added = tuple(
        Polygon(name, points)
        for name, (expression, bias) in masks.items()
        for points in simple_polygons(local_mask(expression, drawn, bias))
    )
    return replace(cell, polygons=(*cell.polygons, *added))


def web_mask(
    name: str,
    expression: Expression,
    drawn: Mapping[str, BaseGeometry],
    cell: BaseGeometry,
    kerf: int,
    bias: int,
) -> MaskShapes:
    """A mask on the web.

    Args:
        name: mask layer.
        expression: over drawn layers.
        drawn: the drawn regions of one cell, without the street.
        cell: outline of the finished cell.
        kerf: street width.
        bias: growth of every edge of the merged mask.

    Raises:
        PreflightError: this bias would need geometry that depends on a cell's neighbours.
    """
    inside = evaluate(expression, drawn)
    ring = grown(cell, kerf) - cell
    if evaluate(expression, {STREET: ring}).is_empty:
        if 2 * bias > kerf:
            raise _cannot(name, bias, "neighbouring cells would grow into each other across the street", kerf // 2)
        return MaskShapes(grown(inside, bias), None)
    if bias == 0:
        return MaskShapes(inside, StreetShape(name, 0, 0))
    if abs(bias) > kerf or -2 * bias >= kerf:
        raise _cannot(name, bias, "the street would vanish, or reach past the next one", kerf // 2 - 1)
    in_cell = grown(inside | ring, bias) & cell
    inset = 0 if bias > 0 else _street_inset(name, inside, cell, -bias)
    return MaskShapes(in_cell, StreetShape(name, inset, bias))


def _street_inset(name: str, inside: BaseGeometry, cell: BaseGeometry, shrink: int) -> int:
    """How far a shrinking mask retreats from the cells on the street: not at all, or everywhere alike."""
    band = cell - grown(cell, -shrink)
    covered = (inside & band).area
    if covered == 0:
        return shrink
    if covered == band.area:
        return 0
    raise _cannot(name, -shrink, "the mask crosses only parts of the cell's edge", 0)


def _cannot(name: str, bias: int, why: str, most: int) -> PreflightError:
    return PreflightError(
        Problem(
            f"a bias of {bias} database units cannot be drawn: {why}",
            f"masks.{name}.bias",
            f"at most {most} database units" if most else "",
            "set the bias to 0 and let the tool's own data step apply it",
        )
    )
