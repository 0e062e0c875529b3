"""A template's names and expressions held against a process: what every kind of template needs."""

import ast
from collections.abc import Collection, Iterable, Mapping
from typing import Protocol

from layoutgen.errors import Problem, TemplateError, did_you_mean
from layoutgen.expressions import evaluate, names_in, parse_expression


class Process(Protocol):
    """What a template is bound to: the numbers, lengths, layers and films of a process, whatever states them."""

    def numbers(self) -> dict[str, float]:
        """The number of every quantity by its key path, lengths in um."""

    @property
    def device(self) -> Mapping[str, object]:
        """The lengths that are there for the template of the device, by name."""

    @property
    def layers(self) -> Mapping[str, object]:
        """The layers of the layout, by name."""

    @property
    def films(self) -> Collection[str]:
        """The films that a stack of the process may have."""


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


def unknown_layers(names: Iterable[str], process: Process, where: str) -> list[Problem]:
    """A problem for each layer that the process does not have."""
    return [
        Problem(f"the PDK has no layer {name!r}", f"{where}: elements", remedy=did_you_mean(name, process.layers))
        for name in names
        if name not in process.layers
    ]
