"""A plan of the web as JSON, and JSON as the plan: lengths in mm, blocks field by field under their addresses.

What follows from the plan is written and not read back.
"""

from collections.abc import Mapping
from typing import Any

from layoutgen.formula import Formula, states
from layoutgen.web.addresses import BlockAddress, addressed
from layoutgen.web.plan import Block, Field, Placement, Regime, Structure, WebFrame, WebPlan, Zone


class Unit:
    """The unit of a plan, between its integers and mm."""

    def __init__(self, nm: int) -> None:
        self.nm = nm

    def mm(self, dbu: int) -> float:
        return dbu * self.nm * 1e-6

    def dbu(self, mm: float) -> int:
        return round(mm * 1e6 / self.nm)


@states("web.repeat_mm.width", Formula("Width of the repeat", "mm", "w", {"w": "web.width_mm"}, "the whole web"))
def plan_record(plan: WebPlan, dbu_nm: int) -> dict[str, Any]:
    """The plan as JSON.

    Args:
        plan: one repeat of a web.
        dbu_nm: the unit that it counts in.
    """
    unit = Unit(dbu_nm)
    return {
        **_frame(plan.frame, unit),
        "cell_mm": {"length": unit.mm(plan.cell[0]), "width": unit.mm(plan.cell[1])},
        "repeat_mm": {"width": unit.mm(plan.frame.width), "length": unit.mm(plan.repeat_length)},
        "cells_per_repeat": plan.cells_per_repeat,
        "cells_per_m": cells_per_m(plan, dbu_nm),
        "cells_per_m2": cells_per_m2(plan, dbu_nm),
        "utilization": plan.utilization,
        "bound_cells_per_repeat": plan.bound_cells_per_repeat,
        "gap_percent": plan.gap_percent,
        "proved_optimal": plan.proved_optimal,
        "proof": plan.proof,
        "method": plan.method,
        "dbu_nm": unit.nm,
        "fields": [_field(field, unit) for field in plan.fields],
        "blocks": [_block(block, address, plan, unit) for address, block in addressed(plan)],
        "structures": [_structure(item, unit) for item in plan.structures],
        "structures_cost_cells": plan.structures_cost_cells,
        "zones": [
            {
                "name": zone.name,
                "reason": zone.reason,
                "corners_mm": [[unit.mm(x), unit.mm(y)] for x, y in zone.corners],
            }
            for zone in plan.zones
        ],
    }


@states(
    "web.cells_per_m",
    Formula(
        "Cells on a metre of web",
        "1/m",
        "n / L * 1000",
        {"n": "web.cells_per_repeat", "L": "web.repeat_mm.length"},
    ),
)
def cells_per_m(plan: WebPlan, dbu_nm: int) -> float:
    """Cells on a metre of web; 0 where the repeat has no length."""
    length_m = plan.repeat_length * dbu_nm * 1e-9
    return plan.cells_per_repeat / length_m if length_m else 0.0


@states(
    "web.cells_per_m2",
    Formula(
        "Cells on a square metre of web",
        "1/m2",
        "n / (W * L) * 1e6",
        {"n": "web.cells_per_repeat", "W": "web.repeat_mm.width", "L": "web.repeat_mm.length"},
    ),
)
def cells_per_m2(plan: WebPlan, dbu_nm: int) -> float:
    """Cells on a square metre of web; 0 where the repeat has no length."""
    area_m2 = plan.frame.width * plan.repeat_length * dbu_nm**2 * 1e-18
    return plan.cells_per_repeat / area_m2 if area_m2 else 0.0


def read_plan(web: Mapping[str, Any]) -> WebPlan:
    """The plan that :func:`plan_record` wrote.

    Raises:
        KeyError, TypeError, ValueError: it did not.
    """
    unit = Unit(int(web["dbu_nm"]))
    return WebPlan(
        frame=_read_frame(web, unit),
        cell=(unit.dbu(web["cell_mm"]["length"]), unit.dbu(web["cell_mm"]["width"])),
        fields=tuple(
            _read_field(field, web["blocks"], number, unit) for number, field in enumerate(web["fields"], 1)
        ),
        repeat_length=unit.dbu(web["repeat_mm"]["length"]),
        bound_cells_per_repeat=int(web["bound_cells_per_repeat"]),
        method=str(web["method"]),
        proof=str(web["proof"]),
        structures=tuple(_read_structure(item, unit) for item in web["structures"]),
        zones=tuple(
            Zone(
                str(zone["name"]),
                str(zone["reason"]),
                tuple((unit.dbu(x), unit.dbu(y)) for x, y in zone["corners_mm"]),
            )
            for zone in web["zones"]
        ),
    )


