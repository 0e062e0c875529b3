"""KLayout's Region engine gives the same verdict as our check, rule by rule."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import shapely

from layoutgen.export.gds import gds_bytes
from layoutgen.geometry.regions import simple_polygons
from layoutgen.pdk.load import load_pdk
from layoutgen.rules.engine import run_rule
from tests.layout.designs import make
from tests.rules.mutants import mutants
from tests.rules.mutants.changes import drawn, wider
from tests.rules.oracle import Oracle
from tests.rules.webs import WEBS, added, context, edited, home, rect, web, with_region

RULES = dict(sorted(load_pdk().pdk.rules.items()))
TINY_WEB = (
    ("web.width", "24 mm"), ("web.edge", "3 mm"), ("web.field_width", "9 mm"), ("web.field_length", "7 mm"),
)  # fmt: skip


def oracle_of(item, folder):
    path = folder / "layout.gds"
    path.write_bytes(gds_bytes(item.layout, item.pdk))
    return Oracle(path, item.pdk, item.template, item.repeat_dbu)


def verdicts(item, folder):
    """Every rule that both can judge: whether it holds, as our check says and as KLayout says."""
    both = [found for found in judged(item, folder) if found[2] is not None]
    return {name: (not outcome.violations, theirs) for name, outcome, theirs in both}


def judged(item, folder):
    """Every rule with our outcome and KLayout's verdict, None where only one of the two can judge."""
    oracle = oracle_of(item, folder)
    for name, rule in sorted(item.pdk.rules.items()):
        outcome = run_rule(item, rule)
        yield name, outcome, None if outcome.obstacle else oracle.holds(rule)


def assert_same_verdicts(item, folder):
    """Every rule that both can judge; the ids of the broken ones are returned."""
    broken = []
    for name, outcome, theirs in judged(item, folder):
        if outcome.violations:
            broken.append(name)
        if theirs is not None:
            assert not outcome.exempt
            assert (not outcome.violations) == theirs, f"{name}: {outcome.violations[:3]}, KLayout says {theirs}"
    return broken


@pytest.mark.parametrize("name", WEBS)
def test_webs_as_drawn(name, tmp_path):
    assert assert_same_verdicts(context(web(name)), tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.check != "figure"])
def test_mutants_of_every_rule(name, tmp_path):
    for found, holds in zip(mutants(RULES[name]), (False, True), strict=True):
        for what, item in found:
            verdict = oracle_of(item, tmp_path).holds(item.pdk.rules[name])
            assert verdict is holds, what


def random_sample(dice):
    """A small web of a process that varies within what the kit calls plausible."""
    overrides = [*TINY_WEB]
    for path, low, high, step in (
        ("device.contact_land", 150, 400, 10), ("device.pull_back", 80, 200, 5), ("device.end_gap", 100, 300, 10),
        ("device.overhang", 30, 45, 1), ("device.window_length", 150, 300, 10), ("device.wall", 60, 150, 5),
        ("device.terminal_wrap", 300, 600, 10), ("web.kerf", 20, 100, 2), ("marks.probe", 200, 500, 10),
        ("laser.overlay", 5, 12, 1), ("laser.margin", 2, 8, 1),
    ):  # fmt: skip
        if dice.random() < 0.5:
            overrides.append((path, f"{dice.randrange(low, high + 1, step)} um"))
    if dice.random() < 0.25:
        overrides.append(("web.regime", "free"))
    if dice.random() < 0.25:
        overrides.append(("web.rotation_allowed", "false"))
    cell = dice.randrange(2400, 3600, 10), dice.randrange(1700, 3200, 10)
    return make("anodeless-ss", tuple(overrides), cell)


def broken_layout(dice, sample):
    """One to three random edits of the sample's layout, of any size."""
    layout = sample.layout
    for _ in range(dice.randint(1, 3)):
        layout = dice.choice([_edge, _bite, _patch, _on_web, _mark])(dice, sample, layout)
    return layout


