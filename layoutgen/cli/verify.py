"""``layoutgen verify``: is a received package whole, and what its design gives?"""

from pathlib import Path

import click

from layoutgen.cli.command import Command


@click.command("verify", cls=Command)
@click.argument("folder", metavar="DIR|ZIP")
@click.option(
    "--against",
    metavar="DESIGN",
    help="Make the archive of a shop, a board designer or a test house again from this design; compare every byte."
    " Where a shop's has a revision before, the design must have been made with --previous.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was checked as JSON.")
def command(folder: str, against: str | None, as_json: bool) -> None:
    """Check a folder that layoutgen made: nothing missing, added, damaged or edited.

    Of a folder of layoutgen design, reads the manifest and every checksum, draws the layout again from design.json
    and compares it with the mask files, shape by shape, and the order and the drawings with both. Exit code 1 where
    the package does not verify.

    A shop's archive or folder, made by layoutgen export, holds no design: there the checksums, and the polygons,
    areas and boxes of the mask files against the order.

    A folder of readings, a delivery, a plan, stacks and the like hold no design to make again: there the manifest.

    \b
      layoutgen verify build/mb-20mah-8x10
      layoutgen verify mb-20mah-8x10-photomask.zip
      layoutgen verify mb-20mah-8x10-photomask.zip --against build/mb-20mah-8x10
    """
    import json

    from layoutgen.cli.wording import worded
    from layoutgen.verify import verify

    result = verify(Path(folder), None if against is None else Path(against))
    notes = [worded(text) for text in result.notes]
    if as_json:
        content = {
            "schema": "layoutgen.verify/1",
            "verified": True,
            "checked": list(result.checked),
            "notes": notes,
        }
        click.echo(json.dumps(content, indent=2, ensure_ascii=False))
        return
    for text in result.checked:
        click.echo(f"  ok    {text}")
    for text in notes:
        click.echo(f"  note  {text}")
    click.echo(f"verified{', but for what the notes say' if notes else ''}: {folder}")
