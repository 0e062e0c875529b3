"""How alike the stacks of a line get, by the order in which it stacks: the sigma of a stack's mean utilisation.

Cells that come one after the other are alike. Stacking neighbours therefore averages less than stacking strangers:
the variance of the mean of N cells with a common correlation rho is ``deff sigma^2 / N`` with the design effect
``deff = 1 + (N - 1) rho`` (Kish, Survey Sampling, 1965).
"""

import itertools
import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from layoutgen.sizing.process import Number


class Order(StrEnum):
    """What a line does with the cells that come off the web."""

    INDEPENDENT = "independent"
    """As if the cells of a stack had nothing in common but their lot: the model of release 0.1."""
    WEB = "web"
    """As they come: a stack is N neighbours of one lot."""
    MIXED = "mixed"
    """Drawn at random over several lots, without looking at them."""
    TRAYS = "trays"
    """Class trays by estimated capacity, drawn by recipe."""
    MATCHED = "matched"
    """Shared evenly by estimated capacity over all that is held."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """An order with what it depends on: lots that are mixed (L), correlation of neighbours (rho), correlation of
    estimate and truth (r), number of class trays (K).
    """

    order: Order
    lots: Number = 1
    neighbours: Number = 0.0
    estimate: Number = 0.0
    trays: int = 1


def design_effect(layers: Number, correlation: Number) -> Number:
    """``1 + (N - 1) rho``: by how much correlation of neighbours multiplies the variance of a stack's mean."""
    return 1.0 + (layers - 1.0) * correlation


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


def stack_sigma(assembly: Assembly, layers: Number, sigma_lot: Number, sigma_cell: Number) -> Number:
    """Standard deviation of the mean utilisation of a stack, from stack to stack over many lots.

    ======================  =======================================================================================
    independent             ``sqrt(s_lot^2 + s_cell^2 / N)``
    web                     ``sqrt(s_lot^2 / L + deff s_cell^2 / N)``
    mixed                   ``sqrt(s_lot^2 / L + s_cell^2 / N)``
    trays                   ``sqrt((1 - r^2 + f r^2) (s_lot^2 + s_cell^2) / N)``, f the share inside K classes
    matched                 ``sqrt((1 - r^2) (s_lot^2 + s_cell^2) / N)``
    ======================  =======================================================================================

    Args:
        assembly: the order.
        layers: cells in a stack.
        sigma_lot: of the utilisation, from lot to lot.
        sigma_cell: of the utilisation, inside a lot.
    """
    order = assembly.order
    if order in {Order.TRAYS, Order.MATCHED}:
        inside = within_class(assembly.trays) if order is Order.TRAYS else 0.0
        known = assembly.estimate**2
        return ((1.0 - known + inside * known) * (sigma_lot**2 + sigma_cell**2) / layers) ** 0.5
    lots = 1 if order is Order.INDEPENDENT else assembly.lots
    effect = design_effect(layers, assembly.neighbours) if order is Order.WEB else 1.0
    return (sigma_lot**2 / lots + effect * sigma_cell**2 / layers) ** 0.5
