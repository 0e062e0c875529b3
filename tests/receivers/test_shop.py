"""What a shop receives: every file read back by KLayout, frames that read, and profiles that refuse nonsense."""

import csv
import hashlib
import io
import json
import zipfile

import klayout.db as kdb
import numpy as np
import pytest

from layoutgen.errors import PreflightError, SpecError
from layoutgen.export.gds import gds_bytes
from layoutgen.files.archive import with_sums, zip_bytes
from layoutgen.layout.frame import frame_box, framed
from layoutgen.layout.measure import bounding_box, with_layers
from layoutgen.layout.model import Layout, LayoutCell
from layoutgen.receivers.shop import ShopProfile, load_shop, shipped_shops
from layoutgen.receivers.shop_files import shop_files
from tests.export.oracle import edges, read, region
from tests.export.svg_reader import read_svg
from tests.layout.designs import CASES, make, sample

GENERATOR = "layoutgen,0.0.0"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    made = sample("default")
    return made, read(gds_bytes(made.layout, made.pdk), "gds", tmp_path_factory.mktemp("whole"))


def cell_box(layout, name):
    (instance,) = [i for i in layout.top_cell().each_inst() if layout.cell(i.cell_index).name == name]
    return instance.bbox()


def box_around(made):
    return frame_box(bounding_box(made.layout), made.dbu_nm)


def files_of(made, name, **changes):
    profile = ShopProfile.model_validate({**load_shop(name).model_dump(by_alias=True), **changes})
    return with_sums(shop_files(made.layout, made.pdk, profile, GENERATOR))


def test_profiles_that_come_with_the_tool():
    assert shipped_shops() == ["film", "laser", "photomask"]
    for name in shipped_shops():
        assert load_shop(name).name == name


@pytest.mark.parametrize("name", ["photomask", "film"])
def test_each_mask_is_the_layouts_and_a_frame_outside_it(name, whole, tmp_path):
    made, gds = whole
    files = files_of(made, name)
    inside = {stage: kdb.Region(cell_box(gds, cell)) for stage, cell in (("web", "REPEAT"), ("stack", "STACK"))}
    order = json.loads(files["order.json"])
    shadow = {mask for mask, tool in made.pdk.masks.items() if tool.tool.startswith("shadow mask")}
    assert {mask["name"] for mask in order["masks"]} == (shadow if name == "photomask" else set(made.pdk.masks))
    extents = {"web": set(), "stack": set()}
    for mask in order["masks"]:
        for entry in mask["file"]["files"]:
            content = files[entry["name"]]
            assert hashlib.sha256(content).hexdigest() == entry["sha256"]
            if entry["name"].endswith((".gds", ".oas")):
                layout = read(content, entry["name"][-3:], tmp_path)
                drawn = region(layout, made.pdk, mask["name"])
                crosses = region(gds, made.pdk, "FIDUCIAL") if mask["stage"] == "web" else kdb.Region()
                assert (region(layout, made.pdk, "FIDUCIAL") ^ crosses).is_empty()
            elif entry["name"].endswith(".svg"):
                drawn = read_svg(content, made.dbu_nm)
            else:
                continue
            area = inside[mask["stage"]]
            assert ((drawn & area) ^ region(gds, made.pdk, mask["name"])).is_empty()
            assert drawn.count() == mask["file"]["polygons"]
            assert drawn.area() == drawn.merged().area()
            assert drawn.area() * 1e-12 == pytest.approx(mask["file"]["area_mm2"], abs=1e-8)
            assert not (drawn - area).is_empty()
            extents[mask["stage"]].add(str(drawn.bbox()))
    assert [len(found) for found in extents.values() if found] == [1] * (1 + (name == "film")), "one extent a stage"


