"""Upper bounds on the number of equal rectangles in a frame. Integers; items may turn by 90 degrees."""

from math import gcd

import numpy as np

from layoutgen.tile.points import Ints, best_fill


def area_bound(frame: tuple[int, int], item: tuple[int, int]) -> int:
    """Items by area, after the frame has shrunk to what sums of item sides can reach in each direction."""
    return best_fill(frame[0], *item) * best_fill(frame[1], *item) // (item[0] * item[1])


def barnes_bound(frame: tuple[int, int], item: tuple[int, int]) -> int:
    """Barnes (1979): an item l x w splits into l bars 1 x w or w bars 1 x l; bars alone leave a known waste.

    Valid for sides without a common divisor; others are divided by it first.
    """
    unit = gcd(*item)
    sides = np.array([[frame[0] // unit], [frame[1] // unit]], dtype=np.int64)
    return int(barnes_table(sides[0], sides[1], item[0] // unit, item[1] // unit)[0])


def barnes_table(width: Ints, height: Ints, u: int, v: int) -> Ints:
    """`barnes_bound` for arrays of frame sides that broadcast together; u and v without a common divisor."""
    waste = np.maximum(_bar_waste(width, height, u), _bar_waste(width, height, v))
    bound: Ints = (width * height - waste) // (u * v)
    return bound


def _bar_waste(width: Ints, height: Ints, bar: int) -> Ints:
    r, s = width % bar, height % bar
    waste: Ints = np.minimum(r * s, (bar - r) * (bar - s))
    return waste


def frame_bound(frame: tuple[int, int], item: tuple[int, int]) -> tuple[int, str]:
    """The better of the area and Barnes bounds, and its name."""
    reach = best_fill(frame[0], *item), best_fill(frame[1], *item)
    area = reach[0] * reach[1] // (item[0] * item[1])
    barnes = min(barnes_bound(frame, item), barnes_bound(reach, item))
    return (barnes, "barnes") if barnes < area else (area, "area")
