"""Rules of bins, bound to a web: which cells each hits, piece by piece, once statistics of the whole are known."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.histogram import Histogram
from layoutgen.lot.kit import value_in
from layoutgen.lot.lanes import LaneView, context_repeats, eighths, lane_views, residuals
from layoutgen.lot.table import BAD_SPECTRUM, DEFECT, DROPPED, NO_CONTACT, NULL, TESTER, WEB, Chunk, Column, Matrix
from layoutgen.lot.webmap import RepeatMap
from layoutgen.pdk.webtest import BinRule, WebTest

Hits = NDArray[np.bool_]
LEAK: Final = Column("leak_pa", "int32", "leak from two passes", "uA", 1e-6, nullable=True)
COLUMN_OF: Final = {
    "ocv": WEB.column("ocv_100uv"),
    "asr": WEB.column("asr_mohm_cm2"),
    "capacity": WEB.column("capacity_nah"),
    "contact": WEB.column("contact_mohm"),
    "temperature": WEB.column("temperature_cdegc"),
    "leak": LEAK,
}
READ_COLUMNS: Final = (
    "passes", "status", "ocv_100uv", "ocv_before_100uv", "rest_s", "asr_mohm_cm2", "capacity_nah", "contact_mohm",
    "temperature_cdegc",
)  # fmt: skip
GOOD, NOT_TESTED = 1, 0
_RESIDUAL_RANGE: Final = 1 << 19


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its place among the bits of hits."""

    name: str
    bit: int
    rule: BinRule

    @property
    def reading(self) -> str:
        return self.rule.of or ""

    @property
    def enabled(self) -> bool:
        return self.rule.enabled

    @property
    def statistical(self) -> bool:
        return self.rule.kind in {"part-average", "neighbour", "neighbourhood"}


def rules_of(test: WebTest) -> tuple[Rule, ...]:
    """The rules in the order in which they count."""
    ordered = sorted(test.rules.items(), key=lambda item: item[1].bin)
    return tuple(Rule(name, bit, rule) for bit, (name, rule) in enumerate(ordered))


@dataclass
class Limits:
    """Statistical limits of a rule, in ticks; residuals in eighths of a tick. What was found stands beside it."""

    low: float
    high: float
    centre: float
    sigma: float
    n: int


@dataclass
class Statistics:
    """What is known of a web after one look at it; parts of a web are merged."""

    values: dict[str, Histogram]
    residuals: dict[str, Histogram]
    present: set[str] = field(default_factory=set)
    """Readings of which the web has any."""

    def merge(self, other: "Statistics") -> None:
        for mine, theirs in ((self.values, other.values), (self.residuals, other.residuals)):
            for name, histogram in theirs.items():
                mine[name].merge(histogram)
        self.present |= other.present


