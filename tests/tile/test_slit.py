"""Slit webs: no cell crosses a slit, one repeat, and never more than without the slit."""

from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.tile.webplan.density import searched_density
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.tile.webplan.slit import even_slits, plan_slit_web, strips_of
from layoutgen.web.plan import Regime, WebFrame
from tests.tile.checker import check_plan, rectangles
from tests.tile.test_web import MM, best_row, scanner


@pytest.mark.parametrize("regime", Regime)
@pytest.mark.parametrize("strips", [2, 3, 4])
@pytest.mark.parametrize("turn", [True, False])
def test_no_cell_crosses_a_slit(regime, strips, turn):
    frame = scanner(
        regime=regime, repeat_length=200 * MM if regime is Regime.FIXED else None, rotation_allowed=turn
    )
    cell = (8 * MM, 10 * MM)
    slits = even_slits(frame, strips, 2 * MM)
    plan = plan_slit_web(replace(frame, slits=slits), cell)
    check_plan(plan)
    pitch = cell[0] + frame.kerf, cell[1] + frame.kerf
    for field in plan.fields:
        for x0, _, x1, _ in rectangles(field.blocks, cell, pitch):
            assert not any(x0 - frame.kerf < b and a < x1 + frame.kerf for a, b in slits)
    whole = plan_web(frame, cell)
    assert plan.cells_per_repeat / plan.repeat_length <= whole.bound_cells_per_repeat / whole.repeat_length
    assert plan.utilization > 0.8


def test_uneven_slits():
    frame = scanner()
    plan = plan_slit_web(replace(frame, slits=((100 * MM, 102 * MM),)), (8 * MM, 10 * MM))
    check_plan(plan)
    assert strips_of(frame, [(100 * MM, 102 * MM)]) == ((10 * MM, 100 * MM), (102 * MM, 290 * MM))
    assert len(plan.fields) == 3


def test_a_slit_outside_the_web_is_refused():
    with pytest.raises(ValueError, match="usable web"):
        strips_of(scanner(), [(295 * MM, 296 * MM)])
    with pytest.raises(ValueError, match="strips"):
        even_slits(scanner(), 0, MM)


@given(
    st.lists(st.integers(5, 24), min_size=2, max_size=3),
    st.integers(6, 14),
    st.integers(6, 14),
    st.integers(0, 3),
    st.tuples(st.integers(2, 7), st.integers(2, 7)),
)
@settings(max_examples=25)
def test_the_bound_of_a_slit_web_against_all_rows(strips, field_width, field_length, gap, cell):
    """Every length of fields tried, every strip filled by exhaustive search: none holds more than the bound."""
    ends = list(accumulate(strips))
    frame = WebFrame(ends[-1], 0, field_width, field_length, gap, 1, True, slits=tuple((e, e) for e in ends[:-1]))
    plan = plan_slit_web(frame, cell)
    density = plan.cells_per_repeat / plan.repeat_length
    most = (plan.bound_cells_per_repeat + 1) / plan.repeat_length
    for length in range(2, field_length + 1):
        row = sum(best_row(replace(frame, width=strip, slits=()), cell, length) for strip in strips)
        assert row / (length + gap) <= most
        if plan.proved_optimal and plan.fields:
            assert row / (length + gap) <= density + 1e-12


@given(
    st.lists(st.integers(10, 120), min_size=2, max_size=4),
    st.tuples(st.integers(4, 30), st.integers(4, 30)),
)
@settings(max_examples=40)
def test_a_density_to_beat_changes_how_long_is_searched_and_not_what_is_found(strips, cell):
    ends = list(accumulate(strips))
    frame = WebFrame(ends[-1], 0, 60, 55, 2, 1, True, slits=tuple((e, e) for e in ends[:-1]))
    plan = plan_slit_web(frame, cell)
    density = plan.cells_per_repeat / (frame.width * plan.repeat_length)
    assert searched_density(frame, cell) == pytest.approx(density, rel=1e-12)
    assert searched_density(frame, cell, density * (1 - 1e-9)) == pytest.approx(density, rel=1e-12)
    assert searched_density(frame, cell, density * (1 + 1e-9)) == 0
