"""Yield learned: hand cases, other ways to the same figures, and webs whose truth is known."""

import json
import math

import numpy as np
import pytest

from layoutgen.cli import main
from layoutgen.lot.folder import open_web
from layoutgen.lot.learn.clustering import BlockCounts, fail_free, fit_blocks, fit_windows, join_count, morans_i
from layoutgen.lot.learn.failmap import FAILED, LEFT_OUT, SOUND, FailMap
from layoutgen.lot.learn.inspection import kill_ratios
from layoutgen.lot.learn.learned import overlay
from layoutgen.lot.learn.periods import find_period
from layoutgen.lot.learn.signatures import find_signatures
from layoutgen.lot.plan import best_cards, blocks_of, sites_of
from layoutgen.lot.reading.defects import defect_table
from layoutgen.lot.reading.klarf_file import Defects
from layoutgen.lot.synthetic import SyntheticWeb
from layoutgen.lot.table import About
from layoutgen.pdk.load import load_pdk
from tests.lot.webs import cells, recipe, solution, synthetic

AREA = 0.7157
ROLLERS = {"coating-drum": 628_300.0}


def test_windows_of_the_hand_case_and_back():
    sizes = [1, 2, 4, 9, 25]
    shares = fail_free(np.array(sizes), 0.1 * AREA, 2.0)
    assert shares == pytest.approx([0.93210, 0.87088, 0.76525, 0.57213, 0.27858], abs=1e-5)
    density, alpha = fit_windows(sizes, list(shares), AREA)
    assert density == pytest.approx(0.1, rel=1e-6)
    assert alpha == pytest.approx(2.0, rel=1e-5)


def test_join_count_of_the_hand_case():
    """10 x 10 rook, 10 bad: J 180, m2 484, E 1.63636, V 1.35074; and by throwing."""
    bad = np.zeros((10, 10), dtype=bool)
    bad.ravel()[:10] = True
    both, mean, variance = join_count(bad)
    assert both == 9
    assert mean == pytest.approx(1.63636, abs=1e-5)
    assert variance == pytest.approx(1.35074, abs=1e-5)
    rng = np.random.default_rng(1)
    thrown = [join_count(rng.permutation(bad.ravel()).reshape(10, 10))[0] for _ in range(4000)]
    assert np.mean(thrown) == pytest.approx(mean, abs=0.06)
    assert np.var(thrown) == pytest.approx(variance, rel=0.1)


def test_morans_i_of_a_checkerboard():
    board = np.indices((8, 8)).sum(axis=0) % 2 * 1.0
    assert morans_i(board) == pytest.approx(-1)
    assert morans_i(np.arange(64.0).reshape(8, 8)) > 0.8


def blocks(alpha, density, seed, count=4000, n=9):
    rng = np.random.default_rng(seed)
    g = rng.gamma(alpha, 1 / alpha, count) if math.isfinite(alpha) else np.ones(count)
    tested = rng.integers(3, n + 1, count)
    return BlockCounts.of(tested, rng.binomial(tested, 1 - np.exp(-g * density * AREA)))


@pytest.mark.parametrize(("alpha", "density"), [(2.0, 0.1), (0.5, 0.3), (4.0, 0.3)])
def test_blocks_give_density_and_clustering_without_bias(alpha, density):
    found = [fit_blocks(blocks(alpha, density, seed), AREA) for seed in range(12)]
    for values, true in (
        ([f.defect_density.value for f in found], density),
        ([f.cluster_parameter.value for f in found], alpha),
    ):
        error = np.std(values, ddof=1) / math.sqrt(len(values))
        assert abs(np.mean(values) - true) < 2.6 * error + 0.01 * true
    inside = [f.defect_density.low <= density <= f.defect_density.high for f in found]
    assert sum(inside) >= 9


def test_a_web_without_clusters_is_not_told_from_random():
    found = [fit_blocks(blocks(math.inf, 0.1, seed), AREA) for seed in range(10)]
    assert sum(f.random for f in found) >= 8
    nothing = fit_blocks(BlockCounts.of(np.full(50, 9), np.zeros(50, dtype=int)), AREA)
    assert nothing.defect_density.value == 0 < nothing.defect_density.high


def web_of(seed, repeats=402, **changes):
    """The failures of a synthetic web, straight from its truth."""
    web = cells()
    plan = best_cards(blocks_of(web), 96)[0]
    made = SyntheticWeb(
        web, solution().loaded.pdk, sites_of(web, plan), recipe(seed=seed, repeats=repeats, **changes)
    )
    states = []
    for readings, truth in made.chunks():
        read = (readings["passes"] > 0) & ((readings["status"] & 1) == 0)
        dead = (truth["cause"] > 0) & (truth["cause"] < 6)
        states.append(np.where(~read, LEFT_OUT, np.where(dead, FAILED, SOUND)).astype(np.uint8))
    return FailMap(web, np.concatenate(states), 1), made.truth_document()


