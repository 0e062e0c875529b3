"""Footprint and height limit the nominal package, or the largest part that tolerances allow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.errors import DoesNotFit, SpecError
from layoutgen.pdk.load import load_pdk
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.summary import summary

STEEL = load_pdk("anodeless-ss", (("package.tolerance_width", "0.04 mm"), ("package.tolerance_height", "0.07 mm")))


def ask(**values):
    return solve(build_spec(values, {}), STEEL, compare=False)


def limits_kept(solution, sides, height=None):
    """Whether the largest part lies in the box, either way round."""
    device = solution.device
    length = device.package_length_um + device.tolerance_length_um
    width = device.package_width_um + device.tolerance_width_um
    within = [
        all(size <= side * 1000 + 1e-6 for size, side in zip((length, width), order, strict=True))
        for order in (sides, sides[::-1])
    ]
    tall = device.package_height_um + device.tolerance_height_um
    return any(within) and (height is None or tall <= height * 1000 + 1e-6)


@settings(max_examples=10, deadline=None)
@given(st.integers(500, 1500), st.integers(500, 1500), st.integers(60, 250))
def test_the_largest_part_keeps_the_box_where_that_is_asked(first, second, tall):
    box = {"footprint": (first / 100, second / 100), "height": tall / 100}
    try:
        solution = ask(**box, size_limits="maximum")
    except DoesNotFit:
        return
    assert limits_kept(solution, box["footprint"], box["height"])
    assert all(item.used <= item.value + 1e-9 for item in solution.limits if item.unit == "mm")
    # it is the nominal answer for a box that is smaller by the tolerances, the terminal axis laid either way
    shrunk = []
    for length, width in (box["footprint"], box["footprint"][::-1]):
        inner = {"footprint": (length - 0.1, width - 0.04), "height": box["height"] - 0.07}
        try:
            shrunk.append(ask(**inner).device.rated_mah)
        except DoesNotFit:
            continue
    assert solution.device.rated_mah <= max(shrunk) * (1 + 1e-9)


def test_the_nominal_package_is_limited_unless_said_otherwise():
    asked = {"capacity": 20, "footprint": "8x10"}
    nominal, largest = ask(**asked), ask(**asked, size_limits="maximum")
    assert not limits_kept(nominal, (8, 10))
    assert limits_kept(largest, (8, 10))
    assert largest.device.rated_mah >= 20
    assert "at most 10.05 x 8.04 x 1.88 mm by tolerance; the question limits the nominal size" in summary(nominal)
    assert "by tolerance; the question limits this" in summary(largest)


def test_the_nearest_values_count_tolerances_too():
    asked = {"capacity": 20, "footprint": "8x10", "height": 1.5, "size_limits": "maximum"}
    with pytest.raises(DoesNotFit) as caught:
        ask(**asked)
    height, sides = caught.value.nearest.height_mm, caught.value.nearest.footprint_mm
    assert limits_kept(ask(**{**asked, "height": height}), (8, 10), height)
    assert limits_kept(ask(**{**asked, "footprint": sides}), sides, 1.5)


def test_neighbours_are_judged_as_the_question_counts():
    solution = solve(build_spec({"capacity": 20, "footprint": "8x10", "size_limits": "maximum"}, {}), STEEL)
    fitting = [item for item in solution.neighbours if item.fits]
    assert fitting
    for item in fitting:
        long, short = sorted((item.package_length_mm + 0.1, item.package_width_mm + 0.04), reverse=True)
        assert long <= 10 + 1e-9
        assert short <= 8 + 1e-9


def test_another_word_is_refused():
    with pytest.raises(SpecError, match="size_limits"):
        build_spec({"capacity": 20, "footprint": "8x10", "size_limits": "largest"}, {})
