"""What a PDK value is, for people."""

import ast
import inspect
import textwrap
from itertools import pairwise

from pydantic import BaseModel

from layoutgen.errors import PdkError, Problem, did_you_mean
from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.quantity import Kind, Quantity
from layoutgen.pdk.vary import leaves, quantities
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


def counts_by_kind(loaded: LoadedPdk) -> dict[str, int]:
    """How many quantities there are of each kind, in the order of trust."""
    kinds = [quantity.kind for _, quantity in quantities(loaded.pdk)]
    return {kind.value: kinds.count(kind) for kind in Kind if kind in kinds}


def explain(loaded: LoadedPdk, path: str) -> str:
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
    file = file_of(path, loaded.files)
    if not isinstance(value, Quantity):
        return "\n".join(filter(None, [f"{path} = {_text(value)}", description, file and f"  file     {file}"]))
    lines = [
        f"{path} = {plain(value.value)} {value.unit}",
        description,
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
    lines += [f"  file     {file}"] if file else []
    lines.append(f"  replace  --set {path}={plain(value.value)}")
    return "\n".join(filter(None, lines))


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
