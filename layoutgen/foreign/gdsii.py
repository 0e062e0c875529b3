"""GDSII stream format (Calma, release 6), record by record.

Every record is checked before its content is used: length, data type, where it may stand, how often. Numbers are
big endian; a real is a sign, an exponent of 16 in excess 64, and 56 bits of mantissa.
"""

import struct
from array import array
from dataclasses import dataclass
from typing import Final

from layoutgen.foreign.content import CellContent, Content, Damaged

_NONE, _BITS, _SHORT, _LONG, _REAL, _TEXT = 0, 1, 2, 3, 5, 6
_UNIT = {_NONE: 0, _BITS: 2, _SHORT: 2, _LONG: 4, _REAL: 8, _TEXT: 1}


@dataclass(frozen=True, slots=True)
class _Kind:
    """A record: its name, its type of data, how many of them there are (None: any)."""

    name: str
    data: int
    count: int | None = None


_KINDS: Final = {
    0x00: _Kind("HEADER", _SHORT, 1), 0x01: _Kind("BGNLIB", _SHORT, 12), 0x02: _Kind("LIBNAME", _TEXT),
    0x03: _Kind("UNITS", _REAL, 2), 0x04: _Kind("ENDLIB", _NONE, 0), 0x05: _Kind("BGNSTR", _SHORT, 12),
    0x06: _Kind("STRNAME", _TEXT), 0x07: _Kind("ENDSTR", _NONE, 0), 0x08: _Kind("BOUNDARY", _NONE, 0),
    0x09: _Kind("PATH", _NONE, 0), 0x0A: _Kind("SREF", _NONE, 0), 0x0B: _Kind("AREF", _NONE, 0),
    0x0C: _Kind("TEXT", _NONE, 0), 0x0D: _Kind("LAYER", _SHORT, 1), 0x0E: _Kind("DATATYPE", _SHORT, 1),
    0x0F: _Kind("WIDTH", _LONG, 1), 0x10: _Kind("XY", _LONG), 0x11: _Kind("ENDEL", _NONE, 0),
    0x12: _Kind("SNAME", _TEXT), 0x13: _Kind("COLROW", _SHORT, 2), 0x15: _Kind("NODE", _NONE, 0),
    0x16: _Kind("TEXTTYPE", _SHORT, 1), 0x17: _Kind("PRESENTATION", _BITS, 1), 0x19: _Kind("STRING", _TEXT),
    0x1A: _Kind("STRANS", _BITS, 1), 0x1B: _Kind("MAG", _REAL, 1), 0x1C: _Kind("ANGLE", _REAL, 1),
    0x1F: _Kind("REFLIBS", _TEXT), 0x20: _Kind("FONTS", _TEXT), 0x21: _Kind("PATHTYPE", _SHORT, 1),
    0x22: _Kind("GENERATIONS", _SHORT, 1), 0x23: _Kind("ATTRTABLE", _TEXT), 0x26: _Kind("ELFLAGS", _BITS, 1),
    0x2A: _Kind("NODETYPE", _SHORT, 1), 0x2B: _Kind("PROPATTR", _SHORT, 1), 0x2C: _Kind("PROPVALUE", _TEXT),
    0x2D: _Kind("BOX", _NONE, 0), 0x2E: _Kind("BOXTYPE", _SHORT, 1), 0x2F: _Kind("PLEX", _LONG, 1),
    0x30: _Kind("BGNEXTN", _LONG, 1), 0x31: _Kind("ENDEXTN", _LONG, 1), 0x34: _Kind("STRCLASS", _BITS, 1),
    0x36: _Kind("FORMAT", _SHORT, 1), 0x37: _Kind("MASK", _TEXT), 0x38: _Kind("ENDMASKS", _NONE, 0),
    0x39: _Kind("LIBDIRSIZE", _SHORT, 1), 0x3A: _Kind("SRFNAME", _TEXT), 0x3B: _Kind("LIBSECUR", _SHORT),
}  # fmt: skip

