"""Cells pushed apart until none overlaps: room for one more that no row has.

A start has more cells than were packed, some of them in each other's way. Every pair that overlaps is pushed apart
along the shortest way, as the clearances in four directions and their slopes tell it, and cells stay in the frame.
Sums run in a fixed order, so the same start ends in the same places everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.outline.cell import Packed
from layoutgen.tile.outline.envelope import NONE, Floats
from layoutgen.tile.outline.model import Place

Ints = NDArray[np.int64]
_SAMPLES = 1024
MARGIN_DBU = 1_000
"""Relaxed cells keep so much more than they must, so what is left of an overlap does not matter."""


@dataclass(frozen=True)
class Pushes:
    """Tables of the clearances between any two turns, up and to the right, and of their slopes."""

    cell: Packed

    @cached_property
    def wide(self) -> Packed:
        return Packed(self.cell.outline, self.cell.distance + MARGIN_DBU, self.cell.turns)

    @cached_property
    def reach(self) -> float:
        sizes = [side for size in self.wide.sizes.values() for side in size]
        return float(max(sizes) + self.wide.distance + 4)

    @cached_property
    def offsets(self) -> Floats:
        return np.linspace(-self.reach, self.reach, 2 * _SAMPLES + 1)

    @cached_property
    def tables(self) -> tuple[Floats, Floats]:
        """For (first turn, second turn, offset): how far the second stands above the first, and after it."""
        turns = self.wide.turns
        up = np.array([[self.wide.above(a, b, self.offsets) for b in turns] for a in turns])
        right = np.array([[self.wide.beside(a, b, self.offsets) for b in turns] for a in turns])
        return up, right

    def between(self, a: Ints, b: Ints, dx: Floats, dy: Floats) -> tuple[Floats, Floats, Floats]:
        """How deep the second overlaps the first (0 or less: not at all), and the unit vector that frees it."""
        up, right = self.tables
        best = np.full(len(dx), np.inf)
        nx, ny = np.zeros(len(dx)), np.zeros(len(dx))
        for table, first, second, offset, height, vertical, sign in (
            (up, a, b, dx, dy, True, 1.0),
            (up, b, a, -dx, -dy, True, -1.0),
            (right, a, b, dy, dx, False, 1.0),
            (right, b, a, -dy, -dx, False, -1.0),
        ):
            limit, slope = self._look(table, first, second, offset)
            depth = limit - height
            along = 1.0 / np.sqrt(1.0 + slope * slope)
            depth *= along
            nearer = depth < best
            best = np.where(nearer, depth, best)
            # offsets of the reversed pair run the other way, so both components change their sign
            u, v = -slope * along * sign, along * sign
            nx = np.where(nearer, u if vertical else v, nx)
            ny = np.where(nearer, v if vertical else u, ny)
        return best, nx, ny

    def _look(self, table: Floats, a: Ints, b: Ints, offset: Floats) -> tuple[Floats, Floats]:
        step = self.reach / _SAMPLES
        at = np.clip((offset + self.reach) / step, 0.0, 2 * _SAMPLES - 1e-6)
        index = at.astype(np.int64)
        low, high = table[a, b, index], table[a, b, index + 1]
        jump = (low <= NONE / 2) | (high <= NONE / 2)
        slope = np.where(jump, 0.0, (high - low) / step)
        # between the last sample at which they face each other and the next one, the other direction tells
        value = np.where(jump, np.maximum(low, high), low + (at - index) * (high - low))
        return value, slope


class Relaxation:
    """Cells in a frame with their places as they move."""

    def __init__(self, pushes: Pushes, places: Sequence[Place], size: tuple[int, int]) -> None:
        self.pushes = pushes
        turns = pushes.wide.turns
        self.kind = np.array([turns.index(turn) for turn, _, _ in places], dtype=np.int64)
        self.x = np.array([x for _, x, _ in places], dtype=np.float64)
        self.y = np.array([y for _, _, y in places], dtype=np.float64)
        sizes = np.array([pushes.wide.sizes[turn] for turn in turns], dtype=np.float64)
        self.limit_x = size[0] - sizes[self.kind, 0]
        self.limit_y = size[1] - sizes[self.kind, 1]
        self.size = size
        self._pairs()

    def _pairs(self) -> None:
        """Pairs that may meet before the list is made again."""
        reach = self.pushes.reach * 1.08
        order = np.argsort(self.y, kind="stable")
        y = self.y[order]
        ends = np.searchsorted(y, y + reach, side="right")
        counts = ends - np.arange(len(y)) - 1
        first = np.repeat(np.arange(len(y)), counts)
        second = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts) + first + 1
        i, j = order[first], order[second]
        near = np.abs(self.x[i] - self.x[j]) < reach
        self.i, self.j = i[near], j[near]

    def run(self, steps: int, *, depth: float = MARGIN_DBU * 0.8) -> bool:
        """Push until nothing overlaps by more than a depth; False where that does not come about."""
        count = len(self.x)
        vx, vy = np.zeros(count), np.zeros(count)
        best, since = np.inf, 0
        for step in range(steps):
            if step % 10 == 0:
                self._pairs()
            deep, nx, ny = self.pushes.between(
                self.kind[self.i],
                self.kind[self.j],
                self.x[self.j] - self.x[self.i],
                self.y[self.j] - self.y[self.i],
            )
            meet = deep > 0
            d = deep[meet]
            worst = float(d.max()) if len(d) else 0.0
            if worst <= depth:
                return True
            total = float(np.add.reduce(d))
            if total < best * 0.999:
                best, since = total, 0
            else:
                since += 1
                if since > 120:
                    return False
            i, j, px, py = self.i[meet], self.j[meet], d * nx[meet], d * ny[meet]
            fx = np.bincount(j, px, count) - np.bincount(i, px, count)
            fy = np.bincount(j, py, count) - np.bincount(i, py, count)
            vx, vy = 0.9 * vx + 0.12 * fx, 0.9 * vy + 0.12 * fy
            self.x = np.clip(self.x + vx, 0.0, self.limit_x)
            self.y = np.clip(self.y + vy, 0.0, self.limit_y)
        return False

    def places(self) -> list[Place]:
        turns = self.pushes.wide.turns
        rounded = zip(self.kind.tolist(), np.rint(self.x).tolist(), np.rint(self.y).tolist(), strict=True)
        return [(turns[k], int(x), int(y)) for k, x, y in rounded]

    def holes(self, number: int) -> list[Place]:
        """Where one more cell overlaps others least, places well apart."""
        pushes = self.pushes
        found: list[tuple[float, Place]] = []
        for k, turn in enumerate(pushes.wide.turns):
            w, h = pushes.wide.sizes[turn]
            xs = np.linspace(0, self.size[0] - w, max(2, int(4 * self.size[0] / min(w, h))))
            ys = np.linspace(0, self.size[1] - h, max(2, int(4 * self.size[1] / min(w, h))))
            cost = np.zeros((len(xs), len(ys)))
            for index in range(len(self.x)):
                near_x = np.flatnonzero(np.abs(xs - self.x[index]) < pushes.reach)
                near_y = np.flatnonzero(np.abs(ys - self.y[index]) < pushes.reach)
                if not len(near_x) or not len(near_y):
                    continue
                gx, gy = np.meshgrid(xs[near_x] - self.x[index], ys[near_y] - self.y[index], indexing="ij")
                number_of = gx.size
                deep, _, _ = pushes.between(
                    np.full(number_of, self.kind[index]), np.full(number_of, k), gx.ravel(), gy.ravel()
                )
                cost[np.ix_(near_x, near_y)] += np.maximum(deep, 0.0).reshape(gx.shape)
            for at in np.argsort(cost, axis=None, kind="stable")[: 12 * number].tolist():
                a, b = divmod(at, len(ys))
                found.append((float(cost[a, b]), (turn, round(xs[a]), round(ys[b]))))
        found.sort()
        kept: list[Place] = []
        for _, place in found:
            if all(abs(place[1] - o[1]) + abs(place[2] - o[2]) > pushes.reach / 4 for o in kept):
                kept.append(place)
                if len(kept) == number:
                    break
        return kept
