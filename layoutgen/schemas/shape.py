"""A short way to write the JSON Schema of what the tool writes: tables by their keys, ``?`` behind what may lack.

A table may hold more keys than are stated, as every file of the tool may grow; those stated keep their meaning.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
Shape: TypeAlias = "Mapping[str, Any]"

NUMBER: Final[Shape] = {"type": "number"}
WHOLE: Final[Shape] = {"type": "integer", "minimum": 0}
TEXT: Final[Shape] = {"type": "string"}
FLAG: Final[Shape] = {"type": "boolean"}
ANY: Final[Shape] = {}
SHA256: Final[Shape] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
FRACTION: Final[Shape] = {"type": "number", "minimum": 0, "maximum": 1}


def const(value: str) -> Shape:
    """One text and no other."""
    return {"const": value}


def one_of(*values: str) -> Shape:
    """One of several texts."""
    return {"enum": list(values)}


def maybe(shape: Shape) -> Shape:
    """A value, or null where there is none."""
    return {"anyOf": [shape, {"type": "null"}]}


def several(shape: Shape, least: int = 0) -> Shape:
    """A list of values of one shape."""
    return {"type": "array", "items": shape} | ({"minItems": least} if least else {})


def by_name(shape: Shape) -> Shape:
    """A table of any keys, with values of one shape."""
    return {"type": "object", "additionalProperties": shape}


def table(**keys: Shape) -> Shape:
    """A table; a key that ends in ``_`` is one of Python's words without it."""
    return keyed({key.removesuffix("_"): shape for key, shape in keys.items()})


def keyed(keys: Mapping[str, Shape]) -> Shape:
    """A table; a key that ends in ``?`` may be left out."""
    return {
        "type": "object",
        "properties": {key.removesuffix("?"): shape for key, shape in keys.items()},
        "required": [key for key in keys if not key.endswith("?")],
    }


def numbers(names: Sequence[str] | str) -> Shape:
    """A table of numbers, each of which must be there; names as a list or in one text."""
    return keyed(dict.fromkeys(names.split() if isinstance(names, str) else names, NUMBER))
