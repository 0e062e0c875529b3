"""``layoutgen bend``: what a bend does to the films of a design."""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layoutgen.cli.command import Command

if TYPE_CHECKING:
    from layoutgen.pdk.load import LoadedPdk


@click.command("bend", cls=Command)
@click.argument("design", metavar="DESIGN")
@click.option(
    "--radius", metavar="LENGTH", required=True, help="Bending radius of the neutral axis, mm; inf: flat."
)
@click.option("--films-inside", is_flag=True, help="The films lie on the inside of the bend, not on the outside.")
@click.option("--charged", is_flag=True, help="With the lithium that a full charge plates.")
@click.option("--layers", metavar="N", help="Bend so many layers [default: those of the design].")
@click.option("--bonded", "state", flag_value="bonded", help="The layers act as one block.")
@click.option("--sliding", "state", flag_value="sliding", help="The layers slide on each other.")
@click.option(
    "--set", "settings", metavar="PATH=VALUE", multiple=True,
    help="Another value of a film's mechanics for this bend, as stack.cathode.mechanics.strain_limit=0.12.",
)  # fmt: skip
@click.option("--out", metavar="DIR", help="Folder to make, with bend.json and bend.svg.")
@click.option("--force", is_flag=True, help="Replace the folder if layoutgen made it earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(
    design: str,
    radius: str,
    films_inside: bool,
    charged: bool,
    layers: str | None,
    state: str | None,
    settings: tuple[str, ...],
    out: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Strain in every film of a bent design, limits, and the least radius as a range.

    DESIGN is a folder that layoutgen design made, or a design.json. Whether the layers slide or act as one block
    follows from the shear lag of the film between them, unless --bonded or --sliding says so. Exit code 1 where a
    film is stretched past the range of its limit; a film without a limit is reported and not judged.

    \b
      layoutgen bend build/mb-20mah-8x10 --radius 10
      layoutgen bend build/mb-20mah-8x10 --radius 10 --layers 1 --json
      layoutgen bend build/mb-20mah-8x10 --radius 400 --out bent
    """
    import json

    from layoutgen.document import from_document, read_document
    from layoutgen.mechanics.answer import bend_json, bend_text
    from layoutgen.mechanics.device import Verdict, bend_stack
    from layoutgen.mechanics.stack import Bonding

    wanted = _radius_mm(radius)
    count = _layers(layers)
    if out is not None:
        from layoutgen.files.folder import check_target

        check_target(Path(out), force=force, kind="bend")
    document = read_document(Path(design))
    solution = from_document(document)
    loaded = solution.loaded
    if settings:
        loaded = _with_mechanics(loaded, settings)
    bend = bend_stack(
        loaded.pdk,
        count or solution.device.layers,
        solution.device.cell_length_um / 1000,
        wanted,
        films_outside=not films_inside,
        charged=charged,
        together=None if state is None else Bonding(state),
    )
    name = solution.spec.file_name()
    answer = bend_json(bend, name)
    if out is not None:
        from layoutgen.draw.bend import figure
        from layoutgen.draw.files import inputs_of
        from layoutgen.draw.svg import svg_bytes
        from layoutgen.files.folder import MANIFEST, manifest_text, write_package
        from layoutgen.flow import about

        files = {
            "bend.json": (json.dumps(answer, indent=2, ensure_ascii=False) + "\n").encode(),
            "bend.svg": svg_bytes(figure(inputs_of(solution), bend, f"{name}, bending radius {wanted:g} mm")),
        }
        files[MANIFEST] = manifest_text(files, about(document, "bend")).encode()
        write_package(Path(out), files, force=force)
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False) if as_json else bend_text(bend, name))
    if bend.verdict is Verdict.BREAKS:
        raise click.exceptions.Exit(1)


def _with_mechanics(loaded: "LoadedPdk", settings: tuple[str, ...]) -> "LoadedPdk":
    """Other values of the films' mechanics; the design itself follows from all others and stays."""
    from layoutgen.cli.options import settings_of
    from layoutgen.errors import InputError, Problem
    from layoutgen.pdk.load import check_pdk

    given = settings_of(settings, "--set")
    problems = [
        Problem(
            "is not a value of a film's mechanics",
            f"--set {path}",
            "such as stack.cathode.mechanics.modulus",
            "design again with this value, and bend that",
        )
        for path in given
        if ".mechanics." not in path
    ]
    if problems:
        raise InputError(problems)
    return check_pdk(
        loaded.content,
        loaded.files,
        tuple(given.items()),
        template=loaded.template,
        structures=loaded.structures,
    )


def _radius_mm(text: str) -> float:
    from layoutgen.errors import InputError, Problem
    from layoutgen.units import parse

    if text.strip().lower() in {"inf", "infinite", "flat"}:
        return math.inf
    value = parse(text, "mm", "--radius")
    if value < 0.001:
        raise InputError(Problem(f"{text!r} is no bending radius", "--radius", "at least 0.001 mm; inf for flat"))
    return value


def _layers(text: str | None) -> int | None:
    from layoutgen.errors import InputError, Problem

    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 10_000:
        raise InputError(Problem(f"{text!r} is no number of layers", "--layers", "a whole number from 1 to 10000"))
    return int(text)
