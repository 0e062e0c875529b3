"""Where nothing fits: the nearest value of each input alone that would, each verified by asking again."""

import math
from collections.abc import Callable

from layoutgen.errors import DoesNotFit, Input, Nearest, Problem, listed
from layoutgen.solver.asked import asked_text, least_voltage_v
from layoutgen.solver.question import Question, Variant
from layoutgen.units import duration_text, parse_pulse, plain, pulse_text

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
        after = f" after {plain(question.spec.cycles)} cycles" if question.spec.cycles else ""
        asked.append(f"{plain(limits.capacity_mah)} mAh{after}")
    else:
        asked.append("a part")
    if math.isfinite(max(limits.sides_mm)):
        asked.append(f"in {plain(limits.sides_mm[0])} x {plain(limits.sides_mm[1])} mm")
    if math.isfinite(limits.height_mm):
        asked.append(f"within {plain(limits.height_mm)} mm height")
    radius_mm = question.spec.bend_radius
    if radius_mm is not None:
        asked.append(f"{'built curved' if question.spec.curved else 'bent'} to {plain(radius_mm)} mm")
    electrical = asked_text(question.spec)
    if electrical:
        asked.append(electrical)
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
    if found.current_ma is not None:
        offered.append(Input("current", f"{plain(found.current_ma)}mA"))
    if found.pulse is not None:
        offered.append(Input("pulse", found.pulse))
    if found.lowest_voltage_v is not None:
        offered.append(Input("lowest_voltage", plain(found.lowest_voltage_v)))
    if found.charge_time_s is not None:
        offered.append(Input("charge_time", duration_text(found.charge_time_s).replace(" ", "")))
    if found.temperature_c is not None:
        offered.append(Input("temperature", plain(found.temperature_c)))
    if found.cycles is not None:
        offered.append(Input("cycles", plain(found.cycles)))
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
    found = found._replace(cycles=_most_cycles(question, answers))
    return _with_electrical(question, answers, found)


def _most_cycles(question: Question, answers: Answers) -> int | None:
    """The most cycles, in whole numbers and to three digits, after which the capacity is still there."""
    asked = question.spec.cycles
    if not asked or question.limits.capacity_mah is None:
        return None

    def holds(cycles: float) -> bool:
        return fits(question.asking(cycles=cycles))

    # no more than three digits, and never more than the cycles that were found
    most = math.floor(_closest(holds, 1.0, asked, 3) or 0) if asked > 1 else 0
    if not most and not holds(0.0):
        return None
    return most if answers(question.asking(cycles=float(most))) else None


def _with_electrical(question: Question, answers: Answers, found: Nearest) -> Nearest:
    """The nearest load, lowest voltage, charge time and temperature, each alone."""
    spec = question.spec

    def least(values: Callable[[float], dict[str, object]], easy: float, hard: float, digits: int) -> float | None:
        """The value closest to ``hard`` with which it fits, rounded towards ``easy``."""
        value = _closest(lambda item: fits(question.asking(**values(item))), easy, hard, digits)
        return value if value is not None and answers(question.asking(**values(value))) else None

    if spec.pulse is not None:
        current, seconds, period = parse_pulse(spec.pulse)
        pulse = least(lambda ma: {"pulse": pulse_text(ma, seconds, period)}, current * 1e-3, current, 3)
        found = found._replace(pulse=None if pulse is None else pulse_text(pulse, seconds, period))
    elif spec.current is not None:
        found = found._replace(current_ma=least(lambda ma: {"current": ma}, spec.current * 1e-3, spec.current, 3))
    elif spec.load is not None:
        steps = spec.load

        def part(share: float) -> dict[str, object]:
            return {"load": tuple((seconds, current * share) for seconds, current in steps)}

        found = found._replace(load_share=least(part, 1e-3, 1.0, 3))
    if spec.lowest_voltage is not None:
        # what the process itself allows is as far down as can be asked for
        least_v = max((least_voltage_v(variant.loaded.pdk) for variant in question.variants), default=0.1)
        if least_v < spec.lowest_voltage:
            volts = least(lambda volts: {"lowest_voltage": volts}, least_v, spec.lowest_voltage, 3)
            found = found._replace(lowest_voltage_v=volts)
    if spec.charge_time is not None:
        found = found._replace(charge_time_s=least(lambda s: {"charge_time": s}, 1e7, spec.charge_time, 3))
    if spec.temperature is not None and spec.temperature < _WARMEST_C:
        warm = least(lambda c: {"temperature": c - _SHIFT_C}, _WARMEST_C + _SHIFT_C, spec.temperature + _SHIFT_C, 4)
        found = found._replace(temperature_c=None if warm is None else round(warm - _SHIFT_C, 1))
    return found


_WARMEST_C = 60.0
_SHIFT_C = 273.15
"""Temperatures are halved in kelvin, where all are above zero."""


def _closest(holds: Callable[[float], bool], easy: float, hard: float, digits: int) -> float | None:
    """The value closest to ``hard`` that holds, to so many digits towards ``easy``, by halving; None where none."""
    if not holds(easy):
        return None
    while abs(math.log(hard / easy)) > 1e-5:
        middle = math.sqrt(easy * hard)
        easy, hard = (middle, hard) if holds(middle) else (easy, middle)
    step = 10.0 ** (math.floor(math.log10(easy)) - digits + 1)
    rounded = (math.ceil if easy > hard else math.floor)(
        easy / step * (1 + (1e-9 if easy < hard else -1e-9))
    ) * step
    value = float(plain(rounded, 12))
    return value if holds(value) else easy


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
