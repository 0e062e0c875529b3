"""Regions become simple polygons that cover them exactly; text and numbers are what they say."""

import re
from dataclasses import replace

import klayout.db as kdb
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon as Shape
from shapely.geometry import box

from layoutgen.errors import PreflightError
from layoutgen.geometry.boxes import turned, turned_box
from layoutgen.geometry.regions import canonical, simple_polygons, union
from layoutgen.layout.build import build_layout, layout_name
from layoutgen.layout.measure import LayoutIndex, totals_by_layer, twice_area
from layoutgen.layout.model import Layout, LayoutCell, Placement
from layoutgen.layout.text import CHARACTERS, GlyphLibrary, count_labels, drawable, label_stride, text_size
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.web.plan import Zone
from tests.layout.designs import CASES, grid_plan, make, sample

RECTANGLES = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 12), st.integers(1, 12))


def klayout_region(polygons):
    return kdb.Region([kdb.Polygon([kdb.Point(*point) for point in points]) for points in polygons])


def boxes(rectangles):
    return [(x, y, x + w, y + h) for x, y, w, h in rectangles]


@settings(max_examples=200)
@given(
    st.lists(RECTANGLES, min_size=1, max_size=12), st.lists(RECTANGLES, max_size=8), st.sampled_from((4, 8, 199))
)
def test_simple_polygons_cover_a_region_once(solid, holes, most):
    region = union(box(*b) for b in boxes(solid)) - union(box(*b) for b in boxes(holes))
    polygons = simple_polygons(region, most)
    expected = kdb.Region([kdb.Box(*b) for b in boxes(solid)]).merged() - kdb.Region(
        [kdb.Box(*b) for b in boxes(holes)]
    )
    found = klayout_region(polygons)
    assert (found ^ expected).is_empty()
    assert found.area() == expected.area()
    for points in polygons:
        assert 3 <= len(points) <= most
        assert len(set(points)) == len(points)
        assert shapely.LinearRing(points).is_simple
        assert twice_area(points) > 0
        assert points[0] == min(points, key=lambda point: (point[1], point[0]))
    assert polygons == tuple(sorted(polygons))


def test_a_hole_that_is_no_rectangle_is_opened_too():
    outer = Shape([(0, 0), (100, 0), (100, 100), (0, 100)])
    diamond = Shape([(50, 20), (80, 50), (50, 80), (20, 50)])
    polygons = simple_polygons(outer - diamond)
    assert sum(twice_area(points) for points in polygons) == 2 * (10_000 - 1_800)
    assert all(shapely.LinearRing(points).is_simple for points in polygons)


@given(st.permutations([(0, 0), (4, 0), (4, 2), (4, 3), (0, 3)]).filter(lambda p: Shape(p).is_valid))
def test_one_form_for_one_polygon(points):
    if Shape(points).area == 12:
        assert canonical(points) == ((0, 0), (4, 0), (4, 3), (0, 3))


@given(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), st.integers(-4, 4))
def test_turning(point, turns):
    assert turned(turned(point, turns), -turns) == point
    assert turned(point, 1) == (-point[1], point[0])
    x0, y0, x1, y1 = turned_box((min(0, point[0]), min(0, point[1]), max(0, point[0]), max(0, point[1])), turns)
    assert x0 <= turned(point, turns)[0] <= x1
    assert y0 <= turned(point, turns)[1] <= y1


@pytest.mark.parametrize("character", [character for character in CHARACTERS if character != " "])
def test_each_character_lies_in_its_pixels_and_differs(character):
    glyphs = GlyphLibrary("LABEL", 10)
    pictures = {}
    for each in CHARACTERS.replace(" ", ""):
        cell = glyphs.cells.get(glyphs.glyph(each)) or glyphs.cells[glyphs.glyph(each)]
        pictures[each] = tuple(polygon.points for polygon in cell.polygons)
    assert sum(picture == pictures[character] for picture in pictures.values()) == 1
    region = klayout_region(pictures[character])
    assert region.area() == region.merged().area() > 0
    assert kdb.Box(0, 0, 50, 70).contains(region.bbox().p1)
    assert kdb.Box(0, 0, 50, 70).contains(region.bbox().p2)


