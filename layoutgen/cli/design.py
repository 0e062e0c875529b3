"""``layoutgen design``: the main job."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.cli.command import Command
from layoutgen.cli.options import progress_to_stderr, question_options, spec_from_options
from layoutgen.cli.output import answering

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution


@click.command("design", cls=Command)
@question_options
@click.option("--out", metavar="DIR", help="Folder to make [default: build/NAME].")
@click.option(
    "--previous",
    metavar="DESIGN",
    type=click.Path(path_type=Path),
    help="The revision before, a folder or design.json: the mask order says mask by mask what changed since.",
)
@click.option(
    "--force", is_flag=True, help="Replace a folder that layoutgen design made, if nothing else is in it."
)
@click.option("--dry-run", is_flag=True, help="Solve and print only; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print design.json on stdout instead of the summary.")
@click.option("--explain", "explained", is_flag=True, help="Add prices of the limits, sensitivities and ranges.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
def command(
    out: str | None,
    previous: Path | None,
    force: bool,
    dry_run: bool,
    as_json: bool,
    explained: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """From capacity, footprint or height to a folder of masks, drawings and models.

    Any two of --mah, --footprint and --height fix the third; all three ask whether it is feasible.

    \b
      layoutgen design --mah 20 --footprint 8x10
      layoutgen design --mah 20 --height 1.5 --aspect 1.5
      layoutgen design --footprint 8x10 --height 1.5 --foil any
      layoutgen design --spec ring.toml --set stack.substrate.thickness=15
      layoutgen design --spec ring.toml --out ring-b --previous ring-a
    """
    tell = progress_to_stderr(quiet=quiet)
    spec = spec_from_options(options)
    target = Path(out) if out is not None else Path("build") / spec.file_name()
    if not dry_run:
        from layoutgen.files.folder import OF_PEOPLE, check_target

        check_target(target, force=force, kind="design", keeps=OF_PEOPLE)

    from layoutgen.flow import read_previous

    before = None if previous is None else read_previous(previous)

    from layoutgen.document import to_document, to_text
    from layoutgen.solver.solve import solve
    from layoutgen.summary import summary
    from layoutgen.units import counted

    with answering(as_json=as_json):
        solution = solve(spec, progress=tell)
    if explained:
        from layoutgen.solver.explain import explain

        solution = replace(solution, explanation=explain(solution, progress=tell))
    files = {} if dry_run else _written(target, solution, before, tell, force=force)
    if as_json:
        click.echo(to_text(to_document(solution)), nl=False)
    else:
        click.echo(summary(solution))
    if not dry_run:
        click.echo(f"\nwritten: {target} ({counted(len(files), 'file')})", err=as_json)
        if before is not None:
            click.echo(f"order: {_changes(files)}", err=as_json)


def _written(
    target: Path, solution: "Solution", before: bytes | None, tell: Callable[[str], None], *, force: bool
) -> dict[str, bytes]:
    """The files of the folder that was made; a review that an earlier one holds is kept."""
    from layoutgen.files.folder import write_package
    from layoutgen.flow import package_files
    from layoutgen.report.checklist import kept_review

    files = package_files(solution, progress=tell, review=kept_review(target), previous=before)
    write_package(target, files, force=force)
    return files


def _changes(files: dict[str, bytes]) -> str:
    """What the order says of the revision before, in a line."""
    import json

    order = json.loads(files["masks/order.json"])
    since, dropped = order["change"]["since"], order["change"]["dropped"]
    changed = [mask["name"] for mask in order["masks"] if mask["change"]["state"] != "unchanged"]
    revision = f" revision {since['revision']}" if since["revision"] else ""
    names = ", ".join([*changed, *(f"{name} dropped" for name in dropped)])
    return f"{order['change']['state']} since {since['design']}{revision}" + (f": {names}" if names else "")
