"""A mark that comes back along a lane: the H-test for periodic events, harmonics included.

``Z2_m = (2/n) sum_k |sum exp(i k phi)|^2``, ``H = max_m (Z2_m - 4 m + 4)``, m <= 20, ``p ~ exp(-0.4 H)`` (de
Jager, Raubenheimer and Swanepoel 1989). A search for a single frequency reports a harmonic of a narrow mark;
this one does not. Events stand on a grid of cells, so what all tested cells would give is taken away, and
powers are measured by their neighbours in frequency, since clusters are no periods.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.learn.science import fft

Floats = NDArray[np.float64]
HARMONICS: Final = 20
LEAST_UM, MOST_UM = 60_000.0, 2_500_000.0
"""Circumferences that are looked for."""
_STEP_UM: Final = 4_000.0
_PAD: Final = 32
_SEGMENT_UM: Final = 240e6
_WINDOW: Final = 200
"""Independent frequencies of which the median is taken."""
_WORTH: Final = 1e-4
_RATE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Period:
    """A circumference in um, with H and its probability, corrected for all that was looked at in the lane."""

    circumference_um: float
    phase_um: float
    h: float
    p: float
    harmonics: int


def h_statistic(powers: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """H and its m from powers Z2 of single harmonics, shape (harmonics, ...)."""
    summed = np.cumsum(powers, axis=0)
    number = np.arange(1, len(powers) + 1).reshape(-1, *([1] * (powers.ndim - 1)))
    each = summed - 4 * number + 4
    return each.max(axis=0), each.argmax(axis=0) + 1


def find_period(y_um: Floats, failed: NDArray[np.bool_], cell_um: float) -> Period | None:
    """The most likely period of the failures of a lane, or None where there are too few.

    Args:
        y_um: place of each tested cell.
        failed: which of them failed.
        cell_um: length of a cell along the web: a mark anywhere on it makes it fail.
    """
    if not len(y_um):
        return None
    segments = max(1, math.ceil((float(y_um[-1]) - float(y_um[0])) / _SEGMENT_UM))
    parts = np.array_split(np.arange(len(y_um)), segments)
    return best_period(((y_um[part], failed[part]) for part in parts), cell_um)


def best_period(parts: Iterable[tuple[Floats, NDArray[np.bool_]]], cell_um: float) -> Period | None:
    """As :func:`find_period`, of a lane that comes in parts of at most 240 m."""
    best: Period | None = None
    count = 0
    for y_um, failed in parts:
        count += 1
        found = _in_segment(y_um, failed, cell_um) if len(y_um) else None
        if found is not None and (best is None or found.p < best.p):
            best = found
    return None if best is None else replace(best, p=min(1.0, best.p * count))


def at_phase(period: Period, failed_um: Floats, cell_um: float) -> Period:
    """A period with its phase where the failures of some cells have it."""
    return replace(period, phase_um=_phase(failed_um, period.circumference_um, cell_um))


def _in_segment(y_um: Floats, failed: NDArray[np.bool_], cell_um: float) -> Period | None:
    count, length = int(failed.sum()), float(y_um[-1] - y_um[0]) if len(y_um) else 0.0
    if count < 8 or count == len(failed) or length < 4 * LEAST_UM:
        return None
    # what all tested cells would give is taken away: their grid is no signature
    weight = np.asarray(failed - count / len(failed), dtype=np.float64)
    power, per_um = _spectrum(y_um, weight)
    first, last = math.ceil(1 / min(MOST_UM, length / 3) / per_um), int(1 / LEAST_UM / per_um)
    base = np.arange(first, last + 1)
    if not len(base):
        return None
    powers = np.zeros((HARMONICS, len(base)))
    for number in range(1, HARMONICS + 1):
        inside = base * number < len(power)
        powers[number - 1, inside] = power[base[inside] * number]
    h, m = h_statistic(powers)
    top = int(h.argmax())
    p = min(1.0, max(math.exp(-_RATE * float(h[top])) * len(base) / 2, 1e-300))
    frequency = float(base[top]) * per_um
    if p < _WORTH:
        frequency = _refined(y_um, weight, frequency, per_um, int(m[top]))
    circumference = 1 / frequency
    return Period(circumference, _phase(y_um[failed], circumference, cell_um), float(h[top]), p, int(m[top]))


def _spectrum(y_um: Floats, weight: Floats) -> tuple[Floats, float]:
    """Powers Z2 at frequencies so close together that the last harmonic is met too, and their distance in 1/um.

    They are over the median of their neighbours, where that is more than chance.
    """
    length = float(y_um[-1] - y_um[0])
    size = fft.next_fast_len(int(length / _STEP_UM + 1) * _PAD, real=True)
    grid = np.bincount(((y_um - y_um[0]) / _STEP_UM).astype(np.int64), weights=weight, minlength=size)
    power = np.abs(fft.rfft(grid, size)) ** 2 * 2 / float((weight**2).sum())
    wide = _WINDOW * _PAD
    pieces = np.array_split(power, max(1, len(power) // wide))
    middles = np.cumsum([len(piece) for piece in pieces]) - len(pieces[0]) / 2
    level = np.interp(np.arange(len(power)), middles, [float(np.median(piece)) for piece in pieces])
    return power / np.maximum(level / (2 * math.log(2)), 1.0), 1 / (size * _STEP_UM)


def _refined(y_um: Floats, weight: Floats, frequency: float, per_um: float, harmonics: int) -> float:
    """The frequency of the highest sum of powers around one, from the places of the cells themselves."""
    at = y_um - y_um[0]
    for reach in (1.0, 0.1):
        tried = frequency + np.linspace(-reach, reach, 21) * per_um
        phase = np.exp(2j * math.pi * np.outer(at, tried))
        turn, total = np.ones_like(phase), np.zeros(len(tried))
        for _ in range(harmonics):
            turn *= phase
            total += np.abs(weight @ turn) ** 2
        frequency = float(tried[int(total.argmax())])
    return frequency


def _phase(y_um: Floats, circumference_um: float, cell_um: float) -> float:
    """Where the mark is on the roll: the middle of the cell's length that holds most failures."""
    folded = np.sort(np.mod(y_um, circumference_um))
    turned = np.concatenate([folded, folded + circumference_um])
    counts = np.searchsorted(turned, folded + 1.1 * cell_um, side="right") - np.arange(len(folded))
    most = int(counts.argmax())
    inside = turned[most : most + int(counts[most])]
    return float((inside[0] + inside[-1]) / 2 % circumference_um)


def near_mark(y_um: Floats, period: Period, cell_um: float) -> NDArray[np.bool_]:
    """Which cells the mark can have touched: their centre is within half a cell, and a fifth for its width."""
    off = np.mod(y_um - period.phase_um + period.circumference_um / 2, period.circumference_um)
    found: NDArray[np.bool_] = np.abs(off - period.circumference_um / 2) <= 0.7 * cell_um
    return found
