"""Where nothing fits: the nearest value of each input alone that would, each verified by asking again."""

import math

from layoutgen.errors import DoesNotFit, Problem
from layoutgen.solver.question import Question
from layoutgen.units import plain

_STEP_MM = 0.01


def fits(question: Question) -> bool:
    """Whether some design meets the limits (a charge that must be reached, or room for one layer)."""
    target = question.limits.capacity_mah
    if question.spec.aspect is not None:
        return any(
            len(cells) for variant in question.variants for cells in question.candidates(question.space(variant))
        )
    most = most_mah(question)
    return most > 0 if target is None else most >= target * (1 - 1e-12)


def most_mah(question: Question) -> float:
    """The most rated charge within the limits."""
    return max(question.space(variant).most_mah() for variant in question.variants)


def does_not_fit(question: Question) -> DoesNotFit:
    """The verdict for a question without an answer."""
    limits = question.limits
    asked = []
    if limits.capacity_mah is not None:
        asked.append(f"{plain(limits.capacity_mah)} mAh")
    if math.isfinite(max(limits.sides_mm)):
        asked.append(f"in {plain(limits.sides_mm[0])} x {plain(limits.sides_mm[1])} mm")
    if math.isfinite(limits.height_mm):
        asked.append(f"within {plain(limits.height_mm)} mm height")
    found = nearest(question)
    remedy = "; ".join(f"{option} {text}" for option, text in found.items())
    return DoesNotFit(
        Problem(
            f"{' '.join(asked)} does not fit with process {question.pdk.name}",
            remedy=remedy or "no single change makes it fit; relax two of the limits",
        )
    )


def nearest(question: Question) -> dict[str, str]:
    """Option -> nearest value with which the question has an answer, all else as asked."""
    limits = question.limits
    found: dict[str, str] = {}
    if limits.capacity_mah is not None:
        most = _floor_to(most_mah(question), 3)
        if most > 0 and question.spec.aspect is None and fits(question.with_limits(capacity_mah=most)):
            found["--mah"] = plain(most)
    if math.isfinite(limits.height_mm):
        height = _lowest(question)
        if height is not None:
            found["--height"] = plain(height)
    if any(math.isfinite(side) for side in limits.sides_mm):
        sides = _smallest_footprint(question)
        if sides is not None:
            found["--footprint"] = "x".join("?" if math.isinf(side) else plain(side) for side in sides)
    return found


def _lowest(question: Question) -> float | None:
    """The lowest height that fits, on a step of 0.01 mm, by halving."""
    low, high = 0.0, 100.0
    if not fits(question.with_limits(height_mm=high)):
        return None
    while high - low > _STEP_MM / 4:
        middle = (low + high) / 2
        low, high = (low, middle) if fits(question.with_limits(height_mm=middle)) else (middle, high)
    height = round(math.ceil(high / _STEP_MM - 1e-6) * _STEP_MM, 2)
    return height if fits(question.with_limits(height_mm=height)) else None


def _smallest_footprint(question: Question) -> tuple[float, float] | None:
    """The smallest enlargement of the footprint, in proportion, that fits."""
    sides = question.limits.sides_mm

    def scaled(factor: float) -> tuple[float, float]:
        first, second = (
            side if math.isinf(side) else math.ceil(side * factor / _STEP_MM - 1e-6) * _STEP_MM for side in sides
        )
        return round(first, 2), round(second, 2)

    low, high = 1.0, 1000.0 / min(side for side in sides if math.isfinite(side))
    if not fits(question.with_limits(sides_mm=scaled(high))):
        return None
    while high / low > 1 + 1e-5:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if fits(question.with_limits(sides_mm=scaled(middle))) else (middle, high)
    return scaled(high)


def _floor_to(value: float, digits: int) -> float:
    if value <= 0:
        return 0.0
    step: float = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    return math.floor(value / step + 1e-9) * step
