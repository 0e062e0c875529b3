"""``layoutgen pdk``: list, show, check, explain, compare and copy process design kits."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from layoutgen.cli.command import Group
from layoutgen.cli.output import json_option, print_json, print_written

if TYPE_CHECKING:
    from layoutgen.pdk.load import LoadedPdk


@click.group("pdk", cls=Group)
def command() -> None:
    """List, show, check, explain, compare and copy process design kits (PDKs).

    A PDK is a folder of TOML files, on top of another where it says extends; every number in it has a unit, a
    source and a kind (measured, paper, published, derived, assumed). Where NAME is asked for, the path of a folder
    does as well, or a design.json (a folder that layoutgen design made): the PDK that the design was made with.
    Only copy takes no design.
    """


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the PDKs that come with the tool."""
    from layoutgen.pdk.chain import what_if_pdks
    from layoutgen.pdk.load import load_pdk, shipped_pdks

    kits = [load_pdk(name) for name in shipped_pdks()]
    suppositions = [(name, load_pdk(name)) for name in what_if_pdks()]
    if as_json:
        rows = [
            {"pdk": called, **_identity(kit)}
            | {"title": kit.pdk.title, "disclaimer": kit.pdk.disclaimer, "unproven": kit.pdk.unproven}
            for called, kit in (*((kit.pdk.name, kit) for kit in kits), *suppositions)
        ]
        print_json({"schema": "layoutgen.pdk-list/1", "kits": rows})
        return
    for pdk in (kit.pdk for kit in kits):
        click.echo(
            f"{pdk.name:<18}{pdk.version:<8}{pdk.title}" + (f" ({pdk.disclaimer})" if pdk.disclaimer else "")
        )
    click.echo("\nwhat if (overlays that suppose what nobody has shown):")
    for name, kit in suppositions:
        click.echo(f"  {name:<24}{kit.pdk.title}")


@command.command("show")
@click.argument("name", metavar="NAME")
@click.argument("table", metavar="[TABLE]", required=False)
@click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Only values of this kind, such as assumed.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole PDK as JSON.")
def show(name: str, table: str | None, kinds: tuple[str, ...], as_json: bool) -> None:
    """Print the values of a PDK, table by table, with unit and kind.

    \b
      layoutgen pdk show anodeless-ss
      layoutgen pdk show anodeless-ss yield
      layoutgen pdk show anodeless-ss stack.cathode --kind assumed --kind derived
    """
    from layoutgen.errors import Problem, SpecError, did_you_mean
    from layoutgen.pdk.explain import in_table, rows_of
    from layoutgen.pdk.quantity import Kind

    offered = [kind.value for kind in Kind]
    problems = [
        Problem(f"{kind!r} is no kind of value", "--kind", ", ".join(offered), did_you_mean(kind, offered))
        for kind in kinds
        if kind not in offered
    ]
    if as_json and (table or kinds):
        problems.append(Problem("prints the whole PDK", "--json", "without a table and kinds"))
    if problems:
        raise SpecError(problems)
    loaded = _kit(name)
    if as_json:
        print_json(loaded.content)
        return
    rows = rows_of(loaded)
    if table is not None:
        rows = in_table(rows, table, loaded.pdk.name)
    if kinds:
        rows = [row for row in rows if row[2] in kinds]
    click.echo(f"{loaded.pdk.name} {loaded.pdk.version}: {loaded.pdk.title}")
    if loaded.pdk.disclaimer:
        click.echo(loaded.pdk.disclaimer)
    if loaded.extends:
        click.echo(f"extends {', which extends '.join(loaded.extends)}")
    if not rows:
        click.echo("\nno value is of this kind")
    before = ""
    for path, value, kind in rows:
        head, _, rest = path.partition(".")
        if rest and head != before:
            click.echo(f"\n[{head}]")
            before = head
        click.echo(f"  {path:<42}{value:<34}{kind}".rstrip())


@command.command("check")
@click.argument("path", metavar="NAME")
@json_option
def check(path: str, as_json: bool) -> None:
    """Check a PDK: schema, units, ranges, sources, template and mask expressions."""
    from layoutgen.pdk.explain import counts_by_kind

    loaded = _kit(path)
    kinds = counts_by_kind(loaded)
    if as_json:
        print_json({"schema": "layoutgen.pdk-check/1", "valid": True, **_identity(loaded), "kinds": kinds})
        return
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    click.echo(f"{loaded.pdk.name} {loaded.pdk.version} is valid: {counts}; sha256 {loaded.sha256[:16]}")


@command.command("explain")
@click.argument("name", metavar="NAME")
@click.argument("path", metavar="KEY.PATH")
@json_option
def explain(name: str, path: str, as_json: bool) -> None:
    """Say what one value is, where it comes from, which file states it and what may replace it."""
    from layoutgen.pdk.explain import value_at
    from layoutgen.pdk.quantity import Quantity
    from layoutgen.units import plain

    value = value_at(_kit(name), path)
    if as_json:
        print_json(value.to_json())
    else:
        click.echo(value.text())
        if isinstance(value.value, Quantity):
            click.echo(f"  replace  --set {value.path}={plain(value.value.value)}")


@command.command("diff")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@json_option
def diff(first: str, second: str, as_json: bool) -> None:
    """Say what two PDKs differ in, or two revisions of one: values, rules, layers, geometry.

    A and B are names, folders, or designs: the PDK that a design was made with. Names and versions do not count.
    Exit code 0: the same process; 1: another.

    \b
      layoutgen pdk diff anodeless-ss ./my-fab
      layoutgen pdk diff build/mb-20mah-8x10 anodeless-ss
    """
    from layoutgen.pdk.compare import compare_kits, json_of, text_of

    found = compare_kits(_kit(first, "A"), _kit(second, "B"))
    if as_json:
        print_json(json_of(found))
    else:
        click.echo(text_of(found))
    if not found.same:
        raise click.exceptions.Exit(1)


@command.command("copy")
@click.argument("name", metavar="NAME")
@click.argument("folder", metavar="DIR")
@click.option("--flat", is_flag=True, help="Copy all that the PDK states, with its templates; follow no other PDK.")
@json_option
def copy(name: str, folder: str, flat: bool, as_json: bool) -> None:
    """Start a PDK of your own in a new folder: an overlay that extends NAME, or all of it with --flat.

    The new PDK is called like the folder, and is valid at once.

    \b
      layoutgen pdk copy anodeless-ss my-fab
      layoutgen design --mah 20 --footprint 8x10 --pdk ./my-fab
    """
    from layoutgen.pdk.copy import copy_pdk

    written = copy_pdk(name, Path(folder), flat=flat)
    if as_json:
        print_written(written)
        return
    for path in written:
        click.echo(path)


def _kit(name: str, where: str = "NAME") -> "LoadedPdk":
    """A kit by name or path, or the one that a design carries."""
    from layoutgen.pdk.load import load_pdk

    path = Path(name)
    if name.strip() and (path.is_file() or (path / "design.json").is_file()):
        from layoutgen.document import kit_of, read_document

        return kit_of(read_document(path))
    return load_pdk(name, where=where)


def _identity(loaded: "LoadedPdk") -> dict[str, object]:
    pdk = loaded.pdk
    return {"name": pdk.name, "version": pdk.version, "sha256": loaded.sha256, "extends": list(loaded.extends)}
