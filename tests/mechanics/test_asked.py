"""A bend in a question: what the search leaves out, what is said of films that nobody judges, and terminals."""

import json
import math

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen import Spec, solve
from layoutgen.cli import cli
from layoutgen.document import from_document, to_document
from layoutgen.errors import DoesNotFit, LayoutgenError
from layoutgen.layout.build import build_layout
from layoutgen.mechanics.asked import BendLimits, bend_figures, first_axis_mm, terminal_gap_um
from layoutgen.mechanics.bending import Bonding, Verdict, bend_stack
from layoutgen.pdk.load import check_pdk
from layoutgen.rules.engine import check_solution
from tests.kits import as_shipped
from tests.mechanics.test_bending import bendable, bendable_kit

ASKED = {"capacity": "2 mAh", "footprint": "8x10"}


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.floats(0.02, 5), st.floats(-0.05, 0.05))
def test_the_least_radius_of_a_block_is_that_of_its_laminate(layers, limit, residual):
    """Independent: all films of all layers as one laminate, as built and charged."""
    pdk = bendable((limit + 0.06, 0.01, 9), (residual, residual, residual))
    bends = [bend_stack(pdk, layers, 9.78, 10, charged=state, together=Bonding.BONDED) for state in (False, True)]
    wanted = max(bend.least_radius_mm.value for bend in bends)
    assert BendLimits(pdk).least_radius_mm(layers) == pytest.approx(wanted, rel=1e-9)


def test_hand_cases_of_the_least_radius():
    limits = BendLimits(bendable())
    assert limits.least_radius_mm(1) == pytest.approx(9.83, abs=0.005)
    assert limits.least_radius_mm(49, block=False) == limits.least_radius_mm(1)
    # charged, a layer is 3.18 um thicker: 11 layers take 175 mm where 11 as built took 159
    assert limits.least_radius_mm(11) == pytest.approx(159 + 5 * 3.18, rel=0.01)


def test_the_most_layers_hold_and_one_more_does_not():
    limits = BendLimits(bendable())
    for radius in (5, 9.83, 9.85, 30, 100, 700):
        layers = limits.most_layers(radius)
        assert layers == 0 or limits.least_radius_mm(layers) <= radius
        assert limits.least_radius_mm(layers + 1) > radius


def test_a_question_leaves_out_stacks_that_a_sourced_limit_does_not_take():
    kit = bendable_kit()
    flat = solve(Spec(**ASKED), kit)
    bent = solve(Spec(**ASKED, bend_radius="80 mm"), kit)
    assert flat.device.layers > bent.device.layers
    assert BendLimits(kit.pdk).least_radius_mm(bent.device.layers) <= 80
    more = next(item for item in bent.alternatives if item.layers == bent.device.layers + 1)
    assert more.why_not == "too thick for a bend to 80 mm"
    assert {item.limit: item.binds for item in bent.limits}["bending radius"]


def test_where_no_stack_takes_it_a_radius_is_offered_that_has_an_answer():
    kit = bendable_kit()
    with pytest.raises(DoesNotFit) as refused:
        solve(Spec(capacity="20 mAh", footprint="8x10", bend_radius="100 mm"), kit)
    text = str(refused.value)
    assert "bent to 100 mm" in text
    offered = text.split("bend_radius=")[1].split(";")[0].split()[0]
    found = solve(Spec(capacity="20 mAh", footprint="8x10", bend_radius=f"{offered} mm"), kit, compare=False)
    assert BendLimits(kit.pdk).least_radius_mm(found.device.layers) <= float(offered)


def test_layers_that_slide_take_what_one_cell_takes():
    """Films of 0.1 MPa: shear lag 17.5 mm, longer than the cell."""
    found = solve(Spec(capacity="20 mAh", footprint="8x10", bend_radius="10 mm"), bendable_kit(shear_gpa=1e-4))
    assert found.device.layers > 40
    assert found.device.cell_length_um / 1000 <= BendLimits(found.loaded.pdk).sliding_mm
    with pytest.raises(DoesNotFit):
        solve(Spec(capacity="20 mAh", footprint="8x10", bend_radius="9 mm"), bendable_kit(shear_gpa=1e-4))


def test_an_assumed_limit_decides_nothing_and_is_flagged():
    flat = solve(Spec(capacity="20 mAh", footprint="8x10"), compare=False)
    bent = solve(Spec(capacity="20 mAh", footprint="8x10", bend_radius="5 mm"), compare=False)
    assert bent.device.layers == flat.device.layers
    flag = next(flag for flag in bent.device.flags if flag.code == "bend")
    assert "assumed: reported, not judged" in flag.message
    figures = bend_figures(bent.loaded.pdk, bent.template, bent.device, 5.0)
    assert figures["bend.radius"] is None
    assert figures["bend.roller_radius"] is None


def test_infinity_is_todays_device():
    flat, wide = (solve(Spec(**ASKED, **bend), compare=False) for bend in ({}, {"bend_radius": 1e5}))
    assert flat.device.stack == wide.device.stack
    assert flat.web == wide.web
    document = to_document(wide)
    assert all(
        abs(film["strain_percent"][end]) < 1e-3 for film in document["bend"]["films"] for end in ("low", "high")
    )
    assert document["bend"]["terminals"]["gap_um"] == pytest.approx(0, abs=0.05)


