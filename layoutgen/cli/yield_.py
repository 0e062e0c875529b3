"""``layoutgen yield``: what a web teaches about defects, and a kit that knows it."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from layoutgen.cli.command import Command


@click.command("yield", cls=Command)
@click.argument("web", metavar="WEB")
@click.option("--rules", metavar="FILE", help="Tables [test...] that take the place of the process's, key by key.")
@click.option("--pdk", metavar="PATH", help="Where the design's kit is, if it is none of those shipped.")
@click.option("--json", "as_json", is_flag=True, help="Print yield.json.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar.")
def command(web: str, rules: str | None, pdk: str | None, as_json: bool, quiet: bool) -> None:
    """Learn defect density, clustering and signatures of a web.

    Cells that hard rules hit are failures. Signatures (splice, run, period of a roll, edge, lane, place, drift) are
    found one by one, each with its probability, corrected for all that was looked at, and left out before the
    density of the rest is estimated. WEB gets yield.json, kit/, which is the design's process with what was
    measured (where layoutgen bin had cycled cells also how well capacity is estimated), and zones.toml, the dead
    places:

    \b
      layoutgen yield web
      layoutgen design --mah 20 --footprint 8x10 --pdk web/kit --spec web/zones.toml
    """
    from layoutgen.files.folder import add_files
    from layoutgen.lot.folder import json_text, open_web
    from layoutgen.lot.kit import webtest_of
    from layoutgen.lot.learn.failmap import fail_map
    from layoutgen.lot.learn.learned import KIT, ZONES, learn, overlay, zones_text
    from layoutgen.lot.rules import Judge

    opened = open_web(Path(web))
    test = webtest_of(opened.solution.loaded, None if rules is None else Path(rules))
    bar: Any = click.progressbar(length=opened.table.about.repeats, label="learning", file=sys.stderr, hidden=quiet)
    with bar:
        fails = fail_map(opened, Judge(test, opened.map), bar.update)
    document, signatures, _ = learn(opened, test, fails)
    kit = overlay(opened, document, pdk, opened.path / KIT)
    zones = zones_text(opened, signatures)

    def fill(folder: Path) -> None:
        (folder / "yield.json").write_bytes(json_text(document))
        (folder / KIT).mkdir()
        (folder / KIT / "pdk.toml").write_bytes(kit)
        (folder / ZONES).write_bytes(zones)

    add_files(opened.path, fill)
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    _print(document)
    click.echo(f"written: {web} (yield.json, {KIT}, {ZONES})")


def _print(document: dict[str, Any]) -> None:
    mark = " (synthetic)" if document["synthetic"] else ""
    click.echo(f"{document['design']}{mark}: {document['failed']} of {document['cells']} tested cells failed")
    density, cluster = document["defect_density"], document["cluster_parameter"]
    click.echo(
        f"  defects       {density['value']:.4g} /cm2, 95 % within {density['low']:.4g} .. {density['high']:.4g}"
    )
    if document["distinguishable_from_random"]:
        ends = f"95 % within {cluster['low']:.3g} .. {cluster['high']:.3g}"
        click.echo(
            f"  clustering    alpha {cluster['value']:.3g}, {ends}, in blocks of {document['block_mm']:g} mm"
        )
    else:
        click.echo(f"  clustering    not distinguishable from random in blocks of {document['block_mm']:g} mm")
    for item in document["inspection"]:
        if item["kill_ratio"] is not None:
            ends = f"95 % within {100 * item['low']:.3g} .. {100 * item['high']:.3g} %"
            click.echo(
                f"  class {item['kind']:<8}{item['failed']} of {item['cells']} cells with such a defect failed, "
                f"kill ratio {100 * item['kill_ratio']:.3g} %, {ends}"
            )
    if not document["signatures"]:
        click.echo("  signatures    none")
    for item in document["signatures"]:
        more = f", {item['circumference_mm']:g} mm" if "circumference_mm" in item else ""
        more += f" ({item['roller']})" if item.get("roller") else ""
        metre = f", at {item['metre']:g} m" if "metre" in item else ""
        click.echo(f"  {item['kind']:<14}{item['place']}{more}{metre}: {item['cells']} cells, p {item['p']:.2g}")
