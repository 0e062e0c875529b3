"""Orders of a line: every cell once, and how alike the stacks get."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.lot.stacks.count import stack_up
from layoutgen.lot.stacks.orders import class_trays, one_tray, open_stacks, recipe, web_order
from layoutgen.sizing.assembly import Assembly, Order, stack_sigma


@settings(max_examples=60)
@given(st.integers(0, 400), st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
def test_every_order_takes_each_cell_at_most_once_and_wastes_less_than_a_stack(count, size, number, seed):
    values = np.random.default_rng(seed).integers(0, 1000, count)
    built = [
        web_order(count, size),
        open_stacks(values, size, number),
        one_tray(values, size, number * size),
        class_trays(values, size, min(number, size), seed=seed),
    ]
    for order in built:
        taken = order.members.ravel().tolist()
        assert len(set(taken)) == len(taken) == count // size * size
        assert order.held <= count


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_recipe_has_no_lean(size, trays):
    if trays > size:
        return
    counts = recipe(size, trays)
    assert sum(counts) == size
    assert max(counts) - min(counts) <= 2
    if not (size % trays % 2 and trays % 2 == 0):
        assert counts == counts[::-1]


def web(lots, cells, rho, seed):
    """Cells of several lots in web order with neighbours alike: an autoregression inside each lot."""
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(lots):
        noise, step = rng.standard_normal(cells), np.empty(cells)
        step[0] = noise[0]
        for at in range(1, cells):
            step[at] = rho * step[at - 1] + (1 - rho**2) ** 0.5 * noise[at]
        values.append(0.875 + 0.02 * rng.standard_normal() + 0.03 * step)
    truth = np.concatenate(values)
    return truth, np.repeat(np.arange(lots), cells)


def test_orders_rank_as_the_model_says():
    truth, _ = web(10, 49 * 40, 0.97, 11)
    ticks = np.rint(truth * 10_000).astype(np.int64)
    spread = {
        "web": ticks[web_order(len(ticks), 49).members].mean(axis=1).std(),
        "open": ticks[open_stacks(ticks, 49, 8).members].mean(axis=1).std(),
        "trays": ticks[class_trays(ticks, 49, 7, seed=1).members].mean(axis=1).std(),
        "whole": ticks[stack_up(ticks, 49, 0).members].mean(axis=1).std(),
    }
    assert spread["whole"] < spread["trays"] < spread["open"] < spread["web"]


def test_the_model_foretells_stacks_matched_by_poor_estimates():
    rng = np.random.default_rng(2)
    sigma, r = float(np.hypot(0.02, 0.03)), 0.7
    truth = 0.875 + sigma * rng.standard_normal(49 * 4000)
    estimate = 0.875 + r**2 * (truth - 0.875) + r * (1 - r**2) ** 0.5 * sigma * rng.standard_normal(len(truth))
    members = stack_up(np.rint(estimate * 1e6).astype(np.int64), 49, 0).members
    seen = truth[members].mean(axis=1).std()
    assert seen == pytest.approx(
        stack_sigma(Assembly(Order.MATCHED, lots=math.inf, estimate=r), 49, 0.02, 0.03), rel=0.03
    )


def test_more_trays_than_cells_in_a_stack_are_refused():
    with pytest.raises(ValueError, match="from 1 to 4 trays"):
        class_trays(np.arange(40), 4, 5, seed=0)
