"""One value of the PDK replaced for one run, and recorded."""

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from layoutgen.errors import Input, PdkError, Problem, QuantityError, did_you_mean
from layoutgen.pdk.quantity import optional_measure
from layoutgen.pdk.schema import Pdk
from layoutgen.units import convert
from layoutgen.validation import field_at, keys_at

ABSENT = "none"
"""What a quantity that may be left out is set to, to leave it out; what it was where the PDK does not state it."""


@dataclass(frozen=True, slots=True)
class Override:
    """One value that the user set in place of the PDK's."""

    path: str
    value: str
    was: str


def apply_overrides(
    content: Mapping[str, Any], overrides: Sequence[tuple[str, str]]
) -> tuple[dict[str, Any], tuple[Override, ...]]:
    """A copy of the document with the overrides in place, and the record of them.

    A path names a quantity (``stack.cathode.thickness``; the text may carry a unit) or a plain value
    (``yield.model``). A quantity that is set gets the kind ``override``. A quantity that the schema lets a PDK
    leave out can be set where it is absent, and left out with the text ``none``.

    Raises:
        PdkError: a path does not exist, a text is not a value of its kind, or a material gets another name and
            keeps its properties; holds every problem.
    """
    document: dict[str, Any] = copy.deepcopy(dict(content))
    applied: list[Override] = []
    problems = _only_renamed(content, dict(overrides))
    for path, text in overrides:
        try:
            applied.append(_apply(document, path, text))
        except PdkError as error:
            problems += error.problems
    if problems:
        raise PdkError(problems)
    return document, tuple(applied)


def _only_renamed(content: Mapping[str, Any], settings: Mapping[str, str]) -> list[Problem]:
    """Films that get the name of another material and keep properties of the one they have.

    A material is what its table says of it. Thickness is not: it is how much of it there is.
    """
    problems = []
    stack = content.get("stack")
    for path, name in settings.items():
        match path.split("."):
            case ["stack", film, "material"] if isinstance(stack, Mapping) and isinstance(stack.get(film), Mapping):
                table = stack[film]
                if table.get("material") == name.strip():
                    continue
                wanted = [f"stack.{film}.{key}" for key in _properties(table)]
                wanted += ["cell.mean_voltage"] if film == "cathode" else []
                kept = [f"{key} of {value_at(content, key)}" for key in wanted if key not in settings]
                if kept:
                    what = f"changes the word only, and leaves {', '.join(kept)} of {table.get('material')}"
                    allowed = f"a material with its properties: {', '.join(wanted)}"
                    remedy = "set these as well, or copy the kit and state the film there"
                    problems.append(Problem(what, Input(f"set.{path}", name), allowed, remedy))
    return problems


def _properties(film: Mapping[str, Any], parent: str = "") -> Iterator[str]:
    """Key paths of a film's quantities, its thickness aside."""
    for key, value in film.items():
        path = f"{parent}{key}"
        if isinstance(value, Mapping):
            if "value" not in value:
                yield from _properties(value, f"{path}.")
            elif path != "thickness":
                yield path


def value_at(content: Mapping[str, Any], path: str, digits: int = 15) -> str:
    """What a document holds at a key path, as an override states it; :data:`ABSENT` where it holds nothing.

    Version 0.1 stated 6 digits.
    """
    found: Any = content
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return ABSENT
        found = found[part]
    return _text(found, digits)


def paths_set(content: Mapping[str, Any], parent: str = "") -> Iterator[str]:
    """Key paths of the quantities of a document that a user set."""
    for key, value in content.items():
        if isinstance(value, Mapping):
            path = f"{parent}.{key}" if parent else key
            if value.get("kind") == "override" and "value" in value:
                yield path
            else:
                yield from paths_set(value, path)


def _apply(document: dict[str, Any], path: str, text: str) -> Override:
    where = Input(f"set.{path}", text)
    *parents, last = path.split(".")
    table: Any = document
    for depth, part in enumerate(parents):
        table = _step(table, part, ".".join(parents[:depth]), where)
    field = field_at(Pdk, path.split("."))
    optional = optional_measure(field)
    if optional and isinstance(table, dict):
        if text.strip() == ABSENT:
            was = _text(table.pop(last, ABSENT))
            return Override(path, ABSENT, was)
        if last not in table:
            return _added(table, last, optional.unit, path, text, where)
    if field is not None and isinstance(field.default, str | bool | int) and isinstance(table, dict):
        table.setdefault(last, field.default)
    old = _step(table, last, ".".join(parents), where)
    if isinstance(old, dict):
        if "value" not in old or "unit" not in old:
            keys = ", ".join(f"{path}.{key}" for key in old)
            raise PdkError(Problem(f"{path} is a table, not a value", where, keys))
        number = _number_in(text, str(old["unit"]), where)
        # a range or a list of options belongs to the PDK's value; it does not bind the user's own
        kept = {key: value for key, value in old.items() if key not in {"low", "high", "note"}}
        return _put(table, last, kept | {"value": number}, path, _text(old))
    table[last] = _plain_value(old, text, where)
    return Override(path, text.strip(), _text(old))


def _added(table: dict[str, Any], key: str, unit: str, path: str, text: str, where: Input) -> Override:
    """A number without a unit is in the unit in which the table states most values of this kind."""
    units = [
        str(value["unit"])
        for value in table.values()
        if isinstance(value, dict) and "unit" in value and _convertible(str(value["unit"]), unit)
    ]
    usual = max(units, key=units.count, default=unit)
    return _put(table, key, {"value": _number_in(text, usual, where), "unit": usual}, path, ABSENT)


def _put(table: dict[str, Any], key: str, quantity: dict[str, Any], path: str, was: str) -> Override:
    table[key] = {**quantity, "kind": "override", "source": f"set by the user; was {was}"}
    return Override(path, _text(quantity), was)


def _convertible(unit: str, other: str) -> bool:
    try:
        convert(1.0, unit, other)
    except QuantityError:
        return False
    return True


def _step(table: Any, key: str, parent: str, where: Input) -> Any:
    if not isinstance(table, dict):
        raise PdkError(Problem(f"{parent} is a single value", where))
    if key not in table:
        path = [*parent.split("."), key] if parent else [key]
        if keys_at(Pdk, path):
            name = ".".join(path)
            raise PdkError(Problem(f"this PDK has no {name}", where, remedy=f"state all of {name} in the PDK"))
        what = f"there is no {key!r} in {parent or 'the PDK'}"
        known = {**table, **dict.fromkeys(keys_at(Pdk, path[:-1]))}
        raise PdkError(Problem(what, where, remedy=did_you_mean(key, known)))
    return table[key]


def _number_in(text: str, unit: str, where: Input) -> float:
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


def _plain_value(old: object, text: str, where: Input) -> object:
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
    raise PdkError(Problem("a list cannot be set", where))


def _text(value: object, digits: int = 15) -> str:
    if isinstance(value, Mapping) and "value" in value and "unit" in value:
        return f"{value['value']:.{digits}g} {value['unit']}"
    return str(value).lower() if isinstance(value, bool) else str(value)
