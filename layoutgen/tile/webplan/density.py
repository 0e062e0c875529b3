"""Cells per area of web for thousands of cell sizes at once: bounds to prune with, and what simple lanes
reach.

Lengths in dbu; densities in cells per dbu^2 of web, full web width and gaps counted.
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.pack.points import Ints, best_fill_many
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.tile.webplan.rows import best_density, room_for
from layoutgen.tile.webplan.slit import strip_frames
from layoutgen.web.plan import Regime, WebFrame

Floats = NDArray[np.float64]

_ROUNDING = 1.0 + 1e-12


def density_bound(frame: WebFrame, lengths: Ints, widths: Ints) -> Floats:
    """Upper bound on the density of anything that `plan_web` can return, at any effort.

    ``lengths`` and ``widths`` are finished cell sizes of one shape; the result has that shape. Area bound
    over what sums of cell sides can reach: W* L* / (w l), with the best number of fields.
    """
    if frame.slits:
        return _over_strips(density_bound, frame, lengths, widths)
    u, v = _pitches(frame, lengths, widths)
    area = (u * v).astype(np.float64)
    if frame.regime is Regime.FREE:
        covered = _fill(frame, np.full_like(u, frame.usable - frame.kerf), u, v)
        return covered / area / frame.width * _ROUNDING
    if frame.regime is Regime.FIXED:
        repeat = frame.repeat_length or 0
        reach = _fill(frame, np.full_like(u, frame.usable - frame.kerf), u, v)
        along = _fill(frame, np.full_like(u, repeat - frame.field_gap - frame.kerf), v, u)
        count = np.floor(reach.astype(np.float64) * along / area * _ROUNDING)
        return count / (frame.width * repeat) * _ROUNDING
    overhead = frame.kerf + frame.field_gap
    along = _fill(frame, np.full_like(u, frame.field_length - frame.kerf), v, u)
    across = np.zeros_like(u)
    for fields in _field_numbers(frame, u, v):
        np.maximum(across, _row_fill(frame, fields, u, v), out=across)
    return across.astype(np.float64) * along / (area * np.maximum(along + overhead, 1)) / frame.width * _ROUNDING


def density_reached(frame: WebFrame, lengths: Ints, widths: Ints) -> Floats:
    """Density that plain lanes reach: a lower bound on what `plan_web` returns at any effort above QUICK.

    Fields of equal width in a row of the greatest length (FIELDS), one frame (FIXED), the optimum (FREE).
    """
    if frame.slits:
        return _over_strips(density_reached, frame, lengths, widths)
    if frame.regime is Regime.FREE:
        return density_bound(frame, lengths, widths) / _ROUNDING
    u, v = _pitches(frame, lengths, widths)
    if frame.regime is Regime.FIXED:
        repeat = frame.repeat_length or 0
        along = np.full_like(u, repeat - frame.field_gap - frame.kerf)
        count = _lanes(frame, np.full_like(u, frame.usable - frame.kerf), along, u, v)
        return count / (float(frame.width) * repeat)
    overhead = frame.kerf + frame.field_gap
    along = _fill(frame, np.full_like(u, frame.field_length - frame.kerf), v, u)
    widest = min(frame.field_width, frame.usable) - frame.kerf
    best = np.zeros(u.shape)
    for fields in _field_numbers(frame, u, v):
        number = np.maximum(fields, 1)
        reach = np.minimum((frame.usable + frame.field_gap - number * overhead) // number, widest)
        np.maximum(best, number * _lanes(frame, reach, along, u, v), out=best)
    return best / (np.maximum(along + overhead, 1).astype(np.float64) * frame.width)


def searched_density(
    frame: WebFrame, cell: tuple[int, int], at_least: float = 0.0, most_lengths: int | None = None
) -> float:
    """What `plan_web` reaches with plain 3-stage packings, for one finished cell ``(length, width)``.

    0 where that is not above ``at_least``: with the density to beat in hand, most cells cost next to nothing.
    Since a smaller cell fits every 3-stage packing of a larger one, this never falls as a cell shrinks, unless
    ``most_lengths`` bounds the number of repeat lengths that are looked at.
    """
    if frame.regime is Regime.FIELDS and frame.rotation_allowed:
        strips = [strip for _, strip in strip_frames(frame)] if frame.slits else [frame]
        rooms = [room_for(strip, cell) for strip in strips]
        return float(best_density(rooms, Fraction(at_least * frame.width), most_lengths)) / frame.width
    plan = plan_web(frame, cell)
    density = plan.cells_per_repeat / (frame.width * plan.repeat_length)
    return density if density > at_least else 0.0


def _over_strips(
    density: Callable[[WebFrame, Ints, Ints], Floats], frame: WebFrame, lengths: Ints, widths: Ints
) -> Floats:
    """A density on a slit web: strips share the repeat, so their cells add up. Strips of one width are alike."""
    found = np.zeros(np.shape(lengths))
    known: dict[WebFrame, Floats] = {}
    for _, strip in strip_frames(frame):
        if strip not in known:
            known[strip] = density(strip, lengths, widths) * (strip.width / frame.width)
        found += known[strip]
    return found


def _pitches(frame: WebFrame, lengths: Ints, widths: Ints) -> tuple[Ints, Ints]:
    u = np.asarray(lengths, dtype=np.int64) + frame.kerf
    v = np.asarray(widths, dtype=np.int64) + frame.kerf
    return u, v


def _fill(frame: WebFrame, limit: Ints, u: Ints, v: Ints) -> Ints:
    """Best sum of cell sides within the limit; multiples of the first side where cells must not turn."""
    if not frame.rotation_allowed:
        upright: Ints = np.maximum(limit, 0) // u * u
        return upright
    return best_fill_many(limit, u, v)


def _row_fill(frame: WebFrame, fields: Ints, u: Ints, v: Ints) -> Ints:
    total = frame.usable + frame.field_gap - fields * (frame.kerf + frame.field_gap)
    widest = _fill(frame, np.full_like(u, min(frame.field_width, frame.usable) - frame.kerf), u, v)
    row: Ints = np.minimum(_fill(frame, total, u, v), fields * widest)
    return row


def _field_numbers(frame: WebFrame, u: Ints, v: Ints) -> tuple[Ints, Ints]:
    """The two numbers of fields around the point where the field limit stops to bind: one of them is best,
    since the total reach falls with the number of fields and the sum of the widest fields grows with it.
    """
    widest = _fill(frame, np.full_like(u, min(frame.field_width, frame.usable) - frame.kerf), u, v)
    step = np.maximum(widest + frame.kerf + frame.field_gap, 1)
    enough = np.maximum(-(-(frame.usable + frame.field_gap) // step), 1)
    return enough, np.maximum(enough - 1, 0)


def _lanes(frame: WebFrame, reach: Ints, along: Ints, u: Ints, v: Ints) -> Ints:
    """Cells of the best lanes, along either axis, in frames ``reach x along``."""
    reach, along = np.maximum(reach, 0), np.maximum(along, 0)
    if not frame.rotation_allowed:
        count: Ints = (reach // u) * (along // v)
        return count
    best = np.zeros_like(u)
    for room, run, first, second in ((reach, along, u, v), (along, reach, v, u)):
        straight, turned = run // second, run // first
        for a in range(int(np.max(room // first, initial=0)) + 1):
            rest = room - a * first
            lanes = a * straight + np.maximum(rest, 0) // second * turned
            np.maximum(best, np.where(rest >= 0, lanes, 0), out=best)
    return best
