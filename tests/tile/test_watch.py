"""The check of packings: as strict as one cell by cell, and made wherever one is made."""

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutgen.tile.model import Packing
from layoutgen.web.plan import Block, Field, Placement, Regime, Structure, WebFrame, WebPlan, Zone
from tests.layout.designs import grid_plan, scattered_plan
from tests.tile import watch
from tests.tile.checker import check_packing, check_plan, grown, meets, rectangles

ROOT = Path(__file__).parents[2]
FRAME = WebFrame(9_000_000, 10_000, 8_000_000, 8_000_000, 2_000, 40, rotation_allowed=True)
CELL = 7_000, 5_000


def rejected(check, value):
    try:
        check(value)
    except AssertionError:
        return True
    return False


def one_by_one(packing, zones):
    """The same questions, asked of every cell and every pair of cells."""
    cells = rectangles(packing.blocks, packing.item, packing.item)
    inside = all(min(box) >= 0 and box[2] <= packing.frame[0] and box[3] <= packing.frame[1] for box in cells)
    apart = not any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in combinations(cells, 2))
    assert inside
    assert apart
    assert not any(meets(zone, cell) for zone in zones for cell in cells)
    assert len(cells) <= packing.upper_bound


blocks = st.builds(
    Block, st.integers(-1, 12), st.integers(-1, 12), st.integers(1, 3), st.integers(1, 3), st.booleans()
)
corners = st.tuples(st.integers(0, 16), st.integers(0, 16))


@given(
    st.lists(blocks, max_size=3),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.lists(st.tuples(corners, corners, corners), max_size=1),
    st.integers(1, 12),
)
def test_blocks_are_judged_as_their_cells_are(some, item, zones, bound):
    with watch.paused():
        packing = Packing((16, 16), item, tuple(some), bound, "drawn", "")
        packing = replace(packing, proof="drawn" if packing.proved_optimal else "")
    whole = rejected(lambda made: check_packing(made, zones=zones), packing)
    assert whole == rejected(lambda made: one_by_one(made, zones), packing)


def plan_one_by_one(plan):
    kerf, pitch = plan.frame.kerf, (plan.cell[0] + plan.frame.kerf, plan.cell[1] + plan.frame.kerf)
    cells = []
    for field in plan.fields:
        own = rectangles(field.blocks, plan.cell, pitch)
        for box in own:
            a, b, c, d = grown(box, kerf)
            assert field.x <= a
            assert field.y <= b
            assert c <= field.x + field.width
            assert d <= field.y + field.length
        cells += own
    things = [*cells, *(placed.box for placed in plan.structures)]
    for a, b in combinations(things, 2):
        assert not meets(((a[0], a[1]), (a[2], a[1]), (a[2], a[3]), (a[0], a[3])), grown(b, kerf))
    assert not any(meets(zone.corners, grown(box, kerf)) for zone in plan.zones for box in things)


@given(st.lists(blocks, min_size=1, max_size=3), st.lists(corners, min_size=3, max_size=3), corners)
def test_plans_are_judged_as_their_cells_are(some, zone, corner):
    frame = WebFrame(40, 0, 30, 30, 2, 1, rotation_allowed=True)
    moved = tuple(replace(block, x=block.x + 4, y=block.y + 6) for block in some)
    field = Field(3, 5, 24, 24, moved)
    place = Placement(Structure("coupon", 2, 3), 0, corner[0] + 4, corner[1] + 6, 2, 3, 0)
    with watch.paused():
        plan = WebPlan(frame, (3, 2), (field,), 40, field.count, "drawn", "drawn", (place,))
        plan = replace(plan, zones=(Zone("dent", "drawn", tuple((x + 6, y + 8) for x, y in zone)),))
    assert rejected(check_plan, plan) == rejected(plan_one_by_one, plan)


def shifted(plan, **changes):
    """The plan with its first block changed."""
    first, *rest = plan.fields
    block, *others = first.blocks
    for name, step in changes.items():
        block = replace(block, **{name: getattr(block, name) + step})
    return replace(plan, fields=(replace(first, blocks=(block, *others)), *rest))


def zone_over(plan):
    """One dbu of a zone reaches into the street of the last cell of the first block."""
    block = plan.fields[0].blocks[0]
    x = block.x + block.columns * (plan.cell[0] + plan.frame.kerf)
    y = block.y + block.rows * (plan.cell[1] + plan.frame.kerf)
    corner = Zone("dent", "one unit too near", ((x - 1, y - 1), (x + 9, y - 1), (x + 9, y + 9), (x - 1, y + 9)))
    return replace(plan, zones=(corner,))


WRONG = {
    "a cell moved to the left": lambda plan: shifted(plan, x=-1),
    "a cell moved down": lambda plan: shifted(plan, y=-1),
    "a cell moved to the right": lambda plan: shifted(plan, x=1),
    "one column too many": lambda plan: shifted(plan, columns=1),
    "one row too many": lambda plan: shifted(plan, rows=1),
    "a row without cells": lambda plan: shifted(plan, rows=-plan.fields[0].blocks[0].rows),
    "a cell over a zone": zone_over,
    "one cell more than the bound": lambda plan: replace(plan, bound_cells_per_repeat=plan.cells_per_repeat - 1),
    "a proof without its bound": lambda plan: replace(plan, bound_cells_per_repeat=plan.cells_per_repeat + 1),
    "a cell that turned": lambda plan: replace(plan, cell=plan.cell[::-1]),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("side", [3, 1000])
def test_a_grid_by_hand_that_is_wrong_is_found_where_it_is_made(change, side):
    plan = grid_plan(side, side)(FRAME, CELL)
    assert plan.cells_per_repeat == side * side
    with pytest.raises(AssertionError):
        change(plan)


def test_a_wrong_count_is_found(monkeypatch):
    plan = grid_plan(1000, 1000)(FRAME, CELL)
    with monkeypatch.context() as patch:
        patch.setattr(WebPlan, "cells_per_repeat", property(lambda plan: 1_000_001))
        with pytest.raises(AssertionError, match="count"):
            replace(plan, bound_cells_per_repeat=1_000_001)
    monkeypatch.setattr(Field, "count", property(lambda field: field.blocks[0].count + 1))
    with pytest.raises(AssertionError, match="count"):
        replace(plan, bound_cells_per_repeat=1_000_001)


def test_blocks_by_hand_that_overlap_are_found():
    plan = scattered_plan(FRAME, CELL)
    second = plan.fields[0].blocks[1]
    near = replace(plan.fields[0], blocks=(plan.fields[0].blocks[0], replace(second, x=second.x - 1)))
    with pytest.raises(AssertionError, match="overlap"):
        replace(plan, fields=(near,), bound_cells_per_repeat=near.count)


def test_one_repeat_that_runs_into_the_next_is_found():
    free = replace(FRAME, regime=Regime.FREE)
    block = Block(10_040, 40, 5, 7, rotated=False)
    field = Field(10_000, 0, 5 * 7_040 + 40, 7 * 5_040, (block,))
    WebPlan(free, CELL, (field,), field.length, 35, "by hand", "its own count")
    short = replace(field, length=field.length - 1)
    with pytest.raises(AssertionError, match="outside its field"):
        WebPlan(free, CELL, (short,), short.length, 35, "by hand", "its own count")


@pytest.mark.parametrize("script", sorted((ROOT / "benchmarks").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_benchmarks_are_run_as_modules(script):
    """Run by its path a script would go without the watch in benchmarks/__init__.py."""
    text = script.read_text(encoding="utf-8")
    assert f"python -m benchmarks.{script.stem}" in text
    assert not re.search(r"python benchmarks/", text)
