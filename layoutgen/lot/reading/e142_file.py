"""Bin maps as SEMI E142 XML: any namespace, every BinType, every origin and direction that can be placed.

Rows of bins are taken from the origin along the axes: the first row is that of the origin's side. What contradicts
itself, or names a layout that the design has not, is refused by name.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.lot.reading.batch import TESTER_FAILED, Findings, records
from layoutgen.lot.webmap import RepeatMap
from layoutgen.web.addresses import BlockAddress, addressed
from layoutgen.web.plan import WebPlan

_WIDTHS: Final = {"decimal": 3, "hexadecimal": 2, "integer2": 4, "ascii": 1}
_ORIGINS: Final = {
    "lowerleft": (False, False),
    "lowerright": (True, False),
    "upperleft": (False, True),
    "upperright": (True, True),
}
"""Whether x runs to the left, and y down, as they must from that corner."""


def local_name(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


class E142Reader:
    """Reads one file."""

    def __init__(self, path: Path, cells: RepeatMap, plan: WebPlan, findings: Findings) -> None:
        self._path, self._map, self._findings = path, cells, findings
        self._starts: dict[str, tuple[int, BlockAddress]] = {}
        start = 0
        for address, block in addressed(plan):
            self._starts[str(address)] = (start, address)
            start += block.count
        self.about: dict[str, str] = {}
        self.bins: dict[str, dict[str, str]] = {}

    def batches(self) -> Iterator[NDArray[Any]]:
        """Records of the maps of the file.

        Raises:
            InputError: it is no XML, no E142, truncated, or cannot be placed.
        """
        name, found = self._path.name, 0
        try:
            self._guarded()
            for event, element in ET.iterparse(self._path, events=("start", "end")):  # noqa: S314
                tag = local_name(element.tag)
                if event == "start" and tag == "MapData":
                    found += 1
                elif event == "end" and tag == "Substrate":
                    self.about["part"] = element.get("SubstrateId", "")
                elif event == "end" and tag == "SubstrateMap":
                    found += 1
                    yield from self._substrate(element)
                    element.clear()
        except ET.ParseError as error:
            raise InputError(Problem(f"is no XML, or is truncated: {error}", name)) from error
        if found < 2:
            raise InputError(Problem("holds no SubstrateMap", name, "SEMI E142"))

    def _guarded(self) -> None:
        with self._path.open("rb") as file:
            head = file.read(4096)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise InputError(Problem("declares a document type; maps need none", self._path.name))

    def _substrate(self, element: ET.Element) -> Iterator[NDArray[Any]]:
        name = self._path.name
        layout = element.get("LayoutSpecifier", "").rpartition("/")[2]
        where = f"{name}: map {layout!r}"
        flip_x, flip_y = self._directions(element, where)
        for overlay in element.iter():
            if local_name(overlay.tag) == "BinCodeMap":
                yield self._codes(overlay, layout, flip_x, flip_y, where)
            elif local_name(overlay.tag) in {"DeviceIdMap", "TransferMap"}:
                self._note(f"{where}: {local_name(overlay.tag)} is not read")

    def _directions(self, element: ET.Element, where: str) -> tuple[bool, bool]:
        turn = element.get("Orientation", "0").strip() or "0"
        if turn not in {"0", "180", "360"}:
            raise InputError(Problem(f"is turned by {turn} degrees", where, "0 or 180"))
        given = element.get("OriginLocation", "LowerLeft").strip()
        origin = re.sub(r"^to", "", given, flags=re.IGNORECASE).lower()
        if origin not in _ORIGINS:
            allowed = "LowerLeft, LowerRight, UpperLeft, UpperRight"
            raise InputError(Problem(f"has its origin at {given!r}, which cannot be placed", where, allowed))
        left, down = _ORIGINS[origin]
        axis = element.get("AxisDirection", "").strip()
        if axis:
            words = re.findall(r"Up|Down|Left|Right", axis, re.IGNORECASE)
            lower = {word.lower() for word in words}
            if len(words) != 2 or len(lower & {"up", "down"}) != 1 or len(lower & {"left", "right"}) != 1:
                raise InputError(
                    Problem(f"has axes {axis!r}, which cannot be placed", where, "such as UpRight, DownLeft")
                )
            if ("left" in lower, "down" in lower) != (left, down):
                what = f"has its origin at {given} and axes {axis}, which lead out of the map"
                raise InputError(Problem(what, where, "axes that lead into the map"))
        upside = turn == "180"
        return left != upside, down != upside

    def _codes(self, element: ET.Element, layout: str, flip_x: bool, flip_y: bool, where: str) -> NDArray[Any]:  # noqa: FBT001
        kind = element.get("BinType", "Ascii")
        width = _WIDTHS.get(kind.lower())
        if width is None:
            raise InputError(Problem(f"has bins of type {kind!r}", where, "Decimal, HexaDecimal, Integer2, Ascii"))
        rows, null, fails, unknown = [], element.get("NullBin"), set(), set()
        for child in element.iter():
            tag = local_name(child.tag)
            if tag == "BinCode":
                rows.append(child.text or "")
            elif tag == "BinDefinition":
                code = _code(child.get("BinCode", ""), kind, where)
                quality = child.get("BinQuality", "")
                self.bins[str(code)] = {"quality": quality, "title": child.get("BinDescription", "")}
                if quality.lower() == "fail":
                    fails.add(code)
                elif quality.lower() == "unknown":
                    unknown.add(code)
        start, block = self._block(layout, where)
        codes = _matrix(rows, kind, width, block.columns, where)
        repeats, rest = divmod(len(codes), block.rows)
        if rest or not repeats:
            what = f"has {len(codes)} rows of bins, which are no repeats of {block.rows}"
            raise InputError(Problem(what, where, f"{block.columns} columns and whole repeats; was the web cut?"))
        codes = codes[::-1] if flip_y else codes
        codes = codes[:, ::-1] if flip_x else codes
        made = records(codes.size)
        places = np.arange(start, start + block.count)[None, :] + np.arange(repeats)[:, None] * self._map.cells
        made["index"], made["bin"] = places.ravel(), codes.ravel()
        made["flags"] |= np.where(np.isin(made["bin"], list(fails)), TESTER_FAILED, 0).astype(np.uint8)
        blank = sorted(unknown | ({_code(null, kind, where)} if null is not None else set()))
        return made[~np.isin(made["bin"], blank)]

    def _block(self, layout: str, where: str) -> tuple[int, BlockAddress]:
        if layout in self._starts:
            return self._starts[layout]
        if len(self._starts) == 1:
            return next(iter(self._starts.values()))
        known = ", ".join(self._starts)
        raise InputError(Problem("is of a layout that the design has not", where, known, "the right --design"))

    def _note(self, text: str) -> None:
        if text not in self._findings.notes:
            self._findings.notes.append(text)


def _code(text: str, kind: str, where: str) -> int:
    """A bin code as a number."""
    try:
        plain = text.strip() or text
        if kind.lower() == "ascii":
            return ord(text[0] if text else " ")
        return int(plain, 10 if kind.lower() == "decimal" else 16)
    except (ValueError, IndexError):
        raise InputError(Problem(f"{text!r} is no bin of type {kind}", where)) from None


def _matrix(rows: list[str], kind: str, width: int, columns: int, where: str) -> NDArray[np.int64]:
    """Rows of codes, with blanks between or without; one text may hold all rows."""
    if kind.lower() == "ascii":
        lines = [line for row in rows for line in row.strip("\r\n").splitlines()]
        joined = "".join(line.strip() if len(line) != columns else line for line in lines)
        codes = [ord(letter) for letter in joined]
    else:
        codes = [_code(text, kind, where) for row in rows for text in _split(row, kind, width)]
    if len(codes) % columns or not codes:
        what = f"{len(codes)} bins do not make rows of {columns}"
        raise InputError(Problem(what, where, f"{columns} columns; were x and y swapped, or is it another design?"))
    if max(codes) > 0xFFFE:
        raise InputError(Problem(f"has a bin {max(codes)}", where, "at most 65534"))
    return np.array(codes, dtype=np.int64).reshape(-1, columns)


def _split(row: str, kind: str, width: int) -> list[str]:
    words = row.split()
    if kind.lower() == "decimal" and len(words) > 1:
        return words
    plain = "".join(words)
    if kind.lower() == "decimal" and len(plain) <= width:
        return [plain] if plain else []
    return [plain[at : at + width] for at in range(0, len(plain), width)]
