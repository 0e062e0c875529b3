"""Defects seen by inspection: KLARF 1.2, points only.

A die is a repeat of the web: DiePitch is its width and length, YINDEX its number (from 0 where a 0 stands in
the file), XREL and YREL are um from its lower-left corner. DieOrigin and SampleCenterLocation are not heeded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import Input, InputError, Problem
from layoutgen.geometry.nearest import boxes_at
from layoutgen.lot.reading.batch import Findings
from layoutgen.lot.webmap import RepeatMap

_TOLERANCE: Final = 0.01
_CHUNK: Final = 1 << 20
_MOST_STATEMENT: Final = 1 << 22
_MOST_WORDS: Final = 1 << 20
_MOST_DEFECTS: Final = 10_000_000
_FAR: Final = 1e9
_MOST_WITHOUT: Final = 0.5
_NEEDED: Final = ("XREL", "YREL", "YINDEX")


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
        with path.open(encoding="latin-1") as file:
            statements, table = _read(file, path.name)
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {(error.strerror or '').lower()}", path.name)) from error
    version = statements.get("FileVersion", ["?"])
    if version[:2] != ["1", "2"]:
        raise InputError(Problem(f"is KLARF {'.'.join(version[:2])}", path.name, "1.2"))
    if "EndOfFile" not in statements:
        raise InputError(Problem("is truncated: it has no EndOfFile", path.name))
    _require_pitch(statements, cells, path.name)
    rows = table.columns()
    if not len(rows["XREL"]):
        findings.notes.append(f"{path.name}: holds no defect")
    rows = _with_numbers(rows, path.name, findings)
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


def _with_numbers(
    rows: dict[str, NDArray[np.float64]], where: str, findings: Findings
) -> dict[str, NDArray[np.float64]]:
    """Defects that have a place; the others are counted. A size or class that is no number is 0: not given.

    Raises:
        InputError: most of them have none.
    """
    placed = np.logical_and.reduce([np.isfinite(rows[name]) & (np.abs(rows[name]) < _FAR) for name in _NEEDED])
    lost = np.flatnonzero(~placed)
    shown = []
    for at in lost[:5].tolist():
        words = " ".join(f"{name} {rows[name][at]:g}" for name in _NEEDED)
        shown.append(f"{where}: defect {at + 1} of the list: {words}")
    if len(lost) > _MOST_WITHOUT * len(placed):
        what = f"{len(lost)} of {len(placed)} defects have no place: {'; '.join(shown[:3])}"
        raise InputError(Problem(what, where, "numbers for XREL, YREL and YINDEX"))
    findings.add("unreadable", len(lost), *shown)
    found = {name: values[placed] for name, values in rows.items()}
    return {name: np.where(np.isfinite(v) & (np.abs(v) < _FAR), v, 0.0) for name, v in found.items()}


def cell_at(cells: RepeatMap, x_um: NDArray[np.float64], y_um: NDArray[np.float64]) -> NDArray[np.int64]:
    """The cell under each point of a repeat, -1 where there is none."""
    return boxes_at(cells.x_um + 1j * cells.y_um, cells.size_um, x_um + 1j * y_um)


def _statement_pieces(file: TextIO) -> Iterator[tuple[str, bool]]:
    """The text of statements, which end with a semicolon, in pieces; whether a piece is the last of its own."""
    rest = ""
    while block := file.read(_CHUNK):
        # a semicolon between quotes ends nothing; an open quote waits for the next block
        text = rest + block
        stop = len(text) if text.count('"') % 2 == 0 else text.rindex('"')
        head = re.sub(r'"[^"]*"', lambda m: m[0].replace(";", ","), text[:stop])
        rest = text[stop:]
        if len(rest) > _MOST_STATEMENT:
            rest = rest.replace('"', "")
        *whole, last = head.split(";")
        for statement in whole:
            yield statement, True
        cut = max(last.rfind(" "), last.rfind("\n")) + 1
        yield last[:cut], False
        rest = last[cut:] + rest
    yield rest, False


def _read(file: TextIO, where: str) -> tuple[dict[str, list[str]], "_DefectTable"]:
    """Name -> words of the first statement of that name, but for defects, which go into a table."""
    found: dict[str, list[str]] = {}
    table = _DefectTable(where)
    words: list[str] = []
    name = ""
    for text, ended in _statement_pieces(file):
        words += text.split()
        if not name and words:
            name = words.pop(0)
        if name == "DefectList":
            table.take(words, ended=ended)
            words = []
        elif len(words) > _MOST_WORDS:
            raise InputError(Problem(f"statement {name[:40]!r} does not end", where, "a semicolon after each"))
        if ended and name:
            if name == "DefectRecordSpec":
                table.define(words)
            found.setdefault(name, words)
            words, name = [], ""
    if name:
        found.setdefault(name, words)
    if "FileVersion" not in found:
        raise InputError(Problem("is no KLARF: it states no FileVersion", where))
    return found, table


class _DefectTable:
    """The columns of defects that are read here, as rows come."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._names: list[str] = []
        self._left: list[str] = []
        self._parts: list[NDArray[np.float64]] = []
        self._count = 0

    def define(self, words: list[str]) -> None:
        """Take a DefectRecordSpec."""
        names = words[1:] if words and words[0].isdecimal() else words
        missing = [name for name in _NEEDED if name not in names]
        if missing:
            what = f"DefectRecordSpec has no {missing[0]}"
            raise InputError(Problem(what, self._where, "XREL, YREL and YINDEX"))
        if self._parts and names != self._names:
            raise InputError(Problem("has two DefectRecordSpec", self._where, remedy="one a file"))
        self._names = names

    def take(self, words: list[str], *, ended: bool) -> None:
        """Take words of a DefectList."""
        if words and not self._names:
            raise InputError(Problem("lists defects before its DefectRecordSpec", self._where))
        words = self._left + words
        wide = max(1, len(self._names))
        whole = len(words) // wide * wide
        self._left = words[whole:]
        if ended and self._left:
            what = f"DefectList is no rows of {wide} values"
            raise InputError(Problem(what, self._where, remedy="one DefectList a file"))
        self._count += whole // wide
        if self._count > _MOST_DEFECTS:
            what = f"lists more than {_MOST_DEFECTS // 10**6} million defects"
            raise InputError(Problem(what, self._where, remedy="the file of a shorter piece of web"))
        if whole:
            rows = np.array(words[:whole], dtype=object).reshape(-1, wide)
            places = [self._names.index(name) for name in self._wanted]
            try:
                self._parts.append(rows[:, places].astype(np.float64))
            except ValueError as error:
                raise InputError(Problem(f"DefectList holds no number: {error}", self._where)) from None

    @property
    def _wanted(self) -> list[str]:
        return [name for name in (*_NEEDED, "DSIZE", "XSIZE", "CLASSNUMBER") if name in self._names]

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """The columns that are there."""
        if not self._names:
            raise InputError(Problem("DefectRecordSpec has no XREL", self._where, "XREL, YREL and YINDEX"))
        rows = np.concatenate(self._parts) if self._parts else np.zeros((0, len(self._wanted)))
        return {name: rows[:, place] for place, name in enumerate(self._wanted)}


def _require_pitch(statements: dict[str, list[str]], cells: RepeatMap, where: str) -> None:
    pitch = statements.get("DiePitch", [])
    try:
        width, length = float(pitch[0]), float(pitch[1])
    except (ValueError, IndexError):
        raise InputError(Problem("has no DiePitch", where, "width and length of a repeat, um")) from None
    wanted = cells.width_um, cells.length_um
    if any(abs(a - b) > _TOLERANCE * b for a, b in zip((width, length), wanted, strict=True)):
        what = f"has dies of {width:g} x {length:g} um, no repeats of {wanted[0]:g} x {wanted[1]:g} um"
        raise InputError(Problem(what, where, remedy="the right " + Input("design") + ", or an export by repeat"))
