"""Bending a design: what is said of each film, when it is judged, and the command."""

import copy
import json

import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.errors import PdkError
from layoutgen.mechanics.bending import Bonding, Verdict, bend_stack
from layoutgen.pdk.load import check_pdk
from tests.kits import as_shipped

MODULI = {"substrate": 193, "barrier": 400, "cathode": 174, "electrolyte": 77, "anode_collector": 117,
          "film_lower": 2.5, "film_upper": 2.5, "lithium": 8.2}  # fmt: skip


def quantity(value, unit, **more):
    return {"value": value, "unit": unit, "kind": "assumed", "source": "of this test"} | more


def bendable(limit=(0.1, 0.03, 0.19), residual=None, shear_gpa=1.0, kind="published"):
    """The steel kit with the films' mechanics stated as wanted; limit None: no film is judged."""
    return bendable_kit(limit, residual, shear_gpa, kind).pdk


def bendable_kit(limit=(0.1, 0.03, 0.19), residual=None, shear_gpa=1.0, kind="published"):
    content = copy.deepcopy(as_shipped("anodeless-ss").content)
    for film, modulus in MODULI.items():
        mechanics = {"modulus": quantity(modulus, "GPa")}
        if film.startswith("film_") and shear_gpa is not None:
            mechanics["shear_modulus"] = quantity(shear_gpa, "GPa")
        if film == "cathode" and limit is not None:
            mechanics["strain_limit"] = quantity(limit[0], "%", low=limit[1], high=limit[2], kind=kind)
        if film == "cathode" and residual is not None:
            mechanics["residual_strain"] = quantity(residual[0], "%", low=residual[1], high=residual[2])
        content["stack"][film]["mechanics"] = mechanics
    base = as_shipped("anodeless-ss")
    return check_pdk(content, base.files, template=base.template, structures=base.structures)


def cathode(bend):
    return next(film for film in bend.films if film.film == "cathode")


def test_one_cell_at_10_mm():
    bend = bend_stack(bendable(), 1, 9.78, 10)
    assert bend.neutral_axis_um == pytest.approx(10.20, abs=0.005)
    assert cathode(bend).high * 100 == pytest.approx(0.0983, abs=5e-5)
    assert bend.least_radius_mm.value == pytest.approx(9.83, abs=0.005)
    assert bend.least_radius_mm.low < 9.83 < bend.least_radius_mm.high


@pytest.mark.parametrize(("layers", "radius_mm"), [(5, 69.4), (11, 159), (49, 726)])
def test_bonded_stacks(layers, radius_mm):
    bend = bend_stack(bendable(), layers, 9.78, 10)
    assert bend.bonding is Bonding.BONDED
    assert bend.least_radius_mm.value == pytest.approx(radius_mm, rel=1e-3)
    assert bend.least_radius_sliding_mm.value == pytest.approx(9.83, abs=0.005)


def test_soft_films_let_layers_slide():
    bend = bend_stack(bendable(shear_gpa=1e-4), 49, 9.78, 10)
    assert bend.bonding is Bonding.SLIDING
    assert bend.neutral_axis_um == bend.cell_axis_um
    assert bend.least_radius_mm.value == pytest.approx(9.83, abs=0.005)


def test_what_nobody_stated_is_not_taken_for_soft():
    bend = bend_stack(bendable(shear_gpa=None), 49, 9.78, 10)
    assert bend.bonding is Bonding.BETWEEN
    assert bend.block
    assert bend.lag_mm is None


@pytest.mark.parametrize(
    ("radius_mm", "verdict"),
    [(40, Verdict.HOLDS), (10, Verdict.OPEN), (4, Verdict.BREAKS), (float("inf"), Verdict.HOLDS)],
)
def test_a_range_decides_outside_itself_only(radius_mm, verdict):
    assert bend_stack(bendable(), 1, 9.78, radius_mm).verdict is verdict


@pytest.mark.parametrize(("radius_mm", "stands"), [(40, Verdict.HOLDS), (10, Verdict.OPEN), (4, Verdict.BREAKS)])
def test_a_limit_that_is_assumed_judges_nothing(radius_mm, stands):
    bend = bend_stack(bendable(kind="assumed"), 1, 9.78, radius_mm)
    assert bend.verdict is Verdict.NOT_JUDGED
    assert cathode(bend).stands is stands
    assert bend.least_radius_mm.value == pytest.approx(9.83, abs=0.005)


def test_without_a_limit_nothing_is_judged():
    bend = bend_stack(bendable(limit=None), 1, 9.78, 0.5)
    assert bend.verdict is Verdict.NOT_JUDGED
    assert bend.least_radius_mm is None


