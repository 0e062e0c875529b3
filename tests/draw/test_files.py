"""The files of ``layoutgen draw``: complete, readable, the same twice; wrong options end in one message."""

import io
import itertools
import json
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from layoutgen.cli import main
from layoutgen.cli.design import command as design_command
from layoutgen.cli.draw import command as draw_command
from layoutgen.draw.datasheet import datasheet_bytes, datasheet_content, model_curves
from layoutgen.draw.files import SHEETS, drawing_files
from layoutgen.draw.plot import nice_ticks
from layoutgen.export.models import model_files
from layoutgen.files.folder import MANIFEST
from layoutgen.receivers.board import board_files
from layoutgen.titleblock import Revision, Title
from tests.draw.designs import TEN, inputs

NAME = "mb-1mah-5x6"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("draw") / NAME
    result = CliRunner().invoke(
        design_command, ["--mah", "1", "--footprint", "5x6", "--out", str(folder), "-q"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return folder


@pytest.mark.parametrize("home", ["empty", "not there", "a file"])
def test_a_home_of_the_user_is_neither_needed_nor_written_to(made, tmp_path, home):
    """ezdxf, left alone, opens every font of the system and keeps a list of them there, or complains."""
    at = tmp_path / "home"
    if home == "empty":
        at.mkdir()
    elif home == "a file":
        at.write_text("")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    for variables in ({"HOME": str(at)}, {"HOME": str(at), "XDG_CACHE_HOME": str(at / "cache")}):
        command = [sys.executable, "-m", "layoutgen", "draw", str(made), "--out", str(tmp_path / "out"), "--force"]
        done = subprocess.run(command, env=kept | variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "ezdxf" not in done.stderr
        assert "cache" not in done.stderr
    assert not at.is_dir() or not list(at.iterdir())


@pytest.mark.parametrize("settings", [b"garbage [[", b"\xff\xfex", b"[core]\nlog_unprocessed_tags = maybe\n"])
def test_broken_settings_of_ezdxf_are_named(made, tmp_path, settings):
    (tmp_path / "ezdxf.ini").write_bytes(settings)
    command = [sys.executable, "-m", "layoutgen", "draw", str(made), "--out", "out"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-2].startswith("error: ezdxf.ini: ")
    assert [path.name for path in tmp_path.iterdir()] == ["ezdxf.ini"]


def test_settings_of_ezdxf_change_no_drawing(made, tmp_path):
    text = "[core]\nwrite_fixed_meta_data_for_testing = maybe\ndefault_dimension_text_style = X\n"
    (tmp_path / "ezdxf.ini").write_text(text)
    (tmp_path / "other.ini").write_text("garbage [[")
    command = [sys.executable, "-m", "layoutgen", "draw", str(made), "--out", "out", "--sheet", "package-outline"]
    variables = os.environ | {"EZDXF_CONFIG_FILE": str(tmp_path / "other.ini")}
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    drawn = (tmp_path / "out" / "drawings" / "package-outline.dxf").read_bytes()
    assert drawn == (made / "drawings" / "package-outline.dxf").read_bytes()


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_draw_writes_every_sheet_and_model_twice_the_same(made):
    target = made.parent / "out"
    for run in ("first", "second"):
        result = CliRunner().invoke(
            draw_command, [str(made), "--out", str(target / run), "--board", "--exploded"], catch_exceptions=False
        )
        assert result.exit_code == 0
    first, second = contents(target / "first"), contents(target / "second")
    assert first == second
    wanted = {f"drawings/{sheet}.{suffix}" for sheet in SHEETS for suffix in ("svg", "dxf", "pdf")}
    models = {".step", ".glb", ".kicad_mod", "_A.kicad_mod", "_C.kicad_mod", ".kicad_sym"}
    wanted |= {f"cad/{NAME}{suffix}" for suffix in models}
    wanted |= {f"cad/{NAME}-layer.step"}
    wanted |= {f"drawings/{NAME}-datasheet.pdf", f"{NAME}-board.zip", MANIFEST}
    assert set(first) == wanted
    listed = {entry["path"] for entry in json.loads(first[MANIFEST])["files"]}
    assert listed == wanted - {MANIFEST}


def test_drawings_of_the_design_folder_are_those_of_draw(made):
    target = made.parent / "same"
    CliRunner().invoke(draw_command, [str(made / "design.json"), "--out", str(target), "--format", "svg"],
                       catch_exceptions=False)  # fmt: skip
    for path in (made / "drawings").glob("*.svg"):
        assert (target / "drawings" / path.name).read_bytes() == path.read_bytes()


def test_title_block_fields_from_the_command_line(made):
    target = made.parent / "fields"
    arguments = [str(made), "--out", str(target), "--sheet", "land-pattern", "--format", "svg",
                 "--field", "approver=A. Smith", "--field", "date=2026-05-04"]  # fmt: skip
    CliRunner().invoke(draw_command, arguments, catch_exceptions=False)
    assert set(contents(target)) == {"drawings/land-pattern.svg", MANIFEST}
    text = (target / "drawings" / "land-pattern.svg").read_text(encoding="utf-8")
    assert ">A. Smith<" in text
    assert ">2026-05-04<" in text


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "dwg"], "no format 'dwg'"),
        (["--format", ","], "names no format"),
        (["--sheet", "land-patern"], "did you mean 'land-pattern'"),
        (["--field", "datum"], "not KEY=TEXT"),
        (["--field", "datee=1"], "did you mean 'date'"),
    ],
)
def test_wrong_options_end_in_one_message(made, capsys, options, words):
    target = made.parent / "wrong"
    with pytest.raises(SystemExit) as stopped:
        main(["draw", str(made), "--out", str(target), *options])
    assert stopped.value.code == 2
    output = capsys.readouterr().err
    assert words in output
    assert "Traceback" not in output
    assert not target.exists()


