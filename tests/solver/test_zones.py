"""Zones, slits and saws through the whole road: question, plan, document, layout, rules."""

import pytest
import shapely.affinity
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from layoutgen.document import from_document, to_document
from layoutgen.errors import DoesNotFit, LayoutgenError, SpecError
from layoutgen.outputs import layout_of
from layoutgen.rules.engine import check_solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.units import parse_outline_mm
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


def boxes_of(plan, outline, repeats=3):
    """Cells of some repeats, with those that come within a kerf of an outline that comes with each."""
    kerf, length = plan.frame.kerf, plan.repeat_length
    zones = [shapely.affinity.translate(outline, 0, number * length) for number in range(-2, repeats + 2)]
    for number in range(repeats):
        for x0, y0, x1, y1 in cells_of(plan):
            shift = number * length
            cell = box(x0 - kerf, y0 - kerf + shift, x1 + kerf, y1 + kerf + shift)
            yield cell, any(cell.intersection(zone).area > 0 for zone in zones)


@pytest.mark.parametrize(
    ("outline", "settings"),
    [
        ("0,140,300x50", {}),
        ("100,-10 160,-5 150,30 130,14", {}),
        ("290,0,30x200", {}),
        ("20,100,40x60", {"regime": "free"}),
        ("0,-20,300x30", {"regime": "fixed", "repeat_length": "90 mm"}),
        ("0,-20,300x400", {"regime": "fixed", "repeat_length": "90 mm"}),
    ],
)
def test_a_zone_that_reaches_past_the_repeat_lies_on_the_next_one_as_well(outline, settings):
    try:
        solution = solved(({"name": "joint", "reason": "tape joint", "outline": outline},), **settings)
    except DoesNotFit as error:
        assert "no cell of" in str(error)
        assert "300x400" in outline
        return
    plan, unit = solution.web, 1e6 / solution.dbu_nm
    asked = Polygon([(round(x * unit), round(y * unit)) for x, y in parse_outline_mm(outline)])
    assert not any(near for _, near in boxes_of(plan, asked))
    assert clean(solution) == []
    assert from_document(to_document(solution)).web.zones == plan.zones
    drawn = unary_union([Polygon(zone.corners) for zone in plan.zones])
    repeat = box(0, 0, plan.frame.width, plan.repeat_length)
    copies = [shapely.affinity.translate(asked, 0, number * plan.repeat_length) for number in range(-60, 60)]
    assert drawn.intersection(repeat).symmetric_difference(unary_union(copies).intersection(repeat)).area < 1e-6


@pytest.mark.parametrize("field", [None, 2])
def test_a_zone_that_keeps_nothing_free_is_refused(field):
    zone = {"name": "dent", "reason": "known defect", "outline": "0,160,300x5", "field": field}
    with pytest.raises(SpecError, match="lies outside"):
        solved((zone,))
