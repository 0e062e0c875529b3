"""How many stacks of N cells reach a sum: a bound that one sort gives, stacks that reach it, and what is proved.

``k* = max{k : sum of the k N largest >= k S}`` bounds every choice: whichever cells k stacks take, together they
hold no more than the k N largest, and together they need k S. Usually it is reached; where it is not, the gap is
said.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from layoutgen.lot.stacks.differencing import Ints, balanced, rising_order
from layoutgen.lot.stacks.exchange import raise_to, tighten

ENUMERATED_CELLS = 16
"""Up to so many cells all choices are looked at: 2^16 sets of cells that are used already."""
_SHARED_CELLS = 12
"""Up to so many cells every way to share them is looked at: 15 400 for three cells in each of four stacks."""
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Stacks:
    """Cells in stacks, in integer ticks.

    ``members`` are indices into what was given, shape (made, N), ``sums`` shape (made,). ``optimal`` says that no
    choice makes more stacks; ``spread_optimal`` that the cells taken cannot be shared more evenly.
    """

    members: Ints
    sums: Ints
    bound: int
    optimal: bool
    spread_optimal: bool

    @property
    def made(self) -> int:
        return len(self.members)

    @property
    def gap(self) -> int:
        return self.bound - self.made

    @property
    def spread(self) -> int:
        """Highest less lowest sum."""
        return int(self.sums.max() - self.sums.min()) if len(self.sums) else 0


def most_stacks(values: Ints, size: int, least: int) -> int:
    """The bound k* on stacks of ``size`` cells with a sum of at least ``least``; integers, exact."""
    count = len(values) // size
    if count == 0:
        return 0
    falling = np.sort(values)[::-1][: count * size]
    # the mean of the largest falls with their number, so the ks that hold are 1 .. k*
    totals = np.cumsum(falling.reshape(count, size).sum(axis=1))
    return int(np.count_nonzero(totals >= np.arange(1, count + 1) * least))


def stack_up(values: Ints, size: int, least: int, *, work: int = 20_000) -> Stacks:
    """As many stacks of ``size`` cells with a sum of at least ``least`` as can be found, then as alike as can be.

    Args:
        values: capacity of every cell in integer ticks, shape (n,).
        size: cells in a stack, at least 1.
        least: sum that every stack must reach, ticks.
        work: exchanges that may be tried to narrow the spread.

    Raises:
        ValueError: the size is below 1.
    """
    if size < 1:
        raise ValueError(f"a stack has at least one cell, not {size}")
    bound = most_stacks(values, size, least)
    members = _most_found(values, size, bound, least)
    optimal = len(members) == bound
    if not optimal and len(values) <= ENUMERATED_CELLS:
        members, optimal = by_enumeration(values, size, least), True
    if len(members) == 0:
        return Stacks(members, np.empty(0, np.int64), bound, optimal, spread_optimal=True)
    sums = values[members].sum(axis=1)
    tighten(values, members, sums, work=work, least=least)
    even = int(sums.max() - sums.min()) <= (0 if int(sums.sum()) % len(sums) == 0 else 1)
    if not even and members.size <= _SHARED_CELLS:
        members, even = _most_even(values, members, least), True
        sums = values[members].sum(axis=1)
    order = np.lexsort((members.min(axis=1), sums))
    return Stacks(members[order], sums[order], bound, optimal, even)


def _most_found(values: Ints, size: int, bound: int, least: int) -> Ints:
    """Members of as many stacks as differencing and exchanges reach, shape (made, size).

    The bound, one and two below it are tried first: one of them is nearly always it. If not, by halving.
    """
    falling = rising_order(-values)
    most, best = bound, np.empty((0, size), np.int64)
    while most > len(best):
        count = most if bound - most < _NEAR else (len(best) + most + 1) // 2
        taken = falling[: count * size]
        members, sums = balanced(values[taken], size)
        members = taken[members]
        if raise_to(values, members, sums, least):
            best = members
        else:
            most = count - 1
    return best


def by_enumeration(values: Ints, size: int, least: int) -> Ints:
    """The most stacks of few cells, by dynamic programming over the sets of cells that are used.

    Args:
        values: capacity of every cell in integer ticks; at most :data:`ENUMERATED_CELLS` of them.
        size: cells in a stack.
        least: sum that every stack must reach.
    """
    cells = range(len(values))
    serving = [
        (sum(1 << cell for cell in group), group)
        for group in combinations(cells, size)
        if sum(int(values[cell]) for cell in group) >= least
    ]
    reached: dict[int, tuple[tuple[int, ...], ...]] = {0: ()}
    best: tuple[tuple[int, ...], ...] = ()
    frontier = reached
    while frontier:
        following: dict[int, tuple[tuple[int, ...], ...]] = {}
        for used, groups in frontier.items():
            # stacks in rising order of their lowest cell: each choice is made once
            after = groups[-1][0] if groups else -1
            for mask, group in serving:
                if not mask & used and group[0] > after:
                    following.setdefault(used | mask, (*groups, group))
        if following:
            best = next(iter(following.values()))
        frontier = following
    return np.array(best, dtype=np.int64).reshape(len(best), size)


def _most_even(values: Ints, members: Ints, least: int) -> Ints:
    """The most even sharing of few cells among stacks that all reach ``least``: every partition is looked at."""
    count, size = members.shape
    best, narrowest = members, int(np.ptp(values[members].sum(axis=1)))
    for groups in _partitions(tuple(int(cell) for cell in np.sort(members.ravel())), size):
        sums = [sum(int(values[cell]) for cell in group) for group in groups]
        if min(sums) >= least and max(sums) - min(sums) < narrowest:
            best, narrowest = np.array(groups, dtype=np.int64).reshape(count, size), max(sums) - min(sums)
    return best


def _partitions(cells: tuple[int, ...], size: int) -> "list[list[tuple[int, ...]]]":
    """Every way to share cells into groups of one size."""
    if not cells:
        return [[]]
    first, rest = cells[0], cells[1:]
    found = []
    for others in combinations(rest, size - 1):
        left = tuple(cell for cell in rest if cell not in others)
        found += [[(first, *others), *groups] for groups in _partitions(left, size)]
    return found
