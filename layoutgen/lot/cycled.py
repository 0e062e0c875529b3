"""What a sample of cycled cells says of the readings of a lot: which capacity they foretell, and how well.

Capacities of n cells that were cycled are fitted by least squares to what the test read of them: a charge of a few
minutes (``capacity``), the resistance (``asr``, by its logarithm), a thickness. The multiple correlation R of
readings and capacity is as uncertain as n is small; estimates are shrunk, and errors stated, by the lower end of
its 95 % interval (Fisher, Metron 1 (1921) 3; for p readings with n - p - 2 for n - 3, and R corrected for the
readings beyond the first: Ezekiel, Methods of Correlation Analysis, 1930).
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import Input, InputError, Problem
from layoutgen.lot.estimate import Estimates, Estimator, KitEstimator, trays_of
from layoutgen.lot.folder import WebFolder
from layoutgen.lot.histogram import Histogram
from layoutgen.lot.reading.beside import Cycled, Thickness
from layoutgen.lot.rules import GOOD, READ_COLUMNS, CodeOfHits, Judge, Statistics
from layoutgen.lot.table import NULL, Matrix
from layoutgen.sizing.assembly import correlation_interval

SOURCES: Final = ("capacity", "asr", "thickness")
FEWEST: Final = 8
"""Cycled cells below which no correlation is worth its name."""
_FAR: Final = 4.0
_SAME: Final = 1e-4
"""Capacities that agree to so much, of every other cell, are one measurement and no two."""
Values = NDArray[np.float64]
Advance = Callable[[int], object]


@dataclass(frozen=True)
class Asked:
    """What is known beside the readings of the web, and what estimates are made of; None: all that there is."""

    cycled: Cycled | None = None
    thickness: Thickness | None = None
    sources: tuple[str, ...] | None = None


NOTHING: Final = Asked()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Cycled cells that say nothing: those that are not good, and good ones that lack a reading, by reading."""

    not_good: int
    lacking: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Fit:
    """Capacity as ``mean + sum slope (reading - centre)`` over n cycled cells; nAh, nAh per unit of the reading.

    ``correlation`` is that of capacity and fit, with its 95 % ``interval``; ``sigma_nah`` the spread of capacity.
    """

    sources: tuple[str, ...]
    cells: int
    mean_nah: float
    sigma_nah: float
    centre: Values
    slopes: Values
    correlation: float
    interval: tuple[float, float]

    @property
    def error_nah(self) -> float:
        """Standard error of the estimate of a cell, ``s sqrt(1 - r^2)`` with the lower end of r."""
        return self.sigma_nah * math.sqrt(1 - self.interval[0] ** 2)

    @property
    def lot_error_nah(self) -> float:
        """Standard error that all cells of the lot share: that of the mean of the cycled ones."""
        return self.error_nah / math.sqrt(self.cells)

    def estimates(self, readings: Mapping[str, Values]) -> Values:
        """Shrunk estimates in nAh; NaN where a reading is missing."""
        shrunk = self.interval[0] / self.correlation if self.correlation > 0 else 0.0
        found = np.full(next(iter(readings.values())).shape, self.mean_nah)
        for source, centre, slope in zip(self.sources, self.centre, self.slopes, strict=True):
            found = found + shrunk * slope * (readings[source] - centre)
        return found

    def record(self) -> dict[str, Any]:
        """The fit as JSON."""
        return {
            "of": list(self.sources),
            "correlation": round(self.interval[0], 12),
            "correlation_found": round(self.correlation, 12),
            "correlation_interval": [round(end, 12) for end in self.interval],
            "error_nah": round(self.error_nah),
            "lot_error_nah": round(self.lot_error_nah),
        }


