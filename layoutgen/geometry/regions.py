"""Regions of integer coordinates: booleans with shapely, results as simple polygons in one canonical form."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box, Point
from layoutgen.layer_expressions import Expression

Regions: TypeAlias = NDArray[np.object_]
"""An array of regions."""

EMPTY: Final[BaseGeometry] = Polygon()
"""The empty region."""

SHOP_VERTICES = 199
"""Most vertices of one polygon that old mask shop software reads."""


def rectangle(bounds: Box) -> BaseGeometry:
    """A box, ``bounds`` in dbu, as a region."""
    region: BaseGeometry = shapely.box(*bounds)
    return region


def union(regions: Iterable[BaseGeometry]) -> BaseGeometry:
    """The union of regions, coordinates on the grid."""
    return snapped(shapely.union_all(list(regions)))


def region_of(polygons: Sequence[tuple[Point, ...]]) -> BaseGeometry:
    """The union of ``polygons``, corners in dbu."""
    if not polygons:
        return EMPTY
    return snapped(shapely.disjoint_subset_union_all(outlines(polygons)))


def outlines(polygons: Sequence[tuple[Point, ...]]) -> Regions:
    """``polygons``, corners in dbu, as an array (n,) of regions in their order."""
    if not polygons:
        return np.zeros(0, dtype=object)
    points = np.array(list(chain.from_iterable(polygons)), dtype=np.float64)
    owner = np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons])
    return np.asarray(shapely.polygons(shapely.linearrings(points, indices=owner)))


def evaluate(expression: Expression, drawn: Mapping[str, BaseGeometry]) -> BaseGeometry:
    """A mask expression over drawn regions; a layer that is not there is empty."""
    if isinstance(expression, str):
        return drawn.get(expression, EMPTY)
    left, right = evaluate(expression.left, drawn), evaluate(expression.right, drawn)
    match expression.operation:
        case "union":
            return snapped(left | right)
        case "difference":
            return snapped(left - right)
        case "intersection":
            return snapped(left & right)


def grown(region: BaseGeometry, distance: int) -> BaseGeometry:
    """A region with every edge moved outwards by a ``distance`` in dbu (inwards where negative), corners sharp."""
    if distance == 0 or region.is_empty:
        return region
    return snapped(region.buffer(distance, join_style="mitre", mitre_limit=10.0))


def grown_parts(region: BaseGeometry, distance: int) -> BaseGeometry:
    """The union of the polygons of a region, each grown by itself: corners stay sharp where two of them meet.

    Args:
        region: what is grown.
        distance: in dbu, negative inwards.
    """
    wider = shapely.buffer(shapely.get_parts(region), distance, join_style="mitre", mitre_limit=10.0)
    return snapped(shapely.union_all(shapely.transform(wider, np.rint)))


def snapped(region: BaseGeometry) -> BaseGeometry:
    """The polygons of a region with vertices rounded to integers; lines and points dropped."""
    if region.geom_type not in {"Polygon", "MultiPolygon"}:
        parts = shapely.get_parts(region)
        region = MultiPolygon(list(parts[(shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)]))
    points = shapely.get_coordinates(region)
    if (points != np.rint(points)).any():
        region = shapely.transform(region, np.rint)
    return region if region.is_valid else region.buffer(0)


def simple_polygons(region: BaseGeometry, most_vertices: int = SHOP_VERTICES) -> tuple[tuple[Point, ...], ...]:
    """A region as disjoint simple polygons: no holes, no keyholes, no collinear vertices, sorted.

    A polygon with holes, or with more than ``most_vertices``, is cut along the axes through its own vertices, so a
    rectilinear region stays on the grid.
    """
    pieces: list[tuple[Point, ...]] = []
    waiting = [part for part in shapely.get_parts(region) if part.geom_type == "Polygon"]
    while waiting:
        part = waiting.pop()
        holes = sorted(canonical(hole.coords) for hole in part.interiors)
        points = canonical(part.exterior.coords)
        if len(points) < 3:
            continue
        if holes:
            waiting += _cut(part, 1, _through(holes[0]))
        elif len(points) > most_vertices:
            waiting += _cut(part, *_middle(points))
        else:
            pieces.append(points)
    return tuple(sorted(pieces))


def canonical(coordinates: Iterable[tuple[float, ...]]) -> tuple[Point, ...]:
    """A ring as integers: not closed, no collinear vertices, counter-clockwise from the lowest leftmost one.

    Args:
        coordinates: (x, y) in dbu, rounded here; the first may be repeated at the end.
    """
    kept: list[Point] = []
    for point in ((round(x), round(y)) for x, y, *_ in coordinates):
        if not kept or point != kept[-1]:
            kept.append(point)
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    kept = _without_collinear(kept)
    if len(kept) < 3:
        return ()
    if _signed(kept) < 0:
        kept.reverse()
    start = kept.index(min(kept, key=lambda point: (point[1], point[0])))
    return tuple(kept[start:] + kept[:start])


def _without_collinear(points: list[Point]) -> list[Point]:
    changed = True
    while changed and len(points) >= 3:
        kept = []
        for index, (x, y) in enumerate(points):
            (x0, y0), (x1, y1) = points[index - 1], points[(index + 1) % len(points)]
            if (x - x0) * (y1 - y) != (y - y0) * (x1 - x):
                kept.append((x, y))
        changed = len(kept) != len(points)
        points = kept
    return points


def _signed(points: list[Point]) -> int:
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True))


def _through(hole: tuple[Point, ...]) -> int:
    """A height at which a horizontal cut opens a hole along a whole edge, else in its middle."""
    heights = [y for _, y in hole]
    ends = min(heights), max(heights)
    for end in ends:
        if heights.count(end) > 1:
            return end
    return sum(ends) // 2


def _middle(points: tuple[Point, ...]) -> tuple[int, int]:
    """The axis of the longer side, and the vertex coordinate nearest to its middle that lies inside."""
    spans = [(max(p[axis] for p in points) - min(p[axis] for p in points), axis) for axis in (0, 1)]
    for _, axis in sorted(spans, reverse=True):
        values = sorted({point[axis] for point in points})
        if len(values) > 2:
            return axis, values[len(values) // 2]
    return 0, (points[0][0] + points[1][0]) // 2


def _cut(part: Polygon, axis: int, at: int) -> list[BaseGeometry]:
    x0, y0, x1, y1 = part.bounds
    if axis == 0:
        halves = box(x0 - 1, y0 - 1, at, y1 + 1), box(at, y0 - 1, x1 + 1, y1 + 1)
    else:
        halves = box(x0 - 1, y0 - 1, x1 + 1, at), box(x0 - 1, at, x1 + 1, y1 + 1)
    return [piece for half in halves for piece in shapely.get_parts(snapped(part & half))]
