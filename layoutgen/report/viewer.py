"""What the layout viewer draws: the layout's hierarchy as compact JSON, arrays as arrays, never flat cells.

Coordinates are whole numbers of ``unit_nm``, the largest unit in which every coordinate is whole, so that the text
grows with distinct shapes and not with the database unit.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from layoutgen.geometry.boxes import Box
from layoutgen.layout.measure import LayoutIndex
from layoutgen.layout.model import Layout, LayoutCell, Polygon
from layoutgen.pdk.schema import Pdk
from layoutgen.web.addresses import addressed
from layoutgen.web.plan import WebPlan

_HIDDEN_AT_FIRST = frozenset({"mask"})


def viewer_data(layout: Layout, pdk: Pdk, plan: WebPlan) -> dict[str, Any]:
    """The layout for the viewer.

    Args:
        layout: what is drawn.
        pdk: its process design kit.
        plan: its repeat, for the addresses of cells.

    Returns:
        ``unit_nm``; ``layers`` with name, colour, purpose, stage, description and whether shown at first; ``cells``
        children first, each with ``shapes`` by layer number (a rectangle is four numbers, any other polygon a list
        of x, y), ``lines`` and ``places`` (cell, x, y, quarter turns, columns, rows, pitch x, pitch y); ``views``,
        named boxes to go to; ``blocks``, where the cells of each block of the repeat lie (field, block, columns,
        rows, x and y of the first, pitch x, pitch y, width, length).
    """
    index = LayoutIndex.of(layout)
    used = {shape.layer for cell in layout.cells for shape in cell.shapes}
    layers = [name for name in pdk.layers if name in used]
    number = {name: position for position, name in enumerate(layers)}
    unit = math.gcd(*_coordinates(layout.cells)) or 1
    cells = {cell.name: position for position, cell in enumerate(layout.cells)}
    return {
        "unit_nm": unit * layout.dbu_nm,
        "layers": [
            {
                "name": name,
                "colour": pdk.layers[name].colour,
                "purpose": pdk.layers[name].purpose,
                "stage": pdk.layers[name].stage,
                "description": pdk.layers[name].description,
                "shown": pdk.layers[name].purpose not in _HIDDEN_AT_FIRST,
            }
            for name in layers
        ],
        "cells": [_cell(cell, number, cells, unit) for cell in layout.cells],
        "views": [{"name": name, "box": [value // unit for value in box]} for name, box in _views(index)],
        "blocks": [[*name, *(value / unit for value in box)] for name, box in _blocks(index, plan)],
    }


def _blocks(index: LayoutIndex, plan: WebPlan) -> Iterable[tuple[tuple[int, int, int, int], tuple[int, ...]]]:
    """Numbers of field and block, columns and rows; first cell, pitch and size of a cell, in the layout's unit."""
    top = index.cells[index.layout.top]
    at = next((placement.origin for placement in top.placements if placement.cell == "REPEAT"), (0, 0))
    for address, block in addressed(plan):
        width, length = block.lying(plan.cell)
        pitch = width + plan.frame.kerf, length + plan.frame.kerf
        place = block.x + at[0], block.y + at[1]
        yield (address.field, address.block, block.columns, block.rows), (*place, *pitch, width, length)


def _coordinates(cells: Iterable[LayoutCell]) -> Iterable[int]:
    for cell in cells:
        for shape in cell.shapes:
            for x, y in shape.points:
                yield x
                yield y
        for path in cell.paths:
            # drawn from its middle line outwards
            yield path.width
        for placement in cell.placements:
            yield from (*placement.origin, *placement.pitch)


def _cell(cell: LayoutCell, layers: Mapping[str, int], cells: Mapping[str, int], unit: int) -> dict[str, Any]:
    shapes: dict[int, list[list[int]]] = {}
    for polygon in cell.polygons:
        shapes.setdefault(layers[polygon.layer], []).append(_numbers(polygon, unit))
    found: dict[str, Any] = {"name": cell.name}
    if shapes:
        found["shapes"] = [[layer, shapes[layer]] for layer in sorted(shapes)]
    if cell.paths:
        found["lines"] = [
            [layers[path.layer], path.width // unit, [value // unit for point in path.points for value in point]]
            for path in cell.paths
        ]
    if cell.placements:
        found["places"] = [
            [
                cells[item.cell],
                item.origin[0] // unit,
                item.origin[1] // unit,
                item.quarter_turns % 4,
                item.columns,
                item.rows,
                item.pitch[0] // unit,
                item.pitch[1] // unit,
            ]
            for item in cell.placements
        ]
    return found


def _numbers(polygon: Polygon, unit: int) -> list[int]:
    xs, ys = {x for x, _ in polygon.points}, {y for _, y in polygon.points}
    if len(polygon.points) == 4 and len(xs) == 2 and len(ys) == 2:
        return [min(xs) // unit, min(ys) // unit, max(xs) // unit, max(ys) // unit]
    return [value // unit for point in polygon.points for value in point]


def _views(index: LayoutIndex) -> Iterable[tuple[str, Box]]:
    """Where a reader wants to go: everything, each field, the first cell, the corner of a street, the stack."""
    top = index.cells[index.layout.top]
    yield "everything", index.box(top.name)
    for placement in top.placements:
        if placement.cell == "REPEAT":
            yield "repeat", index.placed_box(placement)
            for field in index.cells["REPEAT"].placements:
                yield field.cell.lower().replace("_", " "), _moved(index.placed_box(field), placement.origin)
    cell = next(index.placements_of("CELL"), None) if "CELL" in index.cells else None
    if cell is not None:
        x0, y0, x1, y1 = index.placed_box(_first(cell[1]))
        yield "one cell", (x0, y0, x1, y1)
        margin = max(1, min(x1 - x0, y1 - y0) // 25)
        yield "cell corner", (x0 - margin, y0 - margin, x0 + 3 * margin, y0 + 3 * margin)
    for placement in top.placements:
        if placement.cell == "STACK":
            yield "stacked device", index.placed_box(placement)


def _first(placement: Any) -> Any:
    from dataclasses import replace

    return replace(placement, columns=1, rows=1)


def _moved(box: Box, by: tuple[int, int]) -> Box:
    return box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1]
