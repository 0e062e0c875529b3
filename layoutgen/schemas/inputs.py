"""The schemas of files that the tool reads, made from the models that read them."""

import importlib
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, BeforeValidator
from pydantic.json_schema import GenerateJsonSchema


class _Unordered(GenerateJsonSchema):
    """Keys in the order of the model, which is that of the documentation."""

    def sort(self, value: Any, parent_key: str | None = None) -> Any:  # noqa: ARG002
        return value


def model_schema(path: str) -> dict[str, Any]:
    """The schema of a model, by module and name below the package, with the docstrings of its fields.

    Args:
        path: such as ``pdk.schema:Pdk``; imported here, since the command line must not import them all.
    """
    from layoutgen.pdk.explain import field_docs

    module, _, name = path.partition(":")
    model: type[BaseModel] = getattr(importlib.import_module(f"layoutgen.{module}"), name)
    schema = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_Unordered)
    for part in _models_in(model):
        target = schema if part is model else schema.get("$defs", {}).get(part.__name__, {})
        docs = field_docs(part)
        for field, info in part.model_fields.items():
            properties = target.get("properties", {})
            key = info.alias or field
            if key not in properties:
                continue
            if _reads_texts(info.annotation, info.metadata):
                properties[key] = _or_text(properties[key])
            properties[key].pop("title", None)
            if field in docs:
                properties[key]["description"] = docs[field]
    return schema


def _reads_texts(annotation: Any, marks: Iterable[Any] = ()) -> bool:
    """Whether a value is read before it is checked, so that ``20 mAh`` stands for a number."""
    marks = (*marks, *getattr(annotation, "__metadata__", ()))
    return any(isinstance(mark, BeforeValidator) for mark in marks) or any(
        _reads_texts(part) for part in typing.get_args(annotation)
    )


def _or_text(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that takes a text, or a number alone, wherever it takes numbers."""

    def widened(node: Any) -> Any:
        if isinstance(node, Mapping):
            if node.get("type") == "number":
                return {**node, "type": ["number", "string"]}
            return {key: widened(value) for key, value in node.items()}
        return [widened(item) for item in node] if isinstance(node, list) else node

    kept = {key: value for key, value in schema.items() if key in {"default", "title"}}
    body = {key: value for key, value in schema.items() if key not in kept}
    return {"anyOf": [widened(body), {"type": ["number", "string"]}], **kept}


def kit_file_schema() -> dict[str, Any]:
    """One file of a kit, which may state any part of any table: the schema of the whole, with nothing required."""
    schema: dict[str, Any] = _with_nothing_required(model_schema("pdk.schema:Pdk"))
    schema["properties"] = {
        "extends": {"type": "string", "description": "Name of a kit or a base, or path of a folder, to stand on."},
        "remove": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Key paths that are taken out of what is extended.",
        },
        **schema["properties"],
    }
    return schema


def template_schema(path: str) -> dict[str, Any]:
    """A template, which states all of itself, or what it changes of one that it extends.

    Args:
        path: of its model, as for :func:`model_schema`.
    """
    whole = model_schema(path)
    part: dict[str, Any] = _with_nothing_required(whole)
    part["properties"] = {
        "extends": {"type": "string", "description": "Name of a template, or path of a folder, to stand on."},
        "remove": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What is taken out of it: elements.LAYER, parameters.NAME.",
        },
        **part["properties"],
    }
    return part | {"if": {"not": {"required": ["extends"]}}, "then": {"required": whole["required"]}}


def _with_nothing_required(node: Any) -> Any:
    if isinstance(node, Mapping):
        kept = {key: value for key, value in node.items() if not (key == "required" and isinstance(value, list))}
        return {key: _with_nothing_required(value) for key, value in kept.items()}
    return [_with_nothing_required(item) for item in node] if isinstance(node, list) else node


def _models_in(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and all that it is made of, each once."""
    found: dict[type[BaseModel], None] = {}

    def walk(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation in found:
                return
            found[annotation] = None
            for info in annotation.model_fields.values():
                walk(info.annotation)
        for part in typing.get_args(annotation):
            walk(part)

    walk(model)
    return list(found)
