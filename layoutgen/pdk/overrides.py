"""``--set path=value``: one value of the PDK replaced for one run, and recorded."""

import copy
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from layoutgen.errors import PdkError, Problem, QuantityError, did_you_mean
from layoutgen.pdk.load import Override
from layoutgen.units import convert


def apply_overrides(
    content: Mapping[str, Any], overrides: Sequence[tuple[str, str]]
) -> tuple[dict[str, Any], tuple[Override, ...]]:
    """A copy of the document with the overrides in place, and the record of them.

    A path names a quantity (``stack.cathode.thickness``; the text may carry a unit) or a plain value
    (``yield.model``). A quantity that is set gets the kind ``override``.

    Raises:
        PdkError: a path does not exist, or a text is not a value of its kind; holds every problem.
    """
    document: dict[str, Any] = copy.deepcopy(dict(content))
    applied: list[Override] = []
    problems: list[Problem] = []
    for path, text in overrides:
        try:
            applied.append(_apply(document, path, text))
        except PdkError as error:
            problems += error.problems
    if problems:
        raise PdkError(problems)
    return document, tuple(applied)


def _apply(document: dict[str, Any], path: str, text: str) -> Override:
    where = f"--set {path}={text}"
    *parents, last = path.split(".")
    table: Any = document
    for part in parents:
        table = _step(table, part, path, where)
    old = _step(table, last, path, where)
    if isinstance(old, dict):
        if "value" not in old or "unit" not in old:
            keys = ", ".join(f"{path}.{key}" for key in old)
            raise PdkError(Problem(f"{path} is a table, not a value", where, keys))
        number = _number_in(text, str(old["unit"]), where)
        was = f"{old['value']:g} {old['unit']}"
        # a range or a list of options belongs to the PDK's value; it does not bind the user's own
        kept = {key: value for key, value in old.items() if key not in {"low", "high", "note"}}
        table[last] = {**kept, "value": number, "kind": "override", "source": f"set by the user; was {was}"}
        return Override(path, f"{number:g} {old['unit']}", was)
    table[last] = _plain_value(old, text, where)
    return Override(path, text.strip(), _text(old))


def _step(table: Any, key: str, path: str, where: str) -> Any:
    if not isinstance(table, dict):
        raise PdkError(Problem(f"{path} goes below a single value", where))
    if key not in table:
        raise PdkError(Problem(f"there is no {key!r} in {path}", where, remedy=did_you_mean(key, table)))
    return table[key]


def _number_in(text: str, unit: str, where: str) -> float:
    number, _, given_unit = text.strip().partition(" ")
    for index, character in enumerate(number):
        if not given_unit and (character.isalpha() or character in "%µμ") and number[:index]:
            if character in "eE" and number[index + 1 : index + 2] in {*"+-0123456789"}:
                continue
            number, given_unit = number[:index], number[index:]
            break
    try:
        value = float(Decimal(number))
        if not math.isfinite(value):
            raise InvalidOperation
        return convert(value, given_unit.strip(), unit) if given_unit.strip() else value
    except InvalidOperation:
        raise PdkError(Problem(f"{text!r} is not a number", where, f"a number in {unit}")) from None
    except QuantityError as error:
        raise PdkError(Problem(error.problems[0].what, where, error.problems[0].allowed)) from error


def _plain_value(old: object, text: str, where: str) -> object:
    text = text.strip()
    if isinstance(old, bool):
        if text not in {"true", "false"}:
            raise PdkError(Problem(f"{text!r} is not a truth value", where, "true or false"))
        return text == "true"
    if isinstance(old, int):
        try:
            return int(text)
        except ValueError:
            raise PdkError(Problem(f"{text!r} is not a whole number", where)) from None
    if isinstance(old, str):
        return text
    raise PdkError(Problem("a list cannot be set from the command line", where))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
