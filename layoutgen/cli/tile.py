"""``layoutgen tile``: fill a field or a web with cells, without designing a battery."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.cli.command import Command
from layoutgen.cli.output import force_file_option
from layoutgen.errors import InputError, Problem
from layoutgen.units import parse, parse_footprint_mm, parse_outline_mm

if TYPE_CHECKING:
    from layoutgen.tile.model import Effort, Packing
    from layoutgen.tile.webplan.gains import Gain
    from layoutgen.tile.zones.outline import Outline
    from layoutgen.web.plan import Structure, WebFrame

_DBU_PER_MM = 1_000_000
_MOST_MM = 3_000
_EFFORTS = ("quick", "standard", "medium", "high", "extreme")


@click.command("tile", cls=Command)
@click.option("--cell", metavar="AxB", help="Finished cell, mm: 8x10.")
@click.option("--outline", metavar="SHAPE", help="Cell of another outline: circle:d=10, stadium:12x4, file.dxf ...")
@click.option("--kerf", metavar="WIDTH", default="0.04", show_default=True, help="Cut between neighbours, mm.")
@click.option(
    "--field", metavar="AxB", help="Alone: the field to fill. With --web: the largest [default: 150x150]."
)
@click.option("--web", metavar="WIDTH", help="Plan a repeat of a web of this width, mm.")
@click.option("--edge", metavar="WIDTH", help="Unusable at each edge of the web, mm [default: 10].")
@click.option("--gap", metavar="WIDTH", help="Between fields, mm [default: 2].")
@click.option("--free", is_flag=True, help="The web moves continuously: lanes without fields.")
@click.option("--repeat", metavar="LENGTH", help="The repeat is given (drum, stepper), mm.")
@click.option("--slits", metavar="N|X,X", help="Slit the web into N equal strips, or at these places, mm.")
@click.option("--slit-width", metavar="WIDTH", help="Width lost at each slit, mm [default: the gap].")
@click.option("--structure", "structures", metavar="NAME=AxB", multiple=True, help="A test structure to place.")
@click.option(
    "--zone", "zones", metavar="ZONE", multiple=True, help="Forbidden: 'X,Y,AxB' or 'X,Y X,Y X,Y ...', mm."
)
@click.option("--no-rotation", is_flag=True, help="Cells keep their orientation.")
@click.option("--guillotine", is_flag=True, help="Straight cuts from edge to edge only.")
@click.option("--effort", type=click.Choice(_EFFORTS), default="high", show_default=True, help="How hard to try.")
@click.option("--prove", metavar="WORK", help="Field only: then let CP-SAT try, for so much work (extra 'proof').")
@click.option("--skeleton", metavar="WIDTH", help="With --outline: scrap left between two cuts, one piece, mm.")
@click.option(
    "--csv", "csv_file", metavar="FILE", help="Rows L,W,l,w, inflated; with --outline: write cells there."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--svg", metavar="FILE", help="Draw the packing.")
@force_file_option
def command(**options: Any) -> None:
    """Fill a rectangle or a web with equal cells; print count, bound and proof.

    \b
      layoutgen tile --cell 8x10 --kerf 0.05 --field 300x300
      layoutgen tile --cell 8x10 --web 300 --json
      layoutgen tile --cell 8x10 --web 280 --free
      layoutgen tile --cell 8x10 --field 150x150 --zone 20,30,12x5 --svg field.svg
      layoutgen tile --csv instances.csv
      layoutgen tile --outline circle:d=10 --kerf 0.05 --field 150x150

    \b
    SHAPE is one of circle:d=10, stadium:12x4, rounded:10x8,r=2, d-shape:12x10,
    sector:r=9..11.5,angle=100, l-shape:12x8,arm=4, hexagon:10 (across flats),
    rectangle:8x10, or a DXF or SVG file with one closed loop; mm.
    """
    from layoutgen.tile.model import Effort

    _refuse_mixtures(options)
    effort = Effort[options["effort"].upper()]
    if options["outline"]:
        _outlined(options, effort)
        return
    if options["csv_file"]:
        from layoutgen.tile.pack.instances import answers, read_instances

        for line in answers(read_instances(Path(options["csv_file"])), effort):
            click.echo(line)
        return
    from layoutgen.files.folder import check_file_target, write_file

    target = None if options["svg"] is None else Path(options["svg"])
    if target is not None:
        check_file_target(target, force=options["force"], where="--svg", suffix=".svg")
    cell = _pair(options["cell"], "--cell")
    kerf = _length(options["kerf"], "--kerf")
    result = _web(options, cell, kerf, effort) if options["web"] else _field(options, cell, kerf, effort)
    if target is not None:
        write_file(target, result.drawing.encode(), force=options["force"], where="--svg")
    if options["as_json"]:
        import json

        click.echo(json.dumps(result.answer, indent=2))
    else:
        from layoutgen.tile.answer import text

        click.echo(text(result.answer))


def _outlined(options: dict[str, Any], effort: "Effort") -> None:
    """Cells of another outline."""
    from layoutgen.cli.tile_outline import Question, answer, show

    kerf = _length(options["kerf"], "--kerf")
    frame = _web_frame(options, kerf) if options["web"] else None
    field = (frame.field_width, frame.field_length) if frame else _pair(options["field"], "--field")
    question = Question(
        shape=options["outline"],
        kerf=kerf,
        skeleton=_length(options["skeleton"], "--skeleton") if options["skeleton"] else 0,
        field=field,
        frame=frame,
        zones=tuple(_outline(text).corners for text in options["zones"]),
        rotation_allowed=not options["no_rotation"],
        effort=effort,
    )
    show(answer(question, options["svg"], options["csv_file"], force=options["force"]), as_json=options["as_json"])


@dataclass(frozen=True, slots=True)
class _Result:
    answer: dict[str, Any]
    drawing: str


def _refuse_mixtures(options: dict[str, Any]) -> None:
    """Options that do not go together, all at once."""
    given = {name for name, value in options.items() if value}
    if "csv_file" in given and "outline" not in given:
        _refuse_beside_csv(given - {"csv_file", "effort", "kerf"})
        return
    problems = _cell_problems(given)
    if not given & {"field", "web"}:
        problems.append(Problem("nothing to fill", "--field or --web", "--field 300x300, or --web 300"))
    web_only = given & {"edge", "gap", "free", "repeat", "slits", "slit_width", "structures"}
    if "web" not in given and web_only:
        problems += [Problem("is for webs", _name(name), remedy="give --web as well") for name in sorted(web_only)]
    if "web" in given:
        problems += [
            Problem("is for a single field", _name(name), remedy="leave out --web")
            for name in sorted(given & {"prove"})
        ]
    if {"structures", "guillotine"} <= given:
        problems.append(Problem("cannot be combined", "--structure, --guillotine", "one of the two"))
    if {"free", "repeat"} <= given:
        problems.append(Problem("a free web has no given repeat", "--free, --repeat", "one of the two"))
    if given & {"free", "repeat"} and "field" in given:
        problems.append(Problem("a free web and a drum have no scanner fields", "--field", remedy="leave it out"))
    if "slit_width" in given and "slits" not in given:
        problems.append(
            Problem("is the width of slits, and there are none", "--slit-width", remedy="give --slits as well")
        )
    if "zones" in given and "guillotine" in given:
        problems.append(Problem("cannot be combined", "--zone, --guillotine", "one of the two"))
    if problems:
        raise InputError(problems)


def _cell_problems(given: set[str]) -> list[Problem]:
    """What is wrong with the cell: none, two, or options that do not go with its kind."""
    if "outline" in given:
        from layoutgen.cli.tile_outline import refuse

        return refuse(given)
    problems = []
    if "skeleton" in given:
        problems.append(Problem("is for outlines that are not rectangles", "--skeleton", remedy="give --outline"))
    if "cell" not in given:
        problems.append(Problem("is missing", "--cell", "a finished cell in mm, such as 8x10"))
    return problems


def _refuse_beside_csv(others: set[str]) -> None:
    if others:
        names = ", ".join(sorted(_name(other) for other in others))
        raise InputError(Problem(f"cannot be combined with {names}", "--csv", "--effort only"))


def _name(option: str) -> str:
    names = {"csv_file": "csv", "as_json": "json", "zones": "zone", "structures": "structure"}
    return "--" + names.get(option, option).replace("_", "-")


def _field(options: dict[str, Any], cell: tuple[int, int], kerf: int, effort: "Effort") -> _Result:
    from layoutgen.tile.answer import frame_json
    from layoutgen.tile.pack.frame import pack
    from layoutgen.tile.picture import drawing, lattices_of, rectangle
    from layoutgen.tile.webplan.gains import frame_gains
    from layoutgen.tile.zones.frame import pack_around

    size = _pair(options["field"], "--field")
    frame, item = (size[0] + kerf, size[1] + kerf), (cell[0] + kerf, cell[1] + kerf)
    turn = not options["no_rotation"]
    outlines = [_outline(text) for text in options["zones"]]
    _refuse_outside(options["zones"], [outline.corners for outline in outlines], size, "field")
    packing: Packing
    if outlines:
        grown = [outline.grown(kerf) for outline in outlines]
        packing = pack_around(frame, item, grown, rotation_allowed=turn, effort=effort)
        gains: tuple[Gain, ...] = ()
    else:
        packing = pack(
            frame,
            item,
            rotation_allowed=turn,
            effort=effort,
            guillotine_only=options["guillotine"],
            proof_work=_work(options["prove"]),
        )
        gains = frame_gains(packing, rotation_allowed=turn)
    answer = frame_json(packing, cell, kerf, gains)
    picture = drawing(
        size=size,
        outline=rectangle(cell),
        fields=[((0, 0, *size), lattices_of(packing.blocks, cell, kerf))],
        zones=[outline.corners for outline in outlines],
        title=f"{packing.count} cells of at most {packing.upper_bound}",
        dbu_per_mm=_DBU_PER_MM,
    )
    return _Result(answer, picture)


def _web(options: dict[str, Any], cell: tuple[int, int], kerf: int, effort: "Effort") -> _Result:
    from layoutgen.tile.answer import web_json
    from layoutgen.tile.picture import drawing, lattices_of, rectangle
    from layoutgen.tile.webplan.around import plan_around
    from layoutgen.tile.webplan.gains import web_gains
    from layoutgen.tile.webplan.structures import place_structures
    from layoutgen.tile.zones.outline import box
    from layoutgen.web.plan import Zone

    frame = _web_frame(options, kerf)
    zones = [Zone(f"zone {number}", "", _outline(text).corners) for number, text in enumerate(options["zones"], 1)]
    wanted = [_structure(text) for text in options["structures"]]
    plan = plan_around(frame, cell, zones, effort=effort)
    _refuse_outside(options["zones"], [zone.corners for zone in zones], (frame.width, plan.repeat_length), "repeat")
    placed = place_structures(plan, wanted) if wanted else None
    plan = placed.plan if placed else plan
    gains = () if not plan.fields else web_gains(plan, effort)
    shown = [((f.x, f.y, f.x + f.width, f.y + f.length), lattices_of(f.blocks, cell, kerf)) for f in plan.fields]
    boxes = [placement.box for placement in plan.structures]
    boxes += [(start, 0, end, plan.repeat_length) for start, end in frame.slits]
    picture = drawing(
        size=(frame.width, plan.repeat_length),
        outline=rectangle(cell),
        fields=shown,
        zones=[*(zone.corners for zone in plan.zones), *(box(*bounds).corners for bounds in boxes)],
        title=f"{plan.cells_per_repeat} cells in a repeat of {plan.repeat_length / _DBU_PER_MM:g} mm",
        dbu_per_mm=_DBU_PER_MM,
    )
    return _Result(web_json(plan, gains, placed.unplaced if placed else ()), picture)


def _web_frame(options: dict[str, Any], kerf: int) -> "WebFrame":
    from layoutgen.tile.webplan.slit import slit_frame
    from layoutgen.web.plan import Regime, WebFrame

    width = _length(options["web"], "--web")
    edge = _length(options["edge"] or "10", "--edge")
    field = _pair(options["field"] or "150x150", "--field")
    if 2 * edge >= width:
        raise InputError(
            Problem("the edges leave nothing of the web", "--edge", f"below {width / 2 / _DBU_PER_MM:g} mm")
        )
    regime = Regime.FREE if options["free"] else Regime.FIXED if options["repeat"] else Regime.FIELDS
    frame = WebFrame(
        width=width,
        edge=edge,
        field_width=field[0],
        field_length=field[1],
        field_gap=_length(options["gap"] or "2", "--gap"),
        kerf=kerf,
        rotation_allowed=not options["no_rotation"],
        regime=regime,
        repeat_length=_dbu(parse(options["repeat"], "mm", "--repeat"), "--repeat")
        if regime is Regime.FIXED
        else None,
        guillotine_only=options["guillotine"],
    )
    if not options["slits"]:
        return frame
    slit_width = _length(options["slit_width"], "--slit-width") if options["slit_width"] else frame.field_gap
    try:
        return slit_frame(frame, options["slits"], slit_width, _DBU_PER_MM)
    except ValueError as error:
        raise InputError(Problem(str(error), "--slits", "a number of strips, or places in mm")) from error


def _work(text: str | None) -> float:
    if text is None:
        return 0.0
    from layoutgen.tile.pack.exact import available

    try:
        work = float(text)
    except ValueError:
        work = 0.0
    if not 0 < work <= 100_000:
        raise InputError(
            Problem(f"{text!r} is not an amount of work", "--prove", "a number up to 100000, such as 20")
        )
    if not available():
        raise InputError(
            Problem("CP-SAT is not installed", "--prove", remedy="install the extra: layoutgen[proof]")
        )
    return work


def _structure(text: str) -> "Structure":
    from layoutgen.web.plan import Structure

    name, sign, size = text.partition("=")
    if not sign or not name.strip():
        raise InputError(Problem(f"{text!r} is not a structure", "--structure", "NAME=AxB, such as coupon=10x5"))
    return Structure(name.strip(), *_pair(size, "--structure"))


def _outline(text: str) -> "Outline":
    from layoutgen.tile.zones.outline import Outline

    outline = Outline(
        tuple((round(x * _DBU_PER_MM), round(y * _DBU_PER_MM)) for x, y in parse_outline_mm(text, "--zone"))
    )
    if not outline.is_simple:
        raise InputError(Problem(f"{text!r} is not a simple polygon", "--zone", "corners in order around it"))
    return outline


def _refuse_outside(
    texts: Sequence[str], zones: Sequence[Sequence[tuple[int, int]]], size: tuple[int, int], name: str
) -> None:
    """A zone that keeps nothing free is a mistake."""
    from layoutgen.tile.zones.wrap import lies_outside

    allowed = f"0 to {size[0] / _DBU_PER_MM:g} mm across, 0 to {size[1] / _DBU_PER_MM:g} mm along"
    problems = [
        Problem(f"{text!r} lies outside the {name}", "--zone", allowed)
        for text, corners in zip(texts, zones, strict=True)
        if lies_outside(corners, *size)
    ]
    if problems:
        raise InputError(problems)


def _length(text: str, option: str) -> int:
    """A length in dbu; zero is a length here."""
    value_mm = parse(text, "mm", option, zero=True)
    return _dbu(value_mm, option) if value_mm else 0


def _pair(text: str, option: str) -> tuple[int, int]:
    first, second = parse_footprint_mm(text, option)
    if first is None or second is None:
        raise InputError(Problem(f"{text!r} leaves a side free", option, "two lengths, such as 8x10"))
    return _dbu(first, option), _dbu(second, option)


def _dbu(value_mm: float, option: str) -> int:
    value = round(value_mm * _DBU_PER_MM)
    if not 0 < value <= _MOST_MM * _DBU_PER_MM:
        raise InputError(Problem(f"{value_mm:g} mm is out of range", option, "1 nm to 3 m"))
    return value
