"""The set-packing bound: a linear programme over places for items, folded by the symmetry of the frame.

Items may start at raster points only (Scheithauer & Terno 1996): moving every item to the next such point
keeps a packing valid. No two items may cover the same point. The relaxation of this is the strongest bound
here, and it stays small, because a side is a list of index intervals, dominated points and places go, and all
places that a reflection of the frame (for squares: also a transposition) carries into one another share a
variable: averaging a solution over the symmetries changes neither its value nor its validity.
"""

from dataclasses import dataclass
from math import gcd, isqrt

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.pack.points import Ints, best_fill, normal_points
from layoutgen.tile.pack.programme import Columns, beside, columns_of, least, products

_SCALE = 10**9


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a frame: for both item sides the starts, and which raster points (rows) each interval covers."""

    starts: tuple[Ints, Ints]
    covers: tuple[NDArray[np.bool_], NDArray[np.bool_]]


def axis(length: int, u: int, v: int) -> Axis:
    """The places of items of u and v along a length that is a sum of such; dominated points are left out."""
    raster = raster_points(length, u, v)
    intervals = [places(raster, length, side) for side in (u, v)]
    rows = undominated(len(raster) - 1, intervals)[:, None]
    first, second = ((rows >= start) & (rows < end) for start, end in intervals)
    return Axis((raster[intervals[0][0]], raster[intervals[1][0]]), (first, second))


@dataclass(frozen=True, slots=True)
class Side:
    """One axis of a frame: which intervals of an item side cover which raster points.

    ``cover[k]`` is (points, intervals) for the item side k; ``weight[k]`` is how many intervals (1 or 2)
    stand behind one that is folded by reflection, ``folded[k]`` the folded cover.
    """

    folded: tuple[Ints, Ints]
    weight: tuple[Ints, Ints]


def set_packing_bound(frame: tuple[int, int], item: tuple[int, int], *, most_entries: int) -> int | None:
    """Bound on the items in the frame, or None where the programme would have more than ``most_entries``
    non-zero entries, or the solver fails.

    The solver works in floating point; its prices are rounded up to integers and the bound is computed from
    those exactly, so it is valid whatever the solver returned.
    """
    unit = gcd(*item)
    u, v = item[0] // unit, item[1] // unit
    width, height = (best_fill(side // unit, u, v) for side in frame)
    if _fewest_entries(width, height, u, v) > most_entries:
        return None
    across = _side(width, u, v)
    along = across if width == height else _side(height, u, v)
    if _entries(across, along) > most_entries:
        return None
    return _solve(across, along, square=width == height)


def _entries(across: Side, along: Side) -> int:
    full = [np.count_nonzero(across.folded[k]) * np.count_nonzero(along.folded[1 - k]) for k in (0, 1)]
    return int(sum(full))


def _fewest_entries(width: int, height: int, u: int, v: int) -> int:
    """What the entries cannot fall below, without the covers: of tiny items those fill the memory."""
    pairs = [
        [(len(places(raster, length, side)[0]) + 1) // 2 for side in (u, v)]
        for length, raster in ((length, raster_points(length, u, v)) for length in (width, height))
    ]
    return pairs[0][0] * pairs[1][1] + pairs[0][1] * pairs[1][0]


def _side(length: int, u: int, v: int) -> Side:
    folded, weight = zip(*(_fold(cover) for cover in axis(length, u, v).covers), strict=True)
    return Side((folded[0], folded[1]), (weight[0], weight[1]))


def raster_points(length: int, u: int, v: int) -> Ints:
    """Where items may start, and the end of the last one: normal points left by a distance to the far side."""
    points = normal_points(length, u, v)
    return np.unique(points[np.searchsorted(points, points[-1] - points, side="right") - 1])


def places(raster: Ints, length: int, side: int) -> tuple[Ints, Ints]:
    """Index intervals of one item side; of those that end together only the shortest."""
    starts = raster[raster + side <= length]
    first = np.searchsorted(raster, starts)
    last = np.searchsorted(raster, starts + side)
    keep = np.ones(len(first), dtype=bool)
    keep[:-1] = last[1:] > last[:-1]
    return first[keep], last[keep]


def undominated(count: int, places: list[tuple[Ints, Ints]]) -> Ints:
    """Points covered by a set of intervals that no other point's set contains: right after the last start
    before an end.
    """
    starts, ends = (set(np.concatenate([place[k] for place in places]).tolist()) for k in (0, 1))
    rows: list[int] = []
    started = False
    for point in range(count):
        started = started or point in starts
        if started and (point + 1 == count or point + 1 in ends):
            rows.append(point)
            started = False
    return np.array(rows, dtype=np.int64)


def _fold(cover: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """The cover of the first half of the points by pairs of mirrored intervals, and the size of each pair."""
    points, intervals = cover.shape
    half = (intervals + 1) // 2
    upper = cover[: (points + 1) // 2].astype(np.int64)
    folded = upper[:, :half] + upper[:, ::-1][:, :half]
    weight = np.full(half, 2, dtype=np.int64)
    if intervals % 2:
        folded[:, -1] //= 2
        weight[-1] = 1
    return folded, weight


def _solve(across: Side, along: Side, *, square: bool) -> int | None:
    first, second = (products(across.folded[k], along.folded[1 - k]) for k in (0, 1))
    if square:
        # transposition makes a turned item of a straight one: they share a variable, as (r, s) and (s, r) a row
        wide, high = (len(along.weight[1 - k]) for k in (0, 1))
        matrix = _transposed_once(first, second.taken(np.arange(high * wide).reshape(wide, high).T.ravel()))
        gain = 2 * np.kron(across.weight[0], along.weight[1])
    else:
        matrix = beside([first, second])
        gain = np.concatenate([np.kron(across.weight[k], along.weight[1 - k]) for k in (0, 1)])
    if not len(gain):
        return 0
    found = least(-gain, matrix, np.full(matrix.height, -np.inf), np.ones(matrix.height))
    return None if found is None else _exact(matrix, found.prices, gain)


def _transposed_once(first: Columns, second: Columns) -> Columns:
    """The sum of two matrices whose rows are points of a square, of two points that mirror each other the first."""
    side = isqrt(first.height)
    both = [np.concatenate(pair) for pair in ((first.rows, second.rows), (first.columns, second.columns))]
    values = np.concatenate((first.values, second.values))
    below, above = np.divmod(np.arange(first.height), side)
    kept = below <= above
    place = np.cumsum(kept) - 1
    held = kept[both[0]]
    return columns_of(int(kept.sum()), first.width, place[both[0][held]], both[1][held], values[held])


def _exact(matrix: Columns, marginals: NDArray[np.float64], gain: Ints) -> int | None:
    """Bound by weak duality in integers: with prices y, no packing exceeds sum(y) / min(price of a place)."""
    prices = np.ceil(np.maximum(-marginals, 0.0) * _SCALE - 0.5).astype(np.int64)
    # a folded place stands for 1, 2, 4 or 8 places
    paid = matrix.by_columns(prices) * (8 // gain)
    cheapest = int(paid.min())
    return 8 * int(prices.sum()) // cheapest if cheapest > 0 else None
