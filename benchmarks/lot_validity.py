"""Validity of spectra: CPU each of two matrix products for all, beside pyimpspec one by one, and verdicts.

    python -m benchmarks.lot_validity [spectra, default 10000] [of them with pyimpspec, default 40]

pyimpspec (GPL) is measured where it is installed: its Kramers-Kronig test with as many RC elements, and its Z-HIT.
"""

import sys
import time

import numpy as np

from layoutgen.lot.circuit import impedance
from layoutgen.lot.validity import ELEMENTS, judge
from tests.lot.test_validity import CELL, FREQUENCY

STEP = np.where(FREQUENCY < 251, 1.03, 1.0)


def spectra(count):
    """Cells of a lot with 0.2 % noise; every tenth changed by 3 % during the sweep."""
    dice = np.random.default_rng(1)
    made = CELL * np.exp(0.08 * dice.standard_normal((count, 7)))
    made[:, 5] = 0.85
    z = impedance(made, FREQUENCY)
    z = z * (1 + 0.002 * (dice.standard_normal(z.shape) + 1j * dice.standard_normal(z.shape)))
    z[::10] *= STEP
    return z


def main():
    count, few = (int(sys.argv[n]) if len(sys.argv) > n else default for n, default in ((1, 10_000), (2, 40)))
    z = spectra(count)
    wrong = np.arange(count) % 10 == 0
    start = time.process_time()
    verdict = judge(z, FREQUENCY)
    each = (time.process_time() - start) / count
    print(
        f"{count} spectra: {1e6 * each:.1f} us CPU each; "
        f"{(verdict.valid == ~wrong).mean():.4f} of the verdicts right"
    )
    try:
        import pyimpspec
    except ImportError:
        print("pyimpspec is not installed")
        return
    residuals, spent = [], 0.0
    for row in z[:few]:
        data = pyimpspec.DataSet(FREQUENCY, row)
        start = time.process_time()
        test = pyimpspec.perform_kramers_kronig_test(
            data, num_RC=ELEMENTS, num_F_ext_evaluations=0, test="complex", num_procs=1
        )
        pyimpspec.perform_zhit(data, num_procs=1)
        spent += time.process_time() - start
        real, imaginary = test.get_residuals_data()[1:3]
        residuals.append(float(np.hypot(real, imaginary).max()) / 100)
    limit = np.median(residuals) + 7.44 * (np.quantile(residuals, 0.75) - np.median(residuals))
    theirs = np.array(residuals) <= limit
    agree = (theirs == verdict.valid[:few]).mean()
    print(
        f"pyimpspec: {1e6 * spent / few:.0f} us CPU each, ratio {spent / few / each:.0f}; "
        f"{agree:.3f} verdicts agree"
    )


if __name__ == "__main__":
    main()
