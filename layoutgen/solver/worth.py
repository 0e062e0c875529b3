"""Which numbers of layers are worth looking at: the others cannot hold the best design, whatever their cells.

Of a number of layers the needed active area is known without a cell. The smallest cell of that area that the limits
leave, on a web without a gap, bounds what any cell of it costs; what plain lanes reach with the cells of the most
promising numbers bounds the best from above. Nothing that is left out could have been kept by the bounds of the
search, so its answer is the same; only how many designs it counts as considered is not.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.packing import Web
from layoutgen.solver.space import Cells, Floats, Space

_PROBED = 3
"""Numbers of layers whose cells are looked at for a cost to beat."""
_CELLS = 256
_ROUNDING = 1e-7

Candidates = Callable[[Space, Iterable[int] | None], Iterable[Cells]]


def numbers_worth(
    spaces: Sequence[Space], candidates: Candidates, target_mah: float, web: Web, indifference: float
) -> list[list[int]]:
    """For each space the numbers of layers that may hold a design within ``indifference`` of the least web.

    Args:
        spaces: of the variants of a process.
        candidates: the designs of some numbers of layers of a space.
        target_mah: charge that a design must have.
        web: what cells are tiled on.
        indifference: costs, as logarithms, up to this above the least are as good.
    """
    least = [_least_costs(space, target_mah, web) for space in spaces]
    order = sorted(
        (float(cost), at, number)
        for at, costs in enumerate(least)
        for number, cost in enumerate(costs.tolist(), start=1)
        if math.isfinite(cost)
    )
    best = math.inf
    for cost, at, number in order[:_PROBED]:
        if cost < best:
            best = min(best, _reached(spaces[at], candidates(spaces[at], [number]), web))
    ceiling = best + indifference + _ROUNDING
    return [(np.flatnonzero(costs <= ceiling) + 1).tolist() if len(costs) else [] for costs in least]


def _least_costs(space: Space, target_mah: float, web: Web) -> Floats:
    """For 1, 2, 3 ... layers a cost that no cell comes below; infinite where none is large enough."""
    numbers = np.arange(1, space.layers_max + 1, dtype=np.int64)
    corners = space.corners()
    if not corners or not len(numbers):
        return np.full(len(numbers), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        area = np.where(
            space.charge_per_area(numbers) > 0, target_mah / space.charge_per_area(numbers) * 1e8, np.inf
        )
        area *= 1 - 1e-9
        inflated = np.full(len(numbers), np.inf)
        for length, width in corners:
            inflated = np.minimum(
                inflated, _least_inflated(space, length, width, area, web.frame.kerf / web.um_dbu)
            )
        good = np.asarray(good_devices_per_cell(space.process, numbers, area * 1e-8), dtype=float)
        cost: Floats = np.log(inflated / (web.frame.usable / web.frame.width)) - np.log(good)
    return np.where(np.isnan(cost), np.inf, cost)


def _least_inflated(space: Space, length: int, width: int, area_um2: Floats, kerf_um: float) -> Floats:
    """Least area of a cell and its streets, um2, by its active area; infinite beyond that of a corner."""
    along, across = space.length, space.width
    more_along = float(np.min(along.cell_um - along.active_um)) + kerf_um
    more_across = float(np.min(across.cell_um - across.active_um)) + kerf_um
    longest, widest = float(along.active_um[length]), float(across.active_um[width])
    # (x + p)(A / x + q) is convex in x
    best = np.sqrt(area_um2 * more_along / more_across)
    x = np.clip(best, area_um2 / widest, longest)
    found: Floats = np.where(area_um2 <= longest * widest, (x + more_along) * (area_um2 / x + more_across), np.inf)
    return found


def _reached(space: Space, groups: Iterable[Cells], web: Web) -> float:
    """The least cost that plain lanes reach with some cells."""
    best, unit = math.inf, web.um_dbu
    for cells in groups:
        along, across = space.length.cell_um[cells.length], space.width.cell_um[cells.width]
        rows = np.argsort(along * across, kind="stable")[:_CELLS]
        along, across = along[rows], across[rows]
        sizes = (np.rint(side * unit).astype(np.int64) for side in (along, across))
        density = web.densities.reached(*sizes) * unit**2
        active = space.length.active_um[cells.length[rows]] * space.width.active_um[cells.width[rows]] * 1e-8
        good = np.asarray(good_devices_per_cell(space.process, cells.layers[rows], active), dtype=float)
        with np.errstate(divide="ignore"):
            best = min(best, float(np.min(-np.log(density * good), initial=np.inf)))
    return best
