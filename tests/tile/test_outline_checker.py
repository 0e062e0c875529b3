"""The checker of packed outlines: held to dense polygons, and to packings that are known to be false."""

import random
from dataclasses import dataclass

import pytest
import shapely
from shapely.affinity import translate

from tests.geometry.outlines import MM, SEVEN, fine, random_outline, shape
from tests.tile.outline_checker import Checker, Shape, distance, edges_of, overlap

KERF = 50_000


@dataclass
class Lattice:
    x: int
    y: int
    columns: int
    rows: int
    pitch_x: int
    pitch_y: int
    turn: int = 0


def oracle(outline, parts=80):
    """For each turn a dense polygon with its box at the origin."""
    found = {}
    for turn in (0, 90, 180, 270):
        turned = outline.turned(turn).at_origin()
        found[turn] = shapely.Polygon(fine(turned, parts))
    return found


def judge(outline, number, seed, kerf=KERF):
    """Random pairs of cells, many near the limit, judged by both; returns how many were too close to call."""
    source = random.Random(seed)
    polygons, checker = oracle(outline), Checker(edges_of(outline), kerf)
    unclear = 0
    # a chord of 1/80 of an arc lies at most so far inside
    slack = max((edge.radius * (edge.angle / 80) ** 2 / 8 for edge in outline.edges if edge.is_arc), default=0) + 3
    for _ in range(number):
        a, b = (source.choice((0, 90, 180, 270)) for _ in range(2))
        width, height = outline.size
        reach = max(width, height)
        dx, dy = source.randint(-reach, reach), source.randint(-reach, reach)
        if source.random() < 0.7:
            # push along the line between them until they nearly touch, then a hair to either side
            there = translate(polygons[b], dx, dy)
            low, high = 0.0, 3.0
            for _ in range(24):
                middle = (low + high) / 2
                there = translate(polygons[b], dx * middle, dy * middle)
                low, high = (low, middle) if polygons[a].distance(there) >= kerf else (middle, high)
            push = high + source.choice((-1, 1)) * source.choice((1e-5, 1e-4, 1e-3, 1e-2))
            dx, dy = round(dx * push), round(dy * push)
        there = translate(polygons[b], dx, dy)
        gap = polygons[a].distance(there)
        if abs(gap - kerf) <= 2 * slack + 3:
            unclear += 1
            continue
        assert checker.clear((a, 0, 0), (b, dx, dy)) == (gap >= kerf), (a, b, dx, dy, gap)
    return unclear


@pytest.mark.parametrize("name", SEVEN)
def test_pairs_of_cells_are_judged_as_by_dense_polygons(name):
    assert judge(shape(SEVEN[name]), 60, 1) < 40


def test_pairs_of_random_outlines():
    for seed in range(12):
        assert judge(random_outline(seed), 40, seed) < 30


def test_distances_are_exact():
    a, b = Shape(edges_of(shape("circle:d=10"))), Shape(edges_of(shape("circle:d=10")))
    assert distance(a, b.moved(complex(10.05 * MM, 0))) == pytest.approx(KERF, abs=1e-3)
    assert distance(a, b.moved(complex(8 * MM, 7 * MM))) == pytest.approx((113**0.5 - 10) * MM, rel=1e-9)
    box = Shape(edges_of(shape("rectangle:8x10")))
    assert distance(a, box.moved(complex(10 * MM, 9 * MM))) == pytest.approx((41**0.5 - 5) * MM, rel=1e-9)


def test_touching_is_no_overlap():
    disc, box = Shape(edges_of(shape("circle:d=10"))), Shape(edges_of(shape("rectangle:8x10")))
    assert not overlap(disc, disc.moved(complex(10 * MM, 0)))
    assert not overlap(box, box.moved(complex(8 * MM, 0)))
    assert not overlap(box, box.moved(complex(8 * MM, 3 * MM)))
    assert overlap(box, box.moved(complex(8 * MM - 10, 3 * MM)))
    assert overlap(disc, disc.moved(complex(10 * MM - 10, 0)))
    assert overlap(disc, disc)
    assert overlap(box, box.moved(complex(0, 1 * MM)))


def test_third_neighbours_are_seen():
    """Rows that nest deeply: a row and the next but one meet where the pitches of neighbours alone are kept."""
    sector = shape(SEVEN["sector"])
    checker = Checker(edges_of(sector), KERF)
    width, height = sector.size
    # a turned sector over an upright one, and an upright one on the same place just above the turned one
    cells = [(0, 0, 0), (180, 0, height + KERF), (0, 0, 2 * MM)]
    assert checker.clear(cells[0], cells[1])
    assert checker.first_fault(cells, (width, 4 * height)) is not None
    good = [(0, 0, 0), (0, 0, 4_200_000), (180, 0, height + 5 * MM)]
    assert checker.first_fault(good, (width, 4 * height)) is None


def test_stadiums_packed_as_inner_polygons_are_refused():
    """Outlines flattened inwards by 10 um pack closer than the outlines themselves may."""
    from layoutgen.geometry.flatten import Side, flattened

    stadium = shape(SEVEN["stadium"])
    inner = shapely.Polygon(flattened(stadium, 10_000, Side.INSIDE))
    low, high = 0, 5 * MM
    dx = 11 * MM
    while high - low > 1:
        middle = (low + high) // 2
        there = translate(inner, dx, middle)
        low, high = (low, middle) if inner.distance(there) >= KERF else (middle, high)
    checker = Checker(edges_of(stadium), KERF)
    assert not checker.clear((0, 0, 0), (0, dx, high))
    assert checker.clear((0, 0, 0), (0, dx, high + 40_000))


def test_fields_and_zones():
    disc = shape("circle:d=10")
    checker = Checker(edges_of(disc), KERF)
    assert checker.first_fault([(0, 0, 0)], (10 * MM, 10 * MM)) is None
    assert "outside" in checker.first_fault([(0, 10, 0)], (10 * MM, 10 * MM))
    corner = ((8 * MM, 9 * MM), (11 * MM, 9 * MM), (11 * MM, 11 * MM), (8 * MM, 11 * MM))
    # the corner at (8, 9) is 5 mm from the middle: nearer than a kerf
    assert "zone" in checker.first_fault([(0, 0, 0)], (20 * MM, 20 * MM), [corner])
    away = tuple((x + MM, y) for x, y in corner)
    assert checker.first_fault([(0, 0, 0)], (20 * MM, 20 * MM), [away]) is None
    inside = ((4 * MM, 4 * MM), (5 * MM, 4 * MM), (5 * MM, 5 * MM))
    assert "zone" in checker.first_fault([(0, 0, 0)], (20 * MM, 20 * MM), [inside])
