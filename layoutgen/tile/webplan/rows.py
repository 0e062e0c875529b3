"""Rows of scanner fields: how many, how wide and how long, for most cells on the web, gaps counted.

Lengths here are in units of the common divisor of the cell's two pitches, except those of :class:`Room`,
which are in dbu. A field's *reach* is its inflated frame: the field without one kerf.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from math import gcd

import numpy as np

from layoutgen.tile.pack.bounds import barnes_table
from layoutgen.tile.pack.points import Ints, best_fills, normal_points
from layoutgen.tile.pack.strips import Counts, strip_table
from layoutgen.tile.webplan.rowbounds import FieldBounds, SplitBound
from layoutgen.web.plan import WebFrame

_MOST_POINTS = 1500
_PROMISING = 3
_TABLE_WORK = 300_000_000
_REMEMBERED = 24


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

    def ceilings(self) -> dict[int, int]:
        """For all numbers of fields that can hold a cell each, the most promising first: most that their *used*
        reaches can sum to, as sums of cell sides."""
        narrowest = self.overhead + min(self.u, self.v) * self.unit
        if self.max_width < min(self.u, self.v):
            return {}
        numbers = range(1, (self.frame.usable + self.frame.field_gap) // narrowest + 1)
        across = [self.across(k) for k in numbers]
        widest, *sums = best_fills([self.max_width, *across], self.u, self.v)
        found = {k: min(total, k * widest) for k, total in zip(numbers, sums, strict=True)}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


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


def best_density(rooms: Sequence[Room], at_least: Fraction, most_lengths: int | None = None) -> Fraction:
    """Cells per dbu of web length of the best rows by 3-stage tables, or 0 where none beat ``at_least``.

    One row in each room, all of one length, as :func:`search_rows` and :func:`search_common_length` find them, but
    without their bounds, and a good incumbent cuts the search short. With ``most_lengths`` only that many lengths
    are looked at, those with the best bound: a density that is reached, if not always the best.
    """
    beside = _beside(tuple(rooms))
    best, found = _Density(at_least.numerator, at_least.denominator), Fraction(0)
    for length, repeat, most in islice(beside.lengths_by_promise(), most_lengths):
        if not most > best:
            break
        count = sum(row.count for row in beside.best_rows(length, best.times(repeat)))
        if _Density(count, repeat) > best:
            best, found = _Density(count, repeat), Fraction(count, repeat)
    return found


def search_rows(room: Room, keep: int, *, refine: int = 0) -> RowSearch:
    """Branch and bound over the repeat length; for each length the best row by 3-stage tables.

    Lengths are visited in the order of their area bound, until that falls below the best density found.
    ``keep`` is the number of rows wanted, ``refine`` the number of fields for which a better bound may be computed.
    """
    beside = _beside((room,))
    found: list[Row] = []
    best, limits = _Density(0, 1), [beside.limit_of_others]
    for length, repeat, most in beside.lengths_by_promise():
        if not most > best:
            break
        (row,) = beside.best_rows(length, best.times(repeat))
        best = max(best, _Density(row.count, repeat))
        limits.append(_Density(beside.bound(length, best.times(repeat)), repeat))
        found.append(row)
    bound = max([best, *_refined(beside, limits, best, refine)])
    found.sort(key=lambda row: (-row.count / (row.length * room.unit + room.overhead), row.length))
    return RowSearch(tuple(found[:keep]), bound.count, bound.length)


def search_common_length(rooms: Sequence[Room]) -> tuple[tuple[Row, ...], Fraction]:
    """One row for each room, all of one length, for most cells per length of web; and a bound on that density.

    The rooms differ in width only. The order and the end of the search are those of :func:`search_rows`.
    """
    beside = _beside(tuple(rooms))
    best, limits = _Density(0, 1), [beside.limit_of_others]
    found = tuple(Row((), 0, 0) for _ in rooms)
    for length, repeat, most in beside.lengths_by_promise():
        if not most > best:
            break
        rows = beside.best_rows(length, best.times(repeat))
        density = _Density(sum(row.count for row in rows), repeat)
        if density > best:
            best, found = density, rows
        limits.append(_Density(beside.bound(length, best.times(repeat)), repeat))
    bound = max([best, *limits])
    return found, Fraction(bound.count, bound.length)


def _refined(beside: "_RowsBeside", limits: list["_Density"], best: "_Density", work: int) -> list["_Density"]:
    """The bounds of all rows in one room, the highest of them lowered as long as there is work left."""
    (room,) = beside.rooms
    bounds = FieldBounds(room.u, room.v, work)
    lowered = list(limits)
    while bounds.work > 0:
        at = max(range(len(lowered)), key=lambda index: Fraction(lowered[index].count, lowered[index].length))
        if not lowered[at] > best:
            break
        repeat = lowered[at].length
        count = beside.bound((repeat - room.overhead) // room.unit, best.times(repeat), bounds)
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

    def times(self, length: int) -> int:
        """Cells in a length, rounded down: whoever has more there has a higher density."""
        return self.count * length // self.length


class _RowsBeside:
    """Rows of one length, one in each of several rooms that differ in width only."""

    def __init__(self, rooms: Sequence[Room]) -> None:
        self.rooms = tuple(rooms)
        room = self.rooms[0]
        self.numbers = {other: other.ceilings() for other in dict.fromkeys(self.rooms)}
        self.ceilings = {other: max(counts.values(), default=0) for other, counts in self.numbers.items()}
        self.finders: dict[Room, _RowFinder] = {}
        self.area = room.u * room.v
        lengths = normal_points(room.max_length, room.u, room.v)[1:]
        crude = sum(self.ceilings[other] for other in self.rooms) * lengths // self.area
        repeats = lengths * room.unit + room.overhead
        self.limit_of_others = _Density(0, 1)
        left_out = len(lengths) - room.most_points
        if left_out > 0:
            # a tiny cell has more lengths than are worth trying, but all of them count in the bound
            at = int(np.argmax(crude[:left_out] / repeats[:left_out]))
            self.limit_of_others = _Density(int(crude[at]), int(repeats[at]))
            lengths, crude, repeats = lengths[left_out:], crude[left_out:], repeats[left_out:]
        self.lengths, self.crude, self.repeats = lengths, crude, repeats

    def lengths_by_promise(self) -> Iterator[tuple[int, int, _Density]]:
        """(length, its repeat, area bound on its density), the highest bound first."""
        for index in np.argsort(-(self.crude / self.repeats), kind="stable").tolist():
            repeat = int(self.repeats[index])
            yield int(self.lengths[index]), repeat, _Density(int(self.crude[index]), repeat)

    def best_rows(self, length: int, more_than: int) -> tuple[Row, ...]:
        """The best row of this length in each room; rows of less count, down to none, where all together cannot
        hold more than ``more_than``.
        """
        found: dict[Room, Row] = {}
        for room in self._different():
            found[room] = self._finder(room).best_row(length, self._needed(room, length, more_than, found))
        return tuple(found.get(room, Row((), length, 0)) for room in self.rooms)

    def bound(self, length: int, more_than: int, better: FieldBounds | None = None) -> int:
        """Cells that no rows of this length can exceed, unless they hold at most ``more_than``."""
        found = 0
        for room in self._different():
            needed = self._needed(room, length, more_than, {})
            found += self.rooms.count(room) * self._finder(room).row_bound(length, needed, better)
        return found

    def _different(self) -> list[Room]:
        """Every different room that holds a field, the widest first: it leaves least to be hoped for."""
        return sorted((room for room, counts in self.numbers.items() if counts), key=lambda r: -self.ceilings[r])

    def _needed(self, room: Room, length: int, more_than: int, known: dict[Room, Row]) -> int:
        """What a room must exceed for all together to exceed ``more_than``; rooms alike hold alike."""
        others = sum(
            known[other].count if other in known else self.ceilings[other] * length // self.area
            for other in self.rooms
            if other != room
        )
        return max(0, more_than - others) // self.rooms.count(room)

    def _finder(self, room: Room) -> "_RowFinder":
        if room not in self.finders:
            self.finders[room] = _RowFinder(room, self.numbers[room], self.lengths)
        return self.finders[room]


@lru_cache(maxsize=_REMEMBERED)
def _beside(rooms: tuple[Room, ...]) -> _RowsBeside:
    """The tables of the cells that were asked for last: one is asked for again to do better, and to be planned."""
    return _RowsBeside(rooms)


class _RowFinder:
    """Tables shared by all lengths of one cell size in one room."""

    def __init__(self, room: Room, ceilings: dict[int, int], lengths: Ints) -> None:
        self.room, self.lengths = room, lengths
        self.ceilings = ceilings
        points = normal_points(room.max_width, room.u, room.v)[1:]
        self.complete = len(points) <= room.most_points
        self.widths = points if self.complete else _near_good_rows(room, points, tuple(ceilings))
        self.across = strip_table(self.widths, room.u, room.v, room.max_length)
        self.along = strip_table(lengths, room.v, room.u, room.max_width)
        self.share = self.along.split(self.widths)
        self.splits: dict[int, list[tuple[int, int, Ints, Ints]]] = {}

    def best_row(self, length: int, more_than: int) -> Row:
        """The best row of this length; numbers of fields that cannot hold more than so many are left out."""
        values: Counts | None = None
        best = 0
        widths: tuple[int, ...] = ()
        for k in self._promising(length, more_than):
            if values is None:
                values = self._values(length)
            for first, second, left, right in self._splits(k):
                totals = first * values[left] + second * values[right]
                at = int(np.argmax(totals))
                if totals[at] > best:
                    best = int(totals[at])
                    widths = (int(self.widths[left[at]]),) * first + (int(self.widths[right[at]]),) * second
        return Row(widths, length, best)

    def row_bound(self, length: int, more_than: int, better: FieldBounds | None = None) -> int:
        """Cells that no row of this length can exceed, unless it holds at most ``more_than``: frame bounds of the
        fields, at the best split. ``better`` bounds replace those of the fields that decide.
        """
        room, area = self.room, self.room.u * self.room.v
        numbers = self._promising(length, more_than)
        if not numbers:
            return 0
        if not self.complete:
            return max(self.ceilings[k] for k in numbers) * length // area
        barnes = barnes_table(self.widths, np.array([length], dtype=np.int64), room.u, room.v)
        limit = _monotone(np.minimum(self.widths * length // area, barnes))
        while True:
            bound, deciding = 0, (0, 0)
            splits = SplitBound(self.widths, limit)
            # the most promising numbers come first, so that the rest need not be looked at
            for k in numbers:
                most = self.ceilings[k] * length // area
                if most <= bound:
                    break
                total, pair = splits(k, room.across(k))
                if min(total, most) > bound:
                    bound, deciding = min(total, most), pair
            if better is None or not better.lower(self.widths, limit, length, deciding):
                return bound
            limit = _monotone(limit)

    def _promising(self, length: int, more_than: int) -> list[int]:
        area = self.room.u * self.room.v
        return [k for k, ceiling in self.ceilings.items() if ceiling * length // area > more_than]

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
