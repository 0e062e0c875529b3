"""Are the values of a file in the unit that its heading says?

Each reading has values that the design and its process expect. Where many of a file are not among them, and would
be with another prefix of their unit, the heading is wrong: mV that are V, f/kHz over Hz, ohm over mohm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import Input, InputError, Problem, Wording
from layoutgen.lot.circuit import impedance, parameters_of
from layoutgen.lot.kit import value_in
from layoutgen.lot.reading.batch import Findings
from layoutgen.lot.reading.headings import Heading, unit_of_factor
from layoutgen.lot.webmap import RepeatMap
from layoutgen.pdk.schema import Pdk
from layoutgen.pdk.webtest import WebTest

Floats = NDArray[np.float64]
_AROUND: Final = 5.0
"""A resistance or capacity is expected within this factor of what the process and the design say."""
_LEAST_CONTACT: Final = 1e-4
"""Of the largest resistance that is a contact: no probe touches better."""
_MOST: Final = {"contact": 0.5}
_MOST_OF_OTHERS: Final = 0.3
_MOST_OUT: Final = 0.5
_NAMED: Final = 0.01
_KELVIN: Final = 273.15
_WORDS: Final[dict[float, str]] = {
    1e3: "a thousand times as large", 1e-3: "a thousandth as large",
    1e6: "a million times as large", 1e-6: "a millionth as large",
}  # fmt: skip
_BEYOND: Final = 30.0
_SPAN: Final = 3.0
"""A sweep is another one beyond this factor of an end of the process's, and that one within this of both."""
_IN_WORDS: Final = {
    "ocv": "voltages", "asr": "resistances", "capacity": "capacities", "contact": "resistances of contacts",
    "temperature": "temperatures", "re": "real parts", "im": "imaginary parts",
}  # fmt: skip
_UNITS: Final = {"ocv": "V", "asr": "ohm cm2", "capacity": "mAh", "contact": "ohm", "temperature": "degC",
                 "re": "ohm cm2", "im": "ohm cm2"}  # fmt: skip


class Expected(NamedTuple):
    """What a reading is expected to be, in its unit, and who says so."""

    low: float
    high: float
    source: str


@dataclass
class _Count:
    heading: Heading
    values: int = 0
    """Numbers that there were."""
    judged: int = 0
    out: int = 0
    fits: dict[float, int] = field(default_factory=lambda: dict.fromkeys(_WORDS, 0))
    odd: dict[float, int] = field(default_factory=lambda: dict.fromkeys(_WORDS, 0))
    first: dict[float, float] = field(default_factory=dict)


