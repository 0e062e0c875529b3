"""The folder WEB: what was read of one web, and what later commands add to it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layoutgen.document import from_document
from layoutgen.document.file import document_of
from layoutgen.errors import DocumentError, Input, Problem
from layoutgen.lot.table import WEB, Table
from layoutgen.lot.webmap import RepeatMap, repeat_map
from layoutgen.solver.solution import Solution

TABLE: Final = "web.parquet"
IMPORT: Final = "import.json"
DESIGN: Final = "design.json"
TRUTH: Final = "truth.json"
TRUTH_TABLE: Final = "truth.parquet"
BINS_TABLE: Final = "bins.parquet"
IMPORT_SCHEMA: Final = "layoutgen.import/1"


@dataclass(frozen=True)
class WebFolder:
    """A folder that ``test read`` or ``test simulate`` made: its design, and its table of readings."""

    path: Path
    solution: Solution
    map: RepeatMap
    table: Table
    imported: dict[str, Any]

    @property
    def synthetic(self) -> bool:
        return self.table.about.synthetic


def is_web(path: Path) -> bool:
    """Whether a folder is one of readings."""
    return (path / IMPORT).is_file()


def open_web(path: Path) -> WebFolder:
    """Open a folder of readings.

    Raises:
        DocumentError: it is none, a file of it is damaged, or its table is of another cell map than its design.
    """
    if not (path / IMPORT).is_file():
        what = "is no folder of readings" if path.exists() else "is not there"
        remedy = "layoutgen test read DATA " + Input("design", "DESIGN") + " " + Input("out", "WEB")
        raise DocumentError(Problem(what, str(path), f"a folder that holds {IMPORT} and {TABLE}", remedy))
    imported = read_json(path / IMPORT, IMPORT_SCHEMA)
    try:
        text = (path / DESIGN).read_bytes()
    except OSError as error:
        raise DocumentError(Problem(f"cannot be read: {(error.strerror or '').lower()}", DESIGN)) from error
    solution = from_document(document_of(text, DESIGN))
    cells = repeat_map(solution)
    table = Table(path / TABLE, WEB)
    if table.about.map_sha256 != cells.digest:
        what = f"is of cell map {table.about.map_sha256[:12]}, the design's is {cells.digest[:12]}"
        raise DocumentError(Problem(what, TABLE, remedy="read the data again with the right " + Input("design")))
    return WebFolder(path, solution, cells, table, imported)


def read_json(path: Path, schema: str, needed: Iterable[str] = ()) -> dict[str, Any]:
    """A JSON file of a schema, with the keys that are needed of it.

    Raises:
        DocumentError: it is not there, not JSON, of another schema, or lacks a key.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DocumentError(Problem(f"cannot be read: {(error.strerror or '').lower()}", path.name)) from error
    except (ValueError, RecursionError) as error:
        raise DocumentError(Problem(f"is not JSON: {error}", path.name)) from error
    found = content.get("schema") if isinstance(content, dict) else None
    if found != schema:
        raise DocumentError(Problem(f"schema is {found!r}", path.name, schema))
    lost = [key for key in needed if key not in content]
    if lost:
        raise DocumentError(Problem(f"is not whole: it has no {', '.join(lost[:6])}", path.name))
    return dict(content)


def json_text(content: dict[str, Any]) -> bytes:
    """JSON as every command writes it: stable order, one newline at the end, no NaN."""
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
