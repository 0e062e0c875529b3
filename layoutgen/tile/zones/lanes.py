"""Lanes along y across a frame with zones, each filled from free run to free run.

For given lane positions nothing packs more. The positions come from a dynamic programme over every place where a
lane can be pushed to: against the edge, against another lane, or against the far side of a zone. A grid shifted by
any phase is such a set of lanes after pushing, so it never wins.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from layoutgen.geometry.boxes import Size
from layoutgen.tile.pack.points import normal_points
from layoutgen.tile.zones.outline import Outline, free_runs
from layoutgen.web.plan import Block, Blocks

# of lanes: size across, pitch along, whether turned
Kinds = list[tuple[int, int, bool]]

MAX_POSITIONS = 40_000
_MOST_RISING = 400


def zone_lanes(frame: Size, item: Size, zones: Sequence[Outline], *, rotation_allowed: bool) -> Blocks:
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
            free = cache.setdefault((x, across), free_runs(x, across, length, zones))
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
    ranks = []
    k = len(best) - 1
    while k > 0 and best[k]:
        chosen = lane[k]
        if chosen is None:
            k -= 1
            continue
        k, x, across, turned = chosen
        pitch = pitches[turned]
        ranks += [
            _Rank(x, x + across, 1, (y1 - y0) // pitch, turned, y0, y1 - (y1 - y0) // pitch * pitch)
            for y0, y1 in cache[x, across]
            if y1 - y0 >= pitch
        ]
    return tuple(Block(rank.x, rank.low, rank.columns, rank.rows, rank.turned) for rank in _levelled(ranks))


@dataclass(slots=True)
class _Rank:
    """Cells of lanes side by side, as many in each; the first of each stands anywhere from ``low`` to ``high``."""

    x: int
    end: int
    columns: int
    rows: int
    turned: bool
    low: int
    high: int


def _levelled(ranks: list[_Rank]) -> list[_Rank]:
    """Lanes start at one height where their room allows it: fewer arrays, and streets that go through."""
    found: list[_Rank] = []
    for rank in sorted(ranks, key=lambda rank: (rank.x, rank.low)):
        for left in reversed(found):
            low, high = max(left.low, rank.low), min(left.high, rank.high)
            if (left.end, left.rows, left.turned) == (rank.x, rank.rows, rank.turned) and low <= high:
                left.end, left.columns, left.low, left.high = rank.end, left.columns + 1, low, high
                break
        else:
            found.append(rank)
    return found


def _next_at_least(ends: list[int], x: int) -> int | None:
    at = bisect_left(ends, x)
    return at if at < len(ends) else None


def _starts(width: int, length: int, kinds: Kinds, zones: Sequence[Outline]) -> list[int]:
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


def _rising(width: int, length: int, kinds: Kinds, zones: Sequence[Outline]) -> set[int]:
    """The leftmost places of lanes along slanted sides, one for each number of items that is reached there."""
    slanted = [zone for zone in zones if not zone.is_box]
    found: set[int] = set()
    for across, pitch, _ in kinds:

        def count(x: int, across: int = across, pitch: int = pitch) -> int:
            return sum((y1 - y0) // pitch for y0, y1 in free_runs(x, across, length, zones))

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
