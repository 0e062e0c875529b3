"""What a test house receives: the cell map of one repeat, and that of the whole web."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

from layoutgen.errors import Input, Place, Problem, SpecError
from layoutgen.export.cell_map import cell_map_csv, web_cell_map_lines, web_repeats_csv
from layoutgen.export.cell_table import arrow, web_cell_map_parquet
from layoutgen.export.e142 import e142_bytes, e142_lines
from layoutgen.export.structures import STRUCTURES, structures_csv
from layoutgen.export.zones import ZONES, zones_csv
from layoutgen.files.archive import pieces_of
from layoutgen.layer_expressions import layers_of
from layoutgen.layout.dbu import to_mm_text
from layoutgen.layout.marks import LABEL
from layoutgen.pdk.layers import masks_of_marks
from layoutgen.resources import data_folder
from layoutgen.web.addresses import repeat_name

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution
    from layoutgen.web.plan import WebPlan

CELLS_CSV, CELLS_XML = "cell-map.csv", "cell-map.xml"
REPEATS_CSV, WEB_CSV, WEB_XML = "web-repeats.csv", "web-cell-map.csv", "web-cell-map.xml"
WEB_PARQUET = "web-cell-map.parquet"
TEXT, PARQUET, INDEX = "text", "parquet", "index"
FORMS: Final = {
    TEXT: f"""
{WEB_CSV}   every cell of the web: as {CELLS_CSV}, with the number of the repeat
{WEB_XML}   the same as SEMI E142.1; a block's rows of bins run through all repeats, the first repeat first""",
    PARQUET: f"""
{WEB_PARQUET}  every cell of the web: the columns of {CELLS_CSV} and the number of the repeat""",
    INDEX: "",
}
"""How the cells of the whole web are given, and what the README says of it."""
MOST_CELLS = 20_000_000
"""Cells of one archive; more would pass the 2 GiB that a file of an archive may have."""


STRUCTURES_LINE = """
structures.csv     process-control structures of a repeat: their pads, what each shows, its nominal value"""


_PLATES: Final = """
The process makes single plates: a repeat is one plate, and the repeats are plates in the order of their numbers."""


def repeats_in(plan: "WebPlan", dbu_nm: int, length_m: float) -> int:
    """How many whole repeats a length of web in m holds.

    Raises:
        SpecError: not one.
    """
    repeat_m = plan.repeat_length * dbu_nm * 1e-9
    count = int(length_m / repeat_m + 1e-9)
    if not count:
        what = f"{length_m:g} m of web hold no repeat"
        raise SpecError(
            Problem(what, Input("web_length"), f"{repeat_m:.6g} m or more", f"{repeat_m:.6g} m, one repeat")
        )
    return count


def check_repeats(plan: "WebPlan", repeats: int, where: Place) -> None:
    """Refuse a web that one archive cannot hold.

    Raises:
        SpecError: it has too many cells.
    """
    most = max(1, MOST_CELLS // max(1, plan.cells_per_repeat))
    if repeats > most:
        what = f"{repeats} repeats have {repeats * plan.cells_per_repeat} cells"
        raise SpecError(Problem(what, where, f"at most {MOST_CELLS} cells", f"webs of {most} repeats, one by one"))


def form_of(files: Collection[str]) -> str:
    """How an archive gives the cells of the whole web: text, Parquet, or index and repeat."""
    return PARQUET if WEB_PARQUET in files else TEXT if {WEB_CSV, WEB_XML} & set(files) else INDEX


def test_house_files(
    solution: "Solution", repeats: int, notes: Iterable[str], form: str
) -> dict[str, Iterable[bytes]]:
    """Every file of a test house's archive by name, in pieces that are made when they are read.

    Args:
        solution: the design.
        repeats: how many repeats the web has.
        notes: what could not be drawn on the masks.
        form: of the cells of the whole web, one of ``FORMS``.

    Raises:
        SpecError: the form is Parquet, and pyarrow is not installed.
    """
    plan, dbu_nm, name = solution.web, solution.dbu_nm, solution.spec.file_name()
    device, pdk = solution.device, solution.loaded.pdk
    cell_um = device.cell_length_um, device.cell_width_um
    web: dict[str, Iterable[bytes]] = {}
    if form == TEXT:
        cells = web_cell_map_lines(plan, solution.template, cell_um, dbu_nm, repeats)
        web = {WEB_CSV: pieces_of(cells), WEB_XML: pieces_of(e142_lines(plan, name, dbu_nm, repeats))}
    elif form == PARQUET:
        arrow()  # asked before anything is written
        web = {WEB_PARQUET: web_cell_map_parquet(plan, solution.template, cell_um, dbu_nm, repeats)}
    readme = (data_folder("templates") / "test" / "README.txt").read_text(encoding="utf-8")
    structures = structures_csv(solution)
    facts = {
        "name": name,
        "cells": plan.cells_per_repeat,
        "repeats": repeats,
        "repeat_mm": to_mm_text(plan.repeat_length, dbu_nm),
        "web_m": f"{repeats * plan.repeat_length * dbu_nm * 1e-9:.6g}",
        "form": _PLATES if pdk.web.form == "plate" else "",
        "total": repeats * plan.cells_per_repeat,
        "process": f"{pdk.name} {pdk.version}" + (f": {pdk.disclaimer}" if pdk.disclaimer else ""),
        "first": repeat_name(1),
        "fields": len(plan.fields),
        "marks": _marks_text(solution),
        "structures": STRUCTURES_LINE if structures else "",
        "web_files": FORMS[form],
        "notes": "".join(f"\nNote: {note}." for note in notes),
    }
    return {
        "README.txt": [(readme.format(**facts).rstrip() + "\n").encode()],
        CELLS_CSV: [cell_map_csv(plan, solution.template, cell_um, dbu_nm)],
        CELLS_XML: [e142_bytes(plan, name, dbu_nm)],
        ZONES: [zones_csv(plan, dbu_nm)],
        **({STRUCTURES: [structures]} if structures else {}),
        REPEATS_CSV: [web_repeats_csv(plan, dbu_nm, repeats)],
        **web,
    }


def _marks_text(solution: "Solution") -> str:
    """Which mask makes names and fiducials, in a sentence."""
    pdk = solution.loaded.pdk
    made = [name for name, expression in masks_of_marks(pdk).items() if LABEL in layers_of(expression)]
    if not made:
        return "No mask of this process makes them: ask who sent this."
    return f"Mask {made[0]} of the laser shop makes them."