def test_laser_files_have_no_frame_and_the_cut_as_lines(whole):
    made, gds = whole
    files = files_of(made, "laser")
    order = json.loads(files["order.json"])
    on_web, on_stack = ["MARK", "ABLATE_ANODE", "ABLATE_STACK", "CUT"], ["MASK_FILM_LOWER", "MASK_FILM_UPPER"]
    assert [mask["name"] for mask in order["masks"]] == on_web + on_stack
    for mask in order["masks"]:
        assert mask["file"]["polygons"] == mask["polygons"]
        words = ("keep what is", "work")[mask["stage"] == "web"] + " inside the polygons"
        assert mask["polygon_tone_says"].startswith(words)
    assert {line["name"] for line in order["lines"]} == {"CUT_CENTER"}
    rows = list(csv.DictReader(io.StringIO(files["MB_TEST_CUT_CENTER_passes.csv"].decode())))
    cut_mm = sum(float(row["length_mm"]) for row in rows)
    assert cut_mm == pytest.approx(sum(edge.length() for edge in edges(gds, made.pdk, "CUT_CENTER")) * 1e-6)


@pytest.mark.parametrize("name", ["photomask", "laser", "film"])
def test_checksums_layer_table_and_archive(name):
    made = sample("default")
    files = files_of(made, name)
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {
        path: hashlib.sha256(content).hexdigest() for path, content in files.items() if path != "SHA256SUMS"
    }
    table = list(csv.DictReader(io.StringIO(files["layers.csv"].decode())))
    assert {row["name"] for row in table} >= {mask["name"] for mask in json.loads(files["order.json"])["masks"]}
    archive = zip_bytes(files, "order")
    assert archive == zip_bytes(dict(reversed(files.items())), "order")
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        assert sorted(opened.namelist()) == sorted(f"order/{path}" for path in files)
        assert opened.read("order/order.json") == files["order.json"]


def test_the_order_on_paper_says_what_the_order_says():
    pypdf = pytest.importorskip("pypdf")
    made = sample("default")
    files = files_of(made, "photomask")
    assert files["order.pdf"] == files_of(made, "photomask")["order.pdf"]
    order = json.loads(files["order.json"])
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(files["order.pdf"])).pages]
    assert all(mask["name"] in pages[0] for mask in order["masks"])
    heads = [f"{mask['number']} {mask['name']}" for mask in order["masks"]]
    spread = " ".join(" ".join(pages[1:]).split())  # a mask with many sites takes more than a page
    starts = [spread.index(head) for head in heads]
    assert starts == sorted(starts)
    for mask, start, end in zip(order["masks"], starts, [*starts[1:], len(spread)], strict=True):
        words = spread[start:end]
        assert mask["expression"] in words
        assert mask["polygon_tone_says"] in words
        assert f"{mask['file']['polygons']} polygons" in words
        assert all(file["sha256"] in words for file in mask["file"]["files"])
        for site in mask["cd_sites"][:3]:
            assert f"{site['x_mm']:.7f}".rstrip("0").rstrip(".") in words


def test_a_coarser_grid_than_the_design_is_refused():
    made = make(cell_um=(8000.1, 10000))
    files_of(made, "laser", grid_nm=100)
    with pytest.raises(PreflightError, match="off the shop's grid of 250 nm") as caught:
        files_of(made, "laser")
    assert "finer grid_nm" in caught.value.problems[0].remedy