class UnitCheck:
    """Counts the values of one file after the other, and refuses a file whose units are wrong."""

    def __init__(self, test: WebTest, pdk: Pdk, cells: RepeatMap, findings: Findings) -> None:
        self._findings = findings
        self.ranges: dict[str, tuple[float, float]] = {
            name: (value_in(limits.low, name), value_in(limits.high, name))
            for name, limits in test.readings.items()
        }
        self.expected = _expected(test, pdk, cells, self.ranges)
        self._circuit = parameters_of(test.circuit)
        self._sweep_hz = test.sweep.low.value, test.sweep.high.value
        self._counts: dict[str, _Count] = {}
        self._frequency: tuple[Heading, float, float] | None = None

    def begin(self) -> None:
        """A file begins."""
        self._counts, self._frequency = {}, None

    def count(
        self, heading: Heading, values: Floats, far: NDArray[np.bool_], live: NDArray[np.bool_] | None
    ) -> None:
        """Count a column of readings, in the reading's unit.

        Args:
            heading: of the column.
            values: shape (rows,); NaN is missing.
            far: which are out of the range of what a reading can be.
            live: which are of cells that hold a voltage; None where nothing says it.
        """
        found = self._count_of(heading)
        there = np.isfinite(values)
        found.values += int(there.sum())
        found.out += int((far & there).sum())
        expected = self.expected.get(heading.reading)
        if expected is None:
            return
        if heading.reading == "temperature":
            self._count_kelvin(found, values, far)
            return
        of_cell = heading.reading in {"asr", "capacity"}
        use = there & (values > 0)
        use = use & live if live is not None and of_cell else use
        odd = use if live is not None and of_cell else use & far
        self._count_bands(found, values, use, odd, expected.low, expected.high)

    def count_spectra(self, headings: Mapping[str, Heading], frequency_hz: Floats, re: Floats, im: Floats) -> None:
        """Count rows of spectra, Hz and ohm cm2, against the circuit of the process."""
        use = np.isfinite(frequency_hz) & (frequency_hz > 0)
        if not use.any():
            return
        low, high = float(frequency_hz[use].min()), float(frequency_hz[use].max())
        if self._frequency is not None:
            low, high = min(low, self._frequency[1]), max(high, self._frequency[2])
        self._frequency = headings["frequency"], low, high
        listed, which = np.unique(frequency_hz[use], return_inverse=True)
        wanted = impedance(self._circuit, listed)[which.reshape(-1)]
        for name, values, usual in (("re", re, wanted.real), ("im", im, wanted.imag)):
            found = self._count_of(headings[name])
            size, around = np.abs(values[use]), np.abs(usual)
            there = np.isfinite(size) & (size > 0)
            found.values += int(there.sum())
            self._count_bands(found, size, there, there & False, around / _AROUND, around * _AROUND)

    def require(self, where: str) -> None:
        """Refuse the file that was counted, or say what is odd of it.

        Raises:
            InputError: many values would be right with another prefix of their unit, or most cannot be readings.
        """
        problems = [problem for found in self._counts.values() for problem in self._problem(found, where)]
        problems += self._sweep_problem(where)
        if problems:
            raise InputError(problems)

    def _count_of(self, heading: Heading) -> _Count:
        return self._counts.setdefault(heading.reading, _Count(heading))

    def _count_kelvin(self, found: _Count, values: Floats, far: NDArray[np.bool_]) -> None:
        low, high = self.ranges.get("temperature", (-np.inf, np.inf))
        found.judged = found.values
        for sign, key in ((-1.0, 1e-3), (1.0, 1e3)):
            moved = values + sign * _KELVIN
            fits = far & (moved >= low) & (moved <= high)
            self._add(found, key, values, fits, fits)

    def _count_bands(
        self, found: _Count, values: Floats, use: NDArray[np.bool_], odd: NDArray[np.bool_], low: float | Floats,
        high: float | Floats,
    ) -> None:  # fmt: skip
        found.judged += int(use.sum())
        with np.errstate(invalid="ignore", over="ignore"):
            right = (values >= low) & (values <= high)
            for factor in _WORDS:
                fits = use & ~right & (values * factor >= low) & (values * factor <= high)
                self._add(found, factor, values, fits, fits & odd)

    @staticmethod
    def _add(found: _Count, key: float, values: Floats, fits: NDArray[np.bool_], odd: NDArray[np.bool_]) -> None:
        count = int(fits.sum())
        if count:
            found.fits[key] += count
            found.odd[key] += int(odd.sum())
            found.first.setdefault(key, float(values[np.flatnonzero(fits)[0]]))

    def _problem(self, found: _Count, where: str) -> list[Problem]:
        reading, heading = found.heading.reading, found.heading
        words = _IN_WORDS.get(reading, reading)
        factor = max(found.fits, key=lambda key: found.fits[key])
        count, unit = found.fits[factor], _UNITS.get(reading, "")
        most = _MOST.get(reading, _MOST_OF_OTHERS)
        if not heading.sure and count > most * found.judged:
            told = f"{found.first[factor]:.4g} {unit}"
            right = "in the other unit of temperature" if reading == "temperature" else _WORDS[factor]
            what = f"{count} of {found.judged} {words} would be right {right}, such as {told}"
            return [Problem(what, where, self._source(reading), _remedy(heading, factor))]
        low, high = self.ranges.get(reading, (-np.inf, np.inf))
        if reading != "contact" and found.out > _MOST_OUT * found.values:
            what = f"{found.out} of {found.values} {words} are out of range, {low:g} .. {high:g} {unit}"
            range_of = f"another unit or sign in the heading {heading.text!r}, or test.readings.{reading} in "
            remedy = range_of + Input("rules")
            return [Problem(what, where, remedy=remedy)]
        odd = found.odd[factor]
        if odd and (found.out or odd > _NAMED * found.judged):
            right = "in range in the other unit" if reading == "temperature" else f"as expected {_WORDS[factor]}"
            note = f"{where}: {odd} {words} would be {right}: mixed units?"
            self._findings.note(note)
        return []

    def _source(self, reading: str) -> str:
        if reading in {"re", "im"}:
            return "about those of the circuit of the process (test.circuit)"
        expected = self.expected[reading]
        return f"{expected.low:.4g} .. {expected.high:.4g} {_UNITS[reading]}, by {expected.source}"

    def _sweep_problem(self, where: str) -> list[Problem]:
        if self._frequency is None:
            return []
        heading, low, high = self._frequency
        ends = self._sweep_hz
        told = f"frequencies from {_hertz(low)} to {_hertz(high)}"
        usual = f"{_hertz(ends[0])} to {_hertz(ends[1])}"
        beyond = max(ends[0] / low, low / ends[0], ends[1] / high, high / ends[1])
        for factor, words in _WORDS.items():
            near = ends[0] / _SPAN <= low * factor <= ends[0] * _SPAN
            near &= ends[1] / _SPAN <= high * factor <= ends[1] * _SPAN
            if near and beyond > _BEYOND and not heading.sure:
                what = f"has {told}, which {words} would be the sweep of the process, {usual}"
                remedy = _remedy(heading, factor) + "; or the sweep as it was, in [test.sweep] of " + Input("rules")
                return [Problem(what, where, remedy=remedy)]
        if beyond > _SPAN:
            note = f"{where}: {told}; the sweep of the process is {usual}"
            self._findings.note(note)
        return []


