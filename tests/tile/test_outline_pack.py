"""Packed outlines: every packing checked by exact distances that share nothing with the packer."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.geometry.offset import outset
from layoutgen.geometry.outline import outline_of
from layoutgen.tile.model import Effort
from layoutgen.tile.outline.bounds import circle_bound, least_hexagon, outline_bound
from layoutgen.tile.outline.ladder import pack_outline
from layoutgen.tile.outline.model import Lattice, lattices_of
from layoutgen.tile.outline.repeat import plan_outline_web
from layoutgen.tile.outline.zones import pack_outline_around
from layoutgen.tile.pack.frame import pack
from layoutgen.web.plan import Regime, WebFrame
from tests.geometry.outlines import MM, SEVEN, random_outline, shape
from tests.tile.outline_checker import Checker, cells_of, check_packing, edges_of

KERF = 50_000
FIELD = (150 * MM, 150 * MM)

LEAST = {"circle": 241, "stadium": 465, "D": 190, "sector": 386, "hexagon": 230, "L": 324, "rounded": 272}


@pytest.mark.parametrize("name", LEAST)
def test_counts_of_the_shapes(name):
    outline = shape(SEVEN[name])
    packing = pack_outline(outline, KERF, FIELD, effort=Effort.STANDARD)
    check_packing(outline, packing, KERF, FIELD)
    assert packing.count >= LEAST[name]
    assert len(packing.lattices) < 40


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("L", 332), ("rounded", 273)])
def test_counts_at_the_usual_effort(name, least):
    outline = shape(SEVEN[name])
    packing = pack_outline(outline, KERF, FIELD, effort=Effort.HIGH)
    check_packing(outline, packing, KERF, FIELD)
    assert packing.count >= least


@pytest.mark.parametrize("seed", range(8))
def test_random_outlines_in_random_fields(seed):
    source = random.Random(seed)
    outline = random_outline(seed, arcs=source.choice((0, 0.4, 1)))
    size = round(source.uniform(8, 45) * MM), round(source.uniform(8, 45) * MM)
    distance = source.choice((0, 1, 40_000, 300_001))
    packing = pack_outline(outline, distance, size, effort=Effort.STANDARD, rotation_allowed=seed % 3 > 0)
    check_packing(outline, packing, distance, size)
    if seed % 3 == 0:
        assert {lattice.turn for lattice in packing.lattices} <= {0}


def test_pairs_of_which_the_second_lies_to_the_left():
    """The box of two that nest begins with the one that reaches farthest to the left: none is outside the field."""
    corners, bulges = [(3319187, 8359823), (0, 6110500), (3843299, 0)], [0.034, 0.136, 0.701]
    outline, size = outline_of(corners, bulges).at_origin(), (17_981_622, 24_866_439)
    check_packing(outline, pack_outline(outline, 300_001, size, effort=Effort.QUICK), 300_001, size)


def test_a_distance_below_rounding():
    """A nanometre between cells of a large arc: what is grown by it is lost, and the packing keeps more."""
    outline = random_outline(1, arcs=1, most=4)
    size = outline.size[0] * 3, outline.size[1] * 3
    for distance in (1, 31, 33):
        check_packing(outline, pack_outline(outline, distance, size, effort=Effort.QUICK), distance, size)


def test_what_does_not_fit():
    disc = shape("circle:d=10")
    for size in ((9 * MM, 100 * MM), (100 * MM, 9 * MM), (1, 1)):
        packing = pack_outline(disc, KERF, size, effort=Effort.QUICK)
        assert (packing.count, packing.upper_bound) == (0, 0)
    assert pack_outline(disc, KERF, (10 * MM, 10 * MM), effort=Effort.QUICK).proved_optimal
    # touching is allowed where no kerf is asked for
    assert pack_outline(disc, 0, (20 * MM, 20 * MM), effort=Effort.STANDARD).count == 4


def test_a_rectangle_as_an_outline_never_holds_fewer_than_the_tiler_of_rectangles():
    source = random.Random(3)
    for _ in range(200):
        a, b = (round(source.uniform(3, 25), 2) for _ in range(2))
        outline = shape(f"rectangle:{a}x{b}")
        packing = pack_outline(outline, KERF, FIELD, effort=Effort.STANDARD)
        frame, item = tuple(side + KERF for side in FIELD), tuple(side + KERF for side in outline.size)
        assert packing.count >= pack(frame, item, effort=Effort.STANDARD).count


def test_the_same_question_has_the_same_answer():
    outline = random_outline(5)
    first, second = (pack_outline(outline, KERF, (40 * MM, 30 * MM), effort=Effort.MEDIUM) for _ in range(2))
    assert first == second


lattices = st.builds(
    Lattice, st.integers(0, 50), st.integers(0, 50), st.integers(1, 5), st.integers(1, 5), st.integers(60, 70),
    st.integers(60, 70), st.sampled_from([0, 90, 180, 270]),
)  # fmt: skip


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(lattices, max_size=5))
def test_places_come_back_from_lattices(found):
    apart = [replace(lattice, x=lattice.x + 1000 * k) for k, lattice in enumerate(found)]
    places = sorted(place for lattice in apart for place in lattice.places())
    again = lattices_of(places)
    assert sorted(place for lattice in again for place in lattice.places()) == places


# the least side of a square that holds so many discs of diameter 1, as proved in the literature
LEAST_SIDES = {
    1: 1.0,
    2: 1.7071068,
    3: 1.9318517,
    4: 2.0,
    5: 2.4142136,
    6: 2.6641,
    7: 2.8660254,
    8: 2.9318517,
    9: 3.0,
}


@pytest.mark.parametrize("number", LEAST_SIDES)
def test_no_bound_is_below_packings_of_discs_that_exist(number):
    side = round(LEAST_SIDES[number] * 1.00001 * 10 * MM) + 20
    disc = shape("circle:d=10")
    assert circle_bound(10 * MM, 0, (side, side)) >= number
    assert outline_bound(disc, 0, (side, side))[0] >= number


def exhaustive(outline, distance, size, step):
    """Most cells on a grid of places, by looking at all of them."""
    checker = Checker(edges_of(outline), distance)
    places = []
    for turn in outline.turns:
        w, h = outline.turned(turn).size
        places += [(turn, x, y) for x in range(0, size[0] - w + 1, step) for y in range(0, size[1] - h + 1, step)]
    clear = [[checker.clear(a, b) for b in places] for a in places]
    best = 0

    def grow(count, left):
        nonlocal best
        best = max(best, count)
        for k, place in enumerate(left):
            if count + len(left) - k <= best:
                return
            grow(count + 1, [other for other in left[k + 1 :] if clear[place][other]])

    grow(0, list(range(len(places))))
    return best


@pytest.mark.parametrize(
    ("text", "size", "step"),
    [("circle:d=4", (9, 8), 500_000), ("l-shape:4x3,arm=1", (7, 5), 1_000_000), ("stadium:4x2", (7, 6), 1_000_000),
     ("hexagon:3", (8, 7), 500_000), ("d-shape:4x3", (8, 6), 1_000_000)],
)  # fmt: skip
def test_bounds_and_packings_against_all_places_of_a_grid(text, size, step):
    outline = shape(text)
    size = size[0] * MM, size[1] * MM
    most = exhaustive(outline, 0, size, step)
    packing = pack_outline(outline, 0, size, effort=Effort.HIGH)
    check_packing(outline, packing, 0, size)
    assert packing.upper_bound >= most
    assert packing.count >= most


def test_the_least_hexagon_is_that_of_a_circle_and_below_hexagons_drawn_around():
    disc = shape("circle:d=10")
    area = least_hexagon(disc)
    assert area <= 2 * 3**0.5 * 25e12
    assert area == pytest.approx(2 * 3**0.5 * 25e12, rel=0.01)
    for text in ("hexagon:10", "rectangle:8x10"):
        assert least_hexagon(shape(text)) == pytest.approx(shape(text).area, rel=1e-6)


def hexagon_around(outline, angles):
    """Area of the polygon of lines that touch an outline, at six directions of their normals."""
    import numpy as np

    from tests.geometry.outlines import fine

    points = np.array(fine(outline, 200))
    normals = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    support = (points @ normals.T).max(axis=0)
    corners = []
    for k in range(6):
        pair = normals[[k, (k + 1) % 6]]
        corners.append(np.linalg.solve(pair, support[[k, (k + 1) % 6]]))
    return sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(corners, corners[1:] + corners[:1], strict=True)) / 2


def test_no_hexagon_around_is_smaller_than_the_least():
    import numpy as np

    source = np.random.default_rng(1)
    for name in ("stadium", "rounded", "D"):
        outline = outset(shape(SEVEN[name]), KERF / 2)
        least = least_hexagon(outline)
        best = np.inf
        for _ in range(400):
            angles = np.sort(source.uniform(0, 2 * np.pi, 6))
            gaps = np.diff([*angles, angles[0] + 2 * np.pi])
            if gaps.max() < 2.8 and gaps.min() > 0.1:
                best = min(best, hexagon_around(outline, angles))
        assert least <= best


ZONES = [((20, 30), (32, 30), (32, 35), (20, 35)), ((50, 50), (59, 55), (52, 62))]


@pytest.mark.parametrize("text", ["circle:d=6", "l-shape:8x6,arm=3"])
def test_zones_stay_free(text):
    outline = shape(text)
    zones = [tuple((x * MM, y * MM) for x, y in zone) for zone in ZONES]
    size = (70 * MM, 70 * MM)
    packing = pack_outline_around(outline, KERF, KERF, size, zones, effort=Effort.QUICK)
    check_packing(outline, packing, KERF, size, zones)
    assert packing.count > 0.6 * pack_outline(outline, KERF, size, effort=Effort.QUICK).count


def web(**changes):
    frame = WebFrame(
        width=120 * MM, edge=5 * MM, field_width=60 * MM, field_length=60 * MM, field_gap=2 * MM, kerf=KERF,
        rotation_allowed=True,
    )  # fmt: skip
    return replace(frame, **changes)


WEBS = {
    "fields": {},
    "slit": {"slits": ((58 * MM, 62 * MM),)},
    "drum": {"regime": Regime.FIXED, "repeat_length": 90 * MM},
    "free": {"regime": Regime.FREE},
}


@pytest.mark.parametrize("case", WEBS)
def test_webs(case):
    frame, outline = web(**WEBS[case]), shape("sector:r=5..7,angle=100")
    zone = ((30 * MM, 10 * MM), (40 * MM, 10 * MM), (40 * MM, 14 * MM), (30 * MM, 14 * MM))
    plain = plan_outline_web(frame, outline, KERF, effort=Effort.QUICK)
    clear = plan_outline_web(frame, outline, KERF, [zone], effort=Effort.QUICK)
    assert 0 < clear.cells_per_repeat <= plain.cells_per_repeat <= plain.bound_cells_per_repeat
    boxes, length = plain.in_boxes
    assert plain.cells_per_repeat * length > 1.3 * boxes * plain.repeat_length
    for plan, zones in ((plain, []), (clear, [zone])):
        check_web(plan, outline, zones)


def check_web(plan, outline, zones):
    frame = plan.frame
    checker = Checker(edges_of(outline), KERF)
    free = frame.regime is Regime.FREE
    everything = []
    for field in plan.fields:
        assert frame.edge <= field.x
        assert field.x + field.width <= frame.width - frame.edge
        assert not any(a < field.x + field.width and field.x < b for a, b in frame.slits)
        cells = cells_of(field.lattices)
        everything += cells
        if free:
            cells = [(t, x - field.x - KERF, 0) for t, x, _ in cells]
            assert checker.first_fault(cells[:0], (1, 1)) is None
            assert all(0 <= x <= field.width - 2 * KERF - outline.turned(t).size[0] for t, x, _ in cells)
            continue
        assert field.y >= frame.field_gap
        assert field.y + field.length <= plan.repeat_length
        inner = [(t, x - field.x - KERF, y - field.y - KERF) for t, x, y in cells]
        assert checker.first_fault(inner, (field.width - 2 * KERF, field.length - 2 * KERF)) is None
    if free:
        everything = [(t, x, y + k * plan.repeat_length) for k in range(3) for t, x, y in everything]
    size = frame.width, 10 * plan.repeat_length
    assert checker.first_fault(everything, size, [] if free else zones) is None
    if free and zones:
        for k in (0, 1):
            moved = [tuple((x, y + (k + 1) * plan.repeat_length) for x, y in zone) for zone in zones]
            assert checker.first_fault(everything, size, moved) is None


@pytest.mark.slow
def test_no_bound_is_below_a_packing_of_random_outlines():
    for seed in range(30):
        source = random.Random(seed)
        outline = random_outline(seed, arcs=0.5, most=6)
        size = tuple(round(source.uniform(6, 30) * MM) for _ in range(2))
        packing = pack_outline(outline, KERF, size, effort=Effort.QUICK)
        assert packing.count <= outline_bound(outline, KERF, size)[0]
