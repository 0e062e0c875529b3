"""Charge: areal capacity, nominal and rated capacity, fade.

Cells in parallel add up. Utilisation varies from lot to lot and from cell to cell inside a lot; how far averaging
over the N cells of a stack narrows that depends on the order in which the line stacks.
"""

from statistics import NormalDist
from typing import Final

import numpy as np

from layoutgen.formula import MODEL, PAPER, Formula, states
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.assembly import stack_sigma
from layoutgen.sizing.process import Number, Process


@states(
    "steps.areal_capacity_mah_per_cm2",
    Formula(
        "Areal capacity at full utilisation",
        "mAh/cm2",
        "q_v * t_lco / 1000",
        {"q_v": "pdk:stack.cathode.volumetric_capacity", "t_lco": "pdk:stack.cathode.thickness"},
        f"0.69 mAh/cm2 at 10 um: {PAPER}",
    ),
)
def areal_capacity_mah_per_cm2(process: Process, utilization: Number = 1.0) -> Number:
    """``q = q_v t_LCO u``; 0.69 mAh/cm2 at 10 um and u = 1 (doi 10.1021/acsenergylett.3c01839)."""
    return process.volumetric_capacity_uah_per_cm2_um * process.cathode_um * utilization / 1000.0


@states(
    "steps.one_sided_z",
    Formula(
        "One-sided normal quantile",
        "",
        "quantile(p)",
        {"p": "device.capacity_mah.confidence"},
        "standard normal distribution",
    ),
)
def one_sided_z(confidence: float) -> float:
    """Standard normal quantile; 0 at confidence 0.5, which makes rated equal nominal."""
    return NormalDist().inv_cdf(confidence)


@states(
    "steps.rated_utilization",
    Formula(
        "Utilisation that the stack exceeds with the asked confidence",
        "",
        "max(u - z * s, 0)",
        {"u": "pdk:cell.utilization_mean", "z": "steps.one_sided_z", "s": "steps.stack_sigma"},
        "cells in parallel average out their own spread, as far as the order of stacking lets them",
    ),
)
def rated_utilization(process: Process, layers: Number, confidence: float) -> Number:
    """Utilisation that a stack of ``layers`` cells exceeds with probability ``confidence``.

    ``mean - z sigma``, never below zero; sigma is :func:`~layoutgen.sizing.assembly.stack_sigma`.
    """
    spread = stack_sigma(process.assembly, layers, process.utilization_sigma_lot, process.utilization_sigma_cell)
    return np.maximum(process.utilization_mean - one_sided_z(confidence) * spread, 0.0)


BAND: Final = ("linear", "square-root", "geometric")
"""Models that one measured point does not choose between."""


def fade_left(model: str, retention: Number, times: Number, exponent: Number = 1.0) -> Number:
    """Part of the capacity left after ``times`` as many cycles as ``retention`` was measured at, never below zero.

    ==============  ====================================================================================
    linear          ``1 - (1 - r) x``
    square-root     ``1 - (1 - r) sqrt(x)``: growth of a layer that hinders its own growth
    geometric       ``r^x``: a constant coulombic efficiency, each cycle keeps the same part
    power           ``1 - (1 - r) x^p``
    ==============  ====================================================================================

    Args:
        model: one of these.
        retention: what was left at the measured point, r.
        times: cycles over those of the measured point, x.
        exponent: p of the model power.
    """
    if model == "geometric":
        return np.power(retention, times)
    power = {"linear": 1.0, "square-root": 0.5, "power": exponent}[model]
    return np.maximum(1.0 - (1.0 - retention) * np.power(times, power), 0.0)


_FADE: Final = {
    "linear": ("max(1 - (1 - r) * n / n_r, 0)", "equal steps through the measured point"),
    "square-root": ("max(1 - (1 - r) * sqrt(n / n_r), 0)", "root of the cycles through the measured point"),
    "geometric": ("r ** (n / n_r)", "each cycle keeps the same part, through the measured point"),
    "power": ("max(1 - (1 - r) * (n / n_r) ** p, 0)", "power of the cycles through the measured point"),
}
"""Formula of each model of :func:`fade_left`, and what it is."""
_MEASURED: Final = {
    "r": "pdk:cell.retention",
    "n": "device.capacity_mah.cycles",
    "n_r": "pdk:cell.retention_cycles",
}


def _left(pdk: Pdk) -> Formula:
    text, reference = _FADE[pdk.cell.fade]
    symbols = _MEASURED | ({"p": "pdk:cell.fade_exponent"} if pdk.cell.fade == "power" else {})
    return Formula("Part of the capacity left after the asked cycles", "", text, symbols, reference)


def _band(end: str) -> Formula:
    title = f"{end} that the models leave after the asked cycles"
    return Formula(title, "", "", _MEASURED, "linear, square root, geometric through the measured point")


_LIFE: Final = {"left": "steps.capacity_left"}


@states("steps.capacity_left", _left)
@states("device.life.left", Formula("Part of the capacity left", "", "left", _LIFE, "by the model of the process"))
def remaining(process: Process, cycles: Number) -> Number:
    """Part of the capacity left after ``cycles``, by the model of the process through the measured point."""
    times = np.asarray(cycles, dtype=float) / process.retention_cycles
    return fade_left(process.fade, process.retention, times, process.fade_exponent)


@states("device.life.low", _band("Least"))
@states("device.life.high", _band("Most"))
def remaining_band(process: Process, cycles: Number) -> tuple[Number, Number]:
    """Least and most that is left after ``cycles``, by the models that one measured point leaves open."""
    times = np.asarray(cycles, dtype=float) / process.retention_cycles
    own = remaining(process, cycles)
    found = [own, *(fade_left(model, process.retention, times) for model in BAND)]
    return np.minimum.reduce(found), np.maximum.reduce(found)


@states(
    "device.capacity_mah.nominal",
    Formula(
        "Nominal capacity",
        "mAh",
        "N * A * q * u",
        {
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "q": "steps.areal_capacity_mah_per_cm2",
            "u": "pdk:cell.utilization_mean",
        },
        "cells in parallel add up",
    ),
)
def nominal_mah(process: Process, layers: Number, area_cm2: Number) -> Number:
    """Mean capacity of a new stack."""
    return layers * area_cm2 * areal_capacity_mah_per_cm2(process, process.utilization_mean)


@states(
    "device.energy_mwh",
    Formula(
        "Energy, nominal",
        "mWh",
        "C * V",
        {"C": "device.capacity_mah.nominal", "V": "pdk:cell.mean_voltage"},
        MODEL,
    ),
)
def energy_mwh(process: Process, nominal_mah: Number) -> Number:
    """Nominal energy: charge times the mean voltage of a discharge."""
    return nominal_mah * process.mean_voltage_v


@states(
    "device.capacity_mah.rated",
    Formula(
        "Rated capacity",
        "mAh",
        "N * A * q * u_rated * left",
        {
            "N": "device.layers",
            "A": "device.active_area_cm2",
            "q": "steps.areal_capacity_mah_per_cm2",
            "u_rated": "steps.rated_utilization",
            "left": "steps.capacity_left",
        },
        MODEL,
    ),
)
def rated_mah(process: Process, layers: Number, area_cm2: Number, confidence: float, cycles: Number = 0) -> Number:
    """Capacity that a stack exceeds with probability ``confidence`` after ``cycles``."""
    utilization = rated_utilization(process, layers, confidence)
    return layers * area_cm2 * areal_capacity_mah_per_cm2(process, utilization) * remaining(process, cycles)
