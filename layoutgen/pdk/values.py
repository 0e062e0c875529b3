"""Walking a PDK, and replacing one of its numbers without reading and checking the whole again."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from layoutgen.pdk.quantity import Quantity

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

Leaf = tuple[str, Any, type[BaseModel] | None, str]
"""Key path, value, and the model and field that hold it."""


def leaves(pdk: "Pdk") -> Iterator[Leaf]:
    """Every value that is a quantity or plain, in schema order; what is absent is left out."""
    yield from _walk("", pdk, None, "")


def quantities(pdk: "Pdk") -> list[tuple[str, Quantity]]:
    """Every quantity with its key path, in schema order."""
    found: list[tuple[str, Quantity]] = []
    _add_quantities("", pdk, found)
    return found


def numbers(pdk: "Pdk") -> dict[str, float]:
    """The number of every quantity by its key path, in the unit that the schema counts in."""
    return {path: quantity.value for path, quantity in quantities(pdk)}


def with_value(pdk: "Pdk", path: str, value: float) -> "Pdk":
    """A copy of the PDK with the quantity at ``path`` set to ``value``, in the unit that it has.

    Raises:
        KeyError: there is no quantity at the path.
    """
    changed: Pdk = _replaced(pdk, path.split("."), value)
    return changed


def _walk(prefix: str, value: Any, model: type[BaseModel] | None, field: str) -> Iterator[Leaf]:
    if isinstance(value, BaseModel) and not isinstance(value, Quantity):
        for name, info in type(value).model_fields.items():
            key = info.alias or name
            yield from _walk(f"{prefix}.{key}" if prefix else key, getattr(value, name), type(value), name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(f"{prefix}.{key}", item, model, field)
    elif value is not None:
        yield prefix, value, model, field


def _add_quantities(prefix: str, node: Any, found: list[tuple[str, Quantity]]) -> None:
    if isinstance(node, Quantity):
        found.append((prefix, node))
    elif isinstance(node, dict):
        for key, item in node.items():
            _add_quantities(f"{prefix}.{key}", item, found)
    elif isinstance(node, BaseModel):
        for key, name in _fields_with_quantities(type(node)):
            _add_quantities(f"{prefix}.{key}" if prefix else key, getattr(node, name), found)


@cache
def _fields_with_quantities(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """Key and name of the fields of a model that hold quantities, at any depth: most of a PDK is text and rules."""

    def holds(annotation: Any) -> bool:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return issubclass(annotation, Quantity) or bool(_fields_with_quantities(annotation))
        return any(holds(part) for part in get_args(annotation))

    fields = model.model_fields.items()
    return tuple((info.alias or name, name) for name, info in fields if holds(info.annotation))


def _replaced(node: Any, path: list[str], value: float) -> Any:
    if not path:
        if not isinstance(node, Quantity):
            raise KeyError("not a quantity")
        return node.model_copy(update={"value": value})
    key, *rest = path
    if isinstance(node, dict):
        return {**node, key: _replaced(node[key], rest, value)}
    for name, info in type(node).model_fields.items():
        if key == (info.alias or name):
            return node.model_copy(update={name: _replaced(getattr(node, name), rest, value)})
    raise KeyError(key)
