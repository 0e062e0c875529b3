"""``layoutgen cavity``: the part for the room in a case, as a board designer would ask and check it."""

import json
import math

import pytest
import shapely
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.errors import DoesNotFit, InputError
from layoutgen.solver.solve import solve
from layoutgen.spec import Spec
from tests.geometry.outlines import MM, fine, shape


def asked(*arguments):
    done = CliRunner().invoke(cli, ["cavity", *arguments, "-q", "--json"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


@pytest.mark.parametrize(
    ("text", "clearance"), [("circle:d=12", "0.1"), ("d-shape:12x10", "0"), ("l-shape:12x8,arm=4", "0.25")]
)
def test_the_package_keeps_its_clearance_and_its_design_is_that_of_solve(text, clearance):
    answer = asked("--outline", text, "--height", "1", "--clearance", clearance, "--upright")
    (part,) = answer["parts"]
    wall = shapely.Polygon(fine(shape(text), 200))
    package = shapely.Polygon([(place["x"] * MM, place["y"] * MM) for place in part["corners_mm"]])
    assert wall.buffer(10).contains(package)
    distance = package.exterior.distance(wall.exterior) / MM
    assert distance >= float(clearance) - 1e-5
    assert part["least_distance_mm"] == pytest.approx(distance, abs=3e-4)
    size = part["package_mm"]
    assert package.area / MM**2 == pytest.approx(size["length"] * size["width"], rel=1e-5)
    same = solve(Spec(footprint=tuple(part["footprint_mm"]), height=1.0), compare=False)
    assert (same.device.rated_mah, same.device.layers) == (pytest.approx(part["rated_mah"]), part["layers"])


def test_no_other_footprint_in_the_circle_holds_more():
    answer = asked("--outline", "circle:d=9", "--height", "1", "--clearance", "0.1", "--upright")
    best = answer["parts"][0]["rated_mah"]
    for degrees in range(25, 66, 5):
        sides = 8.8 * math.cos(math.radians(degrees)), 8.8 * math.sin(math.radians(degrees))
        other = solve(Spec(footprint=sides, height=1.0), compare=False)
        assert other.device.rated_mah <= best * 1.003, degrees


def test_a_case_that_stands_askew_turns_the_part(tmp_path):
    drawing = tmp_path / "case.svg"
    drawing.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="20mm" viewBox="0 0 20 20">'
        '<path d="M 5 0 L 15 10 L 10 15 L 0 5 Z"/></svg>'
    )
    answer = asked("--outline", str(drawing), "--height", "1", "--clearance", "0")
    turned, upright = answer["parts"]
    assert turned["turn_deg"] % 90 == pytest.approx(45)
    # the path is 14.14 by 7.07 mm; rounding down to 0.01 mm is all that the part may lose
    assert turned["package_mm"]["length"] == pytest.approx(14.142, abs=0.02)
    assert turned["package_mm"]["width"] == pytest.approx(7.071, abs=0.02)
    assert upright["rated_mah"] < 0.7 * turned["rated_mah"]
    assert len(asked("--outline", str(drawing), "--height", "1", "--upright")["parts"]) == 1


def test_a_capacity_asked_for_is_what_the_part_has():
    part = asked("--outline", "hexagon:10", "--mah", "3")["parts"][0]
    assert 3.0 <= part["rated_mah"] < 3.1


def test_the_text_and_the_picture(tmp_path):
    picture = tmp_path / "part.svg"
    run = CliRunner()
    arguments = ["cavity", "--outline", "circle:d=8", "--height", "1", "-q", "--svg", str(picture)]
    done = run.invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert "mAh rated" in done.output
    assert "least distance to the wall 0.10" in done.output
    drawn = picture.read_bytes()
    assert b"Part in circle:d=8" in drawn
    assert run.invoke(cli, arguments).exit_code != 0
    assert run.invoke(cli, [*arguments, "--force"]).exit_code == 0
    assert picture.read_bytes() == drawn


@pytest.mark.parametrize("none", ["0", "0.0", "0um", "0 mm"])
def test_no_clearance_is_one_in_every_unit(none):
    answer = asked("--outline", "rectangle:4x3", "--height", "1", "--upright", "--clearance", none)
    assert answer["clearance_mm"] == 0.0
    assert answer["parts"][0]["footprint_mm"] == [4.0, 3.0]


def test_the_process_and_what_is_flagged_of_the_part_are_told():
    bent = ["--outline", "rectangle:18x5.5", "--height", "2.5", "--bend-radius", "9.5", "--upright"]
    answer = asked(*bent, "--foil", "10,25")
    assert [(part["foil_um"], part["cathode_um"]) for part in answer["parts"]] == [(10, 10)]
    assert answer["pdk"]["disclaimer"] == "illustrative, not foundry data"
    same = solve(Spec(footprint=(17.8, 5.3), height=2.5, bend_radius=9.5), compare=False)
    flags = [(flag["code"], flag["message"]) for flag in answer["parts"][0]["flags"]]
    assert flags == [(flag.code, flag.message) for flag in same.device.flags]
    assert "bend" in dict(flags)
    printed = CliRunner().invoke(cli, ["cavity", *bent, "-q"]).output
    assert "illustrative, not foundry data" in printed
    assert all(printed.count(message) == 1 for _, message in flags)


def test_one_layer_is_one_layer():
    done = CliRunner().invoke(cli, ["cavity", "--outline", "circle:d=8", "--mah", "0.001", "-q"])
    assert "mAh rated, 1 layer; 10 um cathode on 10 um substrate\n" in done.output


def test_a_footprint_of_a_file_is_named_by_the_file(tmp_path):
    spec = tmp_path / "ring.toml"
    spec.write_text('schema = "layoutgen.spec/1"\nheight = "1 mm"\nfootprint = "3x3"\n')
    done = CliRunner().invoke(cli, ["cavity", "--outline", "circle:d=8", "--spec", str(spec), "-q"])
    assert str(done.exception).startswith("ring.toml: footprint: the cavity says how large")


WRONG = {
    "nothing": (["--outline", "circle:d=8"], "--height, --mah"),
    "footprint": (["--outline", "circle:d=8", "--height", "1", "--footprint", "3x3"], "footprint"),
    "shape": (["--outline", "ball:d=8", "--height", "1"], "--outline"),
    "clearance": (["--outline", "circle:d=8", "--height", "1", "--clearance", "-1"], "--clearance"),
    "far": (["--outline", "circle:d=8", "--height", "1", "--clearance", "2m"], "--clearance"),
    "name": (["--outline", "circle:d=8", "--height", "1", "--svg", "part.pdf"], "--svg"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_named(name):
    arguments, where = WRONG[name]
    done = CliRunner().invoke(cli, ["cavity", *arguments, "-q"])
    assert isinstance(done.exception, InputError)
    assert any(where in problem.path or where in str(problem.where) for problem in done.exception.problems)


@pytest.mark.parametrize(
    ("outline", "more", "said"),
    [
        ("circle:d=0.3", ["--height", "1"], "no cell of the process has room"),
        ("circle:d=1", ["--height", "1"], "a cavity with room for"),
        ("circle:d=8", ["--height", "0.1"], "a part in "),
        ("circle:d=8", ["--height", "1", "--mah", "90"], "does not fit"),
    ],
)
def test_what_does_not_fit_says_what_would(outline, more, said):
    done = CliRunner().invoke(cli, ["cavity", "--outline", outline, *more, "-q"])
    assert isinstance(done.exception, DoesNotFit)
    assert said in str(done.exception)
    assert "footprint=" not in str(done.exception)
