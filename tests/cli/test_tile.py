"""The tile command: answers, files of instances, drawings, and one clear message for each wrong input."""

import csv
import io
import json
from xml.etree import ElementTree as ET

import pytest

from layoutgen.cli import main


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


def test_a_field_on_its_own(run):
    code, out, _ = run("--cell", "8x10", "--kerf", "0.05", "--field", "300x300")
    assert code == 0
    assert out.startswith("1110 cells of 8 x 10 mm, kerf 0.05 mm, in 300 x 300 mm\noptimal")
    assert "lanes" in out


def test_json_and_svg_of_a_field(run, tmp_path):
    code, out, _ = run("--cell", "8x10", "--field", "150x150", "--json", "--svg", "field.svg")
    answer = json.loads(out)
    assert code == 0
    assert answer["cells"] == sum(block["columns"] * block["rows"] for block in answer["blocks"]) == 273
    assert answer["proved_optimal"]
    for block in answer["blocks"]:
        assert block["x_mm"] + (block["columns"] * block["pitch_x_mm"]) <= 150.04
        assert block["y_mm"] + (block["rows"] * block["pitch_y_mm"]) <= 150.04
    drawn = ET.parse(tmp_path / "field.svg").getroot()
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}use"))) == 273


def test_a_web_in_every_regime(run):
    for options in (
        [],
        ["--free"],
        ["--repeat", "400"],
        ["--slits", "2"],
        ["--slits", "120,200"],
        ["--no-rotation"],
    ):
        code, out, err = run("--cell", "8x10", "--web", "300", "--effort", "standard", "--json", *options)
        assert code == 0, err
        answer = json.loads(out)
        cells = sum(b["columns"] * b["rows"] for b in answer["blocks"])
        assert cells == answer["cells_per_repeat"] <= answer["bound_cells_per_repeat"]
        assert answer["utilization"] > 0.85
        if "--no-rotation" in options:
            assert not any(b["rotated"] for b in answer["blocks"])


def test_structures_are_placed_and_paid_for(run):
    code, out, _ = run("--cell", "8x10", "--web", "300", "--effort", "standard", "--json", "--structure", "tc=20x5",
                       "--structure", "mark=1x1", "--structure", "huge=400x3")  # fmt: skip
    answer = json.loads(out)
    assert code == 0
    assert [place["name"] for place in answer["structures"]] == ["tc", "mark"]
    assert answer["unplaced"] == ["huge"]
    assert answer["structures_cost_cells"] == 2


def test_zones_cost_cells(run):
    _, plain, _ = run("--cell", "8x10", "--field", "150x150", "--json")
    code, out, _ = run(
        "--cell", "8x10", "--field", "150x150", "--json", "--zone", "20,30,12x5", "--zone", "80,80 99,90 85,120"
    )
    assert code == 0
    assert json.loads(out)["cells"] < json.loads(plain)["cells"]


def test_guillotine_only(run):
    _, out, _ = run("--cell", "8x10", "--field", "150x150", "--json", "--guillotine")
    answer = json.loads(out)
    assert (answer["cells"], answer["proved_optimal"]) == (272, True)


@pytest.mark.parametrize("header", ["L,W,l,w\n", "", "w,l,W,L,name\n"])
def test_files_of_instances(run, tmp_path, header):
    rows = ["22,16,5,3", "14,10,3,2"] if not header.startswith("w") else ["3,5,16,22,a", "2,3,10,14,b"]
    (tmp_path / "in.csv").write_text(header + "\n".join(rows) + "\n")
    code, out, _ = run("--csv", "in.csv")
    assert code == 0
    found = list(csv.DictReader(io.StringIO(out)))
    assert list(found[0]) == ["L", "W", "l", "w", "count", "bound", "proved", "method"]
    assert [(row["L"], row["count"], row["bound"], row["proved"]) for row in found] == [
        ("22", "23", "23", "yes"),
        ("14", "23", "23", "yes"),
    ]


