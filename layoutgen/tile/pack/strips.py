"""The 3-stage strip knapsack as tables over all frame sizes.

A frame is cut into full-width strips, a strip into columns one item wide, a column into items. A strip of
height s holds the best of ``a (s // v) + b (s // u)`` over ``a u + b v <= width``, which grows only where s
is a multiple of v or of u. So the best stack of strips splits into a part of multiples of v (table
``straight``) and one of multiples of u (table ``turned``), and the value of every frame height is one maximum
over how they share it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.pack.points import Ints, combinations
from layoutgen.web.plan import Block

Counts = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class StripTable:
    """Best counts of stacks of strips, one row for each frame width of ``widths``.

    ``straight[r, i]`` is for strips whose heights are multiples of v and sum to ``i v``; ``turned[r, j]`` for
    multiples of u that sum to ``j u``.
    """

    widths: Ints
    u: int
    v: int
    straight: Counts
    turned: Counts

    def split(self, heights: Ints) -> Ints:
        """Index table for `values`: ``[height, i]`` -> j, -1 where i strips of v do not fit."""
        i = np.arange(self.straight.shape[1], dtype=np.int64)
        share: Ints = np.maximum((heights[:, None] - i * self.v) // self.u, -1)
        return share

    def values_at_height(self, height: int) -> Counts:
        """Counts in frames ``widths x height``."""
        share = self.split(np.array([height], dtype=np.int64))[0]
        share = share[share >= 0]
        total: Counts = np.max(self.straight[:, : len(share)] + self.turned[:, share], axis=1)
        return total

    def values_of_row(self, row: int, share: Ints) -> Counts:
        """Counts in frames ``widths[row] x heights``, for ``share = split(heights)``."""
        total = self.straight[row] + np.where(share >= 0, self.turned[row][share], -(1 << 30))
        best: Counts = np.max(total, axis=1)
        return best


def strip_table(widths: Ints, u: int, v: int, max_height: int) -> StripTable:
    """Tables for frames of the given widths (ascending) up to ``max_height``; items u wide and v high."""
    sums, a, b = _telling(int(widths[0]), int(widths[-1]), u, v)
    last = np.searchsorted(sums, widths, side="right") - 1
    a32, b32 = a.astype(np.int32)[:, None], b.astype(np.int32)[:, None]

    def table(pitch: int) -> Counts:
        heights = pitch * np.arange(max_height // pitch + 1, dtype=np.int64)
        values = a32 * (heights // v).astype(np.int32) + b32 * (heights // u).astype(np.int32)
        return _superadditive(np.maximum.accumulate(values, axis=0)[last])

    return StripTable(widths, u, v, table(v), table(u))


def _telling(narrowest: int, widest: int, u: int, v: int) -> tuple[Ints, Ints, Ints]:
    """The ``a u + b v`` that can be best in some width from the narrowest to the widest, ascending, with a and b.

    Where another item fits beside them in the narrowest width they are not best; of those with one sum only the
    two ends can be, since their value changes evenly from one end to the other.
    """
    sums, a, b = combinations(widest, u, v)
    start = int(np.searchsorted(sums, narrowest - min(u, v), side="right"))
    sums, a, b = sums[start:], a[start:], b[start:]
    changes = np.diff(sums) != 0
    ends = np.concatenate(([True], changes)) | np.concatenate((changes, [True]))
    return sums[ends], a[ends], b[ends]


def _superadditive(values: Counts) -> Counts:
    """Raise each column to the best sum of columns whose numbers sum to its own.

    Only columns that are more than their own parts in some row need be tried as parts (Gilmore & Gomory 1966);
    they are few.
    """
    columns = np.ascontiguousarray(values.T)
    parts = np.zeros(len(columns), dtype=np.int64)
    count = 0
    for i in range(1, len(columns)):
        among = parts[: np.searchsorted(parts[:count], i // 2, side="right")]
        if len(among):
            sums = (columns[i - among] + columns[among]).max(axis=0)
            if (columns[i] <= sums).all():
                columns[i] = sums
                continue
            np.maximum(columns[i], sums, out=columns[i])
        parts[count] = i
        count += 1
    return np.ascontiguousarray(columns.T)


def strip_count(frame: tuple[int, int], u: int, v: int) -> int:
    """The 3-stage value of one frame with full-width strips."""
    return int(strip_table(np.array([frame[0]], dtype=np.int64), u, v, frame[1]).values_at_height(frame[1])[0])


def strip_blocks(frame: tuple[int, int], u: int, v: int) -> tuple[Block, ...]:
    """The blocks behind `strip_count`: items u x v unrotated, in frame coordinates."""
    width, height = frame
    _, a, b = combinations(width, u, v)
    table = strip_table(np.array([width], dtype=np.int64), u, v, height)
    share = table.split(np.array([height], dtype=np.int64))[0]
    total = np.where(share >= 0, table.straight[0] + table.turned[0][share], -1)
    i = int(np.argmax(total))
    heights = [v * p for p in _parts(table.straight[0], i, v, u, v, a, b)]
    heights += [u * q for q in _parts(table.turned[0], int(share[i]), u, u, v, a, b)]
    blocks: list[Block] = []
    y = 0
    for strip in sorted(heights, reverse=True):
        best = int(np.argmax(a * (strip // v) + b * (strip // u)))
        blocks += _strip(y, strip, int(a[best]), int(b[best]), u, v)
        y += strip
    return tuple(blocks)


def _parts(closed: Counts, total: int, pitch: int, u: int, v: int, a: Ints, b: Ints) -> list[int]:
    """Split ``closed[total]`` back into single strips, in multiples of ``pitch``."""
    parts: list[int] = []
    todo = [total]
    while todo:
        k = todo.pop()
        if k == 0 or closed[k] == 0:
            continue
        strip = k * pitch
        if closed[k] == np.max(a * (strip // v) + b * (strip // u)):
            parts.append(k)
            continue
        p = next(p for p in range(1, k // 2 + 1) if closed[p] + closed[k - p] == closed[k])
        todo += [p, k - p]
    return parts


def _strip(y: int, height: int, a: int, b: int, u: int, v: int) -> list[Block]:
    found = []
    if a and height >= v:
        found.append(Block(0, y, a, height // v, rotated=False))
    if b and height >= u:
        found.append(Block(a * u, y, b, height // u, rotated=True))
    return found
