"""Template files: a folder ``NAME/template.toml`` that comes with the tool, or one of the user's own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from layoutgen.errors import Problem, TemplateError, did_you_mean
from layoutgen.record import Record
from layoutgen.resources import data_folder
from layoutgen.toml import NotTomlError, read_toml
from layoutgen.validation import problems_of

_FILE = "template.toml"
Schema = TypeVar("Schema", bound=Record)


def shipped(kind: str) -> list[str]:
    """The names of the templates below ``templates/<kind>s`` that come with the tool."""
    return sorted(path.parent.name for path in _home(kind).glob(f"*/{_FILE}"))


def text_of(kind: str, name_or_path: str, base: Path | None) -> str:
    """The text of a template that loads."""
    return (_folder(kind, name_or_path, base) / _FILE).read_text(encoding="utf-8")


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
    names = shipped(kind)
    folder = _folder(kind, name_or_path, base)
    where = f"{folder.name}/{_FILE}"
    try:
        content = read_toml(folder / _FILE)
    except OSError as error:
        what = f"there is no {kind} template {name_or_path!r}"
        allowed = f"{', '.join(names)}, or the path of a folder with a {_FILE}"
        raise TemplateError(Problem(what, key, allowed, did_you_mean(name_or_path, names))) from error
    except NotTomlError as error:
        raise TemplateError(Problem(f"is not TOML: {error}", where)) from error
    return checked(schema, content, where)


def checked(schema: type[Schema], content: Mapping[str, Any], where: str) -> Schema:
    """A template that has been read already.

    Raises:
        TemplateError: with every problem found.
    """
    problems = problems_of(schema, content, {"": where} | dict.fromkeys(content, where))
    if problems:
        raise TemplateError(problems)
    return schema.model_validate(content)


def _folder(kind: str, name_or_path: str, base: Path | None) -> Path:
    return _home(kind) / name_or_path if name_or_path in shipped(kind) else (base or Path()) / name_or_path


def _home(kind: str) -> Path:
    return data_folder("templates") / f"{kind}s"
