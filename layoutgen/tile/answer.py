"""What ``layoutgen tile`` says: the same facts as text and as JSON."""

from collections.abc import Sequence
from typing import Any

from layoutgen.tile.model import Packing
from layoutgen.tile.webplan.gains import Gain, gains_record
from layoutgen.units import counted, plain, rounded
from layoutgen.web.plan import Structure, WebPlan
from layoutgen.web.record import Unit, block_record, plan_record

SCHEMA = "layoutgen.tile/2"
DBU_NM = 1


def frame_json(packing: Packing, cell: tuple[int, int], kerf: int, gains: Sequence[Gain]) -> dict[str, Any]:
    """A field on its own; block corners are those of finished cells from the field's lower left."""
    unit = Unit(DBU_NM)
    answer: dict[str, Any] = rounded(
        {
            "schema": SCHEMA,
            "field_mm": {"width": unit.mm(packing.frame[0] - kerf), "length": unit.mm(packing.frame[1] - kerf)},
            "cell_mm": {"length": unit.mm(cell[0]), "width": unit.mm(cell[1])},
            "kerf_mm": unit.mm(kerf),
            "cells": packing.count,
            "bound_cells": packing.upper_bound,
            "gap_percent": packing.gap_percent,
            "proved_optimal": packing.proved_optimal,
            "proof": packing.proof,
            "method": packing.method,
            "blocks": [block_record(block, packing.item, unit) for block in packing.blocks],
            "gained": gains_record(gains, DBU_NM),
        }
    )
    return answer


def web_json(plan: WebPlan, gains: Sequence[Gain], unplaced: Sequence[Structure]) -> dict[str, Any]:
    """A repeat of the web as in design.json, and structures that fit into no field."""
    answer: dict[str, Any] = rounded(
        {
            "schema": SCHEMA,
            **plan_record(plan, DBU_NM),
            "unplaced": [structure.name for structure in unplaced],
            "gained": gains_record(gains, DBU_NM, plan.frame.width),
        }
    )
    return answer


def text(answer: dict[str, Any]) -> str:
    """The answer for a terminal."""
    lines = _frame_lines(answer) if "field_mm" in answer else _web_lines(answer)
    if answer["gained"]:
        lines.append("what each freedom gained:")
        for gain in answer["gained"]:
            more = "" if gain["more_percent"] is None else f"{gain['more_percent']:+7.2f} %"
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
    cell, repeat = answer["cell_mm"], answer["repeat_mm"]
    lines = [
        f"{answer['cells_per_repeat']} cells of {plain(cell['length'])} x {plain(cell['width'])} mm in a repeat of "
        f"{plain(repeat['length'])} mm on a {plain(repeat['width'])} mm web ({answer['regime']})",
        f"{plain(answer['cells_per_m'], 7)} cells per metre, {plain(answer['cells_per_m2'], 7)} per m2, "
        f"{100 * answer['utilization']:.2f} % of the web is cell",
        f"{_proof(answer, answer['bound_cells_per_repeat'])}; method: {answer['method']}",
    ]
    for number, field in enumerate(answer["fields"], 1):
        blocks = sum(block["field"] == number for block in answer["blocks"])
        lines.append(
            f"  field {number}: {plain(field['width_mm'])} x {plain(field['length_mm'])} mm at x = "
            f"{plain(field['x_mm'])} mm, {counted(field['cells'], 'cell')} in {counted(blocks, 'block')}"
        )
    if answer["structures"] or answer["unplaced"]:
        lines.append(f"test structures cost {answer['structures_cost_cells']} cells:")
        lines += [
            f"  {place['name']}: {plain(place['width_mm'])} x {plain(place['height_mm'])} mm at "
            f"({plain(place['x_mm'])}, {plain(place['y_mm'])}) mm, {place['cost_cells']} cells"
            for place in answer["structures"]
        ]
        lines += [f"  {name}: fits into no field" for name in answer["unplaced"]]
    return lines
