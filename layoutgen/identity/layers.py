"""Where one mask differs: by cells, many alike at once, and by pieces outside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.nearest import groups
from layoutgen.geometry.regions import EMPTY
from layoutgen.identity.cancel import Rest
from layoutgen.identity.explain import Change, apart, explained, grown_by, joined, polygons_in, sides_of
from layoutgen.identity.places import NOWHERE, Places
from layoutgen.identity.shapes import Box, Columns, Instances, Ints

_MOSTLY: Final = 0.3
_MOST_KINDS: Final = 4000
"""Most different kinds of changed cells that are looked at one by one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that differs: in ``cells`` (numbers; all alike) or, where there are none, at one place.

    ``seen`` and ``meant`` are what the file and the design have there and the other does not have in the same form;
    ``area`` is what really differs, in square units, in all of the cells together.
    """

    change: Change
    cells: Ints
    seen: BaseGeometry
    meant: BaseGeometry
    area: float
    box: Box


@dataclass(frozen=True, slots=True)
class MaskChanges:
    """What differs in one mask; nothing where only the way of drawing does."""

    pieces: tuple[Piece, ...] = field(default=())

    @property
    def same(self) -> bool:
        return not self.pieces


def changes_of(rest: Rest, places: Places, tolerance: float) -> MaskChanges:
    """Everything in which a mask differs.

    Args:
        rest: what the file (first) and the design (second) do not share.
        places: the cells of the repeat.
        tolerance: see :func:`layoutgen.identity.explain.explained`.
    """
    if rest.covers_same:
        return MaskChanges()
    sides = [_Sorted.of(columns, places) for columns in (rest.first, rest.second)]
    outer = [side.outer() for side in sides]
    touched = _touched([polygons_in(part) for part in outer], sides, places)
    shared = _Shared.of(rest.both)
    pieces = list(_cells(sides, touched, places, shared, tolerance))
    loose = [_with(side, part, touched) for side, part in zip(sides, outer, strict=True)]
    pieces += _loose(loose[0], loose[1], places, shared, tolerance)
    return MaskChanges(tuple(pieces))


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Polygons with the cell in whose place each lies whole, number of vertices by number of vertices."""

    columns: Columns
    cells: dict[int, Ints]

    @staticmethod
    def of(columns: Columns, places: Places) -> "_Sorted":
        return _Sorted(columns, {length: places.inner(part.boxes()) for length, part in columns.items()})

    def outer(self) -> Columns:
        return {n: part.taken(self.cells[n] == NOWHERE) for n, part in self.columns.items()}

    def inside(self) -> Ints:
        """Cells that hold any."""
        every = [np.unique(cells[cells != NOWHERE]) for cells in self.cells.values()]
        return np.unique(np.concatenate(every)) if every else np.zeros(0, dtype=np.int64)

    def within(self, cells: Ints) -> Columns:
        return {n: part.taken(np.isin(self.cells[n], cells)) for n, part in self.columns.items()}


@dataclass(frozen=True, slots=True)
class _Shared:
    """Polygons that both have, to be asked for by place."""

    columns: Columns
    boxes: dict[int, Ints]

    @staticmethod
    def of(columns: Columns) -> "_Shared":
        return _Shared(columns, {length: part.boxes() for length, part in columns.items()})

    def over(self, region: BaseGeometry) -> BaseGeometry:
        """What they cover near a region."""
        if region.is_empty:
            return EMPTY
        x0, y0, x1, y1 = region.bounds
        found: Columns = {}
        for length, part in self.columns.items():
            boxes = self.boxes[length]
            near = (boxes[:, 0] < x1) & (boxes[:, 2] > x0) & (boxes[:, 1] < y1) & (boxes[:, 3] > y0)
            if near.any():
                found[length] = part.taken(near)
        return joined(polygons_in(found))

    def meets(self, seen: BaseGeometry, meant: BaseGeometry) -> bool:
        """Whether they cover any of what differs."""
        region = seen.symmetric_difference(meant)
        return not region.is_empty and self.over(region).intersection(region).area > 0


_NOTHING_SHARED: Final = _Shared({}, {})


