"""Explaining a solution, by asking the same question again with one thing changed."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from layoutgen.errors import LayoutgenError
from layoutgen.layout.dbu import web_frame
from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.quantity import Kind
from layoutgen.pdk.schema import Pdk
from layoutgen.pdk.values import numbers, quantities, with_value
from layoutgen.sizing.assembly import Order
from layoutgen.sizing.device import size_device
from layoutgen.sizing.process import process_of
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.asked import asked_of, relaxations
from layoutgen.solver.checked import UNSEEN
from layoutgen.solver.explanation import (
    AssumedRange,
    Explanation,
    OrderOutcome,
    Outcome,
    Price,
    Sensitivity,
    Without,
)
from layoutgen.solver.packing import Web
from layoutgen.solver.question import Makeables, Question, resolve
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import search_for, worth_of
from layoutgen.spec import Objective
from layoutgen.tile.webplan.density import searched_density
from layoutgen.tile.webplan.known import Densities
from layoutgen.units import plain
from layoutgen.web.plan import WebFrame

# relaxations that are tried, in percent of the limit
_RELAXATIONS = (0.5, 1.0, 2.0, 5.0)
_SENSITIVITIES = 12
_UNCERTAIN = frozenset({Kind.ASSUMED, Kind.DERIVED})
# values that only decide flags, marks or files, and never the answer
_NOT_FIGURES = (
    "marks.",
    "package.tolerance",
    "package.capacity",
    "package.reflow",
    "masks.",
    "web.size_grid",
    "structures.",
    "published.",
    "test.",
)

# numbers of the line that count in each order of stacking
_OF_TRAYS = ("lots", "estimate_correlation", "cycled", "trays")
_USED = {
    "web": ("order_correlation",),
    "shuffled": (),
    "mixed": ("lots",),
    "trays": _OF_TRAYS,
    "matched": _OF_TRAYS[:-1],
}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Known:
    """What the questions of one explanation share."""

    webs: dict[WebFrame, Densities] = field(default_factory=dict)
    cells: Makeables = field(default_factory=dict)
    """Of the process as it is, and with other films, yields and utilizations."""


def explain(solution: Solution, *, progress: Progress | None = None) -> Explanation:
    """Explain a solution in full; asks the solver some dozens of times.

    Args:
        solution: what :func:`layoutgen.solver.solve.solve` found.
        progress: called with a line of text before each part.
    """
    tell = progress or (lambda _: None)
    known = _Known()
    tell("pricing the limits")
    prices = tuple(_prices(solution, known))
    tell("computing sensitivities")
    found = sensitivities(solution)
    tell("trying the ends of every range")
    ranges = sorted(_ranges(solution, known), key=lambda item: (-_swing(item), item.path))
    tell("trying other orders of stacking")
    orders = tuple(_orders(solution, known))
    return Explanation(prices, found, tuple(ranges), orders, tuple(requirements_of(solution, known)))


def sensitivities(solution: Solution, most: int = _SENSITIVITIES) -> tuple[Sensitivity, ...]:
    """What one percent more of each PDK value does to the chosen design: its cell and layers kept.

    Returns:
        The ``most`` important values, by their largest effect.
    """
    pdk = solution.loaded.pdk
    stated = numbers(pdk)
    before = _figures(solution, pdk, stated)
    found = []
    for path, quantity in quantities(pdk):
        if not quantity.value or path.startswith(_NOT_FIGURES):
            continue
        # of a probability near one the loss is what varies: a percent more of 0.999 would be no probability
        loss = path.startswith("yield.") and quantity.unit == "1" and 0.5 < quantity.value < 1
        changed = 1 - (1 - quantity.value) * 1.01 if loss else quantity.value * 1.01
        try:
            after = _figures(solution, with_value(pdk, path, changed), {**stated, path: changed})
        except LayoutgenError:
            continue
        changes = (
            math.log(new / old) / math.log(1.01) if new > 0 else -math.inf
            for new, old in zip(after, before, strict=True)
        )
        name = f"1 - {path}" if loss else path
        item = Sensitivity(name, quantity.kind.value, *(round(max(change, -100.0), 6) + 0.0 for change in changes))
        if item.largest > 1e-4:
            found.append(item)
    return tuple(sorted(found, key=lambda item: (-item.largest, item.path))[:most])


def _figures(solution: Solution, pdk: Pdk, stated: dict[str, float]) -> tuple[float, ...]:
    """Rated capacity, height, good devices per m2, stack yield, resistance (at the temperature asked for) and
    continuous current of the chosen design under another process."""
    device, nm = solution.device, solution.dbu_nm
    template = solution.template.with_numbers(stated)
    cell = device.cell_length_um, device.cell_width_um
    sized = size_device(
        pdk, template, cell, device.layers, device.confidence, device.cycles, asked_of(solution.spec)
    )
    good = float(good_devices_per_cell(process_of(pdk), device.layers, sized.active_area_cm2))
    frame = solution.web.frame
    if pdk.web is not solution.loaded.pdk.web:
        frame = web_frame(_on_grid(pdk, nm), nm)
    if frame == solution.web.frame:
        density = solution.cells_per_m2
    else:
        size = tuple(round(side * 1000 / nm) for side in cell)
        density = searched_density(frame, (size[0], size[1])) * 1e18 / nm**2
    figures = sized.rated_mah, sized.package_height_um, density * good, sized.stack_yield
    return (*figures, sized.resistance_ohm, sized.max_continuous_ma)


def _on_grid(pdk: Pdk, dbu_nm: int) -> Pdk:
    """Web lengths moved to the nearest even multiple of the database unit, where a small change put them off."""
    step = 2 * dbu_nm / 1000
    for path, quantity in list(quantities(pdk)):
        if path.startswith("web.") and quantity.unit == "um":
            pdk = with_value(pdk, path, round(round(quantity.value / step) * step, 6))
    return pdk


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit of the question, the step in which it is relaxed, and the question with it relaxed by so much."""

    name: str
    value: float
    unit: str
    phrase: str
    relaxed: Callable[[float], Question]

    @property
    def step(self) -> float:
        return 0.01 if self.unit == "mm" else 0.01 * self.value


