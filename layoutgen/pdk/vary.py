"""One number of a PDK replaced, without reading and checking the whole again: for sweeps and sensitivities."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from layoutgen.pdk.quantity import Quantity
from layoutgen.pdk.schema import Pdk


def quantities(pdk: Pdk) -> Iterator[tuple[str, Quantity]]:
    """Every quantity with its key path, in schema order."""
    yield from _walk("", pdk)


def with_value(pdk: Pdk, path: str, value: float) -> Pdk:
    """A copy of the PDK with the quantity at ``path`` set to ``value``, in the unit that it has.

    Raises:
        KeyError: there is no quantity at the path.
    """
    changed: Pdk = _replaced(pdk, path.split("."), value)
    return changed


def _walk(prefix: str, value: Any) -> Iterator[tuple[str, Quantity]]:
    if isinstance(value, Quantity):
        yield prefix, value
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            key = info.alias or name
            yield from _walk(f"{prefix}.{key}" if prefix else key, getattr(value, name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(f"{prefix}.{key}", item)


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
