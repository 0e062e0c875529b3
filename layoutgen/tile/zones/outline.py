"""The outline of a zone, a polygon of integers: what it blocks, and where a box meets it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from layoutgen.geometry.boxes import Box

_Side = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Outline:
    """A forbidden simple polygon, corner by corner; :func:`box` makes a rectangle of it."""

    corners: tuple[tuple[int, int], ...]
    bounds: Box = field(init=False, compare=False, repr=False)
    is_box: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        xs, ys = [x for x, _ in self.corners], [y for _, y in self.corners]
        x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
        corners = {(x0, y0), (x0, y1), (x1, y0), (x1, y1)}
        rectangular = len(self.corners) == 4 and set(self.corners) == corners
        object.__setattr__(self, "bounds", (x0, y0, x1, y1))
        object.__setattr__(self, "is_box", rectangular and abs(self.doubled_area) == 2 * (x1 - x0) * (y1 - y0))

    @property
    def doubled_area(self) -> int:
        turned = (*self.corners[1:], self.corners[0])
        return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(self.corners, turned, strict=True))

    @property
    def is_simple(self) -> bool:
        """Whether the outline encloses an area without crossing itself."""
        from shapely.geometry import Polygon

        return bool(Polygon(self.corners).is_valid) and self.doubled_area != 0

    def mirrored(self) -> "Outline":
        return Outline(tuple((y, x) for x, y in self.corners))

    def grown(self, kerf: int) -> "Outline":
        """For items that carry one kerf at their right and upper side: what their corner may not enter.

        The sum of the zone and a square of one kerf. Where sides meet between whole coordinates the outline is up
        to two units larger than that.
        """
        if self.is_box:
            x0, y0, x1, y1 = self.bounds
            return box(x0, y0, x1 + kerf, y1 + kerf)
        outline = self._swept(0, kerf)
        if any(value != round(value) for point in outline for value in point):
            outline = self._swept(-1, kerf + 1)
        return Outline(tuple((round(x), round(y)) for x, y in outline))

    def _swept(self, low: int, high: int) -> list[tuple[float, float]]:
        """Outline of all places of a square from ``low`` to ``high`` that starts in the zone."""
        from shapely.geometry import MultiPoint, Polygon
        from shapely.ops import unary_union

        sides = zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True)
        swept = [
            MultiPoint([(x + dx, y + dy) for x, y in side for dx in (low, high) for dy in (low, high)]).convex_hull
            for side in sides
        ]
        whole: Any = unary_union([Polygon(self.corners), *swept])
        return [(x, y) for x, y, *_ in list(whole.exterior.coords)[:-1]]


def box(x0: int, y0: int, x1: int, y1: int) -> Outline:
    """A rectangular zone."""
    return Outline(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def meets(zone: Outline, bounds: Box) -> bool:
    """Whether a zone and a box share an area."""
    x0, y0, x1, y1 = bounds
    return any(low < y1 and y0 < high for low, high in shadow(zone, x0, x1))


def overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def shadow(zone: Outline, x0: int, x1: int) -> list[tuple[int, int]]:
    """What a zone blocks in a lane, along y; runs may overlap."""
    left, low, right, high = zone.bounds
    if right <= x0 or x1 <= left:
        return []
    if zone.is_box:
        return [(low, high)]
    found = []
    for start, end, below, above in _slices(zone):
        a, b = max(start, x0), min(end, x1)
        if a < b:
            lowest = min(_height(below, a), _height(below, b))
            found.append((lowest, -min(_height(above, a, -1), _height(above, b, -1))))
    return found


@lru_cache(maxsize=256)
def _slices(zone: Outline) -> tuple[tuple[int, int, _Side, _Side], ...]:
    """A simple polygon as trapezoids: (start, end) along x, the side below and the one above."""
    sides = [
        (*a, *b) if a[0] < b[0] else (*b, *a)
        for a, b in zip(zone.corners, (*zone.corners[1:], zone.corners[0]), strict=True)
        if a[0] != b[0]
    ]
    found = []
    for start, end in pairwise(sorted({x for x, _ in zone.corners})):
        across = [side for side in sides if side[0] <= start and end <= side[2]]
        across.sort(key=lambda side: _doubled_middle(side, start + end))
        found += [(start, end, *pair) for pair in zip(across[::2], across[1::2], strict=True)]
    return tuple(found)


def _doubled_middle(side: _Side, doubled_x: int) -> Fraction:
    x0, y0, x1, y1 = side
    return 2 * y0 + Fraction((y1 - y0) * (doubled_x - 2 * x0), x1 - x0)


def _height(side: _Side, x: int, sign: int = 1) -> int:
    """Height of a side at x, times ``sign``, rounded down."""
    x0, y0, x1, y1 = side
    return sign * y0 + sign * (y1 - y0) * (x - x0) // (x1 - x0)


def free_runs(x: int, across: int, length: int, zones: Iterable[Outline]) -> list[tuple[int, int]]:
    """The parts of the lane ``x .. x + across`` that no zone enters."""
    blocked = sorted(run for zone in zones for run in shadow(zone, x, x + across))
    free, y = [], 0
    for y0, y1 in blocked:
        if min(y0, length) > y:
            free.append((y, min(y0, length)))
        y = max(y, y1)
    if y < length:
        free.append((y, length))
    return free
