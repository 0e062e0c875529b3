"""Test structures: inside a field, a kerf from every cell and from one another, and as cheap as can be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.tile.webplan.around import plan_around
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.tile.webplan.structures import place_structures
from layoutgen.web.plan import Structure, Zone
from tests.tile.checker import check_plan, meets, rectangles
from tests.tile.test_web import MM, scanner


def check(before, placed):
    """Room for each, and the cost as counted; the rest is for the checker of all plans."""
    check_plan(placed.plan)
    assert len(placed.plan.structures) == len(placed.placements)
    assert before.cells_per_repeat - placed.plan.cells_per_repeat == placed.cost_cells


sizes = st.tuples(st.integers(1, 20), st.integers(1, 20))


@given(st.tuples(st.integers(4, 20), st.integers(4, 20)), st.lists(sizes, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_structures_have_room_and_honest_costs(cell, wanted):
    plan = plan_web(scanner(), (cell[0] * MM, cell[1] * MM))
    structures = [Structure(f"s{k}", w * MM, h * MM) for k, (w, h) in enumerate(wanted)]
    placed = place_structures(plan, structures)
    assert not placed.unplaced
    check(plan, placed)


@given(st.tuples(st.integers(4, 9), st.integers(4, 9)), sizes)
@settings(max_examples=25, deadline=None)
def test_no_other_place_costs_less(cell, size):
    """Every place on the grid of dbu of a small web; packing again afterwards can only cost less."""
    frame = scanner(width=64, edge=2, field_width=40, field_length=33, field_gap=2, kerf=1)
    plan = plan_web(frame, cell)
    placed = place_structures(plan, [Structure("coupon", *size, may_turn=False)])
    best = np.inf
    pitch = cell[0] + 1, cell[1] + 1
    for field in plan.fields:
        cells = np.array(rectangles(field.blocks, cell, pitch)).reshape(-1, 4)
        for x in range(field.x + 1, field.x + field.width - size[0]):
            for y in range(field.y + 1, field.y + field.length - size[1]):
                hit = (cells[:, 0] < x + size[0] + 1) & (x - 1 < cells[:, 2])
                hit &= (cells[:, 1] < y + size[1] + 1) & (y - 1 < cells[:, 3])
                best = min(best, hit.sum())
    if placed.placements:
        check(plan, placed)
        assert placed.cost_cells <= best
    else:
        assert best == np.inf


def test_a_structure_larger_than_any_field_is_reported():
    plan = plan_web(scanner(), (8 * MM, 10 * MM))
    placed = place_structures(plan, [Structure("wafer", 200 * MM, 3 * MM)])
    assert [s.name for s in placed.unplaced] == ["wafer"]
    assert placed.plan.fields == plan.fields


def test_a_structure_can_be_asked_for_in_one_field():
    plan = plan_web(scanner(), (8 * MM, 10 * MM))
    placed = place_structures(plan, [Structure("left", MM, MM, field=0), Structure("right", MM, MM, field=1)])
    assert [p.field for p in placed.placements] == [0, 1]
    check(plan, placed)


@pytest.mark.parametrize("size", [(8, 10), (16, 10)])
def test_a_coupon_of_cell_size_costs_as_many_cells(size):
    plan = plan_web(scanner(), (8 * MM, 10 * MM))
    placed = place_structures(plan, [Structure("coupon", size[0] * MM, size[1] * MM)])
    assert placed.cost_cells <= size[0] // 8


def test_the_checker_of_plans_sees_what_is_wrong():
    zone = Zone("dent", "known defect", ((40 * MM, 30 * MM), (70 * MM, 45 * MM), (60 * MM, 70 * MM)))
    frame = scanner(slits=((149 * MM, 151 * MM),))
    plan = place_structures(plan_around(frame, (8 * MM, 10 * MM), [zone]), [Structure("coupon", MM, 5 * MM)]).plan
    check_plan(plan)
    left, right = plan.fields[0], plan.fields[-1]
    (coupon,), block = plan.structures, plan.fields[0].blocks[0]
    wrong = {
        "slit": {"fields": (left, replace(right, x=150 * MM))},
        "zone": {"zones": (replace(zone, corners=((0, 0), (block.x, block.y), (0, block.y))),)},
        "structure outside": {"structures": (replace(coupon, y=0),)},
        "share less": {"structures": (replace(coupon, x=block.x, y=block.y),)},
    }
    for word, change in wrong.items():
        with pytest.raises(AssertionError, match=word):
            check_plan(replace(plan, **change))
    assert not meets(((0, 0), (4, 0), (0, 4)), (2, 2, 5, 5))
    assert meets(((0, 0), (4, 0), (0, 4)), (1, 2, 5, 5))
