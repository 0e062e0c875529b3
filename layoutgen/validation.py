"""pydantic's findings as problems: file and key path, what is allowed, did you mean."""

import re
import types
import typing
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from layoutgen.errors import Key, Problem, did_you_mean

# control characters, and what is left of a byte that is not UTF-8: XML, PDF and GDSII have no place for them
_NOT_A_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NUMBER_FORM = '{ value = 12, unit = "um", kind = "measured", source = "our lot 17" }, in the unit of the key'
_TYPE_NAMES = {
    "float_type": "a number",
    "float_parsing": "a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "list_type": "a list",
    "tuple_type": "a list",
}

_BOUNDS = {
    "greater_than": ("out of range", "more than", "gt", ""),
    "greater_than_equal": ("out of range", "at least", "ge", ""),
    "less_than": ("out of range", "less than", "lt", ""),
    "less_than_equal": ("out of range", "at most", "le", ""),
    "string_too_short": ("too short", "at least", "min_length", " characters"),
    "string_too_long": ("too long", "at most", "max_length", " characters"),
}
"""pydantic's limits: what is wrong, and what is allowed as words, its key and its unit."""


def unwritable(content: object) -> list[Problem]:
    """Texts of a document with characters that no file can carry."""
    return [
        Problem(f"{shortened(text)} holds {text[found.start()]!r}, which no file can carry", _key(path))
        for path, text in _texts(content)
        if (found := _NOT_A_CHARACTER.search(text))
    ]


def problems_in(model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """What pydantic found wrong in a ``model``, as problems by key path."""
    return [_problem(model, dict(item)) for item in error.errors(include_url=False)]


def _texts(content: object) -> list[tuple[tuple[str | int, ...], str]]:
    """The texts of a document by key path, in its order."""
    found: list[tuple[tuple[str | int, ...], str]] = []

    def look(value: object, path: tuple[str | int, ...]) -> None:
        if isinstance(value, str):
            found.append((path, value))
        elif isinstance(value, dict):
            for key, item in value.items():
                look(item, (*path, key))
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                look(item, (*path, number))

    look(content, ())
    return found


def _problem(model: type[BaseModel], error: Mapping[str, Any]) -> Problem:
    kind, context = str(error["type"]), error.get("ctx", {})
    path = tuple(part for part in error["loc"] if part != "[key]")
    if context.get("at"):
        path += tuple(str(context["at"]).split("."))
    where = _key(path)
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        return Problem(f"unknown key {name!r}", where, remedy=did_you_mean(name, keys_at(model, path[:-1])))
    if kind == "missing":
        remedy = "say where the number comes from" if name == "source" else ""
        return Problem(f"{name!r} is missing", where, remedy=remedy)
    if kind == "refused":
        return Problem(context["what"], where, context["allowed"], context["remedy"])
    what, allowed, remedy = _wrong_value(model, path, error)
    return Problem(what, where, allowed, remedy)


def _wrong_value(
    model: type[BaseModel], path: Sequence[str | int], error: Mapping[str, Any]
) -> tuple[str, str, str]:
    """What is wrong with a value that is there, what is allowed, and what works."""
    kind, context, given = str(error["type"]), error.get("ctx", {}), shortened(error.get("input"))
    if kind in {"literal_error", "enum"}:
        expected = str(context.get("expected", ""))
        return f"{given} is not allowed", expected, _closest(error.get("input"), expected)
    if kind in _BOUNDS:
        what, words, key, of = _BOUNDS[kind]
        return f"{given} is {what}", f"{words} {context[key]:g}{of}", ""
    if kind in _TYPE_NAMES:
        wanted, form = _TYPE_NAMES[kind], ""
        if wanted == "a table" and _is_number(model, path):
            wanted, form = "a number with unit, kind and source", _NUMBER_FORM
        return f"{given} is not {wanted}", form, ""
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:], "", ""


def _closest(given: object, expected: str) -> str:
    """The word meant, of those that pydantic lists in quotes; empty where none is near."""
    near = get_close_matches(str(given), re.findall(r"'([^']*)'", expected), n=1)
    return f"did you mean {near[0]!r}?" if near else ""


def _is_number(model: type[BaseModel], path: Sequence[str | int]) -> bool:
    """Whether a key path names a number of a kit."""
    return {"value", "unit", "source"} <= {*keys_at(model, path)}


def file_of(path: str, files: Mapping[str, str]) -> str:
    """The file that states a key path, or else the nearest table above it; empty where none is known."""
    while path and path not in files:
        path = path.rpartition(".")[0]
    return files.get(path, "")


def located(path: str, files: Mapping[str, str]) -> Key:
    """A key path with the name of the file that states it."""
    return Key(path, file_of(path, files))


def _key(path: Sequence[str | int]) -> Key:
    return Key(".".join(str(part) for part in path))


def shortened(value: object) -> str:
    """A value as it was given, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def keys_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The keys that the schema knows at a path."""
    current: Any = model
    for part in path:
        current = _field_type(current, str(part))
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [info.alias or key for key, info in current.model_fields.items()]
    return []


def field_at(model: type[BaseModel], path: Sequence[str]) -> FieldInfo | None:
    """The field of a model that a key path names, or None where it names none, or an entry of a free table."""
    current: Any = model
    for part in path[:-1]:
        current = _field_type(current, part)
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return None
    return next((info for name, info in current.model_fields.items() if path[-1] in {name, info.alias}), None)


def _field_type(current: Any, key: str) -> Any:
    if isinstance(current, type) and issubclass(current, BaseModel):
        for name, info in current.model_fields.items():
            if key in {name, info.alias}:
                return _plain_type(info.annotation)
        return None
    if typing.get_origin(current) in {dict, tuple, list}:
        return _plain_type(typing.get_args(current)[-1 if typing.get_origin(current) is dict else 0])
    return None


def _plain_type(annotation: Any) -> Any:
    """The model or container inside Optional[...] and Annotated[...]."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        choices = [choice for choice in typing.get_args(annotation) if choice is not type(None)]
        return _plain_type(choices[0])
    return annotation