def _edge(dice, sample, layout):
    layer = dice.choice([element.layer for element in sample.template.template.elements])
    return wider(layout, home(sample, layer), layer, [dice.choice((0, 0, -1, 1)) * size(dice) for _ in range(4)])


def size(dice):
    return dice.choice((1, 10, 1_000, 10_000, 25_000, 60_000, dice.randrange(1, 150_000)))


def _bite(dice, sample, layout):
    layer = dice.choice([element.layer for element in sample.template.template.elements])
    return _changed(dice, sample, layout, layer, lambda region, spot: region - spot)


def _patch(dice, sample, layout):
    layer = dice.choice([element.layer for element in sample.template.template.elements])
    return _changed(dice, sample, layout, layer, lambda region, spot: region | spot)


def _changed(dice, sample, layout, layer, change):
    """A layer of the device with a random rectangle cut out or added, at an edge or anywhere."""
    region = drawn(sample)[layer]
    x0, y0, x1, y1 = (round(value) for value in region.bounds)
    x = dice.choice((x0, x1, dice.randrange(x0 - 50_000, x1))) - dice.choice((0, 1, 30_000))
    y = dice.choice((y0, y1, dice.randrange(y0 - 50_000, y1))) - dice.choice((0, 1, 30_000))
    spot = rect(x, y, size(dice) + dice.choice((0, 200_000)), size(dice) + dice.choice((0, 300_000)))
    changed = change(region, spot)
    if changed.is_empty or not simple_polygons(changed):
        return layout
    return with_region(layout, home(sample, layer), layer, changed)


def _on_web(dice, sample, layout):
    cells = [cell.name for cell in layout.cells if cell.name.startswith(("BAR", "SEGMENT", "FIELD_"))]
    layer = dice.choice(("STREET", "CUT", "ABLATE_STACK"))
    name = dice.choice(cells)
    if dice.random() < 0.7:
        return wider(
            layout, name, layer, [dice.choice((0, 0, -1, 1)) * dice.choice((1, 1_000, 9_000)) for _ in range(4)]
        )

    def shifted(cell):
        from dataclasses import replace

        number = dice.randrange(len(cell.placements))
        found = list(cell.placements)
        x, y = found[number].origin
        found[number] = replace(found[number], origin=(x + size(dice), y - size(dice)))
        return replace(cell, placements=tuple(found))

    return edited(layout, "FIELD_1", shifted)


def _mark(dice, sample, layout):
    layer = dice.choice(
        ("FIDUCIAL", "LABEL", "FIELD", "WEB_EDGE", "FORBIDDEN", "STREET", "SUBSTRATE", "CUT", "PROBE")
    )
    x = dice.randrange(-1_000_000, sample.plan.frame.width)
    if layer in {"LABEL", "FIDUCIAL"}:  # marks are judged one by one, so a shape across one is not theirs
        x = -500_000
    y = dice.randrange(0, sample.plan.repeat_length - 400_000)
    shape = rect(x, y, size(dice) + 1_000, size(dice) + 1_000)
    if dice.random() < 0.2:  # beside the web: where slanted edges cross others, the two engines round differently
        x = -700_000
        shape = shapely.Polygon([(x, y), (x + 90_000, y + 3), (x + 90_000, y + 70_000), (x, y + 70_000)])
    return added(layout, "REPEAT", layer, shape)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_random_designs_and_broken_ones(seed, tmp_path):
    """Thirty designs, each as drawn and once broken; nearly all of the broken ones break rules."""
    dice = random.Random(seed)
    count = 0
    for number in range(30):
        sample = random_sample(dice)
        changed = context(sample, broken_layout(dice, sample))
        try:
            assert_same_verdicts(context(sample), tmp_path)
            count += bool(assert_same_verdicts(changed, tmp_path))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, design {number}: {error}") from error
    assert count >= 24


def test_the_command_that_counts_verdicts():
    command = [sys.executable, "-m", "benchmarks.rules_klayout", "1"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True)
    compared, differ = re.search(r"(\d+) verdicts .* (\d+) differ", done.stdout).groups()
    assert int(compared) > 100
    assert differ == "0"
