"""Rings of any kind as simple polygons: keyholes are opened, what crosses itself is taken as mask shops take it."""

from collections.abc import Sequence

import numpy as np
import shapely

from layoutgen.geometry.boxes import Point
from layoutgen.geometry.regions import EMPTY, canonical, simple_polygons, snapped

NO_AREA, CROSSES = "without area", "that crosses itself, which readers fill differently"
_MOST_VERTICES = 100_000


def simple_outlines(
    rings: Sequence[Sequence[tuple[float, ...]]],
) -> list[tuple[tuple[tuple[Point, ...], ...], str]]:
    """Each ring as simple polygons, with a remark where it is not an honest one.

    A ring that touches itself, as one that holds a hole by a slit, is what it encloses. One that crosses itself
    encloses every place around which it winds.
    """
    found: list[tuple[tuple[tuple[Point, ...], ...], str]] = []
    odd: list[int] = []
    for number, ring in enumerate(rings):
        points = canonical(ring)
        found.append(((points,), "") if points else ((), NO_AREA))
        if len(points) > 3 and not _rectangle(points):
            odd.append(number)
    if odd:
        shapes = np.array([shapely.Polygon(found[number][0][0]) for number in odd])
        for number in np.array(odd)[~shapely.is_valid(shapes)].tolist():
            found[number] = _wound(found[number][0][0])
    return found


def _rectangle(points: tuple[Point, ...]) -> bool:
    """Whether a canonical ring of four points is one along the axes."""
    if len(points) != 4:
        return False
    (a, b), (c, d), (e, f), (g, h) = points
    return b == d and c == e and f == h and a == g


def _wound(points: tuple[Point, ...]) -> tuple[tuple[tuple[Point, ...], ...], str]:
    if len(points) > _MOST_VERTICES:
        return (), CROSSES
    try:
        lines = shapely.union_all(shapely.LineString([*points, points[0]]))
        faces = shapely.get_parts(shapely.polygonize([lines]))
        numbers = [_winding(shapely.get_coordinates(shapely.point_on_surface(face))[0], points) for face in faces]
        inside = [face for face, number in zip(faces, numbers, strict=True) if number]
        region = snapped(shapely.union_all(inside)) if inside else EMPTY
        pieces = simple_polygons(region)
    except shapely.errors.GEOSException:
        return (), CROSSES
    if not pieces:
        return (), NO_AREA
    return pieces, "" if {number for number in numbers if number} in ({1}, {-1}) else CROSSES


def _winding(at: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]", points: tuple[Point, ...]) -> int:
    """How often a ring runs around a point, counter-clockwise positive."""
    ring = np.array([*points, points[0]], dtype=np.float64) - at
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    side = x0 * y1 - x1 * y0
    up, down = (y0 <= 0) & (y1 > 0) & (side > 0), (y0 > 0) & (y1 <= 0) & (side < 0)
    return int(up.sum()) - int(down.sum())
