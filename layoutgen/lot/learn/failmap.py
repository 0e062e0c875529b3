"""Which cells of a web failed, for the statistics of defects: one byte a cell, looked at in pieces."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.folder import WebFolder
from layoutgen.lot.learn.clustering import BlockCounts
from layoutgen.lot.rules import READ_COLUMNS, Judge
from layoutgen.lot.table import NO_CONTACT
from layoutgen.lot.webmap import RepeatMap

LEFT_OUT, SOUND, FAILED = 0, 1, 2
_PIECE: Final = 1 << 18
"""Cells that are looked at at a time."""
_SEGMENT_UM: Final = 240e6
Counts = NDArray[np.int64]


@dataclass
class FailMap:
    """The state of every cell, (repeats, cells): left out (not tested, or masked by a signature), sound, failed."""

    map: RepeatMap
    state: NDArray[np.uint8]
    first_repeat: int

    @property
    def repeats(self) -> int:
        return len(self.state)

    def pieces(self) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """(first repeat, from 0, states) of stretches of the web."""
        step = max(1, _PIECE // max(1, self.map.cells))
        for start in range(0, self.repeats, step):
            yield start, self.state[start : start + step]

    @property
    def tested_cells(self) -> int:
        return sum(int(np.count_nonzero(state)) for _, state in self.pieces())

    @property
    def failed_cells(self) -> int:
        return sum(int((state == FAILED).sum()) for _, state in self.pieces())

    @property
    def share(self) -> float:
        """Failed over tested."""
        tested = self.tested_cells
        return self.failed_cells / tested if tested else 0.0

    def by_repeat(self) -> tuple[Counts, Counts]:
        """(tested, failed) cells of each repeat."""
        parts = [((state != LEFT_OUT).sum(axis=1), (state == FAILED).sum(axis=1)) for _, state in self.pieces()]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def by_cell(self) -> tuple[Counts, Counts]:
        """(tested, failed) of each place of the repeat."""
        tested, failed = np.zeros((2, self.map.cells), dtype=np.int64)
        for _, state in self.pieces():
            tested += (state != LEFT_OUT).sum(axis=0)
            failed += (state == FAILED).sum(axis=0)
        return tested, failed

    def by_group(self, group: NDArray[np.integer], count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """(tested, failed) of each repeat and group of its places, shape (repeats, count); group -1 is none."""
        order = np.argsort(group, kind="stable")
        order = order[group[order] >= 0]
        there, starts = np.unique(group[order], return_index=True)
        tested, failed = np.zeros((2, self.repeats, count), dtype=np.uint32)
        for start, state in self.pieces():
            sorted_state = state[:, order]
            stop = start + len(state)
            for found, flag in ((tested, sorted_state != LEFT_OUT), (failed, sorted_state == FAILED)):
                found[start:stop, there] = np.add.reduceat(flag, starts, axis=1, dtype=np.uint32)
        return tested, failed

    def mask_cells(self, repeats: slice, cells: NDArray[np.intp] | list[int]) -> int:
        """Leave places out of some repeats; returns how many of them had failed."""
        lost = 0
        start, stop, _ = repeats.indices(self.repeats)
        step = max(1, _PIECE // max(1, len(cells)))
        for first in range(start, stop, step):
            rows = slice(first, min(first + step, stop))
            lost += int((self.state[rows, cells] == FAILED).sum())
            self.state[rows, cells] = LEFT_OUT
        return lost

    def mask_places(self, places: NDArray[np.int64]) -> int:
        """Leave cells out, given as repeat x cells + cell; returns how many of them had failed."""
        repeat, cell = np.divmod(places, self.map.cells)
        lost = int((self.state[repeat, cell] == FAILED).sum())
        self.state[repeat, cell] = LEFT_OUT
        return lost

    def along(self, lane: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
        """The tested cells of a lane, going up the web, a stretch at a time: places, and which of them failed."""
        cells = self.map.by_lane[lane]
        for first, last in self.stretches:
            state = self.state[first:last, cells]
            row, column = np.nonzero(state)
            yield (row + first) * self.map.cells + cells[column], state[row, column] == FAILED

    @cached_property
    def stretches(self) -> tuple[tuple[int, int], ...]:
        """Ranges of repeats of at most 240 m, all about equally long."""
        count = max(1, -(-int(self.repeats * self.map.length_um) // int(_SEGMENT_UM)))
        ends = np.linspace(0, self.repeats, count + 1).astype(int).tolist()
        return tuple(pairwise(ends))

    def y_um(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        """Where cells, given as repeat x cells + cell, lie along the web."""
        repeat, cell = np.divmod(places, self.map.cells)
        found: NDArray[np.float64] = repeat * self.map.length_um + self.map.y_um[cell]
        return found

    def blocks(self, block_um: float) -> BlockCounts:
        """How many square blocks of the web have so many tested and so many failed cells."""
        column = (self.map.x_um // block_um).astype(np.int64)
        wide = int(column.max(initial=0)) + 1
        counted: Counter[tuple[int, int]] = Counter()
        held, first_row = np.zeros((2, 0), dtype=np.int64), 0

        def count(done: NDArray[np.int64]) -> None:
            pairs, times = np.unique(done[:, done[0] > 0], axis=1, return_counts=True)
            counted.update(dict(zip(map(tuple, pairs.T.tolist()), times.tolist(), strict=True)))

        for start, state in self.pieces():
            y = (start + np.arange(len(state)))[:, None] * self.map.length_um + self.map.y_um
            key = ((y // block_um).astype(np.int64) - first_row) * wide + column
            size = int(key.max(initial=0)) // wide * wide + wide
            fresh = np.stack(
                [np.bincount(key[flag], minlength=size) for flag in (state != LEFT_OUT, state == FAILED)]
            )
            fresh[:, : held.shape[1]] += held
            # blocks that the next piece reaches into are kept open
            next_y = (start + len(state)) * self.map.length_um + float(self.map.y_um.min(initial=0.0))
            closed = (int(next_y // block_um) - first_row) * wide
            count(fresh[:, :closed])
            held, first_row = fresh[:, closed:], first_row + closed // wide
        count(held)
        return BlockCounts.of_pairs(counted)

    def fail_free_windows(self, sides: tuple[int, ...] = (1, 2, 3, 5)) -> list[tuple[int, float]]:
        """(cells, share of fail-free) of square windows of cells side by side in a block, all cells tested."""
        total, free = Counter[int](), Counter[int]()
        for state in self.rectangles():
            for side in sides:
                a, b = state.shape[1] // side, state.shape[2] // side
                if a and b:
                    cut = state[:, : a * side, : b * side].reshape(len(state), a, side, b, side)
                    whole = (cut != LEFT_OUT).all(axis=(2, 4))
                    total[side] += int(whole.sum())
                    free[side] += int((whole & ~(cut == FAILED).any(axis=(2, 4))).sum())
        return [(side * side, free[side] / total[side]) for side in sides if total[side]]

    def rectangles(self) -> Iterator[NDArray[np.uint8]]:
        """The state of each block of cells, (repeats, rows, columns), a piece of the web at a time."""
        blocks = sorted(set(zip(self.map.field.tolist(), self.map.block.tolist(), strict=True)))
        inside = [np.flatnonzero((self.map.field == field) & (self.map.block == block)) for field, block in blocks]
        for _, state in self.pieces():
            for cells in inside:
                yield state[:, cells].reshape(len(state), -1, int(self.map.column[cells].max()))


def fail_map(web: WebFolder, judge: Judge, advance: Callable[[int], object]) -> FailMap:
    """The failures of a web: cells that a hard rule hits; cells without contact are left out."""
    about = web.table.about
    found = np.zeros((about.repeats, about.cells), dtype=np.uint8)
    for chunk in web.table.chunks(READ_COLUMNS):
        readings = judge.readings(chunk)
        alive = judge.alive(chunk, readings)
        touched = (chunk.data["passes"] > 0) & ((chunk.data["status"] & NO_CONTACT) == 0)
        seen = touched & judge.seen(readings)
        start = chunk.first - about.first_repeat
        found[start : start + chunk.repeats] = np.where(~seen, LEFT_OUT, np.where(alive, SOUND, FAILED))
        advance(chunk.repeats)
    return FailMap(web.map, found, about.first_repeat)
