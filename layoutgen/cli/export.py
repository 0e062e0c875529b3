"""``layoutgen export``: one archive for one receiver, from a design made earlier."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from layoutgen.export.shop import ShopProfile
    from layoutgen.solver.solution import Solution


@click.command("export")
@click.argument("design", metavar="DESIGN", type=click.Path(path_type=Path))
@click.option(
    "--shop", metavar="NAME|PATH", help="Mask or laser shop: photomask, laser, film, or a profile's path."
)
@click.option("--for", "receiver", type=click.Choice(["board"]), help="Board designer: KiCad, STEP, datasheet.")
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Zip to write [default: NAME-SHOP.zip]."
)
@click.option(
    "--previous",
    metavar="DESIGN",
    type=click.Path(path_type=Path),
    help="The issue before: the order says mask by mask what changed since. With --shop.",
)
@click.option("--force", is_flag=True, help="Replace the zip if it exists.")
def command(
    design: Path, shop: str | None, receiver: str | None, out: Path | None, previous: Path | None, force: bool
) -> None:
    """Make one zip that stands alone for one receiver, from a design.json or the folder around it.

    \b
      layoutgen export build/mb-20mah-8x10 --shop photomask
      layoutgen export build/mb-20mah-8x10 --shop laser --out for-the-laser-shop.zip
      layoutgen export build/rev-b --shop photomask --previous build/rev-a
      layoutgen export build/mb-20mah-8x10 --for board
    """
    from layoutgen.document import from_document, read_document
    from layoutgen.errors import Problem, SpecError
    from layoutgen.export.package import check_file_target, write_file
    from layoutgen.export.shop import load_shop, shipped_shops

    if (shop is None) == (receiver is None):
        what = "no receiver is given" if shop is None else "two receivers are given"
        allowed = f"--shop {', '.join(shipped_shops())}; or --for board"
        raise SpecError(Problem(what, "export", allowed))
    if previous is not None and shop is None:
        raise SpecError(Problem("is for mask and laser shops", "--previous", "together with --shop"))
    profile = load_shop(shop) if shop is not None else None
    solution = from_document(read_document(design))
    name = f"{solution.spec.file_name()}-{profile.name if profile else receiver}"
    target = out or Path(f"{name}.zip")
    check_file_target(target, force=force)
    archive, notes = _for_shop(solution, profile, name, previous) if profile else (_for_board(solution), ())
    write_file(target, archive, force=force)
    click.echo(f"written: {target} ({profile.title if profile else 'board designer'})")
    for note in notes:
        click.echo(f"note: {note}")


def _for_shop(
    solution: "Solution", profile: "ShopProfile", name: str, previous: Path | None
) -> tuple[bytes, tuple[str, ...]]:
    from layoutgen import __version__
    from layoutgen.export.archive import zip_bytes
    from layoutgen.export.issue import issue_of
    from layoutgen.export.shop_files import shop_files
    from layoutgen.flow import layout_of
    from layoutgen.rules.engine import check_solution, require_clean

    issue, layout = issue_of(solution, previous), layout_of(solution)
    require_clean(check_solution(solution, layout))
    files = shop_files(layout, solution.loaded.pdk, profile, f"layoutgen,{__version__}", issue)
    return zip_bytes(files, name), layout.notes


def _for_board(solution: "Solution") -> bytes:
    from layoutgen.draw.files import board_archive, inputs_of

    return board_archive(inputs_of(solution), solution.spec.file_name())
