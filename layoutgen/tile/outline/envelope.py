"""How near two outlines may come to each other along one axis, as a function of their offset along the other.

Outlines are grown by half of what must lie between them and flattened outwards, so that neighbours touch; the
polygons' upper and lower envelopes then say all that is to say about a row above another. Coordinates are
integers, kept in floating point, which holds them exactly.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NONE = -1e15
"""No limit: the two do not face each other."""
_BESIDE = 0.125
"""Envelopes jump at integers, so they are looked at a little to the left and to the right of them."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The highest points of a polygon over each x, and the lowest, as breakpoints; jumps are there twice."""

    top_x: Floats
    top_y: Floats
    low_x: Floats
    low_y: Floats

    @property
    def start(self) -> float:
        return float(self.top_x[0])

    @property
    def end(self) -> float:
        return float(self.top_x[-1])


def envelope(corners: Sequence[tuple[int, int]]) -> Envelope:
    """Of a simple polygon."""
    points = np.array(corners, dtype=np.float64)
    after = np.roll(points, -1, axis=0)
    left = points[:, 0] <= after[:, 0]
    a, b = np.where(left[:, None], points, after), np.where(left[:, None], after, points)
    xs = np.unique(points[:, 0])
    middle = (xs[:-1] + xs[1:]) / 2
    over = (a[:, 0] < middle[:, None]) & (middle[:, None] < b[:, 0])
    slope = np.divide(b[:, 1] - a[:, 1], b[:, 0] - a[:, 0], out=np.zeros(len(a)), where=b[:, 0] > a[:, 0])
    at = a[:, 1] + slope * (middle[:, None] - a[:, 0])
    highest = np.argmax(np.where(over, at, -np.inf), axis=1)
    lowest = np.argmin(np.where(over, at, np.inf), axis=1)
    top, low = (_broken(xs, a[chosen], slope[chosen]) for chosen in (highest, lowest))
    return Envelope(*top, *low)


def _broken(xs: Floats, start: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Breakpoints of a function that is a line in each interval; where it goes on without a jump, once."""
    x = np.stack([xs[:-1], xs[1:]], axis=1)
    y = start[:, 1, None] + slope[:, None] * (x - start[:, 0, None])
    x, y = x.ravel(), y.ravel()
    keep = np.ones(len(x), dtype=np.bool_)
    keep[2::2] = np.abs(y[2::2] - y[1:-1:2]) > 1e-6
    return x[keep], y[keep]


def clearance(lower: Envelope, upper: Envelope, offsets: Floats) -> Floats:
    """How far the second must stand above the first so that it is free of it, for each offset to the right.

    NONE where they do not face each other.
    """
    found = np.full(offsets.shape, NONE)
    near = (offsets < lower.end - upper.start) & (offsets > lower.start - upper.end)
    chosen = offsets[near][:, None]
    if not chosen.size:
        return found
    ours = np.concatenate([lower.top_x - _BESIDE, lower.top_x + _BESIDE])
    theirs = np.concatenate([upper.low_x - _BESIDE, upper.low_x + _BESIDE])
    x = np.concatenate([np.broadcast_to(ours, (len(chosen), len(ours))), theirs + chosen], axis=1)
    high = np.interp(x, lower.top_x, lower.top_y, left=NONE, right=NONE)
    low = np.interp(x - chosen, upper.low_x, upper.low_y, left=-NONE, right=-NONE)
    best = np.max(high - low, axis=1)
    found[near] = np.where(best > NONE / 2, best, NONE)
    return found
