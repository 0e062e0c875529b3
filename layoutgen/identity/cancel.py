"""Do two sets of polygons cover the same? What stands in both is taken away, exactly, until nothing is left.

First polygons of one shape at one place. Then edges: how often polygons cover a place is told by where that number
changes, which is at non-horizontal edges; edges that two polygons share cancel, so merging and cutting leave
nothing. Edges are kept as their ends along the line on which they lie. All in integers; nothing is rounded.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.identity.shapes import Block, Columns, Instances, Ints, Mask, distinct, instances


@dataclass(frozen=True, slots=True)
class Rest:
    """What one mask of two layouts does not share: polygons of the first only, of the second only, of both, and
    lines (segments, k x 2 x 2) of the first and the second only.

    ``covers_same``: every place is covered as often by the one as by the other, and so are lines.
    """

    first: Columns
    second: Columns
    both: Columns
    covers_same: bool
    lines_same: bool

    @property
    def same(self) -> bool:
        return self.covers_same and self.lines_same

    @property
    def as_drawn(self) -> bool:
        """Not only the same places are covered, the polygons are the same."""
        return self.same and not self.first and not self.second


def rest_of(first: Mask, second: Mask) -> Rest:
    """Take away what two masks share."""
    a, b = instances(first.blocks), instances(second.blocks)
    only_a: Columns = {}
    only_b: Columns = {}
    both: Columns = {}
    for length in sorted({*a, *b}):
        parts = _apart(a.get(length), b.get(length))
        for found, part in zip((only_a, only_b, both), parts, strict=True):
            if part is not None and len(part):
                found[length] = part
    covers = (not only_a and not only_b) or covers_same(only_a, only_b)
    return Rest(only_a, only_b, both, covers, _line_rest(first, second))


def _apart(a: Instances | None, b: Instances | None) -> tuple[Instances | None, Instances | None, Instances | None]:
    if a is None or b is None:
        return a, b, None
    shapes, ids = distinct(np.concatenate([a.shapes, b.shapes]))
    shape = np.concatenate([ids[: len(a.shapes)][a.shape], ids[len(a.shapes) :][b.shape]])
    at = np.concatenate([a.at, b.at])
    order = np.lexsort((at[:, 0], at[:, 1], shape))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (shape[order[1:]] != shape[order[:-1]]) | (at[order[1:]] != at[order[:-1]]).any(axis=1)
    starts = fresh.nonzero()[0]
    of_a = (order < len(a)).astype(np.int64)
    counts = np.stack([np.add.reduceat(of_a, starts), np.add.reduceat(1 - of_a, starts)])
    shared = counts.min(axis=0)
    rows = order[starts]

    def times(count: Ints) -> Instances:
        chosen = np.repeat(rows, count)
        return Instances(shapes, shape[chosen], at[chosen])

    return times(counts[0] - shared), times(counts[1] - shared), times(shared)


def covers_same(first: Columns, second: Columns, *more: tuple[Columns, int]) -> bool:
    """Whether every place is covered as often by the first as by the second.

    Args:
        first: polygons.
        second: polygons.
        more: further polygons, each with how often they count as the first's.
    """
    sides = ((first, 1), (second, -1), *more)
    upright = [_upright(part, sign) for columns, sign in sides for part in columns.values()]
    slanted = [_slanted(part, sign) for columns, sign in sides for part in columns.values()]
    return not len(_summed([rows for rows in upright if len(rows)])) and not len(
        _summed([rows for rows in slanted if len(rows)])
    )


def _upright(part: Instances, sign: int) -> Ints:
    """(x, y, change) at the ends of vertical edges; the inside of a counter-clockwise polygon lies left."""
    points = part.points()
    after = np.roll(points, -1, axis=1)
    vertical = points[..., 0] == after[..., 0]
    start, end = points[vertical], after[vertical]
    return np.stack(
        [
            np.concatenate([start[:, 0], end[:, 0]]),
            np.concatenate([start[:, 1], end[:, 1]]),
            np.repeat(np.array([sign, -sign]), len(start)),
        ],
        axis=1,
    )


def _slanted(part: Instances, sign: int) -> Ints:
    """(direction x, direction y, line, y, change) at the ends of edges that are neither vertical nor horizontal."""
    upright_or_level: NDArray[np.bool_] = (part.shapes == np.roll(part.shapes, -1, axis=1)).any(axis=2)
    if upright_or_level.all():
        return np.zeros((0, 5), dtype=np.int64)
    points = part.points()
    after = np.roll(points, -1, axis=1)
    chosen = (points != after).all(axis=2)
    start, end = points[chosen], after[chosen]
    return line_events(start, end, sign)


def line_events(start: Ints, end: Ints, sign: int) -> Ints:
    """Ends of segments along their lines: (direction x, direction y, line, position, change)."""
    step = end - start
    common = np.gcd(np.abs(step[:, 0]), np.abs(step[:, 1]))
    step = step // np.maximum(common, 1)[:, None]
    upward = (step[:, 1] > 0) | ((step[:, 1] == 0) & (step[:, 0] > 0))
    direction = np.where(upward[:, None], step, -step)
    # wraps around where coordinates fill 32 bits; lines that differ still differ
    line = direction[:, 1] * start[:, 0] - direction[:, 0] * start[:, 1]
    level = direction[:, 1] == 0
    along = [np.where(level, ends[:, 0], ends[:, 1]) for ends in (start, end)]
    rows = [np.concatenate([column, column]) for column in (direction[:, 0], direction[:, 1], line)]
    change = np.repeat(np.array([sign, -sign]), len(start))
    return np.stack([*rows, np.concatenate(along), change], axis=1)


def _summed(parts: list[Ints]) -> Ints:
    """Rows whose changes at one place do not sum up to nothing."""
    if not parts:
        return np.zeros((0, 3), dtype=np.int64)
    rows = np.concatenate(parts)
    order = np.lexsort(rows[:, -2::-1].T)
    rows = rows[order]
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (rows[1:, :-1] != rows[:-1, :-1]).any(axis=1)
    starts = fresh.nonzero()[0]
    sums = np.add.reduceat(rows[:, -1], starts)
    summed: Ints = np.concatenate([rows[starts, :-1], sums[:, None]], axis=1)[sums != 0]
    return summed


def _line_rest(first: Mask, second: Mask) -> bool:
    """Whether lines without width cover the same places as often."""
    parts = [
        _segments(block, sign) for mask, sign in ((first, 1), (second, -1)) for block in mask.lines if block.count
    ]
    return not len(_summed(parts))


def _segments(block: Block, sign: int) -> Ints:
    ends = (block.points[:, None] + block.origins[None, :, None]).reshape(-1, 2, 2)
    start, end = ends[:, 0], ends[:, 1]
    swap = (end[:, 1] < start[:, 1]) | ((end[:, 1] == start[:, 1]) & (end[:, 0] < start[:, 0]))
    start, end = np.where(swap[:, None], end, start), np.where(swap[:, None], start, end)
    return line_events(start, end, sign)


def rows_of(columns: Columns) -> int:
    """How many polygons."""
    return sum(len(part) for part in columns.values())


def boxes_of(columns: Columns) -> Ints:
    """(x0, y0, x1, y1) of all polygons."""
    parts = [part.boxes() for part in columns.values()]
    return np.concatenate(parts) if parts else np.zeros((0, 4), dtype=np.int64)


Mask1d = NDArray[np.bool_]
