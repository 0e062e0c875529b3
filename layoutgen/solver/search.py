"""Branch and bound over the search space: bounds prune, the tiler evaluates what is left.

The cost of a design is the sum of weight x log(figure) over the figures of its objective, so that weights act as
exponents and units do not matter. All figures but web area are known before tiling; web area is bounded from below
by the density bound. Of several processes, those that another one is as good as in every design are left out
first. Designs are tiled in the order of their bounds until the next bound is no better than the best design found:
that one is then optimal over the whole grid, for the arrangements that the tiler can make at the effort of the
search.

Where costs that differ by less than an indifference count as equal, the lowest of the designs within it is chosen,
the cheapest among equally low ones. This too is exact: every lower design whose bound is within is tiled, from the
lowest up, until one holds what its bound promised.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layoutgen.sizing.stackup import pitch_um
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.packing import Web
from layoutgen.solver.space import Cells, Floats, Space, undominated
from layoutgen.spec import Goal

# costs are logarithms; differences below this are rounding, not preference
_TIE = 1e-9
# and heights that differ by less are the same
_SAME_HEIGHT_UM = 1e-5

Weights = Mapping[Goal, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One design as the search sees it; lengths in um, web area in mm2 for each good device."""

    variant: int
    layers: int
    cell_um: tuple[float, float]
    height_um: float
    cost: float
    good_per_cell: float
    density_per_um2: float

    @property
    def web_mm2_per_good(self) -> float:
        return 1e-6 / (self.density_per_um2 * self.good_per_cell)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best design and what became of the others.

    ``tried`` holds the designs that were the best so far when they were tiled, best first; ``chosen`` is the lowest
    of those as good as the best. ``tiled`` counts all that were looked at on the web, the others were excluded by
    their bounds. ``bound_cost`` is the least cost that any design could have if cells could be arranged as densely
    as the density bound allows.
    """

    tried: tuple[Candidate, ...]
    chosen: Candidate
    considered: int
    tiled: int
    bound_cost: float
    dominated: int
    """Spaces left out, since another one is as good or better in every design."""

    @property
    def best(self) -> Candidate:
        return self.tried[0]


@dataclass(frozen=True, slots=True)
class _Pool:
    """Candidates of one variant with their known cost and bounds."""

    variant: int
    space: Space
    cells: Cells
    height_um: Floats
    known: Floats
    good: Floats

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "_Pool":
        arrays = (values[rows] for values in (self.height_um, self.known, self.good))
        return _Pool(self.variant, self.space, self.cells.take(rows), *arrays)


def search(
    spaces: Iterable[tuple[Space, Iterable[Cells]]],
    weights: Weights,
    web: Web,
    *,
    indifference: float = 0.0,
    seeded: bool = False,
) -> SearchResult | None:
    """Find the cheapest design, or the lowest of those that are as cheap.

    Args:
        spaces: for each variant of the process, its space and the candidates in it.
        weights: the objective. Where web area has no weight, it breaks ties.
        web: what cells are tiled on.
        indifference: costs up to this above the least are as good.
        seeded: begin with the best of what earlier searches on this web have tiled: the same design is chosen, but
            fewer are tried on the way.

    Returns:
        None where there is no candidate, or none fits on the web.
    """
    offered = list(spaces)
    worth = undominated([space for space, _ in offered])
    pools = [_pool(number, *offered[number], weights) for number in np.flatnonzero(worth).tolist()]
    pools = [pool for pool in pools if len(pool.cells)]
    considered = sum(len(pool.cells) for pool in pools)
    if not pools:
        return None
    web_weight = weights.get(Goal.WEB, 0.0)
    if not web_weight:
        pools, web_weight = _cheapest_only(pools), 1.0
    rows = _bounded(pools, web_weight, web, indifference)
    tiler = _Tiler(web_weight, web)
    tried = _evaluate(rows, tiler, _known_cost(rows, web_weight, web) if seeded else np.inf)
    if not tried:
        return None
    chosen = _lowest(rows, tiler, tried[0], tried[0].cost + indifference) if indifference else tried[0]
    bound = min(float(np.min(row.bound)) for row in rows)
    return SearchResult(tuple(tried), chosen, considered, tiler.tiled, bound, worth.count(False))


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
    return _Pool(number, space, cells, heights_um(space, cells), known_cost(space, cells, weights), good)


def heights_um(space: Space, cells: Cells) -> Floats:
    """Package height of each design."""
    return np.asarray(space.template.height_um(cells.layers, pitch_um(space.process)), dtype=float)


def known_cost(space: Space, cells: Cells, weights: Weights) -> Floats:
    """The part of the cost that needs no tiling."""
    length = space.length.package_um[cells.length]
    width = space.width.package_um[cells.width]
    height = heights_um(space, cells)
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
            kept.append(replace(pool.take(rows), known=np.full(len(rows), least)))
    return kept


@dataclass(frozen=True, slots=True)
class _Rows:
    """Survivors of one pool, with a bound on the cost of each."""

    pool: _Pool
    rows: NDArray[np.int64]
    bound: Floats


def _bounded(pools: list[_Pool], web_weight: float, web: Web, indifference: float) -> list[_Rows]:
    """Prune with the area of cell and kerf first, then with the density bound, against what plain lanes reach."""
    frame, um_dbu, densities = web.frame, web.um_dbu, web.densities
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
        reached = densities.reached(*_sizes(pool, rows, um_dbu)) * um_dbu**2
        best = min(best, float(np.min(_cost(pool, rows, reached, web_weight), initial=np.inf)))
    found = []
    for pool, cost in zip(pools, crude, strict=True):
        rows = np.flatnonzero(cost <= best + indifference + _TIE)
        bound = densities.bound(*_sizes(pool, rows, um_dbu)) * um_dbu**2
        found.append(_Rows(pool, rows, _cost(pool, rows, bound, web_weight)))
    for row in found:
        reached = densities.reached(*_sizes(row.pool, row.rows, um_dbu)) * um_dbu**2
        best = min(best, float(np.min(_cost(row.pool, row.rows, reached, web_weight), initial=np.inf)))
    kept = []
    for row in found:
        # a cell that no web has room for has no cost
        keep = (row.bound <= best + indifference + _TIE) & (row.bound < np.inf)
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


class _Tiler:
    """Turns rows into candidates by asking for their density, and counts how often it asked."""

    def __init__(self, web_weight: float, web: Web) -> None:
        self.tiled = 0
        self._web_weight = web_weight
        self._density_of = web.density_of

    def candidate(self, pool: _Pool, row: int, ceiling: float) -> Candidate | None:
        """The design of one row; None where it costs more than ``ceiling``, breaks a rule or fits on no web."""
        space, cells = pool.space, pool.cells
        if not space.allows(int(cells.length[row]), int(cells.width[row])):
            return None
        cell = float(space.length.cell_um[cells.length[row]]), float(space.width.cell_um[cells.width[row]])
        good, known = float(pool.good[row]), float(pool.known[row])
        # a density at or below this would cost more than the ceiling
        needed = math.exp((known - ceiling) / self._web_weight - _TIE) / good if ceiling < np.inf else 0.0
        density = self._density_of(cell, needed)
        self.tiled += 1
        if density <= 0:
            return None
        cost = known - self._web_weight * math.log(density * good)
        height = float(pool.height_um[row])
        return Candidate(pool.variant, int(cells.layers[row]), cell, height, cost, good, density)


def _known_cost(survivors: list[_Rows], web_weight: float, web: Web) -> float:
    """The least cost of the designs whose cells are tiled already and keep the rules; infinite where none is."""
    best = np.inf
    for group in survivors:
        pool, rows = group.pool, group.rows
        sizes = zip(*(side.tolist() for side in _sizes(pool, rows, web.um_dbu)), strict=True)
        density = np.array([web.densities.known(size) for size in sizes]) * web.um_dbu**2
        cost = _cost(pool, rows, density, web_weight)
        for at in np.argsort(cost, kind="stable").tolist():
            if not cost[at] < best:
                break
            if pool.space.allows(int(pool.cells.length[rows[at]]), int(pool.cells.width[rows[at]])):
                best = float(cost[at])
    return best


def _evaluate(survivors: list[_Rows], tiler: _Tiler, best: float) -> list[Candidate]:
    """Tile in the order of the bounds until no bound is better than the best; ties go by a fixed order.

    ``best`` is a cost that one of them is known to have; infinite where none is.
    """
    order = sorted(
        (float(bound), number, int(row))
        for number, group in enumerate(survivors)
        for row, bound in zip(group.rows, group.bound, strict=True)
    )
    tried: list[Candidate] = []
    for bound, number, row in order:
        if bound > best + _TIE:
            break
        found = tiler.candidate(survivors[number].pool, row, best)
        if found is not None:
            tried.append(found)
            best = min(best, found.cost)
    tried.sort(key=lambda item: (round(item.cost / _TIE), item.layers, item.cell_um, item.variant))
    return tried


def _lowest(survivors: list[_Rows], tiler: _Tiler, best: Candidate, ceiling: float) -> Candidate:
    """The lowest design that costs at most ``ceiling``; the cheapest of those that are equally low."""
    order = sorted(
        (round(height, 6), float(bound), number, int(row))
        for number, group in enumerate(survivors)
        for row, bound in zip(group.rows, group.bound, strict=True)
        if bound <= ceiling and (height := float(group.pool.height_um[row])) < best.height_um - _SAME_HEIGHT_UM
    )
    found: Candidate | None = None
    for height, bound, number, row in order:
        if found is not None and height > found.height_um + _SAME_HEIGHT_UM:
            break
        limit = ceiling if found is None else found.cost - _TIE
        if bound > limit:
            continue
        candidate = tiler.candidate(survivors[number].pool, row, limit)
        if candidate is not None and candidate.cost <= limit:
            found = candidate
    return found or best
