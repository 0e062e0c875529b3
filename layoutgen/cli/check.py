"""``layoutgen check``: the design rules on a design, or on a file that came back from somebody."""

from pathlib import Path

import click

from layoutgen.cli.command import Command


@click.command("check", cls=Command)
@click.argument("design", metavar="DESIGN")
@click.option("--waivers", metavar="FILE", help="Accepted violations: TOML with rule, place, reason, who, until.")
@click.option(
    "--date", "day", metavar="YYYY-MM-DD", help="Day that waivers are compared with; needed with --waivers."
)
@click.option("--gds", metavar="FILE", help="Check this GDSII or OASIS file instead of drawing the layout again.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(design: str, waivers: str | None, day: str | None, gds: str | None, as_json: bool) -> None:
    """Check every design rule on a design; exit code 1 where one of severity error does not hold.

    DESIGN is a folder that layoutgen design made, or a design.json. A rule that could not be run fails the check.

    \b
      layoutgen check build/mb-20mah-8x10
      layoutgen check build/mb-20mah-8x10 --waivers waivers.toml --date 2026-12-01
      layoutgen check build/mb-20mah-8x10 --gds from-the-shop.gds --json
    """
    import json

    from layoutgen.document import from_document, read_document
    from layoutgen.flow import layout_of
    from layoutgen.rules.engine import check_solution
    from layoutgen.rules.from_file import check_received, read_received
    from layoutgen.rules.waivers import read_day, read_waivers

    solution = from_document(read_document(Path(design)))
    today = read_day(day, waivers=waivers is not None)
    pdk = solution.loaded.pdk
    accepted = read_waivers(Path(waivers), tuple(pdk.rules)) if waivers is not None else ()
    layout = layout_of(solution)
    if gds is None:
        report = check_solution(solution, layout, accepted, today)
    else:
        report = check_received(solution, read_received(Path(gds), solution, layout), accepted, today)
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(report.text())
    if not report.clean:
        raise click.exceptions.Exit(1)
