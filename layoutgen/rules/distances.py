"""Widths, spaces and distances of regions, between the edges that face each other.

A width or space is the Euclidean distance of two edges of which each lies on the inner (outer) side of the other
and whose directions differ by more than 90 degrees; corner to corner counts. These are the semantics of KLayout's
``width`` and ``space`` with Euclidean metrics and no shielding, so that a deck made from the same rules agrees.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box

Gap: TypeAlias = "tuple[float, Box]"
"""A distance in dbu and the box between the two places that are so far apart."""
_MOST = 50
_FEW_PAIRS = 40_000
"""So many pairs of edges are all looked at: faster than looking for those that are near."""
_AT_ONCE = 2_000_000
"""Pairs whose distances are held at a time."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Directed edges, region to the left: rows x0, y0, x1, y1 of shape (4, n); ``part`` numbers polygons."""

    ends: Any
    part: Any

    def __len__(self) -> int:
        return int(self.ends.shape[1])


def edges_of(region: BaseGeometry, window: Box | None = None) -> Edges:
    """The edges of a region; those on the border of a window, where the region was cut off, are left out."""
    polygons = shapely.get_parts(region)
    polygons = polygons[shapely.get_dimensions(polygons) == 2]
    rings, polygon_of = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    inside = ring_of[1:] == ring_of[:-1]
    all_ends = np.hstack([points[:-1], points[1:]])[inside].T
    all_parts = polygon_of[ring_of[:-1][inside]]
    if window is not None:
        keep = np.ones(all_ends.shape[1], dtype=bool)
        for axis, value in ((0, window[0]), (0, window[2]), (1, window[1]), (1, window[3])):
            keep &= ~((all_ends[axis] == value) & (all_ends[axis + 2] == value))
        all_ends, all_parts = all_ends[:, keep], all_parts[keep]
    return Edges(all_ends, all_parts)


def narrow(region: BaseGeometry, limit: float, window: Box | None = None) -> tuple[float | None, list[Gap]]:
    """The least width of a region, and every width below the limit."""
    edges = edges_of(region, window)
    return _facing(edges, limit, inner=True)


def close(region: BaseGeometry, limit: float, window: Box | None = None) -> tuple[float | None, list[Gap]]:
    """The least space between the polygons of a region and in their notches, and every space below the limit."""
    edges = edges_of(region, window)
    return _facing(edges, limit, inner=False)


def apart(first: BaseGeometry, second: BaseGeometry) -> float:
    """The Euclidean distance of two regions; 0 where they meet."""
    return float(first.distance(second))


def between(first: BaseGeometry, second: BaseGeometry) -> Box:
    """The box between the two nearest points of two regions."""
    points = shapely.get_coordinates(shapely.shortest_line(first, second))
    return _box(*(float(value) for value in (*points[0], *points[-1])))


def near_parts(first: BaseGeometry, second: BaseGeometry, limit: float) -> list[Gap]:
    """The polygons of the first region that are nearer to the second than a limit: distance and place of each."""
    found = []
    for part in shapely.get_parts(first):
        distance = float(part.distance(second))
        if distance < limit:
            found.append((distance, between(part, second)))
    return sorted(found)[:_MOST]


def _facing(edges: Edges, limit: float, *, inner: bool) -> tuple[float | None, list[Gap]]:
    if not len(edges):
        return None, []
    straight = (edges.ends[0] == edges.ends[2]) | (edges.ends[1] == edges.ends[3])
    if straight.all():
        found = _facing_straight(edges, 0, limit, np.inf, inner=inner)
        least = min(found)[0] if found else np.inf
        found += _facing_straight(edges, 1, limit, least, inner=inner)
    else:
        found = _nearest_pairs(edges, limit, inner=inner, measure=lambda i, j: _any_gaps(edges, i, j, inner=inner))
    found.sort()
    return (found[0][0] if found else None), [gap for gap in found[:_MOST] if gap[0] < limit]


def _facing_straight(edges: Edges, axis: int, limit: float, least_known: float, *, inner: bool) -> list[Gap]:
    """Facing pairs across an axis of edges that all run along x or y: the least, and those below the limit.

    Of pairs that are farther apart than the least known one, none may be named.
    """
    along = 1 - axis
    position, start, end = edges.ends[axis], edges.ends[along], edges.ends[along + 2]
    lies = (edges.ends[axis] == edges.ends[axis + 2]) & (start != end)
    # the region is to the left: of an edge that runs up (axis 0) at lower x, of one that runs right at higher y
    region_above = (end < start) if axis == 0 else (end > start)
    low = np.flatnonzero(lies & (region_above == inner))
    high = np.flatnonzero(lies & (region_above != inner))
    if not len(low) or not len(high):
        return []
    least, most = np.minimum(start, end), np.maximum(start, end)

    def measure(i: Any, j: Any) -> tuple[Any, Any]:
        across = position[j] - position[i]
        gap = np.maximum(np.maximum(least[j] - most[i], least[i] - most[j]), 0)
        distance = np.where(across >= 0, np.hypot(across, gap), np.inf)
        if inner:
            distance = np.where(edges.part[i] == edges.part[j], distance, np.inf)
        first, second = np.sort([np.maximum(least[i], least[j]), np.minimum(most[i], most[j])], axis=0)
        corners = [position[i], first, position[j], second]
        return distance, np.stack(corners if axis == 0 else [first, position[i], second, position[j]], axis=-1)

    if len(low) * len(high) <= _FEW_PAIRS:
        i, j = (side.ravel() for side in np.meshgrid(low, high, indexing="ij"))
        return _gaps(*measure(i, j), limit)
    return _nearest_pairs(edges, limit, inner=inner, measure=measure, sides=(low, high), least_known=least_known)


