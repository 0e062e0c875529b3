"""What binds is what a relaxed limit changes; what a requirement costs is what the answer is without it."""

import pytest

from layoutgen.document import from_document, to_document
from layoutgen.solver.explain import requirements_of
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

ASKED = [
    {"capacity": "20", "footprint": "8x10"},
    {"capacity": "100", "footprint": "15x20", "objective": "height"},
    {"capacity": "14.5", "footprint": "5x8", "height": "4", "cycles": 1000, "current": "6 mA"},
    {"capacity": "7.3", "footprint": "6.47x9", "objective": "web"},
]


def answered(question, **more):
    return solve(build_spec(question | more, {}), compare=False)


@pytest.mark.parametrize("question", ASKED)
def test_a_side_binds_where_two_percent_more_of_it_give_a_better_answer(question):
    """Asked anew with the wider footprint, and judged by the figures of the answer."""
    solution = answered(question)
    first, second = (float(side) for side in question["footprint"].split("x"))
    for item in solution.limits:
        if not item.limit.startswith("package ") or item.limit == "package height" or not item.binds:
            continue
        wider = (first * 1.02, second) if item.value == first else (first, second * 1.02)
        other = answered(question, footprint=f"{wider[0]}x{wider[1]}")
        more = other.good_devices_per_m2 / solution.good_devices_per_m2 - 1
        lower = solution.device.package_height_um - other.device.package_height_um
        assert more > 4e-5 or lower > 1e-3


def test_the_document_keeps_what_binds():
    document = to_document(answered(ASKED[2]))
    assert to_document(from_document(document))["limits"] == document["limits"]


def test_each_requirement_costs_what_the_answer_is_without_it():
    question = {
        "capacity": "3",
        "footprint": "6x8",
        "current": "20 mA",
        "lowest_voltage": "3.5",
        "temperature": "0",
    }
    solution = answered(question)
    found = {item.requirement: item for item in requirements_of(solution)}
    assert list(found) == ["20 mA", "3.5 V at least", "0 C"]
    gone = {"20 mA": {"current", "lowest_voltage"}, "3.5 V at least": {"lowest_voltage"}, "0 C": {"temperature"}}
    for requirement, keys in gone.items():
        item = found[requirement]
        without = answered({name: text for name, text in question.items() if name not in keys})
        assert item.layers == without.device.layers
        assert item.layers_more == solution.device.layers - without.device.layers
        height_mm = (solution.device.package_height_um - without.device.package_height_um) / 1000
        assert item.height_more_mm == pytest.approx(height_mm, abs=1e-5)
        change = (solution.good_devices_per_m2 / without.good_devices_per_m2 - 1) * 100
        assert item.good_devices_percent == pytest.approx(change, abs=0.05)
    assert any(item.layers_more or item.good_devices_percent < -1 for item in found.values())


def test_a_question_without_requirements_prices_none():
    assert list(requirements_of(answered({"capacity": "1", "footprint": "8x8"}))) == []