class Judge:
    """Applies rules to pieces of a web."""

    def __init__(self, test: WebTest, cells: RepeatMap, dead_cells: Iterable[int] = ()) -> None:
        self.test, self.map = test, cells
        self.rules = rules_of(test)
        self.views: tuple[LaneView, ...] = lane_views(cells)
        self.dead = np.zeros(cells.cells, dtype=bool)
        self.dead[list(dead_cells)] = True
        widest = max((_even(rule.rule) for rule in self.rules if rule.rule.neighbours), default=0)
        self.context = max(context_repeats(cells, widest), 1) if widest else 0

    def empty(self) -> Statistics:
        """Statistics of nothing, with the ranges of the kit's readings."""
        values = {}
        for name, column in COLUMN_OF.items():
            limits = self.test.readings.get(name)  # type: ignore[call-overload]
            ends = (value_in(limits.low, name), value_in(limits.high, name)) if limits else (-1000.0, 1000.0)
            if name == "capacity":
                # finer than the range of an instrument: the trays are cut here
                ends = (ends[0], min(ends[1], 3 * self.map.nominal_mah))
            low, high = (int(np.clip(end / column.tick, -(2**31) + 2, 2**31 - 1)) for end in ends)
            values[name] = Histogram(low, high)
        neighbour = [rule.name for rule in self.rules if rule.rule.kind == "neighbour"]
        ranges = {name: Histogram(-_RESIDUAL_RANGE, _RESIDUAL_RANGE) for name in neighbour}
        return Statistics(values, ranges)

    def look(self, chunk: Chunk, found: Statistics) -> None:
        """Add a piece to the statistics: of cells that no static rule that bins has hit."""
        readings = self.readings(chunk)
        alive = self.alive(chunk, readings)
        sound = alive.copy()
        for rule in self.rules:
            if rule.enabled and not rule.statistical:
                sound &= ~self._static(rule, chunk, readings)
        for name, values in readings.items():
            there = chunk.own(sound & (values != NULL))
            if (chunk.own(values) != NULL).any():
                found.present.add(name)
            found.values[name].add(chunk.own(values)[there])
        for rule in self.rules:
            if rule.rule.kind == "neighbour":
                values = readings[rule.reading]
                residual, judged = residuals(self.views, values, alive & (values != NULL), _even(rule.rule))
                found.residuals[rule.name].add(chunk.own(residual)[chunk.own(judged & sound)])

    def limits(self, found: Statistics) -> dict[str, Limits]:
        """The limits of the statistical rules."""
        limits = {}
        for rule in self.rules:
            if rule.rule.kind == "part-average":
                limits[rule.name] = _limits(rule.rule, found.values[rule.reading])
            elif rule.rule.kind == "neighbour":
                limits[rule.name] = _limits(rule.rule, found.residuals[rule.name])
        return limits

    def hits(
        self, chunk: Chunk, limits: Mapping[str, Limits], present: set[str]
    ) -> tuple[NDArray[np.uint32], NDArray[np.bool_], dict[str, Matrix]]:
        """Bits of the rules that hit, which cells were not tested, and the readings; the chunk's own repeats."""
        readings = self.readings(chunk)
        alive = self.alive(chunk, readings)
        untested = self._untested(chunk, readings, present)
        bits = np.zeros(alive.shape, dtype=np.uint32)
        failed = np.zeros(alive.shape, dtype=bool)
        for rule in self.rules:
            if rule.rule.kind == "neighbourhood":
                hit = self._around(failed) >= math.ceil(rule.rule.k.value) if rule.rule.k else failed
            elif rule.statistical:
                hit = self._statistical(rule, readings, alive, limits[rule.name])
            else:
                hit = self._static(rule, chunk, readings)
            hit = hit & (chunk.data["passes"] > 0)
            bits[hit] |= np.uint32(1 << rule.bit)
            if rule.enabled:
                failed |= hit
        own = {name: chunk.own(values) for name, values in readings.items()}
        return chunk.own(bits), chunk.own(untested), own

    def readings(self, chunk: Chunk) -> dict[str, Matrix]:
        """What rules judge, by name, the leak worked out from two passes."""
        data = chunk.data
        found = {name: data[column.name] for name, column in COLUMN_OF.items() if column.name in data}
        found["leak"] = leak_pa(
            data["ocv_before_100uv"], data["ocv_100uv"], data["rest_s"], self.leak_pa_per_tick_s, self.least_rest_s
        )
        return found

    @property
    def leak_pa_per_tick_s(self) -> float:
        """``I = C (V1 - V2) / (t2 - t1)``: uF x 100 uV / s is 100 pA."""
        return self.test.estimate.differential_capacitance.value * self.map.area_cm2 * 100.0

    @property
    def least_rest_s(self) -> float:
        """Shortest time between two voltages that give a leak."""
        return self.test.estimate.rest.value if self.test.estimate.rest else 0.0

    def alive(self, chunk: Chunk, readings: Mapping[str, Matrix]) -> NDArray[np.bool_]:
        """Read, touched, and hit by no hard rule."""
        alive: Hits = np.asarray((chunk.data["passes"] > 0) & ((chunk.data["status"] & NO_CONTACT) == 0))
        for rule in self.rules:
            if rule.rule.hard:
                alive &= ~self._static(rule, chunk, readings)
        found: Hits = alive
        return found

    def seen(self, readings: Mapping[str, Matrix]) -> NDArray[np.bool_]:
        """Where every hard rule had a reading to judge."""
        found: NDArray[np.bool_] = np.ones(next(iter(readings.values())).shape, dtype=bool)
        for name in {rule.reading for rule in self.rules if rule.rule.hard and rule.reading}:
            found = found & (readings[name] != NULL)
        return found

    def _static(self, rule: Rule, chunk: Chunk, readings: Mapping[str, Matrix]) -> Hits:
        kind = rule.rule.kind
        status = chunk.data["status"]
        if kind == "limit":
            return _outside(rule.rule, readings[rule.reading], rule.reading, self.map.area_cm2)
        if kind == "zone":
            return np.broadcast_to(self.dead, status.shape)
        bit = {"contact": NO_CONTACT, "spectrum": BAD_SPECTRUM, "defect": DEFECT, "tester": TESTER}[kind]
        hit: Hits = (status & bit) > 0
        return hit

    def _statistical(
        self, rule: Rule, readings: Mapping[str, Matrix], alive: NDArray[np.bool_], limits: Limits
    ) -> Hits:
        values = readings[rule.reading]
        there = alive & (values != NULL)
        if rule.rule.kind == "neighbour":
            values, there = residuals(self.views, values, there, _even(rule.rule))
        hit: Hits = there & ((values < limits.low) | (values > limits.high))
        return hit

    def _around(self, failed: NDArray[np.bool_]) -> NDArray[np.int32]:
        """How many of the cells around each failed, in its block."""
        padded = np.concatenate([failed, np.zeros((len(failed), 1), dtype=bool)], axis=1)
        count = np.zeros(failed.shape, dtype=np.int32)
        for side in self.map.around.T:
            count += padded[:, side]
        return count

    def _untested(self, chunk: Chunk, readings: Mapping[str, Matrix], present: set[str]) -> NDArray[np.bool_]:
        """Not read at all; or touched, but a reading that a limit asks for is missing or was dropped."""
        read, status = chunk.data["passes"] > 0, chunk.data["status"]
        missing = (status & DROPPED) > 0
        for rule in self.rules:
            asked = rule.enabled and rule.rule.kind == "limit" and rule.reading != "leak"
            if asked and rule.reading in present:
                missing = missing | (readings[rule.reading] == NULL)
        untested: NDArray[np.bool_] = ~read | (missing & ((status & NO_CONTACT) == 0))
        return untested


