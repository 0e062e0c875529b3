"""Arithmetic over named values, as written in device templates.

The grammar is a subset of Python's: numbers, names, dotted names, ``+ - * /``, unary minus, parentheses, ``min``
and ``max``. Nothing else is accepted, so that a template is data and cannot run code. Values may be floats or
numpy arrays (evaluated element by element).
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from layoutgen.errors import Problem, TemplateError, did_you_mean

_OPERATORS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
# larger numbers are slips of the keyboard, and whole ones may not even fit a float
_LARGEST: Final = 1e15
_FUNCTIONS: Final = {"min": "minimum", "max": "maximum"}
_Evaluation: TypeAlias = Callable[[Mapping[str, Any], str], Any]


@lru_cache(maxsize=1 << 12)
def parse_expression(text: str, where: str = "") -> ast.expr:
    """The syntax tree of an expression, not to be changed; checked to be within the grammar.

    Raises:
        TemplateError: not an expression, or something outside the grammar.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TemplateError(_not_allowed(text, where)) from error
    _check(tree, text, where)
    return tree


def names_in(tree: ast.expr) -> list[str]:
    """The names that an expression uses, dotted ones whole, each once, in order of first use."""
    return list(_names(tree))


@lru_cache(maxsize=1 << 13)
def _names(tree: ast.expr) -> tuple[str, ...]:
    match tree:
        case ast.Name() | ast.Attribute():
            return (_dotted(tree),)
        case ast.BinOp(left=left, right=right):
            parts = [left, right]
        case ast.UnaryOp(operand=operand):
            parts = [operand]
        case ast.Call(args=arguments):
            parts = arguments
        case _:
            parts = []
    return tuple(dict.fromkeys(name for part in parts for name in _names(part)))


def evaluate(tree: ast.expr, values: Mapping[str, Any], where: str = "") -> Any:
    """The value of a parsed expression.

    Raises:
        TemplateError: a name has no value, or a division is by zero.
    """
    return _evaluation(tree)(values, where)


@lru_cache(maxsize=1 << 13)
def _evaluation(tree: ast.expr) -> _Evaluation:
    """What works out an expression from values and the place that errors name: a tree is walked once."""
    match tree:
        case ast.Constant(value=value):
            return lambda _values, _where: value
        case ast.Name() | ast.Attribute():
            return _value_of(_dotted(tree))
        case ast.BinOp():
            return _operation(tree)
        case ast.UnaryOp(operand=operand):
            inner = _evaluation(operand)
            return lambda values, where: -inner(values, where)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _extreme(_FUNCTIONS[function], [_evaluation(argument) for argument in arguments])
        case _:  # pragma: no cover - parse_expression lets nothing else through
            raise TemplateError(_not_allowed(ast.unparse(tree), ""))


def _value_of(name: str) -> _Evaluation:
    def value(values: Mapping[str, Any], where: str) -> Any:
        if name not in values:
            raise TemplateError(Problem(f"{name!r} is not defined", where, remedy=did_you_mean(name, values)))
        return values[name]

    return value


def _operation(tree: ast.BinOp) -> _Evaluation:
    left, right, operation = _evaluation(tree.left), _evaluation(tree.right), _OPERATORS[type(tree.op)]

    def value(values: Mapping[str, Any], where: str) -> Any:
        first, second = left(values, where), right(values, where)
        try:
            return operation(first, second)
        except ArithmeticError as error:
            reason = "divides by zero" if isinstance(error, ZeroDivisionError) else "is too large"
            what = f"{ast.unparse(tree)!r} {reason}"
            raise TemplateError(Problem(what, where)) from error

    return value


def _extreme(function: str, arguments: Sequence[_Evaluation]) -> _Evaluation:
    def value(values: Mapping[str, Any], where: str) -> Any:
        import numpy as np

        result = arguments[0](values, where)
        for argument in arguments[1:]:
            result = getattr(np, function)(result, argument(values, where))
        return result

    return value


def _check(node: ast.expr, text: str, where: str) -> None:
    match node:
        case ast.Constant(value=value) if (
            isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
        ):
            return
        case ast.Name():
            return
        case ast.Attribute(value=ast.Name() | ast.Attribute() as inner):
            _check(inner, text, where)
        case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATORS:
            _check(left, text, where)
            _check(right, text, where)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            _check(operand, text, where)
        case ast.Call(func=ast.Name(id=function), args=[_, *_] as arguments, keywords=[]) if function in _FUNCTIONS:
            for argument in arguments:
                _check(argument, text, where)
        case _:
            raise TemplateError(_not_allowed(text, where))


@lru_cache(maxsize=1 << 12)
def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{_dotted(value)}.{attribute}"
        case _:  # pragma: no cover - parse_expression lets nothing else through
            raise TypeError(ast.dump(node))


def _not_allowed(text: str, where: str) -> Problem:
    return Problem(
        f"{text!r} is not an expression",
        where,
        "numbers up to 1e15, names, + - * /, parentheses, min(...) and max(...)",
    )
