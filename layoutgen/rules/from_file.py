"""A layout that somebody received, judged by the same rules as one that is drawn here.

Where the file has the cells of the design, placed as the design places them and each with layers that the design
draws in it, its shapes are judged cell by cell. Every other file is judged flat: its shapes are put into cells
again by what they are (:mod:`layoutgen.rules.regroup`). What no rule can judge is named, and the check fails.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING

import numpy as np

from layoutgen.errors import Problem
from layoutgen.foreign.as_layout import Drawer, Remarks, flattened, layer_names, own_shapes, placements_of
from layoutgen.foreign.flat import main_top, other_tops
from layoutgen.foreign.model import ForeignLayout
from layoutgen.foreign.reading import read_layout
from layoutgen.geometry.boxes import Point
from layoutgen.layout.cell import CELL, STACK
from layoutgen.layout.measure import boxes_by_cell, expanded, union_of_boxes
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon
from layoutgen.rules.engine import check_rules_on, context_of
from layoutgen.rules.findings import RuleReport
from layoutgen.rules.regroup import Design, regrouped
from layoutgen.rules.waivers import Waiver
from layoutgen.rules.windows import REPEAT

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution

_MOST_DEVICES = 40
"""Cells that look different and are each judged as a device."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file as rules look at it.

    ``devices`` are its cells that are devices. ``unjudged`` is what it holds and no rule looks at. ``flat`` says
    that its own hierarchy was not used.
    """

    layout: Layout
    devices: tuple[str, ...]
    unjudged: tuple[Problem, ...]
    flat: bool


def read_received(file: FilePath, solution: "Solution", own: Layout) -> Received:
    """Read a GDSII or OASIS file.

    Args:
        file: what was received.
        solution: the design that it is checked as.
        own: the layout that the design gives.

    Raises:
        DocumentError: it cannot be read.
    """
    return received(read_layout(file), solution, own, file.name)


def received(foreign: ForeignLayout, solution: "Solution", own: Layout, where: str) -> Received:
    """A foreign layout as rules look at it; arguments as of :func:`read_received`.

    Raises:
        DocumentError: it draws more than is looked at.
    """
    pdk = solution.loaded.pdk
    drawer = Drawer(foreign, layer_names(pdk), own.dbu_nm, Remarks(where))
    drawer.notes()
    as_drawn = _as_the_design(drawer, own)
    if as_drawn is not None:
        _lines(drawer, as_drawn, own, solution)
        _beyond(drawer, as_drawn, own)
        return Received(as_drawn, (CELL,), drawer.remarks.problems(), flat=False)
    top = main_top(foreign, own.top)
    others = len(other_tops(foreign, top))
    drawer.remarks.add("cell", f"beside {top} that no cell places: it was not judged", count=others)
    polygons, paths = flattened(drawer, top)
    design = design_of(solution, own)
    found = regrouped(polygons, paths, design)
    _lines(drawer, found.layout, own, solution)
    _beyond(drawer, found.layout, own)
    _markers(drawer, found.layout, own, design.marker)
    more = len(found.devices) - _MOST_DEVICES
    drawer.remarks.add(
        "cell", f"that looks different, beyond the {_MOST_DEVICES} that were judged", count=max(0, more)
    )
    return Received(found.layout, found.devices[:_MOST_DEVICES], drawer.remarks.problems(), flat=True)


def check_received(
    solution: "Solution", found: Received, waivers: Sequence[Waiver] = (), today: dt.date | None = None
) -> RuleReport:
    """Check every rule on a layout that was received; what no rule can judge is in the report.

    Args:
        solution: the design that it is checked as.
        found: what was received.
        waivers: accepted violations.
        today: the day that waivers are compared with.
    """
    context = replace(context_of(solution, found.layout), devices=found.devices or (CELL,))
    report = check_rules_on(context, waivers, today)
    lines = tuple(f"{item.where}: {item.what}" for item in found.unjudged)
    return replace(report, unjudged=lines)


def design_of(solution: "Solution", own: Layout) -> Design:
    """What the design says about where to look."""
    pdk = solution.loaded.pdk
    elements = solution.template.template.elements
    films = [element.layer for element in elements if element.stage == "web"]
    kept = {
        name
        for rule in pdk.rules.values()
        if rule.view == "frame" or (rule.view == "cells" and rule.check not in {"grid", "angle", "stray"})
        for name in rule.layer_names()
    }
    markers = sorted({rule.outside for rule in pdk.rules.values() if rule.outside})
    street = round(solution.template.street_um() * 1000 / own.dbu_nm)
    marker = markers[0] if markers else ""
    return Design(own, pdk, films[0], marker, frozenset(films), frozenset(kept), street)


def _as_the_design(drawer: Drawer, own: Layout) -> Layout | None:
    """The file with the design's hierarchy; None where it has another, or draws where the design does not."""
    foreign, cells = drawer.foreign, own.by_name()
    if foreign.tops != (own.top,) or foreign.by_name.keys() != cells.keys():
        return None
    for name, cell in cells.items():
        layers = {shape.layer for shape in cell.shapes}
        if not {drawer.names.get(layer, "") for layer in foreign.by_name[name].layers} <= {*layers, ""}:
            return None
        if not _placed_alike(drawer, name, cell):
            return None
    made = []
    for name, cell in cells.items():
        polygons, paths = own_shapes(drawer, foreign.by_name[name])
        made.append(LayoutCell(name, tuple(polygons), tuple(paths), cell.placements))
    return Layout(own.dbu_nm, tuple(made), own.top)