def test_a_mark_is_found_to_a_tenth_of_a_millimetre_in_its_lane_only():
    fails, truth = web_of(7, signatures=("mark",), splice=False)
    lane = int(next(s for s in truth["signatures"] if s["kind"] == "period")["place"].split()[1])
    found = find_signatures(fails, 0.01, ROLLERS)
    assert [(item.kind, item.place) for item in found] == [("period", f"lane {lane}")]
    assert found[0].more["circumference_mm"] == pytest.approx(628.3, abs=0.1)
    assert found[0].more["roller"] == "coating-drum"
    assert found[0].cells >= truth["causes"]["roll mark"]


@pytest.mark.slow
def test_no_mark_is_found_where_there_is_none():
    """210 lanes of six webs."""
    smallest = 1.0
    for seed in range(6):
        fails, _ = web_of(100 + seed, signatures=(), splice=False)
        for lane in range(fails.map.lanes):
            (part,) = fails.along(lane)
            found = find_period(fails.y_um(part[0]), part[1], 9820.0)
            smallest = min(smallest, found.p if found else 1.0)
    assert smallest > 0.01 / 7 / 35


def test_every_signature_is_found_and_what_is_left_is_the_density():
    fails, truth = web_of(3)
    found = {(item.kind, item.place): item for item in find_signatures(fails, 0.01, ROLLERS)}
    wanted = {(s["kind"], s["place"]) for s in truth["signatures"] if s["kind"] != "edge"}
    assert wanted <= found.keys()
    assert {kind for kind, _ in found} == {"splice", "run", "period", "edge"}
    edges = {number for (kind, _), item in found.items() if kind == "edge" for number in item.more["lanes"]}
    assert edges == {1, 2, 34, 35}
    assert all(item.p < 0.01 for item in found.values())
    left = fit_blocks(fails.blocks(25_000.0), cells().area_cm2)
    assert left.defect_density.low * 0.97 < 0.1 < left.defect_density.high * 1.03
    assert left.cluster_parameter.low * 0.9 < 2 < left.cluster_parameter.high * 1.1


@pytest.mark.slow
def test_twenty_seeds_are_unbiased_and_no_signature_is_invented():
    densities, alphas, invented = [], [], 0
    for seed in range(20):
        fails, _ = web_of(seed, repeats=134, signatures=(), splice=False)
        invented += len(find_signatures(fails, 0.01, ROLLERS))
        found = fit_blocks(fails.blocks(25_000.0), cells().area_cm2)
        densities.append(found.defect_density.value)
        alphas.append(found.cluster_parameter.value)
    for values, true in ((densities, 0.1), (alphas, 2.0)):
        assert abs(np.mean(values) - true) < 2 * np.std(values, ddof=1) / math.sqrt(20)
    # at 1 % a web, two or more of 20 have a chance of 2 %
    assert invented <= 1


def plain_web(repeats=200, rate=0.05, seed=1):
    web = cells()
    rng = np.random.default_rng(seed)
    state = np.where(rng.random((repeats, web.cells)) < rate, FAILED, SOUND).astype(np.uint8)
    return FailMap(web, state, 1), rng


def test_a_dead_lane_and_a_dead_place_are_found_as_such():
    fails, rng = plain_web()
    lane = fails.map.by_lane[12]
    fails.state[:, lane] = np.where(rng.random((200, len(lane))) < 0.9, FAILED, SOUND)
    fails.state[:, 321] = FAILED
    # runs of a dead lane are runs too; either is a true answer, the lane must not be lost
    found = find_signatures(fails, 0.01, {})
    places = {item.place for item in found}
    assert "lane 13" in places
    assert fails.map.names[321] in places or any(item.kind == "run" for item in found)


def test_a_drift_is_found():
    fails, rng = plain_web(rate=0.0)
    rates = np.linspace(0.02, 0.10, 200)[:, None]
    fails.state[:] = np.where(rng.random(fails.state.shape) < rates, FAILED, SOUND)
    (found,) = find_signatures(fails, 0.01, {})
    assert found.kind == "drift"
    assert found.more["share_at_end"] == pytest.approx(0.10, abs=0.01)


def test_a_mark_of_a_roll_that_slips_is_followed():
    """A narrow web of 720 m: a mark on its first half, a third of a turn of slip after 240 m."""
    web, rng = cells(small=True), np.random.default_rng(5)
    repeats = int(720e6 / web.length_um)
    state = np.where(rng.random((repeats, web.cells)) < 0.02, FAILED, SOUND).astype(np.uint8)
    fails = FailMap(web, state, 1)
    places = np.concatenate([part for part, _ in fails.along(1)])
    y = fails.y_um(places)
    phase = np.where(y < 240e6, 0.0, 200_000.0)
    under = (np.mod(y - phase, 628_300.0) < 5000) & (y < 400e6) & (rng.random(len(y)) < 0.8)
    state.reshape(-1)[places[under]] = FAILED
    (found,) = find_signatures(fails, 0.01, ROLLERS)
    assert (found.kind, found.place, found.more["roller"]) == ("period", "lane 2", "coating-drum")
    assert found.more["circumference_mm"] == pytest.approx(628.3, abs=0.1)
    assert found.cells >= 0.95 * under.sum()
    assert 390 < found.more["to_metre"] < 480


