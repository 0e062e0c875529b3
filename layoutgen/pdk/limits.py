"""Limits in numbers: expressions over values of the PDK, and what a PDK's rules refer to, checked on load."""

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from layoutgen.errors import LayoutgenError, PdkError, Problem, TemplateError, did_you_mean
from layoutgen.expressions import evaluate, names_in, parse_expression
from layoutgen.layer_expressions import ALLOWED, layers_of, parse_layers
from layoutgen.pdk.rule import Rule
from layoutgen.pdk.values import numbers

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

FIGURES = (
    "package.length", "package.width", "package.height", "stack.height", "stack.layers", "asked.height",
    "asked.short_side", "asked.long_side", "package.short_side", "package.long_side", "land.gap", "land.toe",
    "package.least_height", "package.most_standoff", "terminal.least_length",
    "land.excess", "asked.bend_radius", "bend.radius", "bend.roller_radius", "bend.terminal_gap",
)  # fmt: skip
"""Figures of a design that figure rules may use, lengths in um; one that a design does not have is None there."""


def limit_of(rule: Rule, values: Mapping[str, Any], where: str = "") -> float:
    """The limit of a rule in its unit.

    Raises:
        TemplateError: a name in the expression has no value.
    """
    return float(evaluate(parse_expression(rule.limit, where), values, where))


def derivation(rule: Rule, values: Mapping[str, Any]) -> str:
    """The limit's expression with the numbers in place, as ``laser.overlay (10) + laser.margin (5)``."""
    from layoutgen.units import plain

    def text(node: ast.expr) -> str:
        match node:
            case ast.BinOp(left=left, op=operation, right=right):
                sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}[type(operation)]
                first, second = text(left), text(right)
                if sign in "*/":
                    first = f"({first})" if isinstance(left, ast.BinOp) else first
                    second = f"({second})" if isinstance(right, ast.BinOp) else second
                return f"{first} {sign} {second}"
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return f"{name}({', '.join(text(argument) for argument in arguments)})"
            case ast.UnaryOp(operand=operand):
                return f"-{text(operand)}"
            case ast.Constant(value=value):
                return str(value)
        name = ast.unparse(node)
        value = values.get(name)
        return f"{name} ({plain(value)})" if value is not None else name

    return text(parse_expression(rule.limit))


def check_rules(pdk: "Pdk") -> None:
    """Check that every rule refers to layers, values and figures that exist.

    Raises:
        PdkError: with every problem found.
    """
    known = numbers(pdk)
    problems: list[Problem] = []
    for name, rule in pdk.rules.items():
        where = f"rules.{name}"
        problems += _layers(rule, pdk, where)
        figures = FIGURES if rule.view == "figures" else ()
        for key, text in (("limit", rule.limit), ("figure", rule.figure)):
            if text:
                problems += _names(text, {*known, *figures}, f"{where}.{key}")
        if rule.check != "figure" and not problems:
            try:
                limit_of(rule, known, f"{where}.limit")
            except TemplateError as error:
                problems += error.problems
    if problems:
        raise PdkError(problems)


def _layers(rule: Rule, pdk: "Pdk", where: str) -> list[Problem]:
    problems = []
    for key in ("of", "against"):
        text = getattr(rule, key)
        if not text:
            continue
        try:
            named = layers_of(parse_layers(text))
        except ValueError:
            problems.append(Problem(f"{text!r} is not a layer expression", f"{where}.{key}", ALLOWED))
            continue
        problems += [_unknown(name, pdk, f"{where}.{key}") for name in named if name not in pdk.layers]
    if rule.outside and rule.outside not in pdk.layers:
        problems.append(_unknown(rule.outside, pdk, f"{where}.outside"))
    if rule.check == "mask":
        problems += [
            Problem(f"{name} is no mask", f"{where}.layers", remedy=did_you_mean(name, pdk.masks))
            for name in rule.layers
            if name in pdk.layers and name not in pdk.masks
        ]
    for key in ("layers", "except_layers", "may_be_empty"):
        names = getattr(rule, key)
        problems += [_unknown(name, pdk, f"{where}.{key}") for name in names if name not in pdk.layers]
    return problems


def _unknown(name: str, pdk: "Pdk", where: str) -> Problem:
    return Problem(f"there is no layer {name!r}", where, remedy=did_you_mean(name, pdk.layers))


def _names(text: str, known: set[str], where: str) -> list[Problem]:
    try:
        names = names_in(parse_expression(text, where))
    except LayoutgenError as error:
        return list(error.problems)
    return [
        Problem(f"there is no value {name!r}", where, remedy=did_you_mean(name, known))
        for name in names
        if name not in known
    ]
