"""A template's names and expressions held against a process: what every kind of template needs."""

import ast
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from layoutgen.errors import Problem, TemplateError, did_you_mean
from layoutgen.expressions import evaluate, names_in, parse_expression

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk


def parse_known(text: str, where: str, known: Collection[str], problems: list[Problem]) -> ast.expr | None:
    """An expression, parsed; None where it is not one. What is wrong with it, unknown names too, is added."""
    try:
        tree = parse_expression(text, where)
    except TemplateError as error:
        problems += error.problems
        return None
    problems += [
        Problem(f"{name!r} is not defined", where, remedy=did_you_mean(name, known))
        for name in names_in(tree)
        if name not in known
    ]
    return tree


def parameter_values(
    parameters: Mapping[str, str], values: Mapping[str, float], where: str, problems: list[Problem]
) -> dict[str, float]:
    """A template's parameters in numbers, from values by their key path; what is wrong is added to ``problems``."""
    found: dict[str, float] = {}
    for name, text in parameters.items():
        place = f"{where}: parameters.{name}"
        try:
            found[name] = float(evaluate(parse_expression(text, place), values, place))
        except TemplateError as error:
            problems += error.problems
    return found


def unknown_layers(names: Iterable[str], pdk: "Pdk", where: str) -> list[Problem]:
    """A problem for each layer that the process does not have."""
    return [
        Problem(f"the PDK has no layer {name!r}", f"{where}: elements", remedy=did_you_mean(name, pdk.layers))
        for name in names
        if name not in pdk.layers
    ]
