"""From a spec to what the search needs: variants of the process, limits, objective."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from layoutgen.errors import Input, PdkError, Problem, SpecError
from layoutgen.mechanics.asked import BendLimits, first_axis_mm
from layoutgen.pdk.load import LoadedPdk, check_pdk
from layoutgen.pdk.quantity import Quantity
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.device import DeviceDesign, size_device
from layoutgen.sizing.duty import Asked, duty_of
from layoutgen.sizing.process import process_of
from layoutgen.solver.asked import asked_of, problems_with
from layoutgen.solver.makeable import Makeable
from layoutgen.solver.space import Box, Cells, Space, build_space, proportioned, staircases
from layoutgen.spec import Goal, Objective, SizeLimits, Spec
from layoutgen.template import BoundTemplate
from layoutgen.units import plain
from layoutgen.web.plan import Regime

_WEIGHTS: dict[Objective, dict[Goal, float]] = {
    Objective.WEB: {Goal.WEB: 1.0},
    Objective.HEIGHT: {Goal.HEIGHT: 1.0},
    Objective.FOOTPRINT: {Goal.FOOTPRINT: 1.0},
    Objective.ENERGY_DENSITY: {Goal.VOLUME: 1.0},
}


_ANY_CELL_UM = 10_000.0
"""A package is as much larger than its cell, whatever its size."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper limits on the package and a lower one on charge; infinite, or None, where free."""

    sides_mm: tuple[float, float]
    height_mm: float
    capacity_mah: float | None
    layers: int
    """Most layers that the process stacks."""
    tolerance_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """What length, width and height of the nominal package stay below the limits; 0 where these are its own."""

    def boxes(self) -> tuple[Box, ...]:
        """The limits in um for both ways to lay the terminal axis; once where they are the same."""
        first, second = self.sides_mm
        length, width, _ = self.tolerance_mm
        boxes = ((first - length, second - width), (second - length, first - width))
        return tuple(dict.fromkeys(Box(along * 1000.0, across * 1000.0) for along, across in boxes))

    def limited_mm(self, device: DeviceDesign) -> tuple[float, float, float]:
        """Length, width and height of a package as the limits count them."""
        size_um = device.package_length_um, device.package_width_um, device.package_height_um
        length, width, height = (
            size / 1000 + tolerance for size, tolerance in zip(size_um, self.tolerance_mm, strict=True)
        )
        return length, width, height


@dataclass(frozen=True, slots=True)
class Variant:
    """One choice of foil and cathode."""

    loaded: LoadedPdk
    template: BoundTemplate
    makeable: Makeable
    layers: float = math.inf
    """Most layers that the bend asked for allows."""
    length_mm: float = math.inf
    """Longest cell with which it allows them: longer ones do not slide on each other."""


