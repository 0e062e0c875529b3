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
from layoutgen.lot.learn.periods import Period, at_phase, best_period, near_mark
from layoutgen.lot.learn.science import stats
from layoutgen.web.addresses import repeat_name

KINDS: Final = ("splice", "run", "period", "edge", "lane", "place", "drift")
_MOST: Final = 20
"""Signatures of one kind that are looked for, one after the other."""
_EDGE_UM: Final = 30_000.0


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
    tested, failed = fails.by_group(rows, int(rows.max(initial=-1)) + 1)
    wide = tested >= 4
    if wide.sum() < 8:
        return
    rate = failed[wide] / tested[wide]
    # clusters make rows scatter more than chance: a beta-binomial of their mean and quartiles
    mean = float(np.clip(np.median(rate) if np.median(rate) > 0 else rate.mean(), 1e-4, 0.5))
    excess = float(np.clip(rate[rate < 0.5].var() / max(mean * (1 - mean), 1e-9), 1e-4, 0.5))
    total = mean, max(1 / excess - 1, 1.0)
    count = int(wide.sum())
    repeats, numbers = np.nonzero(wide & (failed >= 0.5 * tested))
    n, k = tested[repeats, numbers].astype(np.int64), failed[repeats, numbers].astype(np.int64)
    chances = np.asarray(stats.betabinom.sf(k - 1, n, total[0] * total[1], (1 - total[0]) * total[1]))
    hit = chances * count <= share
    for repeat in np.unique(repeats[hit]).tolist():
        here = hit & (repeats == repeat)
        inside = np.flatnonzero(np.isin(rows, numbers[here]))
        y = fails.map.y_um[inside][fails.state[repeat, inside] > 0]
        cells = fails.mask_cells(slice(repeat, repeat + 1), inside)
        number = fails.first_repeat + repeat
        metre = (repeat * fails.map.length_um + float(y.mean())) * 1e-6
        start = round(float(y.min()) / 1000 - fails.map.size_um[0, 1] / 2000, 3)
        more = {"repeat": number, "metre": round(metre, 4), "rows": int(here.sum()), "from_mm": start}
        p = _corrected(float(chances[here].min()), float(count))
        yield Signature("splice", f"repeat {number}", p, cells, more)


def _runs(fails: FailMap, share: float) -> Iterator[Signature]:
    """Consecutive failures of a lane: how likely a run is follows from how often a failure follows a failure."""
    lanes = range(fails.map.lanes)
    after = both = 0
    for lane in lanes:
        failed = _failures(fails, lane)
        after += int(failed[:-1].sum())
        both += int((failed[:-1] & failed[1:]).sum())
    starts = max(1, fails.failed_cells)
    long: list[tuple[int, int, NDArray[np.int64]]] = []
    for _ in range(2):
        # long runs are taken out of the rate that they are measured by
        taken = sum(length - 1 for length, _, _ in long)
        rate = min(0.95, max((both - taken) / max(after - taken, 1), fails.share, 1e-6))
        least = 2 + math.ceil(math.log(share / starts) / math.log(rate))
        long = [run for lane in lanes for run in _long_runs(fails, lane, least)]
    for length, lane, places in sorted(long, key=lambda run: -run[0])[:_MOST]:
        cells = fails.mask_places(places)
        repeat, cell = divmod(int(places[0]), fails.map.cells)
        metre = (repeat * fails.map.length_um + float(fails.map.y_um[cell])) * 1e-6
        long_um = np.ptp(fails.y_um(places)) if len(places) > 1 else 0.0
        more = {
            "lane": lane + 1,
            "first_repeat": fails.first_repeat + repeat,
            "metre": round(metre, 4),
            "length_mm": round(float(long_um) / 1000 + float(fails.map.size_um[cell, 1]) / 1000, 3),
            "x_mm": round(float(fails.map.lane_x_um[lane]) / 1000, 4),
        }
        yield Signature("run", f"lane {lane + 1}", _corrected(rate ** (length - 1), starts), cells, more)


def _failures(fails: FailMap, lane: int) -> NDArray[np.bool_]:
    """Which of the tested cells of a lane failed, going up the web."""
    return np.concatenate([failed for _, failed in fails.along(lane)])


