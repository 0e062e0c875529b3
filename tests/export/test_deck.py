"""The exported DRC deck: every rule is in it; KLayout, where it is installed, gives our verdicts with it."""

import random
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

from layoutgen.export.drc_deck import NOT_IN_DECK, drc_deck
from layoutgen.export.gds import gds_bytes
from layoutgen.outputs import layout_of
from layoutgen.rules.context import Context
from layoutgen.rules.engine import run_rule
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.rules.mutants.nets import seeded_opens, seeded_shorts
from tests.rules.test_klayout import broken_layout, random_sample
from tests.rules.webs import NO_FIGURES, added, context, on_device, rect, web

KLAYOUT = shutil.which("klayout")
needs_klayout = pytest.mark.skipif(KLAYOUT is None, reason="the KLayout application is not installed")


def broken_by_deck(item, folder):
    """The rules of which the deck reports something."""
    script, gds, report = folder / "rules.drc", folder / "layout.gds", folder / "report.lyrdb"
    script.write_text(drc_deck(item, "test"))
    gds.write_bytes(gds_bytes(item.layout, item.pdk))
    report.unlink(missing_ok=True)
    command = [KLAYOUT, "-b", "-zz", "-r", script, "-rd", f"input={gds}", "-rd", f"report={report}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    tree = ET.parse(report)
    return {entry.findtext("category").strip("'") for entry in tree.iter("item")}


def broken_by_us(item):
    rules = {name: rule for name, rule in item.pdk.rules.items() if rule.check not in NOT_IN_DECK}
    return {name for name, rule in rules.items() if run_rule(item, rule).violations}


@pytest.mark.parametrize("name", ["two fields", "free", "biased"])
def test_every_rule_is_in_the_deck_or_named_as_left_out(name):
    item = context(web(name))
    text = drc_deck(item, "test")
    left_out = re.search(r"# Left to layoutgen check: (.*)\.", text).group(1).split(", ")
    for rule_id, rule in item.pdk.rules.items():
        applies = not rule.regimes or item.pdk.web.regime in rule.regimes
        if rule.check in NOT_IN_DECK:
            assert rule_id in left_out
        else:
            assert (f'.output("{rule_id}", ' in text) == applies, rule_id
    assert text.count("(") == text.count(")")
    assert drc_deck(item, "test") == text


@needs_klayout
@pytest.mark.slow
@pytest.mark.parametrize("name", ["two fields", "free", "biased"])
def test_klayout_finds_nothing_in_designs_as_drawn(name, tmp_path):
    assert broken_by_deck(context(web(name)), tmp_path) == set()


@needs_klayout
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["TAB and the next SUBSTRATE", "TERM_NEG and SUBSTRATE", "TAB broken", "foil broken"]
)
def test_klayout_finds_seeded_shorts_and_opens(name, tmp_path):
    changes = seeded_shorts(web()) | seeded_opens(web())
    item = context(web(), on_device(web(), changes[name]))
    found = broken_by_deck(item, tmp_path)
    assert found & {"CON001", "CON002"}
    assert found == broken_by_us(item)


@needs_klayout
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_klayout_breaks_the_same_rules_on_broken_layouts(seed, tmp_path):
    dice = random.Random(1000 + seed)
    sample = random_sample(dice)
    item = context(sample, broken_layout(dice, sample))
    obstacles = {name for name, rule in item.pdk.rules.items() if run_rule(item, rule).obstacle}
    assert broken_by_deck(item, tmp_path) - obstacles == broken_by_us(item)


@needs_klayout
@pytest.mark.slow
def test_klayout_leaves_out_what_rules_leave_out(tmp_path):
    """A web with a coupon is clean; of edits in and beside it both report the same rules."""
    small = {"web.width": "70 mm", "web.edge": "4 mm", "web.field_width": "30 mm", "web.field_length": "30 mm"}
    asked = {"capacity": 2, "footprint": "8x10", "set": {**small, "web.structures": "coupon"}}
    solution = solve(build_spec(asked, {}), compare=False)
    layout = layout_of(solution)
    (coupon,) = solution.web.structures

    def judged(changed):
        pdk = solution.loaded.pdk
        item = Context(pdk, solution.template, changed, solution.web.repeat_length, NO_FIGURES)
        return broken_by_deck(item, tmp_path), broken_by_us(item)

    assert judged(layout) == (set(), set())
    x, y = coupon.x, coupon.y
    for layer, shape in (
        ("LABEL", rect(x + 1_000, y + 1_000, 100_000, 100_000)),
        ("FORBIDDEN", rect(x + 1_000, y + 1_000, 100_000, 100_000)),
        ("CUT", rect(x - 30_000, y + coupon.length // 2, 60_000, 5_000)),
    ):
        layout = added(layout, "REPEAT", layer, shape)
    theirs, ours = judged(layout)
    assert theirs == ours
    assert {"WEB012", "WEB017", "ALN006"} <= ours
    assert "WEB009" not in ours, "labels in a structure are its own"
