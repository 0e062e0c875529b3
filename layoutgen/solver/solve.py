"""The station between question and design: search, then the answer in full."""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from layoutgen.errors import DesignError, DoesNotFit, Input, Key, Problem, SpecError
from layoutgen.mechanics.asked import as_used
from layoutgen.pdk.load import LoadedPdk
from layoutgen.sizing.device import DeviceDesign
from layoutgen.solver.alternatives import alternatives, searched_neighbours
from layoutgen.solver.binding import bindings
from layoutgen.solver.checked import may_break_rules, require_rules
from layoutgen.solver.kit import kit_of
from layoutgen.solver.naive import naive_design
from layoutgen.solver.nearest import does_not_fit, fits, most_mah
from layoutgen.solver.neighbours import neighbours
from layoutgen.solver.packing import Web
from layoutgen.solver.question import Question, resolve
from layoutgen.solver.search import Candidate, SearchResult, known_cost, search
from layoutgen.solver.solution import Binding, SearchSummary, Solution
from layoutgen.solver.space import Cells, Space
from layoutgen.solver.worth import numbers_worth
from layoutgen.spec import Goal, Objective, Spec, Zone
from layoutgen.tile.model import Effort
from layoutgen.units import plain
from layoutgen.web.plan import WebPlan

# designs whose web is packed again with more effort once the search is done
_REFINED = 3

# a footprint that is so many times the package is not one that anybody would fill
_FAR_LARGER = 1.5
# an answer that is better by less is the same
_BETTER = 5e-5

Progress = Callable[[str], None]


def solve(
    spec: Spec,
    loaded: LoadedPdk | None = None,
    *,
    progress: Progress | None = None,
    compare: bool = True,
    waived: Collection[str] = (),
) -> Solution:
    """Find the best design that meets a spec.

    Args:
        spec: the question.
        loaded: its process, which must be what the spec asks for; loaded as the spec says where not given.
        progress: called with a line of text before each longer step.
        compare: also work out the designs with neighbouring numbers of layers; half of the time goes there.
        waived: design rules that the answer may break, since somebody has accepted it.

    Raises:
        SpecError, PdkError, TemplateError: the input is wrong, or spec and kit disagree.
        DoesNotFit: no design meets the question; says the nearest values that would.
        RuleError, PreflightError: the process was changed so that the answer breaks rules, or cannot be drawn.
    """
    tell = progress or (lambda _: None)
    loaded = kit_of(spec, loaded)
    question = resolve(spec, loaded, frozenset(waived))
    web = Web.of(loaded.pdk, loaded.structures)
    tell("searching layer count and cell dimensions")
    answer = find(question, web, counted=True)
    tell("comparing with other designs")
    return _solution(question, answer, web, compare=compare)


@dataclass(frozen=True, slots=True)
class Answer:
    """The chosen design with its web, and the search that found it."""

    result: SearchResult
    chosen: Candidate
    plan: WebPlan


def find(question: Question, web: Web, *, counted: bool = False) -> Answer:
    """The best design for a question, its web packed with more effort than the search spends.

    Where it need not be ``counted`` how many designs were considered, most are not even listed.

    Raises:
        DoesNotFit: no design meets the question.
        RuleError, PreflightError: the process was changed so that the answer breaks rules, or cannot be drawn.
    """
    if all(variant.makeable.always_broken() for variant in question.variants):
        question.variants[0].makeable.require_some()
    if not fits(question):
        raise does_not_fit(question, lambda other: _has_answer(other, web))
    result = _best(question, web, counted=counted)
    if result is None:
        raise DoesNotFit(
            Problem(
                "the cell does not fit on the web",
                Key("web"),
                "cells that fit whole inside a field of the process",
                "a smaller " + Input("footprint") + ", or " + Input("set.web.field_width"),
            )
        )
    effort = Effort[question.spec.effort.name]
    chosen, plan = _refined(result, web, effort, question.indifference, question.spec.zones)
    if not plan.fields:
        what = f"no cell of {plain(chosen.cell_um[0] / 1000)} x {plain(chosen.cell_um[1] / 1000)} mm is left"
        raise DoesNotFit(Problem(what, Input("zones"), "zones that leave room on the web"))
    answer = Answer(result, chosen, plan)
    if may_break_rules(question.spec, question.variants[chosen.variant].loaded):
        variant = question.variants[chosen.variant]
        device, dbu_nm = _device(question, chosen), 1000 // web.um_dbu
        require_rules(question.spec, variant.loaded, variant.template, device, plan, dbu_nm, question.waived)
    return answer


def _has_answer(question: Question, web: Web) -> bool:
    """Whether a question that fits is answered: cells may fit on no web, or break rules of a changed process."""
    if not any(may_break_rules(question.spec, variant.loaded) for variant in question.variants):
        return _best(question, web) is not None
    try:
        find(question, web)
    except (DesignError, SpecError):
        return False
    return True


