"""Laser passes along lines, ordered field by field so that the beam travels little while it is off.

A field's lines are a tour of segments, each in either direction. Two constructions, serpentine and nearest
neighbour, are improved by reversals (2-opt) and by moving short chains (Or-opt) until neither helps; the better one
is taken.
See Johnson and McGeoch, The traveling salesman problem: a case study in local optimization, 1997.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations, product
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from layoutgen.geometry.boxes import Box, Point
from layoutgen.layout.dbu import to_mm_text
from layoutgen.layout.masks import STREET
from layoutgen.layout.measure import LayoutIndex, expanded
from layoutgen.layout.model import Layout, Path, Polygon

Segment: TypeAlias = tuple[Point, Point]
Floats: TypeAlias = npt.NDArray[np.float64]
HEADER = "pass,field,x0_mm,y0_mm,x1_mm,y1_mm,length_mm,idle_before_mm,width_mm"
_LOOKS = (0.5, 0.37, 0.61)
"""Where along a line its street is measured; the narrowest counts, as another street may cross it there."""
_REACH_UM = 1000
"""How far to both sides of a line its street is looked for."""
_MOST_IMPROVED = 400
"""Lines of a field beyond which only constructions are compared; improving takes the square of their number."""
_FEW = 4
_LONGEST_CHAIN = 3
_LONGEST_KICK = 30
_MOST_KICKS = 120
_KICK_WORK = 2_000_000
_LEAST_SAVING = 1e-6


def passes_csv(layout: Layout, layer: str) -> bytes:
    """The lines of a layer as passes: one line each, mm.

    Idle travel counts within a field; the first line of a field has none: nobody knows where the beam comes from.

    Args:
        layout: the repeat; its FIELD polygons say which line belongs to which field, those of STREET how wide each
            line is to be worked, 0 where there is none.
        layer: lines without width.
    """
    dbu_nm, index = layout.dbu_nm, LayoutIndex.of(layout)
    lines = [HEADER]
    number = 0
    for field, group in enumerate(lines_by_field(layout, layer), 1):
        place: Point | None = None
        for (x0, y0), (x1, y1) in ordered(group):
            number += 1
            idle = "" if place is None else to_mm_text(round(math.dist(place, (x0, y0))), dbu_nm)
            length = round(math.dist((x0, y0), (x1, y1)))
            wide = street_width(index, ((x0, y0), (x1, y1)))
            drawn = ",".join(to_mm_text(value, dbu_nm) for value in (x0, y0, x1, y1, length))
            lines.append(f"{number},{field},{drawn},{idle},{to_mm_text(wide, dbu_nm)}")
            place = x1, y1
    return "\n".join([*lines, ""]).encode()


def street_width(index: LayoutIndex, line: Segment) -> int:
    """How wide the street is whose middle an upright or level line is, dbu; 0 where none is drawn."""
    (x0, y0), (x1, y1) = line
    axis, reach = 0 if x0 == x1 else 1, _REACH_UM * 1000 // index.layout.dbu_nm
    found = []
    for share in _LOOKS:
        at = round(x0 + (x1 - x0) * share), round(y0 + (y1 - y0) * share)
        dx, dy = (reach, 0) if axis == 0 else (0, reach)
        spans = []
        for points in index.polygons_in_window(STREET, (at[0] - dx, at[1] - dy, at[0] + dx, at[1] + dy)):
            spans += _spans(points, axis, at[1 - axis])
        # pieces of one street touch, and so may two streets: the line is the middle of its own
        found += [2 * min(at[axis] - a, b - at[axis]) for a, b in _merged(spans) if a <= at[axis] <= b]
    return min(found, default=0)


def _spans(points: Sequence[Point], axis: int, at: int) -> list[tuple[int, int]]:
    """Where a polygon covers the line at one place of the other axis; upright and level edges only."""
    crossed = sorted(
        a[axis]
        for a, b in pairwise((*points, points[0]))
        if a[axis] == b[axis] and min(a[1 - axis], b[1 - axis]) <= at < max(a[1 - axis], b[1 - axis])
    )
    return list(zip(crossed[::2], crossed[1::2], strict=True))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if found and low <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], high)
        else:
            found.append((low, high))
    return found


def lines_by_field(layout: Layout, layer: str) -> list[list[Segment]]:
    """The straight lines of a layer, field by field, nothing twice; collinear ones that touch are one."""
    boxes: list[Box] = []
    found: list[Segment] = []
    for shape in expanded(layout, (layer, "FIELD")):
        if isinstance(shape, Polygon):
            xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
            if shape.layer == "FIELD":
                boxes.append((min(xs), min(ys), max(xs), max(ys)))
        elif isinstance(shape, Path) and shape.layer == layer:
            found += list(zip(shape.points, shape.points[1:], strict=False))
    groups: list[list[Segment]] = [[] for _ in range(max(1, len(boxes)))]
    for segment in found:
        groups[_field_of(segment, boxes)].append(segment)
    return [_joined(group) for group in groups]


def ordered(segments: Sequence[Segment]) -> list[Segment]:
    """The same segments, in an order and in directions with little travel between them."""
    if len(segments) <= _FEW:
        return _shortest(segments)
    tours = [_serpentine(segments), _nearest(segments)]
    if len(segments) <= _MOST_IMPROVED:
        tours = [_searched(tour) for tour in tours]
    best = min(tours, key=idle_travel)
    return [((round(a), round(b)), (round(c), round(d))) for a, b, c, d in best.tolist()]


def _shortest(segments: Sequence[Segment]) -> list[Segment]:
    """The best of all orders and directions; so few are quick to try, and local search may stick."""
    best, least = list(segments), math.inf
    for order in permutations(segments):
        for turns in product((1, -1), repeat=len(order)):
            tour = [segment[::turn] for segment, turn in zip(order, turns, strict=True)]
            idle = math.fsum(math.dist(end, start) for (_, end), (start, _) in pairwise(tour))
            if idle < least:
                best, least = [(a, b) for a, b in tour], idle
    return best


def idle_travel(tour: Floats) -> float:
    """Travel between the segments of a tour, rows of (x0, y0, x1, y1)."""
    return math.fsum(_length(tour[1:, :2] - tour[:-1, 2:]))


def _field_of(segment: Segment, boxes: Sequence[Box]) -> int:
    (xa, ya), (xb, yb) = segment
    x, y = (xa + xb) / 2, (ya + yb) / 2
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        if x0 <= x <= x1 and y0 <= y <= y1:
            return index
    return 0


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Each stretch of a line once: collinear segments that touch or overlap as one, none without length."""
    lines: dict[tuple[int, int, int], list[Segment]] = {}
    for a, b in (sorted(segment) for segment in segments):
        dx, dy = b[0] - a[0], b[1] - a[1]
        step = math.gcd(dx, dy)
        if step:
            dx, dy = dx // step, dy // step
            lines.setdefault((dx, dy, dx * a[1] - dy * a[0] if dx else a[0]), []).append((a, b))
    found: list[Segment] = []
    for _, spans in sorted(lines.items()):
        merged: list[Segment] = []
        for low, high in sorted(spans):
            if merged and low <= merged[-1][1]:
                merged[-1] = merged[-1][0], max(merged[-1][1], high)
            else:
                merged.append((low, high))
        found += merged
    return found


