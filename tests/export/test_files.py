"""SVG masks, the order, the cell map and layer properties, each against the layout that KLayout reads."""

import csv
import io
import xml.etree.ElementTree as ET

import klayout.db as kdb
import pytest

from layoutgen.errors import PreflightError
from layoutgen.export import features
from layoutgen.export.gds import gds_bytes
from layoutgen.export.library import compare, to_library
from layoutgen.export.lyp import lyp_text
from layoutgen.export.oasis import oasis_bytes
from layoutgen.export.svg_mask import layer_svg, mask_svgs
from layoutgen.layout.measure import LayoutIndex
from layoutgen.layout.model import LayoutCell, Placement, Polygon
from layoutgen.receivers.order import cd_tolerance_um, order_csv_bytes, order_document
from layoutgen.receivers.revision import FIRST, with_issue
from tests.export.oracle import read, region
from tests.export.svg_reader import read_svg
from tests.layout.designs import CASES, changed_pdk, grid_plan, make, sample, scattered_plan


@pytest.fixture(scope="module", params=[*CASES, "scattered"])
def case(request, tmp_path_factory):
    made = (
        make(plan=scattered_plan, cell_um=(3000, 7000)) if request.param == "scattered" else sample(request.param)
    )
    return made, read(gds_bytes(made.layout, made.pdk), "gds", tmp_path_factory.mktemp("files"))


def test_mask_svgs_equal_the_gds(case):
    made, gds = case
    files = mask_svgs(made.layout, made.pdk)
    assert list(files) == sorted(made.pdk.masks, key=lambda name: made.pdk.masks[name].number)
    for name, content in files.items():
        drawn = read_svg(content, made.dbu_nm)
        assert (drawn ^ region(gds, made.pdk, name)).is_empty(), name
        assert drawn.count() == region(gds, made.pdk, name).count(), name


def test_order_agrees_with_klayouts_numbers(case):
    made, gds = case
    order = order_document(made.layout, made.pdk)
    assert [mask["number"] for mask in order["masks"]] == sorted(mask.number for mask in made.pdk.masks.values())
    for mask in order["masks"]:
        drawn = region(gds, made.pdk, mask["name"])
        assert mask["polygons"] == drawn.count()
        assert mask["area_mm2"] == pytest.approx(drawn.area() * (made.dbu_nm * 1e-6) ** 2, abs=1e-8)
        box = drawn.bbox().to_dtype(made.dbu_nm * 1e-6)
        assert mask["bounding_box_mm"] == pytest.approx([box.left, box.bottom, box.right, box.top])
        assert mask["polygon_tone"] in {"clear", "dark"}


def test_minimum_line_and_space_are_klayouts(case):
    """KLayout finds nothing narrower than stated, and something at the stated width."""
    made, gds = case
    unit_um = made.dbu_nm / 1000
    for mask in order_document(made.layout, made.pdk)["masks"]:
        merged = region(gds, made.pdk, mask["name"]).merged()
        for key, check in (("min_line_um", merged.width_check), ("min_space_um", merged.space_check)):
            if mask[key] is None or mask[key] > 2000:
                continue
            least = round(mask[key] / unit_um)
            options = {"metrics": kdb.Region.Projection}
            assert check(least, **options).is_empty(), f"{mask['name']}: narrower than {key}"
            assert not check(least + 1, **options).is_empty(), f"{mask['name']}: nothing at {key}"


def test_windows_that_are_looked_at_show_what_all_show(case):
    """The shortcut of looking at each kind of neighbourhood once does not change the narrowest line and space."""
    made, _ = case
    index = LayoutIndex.of(made.layout)
    windows = list(features._windows(index))
    telling = features.telling_windows(index)
    assert len(telling) <= len(windows)
    for name in made.pdk.masks:
        few, all_of_them = (features.narrowest(index, name, some) for some in (telling, windows))
        assert [(f.kind, f.axis, f.value) for f in few] == [(f.kind, f.axis, f.value) for f in all_of_them]


def test_cd_sites_are_where_they_say(case):
    """At each site, a cut through the mask has the stated width, inside or outside polygons."""
    made, gds = case
    per_mm = 1e6 / made.dbu_nm
    for mask in order_document(made.layout, made.pdk)["masks"]:
        merged = region(gds, made.pdk, mask["name"]).merged()
        assert mask["cd_sites"] or not mask["polygons"]
        for site in mask["cd_sites"][:16]:
            x, y = round(site["x_mm"] * per_mm), round(site["y_mm"] * per_mm)
            wide = round(site["nominal_um"] * 1000 / made.dbu_nm)
            half = (wide + 1) // 2 + 2
            dx, dy = (half, 1) if site["direction"] == "x" else (1, half)
            window = kdb.Region(kdb.Box(x - dx, y - dy, x + dx, y + dy))
            inside = merged & window
            part = inside if site["kind"] == "line" else window - inside
            spans = [b.width() if site["direction"] == "x" else b.height() for b in (p.bbox() for p in part.each())]
            assert wide in spans, (mask["name"], site)
            assert site["tolerance_um"] == cd_tolerance_um(site["nominal_um"])


def least_um(merged, kind, dbu_nm):
    """The least width or space as KLayout measures it between facing edges; None where there is none."""
    reach = 1000
    while reach < 2**31:
        found = getattr(merged, f"{kind}_check")(reach, False, kdb.Metrics.Projection, 90, 1)
        if found.count():
            return min(pair.distance() for pair in found.each()) * dbu_nm / 1000
        reach *= 4
    return None


