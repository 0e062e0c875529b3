"""``layoutgen solve``: the answer on the terminal, nothing written."""

from typing import Any

import click

from layoutgen.cli.options import question_options


@click.command("solve")
@question_options
@click.option("--json", "as_json", is_flag=True, help="Print design.json instead of the summary.")
def command(as_json: bool, **options: Any) -> None:
    """Find the best design and print it; write nothing.

    \b
      layoutgen solve --mah 20 --footprint 8x10
      layoutgen solve --mah 5 --height 0.8 --foil any --json
    """
    from layoutgen.cli.options import spec_from_options
    from layoutgen.document import to_document, to_text
    from layoutgen.solve.solve import solve
    from layoutgen.summary import summary

    solution = solve(spec_from_options(options))
    click.echo(to_text(to_document(solution)), nl=False) if as_json else click.echo(summary(solution))
