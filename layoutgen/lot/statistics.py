"""Figures of a web: capability, control charts, sums of each position and of each repeat."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.table import NULL, Matrix

_CHART: Final = 2.66
"""3 / d2 of moving ranges of two."""
_EWMA_WEIGHT: Final = 0.2
_EWMA_SIGMAS: Final = 3.0
_D2: Final = 1.128
_FAR: Final = 1 << 23


@dataclass(frozen=True, slots=True)
class Capability:
    """How a reading sits between its limits; None where a limit is missing or nothing spreads.

    ``cp`` and ``cpk`` are from the sigma within repeats, ``pp`` and ``ppk`` from that of the whole: on a web they
    differ by the drift.
    """

    mean: float
    sigma_within: float
    sigma_total: float
    cp: float | None
    cpk: float | None
    pp: float | None
    ppk: float | None


def capability(
    mean: float, sigma_within: float, sigma_total: float, low: float | None, high: float | None
) -> Capability:
    """Capability of a process with these moments against limits, all in one unit."""

    def both(sigma: float) -> float | None:
        return None if low is None or high is None or sigma <= 0 else (high - low) / (6 * sigma)

    def nearest(sigma: float) -> float | None:
        sides = [mean - low] if low is not None else []
        sides += [high - mean] if high is not None else []
        return min(sides) / (3 * sigma) if sides and sigma > 0 else None

    return Capability(
        mean,
        sigma_within,
        sigma_total,
        both(sigma_within),
        nearest(sigma_within),
        both(sigma_total),
        nearest(sigma_total),
    )


@dataclass(frozen=True, slots=True)
class Chart:
    """An individuals chart of repeats, ``m +- 2.66 MRbar``, and an EWMA of weight 0.2 and 3 sigma.

    ``out`` and ``ewma_out`` are places in the sequence, from 0.
    """

    mean: float
    low: float
    high: float
    out: tuple[int, ...]
    ewma_out: tuple[int, ...]


def control_chart(values: Sequence[float] | NDArray[np.float64]) -> Chart | None:
    """The chart of a sequence, NaN left out; None where fewer than two values are there."""
    x = np.asarray(values, dtype=np.float64)
    there = np.flatnonzero(np.isfinite(x))
    if len(there) < 2:
        return None
    seen = x[there]
    mean, moving = float(seen.mean()), float(np.abs(np.diff(seen)).mean())
    low, high = mean - _CHART * moving, mean + _CHART * moving
    slack = 1e-9 * max(1.0, abs(mean))
    out = there[(seen < low - slack) | (seen > high + slack)]
    level, outside = mean, []
    sigma = moving / _D2
    for number, value in enumerate(seen.tolist(), 1):
        level = _EWMA_WEIGHT * value + (1 - _EWMA_WEIGHT) * level
        share = _EWMA_WEIGHT / (2 - _EWMA_WEIGHT) * (1 - (1 - _EWMA_WEIGHT) ** (2 * number))
        if abs(level - mean) > _EWMA_SIGMAS * sigma * math.sqrt(share) + slack:
            outside.append(int(there[number - 1]))
    return Chart(mean, low, high, tuple(int(place) for place in out), tuple(outside))


class Sums:
    """Count, sum and sum of squares of a reading, for each position of a repeat and for each repeat; whole numbers.

    Summed are distances from ``centre`` in ticks, so that squares of a long web stay within 64 bits.
    """

    def __init__(self, cells: int, centre: int) -> None:
        self.centre = centre
        self.n = np.zeros(cells, dtype=np.int64)
        self.total = np.zeros(cells, dtype=np.int64)
        self.square = np.zeros(cells, dtype=np.int64)
        self._repeats: list[NDArray[np.int64]] = []

    def add(self, values: Matrix, counts: NDArray[np.bool_]) -> None:
        """Add the next repeats: values (repeats, cells), and which of them count."""
        there = counts & (values != NULL)
        x = np.where(there, np.clip(values.astype(np.int64) - self.centre, -_FAR, _FAR), 0)
        squares = x * x
        self.n += there.sum(axis=0)
        self.total += x.sum(axis=0)
        self.square += squares.sum(axis=0)
        self._repeats.append(np.stack([there.sum(axis=1), x.sum(axis=1), squares.sum(axis=1)]))

    def merge(self, after: "Sums") -> None:
        """Add the repeats that follow; both are around one centre."""
        self.n += after.n
        self.total += after.total
        self.square += after.square
        self._repeats += after._repeats

    @property
    def repeats(self) -> NDArray[np.int64]:
        """(count, sum, sum of squares) of each repeat, of distances from the centre; shape (3, repeats)."""
        return np.concatenate(self._repeats, axis=1) if self._repeats else np.zeros((3, 0), dtype=np.int64)

    def repeat_means(self, tick: float) -> NDArray[np.float64]:
        """Mean of each repeat; NaN where nothing counted."""
        n, total, _ = self.repeats
        return np.where(n > 0, (self.centre + total / np.maximum(n, 1)) * tick, np.nan)

    def sigma_within(self, tick: float) -> float:
        """Pooled standard deviation inside repeats."""
        n, total, square = self.repeats
        use = n > 1
        free = int((n[use] - 1).sum())
        if not free:
            return 0.0
        # n sum(x2) - sum(x)2 is exact in whole numbers that Python keeps
        spread = sum(
            (int(a) * int(c) - int(b) ** 2) / int(a)
            for a, b, c in zip(n[use], total[use], square[use], strict=True)
        )
        return math.sqrt(max(spread, 0.0) / free) * tick

    def moments(self, tick: float) -> tuple[int, float, float]:
        """Count, mean and standard deviation of all."""
        n, total, square = int(self.n.sum()), int(self.total.sum()), int(self.square.sum())
        if n < 2:
            return n, (self.centre + total) * tick if n else math.nan, 0.0
        return n, (self.centre + total / n) * tick, math.sqrt(max(0, n * square - total**2) / (n * (n - 1))) * tick

    def position_means(self, tick: float) -> NDArray[np.float64]:
        """Mean of each position; NaN where nothing counted."""
        return np.where(self.n > 0, (self.centre + self.total / np.maximum(self.n, 1)) * tick, np.nan)

    def position_sigmas(self, tick: float) -> NDArray[np.float64]:
        """Standard deviation of each position; NaN where fewer than two counted."""
        n = self.n.astype(np.float64)
        mean = self.total / np.maximum(n, 1)
        spread = self.square / np.maximum(n, 1) - mean**2
        found = np.sqrt(np.maximum(spread, 0) * n / np.maximum(n - 1, 1)) * tick
        return np.where(self.n > 1, found, np.nan)


def chart_record(chart: Chart, first_repeat: int) -> Mapping[str, Any]:
    """A chart as JSON, places as numbers of repeats."""
    return {
        "mean": chart.mean,
        "low": chart.low,
        "high": chart.high,
        "out": [first_repeat + place for place in chart.out],
        "ewma_out": [first_repeat + place for place in chart.ewma_out],
    }
