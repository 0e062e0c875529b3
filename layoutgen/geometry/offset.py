"""Outlines moved inwards or outwards by a distance, arcs staying arcs.

Every edge is moved by itself, corners that open are joined by an arc (or by the moved edges made longer), all is
cut where it crosses, and what is nearer to the outline than the distance goes.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, hypot, pi, sin, tan

from layoutgen.geometry.crossings import crossings
from layoutgen.geometry.outline import Edge, Outline, Point, pairs_of

_NEAR = 1.5
"""Units within which places are one: every end is rounded to a unit."""
_MITRE = 4.0
"""A sharp corner reaches no farther than so many distances; beyond, it is round."""


def outset(outline: Outline, distance: float, *, sharp: bool = False) -> Outline:
    """The outline of all points within a distance of the inside; pockets that close are filled.

    Args:
        outline: the path, corners in dbu.
        distance: in dbu, 0 or many of them: ends are rounded to one.
        sharp: keep corners between straight edges sharp.

    Raises:
        ValueError: the distance is negative, or lost in rounding.
    """
    if distance < 0:
        message = f"the distance must not be negative, got {distance}"
        raise ValueError(message)
    if distance == 0:
        return outline
    loops = _moved(outline, distance, outwards=True, sharp=sharp)
    if not loops:
        message = f"a distance of {distance} is lost in rounding to a unit"
        raise ValueError(message)
    return max(loops, key=lambda loop: loop.area)


def inset(outline: Outline, distance: float) -> tuple[Outline, ...]:
    """What is left of the inside at least so far from the path: none, one or several outlines, the largest first.

    Args:
        outline: the path, corners in dbu.
        distance: in dbu.

    Raises:
        ValueError: the distance is negative.
    """
    if distance < 0:
        message = f"the distance must not be negative, got {distance}"
        raise ValueError(message)
    if distance == 0:
        return (outline,)
    loops = [loop for loop in _moved(outline, distance, outwards=False, sharp=False) if loop.area > 0]
    return tuple(sorted(loops, key=lambda loop: (-loop.area, loop.box)))


def _moved(outline: Outline, distance: float, *, outwards: bool, sharp: bool) -> list[Outline]:
    side = 1.0 if outwards else -1.0
    raw = _raw(outline, side * distance, sharp=sharp)
    return _loops([piece for piece in _cut(raw) if _stays(piece, outline, distance, outwards=outwards)])


def _raw(outline: Outline, offset: float, *, sharp: bool) -> list[Edge]:
    """Every edge moved to its right by ``offset``, and the joints of corners that open."""
    found: list[Edge] = []
    moved = [_shifted(edge, offset) for edge in outline.edges]
    for (before, after), itself in zip(pairs_of(outline.edges), moved, strict=True):
        if itself is not None:
            found.append(itself)
        (ax, ay), (bx, by) = before.direction(1.0), after.direction(0.0)
        cross, dot = ax * by - ay * bx, ax * bx + ay * by
        turn = atan2(cross, dot)
        corner = before.x1, before.y1
        start = corner[0] + offset * ay, corner[1] - offset * ax
        end = corner[0] + offset * by, corner[1] - offset * bx
        if hypot(start[0] - end[0], start[1] - end[1]) <= 1.0 or (turn > 0) != (offset > 0):
            continue
        straight = not before.is_arc and not after.is_arc
        if sharp and straight and abs(1.0 / max(cos(turn / 2), 1e-9)) <= _MITRE:
            reach = offset / cos(turn / 2)
            middle = atan2(ay + by, ax + bx) - pi / 2
            tip = corner[0] + reach * cos(middle), corner[1] + reach * sin(middle)
            found += _edges((start, tip)) + _edges((tip, end))
        else:
            found += _edges((start, end), tan(turn / 4))
    return found


def _shifted(edge: Edge, offset: float) -> Edge | None:
    """An edge moved to its right; None where an arc has no radius left."""
    if edge.is_arc and edge.radius + (offset if edge.bulge > 0 else -offset) <= 0.5:
        return None
    (ax, ay), (bx, by) = edge.direction(0.0), edge.direction(1.0)
    ends = (edge.x0 + offset * ay, edge.y0 - offset * ax), (edge.x1 + offset * by, edge.y1 - offset * bx)
    found = _edges(ends, edge.bulge, edge.name)
    return found[0] if found else None


def _edges(ends: tuple[Point, Point], bulge: float = 0.0, name: str = "") -> list[Edge]:
    (x0, y0), (x1, y1) = ends
    edge = Edge(round(x0), round(y0), round(x1), round(y1), bulge, name)
    return [edge] if edge.chord > 0 else []


def _cut(edges: list[Edge]) -> list[Edge]:
    """Edges cut wherever they meet another."""
    parts: list[set[float]] = [{0.0, 1.0} for _ in edges]
    for i, a in enumerate(edges):
        for j in range(i + 1, len(edges)):
            b = edges[j]
            for x, y in crossings(a, b):
                parts[i].add(a.part_of(x, y))
                parts[j].add(b.part_of(x, y))
    found: list[Edge] = []
    for edge, cuts in zip(edges, parts, strict=True):
        least = 1.0 / max(edge.length, 1.0)
        ordered = sorted(cut for cut in cuts if cut in (0.0, 1.0) or least < cut < 1.0 - least)
        for start, end in pairwise(ordered):
            bulge = tan(edge.angle * (end - start) / 4) if edge.is_arc else 0.0
            found += _edges((edge.at(start), edge.at(end)), bulge, edge.name)
    return found


def _stays(edge: Edge, outline: Outline, distance: float, *, outwards: bool) -> bool:
    """Whether no point of a piece is nearer to the outline than the distance; one in its middle tells."""
    x, y = edge.at(0.5)
    return outline.distance(x, y) >= distance - _NEAR and outline.contains(x, y) != outwards


@dataclass(slots=True)
class _Chain:
    edges: list[Edge]

    @property
    def start(self) -> tuple[int, int]:
        return self.edges[0].x0, self.edges[0].y0

    @property
    def end(self) -> tuple[int, int]:
        return self.edges[-1].x1, self.edges[-1].y1


def _loops(pieces: list[Edge]) -> list[Outline]:
    """Closed paths of pieces that follow each other, each piece used once; what does not close is left out."""
    left = _without_doubles(pieces)
    found = []
    while left:
        chain = _Chain([left.pop(0)])
        while _away(chain.start, chain.end) > 2 * _NEAR or (len(chain.edges) == 1 and not chain.edges[0].is_arc):
            near = [k for k, edge in enumerate(left) if _away((edge.x0, edge.y0), chain.end) <= 2 * _NEAR]
            if not near:
                break
            chain.edges.append(left.pop(min(near, key=lambda k: _turn(chain.edges[-1], left[k]))))
        if _away(chain.start, chain.end) <= 2 * _NEAR and len(chain.edges) > 1:
            found.append(_closed(chain.edges))
    return [loop for loop in found if abs(loop.area) > _NEAR * loop.length]


def _without_doubles(pieces: list[Edge]) -> list[Edge]:
    kept: list[Edge] = []
    for piece in pieces:
        x, y = piece.at(0.5)
        same = (
            _away((piece.x0, piece.y0), (other.x0, other.y0)) <= _NEAR
            and _away((piece.x1, piece.y1), (other.x1, other.y1)) <= _NEAR
            and _away((x, y), other.at(0.5)) <= 2 * _NEAR
            for other in kept
        )
        if not any(same):
            kept.append(piece)
    return kept


def _away(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def _turn(before: Edge, after: Edge) -> float:
    """How far a path turns to the left from one piece to the next; the sharpest right turn keeps loops apart."""
    (ax, ay), (bx, by) = before.direction(1.0), after.direction(0.0)
    return atan2(ax * by - ay * bx, ax * bx + ay * by)


def _closed(edges: list[Edge]) -> Outline:
    """Edges with every end moved onto the start of the next, and pieces of one edge made one again."""
    joined: list[Edge] = []
    for edge, after in pairs_of(edges):
        fitted = Edge(edge.x0, edge.y0, after.x0, after.y0, edge.bulge, edge.name)
        if fitted.chord > 0:
            joined.append(fitted)
    return Outline(_merged(joined))


def _merged(edges: list[Edge]) -> tuple[Edge, ...]:
    found: list[Edge] = []
    for edge in edges:
        whole = _as_one(found[-1], edge) if found else None
        if whole is None:
            found.append(edge)
        else:
            found[-1] = whole
    while len(found) > 2:
        whole = _as_one(found[-1], found[0])
        if whole is None:
            break
        found = [whole, *found[1:-1]]
    return tuple(found)


def _as_one(a: Edge, b: Edge) -> Edge | None:
    """Two edges of one line or one circle as one edge, None where they are not."""
    if a.is_arc != b.is_arc or a.name != b.name:
        return None
    if not a.is_arc:
        whole = Edge(a.x0, a.y0, b.x1, b.y1, 0.0, a.name)
        return whole if whole.chord > 0 and whole.distance(a.x1, a.y1) <= 0.5 else None
    angle = a.angle + b.angle
    if abs(angle) > pi or (a.bulge > 0) != (b.bulge > 0) or _away(a.centre, b.centre) > 4 * _NEAR:
        return None
    whole = Edge(a.x0, a.y0, b.x1, b.y1, tan(angle / 4), a.name)
    return whole if whole.chord > 0 and whole.distance(a.x1, a.y1) <= _NEAR else None
