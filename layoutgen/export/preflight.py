"""The one check in front of every writer: what a file format would break silently is refused, with the remedy."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from layoutgen.errors import PreflightError, Problem
from layoutgen.export.library import lattice
from layoutgen.geometry.boxes import Box, Point
from layoutgen.layout.dbu import COORDINATE_LIMIT, DBU_CHOICES_NM
from layoutgen.layout.measure import placed_box, shape_box, twice_area, union_of_boxes
from layoutgen.layout.model import MAX_REPEAT, Layout, LayoutCell, Path, Placement
from layoutgen.pdk.grid import free_layer

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

GDS_VERTICES = 8190
"""Most distinct vertices that one GDSII record of 65 535 bytes holds."""
NAME_LIMIT = 32
_NAME = re.compile(r"[A-Za-z0-9_?$]+")
_MOST_SHOWN = 20


def preflight(layout: Layout, pdk: "Pdk", *, most_vertices: int = GDS_VERTICES) -> None:
    """Check that GDSII and its relatives can carry a layout unchanged.

    Checks 32-bit coordinates (with the corner one pitch past each array, which GDSII stores), array counts, names,
    vertices, layer numbers, the grid, and that polygons are closed, simple and not empty.

    Args:
        layout: what is to be written.
        pdk: says the numbers of layers.
        most_vertices: of one polygon; 8190 is GDSII's limit, many mask shops ask for 199.

    Raises:
        PreflightError: with every problem found, up to twenty of each kind.
    """
    problems: list[Problem] = []
    for found in (
        _database_unit(layout),
        _names(layout),
        _hierarchy(layout),
        _layers(layout, pdk),
        _shapes(layout, most_vertices),
        _arrays(layout),
    ):
        problems += _shortened(list(found))
    if not problems:
        problems += _shortened(list(_extents(layout)))
    if problems:
        raise PreflightError(problems)


def _shortened(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= _MOST_SHOWN:
        return problems
    return [*problems[:_MOST_SHOWN], Problem(f"and {len(problems) - _MOST_SHOWN} more of this kind", "layout")]


def _database_unit(layout: Layout) -> Iterator[Problem]:
    if not isinstance(layout.dbu_nm, int) or layout.dbu_nm < 1:
        yield Problem(f"{layout.dbu_nm!r} nm is not a database unit", "layout", "a whole number of nm, at least 1")


def _names(layout: Layout) -> Iterator[Problem]:
    seen: set[str] = set()
    for cell in layout.cells:
        where = f"cell {cell.name}"
        if len(cell.name) > NAME_LIMIT:
            what = f"the name has {len(cell.name)} characters"
            yield Problem(what, where, f"at most {NAME_LIMIT}", f"a shorter name, such as {cell.name[:NAME_LIMIT]}")
        if not _NAME.fullmatch(cell.name):
            better = re.sub(r"[^A-Za-z0-9_?$]", "_", cell.name) or "A"
            yield Problem("the name has characters that GDSII does not", where, "A-Z a-z 0-9 _ ? $", better)
        if cell.name in seen:
            yield Problem("two cells have this name", where, remedy="give each cell a name of its own")
        seen.add(cell.name)


def _hierarchy(layout: Layout) -> Iterator[Problem]:
    known: set[str] = set()
    placed: set[str] = set()
    for cell in layout.cells:
        for placement in cell.placements:
            if placement.cell not in known:
                what = f"places {placement.cell!r}, which does not come before it"
                yield Problem(what, f"cell {cell.name}", remedy="list each cell after those that it places")
            placed.add(placement.cell)
        known.add(cell.name)
    tops = [cell.name for cell in layout.cells if cell.name not in placed]
    if tops != [layout.top]:
        what = f"the cells that no other places are {', '.join(tops) or 'none'}"
        yield Problem(what, "layout", f"{layout.top} alone")


def _layers(layout: Layout, pdk: "Pdk") -> Iterator[Problem]:
    used = dict.fromkeys(shape.layer for cell in layout.cells for shape in cell.shapes)
    for name in used:
        layer = pdk.layers.get(name)
        if layer is None:
            yield Problem("is not a layer of the PDK", f"layer {name}", remedy="add it to layers.toml")
        elif not (0 <= layer.number <= 255 and 0 <= layer.datatype <= 255):
            what = f"has the number {layer.number}/{layer.datatype}"
            taken = {key: {"number": item.number} for key, item in pdk.layers.items()}
            yield Problem(what, f"layer {name}", "0 to 255", f"a free number, such as {free_layer(taken)}")


def _shapes(layout: Layout, most_vertices: int) -> Iterator[Problem]:
    for cell in layout.cells:
        for shape in cell.shapes:
            where = f"cell {cell.name}, layer {shape.layer}, at {shape.points[0] if shape.points else 'no point'}"
            if not all(type(value) is int for point in shape.points for value in point):
                yield Problem("has coordinates off the grid", where, "whole database units", "round them first")
            elif isinstance(shape, Path):
                yield from _path(shape, where, most_vertices)
            else:
                yield from _polygon(shape.points, where, most_vertices)


def _path(path: Path, where: str, most_vertices: int) -> Iterator[Problem]:
    if len(set(path.points)) < 2:
        yield Problem("is a line without length", where, "at least two different points", "leave it out")
    if len(path.points) > most_vertices:
        yield Problem(f"is a line of {len(path.points)} points", where, f"at most {most_vertices}", "split it")
    if path.width < 0 or path.width % 2:
        yield Problem(f"has a line width of {path.width}", where, "an even number of database units, or 0")


def _polygon(points: tuple[Point, ...], where: str, most_vertices: int) -> Iterator[Problem]:
    if len(points) > most_vertices:
        what = f"is a polygon of {len(points)} vertices"
        yield Problem(what, where, f"at most {most_vertices}", "cut it into smaller polygons")
    if len(points) >= 2 and points[0] == points[-1]:
        yield Problem("repeats its first vertex at the end", where, remedy="leave the last one out")
    elif len(points) < 3 or twice_area(points) == 0:
        yield Problem("is a polygon without area", where, remedy="leave it out")
    elif not _is_simple(points):
        yield Problem("is a polygon that touches or crosses itself", where, remedy="split it into simple polygons")


def _is_simple(points: tuple[Point, ...]) -> bool:
    if len(set(points)) != len(points):
        return False
    if len(points) == 3:
        return True
    from shapely.geometry import LinearRing

    return bool(LinearRing(points).is_simple)


def _arrays(layout: Layout) -> Iterator[Problem]:
    for cell in layout.cells:
        for placement in cell.placements:
            where = f"cell {cell.name}, array of {placement.cell}"
            values = (*placement.origin, *placement.pitch, placement.columns, placement.rows)
            if not all(type(value) is int for value in values):
                yield Problem("has coordinates off the grid", where, "whole database units", "round them first")
                continue
            counts = {"columns": placement.columns, "rows": placement.rows}
            for what, count in counts.items():
                if count > MAX_REPEAT:
                    yield Problem(f"has {count} {what}", where, f"at most {MAX_REPEAT}", "split the array")
                elif count < 1:
                    yield Problem(f"has {count} {what}", where, "at least 1", "leave it out")


def _extents(layout: Layout) -> Iterator[Problem]:
    boxes: dict[str, Box | None] = {}
    for cell in layout.cells:
        stored = [shape_box(shape) for shape in cell.shapes]
        for placement in cell.placements:
            inner = boxes[placement.cell]
            stored.append(_stored_box(placement))
            if inner is not None:
                stored.append(placed_box(inner, placement))
        boxes[cell.name] = _reach(cell, boxes)
        box = union_of_boxes(stored)
        most = max((abs(value) for value in box or ()), default=0)
        if most > COORDINATE_LIMIT:
            yield _too_far(layout, cell, most)


def _reach(cell: LayoutCell, boxes: Mapping[str, Box | None]) -> Box | None:
    found = [shape_box(shape) for shape in cell.shapes]
    found += [placed_box(inner, placement) for placement in cell.placements if (inner := boxes[placement.cell])]
    return union_of_boxes(found)


def _stored_box(placement: Placement) -> Box:
    """The points that an AREF record holds: its origin, and one pitch past its last column and row."""
    (x, y), along, across, columns, rows = lattice(placement)
    if not placement.is_array:
        return x, y, x, y
    xs = x, x + columns * along[0], x + rows * across[0]
    ys = y, y + columns * along[1], y + rows * across[1]
    return min(xs), min(ys), max(xs), max(ys)


def _too_far(layout: Layout, cell: LayoutCell, most: int) -> Problem:
    far_nm = most * layout.dbu_nm
    fitting = [unit for unit in DBU_CHOICES_NM if unit > layout.dbu_nm and far_nm <= COORDINATE_LIMIT * unit]
    remedy = f"a database unit of {fitting[0]} nm" if fitting else "a shorter repeat"
    return Problem(
        f"reaches {far_nm * 1e-9:.4g} m, array corners included",
        f"cell {cell.name}",
        f"at most {COORDINATE_LIMIT * layout.dbu_nm * 1e-9:.4g} m with 32 bits of {layout.dbu_nm} nm",
        remedy,
    )
