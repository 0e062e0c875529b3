"""The diffusion equation itself, in finite volumes with the curve of the kit at the surface, beside the model.

Nothing of the tool's response is used: lithium of concentration s enters a film on one face, ``ds/dt = D d2s/dx2``,
and the terminals see the voltage at rest of the surface less the drop of interface, electrolyte and contacts.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from layoutgen.pdk.load import load_pdk
from layoutgen.sizing.load import Load, demand
from layoutgen.sizing.response import cell_response, charge_at

PDK = load_pdk().pdk
CURVE, STATED = PDK.electrical.open_circuit, PDK.electrical.response
AREAL_MAH = 0.69 * 0.875
SERIES_OHM_CM2 = 250 * (STATED.ohmic.value + STATED.electrolyte.value + STATED.interface.value)
TAU_S = 1e-6 / STATED.diffusivity.value
LOWEST_V = 3.0
VOLUMES = 80


def delivered(current_ma_per_cm2):
    """Share of the charge until the terminals reach 3 V, by the diffusion equation, from full on."""
    flux = current_ma_per_cm2 / 1000 / (AREAL_MAH * 3.6)  # of the share, per second
    step = 1 / VOLUMES

    def rate(_, s):
        inner = np.diff(s) / step / TAU_S
        # a discharge takes the vacancies of lithium from the face at the electrolyte
        return np.diff(np.concatenate(([0.0], inner, [-flux]))) / step

    def terminal(_, s):
        surface = s[-1] - flux * TAU_S * step / 2
        drop_v = current_ma_per_cm2 * SERIES_OHM_CM2 / 1000
        return np.interp(surface, CURVE.charge, CURVE.voltage) - drop_v - LOWEST_V

    terminal.terminal = True
    run = solve_ivp(rate, (0, 1.2 / flux), np.ones(VOLUMES), method="BDF", events=terminal, rtol=1e-7, atol=1e-9)
    return flux * run.t[-1]


def by_the_model(current_ma_per_cm2):
    drop_v = float(demand(Load.constant(current_ma_per_cm2), cell_response(PDK)).drop_v(1.0, 0.0))
    return 1 - float(charge_at(CURVE, LOWEST_V + drop_v))


@pytest.mark.parametrize("current", [0.05, 0.1, 0.3, 0.6, 1.2])
def test_a_drain_delivers_less_by_no_more_than_the_page_states(current):
    """The surface is empty before the film is, by a third of what flows in the time of diffusion at most."""
    exact, told = delivered(current), by_the_model(current)
    third = current / 1000 / (AREAL_MAH * 3.6) * TAU_S / 3
    assert exact <= told <= exact + third


def test_the_figures_of_the_page():
    found = [
        round((by_the_model(rate * AREAL_MAH) - delivered(rate * AREAL_MAH)) * 100, 1) for rate in (0.2, 0.5, 1, 2)
    ]
    assert found == [0.3, 0.8, 1.7, 3.3]


def test_a_pulse_of_half_a_charge_drops_no_more_than_the_model_says():
    """Ten milliseconds: the surface moves by 2 flux sqrt(t tau / pi), on a flat part of the curve."""
    current = 1.0
    moved = 2 * current / 1000 / (AREAL_MAH * 3.6) * np.sqrt(0.01 * TAU_S / np.pi)
    fall = np.interp(0.5, CURVE.charge, CURVE.voltage) - np.interp(0.5 - moved, CURVE.charge, CURVE.voltage)
    exact = SERIES_OHM_CM2 * current / 1000 + fall
    told = float(cell_response(PDK).after_ohm_cm2(0.01)) * current / 1000
    assert exact <= told <= exact * 1.02
