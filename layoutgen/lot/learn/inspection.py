"""Which of the defects that an inspection saw kill: failures of the cells that they lie on."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import DocumentError, Problem
from layoutgen.lot.learn.failmap import FAILED, FailMap
from layoutgen.lot.table import CELL, REPEAT, arrow

FILE: Final = "defects.parquet"
_ROWS: Final = 1 << 16
_Z: Final = 1.96


def kill_ratios(path: Path, fails: FailMap) -> list[dict[str, Any]]:
    """Of each class of defects: points, tested cells with one or more, how many failed, and the kill ratio.

    ``1 - y / y0``: y is the share of sound cells among those with a defect of the class, y0 among all others; cells
    without any defect would be too good a measure where another class marks those that failed. The interval is that
    of y (Wilson, 95 %).

    Args:
        path: ``defects.parquet``; without it nothing is known.
        fails: the failures of the web, none left out by a signature.

    Raises:
        DocumentError: the file is damaged.
    """
    if not path.is_file():
        return []
    points: dict[int, int] = {}
    tested: dict[int, int] = {}
    failed: dict[int, int] = {}
    for repeat, cell, kind in _by_repeats(path):
        for number, count in zip(*np.unique(kind, return_counts=True), strict=True):
            points[int(number)] = points.get(int(number), 0) + int(count)
        row = repeat - fails.first_repeat
        on = (cell >= 0) & (row >= 0) & (row < fails.repeats)
        place = row[on] * fails.map.cells + cell[on]
        pairs = np.unique(np.stack([kind[on], place]), axis=1)
        state = fails.state[np.divmod(pairs[1], fails.map.cells)]
        for number in np.unique(pairs[0]).tolist():
            here = state[pairs[0] == number]
            tested[number] = tested.get(number, 0) + int(np.count_nonzero(here))
            failed[number] = failed.get(number, 0) + int((here == FAILED).sum())
    of_all = fails.tested_cells, fails.failed_cells
    return [
        {"kind": kind, "points": points[kind], **_ratio(tested.get(kind, 0), failed.get(kind, 0), *of_all)}
        for kind in sorted(points)
    ]


def _by_repeats(path: Path) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """(repeat, cell, class) of points, in pieces that hold all points of their repeats."""
    pa = arrow()
    held = np.zeros((3, 0), dtype=np.int64)
    try:
        file = pa.parquet.ParquetFile(path)
        for batch in file.iter_batches(batch_size=_ROWS, columns=[REPEAT.name, CELL.name, "kind"]):
            rows = np.stack([batch.column(name).to_numpy().astype(np.int64) for name in (0, 1, 2)])
            rows = np.concatenate([held, rows], axis=1)
            whole = rows[0] < rows[0, -1]
            yield rows[0, whole], rows[1, whole], rows[2, whole]
            held = rows[:, ~whole]
    except (OSError, KeyError, IndexError, pa.ArrowException) as error:
        raise DocumentError(Problem(f"is damaged: {str(error).splitlines()[0][:160]}", path.name)) from error
    yield held[0], held[1], held[2]


def _ratio(tested: int, failed: int, all_tested: int, all_failed: int) -> dict[str, Any]:
    others = all_tested - tested
    alive = 1 - (all_failed - failed) / others if others else 0.0
    found: dict[str, Any] = {"cells": tested, "failed": failed, "kill_ratio": None, "low": None, "high": None}
    if tested and alive > 0:
        good = (tested - failed) / tested
        middle = (good + _Z**2 / (2 * tested)) / (1 + _Z**2 / tested)
        reach = _Z * math.sqrt(good * (1 - good) / tested + _Z**2 / (4 * tested**2)) / (1 + _Z**2 / tested)
        found |= {
            "kill_ratio": 1 - good / alive,
            "low": 1 - (middle + reach) / alive,
            "high": 1 - (middle - reach) / alive,
        }
    return found
