"""Lines and spaces of a mask, measured on its merged geometry at places that stand for all.

Measured between facing axis-parallel edges that overlap in projection. Inside an array four neighbouring cells show
everything; around blocks, what is narrow shows at their corners; between blocks and between fields, where two face
each other; of marks, around the first of each array. So the work grows with blocks, not with cells.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise, permutations, product
from typing import Literal, TypeAlias

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box, turned_box
from layoutgen.geometry.regions import rectangle, region_of, snapped
from layoutgen.layout.cell import CELL, STACK
from layoutgen.layout.marks import FIDUCIAL, FIELD
from layoutgen.layout.measure import LayoutIndex, shape_box
from layoutgen.layout.model import Placement, Polygon
from layoutgen.layout.structure import STRUCTURE
from layoutgen.layout.text import CHARACTER

Kind: TypeAlias = Literal["line", "space"]
_SITE_GRID_UM = 1.0
"""Where along a line or space it is measured, where that lies on it."""
_CORNER_REACH = 4
"""Kerfs around a block's corner in which narrow lines and spaces are sought."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A line or space: its width along ``axis`` (0 is x) and the middle of it, in dbu, top coordinates."""

    kind: Kind
    axis: int
    value: int
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Edge:
    axis: int
    position: int
    low: int
    high: int
    inside: int


def narrowest(index: LayoutIndex, layer: str, windows: Iterable[Box]) -> list[Feature]:
    """The narrowest line and space along each axis, as far as the layer has them: at most four features.

    Args:
        index: the layout.
        layer: a mask.
        windows: from :func:`telling_windows`.
    """
    best: dict[tuple[Kind, int], Feature] = {}
    for window in windows:
        for feature in features_in(index, layer, window):
            key = feature.kind, feature.axis
            if key not in best or feature.value < best[key].value:
                best[key] = feature
    return [best[key] for key in sorted(best)]


def telling_windows(index: LayoutIndex) -> list[Box]:
    """Windows that show every kind of neighbourhood; of those with the same cells in the same places, one."""
    found: dict[tuple[object, ...], Box] = {}
    telling = {CELL, *_structures(index), STACK, *_marks(index)}
    for window in _windows(index):
        x0, y0, x1, y1 = window
        here: list[object] = [x1 - x0, y1 - y0]
        instances = index.instances_in_window(telling, window)
        here += sorted((i.cell, i.origin[0] - x0, i.origin[1] - y0, i.quarter_turns) for i in instances)
        boxes = [shape_box(Polygon(FIELD, points)) for points in index.polygons_in_window(FIELD, window)]
        inside = ((max(a, x0), max(b, y0), min(c, x1), min(d, y1)) for a, b, c, d in boxes)
        here += sorted((a - x0, b - y0, c - x0, d - y0) for a, b, c, d in inside)
        found.setdefault(tuple(here), window)
    return list(found.values())


def cd_sites(index: LayoutIndex, layer: str) -> list[Feature]:
    """Where to measure: the narrowest line and space along each axis, in each test structure, at the first, middle
    and last cells of the largest block of each field, on each fiducial, where there is none on the first character
    of each kind, or on the stacked device."""
    found: list[Feature] = []
    for window in _site_windows(index):
        found += features_in(index, layer, window)
    return list(dict.fromkeys(found))


def features_in(index: LayoutIndex, layer: str, window: Box) -> list[Feature]:
    """The narrowest line and space along each axis inside a window; edges on its border do not count."""
    polygons = index.polygons_in_window(layer, window)
    if not polygons:
        return []
    edges = _edges(snapped(region_of(polygons) & rectangle(window)), window)
    grid = max(1, round(_SITE_GRID_UM * 1000 / index.layout.dbu_nm))
    found = []
    for axis, kind in product((0, 1), ("line", "space")):
        starts = 1 if kind == "line" else -1
        first = [edge for edge in edges if edge.axis == axis and edge.inside == starts]
        second = [edge for edge in edges if edge.axis == axis and edge.inside == -starts]
        feature = _closest(first, second, axis, "line" if kind == "line" else "space", grid)
        if feature:
            found.append(feature)
    return found


def _closest(first: list[_Edge], second: list[_Edge], axis: int, kind: Kind, grid: int) -> Feature | None:
    if not first or not second:
        return None
    a, b = (np.array([(e.position, e.low, e.high) for e in edges], dtype=np.int64).T for edges in (first, second))
    value = b[0] - a[0][:, None]
    low, high = np.maximum(b[1], a[1][:, None]), np.minimum(b[2], a[2][:, None])
    facing = (value > 0) & (high > low)
    if not facing.any():
        return None
    i, j = np.nonzero(facing & (value == value[facing].min()))
    # of equal widths the one that runs longest: at a short end there is little to measure
    found = np.stack([low[i, j] - high[i, j], value[i, j], a[0][i], low[i, j], high[i, j]], axis=1)
    _, width, start, below, above = min(map(tuple, found.tolist()))
    middle = (below + above) // 2
    readable = round(middle / grid) * grid
    across, along = start + width // 2, readable if below < readable < above else middle
    return Feature(kind, axis, width, (across, along) if axis == 0 else (along, across))


def _edges(region: BaseGeometry, window: Box) -> list[_Edge]:
    found = []
    for part in shapely.get_parts(region):
        oriented = shapely.orient_polygons(part)
        for ring in (oriented.exterior, *oriented.interiors):
            points = [(round(x), round(y)) for x, y in ring.coords]
            for (x0, y0), (x1, y1) in pairwise(points):
                if x0 == x1 and y0 != y1 and x0 not in (window[0], window[2]):
                    found.append(_Edge(0, x0, min(y0, y1), max(y0, y1), -1 if y1 > y0 else 1))
                elif y0 == y1 and x0 != x1 and y0 not in (window[1], window[3]):
                    found.append(_Edge(1, y0, min(x0, x1), max(x0, x1), 1 if x1 > x0 else -1))
    return found


