"""Readings in an overlay DeviceDataMap of SEMI E142.

No public schema of its content was found, and files differ. What is read: any element that states X and Y, or
lies in one that does, with a number as its text or its ``Value``, named by its ``Name``, its tag, or the map where
that states one reading for all, with a unit in ``Units`` or ``Unit`` or behind the name; attributes of such an
element that are headings themselves, ``ocv_mV="3850"``; and texts without X and Y as rows of numbers.
"""

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.lot.reading.batch import READINGS, Findings, Rows, records
from layoutgen.lot.reading.device_map import DeviceMap
from layoutgen.lot.reading.headings import Heading, read_headings
from layoutgen.lot.reading.values import Gauge

_PIECE: Final = 1 << 16
_NAMES: Final = ("Name", "DataName", "Id", "Key")
_UNITS: Final = ("Units", "Unit")
_OWN: Final = {*_NAMES, *_UNITS, "X", "Y", "Value", "Type", "DataType", "MapName", "MapVersion"}
_EMPTY: Final = {"", "nan", "na", "null", "none", "-"}
Attributes = dict[str, str]


class DeviceData:
    """Takes the elements of one map."""

    def __init__(
        self, given: Attributes, overlay: str, device: DeviceMap, first: tuple[int, int],
        gauge: Gauge, findings: Findings, ready: Callable[[NDArray[Any]], None],
    ) -> None:  # fmt: skip
        self._device, self._first = device, first
        self._gauge, self._findings, self._ready = gauge, findings, ready
        self._name = next((given[key] for key in _NAMES if key in given), overlay)
        self._unit = next((given[key] for key in _UNITS if key in given), "")
        self._inside: list[tuple[str, Attributes]] = []
        self._headings: dict[tuple[str, str], Heading | None] = {}
        self._held: dict[Heading, list[tuple[int, float]]] = {}
        self._rows: dict[Heading, list[NDArray[np.float64]]] = {}
        self._taken: dict[Heading, int] = {}

    def start(self, tag: str, given: Attributes) -> None:
        """An element begins."""
        above = self._inside[-1][1] if self._inside else {}
        self._inside.append((tag, {key: above[key] for key in ("X", "Y") if key in above} | given))

    def end(self, text: str) -> None:
        """The element ends that began last."""
        tag, given = self._inside.pop()
        words = given.get("Value", text).split()
        name = next((given[key] for key in _NAMES if key in given), "")
        unit = next((given[key] for key in _UNITS if key in given), "")
        if not {"X", "Y"} <= given.keys():
            if words:
                self._row(name, unit, words)
            return
        for key, value in given.items():
            if key not in _OWN:
                self._value(key, "", value, given)
        if len(words) == 1:
            if not name and self._is_heading(tag, unit):
                name = tag
            self._value(name or self._name, unit or ("" if name else self._unit), words[0], given)

    def close(self) -> None:
        """Take what is left; rows must be whole repeats."""
        for heading, rows in self._rows.items():
            count = self._taken.get(heading, 0) + len(rows)
            if count % self._device.block.rows:
                what = f"has {count} rows of {heading.reading}, which are no repeats of {self._device.block.rows}"
                raise InputError(Problem(what, self._device.where, "whole repeats; was the web cut?"))
            self._flush_rows(heading)
        for heading in self._held:
            self._flush(heading)

    def _row(self, name: str, unit: str, words: list[str]) -> None:
        heading = self._heading(name or self._name, unit or self._unit)
        if heading is None:
            return
        columns = self._device.block.columns
        if len(words) != columns:
            what = f"has a row of {len(words)} values of {heading.reading}"
            raise InputError(Problem(what, self._device.where, f"{columns} columns; were x and y swapped?"))
        rows = self._rows.setdefault(heading, [])
        rows.append(np.array([self._number(word, heading) for word in words]))
        if len(rows) * columns >= _PIECE and not self._device.down:
            self._flush_rows(heading)

    def _flush_rows(self, heading: Heading) -> None:
        rows, first = self._rows[heading], self._taken.get(heading, 0)
        if rows:
            # the first row is that of the origin's side
            values = np.stack(rows[::-1] if self._device.down else rows)
            values = values[:, ::-1] if self._device.left else values
            self._put(heading, self._device.places(first, len(values)).ravel(), values.ravel())
            self._rows[heading], self._taken[heading] = [], first + len(rows)

    def _value(self, name: str, unit: str, text: str, given: Attributes) -> None:
        heading = self._heading(name, unit)
        if heading is None:
            return
        place = self._device.at(given["X"], given["Y"], self._first)
        if place is None:
            there = f"{self._device.where}: X {given['X'][:12]}, Y {given['Y'][:12]}"
            self._findings.add("unknown", 1, f"{there}; {self._device.span(self._first)}")
            return
        held = self._held.setdefault(heading, [])
        held.append((place, self._number(text, heading)))
        if len(held) >= _PIECE:
            self._flush(heading)

    def _number(self, text: str, heading: Heading) -> float:
        try:
            return float(text)
        except ValueError:
            if text.strip().lower() not in _EMPTY:
                where = f"{self._device.where}: {heading.reading} {text[:40]!r}"
                self._findings.add("unreadable", 1, where)
            return math.nan

    def _is_heading(self, name: str, unit: str) -> bool:
        try:
            return any(h.reading in READINGS for h in read_headings([f"{name}/{unit}" if unit else name], ""))
        except InputError:
            return False

    def _heading(self, name: str, unit: str) -> Heading | None:
        """What a name says; None, and noted once, where it is nothing that is read here."""
        key = name, unit
        if key not in self._headings:
            text = f"{name}/{unit}" if unit else name
            found = next(iter(read_headings([text], self._device.where, self._gauge.units)), None)
            self._headings[key] = found if found is not None and found.reading in READINGS else None
            if self._headings[key] is None:
                self._findings.note(f"{self._device.where}: {text!r} says nothing that is read here")
        return self._headings[key]

    def _flush(self, heading: Heading) -> None:
        held = self._held[heading]
        if held:
            places, values = zip(*held, strict=True)
            self._held[heading] = []
            self._put(heading, np.array(places, dtype=np.int64), np.array(values))

    def _put(self, heading: Heading, places: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        there = np.isfinite(values)
        made = records(int(there.sum()))
        made["index"] = places[there]
        self._gauge.put(made, heading, values[there], Rows(self._device.where))
        self._ready(made)
