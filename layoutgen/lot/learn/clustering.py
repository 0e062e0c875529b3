"""Defect density and clustering of a web, and whether its failures lie at random.

The model is that of a negative-binomial yield: the density of a block is gamma distributed, its cells fail
with ``1 - exp(-g A D0)``. The cluster parameter holds for the size of block that it was found with, and is
stated with it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.learn import science
from layoutgen.lot.learn.science import stats

optimize: Any = science.optimize

Floats = NDArray[np.float64]
_NODES: Final = 160
MOST_ALPHA: Final = 1000.0
LEAST_ALPHA: Final = 0.02
_CHI2: Final = 3.841
"""95 % of chi-squared with one degree of freedom: a likelihood interval."""
_CHI2_ONE_SIDED: Final = 2.706


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Clustering:
    """Defect density in 1/cm2 and cluster parameter; ``random`` where failures are not told from a Poisson web."""

    defect_density: Interval
    cluster_parameter: Interval
    random: bool
    blocks: int


def fail_free(cells: Floats | float, faults: float, alpha: float) -> Floats:
    """Share of fail-free windows of so many cells: ``(1 + n A D0 / alpha)^-alpha``; ``faults`` is A D0."""
    found: Floats = np.asarray((1 + np.asarray(cells, dtype=np.float64) * faults / alpha) ** -alpha)
    return found


def fit_windows(cells: Sequence[int], shares: Sequence[float], area_cm2: float) -> tuple[float, float]:
    """Defect density and cluster parameter from shares of fail-free windows, by least squares of logarithms."""
    n, y = np.asarray(cells, dtype=np.float64), np.log(np.clip(shares, 1e-12, 1.0))

    def off(x: Floats) -> Floats:
        return np.asarray(np.log(fail_free(n, math.exp(x[0]), math.exp(x[1]))) - y, dtype=np.float64)

    first = max(-float(y[0]) / float(n[0]), 1e-9)
    tried = [
        optimize.least_squares(off, [math.log(first), math.log(a)], xtol=1e-14, ftol=1e-14) for a in (0.5, 3, 30)
    ]
    best = min(tried, key=lambda item: float(item.cost))
    return float(np.exp(best.x[0])) / area_cm2, float(min(np.exp(best.x[1]), MOST_ALPHA))


@dataclass(frozen=True, slots=True)
class BlockCounts:
    """How many blocks (``times``) have so many tested cells and so many that failed."""

    tested: NDArray[np.int64]
    failed: NDArray[np.int64]
    times: NDArray[np.int64]

    @classmethod
    def of(cls, tested: NDArray[np.int64], failed: NDArray[np.int64]) -> "BlockCounts":
        """Of blocks one by one."""
        pairs, times = np.unique(np.stack([tested, failed], axis=1), axis=0, return_counts=True)
        return cls(pairs[:, 0], pairs[:, 1], times.astype(np.int64))

    @classmethod
    def of_pairs(cls, counted: Mapping[tuple[int, int], int]) -> "BlockCounts":
        """Of (tested, failed) -> how many blocks."""
        rows = np.array([(*pair, counted[pair]) for pair in sorted(counted)], dtype=np.int64).reshape(-1, 3)
        return cls(rows[:, 0], rows[:, 1], rows[:, 2])

    @property
    def blocks(self) -> int:
        return int(self.times.sum())

    @property
    def tested_cells(self) -> int:
        return int((self.times * self.tested).sum())

    @property
    def failed_cells(self) -> int:
        return int((self.times * self.failed).sum())


def fit_blocks(blocks: BlockCounts, area_cm2: float) -> Clustering:
    """Maximum likelihood of blocks, whatever their number of cells; ``area_cm2`` is that of a cell."""
    table = _Likelihood(blocks)
    if not blocks.failed_cells:
        none = Interval(0.0, 0.0, 3.0 / max(1, blocks.tested_cells) / area_cm2)
        return Clustering(none, _wide(), random=True, blocks=blocks.blocks)
    flat = -math.log1p(-min(blocks.failed_cells / blocks.tested_cells, 0.999999))
    poisson = optimize.minimize_scalar(
        lambda x: -table.likelihood(math.exp(x), math.inf),
        bounds=(math.log(flat) - 1, math.log(flat) + 1),
        method="bounded",
        options={"xatol": 1e-9},
    )
    ends = (math.log(flat) - 3, math.log(flat) + 3), (math.log(LEAST_ALPHA), math.log(MOST_ALPHA))
    starts = [math.log(a) for a in (0.3, 2.0, 20.0)]
    tried = [
        optimize.minimize(
            lambda x: -table.likelihood(math.exp(x[0]), math.exp(x[1])),
            [math.log(flat), start],
            bounds=ends,
            method="L-BFGS-B",
            options={"ftol": 1e-13, "gtol": 1e-8},
        )
        for start in starts
    ]
    best = min(tried, key=lambda item: float(item.fun))
    top = -float(best.fun)
    random = 2 * (top + float(poisson.fun)) < _CHI2_ONE_SIDED
    alpha = _profile(table, best.x, top, 1, (LEAST_ALPHA, MOST_ALPHA))
    faults = _profile(table, best.x, top, 0, (math.exp(ends[0][0]), math.exp(ends[0][1])))
    density = Interval(*(value / area_cm2 for value in (faults.value, faults.low, faults.high)))
    if random:
        alpha = Interval(MOST_ALPHA, alpha.low, MOST_ALPHA)
    return Clustering(density, alpha, random=bool(random), blocks=blocks.blocks)


def _wide() -> Interval:
    return Interval(MOST_ALPHA, LEAST_ALPHA, MOST_ALPHA)


class _Likelihood:
    """The likelihood of blocks."""

    def __init__(self, blocks: BlockCounts) -> None:
        self._n, self._k, self._times = blocks.tested, blocks.failed, blocks.times
        nodes, weights = np.polynomial.legendre.leggauss(_NODES)
        self._shares, self._weights = (nodes + 1) / 2, weights / 2

    def likelihood(self, faults: float, alpha: float) -> float:
        """Logarithm of the likelihood, without what does not depend on the parameters."""
        if math.isinf(alpha):
            multiplier, weights = np.ones(1), np.ones(1)
        else:
            multiplier, weights = stats.gamma.ppf(self._shares, alpha, scale=1 / alpha), self._weights
        hazard = np.maximum(faults * multiplier, 1e-300)
        alive, dead = -hazard[None, :], np.log(-np.expm1(-hazard))[None, :]
        log_terms = (self._n - self._k)[:, None] * alive + self._k[:, None] * dead + np.log(weights)[None, :]
        top = log_terms.max(axis=1)
        each = top + np.log(np.exp(log_terms - top[:, None]).sum(axis=1))
        return float((self._times * each).sum())


def _profile(table: _Likelihood, best: Floats, top: float, which: int, ends: tuple[float, float]) -> Interval:
    """The 95 % interval of a parameter, the other one free."""

    def short(log_value: float) -> float:
        other = optimize.minimize_scalar(
            lambda y: -table.likelihood(*(math.exp(v) for v in ((log_value, y) if which == 0 else (y, log_value)))),
            bounds=(best[1 - which] - 2, min(best[1 - which] + 2, math.log(MOST_ALPHA))),
            method="bounded",
            options={"xatol": 1e-4},
        )
        return 2 * (top + float(other.fun)) - _CHI2

    value = float(best[which])
    low, high = math.log(ends[0]), math.log(ends[1])

    def root(side: float) -> float:
        step, inside = 0.05, value
        for _ in range(40):
            outside = min(max(value + side * step, low), high)
            if short(outside) > 0:
                return float(optimize.brentq(short, inside, outside, xtol=1e-3))
            if outside in {low, high}:
                return outside
            inside, step = outside, step * 1.8
        return outside

    return Interval(math.exp(value), math.exp(root(-1)), math.exp(root(+1)))


def join_count(bad: NDArray[np.bool_], there: NDArray[np.bool_] | None = None) -> tuple[int, float, float]:
    """Pairs of neighbouring bad cells (rook) of a rectangle of cells, with mean and variance under chance.

    ``E = J n_B (n_B - 1) / (n (n - 1))``, ``V = E + 2 m2 p3 + (J (J - 1) - 2 m2) p4 - E^2``, J all pairs, m2 pairs
    of pairs that share a cell.
    """
    there = np.ones(bad.shape, dtype=bool) if there is None else there
    bad = bad & there
    pairs = [(there[:, 1:] & there[:, :-1], bad[:, 1:] & bad[:, :-1])]
    pairs.append((there[1:] & there[:-1], bad[1:] & bad[:-1]))
    joins, both = sum(int(a.sum()) for a, _ in pairs), sum(int(b.sum()) for _, b in pairs)
    degree = np.zeros(bad.shape, dtype=np.int64)
    degree[:, 1:] += pairs[0][0]
    degree[:, :-1] += pairs[0][0]
    degree[1:] += pairs[1][0]
    degree[:-1] += pairs[1][0]
    m2 = int((degree * (degree - 1)).sum()) // 2
    mean, variance = join_moments(joins, m2, int(there.sum()), int(bad.sum()))
    return both, mean, variance


def join_moments(joins: int, m2: int, n: int, bad: int) -> tuple[float, float]:
    """Mean and variance of bad pairs among ``joins``, ``bad`` of ``n`` cells thrown at random."""
    if n < 4 or bad < 2:
        return 0.0, 0.0
    shares = [1.0]
    for drawn in range(4):
        shares.append(shares[-1] * (bad - drawn) / (n - drawn))
    p2, p3, p4 = shares[2:5]
    mean = joins * p2
    return mean, mean + 2 * m2 * p3 + (joins * (joins - 1) - 2 * m2) * p4 - mean**2


def morans_i(values: Floats) -> float:
    """Moran's I of a rectangle of values with rook neighbours; -1 for a checkerboard, about 0 for chance."""
    off = values - values.mean()
    across, along = off[:, 1:] * off[:, :-1], off[1:] * off[:-1]
    joins = across.size + along.size
    spread = float((off**2).sum())
    return float(values.size / joins * (across.sum() + along.sum()) / spread) if spread > 0 and joins else 0.0
