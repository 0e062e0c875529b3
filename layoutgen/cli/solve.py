"""``layoutgen solve``: the answer on the terminal, nothing written."""

from dataclasses import replace
from typing import Any

import click

from layoutgen.cli.command import Command
from layoutgen.cli.options import progress_to_stderr, question_options


@click.command("solve", cls=Command)
@question_options
@click.option("--explain", "explained", is_flag=True, help="Add prices of the limits, sensitivities and ranges.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@click.option("--json", "as_json", is_flag=True, help="Print design.json instead of the summary.")
def command(explained: bool, quiet: bool, as_json: bool, **options: Any) -> None:
    """Find the best design and print it; write nothing.

    \b
      layoutgen solve --mah 20 --footprint 8x10
      layoutgen solve --mah 5 --height 0.8 --foil any --json
      layoutgen solve --mah 20 --footprint 8x10 --explain
    """
    from layoutgen.cli.options import spec_from_options
    from layoutgen.document import to_document, to_text
    from layoutgen.solver.solve import solve
    from layoutgen.summary import summary

    tell = progress_to_stderr(quiet=quiet)
    solution = solve(spec_from_options(options))
    if explained:
        from layoutgen.solver.explain import explain

        solution = replace(solution, explanation=explain(solution, progress=tell))
    click.echo(to_text(to_document(solution)), nl=False) if as_json else click.echo(summary(solution))
