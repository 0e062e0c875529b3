"""``layoutgen export``: one archive for one receiver, from a design made earlier."""

from pathlib import Path

import click


@click.command("export")
@click.argument("design", metavar="DESIGN", type=click.Path(path_type=Path))
@click.option(
    "--shop", metavar="NAME|PATH", help="Mask or laser shop: photomask, laser, film, or a profile's path."
)
@click.option(
    "--out", metavar="FILE", type=click.Path(path_type=Path), help="Zip to write [default: NAME-SHOP.zip]."
)
@click.option("--force", is_flag=True, help="Replace the zip if it exists.")
def command(design: Path, shop: str | None, out: Path | None, force: bool) -> None:
    """Make one zip that stands alone for one receiver, from a design.json or the folder around it.

    \b
      layoutgen export build/mb-20mah-8x10 --shop photomask
      layoutgen export build/mb-20mah-8x10 --shop laser --out for-the-laser-shop.zip
    """
    from layoutgen import __version__
    from layoutgen.document import from_document, read_document
    from layoutgen.errors import Problem, SpecError
    from layoutgen.export.package import check_file_target, write_file
    from layoutgen.export.shop import load_shop, shipped_shops
    from layoutgen.export.shop_files import shop_files, zip_bytes
    from layoutgen.flow import layout_of
    from layoutgen.rules.engine import check_solution, require_clean

    if shop is None:
        raise SpecError(Problem("no receiver is given", "--shop", ", ".join(shipped_shops())))
    profile = load_shop(shop)
    solution = from_document(read_document(design))
    name = f"{solution.spec.file_name()}-{profile.name}"
    target = out or Path(f"{name}.zip")
    check_file_target(target, force=force)
    layout = layout_of(solution)
    require_clean(check_solution(solution, layout))
    files = shop_files(layout, solution.loaded.pdk, profile, f"layoutgen,{__version__}")
    write_file(target, zip_bytes(files, name), force=force)
    click.echo(f"written: {target} ({len(files)} files for {profile.title})")
    for note in layout.notes:
        click.echo(f"note: {note}")
