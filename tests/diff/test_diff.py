"""layoutgen diff: nothing for the same design, exactly the consequences of one change, exact mask areas."""

import copy
import json

import pytest
from klayout import db

from layoutgen.cli import main
from layoutgen.diff.compare import changes_between, files_between
from layoutgen.diff.report import difference, html_of, json_of, text_of
from layoutgen.document import to_document, to_text
from layoutgen.export.gds import gds_bytes
from layoutgen.layout.differences import mask_diffs, png
from layoutgen.outputs import layout_of
from layoutgen.pdk.load import load_pdk
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

QUESTION = {"capacity": "8", "footprint": "8x10"}


@pytest.fixture(scope="module")
def base():
    return solve(build_spec(QUESTION, {}))


@pytest.fixture(scope="module")
def other():
    return solve(build_spec(QUESTION | {"set": {"device.pull_back": "130 um"}}, {}))


def written(solution, folder):
    folder.mkdir()
    (folder / "design.json").write_text(to_text(to_document(solution)))
    return folder / "design.json"


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(["diff", *map(str, arguments)])
    told = capsys.readouterr()
    return left.value.code, told.out, told.err


def test_a_design_and_itself(base, tmp_path, capsys):
    one, two = written(base, tmp_path / "a"), written(base, tmp_path / "b")
    found = difference(one, two)
    assert found.same
    assert not found.changes
    assert run(capsys, one, two)[0] == 0
    assert json.loads(run(capsys, one, two, "--json")[1])["same"] is True


def test_a_figure_that_the_parameter_does_not_touch_is_not_named(base):
    """Only the mean voltage changes: energy, its densities and what leaks follow, and nothing else does."""
    changed = load_pdk("anodeless-ss", [("cell.mean_voltage", "3.8")])
    spec = build_spec(QUESTION | {"set": {"cell.mean_voltage": "3.8"}}, {})
    again = solve(spec, changed)
    found = changes_between(to_document(base), to_document(again))
    assert {change.path for change in found if change.section == "figures"} == {
        "device.electrical.self_discharge_percent_per_year",
        "device.energy_mwh",
        "device.energy_density_wh_per_l.package",
        "device.energy_density_wh_per_l.bare_cell",
        "device.energy_density_wh_per_l.bare_cell_charged",
    }
    assert [change.path for change in found if change.section == "process"] == ["pdk.content.cell.mean_voltage"]
    assert {change.section for change in found} == {"question", "process", "figures", "limits", "search"}
    # the flag beside what is published names the energy density
    assert {change.path for change in found if change.section == "limits"} == {"flags[energy-unshown].message"}
    for change in (change for change in found if change.section == "search"):
        assert change.path.startswith("neighbours[")
        assert {key for key in change.before if change.before[key] != change.after[key]} <= {
            "package_wh_per_l",
            "wh_per_l_percent",
        }
    for change in found:
        if change.section == "figures":
            assert change.percent == pytest.approx((3.8 / 3.9 - 1) * 100, rel=1e-6)


def test_changes_are_found_wherever_they_are(base):
    document = to_document(base)
    for path in ("device.layers", "web.repeat_mm.length", "yield.stack", "rules.failed"):
        changed = copy.deepcopy(document)
        table = changed
        *parents, last = path.split(".")
        for part in parents:
            table = table[part]
        table[last] += 1
        (change,) = changes_between(document, changed)
        assert change.path == path
        assert change.after == change.before + 1


def test_flags_and_limits_are_matched_by_name(base):
    document = to_document(base)
    changed = copy.deepcopy(document)
    changed["flags"] = changed["flags"][1:]
    (change,) = changes_between(document, changed)
    assert document["flags"][0]["code"] in change.path
    assert change.after is None


def xor_by_klayout(first, second, layer):
    """Areas in mm2 of (A - B, B - A) by KLayout's own booleans."""
    regions = []
    for layout, pdk in (first, second):
        loaded = db.Layout()
        options = db.LoadLayoutOptions()
        content = gds_bytes(layout, pdk)
        loaded.read_bytes(content, options)
        numbers = pdk.layers[layer]
        index = loaded.find_layer(numbers.number, numbers.datatype)
        regions.append((db.Region(loaded.top_cell().begin_shapes_rec(index)).merged(), loaded.dbu))
    (one, dbu), (two, _) = regions
    return (one - two).area() * dbu**2 * 1e-6, (two - one).area() * dbu**2 * 1e-6


