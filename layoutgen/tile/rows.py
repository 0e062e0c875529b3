"""Rows of scanner fields: how many, how wide and how long, for most cells on the web, gaps counted.

Lengths here are in units of the common divisor of the cell's two pitches, except those of :class:`Room`,
which are in dbu. A field's *reach* is its inflated frame: the field without one kerf.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import gcd

import numpy as np

from layoutgen.tile.bounds import LineBound, barnes_table
from layoutgen.tile.model import WebFrame
from layoutgen.tile.points import Ints, best_fill, normal_points
from layoutgen.tile.setpack import set_packing_bound
from layoutgen.tile.strips import Counts, strip_table

_MOST_POINTS = 1500
_PROMISING = 3
_TABLE_WORK = 300_000_000
_SET_PACKING_ENTRIES = 12_000


@dataclass(frozen=True, slots=True)
class Room:
    """What a row of fields may use; ``overhead`` is the kerf and gap that each field adds to its reach."""

    frame: WebFrame
    unit: int
    u: int
    v: int

    @property
    def overhead(self) -> int:
        return self.frame.kerf + self.frame.field_gap

    @property
    def max_width(self) -> int:
        return max(0, min(self.frame.field_width, self.frame.usable) - self.frame.kerf) // self.unit

    @property
    def max_length(self) -> int:
        return max(0, self.frame.field_length - self.frame.kerf) // self.unit

    @property
    def most_points(self) -> int:
        """How many field widths and lengths are worth a table row; fewer where rows are long."""
        columns = max(self.max_width, self.max_length) // min(self.u, self.v) + 1
        return min(_MOST_POINTS, max(100, _TABLE_WORK // columns**2))

    def across(self, fields: int) -> int:
        """Most that the reaches of so many fields can sum to."""
        total = self.frame.usable + self.frame.field_gap - fields * self.overhead
        return max(0, total // self.unit)

    def ceiling(self, fields: int) -> int:
        """Most that the *used* reaches of so many fields can sum to: sums of cell sides."""
        widest = best_fill(self.max_width, self.u, self.v)
        return min(best_fill(self.across(fields), self.u, self.v), fields * widest)

    def field_counts(self) -> tuple[int, ...]:
        """All numbers of fields that can hold a cell each, the most promising first."""
        narrowest = self.overhead + min(self.u, self.v) * self.unit
        if self.max_width < min(self.u, self.v):
            return ()
        widest = best_fill(self.max_width, self.u, self.v)
        numbers = range(1, (self.frame.usable + self.frame.field_gap) // narrowest + 1)
        ceilings = {k: min(best_fill(self.across(k), self.u, self.v), k * widest) for k in numbers}
        return tuple(sorted(numbers, key=lambda k: (-ceilings[k], k)))


class FieldBounds:
    """Line and set-packing bounds of single fields, computed where they decide; ``work`` fields at most."""

    def __init__(self, u: int, v: int, work: int) -> None:
        self.item, self.work = (u, v), work
        self.lines = LineBound(u, v)
        self.known: dict[tuple[int, int], int] = {}

    def lower(self, widths: Ints, limit: Ints, length: int, deciding: tuple[int, int]) -> bool:
        """Lower ``limit`` in place at the deciding fields (index + 1, 0 for none); False if nothing changed."""
        changed = False
        for index in set(deciding) - {0}:
            bound = self._bound(int(widths[index - 1]), length)
            if bound is not None and bound < limit[index - 1]:
                limit[index - 1] = bound
                changed = True
        return changed

    def _bound(self, width: int, length: int) -> int | None:
        key = width, length
        if key not in self.known:
            if self.work <= 0:
                return None
            self.work -= 1
            lines = self.lines(width, length)
            packing = set_packing_bound(key, self.item, most_entries=_SET_PACKING_ENTRIES)
            self.known[key] = lines if packing is None else min(lines, packing)
        return self.known[key]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of fields: reaches across the web, the common reach along it, and how many cells are expected."""

    widths: tuple[int, ...]
    length: int
    count: int


@dataclass(frozen=True, slots=True)
class RowSearch:
    """Rows found, best density first, and a bound on the density of any row (cells per dbu of web length), as
    a fraction ``bound_count / bound_length``.
    """

    rows: tuple[Row, ...]
    bound_count: int
    bound_length: int


