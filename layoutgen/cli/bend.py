"""``layoutgen bend``: what a bend does to the films of a design."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import print_json

if TYPE_CHECKING:
    from layoutgen.mechanics.bending import Bend
    from layoutgen.pdk.load import LoadedPdk
    from layoutgen.solver.solution import Solution


@click.command("bend", cls=Command)
@click.argument("design", metavar="DESIGN")
@click.option(
    "--radius", metavar="LENGTH", required=True, help="Bending radius of the neutral axis, mm; inf: flat."
)
@click.option("--films-inside", is_flag=True, help="The films lie on the inside of the bend, not on the outside.")
@click.option("--charged", is_flag=True, help="With the lithium that a full charge plates.")
@click.option("--layers", metavar="N", help="Bend so many layers [default: those of the design].")
@click.option("--bonded", is_flag=True, help="The layers act as one block.")
@click.option("--sliding", is_flag=True, help="The layers slide on each other.")
@click.option("--curved", is_flag=True, help="Built curved: cells are bent one by one, the radius is the inside's.")
@click.option("--growing", is_flag=True, help="With --curved: cells grow with their radius; else all are equal.")
@click.option(
    "--set", "settings", metavar="PATH=VALUE", multiple=True,
    help="Another value of a film's mechanics for this bend, as stack.cathode.mechanics.strain_limit=0.12.",
)  # fmt: skip
@click.option("--out", metavar="DIR", help="Folder to make: bend.json, bend.svg; curved: also a STEP model.")
@click.option("--force", is_flag=True, help="Replace the folder if layoutgen made it earlier.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def command(
    design: str,
    radius: str,
    films_inside: bool,
    charged: bool,
    layers: str | None,
    bonded: bool,
    sliding: bool,
    curved: bool,
    growing: bool,
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
      layoutgen bend build/mb-17mah-ring --radius 9.5 --curved --out ring
    """
    from layoutgen.document import from_document, read_document
    from layoutgen.mechanics.answer import bend_json, bend_text, curved_lines, terminals_json, terminals_lines
    from layoutgen.mechanics.asked import first_axis_mm
    from layoutgen.mechanics.bending import Verdict, bend_stack
    from layoutgen.mechanics.stack import Bonding

    wanted = _radius_mm(radius)
    count = _layers(layers)
    others: dict[str, object] = {
        "layers": count,
        "bonded": bonded or None,
        "sliding": sliding or None,
        "films-inside": films_inside or None,
    }
    _refuse_mixtures(wanted, curved=curved, growing=growing, others=others)
    if out is not None:
        from layoutgen.files.folder import check_target

        check_target(Path(out), force=force, kind="bend")
    document = read_document(Path(design))
    solution = from_document(document)
    loaded = _with_mechanics(solution.loaded, settings) if settings else solution.loaded
    inside = first_axis_mm(loaded.pdk, solution.template) if curved else 0.0
    bend = bend_stack(
        loaded.pdk,
        count or solution.device.layers,
        solution.device.cell_length_um / 1000,
        wanted + inside,
        films_outside=not films_inside,
        charged=charged,
        together=Bonding.SLIDING if curved or sliding else Bonding.BONDED if bonded else None,
    )
    _refuse_folding(bend)
    name = solution.spec.file_name()
    answer = bend_json(bend, name)
    if curved:
        answer["curved"] = _curved(solution, wanted, growing=growing)
        answer["terminals"] = terminals_json(loaded.pdk, solution.template, solution.device, wanted)
    if out is not None:
        _write(Path(out), answer, solution, bend, document, force=force)
    if as_json:
        print_json(answer)
    else:
        click.echo(bend_text(bend, name))
        if curved:
            lines = [*curved_lines(answer["curved"], solution.device.layers), *terminals_lines(answer["terminals"])]
            click.echo("\n".join(["", "  built curved", *(f"  {line}" for line in lines)]))
    if bend.verdict is Verdict.BREAKS:
        raise click.exceptions.Exit(1)


