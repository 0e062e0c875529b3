"""Defects seen by inspection: KLARF 1.2, points only.

A die is a repeat of the web: DiePitch is its width and length, YINDEX its number (from 0 where a 0 stands in
the file), XREL and YREL are um from its lower-left corner. DieOrigin and SampleCenterLocation are not heeded.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.geometry.nearest import boxes_at
from layoutgen.lot.reading.batch import Findings
from layoutgen.lot.webmap import RepeatMap

_TOLERANCE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Defects:
    """Points: repeat from 1, um in the repeat, size in um, class, and the cell each lies on (-1 beside all)."""

    repeat: NDArray[np.int64]
    x_um: NDArray[np.float64]
    y_um: NDArray[np.float64]
    size_um: NDArray[np.float64]
    kind: NDArray[np.int64]
    cell: NDArray[np.int64]


def read_klarf(path: Path, cells: RepeatMap, findings: Findings) -> Defects:
    """The defects of a file.

    Raises:
        InputError: it is no KLARF 1.2, is truncated, or its dies are no repeats of the design.
    """
    try:
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {(error.strerror or '').lower()}", path.name)) from error
    statements = _statements(text, path.name)
    version = statements.get("FileVersion", [["?"]])[0]
    if version[:2] != ["1", "2"]:
        raise InputError(Problem(f"is KLARF {'.'.join(version[:2])}", path.name, "1.2"))
    if "EndOfFile" not in statements:
        raise InputError(Problem("is truncated: it has no EndOfFile", path.name))
    _require_pitch(statements, cells, path.name)
    rows = _rows(statements, path.name)
    if not len(rows["XREL"]):
        findings.notes.append(f"{path.name}: holds no defect")
    repeat = rows["YINDEX"].astype(np.int64)
    repeat = repeat + 1 if len(repeat) and repeat.min() == 0 else repeat
    x, y = rows["XREL"], rows["YREL"]
    outside = (x < 0) | (y < 0) | (x > cells.width_um) | (y > cells.length_um) | (repeat < 1)
    shown = [f"{path.name}: defect at {a:g}, {b:g} um" for a, b in zip(x[outside][:5], y[outside][:5], strict=True)]
    findings.add("unknown_defects", int(outside.sum()), *shown)
    keep = ~outside
    size = rows.get("DSIZE", rows.get("XSIZE", np.zeros(len(x))))
    kind = rows.get("CLASSNUMBER", np.zeros(len(x))).astype(np.int64)
    on = cell_at(cells, x[keep], y[keep])
    return Defects(repeat[keep], x[keep], y[keep], size[keep], kind[keep], on)


def cell_at(cells: RepeatMap, x_um: NDArray[np.float64], y_um: NDArray[np.float64]) -> NDArray[np.int64]:
    """The cell under each point of a repeat, -1 where there is none."""
    return boxes_at(cells.x_um + 1j * cells.y_um, cells.size_um, x_um + 1j * y_um)


def _statements(text: str, where: str) -> dict[str, list[list[str]]]:
    """Name -> the words of each statement of that name; statements end with a semicolon."""
    if "FileVersion" not in text:
        raise InputError(Problem("is no KLARF: it states no FileVersion", where))
    found: dict[str, list[list[str]]] = {}
    for statement in re.sub(r'"[^"]*"', lambda m: m[0].replace(";", ","), text).split(";"):
        words = statement.split()
        if words:
            found.setdefault(words[0], []).append(words[1:])
    return found


def _require_pitch(statements: dict[str, list[list[str]]], cells: RepeatMap, where: str) -> None:
    pitch = statements.get("DiePitch", [[]])[0]
    try:
        width, length = float(pitch[0]), float(pitch[1])
    except (ValueError, IndexError):
        raise InputError(Problem("has no DiePitch", where, "width and length of a repeat, um")) from None
    wanted = cells.width_um, cells.length_um
    if any(abs(a - b) > _TOLERANCE * b for a, b in zip((width, length), wanted, strict=True)):
        what = f"has dies of {width:g} x {length:g} um, no repeats of {wanted[0]:g} x {wanted[1]:g} um"
        raise InputError(Problem(what, where, remedy="the right --design, or an export by repeat"))


def _rows(statements: dict[str, list[list[str]]], where: str) -> dict[str, NDArray[np.float64]]:
    spec = statements.get("DefectRecordSpec", [[]])[-1]
    columns = spec[1:] if spec and spec[0].isdecimal() else spec
    missing = [name for name in ("XREL", "YREL", "YINDEX") if name not in columns]
    if missing:
        raise InputError(Problem(f"DefectRecordSpec has no {missing[0]}", where, "XREL, YREL and YINDEX"))
    words: list[Any] = [word for item in statements.get("DefectList", []) for word in item]
    if len(words) % len(columns):
        raise InputError(
            Problem(f"DefectList is no rows of {len(columns)} values", where, remedy="one DefectList a file")
        )
    wanted = [name for name in ("XREL", "YREL", "YINDEX", "DSIZE", "XSIZE", "CLASSNUMBER") if name in columns]
    table = np.array(words, dtype=object).reshape(-1, len(columns))
    try:
        return {name: table[:, columns.index(name)].astype(np.float64) for name in wanted}
    except ValueError as error:
        raise InputError(Problem(f"DefectList holds no number: {error}", where)) from None
