"""The file design.json: a document as text, and a text as a document."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layoutgen.document.kinds import kind_of
from layoutgen.errors import DocumentError, Problem
from layoutgen.reading import MOST_MADE, read_plain

SCHEMA = "layoutgen.design/1"
_OURS = "layoutgen.design/"
_ALLOWED = "a design.json, or the folder that layoutgen design made"


def to_text(document: Mapping[str, Any]) -> str:
    """The document as text: stable order, one trailing newline."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_document(path: Path) -> dict[str, Any]:
    """Read a design.json, or the one inside a design folder.

    Raises:
        DocumentError: it is not there, not JSON, or of another schema.
    """
    file = path / "design.json" if path.is_dir() else path
    try:
        text = read_plain(file, MOST_MADE)
    except OSError as error:
        missing = path.is_dir() and not file.exists()
        reason = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise DocumentError(Problem("holds no design.json" if missing else reason, str(path), _ALLOWED)) from error
    return document_of(text, file.name)


def document_of(text: bytes, where: str) -> dict[str, Any]:
    """The text of a design.json as a document.

    Raises:
        DocumentError: it is not JSON, or of another schema; says what it is where that can be told.
    """
    kind = kind_of(text, where)
    if kind is not None:
        raise DocumentError(Problem(f"is {kind.what}, not a design", where, _ALLOWED, kind.remedy))
    if not text.strip():
        raise DocumentError(Problem("is empty", where, _ALLOWED))
    try:
        content = json.loads(text.decode(), object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError) as error:
        raise DocumentError(Problem(f"is not JSON: {error}", where, _ALLOWED)) from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if isinstance(schema, str) and schema.startswith("layoutgen.") and not schema.startswith(_OURS):
        of = schema.removeprefix("layoutgen.").partition("/")[0].replace("-", " ")
        raise DocumentError(Problem(f"is another document of layoutgen ({of}), not a design", where, _ALLOWED))
    if schema != SCHEMA:
        raise DocumentError(
            Problem(f"schema is {schema!r}", where, SCHEMA, "make it again with this version of layoutgen design")
        )
    return dict(content)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A table of JSON; a reader must not see another value than we do."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in names if names.count(key) > 1)!r} stands there twice")
    return found
