"""STDF V4 of any tester, record by record; either order of bytes.

Which cell a part is, is told by its PART_TXT or PART_ID if they are addresses; else by the wafer, which is a
repeat, and PART_ID as the line of the cell map from 0, or X_COORD and Y_COORD as lane and cell of the lane,
from 1.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.lot.reading.batch import NO_BIN, READINGS, TESTER_FAILED, Findings, Rows, records
from layoutgen.lot.reading.columns import Places
from layoutgen.lot.reading.headings import Heading, read_headings
from layoutgen.lot.reading.values import Gauge
from layoutgen.web.addresses import UNKNOWN

_PARTS: Final = 1 << 16
_FAR, _MIR, _WIR, _PIR, _PRR, _PTR = (0, 10), (1, 10), (2, 10), (5, 10), (5, 20), (15, 10)
_NUMBER: Final = re.compile(r"\D*0*(\d{1,9})")
_CHUNK: Final = 1 << 22


class StdfReader:
    """Reads one file."""

    def __init__(self, path: Path, places: Places, gauge: Gauge, findings: Findings) -> None:
        self._path, self._places, self._gauge, self._findings = path, places, gauge, findings
        self.about: dict[str, str] = {}
        self._order = "<"
        self._tests: dict[int, Heading | None] = {}
        self._scale: dict[int, float] = {}
        self._wafer = ""
        self._heads: dict[tuple[int, int], dict[str, float]] = {}
        self._parts: list[tuple[str, str, str, int, int, int, int, int, dict[str, float]]] = []

    def batches(self) -> Iterator[NDArray[Any]]:
        """Records of the parts of the file.

        Raises:
            InputError: it is no STDF V4, or ends in the middle.
        """
        for kind, body in self._records():
            if kind == _PTR:
                self._result(body)
            elif kind == _PRR:
                self._part(body)
                if len(self._parts) >= _PARTS:
                    yield self._flush()
            elif kind == _PIR:
                self._heads[body[0], body[1]] = {}
            elif kind == _WIR:
                self._wafer = self._text(body, 6)[0]
            elif kind == _MIR:
                self._header(body)
        if self._parts:
            yield self._flush()
        unknown = [str(number) for number, heading in self._tests.items() if heading is None]
        if unknown:
            self._findings.notes.append(
                f"{self._path.name}: tests {', '.join(unknown[:8])} say nothing that is read here"
            )

    def _records(self) -> Iterator[tuple[tuple[int, int], bytes]]:
        name = self._path.name
        with self._path.open("rb") as file:
            data = file.read(_CHUNK)
            if len(data) < 6 or (data[2], data[3]) != _FAR:
                raise InputError(Problem("is no STDF: it does not begin with a FAR", name))
            if data[5] != 4:
                raise InputError(Problem(f"is STDF version {data[5]}", name, "version 4"))
            # CPU_TYPE 1 is big-endian, 2 little; the length of FAR tells it as well
            self._order = "<" if data[4] == 2 or data[:2] == b"\x02\x00" else ">"
            head, at = struct.Struct(self._order + "HBB"), 0
            while True:
                if at + 4 > len(data):
                    data, at = data[at:] + file.read(_CHUNK), 0
                    if not data:
                        return
                    if len(data) < 4:
                        raise self._truncated()
                length, kind, sub = head.unpack_from(data, at)
                end = at + 4 + length
                if end > len(data):
                    data, at = data[at:] + file.read(max(_CHUNK, length)), 0
                    end = 4 + length
                    if end > len(data):
                        raise self._truncated()
                yield (kind, sub), data[at + 4 : end]
                at = end

    def _truncated(self) -> InputError:
        return InputError(Problem("is truncated: it ends in the middle of a record", self._path.name))

    def _text(self, body: bytes, at: int) -> tuple[str, int]:
        if at >= len(body):
            return "", at
        end = at + 1 + body[at]
        return body[at + 1 : end].decode("latin-1").strip(), end

    def _header(self, body: bytes) -> None:
        at, texts = 15, []
        for _ in range(13):
            content, at = self._text(body, at)
            texts.append(content)
        self.about["part"] = texts[1]
        for item in texts[12].split(";"):
            key, equals, value = item.partition("=")
            if equals:
                self.about[key.strip()] = value.strip()
            elif key.strip() == "synthetic":
                self.about["synthetic"] = "True"

    def _result(self, body: bytes) -> None:
        if len(body) < 12:
            return
        number, head, site, flag, _, value = struct.unpack_from(self._order + "IBBBBf", body)
        if number not in self._tests:
            self._define(number, body)
        heading = self._tests[number]
        # not valid, unreliable, timed out, not executed, aborted
        if heading is None or flag & 0b0011_1110:
            return
        self._heads.setdefault((head, site), {})[heading.reading] = value

    def _define(self, number: int, body: bytes) -> None:
        name, at = self._text(body, 12)
        _, at = self._text(body, at)
        units = self._text(body, at + 12)[0] if len(body) > at + 12 else ""
        try:
            text, where = f"{name}/{units}" if units else name, f"{self._path.name}: test {number}"
            found = read_headings([text], where, self._gauge.units)
        except InputError:
            if units or not name:
                self._tests[number] = None
                return
            raise
        self._tests[number] = found[0] if found and found[0].reading in {*READINGS, "time"} else None

    def _part(self, body: bytes) -> None:
        if len(body) < 17:
            return
        head, site, flag, _, hard, soft, x, y, _ = struct.unpack_from(self._order + "BBBHHHhhI", body)
        identity, at = self._text(body, 17)
        words, _ = self._text(body, at)
        results = self._heads.pop((head, site), {})
        code = soft if soft != 65535 else hard
        self._parts.append((self._wafer, identity, words, x, y, site, code, flag, results))

    def _flush(self) -> NDArray[Any]:
        parts, self._parts = self._parts, []
        made = records(len(parts))
        made["index"] = self._indices(parts)
        for name in (*READINGS, "time"):
            heading = next((h for h in self._tests.values() if h is not None and h.reading == name), None)
            if heading is not None:
                values = np.array([part[8].get(name, np.nan) for part in parts], dtype=np.float64)
                if name == "time":
                    made["time"] = values * heading.factor
                else:
                    self._gauge.put(made, heading, values, Rows(self._path.name))
        codes, flags = np.array([part[6] for part in parts]), np.array([part[7] for part in parts])
        made["bin"] = np.where(codes == 65535, NO_BIN, codes)
        made["site"] = np.array([part[5] for part in parts])
        made["flags"] |= np.where((flags & 0x18) == 0x08, TESTER_FAILED, 0).astype(np.uint8)
        # no verdict and no result: the cell was not tested
        blank = ((flags & 0x10) > 0) & np.array([not part[8] for part in parts])
        known: NDArray[Any] = made[(made["index"] != UNKNOWN) & ~blank]
        return known

    def _indices(self, parts: list[tuple[Any, ...]]) -> NDArray[np.int64]:
        name, cells = self._path.name, self._places.map
        repeat = np.array([_whole(part[0]) or 1 for part in parts], dtype=np.int64)
        for column in (2, 1):
            texts = np.array([part[column] for part in parts])
            if any("-" in text for text in texts[:50].tolist()):
                return self._places.of_addresses(
                    texts, repeat if not texts[0].upper().startswith("W") else None, Rows(name)
                )
        numbers = [part[1] for part in parts]
        if all(text.isdecimal() for text in numbers[:50]):
            cell = np.array([int(text) if text.isdecimal() else -1 for text in numbers], dtype=np.int64)
        else:
            by_place = {
                (int(lane) + 1, int(rank) + 1): n
                for n, (lane, rank) in enumerate(zip(cells.lane, cells.rank, strict=True))
            }
            cell = np.array([by_place.get((part[3], part[4]), -1) for part in parts], dtype=np.int64)
        known = (cell >= 0) & (cell < cells.cells)
        lost = [f"{name}: part {part[1]!r}" for part, ok in zip(parts, known.tolist(), strict=True) if not ok]
        self._findings.add("unknown", len(lost), *lost)
        return np.where(known, (repeat - 1) * cells.cells + cell, UNKNOWN)


def _whole(text: str) -> int:
    found = _NUMBER.fullmatch(text.strip())
    return int(found[1]) if found else 0
