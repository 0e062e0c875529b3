"""Designs with a few layers more or fewer than the chosen one, and why each was not taken."""

import math
from collections.abc import Mapping

from layoutgen.sizing.stackup import pitch_um
from layoutgen.solver.packing import Web
from layoutgen.solver.question import Question
from layoutgen.solver.search import Candidate, search
from layoutgen.solver.solution import Alternative
from layoutgen.solver.space import Space
from layoutgen.spec import Goal, Objective
from layoutgen.units import counted, plain

_NEIGHBOURS = (-2, -1, 1, 2)


def searched_neighbours(question: Question, chosen: Candidate, web: Web) -> dict[int, Candidate]:
    """The best design for each number of layers beside the chosen one that has one."""
    if question.limits.capacity_mah is None or question.objective is Objective.CAPACITY:
        return {}
    variant, known = question.variants[chosen.variant], -1
    found: dict[int, Candidate] = {}
    while known < variant.makeable.known:  # a cell that breaks a rule makes place for a larger one
        known, space, found = variant.makeable.known, question.space(variant), {}
        for cells in question.candidates(space, [chosen.layers + step for step in _NEIGHBOURS]):
            result = search([(space, [cells])], question.weights, web)
            if result is not None:
                found[result.best.layers] = result.best
    return found


def alternatives(
    question: Question, chosen: Candidate, best: Candidate, searched: Mapping[int, Candidate]
) -> tuple[Alternative, ...]:
    """The best design for each neighbouring number of layers, and why it was not taken; and the best of all.

    Args:
        question: that was asked.
        chosen: the design that was taken.
        best: the best in the objective alone; another one where a lower stack was worth its web.
        searched: what :func:`searched_neighbours` found.
    """
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
    most, length, width = max((float(space.usable_mah(layers, i, j)), i, j) for i, j in corners)
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
        if package[2] + limit.tolerance_mm[2] > limit.height_mm
        else f"too thick for a bend to {plain(question.spec.bend_radius or 0.0)} mm"
    )
    return Alternative(layers, _mm(cell), package, 0.0, why)


def _package_mm(space: Space, cell_um: tuple[float, float], layers: int) -> tuple[float, float, float]:
    length, width = space.template.package_size_um(*cell_um)
    height = space.template.height_um(layers, pitch_um(space.process))
    return float(length) / 1000, float(width) / 1000, float(height) / 1000


def _mm(cell_um: tuple[float, float]) -> tuple[float, float]:
    return cell_um[0] / 1000, cell_um[1] / 1000
