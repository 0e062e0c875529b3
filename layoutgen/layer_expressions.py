"""Expressions over drawn layers, as masks and design rules have them: ``(SUBSTRATE + STREET) - CATHODE``.

``+`` is union, ``-`` difference, ``&`` intersection; ``&`` binds less tightly than ``+`` and ``-``, as in Python,
so mixed expressions are best written with parentheses.
"""

import ast
from dataclasses import dataclass
from typing import Literal, TypeAlias

ALLOWED = "layer names, + (union), - (difference), & (intersection), parentheses"
"""What a layer expression may hold, in words."""
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


def parse_layers(text: str) -> Expression:
    """The expression that a text states.

    Raises:
        ValueError: it is not one.
    """
    try:
        return _build(ast.parse(text, mode="eval").body)
    except (SyntaxError, RecursionError) as error:
        raise ValueError(text) from error


def layers_of(expression: Expression) -> tuple[str, ...]:
    """The layers that an expression uses, each once, in order of first use."""
    if isinstance(expression, str):
        return (expression,)
    return tuple(dict.fromkeys(layers_of(expression.left) + layers_of(expression.right)))


def _build(node: ast.expr) -> Expression:
    match node:
        case ast.Name(id=name):
            return name
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATIONS:
            return Both(_OPERATIONS[type(operation)], _build(left), _build(right))
        case _:
            raise ValueError(ast.dump(node))
