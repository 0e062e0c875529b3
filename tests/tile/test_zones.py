"""Packings around zones: nothing inside a zone, never worse than a shifted grid, bounded by the area left."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon
from shapely.geometry import box as rectangle

from layoutgen.tile.pack import pack
from layoutgen.tile.zones import Zone, box, pack_around
from tests.tile.checker import check_packing, rectangles


@st.composite
def boxes(draw):
    x, y = draw(st.integers(0, 180)), draw(st.integers(0, 180))
    return box(x, y, x + draw(st.integers(1, 60)), y + draw(st.integers(1, 60)))


@st.composite
def triangles(draw):
    points = [(draw(st.integers(0, 200)), draw(st.integers(0, 200))) for _ in range(3)]
    zone = Zone(tuple(points))
    return zone if zone.doubled_area else box(10, 10, 30, 30)


def check_zones(packing, zones):
    shapes = [Polygon(zone.corners) for zone in zones]
    for cell in rectangles(packing.blocks, packing.item, packing.item):
        assert all(rectangle(*cell).intersection(shape).area == 0 for shape in shapes), "cell in a zone"


def shifted_grids(frame, item, zones):
    """The best of all grids of both orientations and all phases, cells that meet a zone left out."""
    best = 0
    for w, h in {item, item[::-1]}:
        for x0 in range(min(w, frame[0])):
            for y0 in range(min(h, frame[1])):
                count = 0
                for x in range(x0, frame[0] - w + 1, w):
                    for y in range(y0, frame[1] - h + 1, h):
                        count += not any(
                            a < x + w and x < c and b < y + h and y < d for a, b, c, d in (z.bounds for z in zones)
                        )
                best = max(best, count)
    return best


@given(st.lists(st.one_of(boxes(), triangles()), max_size=4), st.integers(9, 40), st.integers(9, 40), st.booleans())
@settings(max_examples=40, deadline=None)
def test_no_cell_enters_a_zone(zones, w, h, turn):
    packing = pack_around((200, 170), (w, h), zones, rotation_allowed=turn)
    check_packing(packing, rotation_allowed=turn)
    check_zones(packing, zones)
    assert packing.count <= pack((200, 170), (w, h), rotation_allowed=turn).upper_bound


@given(st.lists(boxes(), min_size=1, max_size=3), st.integers(9, 20), st.integers(9, 20))
@settings(max_examples=8, deadline=None)
def test_at_least_as_good_as_any_shifted_grid(zones, w, h):
    packing = pack_around((150, 130), (w, h), zones)
    assert packing.count >= shifted_grids((150, 130), (w, h), zones)


def test_no_zone_changes_nothing():
    assert pack_around((300, 300), (17, 23), []) == pack((300, 300), (17, 23))


def test_a_zone_over_everything_leaves_nothing():
    packing = pack_around((100, 100), (7, 9), [box(-5, -5, 200, 200)])
    assert (packing.count, packing.upper_bound) == (0, 0)


@pytest.mark.parametrize("kerf", [0, 3])
def test_grown_zones_keep_the_street_clear(kerf):
    zone = Zone(((40, 40), (80, 50), (60, 90)))
    grown = zone.grown(kerf)
    packing = pack_around((200 + kerf, 200 + kerf), (20 + kerf, 13 + kerf), [grown])
    for x0, y0, x1, y1 in rectangles(packing.blocks, (20, 13), (20 + kerf, 13 + kerf)):
        street = rectangle(x0 - kerf, y0 - kerf, x1 + kerf, y1 + kerf)
        assert street.intersection(Polygon(zone.corners)).area == 0