class CodeOfHits:
    """From bits of hits to the code of the first rule that bins."""

    def __init__(self, judge: Judge) -> None:
        self.order = [(rule.bit, rule.rule.bin) for rule in judge.rules if rule.enabled]

    def code(self, pattern: int) -> int:
        """The code of a tested cell."""
        return next((code for bit, code in self.order if pattern >> bit & 1), GOOD)

    def __call__(
        self, hits: NDArray[np.uint32], untested: NDArray[np.bool_], patterns: Counter[int]
    ) -> NDArray[np.uint8]:
        """Codes of a piece; the patterns are counted."""
        codes = np.full(hits.shape, GOOD, dtype=np.uint8)
        hit = hits > 0
        found, which, count = np.unique(hits[hit], return_inverse=True, return_counts=True)
        codes[hit] = np.array([self.code(int(pattern)) for pattern in found], dtype=np.uint8)[which]
        # a cell that a rule hit was seen, even where another reading of it is missing
        gone = untested & (codes == GOOD)
        codes[gone] = NOT_TESTED
        for pattern, number in zip(found.tolist(), count.tolist(), strict=True):
            patterns[pattern] += number
        patterns[0] += int(hits.size - hit.sum() - (gone & ~hit).sum())
        lost, number = np.unique(hits[gone & hit], return_counts=True)
        for pattern, taken in zip(lost.tolist(), number.tolist(), strict=True):
            patterns[pattern] -= taken
        return codes


def leak_pa(
    before: Matrix, after: Matrix, rest_s: Matrix, pa_per_tick_s: float, least_s: float = 0.0
) -> NDArray[np.int32]:
    """The leak of each cell in pA; NULL where there were no two passes so far apart."""
    there = (before != NULL) & (after != NULL) & (rest_s != NULL) & (rest_s > 0) & (rest_s >= least_s)
    if not there.any():
        return np.full(before.shape, NULL, dtype=np.int32)
    with np.errstate(divide="ignore", invalid="ignore"):
        drop = before.astype(np.float64) - after
        leak = np.rint(pa_per_tick_s * drop / rest_s)
    return np.where(there & (np.abs(leak) < 2**31), leak, NULL).astype(np.int32)


def limit_ticks(rule: BinRule, reading: str, area_cm2: float = 1.0) -> tuple[float, float]:
    """The static limits of a rule in ticks of its reading, for a cell of so much area; infinite where none."""
    tick = COLUMN_OF[reading].tick
    low = value_in(rule.low, reading, area_cm2) / tick if rule.low else -math.inf
    high = value_in(rule.high, reading, area_cm2) / tick if rule.high else math.inf
    # a limit that is a whole number of ticks must not move by the rounding of a division
    return _settled(low), _settled(high)


def _settled(ticks: float) -> float:
    return float(round(ticks)) if math.isfinite(ticks) and abs(ticks - round(ticks)) < 1e-6 else ticks


def _outside(rule: BinRule, values: Matrix, reading: str, area_cm2: float) -> Hits:
    low, high = limit_ticks(rule, reading, area_cm2)
    hit: Hits = values != NULL
    hit &= (values < low) | (values > high)
    return hit


def _limits(rule: BinRule, histogram: Histogram) -> Limits:
    centre, sigma = histogram.robust
    reach = (rule.k.value if rule.k else 0.0) * sigma
    low = centre - reach if rule.side in {"both", "low"} else -math.inf
    high = centre + reach if rule.side in {"both", "high"} else math.inf
    if histogram.n < 8 or sigma <= 0:
        low, high = -math.inf, math.inf
    return Limits(low, high, centre, sigma, histogram.n)


def _even(rule: BinRule) -> int:
    return 2 * round((rule.neighbours.value if rule.neighbours else 0.0) / 2)


__all__ = ["COLUMN_OF", "READ_COLUMNS", "Judge", "Limits", "Rule", "Statistics", "eighths", "leak_pa", "rules_of"]
