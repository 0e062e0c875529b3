"""From columns of a table, by its headings, to records: addresses or coordinates to places, texts to numbers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.geometry.nearest import boxes_at
from layoutgen.lot.reading.batch import READINGS, Findings, Rows, records
from layoutgen.lot.reading.headings import Heading, nothing_known
from layoutgen.lot.reading.values import Gauge
from layoutgen.lot.table import arrow
from layoutgen.lot.webmap import RepeatMap
from layoutgen.web.addresses import UNKNOWN, WebAddresses
from layoutgen.web.plan import WebPlan

MOST_REPEATS: Final = 10_000_000
_EMPTY: Final = ("", "nan", "na", "n/a", "null", "none", "-", "--")
_COMMA: Final = r"[+-]?\d+,\d+"
_NUMBER: Final = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_SHOWN: Final = 5
_REPEAT: Final = re.compile(r"[Ww]?0*(\d{1,9})")


class Places:
    """Finds the cell that a row of a table speaks of: its index on the web, repeat after repeat, from 0."""

    def __init__(self, cells: RepeatMap, plan: WebPlan, findings: Findings) -> None:
        self.map, self.findings = cells, findings
        self._web, self._one = WebAddresses(plan, MOST_REPEATS), WebAddresses(plan)
        self._tolerance_um = (cells.kerf_um + min(cells.cell_um)) / 2

    def of_addresses(
        self, texts: NDArray[np.str_], repeat: NDArray[np.int64] | None, rows: Rows
    ) -> NDArray[np.int64]:
        """Addresses with their repeat in them, or in a column of its own; without either, all in repeat 1."""
        on_web = self._web.indices(texts)
        within = self._one.indices(texts)
        number = np.ones(len(texts), dtype=np.int64) if repeat is None else repeat
        combined = np.where((within != UNKNOWN) & (number >= 1), (number - 1) * self.map.cells + within, UNKNOWN)
        found = np.where(on_web != UNKNOWN, on_web, combined)
        clash = (on_web != UNKNOWN) & (repeat is not None) & (on_web // self.map.cells + 1 != number)
        found = np.where(clash, UNKNOWN, found)
        self._report(found, texts, rows)
        return found

    def of_numbers(self, parts: Mapping[str, NDArray[np.int64]], rows: Rows) -> NDArray[np.int64]:
        """Repeat, field, block, column and row in columns of their own."""
        columns = (parts[key].tolist() for key in ("repeat", "field", "block", "column", "row"))
        names = [f"W{w}-F{f}-B{b}-C{c}-R{r}" for w, f, b, c, r in zip(*columns, strict=True)]
        texts = np.array(names) if names else np.empty(0, dtype=np.str_)
        found = self._web.indices(texts)
        self._report(found, texts, rows)
        return found

    def of_points(
        self, x_mm: NDArray[np.float64], y_mm: NDArray[np.float64], repeat: NDArray[np.int64] | None, rows: Rows
    ) -> NDArray[np.int64]:
        """Coordinates from the lower left of the first repeat, or of the one that a column names."""
        sound = np.isfinite(x_mm) & np.isfinite(y_mm)
        x, y = np.where(sound, x_mm, -1e6) * 1000, np.where(sound, y_mm, -1e6) * 1000
        number = np.floor(y / self.map.length_um).astype(np.int64) if repeat is None else repeat - 1
        local = y - number * self.map.length_um if repeat is None else y
        cell = boxes_at(self.map.x_um + 1j * self.map.y_um, self.map.size_um, x + 1j * local)
        found = np.where((cell >= 0) & (number >= 0), number * self.map.cells + cell, UNKNOWN)
        lost = np.flatnonzero(found == UNKNOWN)[:_SHOWN].tolist()
        shown = [f"{rows.at(row)}: x {x_mm[row]:g}, y {y_mm[row]:g} mm" for row in lost]
        self.findings.add("unknown", int((found == UNKNOWN).sum()), *shown)
        return found

    def _report(self, found: NDArray[np.int64], texts: NDArray[np.str_], rows: Rows) -> None:
        lost = found == UNKNOWN
        count, where = int(lost.sum()), rows.file
        if count:
            shown = [f"{rows.at(row)}: {texts[row][:60]!r}" for row in np.flatnonzero(lost)[:_SHOWN].tolist()]
            self.findings.add("unknown", count, *shown)
            swapped = [re.sub(r"[Cc](\d+)-[Rr](\d+)", r"C\2-R\1", text) for text in texts[lost][:200].tolist()]
            again = np.maximum(self._web.indices(np.array(swapped)), self._one.indices(np.array(swapped)))
            if (again != UNKNOWN).mean() > 0.5:
                self.findings.add("swapped", count)
                self.findings.note(
                    f"{where}: with column and row swapped most unknown cells would be known: swapped axes?"
                )


class ColumnReader:
    """Makes records of record batches of a table, by its headings."""

    def __init__(
        self,
        headings: tuple[Heading, ...],
        places: Places,
        gauge: Gauge | None,
        findings: Findings,
        where: str,
        known: Sequence[str] = (*READINGS, "bin"),
    ) -> None:
        """Bind the headings of a table.

        Args:
            headings: what its columns hold.
            places: finds the cells.
            gauge: puts readings in ticks; None where :meth:`records` is not asked for.
            findings: what is wrong with rows is counted there.
            where: the file, for messages.
            known: readings of which one must be there.
        """
        self.headings = {heading.reading: heading for heading in headings}
        self.places, self.gauge, self.findings, self.where = places, gauge, findings, where
        self._pa = arrow()
        holds = set(self.headings)
        by_number = {"block", "column", "row"} <= holds
        if not ("id" in holds or by_number or {"x", "y"} <= holds) or not holds & set(known):
            raise nothing_known([heading.text for heading in headings], where)

    def records(self, batch: Any, rows: Rows) -> NDArray[Any]:
        """Records of a batch of columns, whose rows stand where ``rows`` says."""
        assert self.gauge is not None
        made = records(batch.num_rows)
        made["index"] = self.cells_of(batch, rows)
        for name in READINGS:
            if name in self.headings:
                self.gauge.put(made, self.headings[name], self.numbers(batch, name, rows), rows)
        if "time" in self.headings:
            made["time"] = self.numbers(batch, "time", rows) * self.headings["time"].factor
        for name, most in (("site", 0xFFFF), ("bin", 0xFFFE)):
            if name in self.headings:
                made[name] = self._small(batch, name, rows, most)
        known: NDArray[Any] = made[made["index"] != UNKNOWN]
        return known

    def numbers(self, batch: Any, reading: str, rows: Rows) -> NDArray[np.float64]:
        """A column as numbers; empty is NaN; what is no number is counted and NaN."""
        column = batch.column(self.headings[reading].place)
        pa, pc = self._pa, self._pa.compute
        if not pa.types.is_string(column.type):
            try:
                cast = pc.cast(column, pa.float64())
            except pa.ArrowException:
                what = f"column {self.headings[reading].text!r} holds {column.type}"
                raise InputError(Problem(what, self.where, "numbers, or text")) from None
            return np.asarray(cast.fill_null(np.nan).to_numpy(zero_copy_only=False), dtype=np.float64)
        plain = pc.utf8_trim_whitespace(column)
        empty = pc.is_in(pc.utf8_lower(plain), value_set=pa.array(_EMPTY))
        blank = int(pc.sum(pc.and_(empty, pc.not_equal(plain, ""))).as_py() or 0)
        if blank:
            said = pc.and_(empty, pc.not_equal(plain, "")).to_numpy(zero_copy_only=False)
            told = (f"{rows.at(at)}: {reading} {plain[at].as_py()!r}" for at in np.flatnonzero(said)[:3].tolist())
            self.findings.add("no_number", blank, *told)
        text = pc.if_else(empty, pa.scalar(None, pa.string()), plain)
        try:
            cast = pc.cast(text, pa.float64())
        except pa.ArrowException:
            cast = self._one_by_one(text, reading, rows)
        return np.asarray(cast.fill_null(np.nan).to_numpy(zero_copy_only=False), dtype=np.float64)

    def _one_by_one(self, text: Any, reading: str, rows: Rows) -> Any:
        pc = self._pa.compute
        right = pc.fill_null(pc.match_substring_regex(text, _NUMBER), True)  # noqa: FBT003
        wrong = np.flatnonzero(~right.to_numpy(zero_copy_only=False))
        values = [text[at].as_py()[:40] for at in wrong[:3].tolist()]
        places = [rows.at(at) for at in wrong[:3].tolist()]
        told = (f"{place}: {reading} {value!r}" for place, value in zip(places, values, strict=True))
        self.findings.add("unreadable", len(wrong), *told)
        if any(re.fullmatch(_COMMA, value) for value in values):
            self.findings.note(f"{self.where}: numbers with a decimal comma are not read; write 3.85")
        return pc.cast(pc.if_else(right, text, self._pa.scalar(None, self._pa.string())), self._pa.float64())

    def _small(self, batch: Any, name: str, rows: Rows, most: int) -> NDArray[np.uint16]:
        values = self.numbers(batch, name, rows)
        sound = np.isfinite(values) & (values >= 0) & (values <= most) & (values == np.floor(values))
        missing = 0 if name == "site" else 0xFFFF
        return np.where(sound, values, missing).astype(np.uint16)

    def _texts(self, batch: Any, name: str) -> NDArray[np.str_]:
        column = batch.column(self.headings[name].place)
        if not self._pa.types.is_string(column.type):
            column = self._pa.compute.cast(column, self._pa.string())
        return np.asarray(column.fill_null("").to_pylist(), dtype=np.str_)

    def repeat_of(self, batch: Any) -> NDArray[np.int64] | None:
        """The repeat of each row, from 1; None where no column says it."""
        if "repeat" not in self.headings:
            return None
        texts = self._texts(batch, "repeat")
        seen, which = np.unique(texts, return_inverse=True)
        matches = [_REPEAT.fullmatch(text.strip()) for text in seen.tolist()]
        numbers = np.array([int(match[1]) if match else 0 for match in matches], dtype=np.int64)
        return numbers[which.ravel()] if len(numbers) else np.zeros(0, dtype=np.int64)

    def cells_of(self, batch: Any, rows: Rows) -> NDArray[np.int64]:
        """Index on the web, repeat after repeat from 0, of the cell of each row; :data:`UNKNOWN` for none."""
        repeat = self.repeat_of(batch)
        if "id" in self.headings:
            return self.places.of_addresses(self._texts(batch, "id"), repeat, rows)
        if {"block", "column", "row"} <= set(self.headings):
            parts: dict[str, NDArray[np.int64]] = {}
            for name in ("field", "block", "column", "row"):
                if name in self.headings:
                    parts[name] = self._whole(batch, name, rows)
            parts.setdefault("field", np.ones(batch.num_rows, dtype=np.int64))
            parts["repeat"] = np.ones(batch.num_rows, dtype=np.int64) if repeat is None else repeat
            return self.places.of_numbers(parts, rows)
        x, y = (self.numbers(batch, name, rows) * self.headings[name].factor for name in ("x", "y"))
        return self.places.of_points(x, y, repeat, rows)

    def _whole(self, batch: Any, name: str, rows: Rows) -> NDArray[np.int64]:
        values = self.numbers(batch, name, rows)
        return np.where(np.isfinite(values), values, 0).astype(np.int64)
