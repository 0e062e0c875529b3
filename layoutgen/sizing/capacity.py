"""Charge: areal capacity, nominal and rated capacity, fade.

Cells in parallel add up. Utilisation varies from lot to lot and from cell to cell inside a lot; averaging over the
N cells of a stack narrows the second part only.
"""

from statistics import NormalDist

import numpy as np

from layoutgen.sizing.process import Number, Process


def areal_capacity_mah_per_cm2(process: Process, utilization: Number = 1.0) -> Number:
    """``q = q_v t_LCO u``; 0.69 mAh/cm2 at 10 um and u = 1 (doi 10.1021/acsenergylett.3c01839)."""
    return process.volumetric_capacity_uah_per_cm2_um * process.cathode_um * utilization / 1000.0


def one_sided_z(confidence: float) -> float:
    """Standard normal quantile; 0 at confidence 0.5, which makes rated equal nominal."""
    return NormalDist().inv_cdf(confidence)


def rated_utilization(process: Process, layers: Number, confidence: float) -> Number:
    """Utilisation that a stack of ``layers`` cells exceeds with probability ``confidence``.

    ``mean - z sqrt(sigma_lot^2 + sigma_cell^2 / N)``, never below zero.
    """
    spread = np.sqrt(process.utilization_sigma_lot**2 + process.utilization_sigma_cell**2 / layers)
    return np.maximum(process.utilization_mean - one_sided_z(confidence) * spread, 0.0)


def remaining(process: Process, cycles: Number) -> Number:
    """Part of the capacity left after ``cycles``; linear through the measured point, never below zero."""
    fade = (1.0 - process.retention) * cycles / process.retention_cycles
    return np.maximum(1.0 - fade, 0.0)


def nominal_mah(process: Process, layers: Number, area_cm2: Number) -> Number:
    """Mean capacity of a new stack."""
    return layers * area_cm2 * areal_capacity_mah_per_cm2(process, process.utilization_mean)


def rated_mah(process: Process, layers: Number, area_cm2: Number, confidence: float, cycles: Number = 0) -> Number:
    """Capacity that a stack exceeds with probability ``confidence`` after ``cycles``."""
    utilization = rated_utilization(process, layers, confidence)
    return layers * area_cm2 * areal_capacity_mah_per_cm2(process, utilization) * remaining(process, cycles)