_Measure: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]
"""Distances of pairs of edges, by their numbers, infinite where they do not face; and corners of shape (n, 4)."""


def _nearest_pairs(
    edges: Edges,
    limit: float,
    *,
    inner: bool,
    measure: _Measure,
    sides: tuple[Any, Any] | None = None,
    least_known: float = np.inf,
) -> list[Gap]:
    """The nearest facing pair and those below the limit, mostly without a look at every pair of many edges.

    Pairs are looked for within the limit, then ever farther until one faces; at last all are.
    """
    lines = shapely.linestrings(edges.ends.T.reshape(-1, 2, 2))
    every = np.arange(len(edges))
    first, second = sides or (every, every)
    tree = shapely.STRtree(lines[second])
    x0, y0, x1, y1 = shapely.total_bounds(lines)
    farthest = min(float(np.hypot(x1 - x0, y1 - y0)), max(least_known, limit)) + 1.0
    radius = limit + 1.0
    at_once = max(1, _AT_ONCE // len(second))
    while True:
        found: list[Gap] = []
        for start in range(0, len(first), at_once):
            piece = first[start : start + at_once]
            if radius < np.inf:
                i, j = tree.query(lines[piece], predicate="dwithin", distance=radius)
            else:
                i, j = (side.ravel() for side in np.meshgrid(range(len(piece)), range(len(second)), indexing="ij"))
            i, j = piece[i], second[j]
            keep = (i < j) if sides is None else np.ones(len(i), dtype=bool)
            if inner:
                keep &= edges.part[i] == edges.part[j]
            i, j = i[keep], j[keep]
            order = np.lexsort((j, i))
            found += _gaps(*measure(i[order], j[order]), limit)
        # pieces of edges that are near may be farther apart than the edges are
        if radius >= farthest or (found and min(found)[0] <= radius):
            return found
        radius = 4 * radius if 4 * radius < farthest / 4 else np.inf if least_known == np.inf else farthest


def _gaps(distance: Any, corners: Any, limit: float) -> list[Gap]:
    """The least of some pairs, and the smallest of those below the limit."""
    if not len(distance) or not np.isfinite(distance).any():
        return []
    below = np.flatnonzero(distance < limit)
    below = below[np.argsort(distance[below], kind="stable")][:_MOST]
    numbers = dict.fromkeys([int(distance.argmin()), *below.tolist()])
    return [(float(distance[number]), _box(*corners[number])) for number in numbers]


def _any_gaps(edges: Edges, i: Any, j: Any, *, inner: bool) -> tuple[Any, Any]:
    """Distances and corners of pairs of edges of any direction: only edited layouts have such."""
    a, b = edges.ends.T[i], edges.ends.T[j]
    sign = 1.0 if inner else -1.0
    turned = ((a[:, 2:] - a[:, :2]) * (b[:, 2:] - b[:, :2])).sum(axis=1) < 0
    first, second = _side_of(a, b, sign), _side_of(b, a, sign)
    faces = np.flatnonzero(turned & ~np.isnan(first).any(axis=1) & ~np.isnan(second).any(axis=1))
    lines = shapely.shortest_line(
        shapely.linestrings(first[faces].reshape(-1, 2, 2)), shapely.linestrings(second[faces].reshape(-1, 2, 2))
    )
    distance, corners = np.full(len(i), np.inf), np.zeros((len(i), 4))
    distance[faces] = shapely.length(lines)
    corners[faces] = shapely.get_coordinates(lines).reshape(-1, 4)
    return distance, corners


def _side_of(edge: Any, other: Any, sign: float) -> Any:
    """Pieces of edges on the inner (sign +1) or outer side of others, of shape (n, 4); NaN where there is none."""
    step = other[:, 2:] - other[:, :2]

    def side(point: Any) -> Any:
        away = point - other[:, :2]
        return sign * (step[:, 0] * away[:, 1] - step[:, 1] * away[:, 0])

    start, end = edge[:, :2], edge[:, 2:]
    s0, s1 = side(start), side(end)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = start + (s0 / (s0 - s1))[:, None] * (end - start)
    piece = np.hstack([np.where((s0 >= 0)[:, None], start, middle), np.where((s1 >= 0)[:, None], end, middle)])
    piece[(s0 <= 0) & (s1 <= 0)] = np.nan
    return piece


def _box(x0: float, y0: float, x1: float, y1: float) -> Box:
    left, right = sorted((round(float(x0)), round(float(x1))))
    low, high = sorted((round(float(y0)), round(float(y1))))
    return left, low, right, high
