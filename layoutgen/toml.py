"""TOML, read and written in one place: what cannot be read has one kind of error, whatever is wrong with it."""

import codecs
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from layoutgen.reading import read_plain

_DEEPEST: Final = 64


class NotTomlError(ValueError):
    """A text is not TOML; the message says why, without naming the file."""


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a file.

    Raises:
        OSError: it cannot be read, is no regular file or too large for one, or its name can be none of a file.
        NotTomlError: it is not TOML.
    """
    return toml_of(read_plain(path))


def toml_of(content: bytes) -> dict[str, Any]:
    """The tables of a text in UTF-8.

    Raises:
        NotTomlError: it is not TOML.
    """
    try:
        tables = tomllib.loads(content.removeprefix(codecs.BOM_UTF8).decode())
        _look_down(tables, _DEEPEST)
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} is not UTF-8 text"
        raise NotTomlError(message) from error
    except RecursionError as error:
        message = "tables or lists are nested too deep"
        raise NotTomlError(message) from error
    except ValueError as error:  # a wrong text, and a whole number of thousands of digits
        raise NotTomlError(str(error)) from error
    return tables


def _look_down(value: dict[str, Any] | list[Any], levels: int) -> None:
    """Refuse what no schema nests and recursion does not reach; a heading of dots nests without recursion.

    Raises:
        RecursionError: there are more levels.
    """
    if not levels:
        raise RecursionError
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            _look_down(item, levels - 1)


def toml_text(content: Mapping[str, Any]) -> str:
    """Tables as TOML: single values first, numbers with unit and lists of tables as they are usually written.

    A table of single values only that has a ``value`` stands in one line, any other below a heading of its own.

    Raises:
        TypeError: a value has no form in TOML, such as None.
    """
    lines: list[str] = []
    _write_table((), content, lines)
    return "\n".join(lines).strip() + "\n"


def _write_table(path: tuple[str, ...], table: Mapping[str, Any], lines: list[str]) -> None:
    single = {key: value for key, value in table.items() if not _has_heading(value)}
    if path and (single or not table):
        lines += ["", f"[{_dotted(path)}]"]
    lines += [f"{_key(key)} = {_value(value)}" for key, value in single.items()]
    for key, value in table.items():
        if key in single:
            continue
        if isinstance(value, Mapping):
            _write_table((*path, key), value, lines)
            continue
        for item in value:
            lines += ["", f"[[{_dotted((*path, key))}]]"]
            lines += [f"{_key(name)} = {_value(part)}" for name, part in item.items()]


def _has_heading(value: object) -> bool:
    """Whether a value is a table, or a list of tables, that stands below a heading."""
    if isinstance(value, Mapping):
        return "value" not in value or any(isinstance(item, Mapping) for item in value.values())
    return isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # JSON escapes what TOML escapes, in the same way, but for the character DEL
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case int() | float():
            return repr(value)
        case list() | tuple():
            return f"[{', '.join(_value(item) for item in value)}]"
        case Mapping():
            return f"{{ {', '.join(f'{_key(key)} = {_value(item)}' for key, item in value.items())} }}"
    message = f"{type(value).__name__} has no form in TOML"
    raise TypeError(message)


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(_key(part) for part in path)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _value(key)
