"""Checks of how the layout is drawn: grid, right angles, streets, centre lines, masks, shapes out of place."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box
from layoutgen.geometry.regions import evaluate, grown, grown_parts, snapped
from layoutgen.layer_expressions import layers_of
from layoutgen.layout.cell import STACK
from layoutgen.layout.measure import shape_box
from layoutgen.layout.model import LayoutCell, Path
from layoutgen.pdk.layers import parse_masks
from layoutgen.pdk.rule import Rule
from layoutgen.rules.context import Context, box_of
from layoutgen.rules.findings import Outcome, Violation
from layoutgen.rules.geometric import nothing_in
from layoutgen.rules.windows import Window


def check_grid(context: Context, rule: Rule) -> Outcome:
    """Every vertex and every placement is a multiple of the limit."""
    step = context.to_dbu(context.limit(rule))
    whole = round(step)
    if abs(step - whole) > 1e-6:
        # a database unit coarser than the grid that is asked for: points lie on multiples of both
        whole = _common_multiple(step)
    found: list[Violation] = []
    worst = 0.0
    for cell in context.layout.cells:
        for box, off in _off_grid(cell, max(1, whole), rule):
            value = context.from_dbu(off, rule)
            worst = max(worst, value)
            found.append(Violation(cell.name, box, value, f"is off the grid of {context.limit(rule):g} um"))
    return Outcome(tuple(found), worst)


def check_angle(context: Context, rule: Rule) -> Outcome:
    """Every edge runs along x or y."""
    found: list[Violation] = []
    for cell in context.layout.cells:
        for shape in cell.shapes:
            if not rule.covers(shape.layer):
                continue
            points = shape.points if isinstance(shape, Path) else (*shape.points, shape.points[0])
            odd = [(a, b) for a, b in pairwise(points) if a[0] != b[0] and a[1] != b[1]]
            if odd:
                message = f"{len(odd)} edges of {shape.layer} run along neither x nor y"
                found.append(Violation(cell.name, shape_box(shape), float(len(odd)), message))
    return Outcome(tuple(found), float(sum(item.measured for item in found)))


def check_street(context: Context, rule: Rule) -> Outcome:
    """Streets are all that lies within the limit of a cell and in no cell."""
    width = round(context.to_dbu(context.limit(rule)))

    def difference(window: Window) -> BaseGeometry:
        cells = window.whole(rule.against)
        ring = grown_parts(cells, width) - cells
        return snapped(window.clipped(snapped(ring)) ^ window.region(rule.of))

    return nothing_in(context, rule, difference, f"{rule.of} is not the street around {rule.against}")


def check_centre(context: Context, rule: Rule) -> Outcome:
    """Centre lines, widened by half the limit, cover the streets and nothing else; no piece is there twice."""
    half = round(context.to_dbu(context.limit(rule)) / 2)

    def difference(window: Window) -> BaseGeometry:
        return snapped(window.line_region(rule.of, half) ^ window.region(rule.against))

    outcome = nothing_in(context, rule, difference, f"{rule.of} is not the middle of {rule.against}")
    twice = tuple(
        Violation(window.cell, box, _piece_area(box, half, context, rule), f"{rule.of} has a piece twice")
        for window in context.windows_of(rule)
        for box in _pieces_twice(window.lines.get(rule.of, []))
    )
    return Outcome((*outcome.violations, *dict.fromkeys(twice)), outcome.measured)


def check_mask(context: Context, rule: Rule) -> Outcome:
    """Every mask is its expression over drawn layers, with its bias."""
    expressions = parse_masks(context.pdk)
    found: list[Violation] = []
    for name in context.masks_of(rule):
        wrong = _unlike_expression(context, rule, name, context.windows_of(rule))
        if wrong and rule.view == "cells":
            # a file that came back may have another hierarchy: what counts is what lies where
            layers = frozenset((name, *layers_of(expressions[name])))
            wrong = _unlike_expression(context, rule, name, (context.windows.placed(layers),))
        found += wrong
    return Outcome(tuple(dict.fromkeys(found)), max((item.measured for item in found), default=0.0))


def _unlike_expression(context: Context, rule: Rule, name: str, windows: Sequence[Window]) -> list[Violation]:
    """Where a mask differs from its expression."""
    mask, expression = context.pdk.masks[name], parse_masks(context.pdk)[name]
    bias = round(context.to_dbu(mask.bias.value))
    found: list[Violation] = []
    for window in windows:
        drawn = {layer: window.whole(layer) for layer in layers_of(expression)}
        wanted = window.clipped(grown(evaluate(expression, drawn), bias))
        for part in shapely.get_parts(snapped(wanted ^ window.region(name))):
            if part.area:
                area = context.from_dbu(float(part.area), rule)
                found.append(Violation(window.cell, box_of(part), area, f"{name} is not {mask.expression}"))
    return found


def check_stray(context: Context, rule: Rule) -> Outcome:
    """Films of the device are drawn in the cell and in the stack, and nowhere else."""
    elements = context.template.template.elements
    stages = {element.layer: element.stage for element in elements}
    home = {layer: context.devices if stage == "web" else (STACK,) for layer, stage in stages.items()}
    found: list[Violation] = []
    for cell in context.layout.cells:
        if rule.outside and cell.name in context.windows.marked:
            continue
        for shape in cell.shapes:
            if shape.layer in home and cell.name not in home[shape.layer]:
                message = f"{shape.layer} is drawn outside the cell {home[shape.layer][0]}"
                found.append(Violation(cell.name, shape_box(shape), 1.0, message))
    return Outcome(tuple(found), float(len(found)))


def _off_grid(cell: LayoutCell, step: int, rule: Rule) -> Iterator[tuple[Box | None, float]]:
    if step == 1:
        return
    for shape in cell.shapes:
        if rule.covers(shape.layer):
            off = max(min(value % step, -value % step) for point in shape.points for value in point)
            if off:
                yield shape_box(shape), float(off)
    for placement in cell.placements:
        values = [*placement.origin]
        values += [placement.pitch[0]] if placement.columns > 1 else []
        values += [placement.pitch[1]] if placement.rows > 1 else []
        off = max(min(value % step, -value % step) for value in values)
        if off:
            x, y = placement.origin
            yield (x, y, x, y), float(off)


def _common_multiple(step: float) -> int:
    for factor in range(2, 101):
        if abs(step * factor - round(step * factor)) < 1e-6:
            return round(step * factor)
    return 1


def _piece_area(box: Box, half: int, context: Context, rule: Rule) -> float:
    return context.from_dbu(float((box[2] - box[0] + box[3] - box[1]) * 2 * half), rule)


def _pieces_twice(paths: list[Path]) -> list[Box]:
    """Boxes of pieces that two straight lines share."""
    spans: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for path in paths:
        for (x0, y0), (x1, y1) in pairwise(path.points):
            if x0 == x1:
                spans.setdefault((0, x0), []).append((min(y0, y1), max(y0, y1)))
            elif y0 == y1:
                spans.setdefault((1, y0), []).append((min(x0, x1), max(x0, x1)))
    found = []
    for (axis, at), pieces in sorted(spans.items()):
        pieces.sort()
        end = pieces[0][1]
        for low, high in pieces[1:]:
            if low < end:
                ends = low, min(end, high)
                found.append((at, ends[0], at, ends[1]) if axis == 0 else (ends[0], at, ends[1], at))
            end = max(end, high)
    return found