def spelt(count, prefix, stride, quarter_turns):
    """What count_labels draws, as text by item number: read back from where each character's cell lies."""
    glyphs = GlyphLibrary("LABEL", 10)
    step = (0, 1000) if quarter_turns else (1000, 0)
    placements = count_labels(glyphs, prefix, count, (7, 9), step, stride=stride, quarter_turns=quarter_turns)
    layout = Layout(1, (*glyphs.cells.values(), LayoutCell("TOP", (), (), tuple(placements))), "TOP")
    letters = {}
    for name in glyphs.cells:
        for instance in LayoutIndex.of(layout).instances_of(name):
            assert instance.quarter_turns == quarter_turns
            x, y = turned((instance.origin[0] - 7, instance.origin[1] - 9), -quarter_turns)
            assert y == 0
            assert (x, y) not in letters, "two characters in one place"
            letters[x, y] = name.removeprefix("CHAR_")
    texts = {}
    for (x, _), letter in sorted(letters.items()):
        texts.setdefault(x // 1000 + 1, []).append(letter)
    return {item: "".join(text) for item, text in texts.items()}, placements


@pytest.mark.parametrize("quarter_turns", [0, 1])
@pytest.mark.parametrize(
    "count", [1, 2, 9, 10, 11, 19, 20, 21, 99, 100, 101, 110, 200, 205, 999, 1000, 1234, 12345]
)
def test_numbers_are_spelt_right(count, quarter_turns):
    stride = label_stride(count, 400, 1000)
    texts, placements = spelt(count, "B2C", stride, quarter_turns)
    width = len(str(count))
    assert texts == {item: f"B2C{item:0{width}}" for item in range(stride, count + 1, stride)}
    assert len(placements) <= 2 * (3 + 20 + width)


@pytest.mark.parametrize(
    ("count", "length", "pitch", "stride"),
    [
        (99, 10, 10, 1),
        (100, 10, 10, 10),
        (50, 11, 10, 10),
        (9, 11, 10, None),
        (1000, 1, 10, 100),
        (500, 400, 10, 100),
    ],
)
def test_label_stride(count, length, pitch, stride):
    assert label_stride(count, length, pitch) == stride


def test_text_size_and_spelling():
    assert text_size("AB", 10) == (110, 70)
    assert drawable("mb-20mah (ü)") == "MB-20MAH ---"
    assert layout_name("mb-20mah-8x10.5") == "MB_20MAH_8X10_5"


@pytest.mark.parametrize("name", CASES)
def test_labels_and_fiducials_stay_off_the_fields_and_each_other(name):
    made = sample(name)
    index = LayoutIndex.of(made.layout)
    huge = (-(2**40), -(2**40), 2**40, 2**40)
    labels = klayout_region(index.polygons_in_window("LABEL", huge))
    crosses = klayout_region(index.polygons_in_window("FIDUCIAL", huge))
    fields = klayout_region(index.polygons_in_window("FIELD", huge))
    clear = 50_000 // made.dbu_nm
    assert (labels & fields.sized(clear)).is_empty()
    assert (crosses & fields.sized(clear)).is_empty()
    assert (crosses & labels.sized(clear)).is_empty()
    assert labels.area() == labels.merged().area()
    assert crosses.merged().count() in (0, 2 * len(made.plan.fields))
    web = kdb.Box(0, 0, made.plan.frame.width, made.plan.repeat_length)
    assert web.contains((labels + crosses).bbox().p1) or labels.is_empty()
    assert web.contains((labels + crosses).bbox().p2) or labels.is_empty()


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_drawn_is_said(name):
    made = sample(name)
    crosses = totals_by_layer(made.layout).get("FIDUCIAL")
    said = [note for note in made.layout.notes if "fiducials" in note]
    assert bool(said) == (crosses is None)
    if crosses is None:
        count = int(re.search(r"\((\d+) x\)", said[0]).group(1))
        assert count == len(made.plan.fields)


def test_the_default_repeat_is_fully_marked():
    made = sample("default")
    assert made.layout.notes == ()
    assert totals_by_layer(made.layout)["FIDUCIAL"].polygons == 2 * len(made.plan.fields)


def test_a_plan_of_another_cell_or_street_is_refused():
    with pytest.raises(PreflightError, match="is for a cell"):
        make(plan=lambda frame, size: sample("default").plan, cell_um=(8000, 10010))
    with pytest.raises(PreflightError, match="has a kerf of 30000, the device a street of 40000"):
        make(plan=lambda frame, size: replace(plan_web(frame, size), frame=replace(frame, kerf=30_000)))


def test_a_cell_too_small_for_its_elements_is_refused():
    with pytest.raises(PreflightError, match="has no area"):
        make(cell_um=(400, 240), plan=grid_plan(2, 2))


def test_an_off_grid_cell_is_refused():
    with pytest.raises(PreflightError, match="not on the grid") as caught:
        make(cell_um=(8000.0004, 10000), plan=lambda frame, size: None)
    assert caught.value.problems[0].where.startswith("cell")


def test_an_unused_cell_is_not_written():
    made = sample("default")
    placed = {placement.cell for cell in made.layout.cells for placement in cell.placements}
    assert {cell.name for cell in made.layout.cells} == placed | {made.layout.top}
    assert Placement("REPEAT", (0, 0)) in made.layout.cell(made.layout.top).placements


def test_forbidden_outlines_are_drawn_once_where_they_overlap():
    made = sample("default")
    outlines = [((0, 0), (30, 0), (30, 10), (0, 10)), ((20, 0), (40, 0), (40, 10), (20, 10))]
    zones = tuple(Zone(f"zone-{number}", "a defect", corners) for number, corners in enumerate(outlines))
    layout = build_layout(
        made.loaded, made.template, made.cell_um, replace(made.plan, zones=zones), "x", dbu_nm=made.dbu_nm
    )
    assert totals_by_layer(layout)["FORBIDDEN"].area_dbu2 == 400
    assert "FORBIDDEN" not in totals_by_layer(made.layout)


def test_instances_of_several_cells_are_those_of_each():
    """In windows over a whole repeat: one walk for all finds what a walk for each finds, and each once."""
    layout = make("anodeless-ss").layout
    index = LayoutIndex.of(layout)
    names = {cell.name for cell in layout.cells if cell.name != layout.top}
    x0, y0, x1, y1 = index.box(layout.top)
    for window in ((x0, y0, x1, y1), (x0, y0, (x0 + x1) // 2, (y0 + y1) // 3)):
        together = index.instances_in_window(names, window)
        alone = [item for name in names for item in index.instances_in_window({name}, window)]
        assert together
        assert sorted(map(repr, together)) == sorted(map(repr, alone))
