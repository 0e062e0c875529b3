"""``layoutgen draw``: drawings, CAD models and datasheet of a design that was made earlier."""

from pathlib import Path

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import json_option, print_written


@click.command("draw", cls=Command)
@click.argument("design", metavar="DESIGN")
@click.option("--out", metavar="DIR", help="Folder to make [default: NAME-drawings beside the design].")
@click.option("--format", "formats", metavar="LIST", default="svg,dxf,pdf", show_default=True,
              help="Formats of the sheets, with commas.")  # fmt: skip
@click.option("--sheet", "sheets", metavar="NAME", multiple=True, help="Only this sheet; may be given again.")
@click.option("--field", "fields", metavar="KEY=TEXT", multiple=True,
              help="A title block field: owner, number, title, date, revision, creator, approver ...")  # fmt: skip
@click.option("--board", is_flag=True, help="Also a zip for the board designer: KiCad, STEP, drawings, datasheet.")
@click.option("--exploded", is_flag=True, help="Also one layer with its films apart, as STEP.")
@click.option("--force", is_flag=True, help="Replace a folder that layoutgen draw made, if nothing else is in it.")
@json_option
def command(
    design: str,
    out: str | None,
    formats: str,
    sheets: tuple[str, ...],
    fields: tuple[str, ...],
    board: bool,
    exploded: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Draw a design: sheets as SVG, DXF and PDF, STEP, GLB and KiCad models, and a datasheet.

    DESIGN is a folder that layoutgen design made, or a design.json. With --sheet only the sheets named are written.

    \b
      layoutgen draw build/mb-20mah-8x10
      layoutgen draw build/mb-20mah-8x10 --field date=2026-05-04 --field approver="A. Smith" --force
      layoutgen draw build/mb-20mah-8x10 --sheet land-pattern --format dxf --out land
    """
    from layoutgen.document import from_document, read_document
    from layoutgen.draw.files import datasheet_files, drawing_files, inputs_of, with_fields
    from layoutgen.export.models import exploded_files, model_files
    from layoutgen.files.archive import with_sums, zip_bytes
    from layoutgen.files.folder import MANIFEST, check_target, manifest_text, write_package
    from layoutgen.flow import about
    from layoutgen.outputs import ARCHIVES, Made
    from layoutgen.units import counted

    chosen, wanted = _checked_formats(formats), _checked_sheets(sheets)
    texts = _fields(fields)
    source = Path(design)
    document = read_document(source)
    solution = from_document(document)
    name = solution.spec.file_name()
    folder = source if source.is_dir() else source.parent
    target = Path(out) if out is not None else folder.absolute().parent / f"{name}-drawings"
    check_target(target, force=force, kind="draw")
    inputs = with_fields(inputs_of(solution), texts, "--field")
    files = drawing_files(inputs, chosen, wanted)
    if wanted is None:
        files |= model_files(inputs, name) | datasheet_files(inputs, name)
    if board:
        made = ARCHIVES["board"].make(Made(solution, titled=inputs))
        archive = with_sums({path: b"".join(pieces) for path, pieces in made.items()})
        files[f"{name}-board.zip"] = zip_bytes(archive, name)
    if exploded:
        files |= exploded_files(inputs, name)
    files[MANIFEST] = manifest_text(files, about(document, "draw")).encode()
    write_package(target, files, force=force)
    if as_json:
        print_written([Path(out or target.name) / name for name in sorted(files)])
        return
    click.echo(f"written: {out or target.name} ({counted(len(files), 'file')})")


def _checked_formats(text: str) -> tuple[str, ...]:
    from layoutgen.draw.files import FORMATS
    from layoutgen.errors import Problem, SpecError, did_you_mean

    chosen = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    problems = [
        Problem(f"there is no format {name!r}", "--format", ", ".join(FORMATS), did_you_mean(name, FORMATS))
        for name in chosen
        if name not in FORMATS
    ]
    if not chosen:
        problems.append(Problem("names no format", "--format", ", ".join(FORMATS)))
    if problems:
        raise SpecError(problems)
    return chosen


def _checked_sheets(names: tuple[str, ...]) -> tuple[str, ...] | None:
    from layoutgen.draw.files import SHEETS
    from layoutgen.errors import Problem, SpecError, did_you_mean

    problems = [
        Problem(f"there is no sheet {name!r}", "--sheet", ", ".join(SHEETS), did_you_mean(name, SHEETS))
        for name in names
        if name not in SHEETS
    ]
    if problems:
        raise SpecError(problems)
    return names or None


def _fields(texts: tuple[str, ...]) -> dict[str, str]:
    from layoutgen.errors import Problem, SpecError

    wrong = [text for text in texts if "=" not in text]
    if wrong:
        example = "for example --field date=2026-05-04"
        raise SpecError([Problem(f"{text!r} is not KEY=TEXT", "--field", remedy=example) for text in wrong])
    found: dict[str, str] = {}
    for key, value in (text.split("=", 1) for text in texts):
        if key.strip() in found:
            raise SpecError(Problem(f"{key.strip()} is given more than once", "--field", "one text for each key"))
        found[key.strip()] = value.strip()
    return found
