"""``layoutgen version``: what is installed."""

import json
import platform

import click

from layoutgen import __version__
from layoutgen.cli.command import Command


@click.command("version", cls=Command)
@click.option("--json", "as_json", is_flag=True, help="Print the versions as JSON.")
def command(as_json: bool) -> None:
    """Print the versions of the tool, of Python and of every shipped process design kit.

    The hash of a kit is the one that design.json and MANIFEST.json carry.
    """
    from layoutgen.pdk.load import load_pdk, shipped_pdks

    kits = {name: load_pdk(name) for name in shipped_pdks()}
    if as_json:
        listed = {name: {"version": kit.pdk.version, "sha256": kit.sha256} for name, kit in kits.items()}
        versions = {
            "schema": "layoutgen.version/1",
            "layoutgen": __version__,
            "python": platform.python_version(),
            "pdk": listed,
        }
        click.echo(json.dumps(versions, indent=2))
        return
    click.echo(f"layoutgen {__version__}, Python {platform.python_version()}")
    for name, kit in kits.items():
        click.echo(f"  {name:<18}{kit.pdk.version:<8}sha256 {kit.sha256[:16]}")
