"""Make the pages of docs/ that say what the code says: the start page, file schemas, commands, template listing."""

import inspect
import sys
import textwrap
import types
import typing
from collections.abc import Iterator
from pathlib import Path

import click
from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from layoutgen.cli import VERBS, cli
from layoutgen.lot.table import BINS, CELL, DEFECTS, FITS, PASSES_FORM, REPEAT, SPECTRA, TRUTH, WEB
from layoutgen.lot.table import Form as TableForm
from layoutgen.pdk.explain import field_docs
from layoutgen.pdk.limits import FIGURES
from layoutgen.pdk.quantity import Measure, Quantity
from layoutgen.pdk.schema import Pdk
from layoutgen.pdk.webtest import WebTest
from layoutgen.receivers.shop import ShopProfile
from layoutgen.record import Form
from layoutgen.report.checklist import Review
from layoutgen.rules.waivers import WaiverFile
from layoutgen.schemas import SCHEMAS as JSON_SCHEMAS
from layoutgen.schemas import schema_text
from layoutgen.spec import Reading, Spec
from layoutgen.template import Template

DOCS = Path(__file__).resolve().parent.parent / "docs"
_NOTICE = "<!-- Made by scripts/make_docs.py; do not edit. -->\n\n"
_BOUNDS = ((Ge, "ge", "at least"), (Gt, "gt", "more than"), (Le, "le", "at most"), (Lt, "lt", "less than"))

SCHEMAS: dict[str, tuple[type[BaseModel], str, str]] = {
    "pdk": (
        Pdk,
        "Process design kit, key by key",
        "Every key that the TOML files of a PDK may hold. The files of the folder are read as one document; which "
        "file a table stands in is your choice. [The PDK guide](../pdk-guide.md) says how to write one.",
    ),
    "template": (
        Template,
        "Device template, key by key",
        "Every key of a `template.toml`. [The template guide](../template-guide.md) says how to write one.",
    ),
    "spec": (
        Spec,
        "Spec file, key by key",
        "What `--spec FILE` may hold. Quantities are numbers in the unit given here, or text with a unit, such as "
        '`"500 uAh"`. Options on the command line win over the file.',
    ),
    "shop": (
        ShopProfile,
        "Shop profile, key by key",
        "What one kind of shop wants to receive; `layoutgen export --shop` takes the name of a shipped profile or "
        "a file like this. [Masks for a shop](../howto/shop.md) shows it in use.",
    ),
    "waivers": (
        WaiverFile,
        "Waiver file, key by key",
        "What `layoutgen check --waivers FILE` reads. [Waivers](../howto/waivers.md) shows it in use.",
    ),
    "test": (
        WebTest,
        "Test of the web, key by key",
        "What the tables `[test...]` of a kit hold (`test.toml`), and what `--rules FILE` of `layoutgen test`, "
        "`bin` and `yield` may state in their place, key by key. No design depends on them; a kit without them "
        "has those of `anodeless-ss`. [From a cell map to bins](../howto/test.md) shows them in use.",
    ),
    "review": (
        Review,
        "Review file, key by key",
        "The `review.toml` beside `design.json`. [The design review](../review.md) shows it in use.",
    ),
}


def pages() -> dict[str, str]:
    """Path below docs/ -> text of every generated page."""
    found = {"index.md": start_page(), "contributing.md": contributing_page(), "reference/cli.md": command_page()}
    found |= {f"reference/{name}.md": schema_page(*entry) for name, entry in SCHEMAS.items()}
    found |= {f"reference/schemas/{name}": text for name, text in schema_files().items()}
    found["reference/lot-table.md"] = lot_table_page()
    return found


_TABLES: tuple[tuple[str, TableForm, str], ...] = (
    (
        "web.parquet",
        WEB,
        "Readings, as `test read` and `test simulate` leave them; of several passes the last valid.",
    ),
    (
        "bins.parquet",
        BINS,
        "What `bin` leaves. Its metadata add `rules`: name, bin, title and whether it bins, of each bit of `hits` "
        "from bit 0; `good_bins`; `trays`; and `estimate`: `of`, the readings; `correlation` as used, which is the "
        "lower end of `correlation_interval` around `correlation_found`; `error_nah` of a cell; `lot_error_nah`, "
        "which all cells of the lot share; `lot_mean_nah`; `sigma_cell_nah` of true capacities in the lot; "
        "`cycled`: file, cells, those left out, how each reading does alone, how many standard errors the cycled "
        "cells lie off the lot in each, or null; and `readings`, false where nothing told the capacity and every "
        "cell has the nominal one of the design. A stack has the sum of `capacity_nah` as estimate; its variance "
        "is the sum of `capacity_error_nah` squared, and for each lot the square of its cells times "
        "`lot_error_nah`.",
    ),
    (
        "defects.parquet",
        DEFECTS,
        "Points of an inspection, one row each, sorted by place; cell -1 lies beside all cells. `test read` "
        "leaves it.",
    ),
    (
        "passes.parquet",
        PASSES_FORM,
        "One row for each reading of cells that were read more than once. `test read` leaves it.",
    ),
    (
        "spectra.parquet",
        SPECTRA,
        "One row for each cell that was swept, with lists `re_ohm_cm2` and `im_ohm_cm2` over `frequency_hz` of the "
        "metadata. `test read` leaves it.",
    ),
    (
        "fits.parquet",
        FITS,
        "One row for each spectrum that was fitted. `test fit` leaves it; `fits.json` sums it up.",
    ),
    ("truth.parquet", TRUTH, "What is true of a synthetic web; `test simulate` leaves it."),
)


