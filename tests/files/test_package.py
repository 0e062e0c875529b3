"""The output folder as its receivers see it: the same bytes everywhere, whole or absent, and true."""

import csv
import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from functools import cache

import klayout.db as kdb
import pytest

from layoutgen.document import from_document, to_document, to_text
from layoutgen.flow import package_files
from layoutgen.outputs import what_is
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

QUESTIONS = {
    "default": {"capacity": 20, "footprint": "8x10"},
    "one layer": {"capacity": 0.3, "footprint": "9x9", "objective": "height"},
    "smallest": {"capacity": 1, "footprint": "3x4"},
    "largest": {"capacity": 100, "footprint": "30x40"},
    "thick foil": {"capacity": 5, "footprint": "12x12", "foil": ["75"]},
    "long and thin": {"capacity": 10, "footprint": "4x30"},
    "height given": {"capacity": 20, "height": 1.5},
    "capacity solved": {"footprint": "8x10", "height": 1.2},
    "free web": {"capacity": 8, "footprint": "7x9", "set": {"web.regime": "free"}},
    "plates": {"capacity": 2, "footprint": "9x9", "pdk": "lithium-alumina"},
    "no rotation": {"capacity": 8, "footprint": "7x9", "set": {"web.rotation_allowed": False}},
}


@cache
def files_of(name):
    return package_files(solve(build_spec(QUESTIONS[name], {})))


@pytest.fixture(scope="module", params=QUESTIONS)
def package(request, tmp_path_factory):
    files = files_of(request.param)
    folder = tmp_path_factory.mktemp("package")
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder, json.loads((folder / "design.json").read_text())


def test_every_file_is_an_output_that_says_what_it_is(package):
    folder, design = package
    listed = json.loads((folder / "MANIFEST.json").read_text())["files"]
    assert [item["path"] for item in listed if not what_is(item["path"], design["name"])] == []


def read(folder, suffix):
    layout = kdb.Layout()
    (file,) = folder.glob(f"masks/*.{suffix}")
    layout.read(str(file))
    return layout


def region(layout, design, layer):
    numbers = design["pdk"]["content"]["layers"][layer]
    index = layout.find_layer(numbers["number"], numbers.get("datatype", 0))
    return kdb.Region(layout.top_cell().begin_shapes_rec(index)) if index is not None else kdb.Region()


def test_gds_and_oasis_are_the_same_layout(package):
    folder, design = package
    gds, oasis = read(folder, "gds"), read(folder, "oas")
    assert gds.dbu == oasis.dbu
    for layer in design["pdk"]["content"]["layers"]:
        assert (region(gds, design, layer) ^ region(oasis, design, layer)).is_empty(), layer


def test_blocks_of_design_json_rebuild_the_file(package):
    """Every cell outline, from the blocks of design.json alone, against the SUBSTRATE shapes of the GDS file."""
    folder, design = package
    layout = read(folder, "gds")
    per_mm = 1 / layout.dbu * 1000
    cell, cells = design["device"]["cell_mm"], kdb.Region()
    count = 0
    for block in design["web"]["blocks"]:
        length, width = cell["length"], cell["width"]
        size = (width, length) if block["rotated"] else (length, width)
        for column in range(block["columns"]):
            for row in range(block["rows"]):
                x = block["x_mm"] + column * block["pitch_x_mm"]
                y = block["y_mm"] + row * block["pitch_y_mm"]
                corners = (x, y, x + size[0], y + size[1])
                cells.insert(kdb.Box(*(round(corner * per_mm) for corner in corners)))
                count += 1
    drawn = region(layout, design, "SUBSTRATE")
    assert count == design["web"]["cells_per_repeat"] == drawn.count()
    cells.merged_semantics = drawn.merged_semantics = False
    assert (cells ^ drawn).is_empty()


def test_cells_have_the_active_area_and_do_not_overlap(package):
    folder, design = package
    layout = read(folder, "gds")
    anodes = region(layout, design, "ANODE_CC")
    cm2 = (layout.dbu * 1e-4) ** 2
    assert anodes.count() == design["web"]["cells_per_repeat"]
    assert anodes.area() * cm2 == pytest.approx(anodes.count() * design["device"]["active_area_cm2"], rel=1e-9)
    substrates = region(layout, design, "SUBSTRATE")
    total = sum(shape.area() for shape in substrates.each())
    assert substrates.merged().area() == total


def test_cells_lie_in_the_usable_web_and_whole_inside_one_field(package):
    folder, design = package
    web = design["web"]
    layout = read(folder, "gds")
    per_mm = 1 / layout.dbu * 1000
    cut = region(layout, design, "STREET").bbox()
    assert cut.left >= round(web["edge_mm"] * per_mm)
    assert cut.right <= round((web["width_mm"] - web["edge_mm"]) * per_mm)
    fields = region(layout, design, "FIELD")
    fields.merged_semantics = False
    cells = region(layout, design, "SUBSTRATE")
    assert cells.inside(fields).count() == web["cells_per_repeat"]


