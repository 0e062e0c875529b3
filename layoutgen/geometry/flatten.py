"""Outlines as polygons: inside the outline, around it, or of the same area, with a stated error.

An arc is cut where it is farthest right, up, left or down, so that a polygon around an outline is not wider or
higher than the outline itself. Corners are rounded to integers towards the stated side.
"""

from collections.abc import Callable
from enum import StrEnum
from itertools import pairwise
from math import acos, ceil, cos, floor, pi, sin, sqrt

from layoutgen.geometry.outline import Edge, Outline

Corner = tuple[int, int]
_SAME = 1e-3


class Side(StrEnum):
    """Where a polygon lies."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    EQUAL = "equal area"


def flattened(outline: Outline, error: float, side: Side) -> tuple[Corner, ...]:
    """The corners of a polygon whose sides are within ``error`` (plus one unit of rounding) of the outline.

    INSIDE is contained in the outline, OUTSIDE contains it, EQUAL has its area but for rounding. Raises ValueError
    for an error that is not positive.
    """
    if error <= 0:
        message = f"the error must be positive, got {error}"
        raise ValueError(message)
    corners: list[Corner] = []
    for edge in outline.edges:
        corners.append((edge.x0, edge.y0))
        if edge.is_arc:
            corners += _equal(edge, error) if side is Side.EQUAL else _one_side(edge, error, side)
    return _cleaned(corners)


def _one_side(edge: Edge, error: float, side: Side) -> list[Corner]:
    """Corners between the ends of an arc; on the arc, or where tangents meet."""
    # a polygon is on the chord side of a counter-clockwise arc if it lies inside the outline
    tangents = (edge.bulge > 0) == (side is Side.OUTSIDE)
    centre, radius, angle = edge.centre, edge.radius, edge.angle
    cuts = [0.0, *edge.quadrants(), 1.0]
    found: list[Corner] = []
    for start, end in pairwise(cuts):
        pieces = _pieces(abs(angle) * (end - start), radius, error, tangents=tangents)
        step = (end - start) / pieces
        if tangents:
            reach = radius / cos(abs(angle) * step / 2)
            middles = [start + (k + 0.5) * step for k in range(pieces)]
            found += [_rounded(edge, centre, reach, part, away=True) for part in middles]
        else:
            ends = [start + k * step for k in range(1, pieces)] + ([end] if end < 1.0 else [])
            found += [_rounded(edge, centre, radius, part, away=False) for part in ends]
    return found


def _pieces(angle: float, radius: float, error: float, *, tangents: bool) -> int:
    """Into how many an arc is cut so that its polygon is near enough."""
    if tangents:
        # a corner where two tangents meet lies r / cos(a/2) - r outside
        widest = 2 * acos(radius / (radius + error))
    else:
        widest = 2 * acos(1 - error / radius) if error < radius else pi / 2
    return max(1, ceil(angle / min(widest, pi / 2) - 1e-9))


def _rounded(edge: Edge, centre: tuple[float, float], reach: float, part: float, *, away: bool) -> Corner:
    angle = edge.start_angle + part * edge.angle
    return _to(centre[0], reach * cos(angle), away=away), _to(centre[1], reach * sin(angle), away=away)


def _to(centre: float, offset: float, *, away: bool) -> int:
    """An integer coordinate, away from the centre or towards it."""
    up: Callable[[float], int] = ceil if (offset > 0) == away else floor
    value = centre + offset
    nearest = round(value)
    return nearest if abs(value - nearest) < _SAME else up(value)


def _equal(edge: Edge, error: float) -> list[Corner]:
    """Corners between the ends of an arc so that the polygon's part of the circle has the arc's area.

    With n pieces of angle t the ends lie on the arc, the corners between at the radius p with
    2 r p + (n - 2) p^2 = r^2 n t / sin t. Of a whole circle that is p = r sqrt(t / sin t).
    """
    centre, radius, angle = edge.centre, edge.radius, abs(edge.angle)
    pieces = max(2, _pieces(angle, radius, error, tangents=False))
    while True:
        step = angle / pieces
        wanted = radius**2 * angle / sin(step)
        if pieces == 2:
            reach = wanted / (2 * radius)
        else:
            inner = pieces - 2
            reach = (sqrt(radius**2 + inner * wanted) - radius) / inner
        sagitta = radius - min(reach, radius) * cos(step / 2)
        if max(reach - radius, sagitta) <= error or pieces > 100_000:
            break
        pieces += 1
    found = []
    for k in range(1, pieces):
        turn = edge.start_angle + k * edge.angle / pieces
        found.append((round(centre[0] + reach * cos(turn)), round(centre[1] + reach * sin(turn))))
    return found


def _cleaned(corners: list[Corner]) -> tuple[Corner, ...]:
    """Without corners that are there twice or lie on the line between their neighbours."""
    kept = [corner for k, corner in enumerate(corners) if corner != corners[k - 1]]
    changed = True
    while changed:
        keep = [
            (b[0] - a[0]) * (c[1] - a[1]) != (b[1] - a[1]) * (c[0] - a[0])
            for a, b, c in zip(kept[-1:] + kept[:-1], kept, kept[1:] + kept[:1], strict=True)
        ]
        changed = not all(keep)
        kept = [corner for corner, stays in zip(kept, keep, strict=True) if stays]
    return tuple(kept)


def polygon_area(corners: tuple[Corner, ...]) -> float:
    """Of a polygon, positive counter-clockwise; exact but for the half."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, corners[1:] + corners[:1], strict=True))
    return twice / 2
