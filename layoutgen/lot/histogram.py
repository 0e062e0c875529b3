"""Counts of whole numbers: exact quantiles and moments that do not depend on the order of the readings."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MOST_BITS: Final = 22
_IQR_TO_SIGMA: Final = 1.35
"""Quartiles of a normal distribution lie 1.35 sigma apart (AEC-Q001)."""


class Histogram:
    """How often each whole number of ``low .. high`` was seen; numbers outside are counted at the ends.

    Where the range has more than 4 million numbers, 2, 4, 8 ... of them share a count, and quantiles are as coarse.
    """

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self.shift = max(0, (high - low).bit_length() - _MOST_BITS)
        self.counts: NDArray[np.int64] = np.zeros(((high - low) >> self.shift) + 1, dtype=np.int64)
        self.total = self.square = self.n = 0
        self._sums: NDArray[np.int64] | None = None

    def add(self, values: NDArray[np.integer]) -> None:
        """Count values, of any shape."""
        flat = values.reshape(-1).astype(np.int64)
        if not flat.size:
            return
        shifted = (np.clip(flat, self.low, self.high) - self.low) >> self.shift
        first = int(shifted.min())
        found = np.bincount(shifted - first)
        self.counts[first : first + len(found)] += found
        self.n += flat.size
        self._sums = None
        self.total += int(flat.sum())
        self.square += _squares(flat)

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: counts that are not zero, with their places."""
        there = np.flatnonzero(self.counts)
        return self.__dict__ | {"counts": (len(self.counts), there, self.counts[there]), "_sums": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        size, there, counts = state["counts"]
        self.counts = np.zeros(size, dtype=np.int64)
        self.counts[there] = counts

    def merge(self, other: "Histogram") -> None:
        """Add what another one of the same range counted."""
        self.counts += other.counts
        self._sums = None
        self.n, self.total, self.square = self.n + other.n, self.total + other.total, self.square + other.square

    @property
    def mean(self) -> float:
        return self.total / self.n if self.n else 0.0

    @property
    def sigma(self) -> float:
        """Standard deviation of the sample, n - 1."""
        if self.n < 2:
            return 0.0
        return math.sqrt(max(0, self.n * self.square - self.total**2) / (self.n * (self.n - 1)))

    def quantile(self, share: float) -> float:
        """Linear between order statistics, as numpy's default."""
        if not self.n:
            return 0.0
        place = share * (self.n - 1)
        below = int(place)
        ranks = self._at(below), self._at(min(below + 1, self.n - 1))
        return ranks[0] + (ranks[1] - ranks[0]) * (place - below)

    def _at(self, rank: int) -> float:
        if self._sums is None:
            self._sums = np.cumsum(self.counts)
        return float(self.low + (int(np.searchsorted(self._sums, rank, side="right")) << self.shift))

    def quantiles(self, shares: Sequence[float]) -> list[float]:
        """Several quantiles."""
        return [self.quantile(share) for share in shares]

    @property
    def robust(self) -> tuple[float, float]:
        """Median and robust sigma ``(Q3 - Q1) / 1.35``."""
        first, median, third = self.quantiles([0.25, 0.5, 0.75])
        return median, (third - first) / _IQR_TO_SIGMA


def _squares(flat: NDArray[np.int64]) -> int:
    """Sum of squares, exact: 32-bit values in pieces that cannot overflow 64 bits."""
    if int(np.abs(flat).max()) < 2**20:
        return int((flat * flat).sum())
    return sum(int((piece * piece).sum()) for piece in np.array_split(flat, len(flat) // 1024 + 1))