def _long_runs(fails: FailMap, lane: int, least: int) -> list[tuple[int, int, NDArray[np.int64]]]:
    """(length, lane, places) of runs of so many failures or more."""
    padded = np.concatenate([[False], _failures(fails, lane), [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    starts, stops = edges[::2], edges[1::2]
    long = stops - starts >= least
    if not long.any():
        return []
    places = np.concatenate([part for part, _ in fails.along(lane)])
    ends = zip(starts[long].tolist(), stops[long].tolist(), strict=True)
    return [(stop - start, lane, places[start:stop].copy()) for start, stop in ends]


def _periods(fails: FailMap, share: float, rollers_um: dict[str, float]) -> Iterator[Signature]:
    """Marks of rolls, lane by lane; of a lane the strongest, until none is left."""
    for lane in range(fails.map.lanes):
        known: list[float] = []
        for _ in range(4):
            cell_um = float(fails.map.size_um[fails.map.by_lane[lane][0], 1])
            period = best_period(((fails.y_um(places), failed) for places, failed in fails.along(lane)), cell_um)
            if period is None or period.p * fails.map.lanes > share:
                break
            under, tested, failed, metres = _under_mark(fails, lane, period, cell_um)
            if not len(under):
                break
            cells = fails.mask_places(under)
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
                "hit_rate": round(failed / tested, 4),
                "from_metre": round(metres[0], 4),
                "to_metre": round(metres[1], 4),
                "x_mm": round(float(fails.map.lane_x_um[lane]) / 1000, 4),
            }
            yield Signature("period", f"lane {lane + 1}", _corrected(period.p, fails.map.lanes), cells, more)


def _under_mark(
    fails: FailMap, lane: int, period: Period, cell_um: float
) -> tuple[NDArray[np.int64], int, int, tuple[float, float]]:
    """Cells under a mark, how many of them were tested and failed, and from where to where, m.

    A roll slips: where the mark is, is told in each stretch of the web by its own failures. A mark hits the cells
    under it, and clusters of chance do not: stretches where it does not are left as they are.
    """
    found, tested, failed, metres = [], 0, 0, (math.inf, -math.inf)
    for places, bad in fails.along(lane):
        y = fails.y_um(places)
        if bad.sum() < 5:
            continue
        under = near_mark(y, at_phase(period, y[bad], cell_um), cell_um)
        hit, other = int((under & bad).sum()), int((bad & ~under).sum())
        if hit < 5 or hit / under.sum() < 3 * max(other / max(int((~under).sum()), 1), 1e-3):
            continue
        found.append(places[under])
        tested, failed = tested + int(under.sum()), failed + hit
        metres = min(metres[0], float(y[under][0]) * 1e-6), max(metres[1], float(y[under][-1]) * 1e-6)
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64), tested, failed, metres


def _roller(circumference_um: float, rollers_um: dict[str, float]) -> str | None:
    """The roller whose circumference, or a whole part of it, this is, to 0.2 %."""
    for name, around in rollers_um.items():
        times = max(1, round(around / circumference_um))
        if abs(circumference_um * times - around) < 0.002 * around:
            return name
    return None


class _Lanes:
    """(tested, failed) cells of each repeat and lane, to compare groups of lanes."""

    def __init__(self, fails: FailMap) -> None:
        self._tested, self._failed = fails.by_group(fails.map.lane, fails.map.lanes)

    def sums(self, lanes: list[int]) -> tuple[int, int]:
        """(tested, failed) cells of lanes."""
        return int(self._tested[:, lanes].sum()), int(self._failed[:, lanes].sum())

    def against(self, lanes: list[int], others: list[int]) -> tuple[float, float, float]:
        """Probability that lanes fail as often as others of the same repeats, and the shares of both.

        Repeats are far apart against the size of a cluster: their differences are a sample, whatever is inside.
        """
        n_in, k_in = (table[:, lanes].sum(axis=1, dtype=np.int64) for table in (self._tested, self._failed))
        n_out, k_out = (table[:, others].sum(axis=1, dtype=np.int64) for table in (self._tested, self._failed))
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
    to_edge = np.minimum(web.lane_x_um - left, right - web.lane_x_um)
    inner = np.flatnonzero(to_edge > _EDGE_UM).tolist()
    if not inner:
        return
    lanes = _Lanes(fails)
    worst: dict[int, float] = {}
    for outer in np.flatnonzero(to_edge <= _EDGE_UM).tolist():
        p, inside, outside = lanes.against([outer], inner)
        if p * web.lanes <= share and inside > 1.3 * outside:
            worst[outer] = p
    # one edge effect is one signature: lanes that lie side by side from an edge inwards
    for name in ("left", "right"):
        near = [lane for lane in worst if (web.lane_x_um[lane] < web.width_um / 2) == (name == "left")]
        if not near:
            continue
        near.sort(key=lambda lane: float(web.lane_x_um[lane]))
        tested, failed = lanes.sums(near)
        _, _, rest = lanes.against(near, inner)
        more = {
            "side": name,
            "lanes": [lane + 1 for lane in near],
            "share": round(failed / max(tested, 1), 6),
            "inner_share": round(rest, 6),
        }
        cells = fails.mask_cells(slice(None), np.flatnonzero(np.isin(web.lane, near)))
        text = ", ".join(str(lane + 1) for lane in near)
        place = f"{name} edge, {'lanes' if len(near) > 1 else 'lane'} {text}"
        yield Signature("edge", place, _corrected(min(worst[lane] for lane in near), web.lanes), cells, more)


def _lanes(fails: FailMap, share: float) -> Iterator[Signature]:
    """A lane that fails more or less often than the others of its repeats, the worst first."""
    lanes = _Lanes(fails)
    left = [lane for lane in range(fails.map.lanes) if lanes.sums([lane])[0]]
    for _ in range(_MOST):
        tried = [(*lanes.against([lane], [other for other in left if other != lane]), lane) for lane in left]
        better = [item for item in tried if item[1] > 1.3 * item[2]]
        if len(tried) < 3 or not better:
            return
        p, inside, outside, lane = min(better)
        if p * fails.map.lanes > share:
            return
        left.remove(lane)
        group = fails.map.by_lane[lane]
        dead = tuple(np.sort(group).tolist()) if inside > 0.5 else ()
        cells = fails.mask_cells(slice(None), group.astype(np.intp))
        more = {
            "lane": lane + 1,
            "x_mm": round(float(fails.map.lane_x_um[lane]) / 1000, 4),
            "share": round(inside, 6),
            "rest_share": round(outside, 6),
        }
        yield Signature("lane", f"lane {lane + 1}", _corrected(p, fails.map.lanes), cells, more, dead)


def _places(fails: FailMap, share: float) -> Iterator[Signature]:
    """A place of the repeat that fails again and again: the stacked map."""
    tested, failed = fails.by_cell()
    rate = fails.share
    if rate <= 0 or fails.repeats < 10:
        return
    chance = np.asarray(stats.binom.sf(failed - 1, np.maximum(tested, 1), rate))
    hits = np.flatnonzero((chance * fails.map.cells <= share) & (failed > 2 * rate * tested) & (tested > 0))
    for cell in hits[np.argsort(chance[hits])][:_MOST].tolist():
        part = failed[cell] / tested[cell]
        more = {
            "cell": fails.map.names[cell],
            "x_mm": round(float(fails.map.x_um[cell]) / 1000, 4),
            "y_mm": round(float(fails.map.y_um[cell]) / 1000, 4),
            "share": round(float(part), 6),
        }
        cells = fails.mask_cells(slice(None), [cell])
        dead = (cell,) if part > 0.5 else ()
        yield Signature(
            "place", fails.map.names[cell], _corrected(float(chance[cell]), fails.map.cells), cells, more, dead
        )


def _drift(fails: FailMap, share: float) -> Iterator[Signature]:
    """Failures that grow fewer or more along the web: a slope over repeats."""
    tested, failed = fails.by_repeat()
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
    span = f"{repeat_name(fails.first_repeat)} to {repeat_name(last)}"
    yield Signature("drift", span, _corrected(float(fit.pvalue), 1), excess, more)
