"""How alike the stacks of a line get, by the order in which it stacks: the sigma of a stack's mean utilisation.

Cells that come one after the other are alike. Stacking neighbours therefore averages less than stacking strangers:
the variance of the mean of N cells with a common correlation rho is ``deff sigma^2 / N`` with the design effect
``deff = 1 + (N - 1) rho`` (Kish, Survey Sampling, 1965). Over lots the variance is that of their means, which no
choice of cells inside the lots that are at hand can lower.
"""

import itertools
import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from layoutgen.formula import Formula, states

# float or numpy array; numpy's own ArrayLike would forbid plain arithmetic between the two
Number = Any

_Z95 = 1.96


class Order(StrEnum):
    """What a line does with the cells that come off the web."""

    WEB = "web"
    """As they come: a stack is N neighbours of one lot."""
    SHUFFLED = "shuffled"
    """Drawn at random from one lot; release 0.1 rated every stack so."""
    MIXED = "mixed"
    """Of each of L lots as many cells as N allows, drawn at random, without looking at them."""
    TRAYS = "trays"
    """Class trays by estimated capacity over L lots, drawn by recipe."""
    MATCHED = "matched"
    """Shared evenly by estimated capacity over all cells of L lots."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """An order with what it depends on: correlation of neighbours (rho), lots that are mixed (L), correlation of
    estimate and truth (r), number of class trays (K).
    """

    order: Order
    neighbours: Number = 0.0
    lots: Number = 1.0
    estimate: Number = 0.0
    trays: Number = 1.0

    def with_order(self, order: Order) -> "Assembly":
        return replace(self, order=order)


@states(
    "steps.design_effect",
    Formula(
        "By how much alike neighbours multiply the variance of a stack",
        "",
        "1 + (N - 1) * rho",
        {"N": "device.layers", "rho": "pdk:assembly.order_correlation"},
        "design effect, Kish, Survey Sampling, 1965",
    ),
)
def design_effect(layers: Number, correlation: Number) -> Number:
    """``1 + (N - 1) rho``: by how much correlation of neighbours multiplies the variance of a stack's mean."""
    return 1.0 + (layers - 1.0) * correlation


def correlation_interval(correlation: float, cells: float) -> tuple[float, float]:
    """The 95 % interval of a correlation from so many cells (Fisher's z); its lower end is never below zero."""
    if correlation >= 1:
        return 1.0, 1.0
    if cells <= 3 or correlation <= 0:
        return 0.0, 1.0
    middle, error = math.atanh(correlation), _Z95 / math.sqrt(cells - 3)
    return max(0.0, math.tanh(middle - error)), math.tanh(middle + error)


@states(
    "steps.estimate_correlation",
    Formula(
        "Correlation of estimate and truth that is sure",
        "",
        "max(1 - 2 / ((1 + r) / max(1 - r, 1e-12) * exp(-3.92 / sqrt(max(n - 3, 1e-6))) + 1), 0)",
        {"r": "pdk:assembly.estimate_correlation", "n": "pdk:assembly.cycled"},
        "lower end of the 95 % interval, Fisher's z",
    ),
)
def lower_correlation(correlation: float, cells: float) -> float:
    """What a correlation from so many cells is sure to be: the lower end of its interval."""
    return correlation_interval(correlation, cells)[0]


@states(
    "steps.cells_of_a_lot",
    Formula(
        "Cells that a stack takes of each lot at least",
        "",
        "floor(N / L)",
        {"N": "device.layers", "L": "pdk:assembly.lots"},
        "a stack takes as many of each lot, or one more",
    ),
)
def cells_of_a_lot(layers: Number, lots: Number) -> Number:
    """Whole part of ``N / L``: the cells that a stack takes of each lot at least."""
    return np.floor(np.asarray(layers, dtype=float) / lots)


@states(
    "steps.lots_in_stack",
    Formula(
        "Lots of equal share that average alike",
        "",
        "N ** 2 / (L * q ** 2 + (N - L * q) * (2 * q + 1))",
        {"N": "device.layers", "L": "pdk:assembly.lots", "q": "steps.cells_of_a_lot"},
        "N cells from L lots as evenly as can be, q or q + 1 of each",
    ),
)
def lots_in_stack(layers: Number, lots: Number) -> Number:
    """As many lots of equal share as average like N cells taken from L lots as evenly as can be: at most L and N.

    With q or q + 1 cells of each lot it is ``N^2 / (sum of squares of cells of a lot)``.
    """
    each = cells_of_a_lot(layers, lots)
    return layers**2 / (lots * each**2 + (layers - lots * each) * (2.0 * each + 1.0))


@states(
    "steps.within_classes",
    Formula(
        "Share of the variance of estimates that stays inside the classes of trays",
        "",
        "",
        {"N": "device.layers", "K": "pdk:assembly.trays"},
        "1 - K sum (phi(a) - phi(b))^2 over min(K, N) classes of equal count between normal quantiles a and b",
    ),
)
def within_classes(layers: Number, trays: Number) -> Number:
    """Share of a normal variance that stays inside K classes of equal count, N of them at most."""
    classes = np.maximum(np.floor(np.minimum(layers, trays)), 1.0)
    if np.ndim(classes) == 0:
        return within_class(int(classes))
    return np.array([within_class(int(number)) for number in np.ravel(classes)]).reshape(np.shape(classes))


