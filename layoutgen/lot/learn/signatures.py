"""Signatures of a web, one after the other: each one test, what it finds is left out before the next.

Probabilities are corrected for everything that was looked at, all kinds together.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.learn.failmap import FailMap
from layoutgen.lot.learn.periods import find_period, near_mark
from layoutgen.lot.learn.science import stats
from layoutgen.web.addresses import repeat_name

KINDS: Final = ("splice", "run", "period", "edge", "lane", "place", "drift")
_MOST: Final = 20
"""Signatures of one kind that are looked for, one after the other."""
_EDGE_UM: Final = (10_000.0, 20_000.0, 30_000.0)


@dataclass(frozen=True)
class Signature:
    """A signature: its kind, place in words, corrected probability, and how many failed cells it takes along."""

    kind: str
    place: str
    p: float
    cells: int
    more: dict[str, Any] = field(default_factory=dict)
    dead: tuple[int, ...] = ()
    """Cells of the repeat that hardly ever work."""

    def record(self) -> dict[str, Any]:
        return {"kind": self.kind, "place": self.place, "p": self.p, "cells": self.cells, **self.more}


def find_signatures(fails: FailMap, significance: float, rollers_um: dict[str, float]) -> list[Signature]:
    """All signatures; ``fails`` is left with the cells that none of them explains."""
    share = significance / len(KINDS)
    found: list[Signature] = []
    found += _splices(fails, share)
    found += _runs(fails, share)
    found += _periods(fails, share, rollers_um)
    found += _edges(fails, share)
    found += _lanes(fails, share)
    found += _places(fails, share)
    found += _drift(fails, share)
    return [item for item in found if item.p <= significance]


def _corrected(p: float, tests: float) -> float:
    """For so many tests of a kind, and for the kinds."""
    return min(1.0, p * tests * len(KINDS))


def _splices(fails: FailMap, share: float) -> Iterator[Signature]:
    """Rows across the web of which half or more are dead, against the scatter of all rows."""
    rows = np.unique(np.round(fails.map.y_um / 100.0), return_inverse=True)[1].reshape(-1)
    count = int(rows.max(initial=-1)) + 1
    tested = _by(rows, fails.tested, count)
    failed = _by(rows, fails.failed, count)
    wide = tested >= 4
    if wide.sum() < 8:
        return
    rate = failed[wide] / tested[wide]
    # clusters make rows scatter more than chance: a beta-binomial of their mean and quartiles
    mean = float(np.clip(np.median(rate) if np.median(rate) > 0 else rate.mean(), 1e-4, 0.5))
    excess = float(np.clip(rate[rate < 0.5].var() / max(mean * (1 - mean), 1e-9), 1e-4, 0.5))
    total = mean, max(1 / excess - 1, 1.0)
    dead = wide & (failed >= 0.5 * tested)
    chances = np.ones(tested.shape)
    chances[dead] = stats.betabinom.sf(
        failed[dead] - 1, tested[dead], total[0] * total[1], (1 - total[0]) * total[1]
    )
    hits = chances * wide.sum() <= share
    for repeat in np.flatnonzero(hits.any(axis=1)).tolist():
        where = np.zeros(fails.state.shape, dtype=bool)
        where[repeat] = hits[repeat][rows]
        y = fails.map.y_um[where[repeat]]
        cells = fails.mask(where)
        number = fails.first_repeat + repeat
        metre = (repeat * fails.map.length_um + float(y.mean())) * 1e-6
        p = _corrected(float(chances[repeat][hits[repeat]].min()), float(wide.sum()))
        outline = [0.0, round(float(y.min()) / 1000 - fails.map.size_um[0, 1] / 2000, 3)]
        more = {"repeat": number, "metre": round(metre, 4), "rows": int(hits[repeat].sum()), "from_mm": outline[1]}
        yield Signature("splice", f"repeat {number}", p, cells, more)


def _by(rows: NDArray[np.intp], flags: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """How many cells of each row (repeats, rows) have the flag."""
    found = np.zeros((len(flags), count), dtype=np.int64)
    for row in range(count):
        found[:, row] = flags[:, rows == row].sum(axis=1)
    return found


def _runs(fails: FailMap, share: float) -> Iterator[Signature]:
    """Consecutive failures of a lane: how likely a run is follows from how often a failure follows a failure."""
    lanes = [(lane, *_along(fails, lane)) for lane in range(fails.map.lanes)]
    after = both = 0
    for _, places, failed in lanes:
        if len(places) > 1:
            after += int(failed[:-1].sum())
            both += int((failed[:-1] & failed[1:]).sum())
    starts = max(1, int(fails.failed.sum()))
    long: list[tuple[int, int, NDArray[np.int64]]] = []
    for _ in range(2):
        # long runs are taken out of the rate that they are measured by
        taken = sum(length - 1 for length, _, _ in long)
        rate = min(0.95, max((both - taken) / max(after - taken, 1), fails.share, 1e-6))
        least = 2 + math.ceil(math.log(share / starts) / math.log(rate))
        long = [run for lane, places, failed in lanes for run in _long_runs(lane, places, failed, least)]
    for length, lane, places in sorted(long, key=lambda run: -run[0])[:_MOST]:
        where = np.zeros(fails.state.size, dtype=bool)
        where[places] = True
        cells = fails.mask(where.reshape(fails.state.shape))
        repeat, cell = divmod(int(places[0]), fails.map.cells)
        metre = (repeat * fails.map.length_um + float(fails.map.y_um[cell])) * 1e-6
        long_um = np.ptp(_y_of(fails, places)) if len(places) > 1 else 0.0
        more = {
            "lane": lane + 1,
            "first_repeat": fails.first_repeat + repeat,
            "metre": round(metre, 4),
            "length_mm": round(float(long_um) / 1000 + float(fails.map.size_um[cell, 1]) / 1000, 3),
            "x_mm": round(float(fails.map.lane_x_um[lane]) / 1000, 4),
        }
        yield Signature("run", f"lane {lane + 1}", _corrected(rate ** (length - 1), starts), cells, more)


def _along(fails: FailMap, lane: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Places (repeat x cells + cell) of the tested cells of a lane, going up the web, and which failed."""
    cells = fails.map.by_lane[lane]
    places = (np.arange(fails.repeats)[:, None] * fails.map.cells + cells[None, :]).ravel()
    state = fails.state.reshape(-1)[places]
    kept = state > 0
    return places[kept], state[kept] == 2


