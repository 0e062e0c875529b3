"""The IPC-7351B model against numbers worked by hand and against its own formulas."""

import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layoutgen.errors import DesignError
from layoutgen.smt.land_pattern import Level, land_pattern
from layoutgen.smt.part import Limits, SolderPart
from layoutgen.smt.paste import coverage, lands, mask_openings, paste_openings


def part(length, width, terminal, style="end-cap", inset=0.0, terminal_width=None):
    body_width = Limits(*width)
    return SolderPart(
        Limits(*length), body_width, Limits(1.0, 0.1), Limits(*terminal), terminal_width or body_width, 0.0, inset,
        style,
    )  # fmt: skip


def test_0603_at_level_b_is_the_published_pattern():
    pattern = land_pattern(part((1.6, 0.1), (0.8, 0.1), (0.35, 0.15)))
    assert (pattern.z, pattern.x) == (2.45, 0.95)


def test_worked_example_to_the_micrometre():
    pattern = land_pattern(part((10, 0.1), (5, 0.1), (0.5, 0.1)))
    assert pattern.exact_z == pytest.approx(10.829, abs=5e-4)
    assert pattern.exact_g == pytest.approx(8.809, abs=5e-4)
    assert pattern.exact_x == pytest.approx(5.129, abs=5e-4)
    assert (pattern.z, pattern.g, pattern.x) == (10.85, 8.8, 5.15)


sizes = st.tuples(st.floats(1.0, 50), st.floats(0.01, 0.3))


@given(sizes, sizes, st.floats(0.1, 2), st.floats(0.0, 0.2), st.sampled_from(list(Level)))
def test_lands_lie_outside_each_other_and_inside_the_courtyard(length, width, terminal, tolerance, level):
    assume(length[0] - 2 * terminal > 2)
    body = part(length, width, (terminal, tolerance))
    pattern = land_pattern(body, level)
    plus, minus = lands(pattern)
    assert plus.x == -minus.x < 0
    assert plus.x + plus.length / 2 == pytest.approx(-pattern.g / 2)
    assert minus.x + minus.length / 2 == pytest.approx(pattern.z / 2)
    assert pattern.courtyard_length >= max(pattern.z, body.length.most_mm) + 2 * pattern.goals.courtyard - 1e-9
    assert pattern.courtyard_width >= max(pattern.x, body.width.most_mm) + 2 * pattern.goals.courtyard - 1e-9
    assert round(pattern.courtyard_length * 50) == pytest.approx(pattern.courtyard_length * 50)
    for exact, rounded in (
        (pattern.exact_z, pattern.z),
        (pattern.exact_g, pattern.g),
        (pattern.exact_x, pattern.x),
    ):
        assert abs(exact - rounded) <= pattern.goals.rounding / 2 + 1e-9
    # zero tolerances of the part leave the board's and the machine's
    bare = land_pattern(part((length[0], 0), (width[0], 0), (terminal, 0)), level)
    assert bare.exact_z == pytest.approx(length[0] + 2 * bare.goals.toe + math.hypot(0.1, 0.05))


def test_levels_shrink_from_a_to_c():
    body = part((10, 0.1), (8, 0.1), (0.5, 0.1))
    a, b, c = (land_pattern(body, level) for level in Level)
    assert a.z > b.z > c.z
    assert a.x >= b.x >= c.x
    assert a.courtyard_length > b.courtyard_length > c.courtyard_length


def test_small_bodies_and_bottom_terminals_have_their_own_goals():
    small = land_pattern(part((1.0, 0.05), (0.5, 0.05), (0.25, 0.05)))
    assert (small.goals.toe, small.goals.rounding) == (0.20, 0.02)
    bottom = land_pattern(part((10, 0.1), (8, 0.1), (1, 0.1), "bottom", inset=0.5))
    assert bottom.goals.toe == 0.30
    assert bottom.exact_z == pytest.approx(8.9 + 0.6 + math.sqrt(0.2**2 + 0.1**2 + 0.05**2))


def test_terminals_that_meet_are_refused_with_a_remedy():
    with pytest.raises(DesignError, match="lands would touch") as caught:
        land_pattern(part((1.0, 0.1), (0.5, 0.1), (0.5, 0.1)))
    assert "longer package" in str(caught.value)


@given(sizes, sizes)
def test_paste_lies_on_the_lands_and_mask_around_them(length, width):
    assume(length[0] > 2.5)
    pattern = land_pattern(part(length, width, (0.5, 0.1)))
    for land, mask in zip(lands(pattern), mask_openings(pattern), strict=True):
        assert mask.length - land.length == pytest.approx(0.1)
        assert mask.width - land.width == pytest.approx(0.1)
    openings = paste_openings(pattern)
    for opening in openings:
        land = lands(pattern)[0 if opening.x < 0 else 1]
        assert abs(opening.x - land.x) + opening.length / 2 <= land.length / 2 + 1e-9
        assert abs(opening.y - land.y) + opening.width / 2 <= land.width / 2 + 1e-9
        assert opening.width <= 3.0 + 1e-9
        assert opening.area_ratio() > 0
    side = sorted((o for o in openings if o.x < 0), key=lambda o: o.y)
    for a, b in pairwise(side):
        assert -1e-6 <= (b.y - b.width / 2) - (a.y + a.width / 2) - 0.3 <= 0.002
    assert 0 < coverage(pattern) < 1
