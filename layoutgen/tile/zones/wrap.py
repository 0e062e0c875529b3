"""Zones on a web that repeats: where one lies that reaches past an end of the repeat."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from layoutgen.geometry.boxes import Point
from layoutgen.tile.zones.outline import Outline, box
from layoutgen.web.plan import Zone


def lies_outside(corners: Sequence[Point], width: int, length: int) -> bool:
    """Whether an outline shares no area with the rectangle ``(0, 0) .. (width, length)`` around it."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return max(xs) <= 0 or min(xs) >= width or max(ys) <= 0 or min(ys) >= length


def on_one_repeat(zones: Iterable[Zone], length: int) -> tuple[Zone, ...]:
    """The zones as they lie on the repeat ``0 .. length`` along y, in dbu.

    A zone that stays on it is kept as it is. One that reaches past an end lies on the repeats before or after as
    well, so on this one too: a rectangle is cut there, any other outline is copied whole, one repeat along.
    """
    return tuple(piece for zone in zones for piece in _pieces(zone, length))


def _pieces(zone: Zone, length: int) -> list[Zone]:
    outline = Outline(zone.corners)
    x0, low, x1, high = outline.bounds
    if low >= 0 and high <= length:
        return [zone]
    if outline.is_box and high - low >= length:
        return [replace(zone, corners=box(x0, 0, x1, length).corners)]
    pieces = []
    for number in range(low // length, -(-high // length)):
        shift = number * length
        corners = tuple((x, y - shift) for x, y in zone.corners)
        if outline.is_box:
            corners = box(x0, max(low - shift, 0), x1, min(high - shift, length)).corners
        pieces.append(replace(zone, corners=corners))
    return pieces
