"""Whether impedance spectra are linear, causal and stable: two tests, each one matrix product for all of them.

All spectra have one list of frequencies, so what a test does to a spectrum is a matrix that is made once.
Lin-KK fits a resistor, a capacitor and RC elements of fixed time constants and looks at what is left; Z-HIT
works the modulus out of the phase. They see different faults: a spectrum is valid where it passes both.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Spectra = NDArray[np.complex128]
ELEMENTS: Final = 20
_FEW: Final = 20
"""Below so many spectra a lot has no median to speak of."""
_LEAST_LIMIT: Final = 0.005
_ALONE_LIMIT: Final = 0.01
_GUMBEL: Final = 7.44
"""(q99.9 - q50) / (q75 - q50) of the Gumbel distribution."""


def lin_kk_matrix(frequency_hz: Floats, elements: int = ELEMENTS, weight: Floats | None = None) -> Floats:
    """Takes (Re, Im) of a spectrum, one below the other, to what a sum of RC elements leaves of it.

    ``residual = y - B (P y)``, P the weighted pseudo-inverse of B; the matrix is ``1 - B P``, shape (2 n, 2 n).

    Args:
        frequency_hz: n frequencies.
        elements: time constants, even in their logarithm, from the highest to the lowest frequency.
        weight: of each frequency, such as one over the modulus; equal where it is not given.
    """
    omega = 2 * math.pi * frequency_hz
    tau = np.geomspace(1 / omega.max(), 1 / omega.min(), elements)
    rc = 1 / (1 + 1j * omega[:, None] * tau[None, :])
    # a capacitor in series, scaled to the lowest frequency
    columns = np.concatenate([np.ones((len(omega), 1)), rc, (omega.min() / (1j * omega))[:, None]], axis=1)
    basis = np.concatenate([columns.real, columns.imag])
    w = np.ones(len(omega)) if weight is None else weight / weight.max()
    both = np.concatenate([w, w])[:, None]
    # 1 - B P as a projection: what is left of a weighted spectrum, put back to its own scale
    left, sizes, _ = np.linalg.svd(both * basis, full_matrices=False)
    kept = left[:, sizes > sizes[0] * 1e-13]
    projection = np.eye(len(both)) - kept @ kept.T
    return np.asarray(projection * both.T / both, dtype=np.float64)


def lin_kk(
    spectra: Spectra, frequency_hz: Floats, elements: int = ELEMENTS, weight: Floats | None = None
) -> Spectra:
    """What RC elements leave of each spectrum, over its modulus; shape (spectra, n)."""
    matrix = lin_kk_matrix(frequency_hz, elements, weight)
    n = len(frequency_hz)
    stacked = np.concatenate([spectra.real, spectra.imag], axis=1) @ matrix.T
    return np.asarray((stacked[:, :n] + 1j * stacked[:, n:]) / np.abs(spectra), dtype=np.complex128)


def z_hit_matrix(frequency_hz: Floats) -> Floats:
    """Takes the phase of a spectrum to the logarithm of its modulus, up to a constant.

    ``ln|Z(w0)| = const + (2 / pi) int phi dln w - (pi / 6) dphi / dln w``; integral by trapezoids, derivative by
    differences, both exact for a constant phase on any grid.
    """
    x = np.log(2 * math.pi * frequency_hz)
    n = len(x)
    integral = np.zeros((n, n))
    for at in range(1, n):
        integral[at] = integral[at - 1]
        half = (x[at] - x[at - 1]) / 2
        integral[at, at - 1] += half
        integral[at, at] += half
    slope = np.zeros((n, n))
    for at in range(n):
        low, high = max(at - 1, 0), min(at + 1, n - 1)
        slope[at, high] += 1 / (x[high] - x[low])
        slope[at, low] -= 1 / (x[high] - x[low])
    found: Floats = 2 / math.pi * integral - math.pi / 6 * slope
    return found


def z_hit(spectra: Spectra, frequency_hz: Floats) -> Floats:
    """How far the modulus is from what the phase says, over the modulus; shape (spectra, n)."""
    matrix = z_hit_matrix(frequency_hz)
    left = np.log(np.abs(spectra)) - np.unwrap(np.angle(spectra), axis=1) @ matrix.T
    return np.asarray(left - left.mean(axis=1, keepdims=True), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Validity:
    """The verdicts on spectra, and the statistics and limits that they come from."""

    valid: NDArray[np.bool_]
    lin_kk: Floats
    """Largest residual of each, against the lot's median."""
    z_hit: Floats
    limit_lin_kk: float
    limit_z_hit: float


