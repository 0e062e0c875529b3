"""Every direction of the question, and what the solver says about its answer."""

import math

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from layoutgen.errors import SpecError
from layoutgen.pdk.load import load_pdk
from layoutgen.solver.explain import explain, sensitivities
from layoutgen.solver.nearest import fits, most_mah
from layoutgen.solver.packing import Web
from layoutgen.solver.question import resolve
from layoutgen.solver.solve import search_for, solve
from layoutgen.spec import build_spec
from layoutgen.summary import summary

STEEL = load_pdk("anodeless-ss")
WEB = Web.of(STEEL.pdk)


def ask(**values):
    return solve(build_spec(values, {}), STEEL)


def quick(**values):
    """The answer without the comparisons around it, its web not packed again for the files."""
    return search_for(resolve(build_spec(values, {}), STEEL), WEB).chosen


def package(chosen):
    template = STEEL.template.bind(STEEL.pdk)
    length, width = (float(side) / 1000 for side in template.package_size_um(*chosen.cell_um))
    return length, width


sides = st.integers(500, 2000).map(lambda hundredths: hundredths / 100)
heights = st.integers(30, 400).map(lambda hundredths: hundredths / 100)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(sides, sides, heights)
def test_capacity_of_a_box_is_the_most_that_it_holds(first, second, height):
    """Footprint and height give the capacity; that capacity in that box is feasible, a little more is not."""
    spec = build_spec({"footprint": (first, second), "height": height}, {})
    question = resolve(spec, STEEL)
    most = most_mah(question)
    assume(most > 0.01)
    chosen = search_for(question, WEB).chosen
    outline = sorted(package(chosen))
    assert outline[0] <= min(first, second) + 1e-9
    assert outline[1] <= max(first, second) + 1e-9
    box = {"footprint": (first, second), "height": height}
    back = quick(capacity=most * (1 - 1e-9), **box)
    assert back.layers == chosen.layers
    assert not fits(resolve(build_spec({"capacity": most * 1.0001, **box}, {}), STEEL))


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.floats(1, 60).map(lambda mah: round(mah, 2)), heights)
def test_footprint_of_a_capacity_and_height_gives_them_back(capacity, height):
    assume(fits(resolve(build_spec({"capacity": capacity, "height": height}, {}), STEEL)))
    chosen = quick(capacity=capacity, height=height)
    outline = package(chosen)
    back = quick(capacity=capacity, height=height, footprint=outline, objective="footprint")
    assert math.prod(package(back)) == pytest.approx(math.prod(outline))
    most = most_mah(resolve(build_spec({"footprint": outline, "height": height}, {}), STEEL))
    assert most >= capacity * (1 - 1e-9)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.floats(1, 60).map(lambda mah: round(mah, 2)), sides, sides)
def test_height_of_a_capacity_and_footprint_gives_them_back(capacity, first, second):
    assume(fits(resolve(build_spec({"capacity": capacity, "footprint": (first, second)}, {}), STEEL)))
    chosen = quick(capacity=capacity, footprint=(first, second), objective="height")
    template = STEEL.template.bind(STEEL.pdk)
    height = float(template.height_um(chosen.layers, 33.009175)) / 1000
    asked = {"capacity": capacity, "footprint": (first, second)}
    assert quick(**asked, height=height + 1e-6, objective="height").layers == chosen.layers
    assert not fits(resolve(build_spec({**asked, "height": height - 1e-4}, {}), STEEL))


def test_one_side_fixed_is_kept_and_the_other_solved():
    solution = ask(capacity=20, height=1.5, footprint="6x?")
    device = solution.device
    outline = sorted((device.package_length_um, device.package_width_um))
    assert outline[0] <= 6000
    assert outline[1] > 6000
    assert device.rated_mah >= 20
    assert device.package_height_um <= 1500


@pytest.mark.parametrize("aspect", [1, 1.5, 2, 4])
def test_aspect_is_kept_to_a_grid_step(aspect):
    device = ask(capacity=20, height=1.5, aspect=aspect).device
    long, short = sorted((device.package_length_um, device.package_width_um), reverse=True)
    assert long / short == pytest.approx(aspect, abs=2 * 10 * aspect / short)
    assert device.rated_mah >= 20


def test_objectives_order_as_their_names_say():
    asked = {"capacity": 20, "footprint": "8x10"}
    web, height, dense = (ask(**asked, objective=name) for name in ("web", "height", "energy-density"))
    assert web.good_devices_per_m2 >= max(height.good_devices_per_m2, dense.good_devices_per_m2)
    assert height.device.package_height_um <= min(web.device.package_height_um, dense.device.package_height_um)
    assert dense.device.package_wh_per_l >= max(web.device.package_wh_per_l, height.device.package_wh_per_l)


def test_weights_move_the_answer_between_the_pure_objectives():
    asked = {"capacity": 20, "footprint": "12x12"}
    web, height = ask(**asked, objective="web"), ask(**asked, objective="height")
    between = ask(**asked, weights={"web": 1, "height": 0.05})
    assert height.device.layers < between.device.layers < web.device.layers
    assert height.good_devices_per_m2 < between.good_devices_per_m2 < web.good_devices_per_m2


def test_free_foil_takes_what_serves_the_objective():
    chosen = ask(capacity=20, footprint="8x10", objective="height", foil="any", cathode="any")
    assert chosen.loaded.pdk.stack.substrate.thickness.value == 10
    assert chosen.loaded.pdk.stack.cathode.thickness.value == 10
    listed = ask(capacity=20, footprint="8x10", objective="height", foil=["25", "15"])
    assert listed.loaded.pdk.stack.substrate.thickness.value == 15
    assert [item.path for item in listed.loaded.overrides] == ["stack.substrate.thickness"]


