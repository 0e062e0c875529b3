"""The difference of two designs: made, and written as text, JSON and a page."""

import base64
import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layoutgen.diff.answer import answer_lines
from layoutgen.diff.compare import FOLLOWING, SCHEMA, SECTIONS, Change, changes_between, files_between, written
from layoutgen.diff.packages import unpacked
from layoutgen.document import from_document, read_document
from layoutgen.geometry.boxes import Box
from layoutgen.layout.differences import MaskDiff, mask_diffs
from layoutgen.outputs import layout_of
from layoutgen.solver.solution import Solution
from layoutgen.units import counted

_LINE: Final = 110
"""Characters of a line of text."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two designs, and what to call it."""

    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between two designs."""

    first: Side
    second: Side
    changes: tuple[Change, ...]
    masks: tuple[MaskDiff, ...]
    files: tuple[tuple[str, str], ...]

    @property
    def same(self) -> bool:
        return not self.changes and not self.files and all(mask.same for mask in self.masks)


def difference(first: Path, second: Path) -> Difference:
    """Compare two designs, each a design.json, a design folder, or a zip of one.

    Layouts are drawn again from the documents and compared mask by mask; files are compared where both are folders
    or packages of folders.

    Raises:
        DocumentError: one of them cannot be used.
    """
    with unpacked(first) as one, unpacked(second) as two:
        return _difference((str(first), one), (str(second), two))


def _difference(one: tuple[str, Path], two: tuple[str, Path]) -> Difference:
    (first_name, first), (second_name, second) = one, two
    documents = read_document(first), read_document(second)
    solutions = from_document(documents[0]), from_document(documents[1])
    folders = first.is_dir() and second.is_dir()
    return Difference(
        Side(first_name, documents[0]),
        Side(second_name, documents[1]),
        changes_between(*documents),
        () if documents[0] == documents[1] else _masks(*solutions),
        files_between(first, second) if folders else (),
    )


def text_of(found: Difference, *, everything: bool = False) -> str:
    """For a terminal: ten figures of the answer first, then what changed.

    Args:
        found: the difference.
        everything: whether what follows from the answer (ranges, the explanation, alternatives) is told as well; it
            is counted else.
    """
    lines = [f"A  {_called(found.first)}", f"B  {_called(found.second)}"]
    if found.same:
        return "\n".join([*lines, "", "the same design"])
    answer = answer_lines(found.first.document, found.second.document)
    wide = [
        max(len(text) for text in column) for column in zip(*((x.before, x.after) for x in answer), strict=True)
    ]
    lines += ["", f"  {'':<24}{'A':<{wide[0]}}   {'B':<{wide[1]}}"]
    for line in answer:
        after = "=" if line.before == line.after else line.after
        lines.append(f"  {line.title:<24}{line.before:<{wide[0]}}   {after:<{wide[1]}}   {line.percent}".rstrip())
    counts = []
    for section, title in SECTIONS.items():
        changes = [change for change in found.changes if change.section == section]
        if changes and section in FOLLOWING and not everything:
            counts.append(f"{title}: {counted(len(changes), 'change')}")
        elif changes:
            lines += ["", title, *(text for change in changes for text in _change_lines(change))]
    lines += _mask_lines(found.masks)
    if found.files:
        lines += ["", "Files", *(f"  {state:<9}{path}" for path, state in found.files)]
    if counts:
        lines += ["", "What follows", *(f"  {text}" for text in counts)]
    return "\n".join(lines)


def _called(side: Side) -> str:
    identity = side.document.get("design_id", "")
    return f"{side.name}  ({side.document['name']}{', ' if identity else ''}{identity})"


def _change_lines(change: Change) -> list[str]:
    """One line where it fits a terminal, else the values below the key."""
    before, after = written(change.before), written(change.after)
    percent = "" if change.percent is None else f"   {change.percent:+.3g} %"
    line = f"  {change.path:<44}  {before} -> {after}{percent}"
    if len(line) <= _LINE:
        return [line]
    return [f"  {change.path}{percent}", *_folded("A", before), *_folded("B", after)]


def _folded(letter: str, text: str) -> list[str]:
    lines = textwrap.wrap(text, _LINE - 7, break_on_hyphens=False) or [text]
    return [f"    {letter if not number else ' '}  {line}" for number, line in enumerate(lines)]


def _mask_lines(masks: tuple[MaskDiff, ...]) -> list[str]:
    different = [mask for mask in masks if not mask.same]
    if not different:
        return []
    return [
        "",
        "Masks (area in A only, in B only, mm2)",
        *(
            f"  {mask.mask:<24}{mask.only_first_mm2:>14.6f}{mask.only_second_mm2:>14.6f}"
            if mask.comparable
            else f"  {mask.mask:<24}has slanted edges and was not compared"
            for mask in different
        ),
    ]


def json_of(found: Difference) -> dict[str, Any]:
    """As a document."""
    return {
        "schema": SCHEMA,
        "same": found.same,
        "first": found.first.name,
        "second": found.second.name,
        "changes": [
            {
                "section": change.section,
                "path": change.path,
                "before": change.before,
                "after": change.after,
                "percent": change.percent,
            }
            for change in found.changes
        ],
        "masks": [
            {
                "mask": mask.mask,
                "same": mask.same,
                "comparable": mask.comparable,
                "only_first_mm2": mask.only_first_mm2,
                "only_second_mm2": mask.only_second_mm2,
                "both_mm2": mask.both_mm2,
                "xor_mm2": mask.xor_mm2,
            }
            for mask in found.masks
        ],
        "files": [{"path": path, "state": state} for path, state in found.files],
    }


def json_text(found: Difference) -> str:
    """The document as text."""
    return json.dumps(json_of(found), indent=2, ensure_ascii=False, allow_nan=False)


def html_of(found: Difference) -> str:
    """As one offline page."""
    from layoutgen.report.page import environment

    sections = [
        (title, [(change, written(change.before), written(change.after)) for change in changes])
        for section, title in SECTIONS.items()
        if (changes := [change for change in found.changes if change.section == section])
    ]
    masks = [(mask, [base64.b64encode(picture).decode() for picture in mask.pictures]) for mask in found.masks]
    names = list(dict.fromkeys(side.document["name"] for side in (found.first, found.second)))
    heading = f"Two versions of {names[0]}" if len(names) == 1 else " and ".join(names)
    page = environment().get_template("diff.html")
    answer = answer_lines(found.first.document, found.second.document)
    folded = {SECTIONS[section] for section in (*FOLLOWING, "rules")}
    return page.render(
        found=found, heading=heading, sections=sections, masks=masks, answer=answer, folded_titles=folded
    )


def _masks(first: Solution, second: Solution) -> tuple[MaskDiff, ...]:
    layouts = layout_of(first), layout_of(second)
    names = {**first.loaded.pdk.masks, **second.loaded.pdk.masks}
    ordered = sorted(names, key=lambda name: names[name].number)
    return mask_diffs(*layouts, ordered, _corner(first))


def _corner(solution: Solution) -> Box | None:
    """A window on the lower left corner of the first block, two cells wide and high."""
    blocks = [block for field in solution.web.fields for block in field.blocks]
    if not blocks:
        return None
    nm, block = solution.dbu_nm, blocks[0]
    side = max(solution.web.cell) * nm
    kerf = solution.web.frame.kerf * nm
    return block.x * nm - kerf, block.y * nm - kerf, block.x * nm + 2 * side, block.y * nm + 2 * side
