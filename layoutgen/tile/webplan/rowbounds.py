"""Bounds on rows of fields: on one field where it decides, and on the best split of a width among several.

Lengths are in units of the common divisor of the cell's two pitches, as in `rows`.
"""

from functools import cached_property
from itertools import pairwise

import numpy as np

from layoutgen.tile.pack.bounds import LineBound
from layoutgen.tile.pack.points import Ints
from layoutgen.tile.pack.setpack import set_packing_bound

_SET_PACKING_ENTRIES = 12_000


class FieldBounds:
    """Line and set-packing bounds of single fields, computed where they decide; ``work`` fields at most."""

    def __init__(self, u: int, v: int, work: int) -> None:
        self.item, self.work = (u, v), work
        self.lines = LineBound(u, v)
        self.known: dict[tuple[int, int], int] = {}

    def lower(self, widths: Ints, limit: Ints, length: int, deciding: tuple[int, int]) -> bool:
        """Lower ``limit`` in place at the deciding fields (index + 1, 0 for none); False if nothing changed."""
        changed = False
        for index in set(deciding) - {0}:
            bound = self._bound(int(widths[index - 1]), length)
            if bound is not None and bound < limit[index - 1]:
                limit[index - 1] = bound
                changed = True
        return changed

    def _bound(self, width: int, length: int) -> int | None:
        key = width, length
        if key not in self.known:
            if self.work <= 0:
                return None
            self.work -= 1
            lines = self.lines(width, length)
            packing = set_packing_bound(key, self.item, most_entries=_SET_PACKING_ENTRIES)
            self.known[key] = lines if packing is None else min(lines, packing)
        return self.known[key]


class SplitBound:
    """Largest sums of bounds over several fields of one row.

    ``limit`` bounds the cells in fields of the ascending ``widths``, and does not fall.
    """

    def __init__(self, widths: Ints, limit: Ints) -> None:
        self.widths, self.values = np.concatenate(([0], widths)), np.concatenate(([0], limit))

    def __call__(self, fields: int, total: int) -> tuple[int, tuple[int, int]]:
        """Largest sum over ``fields`` widths that sum to at most ``total``, and the two fields behind it (index + 1
        of their widths, 0 for none); exact for one and two fields, by the concave hull of the limits for more.
        """
        if fields == 1:
            fitting = int(np.searchsorted(self.widths, total, side="right")) - 1
            return (int(self.values[fitting]), (fitting, fitting)) if fitting > 0 else (0, (0, 0))
        if fields == 2:
            left = self.widths <= total
            partner = np.searchsorted(self.widths, total - self.widths[left], side="right") - 1
            sums = self.values[left] + self.values[partner]
            at = int(np.argmax(sums))
            return int(sums[at]), (at, int(partner[at]))
        # value of so many times the hull at an equal share, rounded down in exact integers
        for (x0, y0, i), (x1, y1, j) in pairwise(self._hull):
            if fields * x0 <= total <= fields * x1:
                return fields * y0 + (y1 - y0) * (total - fields * x0) // (x1 - x0), (i, j)
        last = self._hull[-1]
        return fields * last[1], (last[2], last[2])

    @cached_property
    def _hull(self) -> list[tuple[int, int, int]]:
        """(width, limit, index) of the corners of the least concave function above the limits."""
        hull: list[tuple[int, int, int]] = []
        for index, (x, y) in enumerate(zip(self.widths.tolist(), self.values.tolist(), strict=True)):
            while len(hull) >= 2 and _turns_left(hull[-2][:2], hull[-1][:2], (x, y)):
                hull.pop()
            hull.append((x, y, index))
        return hull


def _turns_left(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) >= 0
