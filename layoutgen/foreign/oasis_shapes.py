"""Shapes that OASIS states by a box and a few numbers: trapezoids, compact trapezoids, circles."""

import math
from collections.abc import Callable
from typing import Final

CIRCLE_POINTS: Final = 128
"""Corners of the polygon that stands for a circle; its corners lie on the circle, rounded to the unit."""

ONE_SIDE: Final = frozenset({16, 17, 18, 19, 20, 21, 22, 23, 25})
"""Compact trapezoids whose second side follows from the first."""


def trapezoid(width: int, height: int, a: int, b: int, *, vertical: bool) -> list[int]:
    """Corners from the lower left of the box, x and y in turn; ``a`` and ``b`` as in records 23 to 25."""
    if vertical:
        return [0, max(a, 0), 0, height + min(b, 0), width, height - max(b, 0), width, -min(a, 0)]
    return [max(a, 0), height, width + min(b, 0), height, width - max(b, 0), 0, -min(a, 0), 0]


_COMPACT: Final[dict[int, Callable[[int, int], list[int]]]] = {
    0: lambda w, h: [0, 0, 0, h, w - h, h, w, 0],
    1: lambda w, h: [0, 0, 0, h, w, h, w - h, 0],
    2: lambda w, h: [0, 0, h, h, w, h, w, 0],
    3: lambda w, h: [h, 0, 0, h, w, h, w, 0],
    4: lambda w, h: [0, 0, h, h, w - h, h, w, 0],
    5: lambda w, h: [h, 0, 0, h, w, h, w - h, 0],
    6: lambda w, h: [0, 0, h, h, w, h, w - h, 0],
    7: lambda w, h: [h, 0, 0, h, w - h, h, w, 0],
    8: lambda w, h: [0, 0, 0, h, w, h - w, w, 0],
    9: lambda w, h: [0, 0, 0, h - w, w, h, w, 0],
    10: lambda w, h: [0, 0, 0, h, w, h, w, w],
    11: lambda w, h: [0, w, 0, h, w, h, w, 0],
    12: lambda w, h: [0, 0, 0, h, w, h - w, w, w],
    13: lambda w, h: [0, w, 0, h - w, w, h, w, 0],
    14: lambda w, h: [0, 0, 0, h - w, w, h, w, w],
    15: lambda w, h: [0, w, 0, h, w, h - w, w, 0],
    16: lambda w, _: [0, 0, 0, w, w, 0],
    17: lambda w, _: [0, 0, 0, w, w, w],
    18: lambda w, _: [0, 0, w, w, w, 0],
    19: lambda w, _: [0, w, w, w, w, 0],
    20: lambda _, h: [0, 0, h, h, 2 * h, 0],
    21: lambda _, h: [0, h, 2 * h, h, h, 0],
    22: lambda w, _: [0, 0, 0, 2 * w, w, w],
    23: lambda w, _: [0, w, w, 2 * w, w, 0],
    24: lambda w, h: [0, 0, 0, h, w, h, w, 0],
    25: lambda w, _: [0, 0, 0, w, w, w, w, 0],
}


def compact(kind: int, width: int, height: int) -> list[int] | None:
    """Corners of a compact trapezoid; None for a kind that there is not, or where a side would be negative."""
    if kind not in _COMPACT:
        return None
    side, other = (width, height) if kind < 8 else (height, width)
    if kind < 16 and side < (2 * other if kind in {4, 5, 12, 13} else other):
        return None
    return _COMPACT[kind](width, height)


def circle(radius: int) -> list[int]:
    """Corners of a polygon around (0, 0)."""
    points: list[int] = []
    for number in range(CIRCLE_POINTS):
        angle = 2 * math.pi * number / CIRCLE_POINTS
        points += (round(radius * math.cos(angle)), round(radius * math.sin(angle)))
    return points
