"""Figures of a design that rules compare: package, stack, question and land pattern."""

from typing import TYPE_CHECKING

from layoutgen.errors import DesignError
from layoutgen.mechanics.asked import bend_figures
from layoutgen.pdk.limits import limit_of
from layoutgen.pdk.rule import Rule
from layoutgen.rules.context import Context
from layoutgen.rules.findings import Outcome, Violation

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk
    from layoutgen.sizing.device import DeviceDesign
    from layoutgen.solver.solution import Solution
    from layoutgen.spec import Spec
    from layoutgen.template import BoundTemplate

_RELATIVE = 1e-9


def figures_of(solution: "Solution") -> dict[str, float | None]:
    """The figures of :data:`layoutgen.pdk.limits.FIGURES`, lengths in um; None for what was not asked for."""
    return all_figures(solution.spec, solution.loaded.pdk, solution.device, solution.template)


def all_figures(
    spec: "Spec", pdk: "Pdk", device: "DeviceDesign", template: "BoundTemplate"
) -> dict[str, float | None]:
    """The figures of a device and of the question that it answers."""
    bent = bend_figures(pdk, template, device, spec.bend_radius, curved=spec.curved)
    return device_figures(device, template) | asked_figures(spec) | bent


def asked_figures(spec: "Spec") -> dict[str, float | None]:
    """The figures of a question."""
    asked = sorted(side * 1000 for side in spec.footprint or () if side is not None)
    return {
        "asked.height": spec.height * 1000 if spec.height is not None else None,
        "asked.short_side": asked[0] if asked else None,
        "asked.long_side": asked[1] if len(asked) == 2 else None,
    }


def device_figures(device: "DeviceDesign", template: "BoundTemplate") -> dict[str, float | None]:
    """The figures of a device, whatever was asked for."""
    sides = sorted((device.package_length_um, device.package_width_um))
    gap, toe = _lands(device, template)
    return {
        "package.length": device.package_length_um,
        "package.width": device.package_width_um,
        "package.height": device.package_height_um,
        "package.least_height": device.package_height_um - device.tolerance_height_um,
        "package.most_standoff": template.terminal_metal_um() + (device.tolerance_standoff_um or 0.0),
        "terminal.least_length": device.terminal_length_um - device.tolerance_terminal_um,
        "package.short_side": sides[0],
        "package.long_side": sides[1],
        "stack.height": sum(film.thickness_um * film.count for film in device.stack),
        "stack.layers": float(device.layers),
        "land.gap": gap,
        "land.toe": toe,
    }


def check_figure(context: Context, rule: Rule) -> Outcome:
    """A figure stands to the limit as the rule says."""
    from layoutgen.expressions import evaluate, names_in, parse_expression

    trees = [parse_expression(rule.figure), parse_expression(rule.limit)]
    names = [name for tree in trees for name in names_in(tree)]
    missing = [name for name in names if context.values.get(name, 0.0) is None]
    if missing:
        return Outcome(exempt=f"the design has no {missing[0]}")
    unknown = [name for name in names if name not in context.values]
    if unknown:
        return Outcome(obstacle=f"there is no figure {unknown[0]}")
    measured = float(evaluate(trees[0], context.values))
    limit = limit_of(rule, context.values)
    slack = _RELATIVE * max(abs(measured), abs(limit), 1.0)
    holds = {
        "at least": measured >= limit - slack,
        "at most": measured <= limit + slack,
        "equal": abs(measured - limit) <= slack,
    }
    if holds[rule.relation]:
        return Outcome((), measured)
    return Outcome((Violation("design", None, measured, rule.title),), measured)


def _lands(device: "DeviceDesign", template: "BoundTemplate") -> tuple[float, float]:
    """The least gap between the lands and the least toe over the three density levels, um."""
    from layoutgen.smt.land_pattern import Level, land_pattern
    from layoutgen.smt.part import solder_part

    part = solder_part(device, template)
    gaps, toes = [], []
    for level in Level:
        try:
            pattern = land_pattern(part, level)
        except DesignError:
            return 0.0, 0.0
        gaps.append(pattern.g * 1000)
        toes.append((pattern.z - part.length.nominal_mm + 2 * part.inset_mm) / 2 * 1000)
    return min(gaps), min(toes)