def test_cell_map_names_every_cell_where_it_is(package):
    folder, design = package
    layout = read(folder, "gds")
    per_mm = 1 / layout.dbu * 1000
    rows = list(csv.DictReader((folder / "test" / "cell-map.csv").read_text().splitlines()))
    assert len(rows) == len({row["id"] for row in rows}) == design["web"]["cells_per_repeat"]
    substrates = {shape.bbox().center() for shape in region(layout, design, "SUBSTRATE").each()}
    centres = {kdb.Point(round(float(row["x_mm"]) * per_mm), round(float(row["y_mm"]) * per_mm)) for row in rows}
    assert centres == substrates
    probes = region(layout, design, "PROBE")
    marked = kdb.Region()
    for row in rows:
        x, y = (round(float(row[key]) * per_mm) for key in ("probe_x_mm", "probe_y_mm"))
        marked.insert(kdb.Box(x - 1, y - 1, x + 1, y + 1))
    assert marked.inside(probes).count() == len(rows)


def test_order_states_what_a_shop_sees_after_import(package):
    folder, design = package
    layout = read(folder, "oas")
    order = json.loads((folder / "masks" / "order.json").read_text())
    assert [mask["name"] for mask in order["masks"]] == list(design["pdk"]["content"]["masks"])
    for mask in order["masks"]:
        drawn = region(layout, design, mask["name"])
        box = drawn.bbox()
        assert mask["area_mm2"] == pytest.approx(drawn.area() * (layout.dbu * 1e-3) ** 2, rel=1e-9)
        corners = [value * layout.dbu * 1e-3 for value in (box.left, box.bottom, box.right, box.top)]
        assert mask["bounding_box_mm"] == pytest.approx(corners)


def test_manifest_lists_every_file_and_its_checksum(package):
    folder, _ = package
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"MANIFEST.json"}
    assert {item["path"] for item in manifest["files"]} == found
    for item in manifest["files"]:
        content = (folder / item["path"]).read_bytes()
        assert (item["bytes"], item["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_design_json_is_read_back_to_the_same_package(package):
    folder, design = package
    solution = from_document(design)
    assert to_text(to_document(solution, design["rules"])) == (folder / "design.json").read_text()
    for path, content in package_files(solution).items():
        assert (folder / path).read_bytes() == content, path


def test_drawings_are_all_there(package):
    folder, _ = package
    names = {path.name for path in (folder / "drawings").glob("*.svg")}
    assert names >= {"cross-section.svg", "package-outline.svg", "land-pattern.svg", "web-map.svg"}


def design(folder, *arguments, program=("-m", "layoutgen"), **environment):
    question = ["design", "--mah", "20", "--footprint", "8x10", "-q", *arguments]
    return subprocess.Popen(
        [sys.executable, *program, *question],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def content_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_bytes_in_another_folder_hash_seed_time_zone_and_locale(tmp_path):
    results = []
    for name, environment in {
        "one": {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
        "another one": {"PYTHONHASHSEED": "77", "TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8"},
    }.items():
        (tmp_path / name).mkdir()
        done = design(tmp_path / name, **environment)
        _, errors = done.communicate(timeout=300)
        assert done.returncode == 0, errors
        results.append(content_of(tmp_path / name / "build" / "mb-20mah-8x10"))
    assert results[0] == results[1]
    for path, content in results[0].items():
        assert str(tmp_path).encode() not in content, path


SAME_FILES = """
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
import pickle, runpy
from layoutgen import flow
flow.package_files = lambda *given, **named: pickle.loads(open("files", "rb").read())
runpy.run_module("layoutgen", run_name="__main__")
"""
"""The command with the content of its files at hand, so that most of its time goes into search and writing."""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_killed_in_the_middle_leaves_the_target_absent_or_whole(tmp_path, how):
    whole = files_of("default")
    (tmp_path / "files").write_bytes(pickle.dumps(whole))

    def start(name):
        return design(tmp_path, "--out", name, program=("-c", SAME_FILES))

    started = time.monotonic()
    start("reference").communicate(timeout=300)
    seconds = time.monotonic() - started
    assert content_of(tmp_path / "reference") == whole
    for step in range(8):
        target = tmp_path / f"target-{step}"
        running = start(target.name)
        time.sleep(seconds * (0.3 + 0.1 * step))
        running.send_signal(how)
        _, errors = running.communicate(timeout=300)
        assert "Traceback" not in errors
        if target.exists():
            assert content_of(target) == whole
        if how is not signal.SIGKILL:
            assert [path.name for path in tmp_path.glob(".target-*")] == []


def test_a_failing_disk_leaves_nothing(tmp_path, monkeypatch):
    from layoutgen.errors import OutputError
    from layoutgen.files import folder as package

    def full(self, content):  # the disk fills up half way
        if self.name == "c":
            raise OSError(28, "No space left on device", str(self))
        return write(self, content)

    write = package.Path.write_bytes
    monkeypatch.setattr(package.Path, "write_bytes", full)
    with pytest.raises(OutputError, match="no space left"):
        package.write_package(tmp_path / "new" / "out", {"a": b"1", "b/c": b"2"})
    assert list(tmp_path.iterdir()) == []