def test_least_line_and_space_are_what_klayout_measures(case):
    made, gds = case
    for mask in order_document(made.layout, made.pdk)["masks"]:
        merged = region(gds, made.pdk, mask["name"]).merged()
        measured = least_um(merged, "width", made.dbu_nm), least_um(merged, "space", made.dbu_nm)
        assert (mask["min_line_um"], mask["min_space_um"]) == pytest.approx(measured), mask["name"]


def test_pictures_of_masks_lie_on_each_other(case):
    """All of a stage show the same piece of the plane, so that files laid over each other fit."""
    made, _ = case
    shown = {"web": set(), "stack": set()}
    for name, content in mask_svgs(made.layout, made.pdk).items():
        root = ET.fromstring(content)
        shown[made.pdk.layers[name].stage].add((root.get("viewBox"), root.get("width"), root.get("height")))
    assert [len(found) for found in shown.values()] == [1, 1]


def first_issue(made):
    return with_issue(order_document(made.layout, made.pdk), FIRST, made.layout, made.pdk)


def test_order_as_csv_is_the_same_order(case):
    made, _ = case
    rows = list(csv.DictReader(io.StringIO(order_csv_bytes(first_issue(made)).decode())))
    masks = order_document(made.layout, made.pdk)["masks"]
    assert [(row["name"], int(row["polygons"]), float(row["area_mm2"])) for row in rows] == [
        (mask["name"], mask["polygons"], mask["area_mm2"]) for mask in masks
    ]
    sites = [row["cd_sites"].split(" | ") if row["cd_sites"] else [] for row in rows]
    assert [len(found) for found in sites] == [len(mask["cd_sites"]) for mask in masks]


def test_a_mask_without_geometry_is_written_as_empty():
    def change(content):
        content["masks"]["CUT"]["expression"] = "CATHODE - CATHODE"

    made = make(changed_pdk(change))
    assert "CUT" not in mask_svgs(made.layout, made.pdk)
    assert read_svg(layer_svg(made.layout, "CUT", "nothing", "#000000"), made.dbu_nm).is_empty()
    (order,) = [mask for mask in order_document(made.layout, made.pdk)["masks"] if mask["name"] == "CUT"]
    assert (order["polygons"], order["area_mm2"], order["bounding_box_mm"], order["cd_sites"]) == (0, 0, None, [])
    assert order_csv_bytes(first_issue(made))


def test_layer_properties_name_every_layer():
    pdk = sample("default").pdk
    root = ET.fromstring(lyp_text(pdk))
    sources = {element.text for element in root.iter("source")} - {"*/*@*"}
    assert sources == {f"{layer.number}/{layer.datatype}@1" for layer in pdk.layers.values()}
    for member in root.iter("group-members"):
        name = member.findtext("name").split()[0]
        assert member.findtext("fill-color") == pdk.layers[name].colour


def test_the_same_layout_gives_the_same_bytes():
    one, two = make(), make()
    assert gds_bytes(one.layout, one.pdk) == gds_bytes(two.layout, two.pdk)
    assert oasis_bytes(one.layout, one.pdk) == oasis_bytes(two.layout, two.pdk)
    assert mask_svgs(one.layout, one.pdk) == mask_svgs(two.layout, two.pdk)


def _moved(cell: LayoutCell) -> LayoutCell:
    first, *rest = cell.polygons
    moved = Polygon(first.layer, tuple((x + 1, y) for x, y in first.points))
    return LayoutCell(cell.name, (moved, *rest), cell.paths, cell.placements)


def _one_column_less(cell: LayoutCell) -> LayoutCell:
    first, *rest = cell.placements
    less = Placement(first.cell, first.origin, first.quarter_turns, first.columns - 1, first.rows, first.pitch)
    return LayoutCell(cell.name, cell.polygons, cell.paths, (less, *rest))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("CELL", _moved),
        ("STACK", lambda cell: LayoutCell(cell.name, cell.polygons, ())),
        ("FIELD_1", _one_column_less),
        ("FIELD_1", lambda cell: LayoutCell(cell.name, cell.polygons, cell.paths[1:], cell.placements)),
        ("REPEAT", lambda cell: LayoutCell(cell.name, cell.polygons, cell.paths, cell.placements[1:])),
        ("CELL", lambda cell: LayoutCell(cell.name, (*cell.polygons, cell.polygons[0]))),
    ],
)
def test_reading_back_finds_any_difference(name, change):
    """One shape moved by one database unit, one column, one line: the comparison after writing fails."""
    made = sample("default")
    library = to_library(made.layout, made.pdk)
    compare(library, made.layout, made.pdk, "library")
    cells = tuple(change(cell) if cell.name == name else cell for cell in made.layout.cells)
    other = type(made.layout)(made.layout.dbu_nm, cells, made.layout.top)
    with pytest.raises(PreflightError, match=f"cell {name}"):
        compare(library, other, made.pdk, "library")


@pytest.mark.parametrize("writer", [gds_bytes, oasis_bytes])
def test_a_million_cells_are_as_small_as_a_thousand(writer):
    wide = (("web.width", "9 m"),)
    few = make(plan=grid_plan(40, 25), overrides=wide, dbu_nm=10)
    many = make(plan=grid_plan(1000, 1000), overrides=wide, dbu_nm=10)
    small, large = len(writer(few.layout, few.pdk)), len(writer(many.layout, many.pdk))
    assert 0.8 < large / small < 1.2
    assert len(many.layout.cells) < 60
