"""Every figure of design.json that is traced: the formulas that its functions state, and what a search decides."""

from typing import Final

from layoutgen.document import device as document
from layoutgen.formula import Formula, formula_of, functions_of
from layoutgen.layout import dbu
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing import (
    assembly,
    capacity,
    delivery,
    device,
    duty,
    electrical,
    process,
    response,
    stackup,
    yields,
)
from layoutgen.sizing.orders import order_formulas
from layoutgen.smt import land_pattern
from layoutgen.solver import solution
from layoutgen.web import plan, record

DECIDED: Final = {
    "device.layers": Formula("Layers in the stack", "", "", {}, "chosen by the search"),
    "device.cell_mm.length": Formula("Cell length", "mm", "", {}, "chosen by the search on the size grid"),
    "device.cell_mm.width": Formula("Cell width", "mm", "", {}, "chosen by the search on the size grid"),
    "web.cells_per_repeat": Formula("Cells in a repeat of the web", "", "", {}, "counted in the tiling"),
    "web.bound_cells_per_repeat": Formula("Bound on the cells in a repeat", "", "", {}, "computed with the tiling"),
    "web.repeat_mm.length": Formula("Length of the repeat", "mm", "", {}, "chosen by the tiler"),
    "search.gap_percent": Formula(
        "Distance of the objective from its bound",
        "%",
        "",
        {},
        "computed by the search over every design considered",
    ),
    "search.given_up_percent": Formula(
        "How much the best design is better in the objective than this one, which is lower",
        "%",
        "",
        {},
        "computed by the search",
    ),
    "search.designs_considered": Formula("Designs considered", "", "", {}, "counted by the search"),
    "search.designs_tiled": Formula("Designs tiled in full", "", "", {}, "counted by the search"),
    "search.choices": Formula("Combinations of foil and cathode", "", "", {}, "counted by the search"),
    "search.choices_dominated": Formula("Combinations left out", "", "", {}, "counted by the search"),
    "naive.devices_per_m2_good": Formula(
        "Good devices, footprint filled, plain grid", "1/m2", "", {}, "sized and tiled like the design itself"
    ),
    "device.electrical.temperature_c": Formula(
        "Temperature of the electrical figures", "degC", "", {}, "asked for"
    ),
    "device.electrical.charge_asked_s": Formula("Time to charge asked for", "s", "", {}, "asked for"),
    "device.life.cycles": Formula("Cycles asked for", "", "", {}, "asked for"),
}
"""Figures that a search or a check decides: what they are, without arithmetic over other figures."""

FUNCTIONS: Final = functions_of(
    document,
    device,
    stackup,
    dbu,
    land_pattern,
    capacity,
    assembly,
    electrical,
    duty,
    response,
    delivery,
    process,
    yields,
    plan,
    record,
    solution,
)
"""Key of a figure -> the function that works it out and states how."""


def formulas_for(pdk: Pdk | None = None) -> dict[str, Formula]:
    """The formula of every figure by its key; without a kit those that are the same for all."""
    stated = {path: formula_of(function, path, pdk) for path, function in FUNCTIONS.items()}
    fixed = {path: formula for path, formula in stated.items() if formula is not None}
    return DECIDED | fixed | ({} if pdk is None else order_formulas())