def fit(sources: Sequence[str], readings: Values, capacity_nah: Values) -> Fit:
    """Least squares of capacities on readings.

    Args:
        sources: names of the readings, p of them; none gives the mean.
        readings: shape (n, p), finite.
        capacity_nah: shape (n,), n at least p + 4.
    """
    cells, number = readings.shape
    mean, sigma = float(capacity_nah.mean()), float(capacity_nah.std(ddof=1))
    centre = readings.mean(axis=0) if number else np.empty(0)
    spread = readings.std(axis=0) if number else np.empty(0)
    varies = spread > 1e-12 * np.maximum(np.abs(centre), 1e-300)
    scaled = np.where(varies, (readings - centre) / np.where(varies, spread, 1.0), 0.0)
    weights = np.linalg.lstsq(scaled, capacity_nah - mean, rcond=None)[0] if number else np.empty(0)
    left = float(((capacity_nah - mean - scaled @ weights) ** 2).sum())
    whole = float(((capacity_nah - mean) ** 2).sum())
    free = cells - number - 1
    share = 1.0 - left / whole * (cells - 2) / free if number and whole > 0 else 0.0
    correlation = math.sqrt(min(max(share, 0.0), 1.0))
    interval = correlation_interval(correlation, cells - max(number - 1, 0)) if number else (0.0, 0.0)
    return Fit(
        tuple(sources), cells, mean, sigma, centre, np.where(varies, weights / np.where(varies, spread, 1.0), 0.0),
        correlation, interval,
    )  # fmt: skip


def predictors(
    sources: Sequence[str], readings: Mapping[str, Matrix], thickness: Values | None
) -> dict[str, Values]:
    """What capacities are fitted to, by source, NaN where it was not read: nAh, ln of mohm cm2, um."""
    found = {}
    for source in sources:
        if source == "thickness":
            found[source] = np.full(readings["ocv"].shape, np.nan) if thickness is None else thickness
            continue
        values = readings[source].astype(np.float64)
        there = (readings[source] != NULL) & (values > 0)
        plain = np.where(there, values, np.nan)
        found[source] = np.log(plain) if source == "asr" else plain
    return found


class CycledEstimator(Estimator):
    """Estimates of a lot of which some cells were cycled."""

    def __init__(self, made: Fit, alone: Sequence[Fit], asked: Asked, trays: int, left_out: "LeftOut") -> None:
        self.fit, self.alone, self.left_out = made, tuple(alone), left_out
        self.cycled, self.thickness = asked.cycled, asked.thickness
        self.readings = True
        self.trays = trays if made.sources else 1
        self.edges = np.array([])
        self.off: dict[str, float] = {}

    def of(self, readings: Mapping[str, Matrix], first_row: int) -> Estimates:
        found = self.raw(self.predicted(readings, first_row), readings["ocv"].shape)
        known = np.isfinite(found)
        capacity = np.where(known, np.rint(found), round(self.fit.mean_nah)).astype(np.int32)
        error = np.where(known, round(self.fit.error_nah), round(self.fit.sigma_nah)).astype(np.int32)
        return Estimates(capacity, error, trays_of(self.edges, capacity))

    def predicted(self, readings: Mapping[str, Matrix], first_row: int) -> dict[str, Values]:
        """What capacities are fitted to, of repeats from the ``first_row``-th of the web on."""
        asked = self.thickness if "thickness" in self.fit.sources else None
        thickness = None if asked is None else asked.at(first_row, len(readings["ocv"]))
        return predictors(self.fit.sources, readings, thickness)

    def raw(self, predicted: Mapping[str, Values], shape: tuple[int, ...]) -> Values:
        """Estimates in nAh, NaN where a reading is missing."""
        return self.fit.estimates(predicted or {"": np.empty(shape)})

    def record(self) -> dict[str, Any]:
        assert self.cycled is not None
        return {
            "readings": True,
            **self.fit.record(),
            "lot_mean_nah": round(self.fit.mean_nah),
            "sigma_cell_nah": round(self.fit.sigma_nah),
            "cycled": {
                "file": self.cycled.file,
                "cells": self.fit.cells,
                "elsewhere": self.cycled.elsewhere,
                "not_good": self.left_out.not_good,
                "lacking": dict(self.left_out.lacking),
                "alone": [made.record() for made in self.alone],
                "off_the_lot": {name: round(value, 6) for name, value in self.off.items()},
            },
        }


