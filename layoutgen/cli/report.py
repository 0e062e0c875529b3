"""``layoutgen report``: the design review page of a design that was made earlier."""

from pathlib import Path

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import force_file_option, json_option, print_written


@click.command("report", cls=Command)
@click.argument("design", metavar="DESIGN")
@click.option("--out", metavar="FILE", help="Write the page there [default: report.html beside design.json].")
@click.option("--checklist", "as_checklist", is_flag=True, help="Print a review.toml to fill in; write nothing.")
@click.option(
    "--decisions",
    multiple=True,
    metavar="FILE",
    help="Put the decisions of a file that a signer sent into review.toml; again for each signer.",
)
@force_file_option
@click.option("--repeat", metavar="N", help="Of a tested web: draw this repeat cell by cell [default: the worst].")
@json_option
def command(
    design: str,
    out: str | None,
    as_checklist: bool,
    decisions: tuple[str, ...],
    force: bool,
    repeat: str | None,
    as_json: bool,
) -> None:
    """Make the design review page again, with the decisions of review.toml.

    DESIGN is a folder that layoutgen design made, or a design.json; or a folder WEB of layoutgen test that was
    binned: it gets web.html and pictures/. Decisions stand in review.toml beside a design; those of several people
    are put together:

    \b
      layoutgen report build/mb-20mah-8x10 --checklist > build/mb-20mah-8x10/review.toml
      layoutgen report build/mb-20mah-8x10
      layoutgen report build/mb-20mah-8x10 --decisions anna.toml --decisions ben.toml
    """
    from layoutgen.errors import Problem, SpecError
    from layoutgen.report.refresh import (
        items_of,
        open_design,
        page_target,
        remade_page,
        review_beside,
        skeleton_of,
        with_decisions,
        write_page,
    )
    from layoutgen.units import counted

    if as_checklist and out is not None:
        raise SpecError(
            Problem("cannot be combined: the checklist is printed", "--checklist, --out", "one of the two")
        )
    if as_checklist and as_json:
        raise SpecError(
            Problem("cannot be combined: the checklist is TOML", "--checklist, --json", "one of the two")
        )
    from layoutgen.lot.folder import is_web

    if is_web(Path(design)):
        if out is not None or as_checklist or decisions:
            what = "is for the review of a design; a web has web.html in its folder"
            raise SpecError(Problem(what, "--out, --checklist, --decisions", remedy="leave it out"))
        _web(Path(design), repeat, as_json=as_json)
        return
    if repeat is not None:
        raise SpecError(Problem("is of a tested web, and this is a design", "--repeat", remedy="leave it out"))
    opened = open_design(Path(design))
    if as_checklist:
        click.echo(skeleton_of(opened), nl=False)
        return
    target = page_target(opened, Path(out) if out is not None else None, force=force)
    review = with_decisions(opened, [Path(file) for file in decisions]) if decisions else review_beside(opened)
    write_page(opened, remade_page(opened, review), target, review, decided=bool(decisions), force=force)
    items = items_of(opened, review)
    if as_json:
        told = [
            {
                "id": item.criterion.id,
                "state": item.state.value,
                "settled": item.settled,
                "criterion": item.criterion.criterion,
            }
            for item in items
        ]
        print_written([target], criteria=told)
        return
    for item in items:
        if not item.settled:
            click.echo(f"  {item.state.value:<11}{item.criterion.id:<8}{item.criterion.criterion}")
    settled = sum(item.settled for item in items)
    click.echo(f"review: {settled} of {counted(len(items), 'criterion', 'criteria')} settled\nwritten: {target}")


def _web(path: Path, repeat: str | None, *, as_json: bool) -> None:
    import sys
    from typing import Any

    from layoutgen.errors import Problem, SpecError
    from layoutgen.lot.folder import open_web
    from layoutgen.lot.page import FILE, FOLDER, web_page

    about = open_web(path).table.about
    repeats, last = about.repeats, about.first_repeat + about.repeats - 1
    if repeat is not None and not (repeat.isdecimal() and about.first_repeat <= int(repeat) <= last):
        allowed = f"a whole number from {about.first_repeat} to {last}"
        raise SpecError(Problem(f"{repeat!r} is no repeat of this web", "--repeat", allowed))
    bar: Any = click.progressbar(
        length=2 * repeats, label="drawing", file=sys.stderr, hidden=not sys.stderr.isatty()
    )
    with bar:
        count = web_page(path, None if repeat is None else int(repeat), bar.update)
    if as_json:
        print_written([path / FILE, path / FOLDER], pictures=count)
        return
    click.echo(f"written: {path} ({FILE}, {FOLDER}: {count} pictures, each as SVG and PNG)")
