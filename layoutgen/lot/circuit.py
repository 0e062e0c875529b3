"""The circuit of a cell: its impedance, and fits of many spectra at once."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.pdk.webtest import Circuit

Floats = NDArray[np.float64]
NAMES: Final = (
    "series",
    "electrolyte",
    "electrolyte_capacitance",
    "interface",
    "interface_element",
    "interface_exponent",
    "diffusion",
)
"""R0, R1, C1, R2, Q2, n, W: ohm cm2, ohm cm2, F/cm2, ohm cm2, S s^n/cm2, 1, ohm cm2/s^0.5."""
_BOLTZMANN_EV: Final = 8.617333262e-5
_STEPS: Final = 60


def parameters_of(circuit: Circuit) -> Floats:
    """The kit's values in the order of :data:`NAMES`, farads and siemens in place of their millionths."""
    values = np.array([getattr(circuit, name).value for name in NAMES])
    values[[2, 4]] *= 1e-6
    return values


def impedance(parameters: Floats, frequency_hz: Floats) -> NDArray[np.complex128]:
    """``R0 + R1/(1 + jw R1 C1) + R2/(1 + R2 Q2 (jw)^n) + W/sqrt(jw)`` in ohm cm2.

    Args:
        parameters: (..., 7) in the order of :data:`NAMES`.
        frequency_hz: (n,).

    Returns:
        (..., n).
    """
    r0, r1, c1, r2, q2, n, w = (parameters[..., i, None] for i in range(7))
    jw = 2j * math.pi * frequency_hz
    found: NDArray[np.complex128] = r0 + r1 / (1 + jw * r1 * c1) + r2 / (1 + r2 * q2 * jw**n) + w / np.sqrt(jw)
    return found


def at_temperature(resistance_25: float, activation_ev: float, temperature_c: float) -> float:
    """A resistance at another temperature: ``R(25) exp(Ea/k (1/T - 1/298.15 K))``."""
    return resistance_25 * math.exp(activation_ev / _BOLTZMANN_EV * (1 / (temperature_c + 273.15) - 1 / 298.15))


@dataclass(frozen=True, slots=True)
class Fits:
    """Fits of spectra: parameters (spectra, 7), and the root mean square of what is left, over the modulus.

    ``error`` is the standard error of each parameter over its value, from what is left; infinite where the
    spectrum says nothing of it.
    """

    parameters: Floats
    residual: Floats
    error: Floats


def fit(spectra: NDArray[np.complex128], frequency_hz: Floats, start: Floats) -> Fits:
    """Fit the circuit to each spectrum: Levenberg-Marquardt on logarithms, all spectra in step.

    Args:
        spectra: (spectra, n) in ohm cm2.
        frequency_hz: (n,).
        start: (7,) parameters to start from, all above zero; the exponent stays at most 1.
    """
    count = len(spectra)
    x = np.tile(np.log(np.maximum(start, 1e-12)), (count, 1))
    damping = np.full(count, 1e-2)
    left = _left(x, spectra, frequency_hz)
    cost = (left**2).sum(axis=1)
    for _ in range(_STEPS):
        jacobian = _jacobian(x, spectra, frequency_hz, left)
        normal = jacobian.transpose(0, 2, 1) @ jacobian
        slope = (jacobian.transpose(0, 2, 1) @ left[:, :, None])[:, :, 0]
        diagonal = np.einsum("kii->ki", normal)
        loaded = normal + np.eye(7)[None] * (damping[:, None] * (diagonal + 1e-12))[:, :, None]
        step = np.clip(np.linalg.solve(loaded, -slope[:, :, None])[:, :, 0], -1.0, 1.0)
        tried = x + step
        tried[:, 5] = np.minimum(tried[:, 5], 0.0)
        left_then = _left(tried, spectra, frequency_hz)
        cost_then = (left_then**2).sum(axis=1)
        better = cost_then < cost
        x[better], left[better], cost[better] = tried[better], left_then[better], cost_then[better]
        damping = np.where(better, damping / 5, damping * 4).clip(1e-9, 1e9)
        if np.abs(step[better]).max(initial=0.0) < 1e-9:
            break
    return Fits(np.exp(x), np.sqrt(cost / (2 * len(frequency_hz))), _errors(x, spectra, frequency_hz, left, cost))


def _errors(x: Floats, spectra: NDArray[np.complex128], frequency_hz: Floats, left: Floats, cost: Floats) -> Floats:
    """Standard errors of logarithms: ``s^2 (J^T J)^-1``, s^2 what is left over the degrees of freedom."""
    jacobian = _jacobian(x, spectra, frequency_hz, left)
    normal = jacobian.transpose(0, 2, 1) @ jacobian
    size = np.sqrt(np.maximum(np.einsum("kii->ki", normal), 1e-300))
    # scaled to a unit diagonal, so that farads and ohms invert alike
    inverse = np.linalg.pinv(normal / size[:, :, None] / size[:, None, :], rcond=1e-12, hermitian=True)
    spread = np.einsum("kii->ki", inverse) / size**2 * (cost / max(1, left.shape[1] - x.shape[1]))[:, None]
    return np.where(size > 1e-6, np.sqrt(np.maximum(spread, 0.0)), np.inf)


def _left(x: Floats, spectra: NDArray[np.complex128], frequency_hz: Floats) -> Floats:
    off = (impedance(np.exp(x), frequency_hz) - spectra) / np.abs(spectra)
    return np.concatenate([off.real, off.imag], axis=1)


def _jacobian(x: Floats, spectra: NDArray[np.complex128], frequency_hz: Floats, left: Floats) -> Floats:
    found = np.empty((*left.shape, 7))
    for number in range(7):
        moved = x.copy()
        moved[:, number] += 1e-6
        found[:, :, number] = (_left(moved, spectra, frequency_hz) - left) / 1e-6
    return found
