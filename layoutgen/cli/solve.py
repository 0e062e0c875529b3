"""``layoutgen solve``: the answer on the terminal, nothing written."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.cli.command import Command
from layoutgen.cli.options import progress_to_stderr, question_options
from layoutgen.cli.output import answering

if TYPE_CHECKING:
    from layoutgen.spec import Spec


@click.command("solve", cls=Command)
@question_options
@click.option(
    "--waivers", metavar="FILE", help="Accepted violations, of any cell and place: the answer may have them."
)
@click.option(
    "--date", "day", metavar="YYYY-MM-DD", help="Day that waivers are compared with; needed with --waivers."
)
@click.option("--explain", "explained", is_flag=True, help="Add prices of the limits, sensitivities and ranges.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@click.option("--json", "as_json", is_flag=True, help="Print design.json instead of the summary.")
def command(
    waivers: str | None, day: str | None, explained: bool, quiet: bool, as_json: bool, **options: Any
) -> None:
    """Find the best design and print it; write nothing.

    \b
      layoutgen solve --mah 20 --footprint 8x10
      layoutgen solve --mah 5 --height 0.8 --foil any --json
      layoutgen solve --mah 20 --footprint 8x10 --explain
    """
    from layoutgen.cli.options import spec_from_options
    from layoutgen.solver.solve import solve
    from layoutgen.summary import summary

    tell = progress_to_stderr(quiet=quiet)
    spec = spec_from_options(options)
    waived = _waived(spec, waivers, day)
    with answering(as_json=as_json):
        solution = solve(spec, waived=waived)
    if explained:
        from layoutgen.solver.explain import explain

        solution = replace(solution, explanation=explain(solution, progress=tell))
    if as_json:
        from layoutgen.document import to_document, to_text

        click.echo(to_text(to_document(solution)), nl=False)
    else:
        click.echo(summary(solution))


def _waived(spec: "Spec", waivers: str | None, day: str | None) -> frozenset[str]:
    """The rules that the answer may break."""
    from layoutgen.pdk.load import load_pdk
    from layoutgen.rules.waivers import read_day, read_waivers, waived_rules

    today = read_day(day, waivers=waivers is not None)
    if waivers is None:
        return frozenset()
    return waived_rules(read_waivers(Path(waivers), tuple(load_pdk(spec.pdk, spec.overrides).pdk.rules)), today)
