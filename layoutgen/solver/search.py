"""Branch and bound over the search space: bounds prune, the tiler evaluates what is left.

The cost of a design is the sum of weight x log(figure) over the figures of its objective, so that weights act as
exponents and units do not matter. All figures but web area are known before tiling; web area is bounded from below
by the density bound. Designs are tiled in the order of their bounds until the next bound is no better than the
best design found: that one is then optimal over the whole grid, for the arrangements that the tiler can make at
the effort of the search.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.sizing.stackup import pitch_um
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.space import Cells, Floats, Space
from layoutgen.spec import Goal
from layoutgen.tile.density import density_bound, density_reached
from layoutgen.tile.model import WebFrame

# costs are logarithms; differences below this are rounding, not preference
_TIE = 1e-9

Weights = Mapping[Goal, float]
DensityOf = Callable[[tuple[float, float], float], float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One design as the search sees it; lengths in um, web area in mm2 for each good device."""

    variant: int
    layers: int
    cell_um: tuple[float, float]
    cost: float
    good_per_cell: float
    density_per_um2: float

    @property
    def web_mm2_per_good(self) -> float:
        return 1e-6 / (self.density_per_um2 * self.good_per_cell)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best design and what became of the others.

    ``tried`` holds the designs that were the best so far when they were tiled, best first; ``tiled`` counts all
    that were looked at on the web, the others were excluded by their bounds. ``bound_cost`` is the least cost that
    any design could have if cells could be arranged as densely as the density bound allows.
    """

    tried: tuple[Candidate, ...]
    considered: int
    tiled: int
    bound_cost: float

    @property
    def best(self) -> Candidate:
        return self.tried[0]


@dataclass(frozen=True, slots=True)
class _Pool:
    """Candidates of one variant with their known cost and bounds."""

    variant: int
    space: Space
    cells: Cells
    known: Floats
    good: Floats


def search(
    spaces: Iterable[tuple[Space, Iterable[Cells]]],
    weights: Weights,
    frame: WebFrame,
    density_of: DensityOf,
    *,
    um_dbu: int,
) -> SearchResult | None:
    """Find the cheapest design.

    Args:
        spaces: for each variant of the process, its space and the candidates in it.
        weights: the objective. Where web area has no weight, it breaks ties.
        frame: the web, in dbu.
        density_of: cells per um2 of web for a finished cell (length, width) in um, 0 where it does not fit or does
            not exceed the second argument.
        um_dbu: dbu in one um.

    Returns:
        None where there is no candidate, or none fits on the web.
    """
    pools = [_pool(number, space, cells, weights) for number, (space, cells) in enumerate(spaces)]
    pools = [pool for pool in pools if len(pool.cells)]
    considered = sum(len(pool.cells) for pool in pools)
    if not pools:
        return None
    web_weight = weights.get(Goal.WEB, 0.0)
    if not web_weight:
        pools, web_weight = _cheapest_only(pools), 1.0
    rows = _bounded(pools, web_weight, frame, um_dbu)
    tried, tiled = _evaluate(rows, web_weight, density_of)
    if not tried:
        return None
    bound = min(float(np.min(row.bound)) for row in rows)
    return SearchResult(tuple(tried), considered, tiled, bound)


def _pool(number: int, space: Space, groups: Iterable[Cells], weights: Weights) -> _Pool:
    found = list(groups)
    empty = np.zeros(0, dtype=np.int64)
    cells = Cells(
        *(
            np.concatenate([getattr(group, name) for group in found]) if found else empty
            for name in ("layers", "length", "width")
        )
    )
    area = space.length.active_um[cells.length] * space.width.active_um[cells.width] * 1e-8
    good = np.asarray(good_devices_per_cell(space.process, cells.layers, area), dtype=float)
    usable = good > 0
    cells, good = cells.take(usable), good[usable]
    return _Pool(number, space, cells, known_cost(space, cells, weights), good)


def known_cost(space: Space, cells: Cells, weights: Weights) -> Floats:
    """The part of the cost that needs no tiling."""
    length = space.length.package_um[cells.length]
    width = space.width.package_um[cells.width]
    height = np.asarray(space.template.height_um(cells.layers, pitch_um(space.process)), dtype=float)
    figures = {
        Goal.HEIGHT: height,
        Goal.FOOTPRINT: length * width,
        Goal.VOLUME: length * width * height,
    }
    cost = np.zeros(len(cells))
    for goal, figure in figures.items():
        if weights.get(goal):
            cost += weights[goal] * np.log(figure)
    return cost


def _cheapest_only(pools: list[_Pool]) -> list[_Pool]:
    """Keep the designs whose known cost is least, rounding aside."""
    least = min(float(np.min(pool.known)) for pool in pools)
    kept = []
    for pool in pools:
        rows = np.flatnonzero(pool.known <= least + _TIE)
        if len(rows):
            zeros = np.zeros(len(rows))
            kept.append(_Pool(pool.variant, pool.space, pool.cells.take(rows), zeros + least, pool.good[rows]))
    return kept


@dataclass(frozen=True, slots=True)
class _Rows:
    """Survivors of one pool, with a bound on the cost of each."""

    pool: _Pool
    rows: NDArray[np.int64]
    bound: Floats


def _bounded(pools: list[_Pool], web_weight: float, frame: WebFrame, um_dbu: int) -> list[_Rows]:
    """Prune with the area of cell and kerf first, then with the density bound, against what plain lanes reach."""
    kerf = frame.kerf / um_dbu
    crude = []
    for pool in pools:
        length = pool.space.length.cell_um[pool.cells.length] + kerf
        width = pool.space.width.cell_um[pool.cells.width] + kerf
        density = frame.usable / frame.width / (length * width)
        crude.append(pool.known - web_weight * np.log(density * pool.good))
    best = np.inf
    for pool, cost in zip(pools, crude, strict=True):
        rows = np.argsort(cost, kind="stable")[:256]
        reached = density_reached(frame, *_sizes(pool, rows, um_dbu)) * um_dbu**2
        best = min(best, float(np.min(_cost(pool, rows, reached, web_weight), initial=np.inf)))
    found = []
    for pool, cost in zip(pools, crude, strict=True):
        rows = np.flatnonzero(cost <= best + _TIE)
        bound = density_bound(frame, *_sizes(pool, rows, um_dbu)) * um_dbu**2
        found.append(_Rows(pool, rows, _cost(pool, rows, bound, web_weight)))
    for row in found:
        reached = density_reached(frame, *_sizes(row.pool, row.rows, um_dbu)) * um_dbu**2
        best = min(best, float(np.min(_cost(row.pool, row.rows, reached, web_weight), initial=np.inf)))
    kept = []
    for row in found:
        keep = row.bound <= best + _TIE
        if keep.any():
            kept.append(_Rows(row.pool, row.rows[keep], row.bound[keep]))
    return kept


def _cost(pool: _Pool, rows: NDArray[np.int64], density: Floats, web_weight: float) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(pool.known[rows] - web_weight * np.log(density * pool.good[rows]), dtype=float)


def _sizes(pool: _Pool, rows: NDArray[np.int64], um_dbu: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    length = pool.space.length.cell_um[pool.cells.length[rows]]
    width = pool.space.width.cell_um[pool.cells.width[rows]]
    return np.rint(length * um_dbu).astype(np.int64), np.rint(width * um_dbu).astype(np.int64)


def _evaluate(survivors: list[_Rows], web_weight: float, density_of: DensityOf) -> tuple[list[Candidate], int]:
    """Tile in the order of the bounds until no bound is better than the best; ties go by a fixed order."""
    order = sorted(
        (float(bound), number, int(row))
        for number, group in enumerate(survivors)
        for row, bound in zip(group.rows, group.bound, strict=True)
    )
    tried: list[Candidate] = []
    tiled = 0
    best = np.inf
    for bound, number, row in order:
        if bound > best + _TIE:
            break
        pool = survivors[number].pool
        cell = (
            float(pool.space.length.cell_um[pool.cells.length[row]]),
            float(pool.space.width.cell_um[pool.cells.width[row]]),
        )
        good, known = float(pool.good[row]), float(pool.known[row])
        # a density at or below this would cost more than the best design
        needed = math.exp((known - best) / web_weight - _TIE) / good if best < np.inf else 0.0
        density = density_of(cell, needed)
        tiled += 1
        if density <= 0:
            continue
        cost = known - web_weight * math.log(density * good)
        tried.append(Candidate(pool.variant, int(pool.cells.layers[row]), cell, cost, good, density))
        best = min(best, cost)
    tried.sort(key=lambda item: (round(item.cost / _TIE), item.layers, item.cell_um, item.variant))
    return tried, tiled
