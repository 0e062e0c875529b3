"""How many stacks there can be: by hand, by looking at every choice, and near the limit of what the cells give."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.lot.stacks.count import most_stacks, stack_up
from layoutgen.lot.stacks.differencing import balanced


def ints(values):
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("cells", "bound", "made"), [((14, 12, 11, 9, 8, 7), 3, 3), ((30, 5, 4, 1), 2, 1), ((9, 9), 0, 0), ((), 0, 0)]
)
def test_by_hand_two_cells_of_ten_on_the_mean(cells, bound, made):
    found = stack_up(ints(cells), 2, 20)
    assert (found.bound, found.made, found.gap, found.optimal) == (bound, made, bound - made, True)


def test_range_of_three_is_the_least():
    cells = ints([8807, 8593, 8626, 8018, 9290, 9093, 8652, 8982, 8834, 8584, 9043, 8657])
    found = stack_up(cells, 4, 0)
    assert (found.made, found.spread, found.spread_optimal) == (3, 3, True)


def most_by_hand(values, size, least):
    """Every way to take groups, without the dynamic programme."""
    best = 0

    def take(left, made):
        nonlocal best
        best = max(best, made)
        for group in combinations(left, size):
            if sum(values[cell] for cell in group) >= least:
                take(tuple(cell for cell in left if cell not in group and cell > group[0]), made + 1)

    take(tuple(range(len(values))), 0)
    return best


@settings(max_examples=150)
@given(st.lists(st.integers(0, 40), min_size=0, max_size=9), st.integers(1, 3), st.integers(0, 90))
def test_few_cells_are_stacked_as_well_as_can_be(values, size, least):
    found = stack_up(ints(values), size, least)
    most = most_by_hand(values, size, least)
    assert found.made <= found.bound
    assert most <= found.bound
    if found.optimal:
        assert found.made == most
    assert found.optimal or found.made <= most


@settings(max_examples=100)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=120), st.integers(1, 8), st.integers(0, 3000))
def test_what_is_made_is_true(values, size, least):
    found = stack_up(ints(values), size, least)
    taken = found.members.ravel()
    assert len(set(taken.tolist())) == len(taken)
    assert found.members.shape == (found.made, size)
    assert (found.sums == ints(values)[found.members].sum(axis=1)).all()
    assert (found.sums >= least).all()
    assert found.made <= most_stacks(ints(values), size, least)


@settings(max_examples=60)
@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_differencing_takes_one_cell_of_each_group_once(count, size, seed):
    values = np.random.default_rng(seed).integers(0, 10_000, count * size)
    members, sums = balanced(values, size)
    assert sorted(members.ravel().tolist()) == list(range(count * size))
    assert (values[members].sum(axis=1) == sums).all()
    assert (np.diff(sums) >= 0).all()


@pytest.mark.parametrize("threshold", [0.870, 0.880, 0.890, 0.900])
def test_98_000_cells_near_the_limit(threshold):
    """Ticks of 0.1 mV or uAh are fine beside the slack that a stack has on the mean."""
    rng = np.random.default_rng(7)
    cells = np.rint(10_000 * (0.8803 + 0.03 * rng.standard_normal(98_000))).astype(np.int64)
    found = stack_up(cells, 49, round(49 * threshold * 10_000))
    assert found.made >= found.bound - 1
    assert (found.sums >= round(49 * threshold * 10_000)).all()


def test_the_answer_does_not_depend_on_the_order_of_cells():
    rng = np.random.default_rng(3)
    cells = rng.integers(8_000, 9_000, 490)
    shuffled = rng.permutation(len(cells))
    one, other = stack_up(cells, 7, 60_000), stack_up(cells[shuffled], 7, 60_000)
    assert (one.made, one.spread, sorted(one.sums)) == (other.made, other.spread, sorted(other.sums))
