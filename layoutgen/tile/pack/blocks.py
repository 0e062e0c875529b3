"""Five-block packings at all depths, as one table over the sizes that sums of item sides can reach.

A rectangle is cut in two (guillotine) or into five blocks around a centre (pinwheel; Morabito & Morales
1998), and each block again. Cuts stand at raster points (Scheithauer & Terno 1996). Values start from the
3-stage table, so a rectangle whose value meets its bound is never opened. Work is counted in table elements
looked at.
"""

from dataclasses import dataclass

import numpy as np

from layoutgen.tile.pack.bounds import LineBound, barnes_table
from layoutgen.tile.pack.points import Ints, best_fill, normal_points
from layoutgen.tile.pack.strips import Counts, strip_blocks, strip_table
from layoutgen.web.plan import Block

MAX_POINTS = 2200
_DIRECT = 250_000
_CALL = 2_000
_CANDIDATE = 1_500
_CHUNK = 2_000_000

Cut = tuple[int, int, int, int]


@dataclass(slots=True)
class Budget:
    """Steps left; deterministic, unlike time."""

    steps: int

    def spend(self, steps: int) -> None:
        self.steps -= steps

    @property
    def spent(self) -> bool:
        return self.steps <= 0


def table_points(frame: tuple[int, int], item: tuple[int, int]) -> int:
    """About how many points the table of this frame has, at most, without building it."""
    longest = max(frame)
    return min(longest + 1, (longest // item[0] + 1) * (longest // item[1] + 2) // 2)


class BlockTable:
    """Best known counts of all rectangles ``points[i] x points[j]`` up to the frame (longer side first)."""

    def __init__(self, frame: tuple[int, int], item: tuple[int, int]) -> None:
        self.u, self.v = item
        self.area = self.u * self.v
        long, short = sorted((best_fill(side, *item) for side in frame), reverse=True)
        self.turned = best_fill(frame[0], *item) < best_fill(frame[1], *item)
        self.points = normal_points(long, *item)
        self.top = len(self.points) - 1, int(np.searchsorted(self.points, short))
        self.values = _three_stage(self.points, *item)
        self.first = self.values.copy()
        gaps = self.points[:, None] - self.points[None, :]
        self.difference = _index_below(self.points, gaps)
        sides = self.points[:, None], self.points[None, :]
        self.bounds = np.minimum(sides[0] * sides[1] // self.area, barnes_table(*sides, *item))
        self.lines = LineBound(*item)
        self.cuts: dict[tuple[int, int], Cut] = {}
        self.cut_values: dict[tuple[int, int], int] = {}
        self.rasters: dict[int, Ints] = {}

    @property
    def count(self) -> int:
        return int(self.values[self.top])

    def raster(self, i: int) -> Ints:
        """Indices of the cuts worth trying in a side ``points[i]``, both ends included."""
        if i not in self.rasters:
            self.rasters[i] = np.unique(self.difference[i, : i + 1])
        return self.rasters[i]

    def bound(self, i: int, j: int) -> int:
        """Bound of one rectangle, refined on demand."""
        if self.values[i, j] < self.bounds[i, j]:
            lines = self.lines(int(self.points[i]), int(self.points[j]))
            self.bounds[i, j] = self.bounds[j, i] = min(int(self.bounds[i, j]), lines)
        return int(self.bounds[i, j])

    def open_top(self, budget: Budget) -> int:
        """One pinwheel in the whole frame, its blocks by the values so far."""
        return self._open(*self.top, budget)

    def fill(self, budget: Budget, most_steps: int) -> int:
        """All rectangles from small to large; a pinwheel only where it takes at most ``most_steps``.

        A rectangle that beats its 3-stage value is handed on to every rectangle that a cut can make from it.
        """
        for i in range(1, self.top[0] + 1):
            if budget.spent:
                break
            self._fill_row(i, budget, most_steps)
        return self.count

    def _fill_row(self, i: int, budget: Budget, most_steps: int) -> None:
        highest = min(i, self.top[1])
        opened = self._opened_up_to(i, highest, most_steps)
        row = self.values[i, : highest + 1]
        parts = self._side_by_side(i, highest, budget)
        small = np.zeros(highest + 1, dtype=bool)
        small[: opened + 1] = True
        start = 1
        while not budget.spent:
            # what has come from above one another is handed on already; the rest is news
            wanted = parts[start:] > row[start:]
            wanted |= small[start:] & (row[start:] < self.bounds[i, start : highest + 1])
            ahead = int(wanted.argmax()) if len(wanted) else 0
            if not len(wanted) or not wanted[ahead]:
                break
            start += ahead
            before = int(row[start])
            row[start] = max(before, int(parts[start]))
            if small[start] and row[start] < self.bound(i, start):
                self._open(i, start, budget)
            if row[start] > before:
                self._hand_on(row, start, budget)
            start += 1
        self.values[: highest + 1, i] = row

    def _side_by_side(self, i: int, highest: int, budget: Budget) -> Counts:
        """Best of two rectangles side by side for the heights up to ``highest``."""
        cuts = self.raster(i)
        cuts = cuts[cuts <= self.difference[i, cuts]][1:]
        best: Counts = self.values[i, : highest + 1].copy()
        budget.spend(len(cuts) * highest + _CALL)
        for chunk in range(0, len(cuts), 64):
            left = cuts[chunk : chunk + 64]
            pair = self.values[left, : highest + 1] + self.values[self.difference[i, left], : highest + 1]
            np.maximum(best, pair.max(axis=0), out=best)
        return best

    def _hand_on(self, row: Counts, j: int, budget: Budget) -> None:
        """Put rectangles of height ``points[j]`` below others of the same width, as often as they fit."""
        rest = self.difference[j : len(row), j]
        while True:
            budget.spend(len(rest) + 100)
            stacked = np.maximum(row[j:], row[j] + row[rest])
            if np.array_equal(stacked, row[j:]):
                return
            row[j:] = stacked

    def _opened_up_to(self, i: int, highest: int, most_steps: int) -> int:
        """Largest j whose pinwheel stays within the steps; rasters grow with the side."""
        while highest and self._steps(i, highest) > most_steps:
            highest //= 2
        return highest

    def _steps(self, i: int, j: int) -> int:
        across, along = len(self.raster(i)), len(self.raster(j))
        return across * across * along * along // 8

    def _open(self, i: int, j: int, budget: Budget) -> int:
        if self._steps(i, j) <= _DIRECT:
            count, cut = self._pinwheel_direct(i, j, budget)
        else:
            count, cut = self._pinwheel_by_waste(i, j, budget)
        if cut is not None and count > self.values[i, j]:
            self.values[i, j] = self.values[j, i] = count
            self.cuts[i, j] = cut
            self.cut_values[i, j] = count
        return int(self.values[i, j])

    def _pinwheel_direct(self, i: int, j: int, budget: Budget) -> tuple[int, Cut | None]:
        values, difference = self.values, self.difference
        across, along = self.raster(i)[1:-1], self.raster(j)[1:-1]
        p, q = np.triu_indices(len(across), 1)
        x1, x2 = across[p], across[q]
        half = self.points[x1] + self.points[x2] <= self.points[i]
        x1, x2 = x1[half], x2[half]
        c, d = np.triu_indices(len(along), 1)
        if not len(x1) or not len(c):
            return 0, None
        rest = difference[j, along]
        lower = values[x1[:, None], rest] + values[x2[:, None], along]
        upper = values[difference[i, x1][:, None], rest] + values[difference[i, x2][:, None], along]
        wide, high = difference[x2, x1], difference[along[d], along[c]]
        total = lower[:, c] + upper[:, d] + values[wide[:, None], high]
        budget.spend(total.size + _CALL)
        at, cut = divmod(int(np.argmax(total)), len(c))
        return int(total[at, cut]), (int(x1[at]), int(x2[at]), int(along[c[cut]]), int(along[d[cut]]))

    def _pinwheel_by_waste(self, i: int, j: int, budget: Budget) -> tuple[int, Cut | None]:
        """As above, but only through blocks whose wasted area leaves room for one item more than known."""
        search = _WasteSearch(self, i, j)
        best, found = int(self.values[i, j]), None
        while best < self.bound(i, j) and not budget.spent:
            cut = search.find(best + 1, budget)
            if cut is None:
                break
            found = cut
            best = self._five(i, j, cut)
        return best, found

    def _five(self, i: int, j: int, cut: Cut) -> int:
        return sum(int(self.values[a, b]) for _, _, a, b in self._parts(i, j, cut))

    def _parts(self, i: int, j: int, cut: Cut) -> list[tuple[int, int, int, int]]:
        """The five blocks of a pinwheel: corner (in lengths) and indices of their sides."""
        x1, x2, y1, y2 = cut
        at, minus = self.points, self.difference
        return [
            (0, 0, x2, y1),
            (int(at[x2]), 0, int(minus[i, x2]), y2),
            (int(at[x1]), int(at[y2]), int(minus[i, x1]), int(minus[j, y2])),
            (0, int(at[y1]), x1, int(minus[j, y1])),
            (int(at[x1]), int(at[y1]), int(minus[x2, x1]), int(minus[y2, y1])),
        ]

    def blocks(self) -> tuple[Block, ...]:
        """The packing behind `count`, in frame coordinates."""
        found = self.blocks_of(*self.top)
        return transposed(found) if self.turned else found

    def blocks_of(self, i: int, j: int) -> tuple[Block, ...]:
        """The packing behind ``values[i, j]``: i across, j along."""
        if not i or not j or not self.values[i, j]:
            return ()
        if i < j:
            return transposed(self.blocks_of(j, i))
        if self.cut_values.get((i, j)) == self.values[i, j]:
            parts = self._parts(i, j, self.cuts[i, j])
        elif self.values[i, j] == self.first[i, j]:
            return self._strips(i, j)
        else:
            parts = self._two_parts(i, j)
        return tuple(block for x, y, a, b in parts for block in moved(self.blocks_of(a, b), x, y))

    def _strips(self, i: int, j: int) -> tuple[Block, ...]:
        size = int(self.points[i]), int(self.points[j])
        straight = strip_blocks(size, self.u, self.v)
        if sum(block.count for block in straight) == self.values[i, j]:
            return straight
        return transposed(strip_blocks((size[1], size[0]), self.u, self.v))

    def _two_parts(self, i: int, j: int) -> list[tuple[int, int, int, int]]:
        want = self.values[i, j]
        x = np.arange(1, i)
        found = np.flatnonzero(self.values[x, j] + self.values[self.difference[i, x], j] >= want)
        if len(found):
            at = int(x[found[0]])
            return [(0, 0, at, j), (int(self.points[at]), 0, int(self.difference[i, at]), j)]
        y = np.arange(1, j)
        found = np.flatnonzero(self.values[i, y] + self.values[i, self.difference[j, y]] >= want)
        if len(found):
            at = int(y[found[0]])
            return [(0, 0, i, at), (0, int(self.points[at]), i, int(self.difference[j, at]))]
        message = "a value of the table has no packing behind it"
        raise AssertionError(message)


class _WasteSearch:
    """Pinwheels of one rectangle within a budget of wasted area."""

    def __init__(self, table: BlockTable, i: int, j: int) -> None:
        self.table, self.i, self.j = table, i, j
        self.x, self.y = table.raster(i)[1:-1], table.raster(j)[1:-1]
        points, minus = table.points, table.difference
        x, y = points[self.x][:, None], points[self.y][None, :]
        width, height = points[i], points[j]
        self.bottom = x * y - self._used(self.x, self.y)
        self.left = x * (height - y) - self._used(self.x, minus[j, self.y])
        self.right = (width - x) * y - self._used(minus[i, self.x], self.y)
        self.upper = (width - x) * (height - y) - self._used(minus[i, self.x], minus[j, self.y])

    def _used(self, a: Ints, b: Ints) -> Ints:
        used: Ints = self.table.values[a[:, None], b[None, :]].astype(np.int64) * self.table.area
        return used

    def find(self, target: int, budget: Budget) -> Cut | None:
        """A pinwheel with at least ``target`` items; the left block wastes no more than the right one, since
        a half turn swaps them.
        """
        table = self.table
        room = int(table.points[self.i] * table.points[self.j]) - target * table.area
        later_x = _suffix_minimum(self.bottom)
        later_y = _suffix_minimum(self.upper.T).T
        least = 2 * self.left + later_x + later_y
        budget.spend(least.size + _CALL)
        affordable = max(0, budget.steps) // _CANDIDATE + 1
        for at in np.flatnonzero(least <= room)[:affordable].tolist():
            a, b = divmod(at, least.shape[1])
            cut = self._complete(a, b, room, budget)
            if cut is not None or budget.spent:
                return cut
        return None

    def _complete(self, a: int, b: int, room: int, budget: Budget) -> Cut | None:
        table, left = self.table, self.left[a, b]
        x2 = a + 1 + np.flatnonzero(self.bottom[a + 1 :, b] <= room - 2 * left)
        y2 = b + 1 + np.flatnonzero(self.upper[a, b + 1 :] <= room - 2 * left)
        budget.spend(len(x2) * len(y2) + _CANDIDATE)
        if not len(x2) or not len(y2):
            return None
        waste = left + self.bottom[x2, b][:, None] + self.upper[a, y2] + self.right[x2[:, None], y2]
        if waste.min() > room:
            return None
        points, minus = table.points, table.difference
        wide, high = points[self.x[x2]] - points[self.x[a]], points[self.y[y2]] - points[self.y[b]]
        count = table.values[minus[self.x[x2], self.x[a]][:, None], minus[self.y[y2], self.y[b]][None, :]]
        waste += wide[:, None] * high - count.astype(np.int64) * table.area
        at = int(np.argmin(waste))
        if waste.flat[at] > room:
            return None
        p, q = divmod(at, len(y2))
        return int(self.x[a]), int(self.x[x2[p]]), int(self.y[b]), int(self.y[y2[q]])


def _index_below(points: Ints, lengths: Ints) -> Ints:
    """Index of the largest point of at most each length, 0 where there is none."""
    if points[-1] < 4_000_000:
        # a table over all lengths beats searching
        last = np.searchsorted(points, np.arange(int(points[-1]) + 1), side="right") - 1
        return last[np.maximum(lengths, 0)]
    return np.maximum(np.searchsorted(points, lengths, side="right") - 1, 0)


def _suffix_minimum(table: Ints) -> Ints:
    """Along the first axis, the least of the rows strictly after each one."""
    after = np.full_like(table, np.iinfo(np.int64).max // 8)
    if len(table) > 1:
        after[:-1] = np.minimum.accumulate(table[:0:-1], axis=0)[::-1]
    return after


def _three_stage(points: Ints, u: int, v: int) -> Counts:
    sizes = points[1:]
    table = strip_table(sizes, u, v, int(points[-1]))
    share = table.split(sizes)
    values = np.zeros((len(points), len(points)), dtype=np.int32)
    for row in range(len(sizes)):
        values[row + 1, 1:] = table.values_of_row(row, share)
    return np.maximum(values, values.T)


def moved(blocks: tuple[Block, ...], x: int, y: int) -> tuple[Block, ...]:
    return tuple(Block(b.x + x, b.y + y, b.columns, b.rows, b.rotated) for b in blocks)


def transposed(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Blocks mirrored at the diagonal; the item keeps its sides, so its orientation changes."""
    return tuple(Block(b.y, b.x, b.rows, b.columns, not b.rotated) for b in blocks)
