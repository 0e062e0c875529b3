"""What a device template leaves free around the active area, side by side, and which values of the kit that is."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from layoutgen.expressions import evaluate, names_in
from layoutgen.pdk.values import quantities
from layoutgen.solver.solution import Solution
from layoutgen.template import BoundTemplate

SIDES = ("x0", "x1", "y0", "y1")
NAMES = {"x0": "+ end", "x1": "- end", "y0": "long side", "y1": "other long side"}


@dataclass(frozen=True, slots=True)
class Term:
    """A parameter of the template that a border is made of: ``times`` it, ``um`` each; ``stated`` in the kit."""

    name: str
    um: float
    times: float
    stated: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Border:
    """From the edge of the cell to the active area on one side."""

    side: str
    um: float
    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        parts = [f"{'' if item.times == 1 else f'{item.times:g} x '}{item.name} {item.um:g}" for item in self.terms]
        return f"{self.um:g} um" + (f" = {' + '.join(parts)}" if parts else "")


def borders_of(solution: Solution) -> tuple[Border, ...]:
    """The four borders of the cell of a design, with the parameters that each is the sum of.

    An edge that is no straight sum of parameters, such as the larger of two, has no terms.
    """
    template, device = solution.template, solution.device
    kinds = {path: str(item.kind) for path, item in quantities(solution.loaded.pdk)}
    cell = {"cell_length": device.cell_length_um, "cell_width": device.cell_width_um}
    return tuple(_border(template, side, cell, kinds) for side in SIDES)


def _border(template: BoundTemplate, side: str, cell: Mapping[str, float], kinds: Mapping[str, str]) -> Border:
    far = side.endswith("1")
    whole = cell["cell_length" if side[0] == "x" else "cell_width"]
    values = {**template.parameters, **cell}

    def distance(layer: str, values: Mapping[str, float]) -> float:
        edge = _value(template, f"{layer}.{side}", values)
        size = values["cell_length" if side[0] == "x" else "cell_width"]
        return size - edge if far else edge

    inner = max(template.template.package.active, key=lambda layer: distance(layer, values))
    um = distance(inner, values)
    terms = []
    for name, text in template.template.parameters.items():
        more = distance(inner, values | {name: values[name] + 1.0}) - um
        if abs(more) > 1e-9:
            paths = [path for path in names_in(ast.parse(text, mode="eval").body) if path in kinds]
            told = tuple(dict.fromkeys(kinds[path] for path in paths))
            terms.append(Term(name, values[name], round(more, 9), text, told))
    is_sum = abs(sum(item.um * item.times for item in terms) - um) < 1e-6 * whole
    return Border(side, round(um, 9), tuple(terms) if is_sum else ())


def _value(template: BoundTemplate, key: str, values: Mapping[str, float]) -> float:
    """An edge with all that it refers to worked out of the same values."""
    tree = template.trees[key]
    inner = {name: _value(template, name, values) for name in names_in(tree) if name not in values}
    return float(evaluate(tree, {**values, **inner}))