def test_qr_code_says_which_mask_it_is(tmp_path):
    """Rendered by KLayout from the GDSII, read by zxing."""
    zxingcpp = pytest.importorskip("zxingcpp")
    made = sample("default")
    part = framed(
        with_layers(made.layout, ("CUT",)),
        "CUT",
        box_around(made),
        "TITLE",
        "MB_TEST M03 CUT anodeless-ss 0.1.0",
    )
    drawn = region(read(gds_bytes(part, made.pdk), "gds", tmp_path), made.pdk, "CUT").merged()
    x0, _, _, y1 = box_around(made)
    pixels = np.full((500, 500), 255, dtype=np.uint8)
    window = kdb.Box(x0 + 2_300_000, y1 - 5_600_000, x0 + 7_300_000, y1 - 600_000)
    for polygon in (drawn & kdb.Region(window)).decompose_trapezoids_to_region().each():
        box = polygon.bbox()
        x, y = (box.left - window.left) // 10_000, (window.top - box.top) // 10_000
        pixels[y : y + box.height() // 10_000, x : x + box.width() // 10_000] = 0
    (found,) = zxingcpp.read_barcodes(pixels)
    assert found.text == "MB_TEST M03 CUT anodeless-ss 0.1.0"


def test_the_test_letter_is_right_reading(tmp_path):
    """The F has its stem on the left, its long arm at the top."""
    made = sample("default")
    part = framed(with_layers(made.layout, ("CUT",)), "CUT", box_around(made), ("",), "X")
    drawn = region(read(gds_bytes(part, made.pdk), "gds", tmp_path), made.pdk, "CUT").merged()
    letters = [p.bbox() for p in drawn.each() if p.bbox().height() == 3_500_000 and p.bbox().width() == 2_500_000]
    (box,) = letters
    letter = drawn & kdb.Region(box)
    half_x, half_y = (box.left + box.right) // 2, (box.bottom + box.top) // 2
    left = (letter & kdb.Region(kdb.Box(box.left, box.bottom, half_x, box.top))).area()
    top = (letter & kdb.Region(kdb.Box(box.left, half_y, box.right, box.top))).area()
    assert left > 0.6 * letter.area()
    assert top > 0.6 * letter.area()


@pytest.mark.parametrize("size_um", [(900, 700), (3000, 2500), (40_000, 30_000)])
def test_frames_of_small_devices_have_room_for_everything(size_um):
    inside = (0, 0, 1000 * size_um[0], 1000 * size_um[1])
    box = frame_box(inside, 1)
    title = "A" * 32, "M07 MASK_FILM_WINDOW_OF_A_LONG_NA", "POLYGONS CLEAR"
    part = framed(Layout(1, (LayoutCell("A"),), "A"), "CUT", box, title, " ".join(title) + " anodeless-ss 0.1.0")
    polygons = part.cells[0].polygons
    drawn = kdb.Region([kdb.Polygon([kdb.Point(*point) for point in p.points]) for p in polygons])
    assert drawn.area() == drawn.merged().area(), "code, letter, title and corners overlap"
    assert (drawn & kdb.Region(kdb.Box(*inside)).sized(1_000_000)).is_empty()
    assert str(drawn.bbox()) == str(kdb.Box(*box))


@pytest.mark.parametrize("name", CASES)
def test_frames_lie_outside_everything(name):
    made = sample(name)
    part = framed(
        with_layers(made.layout, ("CUT",)), "CUT", box_around(made), ("A LONG TITLE " * 9, "M1", "TONE"), "CODE"
    )
    (frame,) = [cell for cell in part.cells if cell.name == "FRAME"]
    drawn = kdb.Region([kdb.Polygon([kdb.Point(*point) for point in p.points]) for p in frame.polygons])
    inside = kdb.Region(kdb.Box(*bounding_box(made.layout)))
    assert (drawn.sized(1_000_000 // made.dbu_nm) & inside).is_empty()
    assert drawn.area() == drawn.merged().area()
    box = box_around(made)
    assert (drawn.bbox().left, drawn.bbox().bottom, drawn.bbox().right, drawn.bbox().top) == box


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"formats": ["dwg"]}, "'dwg'"),
        ({"formats": []}, "at least 1"),
        ({"grid_nm": 0}, "at least 1"),
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"file_name": "{design}"}, "must use {mask}"),
        ({"file_name": "../{mask}"}, "no slash"),
        ({"file_name": "{planet}{mask}"}, "'planet'"),
        ({"tone": {"clear": "open"}}, "'dark' is missing"),
        ({"most_vertices": 9000}, "at most 8190"),
    ],
)
def test_bad_profiles_are_refused(change, what, tmp_path):
    import tomllib

    from layoutgen.resources import data_folder

    content = tomllib.loads((data_folder("templates") / "shops" / "laser.toml").read_text()) | change

    def toml(value):
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
        return json.dumps(value)

    path = tmp_path / "mine.toml"
    path.write_text("\n".join(f"{key} = {toml(value)}" for key, value in content.items()))
    with pytest.raises(SpecError) as caught:
        load_shop(str(path))
    assert what in str(caught.value)
    assert "mine.toml" in str(caught.value)


def test_a_profile_that_is_not_there():
    with pytest.raises(SpecError, match="did you mean 'laser'"):
        load_shop("lazer")


def test_unknown_layers_of_a_profile_are_refused():
    with pytest.raises(PreflightError, match="no layer 'NONE'"):
        files_of(sample("default"), "photomask", also_layers=["NONE"])