def lot_table_page() -> str:
    """The tables of cells: forms, columns, metadata."""
    parts = [
        "# Tables of cells\n",
        "What `layoutgen test`, `bin` and `stack` read and write: Parquet, one row a cell, sorted by (repeat, "
        "cell). Every cell of every repeat from the first to the last has its row, read or not, so rows are a "
        "matrix of (repeats, cells). Row groups hold whole repeats, about 131 072 rows, and are read one at a "
        "time. Values are whole numbers of a tick, so that sums do not depend on their order; what is not there "
        "is null. The name of a cell is not stored: it is that of line `cell` (from 0) of `test/cell-map.csv` of "
        "the design, after its repeat: `W0012-F1-B2-C03-R12`.\n",
        "The key `layoutgen` of the file's metadata holds JSON: `schema`; `design`, its name; `map_sha256`, the "
        "SHA-256 of that `cell-map.csv`; `cells` of a repeat; `first_repeat`; `repeats`; `synthetic`, true where "
        "no web was ever measured. No clock and no path is in it. Files of two versions of pyarrow differ in "
        "bytes, since they name their writer; their content does not.\n",
    ]
    for name, form, about in _TABLES:
        parts += [f"## {name}\n", f"Schema `{form.schema}`. {about}\n"]
        parts += ["| column | type | tick | meaning |", "|---|---|---|---|"]
        for column in (REPEAT, CELL, *form.columns):
            tick = f"{column.tick:g} {column.unit}" if column.unit else ""
            kind = column.dtype + (", or null" if column.nullable else "")
            parts.append(f"| `{column.name}` | {kind} | {tick} | {column.meaning} |")
        parts.append("")
    return _NOTICE + "\n".join(parts)


def schema_files() -> dict[str, str]:
    """docs/reference/schemas: every JSON Schema, and a page that lists them."""
    lines = [
        "# JSON Schemas\n",
        "What every TOML and JSON file of the tool looks like, for editors, for checks, for other tools: the "
        "same that `layoutgen schema NAME` prints, and that an installation holds in "
        "`layoutgen/data/schemas`. For files that are read they are as strict as the tool, but for what only "
        "it can tell (units, ranges in another unit, what contradicts); for files that are written they state "
        "the keys to rely on, and more may be there.\n",
        "An editor takes one by a comment in the first line of a TOML file:\n",
        "```toml\n#:schema ./pdk-file.schema.json\n```\n",
        "| schema | of |",
        "|---|---|",
        *(f"| [{name}]({name}.schema.json) | {schema.of} |" for name, schema in JSON_SCHEMAS.items()),
    ]
    index = {"README.md": _NOTICE + "\n".join(lines) + "\n"}
    return index | {f"{name}.schema.json": schema_text(name) for name in JSON_SCHEMAS}


def start_page() -> str:
    """The README, with links as the site has them."""
    return _from_top("README.md")


def contributing_page() -> str:
    """CONTRIBUTING.md, with links as the site has them."""
    return _from_top("CONTRIBUTING.md")


def _from_top(name: str) -> str:
    text = (DOCS.parent / name).read_text(encoding="utf-8")
    return _NOTICE + text.replace("](docs/", "](").replace("](CONTRIBUTING.md)", "](contributing.md)")


def schema_page(model: type[BaseModel], title: str, introduction: str) -> str:
    """Every key of a model and of the models inside it."""
    parts = [f"# {title}\n", introduction + "\n"]
    sections = list(_sections(model, ""))
    if any(Quantity in _models(info.annotation) for _, part in sections for info in part.model_fields.values()):
        sections.append(("a quantity", Quantity))
    for path, part in sections:
        parts.append(f"## {'The file' if not path else f'`{path}`' if part is not Quantity else 'A quantity'}\n")
        if part is Quantity:
            parts.append('As `{ value = 10, unit = "um", kind = "paper", source = "..." }`.\n')
        elif path and part.__doc__:
            parts.append(_sentence(part.__doc__) + "\n")
        parts.append(_table(part))
    if model is Pdk:
        figures = ", ".join(f"`{name}`" for name in FIGURES)
        parts.append(f'## Figures that rules may use\n\nWith `view = "figures"`: {figures}; lengths in um.\n')
    return _NOTICE + "\n".join(parts)