def block_record(block: Block, pitch: tuple[int, int], unit: Unit) -> dict[str, Any]:
    """A block as JSON; ``pitch`` is that of unturned cells, from cell to cell along x and y."""
    across, along = block.lying(pitch)
    return {
        "x_mm": unit.mm(block.x),
        "y_mm": unit.mm(block.y),
        "columns": block.columns,
        "rows": block.rows,
        "pitch_x_mm": unit.mm(across),
        "pitch_y_mm": unit.mm(along),
        "rotated": block.rotated,
    }


def _frame(frame: WebFrame, unit: Unit) -> dict[str, Any]:
    return {
        "regime": frame.regime.value,
        "width_mm": unit.mm(frame.width),
        "edge_mm": unit.mm(frame.edge),
        "usable_mm": unit.mm(frame.usable),
        "kerf_mm": unit.mm(frame.kerf),
        "field_max_mm": {"width": unit.mm(frame.field_width), "length": unit.mm(frame.field_length)},
        "field_gap_mm": unit.mm(frame.field_gap),
        "rotation_allowed": frame.rotation_allowed,
        "guillotine_only": frame.guillotine_only,
        "least_strip_mm": unit.mm(frame.least_strip),
        "grid_mm": unit.mm(frame.grid),
        "slits_mm": [[unit.mm(start), unit.mm(end)] for start, end in frame.slits],
    }


def _read_frame(web: Mapping[str, Any], unit: Unit) -> WebFrame:
    regime = Regime(web["regime"])
    return WebFrame(
        width=unit.dbu(web["width_mm"]),
        edge=unit.dbu(web["edge_mm"]),
        field_width=unit.dbu(web["field_max_mm"]["width"]),
        field_length=unit.dbu(web["field_max_mm"]["length"]),
        field_gap=unit.dbu(web["field_gap_mm"]),
        kerf=unit.dbu(web["kerf_mm"]),
        rotation_allowed=bool(web["rotation_allowed"]),
        regime=regime,
        repeat_length=unit.dbu(web["repeat_mm"]["length"]) if regime is Regime.FIXED else None,
        least_strip=unit.dbu(web["least_strip_mm"]),
        grid=unit.dbu(web["grid_mm"]),
        slits=tuple((unit.dbu(start), unit.dbu(end)) for start, end in web["slits_mm"]),
        guillotine_only=bool(web["guillotine_only"]),
    )


def _field(field: Field, unit: Unit) -> dict[str, Any]:
    return {
        "x_mm": unit.mm(field.x),
        "y_mm": unit.mm(field.y),
        "width_mm": unit.mm(field.width),
        "length_mm": unit.mm(field.length),
        "cells": field.count,
    }


def _read_field(field: Mapping[str, Any], blocks: list[Mapping[str, Any]], number: int, unit: Unit) -> Field:
    return Field(
        unit.dbu(field["x_mm"]),
        unit.dbu(field["y_mm"]),
        unit.dbu(field["width_mm"]),
        unit.dbu(field["length_mm"]),
        tuple(_read_block(block, unit) for block in blocks if block["field"] == number),
    )


def _block(block: Block, address: BlockAddress, plan: WebPlan, unit: Unit) -> dict[str, Any]:
    pitch = plan.cell[0] + plan.frame.kerf, plan.cell[1] + plan.frame.kerf
    return {**block_record(block, pitch, unit), "field": address.field, "name": str(address)}


def _read_block(block: Mapping[str, Any], unit: Unit) -> Block:
    return Block(
        unit.dbu(block["x_mm"]),
        unit.dbu(block["y_mm"]),
        int(block["columns"]),
        int(block["rows"]),
        bool(block["rotated"]),
    )


def _structure(item: Placement, unit: Unit) -> dict[str, Any]:
    return {
        "name": item.structure.name,
        "field": item.field + 1,
        "x_mm": unit.mm(item.x),
        "y_mm": unit.mm(item.y),
        "width_mm": unit.mm(item.width),
        "height_mm": unit.mm(item.length),
        "turned": item.turned,
        "cost_cells": item.cost_cells,
    }


def _read_structure(item: Mapping[str, Any], unit: Unit) -> Placement:
    width, length = unit.dbu(item["width_mm"]), unit.dbu(item["height_mm"])
    size = (length, width) if item["turned"] else (width, length)
    return Placement(
        Structure(str(item["name"]), *size),
        int(item["field"]) - 1,
        unit.dbu(item["x_mm"]),
        unit.dbu(item["y_mm"]),
        width,
        length,
        int(item["cost_cells"]),
    )
