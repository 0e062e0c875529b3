"""Plans of a repeat: valid in every regime, bounds honest, densities pruned safely."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.density import density_bound, density_reached
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.web.plan import Regime, WebFrame
from tests.tile.checker import check_plan, threads

MM = 1_000_000


def scanner(**changes):
    values = {
        "width": 300 * MM,
        "edge": 10 * MM,
        "field_width": 150 * MM,
        "field_length": 150 * MM,
        "field_gap": 2 * MM,
        "kerf": 40_000,
        "rotation_allowed": True,
    }
    return WebFrame(**(values | changes))


@st.composite
def frames(draw):
    regime = draw(st.sampled_from(Regime))
    return WebFrame(
        width=draw(st.integers(60, 700)),
        edge=draw(st.integers(0, 25)),
        field_width=draw(st.integers(10, 200)),
        field_length=draw(st.integers(10, 200)),
        field_gap=draw(st.integers(0, 12)),
        kerf=draw(st.integers(0, 3)),
        rotation_allowed=draw(st.booleans()),
        regime=regime,
        repeat_length=draw(st.integers(10, 300)) if regime is Regime.FIXED else None,
    )


cells = st.tuples(st.integers(5, 60), st.integers(5, 60))


@given(frames(), cells)
@settings(max_examples=200, deadline=None)
def test_any_plan_is_valid_and_within_the_density_bound(frame, cell):
    plan = plan_web(frame, cell)
    check_plan(plan)
    density = plan.cells_per_repeat / (frame.width * plan.repeat_length)
    length, width = np.array([cell[0]]), np.array([cell[1]])
    assert density <= density_bound(frame, length, width)[0] * (1 + 1e-9)
    if frame.regime is not Regime.FREE:
        assert density >= density_reached(frame, length, width)[0] * (1 - 1e-9)


@given(
    st.integers(20, 45),
    st.integers(6, 20),
    st.integers(6, 20),
    st.integers(0, 3),
    st.tuples(st.integers(2, 9), st.integers(2, 9)),
)
@settings(max_examples=60, deadline=None)
def test_bound_of_a_row_against_all_rows(width, field_width, field_length, gap, cell):
    """Every number, width and length of fields tried, each field with its frame bound: none beats the plan's
    bound; none of those fields packed on its own beats the plan where it claims to be optimal.
    """
    frame = WebFrame(width, 0, field_width, field_length, gap, 1, True)
    plan = plan_web(frame, cell)
    best = 0.0
    for length in range(2, field_length + 1):
        best = max(best, best_row(frame, cell, length) / (length + gap))
    reached = plan.cells_per_repeat / plan.repeat_length if plan.fields else 0.0
    assert best <= (plan.bound_cells_per_repeat + 1) / plan.repeat_length
    if plan.proved_optimal and plan.fields:
        assert reached >= best - 1e-12


def best_row(frame, cell, length):
    """Knapsack over field widths, each packed by exhaustive search."""
    from tests.tile.brute import most_items

    pitch = cell[0] + frame.kerf, cell[1] + frame.kerf
    reach = [0] * (frame.usable + frame.field_gap + 1)
    value = {}
    for width in range(1, min(frame.field_width, frame.usable) + 1):
        inner = max(0, width - frame.kerf), max(0, length - frame.kerf)
        small = inner[0] * inner[1] <= 90
        value[width] = most_items(*inner, *pitch) if small else greedy(inner, pitch)
    for total in range(1, len(reach)):
        reach[total] = max(
            [reach[total - 1]]
            + [reach[total - w - frame.field_gap] + n for w, n in value.items() if w + frame.field_gap <= total]
        )
    return reach[-1]


def greedy(inner, pitch):
    return max((inner[0] // pitch[0]) * (inner[1] // pitch[1]), (inner[0] // pitch[1]) * (inner[1] // pitch[0]))


@pytest.mark.parametrize("cell_mm", [(8, 10), (5, 7.5), (3, 3.7), (25, 24), (20, 13.37), (24, 3.2)])
@pytest.mark.parametrize("effort", [Effort.QUICK, Effort.STANDARD])
def test_default_web(cell_mm, effort):
    plan = plan_web(scanner(), (int(cell_mm[0] * MM), int(cell_mm[1] * MM)), effort=effort)
    check_plan(plan)
    assert plan.gap_percent <= 1.5
    assert plan.utilization > 0.88
    assert {field.y for field in plan.fields} == {2 * MM}
    left = min(field.x for field in plan.fields) - 10 * MM
    right = 290 * MM - max(field.x + field.width for field in plan.fields)
    assert abs(left - right) <= 1


@pytest.mark.parametrize("cell_mm", [(8, 10), (8.22, 24.22), (20.64, 19.11), (6.3, 14.71)])
def test_higher_effort_is_valid_and_no_worse(cell_mm):
    cell = round(cell_mm[0] * MM), round(cell_mm[1] * MM)
    standard, high = (plan_web(scanner(), cell, effort=effort) for effort in (Effort.STANDARD, Effort.HIGH))
    check_plan(high)
    assert high.cells_per_repeat / high.repeat_length >= standard.cells_per_repeat / standard.repeat_length
    bounds = [plan.bound_cells_per_repeat / plan.repeat_length for plan in (high, standard)]
    assert bounds[0] <= bounds[1] + 1 / high.repeat_length


def test_many_small_fields_can_beat_few_large_ones():
    plan = plan_web(scanner(), (25 * MM, 24 * MM))
    assert len(plan.fields) == 3
    assert plan.cells_per_repeat == 66


def test_free_lanes_are_optimal_and_the_repeat_says_so():
    frame = scanner(regime=Regime.FREE)
    plan = plan_web(frame, (8 * MM, 10 * MM))
    check_plan(plan)
    assert plan.bound_cells_per_repeat - plan.cells_per_repeat <= 1
    square = plan_web(frame, (8 * MM, 8 * MM))
    assert square.proved_optimal


def test_fixed_repeat_uses_the_length_it_is_given():
    frame = scanner(regime=Regime.FIXED, repeat_length=400 * MM)
    plan = plan_web(frame, (8 * MM, 10 * MM))
    check_plan(plan)
    assert plan.repeat_length == 400 * MM
    assert len(plan.fields) == 1
    assert plan.gap_percent < 0.3


@pytest.mark.parametrize("regime", Regime)
def test_a_cell_too_large_gives_an_empty_plan(regime):
    frame = scanner(regime=regime, repeat_length=300 * MM if regime is Regime.FIXED else None)
    plan = plan_web(frame, (400 * MM, 500 * MM))
    assert (plan.fields, plan.cells_per_repeat, plan.bound_cells_per_repeat) == ((), 0, 0)
    assert plan.repeat_length > 0


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="repeat length"):
        plan_web(scanner(repeat_length=5), (MM, MM))
    with pytest.raises(ValueError, match="positive"):
        plan_web(scanner(), (0, MM))


def test_density_bounds_are_vectorised_over_sizes():
    lengths, widths = np.meshgrid(np.arange(3, 25, 0.5) * MM, np.arange(3, 25, 0.5) * MM)
    lengths, widths = lengths.astype(np.int64), widths.astype(np.int64)
    for regime in Regime:
        frame = scanner(regime=regime, repeat_length=250 * MM if regime is Regime.FIXED else None)
        bound, reached = density_bound(frame, lengths, widths), density_reached(frame, lengths, widths)
        assert bound.shape == reached.shape == lengths.shape
        assert np.all(reached <= bound)
        assert np.all(reached > 0)


@pytest.mark.parametrize("cell", [(5560, 8170), (15260, 3910), (8110, 4580), (4150, 15530)])
def test_no_thread_is_left_between_streets(cell):
    """Blocks that would end 10 um short of the next one's street are moved onto it; count and bound stay."""
    frame = WebFrame(300_000, 10_000, 150_000, 150_000, 2000, 40, True, least_strip=20)
    before, plan = plan_web(replace(frame, least_strip=0), cell), plan_web(frame, cell)
    assert threads(before, 20)
    assert not threads(plan, 20)
    assert plan.cells_per_repeat == before.cells_per_repeat
    assert plan.bound_cells_per_repeat == before.bound_cells_per_repeat
    assert [(f.x, f.y, f.width, f.length) for f in plan.fields] == [
        (f.x, f.y, f.width, f.length) for f in before.fields
    ]
    check_plan(plan)


def test_tiny_cells_fill_every_field_of_the_row():
    """There are far more sums of their sides than table rows; those near good rows must be among the rows."""
    frame = scanner(width=280 * MM, kerf=50_000)
    plan = plan_web(frame, (140_000, 160_000))
    assert len(plan.fields) == 2
    assert plan.cells_per_repeat > 0.999 * plan.bound_cells_per_repeat
