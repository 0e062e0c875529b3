"""Capacity, yield, electrical, mass, flags: against closed forms, simulation and bookkeeping of their own."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutgen.pdk.load import load_pdk
from layoutgen.pdk.values import with_value
from layoutgen.sizing.capacity import nominal_mah, rated_mah, remaining, remaining_band
from layoutgen.sizing.device import size_device
from layoutgen.sizing.electrical import resistance_ohm
from layoutgen.sizing.flags import reflow_class_c
from layoutgen.sizing.process import process_of
from layoutgen.sizing.yields import CELL_MODELS, cell_yield, good_devices_per_cell, screen_pass, stack_yield

CELL = (9790.0, 7900.0)
_STEEL = process_of(load_pdk("anodeless-ss").pdk)


@pytest.fixture(scope="module")
def process(steel):
    return process_of(steel.pdk)


def test_hand_calculation_of_the_default_device(steel, steel_template):
    """20 mAh in 8 x 10 mm by hand: 50 layers, about 1.8 mm."""
    device = size_device(steel.pdk, steel_template, CELL, 50, 0.99)
    assert device.active_area_cm2 == pytest.approx((9.79 - 0.2 - 0.025 - 0.2) * (7.9 - 0.05 - 0.2) / 100)
    assert (device.package_length_um, device.package_width_um) == (10000, 8000)
    assert device.package_height_um == pytest.approx(50 * (21.83 + 4.85 * 0.69 * 0.95 + 8) + 100 + 60, abs=0.01)
    assert device.rated_mah == pytest.approx(20.13, abs=0.01)
    assert size_device(steel.pdk, steel_template, CELL, 49, 0.99).rated_mah < 20


@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 7, 49])
@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_rated_capacity_agrees_with_a_simulation_of_lots_and_cells(process, layers, confidence):
    random = np.random.default_rng(20231012)
    stacks = 200_000
    lot = random.normal(process.utilization_mean, process.utilization_sigma_lot, stacks)
    rho, sigma = process.assembly.neighbours, process.utilization_sigma_cell
    stretch = random.normal(0, sigma * math.sqrt(rho), stacks)  # what neighbours have in common
    cell = stretch + random.normal(0, sigma * math.sqrt(1 - rho), (layers, stacks)).mean(axis=0)
    simulated = np.quantile((lot + cell) * 0.69 * layers * 0.7, 1 - confidence)
    assert rated_mah(process, layers, 0.7, confidence) == pytest.approx(simulated, rel=0.002)


def test_confidence_one_half_rates_at_the_mean(process):
    assert rated_mah(process, 10, 0.5, 0.5) == pytest.approx(nominal_mah(process, 10, 0.5))


def test_fade_goes_through_the_measured_point(process):
    assert remaining(process, 150) == pytest.approx(0.95)
    assert remaining(process, 0) == 1
    assert remaining(process, 1e9) == 0


@pytest.mark.parametrize(
    ("model", "left"), [("linear", 0.8333), ("square-root", 0.9087), ("geometric", 0.8428), ("power", 0.8333)]
)
def test_fade_at_500_cycles_by_hand(process, model, left):
    other = process.with_values(fade=model, fade_exponent=1.0)
    assert remaining(other, 500) == pytest.approx(left, abs=5e-5)
    assert remaining(other, 150) == pytest.approx(0.95)
    low, high = remaining_band(process, 500)
    assert (low, high) == (pytest.approx(0.8333, abs=5e-5), pytest.approx(0.9087, abs=5e-5))
    assert low <= remaining(other, 500) <= high


def test_cycles_beyond_what_was_measured_are_flagged_with_the_band():
    loaded = load_pdk()
    template = loaded.template.bind(loaded.pdk)
    flags = {flag.code: flag.message for flag in size_device(loaded.pdk, template, CELL, 49, 0.99, 500.0).flags}
    assert "83.3 to 90.9 %" in flags["cycles-unproven"]
    codes = [flag.code for flag in size_device(loaded.pdk, template, CELL, 49, 0.99, 150.0).flags]
    assert "cycles-unproven" not in codes


@given(
    area=st.floats(0.001, 20),
    layers=st.integers(1, 150),
    defects=st.floats(0, 3),
    model=st.sampled_from(sorted(CELL_MODELS)),
)
def test_yields_are_probabilities_and_fall_with_area_and_layers(area, layers, defects, model):
    process = _STEEL.with_values(yield_model=model, defects_per_cm2=defects)
    good, passed = cell_yield(process, area), screen_pass(process, area)
    devices = good_devices_per_cell(process, layers, area)
    rounding = 1 + 1e-12
    assert 0 <= good <= passed * rounding <= rounding**2
    assert 0 <= stack_yield(process, layers, area) <= rounding
    assert cell_yield(process, area * 1.1) <= good * rounding
    assert good_devices_per_cell(process, layers, area * 1.1) <= devices * rounding
    assert good_devices_per_cell(process, layers + 1, area) < devices or devices == 0


def test_yield_models_agree_where_defects_are_few_and_order_where_they_are_many():
    few = {name: float(model(1e-6, 2.0)) for name, model in CELL_MODELS.items()}
    assert all(math.isclose(value, 1 - 1e-6, rel_tol=1e-9) for value in few.values())
    many = {name: float(model(3.0, 2.0)) for name, model in CELL_MODELS.items()}
    assert many["poisson"] < many["murphy"] < many["negative-binomial"] < many["seeds"]
    assert many["murphy"] == pytest.approx(((1 - math.exp(-3)) / 3) ** 2)
    assert float(CELL_MODELS["negative-binomial"](3.0, 1e6)) == pytest.approx(many["poisson"], rel=1e-5)


def test_screened_stack_yield_counts_escapes(process):
    """A direct count: of 10 000 cells, y good pass, and 1 % of the bad escape the screen."""
    good = float(cell_yield(process, 0.7))
    escapes = (1 - good) * 0.01
    expected = (good / (good + escapes)) ** 49 * 0.999**49
    assert stack_yield(process, 49, 0.7) == pytest.approx(expected)


def test_resistance_of_one_layer_is_film_plus_collectors_plus_terminals(process):
    sheet = 0.072 + 0.056
    expected = 250 / (0.9 * 0.8) + sheet * 9 / (3 * 8) + 0.005
    assert resistance_ohm(process, 1, 9000, 8000) == pytest.approx(expected, rel=1e-6)


def test_sheet_resistance_follows_the_thickness():
    thick = process_of(load_pdk(overrides=[("stack.substrate.thickness", "50")]).pdk)
    assert thick.plus_sheet_ohm == pytest.approx(0.0144)


def test_stack_is_contiguous_and_fills_the_package(steel, steel_template):
    device = size_device(steel.pdk, steel_template, CELL, 49, 0.99)
    unit = [film for film in device.stack if film.count == 49]
    assert sum(film.thickness_um for film in unit) == pytest.approx(device.pitch_um)
    for below, above in zip(device.stack, device.stack[1:], strict=False):
        gap = above.z0_um - (below.z0_um + below.thickness_um)
        assert gap == pytest.approx(48 * device.pitch_um if above.film == "lid_top" else 0, abs=1e-6)
    top = device.stack[-1]
    assert top.z0_um + top.thickness_um == pytest.approx(device.package_height_um)


def test_mass_is_between_the_foil_alone_and_a_block_of_steel(steel, steel_template):
    device = size_device(steel.pdk, steel_template, CELL, 49, 0.99)
    foil = 49 * 0.979 * 0.79 * 10e-4 * 7.9
    block = device.package_length_um * device.package_width_um * device.package_height_um * 1e-12 * 7.9
    assert foil < device.mass_g < block


@pytest.mark.parametrize(
    ("height_mm", "volume_mm3", "celsius"),
    [
        (1.59, 3000, 260), (1.6, 349, 260), (1.6, 350, 250), (2.5, 2000, 250), (2.5, 2001, 245),
        (2.51, 349, 250), (2.51, 350, 245), (3, 5000, 245),
    ],
)  # fmt: skip
def test_reflow_class_table(height_mm, volume_mm3, celsius):
    assert reflow_class_c(height_mm, volume_mm3) == celsius


def _flags(overrides=(), layers=49, name="anodeless-ss"):
    loaded = load_pdk(name, overrides)
    device = size_device(loaded.pdk, loaded.template.bind(loaded.pdk), CELL, layers, 0.99)
    return {flag.code for flag in device.flags}


def test_flags_appear_when_they_should_and_only_then():
    always = {"reflow-class", "formation-after-reflow", "layers-unshown", "energy-unshown"}
    assert _flags() == always
    assert _flags([("stack.cathode.thickness", "12")]) == always | {"cathode-unproven"}
    assert _flags([("stack.cathode.thickness", "4")]) == always - {"energy-unshown"}
    assert _flags([("package.reflow_temperature", "260")]) == always - {"reflow-class"}
    assert _flags(layers=237) == always  # 7.98 mm high on 8.00 mm
    assert _flags(layers=238) == always | {"higher-than-wide"}
    assert _flags(layers=2) == always - {"layers-unshown", "energy-unshown"} | {"capacity-range"}
    assert "layers-unshown" not in _flags(layers=11)
    assert "layers-unshown" in _flags(layers=12)
    assert _flags([("package.capacity_max", "10")]) == always | {"capacity-range"}
    assert _flags(name="lithium-mica") == {"no-reflow", "layers-unshown"}


def test_other_numbers_of_a_process_bind_a_template_as_binding_it_anew():
    """Every length of the device changed in turn, and one that no template names."""
    pdk = load_pdk().pdk
    bound = load_pdk().template.bind(pdk)
    stated = pdk.numbers()
    for path in [*(f"device.{name}" for name in pdk.device), "yield.defect_density"]:
        value = stated[path] * 1.25
        anew = load_pdk().template.bind(with_value(pdk, path, value))
        assert bound.with_numbers({**stated, path: value}) == anew, path