def _refuse_mixtures(radius_mm: float, *, curved: bool, growing: bool, others: dict[str, object]) -> None:
    from layoutgen.errors import InputError, Problem

    problems = []
    if growing and not curved:
        problems.append(Problem("is of a part that is built curved", "--growing", remedy="give --curved as well"))
    if others["bonded"] and others["sliding"]:
        problems.append(Problem("cannot be combined", "--bonded, --sliding", "one of the two"))
    if curved:
        problems += [
            Problem(
                "cannot be combined with --curved, which bends cells of the design one by one, films outside",
                f"--{name}",
            )
            for name, value in others.items()
            if value is not None
        ]
        if math.isinf(radius_mm):
            problems.append(
                Problem("a part that is built curved has a radius", "--radius", "a length, such as 9.5")
            )
    if problems:
        raise InputError(problems)


def _refuse_folding(bend: "Bend") -> None:
    """Nothing bends to less than what lies between its neutral axis and its inside: it would pass the centre."""
    from layoutgen.errors import InputError, Problem
    from layoutgen.units import plain

    axis_um = bend.neutral_axis_um
    depth_mm = (axis_um if bend.films_outside else bend.laminate.thickness_um - axis_um) / 1000
    if bend.radius_mm <= depth_mm:
        what = f"{plain(bend.radius_mm)} mm is less than lies between the neutral axis and the inside of the bend"
        raise InputError(
            Problem(what, "--radius", f"more than {plain(depth_mm, 4)} mm", "--layers 1 for one cell by itself")
        )


def _curved(solution: "Solution", radius_mm: float, *, growing: bool) -> dict[str, Any]:
    """What follows for a part whose first layer is a cell of the design, bent to a radius on its inside."""
    from layoutgen.errors import InputError, Problem
    from layoutgen.mechanics.answer import curved_json
    from layoutgen.mechanics.asked import curved_part

    device = solution.device
    angle = math.degrees(device.package_length_um / 1000 / radius_mm)
    if angle >= 360:
        least = device.package_length_um / 1000 / (2 * math.pi)
        raise InputError(
            Problem(
                f"the part closes on itself: it is {device.package_length_um / 1000:.2f} mm long",
                "--radius",
                f"more than {least:.2f} mm",
            )
        )
    return curved_json(*curved_part(device, radius_mm, growing=growing), growing=growing)


def _write(
    folder: Path,
    answer: dict[str, Any],
    solution: "Solution",
    bend: "Bend",
    document: dict[str, Any],
    *,
    force: bool,
) -> None:
    import json

    from layoutgen.draw.bend import figure
    from layoutgen.draw.files import inputs_of
    from layoutgen.draw.svg import svg_bytes
    from layoutgen.files.folder import MANIFEST, manifest_text, write_package
    from layoutgen.flow import about

    inputs, name = inputs_of(solution), answer["design"]
    radius = f"bending radius {bend.radius_mm:.5g} mm" if math.isfinite(bend.radius_mm) else "flat"
    files = {
        "bend.json": (json.dumps(answer, indent=2, ensure_ascii=False) + "\n").encode(),
        "bend.svg": svg_bytes(figure(inputs, bend, f"{name}, {radius}")),
    }
    if "curved" in answer:
        from layoutgen.draw.bent import bent_solids, side_view
        from layoutgen.draw.solids import model_solids
        from layoutgen.export.step import step_bytes
        from layoutgen.mechanics.answer import curved_lines

        facts = answer["curved"]
        growing = not facts["end_step_um"]
        solids = bent_solids(model_solids(inputs), facts["inner_radius_mm"] * 1000, growing=growing)
        lines = curved_lines(facts, solution.device.layers)
        files["curved.svg"] = svg_bytes(side_view(solids, f"{name}, built curved", lines))
        files[f"{name}-curved.step"] = step_bytes(solids, f"{name}-curved", "Battery, built curved")
    files[MANIFEST] = manifest_text(files, about(document, "bend")).encode()
    write_package(folder, files, force=force)


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