def _serpentine(segments: Sequence[Segment]) -> Floats:
    """Upright lines from left to right, then the others from bottom to top, each starting at its nearer end."""
    upright = sorted(segment for segment in segments if segment[0][0] == segment[1][0])
    others = sorted((s for s in segments if s[0][0] != s[1][0]), key=lambda s: (s[0][1], s[0][0]))
    tour: list[tuple[float, ...]] = []
    for a, b in [*upright, *others]:
        turned = bool(tour) and math.dist(tour[-1][2:], b) < math.dist(tour[-1][2:], a)
        tour.append((*b, *a) if turned else (*a, *b))
    return np.array(tour, dtype=float)


def _nearest(segments: Sequence[Segment]) -> Floats:
    """From the lowest leftmost end on, always to the nearest end of a segment not yet taken."""
    ends = np.array([[*a, *b] for a, b in segments], dtype=float)
    free = np.ones(len(ends), dtype=bool)
    start = min(range(len(ends)), key=lambda i: min((ends[i, 0], ends[i, 1]), (ends[i, 2], ends[i, 3])))
    row = ends[start] if tuple(ends[start, :2]) <= tuple(ends[start, 2:]) else ends[start][[2, 3, 0, 1]]
    tour = [row]
    free[start] = False
    while free.any():
        here = tour[-1][2:]
        gaps = _length(ends.reshape(-1, 2, 2) - here)
        gaps[~free] = np.inf
        index, side = divmod(int(gaps.argmin()), 2)
        tour.append(ends[index] if side == 0 else ends[index][[2, 3, 0, 1]])
        free[index] = False
    return np.array(tour)