def estimator_of(web: WebFolder, judge: Judge, statistics: Statistics, asked: Asked, advance: Advance) -> Estimator:
    """How capacities of a web are estimated: by its cycled cells where there are any, else as the kit has it.

    Raises:
        InputError: a source was asked for that nobody read, or too few good cells were cycled.
    """
    if asked.cycled is None:
        _require_cycling(asked)
        return KitEstimator(web.map, web.solution.loaded.pdk, statistics)
    sources = _sources(asked, statistics)
    read, capacity, not_good = _cycled_cells(web, judge, statistics, asked, sources, advance)
    lacking = dict(zip(sources, (~np.isfinite(read)).sum(axis=0).tolist(), strict=True))
    whole = np.isfinite(read).all(axis=1)
    if whole.sum() < max(FEWEST, len(sources) + 4):
        what = f"of {len(read)} cycled cells that are good {int(whole.sum())} can be fitted"
        if len(read):
            what += "".join(f", {count} lack {name}" for name, count in lacking.items() if count)
        raise InputError(Problem(what, asked.cycled.file, f"at least {max(FEWEST, len(sources) + 4)} good cells"))
    left_out = LeftOut(not_good, {name: count for name, count in lacking.items() if count})
    read, capacity = read[whole], capacity[whole]
    if "capacity" in sources:
        _require_cycled(read[:, sources.index("capacity")], capacity, asked.cycled.file)
    if float(capacity.std()) == 0:
        raise InputError(Problem("all cycled cells have one capacity", asked.cycled.file, "capacities as cycled"))
    made = fit(sources, read, capacity)
    single = [(name,) for name in sources] if len(sources) > 1 else []
    alone = [fit(one, read[:, [sources.index(one[0])]], capacity) for one in single]
    if sources:
        alone.append(fit((), read[:, :0], capacity))
    found = CycledEstimator(
        made, alone, asked, min(255, int(web.solution.loaded.pdk.assembly.trays.value)), left_out
    )
    _look(web, judge, statistics, found, advance)
    return found


def _require_cycling(asked: Asked) -> None:
    named = next((name for name in asked.sources or () if name != "capacity"), None)
    if asked.thickness is not None or named is not None:
        what = f"{named or 'thickness'} alone tells no capacity: cells must be cycled to know what it foretells"
        raise InputError(Problem(what, Input("estimate" if named else "thickness"), remedy=Input("cycled", "FILE")))


def _require_cycled(read: Values, cycled: Values, file: str) -> None:
    """Refuse capacities that the test read itself: they foretell themselves without an error."""
    same = int((np.abs(read - cycled) <= np.maximum(1.0, _SAME * cycled)).sum())
    if 2 * same > len(cycled):
        what = f"{same} of {len(cycled)} cells were cycled to the very capacity that the test read of them"
        allowed = "cycled cells in one file, readings in others"
        remedy = "a web that was read without " + file + ", if these cells were cycled"
        raise InputError(Problem(what, file, allowed, remedy))


def _sources(asked: Asked, statistics: Statistics) -> tuple[str, ...]:
    there = statistics.present | ({"thickness"} if asked.thickness is not None else set())
    present = [name for name in SOURCES if name in there]
    if asked.sources is None:
        return tuple(present)
    missing = next((name for name in asked.sources if name not in present), None)
    if missing is not None:
        remedy = Input("thickness", "FILE") if missing == "thickness" else ""
        allowed = ", ".join([*present, "none"])
        raise InputError(Problem(f"nobody read {missing} of this web", Input("estimate"), allowed, remedy))
    return tuple(name for name in SOURCES if name in asked.sources)


def _cycled_cells(
    web: WebFolder, judge: Judge, statistics: Statistics, asked: Asked, sources: Sequence[str], advance: Advance
) -> tuple[Values, Values, int]:
    """Readings (n, p), NaN where there is none, and capacities (n,) of the good ones; how many are not good."""
    assert asked.cycled is not None
    limits, codes_of = judge.limits(statistics), CodeOfHits(judge)
    cells, first = web.table.about.cells, web.table.about.first_repeat
    read, capacity, not_good = [np.empty((0, len(sources)))], [np.empty(0)], 0
    for chunk in web.table.chunks(READ_COLUMNS, judge.context):
        hits, untested, readings = judge.hits(chunk, limits, statistics.present)
        good = (codes_of(hits, untested, Counter()) == GOOD).ravel()
        start = chunk.first + chunk.before - first
        low, high = np.searchsorted(asked.cycled.index, [start * cells, start * cells + good.size])
        here = asked.cycled.index[low:high] - start * cells
        thickness = None
        if "thickness" in sources and asked.thickness is not None:
            thickness = asked.thickness.at(start, len(hits))
        values = predictors(sources, readings, thickness)
        rows = np.stack([values[name].ravel()[here] for name in sources], axis=1) if sources else None
        read.append((np.empty((len(here), 0)) if rows is None else rows)[good[here]])
        capacity.append(asked.cycled.capacity_nah[low:high][good[here]].astype(np.float64))
        not_good += int((~good[here]).sum())
        advance(len(hits))
    return np.concatenate(read), np.concatenate(capacity), not_good


