"""Limits, residuals and capability: hand cases, and brute force beside the columns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.lot.histogram import Histogram
from layoutgen.lot.lanes import context_repeats, lane_views, residuals
from layoutgen.lot.rules import CodeOfHits, Judge, leak_pa, limit_ticks
from layoutgen.lot.statistics import Sums, capability, control_chart
from layoutgen.lot.table import NULL, Chunk
from layoutgen.pdk.quantity import Quantity
from layoutgen.sizing.assembly import correlation_interval
from tests.lot.webs import cells, webtest


def histogram(values, low=-1000, high=60_000):
    found = Histogram(low, high)
    found.add(np.asarray(values, dtype=np.int32))
    return found


def test_part_average_of_five_voltages():
    """3.840 .. 3.860 V: robust sigma 7.407 mV, limits at 6 sigma 3.8056 .. 3.8944 V."""
    median, sigma = histogram([38400, 38450, 38500, 38550, 38600]).robust
    assert sigma * 0.1 == pytest.approx(7.407, abs=5e-4)
    assert (median - 6 * sigma) * 1e-4 == pytest.approx(3.8056, abs=5e-5)
    assert (median + 6 * sigma) * 1e-4 == pytest.approx(3.8944, abs=5e-5)


def test_capability_of_the_hand_case():
    made = capability(3.850, 0.004, 0.008, 3.83, 3.87)
    assert made.cpk == pytest.approx(1.667, abs=5e-4)
    assert made.ppk == pytest.approx(1.667 / 2, abs=5e-4)
    assert capability(3.86, 0.004, 0.004, 3.83, None).cp is None
    assert capability(3.86, 0.004, 0.004, 3.83, None).cpk == pytest.approx(2.5)
    assert capability(3.86, 0.0, 0.0, 3.83, 3.87).cpk is None


@given(st.lists(st.integers(-900, 50_000), min_size=1, max_size=200), st.floats(0, 1))
@settings(max_examples=60)
def test_quantiles_and_moments_are_those_of_numpy(values, share):
    found = histogram(values)
    assert found.quantile(share) == pytest.approx(np.quantile(values, share), abs=1e-6)
    assert found.mean == pytest.approx(np.mean(values))
    if len(values) > 1:
        assert found.sigma == pytest.approx(np.std(values, ddof=1), rel=1e-9, abs=1e-9)


def test_parts_of_a_histogram_merge_to_the_whole():
    rng = np.random.default_rng(1)
    values = rng.integers(-500, 50_000, 10_000)
    whole, parts = histogram(values), histogram(values[:3000])
    parts.merge(histogram(values[3000:]))
    assert (parts.n, parts.total, parts.square) == (whole.n, whole.total, whole.square)
    assert parts.quantiles([0.1, 0.5, 0.9]) == whole.quantiles([0.1, 0.5, 0.9])


def brute_residual(web, values, valid, neighbours):
    """Cell by cell, lane by lane."""
    found, judged = np.zeros(values.shape), np.zeros(values.shape, dtype=bool)
    for lane in web.by_lane:
        line = [(r, c) for r in range(len(values)) for c in lane]
        for at, place in enumerate(line):
            around = [
                int(values[line[i]])
                for i in range(at - neighbours // 2, at + neighbours // 2 + 1)
                if i != at and 0 <= i < len(line) and valid[line[i]]
            ]
            if valid[place] and len(around) >= 4:
                kept = sorted(around)[1:-1]
                found[place], judged[place] = values[place] - sum(kept) / len(kept), True
    return found, judged


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("neighbours", [4, 12, 30])
def test_neighbour_residuals_are_those_of_a_walk_along_each_lane(small, neighbours):
    web = cells(small)
    rng = np.random.default_rng(neighbours)
    values = rng.integers(38_000, 39_000, (4 if not small else 25, web.cells)).astype(np.int32)
    valid = rng.random(values.shape) < 0.7
    found, judged = residuals(lane_views(web), values, valid, neighbours)
    wanted, where = brute_residual(web, values, valid, neighbours)
    assert np.array_equal(judged, where)
    assert np.abs(found / 8 - wanted)[where].max() <= 1 / 16 + 1e-9


def chunk(web, repeats=6, **columns):
    shape = (repeats, web.cells)
    data = {
        "passes": np.ones(shape, dtype=np.uint8),
        "status": np.zeros(shape, dtype=np.uint8),
        "ocv_100uv": np.full(shape, 38_500, dtype=np.int32),
        "asr_mohm_cm2": np.full(shape, 250_000, dtype=np.int32),
    }
    for name in ("ocv_before_100uv", "rest_s", "capacity_nah", "contact_mohm", "temperature_cdegc"):
        data[name] = np.full(shape, NULL, dtype=np.int32)
    return Chunk(1, data | columns)


def bits(judge, piece):
    found = judge.empty()
    judge.look(piece, found)
    hits, untested, _ = judge.hits(piece, judge.limits(found), found.present)
    return hits, untested


def names_hit(judge, pattern):
    return {rule.name for rule in judge.rules if int(pattern) >> rule.bit & 1}


def test_a_limit_itself_is_kept_and_a_tick_beyond_it_is_hit():
    """Limits are counted in whole ticks: 3.77 V is 37700, not 37699.99."""
    web = cells()
    judge = Judge(webtest(), web)
    rule = next(rule for rule in judge.rules if rule.name == "OCV")
    assert limit_ticks(rule.rule, "ocv") == (37_700.0, 39_300.0)
    piece = chunk(web)
    piece.data["ocv_100uv"][2, :4] = 37_700, 37_699, 39_300, 39_301
    hits, _ = bits(judge, piece)
    assert ["OCV" in names_hit(judge, pattern) for pattern in hits[2, :4]] == [False, True, False, True]


def test_the_first_bin_decides_and_all_hits_are_kept():
    web = cells()
    judge = Judge(webtest(), web)
    piece = chunk(web)
    piece.data["ocv_100uv"][1, 7] = 100
    piece.data["asr_mohm_cm2"][1, 7] = 900_000
    hits, _ = bits(judge, piece)
    assert names_hit(judge, hits[1, 7]) == {"SHORT", "SOFT_SHORT", "OCV", "RESISTANCE"}
    assert CodeOfHits(judge).code(int(hits[1, 7])) == 20


def test_dead_cells_do_not_move_their_neighbours():
    web = cells()
    judge = Judge(webtest(), web)
    rng = np.random.default_rng(3)
    piece = chunk(web, 40)
    piece.data["ocv_100uv"][:] = 38_500 + np.rint(rng.normal(0, 40, piece.data["ocv_100uv"].shape)).astype(np.int32)
    lane = web.by_lane[5]
    piece.data["ocv_100uv"][3, lane[3:6]] = 50
    piece.data["ocv_100uv"][3, lane[6]] = 38_100
    hits, _ = bits(judge, piece)
    assert names_hit(judge, hits[3, lane[6]]) == {"NEIGHBOUR"} | (
        names_hit(judge, hits[3, lane[6]]) & {"PART_AVERAGE", "NEIGHBOURHOOD"}
    )
    wrong = [place for place in zip(*np.nonzero(hits), strict=True) if "NEIGHBOUR" in names_hit(judge, hits[place])]
    assert wrong == [(3, lane[6])]


def test_what_was_not_read_is_not_good():
    web = cells()
    judge = Judge(webtest(), web)
    piece = chunk(web)
    piece.data["passes"][0, 0] = 0
    piece.data["ocv_100uv"][0, 1] = NULL
    piece.data["status"][0, 2] = 16
    piece.data["ocv_100uv"][0, 3], piece.data["status"][0, 3] = NULL, 1
    hits, untested = bits(judge, piece)
    assert untested[0, :5].tolist() == [True, True, True, False, False]
    assert names_hit(judge, hits[0, 3]) == {"CONTACT"}


def test_leak_of_two_passes():
    """1 mV in an hour on 2577 uF is 716 pA."""
    web = cells()
    judge = Judge(webtest(), web)
    one = np.array([[38_510, 38_510, NULL]], dtype=np.int32)
    leak = leak_pa(
        one, np.array([[38_500, NULL, 38_500]], dtype=np.int32), np.full((1, 3), 3600), judge.leak_pa_per_tick_s
    )
    by_hand = 3600e-6 * web.area_cm2 * 1e-3 / 3600 * 1e12
    assert leak.tolist() == [[round(by_hand), NULL, NULL]]


@pytest.mark.parametrize(
    ("rest_s", "drop_v", "hit"),
    [
        (7200, 0.0021, True),
        (7200, 0.0019, False),
        (86_400, 0.030, True),
        (86_400, 0.0006, False),
        (3600, 0.005, False),
    ],
)
def test_a_leak_of_area_is_a_fall_of_a_millivolt_an_hour_whatever_the_cell(rest_s, drop_v, hit):
    """1 nA/cm2 on 3600 uF/cm2: in two hours 2 mV, in a day 24 mV; below two hours nothing is a leak."""
    for web in (cells(), cells(small=True)):
        judge = Judge(webtest(), web)
        piece = chunk(web)
        piece.data["ocv_before_100uv"][0, 0] = 38_500 + round(drop_v * 1e4)
        piece.data["rest_s"][0, 0] = rest_s
        hits, _ = bits(judge, piece)
        assert ("LEAK" in names_hit(judge, hits[0, 0])) is hit


def test_a_limit_of_a_cell_and_of_its_area_are_the_same_current():
    web = cells()
    rule = next(rule for rule in Judge(webtest(), web).rules if rule.name == "LEAK").rule
    assert limit_ticks(rule, "leak", web.area_cm2)[1] == pytest.approx(1000 * web.area_cm2)
    of_cell = rule.model_copy(update={"high": Quantity(value=2, unit="nA", kind="assumed", source="this test")})
    assert limit_ticks(of_cell, "leak", web.area_cm2)[1] == 2000


def test_control_chart_by_hand():
    chart = control_chart([10.0, 12.0, 11.0, np.nan, 13.0, 30.0])
    moving = np.mean([2, 1, 2, 17])
    assert chart.mean == pytest.approx(15.2)
    assert chart.high == pytest.approx(15.2 + 2.66 * moving)
    assert chart.out == (5,)
    steady = control_chart([1.0, 2.0] * 30 + [9.0])
    assert steady.out == (60,)
    assert control_chart([1.0, np.nan]) is None
    assert control_chart([2.0] * 50).out == ()


def test_sums_of_positions_and_repeats_are_those_of_numpy():
    rng = np.random.default_rng(5)
    values = rng.integers(38_000, 39_000, (30, 20)).astype(np.int32)
    counts = rng.random(values.shape) < 0.8
    summed = Sums(20, 38_400)
    for part in range(0, 30, 7):
        summed.add(values[part : part + 7], counts[part : part + 7])
    shown = np.where(counts, values.astype(float), np.nan)
    assert summed.position_means(1e-4) == pytest.approx(np.nanmean(shown, axis=0) * 1e-4)
    assert summed.position_sigmas(1e-4) == pytest.approx(np.nanstd(shown, axis=0, ddof=1) * 1e-4)
    assert summed.repeat_means(1.0) == pytest.approx(np.nanmean(shown, axis=1))
    inside = sum(np.nansum((row - np.nanmean(row)) ** 2) for row in shown) / (counts.sum() - 30)
    assert summed.sigma_within(1.0) == pytest.approx(np.sqrt(inside))
    assert summed.moments(1.0)[2] == pytest.approx(np.nanstd(shown, ddof=1))


@pytest.mark.parametrize(
    ("cycled", "interval"), [(20, (0.37, 0.87)), (100, (0.58, 0.79)), (400, (0.65, 0.75)), (3, (0, 1))]
)
def test_few_cycled_cells_leave_a_correlation_uncertain(cycled, interval):
    assert correlation_interval(0.7, cycled) == pytest.approx(interval, abs=0.005)


def test_context_reaches_every_neighbour():
    assert context_repeats(cells(), 12) == 1
    assert context_repeats(cells(), 32) == 2