_BEFORE_UNITS: Final = frozenset({
    "LIBDIRSIZE", "SRFNAME", "LIBSECUR", "LIBNAME", "REFLIBS", "FONTS", "ATTRTABLE", "GENERATIONS", "FORMAT",
    "MASK", "ENDMASKS",
})  # fmt: skip
_ALWAYS: Final = frozenset({"ELFLAGS", "PLEX"})
_TRANSFORM: Final = frozenset({"STRANS", "MAG", "ANGLE"})
_NEEDS: Final = {
    "BOUNDARY": frozenset({"LAYER", "DATATYPE", "XY"}),
    "BOX": frozenset({"LAYER", "BOXTYPE", "XY"}),
    "NODE": frozenset({"LAYER", "NODETYPE", "XY"}),
    "PATH": frozenset({"LAYER", "DATATYPE", "XY"}),
    "TEXT": frozenset({"LAYER", "TEXTTYPE", "XY", "STRING"}),
    "SREF": frozenset({"SNAME", "XY"}),
    "AREF": frozenset({"SNAME", "COLROW", "XY"}),
}
_TAKES: Final = {
    "BOUNDARY": _NEEDS["BOUNDARY"] | _ALWAYS,
    "BOX": _NEEDS["BOX"] | _ALWAYS,
    "NODE": _NEEDS["NODE"] | _ALWAYS,
    "PATH": _NEEDS["PATH"] | _ALWAYS | {"PATHTYPE", "WIDTH", "BGNEXTN", "ENDEXTN"},
    "TEXT": _NEEDS["TEXT"] | _ALWAYS | _TRANSFORM | {"PRESENTATION", "PATHTYPE", "WIDTH"},
    "SREF": _NEEDS["SREF"] | _ALWAYS | _TRANSFORM,
    "AREF": _NEEDS["AREF"] | _ALWAYS | _TRANSFORM,
}
_MIRRORED, _ABSOLUTE = 0x8000, 0x0006


