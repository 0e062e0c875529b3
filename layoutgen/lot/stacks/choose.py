"""Stacks of a pool of cells by an order, under limits on what may stand in one stack."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.stacks.count import most_stacks, stack_up
from layoutgen.lot.stacks.differencing import Ints
from layoutgen.lot.stacks.exact import PROGRAMMED_CELLS, Cells, most_by_programme
from layoutgen.lot.stacks.orders import Built, class_trays, one_tray, open_stacks, web_order
from layoutgen.lot.stacks.pool import Pool

_PHASES = 8
_FEW = 2000
_EDGES = 200


@dataclass(frozen=True, slots=True)
class Order:
    """How a line stacks: ``whole``, ``web``, ``open`` (K stacks), ``tray`` (B places), ``trays`` (K classes)."""

    name: str
    number: int = 0

    @property
    def neighbours(self) -> bool:
        """Whether its stacks are of cells that came about one after the other."""
        return self.name in {"web", "open", "tray"}

    def __str__(self) -> str:
        return f"{self.name}:{self.number}" if self.number else self.name


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a stack must be: N cells, their sum at least ``least`` nAh, largest over smallest resistance at most
    ``ratio`` and the sum of leaks at most ``leak_pa``, where those are given.

    ``margin`` is how much of ``least`` is there for the error of the estimates only.
    """

    size: int
    least: int
    ratio: float | None = None
    leak_pa: int | None = None
    margin: int = 0

    @property
    def target(self) -> int:
        """What a stack is sold as, nAh."""
        return self.least - self.margin


@dataclass(frozen=True)
class Chosen:
    """Stacks as indices into the pool, shape (made, N), by rising capacity, and why the other cells are left over.

    ``bound`` is on stacks of these cells without the limits on resistance and leak, so it holds with them too;
    of few cells it heeds the limits.
    """

    order: Order
    members: Ints
    sums: Ints
    bound: int
    optimal: bool
    held: int
    built: Ints
    """Sums of all stacks that the order gave, those too that fell short or kept no limit."""
    left: dict[str, Ints] = field(default_factory=dict)

    @property
    def made(self) -> int:
        return len(self.members)


def choose(pool: Pool, wanted: Wanted, order: Order, *, seed: int, mixed: bool = True) -> Chosen:
    """Stack a pool.

    Args:
        pool: good cells.
        wanted: what a stack must be.
        order: how the line works.
        seed: of the draw from class trays.
        mixed: whether a stack may hold cells of several lots.
    """
    cells = np.arange(pool.count, dtype=np.int64)
    left: dict[str, Ints] = {}
    if wanted.ratio is not None:
        unknown = pool.resistance < 0
        cells, left["resistance not measured"] = cells[~unknown], cells[unknown]
    if wanted.leak_pa is not None:
        unknown, over = pool.leak[cells] < 0, pool.leak[cells] > wanted.leak_pa
        left["leak not measured"], left["leaks more than a stack may"] = cells[unknown], cells[over]
        cells = cells[~unknown & ~over]
    groups = [cells] if mixed else [cells[pool.lot[cells] == lot] for lot in range(len(pool.webs))]
    build = _best if order.name == "whole" else _by_order
    parts = [build(pool, group, wanted, order, seed) for group in groups]
    members = np.concatenate([part.members for part in parts])
    bound = sum(part.bound for part in parts)
    held = (sum if order.name == "whole" else max)(part.held for part in parts)
    sums = built = pool.capacity[members].sum(axis=1)
    sound = sums >= wanted.least
    if wanted.leak_pa is not None:
        members, sums = _share_leaks(pool, members, sums, wanted, sound)
    if wanted.ratio is not None:
        inside = _ratios(pool, members) <= wanted.ratio
        left["stack unequal in resistance"] = members[sound & ~inside].ravel()
        sound &= inside
    if wanted.leak_pa is not None:
        tight = pool.leak[members].sum(axis=1) <= wanted.leak_pa
        left["stack leaks more than it may"] = members[sound & ~tight].ravel()
        sound &= tight
    left["stack falls short"] = members[sums < wanted.least].ravel()
    members, sums = members[sound], sums[sound]
    rising = np.lexsort((members.min(axis=1), sums)) if len(members) else np.empty(0, np.int64)
    members, sums = members[rising], sums[rising]
    taken = np.zeros(pool.count, dtype=np.bool_)
    for group in (members.ravel(), *left.values()):
        taken[group] = True
    left["no stack for it"] = np.flatnonzero(~taken)
    listed = {why: group for why, group in left.items() if len(group)}
    return Chosen(order, members, sums, bound, len(members) == bound, held, built, listed)


@dataclass(frozen=True, slots=True)
class _Part:
    """Stacks of cells that may share them, a bound on their number, and the cells held at the peak."""

    members: Ints
    bound: int
    held: int


