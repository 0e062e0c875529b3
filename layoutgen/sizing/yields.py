"""Yield: of a cell, of a cell that passed the screen, of a stack, and of the web.

One shorted cell kills a parallel stack, so cells are screened on the web before they are stacked.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from layoutgen.sizing.process import Number, Process


def _murphy(defects: Number) -> Number:
    defects = np.asarray(defects, dtype=float)
    # (1 - exp(-x)) / x loses its digits near zero
    safe = np.where(defects > 1e-9, defects, 1.0)
    return np.where(defects > 1e-9, (-np.expm1(-safe) / safe) ** 2, 1.0 - defects)


CELL_MODELS: Final[dict[str, Callable[[Number, Number], Number]]] = {
    "negative-binomial": lambda defects, alpha: (1.0 + defects / alpha) ** -alpha,
    "poisson": lambda defects, _: np.exp(-np.asarray(defects, dtype=float)),
    "murphy": lambda defects, _: _murphy(defects),
    "seeds": lambda defects, _: 1.0 / (1.0 + defects),
}
"""Part of good cells as a function of (defects per cell A D0, cluster parameter alpha).

Negative binomial: Stapper 1973. Poisson. Murphy 1964 (triangular density). Seeds 1967 (exponential density)."""


def cell_yield(process: Process, area_cm2: Number) -> Number:
    """Part of the cells on the web without a killer defect."""
    return CELL_MODELS[process.yield_model](area_cm2 * process.defects_per_cm2, process.cluster_parameter)


def screen_pass(process: Process, area_cm2: Number) -> Number:
    """Part of the cells that the screen lets through: the good ones and the bad ones that it misses."""
    good = cell_yield(process, area_cm2)
    return good + (1.0 - good) * (1.0 - process.screen_coverage)


def screened_cell_yield(process: Process, area_cm2: Number) -> Number:
    """Part of the cells that passed the screen which are good."""
    return cell_yield(process, area_cm2) / screen_pass(process, area_cm2)


def stack_yield(process: Process, layers: Number, area_cm2: Number) -> Number:
    """Part of the stacks that work: every cell good, no harm done by stacking."""
    return (screened_cell_yield(process, area_cm2) * process.stacking_per_layer) ** layers


def good_devices_per_cell(process: Process, layers: Number, area_cm2: Number) -> Number:
    """Good devices for each cell made on the web: pass / N x stack yield."""
    return screen_pass(process, area_cm2) / layers * stack_yield(process, layers, area_cm2)
