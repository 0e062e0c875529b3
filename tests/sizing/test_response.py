"""Resistance by time and temperature, loads and charging: closed forms, series and integrations of their own."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from layoutgen.errors import PdkError
from layoutgen.pdk.load import load_pdk
from layoutgen.sizing.charge import CHARGED, Charger
from layoutgen.sizing.delivery import delivery_of
from layoutgen.sizing.device import size_device
from layoutgen.sizing.duty import Asked, duty_of, not_stated, series_ohm
from layoutgen.sizing.load import Load, Step, demand, voltages
from layoutgen.sizing.process import process_of
from layoutgen.sizing.response import arrhenius, cell_response, charge_at, resting_voltage

PDK = load_pdk("anodeless-ss").pdk
CURVE = PDK.electrical.open_circuit
RESPONSE = cell_response(PDK)
CHARGER = Charger(CURVE, 4.2, 2.0)
CELL = (9790.0, 7900.0)


def test_hand_cases_of_the_physics_page():
    assert [branch.ohm_cm2 for branch in RESPONSE.branches[:2]] == pytest.approx([65.25, 90])
    assert [branch.seconds for branch in RESPONSE.branches[:2]] == pytest.approx([0.639e-6, 117e-6], rel=1e-3)
    assert RESPONSE.after_ohm_cm2(0.01) == pytest.approx(160.45, rel=3e-4)
    assert RESPONSE.whole_ohm_cm2 == pytest.approx(250)
    pulses = demand(Load.pulsed(15, 0.01, 1), RESPONSE)
    assert pulses.drop_v(35, 0) == pytest.approx(0.06915, rel=2e-3)
    assert charge_at(CURVE, 3.0 + 0.06915) == pytest.approx(0.00224, rel=2e-3)
    assert demand(Load.constant(15), RESPONSE).drop_v(35, 0) == pytest.approx(15 * 250 / 35 / 1000)
    assert CHARGER.seconds_to(0.03359, 0.6, 250) == pytest.approx(36.3, rel=1e-3)
    tenth = CHARGER.seconds_to(0.6, 0.6, 250) - CHARGER.seconds_to(0.5, 0.6, 250)
    assert tenth == pytest.approx(205.8, rel=1e-3)
    assert CHARGER.seconds_to(0.9, 0.6, 250) == pytest.approx(2010, rel=1e-3)
    assert cell_response(PDK, 0).whole_ohm_cm2 == pytest.approx(1284.9, rel=2e-4)
    mean = np.mean(resting_voltage(CURVE, np.linspace(0, 1, 100_001)))
    assert mean == pytest.approx(3.948, abs=1e-3)


def exact_diffusion(seconds, whole, tau):
    """The series by itself, as far as it matters."""
    modes = np.arange(1, 100_001)
    return whole * (1 - 6 / math.pi**2 * np.sum(np.exp(-(math.pi**2) * modes**2 * seconds / tau) / modes**2))


@pytest.mark.parametrize("seconds", [1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600])
def test_diffusion_follows_the_exact_series(seconds):
    rest = 3 + 65.25 + 90 * -math.expm1(-seconds / 117e-6)
    exact = exact_diffusion(seconds, 91.75, 200.0)
    assert float(RESPONSE.after_ohm_cm2(seconds)) - rest == pytest.approx(exact, abs=0.005 * 91.75)


def test_a_periodic_load_is_what_a_long_run_ends_at():
    """Two thousand periods one by one, against the closed form."""
    steps = (Step(0.2, 12.0), Step(1.3, 0.5), Step(0.05, 30.0), Step(3.0, 0.0))
    state = np.zeros(len(RESPONSE.branches))
    seconds = np.array([branch.seconds for branch in RESPONSE.branches])
    weights = np.array([branch.ohm_cm2 for branch in RESPONSE.branches])
    worst = 0.0
    for _ in range(2000):
        worst = 0.0
        for step in steps:
            for part in np.linspace(0, 1, 40):
                now = step.current_ma + (state - step.current_ma) * np.exp(-part * step.seconds / seconds)
                worst = max(worst, step.current_ma * RESPONSE.at_once_ohm_cm2 + now @ weights)
            state = step.current_ma + (state - step.current_ma) * np.exp(-step.seconds / seconds)
    assert demand(Load(steps), RESPONSE).drop_v(10.0, 0.0) == pytest.approx(worst / 10 / 1000, rel=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(1e-3, 500), st.floats(0, 40)), min_size=1, max_size=6))
def test_no_moment_of_a_run_is_below_what_is_counted(pairs):
    load = Load(tuple(Step(seconds, current) for seconds, current in pairs))
    if load.peak_ma == 0:
        return
    drop = float(demand(load, RESPONSE).drop_v(35.0, 0.006))
    used = load.mean_ma * load.seconds / 3600
    _, volts, left = voltages(load, RESPONSE, CURVE, capacity_mah=50 + used, area_cm2=35.0, series_ohm=0.006)
    assert min(volts - resting_voltage(CURVE, left)) >= -drop - 1e-9
    assert min(volts) >= resting_voltage(CURVE, left[-1]) - drop - 1e-9


@settings(max_examples=40, deadline=None)
@given(st.floats(0.02, 0.99), st.floats(0.1, 1), st.floats(20, 2000), st.sampled_from([0.05, 2.0, 8.0, math.inf]))
def test_time_and_share_of_a_charge_undo_each_other(share, areal, ohm, limit):
    charger = Charger(CURVE, 4.2, limit)
    seconds = charger.seconds_to(share, areal, ohm)
    assert charger.share_after(seconds, areal, ohm) == pytest.approx(share, abs=1e-6)
    assert charger.share_after(seconds * 0.9, areal, ohm) < share


def test_a_charge_agrees_with_an_integration_of_its_own():
    def rate(_, state):
        rest = np.interp(state[0], CURVE.charge, CURVE.voltage)
        return [min(2.0, (4.2 - rest) / 250 * 1000) / 3600 / 0.6]

    run = solve_ivp(rate, (0, 2500), [0.0], max_step=0.5, rtol=1e-8)
    reached = np.interp(CHARGED, run.y[0], run.t)
    assert CHARGER.seconds_to(CHARGED, 0.6, 250) == pytest.approx(reached, rel=1e-4)


def test_no_charge_above_its_voltage():
    low = Charger(CURVE, 3.95, 2.0)
    assert math.isinf(low.seconds_to(0.9, 0.6, 250))
    assert low.share_after(1e6, 0.6, 250.0) == pytest.approx(charge_at(CURVE, 3.95), abs=1e-6)


@given(st.floats(-40, 24), st.floats(0.05, 1))
def test_cold_is_never_better(temperature, energy):
    assert arrhenius(energy, temperature) > 1
    assert arrhenius(energy, 25) == 1


def test_more_layers_or_area_never_deliver_less():
    process = process_of(PDK)
    duty = duty_of(PDK, Asked(Load.pulsed(15, 0.01, 1, 1.0), 3.3, 1200.0))
    lengths = np.linspace(1000, 20_000, 60)
    for layers in (1, 5, 40):
        rated = layers * lengths * 5000 * 1e-8 * 0.55
        usable = duty.usable_mah(process, rated, layers, lengths, 5000.0)
        more = duty.usable_mah(process, rated * 2, layers * 2, lengths, 5000.0)
        assert np.all(np.diff(usable) >= 0)
        assert np.all(more >= usable)
        assert np.all(usable <= rated)


def delivery(asked, pdk=PDK, capacity=None):
    return device(asked, pdk, capacity).delivery


def device(asked, pdk=PDK, capacity=None):
    loaded = load_pdk(pdk) if isinstance(pdk, str) else load_pdk("anodeless-ss")
    template = loaded.template.bind(loaded.pdk)
    return size_device(loaded.pdk, template, CELL, 49, 0.99, 0.0, asked, capacity)


def test_figures_of_a_device():
    sized = device(Asked(Load.constant(15), 3.0, 3600.0), capacity=15.0)
    found, whole_ohm = sized.delivery, sized.resistance_ohm
    assert whole_ohm == pytest.approx(250 / 35.1 + 0.0061, rel=1e-2)
    assert found.pulse_ohm < 0.65 * whole_ohm
    assert found.load.drop_v == pytest.approx(15 * whole_ohm / 1000)
    assert found.load.delivered_mah < 20.04
    assert found.load.hours == pytest.approx(found.load.delivered_mah / 15)
    assert found.charge_limit_ma == pytest.approx(2 * 35.1, rel=1e-2)
    assert found.formation_mah > 21.2
    assert 0.01 < found.self_discharge_percent_per_year < 0.1
    assert device(Asked(temperature_c=0.0)).resistance_ohm > 4.5 * whole_ohm


def test_what_a_process_does_not_state_is_left_open():
    bare = load_pdk("what-if/lfp").pdk
    found = delivery(None, "what-if/lfp")
    assert (found.charge_s, found.pulse_ohm, found.charge_voltage_v, found.load) == (None, None, None, None)
    assert not_stated(bare, Asked(Load.constant(1))) == ["electrical.open_circuit"]
    with pytest.raises(ValueError, match="open_circuit"):
        duty_of(bare, Asked(Load.constant(1)))
    with pytest.raises(ValueError, match="activation"):
        delivery_of(
            bare, process_of(bare), Asked(temperature_c=0.0), layers=1, active_um=(1e4, 1e4), nominal_mah=1,
            rated_mah=1, capacity_mah=None,
        )  # fmt: skip
    assert delivery(None, "lithium-mica").charge_limit_ma is None


def test_series_resistance_is_the_one_of_the_whole_device():
    process = process_of(PDK)
    sheets = 0.072 + 0.056
    assert series_ohm(process, 4, 9000, 8000) == pytest.approx(sheets * 9 / 24 / 4 + 0.005)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("charge = [0,", "charge = [0.1,", "from 0 to 1"),
        ("voltage = [3, 3.309", "voltage = [3, 2.9", "must rise"),
        ("3.309, ", "", "24 states of charge and 23 voltages"),
    ],
)
def test_curves_and_shares_that_are_none(tmp_path, path, value, said):
    from layoutgen.resources import data_folder

    source = data_folder("pdk") / "anodeless-ss"
    text = (source / "process.toml").read_text(encoding="utf-8")
    assert path in text
    start = text.index("[electrical.open_circuit]")
    changed = text[start : text.index("[package]")].replace(path, value, 1)
    (tmp_path / "pdk.toml").write_text('extends = "anodeless-ss"\nname = "x"\nversion = "0.1.0"\n\n' + changed)
    with pytest.raises(PdkError, match=said):
        load_pdk(str(tmp_path))


def test_shares_that_leave_nothing_for_diffusion():
    with pytest.raises(PdkError, match="leaves diffusion"):
        load_pdk(overrides=[("electrical.response.ohmic", "0.5")])