def _best(pool: Pool, cells: Ints, wanted: Wanted, order: Order, seed: int) -> _Part:
    """Most stacks: by classes of resistance; of few cells by a programme where that makes more."""
    del order, seed
    bound = most_stacks(pool.capacity[cells], wanted.size, wanted.least)
    members = _class_by_class(pool, cells, wanted)
    held = len(cells)
    made = sum(keeps_limits(pool, stack, wanted) for stack in members)
    if made == bound or held > PROGRAMMED_CELLS:
        return _Part(members, bound, held)
    known = Cells(pool.capacity[cells], pool.resistance[cells], pool.leak[cells])
    found = most_by_programme(known, wanted.size, wanted.least, wanted.ratio, wanted.leak_pa)
    if found is None:
        return _Part(members, bound, held)
    stacks, proved = found
    if len(stacks) > made:
        members = even_out(pool, cells[stacks], wanted)
    return _Part(members, min(bound, max(proved, made)), held)


def _class_by_class(pool: Pool, cells: Ints, wanted: Wanted) -> Ints:
    """Most stacks, class of resistance by class, then what the classes leave over, as long as that gives some."""
    found = [np.empty((0, wanted.size), np.int64)]
    rest = cells
    while True:
        before = len(found)
        left = [np.empty(0, np.int64)]
        groups = _alike(pool, rest, wanted)
        for group in groups:
            members = group[stack_up(pool.capacity[group], wanted.size, wanted.least).members]
            found += [members.reshape(-1, wanted.size)] if len(members) else []
            left.append(np.setdiff1d(group, members.ravel(), assume_unique=True))
        rest = np.concatenate(left)
        if len(groups) < 2 or len(found) == before:
            return np.concatenate(found)


def keeps_limits(pool: Pool, stack: Ints, wanted: Wanted) -> bool:
    """Whether cells keep the limits on resistance and leak of a stack."""
    ohms = pool.resistance[stack]
    unequal = wanted.ratio is not None and int(ohms.max()) > wanted.ratio * max(int(ohms.min()), 1)
    return not unequal and (wanted.leak_pa is None or int(pool.leak[stack].sum()) <= wanted.leak_pa)


def even_out(pool: Pool, members: Ints, wanted: Wanted) -> Ints:
    """Exchange cells of few stacks, two at a time, while their sums get more alike and the limits are kept."""
    members = members.copy()
    changed = True
    while changed:
        changed = False
        for low, high in combinations(range(len(members)), 2):
            changed |= _even_two(pool, members, (low, high), wanted)
    return members


def _even_two(pool: Pool, members: Ints, rows: tuple[int, int], wanted: Wanted) -> bool:
    """The exchange between two stacks that brings their sums closest; whether there was one."""
    sums = pool.capacity[members[list(rows)]].sum(axis=1)
    low, high = rows if sums[0] <= sums[1] else rows[::-1]
    gap = int(abs(sums[1] - sums[0]))
    gain = pool.capacity[members[high]][None, :] - pool.capacity[members[low]][:, None]
    left = np.abs(gap - 2 * gain)
    for place in np.argsort(left, axis=None, kind="stable").tolist():
        mine, theirs = divmod(place, wanted.size)
        if left[mine, theirs] >= gap:
            return False
        trial = members[[low, high]]
        trial[0, mine], trial[1, theirs] = trial[1, theirs], trial[0, mine]
        if all(keeps_limits(pool, stack, wanted) for stack in trial):
            members[[low, high]] = trial
            return True
    return False


def _alike(pool: Pool, cells: Ints, wanted: Wanted) -> list[Ints]:
    """Cells parted into classes inside which the resistance ratio holds, by the edges that allow most stacks."""
    if wanted.ratio is None or len(cells) == 0:
        return [cells]
    order = np.argsort(pool.resistance[cells], kind="stable")
    cells, ohms = cells[order], np.maximum(pool.resistance[cells][order], 1)
    if wanted.ratio <= 1:
        return [cells[ohms == value] for value in np.unique(ohms)]
    # edges that a class may have: every cell where there are few, else so many a class
    steps = min(len(cells), _EDGES if len(cells) <= _FEW else _PHASES * math.ceil(_width(ohms, wanted.ratio)))
    edges = np.unique(np.searchsorted(ohms, np.geomspace(ohms[0], ohms[-1], steps + 1)[1:-1], side="left"))
    ends = [0, *(int(edge) for edge in edges if 0 < edge < len(cells)), len(cells)]
    return [cells[low:high] for low, high in _best_classes(pool, cells, ohms, ends, wanted)]


