"""What readers hand on: readings of many cells as columns, and what was wrong with the rest."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.kit import value_in
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import NULL, ticks
from layoutgen.pdk.webtest import WebTest

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


class Gauge:
    """Puts values in ticks, and takes out what no reading can be."""

    def __init__(self, test: WebTest, findings: Findings) -> None:
        self._ranges: dict[str, tuple[float, float]] = {
            name: (value_in(limits.low, name), value_in(limits.high, name))
            for name, limits in test.readings.items()
        }
        self._findings = findings
        self._live_v = value_in(test.gauge.low, "ocv") / 2, value_in(test.gauge.high, "ocv") * 1.5
        self.contact_high = self._ranges["contact"][1] if "contact" in self._ranges else np.inf

    def put(self, made: NDArray[Any], reading: str, values: NDArray[np.float64], where: str) -> None:
        """Put a column into records. NaN is missing; what is out of range is counted, flagged and left out."""
        column = COLUMN_OF[reading]
        low, high = self._ranges.get(reading, (-np.inf, np.inf))
        if reading == "contact":
            high = np.inf
        with np.errstate(invalid="ignore"):
            far = np.isinf(values) | (values < low) | (values > high)
        count = int(far.sum())
        if count:
            first = values[far][:3]
            shown = [f"{where}: {reading} {value:g}" for value in first.tolist()]
            self._findings.add("out_of_range", count, *shown)
            made["flags"][far] |= OUT_OF_RANGE
            for factor, text in ((1e-3, "a thousandth"), (1e3, "a thousand times")):
                with np.errstate(invalid="ignore", over="ignore"):
                    fits = (values[far] * factor >= max(low, 1e-9)) & (values[far] * factor <= high)
                if fits.mean() > 0.9 and values[far].size and reading != "asr":
                    self._findings.add(f"mixed_units:{reading}", int(fits.sum()))
                    self._note(f"{where}: {reading} out of range would be in range as {text}: mixed units?")
        if reading == "ocv":
            with np.errstate(invalid="ignore", over="ignore"):
                small = (values * 1e3 >= self._live_v[0]) & (values * 1e3 <= self._live_v[1])
            self._findings.add(
                "thousandths", int(small.sum()), *(f"{value * 1e3:.4g} mV" for value in values[small][:3])
            )
        made[reading] = ticks(np.where(far, np.nan, values), column)

    def _note(self, text: str) -> None:
        if text not in self._findings.notes:
            self._findings.notes.append(text)
