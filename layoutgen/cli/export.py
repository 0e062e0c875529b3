"""``layoutgen export``: one archive for one receiver, from a design made earlier."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import json_option, print_written

if TYPE_CHECKING:
    from layoutgen.outputs import Made
    from layoutgen.receivers.shop import ShopProfile
    from layoutgen.solver.solution import Solution


_RECEIVERS = "board", "test"
_MANY_CELLS = 200_000
"""Cells of a web from which on a word is said before they are written."""


class _Archive(NamedTuple):
    """An archive that is made when it is written: for whom, what to tell, and of what."""

    title: str
    notes: tuple[str, ...]
    made: "Made"


@click.command("export", cls=Command)
@click.argument("design", metavar="DESIGN", type=click.Path(path_type=Path))
@click.option(
    "--shop", metavar="NAME|PATH", help="Mask or laser shop: photomask, laser, film, or a profile's path."
)
@click.option(
    "--for",
    "receiver",
    metavar="board|test",
    help="Board designer: KiCad, STEP, datasheet. Test house: cell maps of one repeat and of the whole web.",
)
@click.option(
    "--repeats",
    type=click.IntRange(min=1),
    metavar="N",
    help="Repeats of the web. With --for test or --shop laser.",
)
@click.option(
    "--web-length",
    metavar="LENGTH",
    help="Length of the web, m: 200, '200 m'; as many repeats as it holds. With --for test or --shop laser.",
)
@click.option(
    "--web-cells",
    type=click.Choice(["text", "parquet", "index"]),
    metavar="text|parquet|index",
    help="Cells of the whole web as CSV and XML, as one Parquet table, or as the map of one repeat and the list of"
    " repeats only [default: text]. With --for test.",
)
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Zip to write [default: NAME-ID-SHOP.zip]."
)
@click.option(
    "--previous",
    metavar="DESIGN",
    type=click.Path(path_type=Path),
    help="The revision before: the order says mask by mask what changed since. With --shop; the one that the design"
    " was made with, where there is one.",
)
@click.option(
    "--waivers",
    metavar="FILE",
    help="Accepted rule violations, as for layoutgen check; the order lists them. With --shop.",
)
@click.option("--date", "day", metavar="YYYY-MM-DD", help="Day that waivers are compared with; with --waivers.")
@click.option("--force", is_flag=True, help="Replace the zip if it exists.")
@json_option
def command(
    design: Path,
    shop: str | None,
    receiver: str | None,
    repeats: int | None,
    web_length: str | None,
    web_cells: str | None,
    out: Path | None,
    previous: Path | None,
    waivers: str | None,
    day: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Make one zip that stands alone for one receiver, from a design.json or the folder around it.

    \b
      layoutgen export build/mb-20mah-8x10 --shop photomask
      layoutgen export build/mb-20mah-8x10 --shop laser --web-length 200 --out for-the-laser-shop.zip
      layoutgen export build/rev-b --shop photomask --previous build/rev-a
      layoutgen export build/mb-20mah-8x10 --shop film --waivers waivers.toml --date 2026-12-01
      layoutgen export build/mb-20mah-8x10 --for board
      layoutgen export build/mb-20mah-8x10 --for test --web-length 200
      layoutgen export build/mb-20mah-8x10 --for test --web-length 1000 --web-cells parquet
    """
    from layoutgen.document import from_document, read_document
    from layoutgen.errors import Problem, SpecError
    from layoutgen.files.archive import write_zip
    from layoutgen.files.folder import check_file_target, write_stream
    from layoutgen.outputs import ARCHIVES, Made
    from layoutgen.receivers.asked import review_text, trust_warning
    from layoutgen.receivers.shop import load_shop
    from layoutgen.report.refresh import review_state_of
    from layoutgen.solver.design_id import design_id

    _check_receiver(shop, receiver, repeats, web_length)
    for option, value in {"--previous": previous, "--waivers": waivers, "--date": day}.items():
        if value is not None and shop is None:
            raise SpecError(Problem("is for mask and laser shops", option, "together with --shop"))
    if web_cells is not None and receiver != "test":
        raise SpecError(Problem("is for test houses", "--web-cells", "together with --for test"))
    profile = load_shop(shop) if shop is not None else None
    if profile is not None and not profile.line_layers:
        _refuse_web(repeats, web_length)
    solution = from_document(read_document(design))
    name = f"{solution.spec.file_name()}-{design_id(solution)}-{profile.name if profile else receiver}"
    target = out or Path(f"{name}.zip")
    check_file_target(target, force=force, suffix=".zip")
    if profile is not None:
        from layoutgen.flow import read_previous, stored_previous

        before = read_previous(previous) if previous is not None else stored_previous(design)
        archive = _for_shop(solution, profile, before, waivers, day)
        archive.made.repeats = _repeats(solution, repeats, web_length, f"--shop {shop}")
    elif receiver == "test":
        archive = _for_test(solution, repeats, web_length, web_cells or "text")
    else:
        archive = _Archive("board designer", (), Made(solution))
    review, warning = review_state_of(design), trust_warning(solution.loaded.pdk)
    archive.made.review = review
    open_review = (f"design review: {review_text(review)}",) if review["open"] else ()
    archive = archive._replace(notes=(*archive.notes, *open_review, *filter(None, (warning,))))
    files = ARCHIVES[receiver or "shop"].make(archive.made)
    folder = name if receiver != "board" else solution.spec.file_name()  # as the library in it
    write_stream(target, lambda file: write_zip(file, files, folder), force=force)
    if as_json:
        print_written([target], receiver=archive.title, notes=list(archive.notes))
        return
    click.echo(f"written: {target} ({archive.title})")
    for note in archive.notes:
        click.echo(f"note: {note}")


