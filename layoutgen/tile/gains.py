"""What each freedom of the tiler gained: the same question with one freedom after the other given."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from layoutgen.tile.model import Effort, Packing, Regime, WebPlan
from layoutgen.tile.pack import pack
from layoutgen.tile.web import plan_web


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


def web_gains(plan: WebPlan) -> tuple[Gain, ...]:
    """From equal largest fields with a grid to the plan itself. FIELDS and FIXED; lanes on a FREE web have no
    steps between.
    """
    frame = plan.frame
    found: list[Gain] = []
    if frame.regime is Regime.FIELDS:
        found += _equal_fields(plan)
        standard = plan_web(frame, plan.cell, effort=Effort.STANDARD)
        found.append(_gain("field widths and length", standard))
    found.append(_gain("whole ladder", plan))
    if frame.rotation_allowed:
        upright = max(
            (
                plan_web(replace(frame, rotation_allowed=False), cell, effort=Effort.STANDARD)
                for cell in (plan.cell, (plan.cell[1], plan.cell[0]))
            ),
            key=lambda other: other.cells_per_repeat / other.repeat_length,
        )
        found.append(_gain("the same without turning", upright))
    if frame.regime is not Regime.FREE:
        free = replace(frame, regime=Regime.FREE, repeat_length=None)
        found.append(_gain("the same on a web without fields", plan_web(free, plan.cell)))
    return tuple(found)


def _gain(name: str, plan: WebPlan) -> Gain:
    return Gain(name, plan.cells_per_repeat, plan.frame.width * plan.repeat_length)


def _equal_fields(plan: WebPlan) -> Iterator[Gain]:
    """As few equal fields as reach across the web, each as long as allowed."""
    frame = plan.frame
    fields = -(-(frame.usable + frame.field_gap) // (frame.field_width + frame.field_gap))
    width = min(frame.field_width, (frame.usable + frame.field_gap) // fields - frame.field_gap)
    reach = max(0, width - frame.kerf), max(0, frame.field_length - frame.kerf)
    item = plan.cell[0] + frame.kerf, plan.cell[1] + frame.kerf
    area = frame.width * (frame.field_length + frame.field_gap)
    turns = [item, (item[1], item[0])] if frame.rotation_allowed else [item]
    yield Gain("grid in equal fields", fields * max((reach[0] // u) * (reach[1] // v) for u, v in turns), area)
    if frame.rotation_allowed:
        yield Gain("lanes", fields * pack(reach, item, effort=Effort.QUICK).count, area)
        yield Gain("strips", fields * pack(reach, item).count, area)