@lru_cache(maxsize=1024)
def within_class(trays: int) -> float:
    """Share of a normal variance that stays inside K classes of equal count; 1 for one class, 0.363 for two.

    The variance of the classes' means is ``K sum (phi(a) - phi(b))^2`` over the classes between quantiles a and b.
    """
    if trays <= 1:
        return 1.0
    normal = NormalDist()
    edges = [-math.inf, *(normal.inv_cdf(number / trays) for number in range(1, trays)), math.inf]
    density = [0.0 if math.isinf(edge) else normal.pdf(edge) for edge in edges]
    return 1.0 - trays * math.fsum((low - high) ** 2 for low, high in itertools.pairwise(density))


_LINE: Final = {
    "s_lot": "pdk:cell.utilization_sigma_lot",
    "s_cell": "pdk:cell.utilization_sigma_cell",
    "N": "device.layers",
}
_OVER_LOTS: Final = {**_LINE, "L": "pdk:assembly.lots", "r": "steps.estimate_correlation"}
_EVEN: Final = "(s_lot ** 2 * (1 - 1 / L) + s_cell ** 2) / N"

_SIGMA: Final[dict[str, tuple[str, dict[str, str], str]]] = {
    "web": (
        "sqrt(s_lot ** 2 + deff * s_cell ** 2 / N)",
        {**_LINE, "deff": "steps.design_effect"},
        "web order: neighbours of one lot, which are alike",
    ),
    "shuffled": (
        "sqrt(s_lot ** 2 + s_cell ** 2 / N)",
        _LINE,
        "drawn at random from one lot",
    ),
    "mixed": (
        "sqrt(s_lot ** 2 / lots + s_cell ** 2 / N)",
        {**_LINE, "lots": "steps.lots_in_stack"},
        "drawn at random from several lots, evenly",
    ),
    "trays": (
        f"sqrt(s_lot ** 2 / L + (1 - r ** 2 * (1 - f)) * {_EVEN})",
        {**_OVER_LOTS, "f": "steps.within_classes"},
        "class trays over several lots; the mean of the lots still varies",
    ),
    "matched": (
        f"sqrt(s_lot ** 2 / L + (1 - r ** 2 * min(N - 1, 1)) * {_EVEN})",
        _OVER_LOTS,
        "shared evenly by estimate over several lots; the mean of the lots still varies",
    ),
}
"""Sigma of the mean utilisation of a stack by the order of the line: formula, symbols, what it is."""


def sigma_formula(order: str) -> Formula:
    """What :func:`stack_sigma` does in an order."""
    return Formula("Standard deviation of the mean utilisation of a stack", "", *_SIGMA[order])


@states("steps.stack_sigma", lambda pdk: sigma_formula(pdk.assembly.order))
def stack_sigma(assembly: Assembly, layers: Number, sigma_lot: Number, sigma_cell: Number) -> Number:
    """Standard deviation of the mean utilisation of a stack, from stack to stack over many lots.

    ==========  ===================================================================================================
    web         ``sqrt(s_lot^2 + (1 + (N - 1) rho) s_cell^2 / N)``
    shuffled    ``sqrt(s_lot^2 + s_cell^2 / N)``
    mixed       ``sqrt(s_lot^2 / L_N + s_cell^2 / N)``, L_N of :func:`lots_in_stack`
    trays       ``sqrt(s_lot^2 / L + (1 - r^2 + f r^2) (s_lot^2 (1 - 1 / L) + s_cell^2) / N)``, f inside K classes
    matched     as trays with f = 0; one cell cannot be matched
    ==========  ===================================================================================================

    Trays and matching make stacks of the lots at hand alike; the mean of those lots still varies.

    Args:
        assembly: the order.
        layers: cells in a stack.
        sigma_lot: of the utilisation, from lot to lot.
        sigma_cell: of the utilisation, inside a lot.
    """
    order, lots = assembly.order, assembly.lots
    if order in {Order.TRAYS, Order.MATCHED}:
        single = np.where(np.asarray(layers) > 1, 0.0, 1.0)
        inside = within_classes(layers, assembly.trays) if order is Order.TRAYS else single
        unknown = 1.0 - assembly.estimate**2 * (1.0 - inside)
        return (sigma_lot**2 / lots + unknown * (sigma_lot**2 * (1.0 - 1.0 / lots) + sigma_cell**2) / layers) ** 0.5
    shared = lots_in_stack(layers, lots) if order is Order.MIXED else 1.0
    effect = design_effect(layers, assembly.neighbours) if order is Order.WEB else 1.0
    return (sigma_lot**2 / shared + effect * sigma_cell**2 / layers) ** 0.5
