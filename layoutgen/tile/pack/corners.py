"""Four corner blocks of one orientation each around a hole: what large frames get that no table holds.

Blocks at the four corners, neighbours turned against each other, and the best of what is left in the middle (Smith
& De Cani 1980; Bischoff & Dowsland 1982). It needs numbers of columns and rows only, whatever the frame. The most
promising are then looked at as pinwheels: each of their five rectangles is filled again by the 3-stage knapsack.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from layoutgen.geometry.boxes import Size
from layoutgen.tile.pack.blocks import moved, transposed
from layoutgen.tile.pack.points import Ints, normal_points
from layoutgen.tile.pack.strips import strip_blocks, strip_count
from layoutgen.web.plan import Block, Blocks

Pinwheel = tuple[int, int, int, int]
"""Where its cuts lie: x1 <= x2 across, y1 <= y2 along; mirrored where it turns the other way."""

_KEPT: Final = 400
"""Pinwheels that are filled again; the most promising by their corner blocks."""
_FILLED_AT_ONCE: Final = 4
"""Of each pair of lower blocks, so many pairs of upper ones are kept."""


def corner_blocks(frame: Size, item: Size, most: int, steps: int) -> Blocks:
    """The best packing found, items free to turn; work grows with ``steps``.

    Args:
        frame: room along x and y.
        item: inflated sides.
        most: a bound on the count, where the search ends.
        steps: about how many combinations of corner blocks are looked at.
    """
    pinwheels: dict[Pinwheel, int] = {}
    for turned in (False, True):
        for reached, cut in _promising(frame, item, steps, turned=turned):
            pinwheels[cut] = max(reached, pinwheels.get(cut, 0))
    filler, count = Filler(frame, item), 0
    best: tuple[tuple[Size, Size], ...] = ()
    for cut in sorted(pinwheels, key=lambda cut: (-pinwheels[cut], cut))[:_KEPT]:
        parts = _parts(frame, cut)
        reached = filler.counted([size for _, size in parts], count)
        if reached > count:
            best, count = parts, reached
            if count >= most:
                break
    return tuple(block for corner, size in best for block in moved(filler.blocks(size), *corner))


def _promising(frame: Size, item: Size, steps: int, *, turned: bool) -> Iterator[tuple[int, Pinwheel]]:
    """Counts of corner blocks and the pinwheels that hold them; ``turned`` is how the lower left block lies."""
    u, v = (item[1], item[0]) if turned else item
    width, length = frame
    each = max(2, round(steps**0.25))
    across, along = _columns(width, u, v, each), _columns(length, v, u, each)
    # of the upper blocks c x h on the right lie as the lower left ones, f x g on the left as the lower right ones
    c, h = (axis.ravel() for axis in np.meshgrid(across, along, indexing="ij"))
    f, d = (width - c * u) // v, (length - h * v) // u
    for columns in across.tolist():
        wide = (width - columns * u) // v
        for rows in along.tolist():
            high = (length - rows * v) // u
            clear = (columns * u + c * u <= width) | (rows * v + h * v <= length)
            clear &= (wide * v + f * v <= width) | (d * u + high * u <= length)
            first = _most(width - wide * v - f * v, length - rows * v - h * v, u, v)
            second = _most(width - columns * u - c * u, length - high * u - d * u, u, v)
            total = columns * rows + wide * d + c * h + f * high + np.maximum(first, second)
            total = np.where(clear, total, -1)
            for k in np.argsort(-total, kind="stable")[:_FILLED_AT_ONCE].tolist():
                if total[k] > 0:
                    x1, x2 = int(f[k]) * v, width - wide * v
                    y1, y2 = rows * v, length - int(h[k]) * v
                    if x1 <= x2 and y1 <= y2:
                        yield int(total[k]), (x1, x2, y1, y2)


def _columns(side: int, u: int, v: int, each: int) -> Ints:
    """Numbers of items of side u beside which those of side v leave least of a side: the best so many."""
    numbers = np.arange(side // u + 1, dtype=np.int64)
    left = (side - numbers * u) % v
    return np.sort(numbers[np.argsort(left, kind="stable")[:each]])


def _most(x: Ints, y: Ints, u: int, v: int) -> Ints:
    """Items of one orientation in rectangles; none where one is no rectangle."""
    found: Ints = np.maximum((x // u) * (y // v), (x // v) * (y // u))
    return np.where((x > 0) & (y > 0), found, 0)


def _parts(frame: Size, cut: Pinwheel) -> tuple[tuple[Size, Size], ...]:
    """Corners and sizes of the five rectangles."""
    (width, length), (x1, x2, y1, y2) = frame, cut
    return (
        ((0, 0), (x2, y1)),
        ((x2, 0), (width - x2, y2)),
        ((x1, y2), (width - x1, length - y2)),
        ((0, y1), (x1, length - y1)),
        ((x1, y1), (x2 - x1, y2 - y1)),
    )


class Filler:
    """Rectangles filled by the 3-stage knapsack, each size once, up to the sides of a frame."""

    def __init__(self, frame: Size, item: Size) -> None:
        self.item = item
        self._points = normal_points(max(frame), *item)
        self._counts: dict[Size, tuple[int, bool]] = {}

    def counted(self, sizes: Sequence[Size], above: int) -> int:
        """Items in rectangles together; 0 as soon as they cannot be more than ``above``."""
        most, total = sum(map(self._most, sizes)), 0
        # small ones cost least, and tell as well as large ones
        for size in sorted(sizes, key=lambda size: size[0] * size[1]):
            if total + most <= above:
                return 0
            most -= self._most(size)
            total += self._best(size)[0]
        return total

    def _most(self, size: Size) -> int:
        """No more items fit than in what sums of their sides cover."""
        across, along = self._points[np.searchsorted(self._points, size, side="right") - 1].tolist()
        found: int = across * along // (self.item[0] * self.item[1])
        return found

    def blocks(self, size: Size) -> tuple[Block, ...]:
        count, along = self._best(size)
        if not count:
            return ()
        return transposed(strip_blocks((size[1], size[0]), *self.item)) if along else strip_blocks(size, *self.item)

    def _best(self, size: Size) -> tuple[int, bool]:
        if min(size) < min(self.item):
            return 0, False
        if size not in self._counts:
            across = strip_count(size, *self.item)
            along = strip_count((size[1], size[0]), *self.item) if across < self._most(size) else 0
            self._counts[size] = max(across, along), along > across
        return self._counts[size]
