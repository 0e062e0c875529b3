"""Cells as they follow each other along the web, lane by lane, and how each differs from those beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.table import Matrix
from layoutgen.lot.webmap import RepeatMap

_TENTHS = 8
"""Residuals are counted in eighths of a tick."""
_BIG = 2**30


@dataclass(frozen=True, slots=True)
class LaneView:
    """Lanes with equally many cells a repeat; ``cells`` is (lanes, cells of a repeat), going up the web."""

    cells: NDArray[np.int32]

    def along(self, matrix: Matrix) -> Matrix:
        """A matrix (repeats, cells) as (lanes, cells along the web)."""
        lanes, rows = self.cells.shape
        return matrix[:, self.cells].transpose(1, 0, 2).reshape(lanes, -1) if rows else matrix[:, :0].T

    def back(self, along: Matrix, matrix: Matrix) -> None:
        """Put values along lanes into their places of a matrix (repeats, cells)."""
        lanes, rows = self.cells.shape
        matrix[:, self.cells] = along.reshape(lanes, -1, rows).transpose(1, 0, 2)


def lane_views(cells: RepeatMap) -> tuple[LaneView, ...]:
    """All lanes of a web, those of equal length together."""
    lengths = sorted({len(lane) for lane in cells.by_lane})
    return tuple(LaneView(np.stack([lane for lane in cells.by_lane if len(lane) == n])) for n in lengths)


def context_repeats(cells: RepeatMap, neighbours: int) -> int:
    """Repeats on either side that hold the neighbours of every cell."""
    return -(-(neighbours // 2) // max(1, cells.least_rows))


def residuals(
    views: tuple[LaneView, ...], values: Matrix, valid: NDArray[np.bool_], neighbours: int
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """How far each value lies from its neighbours in its lane, in eighths of a tick.

    Compared is the mean of the ``neighbours`` cells around, half of them on either side, without those that are not
    valid, and of the rest without the highest and the lowest: neither a dead nor another outlying cell moves it.

    Args:
        views: the lanes.
        values: ticks, (repeats, cells).
        valid: which of them count.
        neighbours: how many cells are looked at.

    Returns:
        Residuals, and where there is one: on valid cells with four or more valid neighbours.
    """
    found = np.zeros(values.shape, dtype=np.int32)
    judged = np.zeros(values.shape, dtype=bool)
    for view in views:
        ok = np.ascontiguousarray(view.along(valid))
        line = np.where(ok, view.along(values), 0)
        total, count, low, high = _around(line, ok, neighbours // 2)
        enough = ok & (count >= 4)
        kept = np.maximum(count - 2, 1)
        trimmed = (total - low - high) / kept
        residual = np.rint((line - trimmed) * _TENTHS)
        view.back(np.where(enough, np.clip(residual, -_BIG, _BIG), 0).astype(np.int32), found)
        view.back(enough, judged)
    return found, judged


def _around(line: Matrix, ok: NDArray[np.bool_], half: int) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    """Sum, count, lowest and highest of the valid neighbours of each cell, none beyond the ends of a lane."""
    shape = line.shape
    total, count = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int32)
    low, high = np.full(shape, _BIG, dtype=np.int32), np.full(shape, -_BIG, dtype=np.int32)
    plain = line.astype(np.int32)
    lowest, highest = np.where(ok, plain, _BIG).astype(np.int32), np.where(ok, plain, -_BIG).astype(np.int32)
    for here, there in _shifts(shape[1], half):
        total[:, here] += plain[:, there]
        count[:, here] += ok[:, there]
        np.minimum(low[:, here], lowest[:, there], out=low[:, here])
        np.maximum(high[:, here], highest[:, there], out=high[:, here])
    return total, count, low, high


def _shifts(length: int, half: int) -> Iterator[tuple[slice, slice]]:
    for step in range(1, min(half, length - 1) + 1):
        yield slice(step, None), slice(None, length - step)
        yield slice(None, length - step), slice(step, None)


def eighths(ticks: float) -> float:
    """Ticks in the unit of residuals."""
    return ticks * _TENTHS
