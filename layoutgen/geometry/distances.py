"""Exact distances between outlines."""

from math import hypot, inf

from layoutgen.geometry.crossings import crossings
from layoutgen.geometry.outline import Edge, Outline, Point


def apart(a: Outline, b: Outline, least: float = 0.0) -> float:
    """The distance of two paths, 0 where they meet. Stops early where it is below ``least``.

    One outline inside the other is not told apart from beside it.
    """
    best = inf
    for first in a.edges:
        for second in b.edges:
            if _boxes_apart(first, second) < best:
                best = min(best, edges_apart(first, second))
                if best < least:
                    return best
    return best


def edges_apart(a: Edge, b: Edge) -> float:
    """The distance of two edges, 0 where they meet."""
    best = min(a.distance(b.x0, b.y0), a.distance(b.x1, b.y1), b.distance(a.x0, a.y0), b.distance(a.x1, a.y1))
    # nearest points are ends, meeting points, or lie where both normals run through them
    for x, y in _facing(a, b):
        best = min(best, a.distance(x, y))
    if best > 0 and crossings(a, b, within=0.01):
        return 0.0
    return best


def _boxes_apart(a: Edge, b: Edge) -> float:
    ax0, ay0, ax1, ay1 = a.extremes()
    bx0, by0, bx1, by1 = b.extremes()
    return hypot(max(0.0, ax0 - bx1, bx0 - ax1), max(0.0, ay0 - by1, by0 - ay1))


def _facing(a: Edge, b: Edge) -> list[Point]:
    """Points of the second edge at which its distance from the first may be least, other than ends."""
    if b.is_arc and not a.is_arc:
        return _facing_on_arc(a, b)
    if a.is_arc and not b.is_arc:
        (cx, cy) = a.centre
        part = b.part_of(cx, cy)
        return [b.at(part)] if 0.0 < part < 1.0 else []
    if not a.is_arc:
        return []
    (px, py), (qx, qy) = a.centre, b.centre
    away = hypot(px - qx, py - qy)
    if away < 1e-6:
        return []
    ux, uy = (px - qx) / away, (py - qy) / away
    found = [(qx + s * b.radius * ux, qy + s * b.radius * uy) for s in (-1.0, 1.0)]
    return [(x, y) for x, y in found if b.faces(x, y)]


def _facing_on_arc(line: Edge, arc: Edge) -> list[Point]:
    (cx, cy), (dx, dy) = arc.centre, line.direction(0.0)
    found = [(cx - s * arc.radius * dy, cy + s * arc.radius * dx) for s in (-1.0, 1.0)]
    return [(x, y) for x, y in found if arc.faces(x, y)]