def _limits(question: Question) -> Iterator[_Limit]:
    limits = question.limits
    first, second = limits.sides_mm

    def sides(grow_first: float, grow_second: float) -> Question:
        return question.with_limits(sides_mm=(first + grow_first, second + grow_second))

    if math.isfinite(first):
        text = f"more on the {plain(first)} mm side"
        yield _Limit(f"{plain(first)} mm side", first, "mm", text, lambda by: sides(by, 0.0))
    if math.isfinite(second) and second != first:
        text = f"more on the {plain(second)} mm side"
        yield _Limit(f"{plain(second)} mm side", second, "mm", text, lambda by: sides(0.0, by))
    if math.isfinite(limits.height_mm):
        height = limits.height_mm
        yield _Limit("height", height, "mm", "more height", lambda by: question.with_limits(height_mm=height + by))
    target = limits.capacity_mah
    if target is not None and question.objective is not Objective.CAPACITY:
        yield _Limit(
            "capacity", target, "mAh", "less capacity", lambda by: question.with_limits(capacity_mah=target - by)
        )


def _prices(solution: Solution, known: _Known) -> Iterator[Price]:
    question = resolve(solution.spec, solution.loaded, frozenset(solution.search.waived), known.cells)
    web = Web.of(solution.loaded.pdk, known=known.webs)
    figure, base = _value(question, web)
    for limit in _limits(question):

        def gain(by: float, limit: _Limit = limit) -> float:
            return (_value(limit.relaxed(by), web)[1] / base - 1.0) * 100.0

        yield _price(limit, figure, gain)


def requirements_of(solution: Solution, known: _Known | None = None) -> Iterator[Without]:
    """The question asked again without each electrical requirement and without cycles, all others kept."""
    known = known or _Known()
    spec, device, own = solution.spec, solution.device, solution.good_devices_per_m2
    if spec.capacity is None or solution.objective == Objective.CAPACITY.value:
        return
    for requirement, fields in relaxations(spec):
        asked = replace(solution, spec=spec.model_copy(update=fields))
        layers, height_mm, good, *_ = _answer(asked, solution.loaded.pdk, known, known.cells)
        yield Without(
            requirement,
            layers,
            height_mm,
            good,
            None if layers is None else device.layers - layers,
            None if height_mm is None else round(device.package_height_um / 1000 - height_mm, 6) + 0.0,
            None if not good else round((own / good - 1) * 100, 6) + 0.0,
        )


