"""What was done to a file as a whole, in words and numbers: another unit, a scale, a turn, a mirror image."""

import math
from typing import Final

from layoutgen.identity.answer import Difference
from layoutgen.identity.hypotheses import UNIT_FACTORS
from layoutgen.identity.similarity import Similarity
from layoutgen.identity.task import Task, shift_text

_AXES: Final = {
    0: ("y", "mirrored top to bottom: y became -y"),
    180: ("x", "mirrored left to right: x became -x"),
    90: ("diagonal", "mirrored at the diagonal: x and y changed places"),
    -90: ("antidiagonal", "mirrored at the other diagonal: x became -y and y became -x"),
}


def done_by(fit: Similarity, task: Task, masks: tuple[str, ...] = ()) -> list[Difference]:
    """What was done, for a similarity that lays the file back onto the design.

    Args:
        fit: from the file onto the design, in units of the comparison.
        task: the comparison.
        masks: the layers concerned, none for the whole file.
    """
    done = fit.inverse()
    found = [*_scaled(done, masks), *_mirrored_and_turned(done, masks)]
    shift = _shift(done, task)
    if shift is not None:
        x_mm, y_mm = task.mm(shift.real), task.mm(shift.imag)
        after = " after that" if found else ""
        text = f"{_what(masks)} shifted{after} {shift_text(x_mm, y_mm)}"
        found.append(Difference("shifted", text, masks, "everywhere", None, {"by_mm": [x_mm, y_mm]}))
    return found


def _what(masks: tuple[str, ...]) -> str:
    if not masks:
        return "everything was"
    return f"{masks[0]} was" if len(masks) == 1 else f"{', '.join(masks)} were"


def _scaled(done: Similarity, masks: tuple[str, ...]) -> list[Difference]:
    factor = float(f"{done.scale:.9g}")
    if factor == 1:
        return []
    numbers = {"factor": factor}
    for known, why in UNIT_FACTORS.items():
        if abs(factor / known - 1) < 1e-8:
            text = f"{_what(masks)} read in another unit: {_factor_text(known)} times as large, as with {why}"
            return [Difference("unit", text, masks, "everywhere", None, {"factor": known})]
    text = f"{_what(masks)} scaled: {_factor_text(factor)} times as large"
    return [Difference("scale", text, masks, "everywhere", None, numbers)]


def _factor_text(factor: float) -> str:
    """A factor, small ones as a part of 1."""
    if factor < 0.1:
        return f"1/{1 / factor:.10g}"
    return f"{factor:.10g}"


def _mirrored_and_turned(done: Similarity, masks: tuple[str, ...]) -> list[Difference]:
    angle = round(done.turn_deg, 6) + 0.0
    quarter = round(angle / 90) * 90
    rest = round(angle - quarter, 6)
    found = []
    if done.mirrored:
        axis, text = _AXES[-90 if quarter in {-90, 270} else 180 if abs(quarter) == 180 else quarter]
        found.append(Difference("mirrored", f"{_what(masks)} {text}", masks, "everywhere", None, {"axis": axis}))
        angle = rest
    if angle:
        angle = 180.0 if angle == -180 else angle
        way = "counter-clockwise" if angle > 0 else "clockwise"
        text = (
            f"{_what(masks)} turned by {abs(angle):.10g} degrees {way}"
            if abs(angle) != 180
            else (f"{_what(masks)} turned by 180 degrees")
        )
        found.append(Difference("turned", text, masks, "everywhere", None, {"angle_deg": angle}))
    return found


def _shift(done: Similarity, task: Task) -> complex | None:
    """The shift beside scale, turn and mirror image; None where turning about a natural middle explains it."""
    shift = done.shift
    slack = 1.5 * max(1.0, done.scale) + (0.0 if done.whole else 2.0)
    if abs(shift) <= (0.4 if done.whole else slack):
        return None
    middles = [0j] if not done.mirrored and math.isclose(done.turn_deg, 0) else []
    boxes = [mask.box() for mask in task.meant.values()]
    known = [box for box in boxes if box is not None]
    if known:
        x0, y0 = min(box[0] for box in known), min(box[1] for box in known)
        x1, y1 = max(box[2] for box in known), max(box[3] for box in known)
        middles.append(complex(x0 + x1, y0 + y1) / 2)
    left, low, right, high = task.places.repeat
    middles.append(complex(left + right, low + high) / 2)
    turning = Similarity(done.factor, 0j, done.mirrored)
    if done.factor == 1 and not done.mirrored:
        return shift
    for middle in middles:
        if abs(complex(middle - _at(turning, middle)) - shift) <= slack + 1:
            return None
    # back to where the lower left corner was is what programs do after a turn
    return shift


def _at(by: Similarity, point: complex) -> complex:
    return by.factor * (point.conjugate() if by.mirrored else point) + by.shift
