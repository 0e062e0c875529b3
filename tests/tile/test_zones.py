"""Packings around zones: nothing inside a zone, never worse than a shifted grid, bounded by the area left."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon
from shapely.geometry import box as rectangle

from layoutgen.tile.pack.frame import pack
from layoutgen.tile.webplan.around import plan_around
from layoutgen.tile.zones.frame import pack_around
from layoutgen.tile.zones.outline import Outline, box
from layoutgen.web.plan import WebFrame, Zone
from tests.tile.checker import cells_of, check_packing, check_plan, rectangles, threads


@st.composite
def boxes(draw, reach=180, most=60):
    x, y = draw(st.integers(0, reach)), draw(st.integers(0, reach))
    return box(x, y, x + draw(st.integers(1, most)), y + draw(st.integers(1, most)))


@st.composite
def triangles(draw, reach=200):
    points = [(draw(st.integers(0, reach)), draw(st.integers(0, reach))) for _ in range(3)]
    zone = Outline(tuple(points))
    return zone if zone.doubled_area else box(10, 10, 30, 30)


def check_zones(packing, zones):
    shapes = [Polygon(zone.corners) for zone in zones]
    for cell in rectangles(packing.blocks, packing.item, packing.item):
        assert all(rectangle(*cell).intersection(shape).area == 0 for shape in shapes), "cell in a zone"


def shifted_grids(frame, item, zones):
    """The best of all grids of both orientations and all phases, cells that meet a zone left out."""
    forbidden, best = shapely.union_all([Polygon(zone.corners) for zone in zones]), 0
    for w, h in {item, item[::-1]}:
        x, y = np.meshgrid(np.arange(frame[0] - w + 1), np.arange(frame[1] - h + 1), indexing="ij")
        free = shapely.area(shapely.intersection(shapely.box(x, y, x + w, y + h), forbidden)) < 1e-9
        best = max(best, *(int(free[x0::w, y0::h].sum()) for x0 in range(w) for y0 in range(h)))
    return best


@given(st.lists(st.one_of(boxes(), triangles()), max_size=4), st.integers(9, 40), st.integers(9, 40), st.booleans())
@settings(max_examples=40, deadline=None)
def test_no_cell_enters_a_zone(zones, w, h, turn):
    packing = pack_around((200, 170), (w, h), zones, rotation_allowed=turn)
    check_packing(packing, rotation_allowed=turn, zones=[zone.corners for zone in zones])
    check_zones(packing, zones)
    assert packing.count <= pack((200, 170), (w, h), rotation_allowed=turn).upper_bound


@given(
    st.lists(st.one_of(boxes(70, 30), triangles(70)), min_size=1, max_size=3),
    st.integers(4, 13),
    st.integers(4, 13),
)
@settings(max_examples=12, deadline=None)
def test_at_least_as_good_as_any_shifted_grid(zones, w, h):
    packing = pack_around((64, 57), (w, h), zones)
    assert packing.count >= shifted_grids((64, 57), (w, h), zones)


def test_slanted_sides_are_followed_lane_by_lane():
    """A wedge from corner to corner: lanes of 10 begin where the side allows it, as a staircase by hand."""
    packing = pack_around((100, 100), (10, 10), [Outline(((0, 0), (100, 0), (100, 50)))])
    assert packing.count == sum((100 - 5 * lane) // 10 for lane in range(1, 11))
    check_zones(packing, [Outline(((0, 0), (100, 0), (100, 50)))])


def test_what_is_left_beside_a_zone_is_packed_as_well_as_alone():
    """A zone over a part of the frame, or across it, leaves rectangles; lanes along all of it lose cells there."""
    frame, item = (300_050, 300_050), (8_050, 10_050)
    half = pack_around(frame, item, [box(0, 150_000, *frame)])
    assert half.count == pack((300_050, 150_000), item).count
    across = pack_around(frame, item, [box(0, 60_000, 300_050, 66_050)])
    assert across.count >= pack((300_050, 60_000), item).count + pack((300_050, 234_000), item).count
    check_packing(across, zones=[box(0, 60_000, 300_050, 66_050).corners])


def test_no_zone_changes_nothing():
    assert pack_around((300, 300), (17, 23), []) == pack((300, 300), (17, 23))


def test_a_zone_over_everything_leaves_nothing():
    packing = pack_around((100, 100), (7, 9), [box(-5, -5, 200, 200)])
    assert (packing.count, packing.upper_bound) == (0, 0)


@pytest.mark.parametrize("kerf", [0, 3])
@pytest.mark.parametrize(
    "corners", [((40, 40), (80, 50), (60, 90)), ((40, 40), (113, 51), (59, 93), (61, 52))], ids=["triangle", "dart"]
)
def test_grown_zones_keep_the_street_clear(corners, kerf):
    zone = Outline(corners)
    grown = zone.grown(kerf)
    packing = pack_around((200 + kerf, 200 + kerf), (20 + kerf, 13 + kerf), [grown])
    for x0, y0, x1, y1 in rectangles(packing.blocks, (20, 13), (20 + kerf, 13 + kerf)):
        street = rectangle(x0 - kerf, y0 - kerf, x1 + kerf, y1 + kerf)
        assert street.intersection(Polygon(zone.corners)).area == 0


def test_lanes_along_a_slanted_side_start_at_one_height():
    """Every lane could start elsewhere; one array and streets that go through are cheaper to cut and to check."""
    zones = [Outline(((0, 0), (100, 0), (100, 3))), Outline(((0, 96), (100, 96), (0, 93)))]
    packing = pack_around((100, 96), (10, 9), zones)
    check_packing(packing, zones=[zone.corners for zone in zones])
    assert packing.count == 100
    assert [(block.x, block.y, block.columns, block.rows) for block in packing.blocks] == [(0, 3, 10, 10)]


def test_no_thread_is_left_beside_a_zone():
    """Blocks that a zone pushed apart by a little more than two streets move together."""
    corners = ((8_000, 13_000), (14_000, 37_000), (14_000, 18_000))
    frame = WebFrame(90_000, 5_000, 80_000, 60_000, 2_000, 40, rotation_allowed=True)
    plans = [
        plan_around(replace(frame, least_strip=least), (6_700, 10_600), [Zone("z", "dent", corners)])
        for least in (0, 500)
    ]
    assert threads(plans[0], 500)
    assert not threads(plans[1], 500)
    assert plans[0].cells_per_repeat == plans[1].cells_per_repeat
    for plan in plans:
        check_plan(plan)
        outline = Polygon(corners)
        assert all(rectangle(*box).distance(outline) >= 40 for box in cells_of(plan))
