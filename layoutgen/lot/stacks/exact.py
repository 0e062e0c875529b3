"""The most stacks of few cells under limits, as an integer programme: proved, or with the bound that was reached.

A stack is named by the cell of least resistance in it. Column (w, c) says that cell c stands in the stack that cell
w names; c lies within the resistance ratio of w, so no two columns say the same and stacks cannot change names.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutgen.lot.stacks.differencing import Ints
from layoutgen.tile.pack.programme import best_choice, columns_of

PROGRAMMED_CELLS: Final = 60
"""Up to so many cells the programme is solved: a second or so."""
_NODES: Final = 2000
_SLACK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Cells:
    """What a programme knows of cells: capacity, resistance and leak in ticks, shape (n,) each."""

    capacity: Ints
    resistance: Ints
    leak: Ints


def most_by_programme(
    cells: Cells, size: int, least: int, ratio: float | None, leak_most: int | None
) -> tuple[Ints, int] | None:
    """The most stacks of ``size`` cells that reach ``least`` and keep the limits.

    Args:
        cells: at most :data:`PROGRAMMED_CELLS` of them.
        size: cells in a stack.
        least: sum of capacities that every stack must reach.
        ratio: largest over smallest resistance in a stack; None for no limit.
        leak_most: what the leaks of a stack may add up to; None for no limit.

    Returns:
        Indices of the cells, shape (made, size), each stack checked in integers, and a bound on what any choice
        makes; None where the solver gives no answer.
    """
    order = np.lexsort((cells.capacity, cells.resistance)) if ratio is not None else np.argsort(-cells.capacity)
    pairs = _pairs(cells, order, size, least, ratio)
    if len(pairs) == 0:
        return np.empty((0, size), np.int64), 0
    first, cell = pairs.T
    named = first == cell
    count, total = len(pairs), len(order)
    column = np.arange(count)
    # summed over the cells of a stack, size times what it has over the least
    over = size * cells.capacity[order[cell]] - least
    rows = [first, total + first, 2 * total + cell, 3 * total + column]
    values = [
        np.where(named, 1 - size, 1),
        over,
        np.ones(count, np.int64),
        np.where(named, 0, 1),
    ]
    name_of = np.full(total, -1)
    name_of[first[named]] = column[named]
    rows.append(3 * total + column)
    values.append(np.where(named, 0, -1))
    columns = [column, column, column, column, name_of[first]]
    height = 3 * total + count
    low = np.concatenate([np.zeros(total), np.zeros(total), np.full(total + count, -np.inf)])
    high = np.concatenate([np.zeros(total), np.full(total, np.inf), np.ones(total), np.zeros(count)])
    if leak_most is not None:
        rows.append(height + first)
        values.append(size * cells.leak[order[cell]] - leak_most)
        columns.append(column)
        low, high = np.concatenate([low, np.full(total, -np.inf)]), np.concatenate([high, np.zeros(total)])
        height += total
    matrix = columns_of(height, count, np.concatenate(rows), np.concatenate(columns), np.concatenate(values))
    found = best_choice(named.astype(np.float64), matrix, low, high, nodes=_NODES)
    if found is None:
        return None
    stacks = [order[cell[found.taken & (first == name)]] for name in np.flatnonzero(name_of >= 0).tolist()]
    sound = [
        np.sort(stack) for stack in stacks if len(stack) and _keeps(cells, stack, size, least, ratio, leak_most)
    ]
    members = np.array(sound, dtype=np.int64).reshape(-1, size)
    return members, max(int(np.floor(found.bound + _SLACK)), len(members))


def _pairs(cells: Cells, order: Ints, size: int, least: int, ratio: float | None) -> Ints:
    """(place of the cell that names a stack, place of a cell in it), of stacks that there can be; shape (n, 2)."""
    capacity, ohms = cells.capacity[order], np.maximum(cells.resistance[order], 1)
    found = [np.empty((0, 2), np.int64)]
    for name in range(len(order)):
        end = len(order) if ratio is None else int(np.searchsorted(ohms, ratio * int(ohms[name]), side="right"))
        others = np.arange(name + 1, end)
        best = int(capacity[name]) + int(np.sort(capacity[others])[::-1][: size - 1].sum())
        if len(others) >= size - 1 and best >= least:
            members = np.concatenate([[name], others])
            found.append(np.stack([np.full(len(members), name), members], axis=1))
    return np.concatenate(found)


def _keeps(cells: Cells, stack: Ints, size: int, least: int, ratio: float | None, leak_most: int | None) -> bool:
    ohms = cells.resistance[stack]
    return (
        len(stack) == size
        and int(cells.capacity[stack].sum()) >= least
        and (ratio is None or int(ohms.max()) <= ratio * max(int(ohms.min()), 1))
        and (leak_most is None or int(cells.leak[stack].sum()) <= leak_most)
    )
