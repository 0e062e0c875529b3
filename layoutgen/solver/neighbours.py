"""Neighbouring designs: what a step in layers, footprint or foil costs, and which designs no other beats.

Layers are varied at the charge asked for: for each number of layers the cell that takes the least web. Where the
footprint asked for is too small for so few layers, it grows in proportion until it holds them. Another foil keeps
the cells. The numbers of layers span from the lowest to the cheapest design of the question, which are searched in
full and named. Cells are picked by what plain lanes reach on the web and then packed as the search packs them: each
neighbour is a design that can be made, though a full search for its number of layers may find one a little better.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from layoutgen.mechanics.asked import why_not_bent
from layoutgen.pdk.schema import Pdk
from layoutgen.pdk.values import with_value
from layoutgen.sizing.device import DeviceDesign
from layoutgen.sizing.process import process_of
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.asked import why_not_carried
from layoutgen.solver.front import unbeaten
from layoutgen.solver.packing import Web
from layoutgen.solver.question import Question, Variant
from layoutgen.solver.search import Candidate, known_cost
from layoutgen.solver.solution import Neighbour
from layoutgen.solver.space import Cells, Space
from layoutgen.spec import Goal, Objective
from layoutgen.template import BoundTemplate
from layoutgen.units import plain

_NEAR: Final = (-2, -1, 1, 2)
_FAR: Final = (-4, -3, -2, -1, 1, 2, 3, 4)
_FAR_SHARE: Final = 25
"""Far neighbours are this part of the chosen number of layers apart."""
_SPAN_STEPS: Final = 8
"""Into how many steps the numbers of layers from the lowest to the cheapest design are cut."""
_MOST_GROWTH: Final = 1.3
_PICKED: Final = 24
"""Cells of each number of layers whose lanes are looked at, the smallest first."""
_LENGTHS: Final = 48
"""Repeat lengths that are looked at for each neighbour; small cells have hundreds."""
_TIE_WEIGHT: Final = 1e-6


@dataclass(frozen=True, slots=True)
class _Found:
    """A cell and a number of layers, with the cells that a um2 of web holds."""

    varies: str
    layers: int
    cell_um: tuple[float, float]
    density_per_um2: float


def neighbours(
    question: Question,
    chosen: Candidate,
    known: Iterable[Candidate],
    web: Web,
    ends: Mapping[str, Candidate],
) -> tuple[Neighbour, ...]:
    """The chosen design and its neighbours, by what varies and number of layers; the chosen one comes first.

    Args:
        question: what was asked.
        chosen: the answer.
        known: the best designs of other numbers of layers, as far as they were searched in full.
        web: what cells are tiled on.
        ends: the lowest and the cheapest design by these names, where the question has them.
    """
    variant = question.variants[chosen.variant]
    searched = {item.layers: _Found("layers", item.layers, item.cell_um, item.density_per_um2) for item in known}
    span = [item.layers for item in ends.values() if item.variant == chosen.variant]
    taken = {*searched, *span}
    wanted = [layers for layers in _wanted(chosen.layers, span, question.limits.layers) if layers not in taken]
    searched = {layers: item for layers, item in searched.items() if layers not in span}
    if _at_a_charge(question):
        others = [*searched.values(), *_at_charge(question, variant, wanted, web)]
    else:
        others = [_Found("layers", layers, chosen.cell_um, chosen.density_per_um2) for layers in wanted]
    own = _Found("", chosen.layers, chosen.cell_um, chosen.density_per_um2)
    pdk = variant.loaded.pdk
    rows = [_neighbour(question, variant, pdk, variant.template, item) for item in (own, *others)]
    rows = _with_ends(question, chosen, rows, ends)
    rows += _other_foils(question, variant, own)
    return _compared(rows, with_charge=not _at_a_charge(question))


def _at_a_charge(question: Question) -> bool:
    """Whether designs are compared at one charge; else the footprint is filled, and charge goes with the layers."""
    return question.limits.capacity_mah is not None and question.objective is not Objective.CAPACITY


def _with_ends(
    question: Question, chosen: Candidate, rows: list[Neighbour], ends: Mapping[str, Candidate]
) -> list[Neighbour]:
    """The rows with the lowest and the cheapest design among them, named."""
    named: dict[Candidate, tuple[str, ...]] = {}
    for name, item in ends.items():
        named[item] = (*named.get(item, ()), name)
    own, *others = rows
    found = [replace(own, ends=named.pop(chosen, ()))]
    for item, names in named.items():
        variant = question.variants[item.variant]
        varies = "layers" if item.variant == chosen.variant else "choice"
        cell = _Found(varies, item.layers, item.cell_um, item.density_per_um2)
        found.append(replace(_neighbour(question, variant, variant.loaded.pdk, variant.template, cell), ends=names))
    return [*found, *others]


def _wanted(layers: int, span: list[int], most: int) -> list[int]:
    apart = max(1, round(layers / _FAR_SHARE))
    found = {layers + step for step in _NEAR} | {layers + step * apart for step in _FAR}
    if span:
        low, high = min(span), max(span)
        found |= set(range(low, high, max(1, round((high - low) / _SPAN_STEPS))))
    found -= {layers}
    return sorted(number for number in found if 1 <= number <= most)


def _at_charge(question: Question, variant: Variant, wanted: list[int], web: Web) -> Iterator[_Found]:
    """For each number of layers the cell that takes the least web, in the footprint asked for or a larger one."""
    tall = question.with_limits(height_mm=math.inf)
    space = tall.space(variant)
    groups = {int(cells.layers[0]): cells for cells in tall.candidates(space, wanted)}
    found = _densest(question, space, list(groups.values()), web)
    grown = _grown(tall, variant, [layers for layers in wanted if layers not in groups])
    for varies, layers, cell, reached in [*found, *grown]:
        density = web.density_of(cell, reached, _LENGTHS) or reached
        if density > 0:
            yield _Found(varies, layers, cell, density)


_Pick = tuple[str, int, tuple[float, float], float]
"""What varies, layers, cell in um, and the density that plain lanes reach."""


def _densest(question: Question, space: Space, groups: list[Cells], web: Web) -> list[_Pick]:
    """Of each group the cell that costs least, web counted by plain lanes; one pass over all groups."""
    if not groups:
        return []
    weight = question.weights.get(Goal.WEB, 0.0) or _TIE_WEIGHT
    short = [_smallest(question, space, cells, weight, web) for cells in groups]
    cells = Cells(*(np.concatenate([getattr(group, name) for group in short]) for name in Cells.__slots__))
    length, width = space.length.cell_um[cells.length], space.width.cell_um[cells.width]
    sizes = (np.rint(side * web.um_dbu).astype(np.int64) for side in (length, width))
    reached = web.densities.reached(*sizes) * web.um_dbu**2
    with np.errstate(divide="ignore"):
        cost = known_cost(space, cells, question.weights) - weight * np.log(reached * _good(space, cells))
    picks, start = [], 0
    for group in short:
        best = start + int(np.argmin(cost[start : start + len(group)]))
        start += len(group)
        cell = float(length[best]), float(width[best])
        picks.append(("layers", int(group.layers[0]), cell, float(reached[best])))
    return picks


def _smallest(question: Question, space: Space, cells: Cells, weight: float, web: Web) -> Cells:
    """The cells of a group that would cost least if the web could be filled with them."""
    kerf = web.frame.kerf / web.um_dbu
    area = (space.length.cell_um[cells.length] + kerf) * (space.width.cell_um[cells.width] + kerf)
    with np.errstate(divide="ignore"):
        cost = known_cost(space, cells, question.weights) + weight * np.log(area / _good(space, cells))
    return cells.take(np.sort(np.argsort(cost, kind="stable")[:_PICKED]))


def _good(space: Space, cells: Cells) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    area = space.length.active_um[cells.length] * space.width.active_um[cells.width] * 1e-8
    return np.asarray(good_devices_per_cell(space.process, cells.layers, area), dtype=float)


def _grown(question: Question, variant: Variant, wanted: list[int]) -> Iterator[_Pick]:
    """For each number of layers the cell that needs the footprint asked for to grow least, in proportion."""
    first, second = question.limits.sides_mm
    target = question.limits.capacity_mah
    if not wanted or target is None or not math.isfinite(max(first, second)):
        return
    space = question.with_limits(sides_mm=(first * _MOST_GROWTH, second * _MOST_GROWTH)).space(variant)
    sides = {(first * 1000, second * 1000), (second * 1000, first * 1000)}
    more_um = [tolerance * 1000 for tolerance in question.limits.tolerance_mm]
    long_um, wide_um = space.length.package_um + more_um[0], space.width.package_um + more_um[1]
    last = len(space.width.active_um)
    for layers in wanted:
        lengths = np.arange(len(space.length.active_um), dtype=np.int64)
        width = np.maximum(space.narrowest_for(layers, lengths, target), space.narrowest())
        rows = np.flatnonzero(width < last)
        best = min(
            (
                (float(growth[at]), rows[at])
                for along, across in sorted(sides)
                if len(rows)
                for growth in [np.maximum(long_um[rows] / along, wide_um[width[rows]] / across)]
                for at in [int(np.argmin(growth))]
            ),
            default=None,
        )
        if best is not None and best[0] <= _MOST_GROWTH:
            cell = float(space.length.cell_um[best[1]]), float(space.width.cell_um[width[best[1]]])
            yield "footprint", layers, cell, 0.0


def _other_foils(question: Question, variant: Variant, own: _Found) -> Iterator[Neighbour]:
    """The same cells on the other foils of the process."""
    stack = variant.loaded.pdk.stack
    for foil in stack.substrate.thickness.options:
        if foil != stack.substrate.thickness.value:
            pdk = with_value(variant.loaded.pdk, "stack.substrate.thickness", foil)
            yield _neighbour(question, variant, pdk, variant.loaded.template.bind(pdk), replace(own, varies="foil"))


def _neighbour(question: Question, variant: Variant, pdk: Pdk, template: BoundTemplate, item: _Found) -> Neighbour:
    spec = question.spec
    device = question.sized(pdk, template, item.cell_um, item.layers)
    good = item.density_per_um2 * float(good_devices_per_cell(process_of(pdk), item.layers, device.active_area_cm2))
    bent = why_not_bent(pdk, template, device, spec.bend_radius, curved=spec.curved)
    why = "; ".join(filter(None, [_broken(question, device), bent]))
    if not variant.makeable.allows(item.cell_um):
        why = "; ".join(filter(None, [why, variant.makeable.why_not(item.cell_um)]))
    return Neighbour(
        varies=item.varies,
        layers=item.layers,
        foil_um=pdk.stack.substrate.thickness.value,
        cell_length_mm=item.cell_um[0] / 1000,
        cell_width_mm=item.cell_um[1] / 1000,
        package_length_mm=device.package_length_um / 1000,
        package_width_mm=device.package_width_um / 1000,
        package_height_mm=device.package_height_um / 1000,
        rated_mah=device.rated_mah,
        package_wh_per_l=device.package_wh_per_l,
        good_devices_per_m2=good * 1e12,
        web_mm2_per_good_device=1e-6 / good if good else 0.0,
        cathode_um=pdk.stack.cathode.thickness.value,
        fits=not why,
        why=why,
    )


def _broken(question: Question, device: DeviceDesign) -> str:
    """The limit that a device does not keep, in words; empty where it keeps all."""
    limits = question.limits
    *package, height = limits.limited_mm(device)
    sides = sorted(package)
    allowed = sorted(limits.sides_mm)
    found = []
    if any(side > most + 1e-9 for side, most in zip(sides, allowed, strict=True)):
        growth = max(side / most for side, most in zip(sides, allowed, strict=True))
        needed = [math.ceil(most * growth * 100 - 1e-6) / 100 for most in limits.sides_mm]
        found.append(f"needs a footprint of {plain(needed[0])} x {plain(needed[1])} mm")
    if height > limits.height_mm + 1e-9:
        found.append(f"{height:.2f} mm high, {plain(limits.height_mm)} mm allowed")
    if limits.capacity_mah is not None and device.rated_mah < limits.capacity_mah * (1 - 1e-9):
        found.append(f"{plain(device.rated_mah, 4)} mAh, {plain(limits.capacity_mah)} mAh asked")
    found.append(why_not_carried(device.delivery, limits.capacity_mah))
    found = list(filter(None, found))
    return "; ".join(found)


def _compared(rows: list[Neighbour], *, with_charge: bool) -> tuple[Neighbour, ...]:
    """The rows in order, compared with the first one, and with the front marked; charge counts where it varies."""
    fitting = [row for row in rows if row.fits and row.good_devices_per_m2 > 0]
    figures = [
        (
            row.package_height_mm,
            row.web_mm2_per_good_device,
            -row.package_wh_per_l,
            -row.rated_mah if with_charge else 0.0,
        )
        for row in fitting
    ]
    front = {id(fitting[number]) for number in unbeaten(np.array(figures).reshape(-1, 4))}
    own = rows[0]
    order = {"": 0, "footprint": 1, "layers": 1, "choice": 2, "foil": 3}
    return tuple(
        replace(
            row,
            on_front=id(row) in front,
            height_percent=_percent(row.package_height_mm, own.package_height_mm),
            footprint_percent=_percent(_outline(row), _outline(own)),
            rated_percent=_percent(row.rated_mah, own.rated_mah),
            wh_per_l_percent=_percent(row.package_wh_per_l, own.package_wh_per_l),
            good_devices_percent=_percent(row.good_devices_per_m2, own.good_devices_per_m2),
        )
        for row in sorted(rows, key=lambda row: (order[row.varies], row.layers, row.foil_um))
    )


def _outline(row: Neighbour) -> float:
    return row.package_length_mm * row.package_width_mm


def _percent(value: float, of: float) -> float:
    return round((value / of - 1.0) * 100.0, 6) + 0.0 if of else 0.0
