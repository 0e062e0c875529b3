"""The pole of inaccessibility: the place inside an outline that is farthest from its path.

The inset by one distance more and more, until it nearly vanishes: what is left has the pole as its centroid. In a
long outline many points are equally far; the centroid is the middle of them, so it moves with the outline, is
mirrored with it, and does not jump with a tolerance. Of a bent outline it is the point of what is left that is
nearest to the centroid. Where two places are equally far (a dumbbell), it is the one of the larger remainder, then
of the lower, then of the left one.
"""

from math import hypot

from layoutgen.geometry.offset import inset
from layoutgen.geometry.outline import Outline, Point

_PRECISION = 20.0


def pole(outline: Outline) -> tuple[Point, float]:
    """The pole and its distance from the path."""
    width, height = outline.size
    low, high = 0.0, min(width, height) / 2 + 1.0
    left: tuple[Outline, ...] = (outline,)
    # the remainder stays wide enough for its ends to be rounded to a unit without moving its middle
    least = max(_PRECISION, min(width, height) * 1e-5)
    while high - low > least / 4:
        middle = (low + high) / 2
        remains = inset(outline, middle)
        if remains:
            low, left = middle, remains
        else:
            high = middle
    found = left[0]
    if low > least:
        found = (inset(outline, low - least) or left)[0]
    x, y = found.centroid
    if not found.contains(x, y):
        x, y = _nearest(found, x, y)
    return (x, y), outline.distance(x, y)


def _nearest(outline: Outline, x: float, y: float) -> Point:
    """The point of a path that is nearest to a place."""
    edge = min(outline.edges, key=lambda edge: edge.distance(x, y))
    if edge.is_arc:
        (cx, cy), away = edge.centre, hypot(x - edge.centre[0], y - edge.centre[1])
        if away > 0 and edge.faces(x, y):
            return cx + (x - cx) * edge.radius / away, cy + (y - cy) * edge.radius / away
        return min((edge.at(0.0), edge.at(1.0)), key=lambda end: hypot(x - end[0], y - end[1]))
    return edge.at(min(1.0, max(0.0, edge.part_of(x, y))))
