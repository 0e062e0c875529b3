"""Widths, spaces and distances of regions, between the edges that face each other.

A width or space is the Euclidean distance of two edges of which each lies on the inner (outer) side of the other
and whose directions differ by more than 90 degrees; corner to corner counts. These are the semantics of KLayout's
``width`` and ``space`` with Euclidean metrics and no shielding, so that a deck made from the same rules agrees.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box

Gap: TypeAlias = "tuple[float, Box]"
"""A distance in dbu and the box between the two places that are so far apart."""
_MOST = 50


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
        found = [gap for axis in (0, 1) for gap in _facing_straight(edges, axis, limit, inner=inner)]
    else:
        found = _facing_any(edges, limit, inner=inner)
    found.sort()
    return (found[0][0] if found else None), [gap for gap in found[:_MOST] if gap[0] < limit]


def _facing_straight(edges: Edges, axis: int, limit: float, *, inner: bool) -> list[Gap]:
    """Facing pairs across an axis of edges that all run along x or y: the least, and those below the limit."""
    along = 1 - axis
    position, start, end = edges.ends[axis], edges.ends[along], edges.ends[along + 2]
    lies = (edges.ends[axis] == edges.ends[axis + 2]) & (start != end)
    # the region is to the left: of an edge that runs up (axis 0) at lower x, of one that runs right at higher y
    region_above = (end < start) if axis == 0 else (end > start)
    low = np.flatnonzero(lies & (region_above == inner))
    high = np.flatnonzero(lies & (region_above != inner))
    if not len(low) or not len(high):
        return []
    across = position[high][None, :] - position[low][:, None]
    least, most = np.minimum(start, end), np.maximum(start, end)
    gap = np.maximum(
        np.maximum(least[high][None, :] - most[low][:, None], least[low][:, None] - most[high][None, :]), 0
    )
    distance = np.where(across >= 0, np.hypot(across, gap), np.inf)
    if inner:
        distance = np.where(edges.part[low][:, None] == edges.part[high][None, :], distance, np.inf)
    best = divmod(int(distance.argmin()), distance.shape[1])
    pairs = dict.fromkeys([best, *((int(i), int(j)) for i, j in np.argwhere(distance < limit)[:_MOST])])
    found = []
    for i, j in pairs:
        value = float(distance[i, j])
        if np.isfinite(value):
            a, b = low[i], high[j]
            ends = sorted((max(least[a], least[b]), min(most[a], most[b])))
            corners = (position[a], ends[0], position[b], ends[1])
            x0, y0, x1, y1 = corners if axis == 0 else (ends[0], position[a], ends[1], position[b])
            found.append((value, _box(x0, y0, x1, y1)))
    return found


def _facing_any(edges: Edges, limit: float, *, inner: bool) -> list[Gap]:
    """Facing pairs of edges of any direction, one by one: only edited layouts have such."""
    found: list[Gap] = []
    least: Gap | None = None
    sign = 1.0 if inner else -1.0
    ends = edges.ends.T
    for i, a in enumerate(ends):
        for j in range(i + 1, len(ends)):
            b = ends[j]
            if inner and edges.part[i] != edges.part[j]:
                continue
            if (a[2] - a[0]) * (b[2] - b[0]) + (a[3] - a[1]) * (b[3] - b[1]) >= 0:
                continue
            first, second = _side_of(a, b, sign), _side_of(b, a, sign)
            if first is None or second is None:
                continue
            line = shapely.shortest_line(shapely.LineString(first), shapely.LineString(second))
            points = shapely.get_coordinates(line)
            gap = float(line.length), _box(*points[0], *points[-1])
            least = gap if least is None else min(least, gap)
            if gap[0] < limit and len(found) < _MOST:
                found.append(gap)
    return found or ([least] if least else [])


def _side_of(edge: Any, other: Any, sign: float) -> list[tuple[float, float]] | None:
    """The piece of an edge on the inner (sign +1) or outer side of another; None where there is none."""
    dx, dy = other[2] - other[0], other[3] - other[1]
    s0 = sign * (dx * (edge[1] - other[1]) - dy * (edge[0] - other[0]))
    s1 = sign * (dx * (edge[3] - other[1]) - dy * (edge[2] - other[0]))
    start, end = (edge[0], edge[1]), (edge[2], edge[3])
    if s0 <= 0 and s1 <= 0:
        return None
    if s0 >= 0 and s1 >= 0:
        return [start, end]
    t = s0 / (s0 - s1)
    middle = (edge[0] + t * (edge[2] - edge[0]), edge[1] + t * (edge[3] - edge[1]))
    return [start, middle] if s0 >= 0 else [middle, end]


def _box(x0: float, y0: float, x1: float, y1: float) -> Box:
    left, right = sorted((round(float(x0)), round(float(x1))))
    low, high = sorted((round(float(y0)), round(float(y1))))
    return left, low, right, high
