"""Validity of spectra and the circuit: hand cases."""

import numpy as np
import pytest

from layoutgen.lot.circuit import NAMES, at_temperature, fit, impedance, parameters_of
from layoutgen.lot.validity import judge, lin_kk, z_hit
from tests.lot.webs import webtest

FREQUENCY = np.geomspace(1e6, 1, 31)
CELL = np.array([3, 75, 9.8e-9, 90, 5e-6, 0.85, 20.0])
STEP = np.where(FREQUENCY < 251, 1.02, 1.0)


def lot(count=400, noise=0.002, seed=3):
    rng = np.random.default_rng(seed)
    made = CELL * np.exp(0.08 * rng.standard_normal((count, 7)))
    made[:, 5] = 0.85
    z = impedance(made, FREQUENCY)
    return z * (1 + noise * (rng.standard_normal(z.shape) + 1j * rng.standard_normal(z.shape))), made


def test_impedance_of_the_hand_case():
    found = impedance(CELL, np.array([1000.0, 10.0]))
    assert found[0] == pytest.approx(132.945 - 34.957j, abs=2e-3)
    assert found[1] == pytest.approx(169.447 - 3.108j, abs=2e-3)


def test_lin_kk_of_elements_on_its_grid_and_with_a_step():
    omega = 2 * np.pi * FREQUENCY
    tau = np.geomspace(1 / omega.max(), 1 / omega.min(), 20)
    z = (3 + 75 / (1 + 1j * omega * tau[5]) + 90 / (1 + 1j * omega * tau[13]))[None]
    assert np.abs(lin_kk(z, FREQUENCY)).max() < 1e-12
    assert np.abs(lin_kk(z * STEP, FREQUENCY)).max() >= 0.012


@pytest.mark.parametrize("grid", [FREQUENCY, np.array([9e5, 4e5, 1e4, 9e3, 70.0, 3.0, 0.1])])
def test_z_hit_of_pure_elements_is_zero_on_any_grid(grid):
    jw = 2j * np.pi * grid
    for z in (5 + 0 * jw, 1 / (jw * 1e-6), 1 / (1e-5 * jw**0.8)):
        assert np.abs(z_hit(z[None], grid)).max() < 1e-12


def test_valid_spectra_pass_and_faults_are_found():
    z, _ = lot(2000)
    verdict = judge(z, FREQUENCY)
    assert verdict.valid.mean() > 0.994
    bad = z.copy()
    bad[:40] *= STEP
    drift = np.linspace(1, 1.08, 31)
    bad[40:80] *= drift
    bad[80, 3] = np.nan
    found = judge(bad, FREQUENCY)
    assert found.valid[:40].mean() < 0.1
    assert found.valid[40:80].mean() < 0.2
    assert not found.valid[80]
    assert found.valid[81:].mean() > 0.993


def test_few_spectra_are_judged_alone():
    z, _ = lot(3, noise=0.0)
    assert judge(z, FREQUENCY).valid.all()
    assert not judge(z * np.where(FREQUENCY < 251, 1.06, 1.0), FREQUENCY).valid.any()


def test_fits_find_the_circuit():
    z, made = lot(100, noise=1e-5)
    found = fit(z, FREQUENCY, CELL)
    assert np.abs(found.parameters / made - 1).max() < 0.02
    assert found.residual.max() < 1e-4
    z, made = lot(300)
    noisy = fit(z, FREQUENCY, CELL)
    assert np.median(np.abs(noisy.parameters / made - 1)[:, [1, 3]]) < 0.005
    # errors as stated: what is off, over its error, scatters by one
    off = np.log(noisy.parameters / made) / noisy.error
    assert (np.abs(off[:, :5]).mean(axis=0) < 1.0).all()
    assert off[:, :5].std(axis=0) == pytest.approx(np.ones(5), abs=0.2)


def test_the_kit_states_the_circuit_and_its_temperature():
    values = dict(zip(NAMES, parameters_of(webtest().circuit), strict=True))
    assert values["electrolyte"] == 65.2
    assert values["interface_element"] == pytest.approx(5e-6)
    assert at_temperature(100, 0.55, 25) == pytest.approx(100)
    assert 7 < 100 * (at_temperature(100, 0.55, 24) / 100 - 1) < 9