def test_a_part_built_curved_bends_its_innermost_cell_alone():
    kit = bendable_kit()
    asked = {"capacity": "17 mAh", "footprint": "18x5.5", "height": "2.5 mm", "curved": True}
    bent = solve(Spec(**asked, bend_radius="9.8 mm"), kit, compare=False)
    assert bent.device.layers > 30
    # its neutral axis lies lid, metal and 10.2 um above the inside
    assert first_axis_mm(kit.pdk, bent.template) == pytest.approx(0.0902, abs=1e-4)
    with pytest.raises(DoesNotFit, match=r"built curved to 9\.7 mm"):
        solve(Spec(**asked, bend_radius="9.7 mm"), kit)


def test_a_part_that_would_close_on_itself_is_no_answer():
    found = solve(
        Spec(footprint="30x5", height="1 mm", bend_radius="3 mm", curved=True),
        bendable_kit(limit=None),
        compare=False,
    )
    assert found.device.package_length_um / 1000 < 2 * math.pi * 3


def test_terminals_of_a_bent_part_rise_by_the_chord_of_their_arc():
    """Independent: two points on a circle, heights by Pythagoras."""
    found = solve(Spec(**ASKED), compare=False)
    device, radius = found.device, 20_000.0

    def height(arc):
        x = radius * math.sin(arc / radius)
        return math.sqrt(radius**2 - x**2)

    half = device.package_length_um / 2
    wanted = height(half - device.terminal_length_um) - height(half)
    assert terminal_gap_um(device, found.template, 20.0) == pytest.approx(wanted, rel=1e-9)


def test_rules_of_bending_judge_what_is_sourced():
    kit = bendable_kit()
    found = solve(Spec(**ASKED, bend_radius="80 mm"), kit, compare=False)
    layout = build_layout(
        found.loaded, found.template, (found.device.cell_length_um, found.device.cell_width_um), found.web, "bent",
        dbu_nm=found.dbu_nm,
    )  # fmt: skip
    states = {state.rule: state for state in check_solution(found, layout).states}
    assert states["MEC001"].measured == pytest.approx(9830, abs=5)
    assert states["MEC002"].measured <= 80_000
    assert {states[name].state for name in ("MEC001", "MEC002", "MEC003")} == {"passed"}
    flat = solve(Spec(**ASKED), compare=False)
    states = {state.rule: state.state for state in check_solution(flat, layout).states if state.rule[:3] == "MEC"}
    assert states == dict.fromkeys(("MEC001", "MEC002", "MEC003"), "not applicable")


def test_rollers_that_crack_the_cathode_are_refused():
    pdk = bendable_kit((0.01, 0.01, 0.01))
    with pytest.raises(LayoutgenError, match="MEC001"):
        solve(Spec(**ASKED), pdk)


def test_the_document_of_a_bent_design_opens_again_and_an_edited_strain_is_refused():
    document = json.loads(json.dumps(to_document(solve(Spec(**ASKED, bend_radius="50 mm"), compare=False))))
    assert from_document(document).spec.bend_radius == 50
    document["bend"]["films"][0]["strain_percent"]["high"] /= 2
    with pytest.raises(LayoutgenError, match="bend"):
        from_document(document)


def test_without_mechanics_a_kit_says_that_it_says_nothing():
    base = as_shipped("anodeless-ss")
    content = json.loads(json.dumps(base.content))
    for film in content["stack"].values():
        film.pop("mechanics", None)
    kit = check_pdk(content, base.files, template=base.template, structures=base.structures)
    found = solve(Spec(**ASKED, bend_radius="5 mm"), kit, compare=False)
    assert "bend-unknown" in {flag.code for flag in found.device.flags}
    assert to_document(found)["bend"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bend-radius", "0"], "bend_radius"),
        (["--bend-radius", "wide"], "bend_radius"),
        (["--curved"], "bend_radius"),
    ],
)
def test_wrong_input_is_named(arguments, said):
    result = CliRunner().invoke(
        cli, ["solve", "--mah", "2", "--footprint", "8x10", *arguments], standalone_mode=False
    )
    assert said in str(result.exception)


def test_explore_takes_radii_and_compares_within_each(tmp_path):
    limit = ["--set", "stack.cathode.mechanics.strain_limit=0.1"]
    arguments = ["--mah", "2", "--footprint", "8x10", "--bend-radius", "50,100", "--out", str(tmp_path / "bent")]
    result = CliRunner().invoke(cli, ["explore", *arguments, *limit, "--jobs", "1", "-q", "--json"])
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["rows"]
    assert [row["bend_radius_mm"] for row in rows] == [50, 100]
    assert [row["fits"] for row in rows] == [False, True]


def test_bend_and_design_say_the_same_of_a_design():
    found = solve(Spec(**ASKED, bend_radius="80 mm"), bendable_kit(), compare=False)
    bend = bend_stack(found.loaded.pdk, found.device.layers, found.device.cell_length_um / 1000, 80)
    assert bend.verdict in {Verdict.HOLDS, Verdict.OPEN}