WRONG = {
    "no cell": (["--field", "30x30"], ["--cell", "missing"]),
    "nothing to fill": (["--cell", "8x10"], ["--field", "--web"]),
    "one side": (["--cell", "8", "--field", "30x30"], ["--cell", "8x10"]),
    "free side": (["--cell", "8x?", "--field", "30x30"], ["--cell", "free"]),
    "negative kerf": (["--cell", "8x10", "--field", "30x30", "--kerf", "-1"], ["--kerf"]),
    "text kerf": (["--cell", "8x10", "--field", "30x30", "--kerf", "thin"], ["--kerf", "thin"]),
    "huge field": (["--cell", "8x10", "--field", "1e6x1e6"], ["--field", "3 m"]),
    "wide edges": (["--cell", "8x10", "--web", "20", "--edge", "10"], ["--edge"]),
    "free and repeat": (["--cell", "8x10", "--web", "300", "--free", "--repeat", "200"], ["--free", "--repeat"]),
    "web option alone": (["--cell", "8x10", "--field", "30x30", "--edge", "3"], ["--edge", "--web"]),
    "sawn structure": (
        ["--cell", "8x10", "--web", "300", "--guillotine", "--structure", "a=5x5"],
        ["--guillotine"],
    ),
    "zone text": (["--cell", "8x10", "--field", "30x30", "--zone", "here"], ["--zone", "X,Y,AxB"]),
    "crossed zone": (["--cell", "8x10", "--field", "30x30", "--zone", "0,0 9,9 9,0 0,9"], ["simple polygon"]),
    "structure": (["--cell", "8x10", "--web", "300", "--structure", "5x5"], ["--structure", "NAME=AxB"]),
    "slits": (["--cell", "8x10", "--web", "300", "--slits", "400"], ["--slits"]),
    "no strips": (["--cell", "8x10", "--web", "300", "--slits", "0"], ["--slits"]),
    "missing file": (["--csv", "nowhere.csv"], ["nowhere.csv"]),
    "file with cell": (["--csv", "x.csv", "--cell", "8x10"], ["--csv", "--cell"]),
    "unwritable": (["--cell", "8x10", "--field", "30x30", "--svg", "no/such/place.svg"], ["--svg"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input(run, tmp_path, case):
    arguments, words = WRONG[case]
    code, out, err = run(*arguments)
    assert code == 2, (out, err)
    assert all(word in err for word in words), err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text", ["1,2,3\n", "L,W,l,w\n1,2,3,x\n", "L,W,l\n1,2,3\n", "", "0,1,1,1\n", "1.5,2,1,1\n"]
)
def test_wrong_instances_are_listed(run, tmp_path, text):
    (tmp_path / "in.csv").write_text(text)
    code, out, err = run("--csv", "in.csv")
    assert code == 2
    assert "in.csv" in err
    assert out == ""


def test_comments_empty_lines_and_line_ends_of_other_systems(run, tmp_path):
    (tmp_path / "in.csv").write_bytes(b"\xef\xbb\xbf# by hand\r\n\r\nL,W,l,w\r\n22,16,5,3\r\n# more\r\n4,4,9,9\r\n")
    code, out, err = run("--csv", "in.csv")
    assert code == 0, err
    assert out.splitlines()[1:] == ["22,16,5,3,23,23,yes,pinwheel", "4,4,9,9,0,0,yes,grid"]


def test_many_rows_come_in_order(run, tmp_path):
    rows = [(20 + k % 30, 15 + k // 5, 5, 3) for k in range(60)]
    (tmp_path / "in.csv").write_text("\n".join(",".join(map(str, row)) for row in rows))
    code, out, _ = run("--csv", "in.csv", "--effort", "standard")
    assert code == 0
    assert [tuple(map(int, line.split(",")[:4])) for line in out.splitlines()[1:]] == rows


def test_a_zone_past_the_end_of_the_repeat_lies_on_the_next_one_as_well(run):
    _, out, _ = run("--cell", "8x10", "--web", "300", "--zone", "0,140,300x50", "--json")
    answer = json.loads(out)
    repeat = answer["repeat_mm"]["length"]
    for block in answer["blocks"]:
        top = block["y_mm"] + block["rows"] * block["pitch_y_mm"]
        assert 190 - repeat + 0.04 <= block["y_mm"] + 1e-9
        assert top <= 140 + 1e-9


@pytest.mark.parametrize("place", [("--web", "300"), ("--field", "300x150")])
@pytest.mark.parametrize("zone", ["0,300,300x50", "300,0,20x20", "-20,0,20x20", "0,-20,300x20"])
def test_a_zone_outside_is_refused(run, place, zone):
    code, _, said = run("--cell", "8x10", *place, "--zone", zone, "--zone", "0,20,9x9")
    assert code == 2
    assert f"'{zone}' lies outside" in said
    assert said.count("lies outside") == 1