@dataclass(frozen=True, slots=True)
class Lot:
    """What a spectrum is compared with: medians of a lot, and the limits that 99.9 % of valid spectra keep.

    ``left`` and ``modulus`` are None where there were too few for a median; Lin-KK alone is asked then.
    """

    weight: Floats
    left: NDArray[np.complex128] | None
    modulus: Floats | None
    limit_lin_kk: float
    limit_z_hit: float


def lot_of(spectra: Spectra, frequency_hz: Floats) -> Lot:
    """The medians and limits of spectra of one lot, or of a sample of it.

    The statistic is the largest residual against the lot's median, its limit what 99.9 % of valid spectra keep,
    estimated from quartiles, so that those that are not valid do not move it. Of fewer than 20 spectra Lin-KK alone
    is asked, with a limit of 1 %.
    """
    good = spectra[_sound(spectra)]
    if not len(good):
        return Lot(np.ones(len(frequency_hz)), None, None, _ALONE_LIMIT, math.inf)
    weight = 1 / np.median(np.abs(good), axis=0)
    if len(good) < _FEW:
        return Lot(weight, None, None, _ALONE_LIMIT, math.inf)
    left, modulus = lin_kk(good, frequency_hz, weight=weight), z_hit(good, frequency_hz)
    centre = np.median(left.real, axis=0) + 1j * np.median(left.imag, axis=0)
    middle = np.median(modulus, axis=0)
    kk, hit = np.abs(left - centre).max(axis=1), np.abs(modulus - middle).max(axis=1)
    return Lot(weight, centre, middle, _limit(kk), _limit(hit))


def verdicts(spectra: Spectra, frequency_hz: Floats, lot: Lot) -> Validity:
    """Judge spectra against their lot; those with a value that is not finite, or zero, are not valid."""
    sound, size = _sound(spectra), len(spectra)
    kk, hit = np.full(size, np.inf), np.full(size, np.inf)
    if sound.any():
        left = lin_kk(spectra[sound], frequency_hz, weight=lot.weight)
        kk[sound] = np.abs(left if lot.left is None else left - lot.left).max(axis=1)
        hit[sound] = 0.0
        if lot.modulus is not None:
            hit[sound] = np.abs(z_hit(spectra[sound], frequency_hz) - lot.modulus).max(axis=1)
    valid = sound & (kk <= lot.limit_lin_kk) & (hit <= lot.limit_z_hit)
    return Validity(valid, kk, hit, lot.limit_lin_kk, lot.limit_z_hit)


def judge(spectra: Spectra, frequency_hz: Floats) -> Validity:
    """Judge spectra of one lot, all at once."""
    return verdicts(spectra, frequency_hz, lot_of(spectra, frequency_hz))


def _sound(spectra: Spectra) -> NDArray[np.bool_]:
    return np.asarray((np.isfinite(spectra) & (np.abs(spectra) > 0)).all(axis=1), dtype=np.bool_)


def _limit(statistic: Floats) -> float:
    """What 99.9 % of valid spectra keep, from median and upper quartile: largest of many residuals are Gumbel."""
    median, third = np.quantile(statistic, [0.5, 0.75])
    return max(_LEAST_LIMIT, float(median + _GUMBEL * (third - median)))