def _windows(index: LayoutIndex) -> Iterable[Box]:
    blocks = _blocks(index)
    seen: set[bool] = set()
    for placement in sorted(blocks, key=lambda block: -block.count):
        if bool(placement.quarter_turns) not in seen:
            seen.add(bool(placement.quarter_turns))
            yield _cells(index, placement, 0, 0)
    for placement in blocks:
        x0, y0, x1, y1 = _extent(index, placement)
        kerf = _kerf(index, placement)
        reach = _CORNER_REACH * kerf
        for x, y in product((x0, x1), (y0, y1)):
            yield x - reach, y - reach, x + reach, y + reach
    yield from _between(index, blocks)
    yield from _boxes(index, (*_structures(index), STACK))
    yield from _around_marks(index)


def _between(index: LayoutIndex, blocks: Iterable[Placement]) -> Iterable[Box]:
    """Where two blocks or structures face each other: from one edge to the other, at both ends of what overlaps."""
    places = [(_extent(index, placement), _CORNER_REACH * _kerf(index, placement)) for placement in blocks]
    kerf = min((reach for _, reach in places), default=_CORNER_REACH)
    places += [
        (index.placed_box(placement), kerf)
        for name in _structures(index)
        for _, placement in index.placements_of(name)
    ]
    for (first, reach), (second, _) in permutations(places, 2):
        for axis in (0, 1):
            start, end = first[axis + 2], second[axis]
            low, high = max(first[1 - axis], second[1 - axis]), min(first[3 - axis], second[3 - axis])
            if start < end and low < high:
                for near in dict.fromkeys((low, max(low, high - reach))):
                    along, across = (start - reach, end + reach), (near - 1, min(near + reach, high) + 1)
                    if not any(_parts(box, axis, (start, end), across) for box, _ in places):
                        (x0, x1), (y0, y1) = (along, across) if axis == 0 else (across, along)
                        yield x0, y0, x1, y1


def _parts(box: Box, axis: int, gap: tuple[int, int], across: tuple[int, int]) -> bool:
    """Whether a box between two others hides the one from the other, across the whole of a window."""
    hides = box[1 - axis] <= across[0] + 1 and across[1] - 1 <= box[3 - axis]
    return hides and box[axis] < gap[1] and gap[0] < box[axis + 2]


def _around_marks(index: LayoutIndex) -> Iterable[Box]:
    """The first of each array of a mark, with as much around it as a quarter of its size."""
    for name in _marks(index):
        x0, y0, x1, y1 = index.box(name)
        for _, placement in index.placements_of(name):
            a, b, c, d = index.placed_box(replace(placement, columns=1, rows=1))
            more = min(x1 - x0, y1 - y0) // 4 + 1
            yield a - more, b - more, c + more, d + more


def _marks(index: LayoutIndex) -> list[str]:
    return sorted(name for name in index.cells if name == FIDUCIAL or name.startswith(CHARACTER))


def _site_windows(index: LayoutIndex) -> Iterable[Box]:
    yield from _boxes(index, _structures(index))
    largest: dict[str, Placement] = {}
    for name, placement in index.placements_of(CELL):
        if name not in largest or placement.count > largest[name].count:
            largest[name] = placement
    for placement in largest.values():
        last = max(0, placement.columns - 2), max(0, placement.rows - 2)
        for column, row in dict.fromkeys(((0, 0), (last[0] // 2, last[1] // 2), last)):
            yield _cells(index, placement, column, row)
    if FIDUCIAL in index.cells:
        yield from _boxes(index, (FIDUCIAL,))
    else:
        for name in _marks(index):
            yield next(iter(_boxes(index, (name,))))
    yield from _boxes(index, (STACK,))


def _structures(index: LayoutIndex) -> list[str]:
    return sorted(name for name in index.cells if name.startswith(f"{STRUCTURE}_"))


def _boxes(index: LayoutIndex, cells: Iterable[str]) -> Iterable[Box]:
    """Each place of some cells, with one unit around it."""
    for cell in cells:
        for _, placement in index.placements_of(cell):
            x0, y0, x1, y1 = index.placed_box(placement)
            yield x0 - 1, y0 - 1, x1 + 1, y1 + 1


def _blocks(index: LayoutIndex) -> list[Placement]:
    return [placement for _, placement in index.placements_of(CELL)]


def _size(index: LayoutIndex, placement: Placement) -> tuple[int, int]:
    x0, y0, x1, y1 = turned_box(index.box(CELL), placement.quarter_turns)
    return x1 - x0, y1 - y0


def _kerf(index: LayoutIndex, placement: Placement) -> int:
    """The street: what the pitch has over the cell; where nothing repeats it is not needed to be exact."""
    size = _size(index, placement)
    return max(1, min(placement.pitch[0] - size[0], placement.pitch[1] - size[1]))


def _extent(index: LayoutIndex, placement: Placement) -> Box:
    return index.placed_box(placement)


def _cells(index: LayoutIndex, placement: Placement, column: int, row: int) -> Box:
    """Two by two cells from one on, with the streets around them."""
    dx, dy = placement.pitch
    x, y = placement.origin
    single = replace(placement, origin=(x + column * dx, y + row * dy), columns=1, rows=1)
    x0, y0, x1, y1 = index.placed_box(single)
    kerf = _kerf(index, placement) + 1
    return x0 - kerf, y0 - kerf, x1 + dx + kerf, y1 + dy + kerf
