"""Yield: of a cell, of a cell that passed the screen, of a stack, and of the web.

One shorted cell kills a parallel stack, so cells are screened on the web before they are stacked.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from layoutgen.formula import MODEL, Formula, states
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.process import Number, Process


def _negative_binomial(defects: Number, alpha: Number) -> Number:
    return (1.0 + defects / alpha) ** -alpha


def _poisson(defects: Number, _: Number) -> Number:
    return np.exp(-np.asarray(defects, dtype=float))


def _murphy(defects: Number, _: Number) -> Number:
    defects = np.asarray(defects, dtype=float)
    # (1 - exp(-x)) / x loses its digits near zero
    safe = np.where(defects > 1e-9, defects, 1.0)
    return np.where(defects > 1e-9, (-np.expm1(-safe) / safe) ** 2, 1.0 - defects)


def _seeds(defects: Number, _: Number) -> Number:
    return 1.0 / (1.0 + defects)


CELL_MODELS: Final[dict[str, Callable[[Number, Number], Number]]] = {
    "negative-binomial": _negative_binomial,
    "poisson": _poisson,
    "murphy": _murphy,
    "seeds": _seeds,
}
"""Part of good cells as a function of (defects per cell A D0, cluster parameter alpha)."""


@states(
    "steps.defects_per_cell",
    Formula(
        "Killer defects per cell",
        "",
        "A * D0",
        {"A": "device.active_area_cm2", "D0": "pdk:yield.defect_density"},
        MODEL,
    ),
)
def defects_per_cell(process: Process, area_cm2: Number) -> Number:
    """Killer defects that a cell has on average."""
    return area_cm2 * process.defects_per_cm2


_MODELS: Final = {
    "negative-binomial": ("(1 + d / alpha) ** -alpha", "negative binomial model, Stapper 1973"),
    "poisson": ("exp(-d)", "Poisson model"),
    "murphy": ("((1 - exp(-d)) / d) ** 2", "Murphy 1964, triangular density"),
    "seeds": ("1 / (1 + d)", "Seeds 1967, exponential density"),
}
"""Formula and source of each of :data:`CELL_MODELS`."""


def _model(pdk: Pdk) -> Formula:
    text, reference = _MODELS[pdk.yield_.model]
    symbols = {"d": "steps.defects_per_cell"}
    symbols |= {"alpha": "pdk:yield.cluster_parameter"} if "alpha" in text else {}
    return Formula("Cells without a killer defect", "", text, symbols, reference)


@states("yield.cell", _model)
def cell_yield(process: Process, area_cm2: Number) -> Number:
    """Part of the cells on the web without a killer defect."""
    return CELL_MODELS[process.yield_model](defects_per_cell(process, area_cm2), process.cluster_parameter)


@states(
    "steps.screen_pass",
    Formula(
        "Part of the cells that the screen lets through",
        "",
        "y + (1 - y) * (1 - c)",
        {"y": "yield.cell", "c": "pdk:yield.screen_coverage"},
        "the good cells, and the bad ones that it misses",
    ),
)
def screen_pass(process: Process, area_cm2: Number) -> Number:
    """Part of the cells that the screen lets through: the good ones and the bad ones that it misses."""
    good = cell_yield(process, area_cm2)
    return good + (1.0 - good) * (1.0 - process.screen_coverage)


@states(
    "yield.screened_cell",
    Formula(
        "Good among the screened cells",
        "",
        "y / s",
        {"y": "yield.cell", "s": "steps.screen_pass"},
        MODEL,
    ),
)
def screened_cell_yield(process: Process, area_cm2: Number) -> Number:
    """Part of the cells that passed the screen which are good."""
    return cell_yield(process, area_cm2) / screen_pass(process, area_cm2)


@states(
    "yield.stack",
    Formula(
        "Stacks that work",
        "",
        "(y_s * k) ** N",
        {"y_s": "yield.screened_cell", "k": "pdk:yield.stacking_per_layer", "N": "device.layers"},
        "one shorted layer kills a parallel stack",
    ),
)
def stack_yield(process: Process, layers: Number, area_cm2: Number) -> Number:
    """Part of the stacks that work: every cell good, no harm done by stacking."""
    return (screened_cell_yield(process, area_cm2) * process.stacking_per_layer) ** layers


@states(
    "web.good_devices_per_cell",
    Formula(
        "Good devices for each cell on the web",
        "",
        "s / N * Y",
        {"s": "steps.screen_pass", "N": "device.layers", "Y": "yield.stack"},
        MODEL,
    ),
)
def good_devices_per_cell(process: Process, layers: Number, area_cm2: Number) -> Number:
    """Good devices for each cell made on the web: pass / N x stack yield."""
    return screen_pass(process, area_cm2) / layers * stack_yield(process, layers, area_cm2)
