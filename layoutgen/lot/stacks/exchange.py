"""Swaps of one cell for another between two stacks: what differencing leaves uneven is evened out."""

import heapq
from typing import Final

import numpy as np

from layoutgen.lot.stacks.differencing import Ints, rising_order

_NONE: Final = np.iinfo(np.int64).max
_AT_ONCE: Final = 4096
_ROUNDS: Final = 16


def best_swap(low: Ints, high: Ints, wanted: int, least: int, most: int) -> tuple[int, int] | None:
    """Positions of a cell of ``low`` and one of ``high`` whose exchange raises ``low`` closest to ``wanted``.

    Args:
        low: values of the cells of one stack, shape (n,).
        high: values of the other.
        wanted: gain that would be best.
        least: smallest gain that serves.
        most: largest gain that the other can give.

    Returns:
        (position in low, position in high), or None where no exchange serves.
    """
    rising = np.argsort(high, kind="stable")
    values = high[rising]
    near = np.searchsorted(values, low + wanted)
    best: tuple[int, int, int] | None = None
    for shift in (-1, 0):
        at = np.clip(near + shift, 0, len(values) - 1)
        gain = values[at] - low
        off = np.where((gain >= least) & (gain <= most), np.abs(gain - wanted), _NONE)
        place = int(np.argmin(off))
        if off[place] < _NONE and (best is None or int(off[place]) < best[0]):
            best = int(off[place]), place, int(rising[at[place]])
    return None if best is None else best[1:]


def raise_to(values: Ints, stacks: Ints, sums: Ints, least: int, *, tries: int = 64) -> bool:
    """Exchange cells until every stack's sum reaches ``least``; in place.

    Args:
        values: one integer a cell.
        stacks: indices, shape (k, n), cells of like value in one column; rows are changed.
        sums: of the stacks, shape (k,); changed with them.
        least: sum that every stack needs.
        tries: richest stacks that are asked for one poor stack before giving up.

    Returns:
        Whether every stack reaches it.
    """
    if int(sums.sum()) < least * len(sums):
        return False
    while (sums < least).any() and _raise_many(values, stacks, sums, least):
        pass
    poor = np.flatnonzero(sums < least)
    if len(poor) == 0:
        return True
    rich = _heap(-sums, np.flatnonzero(sums > least))
    for row in poor[rising_order(sums[poor])].tolist():
        asked: list[tuple[int, int]] = []
        while sums[row] < least and rich and len(asked) < tries:
            negative, other = heapq.heappop(rich)
            if -negative != sums[other]:
                continue  # has given since
            need, spare = int(least - sums[row]), int(sums[other] - least)
            pair = best_swap(values[stacks[row]], values[stacks[other]], min(need, spare), 1, spare)
            if pair is None:
                asked.append((negative, other))
                continue
            _exchange(values, stacks, sums, (row, pair[0]), (other, pair[1]))
            if sums[other] > least:
                heapq.heappush(rich, (-int(sums[other]), other))
        for item in asked:
            heapq.heappush(rich, item)
        if sums[row] < least:
            return False
        if sums[row] > least:
            heapq.heappush(rich, (-int(sums[row]), row))
    return True


def _raise_many(values: Ints, stacks: Ints, sums: Ints, least: int) -> bool:
    """One exchange for each of many poor stacks at once: the poorest with the richest, column by column.

    Cells of one column are alike, so their differences are small, and small ones are what is needed.

    Returns:
        Whether anything was exchanged.
    """
    poor, rich = np.flatnonzero(sums < least), np.flatnonzero(sums > least)
    pairs = min(len(poor), len(rich))
    poor = poor[rising_order(sums[poor])][:pairs]
    rich = rich[rising_order(-sums[rich])][:pairs]
    if pairs == 0:
        return False
    spare = sums[rich] - least
    wanted = np.minimum(least - sums[poor], spare)
    return _exchange_many(values, stacks, sums, (poor, rich), wanted, spare)


def tighten(values: Ints, stacks: Ints, sums: Ints, *, work: int, least: int) -> None:
    """Exchange cells between the highest and the lowest stack while the spread of sums shrinks; in place.

    Args:
        values: one integer a cell.
        stacks: indices, shape (k, n); rows are changed.
        sums: of the stacks, shape (k,); changed with them.
        work: exchanges that are tried at most.
        least: sum below which no stack may fall by an exchange.
    """
    for _ in range(_ROUNDS):
        if not _tighten_many(values, stacks, sums, least):
            break
    if int(sums.max() - sums.min()) <= 1:
        return
    lows, highs = _heap(sums, np.arange(len(sums))), _heap(-sums, np.arange(len(sums)))
    for _ in range(work):
        while lows[0][0] != sums[lows[0][1]]:
            heapq.heappop(lows)
        while -highs[0][0] != sums[highs[0][1]]:
            heapq.heappop(highs)
        low, high = lows[0][1], highs[0][1]
        gap = int(sums[high] - sums[low])
        room = min(gap - 1, int(sums[high]) - least)
        if room < 1:
            return
        pair = best_swap(values[stacks[low]], values[stacks[high]], min(gap // 2, room), 1, room)
        if pair is None:
            return
        _exchange(values, stacks, sums, (low, pair[0]), (high, pair[1]))
        for row in (low, high):
            heapq.heappush(lows, (int(sums[row]), row))
            heapq.heappush(highs, (-int(sums[row]), row))


def _tighten_many(values: Ints, stacks: Ints, sums: Ints, least: int) -> bool:
    """One exchange between each of the lowest stacks and one of the highest at once, column by column.

    Returns:
        Whether anything was exchanged.
    """
    order = rising_order(sums)
    pairs = min(len(order) // 2, _AT_ONCE)
    low, high = order[:pairs], order[::-1][:pairs]
    gap = sums[high] - sums[low]
    room = np.minimum(gap - 1, sums[high] - least)
    serves = room >= 1
    return _exchange_many(values, stacks, sums, (low[serves], high[serves]), gap[serves] // 2, room[serves])


def _exchange_many(
    values: Ints, stacks: Ints, sums: Ints, pairs: tuple[Ints, Ints], wanted: Ints, room: Ints
) -> bool:
    """In each pair of stacks exchange the cells of the column that raises the first closest to ``wanted``.

    A gain is from 1 to ``room``; a pair in which no column gives one is left alone.

    Returns:
        Whether anything was exchanged.
    """
    poor, rich = pairs
    gains = values[stacks[rich]] - values[stacks[poor]]
    off = np.where((gains >= 1) & (gains <= room[:, None]), np.abs(gains - wanted[:, None]), _NONE)
    column = off.argmin(axis=1)
    serves = off[np.arange(len(poor)), column] < _NONE
    gain = gains[serves, column[serves]]
    poor, rich, column = poor[serves], rich[serves], column[serves]
    mine, theirs = stacks[poor, column], stacks[rich, column]
    stacks[poor, column], stacks[rich, column] = theirs, mine
    sums[poor] += gain
    sums[rich] -= gain
    return len(poor) > 0


def _heap(keys: Ints, rows: Ints) -> list[tuple[int, int]]:
    """(key, row) of some rows, rising, which is a heap."""
    order = rows[rising_order(keys[rows])]
    return list(zip(keys[order].tolist(), order.tolist(), strict=True))


def _exchange(values: Ints, stacks: Ints, sums: Ints, poor: tuple[int, int], rich: tuple[int, int]) -> None:
    gain = int(values[stacks[rich]] - values[stacks[poor]])
    stacks[poor], stacks[rich] = stacks[rich], stacks[poor]
    sums[poor[0]] += gain
    sums[rich[0]] -= gain
