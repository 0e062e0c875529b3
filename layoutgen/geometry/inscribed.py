"""The largest rectangle inside an outline, for any measure that grows with both of its sides, at any turn.

At one turn a coarse search over columns finds where large rectangles lie; from each, the left and the right side
are moved, nested, while the lower and the upper one follow exactly: for convex outlines and a product of sides
less constants the measure is log-concave in both, so that this is the largest; for others it is the largest near
one of the starts. Arcs are chords inside them, so no rectangle crosses one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from math import atan2, cos, degrees, radians, sin

import numpy as np
from numpy.typing import NDArray

from layoutgen.geometry.flatten import Side, flattened
from layoutgen.geometry.outline import Outline, Point

Floats = NDArray[np.float64]
Gain = Callable[[float, float], float]
"""What a rectangle of two sides is worth, in the outline's unit: never less where a side is longer; 0 where it is
worth nothing."""

_COLUMNS = 48
_STARTS = 3
_TURNS_DEG = 3.0
_BEST_TURNS = 2
_GOLDEN = 0.618033988749895
_SAME = 1e-3
"""Parts by which a turn must be better than a simpler one."""
_FINE, _TURNING = 26, 14
"""Steps of golden section: of a side, and of a turn."""


@dataclass(frozen=True, slots=True)
class Inscribed:
    """A rectangle inside an outline, in the outline's unit."""

    width: float
    height: float
    centre: Point
    turn_deg: float
    """Counter-clockwise, from ``width`` along x; 0 to below 90."""
    gain: float

    @property
    def corners(self) -> tuple[Point, ...]:
        """Counter-clockwise, from the lower left one before the turn."""
        c, s = cos(radians(self.turn_deg)), sin(radians(self.turn_deg))
        w, h, (x, y) = self.width / 2, self.height / 2, self.centre
        return tuple((x + a * c - b * s, y + a * s + b * c) for a, b in ((-w, -h), (w, -h), (w, h), (-w, h)))


def largest_rectangle(
    parts: Iterable[Outline], gain: Gain, *, error: float, turns_deg: Iterable[float] | None = None
) -> Inscribed | None:
    """The rectangle of most gain inside one of several outlines; None where none is worth anything.

    Args:
        parts: outlines that do not meet, as an inset gives them.
        gain: what sides (along x and y before the turn) are worth.
        error: how far chords may lie inside arcs, in the outline's unit.
        turns_deg: turns to try; where not given, any: every 3 degrees, along straight edges, and the best two of
            them moved within 3 degrees. A turn that wins less than a thousandth is left out.
    """
    given = None if turns_deg is None else [turn % 90.0 for turn in turns_deg]
    best: Inscribed | None = None
    for part in parts:
        corners = np.array(flattened(part, error, Side.INSIDE), dtype=np.float64)
        found = _best_of(corners, gain, given) if given is not None else _any_turn(part, corners, gain)
        if found is not None and (best is None or found.gain > best.gain * (1 + _SAME)):
            best = found
    return best


def _best_of(corners: Floats, gain: Gain, turns: Iterable[float]) -> Inscribed | None:
    best: Inscribed | None = None
    for turn in turns:
        found = _at_turn(corners, gain, turn)
        if found is not None and (best is None or found.gain > best.gain * (1 + _SAME)):
            best = found
    return best


def _any_turn(part: Outline, corners: Floats, gain: Gain) -> Inscribed | None:
    edges = {
        round(degrees(atan2(edge.y1 - edge.y0, edge.x1 - edge.x0)) % 90.0, 9) % 90.0
        for edge in part.edges
        if not edge.is_arc
    }
    regular = [k * _TURNS_DEG for k in range(round(90 / _TURNS_DEG))]
    turns = [0.0, *sorted(edges - {0.0}), *(turn for turn in regular[1:] if turn not in edges)]
    rough = [(max((g for g, _ in _rough(_View.of(corners, turn), gain)), default=0.0), turn) for turn in turns]
    promising = sorted((entry for entry in rough if entry[0] > 0), key=lambda entry: -entry[0])[:_BEST_TURNS]
    best = _best_of(corners, gain, dict.fromkeys((0.0, *sorted(edges)[:12], *(turn for _, turn in promising))))
    for _, turn in promising:

        def worth(at: float) -> float:
            found = _at_turn(corners, gain, at, _TURNING)
            return found.gain if found is not None else 0.0

        moved = _at_turn(corners, gain, _highest(worth, turn - _TURNS_DEG, turn + _TURNS_DEG, _TURNING) % 90.0)
        if moved is not None and (best is None or moved.gain > best.gain * (1 + _SAME)):
            best = moved
    return best


