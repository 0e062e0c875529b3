"""The benchmark of simulated lines: its verdicts, and that it refutes a rating or a spread that is too good."""

import dataclasses

import pytest

from benchmarks.lot_lines import Line, lines
from layoutgen.sizing.assembly import Order
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec


def line(low, high, sigma=(0.9, 1.1)):
    return Line(Order.WEB, 10, 100, 1.0, *sigma, 1.0, (low + high) / 2, low, high)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.0, 0.004, "holds"),
        (0.008, 0.012, "holds"),
        (0.006, 0.0325, "not shown"),
        (0.0, 0.0151, "not shown"),
        (0.0101, 0.012, "FAILS"),
    ],
)
def test_a_rating_holds_fails_or_is_not_shown(low, high, said):
    assert line(low, high).rating(0.01) == said


def test_a_spread_above_the_models_is_told_from_one_below():
    assert [line(0, 0, ends).spread for ends in ((1.1, 1.2), (0.9, 1.1), (0.8, 0.9))] == [
        "HIGHER",
        "agrees",
        "lower",
    ]


def test_few_lots_refute_no_rating_but_one_that_takes_neighbours_for_strangers():
    solution = solve(build_spec({"capacity": 20, "footprint": "8x10"}, {}), compare=False)
    found = {item.order: item for item in lines(solution, 120, 60)}
    assert list(found) == list(Order)
    assert not [item.order for item in found.values() if item.rating(0.01) == "FAILS" or item.spread == "HIGHER"]
    assert (
        found[Order.MATCHED].sigma < found[Order.MIXED].sigma < found[Order.SHUFFLED].sigma < found[Order.WEB].sigma
    )
    strangers = dataclasses.replace(found[Order.WEB], model=found[Order.SHUFFLED].model)
    assert strangers.spread == "HIGHER"


@pytest.mark.slow
def test_a_rating_of_lots_said_to_be_more_alike_than_they_are_fails():
    asked = {"capacity": 20, "footprint": "8x10", "set": {"cell.utilization_sigma_lot": 0.005}}
    stated = solve(build_spec(asked, {}), compare=False)
    true = solve(build_spec({"capacity": 20, "footprint": "8x10"}, {}), compare=False)
    found = {item.order: item for item in lines(true, 120, 60, stated=stated)}
    assert found[Order.SHUFFLED].rating(0.01) == "FAILS"
