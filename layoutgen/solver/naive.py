"""What an engineer would do by hand: fill the footprint, count the layers, take the better plain grid."""

import math

from layoutgen.sizing.process import process_of
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.question import Question
from layoutgen.solver.solution import Naive
from layoutgen.tile.webplan.slit import strip_frames
from layoutgen.web.plan import Regime, WebFrame


def naive_design(question: Question, frame: WebFrame, um_dbu: int) -> Naive | None:
    """The naive answer to a question, or None where the footprint is free or no capacity is asked for.

    The largest cell in the footprint, the fewest layers that reach the target; fields as few and as wide as they
    can equally be, in each the better of the upright and the turned grid.
    """
    target = question.limits.capacity_mah
    if target is None or not math.isfinite(max(question.limits.sides_mm)):
        return None
    variant = question.variants[0]
    space = question.space(variant)
    best: Naive | None = None
    for length, width in space.corners():
        area = float(space.length.active_um[length] * space.width.active_um[width]) * 1e-8
        enough = [
            number
            for number in range(1, space.layers_max + 1)
            if float(space.usable_mah(number, length, width)) >= target * (1 - 1e-12)
        ]
        if not enough:
            continue
        cell = float(space.length.cell_um[length]), float(space.width.cell_um[width])
        per_m2 = _grid_cells_per_um2(frame, cell, um_dbu) * 1e12
        good = float(good_devices_per_cell(process_of(variant.loaded.pdk), enough[0], area))
        found = Naive(enough[0], (cell[0] / 1000, cell[1] / 1000), per_m2, per_m2 * good)
        if best is None or found.devices_per_m2_good > best.devices_per_m2_good:
            best = found
    return best


def _grid_cells_per_um2(frame: WebFrame, cell_um: tuple[float, float], um_dbu: int) -> float:
    if frame.slits:
        strips = (strip for _, strip in strip_frames(frame))
        return sum(_grid_cells_per_um2(strip, cell_um, um_dbu) * strip.width for strip in strips) / frame.width
    u, v = (round(side * um_dbu) + frame.kerf for side in cell_um)
    turns = ((u, v), (v, u)) if frame.rotation_allowed else ((u, v),)
    if frame.regime is Regime.FREE:
        return (
            max((frame.usable - frame.kerf) // across / (frame.width * along) for across, along in turns)
            * um_dbu**2
        )
    if frame.regime is Regime.FIXED and frame.repeat_length is not None:
        fields, width = 1, frame.usable
        length, repeat = frame.repeat_length - frame.field_gap, frame.repeat_length
    else:
        fields = math.ceil((frame.usable + frame.field_gap) / (frame.field_width + frame.field_gap))
        width = (frame.usable + frame.field_gap) // fields - frame.field_gap
        length, repeat = frame.field_length, frame.field_length + frame.field_gap
    best = max(((width - frame.kerf) // across) * ((length - frame.kerf) // along) for across, along in turns)
    return fields * best / (frame.width * repeat) * um_dbu**2