def _searched(tour: Floats) -> Floats:
    """Local search, then again and again from the best tour with two neighbouring stretches exchanged."""
    best = _improved(tour)
    least = idle_travel(best)
    n, state = len(best), 1
    for _ in range(min(_MOST_KICKS, _KICK_WORK // n**2) if n > _LONGEST_CHAIN else 0):
        cuts = []
        for limit in (n - 2, _LONGEST_KICK, _LONGEST_KICK):
            state = state * 6364136223846793005 + 1442695040888963407 & 2**64 - 1  # Knuth's MMIX generator
            cuts.append((state >> 33) % max(1, limit))
        i = cuts[0]
        j = min(n - 1, i + 1 + cuts[1])
        k = min(n, j + 1 + cuts[2])
        kicked = _improved(np.concatenate([best[:i], best[j:k], best[i:j], best[k:]]))
        travel = idle_travel(kicked)
        if travel <= least:
            best, least = kicked, travel
    return best


def _improved(tour: Floats) -> Floats:
    """Local search: the best reversal or move of a chain, as long as one saves."""
    while True:
        starts, ends = tour[:, :2], tour[:, 2:]
        gaps = _Gaps(_between(ends, starts), _between(ends, ends), _between(starts, starts))
        saved, better = max((_best_reversal(tour, gaps), _best_move(tour, gaps)), key=lambda found: found[0])
        if saved <= _LEAST_SAVING:
            return tour
        tour = better()


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Distances between all ends and starts of segments, rows and columns in tour order."""

    end_start: Floats
    end_end: Floats
    start_start: Floats

    @property
    def links(self) -> Floats:
        """Travel before each segment, 0 before the first, and 0 after the last."""
        return np.concatenate([[0.0], np.diagonal(self.end_start, 1), [0.0]])


Found: TypeAlias = tuple[float, Callable[[], Floats]]


def _between(a: Floats, b: Floats) -> Floats:
    return _length(a[:, None, :] - b[None, :, :])


def _length(steps: Floats) -> Floats:
    """Lengths of (dx, dy) in the last axis, from operations that IEEE 754 rounds alike on every machine."""
    return np.asarray(np.sqrt(steps[..., 0] * steps[..., 0] + steps[..., 1] * steps[..., 1]))


def _best_reversal(tour: Floats, gaps: _Gaps) -> Found:
    """What turning one stretch round saves most, and the tour after it."""
    n, links = len(tour), gaps.links
    enter, leave = np.zeros((n, n)), np.zeros((n, n))
    enter[1:] = gaps.end_end[:-1]
    leave[:, :-1] = gaps.start_start[:, 1:]
    saved = links[:-1, None] + links[None, 1:] - enter - leave
    saved[np.tril_indices(n, -1)] = -np.inf
    i, j = divmod(int(saved.argmax()), n)
    return float(saved[i, j]), lambda: np.concatenate([tour[:i], _turned(tour[i : j + 1]), tour[j + 1 :]])


def _best_move(tour: Floats, gaps: _Gaps) -> Found:
    """What moving a chain of up to three segments saves most, either way round, and the tour after it."""
    n, links = len(tour), gaps.links
    best: tuple[float, int, int, int, bool] = (-np.inf, 0, 0, 1, False)
    for size in range(1, min(_LONGEST_CHAIN, n - 1) + 1):
        m = n - size + 1
        closing = np.zeros(m)
        closing[1:-1] = np.diagonal(gaps.end_start, size + 1)
        freed = links[:m] + links[size:] - closing
        places = np.arange(n + 1)
        inside = (places[None, :] >= np.arange(m)[:, None]) & (places[None, :] <= np.arange(m)[:, None] + size)
        for turned in (False, True):
            arrive, depart = np.zeros((m, n + 1)), np.zeros((m, n + 1))
            if turned:
                arrive[:, 1:] = gaps.end_end[:, size - 1 :].T
                depart[:, :-1] = gaps.start_start[:m]
            else:
                arrive[:, 1:] = gaps.end_start[:, :m].T
                depart[:, :-1] = gaps.end_start[size - 1 :]
            saved = freed[:, None] + links[None, :] - arrive - depart
            saved[inside] = -np.inf
            i, place = divmod(int(saved.argmax()), n + 1)
            best = max(best, (float(saved[i, place]), i, place, size, turned))
    value, i, place, size, turned = best

    def moved() -> Floats:
        chain = _turned(tour[i : i + size]) if turned else tour[i : i + size]
        low, high = min(i, place), max(i + size, place)
        between = (tour[place:i], tour[i + size : place])
        middle = (chain, between[0]) if place < i else (between[1], chain)
        return np.concatenate([tour[:low], *middle, tour[high:]])

    return value, moved


def _turned(stretch: Floats) -> Floats:
    return stretch[::-1][:, [2, 3, 0, 1]]
