"""Checks of regions: widths, spaces, enclosures, overlaps, areas, and what must be equal or empty."""

from collections.abc import Callable
from typing import TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box
from layoutgen.geometry.regions import EMPTY, rectangle, snapped
from layoutgen.layout.measure import totals_by_layer
from layoutgen.pdk.rule import Rule
from layoutgen.rules.context import Context, box_of
from layoutgen.rules.distances import apart, close, narrow, near_parts
from layoutgen.rules.findings import Outcome, Violation
from layoutgen.rules.windows import Window

Measure: TypeAlias = Callable[[Context, Rule], Outcome]


def check_width(context: Context, rule: Rule) -> Outcome:
    """Every width of a region is at least the limit."""
    limit = context.least_dbu(rule)
    return _lengths(context, rule, lambda window: narrow(window.region(rule.of), limit, window.clip))


def check_space(context: Context, rule: Rule) -> Outcome:
    """Every space between polygons of a region, and every notch, is at least the limit."""
    limit = context.least_dbu(rule)
    if rule.view == "frame":
        return _lengths(context, rule, lambda _: close(context.windows.repeated(rule.of), limit))
    return _lengths(context, rule, lambda window: close(window.region(rule.of), limit, window.clip))


def check_separation(context: Context, rule: Rule) -> Outcome:
    """Two regions are at least the limit apart."""
    limit = context.least_dbu(rule)

    def measure(window: Window) -> tuple[float | None, list[tuple[float, Box]]]:
        first, second = window.region(rule.of), _partner(context, rule, window)
        if first.is_empty or second.is_empty:
            return None, []
        gaps = near_parts(first, second, limit)
        if gaps and rule.view == "frame":
            return _looked_at_closely(context, rule, first, second)
        return apart(first, second), gaps

    return _lengths(context, rule, measure)


def _looked_at_closely(
    context: Context, rule: Rule, first: BaseGeometry, second: BaseGeometry
) -> tuple[float | None, list[tuple[float, Box]]]:
    """The frame shows arrays as boxes; where boxes of two regions are too near, the shapes in them decide."""
    limit = context.least_dbu(rule)
    others = shapely.get_parts(second)
    least: list[float] = []
    gaps: list[tuple[float, Box]] = []
    for part in shapely.get_parts(first):
        distances = shapely.distance(part, others)
        if float(distances.min()) >= limit:
            least.append(float(distances.min()))
            continue
        for other in others[distances < limit]:
            (ax, ay, bx, by), (cx, cy, dx, dy) = box_of(part), box_of(other)
            reach = int(limit) + 1
            box = max(ax, cx) - reach, max(ay, cy) - reach, min(bx, dx) + reach, min(by, dy) + reach
            window = context.windows.near(box)
            shapes = window.beside(rule.outside) if rule.outside else window
            one, two = shapes.region(rule.of), shapes.region(rule.against)
            if not one.is_empty and not two.is_empty:
                least.append(apart(one, two))
                gaps += near_parts(one, two, limit)
    return min(least, default=None), gaps


def check_enclosure(context: Context, rule: Rule) -> Outcome:
    """A region lies inside another one, at least the limit from its edge."""
    limit = context.least_dbu(rule)

    def measure(window: Window) -> tuple[float | None, list[tuple[float, Box]]]:
        inner, outer = window.region(rule.of), _partner(context, rule, window)
        if inner.is_empty:
            return None, []
        outside = snapped(inner - outer)
        if not outside.is_empty:
            return 0.0, [(0.0, box_of(part)) for part in shapely.get_parts(outside)]
        return apart(inner, outer.boundary), near_parts(inner, outer.boundary, limit)

    return _lengths(context, rule, measure)


def check_extension(context: Context, rule: Rule) -> Outcome:
    """A region reaches beyond another one by at least the limit, on the sides that the rule names."""
    limit = context.least_dbu(rule)

    def measure(window: Window) -> tuple[float | None, list[tuple[float, Box]]]:
        outer, inner = window.region(rule.of), window.region(rule.against)
        if outer.is_empty or inner.is_empty:
            return None, []
        far, near = box_of(outer), box_of(inner)
        found: list[tuple[float, Box]] = []
        for side in rule.sides:
            axis, end = ("x", "y").index(side[0]), int(side[1])
            a, b = far[axis + 2 * end], near[axis + 2 * end]
            box = list(near)
            box[axis], box[axis + 2] = min(a, b), max(a, b)
            found.append((float(a - b if end else b - a), (box[0], box[1], box[2], box[3])))
        return min(value for value, _ in found), [gap for gap in found if gap[0] < limit]

    return _lengths(context, rule, measure)


def check_size(context: Context, rule: Rule) -> Outcome:
    """Every polygon is at most as long as the limit, along the axes of the sides that the rule names."""
    limit = context.to_dbu(context.limit(rule)) + 1e-6
    worst: float | None = None
    found: list[Violation] = []
    for window in context.windows_of(rule):
        for points in window.shapes.get(rule.of, ()):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            box = min(xs), min(ys), max(xs), max(ys)
            for axis in dict.fromkeys(side[0] for side in rule.sides or ("x1", "y1")):
                size = float(box[2] - box[0] if axis == "x" else box[3] - box[1])
                worst = size if worst is None else max(worst, size)
                if size > limit:
                    message = f"{rule.of} is too long along {axis}"
                    found.append(Violation(window.cell, box, context.from_dbu(size, rule), message))
    return Outcome(tuple(found), None if worst is None else context.from_dbu(worst, rule))


