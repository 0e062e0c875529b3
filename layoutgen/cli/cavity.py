"""``layoutgen cavity``: the best part for the room inside a case."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.cli.command import Command
from layoutgen.cli.options import progress_to_stderr, question_options
from layoutgen.cli.output import answering, force_file_option, json_option, print_json

if TYPE_CHECKING:
    from layoutgen.errors import Place

_CLEARANCE_MM = 0.1
_MOST_MM = 100.0


@click.command("cavity", cls=Command)
@click.option("--outline", metavar="SHAPE", required=True, help="The cavity: circle:d=12, case.dxf, case.svg ...")
@click.option("--clearance", metavar="WIDTH", help="Least distance to the wall, mm.  [default: 0.1]")
@click.option("--upright", is_flag=True, help="Sides along x and y of the outline only.")
@question_options
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@json_option
@click.option("--svg", metavar="FILE", help="Draw the part in the cavity.")
@force_file_option
def command(
    outline: str,
    clearance: str | None,
    upright: bool,
    quiet: bool,
    as_json: bool,
    svg: str | None,
    force: bool,
    **options: Any,
) -> None:
    """Find the part for a cavity: where it lies, how it is turned, what it holds.

    \b
      layoutgen cavity --outline circle:d=12 --height 2
      layoutgen cavity --outline case.dxf --clearance 0.2 --height 1.5 --svg case-part.svg
      layoutgen cavity --outline d-shape:12x10 --mah 10

    With --height the most capacity; with --mah the part that takes the least web; with both,
    whether it can be had. SHAPE is one of circle:d=10, stadium:12x4, rounded:10x8,r=2,
    d-shape:12x10, sector:r=9..11.5,angle=100, l-shape:12x8,arm=4, hexagon:10, rectangle:8x10,
    or a DXF or SVG file with one closed loop; mm. The other options are those of solve.
    """
    from layoutgen.cli.options import spec_values
    from layoutgen.files.folder import check_file_target, write_file
    from layoutgen.geometry.shapes import outline_from
    from layoutgen.solver.cavity import DBU_PER_MM, cavity_json, cavity_text, fill_cavity
    from layoutgen.spec import build_spec
    from layoutgen.tile.outline.answer import outline_json

    values, origins = spec_values(options)
    _check_asked(values, origins)
    gap_mm = _clearance_mm(clearance)
    cavity, notes = outline_from(outline, "--outline")
    sides = tuple(side / DBU_PER_MM for side in cavity.size)
    spec = build_spec(values | {"footprint": sides}, origins)
    if svg is not None:
        check_file_target(Path(svg), force=force, where="--svg", suffix=".svg")
    with answering(as_json=as_json):
        found = fill_cavity(spec, cavity, gap_mm, upright=upright, progress=progress_to_stderr(quiet=quiet))
    answer = cavity_json(found, outline_json(cavity, outline, notes))
    if svg is not None:
        from layoutgen.draw.cavity import cavity_svg

        write_file(Path(svg), cavity_svg(found, f"Part in {Path(outline).name}"), force=force, where="--svg")
    if as_json:
        print_json(answer)
    else:
        click.echo(cavity_text(answer))


def _check_asked(values: dict[str, Any], origins: dict[str, "Place"]) -> None:
    """The cavity takes the place of the footprint; capacity, height or both are asked for."""
    from layoutgen.errors import Key, Problem, SpecError

    if values.get("capacity") is None and values.get("height") is None:
        remedy = "--height 2 for the most capacity, --mah 10 for the part that holds it"
        raise SpecError(Problem("nothing but the cavity is given", "--height, --mah", remedy=remedy))
    wrong = [name for name in ("footprint", "aspect") if values.get(name) is not None]
    places = [Key(name, origin) if isinstance(origin := origins[name], str) else origin for name in wrong]
    if wrong:
        what, remedy = "the cavity says how large the part may be", "leave it out, or ask solve"
        raise SpecError([Problem(what, place, remedy=remedy) for place in places])


def _clearance_mm(text: str | None) -> float:
    """A distance; none at all is one too."""
    from layoutgen.errors import InputError, Problem
    from layoutgen.units import parse, plain

    if text is None:
        return _CLEARANCE_MM
    value = parse(text, "mm", "--clearance", zero=True)
    if value > _MOST_MM:
        raise InputError(Problem(f"{plain(value, 12)} mm is out of range", "--clearance", f"0 to {_MOST_MM:g} mm"))
    return value