def _width(ohms: Ints, ratio: float) -> float:
    """How many classes of a ratio the resistances span."""
    return max(math.log(float(ohms[-1]) / float(ohms[0])) / math.log(ratio), 1.0)


def _best_classes(pool: Pool, cells: Ints, ohms: Ints, ends: list[int], wanted: Wanted) -> list[tuple[int, int]]:
    """Stretches of cells by rising resistance, each within the ratio, whose bounds add up to the most stacks.

    Dynamic programming over the edges: the best up to each edge, from the best up to an edge before.
    """
    ratio = wanted.ratio or 1.0
    best: list[tuple[int, int]] = [(0, 0)]
    for at in range(1, len(ends)):
        high = ends[at]
        found = (-1, 0)
        for before in range(at - 1, -1, -1):
            low = ends[before]
            if int(ohms[high - 1]) > ratio * int(ohms[low]):
                break
            count = best[before][0]
            if count + (high - low) // wanted.size > found[0]:
                count += most_stacks(pool.capacity[cells[low:high]], wanted.size, wanted.least)
                found = max(found, (count, before), key=lambda item: item[0])
        best.append(found if found[0] >= 0 else (best[at - 1][0], at - 1))
    stretches = []
    at = len(ends) - 1
    while at > 0:
        before = best[at][1]
        stretches.append((ends[before], ends[at]))
        at = before
    return stretches[::-1]


def _by_order(pool: Pool, cells: Ints, wanted: Wanted, order: Order, seed: int) -> _Part:
    """Stacks in the order of a line; where a ratio is asked for, it parts its cells by resistance first."""
    size = wanted.size
    found, held = [np.empty((0, size), np.int64)], 0
    for group in _alike(pool, cells, wanted):
        built = _built(pool.capacity[group], size, order, seed)
        found.append(group[built.members].reshape(-1, size))
        held += built.held
    return _Part(np.concatenate(found), most_stacks(pool.capacity[cells], size, wanted.least), held)


def _built(values: Ints, size: int, order: Order, seed: int) -> Built:
    builders: dict[str, Callable[[], Built]] = {
        "web": lambda: web_order(len(values), size),
        "open": lambda: open_stacks(values, size, order.number),
        "tray": lambda: one_tray(values, size, order.number),
        "trays": lambda: class_trays(values, size, order.number, seed=seed),
    }
    return builders[order.name]()


def _ratios(pool: Pool, members: Ints) -> NDArray[np.float64]:
    values = pool.resistance[members].astype(np.float64)
    if len(values) == 0:
        return np.empty(0)
    found: NDArray[np.float64] = values.max(axis=1) / np.maximum(values.min(axis=1), 1.0)
    return found


def _share_leaks(
    pool: Pool, members: Ints, sums: Ints, wanted: Wanted, sound: NDArray[np.bool_]
) -> tuple[Ints, Ints]:
    """Exchange leaky cells of stacks that leak too much for tight ones of like capacity in the tightest stacks."""
    leaks = pool.leak
    limit = wanted.leak_pa or 0
    members, sums = members.copy(), sums.copy()
    totals = leaks[members].sum(axis=1)
    rows = np.flatnonzero(sound)
    for row in rows[np.argsort(-totals[rows], kind="stable")]:
        for other in rows[np.argsort(totals[rows], kind="stable")][: 2 * wanted.size]:
            if totals[row] <= limit:
                break
            if other == row:
                continue
            gain = pool.capacity[members[other]][None, :] - pool.capacity[members[row]][:, None]
            moved = leaks[members[row]][:, None] - leaks[members[other]][None, :]
            fits = (sums[row] + gain >= wanted.least) & (sums[other] - gain >= wanted.least)
            fits &= (moved > 0) & (totals[other] + moved <= limit)
            if wanted.ratio is not None:
                fits &= _stay_alike(pool.resistance[members[row]], pool.resistance[members[other]], wanted.ratio)
            if not fits.any():
                continue
            mine, theirs = np.unravel_index(int(np.where(fits, moved, -1).argmax()), moved.shape)
            members[row, mine], members[other, theirs] = members[other, theirs], members[row, mine]
            totals[row] -= moved[mine, theirs]
            totals[other] += moved[mine, theirs]
            sums[row] += gain[mine, theirs]
            sums[other] -= gain[mine, theirs]
    return members, sums


def _stay_alike(mine: Ints, theirs: Ints, ratio: float) -> NDArray[np.bool_]:
    """Whether a cell of one stack and one of another may change places: both stacks stay within the ratio."""
    into_mine = (theirs >= mine.max() / ratio) & (theirs <= mine.min() * ratio)
    into_theirs = (mine >= theirs.max() / ratio) & (mine <= theirs.min() * ratio)
    found: NDArray[np.bool_] = into_theirs[:, None] & into_mine[None, :]
    return found
