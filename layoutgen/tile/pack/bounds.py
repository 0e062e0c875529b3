"""Upper bounds on the number of equal rectangles in a frame. Integers; items may turn by 90 degrees."""

from itertools import pairwise
from math import gcd

import numpy as np

from layoutgen.tile.pack.points import Ints, best_fill


def area_bound(frame: tuple[int, int], item: tuple[int, int]) -> int:
    """Items by area, after the frame has shrunk to what sums of item sides can reach in each direction."""
    return best_fill(frame[0], *item) * best_fill(frame[1], *item) // (item[0] * item[1])


def barnes_bound(frame: tuple[int, int], item: tuple[int, int]) -> int:
    """Barnes (1979): an item l x w splits into l bars 1 x w or w bars 1 x l; bars alone leave a known waste.

    Valid for sides without a common divisor; others are divided by it first.
    """
    unit = gcd(*item)
    width, height, u, v = frame[0] // unit, frame[1] // unit, item[0] // unit, item[1] // unit
    waste = max(_bar_waste_of(width, height, u), _bar_waste_of(width, height, v))
    return (width * height - waste) // (u * v)


def _bar_waste_of(width: int, height: int, bar: int) -> int:
    r, s = width % bar, height % bar
    return min(r * s, (bar - r) * (bar - s))


def barnes_table(width: Ints, height: Ints, u: int, v: int) -> Ints:
    """`barnes_bound` for arrays of frame sides that broadcast together; u and v without a common divisor.

    Areas must stay below 2^63: sides up to 3e9, which is 3 m in nm.
    """
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


class LineBound:
    """Bound by what lines across and along the frame can meet (Isermann 1987; Letchford & Amaral 2001).

    A line across meets a straight and b turned items with ``a u + b v <= width``. Averaged over all heights,
    the numbers of straight and turned items of a packing must lie in the convex hull of those pairs, and
    likewise along the frame. The bound is the largest sum of two integers in both polygons: at least as
    strong as the linear programme of 6 rows, and exact arithmetic.
    """

    def __init__(self, u: int, v: int) -> None:
        self.u, self.v = u, v
        self._edges: dict[tuple[int, int, int], list[tuple[int, int, int]]] = {}
        self._reach: dict[tuple[int, int, int, int, int], int] = {}

    def __call__(self, width: int, height: int) -> int:
        """Bound for a rectangle."""
        return self.shape(width, height, width, height)

    def shape(self, width: int, height: int, x: int, y: int) -> int:
        """Bound for an L: ``[0, width] x [0, y]`` joined with ``[0, x] x [0, height]``."""
        u, v = self.u, self.v
        area = width * y + x * (height - y)
        straight = np.arange(area // (u * v) + 1, dtype=np.int64)
        turned = np.full_like(straight, area // (u * v))
        for a, b, parts in ((v, u, ((width, y), (x, height - y))), (u, v, ((height, x), (y, width - x)))):
            for p, q in self._directions(parts[0][0], parts[1][0], b, a):
                reach = sum(run * self._support(length, b, a, p, q) for length, run in parts if run)
                # ``p a straight + q b turned <= reach``, summed over all lines of one direction
                rest = reach - p * a * straight
                if q:
                    np.minimum(turned, rest // (q * b), out=turned)
                else:
                    turned[rest < 0] = -1
        total = np.where(turned >= 0, straight + turned, 0)
        return int(total.max())

    def _directions(self, one: int, two: int, u: int, v: int) -> list[tuple[int, int]]:
        return sorted({edge[:2] for length in {one, two} for edge in self._hull(length, u, v)})

    def _support(self, length: int, u: int, v: int, p: int, q: int) -> int:
        """Largest ``p a + q b`` over all pairs with ``a u + b v <= length``."""
        key = length, u, v, p, q
        if key not in self._reach:
            a = np.arange(length // u + 1, dtype=np.int64)
            self._reach[key] = int((p * a + q * ((length - a * u) // v)).max())
        return self._reach[key]

    def _hull(self, length: int, u: int, v: int) -> list[tuple[int, int, int]]:
        """Edges ``p a + q b <= r`` of the hull of all pairs with ``a u + b v <= length``."""
        if (length, u, v) not in self._edges:
            self._edges[length, u, v] = _hull_edges([(a, (length - a * u) // v) for a in range(length // u + 1)])
        return self._edges[length, u, v]


def _hull_edges(pairs: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Upper right edges of the hull of pairs given by ascending a and their largest b."""
    hull: list[tuple[int, int]] = []
    for a, b in [*pairs, (pairs[-1][0], 0)]:
        while len(hull) >= 2:
            (a0, b0), (a1, b1) = hull[-2:]
            if (a1 - a0) * (b - b0) - (b1 - b0) * (a - a0) < 0:
                break
            hull.pop()
        hull.append((a, b))
    if len(hull) == 1:
        return [(1, 0, hull[0][0]), (0, 1, hull[0][1])]
    edges = [(b0 - b1, a1 - a0, (b0 - b1) * a0 + (a1 - a0) * b0) for (a0, b0), (a1, b1) in pairwise(hull)]
    return [*edges, (0, 1, hull[0][1])]