def check_area(context: Context, rule: Rule) -> Outcome:
    """Every polygon of a merged region has at least the area of the limit."""
    limit = context.limit(rule)
    worst: float | None = None
    found: list[Violation] = []
    for window in context.windows_of(rule):
        for part in shapely.get_parts(window.region(rule.of)):
            area = context.from_dbu(float(part.area), rule)
            worst = area if worst is None else min(worst, area)
            if area < limit * (1 - 1e-12):
                found.append(Violation(window.cell, box_of(part), area, f"{rule.of} is too small"))
    return Outcome(tuple(found), worst)


def check_equal(context: Context, rule: Rule) -> Outcome:
    """Two regions are the same."""
    return nothing_in(
        context,
        rule,
        lambda window: snapped(window.region(rule.of) ^ window.region(rule.against)),
        f"{rule.of} and {rule.against} differ",
    )


def check_empty(context: Context, rule: Rule) -> Outcome:
    """A region has nothing in it."""

    def inside(window: Window) -> BaseGeometry:
        region = window.region(rule.of)
        if rule.view != "frame" or region.is_empty:
            return region
        return shapely.union_all([closely(part) for part in shapely.get_parts(region)])

    def closely(part: BaseGeometry) -> BaseGeometry:
        """The frame shows arrays of cells as boxes: what is no wider than a street may lie in one of theirs."""
        x0, y0, x1, y1 = box = box_of(part)
        if min(x1 - x0, y1 - y0) > context.windows.kerf:
            return part
        return context.windows.near(box).region(rule.of) & rectangle(box)

    return nothing_in(context, rule, inside, f"{rule.of} is not empty")


def check_single(context: Context, rule: Rule) -> Outcome:
    """No two polygons of a layer overlap: what is cut is cut once."""

    def twice(window: Window) -> BaseGeometry:
        polygons = [shapely.Polygon(points) for points in window.shapes.get(rule.of, ())]
        if not polygons:
            return EMPTY
        tree = shapely.STRtree(polygons)
        pairs = [(i, j) for i, j in tree.query(polygons, predicate="intersects").T if i < j]
        return window.clipped(snapped(shapely.union_all([polygons[i] & polygons[j] for i, j in pairs])))

    return nothing_in(context, rule, twice, f"polygons of {rule.of} overlap")


def check_density(context: Context, rule: Rule) -> Outcome:
    """The area of a region over that of another one is at least the limit."""
    limit = context.limit(rule)
    (window,) = context.windows_of(rule)
    whole = window.region(rule.against)
    if whole.is_empty:
        return Outcome(obstacle=f"{rule.against} has no shape")
    share = float(window.region(rule.of).area / whole.area)
    if share >= limit * (1 - 1e-12):
        return Outcome((), share)
    message = f"{rule.of} covers too little of {rule.against}"
    return Outcome((Violation(window.cell, box_of(whole), share, message),), share)


def check_count(context: Context, rule: Rule) -> Outcome:
    """There are at least (or at most) so many polygons of a layer for each one of another."""
    totals = totals_by_layer(context.layout)
    of, against = (
        (totals[name].polygons if name in totals else 0) - _inside(context, rule, name)
        for name in (rule.of, rule.against)
    )
    if not against:
        return Outcome(obstacle=f"{rule.against} has no shape")
    limit = context.limit(rule)
    share = of / against
    holds = {"at least": share >= limit, "at most": share <= limit, "equal": of == round(limit * against)}
    if holds[rule.relation]:
        return Outcome((), share)
    message = f"{of} {rule.of} for {against} {rule.against}"
    return Outcome((Violation(context.windows.root.cell, None, share, message),), share)


def _inside(context: Context, rule: Rule, layer: str) -> int:
    """Polygons of a layer in the cells that the rule's marker marks."""
    if not rule.outside:
        return 0
    index = context.windows.walker.index
    return sum(
        sum(polygon.layer == layer for polygon in index.cells[name].polygons)
        * sum(placement.count for _, placement in index.placements_of(name))
        for name in context.windows.marked
    )


def _partner(context: Context, rule: Rule, window: Window) -> BaseGeometry:
    """What is measured against; in the frame with what the neighbouring repeats have of it."""
    if rule.view == "frame" and rule.against in window.shapes:
        return context.windows.repeated(rule.against)
    return window.region(rule.against)


def _lengths(
    context: Context, rule: Rule, measure: Callable[[Window], tuple[float | None, list[tuple[float, Box]]]]
) -> Outcome:
    """Collect the least length over all windows, and the violations there."""
    worst: float | None = None
    found: dict[tuple[str, Box], Violation] = {}
    between = f" {rule.against}" if rule.against else ""
    for window in context.windows_of(rule):
        least, gaps = measure(window)
        if least is not None:
            worst = least if worst is None else min(worst, least)
        for value, box in gaps:
            message = f"{rule.check} of {rule.of}{between} is too small"
            found.setdefault(
                (window.cell, box), Violation(window.cell, box, context.from_dbu(value, rule), message)
            )
    return Outcome(tuple(found.values()), None if worst is None else context.from_dbu(worst, rule))


def nothing_in(context: Context, rule: Rule, region_at: Callable[[Window], BaseGeometry], message: str) -> Outcome:
    """Violations for every polygon of a region that must be empty."""
    worst = 0.0
    found: dict[tuple[str, Box], Violation] = {}
    for window in context.windows_of(rule):
        for part in shapely.get_parts(region_at(window)):
            if part.is_empty or not part.area:
                continue
            area = context.from_dbu(float(part.area), rule)
            worst = max(worst, area)
            box = box_of(part)
            found.setdefault((window.cell, box), Violation(window.cell, box, area, message))
    return Outcome(tuple(found.values()), worst)