def _expected(
    test: WebTest, pdk: Pdk, cells: RepeatMap, ranges: Mapping[str, tuple[float, float]]
) -> dict[str, Expected]:
    asr = pdk.electrical.area_specific_resistance.value
    low, high = value_in(test.gauge.low, "ocv") / 2, value_in(test.gauge.high, "ocv") * 1.5
    contact = ranges.get("contact", (0.0, np.inf))[1]
    found = {
        "ocv": Expected(low, high, "test.gauge of the process"),
        "asr": Expected(asr / _AROUND, asr * _AROUND, "electrical.area_specific_resistance of the process"),
        "capacity": Expected(cells.nominal_mah / _AROUND, cells.nominal_mah * _AROUND, "the design's cell"),
    }
    if np.isfinite(contact):
        found["contact"] = Expected(contact * _LEAST_CONTACT, contact, "test.readings.contact of the process")
    if "temperature" in ranges:
        found["temperature"] = Expected(*ranges["temperature"], "test.readings.temperature of the process")
    return found


def _remedy(heading: Heading, factor: float) -> Wording:
    """What to write: the unit that the values are in, in the heading or beside it."""
    unit = unit_of_factor(heading, factor)
    if not unit:
        return f"the unit that the values of {heading.text!r} have"
    return f"{unit} in the heading, not {heading.unit}, or " + Input("unit", f"{heading.reading}={unit}")


def _hertz(value: float) -> str:
    for unit, size in (("GHz", 1e9), ("MHz", 1e6), ("kHz", 1e3), ("Hz", 1.0), ("mHz", 1e-3)):
        if value >= size * 0.9995:
            return f"{value / size:.4g} {unit}"
    return f"{value:.4g} Hz"
