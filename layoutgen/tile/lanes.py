"""Lanes on a web that moves continuously: two widths across, two pitches along."""

from dataclasses import dataclass
from fractions import Fraction


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
    """The best lanes on an inflated width ``reach``, or None where nothing fits.

    Any line across the web meets disjoint cells whose widths sum to at most the best fill of u and v, and
    these lanes cover exactly that much: they are optimal. The repeat is the length up to ``max_repeat`` (or
    one cell, if that is longer) at which the fewest cells are lost; of equal ones the shortest.
    """
    straight, turned = best_lanes(reach, u, v, rotation_allowed=rotation_allowed)
    if not straight and not turned:
        return None
    return lanes_of(straight, turned, u, v, max_repeat)


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
