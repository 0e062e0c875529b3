"""Rows of a given length, and the stacks of rows that hold most cells for each height.

F[count, last two rows] is the least height, so one table answers for every height at once. Rows that are not
neighbours may meet where rows nest deeply: two rows back is part of the state, and every stack is placed again
against all rows below before it is believed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.outline.cell import Packed
from layoutgen.tile.outline.envelope import NONE, Floats
from layoutgen.tile.outline.model import Place
from layoutgen.tile.outline.motifs import Family, Motif, exact_rise, meeting_shifts, singles

Ints = NDArray[np.int64]
_PHASES = 6
_NARROW = 0.5
"""Stacks that begin their last row farther up than this part of the way to the top of the lowest lead nowhere."""


@dataclass(frozen=True)
class Row:
    """A row in a frame: cells (turn, x, y) with y from the row's own zero, and how high the row reaches."""

    cells: tuple[Place, ...]
    low: int
    top: int

    @property
    def count(self) -> int:
        return len(self.cells)


def row_of(cell: Packed, motif: Motif, phase: int, length: int) -> Row | None:
    """All cells of a row without end, shifted by a phase, that lie within a length; None where there are none."""
    cells: list[Place] = []
    for turn, along, across in motif.cells:
        first = (phase + along) % motif.pitch
        room = length - cell.sizes[turn][0] - first
        cells += [
            (turn, first + k * motif.pitch, across) for k in range(room // motif.pitch + 1 if room >= 0 else 0)
        ]
    if not cells:
        return None
    low = min(y for _, _, y in cells)
    top = max(y + cell.sizes[turn][1] for turn, _, y in cells)
    return Row(tuple(sorted(cells, key=lambda place: (place[1], place[2]))), low, top)


def variants(cell: Packed, family: Family, length: int) -> list[Family]:
    """A family as it is, and with its pitch stretched so that one cell fewer, or just as many, fill the length."""
    motif = family.motif
    first, last = motif.cells[0], motif.cells[-1]
    found = [family]
    share = family.shift / motif.pitch
    for lead in sorted({0.0, share, 1 - share, 0.5}):
        for end, extra in ((last, 0), (first, 0)) if motif.count == 2 else ((first, 0),):
            free = length - cell.sizes[end[0]][0] - end[1]
            steps = free / motif.pitch - lead
            for k in (int(steps), int(steps) - 1):
                if k < 1 or k + lead <= 0:
                    continue
                pitch = int(free / (k + lead)) - extra
                if motif.pitch < pitch <= 1.35 * motif.pitch:
                    found.append(stretched(cell, family, pitch))
    unique: dict[tuple[int, int], Family] = {}
    for each in found:
        unique.setdefault((each.motif.pitch, each.shift), each)
    return list(unique.values())


def stretched(cell: Packed, family: Family, pitch: int) -> Family:
    motif = family.motif
    cells = motif.cells
    if motif.count == 2:
        cells = (cells[0], (cells[1][0], cells[1][1] + (pitch - motif.pitch) // 2, cells[1][2]))
    best: Family | None = None
    for shift in dict.fromkeys((round(family.shift / motif.pitch * pitch), family.shift, pitch // 2)):
        other = replace(family, motif=Motif(cells, pitch), shift=shift % pitch)
        other = replace(other, rise=exact_rise(cell, other))
        if best is None or other.rise < best.rise:
            best = other
    return best or family


def stacked(cell: Packed, family: Family, length: int, height: int) -> float:
    """Cells of a family alone in a frame; what is left of the height counts as a part of a row."""
    best = 0.0
    for back in range(3):
        start = -back * family.shift
        heights = height - (family.motif.top(cell) - family.motif.low)
        if heights < 0:
            return 0.0
        rows = heights / family.rise
        number = int(rows) + 1
        total, mean = 0, 0.0
        counts: dict[int, int] = {}
        for index in range(number):
            phase = (start + family.shift * (index % 2 if family.zigzag else index)) % family.motif.pitch
            if phase not in counts:
                row = row_of(cell, family.motif, phase, length)
                counts[phase] = row.count if row else 0
            total += counts[phase]
        mean = total / number
        best = max(best, total + 0.5 * mean * (rows - int(rows)))
    return best


def row_types(cell: Packed, chosen: Iterable[Family], length: int, most: int) -> list[Row]:
    """Rows at the phases that the families go through, rows of single cells, and pairs taken apart."""
    found: dict[tuple[Place, ...], Row] = {}

    def add(motif: Motif, phase: int) -> None:
        row = row_of(cell, motif, phase % motif.pitch, length)
        if row is not None and len(found) < most:
            lifted = Row(tuple((t, x, y - row.low) for t, x, y in row.cells), 0, row.top - row.low)
            found.setdefault(lifted.cells, lifted)

    for motif in singles(cell):
        room = length - cell.sizes[motif.cells[0][0]][0]
        if room >= 0:
            add(motif, 0)
            add(motif, room)
    for family in chosen:
        motif = family.motif
        for k in (0, 1, -1):
            add(motif, k * family.shift)
        if motif.count == 1:
            for turn in cell.turns:
                other = Motif(((turn, 0, 0),), motif.pitch)
                if turn != motif.cells[0][0] and cell.beside(turn, turn, np.zeros(1))[0] <= motif.pitch:
                    for shift in meeting_shifts(cell, motif, other, 2):
                        add(other, shift)
                    for shift in meeting_shifts(cell, other, motif, 2):
                        add(other, -shift)
        # pushed to the far end, with as many cells
        first = row_of(cell, motif, 0, length)
        if first is not None:
            add(motif, length - max(x + cell.sizes[turn][0] for turn, x, _ in first.cells))
        if motif.count == 2:
            (a, _, _), (b, along, _) = motif.cells
            for k in (0, 1):
                add(Motif(((a, 0, 0),), motif.pitch), k * family.shift)
                add(Motif(((b, 0, 0),), motif.pitch), along + k * family.shift)
    return list(found.values())


def steps_between(cell: Packed, rows: Sequence[Row], *, exact: bool) -> Floats:
    """How far each row must stand above each other one; NONE where they never meet."""
    count = len(rows)
    arrays = [
        {
            turn: np.array([c[1:] for c in row.cells if c[0] == turn], dtype=np.float64).reshape(-1, 2)
            for turn in cell.turns
        }
        for row in rows
    ]
    best = np.full((count, count), NONE)
    for a in cell.turns:
        for b in cell.turns:
            asked: list[Floats] = []
            rises: list[Floats] = []
            owner: list[tuple[int, int, int]] = []
            for i in range(count):
                lower = arrays[i][a]
                for j in range(count):
                    upper = arrays[j][b]
                    if not len(lower) or not len(upper):
                        continue
                    dx = upper[None, :, 0] - lower[:, 0, None]
                    near = np.abs(dx) < cell.reach
                    dy = (lower[:, 1, None] - upper[None, :, 1])[near]
                    dx = dx[near]
                    if len(dx):
                        both = np.unique(np.stack([dx, dy], axis=1), axis=0)
                        asked.append(both[:, 0])
                        rises.append(both[:, 1])
                        owner.append((i, j, len(both)))
            if not asked:
                continue
            offsets, where = np.unique(np.concatenate(asked), return_inverse=True)
            above = cell.above if exact else cell.roughly_above
            values = np.concatenate(
                [above(a, b, part) for part in np.array_split(offsets, len(offsets) // 2000 + 1)]
            )
            values = values[where]
            values = np.where(values > NONE / 2, values + np.concatenate(rises), NONE)
            at = 0
            for i, j, number in owner:
                best[i, j] = max(best[i, j], values[at : at + number].max())
                at += number
    return best


@dataclass(frozen=True)
class Stack:
    """Rows one above the other: (row, y of its zero)."""

    rows: tuple[tuple[int, int], ...]
    count: int
    height: int


class StackTable:
    """Least heights for every count of cells, of rows of one length."""

    def __init__(self, cell: Packed, rows: Sequence[Row], height: int, *, exact: bool = False) -> None:
        self.cell, self.rows, self.height = cell, list(rows), height
        self.steps = np.ceil(steps_between(cell, rows, exact=exact))
        self.counts = np.array([row.count for row in rows], dtype=np.int64)
        self.lows = np.array([-row.low for row in rows], dtype=np.float64)
        self.tops = np.array([row.top for row in rows], dtype=np.float64)
        self.slack = float(cell.distance + np.max(self.lows))
        self._fill()

    def _fill(self) -> None:
        """States are (row before, last row); the row before of a first row is itself, far below."""
        self.layers: dict[int, Floats] = {}
        self.gaps: dict[int, Floats] = {}
        self.back: dict[int, Ints] = {}
        self.wide: dict[int, Floats] = {}
        for j, (count, low) in enumerate(zip(self.counts.tolist(), self.lows.tolist(), strict=True)):
            layer = self._layer(count)
            if low < layer[j, j]:
                layer[j, j], self.gaps[count][j, j] = low, inf
        groups = [(int(n), np.flatnonzero(self.counts == n)) for n in np.unique(self.counts)]
        done = -1
        while True:
            total = min((t for t in self.layers if t > done), default=None)
            if total is None:
                break
            done = total
            self._grow(total, groups)

    def _grow(self, total: int, groups: Sequence[tuple[int, Ints]]) -> None:
        """Put every row on every stack of so many cells."""
        layer, gap = self.layers[total], self.gaps[total]
        heights = layer + self.tops[None, :]
        # a stack that begins its last row above the whole of another leads nowhere
        lowest = float(np.min(heights))
        least = float(np.min(layer))
        live = (heights <= self.height) & (layer <= least + _NARROW * (lowest - least) + self.slack)
        if not live.any():
            return
        i, j = np.flatnonzero(live.any(axis=1)), np.flatnonzero(live.any(axis=0))
        part = np.ix_(i, j)
        y = np.where(live[part], layer[part], inf)
        g = np.where(live[part], gap[part], inf)
        # the row before both, as far as this state remembers it
        h, w = self.back[total][part], self.wide[total][part]
        rise = np.maximum(self.steps[j][None], self.steps[i][:, None] - g[:, :, None])
        rise = np.maximum(rise, self.steps[h] - w[:, :, None])
        place = y[:, :, None] + np.maximum(rise, 0.0)
        best = np.argmin(place, axis=0)
        value = np.take_along_axis(place, best[None], axis=0)[0]
        value[value + self.tops > self.height] = inf
        column = np.arange(len(j))[:, None]
        step = value - np.where(np.isfinite(value), y[best, column], 0.0)
        wide = step + g[best, column]
        before = i[best]
        for n, members in groups:
            some = value[:, members]
            if not np.isfinite(some).any():
                continue
            target = self._layer(total + n)
            cells = np.ix_(j, members)
            lower = some < target[cells]
            if lower.any():
                target[cells] = np.where(lower, some, target[cells])
                for store, new in ((self.gaps, step), (self.wide, wide), (self.back, before)):
                    old = store[total + n]
                    old[cells] = np.where(lower, new[:, members], old[cells])

    def _layer(self, total: int) -> Floats:
        if total not in self.layers:
            number = len(self.rows)
            self.layers[total] = np.full((number, number), inf)
            self.gaps[total] = np.full((number, number), inf)
            self.back[total] = np.full((number, number), -1, dtype=np.int64)
            self.wide[total] = np.full((number, number), inf)
        return self.layers[total]

    def least_heights(self) -> dict[int, float]:
        """The least height for each count that fits."""
        found = {}
        for total, layer in self.layers.items():
            height = float(np.min(layer + self.tops[None, :]))
            if height <= self.height:
                found[total] = height
        return found

    def stack(self, total: int) -> Stack | None:
        """The rows behind a count, placed again against every row below; None where they do not fit after all."""
        layer = self.layers[total] + self.tops[None, :]
        i, j = (int(v) for v in np.unravel_index(int(np.argmin(layer)), layer.shape))
        if not np.isfinite(layer[i, j]):
            return None
        order = [j]
        left = total
        while True:
            before = int(self.back[left][i, j])
            left -= int(self.counts[j])
            if before < 0:
                break
            order.append(i)
            i, j = before, i
        order.reverse()
        return self.placed(order)

    def placed(self, order: Sequence[int]) -> Stack | None:
        """Rows in an order, each as low as all rows below let it."""
        used = sorted(set(order))
        exact = np.ceil(steps_between(self.cell, [self.rows[k] for k in used], exact=True))
        index = {k: n for n, k in enumerate(used)}
        rows: list[tuple[int, int]] = []
        for k in order:
            y = -self.rows[k].low
            for other, at in rows:
                y = max(y, ceil(at + exact[index[other], index[k]]))
            rows.append((k, y))
        height = max(y + self.rows[k].top for k, y in rows)
        return Stack(tuple(rows), sum(self.rows[k].count for k in order), height)

    def places(self, stack: Stack) -> list[Place]:
        return [(turn, x, y + up) for k, up in stack.rows for turn, x, y in self.rows[k].cells]