def test_residual_strain_comes_on_top():
    """Pressed together by 0.1 % the film takes twice the bend; stretched by its limit it takes none."""
    pressed = bend_stack(bendable(limit=(0.1, 0.1, 0.1), residual=(-0.1, -0.1, -0.1)), 1, 9.78, 10)
    assert pressed.least_radius_mm.value == pytest.approx(9.83 / 2, abs=0.005)
    stretched = bend_stack(bendable(limit=(0.1, 0.1, 0.1), residual=(0.1, 0.1, 0.1)), 1, 9.78, 1000)
    assert stretched.least_radius_mm.value == float("inf")
    assert stretched.verdict is Verdict.BREAKS


def test_films_inside_are_safe_from_stretch():
    bend = bend_stack(bendable(), 1, 9.78, 4, films_outside=False)
    assert bend.verdict is Verdict.HOLDS
    assert cathode(bend).high == pytest.approx(0.00167 / 4 * 0.1, abs=1e-4)


def test_charged_cells_bend_with_their_lithium():
    built, charged = (bend_stack(bendable(), 1, 9.78, 10, charged=state) for state in (False, True))
    assert charged.laminate.thickness_um == pytest.approx(built.laminate.thickness_um + 3.18, abs=0.01)
    assert charged.neutral_axis_um > built.neutral_axis_um


def test_a_kit_without_mechanics_names_all_of_them():
    content = copy.deepcopy(as_shipped("anodeless-ss").content)
    for film in content["stack"].values():
        film.pop("mechanics", None)
    base = as_shipped("anodeless-ss")
    pdk = check_pdk(content, base.files, template=base.template, structures=base.structures).pdk
    with pytest.raises(PdkError) as refused:
        bend_stack(pdk, 1, 9.78, 10)
    assert len(refused.value.problems) == 7
    assert "stack.cathode.mechanics" in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--radius", "0"], "--radius"),
        (["--radius", "ten"], "--radius"),
        (["--radius", "-3"], "--radius"),
        ([], "--radius"),
        (["--radius", "10", "--layers", "0"], "--layers"),
        (["--radius", "10", "--layers", "2.5"], "--layers"),
        (["--radius", "10", "--bonded", "--sliding"], "--bonded, --sliding"),
        (["--radius", "0.005", "--layers", "1"], "more than 0.0102 mm"),
        (["--radius", "0.0115", "--layers", "1", "--films-inside"], "more than 0.01163 mm"),
        (["--radius", "10", "--set", "stack.cathode.thickness=4"], "design again"),
    ],
)
def test_wrong_input_is_named(arguments, said, tmp_path, design_json):
    result = CliRunner().invoke(cli, ["bend", str(design_json), *arguments], standalone_mode=False)
    assert result.exception is not None
    text = str(result.exception) + getattr(result.exception, "message", "")
    assert said in text or said.strip("-") in text


@pytest.fixture(scope="module")
def design_json(tmp_path_factory):
    """A design by the steel kit with mechanics stated, as design.json."""
    from layoutgen import Spec, solve
    from layoutgen.document import to_document

    base = as_shipped("anodeless-ss")
    content = copy.deepcopy(base.content)
    for film, modulus in MODULI.items():
        content["stack"][film]["mechanics"] = {"modulus": quantity(modulus, "GPa")}
    content["stack"]["cathode"]["mechanics"]["strain_limit"] = quantity(
        0.1, "%", low=0.03, high=0.19, kind="published"
    )
    kit = check_pdk(content, base.files, template=base.template, structures=base.structures)
    solution = solve(Spec(capacity="0.3 mAh", footprint="8x10"), kit)
    path = tmp_path_factory.mktemp("bend") / "design.json"
    path.write_text(json.dumps(to_document(solution)), encoding="utf-8")
    return path


def test_the_command_says_it_as_json_and_in_files(design_json, tmp_path):
    out = tmp_path / "bent"
    result = CliRunner().invoke(
        cli, ["bend", str(design_json), "--radius", "10", "--layers", "1", "--json", "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["neutral_axis_um"] == pytest.approx(10.20, abs=0.005)
    films = {film["film"]: film for film in answer["films"]}
    assert films["cathode"]["strain_percent"]["high"] == pytest.approx(0.0983, abs=5e-5)
    assert films["cathode"]["limit_percent"] == pytest.approx(0.1)
    assert set(answer["least_radius_mm"]) >= {"low", "high"}
    assert json.loads((out / "bend.json").read_text()) == answer
    assert (out / "bend.svg").read_text().count("<text") > 10


def test_the_command_fails_where_a_film_breaks(design_json):
    result = CliRunner().invoke(cli, ["bend", str(design_json), "--radius", "4", "--layers", "1"])
    assert result.exit_code == 1
    assert "cathode is stretched past its limit" in result.stdout


def test_flat_is_said_in_words_and_as_json_that_every_reader_takes(design_json, tmp_path):
    out = tmp_path / "flat"
    result = CliRunner().invoke(cli, ["bend", str(design_json), "--radius", "inf", "--out", str(out)])
    assert result.exit_code == 0
    assert ", flat, films outside" in result.stdout
    assert "-0.0000" not in result.stdout
    assert json.loads((out / "bend.json").read_text())["radius_mm"] is None
    assert "flat" in (out / "bend.svg").read_text()