def _sections(model: type[BaseModel], path: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """(key path, model) of a model and of all tables inside it, each model where it first stands."""
    seen: set[type[BaseModel]] = set()

    def walk(part: type[BaseModel], where: str) -> Iterator[tuple[str, type[BaseModel]]]:
        if part in seen or part is Quantity:
            return
        seen.add(part)
        yield where, part
        for key, info in part.model_fields.items():
            name = info.alias or key
            inside = f"{where}.{name}" if where else name
            inside += {dict: ".NAME", tuple: "[]"}.get(typing.get_origin(_bare(info.annotation)), "")
            for child in _models(info.annotation):
                yield from walk(child, inside)

    yield from walk(model, path)


def _bare(annotation: object) -> object:
    """The type inside Annotated and Optional."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return _bare(next(part for part in typing.get_args(annotation) if part is not type(None)))
    return annotation


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _models(part)]


def _table(model: type[BaseModel]) -> str:
    documented = field_docs(model)
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for name, info in model.model_fields.items():
        if name not in documented:
            sys.exit(f"{model.__name__}.{name} has no docstring")
        default = "needed" if info.is_required() else _default(info)
        cells = (f"`{info.alias or name}`", _value(info), default, _sentence(documented[name]))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _default(info: FieldInfo) -> str:
    default = info.get_default(call_default_factory=True)
    if default is None or default in ("", (), {}) or isinstance(default, BaseModel):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _value(info: FieldInfo) -> str:
    return _describe(info.annotation, list(info.metadata))


def _describe(annotation: object, metadata: list[object]) -> str:
    """What a key takes, in words."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _describe(arguments[0], [*arguments[1:], *metadata])
    if origin in {typing.Union, types.UnionType}:
        choices = [part for part in arguments if part is not type(None)]
        return " or ".join(dict.fromkeys(_describe(part, metadata) for part in choices))
    if origin is typing.Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is dict:
        return f"table by name, each {_describe(arguments[1], [])}"
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return f"list of {_plural(_describe(arguments[0], []))}"
        return f"list of {len(arguments)} {_plural(_describe(arguments[0], []))}"
    return _plain(annotation, metadata)


def _plain(annotation: object, metadata: list[object]) -> str:
    readers = [item.func for item in metadata if hasattr(item, "func")]
    measures = [reader for reader in readers if isinstance(reader, Measure)]
    readings = [reader for reader in readers if isinstance(reader, Reading)]
    if readings:
        return f"{readings[0].range_text()} {readings[0].unit}"
    if measures:
        return f"quantity, {measures[0].range_text()} {measures[0].unit}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "quantity" if annotation is Quantity else "table, below"
    if isinstance(annotation, type) and hasattr(annotation, "__members__"):
        return ", ".join(f"`{member.value}`" for member in annotation)
    names = {str: "text", float: "number", int: "whole number", bool: "true or false"}
    text = names.get(annotation, "day, as 2026-12-31")
    limits = [text for item in metadata for text in _limits(item)]
    forms = [item.allowed for item in metadata if isinstance(item, Form)]
    return " ".join([text, *(" and ".join(limits),) * bool(limits), *(f"({form})" for form in forms)])


def _limits(item: object) -> Iterator[str]:
    for part in item.metadata if isinstance(item, FieldInfo) else [item]:
        yield from (f"{words} {getattr(part, key):g}" for kind, key, words in _BOUNDS if isinstance(part, kind))


def _plural(text: str) -> str:
    return {"table, below": "tables, below", "text": "texts", "number": "numbers"}.get(text, text)


def _sentence(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def command_page() -> str:
    """Every command with its options, as its help states them."""
    parts = ["# Commands\n", "What `layoutgen COMMAND --help` prints. " + _codes() + "\n"]
    context = click.Context(cli, info_name="layoutgen")
    for verb in VERBS:
        command = cli.get_command(context, verb)
        parts += _command(command, click.Context(command, info_name=verb, parent=context), 2)
    return _NOTICE + "\n".join(parts)


def _codes() -> str:
    return next(line.strip() for line in cli.help.splitlines() if "Exit codes" in line)


def _command(command: click.Command, context: click.Context, level: int) -> list[str]:
    path = context.command_path
    parts = [
        f"{'#' * level} {path}\n",
        f"```text\n{' '.join([path, *command.collect_usage_pieces(context)])}\n```\n",
    ]
    parts += [_help(command.help or "") + "\n"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            parts += _command(child, click.Context(child, info_name=name, parent=context), level + 1)
        return parts
    rows = [record for item in command.params if (record := item.get_help_record(context))]
    # click remembers the help option from the first time it is asked for, under whatever names it then had
    rows.append(("-h, --help", "Show this message and exit."))
    parts += ["| option | meaning |", "|---|---|"]
    parts += [f"| `{_cell(names)}` | {_cell(text)} |" for names, text in rows]
    parts.append("")
    return parts


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _help(text: str) -> str:
    """click's help as Markdown: what stands after a \\b is kept as it is."""
    found = []
    for block in inspect.cleandoc(text).split("\n\n"):
        if block.startswith("\b"):
            found.append("```text\n" + textwrap.dedent(block.removeprefix("\b").strip("\n")) + "\n```")
        else:
            found.append(" ".join(block.split()))
    return "\n\n".join(found)


def main() -> None:
    for name, text in pages().items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
