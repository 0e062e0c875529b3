"""``tile --outline``: answers, files, pictures, and one clear message for each wrong input."""

import csv
import json
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import ezdxf
import pytest

from layoutgen.cli import main
from tests.geometry.outlines import MM, shape
from tests.tile.outline_checker import Checker, cells_of, edges_of


@dataclass
class Lattice:
    x: int
    y: int
    columns: int
    rows: int
    pitch_x: int
    pitch_y: int
    turn: int


def lattices(found):
    def dbu(value):
        return round(value * MM)

    return [
        Lattice(dbu(a["x_mm"]), dbu(a["y_mm"]), a["columns"], a["rows"], dbu(a["pitch_x_mm"]), dbu(a["pitch_y_mm"]),
                a["turn_deg"]) for a in found
    ]  # fmt: skip


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    def call(*arguments):
        monkeypatch.chdir(tmp_path)
        capsys.readouterr()
        try:
            main(["tile", *arguments])
        except SystemExit as done:
            code = done.code or 0
        else:
            code = 0
        out, err = capsys.readouterr()
        return code, out, err

    return call


def quick(text, *more):
    return ("--outline", text, "--kerf", "0.05", "--effort", "quick", *more)


@pytest.mark.parametrize(
    "text", ["circle:d=10", "l-shape:12x8,arm=4", "sector:r=9..11.5,angle=100", "d-shape:12x10"]
)
def test_json_of_a_field_is_a_packing(run, text):
    code, out, err = run(*quick(text, "--field", "60x45", "--json"))
    assert code == 0, err
    answer = json.loads(out)
    assert {"cells", "bound_cells", "proof", "method", "lattices"} <= set(answer)
    cells = cells_of(lattices(answer["lattices"]))
    assert len(cells) == answer["cells"] <= answer["bound_cells"]
    assert Checker(edges_of(shape(text)), 50_000).first_fault(cells, (60 * MM, 45 * MM)) is None


def test_the_text_a_picture_and_a_table(run, tmp_path):
    code, out, _ = run(*quick("circle:d=10", "--field", "60x45", "--svg", "a.svg", "--csv", "a.csv"))
    assert code == 0
    assert "cells of circle:d=10 (10 x 10 mm, 78.5398 mm2), kerf 0.05 mm, in 60 x 45 mm" in out
    count = int(out.split()[0])
    root = ET.parse(tmp_path / "a.svg").getroot()
    assert len(list(root.iter("{http://www.w3.org/2000/svg}use"))) == count
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert len(rows) == count
    assert all(5 <= float(row["x_mm"]) <= 55 and row["turn_deg"] == "0" for row in rows)
    assert run(*quick("circle:d=10", "--field", "60x45", "--csv", "a.csv", "--force"))[0] == 0


def test_an_outline_from_a_file(run, tmp_path):
    document = ezdxf.new()
    document.header["$INSUNITS"] = 4
    document.modelspace().add_lwpolyline([(0, 0, 0), (10, 0, 0.5), (10, 6, 0), (0, 6, 0)], format="xyb", close=True)
    document.saveas(tmp_path / "cell.dxf")
    code, out, err = run(*quick("cell.dxf", "--field", "40x40", "--json"))
    assert code == 0, err
    assert [corner["bulge"] for corner in json.loads(out)["outline"]["path"]] == [0, 0.5, 0, 0]


def test_a_skeleton_keeps_two_cuts_and_a_web_between_neighbours(run):
    _, out, _ = run(*quick("circle:d=10", "--field", "31x10", "--json"))
    assert json.loads(out)["cells"] == 3
    code, out, _ = run(*quick("circle:d=10", "--field", "31x10", "--skeleton", "0.5", "--json"))
    answer = json.loads(out)
    assert code == 0
    assert (answer["cells"], answer["distance_mm"], answer["skeleton_mm"]) == (2, 0.6, 0.5)


def test_webs_and_zones(run):
    web = ("--web", "120", "--edge", "5", "--field", "60x60")
    _, out, _ = run(*quick("circle:d=8", *web, "--json"))
    answer = json.loads(out)
    assert answer["cells_per_m"] > answer["cells_per_m_in_boxes"] > 0
    assert answer["cells_per_repeat"] == sum(field["cells"] for field in answer["fields"])
    code, out, _ = run(*quick("circle:d=8", *web, "--zone", "20,10,9x9"))
    assert code == 0
    assert "around zones" in out
    for regime in (["--free"], ["--repeat", "80"]):
        code, out, _ = run(*quick("circle:d=8", "--web", "100", *regime))
        assert code == 0
        assert "cells per metre" in out


WRONG = {
    "two cells": (["--cell", "8x10"], ["--cell", "--outline"]),
    "sawn": (["--guillotine"], ["curves cannot be sawn"]),
    "proved": (["--prove", "5"], ["CP-SAT"]),
    "structure": (["--web", "100", "--structure", "a=3x3"], ["--structure"]),
    "no field": ([], ["--field or --web"]),
    "edge alone": (["--field", "20x20", "--edge", "2"], ["--edge", "--web"]),
    "bad picture": (["--field", "20x20", "--svg", "a.png"], [".svg"]),
    "bad table": (["--field", "20x20", "--csv", "no/such.csv"], ["no folder"]),
    "skeleton": (["--field", "20x20", "--skeleton", "wide"], ["--skeleton"]),
    "flood": (["--field", "3000x3000"], ["a smaller field"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input(run, tmp_path, case):
    more, words = WRONG[case]
    text = "circle:d=0.5" if case == "flood" else "circle:d=10"
    code, out, err = run("--outline", text, *more)
    assert code == 2, (out, err)
    assert all(word in err for word in words), err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_wrong_shapes_and_options_of_rectangles(run, tmp_path):
    code, _, err = run("--outline", "cirle:d=10", "--field", "20x20")
    assert code == 2
    assert "did you mean 'circle'?" in err
    code, _, err = run("--cell", "8x10", "--field", "20x20", "--skeleton", "1")
    assert code == 2
    assert "--outline" in err
    (tmp_path / "mine.csv").write_text("a,b\n")
    code, _, err = run("--outline", "circle:d=10", "--field", "20x20", "--csv", "mine.csv")
    assert code == 2
    assert "exists already" in err
    assert (tmp_path / "mine.csv").read_text() == "a,b\n"
