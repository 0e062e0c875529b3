"""Mask expressions: what the tool does, derived from drawn layers.

``(SUBSTRATE + STREET) - CATHODE``: ``+`` is union, ``-`` difference, ``&`` intersection; ``&`` binds less tightly
than ``+`` and ``-``, as in Python, so mixed expressions are best written with parentheses.
"""

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from layoutgen.errors import PdkError, Problem, did_you_mean

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

Operation = Literal["union", "difference", "intersection"]
_OPERATIONS: dict[type[ast.operator], Operation] = {
    ast.Add: "union",
    ast.Sub: "difference",
    ast.BitAnd: "intersection",
}


@dataclass(frozen=True, slots=True)
class Both:
    """Two expressions joined by a boolean operation."""

    operation: Operation
    left: "Expression"
    right: "Expression"


Expression: TypeAlias = "str | Both"
"""A layer name, or two expressions joined."""


def layers_of(expression: Expression) -> tuple[str, ...]:
    """The drawn layers that an expression uses, each once, in order of first use."""
    if isinstance(expression, str):
        return (expression,)
    return tuple(dict.fromkeys(layers_of(expression.left) + layers_of(expression.right)))


def parse_masks(pdk: "Pdk") -> dict[str, Expression]:
    """The expression of every mask, in mask order.

    Raises:
        PdkError: an expression does not parse, uses an unknown layer, or mixes web and stack layers.
    """
    problems: list[Problem] = []
    found: dict[str, Expression] = {}
    for name, mask in sorted(pdk.masks.items(), key=lambda item: item[1].number):
        where = f"masks.{name}.expression"
        try:
            expression = _build(ast.parse(mask.expression, mode="eval").body)
        except (SyntaxError, ValueError, RecursionError):
            allowed = "layer names, + (union), - (difference), & (intersection), parentheses"
            problems.append(Problem(f"{mask.expression!r} is not a mask expression", where, allowed))
            continue
        drawn = [key for key, layer in pdk.layers.items() if layer.purpose == "drawn"]
        unknown = [layer for layer in layers_of(expression) if layer not in drawn]
        problems += [
            Problem(f"there is no drawn layer {layer!r}", where, remedy=did_you_mean(layer, drawn))
            for layer in unknown
        ]
        stages = {pdk.layers[layer].stage for layer in layers_of(expression) if layer not in unknown}
        if stages - {pdk.layers[name].stage}:
            problems.append(Problem(f"mixes stages; the mask is of the {pdk.layers[name].stage} stage", where))
        found[name] = expression
    if problems:
        raise PdkError(problems)
    return found


def _build(node: ast.expr) -> Expression:
    match node:
        case ast.Name(id=name):
            return name
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATIONS:
            return Both(_OPERATIONS[type(operation)], _build(left), _build(right))
        case _:
            raise ValueError(ast.dump(node))
