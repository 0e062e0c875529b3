"""OASIS 1.0 (SEMI P39), record by record."""

import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

from layoutgen.foreign.content import MOST_COORDINATE, CellContent, Content, Damaged, Layer
from layoutgen.foreign.oasis_shapes import ONE_SIDE, circle, compact, trapezoid
from layoutgen.foreign.oasis_stream import Stream

MAGIC: Final = b"%SEMI-OASIS\r\n"
_TABLES: Final = ("CELLNAME", "TEXTSTRING", "PROPNAME", "PROPSTRING", "LAYERNAME", "XNAME")
_RECORDS_OF: Final = {
    "CELLNAME": {3, 4}, "TEXTSTRING": {5, 6}, "PROPNAME": {7, 8}, "PROPSTRING": {9, 10}, "LAYERNAME": {11, 12},
    "XNAME": {30, 31},
}  # fmt: skip
_END_BYTES: Final = 256
_CELL_ONLY: Final = frozenset({15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 32, 33})


def read_oasis(data: bytes) -> Content:
    """The content of an OASIS file; its names are resolved, its validation and its tables are checked.

    Raises:
        Damaged: it breaks the format; names the byte.
        TooLarge: it holds more than is read.
    """
    return _Reader(data).library()


class _Names:
    """Names of one kind by number, counted or stated."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.by_number: dict[int, str] = {}
        self.stated: bool | None = None

    def add(self, stream: Stream, name: str, number: int | None) -> None:
        stated = number is not None
        if self.stated not in {None, stated}:
            raise stream.damage(f"numbers some {self.kind} records itself, others not")
        self.stated = stated
        key = number if number is not None else len(self.by_number)
        if key in self.by_number:
            raise stream.damage(f"has two {self.kind} records of number {key}")
        self.by_number[key] = name


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.stream = Stream(data)
        self.content = Content("OASIS")
        self.names = {kind: _Names(kind) for kind in _TABLES}
        self.cell: CellContent | None = None
        self.cell_names: list[tuple[CellContent, str | int, int]] = []
        """Cells with their names as stated, and where."""
        self.references: list[tuple[list[str], int, int, int]] = []
        """Placements by number: list of names, place in it, number, and where."""
        self.modal: dict[str, Any] = {}
        self.relative = False
        self.tables: list[tuple[int, int]] | None = None
        self.records: dict[int, int] = {}
        """Where name records and CBLOCKs begin: offset -> record."""
        self.in_names: dict[int, set[int]] = {}

    def library(self) -> Content:
        stream = self.stream
        if not stream.data.startswith(MAGIC):
            raise Damaged("does not begin as an OASIS file", 0)
        stream.at = len(MAGIC)
        self.start()
        read: dict[int, Callable[[int], None]] = {
            3: self.name, 4: self.name, 5: self.name, 6: self.name, 7: self.name, 8: self.name, 9: self.name,
            10: self.name, 11: self.layer_name, 12: self.layer_name, 13: self.begin_cell, 14: self.begin_cell,
            15: self.mode, 16: self.mode, 17: self.placement, 18: self.placement, 19: self.text,
            20: self.rectangle, 21: self.polygon, 22: self.path, 23: self.trapezoid, 24: self.trapezoid,
            25: self.trapezoid, 26: self.compact, 27: self.circle, 28: self.property, 29: self.property,
            30: self.name, 31: self.name, 32: self.element, 33: self.geometry,
        }  # fmt: skip
        while True:
            if stream.at_end_of_block():
                continue
            at, offset = stream.at, stream.offset
            kind = stream.uint()
            if kind == 0:
                continue
            if kind == 2:
                if stream.in_block:
                    raise stream.damage("has its END in a CBLOCK")
                self.end(at)
                return self.content
            if kind == 34:
                self.records[offset] = kind
                stream.enter_block(offset)
                continue
            if kind not in read:
                raise Damaged(f"has a record of the unknown type {kind}", offset)
            if kind in _CELL_ONLY and self.cell is None:
                raise Damaged(f"has record {kind} outside a cell", offset)
            if kind not in _CELL_ONLY:
                self.records.setdefault(offset, kind)
            if stream.in_block:
                self.in_names.setdefault(offset, set()).add(kind)
            read[kind](kind)

    # the frame of the file

    def start(self) -> None:
        stream = self.stream
        if stream.uint() != 1:
            raise Damaged("has no START after its first line", len(MAGIC))
        version = stream.text()
        if version != "1.0":
            raise stream.damage(f"is of version {version!r}, not 1.0")
        unit = stream.real()
        if not 1e-3 <= unit <= 1e6:
            raise stream.damage(f"states {unit:g} grid steps per um")
        self.content.dbu_m = 1e-6 / unit
        flag = stream.uint()
        if flag == 0:
            self.tables = self.offsets()
        elif flag != 1:
            raise stream.damage(f"states {flag} for where its table offsets are")
        self.forget()

    def offsets(self) -> list[tuple[int, int]]:
        found = []
        for kind in _TABLES:
            strict, offset = self.stream.uint(), self.stream.uint()
            if strict not in {0, 1}:
                raise self.stream.damage(f"states {strict} for whether its {kind} table is strict")
            found.append((strict, offset))
        return found

    def end(self, at: int) -> None:
        stream = self.stream
        if self.tables is None:
            self.tables = self.offsets()
        stream.string()
        scheme = stream.uint()
        if scheme not in {0, 1, 2}:
            raise stream.damage(f"states the validation scheme {scheme}")
        signed = stream.at
        stated = int.from_bytes(stream.raw(4), "little") if scheme else 0
        if stream.at - at != _END_BYTES:
            raise Damaged(f"has an END of {stream.at - at} bytes, not {_END_BYTES}", at)
        if stream.at != len(stream.data):
            raise Damaged("has more after its END", stream.at)
        if scheme:
            covered = stream.data[:signed]
            found = zlib.crc32(covered) if scheme == 1 else sum(covered) & 0xFFFFFFFF
            if found != stated:
                name = "CRC32" if scheme == 1 else "checksum"
                raise Damaged(f"its {name} is {found:08x}, not {stated:08x} as it states", signed)
        self.check_tables(self.tables, at)
        self.resolve()
        self.content.finish()

    def check_tables(self, tables: list[tuple[int, int]], end: int) -> None:
        for kind, (strict, offset) in zip(_TABLES, tables, strict=True):
            if offset:
                record = self.records.get(offset)
                inside = self.in_names.get(offset, set())
                if record not in _RECORDS_OF[kind] and not (record == 34 and inside & _RECORDS_OF[kind]):
                    raise Damaged(f"has no {kind} at byte {offset}, where its table should be", end)
            elif strict and self.names[kind].by_number:
                raise Damaged(f"has {kind} records, and states that it has none", end)

    def resolve(self) -> None:
        cells = self.names["CELLNAME"].by_number
        for cell, name, offset in self.cell_names:
            if isinstance(name, int):
                if name not in cells:
                    raise Damaged(f"has a cell of number {name}, which has no name", offset)
                cell.name = cells[name]
            else:
                cell.name = name
        for placed, index, number, offset in self.references:
            if number not in cells:
                raise Damaged(f"places a cell of number {number}, which has no name", offset)
            placed[index] = cells[number]

    # names

    def name(self, kind: int) -> None:
        stream = self.stream
        self.cell = None
        table = next(name for name, records in _RECORDS_OF.items() if kind in records)
        if table == "XNAME":
            stream.uint()
        name = stream.name() if table in {"CELLNAME", "PROPNAME"} else stream.string().decode("latin-1")
        numbered = kind in {4, 6, 8, 10, 31}
        self.names[table].add(stream, name, stream.uint() if numbered else None)

    def layer_name(self, kind: int) -> None:
        stream = self.stream
        self.cell = None
        name, layers, datatypes = stream.name(), stream.interval(), stream.interval()
        if kind == 11:
            self.content.layer_names.append((name, layers, datatypes))
        self.names["LAYERNAME"].by_number[len(self.names["LAYERNAME"].by_number)] = name

    # cells

    def begin_cell(self, kind: int) -> None:
        offset = self.stream.offset
        name: str | int = self.stream.uint() if kind == 13 else self.stream.name()
        self.cell = self.content.cell("")
        self.cell_names.append((self.cell, name, offset))
        self.forget()

    def forget(self) -> None:
        """Modal variables as a cell finds them."""
        self.relative = False
        self.modal = dict.fromkeys(
            ("placement-x", "placement-y", "geometry-x", "geometry-y", "text-x", "text-y"), 0
        )

    def mode(self, kind: int) -> None:
        self.relative = kind == 16

    def current(self) -> CellContent:
        if self.cell is None:
            raise self.stream.damage("has an element outside a cell")
        return self.cell

    # modal variables

    def recall(self, what: str) -> Any:
        if what not in self.modal:
            raise self.stream.damage(f"leaves out {what}, which has not been stated before")
        return self.modal[what]

    def value(self, what: str, read: Callable[[], Any], *, stated: int) -> Any:
        """A modal variable, read where it is stated."""
        if stated:
            self.modal[what] = read()
        return self.recall(what)

    def layer(self, info: int, number: str = "layer", datatype: str = "datatype") -> Layer:
        stream = self.stream
        layer = self.value(number, stream.uint, stated=info & 1)
        kind = self.value(datatype, stream.uint, stated=info & 2)
        if max(layer, kind) > 2**31:
            raise stream.damage(f"has a shape on layer {layer}/{kind}")
        return layer, kind

    def position(self, what: str, info: int, x_bit: int = 0x10, y_bit: int = 0x08) -> tuple[int, int]:
        for axis, bit in (("x", x_bit), ("y", y_bit)):
            if info & bit:
                key = f"{what}-{axis}"
                value = self.stream.sint() + (self.modal[key] if self.relative else 0)
                self.modal[key] = self.stream.length(value)
        return self.modal[f"{what}-x"], self.modal[f"{what}-y"]

    def repetition(self, info: int, bit: int = 0x04) -> int:
        """The number of a repetition, -1 where there is none."""
        if not info & bit:
            return -1
        kind = self.stream.uint()
        if kind == 0:
            return int(self.recall("repetition"))
        number = self.modal["repetition"] = self._repetition(kind)
        return number

    def _repetition(self, kind: int) -> int:
        stream, content = self.stream, self.content
        match kind:
            case 1:
                columns, rows, dx, dy = stream.uint(), stream.uint(), stream.unsigned(), stream.unsigned()
                found = self.lattice(columns, rows, (dx, 0), (0, dy))
            case 2:
                found = self.lattice(stream.uint(), None, (stream.unsigned(), 0), (0, 0))
            case 3:
                found = self.lattice(None, stream.uint(), (0, 0), (0, stream.unsigned()))
            case 4 | 5 | 6 | 7:
                count = stream.counted() + 1
                grid = stream.unsigned() if kind in {5, 7} else 1
                steps = [stream.length(stream.unsigned() * grid) for _ in range(count)]
                found = content.scattered(self.along(((step, 0) if kind < 6 else (0, step)) for step in steps))
            case 8:
                columns, rows = stream.uint(), stream.uint()
                found = self.lattice(columns, rows, stream.g_delta(), stream.g_delta())
            case 9:
                found = self.lattice(stream.uint(), None, stream.g_delta(), (0, 0))
            case 10 | 11:
                count = stream.counted() + 1
                grid = stream.unsigned() if kind == 11 else 1
                steps_xy = [stream.g_delta() for _ in range(count)]
                found = content.scattered(self.along((dx * grid, dy * grid) for dx, dy in steps_xy))
            case _:
                raise stream.damage(f"has a repetition of the unknown type {kind}")
        return found

    def lattice(self, columns: int | None, rows: int | None, a: tuple[int, int], b: tuple[int, int]) -> int:
        """Counts are stated less two; None stands for one."""
        counts = [1 if count is None else count + 2 for count in (columns, rows)]
        for count, step in zip(counts, (a, b), strict=True):
            for value in step:
                self.stream.length(value * count)
        return self.content.lattice(counts[0], counts[1], a, b)

    def along(self, steps: Iterator[tuple[int, int]]) -> list[int]:
        """Offsets, x and y in turn, from steps that follow each other."""
        x = y = 0
        found = [0, 0]
        for dx, dy in steps:
            x, y = x + dx, y + dy
            found += (x, y)
        if max(*found, -min(found)) > MOST_COORDINATE:
            raise self.stream.damage("has a repetition that leads too far")
        return found

    # elements

    def placement(self, kind: int) -> None:
        stream, cell = self.stream, self.current()
        offset = stream.offset
        info = stream.byte()
        if info & 0x80:
            self.modal["placement-cell"] = stream.uint() if info & 0x40 else stream.name()
        name = self.recall("placement-cell")
        magnification, angle = 1.0, 90.0 * (info >> 1 & 3)
        if kind == 18:
            magnification = stream.real() if info & 4 else 1.0
            angle = stream.real() if info & 2 else 0.0
            if not 1e-6 <= magnification <= 1e6:
                raise stream.damage(f"has a magnification of {magnification:g}")
            if abs(angle) > 36_000:
                raise stream.damage(f"has an angle of {angle:g} degrees")
        origin = self.position("placement", info, 0x20, 0x10)
        repetition = self.repetition(info, 0x08)
        if isinstance(name, int):
            self.references.append((cell.placed, len(cell.placed), name, offset))
        self.content.place(
            cell, str(name), origin, angle, magnification, mirrored=bool(info & 1), repetition=repetition
        )

    def text(self, _kind: int) -> None:
        stream = self.stream
        info = stream.byte()
        self._no(info, 0x80)
        if info & 0x40:
            self.modal["text-string"] = stream.uint() if info & 0x20 else stream.text()
        self.recall("text-string")
        layer = self.layer(info, "textlayer", "texttype")
        x, y = self.position("text", info)
        copies = self.content.copies(self.repetition(info))
        self.current().note("text", *layer, x, y, copies)

    def rectangle(self, _kind: int) -> None:
        stream = self.stream
        info = stream.byte()
        layer = self.layer(info)
        width = self.value("geometry-w", stream.unsigned, stated=info & 0x40)
        if info & 0x80:
            if info & 0x20:
                raise stream.damage("has a square with a height")
            self.modal["geometry-h"] = width
        height = self.value("geometry-h", stream.unsigned, stated=info & 0x20)
        self.draw(layer, [0, 0, width, 0, width, height, 0, height], info)

    def polygon(self, _kind: int) -> None:
        stream = self.stream
        info = stream.byte()
        self._no(info, 0xC0)
        layer = self.layer(info)
        points = self.value("polygon-point-list", lambda: stream.point_list(polygon=True), stated=info & 0x20)
        self.draw(layer, points, info)

    def path(self, _kind: int) -> None:
        stream = self.stream
        info = stream.byte()
        layer = self.layer(info)
        half = self.value("path-halfwidth", stream.unsigned, stated=info & 0x40)
        if info & 0x80:
            scheme = stream.uint()
            self._no(scheme, 0xF0)
            for end, bits in (("start", scheme >> 2), ("end", scheme & 3)):
                if bits:
                    key = f"path-{end}-extension"
                    self.modal[key] = stream.sint() if bits == 3 else (0, half)[bits - 1]
        begin, end_ = self.recall("path-start-extension"), self.recall("path-end-extension")
        points = self.value("path-point-list", lambda: stream.point_list(polygon=False), stated=info & 0x20)
        x, y = self.position("geometry", info)
        repetition = self.repetition(info)
        ends = 2 * half, 2 * begin, 2 * end_, 0, 0
        self.content.path(self.current(), layer, _moved(points, x, y), ends, repetition)

    def trapezoid(self, kind: int) -> None:
        stream = self.stream
        info = stream.byte()
        layer = self.layer(info)
        width = self.value("geometry-w", stream.unsigned, stated=info & 0x40)
        height = self.value("geometry-h", stream.unsigned, stated=info & 0x20)
        a = stream.sint() if kind in {23, 24} else 0
        b = stream.sint() if kind in {23, 25} else 0
        vertical = bool(info & 0x80)
        if max(abs(a), abs(b), abs(a - b)) > (height if vertical else width):
            raise stream.damage("has a trapezoid that is shorter than its slope")
        self.draw(layer, trapezoid(width, height, a, b, vertical=vertical), info)

    def compact(self, _kind: int) -> None:
        stream = self.stream
        info = stream.byte()
        layer = self.layer(info)
        kind = self.value("ctrapezoid-type", stream.uint, stated=info & 0x80)
        by_height = kind in {20, 21}
        width = (
            0 if by_height and not info & 0x40 else self.value("geometry-w", stream.unsigned, stated=info & 0x40)
        )
        one_side = kind in ONE_SIDE and not by_height
        height = (
            0 if one_side and not info & 0x20 else self.value("geometry-h", stream.unsigned, stated=info & 0x20)
        )
        points = compact(kind, width, height)
        if points is None:
            raise stream.damage(f"has a compact trapezoid of type {kind}, {width} x {height}")
        self.draw(layer, points, info)

    def circle(self, _kind: int) -> None:
        stream = self.stream
        info = stream.byte()
        self._no(info, 0xC0)
        layer = self.layer(info)
        radius = self.value("circle-radius", stream.unsigned, stated=info & 0x20)
        self.draw(layer, circle(radius), info)

    def draw(self, layer: Layer, points: list[int], info: int) -> None:
        x, y = self.position("geometry", info)
        repetition = self.repetition(info)
        self.content.polygon(self.current(), layer, _moved(points, x, y), repetition)

    def geometry(self, _kind: int) -> None:
        stream = self.stream
        info = stream.byte()
        self._no(info, 0xE0)
        stream.uint()
        layer = self.layer(info)
        stream.string()
        x, y = self.position("geometry", info)
        copies = self.content.copies(self.repetition(info))
        self.current().note("xgeometry", *layer, x, y, copies)

    def element(self, _kind: int) -> None:
        self.stream.uint()
        self.stream.string()
        self.current().note("xelement", -1, -1, 0, 0)

    # properties: read past, they hold no geometry

    def property(self, kind: int) -> None:
        if kind == 29:
            self.recall("last-property-name")
            return
        stream = self.stream
        info = stream.byte()
        if info & 0x04:
            self.modal["last-property-name"] = stream.uint() if info & 0x02 else stream.name()
        self.recall("last-property-name")
        if info & 0x08:
            if info & 0xF0:
                raise stream.damage("has a property with values and without")
            self.recall("last-value-list")
            return
        count = info >> 4
        for _ in range(stream.counted() if count == 15 else count):
            self._property_value()
        self.modal["last-value-list"] = True

    def _property_value(self) -> None:
        stream = self.stream
        kind = stream.uint()
        if kind <= 7:
            stream.real(kind)
        elif kind in {8, 9, 13, 14, 15}:
            stream.uint()
        elif kind in {10, 11, 12}:
            stream.string()
        else:
            raise stream.damage(f"has a property value of the unknown type {kind}")

    def _no(self, info: int, bits: int) -> None:
        if info & bits:
            raise self.stream.damage(f"sets bits {info & bits:#04x}, which mean nothing here")


def _moved(points: list[int], x: int, y: int) -> list[int]:
    moved = points[:]
    moved[0::2] = [value + x for value in points[0::2]]
    moved[1::2] = [value + y for value in points[1::2]]
    return moved
