"""The largest rectangle inside an outline: known ones, and beside every rectangle of a fine grid."""

import math

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

from layoutgen.geometry.inscribed import largest_rectangle
from layoutgen.geometry.outline import outline_of
from tests.geometry.outlines import MM, fine, random_outline, shape

CHORD = 500
GRID = 36


def area(width, height):
    return width * height


def less_margins(width, height):
    """Active area of a package with terminals at its short ends."""
    return max(width - 0.6 * MM, 0) * max(height - 0.2 * MM, 0)


KNOWN = {
    "circle:d=12": 72.0,
    "rectangle:8x10": 80.0,
    "l-shape:12x8,arm=4": 48.0,
    "hexagon:10": 100 / math.sqrt(3),
}


@pytest.mark.parametrize("text", KNOWN)
def test_known_rectangles(text):
    for turns in ((0.0,), None):
        found = largest_rectangle([shape(text)], area, error=CHORD, turns_deg=turns)
        assert found.gain / MM**2 == pytest.approx(KNOWN[text], rel=5e-4)


@pytest.mark.parametrize("turn", [0.0, 7.3, 30.0, 45.0, 88.8])
def test_a_rectangle_turned_is_found_as_it_lies(turn):
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    corners = [
        (round((x * c - y * s) * MM), round((x * s + y * c) * MM)) for x, y in ((0, 0), (9, 0), (9, 4), (0, 4))
    ]
    found = largest_rectangle([outline_of(corners)], area, error=CHORD)
    assert found.gain / MM**2 == pytest.approx(36, rel=1e-5)
    assert found.turn_deg == pytest.approx(turn, abs=1e-4)


def gridded(region, gain):
    """The best rectangle of whole cells of a grid, all of them inside: from the rows that are free above each."""
    x0, y0, x1, y1 = region.bounds
    w, h = (x1 - x0) / GRID, (y1 - y0) / GRID
    columns, rows = np.meshgrid(np.arange(GRID), np.arange(GRID))
    boxes = shapely.box(x0 + columns * w, y0 + rows * h, x0 + (columns + 1) * w, y0 + (rows + 1) * h)
    shapely.prepare(region)
    free = shapely.contains(region, boxes)
    best, run = 0.0, np.zeros(GRID, dtype=int)
    for row in free:
        run = np.where(row, run + 1, 0)
        for i in range(GRID):
            least = GRID + 1
            for j in range(i, GRID):
                least = min(least, run[j])
                if least == 0:
                    break
                best = max(best, gain((j - i + 1) * w, least * h))
    return best


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 16))]
)
def test_no_rectangle_of_a_grid_is_better(seed):
    outline, gain = random_outline(seed), (area, less_margins)[seed % 2]
    region = shapely.Polygon(fine(outline, 60))
    upright = largest_rectangle([outline], gain, error=CHORD, turns_deg=(0.0,))
    turned = largest_rectangle([outline], gain, error=CHORD)
    for found in (upright, turned):
        inside = shapely.Polygon(found.corners)
        assert inside.area == pytest.approx(found.width * found.height)
        assert inside.difference(region.buffer(2 * CHORD)).area == 0
    # chords of the fine polygon lie inside arcs that turn inwards too, by a little
    assert upright.gain >= 0.999 * gridded(region, gain)
    assert turned.gain >= upright.gain * 0.998
    for turn in (20, 55):
        assert turned.gain >= 0.995 * gridded(rotate(region, -turn, origin=(0, 0)), gain), turn


def test_of_several_parts_the_better_one():
    parts = [outline_of([(0, 0), (4 * MM, 0), (4 * MM, MM), (0, MM)]), shape("rectangle:3x3").moved(9 * MM, 0)]
    found = largest_rectangle(parts, area, error=CHORD)
    assert (found.gain, found.centre) == (pytest.approx(9 * MM**2), pytest.approx((10.5 * MM, 1.5 * MM)))


def test_a_place_too_small_to_be_worth_anything_gives_none():
    assert largest_rectangle([shape("circle:d=0.4")], less_margins, error=CHORD) is None
    assert largest_rectangle([], area, error=CHORD) is None
