"""Proof by CP-SAT, an optional extra (``pip install layoutgen[proof]``): is there room for one item more?

One boolean for each place at reduced raster points, at most one item over each point. The set-packing bound has
closed nearly all instances before; this is for the few that are left, up to about a hundred items. Work is counted
in the solver's deterministic time, and one worker keeps the answer the same everywhere.
"""

from itertools import product
from math import gcd
from typing import Any

from layoutgen.tile.pack.points import best_fill
from layoutgen.tile.pack.setpack import Axis, axis
from layoutgen.web.plan import Block, Blocks


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
    across, along = (axis(best_fill(side // unit, u, v), u, v) for side in frame)
    model = cp_model.CpModel()
    covering: dict[tuple[int, int], list[Any]] = {}
    chances = []
    for turned in (False, True):
        for x, columns in _covered(across, turned):
            for y, rows in _covered(along, not turned):
                here = model.new_bool_var("")
                chances.append((here, x * unit, y * unit, turned))
                for point in product(columns, rows):
                    covering.setdefault(point, []).append(here)
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


def _covered(along: Axis, side: int) -> list[tuple[int, list[int]]]:
    """For one item side: where an item may start, and the points it then covers."""
    starts, covers = along.starts[side], along.covers[side]
    return [(int(start), cover.nonzero()[0].tolist()) for start, cover in zip(starts, covers.T, strict=True)]