def read_gdsii(data: bytes) -> Content:
    """The content of a GDSII file.

    Raises:
        Damaged: it breaks the format; names the byte.
        TooLarge: it holds more than is read.
    """
    return _Reader(data).library()


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        """Where the current record begins."""
        self.next = 0
        self.kind = _KINDS[0]
        self.body = (0, 0)
        self.content = Content("GDSII")
        self.inside = ""

    def library(self) -> Content:
        self.record()
        if self.kind.name != "HEADER":
            raise self.damage("does not begin with HEADER")
        self.expect("BGNLIB")
        seen = set()
        while True:
            self.record()
            name = self.kind.name
            if name == "UNITS":
                break
            if name not in _BEFORE_UNITS:
                raise self.damage(f"has {name} where UNITS should come")
            if name == "LIBNAME":
                self.content.name = self.text()
            seen.add(name)
        if "LIBNAME" not in seen:
            raise self.damage("has no LIBNAME before UNITS")
        self.units()
        while True:
            self.record()
            if self.kind.name == "ENDLIB":
                break
            if self.kind.name != "BGNSTR":
                raise self.damage(f"has {self.kind.name} where a structure should begin or the library end")
            self.structure()
        if self.data[self.next :].strip(b"\0"):
            raise Damaged("has more after its ENDLIB", self.next)
        self.content.finish()
        return self.content

    def units(self) -> None:
        user, metres = self.reals()
        if not (1e-12 <= metres <= 1e-3 and 1e-12 <= user <= 1e12):
            raise self.damage(f"states a database unit of {metres:g} m, {user:g} user units")
        self.content.dbu_m = metres
        self.content.unit_m = metres / user

    def structure(self) -> None:
        self.expect("STRNAME")
        name = self.text()
        if not name:
            raise self.damage("has a structure without a name")
        cell = self.content.cell(name)
        self.inside = f" in structure {name!r}"
        while True:
            self.record()
            kind = self.kind.name
            if kind == "ENDSTR":
                break
            if kind == "STRCLASS":
                continue
            if kind not in _NEEDS:
                raise self.damage(f"has {kind} where an element should begin or the structure end")
            self.element(cell, kind)
        self.inside = ""

    def element(self, cell: CellContent, kind: str) -> None:
        start = self.at
        takes = _TAKES[kind]
        found: dict[str, tuple[int, int]] = {}
        points: array[int] = array("q")
        while True:
            self.record()
            name = self.kind.name
            if name == "ENDEL":
                break
            if name == "XY":
                points.extend(self.longs())
                found[name] = self.body
            elif name == "PROPATTR":
                self.expect("PROPVALUE")
            elif name not in takes or name in found:
                what = "a second" if name in found else "a"
                raise self.damage(f"has {what} {name} in a {kind}")
            else:
                found[name] = self.body
        lacking = sorted(_NEEDS[kind] - found.keys())
        if lacking:
            raise Damaged(f"has a {kind} without {' and '.join(lacking)}{self.inside}", start)
        if len(points) % 2:
            raise Damaged(f"has a {kind} with half a point{self.inside}", start)
        getattr(self, f"_{kind.lower()}")(cell, found, points, start)

    def _boundary(
        self, cell: CellContent, found: dict[str, tuple[int, int]], points: "array[int]", start: int
    ) -> None:
        kind = "BOX" if "BOXTYPE" in found else "BOUNDARY"
        layer = self.short(found["LAYER"]), self.short(found["BOXTYPE" if kind == "BOX" else "DATATYPE"])
        if len(points) < 8 or (kind == "BOX" and len(points) != 10):
            raise Damaged(f"has a {kind} of {len(points) // 2} points{self.inside}", start)
        if points[:2] != points[-2:]:
            raise Damaged(f"has a {kind} that is not closed{self.inside}", start)
        self.content.polygon(cell, layer, points[:-2])

    _box = _boundary

    def _path(self, cell: CellContent, found: dict[str, tuple[int, int]], points: "array[int]", start: int) -> None:
        layer = self.short(found["LAYER"]), self.short(found["DATATYPE"])
        kind = self.short(found["PATHTYPE"]) if "PATHTYPE" in found else 0
        width = self.long(found["WIDTH"]) if "WIDTH" in found else 0
        if len(points) < 2:
            raise Damaged(f"has a PATH without a point{self.inside}", start)
        if kind not in {0, 1, 2, 4}:
            raise Damaged(f"has a PATH of type {kind}{self.inside}", start)
        begin = end = 0
        if kind in {1, 2}:
            begin = end = abs(width)
        elif kind == 4:
            begin = 2 * self.long(found["BGNEXTN"]) if "BGNEXTN" in found else 0
            end = 2 * self.long(found["ENDEXTN"]) if "ENDEXTN" in found else 0
        ends = abs(width), begin, end, int(kind == 1), int(width < 0)
        self.content.path(cell, layer, points, ends)

    def _node(self, cell: CellContent, found: dict[str, tuple[int, int]], points: "array[int]", start: int) -> None:
        if not points:
            raise Damaged(f"has a NODE without a point{self.inside}", start)
        cell.note("node", self.short(found["LAYER"]), self.short(found["NODETYPE"]), points[0], points[1])

    def _text(self, cell: CellContent, found: dict[str, tuple[int, int]], points: "array[int]", start: int) -> None:
        if len(points) != 2:
            raise Damaged(f"has a TEXT of {len(points) // 2} points{self.inside}", start)
        self.transform(found, start)
        cell.note("text", self.short(found["LAYER"]), self.short(found["TEXTTYPE"]), points[0], points[1])

    def _sref(self, cell: CellContent, found: dict[str, tuple[int, int]], points: "array[int]", start: int) -> None:
        if len(points) != 2:
            raise Damaged(f"has an SREF of {len(points) // 2} points{self.inside}", start)
        self.placed(cell, found, points, -1, start)

    def _aref(self, cell: CellContent, found: dict[str, tuple[int, int]], points: "array[int]", start: int) -> None:
        if len(points) != 6:
            raise Damaged(f"has an AREF of {len(points) // 2} points{self.inside}", start)
        columns, rows = struct.unpack_from(">hh", self.data, found["COLROW"][0])
        if columns < 1 or rows < 1:
            raise Damaged(f"has an AREF of {columns} columns and {rows} rows{self.inside}", start)
        x, y, cx, cy, rx, ry = points
        a, b = _step((cx - x, cy - y), columns), _step((rx - x, ry - y), rows)
        repetition = self.content.lattice(columns, rows, a, b) if columns * rows > 1 else -1
        self.placed(cell, found, points, repetition, start)

    def placed(
        self,
        cell: CellContent,
        found: dict[str, tuple[int, int]],
        points: "array[int]",
        repetition: int,
        start: int,
    ) -> None:
        flags, magnification, angle = self.transform(found, start)
        name = self.text(found["SNAME"])
        self.content.place(
            cell,
            name,
            (points[0], points[1]),
            angle,
            magnification,
            mirrored=bool(flags & _MIRRORED),
            absolute=bool(flags & _ABSOLUTE),
            repetition=repetition,
        )

    def transform(self, found: dict[str, tuple[int, int]], start: int) -> tuple[int, float, float]:
        """Flags, magnification and degrees."""
        flags = self.short(found["STRANS"]) if "STRANS" in found else 0
        magnification = _real(self.data, found["MAG"][0]) if "MAG" in found else 1.0
        angle = _real(self.data, found["ANGLE"][0]) if "ANGLE" in found else 0.0
        if flags & ~(_MIRRORED | _ABSOLUTE):
            raise Damaged(f"has STRANS bits {flags:#06x}{self.inside}", start)
        if not 1e-6 <= magnification <= 1e6:
            raise Damaged(f"has a magnification of {magnification:g}{self.inside}", start)
        if abs(angle) > 36_000:
            raise Damaged(f"has an angle of {angle:g} degrees{self.inside}", start)
        return flags, magnification, angle

    def record(self) -> None:
        """Go to the next record and check its head."""
        at = self.at = self.next
        data = self.data
        if at + 4 > len(data):
            what = "ends" if at == len(data) else "ends in the head of a record"
            raise Damaged(f"{what} before its ENDLIB{self.inside}", at)
        length, code, dtype = struct.unpack_from(">HBB", data, at)
        kind = _KINDS.get(code)
        if length < 4 or length % 2:
            raise Damaged(f"has a record of {length} bytes{self.inside}", at)
        if at + length > len(data):
            name = kind.name if kind else f"{code:#04x}"
            raise Damaged(
                f"ends in record {name}, which has {length} bytes, {len(data) - at} are there{self.inside}", at
            )
        if kind is None:
            raise Damaged(f"has a record of the unknown type {code:#04x}{self.inside}", at)
        if dtype != kind.data:
            raise Damaged(f"has {kind.name} with data of type {dtype}, not {kind.data}{self.inside}", at)
        size = length - 4
        unit = _UNIT[dtype]
        if size % (unit or 1) or (kind.count is not None and size != kind.count * unit):
            raise Damaged(f"has {kind.name} of {length} bytes{self.inside}", at)
        self.kind, self.body, self.next = kind, (at + 4, size), at + length

    def expect(self, name: str) -> None:
        self.record()
        if self.kind.name != name:
            raise self.damage(f"has {self.kind.name} where {name} should come")

    def damage(self, what: str) -> Damaged:
        return Damaged(f"{what}{self.inside}", self.at)

    def text(self, body: tuple[int, int] | None = None) -> str:
        start, size = body or self.body
        return self.data[start : start + size].rstrip(b"\0").decode("latin-1")

    def short(self, body: tuple[int, int]) -> int:
        return int.from_bytes(self.data[body[0] : body[0] + 2], "big")

    def long(self, body: tuple[int, int]) -> int:
        return int.from_bytes(self.data[body[0] : body[0] + 4], "big", signed=True)

    def longs(self) -> tuple[int, ...]:
        start, size = self.body
        return struct.unpack_from(f">{size // 4}i", self.data, start)

    def reals(self) -> tuple[float, ...]:
        start, size = self.body
        return tuple(_real(self.data, at) for at in range(start, start + size, 8))


def _step(far: tuple[int, int], count: int) -> tuple[float, float]:
    """The step between copies; a whole number stays one."""
    whole = all(value % count == 0 for value in far)
    return (far[0] // count, far[1] // count) if whole else (far[0] / count, far[1] / count)


def _real(data: bytes, at: int) -> float:
    first = data[at]
    mantissa = int.from_bytes(data[at + 1 : at + 8], "big")
    value: float = mantissa * 16.0 ** ((first & 0x7F) - 64 - 14)
    return -value if first & 0x80 else value
