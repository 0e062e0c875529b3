"""The lowest and the cheapest design of a footprint, and what one costs in the other."""

import itertools

import pytest

from layoutgen.document import from_document, to_document
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.summary import summary

LARGE = {"capacity": "100", "footprint": "15x20"}


@pytest.fixture(scope="module")
def large():
    return solve(build_spec(LARGE, {}))


def row(solution, title):
    lines = summary(solution).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"  {title}"))
    return lines[start : start + 2]


def test_both_ends_are_what_asking_for_them_gives(large):
    """Independent of the comparison: a question for the lowest, and the default for the cheapest."""
    lowest = solve(build_spec(LARGE | {"objective": "height"}, {}), compare=False)
    found = large.trade_off
    assert found.lowest.layers == lowest.device.layers
    assert found.lowest.package_height_mm == pytest.approx(lowest.device.package_height_um / 1000)
    assert found.lowest.good_devices_per_m2 == pytest.approx(lowest.good_devices_per_m2, rel=1e-3)
    assert found.cheapest.varies == ""
    assert found.good_devices_percent == pytest.approx(
        (lowest.good_devices_per_m2 / large.good_devices_per_m2 - 1) * 100, abs=0.01
    )


def test_asked_from_the_other_side_it_is_the_same(large):
    other = solve(build_spec(LARGE | {"objective": "height"}, {})).trade_off
    assert other.lowest.varies == ""
    assert other.good_devices_percent == pytest.approx(large.trade_off.good_devices_percent, abs=0.01)
    assert other.height_mm == pytest.approx(large.trade_off.height_mm)


def test_the_plot_spans_from_one_to_the_other(large):
    found = large.trade_off
    layers = sorted(item.layers for item in large.neighbours if item.varies in {"", "layers"})
    between = [number for number in layers if found.lowest.layers <= number <= found.cheapest.layers]
    steps = [high - low for low, high in itertools.pairwise(between)]
    assert between[0] == found.lowest.layers
    assert between[-1] == found.cheapest.layers
    assert max(steps) <= (found.cheapest.layers - found.lowest.layers) / 6
    assert len(layers) == len(set(layers)), "no number of layers stands there twice"


def test_the_summary_says_what_one_costs_in_the_other(large):
    lowest, cheapest = row(large, "trade-off")
    assert "lowest: 2.24 mm, 63 layers, 5.2 % fewer good devices than the cheapest" in lowest
    assert "cheapest within 0.1 %: 3.76 mm, 109 layers (this design), 1.52 mm higher" in cheapest


def test_the_document_keeps_it(large):
    document = to_document(large)
    found = document["trade_off"]
    assert found["lowest"]["package_mm"]["height"] == pytest.approx(2.2396, abs=1e-4)
    assert found["cheapest"]["chosen"]
    again = to_document(from_document(document))
    assert again["trade_off"] == found
    assert [item["ends"] for item in again["neighbours"]] == [list(item.ends) for item in large.neighbours]


def test_one_design_may_be_both():
    solution = solve(build_spec({"capacity": "20", "footprint": "8x10"}, {}))
    assert "both the lowest and, within 0.1 %, the cheapest of the footprint" in row(solution, "trade-off")[0]


def test_the_cheapest_is_named_so_only_as_far_as_the_question_tells_designs_apart():
    """Of 50 and 51 layers the second takes 0.01 % less web."""
    exact = solve(build_spec({"capacity": "20", "footprint": "8x10", "indifference_percent": 0}, {}))
    lowest, cheapest = row(exact, "trade-off")
    assert lowest.removeprefix("  trade-off").strip().startswith("lowest: 1.81 mm, 50 layers")
    assert cheapest.strip().startswith("cheapest: 1.84 mm, 51 layers (this design)")


@pytest.mark.parametrize("asked", [{"capacity": "20", "height": "1.5"}, {"footprint": "8x10", "height": "1.5"}])
def test_a_free_or_a_filled_footprint_has_no_such_choice(asked):
    assert solve(build_spec(asked, {})).trade_off is None


def test_open_choices_and_weights_have_the_same_ends():
    """Both ends take the thick cathode; the weighted answer may be a third design."""
    asked = LARGE | {"cathode": [8, 10], "weights": {"web": 0.5, "height": 0.5}}
    found = solve(build_spec(asked, {})).trade_off
    assert found.lowest.cathode_um == found.cheapest.cathode_um == 10
    assert found.lowest.package_height_mm < found.cheapest.package_height_mm


def test_a_plain_grid_is_compared_with_only_where_somebody_would_fill_the_footprint(large):
    assert large.naive is None
    assert to_document(large)["naive"] is None
    assert solve(build_spec({"capacity": "20", "footprint": "8x10"}, {}), compare=False).naive is not None
