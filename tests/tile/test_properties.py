"""What must hold whatever the method: more work, more room, another unit or a turned field never cost a cell."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from layoutgen.tile.model import Effort
from layoutgen.tile.pack.frame import improving, pack
from layoutgen.tile.webplan.lanes import free_lanes
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.web.plan import Regime, WebFrame
from tests.tile.brute import most_items
from tests.tile.checker import check_packing, check_plan

fields = st.tuples(st.integers(1, 90), st.integers(1, 90))
items = st.tuples(st.integers(4, 30), st.integers(4, 30))
efforts = st.sampled_from([Effort.QUICK, Effort.STANDARD, Effort.HIGH])
few = settings(max_examples=60, deadline=None)


def density(plan):
    return Fraction(plan.cells_per_repeat, plan.repeat_length)


@given(fields, items)
@settings(max_examples=25, deadline=None)
def test_more_effort_never_costs_a_cell_and_never_loosens_the_bound(field, item):
    packings = [
        pack(field, item, effort=effort) for effort in (Effort.QUICK, Effort.STANDARD, Effort.MEDIUM, Effort.HIGH)
    ]
    for packing in packings:
        check_packing(packing)
    assert [p.count for p in packings] == sorted(p.count for p in packings)
    assert [p.upper_bound for p in packings] == sorted((p.upper_bound for p in packings), reverse=True)


@given(fields, items, st.booleans(), efforts)
@settings(max_examples=40)
def test_every_answer_on_the_way_is_better_and_the_last_is_the_answer(field, item, turn, effort):
    answers = list(improving(field, item, rotation_allowed=turn, effort=effort))
    for before, after in pairwise(answers):
        assert (after.count, -after.upper_bound) > (before.count, -before.upper_bound)
        assert after.count >= before.count
        assert after.upper_bound <= before.upper_bound
        assert not before.proof
    assert answers[-1] == pack(field, item, rotation_allowed=turn, effort=effort)


@given(fields, items, st.tuples(st.integers(0, 8), st.integers(0, 8)), efforts)
@few
def test_more_room_never_costs_a_cell(field, item, more, effort):
    larger = field[0] + more[0], field[1] + more[1]
    assert pack(larger, item, effort=effort).count >= pack(field, item, effort=effort).count


@given(fields, items, efforts)
@few
def test_a_turned_field_holds_as_many(field, item, effort):
    upright, turned = pack(field, item, effort=effort), pack(field[::-1], item, effort=effort)
    assert (upright.count, upright.upper_bound) == (turned.count, turned.upper_bound)
    other = pack(field, item[::-1], effort=effort)
    assert (upright.count, upright.upper_bound) == (other.count, other.upper_bound)


@given(fields, items, st.integers(2, 10**6), efforts)
@few
def test_the_unit_does_not_matter(field, item, k, effort):
    small = pack(field, item, effort=effort)
    large = pack((field[0] * k, field[1] * k), (item[0] * k, item[1] * k), effort=effort)
    assert (small.count, small.upper_bound, small.method) == (large.count, large.upper_bound, large.method)
    assert [(b.x * k, b.y * k, b.columns, b.rows) for b in small.blocks] == [
        (b.x, b.y, b.columns, b.rows) for b in large.blocks
    ]


webs = st.builds(
    WebFrame,
    width=st.integers(60, 400),
    edge=st.integers(0, 25),
    field_width=st.integers(10, 150),
    field_length=st.integers(10, 150),
    field_gap=st.integers(0, 12),
    kerf=st.integers(0, 3),
    rotation_allowed=st.booleans(),
    regime=st.just(Regime.FIXED),
    repeat_length=st.integers(10, 300),
)


@given(webs, items, st.integers(0, 20), st.integers(0, 20))
@few
def test_a_fixed_repeat_is_valid_and_grows_with_its_room(web, cell, longer, wider):
    plan = plan_web(web, cell)
    check_plan(plan)
    assert plan.repeat_length == web.repeat_length
    larger = plan_web(replace(web, repeat_length=web.repeat_length + longer, width=web.width + wider), cell)
    assert larger.cells_per_repeat >= plan.cells_per_repeat


@given(webs, items, st.integers(2, 1000), st.sampled_from(Regime))
@few
def test_the_unit_of_a_web_does_not_matter(web, cell, k, regime):
    web = replace(web, regime=regime, repeat_length=web.repeat_length if regime is Regime.FIXED else None)
    lengths = ("width", "edge", "field_width", "field_length", "field_gap", "kerf")
    scaled = replace(web, **{name: getattr(web, name) * k for name in lengths})
    if regime is Regime.FIXED:
        scaled = replace(scaled, repeat_length=web.repeat_length * k)
    small, large = plan_web(web, cell), plan_web(scaled, (cell[0] * k, cell[1] * k))
    assert density(large) * k == density(small)


@given(st.integers(1, 60), st.integers(2, 20), st.integers(2, 20), st.booleans(), st.integers(1, 90))
@settings(max_examples=150, deadline=None)
@example(reach=30, u=4, v=3, turn=True, longest=4)
@example(reach=36, u=11, v=3, turn=True, longest=31)
def test_free_lanes_against_every_choice_of_lanes_and_repeat(reach, u, v, turn, longest):
    """No lanes side by side, cut at any length that is allowed, hold more per length than those found."""
    found = free_lanes(reach, u, v, rotation_allowed=turn, max_repeat=longest)
    choices = [(a, b) for a in range(reach // u + 1) for b in range((reach - a * u) // v + 1) if turn or not b]
    if max(choices) == (0, 0):
        assert found is None
        return
    assert found.cells_per_length == Fraction(found.straight, v) + Fraction(found.turned, u)
    count = found.straight * (found.repeat // v) + found.turned * (found.repeat // u)
    allowed = range(1, max(longest, v, u if any(b for _, b in choices) else 0) + 1)
    best = max(Fraction(a * (r // v) + b * (r // u), r) for a, b in choices for r in allowed)
    assert Fraction(count, found.repeat) == best


@given(st.integers(20, 90), items, st.tuples(st.integers(0, 6), st.integers(0, 6)))
@few
def test_smaller_cells_never_hold_less_on_a_free_web(width, cell, less):
    """The search over cell sizes leaves sizes out by this."""
    web = WebFrame(width, 0, width, width, 0, 0, True, Regime.FREE)
    smaller = max(3, cell[0] - less[0]), max(3, cell[1] - less[1])
    assert density(plan_web(web, smaller)) >= density(plan_web(web, cell))


@pytest.mark.parametrize("reach", range(2, 7))
@pytest.mark.parametrize("cell", [(2, 1), (3, 2), (3, 1)])
def test_no_piece_of_a_band_beats_the_endless_lanes(reach, cell):
    """Exhaustive search on frames of every short length: none holds more per length than endless lanes do."""
    lanes = free_lanes(reach, *cell, rotation_allowed=True, max_repeat=cell[0] * cell[1])
    for length in range(1, 8):
        assert most_items(reach, length, *cell) <= lanes.cells_per_length * length
