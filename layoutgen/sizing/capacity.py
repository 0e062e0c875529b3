"""Charge: areal capacity, nominal and rated capacity, fade.

Cells in parallel add up. Utilisation varies from lot to lot and from cell to cell inside a lot; how far averaging
over the N cells of a stack narrows that depends on the order in which the line stacks.
"""

from statistics import NormalDist
from typing import Final

import numpy as np

from layoutgen.sizing.assembly import stack_sigma
from layoutgen.sizing.process import Number, Process


def areal_capacity_mah_per_cm2(process: Process, utilization: Number = 1.0) -> Number:
    """``q = q_v t_LCO u``; 0.69 mAh/cm2 at 10 um and u = 1 (doi 10.1021/acsenergylett.3c01839)."""
    return process.volumetric_capacity_uah_per_cm2_um * process.cathode_um * utilization / 1000.0


def one_sided_z(confidence: float) -> float:
    """Standard normal quantile; 0 at confidence 0.5, which makes rated equal nominal."""
    return NormalDist().inv_cdf(confidence)


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


def remaining(process: Process, cycles: Number) -> Number:
    """Part of the capacity left after ``cycles``, by the model of the process through the measured point."""
    times = np.asarray(cycles, dtype=float) / process.retention_cycles
    return fade_left(process.fade, process.retention, times, process.fade_exponent)


def remaining_band(process: Process, cycles: Number) -> tuple[Number, Number]:
    """Least and most that is left after ``cycles``, by the models that one measured point leaves open."""
    times = np.asarray(cycles, dtype=float) / process.retention_cycles
    own = remaining(process, cycles)
    found = [own, *(fade_left(model, process.retention, times) for model in BAND)]
    return np.minimum.reduce(found), np.maximum.reduce(found)


def nominal_mah(process: Process, layers: Number, area_cm2: Number) -> Number:
    """Mean capacity of a new stack."""
    return layers * area_cm2 * areal_capacity_mah_per_cm2(process, process.utilization_mean)


def rated_mah(process: Process, layers: Number, area_cm2: Number, confidence: float, cycles: Number = 0) -> Number:
    """Capacity that a stack exceeds with probability ``confidence`` after ``cycles``."""
    utilization = rated_utilization(process, layers, confidence)
    return layers * area_cm2 * areal_capacity_mah_per_cm2(process, utilization) * remaining(process, cycles)
