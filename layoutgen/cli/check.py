"""``layoutgen check``: the design rules on a design; of a file that came back also whether it is the design."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import force_file_option
from layoutgen.errors import LayoutgenError, Problem, SpecError

if TYPE_CHECKING:
    import datetime as dt

    from layoutgen.identity.received import Biases
    from layoutgen.rules.waivers import Waiver
    from layoutgen.solver.solution import Solution


@click.command("check", cls=Command)
@click.argument("design", metavar="DESIGN")
@click.option("--waivers", metavar="FILE", help="Accepted violations: TOML with rule, place, reason, who, until.")
@click.option(
    "--date", "day", metavar="YYYY-MM-DD", help="Day that waivers are compared with; needed with --waivers."
)
@click.option(
    "--gds", metavar="FILE", help="Check this GDSII or OASIS file: is it the design, does it keep the rules?"
)
@click.option(
    "--bias",
    "biases",
    metavar="MASK=UM",
    multiple=True,
    help="A bias that the file has on purpose, um outwards on every side; -5x-2.5 across and along the web.",
)
@click.option("--picture", metavar="FILE", help="Also write a picture (SVG) of the places where the file differs.")
@force_file_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    design: str,
    waivers: str | None,
    day: str | None,
    gds: str | None,
    biases: tuple[str, ...],
    picture: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Check every design rule on a design; exit code 1 where one of severity error does not hold.

    DESIGN is a folder that layoutgen design made, or a design.json. A rule that could not be run fails the check.

    With --gds two questions are answered of a file. Identity: does it cover the same places as the design,
    mask by mask, whatever its format, hierarchy, names and database unit; and where not, what was done to it?
    Rules: does it keep them? Exit code 1 where either is no: 0 needs the same, or the same up to what --bias
    declares.

    \b
      layoutgen check build/mb-20mah-8x10
      layoutgen check build/mb-20mah-8x10 --waivers waivers.toml --date 2026-12-01
      layoutgen check build/mb-20mah-8x10 --gds from-the-shop.gds --json
      layoutgen check build/mb-20mah-8x10 --gds from-the-shop.oas --bias CUT=-5
    """
    import json

    from layoutgen.document import from_document, read_document
    from layoutgen.identity.received import read_biases
    from layoutgen.outputs import layout_of
    from layoutgen.rules.engine import check_solution
    from layoutgen.rules.waivers import read_day, read_waivers

    solution = from_document(read_document(Path(design)))
    today = read_day(day, waivers=waivers is not None)
    accepted = read_waivers(Path(waivers), tuple(solution.loaded.pdk.rules)) if waivers is not None else ()
    if gds is not None:
        declared = read_biases(biases, tuple(solution.loaded.pdk.masks), "--bias")
        _received(Path(gds), solution, declared, accepted, today, picture, force, as_json)
        return
    for option, given in (("--bias", biases), ("--picture", picture)):
        if given:
            raise SpecError(Problem("is for a file", option, "together with --gds"))
    report = check_solution(solution, layout_of(solution), accepted, today)
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2, ensure_ascii=False))
    else:
        click.echo(report.text())
    if not report.clean:
        raise click.exceptions.Exit(1)


def _received(
    file: Path,
    solution: "Solution",
    declared: "Biases",
    accepted: "tuple[Waiver, ...]",
    today: "dt.date | None",
    picture: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Identity, then rules, of a file that came back."""
    import json

    from layoutgen.cli.wording import message
    from layoutgen.files.folder import check_file_target, write_file
    from layoutgen.foreign.reading import read_layout
    from layoutgen.identity.picture import picture_svg
    from layoutgen.identity.received import identify_foreign
    from layoutgen.outputs import layout_of
    from layoutgen.rules.from_file import check_received, received

    if picture is not None:
        check_file_target(Path(picture), force=force, where="--picture", suffix=".svg")
    layout = layout_of(solution)
    foreign = read_layout(file)
    identity = identify_foreign(foreign, file.name, solution, layout, declared)
    if picture is not None:
        content = picture_svg(identity, solution.web, solution.dbu_nm).encode()
        write_file(Path(picture), content, force=force, where="--picture")
    report, why = None, ""
    try:
        report = check_received(solution, received(foreign, solution, layout, file.name), accepted, today)
    except LayoutgenError as error:
        why = message(error)
    if as_json:
        rules = report.to_json() if report is not None else {"not_judged": why}
        click.echo(json.dumps({"identity": identity.to_json(), "rules": rules}, indent=2, ensure_ascii=False))
    else:
        click.echo(identity.text("; --json lists all"))
        click.echo(report.text() if report is not None else f"rules: cannot be judged: {why}")
    if not identity.good or report is None or not report.clean:
        raise click.exceptions.Exit(1)
