"""Slit webs: no cell crosses a slit, one repeat, and never more than without the slit."""

from dataclasses import replace

import pytest

from layoutgen.tile.model import Regime
from layoutgen.tile.slit import even_slits, plan_slit_web, strips_of
from layoutgen.tile.web import plan_web
from tests.tile.checker import check_plan, rectangles
from tests.tile.test_web import MM, scanner


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
