"""``layoutgen tile --outline``: cells that are not rectangles, in a field or on a web."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layoutgen.errors import InputError, Problem
from layoutgen.files.folder import check_file_target, write_file

if TYPE_CHECKING:
    from layoutgen.geometry.outline import Outline
    from layoutgen.tile.model import Effort
    from layoutgen.web.plan import WebFrame

_DBU_PER_MM = 1_000_000
_HEADER = "field,cell,x_mm,y_mm,turn_deg"
_TINY = 400_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in dbu; ``frame`` is there for a web, ``field`` for a field alone."""

    shape: str
    kerf: int
    skeleton: int
    field: tuple[int, int]
    frame: "WebFrame | None"
    zones: tuple[tuple[tuple[int, int], ...], ...]
    rotation_allowed: bool
    effort: "Effort"

    @property
    def distance(self) -> int:
        """Between neighbours: one cut where no skeleton is asked for, else two with the skeleton between them."""
        return 2 * self.kerf + self.skeleton if self.skeleton else self.kerf


def refuse(given: set[str]) -> list[Problem]:
    """Options that do not go with an outline, besides those that no packing takes."""
    names = {"cell", "guillotine", "prove", "structures"} & given
    reasons = {
        "cell": ("is for rectangles", "leave out --cell or --outline"),
        "guillotine": (
            "a saw cuts straight from edge to edge: curves cannot be sawn",
            "leave it out, or give --cell",
        ),
        "prove": ("CP-SAT proves packings of rectangles only", "leave it out"),
        "structures": ("structures are placed among rectangles only", "keep a --zone free for it"),
    }
    options = {"structures": "--structure"}
    return [
        Problem(reasons[name][0], f"{options.get(name, '--' + name)}, --outline", remedy=reasons[name][1])
        for name in sorted(names)
    ]


def answer(question: Question, svg: str | None, csv: str | None, *, force: bool = False) -> dict[str, Any]:
    """Pack, write the files that are asked for, and return what is said.

    Raises:
        InputError: the outline, or a file to write, is not what it must be.
    """
    from layoutgen.geometry.shapes import outline_from

    outline, notes = outline_from(question.shape, "--outline")
    _check_size(outline, question)
    picture, table = _targets(svg, csv, force=force)
    run = _web if question.frame is not None else _field
    found, drawing, groups = run(question, outline, notes)
    if picture is not None:
        write_file(picture, drawing.encode(), force=force, where="--svg")
    if table is not None:
        from layoutgen.tile.outline.answer import csv_of

        write_file(table, csv_of(groups, outline).encode(), force=force, where="--csv")
    return found


def _targets(svg: str | None, csv: str | None, *, force: bool) -> tuple[Path | None, Path | None]:
    """The files to write; a table that is there is replaced only if it is one of these."""
    picture = None if svg is None else Path(svg)
    table = None if csv is None else Path(csv)
    if picture is not None:
        check_file_target(picture, force=force, where="--svg", suffix=".svg")
    if table is not None:
        check_file_target(table, force=force, where="--csv", suffix=".csv")
        if table.is_file() and not table.read_bytes().startswith(_HEADER.encode()):
            raise InputError(
                Problem(
                    f"{table} is there and holds something else",
                    "--csv",
                    "with --outline the cells are written to it",
                    "another name",
                )
            )
    return picture, table


def _check_size(outline: "Outline", question: Question) -> None:
    """Refuse what would take forever: far more cells than a tool can name."""
    room = question.field
    number = room[0] * room[1] / outline.area
    if number > _TINY:
        raise InputError(
            Problem(
                f"{number:.2g} cells of {question.shape} have room in a field",
                "--outline",
                f"up to {_TINY} in a field",
                "a smaller field",
            )
        )


def _streets(question: Question) -> dict[str, int]:
    return {"kerf": question.kerf, "skeleton": question.skeleton, "distance": question.distance}


def _field(question: Question, outline: "Outline", notes: tuple[str, ...]) -> tuple[dict[str, Any], str, list[Any]]:
    from layoutgen.tile.outline.answer import field_json, outline_json
    from layoutgen.tile.outline.ladder import pack_outline
    from layoutgen.tile.outline.zones import pack_outline_around
    from layoutgen.tile.picture import drawing

    if question.zones:
        packing = pack_outline_around(
            outline,
            question.distance,
            question.kerf,
            question.field,
            question.zones,
            rotation_allowed=question.rotation_allowed,
            effort=question.effort,
        )
    else:
        packing = pack_outline(
            outline,
            question.distance,
            question.field,
            rotation_allowed=question.rotation_allowed,
            effort=question.effort,
        )
    said = outline_json(outline, question.shape, notes)
    picture = drawing(
        size=question.field,
        outline=outline,
        fields=[((0, 0, *question.field), packing.lattices)],
        zones=question.zones,
        title=f"{packing.count} cells of at most {packing.upper_bound}",
        dbu_per_mm=_DBU_PER_MM,
    )
    return field_json(packing, outline, said, _streets(question)), picture, [(1, packing.lattices)]


def _web(question: Question, outline: "Outline", notes: tuple[str, ...]) -> tuple[dict[str, Any], str, list[Any]]:
    from layoutgen.tile.outline.answer import outline_json, web_json
    from layoutgen.tile.outline.repeat import plan_outline_web
    from layoutgen.tile.picture import drawing
    from layoutgen.tile.zones.outline import box

    frame = question.frame
    assert frame is not None
    plan = plan_outline_web(frame, outline, question.distance, question.zones, effort=question.effort)
    picture = drawing(
        size=(frame.width, plan.repeat_length),
        outline=outline,
        fields=[((f.x, f.y, f.x + f.width, f.y + f.length), f.lattices) for f in plan.fields],
        zones=[*question.zones, *(box(a, 0, b, plan.repeat_length).corners for a, b in frame.slits)],
        title=f"{plan.cells_per_repeat} cells in a repeat of {plan.repeat_length / _DBU_PER_MM:g} mm",
        dbu_per_mm=_DBU_PER_MM,
    )
    said = outline_json(outline, question.shape, notes)
    groups = [(number, field.lattices) for number, field in enumerate(plan.fields, 1)]
    return web_json(plan, outline, said, _streets(question)), picture, groups


def show(found: dict[str, Any], *, as_json: bool) -> None:
    """Print an answer."""
    if as_json:
        import json

        click.echo(json.dumps(found, indent=2))
    else:
        from layoutgen.tile.outline.answer import text_of

        click.echo(text_of(found))