@dataclass(frozen=True, slots=True)
class Question:
    """A spec, resolved."""

    spec: Spec
    variants: tuple[Variant, ...]
    limits: Limits
    objective: Objective | None
    """None where the spec gives weights of its own."""
    weights: dict[Goal, float]
    waived: frozenset[str] = frozenset()
    """Design rules that an answer may break."""

    @property
    def pdk(self) -> Pdk:
        return self.variants[0].loaded.pdk

    @property
    def indifference(self) -> float:
        """How much more web, as a logarithm, a lower design may take; 0 where another figure is asked for."""
        wanted = self.objective is Objective.WEB
        return math.log1p(self.spec.indifference_percent / 100.0) if wanted else 0.0

    def with_limits(
        self,
        *,
        sides_mm: tuple[float, float] | None = None,
        height_mm: float | None = None,
        capacity_mah: float | None = None,
        bend_radius_mm: float | None = None,
    ) -> "Question":
        """The same question with other limits, asked for in its spec too; what is not given stays."""
        limits, asked = self.limits, dict[str, object]()
        if sides_mm is not None:
            limits = replace(limits, sides_mm=sides_mm)
            asked["footprint"] = tuple(map(_or_none, sides_mm))
        if height_mm is not None:
            limits = replace(limits, height_mm=height_mm)
            asked["height"] = _or_none(height_mm)
        if capacity_mah is not None:
            limits = replace(limits, capacity_mah=capacity_mah)
            asked["capacity"] = capacity_mah
        variants = self.variants
        if bend_radius_mm is not None:
            asked["bend_radius"] = bend_radius_mm
        spec = self.spec.model_copy(update=asked)
        if bend_radius_mm is not None:
            choices = {id(item.loaded): item for item in variants}.values()
            free = (replace(item, layers=math.inf, length_mm=math.inf) for item in choices)
            variants = tuple(bent for item in free for bent in _bent(item, spec))
        return replace(self, limits=limits, spec=spec, variants=variants)

    def space(self, variant: Variant) -> Space:
        """What may be chosen for one variant."""
        pdk, limits = variant.loaded.pdk, self.limits
        return build_space(
            process_of(pdk),
            variant.template,
            grid_um=pdk.web.size_grid.value,
            reach_um=_reach_um(pdk),
            boxes=self._boxes(variant),
            height_um=(limits.height_mm - limits.tolerance_mm[2]) * 1000.0,
            layers_max=int(min(limits.layers, variant.layers)),
            confidence=self.spec.confidence,
            cycles=self.spec.cycles,
            makeable=variant.makeable,
            duty=duty_of(pdk, self.asked),
        )

    @property
    def asked(self) -> Asked:
        """The electrical part of the question."""
        return asked_of(self.spec)

    def asking(self, **fields: object) -> "Question":
        """The same question with other cycles, or other values of electrical fields of its spec."""
        return replace(self, spec=self.spec.model_copy(update=fields))

    def aiming_at(self, objective: Objective) -> "Question":
        """The same question with another objective."""
        return replace(self, objective=objective, weights=_WEIGHTS.get(objective, {}))

    def sized(self, pdk: Pdk, template: BoundTemplate, cell_um: tuple[float, float], layers: int) -> DeviceDesign:
        """A stack of a cell, with what the question asks of it."""
        spec = self.spec
        return size_device(
            pdk, template, cell_um, layers, spec.confidence, spec.cycles, self.asked, self.limits.capacity_mah
        )

    def _boxes(self, variant: Variant) -> tuple[Box, ...]:
        """The limits, as far as a bend that is asked for leaves them: cells that slide, a part that stays open."""
        if self.spec.bend_radius is None:
            return self.limits.boxes()
        around_um = variant.template.package_size_um(_ANY_CELL_UM, _ANY_CELL_UM)[0] - _ANY_CELL_UM
        longest_um = variant.length_mm * 1000 + around_um
        if self.spec.curved:
            longest_um = min(longest_um, math.nextafter(2 * math.pi * self.spec.bend_radius * 1000, 0))
        return tuple(Box(min(box.length_um, longest_um), box.width_um) for box in self.limits.boxes())

    def candidates(self, space: Space, numbers: Iterable[int] | None = None) -> Iterable[Cells]:
        """The designs that can be best, of all numbers of layers or of some."""
        target = self.limits.capacity_mah
        if target is None:
            return []
        if self.spec.aspect is not None:
            return proportioned(space, target, self.spec.aspect, numbers)
        return staircases(space, target, numbers)


Makeables = dict[tuple[object, ...], Makeable]
"""What was found of the cells that processes can make, which differ in films, yield and utilization at most."""


def resolve(
    spec: Spec,
    loaded: LoadedPdk,
    waived: frozenset[str] = frozenset(),
    known: Makeables | None = None,
    variants: tuple[Variant, ...] | None = None,
) -> Question:
    """Work out variants, limits and objective.

    Args:
        spec: the question.
        loaded: its process.
        waived: design rules that an answer may break.
        known: shared with other questions that waive the same rules, and added to.
        variants: those of a question of the same process, films and bend, where there was one.

    Raises:
        SpecError: more cycles are asked for than the process states, or a load, charge or temperature that it does
            not state enough for.
        PdkError: a foil or cathode asked for is not a value of the PDK.
    """
    pdk = loaded.pdk
    most = pdk.cell.cycles_max
    if most is not None and spec.cycles > most.value:
        allowed = f"0 to {most.value:g}, the most that {pdk.name} answers for"
        raise SpecError(Problem(f"{spec.cycles:g} cycles are out of range", Input("cycles"), allowed))
    problems = problems_with(spec, pdk)
    if problems:
        raise SpecError(problems)
    sides = spec.footprint or (None, None)
    objective = _objective(spec)
    return Question(
        spec=spec,
        variants=variants or _variants(spec, loaded, waived, {} if known is None else known),
        limits=Limits(
            sides_mm=(_or_free(sides[0]), _or_free(sides[1])),
            height_mm=math.inf if spec.height is None else spec.height,
            capacity_mah=spec.capacity,
            layers=int(pdk.package.layers_max.value),
            tolerance_mm=_tolerance_mm(spec, pdk),
        ),
        objective=objective,
        weights=dict(spec.weights) if objective is None else _WEIGHTS.get(objective, {}),
        waived=waived,
    )


