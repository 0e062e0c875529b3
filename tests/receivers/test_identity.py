"""Parts that differ are told apart wherever they are named; another name or revision makes no other part."""

import json
import os
from pathlib import Path

import ezdxf
import klayout.db as kdb
import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.document import from_document, to_document, to_text
from layoutgen.draw.files import inputs_of
from layoutgen.export.gds import gds_bytes
from layoutgen.export.glb import glb_bytes
from layoutgen.export.models import model_files
from layoutgen.layout.text import ADVANCE, GlyphLibrary
from layoutgen.outputs import Made, drawing_files, layout_of
from layoutgen.solver.design_id import design_id
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.export.oracle import read, region
from tests.rules.webs import SMALL_WEB


def solution(name="part", title=None, **changes):
    asked = {"capacity": 2, "footprint": (8.0, 10.0), "name": name, "set": {**dict(SMALL_WEB), **changes}}
    return solve(build_spec(asked | ({"title": title} if title else {}), {}), compare=False)


@pytest.fixture(scope="module")
def parts():
    return solution(), solution(**{"device.window_length": "250 um"})


def test_only_what_makes_another_part_makes_another_name(parts):
    first, other = parts
    assert design_id(first) != design_id(other)
    assert design_id(solution("other", {"revision": "B", "date": "2026-11-30"})) == design_id(first)
    assert design_id(from_document(to_document(first))) == design_id(first)
    assert to_document(first)["design_id"] == design_id(first)


def test_two_parts_of_one_name_share_no_number_and_no_model(parts):
    texts = []
    for part in parts:
        inputs, name = inputs_of(part), design_id(part)
        assert inputs.title.number == f"part-{name}"
        models = model_files(inputs, "part")
        for path in ("cad/part.step", "cad/part.kicad_mod", "cad/part.kicad_sym"):
            assert f"design {name}".encode() in models[path], path
        glb = glb_bytes(inputs)
        assert json.loads(glb[20 : 20 + int.from_bytes(glb[12:16], "little")])["asset"]["extras"] == {
            "design": name
        }
        order = Made(part).order
        assert order["design_id"] == name
        texts.append(name)
    assert len(set(texts)) == 2


def test_every_sheet_and_the_datasheet_say_it(parts, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    files, name = drawing_files(parts[0]), design_id(parts[0])
    for path, content in files.items():
        if path.endswith(".dxf") and path.startswith("drawings/"):
            (tmp_path / "sheet.dxf").write_bytes(content)
            texts = [item.dxf.text for item in ezdxf.readfile(tmp_path / "sheet.dxf").modelspace().query("TEXT")]
            assert name in texts, path
    (tmp_path / "sheet.pdf").write_bytes(files["drawings/part-datasheet.pdf"])
    assert name in pypdf.PdfReader(tmp_path / "sheet.pdf").pages[0].extract_text()


def test_the_label_on_the_web_says_it(parts, tmp_path):
    """KLayout: the characters of the short name stand in the strip below a field, as the font draws them."""
    part = parts[0]
    gds = read(gds_bytes(layout_of(part), part.loaded.pdk), "gds", tmp_path)
    labels = region(gds, part.loaded.pdk, "LABEL").merged()
    pixel = 85_000
    glyphs = GlyphLibrary("LABEL", pixel)
    wanted = kdb.Region()
    for placement in glyphs.text(design_id(part), (0, 0)):
        for polygon in glyphs.cells[placement.cell].polygons:
            dx, dy = placement.origin
            wanted.insert(kdb.Polygon([kdb.Point(x + dx, y + dy) for x, y in polygon.points]))
    found = False
    for corner in {(polygon.bbox().left, polygon.bbox().bottom) for polygon in labels.each()}:
        for shift in range(5):
            moved = wanted.moved(corner[0] - shift * pixel, corner[1])
            window = moved.bbox()
            window.right += (ADVANCE - 5) * pixel
            found = found or ((labels & kdb.Region(window)) ^ moved.merged()).is_empty()
    assert found


def test_the_archives_of_two_parts_have_two_names(parts, tmp_path):
    old = Path.cwd()
    os.chdir(tmp_path)
    try:
        for number, part in enumerate(parts):
            (tmp_path / str(number)).mkdir()
            (tmp_path / str(number) / "design.json").write_text(to_text(to_document(part)))
            done = CliRunner().invoke(cli, ["export", str(number), "--shop", "photomask"])
            assert done.exit_code == 0, done.exception
        assert {path.name for path in tmp_path.glob("*.zip")} == {
            f"part-{design_id(part)}-photomask.zip" for part in parts
        }
    finally:
        os.chdir(old)
