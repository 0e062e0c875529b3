"""``layoutgen diff``: two designs side by side."""

import sys
from pathlib import Path

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import force_file_option


@click.command("diff", cls=Command)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Tell what follows from the answer too: ranges, explanation, alternatives.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--html", metavar="FILE", help="Also write a page with pictures of the masks.")
@force_file_option
@click.option("-q", "--quiet", is_flag=True, help="Print nothing; the exit code answers.")
def command(
    first: str, second: str, everything: bool, as_json: bool, html: str | None, force: bool, quiet: bool
) -> None:
    """Compare two designs: ten figures of the answer, then question, process, answer, figures and masks.

    A and B are folders that layoutgen design made, zips of such folders, or design.json files. Exit code 0: the
    same; 1: different; 2: one of them cannot be used.
    """
    from layoutgen.diff.report import difference, html_of, json_text, text_of
    from layoutgen.files.folder import check_file_target, write_file

    if html is not None:
        check_file_target(Path(html), force=force, where="--html", suffix=".html")
    found = difference(Path(first), Path(second))
    if html is not None:
        write_file(Path(html), html_of(found).encode(), force=force, where="--html")
    if not quiet:
        click.echo(json_text(found) if as_json else text_of(found, everything=everything))
    sys.stdout.flush()
    if not found.same:
        sys.exit(1)
