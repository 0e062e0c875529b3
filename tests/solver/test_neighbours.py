"""Neighbours of a design: the same figures as asking for them, the right front, the right price of a step."""

import itertools

import pytest

from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

QUESTIONS = [
    {"capacity": "20", "footprint": "8x10"},
    {"capacity": "20", "footprint": "8x10", "height": "1.85"},
    {"capacity": "20", "height": "1.5"},
    {"footprint": "8x10", "height": "1.5"},
    {"capacity": "5", "footprint": "5x5", "objective": "energy-density"},
    {"capacity": "1", "footprint": "6x6"},
]


@pytest.fixture(scope="module", params=range(len(QUESTIONS)))
def answered(request):
    question = QUESTIONS[request.param]
    return question, solve(build_spec(question, {}))


def test_the_first_is_the_design_itself(answered):
    _, solution = answered
    own = solution.neighbours[0]
    assert own.varies == ""
    assert own.layers == solution.device.layers
    assert own.package_height_mm == pytest.approx(solution.device.package_height_um / 1000)
    assert own.package_wh_per_l == pytest.approx(solution.device.package_wh_per_l)
    assert own.good_devices_per_m2 == pytest.approx(solution.good_devices_per_m2, rel=2e-3)
    assert own.fits


def figures(item, *, filled):
    charge = -item.rated_mah if filled else 0.0
    return item.package_height_mm, item.web_mm2_per_good_device, -item.package_wh_per_l, charge


def test_the_front_is_what_no_other_beats(answered):
    question, solution = answered
    fitting = [item for item in solution.neighbours if item.fits]
    for item in fitting:
        own = figures(item, filled="capacity" not in question)
        beaten = any(
            all(a <= b for a, b in zip(other, own, strict=True)) and other != own
            for other in (figures(one, filled="capacity" not in question) for one in fitting)
        )
        assert item.on_front == (not beaten)
    assert not any(item.on_front for item in solution.neighbours if not item.fits)


def test_limits_are_kept_where_it_says_so(answered):
    question, solution = answered
    for item in solution.neighbours:
        broken = "height" in question and item.package_height_mm > float(question["height"]) + 1e-9
        if "footprint" in question:
            asked = sorted(float(side) for side in question["footprint"].split("x"))
            sides = sorted((item.package_length_mm, item.package_width_mm))
            broken |= any(side > most + 1e-9 for side, most in zip(sides, asked, strict=True))
        if "capacity" in question:
            assert item.rated_mah >= float(question["capacity"]) * (1 - 1e-9)
        assert item.fits == (not broken), item
        assert bool(item.why) == broken


def test_a_larger_footprint_that_is_named_holds_so_few_layers():
    solution = solve(build_spec(QUESTIONS[0], {}))
    grown = [item for item in solution.neighbours if item.varies == "footprint"]
    assert grown
    for item in grown:
        sides = item.why.removeprefix("needs a footprint of ").removesuffix(" mm").replace(" x ", "x")
        lower = f"{item.package_height_mm + 0.001:.4f}"
        asked = {"capacity": "20", "footprint": sides, "height": lower}
        assert solve(build_spec(asked, {}), compare=False).device.layers == item.layers


def test_no_neighbour_beats_a_full_search():
    """For its number of layers a full search finds as much from the web, and little more."""
    solution = solve(build_spec(QUESTIONS[0], {}))
    for item in itertools.islice(
        (one for one in solution.neighbours if one.varies == "layers" and one.layers > 53), 2
    ):
        height = item.package_height_mm + 0.001
        best = solve(build_spec(QUESTIONS[0] | {"height": f"{height:.4f}"}, {}), compare=False)
        assert best.good_devices_per_m2 >= item.good_devices_per_m2 * (1 - 1e-9)


def test_another_foil_keeps_the_cells():
    solution = solve(build_spec(QUESTIONS[0], {}))
    own, *others = solution.neighbours
    foils = [item for item in others if item.varies == "foil"]
    assert len(foils) == len(solution.loaded.pdk.stack.substrate.thickness.options) - 1
    for item in foils:
        step = (item.foil_um - own.foil_um) * own.layers / 1000
        assert item.package_height_mm == pytest.approx(own.package_height_mm + step)
        assert (item.cell_length_mm, item.cell_width_mm) == (own.cell_length_mm, own.cell_width_mm)
