"""What pictures of a web are made of: sums by position of the repeat and stretch of the web."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.folder import BINS_TABLE, WebFolder
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import BINS, NULL, Table

READINGS: Final = ("ocv", "asr", "capacity")
STRETCHES: Final = 240
"""Stretches that a web is shown in, at most."""


@dataclass
class Levels:
    """Counts and sums of (stretches, cells); sums are of good cells, in ticks.

    ``change`` is the voltage lost between two passes, where cells were read twice.
    """

    repeats_a_stretch: int
    tested: NDArray[np.int64]
    good: NDArray[np.int64]
    n: dict[str, NDArray[np.int64]]
    total: dict[str, NDArray[np.int64]]
    by_bin: NDArray[np.int64]
    repeat_good: NDArray[np.int64]
    repeat_tested: NDArray[np.int64]
    repeat_mean: dict[str, NDArray[np.float64]]

    def mean(self, reading: str, tick: float) -> NDArray[np.float64]:
        """Mean of each position in each stretch; NaN where no good cell was read."""
        n, total = self.n[reading], self.total[reading]
        return np.where(n > 0, total / np.maximum(n, 1) * tick, np.nan)


def levels_of(web: WebFolder, advance: Callable[[int], object]) -> Levels:
    """Look at readings and bins of a web once.

    Raises:
        DocumentError: it was not binned.
    """
    about, cells = web.table.about, web.map.cells
    size = -(-about.repeats // STRETCHES)
    count = -(-about.repeats // size)
    names = (*READINGS, "change")

    def zeros() -> NDArray[np.int64]:
        return np.zeros((count, cells), dtype=np.int64)

    tested, good = zeros(), zeros()
    n, total = {name: zeros() for name in names}, {name: zeros() for name in names}
    by_bin = np.zeros((256, cells), dtype=np.int64)
    repeat_good, repeat_tested = [], []
    repeat_mean: dict[str, list[NDArray[np.float64]]] = {name: [] for name in READINGS}
    columns = [COLUMN_OF[name].name for name in READINGS] + ["ocv_before_100uv"]
    for chunk, bins in zip(
        web.table.chunks(columns), Table(web.path / BINS_TABLE, BINS).chunks(["bin", "good"]), strict=True
    ):
        stretch = (chunk.first - about.first_repeat + np.arange(chunk.repeats)) // size
        starts = np.flatnonzero(np.diff(stretch, prepend=-1))
        places = stretch[starts]
        codes, ok = bins.data["bin"], bins.data["good"]
        tested[places] += np.add.reduceat((codes > 0).astype(np.int64), starts)
        good[places] += np.add.reduceat(ok.astype(np.int64), starts)
        other = codes != 1
        by_bin[1] += len(codes) - other.sum(axis=0)
        flat = codes[other].astype(np.int64) * cells + np.nonzero(other)[1]
        by_bin += np.bincount(flat, minlength=256 * cells).reshape(256, cells)
        repeat_good.append(ok.sum(axis=1))
        repeat_tested.append((codes > 0).sum(axis=1))
        values = {name: chunk.data[COLUMN_OF[name].name] for name in READINGS}
        before = chunk.data["ocv_before_100uv"]
        values["change"] = np.where((before != NULL) & (values["ocv"] != NULL), before - values["ocv"], NULL)
        for name, x in values.items():
            there = ok & (x != NULL)
            kept = np.where(there, x, 0).astype(np.int64)
            n[name][places] += np.add.reduceat(there.astype(np.int64), starts)
            total[name][places] += np.add.reduceat(kept, starts)
            if name in repeat_mean:
                counts = there.sum(axis=1)
                mean = np.where(counts > 0, kept.sum(axis=1) / np.maximum(counts, 1), np.nan)
                repeat_mean[name].append(mean * COLUMN_OF[name].tick)
        advance(chunk.repeats)
    means = {name: np.concatenate(parts) for name, parts in repeat_mean.items()}
    return Levels(
        size, tested, good, n, total, by_bin, np.concatenate(repeat_good), np.concatenate(repeat_tested), means
    )
