"""Closed paths of lines and arcs: the outline of a cell.

Corners are integers of one unit (the database unit). An arc is stored as DXF stores it, by its ends and its
*bulge*, the tangent of a quarter of its angle: positive where it turns counter-clockwise, 0 for a line, 1 for a
half circle. All measures are those of the arcs themselves, never of a polygon.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from math import atan, atan2, ceil, cos, floor, hypot, pi, sin, tan

Point = tuple[float, float]
Box = tuple[int, int, int, int]

# coordinates this near to an integer are that integer: rounding of sines and roots
_SAME = 1e-3


@dataclass(frozen=True, slots=True)
class Edge:
    """A line or an arc from one integer point to another.

    ``bulge`` is the tangent of a quarter of the angle that the arc turns by, positive counter-clockwise; 1 is a
    half circle. ``name`` tells edges apart for whoever builds on the outline.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    bulge: float = 0.0
    name: str = ""

    @property
    def is_arc(self) -> bool:
        return self.bulge != 0.0

    @property
    def angle(self) -> float:
        """What an arc turns by in radians, negative clockwise; 0 for a line."""
        return 4.0 * atan(self.bulge)

    @property
    def chord(self) -> float:
        return hypot(self.x1 - self.x0, self.y1 - self.y0)

    @property
    def radius(self) -> float:
        """Of an arc."""
        return self.chord * (1.0 + self.bulge**2) / (4.0 * abs(self.bulge))

    @property
    def centre(self) -> Point:
        """Of an arc."""
        away = (1.0 - self.bulge**2) / (4.0 * self.bulge)
        dx, dy = self.x1 - self.x0, self.y1 - self.y0
        return (self.x0 + self.x1) / 2.0 - dy * away, (self.y0 + self.y1) / 2.0 + dx * away

    @property
    def length(self) -> float:
        return self.radius * abs(self.angle) if self.is_arc else self.chord

    @property
    def segment_area(self) -> float:
        """Area between an arc and its chord, positive where the arc lies to the right of the chord."""
        if not self.is_arc:
            return 0.0
        angle = self.angle
        return self.radius**2 * (angle - sin(angle)) / 2.0

    @property
    def start_angle(self) -> float:
        """Direction from the centre of an arc to its start."""
        x, y = self.centre
        return atan2(self.y0 - y, self.x0 - x)

    def at(self, part: float) -> Point:
        """The point after a ``part`` (0 to 1) of the edge, dbu."""
        if not self.is_arc:
            return self.x0 + part * (self.x1 - self.x0), self.y0 + part * (self.y1 - self.y0)
        (x, y), radius, angle = self.centre, self.radius, self.start_angle + part * self.angle
        return x + radius * cos(angle), y + radius * sin(angle)

    def direction(self, part: float) -> Point:
        """The unit tangent after a ``part`` (0 to 1) of the edge."""
        turn = self.angle * (part - 0.5)
        dx, dy, chord = self.x1 - self.x0, self.y1 - self.y0, self.chord
        c, s = cos(turn), sin(turn)
        return (dx * c - dy * s) / chord, (dx * s + dy * c) / chord

    def quadrants(self) -> tuple[float, ...]:
        """Parts (between 0 and 1) at which an arc points right, up, left or down from its centre."""
        if not self.is_arc:
            return ()
        start, angle = self.start_angle, self.angle
        low, high = sorted((start, start + angle))
        found = range(ceil(low / (pi / 2)), floor(high / (pi / 2)) + 1)
        parts = sorted((k * pi / 2 - start) / angle for k in found)
        # an end that is an extreme itself is no place between the ends
        least = _SAME / max(self.length, 1.0)
        return tuple(part for part in parts if least < part < 1.0 - least)

    def extremes(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1), arcs included."""
        points: list[Point] = [(self.x0, self.y0), (self.x1, self.y1)]
        if self.is_arc:
            (x, y), radius, start = self.centre, self.radius, self.start_angle
            for part in self.quadrants():
                quarter = round((start + part * self.angle) / (pi / 2)) % 4
                points.append((x + radius * (1, 0, -1, 0)[quarter], y + radius * (0, 1, 0, -1)[quarter]))
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return min(xs), min(ys), max(xs), max(ys)

    def reversed(self) -> "Edge":
        return Edge(self.x1, self.y1, self.x0, self.y0, -self.bulge, self.name)

    def distance(self, x: float, y: float) -> float:
        """From a point (``x``, ``y``, dbu) to the nearest point of the edge, dbu."""
        if not self.is_arc:
            dx, dy = self.x1 - self.x0, self.y1 - self.y0
            part = ((x - self.x0) * dx + (y - self.y0) * dy) / (dx * dx + dy * dy)
            part = min(1.0, max(0.0, part))
            return hypot(x - self.x0 - part * dx, y - self.y0 - part * dy)
        cx, cy = self.centre
        ends = min(hypot(x - self.x0, y - self.y0), hypot(x - self.x1, y - self.y1))
        if self.faces(x, y):
            return min(ends, abs(hypot(x - cx, y - cy) - self.radius))
        return ends

    def faces(self, x: float, y: float) -> bool:
        """Whether an arc passes through the direction from its centre to a point (``x``, ``y``, dbu)."""
        cx, cy = self.centre
        turn = atan2(y - cy, x - cx) - self.start_angle
        return turn % (2 * pi) <= self.angle if self.bulge > 0 else -turn % (2 * pi) <= -self.angle

    def part_of(self, x: float, y: float) -> float:
        """The part (0 to 1) of the edge that lies before a point on it (``x``, ``y``, dbu)."""
        if not self.is_arc:
            dx, dy = self.x1 - self.x0, self.y1 - self.y0
            return ((x - self.x0) * dx + (y - self.y0) * dy) / (dx * dx + dy * dy)
        cx, cy = self.centre
        angle = abs(self.angle)
        turn = (atan2(y - cy, x - cx) - self.start_angle) * (1 if self.bulge > 0 else -1)
        # a point just before the start is a little below 0, not a full turn after it
        turn = turn % (2 * pi)
        return (turn - 2 * pi if turn > angle / 2 + pi else turn) / angle


@dataclass(frozen=True)
class Outline:
    """A simple closed path, counter-clockwise; see :func:`outline_of` to make one of points and bulges."""

    edges: tuple[Edge, ...]

    @cached_property
    def area(self) -> float:
        """Exact area, in the unit squared; negative where the path runs clockwise."""
        x, y = self.edges[0].x0, self.edges[0].y0
        twice = sum((e.x0 - x) * (e.y1 - y) - (e.x1 - x) * (e.y0 - y) for e in self.edges)
        return twice / 2.0 + sum(e.segment_area for e in self.edges)

    @cached_property
    def length(self) -> float:
        return sum(edge.length for edge in self.edges)

    @cached_property
    def extremes(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1) that the arcs reach."""
        boxes = [edge.extremes() for edge in self.edges]
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )

    @cached_property
    def box(self) -> Box:
        """The least integer box that holds the outline."""
        x0, y0, x1, y1 = self.extremes
        return floor(x0 + _SAME), floor(y0 + _SAME), ceil(x1 - _SAME), ceil(y1 - _SAME)

    @property
    def size(self) -> tuple[int, int]:
        """Of the box, along x and y."""
        x0, y0, x1, y1 = self.box
        return x1 - x0, y1 - y0

    @property
    def corners(self) -> tuple[tuple[int, int], ...]:
        return tuple((edge.x0, edge.y0) for edge in self.edges)

    @cached_property
    def centroid(self) -> Point:
        """Centre of the exact area."""
        ox, oy = self.edges[0].x0, self.edges[0].y0
        sx = sy = 0.0
        for e in self.edges:
            ax, ay, bx, by = e.x0 - ox, e.y0 - oy, e.x1 - ox, e.y1 - oy
            cross = ax * by - bx * ay
            sx += cross * (ax + bx) / 6.0
            sy += cross * (ay + by) / 6.0
            if e.is_arc:
                # of a circular segment: 4 r sin^3(a/2) / (3 (a - sin a)) from the centre, along the middle
                (cx, cy), (mx, my), angle = e.centre, e.at(0.5), abs(e.angle)
                away = 4.0 * sin(angle / 2.0) ** 3 / (3.0 * (angle - sin(angle)))
                sx += e.segment_area * (cx - ox + away * (mx - cx))
                sy += e.segment_area * (cy - oy + away * (my - cy))
        return ox + sx / self.area, oy + sy / self.area

    @cached_property
    def is_convex(self) -> bool:
        """Whether no arc and no corner turns clockwise."""
        if any(edge.bulge < 0 for edge in self.edges):
            return False
        for before, after in zip(self.edges[-1:] + self.edges[:-1], self.edges, strict=True):
            (ax, ay), (bx, by) = before.direction(1.0), after.direction(0.0)
            # ends are rounded to the unit, so a tangent may be off by a unit over the shorter edge
            if ax * by - ay * bx < -2.0 / min(before.chord, after.chord):
                return False
        return True

    @property
    def is_rectangle(self) -> bool:
        """Whether it is an upright rectangle, whatever the number of corners on its sides."""
        x0, y0, x1, y1 = self.box
        return not any(edge.is_arc for edge in self.edges) and self.area == (x1 - x0) * (y1 - y0)

    def distance(self, x: float, y: float) -> float:
        """From a point (``x``, ``y``, dbu) to the nearest point of the path, dbu."""
        return min(edge.distance(x, y) for edge in self.edges)

    def contains(self, x: float, y: float) -> bool:
        """Whether a point (``x``, ``y``, dbu) lies inside; one on the path may count as either."""
        # crossings of the chords, and of every arc closed by its chord: parity adds up
        inside = False
        for e in self.edges:
            if (e.y0 > y) != (e.y1 > y) and (x - e.x0) * (e.y1 - e.y0) * (1 if e.y1 > e.y0 else -1) < (
                e.x1 - e.x0
            ) * (y - e.y0) * (1 if e.y1 > e.y0 else -1):
                inside = not inside
            if e.is_arc and _in_segment(e, x, y):
                inside = not inside
        return inside

    def moved(self, dx: int, dy: int) -> "Outline":
        """Moved by (``dx``, ``dy``), dbu."""
        return Outline(
            tuple(replace(e, x0=e.x0 + dx, y0=e.y0 + dy, x1=e.x1 + dx, y1=e.y1 + dy) for e in self.edges)
        )

    def turned(self, degrees: int) -> "Outline":
        """Turned counter-clockwise about the origin by a multiple of 90 degrees, exactly."""
        edges = self.edges
        for _ in range(degrees // 90 % 4):
            edges = tuple(replace(e, x0=-e.y0, y0=e.x0, x1=-e.y1, y1=e.x1) for e in edges)
        return Outline(edges)

    def mirrored(self) -> "Outline":
        """Mirrored left to right, still counter-clockwise."""
        flipped = (Edge(-e.x1, e.y1, -e.x0, e.y0, e.bulge, e.name) for e in reversed(self.edges))
        return Outline(tuple(flipped))

    def at_origin(self) -> "Outline":
        """With the lower left corner of its box at (0, 0)."""
        x0, y0, *_ = self.box
        return self.moved(-x0, -y0)

    def same_as(self, other: "Outline", within: float = 2.0) -> bool:
        """Whether both, each pushed to its lower left, are one path: every corner and middle of one lies ``within``
        so many dbu of the other.
        """
        if abs(self.area - other.area) > within * (self.length + other.length):
            return False
        ours, theirs = self.at_origin(), other.at_origin()
        pairs = ((ours, theirs), (theirs, ours))
        return all(b.distance(*e.at(part)) <= within for a, b in pairs for e in a.edges for part in (0.0, 0.5))

    @cached_property
    def turns(self) -> tuple[int, ...]:
        """Of 0, 90, 180 and 270 degrees those that give different outlines."""
        different: list[int] = []
        for degrees in (0, 90, 180, 270):
            turned = self.turned(degrees)
            if not any(turned.same_as(self.turned(known)) for known in different):
                different.append(degrees)
        return tuple(different)


def outline_of(
    corners: Sequence[tuple[int, int]], bulges: Sequence[float] = (), names: Sequence[str] = ()
) -> Outline:
    """A path through corners, the last one joined to the first: counter-clockwise, without edges of no length.

    Args:
        corners: in dbu, in either direction.
        bulges: of the edge after each corner, 0 for a line; all lines where there are none.
        names: of the same edges, for messages.
    """
    count = len(corners)
    bulges, names = list(bulges) or [0.0] * count, list(names) or [""] * count
    ends = [*corners, corners[0]]
    edges = tuple(
        Edge(*start, *end, bulge, name)
        for (start, end), bulge, name in zip(pairwise(ends), bulges, names, strict=True)
        if start != end
    )
    found = Outline(edges)
    return found if found.area >= 0 else Outline(tuple(edge.reversed() for edge in reversed(edges)))


def bulge_of(degrees: float) -> float:
    """The bulge of an arc that turns by so many degrees."""
    return tan(degrees * pi / 720.0)


def pairs_of(edges: Sequence[Edge]) -> Iterator[tuple[Edge, Edge]]:
    """Each edge with the one after it."""
    return zip(edges, (*edges[1:], edges[0]), strict=True)


def _in_segment(edge: Edge, x: float, y: float) -> bool:
    """Whether a point lies between an arc and its chord."""
    (cx, cy), radius = edge.centre, edge.radius
    if hypot(x - cx, y - cy) >= radius:
        return False
    side = (edge.x1 - edge.x0) * (y - edge.y0) - (edge.y1 - edge.y0) * (x - edge.x0)
    return side < 0 if edge.bulge > 0 else side > 0
