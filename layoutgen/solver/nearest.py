"""Where nothing fits: the nearest value of each input alone that would, each verified by asking again."""

import math
from collections.abc import Callable

from layoutgen.errors import DoesNotFit, Input, Nearest, Problem, listed
from layoutgen.solver.question import Question, Variant
from layoutgen.units import plain

_STEP_MM = 0.01
_WIDEST_MM = 1e5

Answers = Callable[[Question], bool]


def fits(question: Question) -> bool:
    """Whether some design meets the limits (a charge that must be reached, or room for one layer)."""
    target = question.limits.capacity_mah
    if question.spec.aspect is not None:
        return any(_has_cell(question, variant) for variant in question.variants)
    most = most_mah(question)
    return most > 0 if target is None else most >= target * (1 - 1e-12)


def _has_cell(question: Question, variant: Variant) -> bool:
    """Whether some candidate keeps the rules; those that do not make place for larger ones."""
    known = -1
    while known < variant.makeable.known:
        known, space = variant.makeable.known, question.space(variant)
        for cells in question.candidates(space):
            pairs = zip(cells.length.tolist(), cells.width.tolist(), strict=True)
            if any(space.allows(length, width) for length, width in pairs):
                return True
    return False


def most_mah(question: Question) -> float:
    """The most rated charge within the limits."""
    return max(question.space(variant).most_mah() for variant in question.variants)


def does_not_fit(question: Question, answers: Answers) -> DoesNotFit:
    """The verdict for a question without an answer; what is offered, ``answers`` must find an answer for."""
    limits = question.limits
    asked = []
    if limits.capacity_mah is not None:
        asked.append(f"{plain(limits.capacity_mah)} mAh")
    if math.isfinite(max(limits.sides_mm)):
        asked.append(f"in {plain(limits.sides_mm[0])} x {plain(limits.sides_mm[1])} mm")
    if math.isfinite(limits.height_mm):
        asked.append(f"within {plain(limits.height_mm)} mm height")
    radius_mm = question.spec.bend_radius
    if radius_mm is not None:
        asked.append(f"{'built curved' if question.spec.curved else 'bent'} to {plain(radius_mm)} mm")
    found = nearest(question, answers)
    what = f"{' '.join(asked)} does not fit with process {question.pdk.name}{_barred(question)}"
    offered = _offered(found)
    remedy = listed(offered) if offered else "no single change makes it fit; relax two of the limits"
    return DoesNotFit(Problem(what, remedy=remedy), found)


def _offered(found: Nearest) -> list[Input]:
    offered = []
    if found.capacity_mah is not None:
        offered.append(Input("capacity", plain(found.capacity_mah)))
    if found.height_mm is not None:
        offered.append(Input("height", plain(found.height_mm)))
    if found.footprint_mm is not None:
        sides = ("?" if side is None else plain(side) for side in found.footprint_mm)
        offered.append(Input("footprint", "x".join(sides)))
    if found.bend_radius_mm is not None:
        offered.append(Input("bend_radius", plain(found.bend_radius_mm)))
    return offered


def _barred(question: Question) -> str:
    """The rules that keep out the largest cell that the limits have room for, where they do."""
    variant = question.variants[0]
    space = question.space(variant)
    if not space.layers_max or space.corners():
        return ""
    largest = [cell for cell in map(space.largest_um, space.boxes) if cell]
    return f": the largest cell in it {variant.makeable.why_not(largest[0])}" if largest else ""


def nearest(question: Question, answers: Answers) -> Nearest:
    """The nearest values with each of which alone the question has an answer, all else as asked."""
    limits, found = question.limits, Nearest()
    if limits.capacity_mah is not None:
        most = _floor_to(most_mah(question), 3)
        less = question.with_limits(capacity_mah=most)
        if most > 0 and question.spec.aspect is None and fits(less) and answers(less):
            found = found._replace(capacity_mah=float(plain(most)))
    if math.isfinite(limits.height_mm):
        height = _lowest(question)
        if height is not None and answers(question.with_limits(height_mm=height)):
            found = found._replace(height_mm=height)
    if any(math.isfinite(side) for side in limits.sides_mm):
        sides = _smallest_footprint(question)
        if sides is not None and answers(question.with_limits(sides_mm=sides)):
            first, second = (None if math.isinf(side) else side for side in sides)
            found = found._replace(footprint_mm=(first, second))
    if question.spec.bend_radius is not None:
        radius = _tightest(question)
        if radius is not None and answers(question.with_limits(bend_radius_mm=radius)):
            found = found._replace(bend_radius_mm=radius)
    return found


def _tightest(question: Question) -> float | None:
    """The smallest bending radius that fits, to three digits, by halving; None where none does."""
    low, high = question.spec.bend_radius or 0.0, _WIDEST_MM
    if not fits(question.with_limits(bend_radius_mm=high)):
        return None
    while high / low > 1 + 1e-4:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if fits(question.with_limits(bend_radius_mm=middle)) else (middle, high)
    step = 10.0 ** (math.floor(math.log10(high)) - 2)
    return round(math.ceil(high / step - 1e-9) * step, 6)


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