def _touched(outer: Sequence[Any], sides: Sequence[_Sorted], places: Places) -> Ints:
    """Cells with changed polygons of their own on whose place a polygon that is not theirs alone lies as well."""
    cells = np.union1d(sides[0].inside(), sides[1].inside())
    polygons = np.concatenate(outer)
    if not len(cells) or not len(polygons):
        return np.zeros(0, dtype=np.int64)
    half = places.kerf // 2
    corners = places.corners(cells)
    ends = _ends(places, cells)
    boxes = shapely.box(corners[:, 0] - half, corners[:, 1] - half, ends[:, 0] + half, ends[:, 1] + half)
    index, _ = shapely.STRtree(polygons).query(boxes)
    return np.asarray(cells[np.unique(index)])


def _ends(places: Places, cells: Ints) -> Ints:
    corners = places.corners(cells)
    for array in places.arrays:
        here = (cells >= array.first) & (cells < array.first + array.count)
        corners[here] += np.array(array.size)
    return corners


def _with(side: _Sorted, outer: Columns, touched: Ints) -> Columns:
    """Polygons outside cells, and those of touched cells."""
    more = side.within(touched)
    found: Columns = {}
    for length, part in outer.items():
        other = more[length]
        found[length] = Instances(
            part.shapes, np.concatenate([part.shape, other.shape]), np.concatenate([part.at, other.at])
        )
    return found


def _cells(
    sides: Sequence[_Sorted], touched: Ints, places: Places, shared: _Shared, tolerance: float
) -> Iterator[Piece]:
    """Cells that differ, those that differ alike together."""
    cells = np.setdiff1d(np.union1d(sides[0].inside(), sides[1].inside()), touched)
    if not len(cells):
        return
    kinds = _kinds(sides, cells, places)
    order = np.argsort(kinds, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(kinds[order])) + 1, [len(order)]])
    groups = [cells[np.sort(order[a:b])] for a, b in pairwise(starts.tolist())]
    groups.sort(key=lambda group: int(group[0]))
    lookup = [_Lookup.of(side) for side in sides]
    for number, group in enumerate(groups):
        if number == _MOST_KINDS:
            yield Piece(Change("changed"), np.concatenate(groups[number:]), EMPTY, EMPTY, 1.0, places.repeat)
            return
        seen, meant = (joined(polygons_in(side.of_cell(int(group[0])))) for side in lookup)
        if len(group) <= _MOST_KINDS and shared.meets(seen, meant):
            # what both have there may be another thing in each cell
            yield from _one_by_one(group, lookup, shared, tolerance)
            continue
        found = _piece(seen, meant, shared if len(group) == 1 else _NOTHING_SHARED, tolerance)
        if found is not None:
            yield replace(found, cells=group, area=found.area * len(group))


def _one_by_one(group: Ints, lookup: "Sequence[_Lookup]", shared: _Shared, tolerance: float) -> Iterator[Piece]:
    for cell in group.tolist():
        seen, meant = (joined(polygons_in(side.of_cell(cell))) for side in lookup)
        found = _piece(seen, meant, shared, tolerance)
        if found is not None:
            yield replace(found, cells=np.array([cell], dtype=np.int64))


@dataclass(frozen=True, slots=True)
class _Lookup:
    """Polygons by cell, found without looking at all of them."""

    columns: Columns
    order: dict[int, Ints]
    sorted_cells: dict[int, Ints]

    @staticmethod
    def of(side: _Sorted) -> "_Lookup":
        order = {length: np.argsort(cells, kind="stable") for length, cells in side.cells.items()}
        return _Lookup(side.columns, order, {n: side.cells[n][rows] for n, rows in order.items()})

    def of_cell(self, cell: int) -> Columns:
        found: Columns = {}
        for length, part in self.columns.items():
            a, b = np.searchsorted(self.sorted_cells[length], [cell, cell + 1])
            if b > a:
                found[length] = part.taken(self.order[length][a:b])
        return found


def _kinds(sides: Sequence[_Sorted], cells: Ints, places: Places) -> "np.ndarray[Any, Any]":
    """A number for each cell, equal where polygons of both sides are, seen from the cell's corner."""
    totals = np.zeros(len(cells), dtype=np.uint64)
    salt = 0
    for side in sides:
        for length, part in side.columns.items():
            salt += 1
            here = np.isin(side.cells[length], cells)
            own = side.cells[length][here]
            local = part.at[here] - places.corners(own)
            rows = [part.shape[here], local[:, 0], local[:, 1], places.turned(own)]
            code = np.full(len(own), salt * 64 + length, dtype=np.uint64)
            for row in rows:
                code = _mixed(code ^ row.astype(np.uint64))
            np.add.at(totals, np.searchsorted(cells, own), code)
    return totals