@dataclass(frozen=True, slots=True)
class _View:
    """A path turned back, so that the rectangle sought lies along the axes: ends of its edges, left to right."""

    left: Floats
    right: Floats

    @classmethod
    def of(cls, corners: Floats, turn_deg: float) -> "_View":
        c, s = cos(radians(turn_deg)), sin(radians(turn_deg))
        turned = corners @ np.array([[c, -s], [s, c]])
        ends = np.roll(turned, -1, axis=0)
        swap = (turned[:, 0] > ends[:, 0])[:, None]
        return cls(np.where(swap, ends, turned), np.where(swap, turned, ends))

    @property
    def span(self) -> tuple[float, float]:
        return float(self.left[:, 0].min()), float(self.right[:, 0].max())

    def room(self, x0: float, x1: float, y: float) -> tuple[float, float] | None:
        """How far a box from ``x0`` to ``x1`` around height ``y`` reaches down and up; None where it cannot be."""
        near = (self.left[:, 0] < x1) & (self.right[:, 0] > x0)
        (xa, ya), (xb, yb) = self.left[near].T, self.right[near].T
        across = xb - xa
        upright = across == 0
        slope = (yb - ya) / np.where(upright, 1.0, across)
        first = ya + (np.maximum(xa, x0) - xa) * slope
        last = np.where(upright, yb, ya + (np.minimum(xb, x1) - xa) * slope)
        low, high = np.minimum(first, last), np.maximum(first, last)
        # an edge on both sides of the height cuts the box
        if np.any((low < y) & (high > y)):
            return None
        below, above = high[high <= y], low[low >= y]
        if not len(below) or not len(above):
            return None
        return float(below.max()), float(above.min())

    def intervals(self, x: float) -> list[tuple[float, float]]:
        """What of a line across lies inside."""
        crossed = (self.left[:, 0] <= x) & (self.right[:, 0] > x)
        (xa, ya), (xb, yb) = self.left[crossed].T, self.right[crossed].T
        heights = np.sort(ya + (x - xa) / (xb - xa) * (yb - ya)).tolist()
        return list(zip(heights[::2], heights[1::2], strict=False))


def _rough(view: _View, gain: Gain) -> list[tuple[float, tuple[float, float, float]]]:
    """The best boxes over columns: (gain, (left, right, middle height)), the best first, each elsewhere."""
    start, end = view.span
    step = (end - start) / _COLUMNS
    lines = [view.intervals(start + (k + 0.5) * step) for k in range(_COLUMNS)]
    found: list[tuple[float, tuple[float, float, float]]] = []
    for i in range(_COLUMNS):
        open_ = lines[i]
        for j in range(i, _COLUMNS):
            if j > i:
                open_ = [(max(a, c), min(b, d)) for a, b in open_ for c, d in lines[j] if min(b, d) > max(a, c)]
            if not open_:
                break
            for a, b in open_:
                worth = gain((j - i + 1) * step, b - a)
                if worth > 0:
                    found.append((worth, (start + i * step, start + (j + 1) * step, (a + b) / 2)))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    kept: list[tuple[float, tuple[float, float, float]]] = []
    for worth, box in found:
        if all(_elsewhere(box, other, step) for _, other in kept):
            kept.append((worth, box))
            if len(kept) == _STARTS:
                break
    return kept


def _elsewhere(a: tuple[float, float, float], b: tuple[float, float, float], step: float) -> bool:
    """Whether two boxes are not moved into each other by a few columns."""
    return max(abs(a[0] - b[0]), abs(a[1] - b[1])) > 4 * step or abs(a[2] - b[2]) > 4 * step


def _at_turn(corners: Floats, gain: Gain, turn_deg: float, steps: int = _FINE) -> Inscribed | None:
    """The best box at one turn: from each rough start, left and right side moved within a few columns."""
    view = _View.of(corners, turn_deg)
    start, end = view.span
    reach = 3 * (end - start) / _COLUMNS
    best: tuple[float, float, float, float, float] | None = None
    for _, (left, right, middle) in _rough(view, gain):

        def worth(x0: float, x1: float, y: float = middle) -> float:
            room = view.room(x0, x1, y) if x1 > x0 else None
            return gain(x1 - x0, room[1] - room[0]) if room is not None else 0.0

        inside = (left + right) / 2
        lefts = max(start, left - reach), min(inside, left + reach)
        rights = max(inside, right - reach), min(end, right + reach)

        x0, x1 = _best_sides(worth, lefts, rights, steps)
        room = view.room(x0, x1, middle)
        if room is not None and (best is None or worth(x0, x1) > best[0]):
            best = worth(x0, x1), x0, x1, *room
    if best is None or best[0] <= 0:
        return None
    worth_, x0, x1, y0, y1 = best
    c, s = cos(radians(turn_deg)), sin(radians(turn_deg))
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return Inscribed(x1 - x0, y1 - y0, (x * c - y * s, x * s + y * c), turn_deg, worth_)


def _best_sides(
    worth: Callable[[float, float], float], lefts: tuple[float, float], rights: tuple[float, float], steps: int
) -> tuple[float, float]:
    """Left and right side of most worth: for each left one the best right one."""

    def farthest(x0: float) -> float:
        return _highest(partial(worth, x0), *rights, steps)

    x0 = _highest(lambda x: worth(x, farthest(x)), *lefts, steps)
    return x0, farthest(x0)


def _highest(function: Callable[[float], float], low: float, high: float, steps: int) -> float:
    """Where a function of one hill is highest, by golden section; the ends count."""
    ends = [(function(low), low), (function(high), high)]
    a, b = low, high
    p, q = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    fp, fq = function(p), function(q)
    for _ in range(steps):
        if fp >= fq:
            b, q, fq = q, p, fp
            p = b - _GOLDEN * (b - a)
            fp = function(p)
        else:
            a, p, fp = p, q, fq
            q = a + _GOLDEN * (b - a)
            fq = function(q)
    return max(*ends, (fp, p), (fq, q))[1]
