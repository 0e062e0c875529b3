"""What ``layoutgen tile`` says: the same facts as text and as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from layoutgen.tile.model import Packing
from layoutgen.tile.webplan.gains import Gain
from layoutgen.tile.webplan.structures import PlacedPlan
from layoutgen.units import counted, plain
from layoutgen.web.plan import Block, WebPlan

SCHEMA = "layoutgen.tile/1"
DBU_PER_MM = 1_000_000


def mm(value: int) -> float:
    return value / DBU_PER_MM


def _blocks(blocks: Iterable[Block], pitch: tuple[int, int]) -> list[dict[str, Any]]:
    found = []
    for block in blocks:
        across, up = (pitch[1], pitch[0]) if block.rotated else pitch
        found.append(
            {
                "x_mm": mm(block.x),
                "y_mm": mm(block.y),
                "columns": block.columns,
                "rows": block.rows,
                "pitch_x_mm": mm(across),
                "pitch_y_mm": mm(up),
                "rotated": block.rotated,
            }
        )
    return found


def _gains(gains: Sequence[Gain]) -> list[dict[str, Any]]:
    return [
        {"freedom": gain.freedom, "cells": gain.cells, "cells_per_m2": round(gain.density * 1e6 * DBU_PER_MM**2, 3)}
        for gain in gains
    ]


def frame_json(packing: Packing, cell: tuple[int, int], kerf: int, gains: Sequence[Gain]) -> dict[str, Any]:
    """A field on its own; block corners are those of finished cells from the field's lower left."""
    return {
        "schema": SCHEMA,
        "field_mm": {"width": mm(packing.frame[0] - kerf), "length": mm(packing.frame[1] - kerf)},
        "cell_mm": {"length": mm(cell[0]), "width": mm(cell[1])},
        "kerf_mm": mm(kerf),
        "cells": packing.count,
        "bound_cells": packing.upper_bound,
        "gap_percent": round(packing.gap_percent, 4),
        "proved_optimal": packing.proved_optimal,
        "proof": packing.proof,
        "method": packing.method,
        "blocks": _blocks(packing.blocks, packing.item),
        "gained": _gains(gains),
    }


def web_json(plan: WebPlan, gains: Sequence[Gain], placed: PlacedPlan | None) -> dict[str, Any]:
    """A repeat of the web; corners in repeat coordinates."""
    frame = plan.frame
    pitch = plan.cell[0] + frame.kerf, plan.cell[1] + frame.kerf
    area_m2 = mm(frame.width) * mm(plan.repeat_length) / 1e6
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "regime": frame.regime.value,
        "web_mm": mm(frame.width),
        "usable_mm": mm(frame.usable),
        "cell_mm": {"length": mm(plan.cell[0]), "width": mm(plan.cell[1])},
        "kerf_mm": mm(frame.kerf),
        "repeat_mm": mm(plan.repeat_length),
        "cells_per_repeat": plan.cells_per_repeat,
        "cells_per_m": round(plan.cells_per_repeat / mm(plan.repeat_length) * 1000, 4),
        "cells_per_m2": round(plan.cells_per_repeat / area_m2, 3),
        "utilization": round(plan.utilization, 6),
        "bound_cells_per_repeat": plan.bound_cells_per_repeat,
        "gap_percent": round(plan.gap_percent, 4),
        "proved_optimal": plan.proved_optimal,
        "proof": plan.proof,
        "method": plan.method,
        "fields": [
            {
                "x_mm": mm(field.x),
                "y_mm": mm(field.y),
                "width_mm": mm(field.width),
                "length_mm": mm(field.length),
                "cells": field.count,
                "blocks": _blocks(field.blocks, pitch),
            }
            for field in plan.fields
        ],
        "gained": _gains(gains),
    }
    if placed is not None:
        found["structures"] = {
            "cost_cells": placed.cost_cells,
            "placed": [
                {
                    "name": place.structure.name,
                    "field": place.field,
                    "x_mm": mm(place.x),
                    "y_mm": mm(place.y),
                    "width_mm": mm(place.width),
                    "length_mm": mm(place.length),
                    "cost_cells": place.cost_cells,
                }
                for place in placed.placements
            ],
            "unplaced": [structure.name for structure in placed.unplaced],
        }
    return found


def text(answer: dict[str, Any]) -> str:
    """The answer for a terminal."""
    lines = _frame_lines(answer) if "field_mm" in answer else _web_lines(answer)
    if answer["gained"]:
        lines.append("what each freedom gained:")
        first = answer["gained"][0]["cells_per_m2"]
        for gain in answer["gained"]:
            more = f"{100 * (gain['cells_per_m2'] / first - 1):+7.2f} %" if first else ""
            lines.append(
                f"  {gain['freedom']:<36} {gain['cells']:>8} cells {gain['cells_per_m2']:>12.1f} /m2 {more}"
            )
    return "\n".join(lines)


def _proof(answer: dict[str, Any], bound: int) -> str:
    if answer["proved_optimal"]:
        return f"optimal ({answer['proof']})"
    return f"at most {bound} (gap {plain(answer['gap_percent'], 3)} %)"


def _frame_lines(answer: dict[str, Any]) -> list[str]:
    field, cell = answer["field_mm"], answer["cell_mm"]
    return [
        f"{answer['cells']} cells of {plain(cell['length'])} x {plain(cell['width'])} mm, kerf "
        f"{plain(answer['kerf_mm'])} mm, in {plain(field['width'])} x {plain(field['length'])} mm",
        f"{_proof(answer, answer['bound_cells'])}; method: {answer['method']}; blocks: {len(answer['blocks'])}",
    ]


def _web_lines(answer: dict[str, Any]) -> list[str]:
    cell = answer["cell_mm"]
    lines = [
        f"{answer['cells_per_repeat']} cells of {plain(cell['length'])} x {plain(cell['width'])} mm in a repeat of "
        f"{plain(answer['repeat_mm'])} mm on a {plain(answer['web_mm'])} mm web ({answer['regime']})",
        f"{plain(answer['cells_per_m'], 7)} cells per metre, {plain(answer['cells_per_m2'], 7)} per m2, "
        f"{100 * answer['utilization']:.2f} % of the web is cell",
        f"{_proof(answer, answer['bound_cells_per_repeat'])}; method: {answer['method']}",
    ]
    for number, field in enumerate(answer["fields"], 1):
        content = f"{counted(field['cells'], 'cell')} in {counted(len(field['blocks']), 'block')}"
        lines.append(
            f"  field {number}: {plain(field['width_mm'])} x {plain(field['length_mm'])} mm at x = "
            f"{plain(field['x_mm'])} mm, {content}"
        )
    if "structures" in answer:
        structures = answer["structures"]
        lines.append(f"test structures cost {structures['cost_cells']} cells:")
        lines += [
            f"  {place['name']}: {plain(place['width_mm'])} x {plain(place['length_mm'])} mm at "
            f"({plain(place['x_mm'])}, {plain(place['y_mm'])}) mm, {place['cost_cells']} cells"
            for place in structures["placed"]
        ]
        lines += [f"  {name}: fits into no field" for name in structures["unplaced"]]
    return lines
