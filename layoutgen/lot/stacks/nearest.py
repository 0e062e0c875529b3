"""What stacks of these cells do reach, where none of them reaches what is asked."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from layoutgen.errors import DoesNotFit, Input, Problem, listed
from layoutgen.lot.stacks.choose import Chosen, Order, Wanted, choose
from layoutgen.lot.stacks.count import most_stacks
from layoutgen.lot.stacks.pool import NAH_PER_MAH, Pool
from layoutgen.units import plain

_HALVINGS = 8
_MOST_LAYERS = 10_000
_DIGITS = 4

Stacks = Callable[[Wanted], Chosen]


def none_reaches(pool: Pool, wanted: Wanted, order: Order, *, seed: int, mixed: bool) -> DoesNotFit:
    """The verdict where no stack was made; whatever is offered was tried, and makes at least one.

    Args:
        pool: good cells.
        wanted: what a stack must be.
        order: how the line works.
        seed: of the draw from class trays.
        mixed: whether a stack may hold cells of several lots.
    """

    def stacks(asked: Wanted) -> Chosen:
        return choose(pool, asked, order, seed=seed, mixed=mixed)

    offered = []
    most = _most(pool, wanted, stacks, whole=order.name == "whole")
    if most is not None:
        offered.append(Input("capacity", most))
    layers = _layers(pool, wanted, stacks)
    if layers is not None:
        offered.append(Input("layers", str(layers)))
    if order.name != "whole" and choose(pool, wanted, Order("whole"), seed=seed, mixed=mixed).made:
        offered.append(Input("order", "whole"))
    remedy = listed(offered) if offered else "no single change makes a stack; relax two of the limits"
    return DoesNotFit(Problem(_what(pool, wanted, order), remedy=remedy))


def _what(pool: Pool, wanted: Wanted, order: Order) -> str:
    if pool.count < wanted.size:
        return f"{pool.count} good cells are too few for one stack of {wanted.size}"
    what = f"no stack of {wanted.size} of these cells reaches {plain(wanted.target / NAH_PER_MAH)} mAh"
    if wanted.margin:
        what += f" and {plain(wanted.margin / NAH_PER_MAH, _DIGITS)} mAh for the error of the estimates"
    if order.name != "whole":
        what += f" in order {order}"
    unlimited = most_stacks(pool.capacity, wanted.size, wanted.least)
    if unlimited and (wanted.ratio is not None or wanted.leak_pa is not None):
        limits = {"resistance": wanted.ratio, "leak": wanted.leak_pa}
        what += f" within the limit on {' and '.join(name for name, limit in limits.items() if limit is not None)}"
    return what


def _most(pool: Pool, wanted: Wanted, stacks: Stacks, *, whole: bool) -> str | None:
    """The largest capacity that a stack of as many cells reaches, mAh, rounded down; None where there is none."""

    def reaches(least: int) -> bool:
        return stacks(replace(wanted, least=least)).made > 0

    if pool.count < wanted.size:
        return None
    low, high = 0, int(np.sort(pool.capacity)[::-1][: wanted.size].sum())
    if reaches(high):
        low = high
    else:
        any_stacks = stacks(replace(wanted, least=0))
        if not any_stacks.made:
            return None
        best = int(any_stacks.sums.max())
        low = best if reaches(best) else 0
        # a line's order builds the same stacks whatever is asked of them: its best one is the answer
        for _ in range(_HALVINGS if whole or not low else 0):
            middle = (low + high) // 2
            low, high = (middle, high) if reaches(middle) else (low, middle)
    target = low - wanted.margin
    if target <= 0:
        return None
    unit = 10 ** max(math.floor(math.log10(target)) - _DIGITS + 1, 0)
    short = target // unit * unit
    return plain((short if reaches(short + wanted.margin) else target) / NAH_PER_MAH, 12)


def _layers(pool: Pool, wanted: Wanted, stacks: Stacks) -> int | None:
    """The number of cells nearest to that asked for with which there is a stack; None where none was found."""

    def asked(size: int) -> Wanted:
        # the error of a sum of like cells grows with the root of their number
        margin = math.ceil(wanted.margin * math.sqrt(size / wanted.size))
        return replace(wanted, size=size, least=wanted.target + margin, margin=margin)

    most = min(pool.count, _MOST_LAYERS)
    totals = np.cumsum(np.sort(pool.capacity)[::-1][:most])
    enough = [size for size in range(1, most + 1) if int(totals[size - 1]) >= asked(size).least]
    if most < wanted.size:
        return enough[-1] if enough and stacks(asked(enough[-1])).made else None
    enough = [size for size in enough if size > wanted.size]
    failed, at, step = -1, 0, 1
    while at < len(enough) and not stacks(asked(enough[at])).made:
        failed, at, step = at, at + step, 2 * step
    if at >= len(enough):
        return None
    while at - failed > 1:
        middle = (at + failed) // 2
        failed, at = (failed, middle) if stacks(asked(enough[middle])).made else (middle, at)
    return enough[at]