def test_more_defects_ask_for_more_and_smaller_cells():
    """As D0 rises, the optimum moves from few large cells to many small ones."""
    areas, layers = [], []
    for density in ("0.01", "0.1", "0.5", "2"):
        spec = build_spec({"capacity": 20, "footprint": "20x20", "set": {"yield.defect_density": density}}, {})
        device = solve(spec).device
        areas.append(device.active_area_cm2)
        layers.append(device.layers)
    assert areas == sorted(areas, reverse=True)
    assert layers == sorted(layers)
    assert areas[0] > 1.5 * areas[-1]


def test_confidence_and_cycles_cost_layers():
    base = {"capacity": 20, "footprint": "8x10", "objective": "height"}
    layers = [ask(**base, **more).device.layers for more in ({"confidence": 0.5}, {}, {"cycles": 300})]
    assert layers == sorted(layers)
    assert layers[0] < layers[1] < layers[2]
    device = ask(**base, cycles=300).device
    assert device.rated_mah >= 20


def test_questions_without_an_answer_of_their_own_are_refused():
    for values in (
        {"capacity": 20},
        {"footprint": "8x?", "capacity": 20},
        {"footprint": "8x10", "height": 1, "objective": "web"},
        {"footprint": "8x10", "capacity": 20, "objective": "capacity"},
    ):
        with pytest.raises(SpecError):
            ask(**values)


def test_search_says_how_sure_it_is():
    solution = ask(capacity=20, footprint="8x10")
    assert solution.search.considered > 10_000
    assert 0 < solution.search.tiled < solution.search.considered
    assert 0 <= solution.search.gap_percent < 0.2
    assert ask(capacity=20, footprint="8x10", objective="height").search.proved_optimal


def test_among_equals_the_lowest_is_taken_and_what_it_costs_is_said():
    """By hand: 8 x 10 mm need 50 layers; 51 of smaller cells save 0.01 % of the web, which nobody would notice."""
    asked = {"capacity": 20, "footprint": "8x10"}
    lowest, best = ask(**asked), ask(**asked, indifference_percent=0)
    assert (lowest.device.layers, best.device.layers) == (50, 51)
    lost = (1 - lowest.good_devices_per_m2 / best.good_devices_per_m2) * 100
    assert lowest.search.given_up_percent == pytest.approx(lost, abs=1e-9)
    assert 0 < lost < 0.1
    assert best.search.given_up_percent == 0
    (other,) = (item for item in lowest.alternatives if item.layers == 51)
    assert other.why_not == "0.01 % more good devices per m2; 0.03 mm higher"
    assert "lowest of the designs within 0.1 % of the best, 0.01 % below it" in summary(lowest)
    assert "lowest of" not in summary(best)


def test_indifference_holds_for_the_web_objective_alone():
    asked = {"capacity": 20, "footprint": "12x15"}
    for wanted in ({"objective": "footprint"}, {"objective": "energy-density"}, {"weights": {"web": 1}}):
        strict, loose = (ask(**asked, **wanted, indifference_percent=percent) for percent in (0, 10))
        assert strict.device == loose.device
    heights = [ask(**asked, indifference_percent=p).device.package_height_um for p in (0, 0.1, 1, 10)]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] > heights[-1]


def test_alternatives_say_why_not():
    solution = ask(capacity=20, footprint="8x10", height=1.83)
    reasons = {item.layers: item.why_not for item in solution.alternatives}
    assert "mAh" in reasons[49]
    assert "1.83 mm allowed" in reasons[51]


def test_prices_are_what_asking_again_gives():
    solution = ask(footprint="8x10", height=1.5)
    found = {price.limit: price for price in explain(solution).prices}
    for limit, relaxed in {
        "8 mm side": {"footprint": (8 + found["8 mm side"].by, 10), "height": 1.5},
        "10 mm side": {"footprint": (8, 10 + found["10 mm side"].by), "height": 1.5},
        "height": {"footprint": "8x10", "height": 1.5 + found["height"].by},
    }.items():
        again = ask(**relaxed)
        gain = (again.device.rated_mah / solution.device.rated_mah - 1) * 100
        assert gain == pytest.approx(found[limit].gain_percent, abs=1e-6)
        assert gain > 0


def test_sensitivities_are_what_the_model_gives():
    found = {item.path: item for item in sensitivities(ask(capacity=20, footprint="8x10"), most=100)}
    assert found["stack.cathode.volumetric_capacity"].rated_capacity == pytest.approx(1, abs=1e-6)
    assert found["stack.substrate.thickness"].height == pytest.approx(50 * 10 / 1810.46, rel=1e-2)
    assert found["stack.substrate.thickness"].rated_capacity == 0
    assert found["yield.defect_density"].good_devices_per_m2 < 0
    assert found["web.width"].good_devices_per_m2 < 0
    assert all(item.largest > 0 for item in found.values())


def test_ranges_hold_the_answer_between_their_ends():
    solution = ask(capacity=20, footprint="8x10", height=2.5)
    ranges = {item.path: item for item in explain(solution).ranges}
    defects = ranges["yield.defect_density"]
    assert defects.high.good_devices_per_m2 < solution.good_devices_per_m2 < defects.low.good_devices_per_m2
    assert all(item.low.value < item.high.value for item in ranges.values())
