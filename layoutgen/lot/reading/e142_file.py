"""Bin maps and device data as SEMI E142 XML: any namespace, every BinType, origin and direction that can be placed.

Rows of bins are taken from the origin along the axes: the first row is that of the origin's side. What
contradicts itself, or names a layout that the design has not, is refused by name. A file is read as it comes.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import Input, InputError, Problem
from layoutgen.lot.reading.batch import TESTER_FAILED, Findings, records
from layoutgen.lot.reading.device_data import DeviceData
from layoutgen.lot.reading.device_map import DeviceMap
from layoutgen.lot.reading.values import Gauge
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
_CHUNK: Final = 1 << 20
_PIECE: Final = 1 << 16
_MOST_TEXT: Final = 1 << 26
_MOST_MARKUP: Final = 1 << 24
_DEEPEST: Final = 64
_NOT_READ: Final = {"DeviceIdMap", "TransferMap"}
Attributes = dict[str, str]


class E142Reader:
    """Reads one file."""

    def __init__(self, path: Path, cells: RepeatMap, plan: WebPlan, gauge: Gauge, findings: Findings) -> None:
        self._path, self._map, self._gauge, self._findings = path, cells, gauge, findings
        self._starts: dict[str, tuple[int, BlockAddress]] = {}
        start = 0
        for address, block in addressed(plan):
            self._starts[str(address)] = (start, address)
            start += block.count
        self.about: dict[str, str] = {}
        self.bins: dict[str, dict[str, str]] = {}
        self._ready: list[NDArray[Any]] = []
        self._maps = self._depth = 0
        self._is_map = False
        self._dimensions: dict[str, tuple[int, int]] = {}
        self._layout = ""
        self._where = path.name
        self._device: DeviceMap | None = None
        self._rows: _BinRows | None = None
        self._data: DeviceData | None = None
        self._overlay = ""
        self._first_at: tuple[int, int] = (0, 0)
        self._reference = ""
        self._text: list[str] = []
        self._length = 0
        self._bin_at: Attributes | None = None

    def batches(self) -> Iterator[NDArray[Any]]:
        """Records of the maps of the file.

        Raises:
            InputError: it is no XML, no E142, truncated, or cannot be placed.
        """
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.CommentHandler = self._words, self._comment
        parser.StartDoctypeDeclHandler = self._doctype
        read = 0
        try:
            with self._path.open("rb") as file:
                while block := file.read(_CHUNK):
                    parser.Parse(block, False)  # noqa: FBT003
                    read += len(block)
                    # the parser holds a tag or a comment whole until it ends
                    if read - parser.CurrentByteIndex > _MOST_MARKUP:
                        raise InputError(Problem("has a tag or a comment of more than 16 MiB", self._where))
                    yield from self._taken()
                parser.Parse(b"", True)  # noqa: FBT003
        except expat.ExpatError as error:
            raise InputError(Problem(f"is no XML, or is truncated: {error}", self._path.name)) from error
        yield from self._taken()
        if not self._is_map or not self._maps:
            raise InputError(Problem("holds no SubstrateMap", self._path.name, "SEMI E142"))

    def _taken(self) -> list[NDArray[Any]]:
        # maps hold on to the list
        ready = self._ready.copy()
        self._ready.clear()
        return ready

    def _doctype(self, *_: object) -> None:
        raise InputError(Problem("declares a document type; maps need none", self._path.name))

    def _comment(self, words: str) -> None:
        key, _, value = words.strip().partition(" ")
        if key == "map_sha256":
            self.about["map_sha256"] = value.strip()

    def _words(self, words: str) -> None:
        if self._bin_at is None and self._data is None:
            return
        self._length += len(words)
        if self._length > _MOST_TEXT:
            raise InputError(Problem("has an element of more than 64 million characters", self._where))
        self._text.append(words)

    def _take_text(self) -> str:
        found, self._text, self._length = "".join(self._text), [], 0
        return found

    def _start(self, name: str, given: Attributes) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InputError(Problem(f"has elements more than {_DEEPEST} deep", self._where, "SEMI E142"))
        tag = name.rpartition("}")[2]
        given = {key.rpartition("}")[2]: value for key, value in given.items()}
        if self._data is not None:
            self._take_text()
            self._data.start(tag, given)
        elif handler := self._starting.get(tag):
            handler(self, given)
        elif tag in _NOT_READ:
            self._findings.note(f"{self._where}: {tag} is not read")

    def _end(self, name: str) -> None:
        self._depth -= 1
        tag = name.rpartition("}")[2]
        if self._data is not None:
            text = self._take_text()
            if tag == "DeviceDataMap":
                self._data.close()
                self._data = None
            else:
                self._data.end(text)
        elif tag == "BinCode" and self._rows is not None:
            self._rows.take(self._take_text(), self._bin_at or {})
            self._bin_at = None
        elif tag == "BinCodeMap" and self._rows is not None:
            self._rows.close()
            self._rows = None

    def _map_data(self, _: Attributes) -> None:
        self._is_map = True

    def _a_layout(self, given: Attributes) -> None:
        self._layout = given.get("LayoutId", "")

    def _dimension(self, given: Attributes) -> None:
        sides = [given.get(key, "") for key in "XY"]
        if all(side.strip().isdecimal() for side in sides):
            self._dimensions[self._layout] = int(sides[0]), int(sides[1])

    def _substrate(self, given: Attributes) -> None:
        self.about["part"] = given.get("SubstrateId", "")

    def _substrate_map(self, given: Attributes) -> None:
        self._maps += 1
        path = given.get("LayoutSpecifier", "").split("/")
        self._where = f"{self._path.name}: map {path[-1]!r}"
        flips = _directions(given, self._where)
        start, block = self._block(path[-1])
        rows = None
        if all(step in self._dimensions for step in path):
            rows = int(np.prod([self._dimensions[step][1] for step in path]))
        self._device = DeviceMap(self._map.cells, start, block, flips, rows, self._where)
        self._first_at = (0, 0)

    def _block(self, layout: str) -> tuple[int, BlockAddress]:
        if layout in self._starts:
            return self._starts[layout]
        if len(self._starts) == 1:
            return next(iter(self._starts.values()))
        known = ", ".join(self._starts)
        raise InputError(
            Problem("is of a layout that the design has not", self._where, known, "the right " + Input("design"))
        )

    def _an_overlay(self, given: Attributes) -> None:
        self._overlay = given.get("MapName", "")

    def _a_reference(self, given: Attributes) -> None:
        self._reference = given.get("Name", "")

    def _coordinates(self, given: Attributes) -> None:
        """Of the reference device: where that is the first one, it says where counting begins."""
        sides = [given.get(key, "").strip() for key in "XY"]
        if re.match(r"(?i)first|origin", self._reference) and set(sides) <= {"0", "1"}:
            self._first_at = int(sides[0]), int(sides[1])

    def _bin_map(self, given: Attributes) -> None:
        if self._device is not None:
            self._rows = _BinRows(given, self._device, self._first_at, self._ready.append)

    def _definition(self, given: Attributes) -> None:
        if self._rows is not None:
            code = self._rows.define(given.get("BinCode", ""), given.get("BinQuality", ""))
            told = {"quality": given.get("BinQuality", ""), "title": given.get("BinDescription", "")}
            self.bins[str(code)] = told

    def _bin_code(self, given: Attributes) -> None:
        if self._rows is not None:
            self._take_text()
            self._bin_at = given

    def _data_map(self, given: Attributes) -> None:
        if self._device is not None:
            self._take_text()
            self._data = DeviceData(
                given, self._overlay, self._device, self._first_at, self._gauge, self._findings, self._ready.append,
            )  # fmt: skip

    _starting: Final[dict[str, Callable[["E142Reader", Attributes], None]]] = {
        "MapData": _map_data, "Layout": _a_layout, "Dimension": _dimension, "Substrate": _substrate,
        "SubstrateMap": _substrate_map, "Overlay": _an_overlay, "ReferenceDevice": _a_reference,
        "Coordinates": _coordinates, "BinCodeMap": _bin_map, "BinDefinition": _definition, "BinCode": _bin_code,
        "DeviceDataMap": _data_map,
    }  # fmt: skip


def _directions(given: Attributes, where: str) -> tuple[bool, bool]:
    """Whether x runs to the left, and y down."""
    turn = given.get("Orientation", "0").strip() or "0"
    if turn not in {"0", "180", "360"}:
        raise InputError(Problem(f"is turned by {turn} degrees", where, "0 or 180"))
    corner = given.get("OriginLocation", "LowerLeft").strip()
    origin = re.sub(r"^to", "", corner, flags=re.IGNORECASE).lower()
    if origin not in _ORIGINS:
        allowed = "LowerLeft, LowerRight, UpperLeft, UpperRight"
        raise InputError(Problem(f"has its origin at {corner!r}, which cannot be placed", where, allowed))
    left, down = _ORIGINS[origin]
    axis = given.get("AxisDirection", "").strip()
    if axis:
        words = re.findall(r"Up|Down|Left|Right", axis, re.IGNORECASE)
        lower = {word.lower() for word in words}
        if len(words) != 2 or len(lower & {"up", "down"}) != 1 or len(lower & {"left", "right"}) != 1:
            what = f"has axes {axis!r}, which cannot be placed"
            raise InputError(Problem(what, where, "such as UpRight, DownLeft"))
        if ("left" in lower, "down" in lower) != (left, down):
            what = f"has its origin at {corner} and axes {axis}, which lead out of the map"
            raise InputError(Problem(what, where, "axes that lead into the map"))
    upside = turn == "180"
    return left != upside, down != upside


class _BinRows:
    """The rows of bins of one map: codes with blanks between or without; a text may hold many rows."""

    def __init__(
        self, given: Attributes, device: DeviceMap, first: tuple[int, int], ready: Callable[[NDArray[Any]], None]
    ) -> None:
        self._kind = given.get("BinType", "Ascii")
        width = _WIDTHS.get(self._kind.lower())
        self._where, self._device, self._first, self._ready = device.where, device, first, ready
        if width is None:
            allowed = "Decimal, HexaDecimal, Integer2, Ascii"
            raise InputError(Problem(f"has bins of type {self._kind!r}", self._where, allowed))
        self._width = width
        null = given.get("NullBin")
        self._blank = set() if null is None else {self._code(null)}
        self._fails: set[int] = set()
        self._codes: list[NDArray[np.uint16]] = []
        self._held = self._row = 0
        self._begun = self._sparse = False

    def define(self, text: str, quality: str) -> int:
        """Take a definition of a bin; returns its code."""
        code = self._code(text)
        if self._begun:
            raise InputError(Problem("defines bins after it has used them", self._where))
        if quality.lower() == "fail":
            self._fails.add(code)
        elif quality.lower() == "unknown":
            self._blank.add(code)
        return code

    def take(self, text: str, given: Attributes) -> None:
        """Take a text of bins, or the bin of one device, where the element says which."""
        self._begun = True
        codes = self._split(text)
        if {"X", "Y"} <= given.keys():
            place = self._device.at(given["X"], given["Y"], self._first)
            if len(codes) != 1 or place is None:
                what = f"{text[:20]!r} at {given['X']}, {given['Y']} is no bin of one device"
                raise InputError(Problem(what, self._where, self._device.span(self._first)))
            self._sparse = True
            self._put(np.array([place]), np.array(codes, dtype=np.uint16))
            return
        if codes and max(codes) > 0xFFFE:
            raise InputError(Problem(f"has a bin {max(codes)}", self._where, "at most 65534"))
        self._codes.append(np.array(codes, dtype=np.uint16))
        self._held += len(codes)
        if self._held > _PIECE and not self._device.down:
            self._flush()

    def close(self) -> None:
        """Take what is left; the map must be whole repeats."""
        columns = self._device.block.columns
        if self._held % columns or not (self._held or self._row or self._sparse):
            what = f"{self._held + self._row * columns} bins do not make rows of {columns}"
            allowed = f"{columns} columns; were x and y swapped, or is it another design?"
            raise InputError(Problem(what, self._where, allowed))
        count = self._row + self._held // columns
        if count % self._device.block.rows:
            what = f"has {count} rows of bins, which are no repeats of {self._device.block.rows}"
            allowed = f"{columns} columns and whole repeats; was the web cut?"
            raise InputError(Problem(what, self._where, allowed))
        self._flush()

    def _flush(self) -> None:
        if not self._codes:
            return
        columns = self._device.block.columns
        codes = np.concatenate(self._codes)
        whole = len(codes) // columns * columns
        self._codes, self._held = [codes[whole:]], len(codes) - whole
        rows = codes[:whole].reshape(-1, columns)
        rows = rows[::-1] if self._device.down else rows
        rows = rows[:, ::-1] if self._device.left else rows
        for start in range(0, len(rows), max(1, _PIECE // columns)):
            piece = rows[start : start + max(1, _PIECE // columns)]
            places = self._device.places(self._row + start, len(piece))
            self._put(places.ravel(), piece.ravel())
        self._row += len(rows)

    def _put(self, places: NDArray[np.int64], codes: NDArray[np.uint16]) -> None:
        made = records(len(codes))
        made["index"], made["bin"] = places, codes
        made["flags"] |= np.where(np.isin(codes, list(self._fails)), TESTER_FAILED, 0).astype(np.uint8)
        self._ready(made[~np.isin(codes, sorted(self._blank))])

    def _split(self, row: str) -> list[int]:
        kind, columns = self._kind.lower(), self._device.block.columns
        if kind == "ascii":
            lines = row.strip("\r\n").splitlines()
            return [ord(letter) for line in lines for letter in (line if len(line) == columns else line.strip())]
        words = row.split()
        plain = "".join(words)
        if kind == "decimal" and (len(words) > 1 or len(plain) <= self._width):
            return [self._code(word) for word in words]
        return [self._code(plain[at : at + self._width]) for at in range(0, len(plain), self._width)]

    def _code(self, text: str) -> int:
        """A bin code as a number."""
        kind = self._kind.lower()
        try:
            return ord(text[:1] or " ") if kind == "ascii" else int(text, 10 if kind == "decimal" else 16)
        except ValueError:
            raise InputError(Problem(f"{text[:20]!r} is no bin of type {self._kind}", self._where)) from None
