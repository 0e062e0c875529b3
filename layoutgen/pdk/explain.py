"""What a PDK value is, for people."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from layoutgen.errors import PdkError, Problem, did_you_mean
from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.quantity import Kind, Quantity
from layoutgen.pdk.values import leaves, quantities
from layoutgen.units import counted, plain
from layoutgen.validation import file_of

_KINDS = {
    Kind.MEASURED: "measured on the line itself",
    Kind.PAPER: "from the technology's paper",
    Kind.PUBLISHED: "from another public source",
    Kind.DERIVED: "derived from such numbers",
    Kind.ASSUMED: "assumed; illustrative, not foundry data",
    Kind.OVERRIDE: "set by the user for this run",
}


def rows_of(loaded: LoadedPdk) -> list[tuple[str, str, str]]:
    """Every leaf value as text: (key path, value with unit, kind); ``layoutgen rule`` lists the rules."""
    rows = []
    for path, value, _, _ in leaves(loaded.pdk):
        if path.startswith("rules."):
            continue
        if isinstance(value, Quantity):
            rows.append((path, f"{plain(value.value)} {value.unit}", value.kind.value))
        else:
            rows.append((path, _text(value), ""))
    return rows


def in_table(rows: Sequence[tuple[str, str, str]], table: str, kit: str) -> list[tuple[str, str, str]]:
    """The rows of :func:`rows_of` at a key path or below it.

    Raises:
        PdkError: the kit has no such table.
    """
    found = [row for row in rows if f"{row[0]}.".startswith(f"{table}.")]
    if not found:
        known = list(dict.fromkeys(start for path, _, _ in rows for start in _starts(path)))
        tables = list(dict.fromkeys(path.partition(".")[0] for path, _, _ in rows if "." in path))
        what = f"{kit} has no table {table!r}"
        raise PdkError(Problem(what, "table", ", ".join(tables), did_you_mean(table, known)))
    return found


def _starts(path: str) -> Iterator[str]:
    """A key path and every table that it is in."""
    keys = path.split(".")
    yield from (".".join(keys[:count]) for count in range(1, len(keys) + 1))


def counts_by_kind(loaded: LoadedPdk) -> dict[str, int]:
    """How many quantities there are of each kind, in the order of trust."""
    kinds = [quantity.kind for _, quantity in quantities(loaded.pdk)]
    return {kind.value: kinds.count(kind) for kind in Kind if kind in kinds}


@dataclass(frozen=True, slots=True)
class ExplainedValue:
    """One value of a kit, what it is, and the file that states it; empty where that is not known."""

    path: str
    value: Any
    description: str
    file: str

    def text(self) -> str:
        """For a terminal."""
        value = self.value
        file = [f"  file     {self.file}"] if self.file else []
        if not isinstance(value, Quantity):
            return "\n".join(filter(None, [f"{self.path} = {_text(value)}", self.description, *file]))
        lines = [
            f"{self.path} = {plain(value.value)} {value.unit}",
            self.description,
            f"  kind     {value.kind.value}: {_KINDS[value.kind]}",
            f"  source   {value.source}",
        ]
        if value.low is not None or value.high is not None:
            low, high = (plain(end) if end is not None else "open" for end in (value.low, value.high))
            lines.append(f"  range    {low} to {high} {value.unit}")
        if value.options:
            lines.append(f"  options  {', '.join(plain(option) for option in value.options)} {value.unit}")
        if value.note:
            lines.append(f"  note     {value.note}")
        return "\n".join(filter(None, [*lines, *file]))

    def to_json(self) -> dict[str, Any]:
        """As a document; a number with its unit, kind, source, range and options."""
        value = self.value
        if isinstance(value, BaseModel):
            value = value.model_dump(mode="json", by_alias=True)
        elif isinstance(value, tuple):
            value = [item.model_dump(mode="json") if isinstance(item, BaseModel) else item for item in value]
        return {
            "schema": "layoutgen.pdk-value/1",
            "path": self.path,
            "value": value,
            "description": self.description,
            "file": self.file or None,
        }


def value_at(loaded: LoadedPdk, path: str) -> ExplainedValue:
    """One value in full.

    Raises:
        PdkError: there is no such value.
    """
    known = {leaf[0]: leaf for leaf in leaves(loaded.pdk)}
    if path not in known:
        below = [key for key in known if key.startswith(f"{path}.")]
        what = f"{path!r} is a table" if below else f"there is no value {path!r} in {loaded.pdk.name}"
        remedy = "one of " + ", ".join(below) if below else did_you_mean(path, known)
        raise PdkError(Problem(what, "KEY.PATH", remedy=remedy))
    _, value, model, field = known[path]
    description = field_docs(model).get(field, "") if model else ""
    return ExplainedValue(path, value, description, file_of(path, loaded.files))


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """The docstrings that stand below the fields of a model; read from its source, only when somebody asks."""
    found: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if not issubclass(parent, BaseModel) or parent is BaseModel:
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(parent))).body[0]
        statements = body.body if isinstance(body, ast.ClassDef) else []
        for field, text in pairwise(statements):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(doc))):
                    found[name] = " ".join(doc.split())
                case _:
                    pass
    return found


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return counted(len(value), "entry", "entries")
    return str(value).lower() if isinstance(value, bool) else str(value)