def test_kill_ratios_of_classes_that_kill_and_that_do_not(tmp_path):
    fails, rng = plain_web(repeats=300, rate=0.05)
    repeat, cell = rng.integers(0, 300, 4000), rng.integers(0, cells().cells, 4000)
    kind = np.where(np.arange(4000) < 2000, 4, 9)
    kills = (kind == 4) & (rng.random(4000) < 0.6)
    fails.state[repeat[kills], cell[kills]] = FAILED
    x, y = cells().x_um[cell], cells().y_um[cell]
    beside = Defects(np.array([3]), *np.full((3, 1), 5.0), np.array([2]), np.array([-1]))
    seen = Defects(repeat + 1, x, y, np.full(4000, 8.0), kind, cell)
    defect_table(
        tmp_path / "defects.parquet", [seen, beside], About("part", "0" * 64, cells().cells, 1, 300, True, {})
    )
    found = {item["kind"]: item for item in kill_ratios(tmp_path / "defects.parquet", fails)}
    assert found[2] == {
        "kind": 2,
        "points": 1,
        "cells": 0,
        "failed": 0,
        "kill_ratio": None,
        "low": None,
        "high": None,
    }
    for number, true in ((4, 0.6), (9, 0.0)):
        item = found[number]
        assert item["low"] - 0.01 < true < item["high"] + 0.01
        assert item["kill_ratio"] == pytest.approx(true, abs=0.04)
        assert item["cells"] == len(set(zip(repeat[kind == number], cell[kind == number], strict=True)))
    assert kill_ratios(tmp_path / "none.parquet", fails) == []


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([*arguments])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_the_ring_is_closed(tmp_path, capsys, monkeypatch):
    """From a web to a kit that the next design runs on, around a place that is dead."""
    monkeypatch.chdir(tmp_path)
    web = synthetic(tmp_path, repeats=60, defect_density_cm2=0.25, signatures=(), splice=False)
    code, out, _ = run(capsys, "yield", "web", "-q")
    assert code == 0
    assert "defects" in out
    found = json.loads((web / "yield.json").read_text())
    assert found["synthetic"] is True
    density = found["defect_density"]
    assert density["low"] < density["value"] < density["high"]
    kit = load_pdk(str(web / "kit")).pdk
    assert kit.yield_.defect_density.value == pytest.approx(density["value"], rel=1e-5)
    # numbers of a web that was never made are measured by nobody, and the kit says so wherever it is named
    assert (kit.yield_.defect_density.kind, kit.name) == ("assumed", "anodeless-ss-synthetic")
    assert "synthetic" in kit.title
    assert "Synthetic" in kit.disclaimer
    assert "Synthetic" in (web / "zones.toml").read_text()
    measured = overlay(open_web(web), found | {"synthetic": False}, None, web / "kit").decode()
    assert measured.count('kind = "measured"') == 2
    assert "ynthetic" not in measured
    assert "60 repeats" in kit.yield_.defect_density.source
    code, out, err = run(capsys, "solve", "--mah", "20", "--footprint", "8x10", "--pdk", "web/kit", "-q")
    assert code == 0, err
    assert json.loads(run(capsys, "yield", "web", "-q", "--json")[1]) == found


def test_dead_places_become_zones_that_a_design_takes(tmp_path, capsys, monkeypatch):
    from layoutgen.lot.learn.learned import zones_text
    from layoutgen.lot.learn.signatures import Signature
    from layoutgen.lot.zones import dead_cells, read_zones

    monkeypatch.chdir(tmp_path)
    web = open_web(synthetic(tmp_path, repeats=3))
    lane = tuple(cells().by_lane[3].tolist())
    place = cells().names[400]
    made = [
        Signature("lane", "lane 4", 0.0, 9, {"lane": 4, "share": 0.9}, lane),
        Signature("place", place, 0.0, 9, {"share": 0.8}, (400,)),
    ]
    (tmp_path / "zones.toml").write_bytes(zones_text(web, made))
    zones = read_zones(tmp_path / "zones.toml")
    assert dead_cells(web.map, zones) == sorted({*lane, 400})
    code, _, err = run(
        capsys, "solve", "--mah", "20", "--footprint", "8x10", "--spec", "zones.toml", "--effort", "standard", "-q"
    )
    assert code == 0, err
