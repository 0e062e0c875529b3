"""The flow of one pass and one cut: geometry by hand, masks, its own rules with mutants; templates on others."""

import json

import pytest
import shapely

from layoutgen import Spec, solve
from layoutgen.errors import TemplateError
from layoutgen.outputs import layout_of
from layoutgen.pdk.load import load_pdk
from layoutgen.receivers.order import order_document
from layoutgen.rules.engine import check_solution, run_rule
from layoutgen.template import load_template
from tests.kits import kit
from tests.layout.designs import make
from tests.rules.mutants import mutants
from tests.rules.webs import SMALL_WEB, context, with_region

ONE, THREE = load_pdk("one-step").pdk, load_pdk("anodeless-ss").pdk
OWN = sorted(name for name in ONE.rules if ONE.rules[name] != THREE.rules.get(name))


@pytest.fixture(scope="module")
def sample():
    return make("one-step", SMALL_WEB, (3000, 2500))


@pytest.fixture(scope="module")
def coupon():
    asked = Spec(capacity="0.3 mAh", footprint="8x10", pdk="one-step", set={"web.structures": "coupon"})
    return solve(asked, compare=False)


def test_three_percent_of_active_area_and_one_layer_by_hand():
    """In 8 x 10 mm: no land of 200 um and no setback of 25 um, one pull-back of 100 um on every side."""
    cell = 10_000 - 150 - 60, 8_000 - 100
    today, one = (
        kit(name).template.bind(kit(name).pdk).active_area_cm2(*cell) for name in ("anodeless-ss", "one-step")
    )
    assert today == pytest.approx((cell[0] - 425) * (cell[1] - 250) * 1e-8, rel=1e-12)
    assert one == pytest.approx((cell[0] - 200) * (cell[1] - 200) * 1e-8, rel=1e-12)
    assert one / today == pytest.approx(1.031, abs=0.001)
    layers = [
        solve(Spec(capacity="20 mAh", footprint="8x10", pdk=name), compare=False).device.layers
        for name in ("anodeless-ss", "one-step")
    ]
    assert layers == [50, 49]


def test_it_keeps_its_own_rules_with_and_without_a_coupon(coupon):
    found = solve(Spec(capacity="20 mAh", footprint="8x10", pdk="one-step"), compare=False)
    for solution in (found, coupon):
        report = check_solution(solution, layout_of(solution))
        assert report.clean
        states = {state.rule: state.state for state in report.states}
        assert {states[name] for name in OWN} == {"passed"}
    assert {"unproven"} <= {flag.code for flag in found.device.flags}


def test_one_pass_and_one_cut(sample):
    web = [name for name in ONE.masks if ONE.layers[name].stage == "web"]
    assert web == ["MARK", "ABLATE_ANODE", "CUT"]
    order = json.dumps(order_document(sample.layout, sample.pdk))
    assert "ABLATE_STACK" not in order
    assert "CONTACT_POS" not in order


def test_the_pass_takes_the_frame_of_every_cell_and_every_street(sample):
    """Independent: areas of the drawn cell and of the mask, by their corners."""
    cell = next(cell for cell in sample.layout.cells if cell.name == "CELL")
    areas = {}
    for polygon in cell.polygons:
        areas[polygon.layer] = areas.get(polygon.layer, 0) + shapely.Polygon(polygon.points).area
    assert areas["CATHODE"] == areas["ELECTROLYTE"] == areas["SUBSTRATE"] == 3_000_000 * 2_500_000
    assert areas["ANODE_CC"] == 2_800_000 * 2_300_000
    assert areas["ABLATE_ANODE"] == areas["SUBSTRATE"] - areas["ANODE_CC"]


@pytest.mark.parametrize("name", OWN)
def test_one_step_beyond_a_limit_is_found_and_just_inside_passes(name, sample):
    rule = ONE.rules[name]
    beyond, inside = mutants(rule, sample)
    assert len(beyond) >= 5
    for what, item in beyond:
        outcome = run_rule(item, rule)
        assert not outcome.obstacle, what
        assert outcome.violations, f"{what} was not found"
    for what, item in inside:
        assert not run_rule(item, rule).violations, what


def test_a_collector_that_reaches_the_cut_meets_the_plus_terminal(sample):
    grown = with_region(sample.layout, "CELL", "ANODE_CC", shapely.box(0, 100_000, 2_900_000, 2_400_000))
    assert run_rule(context(sample, grown), ONE.rules["CON001"]).violations
    assert run_rule(context(sample, grown), ONE.rules["ISO001"]).violations


def test_the_foil_alone_carries_plus_to_the_cap(sample):
    """Drawn a grid step short of the cap the foil is open: there is no land that would join it."""
    short = with_region(sample.layout, "CELL", "SUBSTRATE", shapely.box(1, 0, 3_000_000, 2_500_000))
    assert run_rule(context(sample, short), ONE.rules["CON002"]).violations


def test_a_template_on_another_states_what_it_changes(tmp_path):
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine" / "template.toml"
    file.write_text(
        'extends = "end-terminal"\nname = "mine"\n[[elements]]\nlayer = "TAB"\n'
        'x = ["FILM_OPEN.x0", "cell_length"]\n'
    )
    below, mine = load_template("end-terminal"), load_template("mine", tmp_path)
    assert [item.layer for item in mine.elements] == [item.layer for item in below.elements]
    tab = next(item for item in mine.elements if item.layer == "TAB")
    assert tab.x == ("FILM_OPEN.x0", "cell_length")
    assert tab.net == "-"
    assert mine.films == below.films


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ('extends = "mine"', "leads to no template: mine extends mine"),
        ('extends = "nothing"', "there is no device template 'nothing'"),
        ("extends = 3", "leads to no template"),
        ('extends = "end-terminal"\nremove = ["elements.NONE"]', "there is nothing to remove at 'elements.NONE'"),
        ('extends = "end-terminal"\nremove = ["title.End"]', "there is nothing to remove at 'title.End'"),
        ('extends = "end-terminal"\nremove = "elements.TAB"', "'elements.TAB' is no list of key paths"),
    ],
)
def test_a_wrong_overlay_of_a_template_is_named(stated, said, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "template.toml").write_text(stated + "\n")
    with pytest.raises(TemplateError, match=said):
        load_template("mine", tmp_path)