def _look(web: WebFolder, judge: Judge, statistics: Statistics, found: CycledEstimator, advance: Advance) -> None:
    """Cut trays of equal count of the estimates of good cells; say how far off the lot the cycled cells lie."""
    fit_, limits, codes_of = found.fit, judge.limits(statistics), CodeOfHits(judge)
    wide = 12 * fit_.sigma_nah + 1
    counted = Histogram(math.floor(fit_.mean_nah - wide), math.ceil(fit_.mean_nah + wide))
    sums = np.zeros((3, len(fit_.sources)))
    for chunk in web.table.chunks(READ_COLUMNS, judge.context):
        hits, untested, readings = judge.hits(chunk, limits, statistics.present)
        good = codes_of(hits, untested, Counter()) == GOOD
        first_row = chunk.first + chunk.before - web.table.about.first_repeat
        values = found.predicted(readings, first_row)
        estimates = found.raw(values, hits.shape)
        estimates = np.where(np.isfinite(estimates), estimates, fit_.mean_nah)
        counted.add(np.rint(estimates[good]).astype(np.int64))
        for number, name in enumerate(fit_.sources):
            x = values[name][good] - fit_.centre[number]
            x = x[np.isfinite(x)]
            sums[:, number] += [len(x), x.sum(), (x * x).sum()]
        advance(len(hits))
    found.edges = np.array(counted.quantiles([number / found.trays for number in range(1, found.trays)]))
    for number, name in enumerate(fit_.sources):
        n, total, square = sums[:, number]
        if n > 1 and square > 0:
            sigma = math.sqrt(max(square / n - (total / n) ** 2, 0.0))
            found.off[name] = -total / n / (sigma / math.sqrt(fit_.cells)) if sigma > 0 else 0.0


def far_off(record: Mapping[str, Any]) -> list[str]:
    """Readings in which the cycled cells are no fair sample of their lot: 4 standard errors off its mean."""
    cycled = record.get("cycled") or {}
    return [name for name, value in cycled.get("off_the_lot", {}).items() if abs(value) > _FAR]


def estimate_told(record: Mapping[str, Any]) -> list[str]:
    """How capacities were estimated and how well each reading does alone, a line each, of what bins.json holds."""
    names, cycled, error = ", ".join(record["of"]), record["cycled"], f"error {_uah(record['error_nah'])} a cell"
    if cycled is None and not names:
        return ["nobody read a capacity: each cell counts with the nominal one"]
    if cycled is None:
        return [f"{names}, r at least {record['correlation_interval'][0]:.2f}, as the process states it; {error}"]
    known = _known(record) if names else f"{error}, {_uah(record['lot_error_nah'])} the lot"
    lines = [f"{names or 'the mean'} of {cycled['cells']} cycled cells: {known}"]
    for item in cycled["alone"]:
        name = item["of"][0] if item["of"] else "the mean"
        lines.append(
            f"{name} alone: {_known(item) if item['of'] else 'error ' + _uah(item['error_nah']) + ' a cell'}"
        )
    left_out = [f"{count} have no {name}" for name, count in cycled["lacking"].items()]
    if cycled["not_good"]:
        left_out.insert(0, f"{cycled['not_good']} are not good")
    if left_out:
        lines.append(f"left out of the cycled cells: {', '.join(left_out)}")
    if cycled["elsewhere"]:
        lines.append(f"{cycled['elsewhere']} rows of {cycled['file']} are of no cell of this web")
    return lines + [
        f"the cycled cells are no fair sample: their {name} lies "
        f"{abs(cycled['off_the_lot'][name]):.1f} standard errors off the lot's"
        for name in far_off(record)
    ]


def _known(item: Mapping[str, Any]) -> str:
    lower, upper = item["correlation_interval"]
    error = f"error {_uah(item['error_nah'])} a cell, {_uah(item['lot_error_nah'])} the lot"
    return f"r {item['correlation_found']:.2f}, 95 % within {lower:.2f} .. {upper:.2f}; {error}"


def _uah(nah: int) -> str:
    return f"{nah / 1000:.3g} uAh"
