"""Where lines and arcs meet."""

from math import hypot, sqrt

from layoutgen.geometry.outline import Edge, Outline, Point

_PARALLEL = 1e-12


def crossings(a: Edge, b: Edge, within: float = 0.5) -> list[Point]:
    """Points that two edges share, ends included, up to ``within``; where edges lie on each other, the ends of the
    part they share.
    """
    if not _boxes_meet(a, b, within):
        return []
    found = _of_carriers(a, b, within)
    ends = ((a.x0, a.y0), (a.x1, a.y1), (b.x0, b.y0), (b.x1, b.y1))
    found += [(float(x), float(y)) for x, y in ends]
    kept: list[Point] = []
    for x, y in found:
        on_both = a.distance(x, y) <= within and b.distance(x, y) <= within
        if on_both and not any(hypot(x - u, y - v) <= 2 * within for u, v in kept):
            kept.append((x, y))
    return kept


def _boxes_meet(a: Edge, b: Edge, within: float) -> bool:
    ax0, ay0, ax1, ay1 = a.extremes()
    bx0, by0, bx1, by1 = b.extremes()
    return ax0 <= bx1 + within and bx0 <= ax1 + within and ay0 <= by1 + within and by0 <= ay1 + within


def _of_carriers(a: Edge, b: Edge, within: float) -> list[Point]:
    """Where the lines and full circles meet that two edges lie on."""
    if a.is_arc and b.is_arc:
        return _circles(a.centre, a.radius, b.centre, b.radius, within)
    if a.is_arc:
        return _line_and_circle(b, a.centre, a.radius, within)
    if b.is_arc:
        return _line_and_circle(a, b.centre, b.radius, within)
    ax, ay, bx, by = a.x1 - a.x0, a.y1 - a.y0, b.x1 - b.x0, b.y1 - b.y0
    cross = ax * by - ay * bx
    if abs(cross) <= _PARALLEL * a.chord * b.chord:
        return []
    part = ((b.x0 - a.x0) * by - (b.y0 - a.y0) * bx) / cross
    return [(a.x0 + part * ax, a.y0 + part * ay)]


def _line_and_circle(line: Edge, centre: Point, radius: float, within: float) -> list[Point]:
    dx, dy, chord = line.x1 - line.x0, line.y1 - line.y0, line.chord
    ux, uy = dx / chord, dy / chord
    along = (centre[0] - line.x0) * ux + (centre[1] - line.y0) * uy
    away = (centre[0] - line.x0) * uy - (centre[1] - line.y0) * ux
    if abs(away) > radius + within:
        return []
    half = sqrt(max(0.0, radius**2 - away**2))
    return [(line.x0 + (along + sign * half) * ux, line.y0 + (along + sign * half) * uy) for sign in (-1, 1)]


def _circles(p: Point, r: float, q: Point, s: float, within: float) -> list[Point]:
    dx, dy = q[0] - p[0], q[1] - p[1]
    apart = hypot(dx, dy)
    if apart <= within or apart > r + s + within or apart < abs(r - s) - within:
        return []
    along = (apart**2 + r**2 - s**2) / (2 * apart)
    half = sqrt(max(0.0, r**2 - along**2))
    ux, uy = dx / apart, dy / apart
    x, y = p[0] + along * ux, p[1] + along * uy
    return [(x - half * uy, y + half * ux), (x + half * uy, y - half * ux)]


def self_crossing(outline: Outline, within: float = 0.5) -> Point | None:
    """A point at which an outline meets itself, None where it is simple.

    Args:
        outline: the path, corners in dbu.
        within: how near edges that are no neighbours may come, dbu.
    """
    edges, count = outline.edges, len(outline.edges)
    for i in range(count):
        for j in range(i + 1, count):
            a, b = edges[i], edges[j]
            shared = [] if count == 1 else [(b.x0, b.y0)] if j == i + 1 else []
            shared += [(a.x0, a.y0)] if i == 0 and j == count - 1 else []
            for x, y in crossings(a, b, within):
                if not any(_near_joint(a, b, joint, (x, y), within) for joint in shared):
                    return x, y
    return None


def _near_joint(a: Edge, b: Edge, joint: tuple[int, int], point: Point, within: float) -> bool:
    """Whether a meeting place is the joint of two neighbours, where edges that are tangent stay close."""
    away = hypot(point[0] - joint[0], point[1] - joint[1])
    return away <= 4 * within + sqrt(16 * within * min(a.length, b.length))