def _device(question: Question, chosen: Candidate) -> DeviceDesign:
    variant, spec = question.variants[chosen.variant], question.spec
    pdk = variant.loaded.pdk
    device = question.sized(pdk, variant.template, chosen.cell_um, chosen.layers)
    return as_used(pdk, variant.template, device, spec.bend_radius, curved=spec.curved, attach=spec.attach)


def search_for(question: Question, web: Web) -> SearchResult | None:
    """What the search alone finds for a question; None where nothing fits."""
    return _best(question, web) if fits(question) else None


def _best(question: Question, web: Web, *, counted: bool = False) -> SearchResult | None:
    """Search until no cell that was met breaks a rule: each one makes place for the next larger."""
    while True:
        known = _barred(question)
        result = _searched(question, web, counted=counted)
        if _barred(question) == known:
            return result


def _barred(question: Question) -> int:
    return sum(variant.makeable.known for variant in question.variants)


def _searched(question: Question, web: Web, *, counted: bool) -> SearchResult | None:
    spaces = [question.space(variant) for variant in question.variants]
    if question.objective is Objective.CAPACITY or question.limits.capacity_mah is None:
        groups = [_fullest(question, space) for space in spaces]
        best = max(
            _rank(question, space, cells) for space, group in zip(spaces, groups, strict=True) for cells in group
        )
        kept = [
            [cells for cells in group if _rank(question, space, cells) >= best * (1 - 1e-9)]
            for space, group in zip(spaces, groups, strict=True)
        ]
        return search(list(zip(spaces, kept, strict=True)), {}, web)
    numbers: list[list[int] | None] = [None] * len(spaces)
    if not counted and question.weights == {Goal.WEB: 1.0}:
        target = question.limits.capacity_mah
        numbers = [*numbers_worth(spaces, question.candidates, target, web, question.indifference)]
    return search(
        [(space, question.candidates(space, wanted)) for space, wanted in zip(spaces, numbers, strict=True)],
        question.weights,
        web,
        indifference=question.indifference,
        # more effort packs the best few again, and which these are depends on what was tried
        seeded=not counted and Effort[question.spec.effort.name] <= Effort.STANDARD,
    )


def _fullest(question: Question, space: Space) -> list[Cells]:
    """The largest cell in each box, with as many layers as there is room for, that fits on the web."""
    target = question.limits.capacity_mah or 0.0
    found = []
    for length, width in space.corners():
        if space.layers_max < 1:
            continue
        if float(space.usable_mah(space.layers_max, length, width)) >= target * (1 - 1e-12):
            found.append(
                Cells(*(np.array([number], dtype=np.int64) for number in (space.layers_max, length, width)))
            )
    return found


def _rank(question: Question, space: Space, cells: Cells) -> float:
    """What is maximised where the question is filled rather than met: charge, or energy per volume."""
    area = float(space.length.active_um[cells.length[0]] * space.width.active_um[cells.width[0]] * 1e-8)
    layers = int(cells.layers[0])
    if question.objective is Objective.ENERGY_DENSITY:
        process = space.process
        volume = math.exp(float(known_cost(space, cells, {Goal.VOLUME: 1.0})[0]))
        areal = process.cathode_um * process.volumetric_capacity_uah_per_cm2_um
        return float(layers * area * areal / volume * 1e9)
    return float(space.usable_mah(layers, int(cells.length[0]), int(cells.width[0])))


def _refined(
    result: SearchResult, web: Web, effort: Effort, indifference: float, zones: Sequence[Zone]
) -> tuple[Candidate, WebPlan]:
    """Pack the chosen design with the effort asked for; where that is much, the best ones too, and choose again.

    What zones and structures cost counts in the choice; the candidate itself stays as it compares with others.
    """
    candidates = [result.chosen]
    if effort is not Effort.STANDARD:
        candidates += [other for other in result.tried[:_REFINED] if other != result.chosen]
    packed = []
    for candidate in candidates:
        plan = web.plan(candidate.cell_um, effort, zones)
        density, whole = web.density_per_um2(plan), not plan.zones and not plan.structures
        if whole:
            density = max(density, candidate.density_per_um2)
        cost = candidate.cost - math.log(density / candidate.density_per_um2) if density else math.inf
        shown = replace(candidate, cost=cost, density_per_um2=density) if whole else candidate
        packed.append((cost, shown, plan))
    least = min(cost for cost, _, _ in packed)
    equal = [item for item in packed if item[0] <= least + max(indifference, 1e-12)]
    best = min(equal, key=lambda item: (round(item[1].height_um, 5), item[0])) if indifference else equal[0]
    return best[1], best[2]


