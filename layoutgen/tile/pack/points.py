"""Sums of two lengths: where items can stand once everything is pushed to the lower left.

A pair of an item's sides ``(u, v)`` stands for its two extents along one axis; all lengths are integers.
"""

from collections.abc import Sequence
from math import gcd
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_FEW_SUMS: Final = 50_000


def reduced(frame: tuple[int, int], item: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int], int]:
    """Frame and item in units of the common divisor of the item's sides, and that divisor.

    Every pushed-down position is a multiple of the divisor, so what the frame has beyond one is never used.
    """
    unit = gcd(*item)
    return (frame[0] // unit, frame[1] // unit), (item[0] // unit, item[1] // unit), unit


def best_fill(limit: int, u: int, v: int) -> int:
    """Largest ``a u + b v <= limit`` with a, b >= 0 (0 where the limit is negative)."""
    if limit <= 0:
        return 0
    big, small = max(u, v), min(u, v)
    best = 0
    # after `small` steps of `big` the remainders modulo `small` repeat
    for count in range(min(limit // big, small - 1) + 1):
        rest = limit - count * big
        best = max(best, limit - rest % small)
        if best == limit:
            break
    return best


def best_fills(limits: Sequence[int], u: int, v: int) -> list[int]:
    """`best_fill` of several limits; together where their sums are few."""
    most = max(limits, default=0)
    if most < 0 or (most // u + 1) * (most // v + 1) > _FEW_SUMS:
        return [best_fill(limit, u, v) for limit in limits]
    points = normal_points(most, u, v)
    at = np.searchsorted(points, np.maximum(limits, 0), side="right") - 1
    found: list[int] = points[at].tolist()
    return found


def best_fill_many(limit: Ints, u: Ints, v: Ints) -> Ints:
    """`best_fill` for arrays that broadcast together. Time grows with the largest ``limit / max(u, v)``."""
    big, small = np.maximum(u, v), np.minimum(u, v)
    limit = np.maximum(limit, 0)
    steps = int(np.max(limit // big, initial=0)) + 1
    best = np.zeros(np.broadcast_shapes(limit.shape, big.shape), dtype=np.int64)
    for count in range(steps):
        rest = limit - count * big
        np.maximum(best, np.where(rest >= 0, limit - rest % small, 0), out=best)
    return best


def combinations(limit: int, u: int, v: int) -> tuple[Ints, Ints, Ints]:
    """All ``(a, b)`` with ``a u + b v <= limit``: the sums in ascending order, a and b.

    Equal sums keep ascending a, so the order does not depend on the sorting method.
    """
    if limit < 0:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    a, b = np.divmod(np.arange((limit // u + 1) * (limit // v + 1), dtype=np.int64), limit // v + 1)
    sums = a * u + b * v
    inside = np.flatnonzero(sums <= limit)
    order = inside[np.argsort(sums[inside], kind="stable")]
    return sums[order], a[order], b[order]


def normal_points(limit: int, u: int, v: int) -> Ints:
    """Ascending distinct sums ``a u + b v <= limit`` (Herz 1972; Christofides & Whitlock 1977)."""
    return distinct(combinations(limit, u, v)[0])


def distinct(ascending: Ints) -> Ints:
    """Each value of an ascending array once; `np.unique` would import masked arrays for this."""
    return ascending[np.flatnonzero(np.diff(ascending, prepend=ascending[:1] - 1))]
