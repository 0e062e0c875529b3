"""Paths of a width as polygons: mitred joins, square or round ends, as KLayout and mask shops draw them."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from layoutgen.foreign.model import Floats, Ints, Paths

ROUND_POINTS: Final = 64
"""Corners of a full round end or join."""
_SHARPEST: Final = 0.25
"""A join is cut off where the cosine of half its turn is below: its mitre would reach too far."""


def outlines(paths: Paths) -> Iterator[tuple[int, Floats]]:
    """The outline of each path of a width and a length: its number, and its corners, not closed, shape (n, 2)."""
    for number in range(len(paths)):
        outline = outline_of(paths, number)
        if outline is not None:
            yield number, outline


def outline_of(paths: Paths, number: int) -> Floats | None:
    """The outline of one of many paths, None where it has no area."""
    width = float(paths.widths[number])
    if width <= 0:
        return None
    points = paths.points[paths.starts[number] : paths.starts[number + 1]]
    ends = float(paths.begins[number]), float(paths.ends[number])
    return path_outline(points.astype(np.float64), width, ends, rounded=bool(paths.round[number]))


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
    spine = _spine(points)
    half = width / 2
    if len(spine) == 1:
        return _dot(spine[0], half, ends, rounded=rounded)
    directions = [_unit(a, b) for a, b in pairwise(spine)]
    if not rounded:
        spine = _longer(spine, ends)
    left = _side(spine, directions, half, 1.0)
    right = _side(spine, directions, half, -1.0)
    if rounded:
        left += _arc(spine[-1], directions[-1], half)
        right = [*_arc(spine[0], (-directions[0][0], -directions[0][1]), half)[::-1], *right]
    return np.array(left + right[::-1])


def extended(points: Floats | Ints, ends: tuple[float, float]) -> Floats | None:
    """A path without a width, with its extensions, shape (n, 2); None where it has no length."""
    spine = _spine(points)
    if len(spine) == 1:
        ((x, y),) = spine
        spine = [(x - ends[0], y), (x + ends[1], y)] if ends[0] + ends[1] > 0 else []
    elif any(ends):
        spine = _longer(spine, ends)
    return np.array(spine) if spine else None


def _spine(points: Floats | Ints) -> list[tuple[float, float]]:
    """The points of a path, each once."""
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (points[1:] != points[:-1]).any(axis=1)
    return [(float(x), float(y)) for x, y in points[keep]]


def _longer(spine: list[tuple[float, float]], ends: tuple[float, float]) -> list[tuple[float, float]]:
    """A path that reaches further at its begin and its end."""
    (ux, uy), (vx, vy) = _unit(*spine[:2]), _unit(*spine[-2:])
    (ax, ay), (bx, by) = spine[0], spine[-1]
    first, last = (ax - ux * ends[0], ay - uy * ends[0]), (bx + vx * ends[1], by + vy * ends[1])
    return [first, *spine[1:-1], last]


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