def test_mask_areas_are_those_of_klayout(base, other):
    one, two = layout_of(base), layout_of(other)
    pdks = base.loaded.pdk, other.loaded.pdk
    masks = list(base.loaded.pdk.masks)
    seen = 0
    for found in mask_diffs(one, two, masks):
        expected = xor_by_klayout((one, pdks[0]), (two, pdks[1]), found.mask)
        assert (found.only_first_mm2, found.only_second_mm2) == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert found.comparable
        seen += found.xor_mm2 > 0
    assert seen == len(masks)


def test_masks_of_one_layout_do_not_differ(base):
    layout = layout_of(base)
    for found in mask_diffs(layout, layout, list(base.loaded.pdk.masks)):
        assert found.same
        assert found.both_mm2 > 0
        assert not found.pictures


def test_pictures_show_the_difference(base, other):
    cells = 0, 0, 20_000_000, 20_000_000
    (found,) = mask_diffs(layout_of(base), layout_of(other), ["ABLATE_ANODE"], cells, width_px=200)
    assert len(found.pictures) == 2
    pixels = list(db_pixels(found.pictures[1]))
    assert any(red > blue + 40 for red, _, blue in pixels)
    assert any(blue > red + 40 for red, _, blue in pixels)


def db_pixels(content):
    from klayout import lay

    buffer = lay.PixelBuffer.from_png_data(content)
    for y in range(buffer.height()):
        for x in range(buffer.width()):
            value = buffer.pixel(x, y)
            yield value >> 16 & 255, value >> 8 & 255, value & 255


def test_png_is_read_back_as_written():
    import numpy as np

    image = np.array([[[1, 2, 3], [250, 0, 9]], [[7, 7, 7], [0, 255, 0]]], dtype=np.uint8)
    assert list(db_pixels(png(image))) == [(1, 2, 3), (250, 0, 9), (7, 7, 7), (0, 255, 0)]


def test_text_json_and_page_say_the_same(base, other, tmp_path, capsys):
    one, two = written(base, tmp_path / "a"), written(other, tmp_path / "b")
    found = difference(one, two)
    document = json_of(found)
    text, page = text_of(found, everything=True), html_of(found)
    assert not document["same"]
    for change in document["changes"]:
        assert change["path"] in text
        assert f'data-path="{change["path"]}"' in page
    for mask in document["masks"]:
        assert f"{mask['only_first_mm2']:.6f}" in text
        assert f"{mask['xor_mm2']:.6f}" in page
    assert page.count("data:image/png;base64,") >= len(document["masks"])
    code, out, _ = run(capsys, one, two, "--json", "--html", tmp_path / "diff.html")
    assert code == 1
    assert json.loads(out)["changes"]
    assert (tmp_path / "diff.html").read_text() == page


def test_ten_figures_come_first_and_what_follows_is_counted(tmp_path, capsys):
    """What --explain says of a design fills hundreds of lines; the answer is read before any of them."""
    from dataclasses import replace

    from layoutgen.solver.explain import explain

    folders = []
    for name, foil in (("a", None), ("b", [15])):
        solution = solve(build_spec(QUESTION | ({"foil": foil} if foil else {}), {}))
        folders.append(written(replace(solution, explanation=explain(solution)), tmp_path / name))
    short, whole = (run(capsys, *folders, *more)[1].splitlines() for more in ([], ["--all"]))
    first, second = (json.loads(path.read_text())["device"] for path in folders)
    assert short[4].split() == ["layers", str(first["layers"]), "="] or short[4].split()[1:] == [
        str(device["layers"]) for device in (first, second)
    ]
    assert sum(line.startswith("  ") for line in short[3:15]) == 11
    assert "package, mm" in short[6]
    assert f"{second['package_mm']['height']:.4g}" in short[6]
    assert not any("explanation." in line or "neighbours[" in line for line in short)
    assert any("explanation." in line for line in whole)
    assert len(short) < 90 < len(whole)
    assert max(map(len, short)) <= 130
    assert any(line.startswith("  Ranges and explanation: ") for line in short)
    foil = next(line for line in short if line.startswith("  spec.foil "))
    assert foil.endswith("— -> 15")
    assert not [line for line in whole if line.endswith((" entries", " entry"))]


