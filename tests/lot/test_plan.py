"""The probe card by a full enumeration of its own, the pace by hand, and what the command leaves."""

import csv
import json
import math

import numpy as np
import pytest

from layoutgen.cli import main
from layoutgen.lot.plan import best_cards, blocks_of, plan_with, sites_of, sweep_seconds
from tests.lot.webs import cells, design_file, webtest


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_the_card_of_the_example():
    """Blocks of 17 x 15 and 18 x 15 with 96 sites: 6 x 15 probes, 6 touchdowns, 97.2 %."""
    plan = best_cards(blocks_of(cells()), 96)[0]
    assert (plan.card.columns, plan.card.rows, len(plan.touchdowns)) == (6, 15, 6)
    assert plan.efficiency == pytest.approx(0.972, abs=5e-4)


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("sites", [1, 2, 7, 16, 96, 1000])
def test_no_card_has_fewer_touchdowns(small, sites):
    blocks = blocks_of(cells(small))
    best = best_cards(blocks, sites)[0]
    least = min(
        sum(
            math.ceil(b.columns / (w if b.turned == blocks[0].turned else h))
            * math.ceil(b.rows / (h if b.turned == blocks[0].turned else w))
            for b in blocks
        )
        for w in range(1, sites + 1)
        for h in range(1, sites // w + 1)
    )
    assert len(best.touchdowns) == least
    assert best.card.sites <= sites


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("sites", [5, 24])
def test_every_cell_is_read_once_by_one_probe(small, sites):
    web = cells(small)
    plan = best_cards(blocks_of(web), sites)[0]
    assert plan.cells == web.cells
    number = sites_of(web, plan)
    assert number.min() == 1
    assert number.max() <= plan.card.sites
    # no probe reads two cells in one touchdown: a touchdown has as many probes as cells
    assert np.bincount(number).max() <= len(plan.touchdowns)


def test_touchdowns_stand_over_their_cells():
    web = cells(small=True)
    blocks = {block.name: block for block in blocks_of(web)}
    for item in plan_with(tuple(blocks.values()), best_cards(tuple(blocks.values()), 6)[0].card).touchdowns:
        field, block = (int(part[1:]) for part in item.block.split("-"))
        inside = (
            (web.field == field)
            & (web.block == block)
            & (web.column >= item.column)
            & (web.column < item.column + item.columns)
            & (web.row >= item.row)
            & (web.row < item.row + item.rows)
        )
        assert inside.sum() == item.cells
        assert item.centre_um == pytest.approx((web.x_um[inside].mean(), web.y_um[inside].mean()))


def test_time_of_a_stepped_sweep():
    """5 a decade: from 1 Hz 2.710 s, from 10 Hz 0.271 s."""
    sweep = webtest().sweep
    slow = sweep.model_copy(update={"low": sweep.low.model_copy(update={"value": 1.0})})
    assert sweep_seconds(slow) == pytest.approx(2.710, abs=5e-4)
    assert sweep_seconds(sweep) == pytest.approx(0.271, abs=5e-4)


def test_what_the_command_leaves(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    design_file(tmp_path)
    code, out, _ = run(
        capsys, "test", "plan", "design.json", "--web-length", "200", "--sites", "96", "--out", "plan"
    )
    assert code == 0
    assert "6 x 15" in out
    plan = json.loads((tmp_path / "plan/plan.json").read_text())
    assert plan["card"]["columns"] == 6
    assert plan["repeats"] == 1344
    total = plan["touchdowns"] * plan["seconds_per_touchdown"] / 3600
    assert plan["hours"] == pytest.approx(total)
    assert plan["metres_per_minute"] == pytest.approx(1344 * 0.14874 / total / 60)
    assert sum(plan["seconds"].values()) == pytest.approx(plan["seconds_per_touchdown"])
    rows = list(csv.DictReader((tmp_path / "plan/touchdowns.csv").read_text().splitlines()))
    assert sum(int(row["cells"]) for row in rows) == 525
    assert (tmp_path / "plan/plan.svg").read_bytes().startswith(b"<?xml")
    again = run(capsys, "test", "plan", "design.json", "--web-length", "200", "--sites", "96", "--json")
    assert json.loads(again[1]) == plan


WRONG = {
    ("plan", "design.json", "--sites", "0"): "--sites",
    ("plan", "design.json", "--sites", "many"): "--sites",
    ("plan", "design.json", "--web-length", "0.01"): "--web-length",
    ("plan", "design.json", "--web-length", "nan"): "--web-length",
    ("plan", "nowhere"): "nowhere",
    ("plan", "design.json", "--rules", "nowhere.toml"): "--rules",
    ("plan", "design.json", "--rules", "bad.toml"): "chanels",
    ("plan", "design.json", "--out", "full"): "layoutgen test plan made",
    ("simulate", "design.json", "--web-length", "6", "--seed", "-1"): "--seed",
    ("simulate", "design.json", "--web-length", "6", "--signature", "scrach"): "'scratch'",
    ("simulate", "design.json", "--web-length", "6", "--correlation", "2"): "--correlation",
    ("simulate", "design.json", "--web-length", "6", "--out", "full"): "did not make",
    ("simulate", "design.json"): "--web-length",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_input_is_named_and_nothing_is_written(arguments, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    design_file(tmp_path, small=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    (tmp_path / "bad.toml").write_text("[test.prober]\nchanels = 3\n")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run(capsys, "test", *arguments)
    assert (code, out) == (2, "")
    assert WRONG[arguments] in err
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before
