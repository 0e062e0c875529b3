"""How many outlines a field can hold at most.

Grown by half of the distance they keep, outlines do not overlap, and all lie in the field grown as much. The
arguments and their sources are in docs/tiling.md.
"""

from math import floor, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from layoutgen.geometry.flatten import Side, flattened
from layoutgen.geometry.offset import outset
from layoutgen.geometry.outline import Outline

_SAFE = 1e-9
_MOST_CORNERS = 36
_LEAST_DBU = 16


def outline_bound(outline: Outline, distance: int, size: tuple[int, int]) -> tuple[int, str]:
    """The lowest bound on the cells of a field, and its name."""
    width, height = outline.size
    if min(size) < min(width, height) or max(size) < max(width, height):
        return 0, "the cell does not fit"
    bounds = [(area_bound(outline, distance, size), "area")]
    grown = grown_by(outline, distance / 2)
    if outline.is_convex:
        # the field's own corners are cut off too, but six sides are what the theorem allows
        room = (size[0] + distance) * (size[1] + distance)
        bounds.append((floor(room / (least_hexagon(grown) * (1 - _SAFE))), "circumscribed hexagon"))
    if _is_circle(outline):
        bounds.append((circle_bound(width, distance, size), "Oler"))
    return min(bounds)


def grown_by(outline: Outline, reach: float) -> Outline:
    """The outline grown, or itself where that is lost in rounding: its area is then too small, which is safe."""
    if reach < _LEAST_DBU:
        return outline
    try:
        return outset(outline, reach)
    except ValueError:  # lost in rounding
        return outline


def area_bound(outline: Outline, distance: int, size: tuple[int, int]) -> int:
    """Of grown outlines in the grown field, whose corners are round."""
    grown = grown_by(outline, distance / 2)
    room = (size[0] + distance) * (size[1] + distance) - (4 - pi) * (distance / 2) ** 2
    # ends of grown arcs are rounded to a unit
    return floor(room / (grown.area - 2 * grown.length) * (1 + _SAFE))


def circle_bound(diameter: int, distance: int, size: tuple[int, int]) -> int:
    """Of circles: points of a mutual distance of at least 1 in a convex set of area A and perimeter P number at
    most 2 A / sqrt(3) + P / 2 + 1 (Oler 1961); the set is that of the centres.
    """
    a, b = ((side - diameter) / (diameter + distance) for side in size)
    if min(a, b) < 0:
        return 0
    return floor(2 / sqrt(3) * a * b + a + b + 1 + _SAFE)


def _is_circle(outline: Outline) -> bool:
    width, height = outline.size
    first = outline.edges[0]
    if width != height or not all(edge.bulge > 0 for edge in outline.edges):
        return False
    x, y = first.centre
    return all(
        abs(edge.radius - width / 2) < 2 and abs(edge.centre[0] - x) < 2 and abs(edge.centre[1] - y) < 2
        for edge in outline.edges
    )


def least_hexagon(outline: Outline) -> float:
    """The area of the smallest hexagon around a convex outline; never too large.

    That of a polygon inside the outline, over all hexagons: a smallest one around a polygon has at least five sides
    along its edges, and the sixth along an edge or touching a corner with its middle (DePano 1987; Aggarwal, Chang,
    Yap 1985). So all are gone through, none is sampled.
    """
    error = 1.0
    corners = flattened(outline, error, Side.INSIDE)
    while len(corners) > _MOST_CORNERS:
        error *= 1.5
        corners = flattened(outline, error, Side.INSIDE)
    points = _convex(np.array(corners, dtype=np.float64))
    return _Hexagons(points).least() * (1 - _SAFE)


