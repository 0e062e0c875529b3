"""Cells into stacks of equal count whose sums are as equal as may be: the balanced largest differencing method.

Cells are sorted and cut into N groups of k neighbours; every stack takes one cell of each group. Groups are merged
two at a time, those with the widest spread first, the largest of one with the smallest of the other, so that
differences cancel (Michiels, Korst, Aarts, van Leeuwen: Performance ratios for the differencing method applied to
the balanced number partitioning problem, STACS 2003; after Karmarkar and Karp, 1982). One sort of all cells and
N - 1 sorts of k sums; all sums are of integers, so the answer does not depend on the order in which they are added.
"""

import heapq
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Merge:
    """A merged pair: place p of its k sums is place ``first_at[p]`` of one and ``second_at[p]`` of the other."""

    first: int
    second: int
    first_at: Ints
    second_at: Ints


def rising_order(values: Ints) -> Ints:
    """Indices that sort integers, equal ones by index: the same on every machine.

    The index rides in the low bits of the value, so that a plain sort does it, which is several times faster than a
    stable one; where the two do not fit into 63 bits, a stable sort serves.
    """
    if len(values) == 0:
        return np.empty(0, dtype=np.int64)
    bits = max(len(values) - 1, 1).bit_length()
    low = int(values.min())
    if int(values.max()) - low >= 1 << (62 - bits):
        return np.argsort(values, kind="stable").astype(np.int64)
    keys = ((values - low) << bits) | np.arange(len(values), dtype=np.int64)
    keys.sort()
    found: Ints = keys & ((1 << bits) - 1)
    return found


def balanced(values: Ints, size: int) -> tuple[Ints, Ints]:
    """Stacks of ``size`` cells with sums as equal as differencing makes them.

    Args:
        values: one integer a cell, shape (k * size,).
        size: cells in a stack.

    Returns:
        Indices of the cells, shape (k, size), stacks by rising sum, column by column from the strongest group of
        cells to the weakest; and the sums, shape (k,).
    """
    count = len(values) // size
    if count * size != len(values) or count < 1:
        raise ValueError(f"{len(values)} cells are no whole number of stacks of {size}")
    order = rising_order(values)[::-1]
    # rising inside a group, as all sums are kept
    groups = [order[start * count : (start + 1) * count][::-1] for start in range(size)]
    sums = [values[group] for group in groups]
    merges: dict[int, _Merge] = {}
    waiting = [(-int(total[-1] - total[0]), number) for number, total in enumerate(sums)]
    heapq.heapify(waiting)
    while len(waiting) > 1:
        (_, first), (_, second) = heapq.heappop(waiting), heapq.heappop(waiting)
        total = sums[first] + sums[second][::-1]
        at = rising_order(total)
        merges[len(sums)] = _Merge(first, second, at, count - 1 - at)
        heapq.heappush(waiting, (-int(total[at[-1]] - total[at[0]]), len(sums)))
        sums.append(total[at])
        sums[first] = sums[second] = sums[-1][:0]  # no longer needed
    root = waiting[0][1]
    return _members(root, merges, groups, count), sums[root]


def _members(root: int, merges: dict[int, _Merge], groups: list[Ints], count: int) -> Ints:
    """Follow every stack from its sum down to one cell of each group."""
    found = np.empty((len(groups), count), dtype=np.int64)
    stack = [(root, np.arange(count, dtype=np.int64))]
    while stack:
        node, at = stack.pop()
        merge = merges.get(node)
        if merge is None:
            found[node] = groups[node][at]
        else:
            stack.append((merge.first, merge.first_at[at]))
            stack.append((merge.second, merge.second_at[at]))
    return np.ascontiguousarray(found.T)
