"""Proof by CP-SAT, an optional extra (``pip install layoutgen[proof]``): is there room for one item more?

One boolean for each place at reduced raster points, at most one item over each point. The set-packing bound has
closed nearly all instances before; this is for the few that are left, up to about a hundred items. Work is counted
in the solver's deterministic time, and one worker keeps the answer the same everywhere.
"""

from math import gcd
from typing import Any

from layoutgen.tile.model import Block
from layoutgen.tile.points import best_fill
from layoutgen.tile.setpack import places, raster_points, undominated

Blocks = tuple[Block, ...]


def available() -> bool:
    """Whether the solver is installed."""
    from importlib.util import find_spec

    return find_spec("ortools") is not None


def reach(frame: tuple[int, int], item: tuple[int, int], target: int, *, work: float) -> Blocks | bool:
    """A packing of ``target`` items; False if there is none; True if the work ran out before either was known.

    ``work`` is CP-SAT's deterministic time, of the order of seconds.
    """
    from ortools.sat.python import cp_model

    unit = gcd(*item)
    u, v = item[0] // unit, item[1] // unit
    across, along = (_axis(best_fill(side // unit, u, v), u, v) for side in frame)
    model = cp_model.CpModel()
    covering: dict[tuple[int, int], list[Any]] = {}
    chances = []
    for turned in (False, True):
        for x, columns in across[turned]:
            for y, rows in along[not turned]:
                here = model.new_bool_var("")
                chances.append((here, x * unit, y * unit, turned))
                for i in columns:
                    for j in rows:
                        covering.setdefault((i, j), []).append(here)
    for clash in covering.values():
        if len(clash) > 1:
            model.add_at_most_one(clash)
    model.add(sum(here for here, *_ in chances) >= target)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = work
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return False
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return True
    chosen = [(y, x, turned) for here, x, y, turned in chances if solver.boolean_value(here)]
    return tuple(Block(x, y, 1, 1, turned) for y, x, turned in sorted(chosen)[:target])


Starts = list[tuple[int, list[int]]]


def _axis(length: int, u: int, v: int) -> tuple[Starts, Starts]:
    """For both item sides: where an item may start, and the points it then covers."""
    raster = raster_points(length, u, v)
    intervals = [places(raster, length, side) for side in (u, v)]
    rows = undominated(len(raster) - 1, intervals)
    starts = [
        [(int(raster[a]), [int(row) for row in rows if a <= row < b]) for a, b in zip(first, last, strict=True)]
        for first, last in intervals
    ]
    return starts[0], starts[1]