def _mixed(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """splitmix64: every bit of the result depends on every bit of the value."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))


def _piece(seen: BaseGeometry, meant: BaseGeometry, shared: _Shared, tolerance: float) -> Piece | None:
    """One piece, None where what differs is covered by what both have anyway."""
    extra, gone = apart(seen, meant), apart(meant, seen)
    if shared.columns:
        extra, gone = apart(extra, shared.over(extra)), apart(gone, shared.over(gone))
    area = extra.area + gone.area
    if not area:
        return None
    bounds = [region.bounds for region in (extra, gone) if not region.is_empty]
    x0, y0 = (min(box[i] for box in bounds) for i in (0, 1))
    x1, y1 = (max(box[i] for box in bounds) for i in (2, 3))
    box = int(np.floor(x0)), int(np.floor(y0)), int(np.ceil(x1)), int(np.ceil(y1))
    return Piece(explained(seen, meant, tolerance), np.zeros(0, dtype=np.int64), seen, meant, area, box)


def _loose(seen: Columns, meant: Columns, places: Places, shared: _Shared, tolerance: float) -> list[Piece]:
    """Pieces that are not one cell's alone: connected regions of either side that meet, one by one."""
    ours, theirs = joined(polygons_in(seen)), joined(polygons_in(meant))
    found = []
    for a, b in _clusters(ours, theirs):
        piece = _piece(a, b, shared, tolerance)
        if piece is not None:
            found += [_addressed(part, places) for part in _split(piece, shared)]
    return found


def _split(piece: Piece, shared: _Shared) -> Iterator[Piece]:
    """A large piece of which little differs: what was done to most of it, and each place that differs beside it."""
    if piece.change.kind != "changed":
        yield piece
        return
    meant, sides = piece.meant, sides_of(piece.seen, piece.meant)
    if sides is not None and any(sides):
        grown = grown_by(meant, sides)
        if piece.seen.symmetric_difference(grown).area < _MOSTLY * piece.area:
            yield replace(piece, change=Change("bias", sides))
            meant = grown
    extra, gone = apart(piece.seen, meant), apart(meant, piece.seen)
    if extra.area + gone.area > _MOSTLY * max(piece.seen.area, meant.area):
        yield piece
        return
    for region, of_file in ((extra, True), (gone, False)):
        for part in shapely.get_parts(apart(region, shared.over(region)) if shared.columns else region):
            if part.area:
                x0, y0, x1, y1 = (int(value) for value in np.rint(part.bounds))
                a, b = (part, EMPTY) if of_file else (EMPTY, part)
                change = Change("more" if of_file else "less")
                yield Piece(change, np.zeros(0, dtype=np.int64), a, b, part.area, (x0, y0, x1, y1))


def _clusters(seen: BaseGeometry, meant: BaseGeometry) -> Iterator[tuple[BaseGeometry, BaseGeometry]]:
    """Regions of both sides that touch each other, directly or through others."""
    a = np.asarray([part for part in shapely.get_parts(seen) if not part.is_empty], dtype=object)
    b = np.asarray([part for part in shapely.get_parts(meant) if not part.is_empty], dtype=object)
    if not len(a) and not len(b):
        return
    if len(a) and len(b):
        index, other = shapely.STRtree(b).query(a, predicate="intersects")
    else:
        index, other = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    size = len(a) + len(b)
    count, label = groups(size, index, other + len(a))
    sides = []
    for parts, own in ((a, label[: len(a)]), (b, label[len(a) :])):
        order = np.argsort(own, kind="stable")
        stops = np.searchsorted(own[order], np.arange(count + 1))
        sides.append((parts[order], stops))
    (a, at), (b, bt) = sides
    for number in range(count):
        yield _multi(a[at[number] : at[number + 1]]), _multi(b[bt[number] : bt[number + 1]])


def _multi(parts: Any) -> BaseGeometry:
    if not len(parts):
        return EMPTY
    found: BaseGeometry = parts[0] if len(parts) == 1 else shapely.multipolygons(list(parts))
    return found


def _addressed(piece: Piece, places: Places) -> Piece:
    """With the cell in whose place all of what the design has there lies, else all that the file has."""
    for region in (piece.meant, piece.seen):
        if not region.is_empty:
            cell = places.inner(np.rint(np.array([region.bounds])).astype(np.int64))
            if cell[0] != NOWHERE:
                return replace(piece, cells=cell)
            return piece
    return piece
