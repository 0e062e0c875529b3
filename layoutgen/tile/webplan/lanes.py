"""Lanes on a web that moves continuously: two widths across, two pitches along."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from layoutgen.tile.pack.points import distinct


@dataclass(frozen=True, slots=True)
class FreeLanes:
    """``straight`` lanes u wide with pitch v, ``turned`` lanes v wide with pitch u, and a repeat for files.

    The continuous web holds ``straight / v + turned / u`` cells per length. Two pitches seldom have a short
    common multiple, so a file's repeat can hold slightly less: at most one cell of each lane is cut at its
    end.
    """

    straight: int
    turned: int
    repeat: int
    cells_per_length: Fraction


def free_lanes(reach: int, u: int, v: int, *, rotation_allowed: bool, max_repeat: int) -> FreeLanes | None:
    """The lanes on an inflated width ``reach`` and the repeat that together hold most cells per length, or None
    where nothing fits.

    Any line across the web meets disjoint cells whose widths sum to at most the best fill of u and v, and lanes
    that cover exactly that much are optimal on an endless web. A repeat up to ``max_repeat`` (or one cell, if that
    is longer) cuts cells off, and other lanes can lose fewer. Of equal repeats the shortest, of equal lanes those
    that cover most. Smaller cells never hold less.
    """
    straight = np.arange(max(reach, 0) // u + 1)
    turned = (max(reach, 0) - straight * u) // v
    if not rotation_allowed:
        straight, turned = straight[-1:], np.zeros(1, dtype=np.int64)
    if not straight[-1] and not turned[0]:
        return None
    pitches = [v, u] if turned.any() else [v]
    longest = max(max_repeat, *pitches)
    repeats = distinct(np.sort(np.concatenate([np.arange(pitch, longest + 1, pitch) for pitch in pitches])))
    counts = np.outer(repeats // v, straight) + np.outer(repeats // u, turned)
    most = counts.max(axis=1).tolist()
    row = max(range(len(most)), key=lambda k: (Fraction(most[k], int(repeats[k])), -k))
    among = np.flatnonzero(counts[row] == most[row])
    best = among[np.argmax(straight[among] * u + turned[among] * v)]
    a, b = int(straight[best]), int(turned[best])
    return FreeLanes(a, b, int(repeats[row]), Fraction(a, v) + Fraction(b, u))


def lanes_of(straight: int, turned: int, u: int, v: int, max_repeat: int) -> FreeLanes:
    """So many lanes of each kind, at least one, with the repeat at which the fewest cells are lost."""
    ends = {v * k for k in range(1, max_repeat // v + 1)} if straight else set()
    if turned:
        ends |= {u * k for k in range(1, max_repeat // u + 1)}
    if straight and turned:
        ends.add(max(u, v))
    repeats = sorted(ends) or [v if straight else u]
    repeat = max(repeats, key=lambda r: (Fraction(straight * (r // v) + turned * (r // u), r), -r))
    return FreeLanes(straight, turned, repeat, Fraction(straight, v) + Fraction(turned, u))


def best_lanes(reach: int, u: int, v: int, *, rotation_allowed: bool) -> tuple[int, int]:
    """How many lanes u and v wide fill most of an inflated width."""
    if reach < 0:
        return 0, 0
    if not rotation_allowed:
        return reach // u, 0
    choices = [(a, (reach - a * u) // v) for a in range(reach // u + 1)]
    return max(choices, key=lambda lanes: (lanes[0] * u + lanes[1] * v, -lanes[1]))
