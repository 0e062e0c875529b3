"""What each freedom of the tiler gained: the same question with one freedom after the other given."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from layoutgen.tile.model import Effort, Packing
from layoutgen.tile.pack.frame import pack
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.tile.webplan.slit import strip_frames
from layoutgen.web.plan import Regime, WebFrame, WebPlan


@dataclass(frozen=True, slots=True)
class Gain:
    """Cells with all freedoms up to this one, on ``area`` of frame or web (square units)."""

    freedom: str
    cells: int
    area: int

    @property
    def density(self) -> float:
        return self.cells / self.area if self.area else 0.0


def frame_gains(packing: Packing, *, rotation_allowed: bool) -> tuple[Gain, ...]:
    """One orientation, the better grid, lanes, 3-stage strips, and the packing itself."""
    frame, item = packing.frame, packing.item
    area = frame[0] * frame[1]
    steps = [("one orientation", (frame[0] // item[0]) * (frame[1] // item[1]))]
    if rotation_allowed:
        other = (frame[0] // item[1]) * (frame[1] // item[0])
        steps.append(("better orientation", max(steps[0][1], other)))
        lanes = pack(frame, item, effort=Effort.QUICK).count
        steps.append(("lanes", lanes))
        steps.append(("strips", max(lanes, pack(frame, item, effort=Effort.STANDARD).count)))
    steps.append(("whole ladder", packing.count))
    return tuple(Gain(name, count, area) for name, count in steps)


def web_gains(plan: WebPlan, effort: Effort = Effort.STANDARD) -> tuple[Gain, ...]:
    """From equal largest fields with a grid to the plan itself, then what other ways to use the web would give, and
    what zones and structures cost.

    Args:
        plan: as planned with ``effort``; what is packed again here takes milliseconds at the standard one.
        effort: of the plan.
    """
    frame, cell = plan.frame, plan.cell
    bare = plan
    if plan.zones:
        # every reader of a design.json works this out again: it must stay quick, whatever the plan took
        bare, effort = plan_web(frame, cell), Effort.STANDARD
    found = [] if frame.regime is Regime.FREE else list(_equal_fields(frame, cell))
    if frame.regime is Regime.FIELDS:
        found.append(_gain("field widths and length", _at_standard(bare, effort)))
    if frame.regime is Regime.FREE:
        found.append(_gain("lanes", bare))
    elif effort > Effort.STANDARD:
        found.append(_gain("whole ladder", bare))
    found += _other_ways(frame, cell)
    if plan.zones:
        found.append(_gain("zones kept free", plan))
    if plan.structures:
        found.append(Gain("with test structures", plan.cells_per_repeat, frame.width * plan.repeat_length))
    return tuple(found)


def gains_record(gains: Sequence[Gain], dbu_nm: int, width: int = 0) -> list[dict[str, Any]]:
    """What each freedom gained as JSON, the first step being 0 percent.

    Args:
        gains: of one web or field.
        dbu_nm: the unit that they count in.
        width: of the web, to state the length of each repeat; 0 for a field.
    """
    return [
        {
            "freedom": gain.freedom,
            "cells": gain.cells,
            **({"repeat_mm": gain.area // width * dbu_nm * 1e-6} if width else {}),
            "cells_per_m2": gain.density / (dbu_nm * 1e-9) ** 2,
            "more_percent": (gain.density / gains[0].density - 1) * 100 if gains[0].cells else None,
        }
        for gain in gains
    ]


def _at_standard(plan: WebPlan, effort: Effort) -> WebPlan:
    return plan if effort is Effort.STANDARD else plan_web(plan.frame, plan.cell)


def _other_ways(frame: WebFrame, cell: tuple[int, int]) -> Iterator[Gain]:
    if frame.rotation_allowed:
        still = replace(frame, rotation_allowed=False)
        plans = (plan_web(still, sides) for sides in (cell, cell[::-1]))
        yield _gain(
            "the same without turning", max(plans, key=lambda plan: plan.cells_per_repeat / plan.repeat_length)
        )
    if frame.regime is not Regime.FREE:
        free = replace(frame, regime=Regime.FREE, repeat_length=None)
        yield _gain("the same on a web without fields", plan_web(free, cell))
    if frame.slits:
        yield _gain("the same without slits", plan_web(replace(frame, slits=()), cell))


def _gain(name: str, plan: WebPlan) -> Gain:
    """Cells of a plan, those that structures displaced among them."""
    return Gain(name, plan.cells_per_repeat + plan.structures_cost_cells, plan.frame.width * plan.repeat_length)


def _equal_fields(frame: WebFrame, cell: tuple[int, int]) -> Iterator[Gain]:
    """As few equal fields as reach across each strip of the web, each as long as allowed; one where the repeat is
    given."""
    item = cell[0] + frame.kerf, cell[1] + frame.kerf
    rooms = [_equal_room(strip) for _, strip in strip_frames(frame)]
    repeat = frame.repeat_length or frame.field_length + frame.field_gap
    steps: list[tuple[str, Callable[[tuple[int, int]], int]]] = [
        ("grid in equal fields", lambda reach: _better_grid(reach, item, turn=frame.rotation_allowed))
    ]
    if frame.rotation_allowed:
        steps.append(("lanes", lambda reach: pack(reach, item, effort=Effort.QUICK).count))
        steps.append(("strips", lambda reach: pack(reach, item).count))
    for name, count in steps:
        yield Gain(name, sum(number * count(reach) for number, reach in rooms), frame.width * repeat)


def _equal_room(frame: WebFrame) -> tuple[int, tuple[int, int]]:
    """How many equal fields a web without slits has, and the room for inflated cells in each."""
    fields, width, length = 1, frame.usable, (frame.repeat_length or 0) - frame.field_gap
    if frame.regime is Regime.FIELDS:
        fields = -(-(frame.usable + frame.field_gap) // (frame.field_width + frame.field_gap))
        width = min(frame.field_width, (frame.usable + frame.field_gap) // fields - frame.field_gap)
        length = frame.field_length
    return fields, (max(0, width - frame.kerf), max(0, length - frame.kerf))


def _better_grid(reach: tuple[int, int], item: tuple[int, int], *, turn: bool) -> int:
    return max((reach[0] // u) * (reach[1] // v) for u, v in ([item, item[::-1]] if turn else [item]))
