"""Zones, slits and saws through the whole road: question, plan, document, layout, rules."""

import pytest
from shapely.geometry import Polygon, box

from layoutgen.document import from_document, to_document
from layoutgen.errors import LayoutgenError, SpecError
from layoutgen.flow import layout_of
from layoutgen.rules.engine import check_solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.tile import watch
from tests.tile.checker import cells_of, check_plan

SPLICE = {"name": "splice", "reason": "tape joint", "outline": "0,60,300x6"}
DENT = {"name": "dent", "reason": "known defect", "outline": "10,10 30,10 30,22 20,22 20,30 10,30", "field": 2}
# across the whole web at an angle, with corners between the points of the mask grid
SLANTED = {"name": "joint", "reason": "tape joint, cut at an angle", "outline": "0,30 100,35.333333 100,38 0,33.1"}
WRINKLE = {"name": "wrinkle", "reason": "known defect", "outline": "40,20 50,22 60,45 45,40"}


def solved(zones=(), **settings):
    values = {"capacity": "20 mAh", "footprint": "8x10", "zones": zones}
    values["set"] = {f"web.{key}": value for key, value in settings.items()}
    return solve(build_spec(values, {}), compare=False)


def clean(solution):
    report = check_solution(solution, layout_of(solution))
    return [
        state.rule for state in report.states if state.state in {"failed", "not run"} and state.severity == "error"
    ]


@pytest.mark.parametrize(
    ("zones", "web"),
    [((SPLICE, DENT), {}), ((SLANTED, WRINKLE), {"width": "100 mm", "field_length": "60 mm"})],
    ids=["across and in a field", "slanted sides that cross"],
)
def test_no_cell_comes_within_a_kerf_of_a_zone(zones, web):
    solution = solved(zones, **web)
    plan, kerf = solution.web, solution.web.frame.kerf
    check_plan(plan)
    for zone in plan.zones:
        outline = Polygon(zone.corners)
        for x0, y0, x1, y1 in cells_of(plan):
            assert box(x0 - kerf, y0 - kerf, x1 + kerf, y1 + kerf).intersection(outline).area == 0
    assert plan.cells_per_repeat < plan.bound_cells_per_repeat <= solved(**web).web.bound_cells_per_repeat + 10
    assert clean(solution) == []
    document = to_document(solution)
    assert [zone["name"] for zone in document["web"]["zones"]] == [zone["name"] for zone in zones]
    again = from_document(document).web
    assert (again.zones, again.fields, again.proof) == (plan.zones, plan.fields, plan.proof)


def test_a_zone_moved_onto_cells_is_found():
    from dataclasses import replace

    solution = solved((SPLICE,))
    x0, y0, x1, y1 = cells_of(solution.web)[0]
    moved = replace(solution.web.zones[0], corners=((x0, y0), (x1, y0), (x1, y1), (x0, y1)))
    with watch.paused():
        web = replace(solution.web, zones=(moved,))
    assert "WEB012" in clean(replace(solution, web=web))


@pytest.mark.parametrize("regime", ["fields", "free"])
def test_no_cell_meets_a_slit(regime):
    solution = solved(slits="3", regime=regime)
    ((a, b), (c, d)) = solution.web.frame.slits
    assert solution.web.cells_per_repeat > 0
    assert all(x1 <= a or b <= x0 for x0, _, x1, _ in cells_of(solution.web))
    assert all(x1 <= c or d <= x0 for x0, _, x1, _ in cells_of(solution.web))
    assert clean(solution) == []
    again = from_document(to_document(solution)).web
    assert (again.frame, again.fields) == (solution.web.frame, solution.web.fields)


@pytest.mark.parametrize(
    ("zone", "word"),
    [
        ({"outline": "0,0"}, "outline"),
        ({"outline": "0,0 9,9 9,0 0,9"}, "crosses itself"),
        ({"outline": "0,900,5x5"}, "outside"),
        ({"field": 9}, "no field 9"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_wrong_zone_is_named(zone, word):
    with pytest.raises(SpecError, match=word):
        solved((SPLICE | zone,))


def test_slits_that_leave_the_web_are_named():
    with pytest.raises(LayoutgenError, match="slit"):
        solved(slits="2, 9")
