"""STDF V4, written a repeat at a time as arrays of bytes.

A repeat is a wafer, WIR .. WRR, so that coordinates stay within 16 bits however long the web. X_COORD is the
lane from the left, Y_COORD the cell of the lane in its repeat from below, both from 1. PART_ID is the line of
the cell map from 0, PART_TXT the address of the cell on the web. Limits and units stand in the first PTR of
each test, as the format has it. A cell that was not tested has bin 0 and no verdict.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.table import NULL, Matrix

_UNSET_U4: Final = 4_294_967_295
_MISSING_I2: Final = -32_768
_NOT_EXECUTED: Final = 0x12
"""TEST_FLG: result not valid, test not executed."""
_FAILED, _NO_VERDICT = 0x08, 0x10
"""PART_FLG."""
FAR, MIR, MRR, WIR, WRR, PIR, PRR, PTR, HBR, SBR, WCR = (
    (0, 10), (1, 10), (1, 20), (2, 10), (2, 20), (5, 10), (5, 20), (15, 10), (1, 40), (1, 50), (2, 30),
)  # fmt: skip


def record(kind: tuple[int, int], body: bytes) -> bytes:
    """A record: length, type, sub-type, body."""
    return struct.pack("<HBB", len(body), *kind) + body


def text(value: str) -> bytes:
    """A Cn field: at most 255 characters of ASCII."""
    content = value.encode("ascii", "replace")[:255]
    return bytes([len(content)]) + content


@dataclass(frozen=True, slots=True)
class ParametricTest:
    """A test: its number, name, unit and limits (None where there is none)."""

    number: int
    name: str
    unit: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class BinOfCells:
    """A bin, as HBR and SBR state it."""

    code: int
    name: str
    passes: bool
    count: int


def header(lot: str, part: str, digest: str, *, synthetic: bool) -> bytes:
    """FAR and MIR. Times are 0: a file must not tell when it was made."""
    user = f"map_sha256={digest}" + (";synthetic" if synthetic else "")
    fields = [lot, part, "web", "layoutgen", *[""] * 8, user]
    mir = struct.pack("<IIB", 0, 0, 1) + b"P " + b" " + struct.pack("<H", 65535) + b" "
    return record(FAR, bytes([2, 4])) + record(MIR, mir + b"".join(text(field) for field in fields))


def trailer(bins: Sequence[BinOfCells]) -> bytes:
    """HBR and SBR of each bin, and MRR."""
    found = []
    for kind in (HBR, SBR):
        for item in bins:
            body = struct.pack("<BBHI", 255, 0, item.code, item.count) + (b"P" if item.passes else b"F")
            found.append(record(kind, body + text(item.name)))
    return b"".join(found) + record(MRR, struct.pack("<I", 0))


class RepeatWriter:
    """Writes repeats with the same cells, one after the other."""

    def __init__(
        self,
        file: IO[bytes],
        names: Sequence[str],
        place: NDArray[np.int32],
        sites: NDArray[np.int32],
        tests: Sequence[ParametricTest],
    ) -> None:
        """
        Args:
            file: where to.
            names: address of each cell on the web as (prefix of the repeat) + name; all prefixes are equally long.
            place: (cells, 2), X_COORD and Y_COORD.
            sites: probe of each cell, from 0.
            tests: what was read of each cell, in order.
        """
        self._file, self._names, self._tests = file, names, tests
        self._place, self._sites = place, sites
        self._template: NDArray[np.uint8] | None = None
        self._second = 0
        self._at: dict[str, NDArray[np.int64]] = {}

    def write(
        self,
        repeat: str,
        results: Sequence[tuple[NDArray[np.float32], NDArray[np.bool_]]],
        bins: NDArray[np.uint8],
        passed: NDArray[np.bool_],
    ) -> None:
        """Write a repeat.

        Args:
            repeat: its name, ``W0012``.
            results: of each test, in its unit, and which of them were read.
            bins: code of each cell; 0 is not tested.
            passed: which cells are good.
        """
        cells, tested = len(bins), bins > 0
        self._file.write(record(WIR, struct.pack("<BBI", 1, 255, 0) + text(repeat)))
        self._file.write(self._cells(repeat, results, bins, passed))
        counts = struct.pack("<IIIII", cells, _UNSET_U4, _UNSET_U4, int((passed & tested).sum()), _UNSET_U4)
        self._file.write(record(WRR, struct.pack("<BBI", 1, 255, 0) + counts + text(repeat)))

    def _cells(
        self,
        repeat: str,
        results: Sequence[tuple[NDArray[np.float32], NDArray[np.bool_]]],
        bins: NDArray[np.uint8],
        passed: NDArray[np.bool_],
    ) -> bytes:
        first = self._template is None
        made = (self._make(repeat) if self._template is None else self._template).copy()
        _put(made, self._at["repeat"], np.frombuffer(repeat.encode(), dtype=np.uint8))
        for number, (values, valid) in enumerate(results):
            shown = np.where(valid, values, np.float32(0)).astype("<f4")
            _put(made, self._at[f"result{number}"], shown.view(np.uint8).reshape(-1, 4))
            made[self._at[f"flag{number}"]] = np.where(valid, 0, _NOT_EXECUTED)
        made[self._at["part_flag"]] = np.where(passed, 0, np.where(bins > 0, _FAILED, _NO_VERDICT))
        code = bins.astype("<u2").view(np.uint8).reshape(-1, 2)
        _put(made, self._at["hard"], code)
        _put(made, self._at["soft"], code)
        content = made.tobytes()
        return self._with_limits(content[: self._second]) + content[self._second :] if first else content

    def _make(self, repeat: str) -> NDArray[np.uint8]:
        """The bytes of a repeat with places for what differs."""
        parts: list[bytes] = []
        where: dict[str, list[int]] = {}
        at = 0
        for cell, name in enumerate(self._names):
            site = int(self._sites[cell]) % 256
            body = record(PIR, bytes([1, site]))
            for number, test in enumerate(self._tests):
                here = at + len(body) + 4
                where.setdefault(f"flag{number}", []).append(here + 6)
                where.setdefault(f"result{number}", []).append(here + 8)
                body += record(PTR, struct.pack("<IBBBBf", test.number, 1, site, 0, 0, 0.0))
            here = at + len(body) + 4
            where.setdefault("part_flag", []).append(here + 2)
            where.setdefault("hard", []).append(here + 5)
            where.setdefault("soft", []).append(here + 7)
            identity = text(str(cell))
            x, y = (int(value) if value < 32_768 else _MISSING_I2 for value in self._place[cell])
            prr = struct.pack("<BBBHHHhhI", 1, site, 0, len(self._tests), 0, 0, x, y, 0) + identity
            where.setdefault("repeat", []).append(here + len(prr) + 1)
            body += record(PRR, prr + text(f"{repeat}-{name}") + b"\0")
            parts.append(body)
            at += len(body)
        self._second = len(parts[0])
        self._at = {name: np.array(places) for name, places in where.items()}
        self._template = np.frombuffer(b"".join(parts), dtype=np.uint8)
        return self._template

    def _with_limits(self, piece: bytes) -> bytes:
        """The first cell's records with limits and units in each PTR."""
        found, at = b"", 0
        number = 0
        while at < len(piece):
            (length,) = struct.unpack_from("<H", piece, at)
            kind, body = tuple(piece[at + 2 : at + 4]), piece[at + 4 : at + 4 + length]
            at += 4 + length
            if kind == PTR:
                body += _limits(self._tests[number])
                number += 1
            found += record((kind[0], kind[1]), body)
        return found


def _limits(test: ParametricTest) -> bytes:
    """TEST_TXT, ALARM_ID, OPT_FLAG, scales, limits and unit: OPT_FLAG bit 6 no low, bit 7 no high limit."""
    flag = 0x0E | (0x40 if test.low is None else 0) | (0x80 if test.high is None else 0)
    scales = struct.pack("<bbb", 0, 0, 0)
    limits = struct.pack("<ff", test.low or 0.0, test.high or 0.0)
    return text(test.name) + text("") + bytes([flag]) + scales + limits + text(test.unit)


def _put(made: NDArray[np.uint8], at: NDArray[np.int64], content: NDArray[np.uint8]) -> None:
    """Put bytes at each place: the same ones, or a row of them each."""
    width = content.shape[-1]
    made[at[:, None] + np.arange(width)] = content


def results_of(values: Matrix, tick: float) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Readings of a repeat in their unit, and which were read."""
    valid = values != NULL
    return (np.where(valid, values, 0) * tick).astype(np.float32), valid