def _convex(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The corners of the convex hull, counter-clockwise: rounding may have dented the polygon."""
    order = sorted(map(tuple, points.tolist()))
    halves = []
    for way in (order, order[::-1]):
        half: list[tuple[float, ...]] = []
        for place in way:
            while len(half) > 1 and (half[-1][0] - half[-2][0]) * (place[1] - half[-2][1]) <= (
                half[-1][1] - half[-2][1]
            ) * (place[0] - half[-2][0]):
                half.pop()
            half.append(place)
        halves += half[:-1]
    return np.array(halves)


class _Hexagons:
    """Hexagons around a convex polygon, as what they add to its area at each of their corners."""

    def __init__(self, points: NDArray[np.float64]) -> None:
        self.points = points - points.mean(axis=0)
        self.n = len(points)
        self.after = np.roll(self.points, -1, axis=0)
        self.along = self.after - self.points
        x, y = self.points.T
        u, v = self.after.T
        self.area = float(np.sum(x * v - u * y)) / 2
        cross = np.concatenate([[0.0], np.cumsum(x * v - u * y)])
        self.cross = np.concatenate([cross, cross[1:] + cross[-1]])

    def least(self) -> float:
        if self.n <= 6:
            return self.area
        joined = self._joined()
        twice = self._chained(joined, joined)
        # four corners between five sides along edges, then the free side back to the first, all in one turn
        chain = self._chained(twice, twice)
        closing = np.minimum(self._free(), twice)
        least = np.inf
        for a in range(self.n):
            for step in range(self.n):
                least = min(least, chain[a, step] + closing[(a + step) % self.n, self.n - step])
        return self.area + float(least)

    def _chained(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
        """Least sums over the edge between; tables are by (edge, steps to the last edge)."""
        n = self.n
        found = np.full((n, n + 1), np.inf)
        edges = np.arange(n)
        for step in range(n + 1):
            parts = np.arange(step + 1)
            sums = first[:, parts] + second[(edges[:, None] + parts) % n, step - parts]
            found[:, step] = sums.min(axis=1)
        return found

    def _joined(self) -> NDArray[np.float64]:
        """What the corner of the lines along an edge and one some steps on adds: inf where they do not meet beyond
        the polygon; 0 where one follows the other, or is the other.
        """
        n = self.n
        found = np.full((n, n + 1), np.inf)
        for a in range(n):
            found[a, 0] = 0.0
            for step in range(1, n):
                b = (a + step) % n
                corner = _meet(self.points[a], self.along[a], self.points[b], self.along[b])
                if corner is None:
                    break
                found[a, step] = max(0.0, self._outside(a, step, corner[None])[0])
        return found

    def _outside(self, a: int, step: int, corner: NDArray[np.float64]) -> NDArray[np.float64]:
        """Area between the polygon from the end of an edge to the start of a later one, and one by corners."""
        start, end = self.after[a], self.points[(a + step) % self.n]
        # twice the area of the way back: from start along the polygon to the end
        inner = self.cross[a + step] - self.cross[a + 1]
        outer = start[0] * corner[:, 1] - corner[:, 0] * start[1] + corner[:, 0] * end[1] - end[0] * corner[:, 1]
        return np.asarray((outer - inner) / 2)

    def _free(self) -> NDArray[np.float64]:
        """What a side between the lines along two edges adds that touches a corner with its middle."""
        n = self.n
        found = np.full((n, n + 1), np.inf)
        for a in range(n):
            for step in range(2, n):
                k = np.arange(a + 1, a + step + 1) % n
                found[a, step] = float(np.min(self._touching(a, step, k)))
        return found

    def _touching(self, a: int, step: int, k: NDArray[np.int64]) -> NDArray[np.float64]:
        """With its middle at corners k; inf where that side would cut the polygon."""
        b = (a + step) % self.n
        v, (p, d), (q, e) = self.points[k], (self.points[a], self.along[a]), (self.points[b], self.along[b])
        cross = _cross(d, e)
        if abs(cross) < 1e-12 * float(d @ d) ** 0.5 * float(e @ e) ** 0.5:
            return np.full(len(k), np.inf)
        # the point of line a that is the mirror image about v of one of line b
        w = 2 * v - q - p
        first = p + ((w[:, 0] * e[1] - w[:, 1] * e[0]) / cross)[:, None] * d
        last = 2 * v - first
        side, before, after = last - first, self.along[k - 1], self.along[k]
        cuts = (before[:, 0] * side[:, 1] < before[:, 1] * side[:, 0]) | (
            side[:, 0] * after[:, 1] < side[:, 1] * after[:, 0]
        )
        cuts |= ((first - self.after[a]) @ d < -1e-6) | ((self.points[b] - last) @ e < -1e-6)
        start, end = self.after[a], self.points[b]
        outer = (
            start[0] * first[:, 1] - start[1] * first[:, 0] + first[:, 0] * last[:, 1] - first[:, 1] * last[:, 0]
        )
        outer += last[:, 0] * end[1] - last[:, 1] * end[0]
        inner = self.cross[a + step] - self.cross[a + 1]
        return np.where(cuts, np.inf, np.maximum(0.0, (outer - inner) / 2))


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(a[0] * b[1] - a[1] * b[0])


def _meet(
    p: NDArray[np.float64], d: NDArray[np.float64], q: NDArray[np.float64], e: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """Where two lines meet that turn to the left by less than half a turn, None where they do not."""
    cross = _cross(d, e)
    if cross <= 1e-12 * float(d @ d) ** 0.5 * float(e @ e) ** 0.5:
        return None
    part = _cross(q - p, e) / cross
    return p + part * d
