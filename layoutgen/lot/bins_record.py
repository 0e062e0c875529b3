"""bins.json: counts by bin, limits as found, capability, control charts, the lot's verdict and its reasons."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from layoutgen.lot.binning import SUMMED, Outcome, lost_if, outcome_code, spec_limits
from layoutgen.lot.folder import WebFolder
from layoutgen.lot.gauge import gauge_of
from layoutgen.lot.rules import COLUMN_OF, GOOD, NOT_TESTED, Limits, Rule
from layoutgen.lot.statistics import capability, chart_record, control_chart
from layoutgen.lot.table import BINS, TRUTH, Table
from layoutgen.pdk.webtest import READING_UNITS, WebTest
from layoutgen.units import rounded

SCHEMA: Final = "layoutgen.bins/1"
RELEASE, HOLD = "release", "hold"
_EIGHTHS: Final = 8


def bins_record(web: WebFolder, outcome: Outcome, test: WebTest) -> dict[str, Any]:
    """The content of bins.json."""
    counts = {code: int(outcome.by_position[code].sum()) for code in range(256)}
    total, untested, good = sum(counts.values()), counts[NOT_TESTED], counts[GOOD]
    tested = total - untested
    reasons = hold_reasons(test, outcome, counts)
    about = web.table.about
    content = {
        "schema": SCHEMA,
        **about.origin(),
        "repeats": about.repeats,
        "cells": total,
        "tested": tested,
        "good": good,
        "yield": good / tested if tested else 0.0,
        "by_bin": {str(code): count for code, count in counts.items() if count},
        "verdict": HOLD if reasons else RELEASE,
        "reasons": reasons,
        "rules": [_rule(rule, outcome, counts) for rule in outcome.judge.rules],
        "limits": {name: _limits(limits, outcome, name) for name, limits in outcome.limits.items()},
        "capability": _capabilities(outcome),
        "charts": _charts(outcome, about.first_repeat),
        "retests": {"cells": web.imported.get("double", 0), "good_only_on_retest": outcome.retested_good},
        "gauge": _gauge(web, outcome, test),
        "estimate": outcome.estimator.record() | {"trays": outcome.estimator.trays},
    }
    document: dict[str, Any] = rounded(content)
    return document


def hold_reasons(test: WebTest, outcome: Outcome, counts: Mapping[int, int]) -> list[str]:
    """Why a web is held; empty where it is released."""
    total, untested = sum(counts.values()), counts[NOT_TESTED]
    tested, lot = total - untested, test.lot
    if not tested:
        return ["no cell was tested"]
    found = []
    good = counts[GOOD] / tested
    if good < lot.yield_low.value:
        found.append(f"{_percent(good)} of the tested cells are good; at least {_percent(lot.yield_low.value)}")
    if tested / total < lot.tested_low.value:
        what = f"{_percent(tested / total)} of the cells were tested; at least {_percent(lot.tested_low.value)}"
        found.append(what)
    for rule in outcome.judge.rules:
        share = counts[rule.rule.bin] / tested
        if rule.enabled and share > lot.bin_high.value:
            what = f"{_percent(share)} of the tested cells are in bin {rule.rule.bin}, {rule.rule.title}"
            found.append(f"{what}; at most {_percent(lot.bin_high.value)}")
    if outcome.retested_good / tested > lot.retest_high.value:
        share = outcome.retested_good / tested
        found.append(f"{_percent(share)} passed only on retest; at most {_percent(lot.retest_high.value)}")
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _rule(rule: Rule, outcome: Outcome, counts: Mapping[int, int]) -> dict[str, Any]:
    own = 1 << rule.bit
    # rules that are switched off take no cell from another
    binning = own | sum(1 << other.bit for other in outcome.judge.rules if other.enabled)
    hits = sum(n for pattern, n in outcome.patterns.items() if pattern & own)
    alone = sum(n for pattern, n in outcome.patterns.items() if pattern & binning == own)
    return {
        "name": rule.name,
        "bin": rule.rule.bin,
        "title": rule.rule.title,
        "hard": rule.rule.hard,
        "enabled": rule.enabled,
        "cells": counts[rule.rule.bin] if rule.enabled else 0,
        "hits": hits,
        "hits_alone": alone,
    }


def _limits(limits: Limits, outcome: Outcome, name: str) -> dict[str, Any]:
    rule = next(rule for rule in outcome.judge.rules if rule.name == name)
    scale = COLUMN_OF[rule.reading].tick / (_EIGHTHS if rule.rule.kind == "neighbour" else 1)

    def shown(ticks: float) -> float | None:
        return ticks * scale if np.isfinite(ticks) else None

    return {
        "of": rule.reading,
        "unit": READING_UNITS[rule.reading],
        "centre": limits.centre * scale,
        "sigma": limits.sigma * scale,
        "low": shown(limits.low),
        "high": shown(limits.high),
        "cells": limits.n,
    }


def _capabilities(outcome: Outcome) -> dict[str, Any]:
    found = {}
    for name in SUMMED:
        tick = COLUMN_OF[name].tick
        count, mean, sigma = outcome.sums[name].moments(tick)
        if count < 2:
            continue
        low, high = spec_limits(outcome.judge, name)
        made = capability(mean, outcome.sums[name].sigma_within(tick), sigma, low, high)
        found[name] = {
            "unit": READING_UNITS[name],
            "cells": count,
            "low": low,
            "high": high,
            **{field: getattr(made, field) for field in made.__slots__},
        }
    return found


def _gauge(web: WebFolder, outcome: Outcome, test: WebTest) -> dict[str, Any]:
    summed = outcome.sums["ocv"]
    tick = COLUMN_OF["ocv"].tick
    means, sigma = summed.position_means(tick), summed.sigma_within(tick)
    return gauge_of(web.path, web.map, test, means, summed.n, outcome.sites, sigma).record()


def _charts(outcome: Outcome, first_repeat: int) -> dict[str, Any]:
    series = {name: outcome.sums[name].repeat_means(COLUMN_OF[name].tick) for name in SUMMED}
    tested = outcome.tested_by_repeat
    series["yield"] = np.where(tested > 0, outcome.good_by_repeat / np.maximum(tested, 1), np.nan)
    charts = {name: control_chart(values) for name, values in series.items()}
    return {name: chart_record(chart, first_repeat) for name, chart in charts.items() if chart is not None}


def what_if(outcome: Outcome) -> list[dict[str, Any]]:
    """For each rule, how many good cells it costs: those that bin now, and those that do not."""
    found = []
    for rule in outcome.judge.rules:
        lost = lost_if(outcome, [rule.name])
        found.append(
            {"name": rule.name, "bin": rule.rule.bin, "enabled": rule.enabled, "good_cells_lost": abs(lost)}
        )
    return found


def pareto(outcome: Outcome) -> list[tuple[Rule, int]]:
    """Rules with the cells that they decided, the most first."""
    counted: dict[int, int] = {}
    for pattern, number in outcome.patterns.items():
        code = outcome_code(outcome, pattern)
        counted[code] = counted.get(code, 0) + number
    rows = [(rule, counted.get(rule.rule.bin, 0)) for rule in outcome.judge.rules if rule.enabled]
    return sorted((row for row in rows if row[1]), key=lambda row: (-row[1], row[0].bit))


def against_truth(web: WebFolder, bins: str) -> dict[str, int] | None:
    """How the bins of a synthetic web agree with what is true of it; None where nobody knows.

    Counted are cells that were tested; a cell is lost where it is sound and binned by a rule, no contact aside.
    """
    path = web.path / "truth.parquet"
    if not web.synthetic or not path.is_file():
        return None
    found = {"latents": 0, "latents_found": 0, "killed": 0, "killed_found": 0, "sound": 0, "sound_lost": 0}
    judged = Table(web.path / bins, BINS).chunks(["bin", "hits"])
    read = web.table.chunks(["status"])
    for truth, bin_of, status in zip(Table(path, TRUTH).chunks(["cause"]), judged, read, strict=True):
        cause, codes = truth.data["cause"], bin_of.data["bin"]
        seen = (codes != NOT_TESTED) & ((status.data["status"] & 1) == 0)
        bad = seen & (codes != GOOD)
        latent, sound = cause == 6, cause == 0
        for name, which in (("latents", latent), ("killed", ~latent & ~sound), ("sound", sound)):
            found[name] += int((which & seen).sum())
            found[f"{name}_lost" if name == "sound" else f"{name}_found"] += int((which & bad).sum())
    return found