def _placed_alike(drawer: Drawer, name: str, cell: LayoutCell) -> bool:
    quiet = replace(drawer, remarks=Remarks(""))
    placements: list[Placement] = []
    for placement in quiet.foreign.by_name[name].placements:
        found = placements_of(quiet, name, placement)
        if found is None:
            return False
        placements += found
    if quiet.remarks.found:
        return False
    return sorted(map(_form, placements)) == sorted(map(_form, cell.placements)) or _origins(
        placements
    ) == _origins(cell.placements)


def _form(placement: Placement) -> tuple[str, int, Point, int, int, tuple[int, int]]:
    """A placement from its lower left instance."""
    (x, y), (dx, dy) = placement.origin, placement.pitch
    dx, dy = (dx if placement.columns > 1 else 0), (dy if placement.rows > 1 else 0)
    origin = x + min(0, (placement.columns - 1) * dx), y + min(0, (placement.rows - 1) * dy)
    return placement.cell, placement.quarter_turns, origin, placement.columns, placement.rows, (abs(dx), abs(dy))


def _origins(placements: Iterable[Placement]) -> Mapping[tuple[str, int], bytes]:
    """Every single place, so that arrays cut otherwise compare equal."""
    found: dict[tuple[str, int], list[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]] = {}
    for placement in placements:
        (x, y), (dx, dy) = placement.origin, placement.pitch
        column, row = np.meshgrid(np.arange(placement.columns), np.arange(placement.rows))
        places = np.stack([x + column * dx, y + row * dy], axis=-1).reshape(-1, 2)
        found.setdefault((placement.cell, placement.quarter_turns), []).append(places)
    joined = {key: np.concatenate(places) for key, places in found.items()}
    return {key: places[np.lexsort(places.T)].tobytes() for key, places in joined.items()}


def _lines(drawer: Drawer, layout: Layout, own: Layout, solution: "Solution") -> None:
    """Name lines without width that no rule looks at, and polygons where rules look at lines."""
    judged = {rule.of for rule in solution.loaded.pdk.rules.values() if rule.check == "centre"}
    layers = {path.layer for cell in layout.cells for path in cell.paths if not path.width} - judged
    if layers:
        known = {_ends(shape) for shape in expanded(own, layers) if isinstance(shape, Path)}
        for shape in expanded(layout, layers):
            if isinstance(shape, Path) and _ends(shape) not in known:
                drawer.remarks.add("path", f"on {shape.layer} without a width, which no rule can judge")
    for cell in layout.cells:
        for polygon in cell.polygons:
            if polygon.layer in judged:
                what = f"on {polygon.layer}, where rules look at lines without a width"
                drawer.remarks.add("polygon", what, cell.name)


def _ends(path: Path | Polygon) -> tuple[str, tuple[Point, ...]]:
    return path.layer, min(path.points, path.points[::-1])


def _beyond(drawer: Drawer, layout: Layout, own: Layout) -> None:
    """Name layers that reach out of the web, or out of the picture of the stack: no rule looks there."""
    here, known = boxes_by_cell(layout), boxes_by_cell(own)
    for name, place in ((REPEAT, "web"), (STACK, "stack")):
        around = union_of_boxes(list(known.get(name, {}).values()))
        for layer, box in sorted(here.get(name, {}).items()):
            if around is None or union_of_boxes([around, box]) != around:
                drawer.remarks.add("layer", f"that reaches beyond the {place} of the design: {layer}")


def _markers(drawer: Drawer, layout: Layout, own: Layout, marker: str) -> None:
    """Name markers that keep rules from looking where the design has none."""
    if marker:
        known = {shape.points for shape in expanded(own, {marker})}
        odd = sum(shape.points not in known for shape in expanded(layout, {marker}))
        what = f"on {marker}, which the design does not have there: rules do not look into it"
        drawer.remarks.add("polygon", what, count=odd)