def _y_of(fails: FailMap, places: NDArray[np.int64]) -> NDArray[np.float64]:
    repeat, cell = np.divmod(places, fails.map.cells)
    found: NDArray[np.float64] = repeat * fails.map.length_um + fails.map.y_um[cell]
    return found


def _long_runs(
    lane: int, places: NDArray[np.int64], failed: NDArray[np.bool_], least: int
) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
    padded = np.concatenate([[False], failed, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if stop - start >= least:
            yield stop - start, lane, places[start:stop]


def _periods(fails: FailMap, share: float, rollers_um: dict[str, float]) -> Iterator[Signature]:
    """Marks of rolls, lane by lane; of a lane the strongest, until none is left."""
    for lane in range(fails.map.lanes):
        known: list[float] = []
        for _ in range(4):
            places, failed = _along(fails, lane)
            y = _y_of(fails, places)
            cell_um = float(fails.map.size_um[fails.map.by_lane[lane][0], 1])
            period = find_period(y, failed, cell_um)
            if period is None or period.p * fails.map.lanes > share:
                break
            under = near_mark(y, period, cell_um)
            hit = int((under & failed).sum())
            # a mark hits the cells under it, and clusters of chance do not
            if hit < 5 or failed[under].mean() < 3 * max(failed[~under].mean(), 1e-3):
                break
            where = np.zeros(fails.state.size, dtype=bool)
            where[places[under]] = True
            cells = fails.mask(where.reshape(fails.state.shape))
            mm = period.circumference_um / 1000
            ratios = [around / period.circumference_um for around in known]
            if any(abs(ratio - round(ratio)) < 0.002 * ratio for ratio in ratios):
                continue  # what is left of a mark that was found
            known.append(period.circumference_um)
            roller = _roller(period.circumference_um, rollers_um)
            more = {
                "lane": lane + 1,
                "circumference_mm": round(mm, 3),
                "roller": roller,
                "hit_rate": round(float(failed[under].mean()), 4),
                "x_mm": round(float(fails.map.lane_x_um[lane]) / 1000, 4),
            }
            yield Signature("period", f"lane {lane + 1}", _corrected(period.p, fails.map.lanes), cells, more)


def _roller(circumference_um: float, rollers_um: dict[str, float]) -> str | None:
    """The roller whose circumference, or a whole part of it, this is, to 0.2 %."""
    for name, around in rollers_um.items():
        times = max(1, round(around / circumference_um))
        if abs(circumference_um * times - around) < 0.002 * around:
            return name
    return None


def _paired(group: NDArray[np.bool_], fails: FailMap) -> tuple[float, float, float]:
    """Probability that a group of cells fails as often as the rest of its repeats, and the shares of both.

    Repeats are far apart against the size of a cluster: their differences are a sample, whatever happens inside.
    """
    tested, failed = fails.tested, fails.failed
    n_in, n_out = tested[:, group].sum(axis=1), tested[:, ~group].sum(axis=1)
    k_in, k_out = failed[:, group].sum(axis=1), failed[:, ~group].sum(axis=1)
    use = (n_in > 0) & (n_out > 0)
    inside, outside = _share(k_in, n_in), _share(k_out, n_out)
    if use.sum() < 10:
        return 1.0, inside, outside
    # weighted by cells: repeats that are half masked count half
    off = k_in[use] - n_in[use] * outside
    spread = float(off.std(ddof=1)) * math.sqrt(len(off))
    if spread <= 0:
        return 1.0, inside, outside
    t = float((k_in[use] - n_in[use] * (k_out[use] / n_out[use])).sum()) / spread
    return float(2 * stats.t.sf(abs(t), len(off) - 1)), inside, outside


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> float:
    total = int(whole.sum())
    return int(part.sum()) / total if total else 0.0


def _edges(fails: FailMap, share: float) -> Iterator[Signature]:
    """Lanes near an edge of the web that fail more often than those within."""
    web = fails.map
    left, right = web.edge_um, web.width_um - web.edge_um
    inner = (web.x_um > left + _EDGE_UM[-1]) & (web.x_um < right - _EDGE_UM[-1])
    if not inner.any():
        return
    worst: list[tuple[float, float, NDArray[np.bool_]]] = []
    lanes: set[int] = set()
    for outer in range(web.lanes):
        x = float(web.lane_x_um[outer])
        if min(x - left, right - x) > _EDGE_UM[-1]:
            continue
        group = web.lane == outer
        p, inside, outside = _against(group, inner, fails)
        if p * web.lanes <= share and inside > 1.3 * outside:
            worst.append((p, inside / max(outside, 1e-9), group))
            lanes.add(outer)
    # one edge effect is one signature: lanes that lie side by side from an edge inwards
    order = np.argsort(web.lane_x_um)
    rank = {int(lane): place for place, lane in enumerate(order)}
    for side, name in ((1, "left"), (-1, "right")):
        near = [item for item in worst if (web.x_um[item[2]][0] < web.width_um / 2) == (side == 1)]
        if not near:
            continue
        group = np.logical_or.reduce([item[2] for item in near])
        p = min(item[0] for item in near)
        failed, tested = int(fails.failed[:, group].sum()), int(fails.tested[:, group].sum())
        _, _, rest = _against(group, inner, fails)
        numbers = sorted({int(lane) for lane in web.lane[group]}, key=lambda lane: rank[lane])
        more = {
            "side": name,
            "lanes": [lane + 1 for lane in numbers],
            "share": round(failed / max(tested, 1), 6),
            "inner_share": round(rest, 6),
        }
        cells = fails.mask(np.broadcast_to(group, fails.state.shape))
        text = ", ".join(str(lane + 1) for lane in numbers)
        yield Signature(
            "edge",
            f"{name} edge, {'lanes' if len(numbers) > 1 else 'lane'} {text}",
            _corrected(p, web.lanes),
            cells,
            more,
        )


def _against(group: NDArray[np.bool_], others: NDArray[np.bool_], fails: FailMap) -> tuple[float, float, float]:
    """As :func:`_paired`, against some of the other cells."""
    kept = group | others
    part = FailMap(fails.map, np.where(kept, fails.state, 0).astype(np.uint8), fails.first_repeat)
    return _paired(group, part)


def _lanes(fails: FailMap, share: float) -> Iterator[Signature]:
    """A lane that fails more or less often than the others of its repeats, the worst first."""
    for _ in range(_MOST):
        tried = []
        for lane in range(fails.map.lanes):
            group = fails.map.lane == lane
            if fails.tested[:, group].any():
                tried.append((*_paired(group, fails), lane))
        better = [item for item in tried if item[1] > 1.3 * item[2]]
        if len(tried) < 3 or not better:
            return
        p, inside, outside, lane = min(better)
        if p * fails.map.lanes > share:
            return
        group = fails.map.lane == lane
        dead = tuple(np.flatnonzero(group).tolist()) if inside > 0.5 else ()
        cells = fails.mask(np.broadcast_to(group, fails.state.shape))
        more = {
            "lane": lane + 1,
            "x_mm": round(float(fails.map.lane_x_um[lane]) / 1000, 4),
            "share": round(inside, 6),
            "rest_share": round(outside, 6),
        }
        yield Signature("lane", f"lane {lane + 1}", _corrected(p, fails.map.lanes), cells, more, dead)


def _places(fails: FailMap, share: float) -> Iterator[Signature]:
    """A place of the repeat that fails again and again: the stacked map."""
    tested, failed = fails.tested.sum(axis=0), fails.failed.sum(axis=0)
    rate = fails.share
    if rate <= 0 or fails.repeats < 10:
        return
    chance = stats.binom.sf(failed - 1, np.maximum(tested, 1), rate)
    hits = np.flatnonzero((chance * fails.map.cells <= share) & (failed > 2 * rate * tested) & (tested > 0))
    for cell in hits[np.argsort(chance[hits])][:_MOST].tolist():
        where = np.zeros(fails.state.shape, dtype=bool)
        where[:, cell] = True
        part = failed[cell] / tested[cell]
        more = {
            "cell": fails.map.names[cell],
            "x_mm": round(float(fails.map.x_um[cell]) / 1000, 4),
            "y_mm": round(float(fails.map.y_um[cell]) / 1000, 4),
            "share": round(float(part), 6),
        }
        cells = fails.mask(where)
        dead = (cell,) if part > 0.5 else ()
        yield Signature(
            "place", fails.map.names[cell], _corrected(float(chance[cell]), fails.map.cells), cells, more, dead
        )


def _drift(fails: FailMap, share: float) -> Iterator[Signature]:
    """Failures that grow fewer or more along the web: a slope over repeats."""
    tested, failed = fails.tested.sum(axis=1), fails.failed.sum(axis=1)
    use = tested > 0
    if use.sum() < 20:
        return
    y = failed[use] / tested[use]
    fit = stats.linregress(np.arange(len(y)), y)
    if not math.isfinite(fit.pvalue) or fit.pvalue > share:
        return
    metres = fails.repeats * fails.map.length_um * 1e-6
    start, end = fit.intercept, fit.intercept + fit.slope * (len(y) - 1)
    more = {
        "share_at_start": round(float(start), 6),
        "share_at_end": round(float(end), 6),
        "metres": round(metres, 3),
    }
    excess = int(abs(end - start) / 2 * tested.sum())
    last = fails.first_repeat + fails.repeats - 1
    span = f"{repeat_name(fails.first_repeat, last)} to {repeat_name(last, last)}"
    yield Signature("drift", span, _corrected(float(fit.pvalue), 1), excess, more)