def _tolerance_mm(spec: Spec, pdk: Pdk) -> tuple[float, float, float]:
    if spec.size_limits is SizeLimits.NOMINAL:
        return 0.0, 0.0, 0.0
    package = pdk.package
    limits = package.tolerance_length, package.tolerance_width, package.tolerance_height
    length, width, height = (limit.value / 1000.0 for limit in limits)
    return length, width, height


def _or_free(side_mm: float | None) -> float:
    return math.inf if side_mm is None else side_mm


def _or_none(limit_mm: float) -> float | None:
    return limit_mm if math.isfinite(limit_mm) else None


def _objective(spec: Spec) -> Objective | None:
    if spec.weights:
        return None
    if spec.capacity is None:
        return spec.objective or Objective.CAPACITY
    free = None in (spec.footprint or (None, None))
    return spec.objective or (Objective.FOOTPRINT if free else Objective.WEB)


def _variants(spec: Spec, loaded: LoadedPdk, waived: frozenset[str], known: Makeables) -> tuple[Variant, ...]:
    stack = loaded.pdk.stack
    foils = _choices(spec.foil, stack.substrate.thickness, spec, "foil", "stack.substrate.thickness")
    cathodes = _choices(spec.cathode, stack.cathode.thickness, spec, "cathode", "stack.cathode.thickness")
    variants = []
    for foil in foils:
        for cathode in cathodes:
            changes = []
            if foil != stack.substrate.thickness.value:
                changes.append(("stack.substrate.thickness", plain(foil)))
            if cathode != stack.cathode.thickness.value:
                changes.append(("stack.cathode.thickness", plain(cathode)))
            variant = loaded
            if changes:
                changed = check_pdk(
                    loaded.content,
                    loaded.files,
                    changes,
                    template=loaded.template,
                    structures=loaded.structures,
                    digest=loaded.sha256,
                )
                overrides = loaded.overrides + changed.overrides
                variant = replace(changed, sha256=loaded.sha256, overrides=overrides, chain=loaded.chain)
            template = variant.template.bind(variant.pdk)
            makeable = Makeable.of(variant.pdk, template, waived)
            makeable = known.setdefault(makeable.asks, makeable)
            variants += _bent(Variant(variant, template, makeable), spec)
    return tuple(variants)


def _bent(variant: Variant, spec: Spec) -> list[Variant]:
    """What a bend leaves of a choice: few layers that are one block, or more that are short enough to slide."""
    if spec.bend_radius is None:
        return [variant]
    limits = BendLimits(variant.loaded.pdk)
    if not limits.known:
        return [variant]
    radius_mm = spec.bend_radius
    if spec.curved:
        radius_mm += first_axis_mm(variant.loaded.pdk, variant.template)
        return [variant if limits.most_layers(radius_mm) else replace(variant, layers=0)]
    layers = limits.most_layers(radius_mm)
    block = replace(variant, layers=layers)
    if not layers or not limits.sliding_mm:
        return [block]
    return [block, replace(variant, length_mm=limits.sliding_mm)]


def _choices(
    asked: tuple[float, ...] | str | None, thickness: Quantity, spec: Spec, film: str, path: str
) -> tuple[float, ...]:
    """The thicknesses of a film to choose from; only those that the process offers, where it says which."""
    value, options, settings = thickness.value, thickness.options, dict(spec.overrides)
    if asked is None:
        return (value,)
    if path in settings:
        what = f"{path} is set to {settings[path]} as well"
        raise PdkError(Problem(what, Input(film), remedy="one of " + Input(film) + " and " + Input(f"set.{path}")))
    if isinstance(asked, str):
        return options or (value,)
    unknown = next((item for item in asked if options and item not in options), None)
    if unknown is not None:
        nearest = min(options, key=lambda option: abs(option - unknown))
        raise PdkError(
            Problem(
                f"{plain(unknown)} um is not a {film} of this process",
                Input(film),
                f"{', '.join(plain(option) for option in options)} um (options of the process)",
                Input(film, plain(nearest))
                + ", or "
                + Input(f"set.{path}", plain(unknown))
                + " to go beyond the process",
            )
        )
    return tuple(dict.fromkeys(asked))


def _reach_um(pdk: Pdk) -> float:
    """Longest cell side that a field can hold, its outer streets included."""
    web = pdk.web
    across = web.width.value - 2 * web.edge.value
    if web.regime is Regime.FIXED and web.repeat_length is not None:
        along = web.repeat_length.value - web.field_gap.value
        return max(across, along) - 2 * web.kerf.value
    if web.regime is Regime.FREE:
        return across - 2 * web.kerf.value if not web.rotation_allowed else 1e6
    return max(min(across, web.field_width.value), web.field_length.value) - 2 * web.kerf.value
