"""Template files: a folder ``NAME/template.toml`` that comes with the tool, or one of the user's own.

A template that ``extends`` another states what it changes: tables merge key by key, elements by their layer, films
by their name; ``remove`` takes out what lies below, as ``elements.CONTACT_POS``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from layoutgen.errors import Problem, TemplateError, did_you_mean
from layoutgen.record import TemplateRecord, checked
from layoutgen.resources import data_folder
from layoutgen.toml import NotTomlError, read_toml, toml_text

_FILE = "template.toml"
_EXTENDS, _REMOVE = "extends", "remove"
Schema = TypeVar("Schema", bound=TemplateRecord)


def shipped(kind: str) -> list[str]:
    """The names of the templates below ``templates/<kind>s`` that come with the tool."""
    return sorted(path.parent.name for path in _home(kind).glob(f"*/{_FILE}"))


def text_of(kind: str, name_or_path: str, base: Path | None) -> str:
    """The text of a template that loads, with what it extends in place."""
    path = _folder(kind, name_or_path, base) / _FILE
    if _EXTENDS not in read_toml(path):
        return path.read_text(encoding="utf-8")
    return toml_text(_content(kind, name_or_path, base, "", ())[1])


def load(schema: type[Schema], kind: str, name_or_path: str, base: Path | None, key: str) -> Schema:
    """Load and check a template given by name, or by the path of its folder (relative to ``base``).

    Args:
        schema: what the file should be.
        kind: ``device`` or ``structure``.
        name_or_path: of the template.
        base: what a path is relative to; the working folder where it is None.
        key: of the kit that names the template, for messages.

    Raises:
        TemplateError: not found, not TOML, or not a valid template; holds every problem found.
    """
    where, content = _content(kind, name_or_path, base, key, ())
    return checked(schema, content, {"": where})


def _content(
    kind: str, name_or_path: str, base: Path | None, key: str, above: tuple[str, ...]
) -> tuple[str, dict[str, Any]]:
    """What messages call a template's file, and its content with what it extends below it.

    ``above`` are the names of those that extend it.
    """
    where, content = _read(kind, name_or_path, base, key)
    below = content.get(_EXTENDS)
    if below is None:
        return where, content
    stated = f"{where}: {_EXTENDS}"
    names = (*above, name_or_path)
    if not isinstance(below, str) or below in names:
        ways = " extends ".join([*names, str(below)])
        raise TemplateError(Problem(f"leads to no template: {ways}", stated, "the name of another template"))
    _, lower = _content(kind, below, _folder(kind, name_or_path, base), stated, names)
    return where, _merged(lower, content, where)


def _read(kind: str, name_or_path: str, base: Path | None, key: str) -> tuple[str, dict[str, Any]]:
    """What messages call a template's file, and its content."""
    names = shipped(kind)
    folder = _folder(kind, name_or_path, base)
    where = f"{folder.name}/{_FILE}"
    try:
        return where, read_toml(folder / _FILE)
    except OSError as error:
        what = f"there is no {kind} template {name_or_path!r}"
        allowed = f"{', '.join(names)}, or the path of a folder with a {_FILE}"
        raise TemplateError(Problem(what, key, allowed, did_you_mean(name_or_path, names))) from error
    except NotTomlError as error:
        raise TemplateError(Problem(f"is not TOML: {error}", where)) from error


def _merged(lower: Mapping[str, Any], upper: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A template with what another states on top of it."""
    found = {key: _named(value) for key, value in lower.items()}
    paths = upper.get(_REMOVE, [])
    if not isinstance(paths, list):
        what = f"{paths!r} is no list of key paths"
        raise TemplateError(Problem(what, f"{where}: {_REMOVE}", '["elements.LAYER", "parameters.NAME"]'))
    for path in paths:
        table, _, name = str(path).partition(".")
        if not isinstance(found.get(table), dict) or name not in found[table]:
            raise TemplateError(Problem(f"there is nothing to remove at {path!r}", f"{where}: {_REMOVE}"))
        del found[table][name]
    for key, value in upper.items():
        if key not in {_EXTENDS, _REMOVE}:
            found[key] = _over(found.get(key), _named(value))
    return {key: list(value.values()) if isinstance(value, _Entries) else value for key, value in found.items()}


def _over(below: Any, value: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(value, dict)):
        return value
    return type(below)(below | {name: _over(below.get(name), item) for name, item in value.items()})


class _Entries(dict[str, Any]):
    """A list of tables, by the name of each."""


def _named(value: Any) -> Any:
    """A list of tables that each name a film or a layer, by it; any other table copied; else the value itself."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        names = [item.get("film", item.get("layer")) for item in value]
        if all(isinstance(name, str) for name in names) and len({*names}) == len(names):
            return _Entries(zip(names, value, strict=True))
    return dict(value) if isinstance(value, dict) else value


def _folder(kind: str, name_or_path: str, base: Path | None) -> Path:
    return _home(kind) / name_or_path if name_or_path in shipped(kind) else (base or Path()) / name_or_path


def _home(kind: str) -> Path:
    return data_folder("templates") / f"{kind}s"
