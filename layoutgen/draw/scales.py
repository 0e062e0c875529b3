"""Non-linear scales of schematic views: every interval is shown, none to scale, order kept."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schematic:
    """A piecewise linear map from true positions to paper; outside its range it goes on with the nearest slope."""

    stops: tuple[float, ...]
    paper: tuple[float, ...]

    def at(self, value: float) -> float:
        index = min(max(bisect_right(self.stops, value) - 1, 0), len(self.stops) - 2)
        a, b = self.stops[index], self.stops[index + 1]
        pa, pb = self.paper[index], self.paper[index + 1]
        return pa + (value - a) / (b - a) * (pb - pa)


def schematic(stops: Iterable[float], start_mm: float, sizes_mm: Sequence[float]) -> Schematic:
    """Map rising stops to paper from ``start_mm``, one size an interval."""
    places = [start_mm]
    for size in sizes_mm:
        places.append(places[-1] + size)
    return Schematic(tuple(stops), tuple(places))


def log_sizes(lengths: Sequence[float], smallest: float, total_mm: float, least_mm: float) -> list[float]:
    """Sizes on paper, ``total_mm`` in all: ``least_mm`` and a share that grows with the logarithm of the length."""
    shares = [math.log10(1.0 + length / smallest) for length in lengths]
    spare = max(total_mm - least_mm * len(lengths), 0.0)
    whole = sum(shares)
    return [least_mm + spare * share / whole for share in shares] if whole else [least_mm for _ in lengths]


def merged(values: Iterable[float], tolerance: float) -> list[float]:
    """Rising values, those within ``tolerance`` of the one before left out."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > tolerance:
            found.append(value)
    return found