def test_what_stands_in_place_of_a_design_is_named(base, tmp_path, capsys):
    """A zip for a shop, masks, a model, an order: said as such, by every command that takes a design."""
    from layoutgen.files.archive import zip_bytes

    one = written(base, tmp_path / "a")
    layout, pdk = layout_of(base), base.loaded.pdk
    others = {
        "masks.gds": (gds_bytes(layout, pdk), "is a GDSII file, which holds masks, not a design"),
        "masks.oas": (b"%SEMI-OASIS\r\n\x01", "is an OASIS file"),
        "part.step": (b"ISO-10303-21;\n", "is a STEP file"),
        "sheet.pdf": (b"%PDF-1.7", "is a PDF"),
        "map.xml": (b"<?xml version='1.0'?>", "is an XML or SVG file"),
        "ask.toml": (b"capacity = 3\n", "is a TOML file"),
        "order.json": (b'{"schema": "layoutgen.order/1"}', "is another document of layoutgen (order)"),
        "nothing.json": (b"\n", "is empty"),
    }
    zips = {
        "shop.zip": ({"order.json": b"{}"}, "is an archive for a mask or laser shop"),
        "board.zip": ({"land-pattern.json": b"{}"}, "is an archive for a board designer"),
        "test.zip": ({"web-repeats.csv": b""}, "is an archive for a test house"),
    }
    others |= {name: (zip_bytes(files, "x"), what) for name, (files, what) in zips.items()}
    for name, (content, what) in others.items():
        (tmp_path / name).write_bytes(content)
        code, out, err = run(capsys, one, tmp_path / name)
        assert (code, out) == (2, "")
        assert what in err, (name, err)
        with pytest.raises(SystemExit):
            main(["check", str(tmp_path / name)])
        assert what in capsys.readouterr().err
    (tmp_path / "survey").mkdir()
    code, _, err = run(capsys, one, tmp_path / "survey")
    assert (code, "holds no design.json" in err) == (2, True)
    (tmp_path / "whole.zip").write_bytes(zip_bytes({"design.json": one.read_bytes()}, "x"))
    assert run(capsys, one, tmp_path / "whole.zip")[0] == 0
    with pytest.raises(SystemExit):
        main(["check", str(tmp_path / "whole.zip")])
    assert "is a zip archive of a design" in capsys.readouterr().err


def test_errors_are_two(base, tmp_path, capsys):
    one = written(base, tmp_path / "a")
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for other in (tmp_path / "nothing", broken):
        code, _, err = run(capsys, one, other)
        assert code == 2
        assert err.startswith("error:")
    code, _, err = run(capsys, one, one, "--html", tmp_path / "no" / "page.html")
    assert code == 2
    assert "cannot be written" in err


def test_files_of_folders(tmp_path):
    for name, files in (("a", {"x": "1", "y": "2"}), ("b", {"y": "3", "z/w": "4"})):
        for path, content in files.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
    assert files_between(tmp_path / "a", tmp_path / "b") == (("x", "removed"), ("y", "changed"), ("z/w", "added"))


def test_a_package_is_as_good_as_its_folder(tmp_path):
    from layoutgen.diff.packages import unpacked
    from layoutgen.document import to_document, to_text
    from layoutgen.errors import DocumentError
    from layoutgen.files.archive import zip_bytes
    from tests.report.designs import solved

    files = {"design.json": to_text(to_document(solved("mica"))).encode(), "note.txt": b"x"}
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    package = tmp_path / "package.zip"
    package.write_bytes(zip_bytes(files, "mica"))
    assert difference(package, folder).same
    assert difference(package, package).same
    package.write_bytes(zip_bytes({"../design.json": files["design.json"], "b/design.json": b"{}"}, "mica"))
    with pytest.raises(DocumentError, match="2 designs"), unpacked(package):
        pass
    assert not list(tmp_path.glob("design.json"))
    package.write_bytes(zip_bytes({"masks/a.gds": b""}, "shop"))
    with pytest.raises(DocumentError, match="holds no design"):
        difference(package, folder)
