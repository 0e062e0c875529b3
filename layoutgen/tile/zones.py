"""Packings around forbidden zones: fiducials, coupons, splices, known defects.

Lanes across the frame, each filled from free interval to free interval: for given lane positions nothing packs
more. The positions come from a dynamic programme over every place where a lane can be pushed to: against the
edge, against another lane, or against the far side of a zone. A grid shifted by any phase is such a set of lanes
after pushing, so it never wins. The same is done along the frame, and for the packing without zones with the cells
that meet one left out, in its four mirror images, and for the parts that cuts beside few zones leave; the best
counts.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

from layoutgen.tile.blocks import transposed
from layoutgen.tile.ladder import count_of
from layoutgen.tile.model import Block, Effort, Packing
from layoutgen.tile.pack import merged, pack
from layoutgen.tile.points import normal_points

Frame = tuple[int, int]
Box = tuple[int, int, int, int]
Blocks = tuple[Block, ...]
# of lanes: size across, pitch along, whether turned
Kinds = list[tuple[int, int, bool]]

MAX_POSITIONS = 40_000
_MOST_RISING = 400
_MOST_CUT_ZONES = 3


@dataclass(frozen=True, slots=True)
class Zone:
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

    def mirrored(self) -> "Zone":
        return Zone(tuple((y, x) for x, y in self.corners))

    def grown(self, kerf: int) -> "Zone":
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
        return Zone(tuple((round(x), round(y)) for x, y in outline))

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


def box(x0: int, y0: int, x1: int, y1: int) -> Zone:
    """A rectangular zone."""
    return Zone(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def pack_around(
    frame: Frame,
    item: Frame,
    zones: Sequence[Zone],
    *,
    rotation_allowed: bool = True,
    effort: Effort = Effort.STANDARD,
) -> Packing:
    """As many items as can be found in the frame outside all zones.

    Frame and item are inflated as for `pack`; zones are taken as they are (see :meth:`Zone.grown`). Touching a
    zone is allowed. The bound is the smaller of the area left and the bound without zones.
    """
    whole = pack(frame, item, rotation_allowed=rotation_allowed, effort=effort)
    inside = [zone for zone in zones if _overlap(zone.bounds, (0, 0, *frame))]
    if not inside:
        return whole
    best, method = _leave_out(whole, inside), f"{whole.method}, less zones"
    upright = _zone_lanes(frame, item, inside, rotation_allowed=rotation_allowed)
    sideways = _zone_lanes(
        (frame[1], frame[0]),
        item if rotation_allowed else (item[1], item[0]),
        [zone.mirrored() for zone in inside],
        rotation_allowed=rotation_allowed,
    )
    if not rotation_allowed:
        sideways = tuple(Block(b.y, b.x, b.rows, b.columns, rotated=False) for b in sideways)
    else:
        sideways = transposed(sideways)
    parts = _Parts(item, tuple(inside), rotation_allowed).blocks(frame, effort)
    for name, blocks in (("zone lanes", upright), ("zone lanes", sideways), ("parts beside zones", parts)):
        if count_of(blocks) > count_of(best):
            best, method = blocks, name
    bound = min(whole.upper_bound, _area_left(frame, inside) // (item[0] * item[1]))
    proof = "area left by the zones" if count_of(best) == bound else ""
    blocks = tuple(sorted(merged(best, item), key=lambda block: (block.y, block.x)))
    return Packing(whole.frame, item, blocks, bound, method, proof)


class _Parts:
    """The frame cut from edge to edge along the sides of zones' boxes until its parts are free of zones, each
    packed by itself. For so few zones that all cuts can be tried.
    """

    def __init__(self, item: Frame, zones: tuple[Zone, ...], rotation_allowed: bool) -> None:
        self.item, self.zones, self.rotation_allowed = item, zones, rotation_allowed
        self.known: dict[Box, tuple[int, tuple[Box, ...]]] = {}

    def blocks(self, frame: Frame, effort: Effort) -> Blocks:
        if len(self.zones) > _MOST_CUT_ZONES:
            return ()
        found: list[Block] = []
        for room in self._best((0, 0, *frame))[1]:
            packed = self._pack(room, effort).blocks
            found += [replace(block, x=block.x + room[0], y=block.y + room[1]) for block in packed]
        return tuple(found)

    def _best(self, room: Box) -> tuple[int, tuple[Box, ...]]:
        """Most items in a room, and the parts that hold them."""
        if room not in self.known:
            near = [zone.bounds for zone in self.zones if _overlap(zone.bounds, room)]
            if near:
                options = (
                    self._joined(room, axis, box[axis + k]) for box in near for axis in (0, 1) for k in (0, 2)
                )
                self.known[room] = max(options, key=lambda option: option[0])
            else:
                self.known[room] = self._pack(room, Effort.STANDARD).count, (room,)
        return self.known[room]

    def _joined(self, room: Box, axis: int, at: int) -> tuple[int, tuple[Box, ...]]:
        """What both sides of a cut hold; nothing where it does not lie inside the room."""
        if not room[axis] < at < room[axis + 2]:
            return 0, ()
        x0, y0, x1, y1 = room
        halves = ((x0, y0, at, y1), (at, y0, x1, y1)) if axis == 0 else ((x0, y0, x1, at), (x0, at, x1, y1))
        (low, first), (high, second) = (self._best(half) for half in halves)
        return low + high, first + second

    def _pack(self, room: Box, effort: Effort) -> Packing:
        size = room[2] - room[0], room[3] - room[1]
        return pack(size, self.item, rotation_allowed=self.rotation_allowed, effort=effort)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _area_left(frame: Frame, zones: Iterable[Zone]) -> int:
    from math import ceil

    from shapely.geometry import Polygon
    from shapely.geometry import box as rectangle
    from shapely.ops import unary_union

    taken = unary_union([Polygon(zone.corners) for zone in zones]).intersection(rectangle(0, 0, *frame)).area
    # floating point: give the items the benefit of the doubt
    return ceil(frame[0] * frame[1] - taken * (1 - 1e-12) + 1e-6) if taken else frame[0] * frame[1]


def _zone_lanes(frame: Frame, item: Frame, zones: Sequence[Zone], *, rotation_allowed: bool) -> Blocks:
    """Best lanes along y."""
    width, length = frame
    kinds = [(item[0], item[1], False)] + ([(item[1], item[0], True)] if rotation_allowed else [])
    starts = _starts(width, length, kinds, zones)
    ends = sorted({*starts, width})
    index = {x: k for k, x in enumerate(ends)}
    best = [0] * len(ends)
    lane: list[tuple[int, int, int, bool] | None] = [None] * len(ends)
    cache: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for k, x in enumerate(ends):
        if k and best[k - 1] > best[k]:
            best[k], lane[k] = best[k - 1], None
        for across, pitch, turned in kinds:
            if x + across > width:
                continue
            free = cache.setdefault((x, across), _free_runs(x, across, length, zones))
            gain = best[k] + sum((y1 - y0) // pitch for y0, y1 in free)
            # a lane that ends between two positions counts from the next one
            end = index.get(x + across)
            if end is None:
                end = _next_at_least(ends, x + across)
            if end is not None and gain > best[end]:
                best[end], lane[end] = gain, (k, x, across, turned)
    return _lane_blocks(best, lane, cache, kinds)


def _lane_blocks(
    best: list[int],
    lane: list[tuple[int, int, int, bool] | None],
    cache: dict[tuple[int, int], list[tuple[int, int]]],
    kinds: Kinds,
) -> Blocks:
    pitches = {turned: pitch for _, pitch, turned in kinds}
    blocks = []
    k = len(best) - 1
    while k > 0 and best[k]:
        chosen = lane[k]
        if chosen is None:
            k -= 1
            continue
        k, x, across, turned = chosen
        pitch = pitches[turned]
        blocks += [Block(x, y0, 1, (y1 - y0) // pitch, turned) for y0, y1 in cache[x, across] if y1 - y0 >= pitch]
    return tuple(blocks)


def _next_at_least(ends: list[int], x: int) -> int | None:
    from bisect import bisect_left

    at = bisect_left(ends, x)
    return at if at < len(ends) else None


def _starts(width: int, length: int, kinds: Kinds, zones: Sequence[Zone]) -> list[int]:
    """Where lanes may start: pushed against the edge, another lane, or a zone as far as it costs nothing."""
    origins = {0, *(x for zone in zones for x, _ in zone.corners if 0 < x < width)}
    origins |= _rising(width, length, kinds, zones)
    steps = [int(step) for step in normal_points(width, kinds[0][0], kinds[-1][0])]
    found = set(origins)
    for origin in sorted(origins):
        if len(found) > MAX_POSITIONS:
            break
        found.update(origin + step for step in steps if origin + step <= width)
    return sorted(found)


def _rising(width: int, length: int, kinds: Kinds, zones: Sequence[Zone]) -> set[int]:
    """The leftmost places of lanes along slanted sides, one for each number of items that is reached there."""
    slanted = [zone for zone in zones if not zone.is_box]
    found: set[int] = set()
    for across, pitch, _ in kinds:

        def count(x: int, across: int = across, pitch: int = pitch) -> int:
            return sum((y1 - y0) // pitch for y0, y1 in _free_runs(x, across, length, zones))

        for zone in slanted:
            stops = {x + shift for x, _ in zone.corners for shift in (0, -across)}
            inside = sorted(x for x in stops if 0 <= x <= width - across)
            for low, high in pairwise(inside):
                _steps_up(count, low, count(low), high, count(high), found)
    return found


def _steps_up(count: Callable[[int], int], low: int, at_low: int, high: int, at_high: int, found: set[int]) -> None:
    """Add where the count first reaches each value between two places."""
    if at_low >= at_high or len(found) > _MOST_RISING:
        return
    if high - low == 1:
        found.add(high)
        return
    middle = (low + high) // 2
    at_middle = count(middle)
    _steps_up(count, low, at_low, middle, at_middle, found)
    _steps_up(count, middle, at_middle, high, at_high, found)


def meets(zone: Zone, bounds: Box) -> bool:
    """Whether a zone and a box share an area."""
    x0, y0, x1, y1 = bounds
    return any(low < y1 and y0 < high for low, high in _shadow(zone, x0, x1))


def _free_runs(x: int, across: int, length: int, zones: Iterable[Zone]) -> list[tuple[int, int]]:
    """The parts of the lane ``x .. x + across`` that no zone enters."""
    blocked = sorted(run for zone in zones for run in _shadow(zone, x, x + across))
    free, y = [], 0
    for y0, y1 in blocked:
        if min(y0, length) > y:
            free.append((y, min(y0, length)))
        y = max(y, y1)
    if y < length:
        free.append((y, length))
    return free


def _shadow(zone: Zone, x0: int, x1: int) -> list[tuple[int, int]]:
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


Edge = tuple[int, int, int, int]


@lru_cache(maxsize=256)
def _slices(zone: Zone) -> tuple[tuple[int, int, Edge, Edge], ...]:
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


def _doubled_middle(side: Edge, doubled_x: int) -> Fraction:
    x0, y0, x1, y1 = side
    return 2 * y0 + Fraction((y1 - y0) * (doubled_x - 2 * x0), x1 - x0)


def _height(side: Edge, x: int, sign: int = 1) -> int:
    """Height of a side at x, times ``sign``, rounded down."""
    x0, y0, x1, y1 = side
    return sign * y0 + sign * (y1 - y0) * (x - x0) // (x1 - x0)


def _leave_out(packing: Packing, zones: Sequence[Zone]) -> Blocks:
    """The packing, mirrored as is best, without the items that meet a zone."""
    images = [
        tuple(_mirrored(block, packing, flip_x=flip_x, flip_y=flip_y) for block in packing.blocks)
        for flip_x in (False, True)
        for flip_y in (False, True)
    ]
    return max((without(blocks, packing.item, zones) for blocks in images), key=count_of)


def _mirrored(block: Block, packing: Packing, *, flip_x: bool, flip_y: bool) -> Block:
    w, h = (packing.item[1], packing.item[0]) if block.rotated else packing.item
    x = packing.frame[0] - block.x - block.columns * w if flip_x else block.x
    y = packing.frame[1] - block.y - block.rows * h if flip_y else block.y
    return replace(block, x=x, y=y)


def without(blocks: Blocks, item: Frame, zones: Sequence[Zone], *, trim: int = 0) -> Blocks:
    """The blocks less every item that meets a zone, column by column.

    ``trim`` is what to take off the right and upper side of each item before asking: the street, where zones are
    compared with finished cells.
    """
    found: list[Block] = []
    for block in blocks:
        w, h = (item[1], item[0]) if block.rotated else item
        near = [zone for zone in zones if _overlap(zone.bounds, _box_of(block, w, h))]
        if not near:
            found.append(block)
            continue
        for column in range(block.columns):
            found += _column(block, block.x + column * w, (w, h), near, trim)
    return merged(found, item)


def _box_of(block: Block, w: int, h: int) -> Box:
    return block.x, block.y, block.x + block.columns * w, block.y + block.rows * h


def _column(block: Block, x: int, size: Frame, zones: Sequence[Zone], trim: int) -> list[Block]:
    w, h = size
    shadows = [run for zone in zones for run in _shadow(zone, x, x + w - trim)]
    found: list[Block] = []
    start: int | None = None
    for row in range(block.rows + 1):
        y = block.y + row * h
        free = row < block.rows and not any(y0 < y + h - trim and y < y1 for y0, y1 in shadows)
        if free and start is None:
            start = row
        if not free and start is not None:
            found.append(Block(x, block.y + start * h, 1, row - start, block.rotated))
            start = None
    return found
