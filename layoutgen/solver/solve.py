"""The station between question and design: search, then the answer in full."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from layoutgen.errors import DoesNotFit, Problem, SpecError
from layoutgen.layout.dbu import plan_dbu_nm, web_frame
from layoutgen.layout.structure import structure_size
from layoutgen.pdk.load import LoadedPdk, load_pdk
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.device import DeviceDesign, size_device
from layoutgen.sizing.stackup import pitch_um
from layoutgen.solver.naive import naive_design
from layoutgen.solver.nearest import does_not_fit, fits
from layoutgen.solver.neighbours import neighbours
from layoutgen.solver.question import Question, resolve
from layoutgen.solver.search import Candidate, SearchResult, known_cost, search
from layoutgen.solver.solution import Alternative, Binding, SearchSummary, Solution
from layoutgen.solver.space import Cells, Space
from layoutgen.spec import Goal, Objective, Spec, Zone
from layoutgen.template.structure import StructureTemplate
from layoutgen.tile.around import plan_around
from layoutgen.tile.density import searched_density
from layoutgen.tile.model import Effort, KeepOut, Structure, WebFrame, WebPlan
from layoutgen.tile.structures import place_structures
from layoutgen.tile.web import plan_web
from layoutgen.units import counted, plain

# designs whose web is packed again with more effort once the search is done
_REFINED = 3
_NEIGHBOURS = (-2, -1, 1, 2)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Web:
    """The web that cells are tiled on, and how many of its units one um has."""

    frame: WebFrame
    um_dbu: int
    structures: tuple[Structure, ...] = ()

    @classmethod
    def of(cls, pdk: Pdk, structures: Mapping[str, StructureTemplate] | None = None) -> "Web":
        """The web of a process, with the structures that its repeats hold."""
        dbu_nm = plan_dbu_nm(pdk)
        bound = [item.bind(pdk, name) for name, item in (structures or {}).items()]
        wanted = tuple(Structure(item.name, *structure_size(item, dbu_nm)) for item in bound)
        return cls(web_frame(pdk, dbu_nm), 1000 // dbu_nm, wanted)

    def plan(
        self, cell_um: tuple[float, float], effort: Effort = Effort.STANDARD, zones: Sequence[Zone] = ()
    ) -> WebPlan:
        """The repeat for a cell, with its structures, zones kept free; zones of a field lie where the field lies
        without them.

        Raises:
            SpecError: a zone lies outside the repeat, or a structure fits into no field.
        """
        plan = self._without_structures(cell_um, effort, zones)
        placed = place_structures(plan, self.structures)
        if placed.unplaced and plan.fields:
            what = f"{', '.join(item.name for item in placed.unplaced)} fits into no field"
            raise SpecError(Problem(what, "web.structures", remedy="larger fields, or web.structures=none"))
        return placed.plan

    def _without_structures(self, cell_um: tuple[float, float], effort: Effort, zones: Sequence[Zone]) -> WebPlan:
        length, width = (round(side * self.um_dbu) for side in cell_um)
        cell = length, width
        if not zones:
            return plan_web(self.frame, cell, effort=effort)
        if self.frame.guillotine_only:
            what = "zones cannot be kept free by cuts from edge to edge"
            raise SpecError(Problem(what, "zones", remedy="leave out zones or web.guillotine_only"))
        bare = plan_web(self.frame, cell, effort=effort)
        keep_outs = [self._keep_out(zone, bare, number) for number, zone in enumerate(zones)]
        return plan_around(self.frame, cell, keep_outs, effort=effort, other_rows=not any(z.field for z in zones))

    def _keep_out(self, zone: Zone, plan: WebPlan, number: int) -> KeepOut:
        x0 = y0 = 0
        where = f"zones.{number}"
        if zone.field is not None:
            if zone.field > len(plan.fields):
                raise SpecError(
                    Problem(f"there is no field {zone.field}", f"{where}.field", f"1 to {len(plan.fields)}")
                )
            x0, y0 = plan.fields[zone.field - 1].x, plan.fields[zone.field - 1].y
        unit = self.um_dbu * 1000
        corners = tuple((x0 + round(x * unit), y0 + round(y * unit)) for x, y in zone.corners_mm)
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        if max(xs) <= 0 or min(xs) >= self.frame.width or max(ys) <= 0 or min(ys) >= plan.repeat_length:
            allowed = f"0 to {self.frame.width / unit:g} mm across, 0 to {plan.repeat_length / unit:g} mm along"
            raise SpecError(Problem(f"{zone.name!r} lies outside the repeat", f"{where}.outline", allowed))
        return KeepOut(zone.name, zone.reason, corners)

    def density_per_um2(self, plan: WebPlan) -> float:
        return plan.cells_per_repeat / (self.frame.width * plan.repeat_length) * self.um_dbu**2

    def density_of(self, cell_um: tuple[float, float], at_least: float, most_lengths: int | None = None) -> float:
        """Cells per um2 of web that the search counts on; 0 where they are not more than ``at_least``."""
        length, width = (round(side * self.um_dbu) for side in cell_um)
        scale = self.um_dbu**2
        return searched_density(self.frame, (length, width), at_least / scale, most_lengths) * scale


def solve(
    spec: Spec, loaded: LoadedPdk | None = None, *, progress: Progress | None = None, compare: bool = True
) -> Solution:
    """Find the best design that meets a spec.

    Args:
        spec: the question.
        loaded: its process; loaded as the spec says where not given.
        progress: called with a line of text before each longer step.
        compare: also work out the designs with neighbouring numbers of layers; half of the time goes there.

    Raises:
        SpecError, PdkError, TemplateError: the input is wrong.
        DoesNotFit: no design meets the question; says the nearest values that would.
    """
    tell = progress or (lambda _: None)
    loaded = loaded or load_pdk(spec.pdk, spec.overrides)
    question = resolve(spec, loaded)
    web = Web.of(loaded.pdk, loaded.structures)
    tell("searching layer count and cell dimensions")
    answer = find(question, web)
    tell("comparing with other designs")
    return _solution(question, answer, web, compare=compare)


@dataclass(frozen=True, slots=True)
class Answer:
    """The chosen design with its web, and the search that found it."""

    result: SearchResult
    chosen: Candidate
    plan: WebPlan


def find(question: Question, web: Web) -> Answer:
    """The best design for a question, its web packed with more effort than the search spends.

    Raises:
        DoesNotFit: no design meets the question.
    """
    if not fits(question):
        raise does_not_fit(question)
    result = _best(question, web)
    if result is None:
        raise DoesNotFit(
            Problem(
                "the cell does not fit on the web",
                "web",
                "cells that fit whole inside a field of the process",
                "a smaller footprint, or --set web.field_width",
            )
        )
    effort = Effort[question.spec.effort.name]
    chosen, plan = _refined(result, web, effort, question.indifference, question.spec.zones)
    if not plan.fields:
        what = f"no cell of {plain(chosen.cell_um[0] / 1000)} x {plain(chosen.cell_um[1] / 1000)} mm is left"
        raise DoesNotFit(Problem(what, "zones", "zones that leave room on the web"))
    return Answer(result, chosen, plan)


def search_for(question: Question, web: Web) -> SearchResult | None:
    """What the search alone finds for a question; None where nothing fits."""
    return _best(question, web) if fits(question) else None


def _best(question: Question, web: Web) -> SearchResult | None:
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
        return search(list(zip(spaces, kept, strict=True)), {}, web.frame, web.density_of, um_dbu=web.um_dbu)
    return search(
        [(space, question.candidates(space)) for space in spaces],
        question.weights,
        web.frame,
        web.density_of,
        um_dbu=web.um_dbu,
        indifference=question.indifference,
    )


def _fullest(question: Question, space: Space) -> list[Cells]:
    """The largest cell in each box, with as many layers as there is room for, that fits on the web."""
    target = question.limits.capacity_mah or 0.0
    found = []
    for length, width in space.corners():
        if space.layers_max < 1:
            continue
        area = space.length.active_um[length] * space.width.active_um[width] * 1e-8
        if area * float(space.charge_per_area(space.layers_max)) >= target * (1 - 1e-12):
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
    return area * float(space.charge_per_area(layers))


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
    device = size_device(
        variant.loaded.pdk, variant.template, chosen.cell_um, chosen.layers, spec.confidence, spec.cycles
    )
    # without a weight on web area the figures of the objective are exact, and tiling only breaks ties
    tiled = bool(question.weights.get(Goal.WEB))
    least = min(chosen.cost, result.best.cost)
    gap = max(0.0, math.expm1(least + _kept_free(answer, web) - result.bound_cost) * 100.0) if tiled else 0.0
    given_up = (1.0 - math.exp(least - chosen.cost)) * 100.0 if tiled else 0.0
    searched = _searched(question, chosen, web) if compare else {}
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
            choices=len(question.variants),
            dominated=result.dominated,
        ),
        naive=naive_design(question, web.frame, web.um_dbu),
        alternatives=_alternatives(question, answer, searched) if compare else (),
        neighbours=neighbours(question, chosen, searched.values(), web) if compare else (),
        limits=bindings(question, chosen.variant, device),
    )


def _kept_free(answer: Answer, web: Web) -> float:
    """What zones and structures add to the cost of the chosen design."""
    if not answer.plan.zones and not answer.plan.structures:
        return 0.0
    return math.log(answer.chosen.density_per_um2 / web.density_per_um2(answer.plan))


def _searched(question: Question, chosen: Candidate, web: Web) -> dict[int, Candidate]:
    """The best design for each neighbouring number of layers that has one."""
    if question.limits.capacity_mah is None or question.objective is Objective.CAPACITY:
        return {}
    space = question.space(question.variants[chosen.variant])
    found = {}
    for cells in question.candidates(space, [chosen.layers + step for step in _NEIGHBOURS]):
        result = search([(space, [cells])], question.weights, web.frame, web.density_of, um_dbu=web.um_dbu)
        if result is not None:
            found[result.best.layers] = result.best
    return found


def _alternatives(question: Question, answer: Answer, searched: Mapping[int, Candidate]) -> tuple[Alternative, ...]:
    """The best design for each neighbouring number of layers, and why it was not taken; and the best of all."""
    chosen, best = answer.chosen, answer.result.best
    target = question.limits.capacity_mah
    if target is None or question.objective is Objective.CAPACITY:
        return ()
    space = question.space(question.variants[chosen.variant])
    wanted = [chosen.layers + step for step in _NEIGHBOURS]
    possible = {int(cells.layers[0]) for cells in question.candidates(space, wanted)}
    found = []
    for layers in wanted:
        if layers < 1:
            continue
        if layers in searched:
            found.append(_alternative(question, space, chosen, searched[layers]))
        elif layers > space.layers_max:
            if layers == space.layers_max + 1:
                found.append(_too_many(question, space, chosen.cell_um, layers))
        elif layers not in possible:
            found.append(_too_few(space, layers, target))
    if best.cost < chosen.cost and best.layers not in {item.layers for item in found}:
        found.append(_alternative(question, question.space(question.variants[best.variant]), chosen, best))
    return tuple(found)


def _alternative(question: Question, space: Space, chosen: Candidate, other: Candidate) -> Alternative:
    package = _package_mm(space, other.cell_um, other.layers)
    more = (chosen.web_mm2_per_good / other.web_mm2_per_good - 1.0) * 100.0
    aside = ", zones and structures aside" if question.spec.zones or question.pdk.drawn_structures else ""
    reasons = [f"{abs(more):.2f} % {'fewer' if more < 0 else 'more'} good devices per m2{aside}"]
    if more > 0 and question.indifference:
        reasons.append(f"{(other.height_um - chosen.height_um) / 1000:.2f} mm higher")
    if not question.weights.get(Goal.WEB):
        own = _package_mm(space, chosen.cell_um, chosen.layers)
        figure = {
            Objective.HEIGHT: (package[2] / own[2] - 1.0, "higher"),
            Objective.FOOTPRINT: (package[0] * package[1] / (own[0] * own[1]) - 1.0, "more footprint"),
            Objective.ENERGY_DENSITY: (math.prod(package) / math.prod(own) - 1.0, "more volume"),
        }
        if question.objective in figure:
            change, word = figure[question.objective]
            reasons.insert(0, f"{change * 100:.2f} % {word}")
    good = 1e6 / other.web_mm2_per_good
    return Alternative(other.layers, _mm(other.cell_um), package, good, "; ".join(reasons))


def _too_few(space: Space, layers: int, target_mah: float) -> Alternative:
    corners = space.corners()
    area, length, width = max(
        (float(space.length.active_um[i] * space.width.active_um[j]) * 1e-8, i, j) for i, j in corners
    )
    most = area * float(space.charge_per_area(layers))
    cell = float(space.length.cell_um[length]), float(space.width.cell_um[width])
    why = f"reaches {plain(most, 4)} mAh of {plain(target_mah)} mAh in the largest cell that fits"
    return Alternative(layers, _mm(cell), _package_mm(space, cell, layers), 0.0, why)


def _too_many(question: Question, space: Space, cell: tuple[float, float], layers: int) -> Alternative:
    package = _package_mm(space, cell, layers)
    limit = question.limits
    why = (
        f"the process stacks at most {counted(limit.layers, 'layer')}"
        if layers > limit.layers
        else f"{package[2] + limit.tolerance_mm[2]:.3f} mm high, {plain(limit.height_mm)} mm allowed"
    )
    return Alternative(layers, _mm(cell), package, 0.0, why)


def _package_mm(space: Space, cell_um: tuple[float, float], layers: int) -> tuple[float, float, float]:
    length, width = space.template.package_size_um(*cell_um)
    height = space.template.height_um(layers, pitch_um(space.process))
    return float(length) / 1000, float(width) / 1000, float(height) / 1000


def _mm(cell_um: tuple[float, float]) -> tuple[float, float]:
    return cell_um[0] / 1000, cell_um[1] / 1000


def bindings(question: Question, variant: int, device: DeviceDesign) -> tuple[Binding, ...]:
    """Every limit with what a design uses of it; a limit binds when one more step would cross it."""
    limits, pdk = question.limits, question.variants[variant].loaded.pdk
    step_mm = pdk.web.size_grid.value / 1000
    *package, height = limits.limited_mm(device)
    found = []
    sides = [side for side in limits.sides_mm if math.isfinite(side)]
    used = [max((size for size in package if size <= side + 1e-9), default=0.0) for side in sides]
    names = ["package side"]
    if len(sides) == 2:
        upright = all(size <= side + 1e-9 for size, side in zip(package, limits.sides_mm, strict=True))
        sides = list(limits.sides_mm if upright else limits.sides_mm[::-1])
        used = package
        names = ["package length", "package width"]
    for name, side, size in zip(names, sides, used, strict=False):
        found.append(Binding(name, side, size, "mm", side - size < step_mm))
    if math.isfinite(limits.height_mm):
        free = limits.height_mm - height
        found.append(Binding("package height", limits.height_mm, height, "mm", free < device.pitch_um / 1000))
    found.append(Binding("layers", limits.layers, device.layers, "", device.layers == limits.layers))
    if limits.capacity_mah is not None:
        over = device.rated_mah / limits.capacity_mah - 1.0
        found.append(Binding("rated capacity", limits.capacity_mah, device.rated_mah, "mAh", over < 0.01))
    return tuple(found)
