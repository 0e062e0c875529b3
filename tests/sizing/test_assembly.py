"""Rated over nominal by the order of a line: the hand cases, and the shares of classes by simulation."""

from statistics import NormalDist

import numpy as np
import pytest

from layoutgen.sizing.assembly import Assembly, Order, design_effect, stack_sigma, within_class

Z = NormalDist().inv_cdf(0.99)


@pytest.mark.parametrize(
    ("assembly", "share"),
    [
        (Assembly(Order.INDEPENDENT), 0.9456),
        (Assembly(Order.MIXED, lots=10), 0.9797),
        (Assembly(Order.MATCHED, estimate=0.7), 0.9902),
        (Assembly(Order.WEB, neighbours=0.25), 0.9328),
    ],
)
def test_rated_over_nominal_of_49_layers(assembly, share):
    assert 1 - Z * stack_sigma(assembly, 49, 0.02, 0.03) / 0.875 == pytest.approx(share, abs=5e-5)


def test_neighbours_cost_a_factor_of_13():
    assert design_effect(49, 0.25) == 13.0
    assert design_effect(49, 0.25) ** 0.5 == pytest.approx(3.61, abs=0.006)


@pytest.mark.parametrize("trays", [1, 2, 3, 8, 16])
def test_share_inside_classes(trays):
    values = np.sort(np.random.default_rng(5).standard_normal(480_000))
    inside = np.mean([part.var() for part in np.split(values, trays)])
    assert within_class(trays) == pytest.approx(inside, abs=0.004)


def test_trays_lie_between_one_class_and_perfect_matching():
    sigmas = [
        stack_sigma(Assembly(Order.TRAYS, estimate=0.9, trays=trays), 49, 0.02, 0.03) for trays in (1, 2, 8, 64)
    ]
    assert sigmas == sorted(sigmas, reverse=True)
    assert sigmas[-1] > stack_sigma(Assembly(Order.MATCHED, estimate=0.9), 49, 0.02, 0.03)


def test_one_cell_is_as_uncertain_in_any_order_without_looking():
    for order in (Order.INDEPENDENT, Order.WEB, Order.MIXED):
        assert stack_sigma(Assembly(order, neighbours=0.3), 1, 0.02, 0.03) == pytest.approx(np.hypot(0.02, 0.03))