def _price(limit: _Limit, figure: str, gain: Callable[[float], float]) -> Price:
    """The smallest relaxation that brings nearly all that the largest one brings."""
    step = limit.step
    tried = [max(1, round(limit.value * percent / 100 / step)) for percent in _RELAXATIONS]
    gains = {steps: gain(steps * step) for steps in tried}
    most = max(gains.values())
    if most < 0.005:
        by = round(tried[-1] * step, 6)
        text = f"{plain(by, 4)} {limit.unit} {limit.phrase} gains nothing"
        return Price(limit.name, by, limit.unit, 0.0, figure, text)
    enough = 0.8 * most
    high = min(steps for steps, reached in gains.items() if reached >= enough)
    low = max((steps for steps, reached in gains.items() if steps < high and reached < enough), default=0)
    while high - low > 1:
        middle = (low + high) // 2
        gains[middle] = gain(middle * step)
        low, high = (low, middle) if gains[middle] >= enough else (middle, high)
    by = round(high * step, 6)
    text = f"{plain(by, 4)} {limit.unit} {limit.phrase}: {gains[high]:+.2f} % {figure}"
    return Price(limit.name, by, limit.unit, gains[high], figure, text)


_FIGURES = {
    Objective.WEB: "good devices per m2",
    Objective.HEIGHT: "less height",
    Objective.FOOTPRINT: "less footprint",
    Objective.ENERGY_DENSITY: "energy density",
}


def _value(question: Question, web: Web) -> tuple[str, float]:
    """The figure of the objective with its name; larger is better, nothing where there is no design."""
    if question.objective is Objective.CAPACITY or question.limits.capacity_mah is None:
        return "rated capacity", worth_of(question, web)
    name = _FIGURES[question.objective] if question.objective else "weighted objective"
    return name, worth_of(question, web)


def _ranges(solution: Solution, known: _Known) -> Iterator[AssumedRange]:
    pdk = solution.loaded.pdk
    for path, quantity in quantities(pdk):
        if quantity.kind not in _UNCERTAIN or quantity.low is None or quantity.high is None:
            continue
        if path.startswith(_NOT_FIGURES) or _idle(path, pdk):
            continue
        low, high = (_outcome(solution, path, value, known) for value in (quantity.low, quantity.high))
        yield AssumedRange(path, quantity.unit, low, high)


def _outcome(solution: Solution, path: str, value: float, known: _Known) -> Outcome:
    """The question asked again with one value changed."""
    changed = _on_grid(with_value(solution.loaded.pdk, path, value), solution.dbu_nm)
    cells = known.cells if path.startswith((*UNSEEN, "stack.")) else None
    return Outcome(value, *_answer(solution, changed, known, cells))


def _idle(path: str, pdk: Pdk) -> bool:
    """Whether it is a number of the line that its order of stacking does not use."""
    return path.startswith("assembly.") and path.removeprefix("assembly.") not in _USED[pdk.assembly.order]


def _orders(solution: Solution, known: _Known) -> Iterator[OrderOutcome]:
    """The question asked again for a line that stacks in another order."""
    pdk = solution.loaded.pdk
    for order in Order:
        assembly = pdk.assembly.model_copy(update={"order": order.value})
        changed = pdk.model_copy(update={"assembly": assembly})
        yield OrderOutcome(order.value, *_answer(solution, changed, known, known.cells)[:3])


_Answer = tuple[int | None, float | None, float | None, float | None, float | None]


def _answer(solution: Solution, changed: Pdk, known: _Known, cells: Makeables | None) -> _Answer:
    """Layers, height, good devices, resistance and current of the answer under another process; None where none."""
    loaded: LoadedPdk = replace(solution.loaded, pdk=changed)
    spec = solution.spec.model_copy(update={"foil": None, "cathode": None})
    try:
        question = resolve(spec, loaded, frozenset(solution.search.waived), cells)
        result = search_for(question, Web.of(changed, known=known.webs))
    except LayoutgenError:
        result = None
    if result is None:
        return None, None, None, None, None
    best = result.chosen
    device = question.sized(changed, loaded.template.bind(changed), best.cell_um, best.layers)
    height_mm, good = device.package_height_um / 1000, 1e6 / best.web_mm2_per_good
    return best.layers, height_mm, good, device.resistance_ohm, device.max_continuous_ma


def _swing(item: AssumedRange) -> float:
    """How far the ends are apart, relative, in the figure that differs most; infinite where one has no answer."""
    pairs = [
        (item.low.good_devices_per_m2, item.high.good_devices_per_m2),
        (item.low.height_mm, item.high.height_mm),
        (item.low.resistance_ohm, item.high.resistance_ohm),
    ]
    if any(low is None or high is None for low, high in pairs):
        return math.inf
    return max(abs(math.log(high / low)) for low, high in pairs if low and high)
