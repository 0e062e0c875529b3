"""``layoutgen pdk``: list, show, check and explain process design kits."""

import json

import click

from layoutgen.cli.command import Group


@click.group("pdk", cls=Group)
def command() -> None:
    """List, show, check, explain and copy process design kits (PDKs).

    A PDK is a folder of TOML files; every number in it has a unit, a source and a kind (paper, published, derived,
    assumed). Where NAME is asked for, the path of a folder does as well.
    """


@command.command("list")
def list_() -> None:
    """List the PDKs that come with the tool."""
    from layoutgen.pdk.load import load_pdk, shipped_pdks

    for name in shipped_pdks():
        pdk = load_pdk(name).pdk
        click.echo(f"{name:<18}{pdk.version:<8}{pdk.title}" + (f" ({pdk.disclaimer})" if pdk.disclaimer else ""))


@command.command("show")
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="Print the whole PDK as JSON.")
def show(name: str, as_json: bool) -> None:
    """Print every value of a PDK with its unit and kind."""
    from layoutgen.pdk.explain import rows_of
    from layoutgen.pdk.load import load_pdk

    loaded = load_pdk(name, where="NAME")
    if as_json:
        click.echo(json.dumps(loaded.content, indent=2, ensure_ascii=False))
        return
    click.echo(f"{loaded.pdk.name} {loaded.pdk.version}: {loaded.pdk.title}")
    if loaded.pdk.disclaimer:
        click.echo(loaded.pdk.disclaimer)
    for path, value, kind in rows_of(loaded):
        click.echo(f"  {path:<42}{value:<34}{kind}")


@command.command("check")
@click.argument("path", metavar="NAME")
def check(path: str) -> None:
    """Check a PDK: schema, units, ranges, sources, template and mask expressions."""
    from layoutgen.pdk.explain import counts_by_kind
    from layoutgen.pdk.load import load_pdk

    loaded = load_pdk(path, where="NAME")
    counts = ", ".join(f"{count} {kind}" for kind, count in counts_by_kind(loaded).items())
    click.echo(f"{loaded.pdk.name} {loaded.pdk.version} is valid: {counts}; sha256 {loaded.sha256[:16]}")


@command.command("explain")
@click.argument("name", metavar="NAME")
@click.argument("path", metavar="KEY.PATH")
def explain(name: str, path: str) -> None:
    """Say what one value is, where it comes from and what may replace it."""
    from layoutgen.pdk.explain import explain as explain_value
    from layoutgen.pdk.load import load_pdk

    click.echo(explain_value(load_pdk(name, where="NAME"), path))


@command.command("copy")
@click.argument("name", metavar="NAME")
@click.argument("folder", metavar="DIR")
@click.option("--flat", is_flag=True, help="Copy all that the PDK states, with its templates; follow no other PDK.")
def copy(name: str, folder: str, flat: bool) -> None:
    """Start a PDK of your own in a new folder: an overlay that extends NAME, or all of it with --flat.

    The new PDK is called like the folder, and is valid at once.

    \b
      layoutgen pdk copy anodeless-ss my-fab
      layoutgen design --mah 20 --footprint 8x10 --pdk ./my-fab
    """
    from pathlib import Path

    from layoutgen.pdk.copy import copy_pdk

    for path in copy_pdk(name, Path(folder), flat=flat):
        click.echo(path)
