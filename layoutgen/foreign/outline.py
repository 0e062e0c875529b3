"""Paths of a width as polygons: mitred joins, square or round ends, as KLayout and mask shops draw them."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from layoutgen.foreign.model import Floats, Paths

ROUND_POINTS: Final = 64
"""Corners of a full round end or join."""
_SHARPEST: Final = 0.25
"""A join is cut off where the cosine of half its turn is below: its mitre would reach too far."""


def outlines(paths: Paths) -> Iterator[tuple[int, Floats]]:
    """The outline of each path of a width and a length: its number, and its corners, not closed, shape (n, 2)."""
    for number, points in enumerate(paths):
        width = float(paths.widths[number])
        if width <= 0:
            continue
        ends = float(paths.begins[number]), float(paths.ends[number])
        outline = path_outline(points.astype(np.float64), width, ends, rounded=bool(paths.round[number]))
        if outline is not None:
            yield number, outline


def path_outline(
    points: Floats, width: float, ends: tuple[float, float], *, rounded: bool = False
) -> Floats | None:
    """The outline of one path, None where it has no area.

    Args:
        points: shape (n, 2).
        width: more than 0.
        ends: how far it reaches beyond its first and last point; without meaning where it is round.
        rounded: round ends and joins.
    """
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (points[1:] != points[:-1]).any(axis=1)
    spine = [(float(x), float(y)) for x, y in points[keep]]
    half = width / 2
    if len(spine) == 1:
        return _dot(spine[0], half, ends, rounded=rounded)
    directions = [_unit(a, b) for a, b in pairwise(spine)]
    if not rounded:
        (ux, uy), (vx, vy) = directions[0], directions[-1]
        spine[0] = spine[0][0] - ux * ends[0], spine[0][1] - uy * ends[0]
        spine[-1] = spine[-1][0] + vx * ends[1], spine[-1][1] + vy * ends[1]
    left = _side(spine, directions, half, 1.0)
    right = _side(spine, directions, half, -1.0)
    if rounded:
        left += _arc(spine[-1], directions[-1], half)
        right = [*_arc(spine[0], (-directions[0][0], -directions[0][1]), half)[::-1], *right]
    return np.array(left + right[::-1])


def _unit(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    dx, dy = b[0] - a[0], b[1] - a[1]
    size = abs(dx) + abs(dy) if dx == 0 or dy == 0 else math.hypot(dx, dy)
    return dx / size, dy / size


def _side(
    spine: list[tuple[float, float]], directions: list[tuple[float, float]], half: float, side: float
) -> list[tuple[float, float]]:
    """The corners on one side of a path, from its begin to its end."""
    found = []
    for number, (x, y) in enumerate(spine):
        before, after = directions[max(number - 1, 0)], directions[min(number, len(directions) - 1)]
        cosine = before[0] * after[0] + before[1] * after[1]
        normals = [(-side * half * uy, side * half * ux) for ux, uy in (before, after)]
        if before == after:
            found.append((x + normals[1][0], y + normals[1][1]))
        elif math.sqrt(max(0.0, (1 + cosine) / 2)) < _SHARPEST:
            found += [(x + nx, y + ny) for nx, ny in normals]
        else:
            scale = 1 / (1 + cosine)
            found.append((x + (normals[0][0] + normals[1][0]) * scale, y + (normals[0][1] + normals[1][1]) * scale))
    return found


def _arc(at: tuple[float, float], direction: tuple[float, float], half: float) -> list[tuple[float, float]]:
    """A half circle around an end, from its left to its right."""
    first = math.atan2(direction[1], direction[0]) + math.pi / 2
    steps = ROUND_POINTS // 2
    angles = (first - math.pi * step / steps for step in range(1, steps))
    return [(at[0] + half * math.cos(angle), at[1] + half * math.sin(angle)) for angle in angles]


def _dot(at: tuple[float, float], half: float, ends: tuple[float, float], *, rounded: bool) -> Floats | None:
    x, y = at
    if rounded:
        angles = 2 * np.pi * np.arange(ROUND_POINTS) / ROUND_POINTS
        return np.stack([x + half * np.cos(angles), y + half * np.sin(angles)], axis=1)
    if ends[0] + ends[1] <= 0:
        return None
    left, right = x - ends[0], x + ends[1]
    return np.array([(left, y - half), (right, y - half), (right, y + half), (left, y + half)])