def _check_receiver(shop: str | None, receiver: str | None, repeats: int | None, web_length: str | None) -> None:
    from layoutgen.errors import Problem, SpecError, did_you_mean
    from layoutgen.receivers.shop import shipped_shops

    shops = shipped_shops()
    if receiver is not None and receiver not in _RECEIVERS:
        remedy = f"--shop {receiver}" if receiver in shops else did_you_mean(receiver, _RECEIVERS)
        raise SpecError(Problem(f"there is no receiver {receiver!r}", "--for", ", ".join(_RECEIVERS), remedy))
    if shop in _RECEIVERS and not Path(shop).exists():
        raise SpecError(Problem(f"{shop!r} is no shop", "--shop", ", ".join(shops), f"--for {shop}"))
    web = {"--repeats": repeats, "--web-length": web_length}
    given = [option for option, value in web.items() if value is not None]
    if (shop is None) == (receiver is None):
        what = "no receiver is given" if shop is None else "two receivers are given"
        allowed = f"--shop {', '.join(shops)}; or --for {', '.join(_RECEIVERS)}"
        raise SpecError(Problem(what, "export", allowed))
    if receiver == "board":
        _refuse_web(repeats, web_length)
    if len(given) == 2 or (receiver == "test" and not given):
        what = "the length of the web is given twice" if given else "the length of the web is not given"
        where = "--for test" if receiver == "test" else f"--shop {shop}"
        example = f"layoutgen export DESIGN {where} --web-length 200"
        raise SpecError(Problem(what, where, "one of --repeats N and --web-length LENGTH", example))


def _refuse_web(repeats: int | None, web_length: str | None) -> None:
    from layoutgen.errors import Problem, SpecError

    given = {"--repeats": repeats, "--web-length": web_length}
    wrong = [option for option, value in given.items() if value is not None]
    if wrong:
        what, allowed = "is for test houses and laser shops", "together with --for test or --shop laser"
        raise SpecError([Problem(what, option, allowed) for option in wrong])


def _for_shop(
    solution: "Solution", profile: "ShopProfile", previous: bytes | None, waivers: str | None, day: str | None
) -> _Archive:
    from layoutgen.outputs import Made
    from layoutgen.rules.engine import check_solution, require_clean
    from layoutgen.rules.waivers import read_day, read_waivers

    today = read_day(day, waivers=waivers is not None)
    waived = read_waivers(Path(waivers), tuple(solution.loaded.pdk.rules)) if waivers else ()
    made = Made(solution, previous=previous, shop=profile)
    made.rules = check_solution(solution, made.layout, waived, today)
    require_clean(made.rules)
    accepted = [f"waived: {finding.line()}" for finding in made.rules.findings if finding.waived_by]
    return _Archive(profile.title, (*made.layout.notes, *accepted, *made.rules.stale), made)


def _repeats(solution: "Solution", repeats: int | None, web_length: str | None, where: str) -> int | None:
    """How many repeats were asked for; None where neither option is given."""
    from layoutgen.receivers.test_house import check_repeats, repeats_in
    from layoutgen.units import parse

    if repeats is None and web_length is None:
        return None
    if repeats is None:
        repeats = repeats_in(solution.web, solution.dbu_nm, parse(str(web_length), "m", "--web-length"))
    check_repeats(solution.web, repeats, where)
    return repeats


def _for_test(solution: "Solution", repeats: int | None, web_length: str | None, web_cells: str) -> _Archive:
    from layoutgen.outputs import Made
    from layoutgen.units import counted

    plan, dbu_nm = solution.web, solution.dbu_nm
    repeats = _repeats(solution, repeats, web_length, "--for test") or 1
    cells, long_m = repeats * plan.cells_per_repeat, repeats * plan.repeat_length * dbu_nm * 1e-9
    title = f"test house: {counted(repeats, 'repeat')}, {long_m:.6g} m of web, {counted(cells, 'cell')}"
    smaller: tuple[str, ...] = ()
    if cells > _MANY_CELLS and web_cells == "text":
        click.echo(f"writing {cells} cells ...", err=True)
        smaller = ("a long web is large as text: --web-cells parquet or index say the same in little",)
    return _Archive(title, smaller, Made(solution, repeats=repeats, web_cells=web_cells))