def test_board_archive_has_library_model_and_drawings():
    files = board_files(inputs(), "part")
    names = set(files)
    assert {"part.pretty/part.kicad_mod", "part.pretty/part.step", "part.kicad_sym"} <= names
    assert {"drawings/land-pattern.pdf", "drawings/package-outline.dxf", "drawings/part-datasheet.pdf"} <= names
    footprint = files["part.pretty/part.kicad_mod"].decode()
    assert '(model "part.step"' in footprint
    symbol = files["part.kicad_sym"].decode()
    assert '"part:part"' in symbol, "the symbol names the footprint of the library folder"
    assert files == board_files(inputs(), "part")


@pytest.mark.parametrize("name", TEN)
def test_datasheet_has_two_pages_with_the_ratings(name):
    drawn = inputs(**TEN[name])
    data = datasheet_bytes(drawn)
    reader = PdfReader(io.BytesIO(data))
    assert len(reader.pages) == 2
    text = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))
    content = datasheet_content(drawn)
    for row in content["ratings"] + [list(row) for row in content["dimensions"]]:
        for cell in row:
            assert re.sub(r"\s+", "", cell) in text, cell
    for flag in content["flags"]:
        assert re.sub(r"\s+", "", flag) in text
    assert "calculated,notmeasured" in text
    assert data == datasheet_bytes(drawn)


def test_datasheet_states_the_last_revision_as_the_sheets_do():
    revision = Revision(rev="B", date="2026-05-04", description="longer terminals")
    content = datasheet_content(inputs(title=Title(revisions=(revision,))))
    assert (content["revision"], content["date"]) == ("B", "2026-05-04")


def test_curves_of_the_datasheet_pass_through_the_ratings():
    design = inputs().design
    fade, load, spread = model_curves(inputs())
    assert fade.points[0] == pytest.approx((0, design.rated_mah))
    assert load.points[-1][0] == pytest.approx(design.max_continuous_ma)
    assert load.points[0][1] - load.points[-1][1] == pytest.approx(0.3)
    assert spread.points[0] == pytest.approx((50, design.nominal_mah))
    assert all(a[1] > b[1] for a, b in zip(spread.points, spread.points[1:], strict=False))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 500), (3.6, 3.9), (-2, 7), (5, 5), (1e-4, 2e-4)])
def test_ticks_are_round_and_cover_the_range(low, high):
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low + 1e-12
    assert ticks[-1] >= high - 1e-12
    assert 2 <= len(ticks) <= 12
    assert all(b > a for a, b in itertools.pairwise(ticks))


def test_models_and_drawings_of_ten_designs_are_written():
    for changes in TEN.values():
        drawn = inputs(**changes)
        assert len(model_files(drawn, "part")) == 6
        assert len(drawing_files(drawn, ("svg", "dxf", "pdf"))) == 3 * len(SHEETS)
