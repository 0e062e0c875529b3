"""Binning a web: one look for its statistics, a second one for the bins; whatever its length, a piece at a time."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.bin_map import BinDefinition, bin_map_lines
from layoutgen.lot.cycled import NOTHING, Asked, estimator_of
from layoutgen.lot.estimate import Estimates, Estimator
from layoutgen.lot.folder import BINS_TABLE, WebFolder
from layoutgen.lot.rules import (
    COLUMN_OF,
    GOOD,
    NOT_TESTED,
    READ_COLUMNS,
    CodeOfHits,
    Judge,
    Limits,
    Statistics,
    limit_ticks,
)
from layoutgen.lot.statistics import Sums
from layoutgen.lot.stdf import BinOfCells, ParametricTest, RepeatWriter, header, results_of, trailer
from layoutgen.lot.table import BINS, NULL, RETESTED, About, Matrix, Table, TableWriter
from layoutgen.pdk.webtest import READING_UNITS
from layoutgen.web.addresses import repeat_name

MAP, STDF = "bin-map.xml", "bins.stdf"
SUMMED: Final = ("ocv", "asr", "capacity")
Advance = Callable[[int], object]
Part = tuple[int, int]
"""Row groups of a table, from one to before another."""


@dataclass
class Outcome:
    """What binning found; patterns are the bits of hits of tested cells, with how many cells have them."""

    judge: Judge
    statistics: Statistics
    limits: dict[str, Limits]
    estimator: Estimator
    patterns: Counter[int]
    by_position: NDArray[np.int64]
    """(256, cells): how often each code was given at each position."""
    good_by_repeat: NDArray[np.int64]
    tested_by_repeat: NDArray[np.int64]
    sums: dict[str, Sums]
    retested_good: int
    sites: NDArray[np.int64]
    """Probe that reads each position, 0 where it is not known, or not always the same."""


@dataclass
class Tally:
    """What binning counts; parts of a web are merged in their order."""

    patterns: Counter[int]
    by_position: NDArray[np.int64]
    good_by_repeat: list[NDArray[np.int64]]
    tested_by_repeat: list[NDArray[np.int64]]
    sums: dict[str, Sums]
    retested_good: int
    sites: NDArray[np.int64]

    @classmethod
    def empty(cls, cells: int, centres: Mapping[str, int]) -> Self:
        """Nothing yet."""
        sums = {name: Sums(cells, centre) for name, centre in centres.items()}
        by_position, sites = np.zeros((256, cells), dtype=np.int64), np.full(cells, -1, dtype=np.int64)
        return cls(Counter(), by_position, [], [], sums, 0, sites)

    def merge(self, after: Self) -> None:
        """Add what was counted of the part that follows."""
        self.patterns.update(after.patterns)
        self.by_position += after.by_position
        self.good_by_repeat += after.good_by_repeat
        self.tested_by_repeat += after.tested_by_repeat
        for name, summed in self.sums.items():
            summed.merge(after.sums[name])
        self.retested_good += after.retested_good
        seen = (self.sites != -1) & (after.sites != -1)
        differ = seen & (self.sites != after.sites)
        self.sites = np.where(differ, 0, np.where(self.sites == -1, after.sites, self.sites))


@dataclass(frozen=True)
class Judged:
    """What the statistics of a whole web say, before any cell of it is binned."""

    limits: dict[str, Limits]
    present: set[str]
    estimator: Estimator
    centres: dict[str, int]

    @classmethod
    def of(cls, statistics: Statistics, judge: Judge, estimator: Estimator) -> Self:
        centres = {name: round(statistics.values[name].quantile(0.5)) for name in SUMMED}
        return cls(judge.limits(statistics), statistics.present, estimator, centres)


def look_at(web: WebFolder, judge: Judge, advance: Advance) -> Statistics:
    """The statistics of a web."""
    found = judge.empty()
    for chunk in web.table.chunks(READ_COLUMNS, judge.context):
        judge.look(chunk, found)
        advance(chunk.repeats - chunk.before - chunk.after)
    return found


def bin_web(web: WebFolder, judge: Judge, target: Path | None, advance: Advance, asked: Asked = NOTHING) -> Outcome:
    """Bin every cell.

    Args:
        web: the readings.
        judge: the rules.
        target: ``bins.parquet`` to write; nothing is written where it is None.
        advance: is told of every repeat twice; four times where cells were cycled.
        asked: what is known of capacities beside the readings.
    """
    statistics = look_at(web, judge, advance)
    judged = Judged.of(statistics, judge, estimator_of(web, judge, statistics, asked, advance))
    whole = 0, web.table.groups
    if target is None:
        tally = bin_part(web, judge, judged, whole, None, advance)
    else:
        with TableWriter(target, BINS, about_bins(web, judge, judged.estimator)) as writer:
            tally = bin_part(web, judge, judged, whole, writer, advance)
    return outcome_of(judge, statistics, judged, tally)


def bin_part(
    web: WebFolder, judge: Judge, judged: Judged, part: Part, writer: TableWriter | None, advance: Advance
) -> Tally:
    """Bin the cells of some row groups."""
    tally = Tally.empty(web.map.cells, judged.centres)
    codes_of = CodeOfHits(judge)
    for chunk in web.table.chunks((*READ_COLUMNS, "site"), judge.context, part):
        _same_site(tally.sites, chunk.own(chunk.data["site"]))
        hits, untested, readings = judge.hits(chunk, judged.limits, judged.present)
        codes = codes_of(hits, untested, tally.patterns)
        good = codes == GOOD
        _count(codes, tally.by_position)
        tally.good_by_repeat.append(good.sum(axis=1))
        tally.tested_by_repeat.append((codes > 0).sum(axis=1))
        tally.retested_good += int((good & ((chunk.own(chunk.data["status"]) & RETESTED) > 0)).sum())
        for name, summed in tally.sums.items():
            summed.add(readings[name], good)
        if writer is not None:
            first_row = chunk.first + chunk.before - web.table.about.first_repeat
            estimates = judged.estimator.of(readings, first_row)
            writer.write(_columns(codes, good, hits, readings, estimates))
        advance(len(codes))
    return tally


def outcome_of(judge: Judge, statistics: Statistics, judged: Judged, tally: Tally) -> Outcome:
    """What was found of a whole web."""
    return Outcome(
        judge, statistics, judged.limits, judged.estimator, tally.patterns, tally.by_position,
        np.concatenate(tally.good_by_repeat), np.concatenate(tally.tested_by_repeat), tally.sums,
        tally.retested_good, np.maximum(tally.sites, 0),
    )  # fmt: skip


def _same_site(sites: NDArray[np.int64], read: Matrix) -> None:
    """Keep the probe of each position, as long as it is the same; -1 is not seen yet."""
    for row in read[:: max(1, len(read) // 8)].astype(np.int64):
        known = row > 0
        sites[known & (sites == -1)] = row[known & (sites == -1)]
        sites[known & (sites != row)] = 0


def _count(codes: NDArray[np.uint8], by_position: NDArray[np.int64]) -> None:
    """Add the codes at each position; most cells are good, so only the others are sorted."""
    cells = codes.shape[1]
    other = codes != GOOD
    by_position[GOOD] += len(codes) - other.sum(axis=0)
    _, column = np.nonzero(other)
    flat = codes[other].astype(np.int64) * cells + column
    by_position += np.bincount(flat, minlength=256 * cells).reshape(256, cells)


def _columns(
    codes: NDArray[np.uint8],
    good: NDArray[np.bool_],
    hits: NDArray[np.uint32],
    readings: dict[str, Matrix],
    estimates: Estimates,
) -> dict[str, Matrix]:
    return {
        "bin": codes,
        "good": good,
        "hits": hits,
        "tray": np.where(good, estimates.tray, 0).astype(np.uint8),
        "capacity_nah": estimates.capacity,
        "capacity_error_nah": estimates.error,
        "asr_mohm_cm2": readings["asr"],
        "leak_pa": readings["leak"],
    }


def about_bins(web: WebFolder, judge: Judge, estimator: Estimator) -> About:
    """The metadata of bins.parquet."""
    old = web.table.about
    rules = [
        {"name": rule.name, "bin": rule.rule.bin, "title": rule.rule.title, "enabled": rule.enabled}
        for rule in judge.rules
    ]
    more = {"rules": rules, "good_bins": [GOOD], "trays": estimator.trays, "estimate": estimator.record()}
    return About(old.design, old.map_sha256, old.cells, old.first_repeat, old.repeats, old.synthetic, more)


def definitions(judge: Judge) -> list[BinDefinition]:
    """Every bin of the rules that bin."""
    found = [BinDefinition(NOT_TESTED, "Unknown", "not tested"), BinDefinition(GOOD, "Pass", "good")]
    return found + [BinDefinition(r.rule.bin, "Fail", r.rule.title) for r in judge.rules if r.enabled]


def write_map(web: WebFolder, outcome: Outcome, bins: Path, target: Path) -> None:
    """bin-map.xml from bins.parquet."""
    table = Table(bins, BINS)

    def pieces() -> Iterator[NDArray[np.uint8]]:
        return (chunk.data["bin"] for chunk in table.chunks(["bin"]))

    counts = {code: outcome.by_position[code] for code in range(256)}
    with target.open("wb") as file:
        for piece in bin_map_lines(
            web.solution.web, web.map, web.solution.dbu_nm, web.table.about.repeats, definitions(outcome.judge),
            counts, pieces, synthetic=web.synthetic,
        ):  # fmt: skip
            file.write(piece)


def write_stdf(web: WebFolder, outcome: Outcome, bins: Path, target: Path, advance: Advance) -> None:
    """bins.stdf from the readings and bins.parquet."""
    about = web.table.about
    names = [name for name in SUMMED if name in outcome.statistics.present]
    columns = [COLUMN_OF[name] for name in names]
    place = np.stack([web.map.lane + 1, web.map.rank + 1], axis=1)
    tests = [_test(number, name, outcome.judge) for number, name in enumerate(names, 1)]
    counts = {item.code: int(outcome.by_position[item.code].sum()) for item in definitions(outcome.judge)}
    with target.open("wb", buffering=1 << 20) as file:
        file.write(header(about.design, about.design, about.map_sha256, synthetic=about.synthetic))
        writer = RepeatWriter(file, web.map.names, place, np.zeros(web.map.cells, dtype=np.int32), tests)
        # a tester that gives bins alone leaves no reading, and a chunk has to have a column
        read = web.table.chunks([column.name for column in columns] or ["passes"])
        for chunk, judged in zip(read, Table(bins, BINS).chunks(["bin"]), strict=True):
            for row in range(chunk.repeats):
                codes = judged.data["bin"][row]
                results = [results_of(chunk.data[column.name][row], column.tick) for column in columns]
                writer.write(repeat_name(chunk.first + row), results, codes, codes == GOOD)
            advance(chunk.repeats)
        listed = [
            BinOfCells(item.code, item.title, item.quality == "Pass", counts[item.code])
            for item in definitions(outcome.judge)
        ]
        file.write(trailer(listed))


def _test(number: int, name: str, judge: Judge) -> ParametricTest:
    low, high = spec_limits(judge, name)
    return ParametricTest(number, name, READING_UNITS[name], low, high)


def spec_limits(judge: Judge, reading: str) -> tuple[float | None, float | None]:
    """The tightest limits that rules of kind limit set to a reading, in its unit."""
    ends = [
        limit_ticks(r.rule, reading)
        for r in judge.rules
        if r.enabled and r.rule.kind == "limit" and r.reading == reading
    ]
    tick = COLUMN_OF[reading].tick
    low = max((end[0] for end in ends), default=-math.inf)
    high = min((end[1] for end in ends), default=math.inf)
    return (low * tick if math.isfinite(low) else None, high * tick if math.isfinite(high) else None)


def lost_if(outcome: Outcome, changed: Sequence[str]) -> int:
    """Good cells fewer if the rules of these names binned, or did not where they do."""
    order = [r for r in outcome.judge.rules if r.enabled != (r.name in changed)]
    before = sum(n for pattern, n in outcome.patterns.items() if outcome_code(outcome, pattern) == GOOD)
    after = sum(n for pattern, n in outcome.patterns.items() if not any(pattern >> r.bit & 1 for r in order))
    return before - after


def outcome_code(outcome: Outcome, pattern: int) -> int:
    """The bin of a pattern of hits."""
    return CodeOfHits(outcome.judge).code(pattern)


__all__ = ["BINS_TABLE", "GOOD", "MAP", "NULL", "STDF", "Outcome", "bin_web", "lost_if", "write_map", "write_stdf"]