def _solution(question: Question, answer: Answer, web: Web, *, compare: bool) -> Solution:
    spec, result, chosen = question.spec, answer.result, answer.chosen
    variant = question.variants[chosen.variant]
    device = _device(question, chosen)
    # without a weight on web area the figures of the objective are exact, and tiling only breaks ties
    tiled = bool(question.weights.get(Goal.WEB))
    least = min(chosen.cost, result.best.cost)
    gap = max(0.0, math.expm1(least + _kept_free(answer, web) - result.bound_cost) * 100.0) if tiled else 0.0
    given_up = (1.0 - math.exp(least - chosen.cost)) * 100.0 if tiled else 0.0
    searched = searched_neighbours(question, chosen, web) if compare else {}
    ends = _ends(question, chosen, web) if compare else {}
    return Solution(
        spec=spec,
        loaded=variant.loaded,
        template=variant.template,
        objective=question.objective.value if question.objective else "weighted",
        device=device,
        web=answer.plan,
        dbu_nm=1000 // web.um_dbu,
        good_per_cell=chosen.good_per_cell,
        search=SearchSummary(
            result.considered,
            result.tiled,
            gap,
            gap < 1e-6,
            given_up,
            choices=len({id(item.loaded) for item in question.variants}),
            dominated=result.dominated,
            waived=tuple(sorted(question.waived)),
        ),
        naive=None if _much_room(question, device) else naive_design(question, web.frame, web.um_dbu),
        alternatives=alternatives(question, chosen, result.best, searched) if compare else (),
        neighbours=neighbours(question, chosen, searched.values(), web, ends) if compare else (),
        limits=_judged(question, bindings(question, chosen.variant, device), device, web),
    )


def _ends(question: Question, chosen: Candidate, web: Web) -> dict[str, Candidate]:
    """The lowest design that meets a question of a fixed footprint, and the one that takes least web.

    Of designs that differ by less web than the question is indifferent to, the cheapest is the lowest, as in the
    search. Nothing where no capacity is asked for.
    """
    if question.limits.capacity_mah is None or not math.isfinite(max(question.limits.sides_mm)):
        return {}
    if question.objective is Objective.CAPACITY:
        return {}
    met, found = {_design(chosen): chosen}, dict[str, Candidate]()
    for name, objective in (("lowest", Objective.HEIGHT), ("cheapest", Objective.WEB)):
        if question.objective is objective:
            found[name] = chosen
            continue
        result = _best(question.aiming_at(objective), web)
        if result is None:
            return {}
        found[name] = met.setdefault(_design(result.chosen), result.chosen)
    return found


def _design(item: Candidate) -> tuple[int, int, tuple[float, float]]:
    return item.variant, item.layers, item.cell_um


def _judged(question: Question, found: tuple[Binding, ...], device: DeviceDesign, web: Web) -> tuple[Binding, ...]:
    """The limits, a near side or height of the package binding only where relaxing it makes the answer better,
    or lower where the question is indifferent.

    A side is relaxed by two percent or a step of the grid, the height by a layer.
    """
    step_mm = question.pdk.web.size_grid.value / 1000
    before: float | None = None
    judged = []
    for item in found:
        if item.binds and item.limit.startswith("package "):
            by = device.pitch_um / 1000 if item.limit == "package height" else max(0.02 * item.value, step_mm)
            before = worth_of(question, web) if before is None else before
            worth, height_um = _outcome(_relaxed(question, item, by), web)
            lower = bool(question.indifference) and height_um < device.package_height_um - 1e-3
            item = replace(item, binds=worth > before * (1 + _BETTER) or lower)  # noqa: PLW2901
        judged.append(item)
    return tuple(judged)


def _relaxed(question: Question, item: Binding, by_mm: float) -> Question:
    """The question with one limit of the package that much larger."""
    if item.limit == "package height":
        return question.with_limits(height_mm=question.limits.height_mm + by_mm)
    first, second = question.limits.sides_mm
    if math.isclose(first, item.value):
        return question.with_limits(sides_mm=(first + by_mm, second))
    return question.with_limits(sides_mm=(first, second + by_mm))


def worth_of(question: Question, web: Web) -> float:
    """The figure of the objective, larger being better; 0 where there is no design."""
    return _outcome(question, web)[0]


def _outcome(question: Question, web: Web) -> tuple[float, float]:
    """As :func:`worth_of`, and the height of the answer in um, infinite where nothing was searched."""
    if question.objective is Objective.CAPACITY or question.limits.capacity_mah is None:
        return most_mah(question), math.inf
    result = search_for(question, web)
    return (math.exp(-result.best.cost), result.chosen.height_um) if result else (0.0, math.inf)


def _much_room(question: Question, device: DeviceDesign) -> bool:
    """Whether the footprint asked for is far larger than the package: filling it is no answer to compare with."""
    first, second = question.limits.sides_mm
    return first * second > _FAR_LARGER * device.package_length_um * device.package_width_um * 1e-6


def _kept_free(answer: Answer, web: Web) -> float:
    """What zones and structures add to the cost of the chosen design."""
    if not answer.plan.zones and not answer.plan.structures:
        return 0.0
    return math.log(answer.chosen.density_per_um2 / web.density_per_um2(answer.plan))
