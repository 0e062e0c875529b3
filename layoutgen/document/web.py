"""The plan of the web in a design: frame, fields, blocks, structures and zones in mm, and what they hold.

Figures that follow from the plan are written and not read back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from layoutgen.layout.dbu import least_strip
from layoutgen.pdk.schema import Pdk
from layoutgen.solver.solution import Solution
from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.gains import web_gains
from layoutgen.web.addresses import BlockAddress, addressed
from layoutgen.web.plan import Block, Field, Placement, Regime, Structure, WebFrame, WebPlan, Zone


@dataclass(frozen=True, slots=True)
class _Unit:
    """The database unit of a plan."""

    nm: int

    def mm(self, dbu: int) -> float:
        return dbu * self.nm * 1e-6

    def dbu(self, mm: float) -> int:
        return round(mm * 1e6 / self.nm)


def web_part(solution: Solution) -> dict[str, Any]:
    """The part ``web``."""
    plan, unit = solution.web, _Unit(solution.dbu_nm)
    return {
        **_frame(plan.frame, unit),
        "repeat_mm": {"width": unit.mm(plan.frame.width), "length": unit.mm(plan.repeat_length)},
        "cells_per_repeat": plan.cells_per_repeat,
        "cells_per_m": solution.cells_per_m,
        "cells_per_m2": solution.cells_per_m2,
        "devices_per_m2": {"gross": solution.devices_per_m2, "good": solution.good_devices_per_m2},
        "good_devices_per_cell": solution.good_per_cell,
        "utilization": plan.utilization,
        "bound_cells_per_repeat": plan.bound_cells_per_repeat,
        "gap_percent": plan.gap_percent,
        "proved_optimal": plan.proved_optimal,
        "proof": plan.proof,
        "method": plan.method,
        "gained": _gained(solution),
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


def read_plan(web: Mapping[str, Any], cell_um: tuple[float, float], pdk: Pdk) -> WebPlan:
    """The plan that the part ``web`` describes, for a finished cell of ``cell_um`` (length, width)."""
    unit = _Unit(int(web["dbu_nm"]))
    return WebPlan(
        frame=_read_frame(web, pdk, unit),
        cell=(unit.dbu(cell_um[0] / 1000), unit.dbu(cell_um[1] / 1000)),
        fields=tuple(
            _read_field(field, web["blocks"], number, unit) for number, field in enumerate(web["fields"], 1)
        ),
        repeat_length=unit.dbu(web["repeat_mm"]["length"]),
        bound_cells_per_repeat=int(web["bound_cells_per_repeat"]),
        method=str(web["method"]),
        proof=str(web["proof"]),
        structures=tuple(_read_structure(item, unit) for item in web.get("structures", ())),
        zones=tuple(
            Zone(
                str(zone["name"]),
                str(zone["reason"]),
                tuple((unit.dbu(x), unit.dbu(y)) for x, y in zone["corners_mm"]),
            )
            for zone in web.get("zones", ())
        ),
    )


def _frame(frame: WebFrame, unit: _Unit) -> dict[str, Any]:
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
        "slits_mm": [[unit.mm(start), unit.mm(end)] for start, end in frame.slits],
    }


def _read_frame(web: Mapping[str, Any], pdk: Pdk, unit: _Unit) -> WebFrame:
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
        least_strip=least_strip(pdk, unit.nm),
        slits=tuple((unit.dbu(start), unit.dbu(end)) for start, end in web.get("slits_mm", ())),
        guillotine_only=bool(web.get("guillotine_only", False)),
    )


def _gained(solution: Solution) -> list[dict[str, Any]]:
    """What each freedom of the tiler gained, the first step being 0 percent."""
    nm, width = solution.dbu_nm, solution.web.frame.width
    gains = web_gains(solution.web, Effort[solution.spec.effort.name]) if solution.web.fields else ()
    return [
        {
            "freedom": gain.freedom,
            "cells": gain.cells,
            "repeat_mm": gain.area // width * nm * 1e-6,
            "cells_per_m2": gain.density / (nm * 1e-9) ** 2,
            "more_percent": (gain.density / gains[0].density - 1) * 100 if gains[0].cells else None,
        }
        for gain in gains
    ]


def _field(field: Field, unit: _Unit) -> dict[str, Any]:
    return {
        "x_mm": unit.mm(field.x),
        "y_mm": unit.mm(field.y),
        "width_mm": unit.mm(field.width),
        "length_mm": unit.mm(field.length),
        "cells": field.count,
    }


def _read_field(field: Mapping[str, Any], blocks: list[Mapping[str, Any]], number: int, unit: _Unit) -> Field:
    return Field(
        unit.dbu(field["x_mm"]),
        unit.dbu(field["y_mm"]),
        unit.dbu(field["width_mm"]),
        unit.dbu(field["length_mm"]),
        tuple(_read_block(block, unit) for block in blocks if block["field"] == number),
    )


def _block(block: Block, address: BlockAddress, plan: WebPlan, unit: _Unit) -> dict[str, Any]:
    length, width = plan.cell
    along_x, along_y = (width, length) if block.rotated else (length, width)
    return {
        "x_mm": unit.mm(block.x),
        "y_mm": unit.mm(block.y),
        "columns": block.columns,
        "rows": block.rows,
        "pitch_x_mm": unit.mm(along_x + plan.frame.kerf),
        "pitch_y_mm": unit.mm(along_y + plan.frame.kerf),
        "rotated": block.rotated,
        "field": address.field,
        "name": str(address),
    }


def _read_block(block: Mapping[str, Any], unit: _Unit) -> Block:
    return Block(
        unit.dbu(block["x_mm"]),
        unit.dbu(block["y_mm"]),
        int(block["columns"]),
        int(block["rows"]),
        bool(block["rotated"]),
    )


def _structure(item: Placement, unit: _Unit) -> dict[str, Any]:
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


def _read_structure(item: Mapping[str, Any], unit: _Unit) -> Placement:
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
