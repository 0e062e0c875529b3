"""What another order of stacking would give: the same cells, stacked by each order that a line can run."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutgen.formula import Formula, formula_of
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.assembly import Order, sigma_formula, stack_sigma
from layoutgen.sizing.capacity import rated_mah
from layoutgen.sizing.device import DeviceDesign
from layoutgen.sizing.process import process_of
from layoutgen.sizing.stackup import pitch_um
from layoutgen.template import BoundTemplate

# a capacity is reached when it is missed by no more than rounding
_ROUNDING = 1e-12


ORDER_WORDS: Final[dict[str, str]] = {
    "web": "neighbours of one lot, as they come off the web",
    "shuffled": "at random from one lot",
    "mixed": "at random from several lots",
    "trays": "class trays over several lots",
    "matched": "matched by estimate over several lots",
}
"""What a line does in each order, in a few words."""


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """One order, for the cells of a design.

    ``stack_sigma`` and ``rated_mah`` are those of the design's number of layers. ``layers`` is the least number of
    these cells that reaches the capacity asked for, ``height_mm`` the package height with it; None where no
    capacity is asked for, or no number of layers reaches it.
    """

    order: str
    stack_sigma: float
    rated_mah: float
    layers: int | None
    height_mm: float | None


def orders_of(
    pdk: Pdk, template: BoundTemplate, device: DeviceDesign, capacity_mah: float | None
) -> tuple[OrderEffect, ...]:
    """Every order with the numbers of the kit, in the order of :class:`~layoutgen.sizing.assembly.Order`.

    Args:
        pdk: the process.
        template: the device, for its height.
        device: the design; its cells, confidence and cycles are kept.
        capacity_mah: what was asked for.
    """
    process = process_of(pdk)
    area, confidence, cycles = device.active_area_cm2, device.confidence, device.cycles
    numbers = np.arange(1, int(pdk.package.layers_max.value) + 1)
    found = []
    for order in Order:
        ordered = process.with_values(assembly=process.assembly.with_order(order))
        sigma = stack_sigma(
            ordered.assembly, device.layers, process.utilization_sigma_lot, process.utilization_sigma_cell
        )
        layers, height_mm = None, None
        if capacity_mah is not None:
            rated = rated_mah(ordered, numbers.astype(float), area, confidence, cycles)
            enough = numbers[rated >= capacity_mah * (1 - _ROUNDING)]
            if len(enough):
                layers = int(enough[0])
                height_mm = float(template.height_um(layers, float(pitch_um(process)))) / 1000
        found.append(
            OrderEffect(
                order.value,
                float(sigma),
                float(rated_mah(ordered, device.layers, area, confidence, cycles)),
                layers,
                height_mm,
            )
        )
    return tuple(found)


def order_formulas() -> dict[str, Formula]:
    """Sigma and rated capacity of each order, as :func:`orders_of` lists them."""
    rated = formula_of(rated_mah, "device.capacity_mah.rated")
    assert rated is not None
    kept = {name: key for name, key in rated.symbols.items() if name != "u_rated"}
    found = {}
    for number, order in enumerate(Order):
        sigma, path = sigma_formula(order.value), f"orders[{number}].stack_sigma"
        symbols = {**kept, "u": "pdk:cell.utilization_mean", "z": "steps.one_sided_z", "s": path}
        found[path] = sigma
        found[f"orders[{number}].rated_mah"] = rated._replace(
            text="N * A * q * max(u - z * s, 0) * left", symbols=symbols, reference=sigma.reference
        )
    return found
