"""What readers hand on: readings of many cells as columns, and what was wrong with the rest."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.table import NULL

READINGS: Final = ("ocv", "asr", "capacity", "contact", "temperature")
NO_BIN: Final = 0xFFFF
_EXAMPLES: Final = 5
OUT_OF_RANGE, TESTER_FAILED = 1, 2
"""Bits of the flags of a record."""

RECORD: Final = np.dtype(
    [
        ("index", "i8"),
        *((name, "i4") for name in READINGS),
        ("time", "f8"),
        ("site", "u2"),
        ("bin", "u2"),
        ("flags", "u1"),
    ]
)
"""One reading of one cell: place on the web, ticks, s, probe, bin of the file."""


def records(count: int) -> NDArray[Any]:
    """Empty records: everything missing."""
    made = np.zeros(count, dtype=RECORD)
    for name in READINGS:
        made[name] = NULL
    made["time"], made["bin"] = np.nan, NO_BIN
    return made


class Rows(NamedTuple):
    """Where rows of a file stand: for messages."""

    file: str
    lines: NDArray[np.int64] | None = None
    """Number of each row in the file, from 1."""
    word: str = "line"

    def at(self, row: int) -> str:
        """The place of a row."""
        return self.file if self.lines is None else f"{self.file}, {self.word} {self.lines[row]}"


@dataclass
class Findings:
    """What is said of an import beside the readings: counts, and a few examples of each."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, kind: str, count: int, *examples: str) -> None:
        """Note ``count`` more of a kind."""
        if count:
            self.counts[kind] += count
            held = self.examples.setdefault(kind, [])
            held += list(examples)[: _EXAMPLES - len(held)]

    def note(self, text: str) -> None:
        """Say something once."""
        if text not in self.notes:
            self.notes.append(text)
