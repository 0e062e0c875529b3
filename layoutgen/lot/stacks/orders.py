"""Orders that an assembly line can run: which cells it stacks while they come off the web.

Every order takes capacities (integer ticks) in the order in which cells come, and gives the members of its stacks
and the most cells that it holds at a time, which is what an order costs: places in trays and buffers.
"""

from dataclasses import dataclass

import numpy as np

from layoutgen.lot.stacks.differencing import Ints, balanced, rising_order


@dataclass(frozen=True, slots=True)
class Built:
    """Stacks as indices of cells, shape (k, N), and the cells held at the peak."""

    members: Ints
    held: int


def web_order(count: int, size: int) -> Built:
    """Cells as they come off the web: a stack is N neighbours."""
    stacks = count // size
    return Built(np.arange(stacks * size, dtype=np.int64).reshape(stacks, size), min(size, count))


def open_stacks(values: Ints, size: int, open_at_once: int) -> Built:
    """K stacks grow together: of every K cells that come, the strongest goes onto the weakest stack.

    Args:
        values: capacities in the order in which cells come.
        size: cells in a stack.
        open_at_once: K, at least 1; a last batch that is not full builds as many stacks as its cells allow.
    """
    count = len(values) // size
    whole = count // open_at_once
    members = [_grown(values, np.arange(whole * open_at_once * size, dtype=np.int64), size, open_at_once)]
    rest = count - whole * open_at_once
    if rest:
        members.append(
            _grown(values, whole * open_at_once * size + np.arange(rest * size, dtype=np.int64), size, rest)
        )
    return Built(np.concatenate(members), min(open_at_once * size, len(values)))


def _grown(values: Ints, cells: Ints, size: int, together: int) -> Ints:
    """Batches of ``together`` stacks, all at once: one sort of cells and one of sums a round."""
    coming = cells.reshape(-1, size, together)
    sums = np.zeros((len(coming), together), dtype=np.int64)
    members = np.empty((len(coming), together, size), dtype=np.int64)
    for turn in range(size):
        cell = coming[:, turn]
        strongest = np.take_along_axis(cell, np.argsort(-values[cell], axis=1, kind="stable"), axis=1)
        weakest = np.argsort(sums, axis=1, kind="stable")
        np.put_along_axis(members[:, :, turn], weakest, strongest, axis=1)
        np.put_along_axis(sums, weakest, np.take_along_axis(sums, weakest, axis=1) + values[strongest], axis=1)
    return members.reshape(-1, size)


def one_tray(values: Ints, size: int, places: int) -> Built:
    """A tray of B cells is filled, shared evenly among its stacks, and filled again."""
    batch = max(places // size, 1) * size
    usable = len(values) // size * size
    members = [
        start + balanced(values[start : start + min(batch, usable - start)], size)[0]
        for start in range(0, usable, batch)
    ]
    shared = np.concatenate(members) if members else np.empty((0, size), np.int64)
    return Built(shared, min(batch, len(values)))


def recipe(size: int, trays: int) -> tuple[int, ...]:
    """How many cells a stack takes from each of K trays of rising class: N / K each, the rest in pairs.

    Left-over cells come in pairs of classes that lie the same way off the middle, so the classes' means add up to
    that of the lot: N no multiple of K then costs nothing but the width of classes.
    """
    each, left = divmod(size, trays)
    counts = [each] * trays
    if left % 2 and trays % 2:
        counts[trays // 2] += 1
        left -= 1
    pairs = trays // 2
    for number in range(left // 2):
        low = round((number + 0.5) * pairs / max(left // 2, 1) - 0.5)
        counts[low] += 1
        counts[trays - 1 - low] += 1
    if (
        left % 2
    ):  # an even number of trays has no middle: the two middle ones in turn would do, one of them is taken
        counts[trays // 2] += 1
    return tuple(counts)


def classes_of(estimates: Ints, size: int, trays: int) -> Ints:
    """The class of each cell, 0 for the smallest capacity: classes as large as what a stack takes of them."""
    shares = np.cumsum(recipe(size, trays)) / size
    order = rising_order(estimates)
    found = np.empty(len(estimates), dtype=np.int64)
    places = np.searchsorted(np.rint(shares * len(order)), np.arange(len(order)), side="right")
    found[order] = np.minimum(places, trays - 1)
    return found


def class_trays(estimates: Ints, size: int, trays: int, *, seed: int) -> Built:
    """K trays by class of equal counts; every stack takes its recipe from them, drawn shuffled.

    A tray that is emptied first in, first out keeps lots together; a shuffled draw does not.

    Args:
        estimates: capacity by which cells are put into trays, already shrunk towards the mean of their lot.
        size: cells in a stack.
        trays: K, at least 1 and at most ``size``.
        seed: of the shuffle; the same seed gives the same stacks.

    Raises:
        ValueError: more trays than cells in a stack.
    """
    if not 1 <= trays <= size:
        raise ValueError(f"{trays} trays for stacks of {size}: from 1 to {size} trays serve")
    counts = recipe(size, trays)
    stacks = len(estimates) // size
    order = rising_order(estimates)
    # classes as large as what is drawn from them, so that no tray runs dry before the others
    edges = np.cumsum([0, *(count * stacks for count in counts)])
    spare = len(order) - int(edges[-1])
    order = order[spare // 2 : len(order) - (spare - spare // 2)]
    draw = np.random.Generator(np.random.PCG64(seed))
    columns = []
    for number, count in enumerate(counts):
        tray = order[edges[number] : edges[number + 1]]
        columns.append(tray[draw.permutation(len(tray))].reshape(stacks, count))
    return Built(np.concatenate(columns, axis=1), len(estimates))
