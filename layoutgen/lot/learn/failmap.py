"""Which cells of a web failed, for the statistics of defects: one byte a cell."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.folder import WebFolder
from layoutgen.lot.lanes import LaneView, lane_views
from layoutgen.lot.rules import READ_COLUMNS, Judge
from layoutgen.lot.table import NO_CONTACT
from layoutgen.lot.webmap import RepeatMap

LEFT_OUT, SOUND, FAILED = 0, 1, 2


@dataclass
class FailMap:
    """The state of every cell, (repeats, cells): left out (not tested, or masked by a signature), sound, failed."""

    map: RepeatMap
    state: NDArray[np.uint8]
    first_repeat: int

    @property
    def repeats(self) -> int:
        return len(self.state)

    @property
    def tested(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.state != LEFT_OUT
        return found

    @property
    def failed(self) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.state == FAILED
        return found

    @property
    def share(self) -> float:
        """Failed over tested."""
        tested = int(self.tested.sum())
        return int(self.failed.sum()) / tested if tested else 0.0

    def mask(self, where: NDArray[np.bool_]) -> int:
        """Leave cells out; returns how many of them had failed."""
        lost = int((self.failed & where).sum())
        self.state[where] = LEFT_OUT
        return lost

    def lanes(self) -> tuple[LaneView, ...]:
        return lane_views(self.map)

    def y_um(self) -> NDArray[np.float64]:
        """Place of each cell along the web, (repeats, cells)."""
        start = np.arange(self.repeats)[:, None] * self.map.length_um
        found: NDArray[np.float64] = start + self.map.y_um[None, :]
        return found

    def blocks(self, block_um: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(tested, failed) cells of each square block of the web that has any."""
        columns = (self.map.x_um // block_um).astype(np.int64)
        wide = int(columns.max(initial=0)) + 1
        rows = (self.map.length_um * self.repeats // block_um) + 2
        tested = np.zeros(int(rows) * wide, dtype=np.int64)
        failed = np.zeros(int(rows) * wide, dtype=np.int64)
        for repeat in range(self.repeats):
            row = ((self.map.y_um + repeat * self.map.length_um) // block_um).astype(np.int64)
            first = int(row.min(initial=0)) * wide
            key = row * wide + columns - first
            size = int(key.max(initial=-1)) + 1
            state = self.state[repeat]
            tested[first : first + size] += np.bincount(key[state != LEFT_OUT], minlength=size)
            failed[first : first + size] += np.bincount(key[state == FAILED], minlength=size)
        kept = tested > 0
        return tested[kept], failed[kept]

    def fail_free_windows(self, sides: tuple[int, ...] = (1, 2, 3, 5)) -> list[tuple[int, float]]:
        """(cells, share of fail-free) of square windows of cells side by side in a block, all cells tested."""
        found = []
        pieces = self.rectangles()
        for side in sides:
            total = free = 0
            for state in pieces:
                a, b = state.shape[1] // side, state.shape[2] // side
                if not a or not b:
                    continue
                cut = state[:, : a * side, : b * side].reshape(len(state), a, side, b, side)
                whole = (cut != LEFT_OUT).all(axis=(2, 4))
                total += int(whole.sum())
                free += int((whole & ~(cut == FAILED).any(axis=(2, 4))).sum())
            if total:
                found.append((side * side, free / total))
        return found

    def rectangles(self) -> list[NDArray[np.uint8]]:
        """The state of each block of cells, (repeats, rows, columns)."""
        found = []
        for field, block in sorted(set(zip(self.map.field.tolist(), self.map.block.tolist(), strict=True))):
            inside = np.flatnonzero((self.map.field == field) & (self.map.block == block))
            columns = int(self.map.column[inside].max())
            found.append(self.state[:, inside].reshape(self.repeats, -1, columns))
        return found


def fail_map(web: WebFolder, judge: Judge, advance: Callable[[int], object]) -> FailMap:
    """The failures of a web: cells that a hard rule hits; cells without contact are left out."""
    parts = []
    for chunk in web.table.chunks(READ_COLUMNS):
        readings = judge.readings(chunk)
        alive = judge.alive(chunk, readings)
        touched = (chunk.data["passes"] > 0) & ((chunk.data["status"] & NO_CONTACT) == 0)
        seen = touched & judge.seen(readings)
        parts.append(np.where(~seen, LEFT_OUT, np.where(alive, SOUND, FAILED)).astype(np.uint8))
        advance(chunk.repeats)
    return FailMap(web.map, np.concatenate(parts), web.table.about.first_repeat)