def room_for(frame: WebFrame, cell: tuple[int, int]) -> Room:
    u, v = cell[0] + frame.kerf, cell[1] + frame.kerf
    unit = gcd(u, v)
    return Room(frame, unit, u // unit, v // unit)


def best_row_density(room: Room, at_least: Fraction, most_lengths: int | None = None) -> Fraction:
    """Cells per dbu of web length of the best row by 3-stage tables, or 0 where none beats ``at_least``.

    The same search as :func:`search_rows`, which a good incumbent cuts short. With ``most_lengths`` only that many
    lengths are looked at, those with the best bound: a density that is reached, if not always the best.
    """
    numbers = room.field_counts()
    lengths = normal_points(room.max_length, room.u, room.v)[1:]
    if not numbers or not len(lengths):
        return Fraction(0)
    crude = room.ceiling(numbers[0]) * lengths // (room.u * room.v)
    lengths, crude = lengths[-room.most_points :], crude[-room.most_points :]
    repeats = lengths * room.unit + room.overhead
    order = np.argsort(-(crude / repeats), kind="stable")
    finder: _RowFinder | None = None
    best = _Density(at_least.numerator, at_least.denominator)
    found = Fraction(0)
    for index in order[:most_lengths].tolist():
        length, repeat = int(lengths[index]), int(repeats[index])
        if not _Density(int(crude[index]), repeat) > best:
            break
        finder = finder or _RowFinder(room, numbers, lengths)
        density = _Density(finder.best_row(length, best).count, repeat)
        if density > best:
            best, found = density, Fraction(density.count, density.length)
    return found


def search_rows(room: Room, keep: int, *, refine: int = 0) -> RowSearch:
    """Branch and bound over the repeat length; for each length the best row by 3-stage tables.

    Lengths are visited in the order of their area bound, until that falls below the best density found.
    ``keep`` is the number of rows wanted, ``refine`` the number of fields for which a better bound may be computed.
    """
    numbers = room.field_counts()
    lengths = normal_points(room.max_length, room.u, room.v)[1:]
    if not numbers or not len(lengths):
        return RowSearch((), 0, 1)
    crude = room.ceiling(numbers[0]) * lengths // (room.u * room.v)
    repeats = lengths * room.unit + room.overhead
    # a tiny cell has more lengths than are worth trying; the bound of the rest is that of the longest left out
    limits = (
        [_Density(int(crude[-room.most_points - 1]), int(repeats[-room.most_points - 1]))]
        if len(lengths) > room.most_points
        else []
    )
    lengths, crude, repeats = lengths[-room.most_points :], crude[-room.most_points :], repeats[-room.most_points :]
    order = np.argsort(-(crude / repeats), kind="stable")
    finder = _RowFinder(room, numbers, lengths)
    found: list[Row] = []
    best = _Density(0, 1)
    for index in order.tolist():
        length, repeat, limit = int(lengths[index]), int(repeats[index]), int(crude[index])
        if not _Density(limit, repeat) > best:
            break
        row = finder.best_row(length, best)
        best = max(best, _Density(row.count, repeat))
        limits.append(_Density(finder.row_bound(length, best), repeat))
        found.append(row)
    bound = max([best, *_refined(finder, limits, best, refine)])
    found.sort(key=lambda row: (-row.count / (row.length * room.unit + room.overhead), row.length))
    return RowSearch(tuple(found[:keep]), bound.count, bound.length)


def search_common_length(rooms: Sequence[Room]) -> tuple[tuple[Row, ...], Fraction]:
    """One row for each room, all of one length, for most cells per length of web; and a bound on that density.

    The rooms differ in width only. The order and the end of the search are those of :func:`search_rows`.
    """
    lengths = normal_points(rooms[0].max_length, rooms[0].u, rooms[0].v)[1:]
    nothing = Row((), 0, 0), _Density(0, 1)
    numbers = {room: room.field_counts() for room in rooms}
    finders = {room: _RowFinder(room, numbers[room], lengths) for room in rooms if numbers[room] and len(lengths)}
    if not finders:
        return tuple(nothing[0] for _ in rooms), Fraction(0)
    area, unit, overhead = rooms[0].u * rooms[0].v, rooms[0].unit, rooms[0].overhead
    reach = sum(room.ceiling(numbers[room][0]) for room in rooms if room in finders)
    crude, repeats = reach * lengths // area, lengths * unit + overhead
    best, limits = nothing[1], [nothing[1]]
    found = tuple(nothing[0] for _ in rooms)
    for index in np.argsort(-(crude / repeats), kind="stable").tolist():
        length, repeat = int(lengths[index]), int(repeats[index])
        if not _Density(int(crude[index]), repeat) > best:
            break
        rows = {room: finder.best_row(length, nothing[1]) for room, finder in finders.items()}
        ceilings = {room: finder.row_bound(length, nothing[1]) for room, finder in finders.items()}
        limits.append(_Density(sum(ceilings[room] for room in rooms if room in finders), repeat))
        density = _Density(sum(rows[room].count for room in rooms if room in finders), repeat)
        if density > best:
            best = density
            found = tuple(rows.get(room, nothing[0]) for room in rooms)
    bound = max([best, *limits])
    return found, Fraction(bound.count, bound.length)


def _refined(finder: "_RowFinder", limits: list["_Density"], best: "_Density", work: int) -> list["_Density"]:
    """The bounds of all rows, the highest of them lowered as long as there is work left."""
    bounds = FieldBounds(finder.room.u, finder.room.v, work)
    lowered = list(limits)
    while bounds.work > 0:
        at = max(range(len(lowered)), key=lambda index: Fraction(lowered[index].count, lowered[index].length))
        if not lowered[at] > best:
            break
        repeat = lowered[at].length
        length = (repeat - finder.room.overhead) // finder.room.unit
        count = finder.row_bound(length, best, bounds)
        if count >= lowered[at].count:
            break
        lowered[at] = _Density(count, repeat)
    return lowered


@dataclass(frozen=True, slots=True)
class _Density:
    """Cells per length, compared without rounding."""

    count: int
    length: int

    def __gt__(self, other: "_Density") -> bool:
        return self.count * other.length > other.count * self.length


class _RowFinder:
    """Tables shared by all lengths of one cell size."""

    def __init__(self, room: Room, numbers: tuple[int, ...], lengths: Ints) -> None:
        self.room, self.lengths = room, lengths
        self.ceilings = {k: room.ceiling(k) for k in numbers}
        points = normal_points(room.max_width, room.u, room.v)[1:]
        self.complete = len(points) <= room.most_points
        self.widths = points if self.complete else _near_good_rows(room, points, numbers)
        self.across = strip_table(self.widths, room.u, room.v, room.max_length)
        self.along = strip_table(lengths, room.v, room.u, room.max_width)
        self.share = self.along.split(self.widths)
        self.splits: dict[int, list[tuple[int, int, Ints, Ints]]] = {}

    def best_row(self, length: int, beat: _Density) -> Row:
        """The best row of this length; numbers of fields that cannot beat the given density are left out."""
        values: Counts | None = None
        best = 0
        widths: tuple[int, ...] = ()
        for k in self._promising(length, beat):
            if values is None:
                values = self._values(length)
            for first, second, left, right in self._splits(k):
                totals = first * values[left] + second * values[right]
                at = int(np.argmax(totals))
                if totals[at] > best:
                    best = int(totals[at])
                    widths = (int(self.widths[left[at]]),) * first + (int(self.widths[right[at]]),) * second
        return Row(widths, length, best)

    def row_bound(self, length: int, best: _Density, better: FieldBounds | None = None) -> int:
        """Cells that no row of this length can exceed, unless it stays at or below the density ``best``:
        frame bounds of the fields, at the best split. ``better`` bounds replace those of the fields that decide.
        """
        room, area = self.room, self.room.u * self.room.v
        numbers = self._promising(length, best)
        if not numbers:
            return 0
        if not self.complete:
            return max(self.ceilings[k] for k in numbers) * length // area
        barnes = barnes_table(self.widths, np.array([length], dtype=np.int64), room.u, room.v)
        limit = _monotone(np.minimum(self.widths * length // area, barnes))
        while True:
            bound, deciding = 0, (0, 0)
            for k in numbers:
                total, pair = _split_bound(self.widths, limit, k, room.across(k))
                total = min(total, self.ceilings[k] * length // area)
                if total > bound:
                    bound, deciding = total, pair
            if better is None or not better.lower(self.widths, limit, length, deciding):
                return bound
            limit = _monotone(limit)

    def _promising(self, length: int, beat: _Density) -> list[int]:
        repeat, area = length * self.room.unit + self.room.overhead, self.room.u * self.room.v
        return [k for k, ceiling in self.ceilings.items() if _Density(ceiling * length // area, repeat) > beat]

    def _values(self, length: int) -> Counts:
        """3-stage counts of all widths at this length, both directions."""
        row = int(np.searchsorted(self.lengths, length))
        return np.maximum(self.across.values_at_height(length), self.along.values_of_row(row, self.share))

    def _splits(self, fields: int) -> list[tuple[int, int, Ints, Ints]]:
        """Rows of at most two different widths: how many of the first, of the second, and their indices."""
        if fields not in self.splits:
            self.splits[fields] = list(self._two_widths(fields, self.room.across(fields)))
        return self.splits[fields]

    def _two_widths(self, fields: int, total: int) -> Iterator[tuple[int, int, Ints, Ints]]:
        if fields == 1:
            fitting = np.arange(int(np.searchsorted(self.widths, total, side="right")), dtype=np.int64)
            if len(fitting):
                yield 1, 0, fitting, fitting
            return
        for first in range((fields + 1) // 2, fields):
            rest = (total - first * self.widths) // (fields - first)
            usable = np.flatnonzero(rest >= self.widths[0])
            if len(usable):
                yield (
                    first,
                    fields - first,
                    usable,
                    np.searchsorted(self.widths, rest[usable], side="right") - 1,
                )


def _near_good_rows(room: Room, points: Ints, numbers: Sequence[int]) -> Ints:
    """Of more widths than are worth trying, as those of a tiny cell are: the widest, and of the most promising
    numbers of fields those near equal shares, and near what the widest fields leave to the last one.
    """
    widest = int(points[-1])
    reaches = {widest}
    for k in numbers[:_PROMISING]:
        reaches |= {room.across(k) // k, room.across(k) - (k - 1) * widest}
    ends = {int(np.searchsorted(points, min(reach, widest), side="right")) for reach in reaches}
    share = room.most_points // len(ends)
    kept = {index for end in ends for index in range(max(0, end - share), end)}
    return points[sorted(kept)]


def _monotone(limit: Ints) -> Ints:
    """A field holds no more than any wider one may."""
    lowered: Ints = np.minimum.accumulate(limit[::-1])[::-1]
    return lowered


def _split_bound(widths: Ints, limit: Ints, fields: int, total: int) -> tuple[int, tuple[int, int]]:
    """Largest sum of ``limit`` over ``fields`` widths that sum to at most ``total``, and the two fields behind it
    (index + 1 of their widths, 0 for none); exact for one and two fields, the concave hull for more.
    """
    if fields == 1:
        fitting = int(np.searchsorted(widths, total, side="right"))
        return (int(limit[fitting - 1]), (fitting, fitting)) if fitting else (0, (0, 0))
    padded, values = np.concatenate(([0], widths)), np.concatenate(([0], limit))
    if fields == 2:
        left = padded <= total
        partner = np.searchsorted(padded, total - padded[left], side="right") - 1
        sums = values[left] + values[partner]
        at = int(np.argmax(sums))
        return int(sums[at]), (at, int(partner[at]))
    return _hull_bound(padded, values, fields, total)


def _hull_bound(x: Ints, y: Ints, fields: int, total: int) -> tuple[int, tuple[int, int]]:
    hull: list[tuple[int, int, int]] = []
    for index, (x0, y0) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        while len(hull) >= 2 and _turns_left(hull[-2][:2], hull[-1][:2], (x0, y0)):
            hull.pop()
        hull.append((x0, y0, index))
    # value of `fields` times the hull at total / fields, floored in exact integers
    for (x0, y0, i), (x1, y1, j) in pairwise(hull):
        if fields * x0 <= total <= fields * x1:
            return fields * y0 + (y1 - y0) * (total - fields * x0) // (x1 - x0), (i, j)
    return fields * hull[-1][1], (hull[-1][2], hull[-1][2])


def _turns_left(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) >= 0
