"""Spectra as rows of (cell, frequency, real, imaginary), and their verdicts."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.lot.reading.batch import Findings, Rows
from layoutgen.lot.reading.columns import ColumnReader, Places
from layoutgen.lot.reading.headings import Heading
from layoutgen.lot.reading.tables import OpenTable
from layoutgen.lot.reading.values import Gauge
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import (
    BAD_SPECTRUM,
    CELL,
    NULL,
    REPEAT,
    SPECTRA,
    About,
    Matrix,
    arrow,
    metadata_of,
    repeats_a_group,
    ticks,
)
from layoutgen.lot.validity import Lot, Validity, lot_of, verdicts
from layoutgen.lot.webmap import RepeatMap
from layoutgen.web.addresses import UNKNOWN

_ROW: Final = np.dtype([("index", "i8"), ("file", "i4"), ("f", "f8"), ("re", "f8"), ("im", "f8")])
_LISTS: Final = ("re_ohm_cm2", "im_ohm_cm2")
_MOST_OF_A_SIGN: Final = 0.5
_SAMPLE: Final = 20_000
"""A lot's medians are taken of so many spectra, evenly spaced, or of all where there are at most twice as many."""


class SpectraOfWeb:
    """Collects spectra of all files, on one list of frequencies. Rows are put down by repeats as they come."""

    def __init__(self, cells: RepeatMap, findings: Findings, folder: Path, gauge: Gauge) -> None:
        self._map, self._findings, self._folder, self._gauge = cells, findings, folder, gauge
        self._group = repeats_a_group(cells.cells) * cells.cells
        self._files: list[str] = []
        self._last = -1
        self.rows = 0
        """Rows of spectra of cells that were taken."""

    @property
    def count(self) -> int:
        """Files that were read."""
        return len(self._files)

    @property
    def repeats(self) -> int:
        """Repeats up to the last spectrum."""
        return self._last // self._map.cells + 1

    def read(
        self,
        table: OpenTable,
        headings: tuple[Heading, ...],
        places: Places,
        where: str,
        tell: Callable[[int], object],
    ) -> None:
        """Read a file of spectra.

        Raises:
            InputError: it names no cells of this design.
        """
        reader = _SpectrumReader(headings, places, self._findings, where)
        known = 0
        for place, batch in table.batches:
            rows = reader.rows(batch, place)
            self._gauge.check.count_spectra(reader.headings, rows["f"], rows["re"], rows["im"])
            rows["file"] = len(self._files)
            known += len(rows)
            self.rows += len(rows)
            group = rows["index"] // self._group
            for number in np.unique(group).tolist():
                with self._path(number).open("ab") as file:
                    rows[group == number].tofile(file)
            self._last = max(self._last, int(rows["index"].max(initial=-1)))
            tell(batch.num_rows)
        if not known:
            raise InputError(Problem("holds no spectrum of a cell of this design", where))
        self._files.append(where)

    def _path(self, group: int) -> Path:
        return self._folder / f"{group}.spectra"

    def judged(self, path: Path, about: About) -> "JudgedSpectra":
        """All spectra, ready to be judged in the order of the web, on the frequencies that most of them have.

        Args:
            path: ``spectra.parquet``, which is written then.
            about: the web.

        Raises:
            InputError: they have fewer than five frequencies.
        """
        if not self._files:
            return JudgedSpectra(None, path, about, self._gauge)
        groups = [number for number in range(self._last // self._group + 1) if self._path(number).is_file()]
        frequency = self._usual(groups)
        if len(frequency) < 5:
            what = f"spectra have {len(frequency)} frequencies"
            raise InputError(Problem(what, ", ".join(self._files), "5 or more"))
        sample, step, other = np.zeros((0, len(frequency)), dtype=np.complex128), 1, 0
        seen = 0
        for number in groups:
            index, z, wrong = _assembled(np.fromfile(self._path(number), dtype=_ROW), frequency)
            self._path(number).unlink()
            np.save(self._path(number).with_suffix(".index.npy"), index)
            np.save(self._path(number).with_suffix(".z.npy"), z)
            sample = np.concatenate([sample, z[-seen % step :: step]])
            seen, other = seen + len(z), other + wrong
            while len(sample) > 2 * _SAMPLE:
                sample, step = sample[::2], 2 * step
        self._require_signs(sample)
        if other:
            text = f"{other} spectra have other frequencies, or not all, and are left out"
            self._findings.add("other_frequencies", other, text)
            self._findings.notes.append(text)
        groups_of = {number * self._group // about.cells: self._path(number) for number in groups}
        return JudgedSpectra(Collected(groups_of, frequency, lot_of(sample, frequency)), path, about, self._gauge)

    def _require_signs(self, sample: NDArray[np.complex128]) -> None:
        if not sample.size:
            return
        signs = (
            (sample.imag > 0, "are inductive", "-Im(Z)", "the imaginary part"),
            (sample.real < 0, "have a negative real part", "-Re(Z)", "the real part"),
        )
        for wrong, words, heading, part in signs:
            remedy = f"{heading} in the heading where the negative of {part} is given"
            if wrong.mean() > _MOST_OF_A_SIGN:
                what = f"{100 * wrong.mean():.0f} % of the points of the spectra {words}"
                raise InputError(Problem(what, ", ".join(self._files), remedy=remedy))

    def _usual(self, groups: list[int]) -> NDArray[np.float64]:
        """The frequencies of the first spectrum that has as many as most have, the highest first."""
        lengths: Counter[int] = Counter()
        first: dict[int, NDArray[np.float64]] = {}
        for number in groups:
            rows = np.fromfile(self._path(number), dtype=_ROW)
            rows = rows[np.argsort(rows["index"], kind="stable")]
            rows = rows[rows["file"] == rows["file"][0]]
            _, starts, counts = np.unique(rows["index"], return_index=True, return_counts=True)
            lengths.update(counts.tolist())
            for length in np.unique(counts).tolist():
                start = int(starts[counts == length][0])
                first.setdefault(length, np.unique(rows["f"][start : start + length])[::-1])
        return first[lengths.most_common(1)[0][0]]


def _assembled(
    rows: NDArray[Any], frequency_hz: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.complex128], int]:
    """Places and spectra of rows, sorted by place, and how many cells have other frequencies, or not all.

    Of a cell that was swept more than once the last sweep counts.
    """
    n = len(frequency_hz)
    rows = rows[np.lexsort((-rows["f"], rows["file"], rows["index"]))]
    key = rows[["index", "file", "f"]]
    rows = rows[np.append(key[1:] != key[:-1], True)]
    sweep = np.flatnonzero(np.r_[True, (np.diff(rows["index"]) != 0) | (np.diff(rows["file"]) != 0)])
    counts = np.diff(np.append(sweep, len(rows)))
    index = rows["index"][sweep]
    whole = counts == n
    places = sweep[whole][:, None] + np.arange(n)
    whole[whole] = np.isclose(rows["f"][places], frequency_hz, rtol=1e-3).all(axis=1)
    last = np.append(index[whole][1:] != index[whole][:-1], True)[: int(whole.sum())]
    kept = sweep[whole][last][:, None] + np.arange(n)
    other = len(np.unique(index)) - len(kept)
    return index[whole][last], rows["re"][kept] + 1j * rows["im"][kept], other


@dataclass(frozen=True, slots=True)
class Collected:
    """Spectra that wait for their verdicts: first repeat of a row group, from 0 -> where they are put down."""

    groups: dict[int, Path]
    frequency_hz: NDArray[np.float64]
    lot: Lot


class JudgedSpectra:
    """Judges spectra row group by row group, and writes ``spectra.parquet``."""

    def __init__(self, collected: Collected | None, path: Path, about: About, gauge: Gauge) -> None:
        self._collected, self._path, self._about, self._gauge = collected, path, about, gauge
        self._count = self._valid = 0
        self._file: Any = None

    def put(self, data: dict[str, Matrix], start: int) -> None:
        """Put verdicts, and the resistance at the lowest frequency where no file told it, into a row group."""
        if self._collected is None or start not in self._collected.groups:
            return
        held = self._collected.groups[start]
        index, z = np.load(held.with_suffix(".index.npy")), np.load(held.with_suffix(".z.npy"))
        if not len(index):
            return
        frequency = self._collected.frequency_hz
        told = z[:, int(np.argmin(frequency))].real
        possible = self._gauge.resistance(index, told, "spectra")
        validity = verdicts(z, frequency, self._collected.lot)
        validity = replace(validity, valid=validity.valid & possible)
        self._count, self._valid = self._count + len(index), self._valid + int(validity.valid.sum())
        place = index - start * self._about.cells
        status, passes = data["status"].reshape(-1), data["passes"].reshape(-1)
        status[place[~validity.valid]] |= BAD_SPECTRUM
        passes[place] = np.maximum(passes[place], 1)
        asr = data["asr_mohm_cm2"].reshape(-1)
        counted = ticks(told, COLUMN_OF["asr"])
        sound = possible & (counted != NULL) & (asr[place] == NULL)
        asr[place[sound]] = counted[sound]
        self._write(index, z, validity)

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()

    def record(self) -> dict[str, Any]:
        """What import.json says of them."""
        if self._collected is None:
            return {"count": 0}
        frequency, lot = self._collected.frequency_hz, self._collected.lot
        return {
            "count": self._count,
            "valid": self._valid,
            "points": len(frequency),
            "low_hz": float(frequency.min()),
            "high_hz": float(frequency.max()),
            "limit_lin_kk": float(f"{lot.limit_lin_kk:.6g}"),
            "limit_z_hit": float(f"{lot.limit_z_hit:.6g}") if np.isfinite(lot.limit_z_hit) else None,
        }

    def _write(self, index: NDArray[np.int64], z: NDArray[np.complex128], validity: Validity) -> None:
        pa = arrow()
        repeat, cell = np.divmod(index, self._about.cells)
        n = z.shape[1]
        lists = [
            pa.FixedSizeListArray.from_arrays(pa.array(part.astype(np.float32).ravel()), n)
            for part in (z.real, z.imag)
        ]
        arrays = [
            pa.array((repeat + 1).astype(np.int32)), pa.array(cell.astype(np.int32)), pa.array(validity.valid),
            pa.array(validity.lin_kk.astype(np.float32)), pa.array(validity.z_hit.astype(np.float32)), *lists,
        ]  # fmt: skip
        if self._file is None:
            assert self._collected is not None
            names = [REPEAT.name, CELL.name, *(column.name for column in SPECTRA.columns), *_LISTS]
            told = [float(f"{f:.9g}") for f in self._collected.frequency_hz]
            known = replace(self._about, more={"frequency_hz": told})
            fields = [pa.field(a, b.type) for a, b in zip(names, arrays, strict=True)]
            schema = pa.schema(fields, metadata=metadata_of(SPECTRA, known))
            self._file = pa.parquet.ParquetWriter(self._path, schema, compression="zstd")
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._file.schema), row_group_size=len(index))


class _SpectrumReader(ColumnReader):
    """Rows of spectra; a column reader without readings of its own."""

    def __init__(self, headings: tuple[Heading, ...], places: Places, findings: Findings, where: str) -> None:
        self.headings = {heading.reading: heading for heading in headings}
        self.places, self.findings, self.where = places, findings, where
        self._pa = arrow()
        if "id" not in self.headings and not {"block", "column", "row"} <= set(self.headings):
            raise InputError(
                Problem("no column says which cell a spectrum is of", where, "a column id, beside f/Hz, Re, Im")
            )

    def rows(self, batch: Any, place: Rows) -> NDArray[Any]:
        """Rows of cells of this design, Hz and ohm cm2; those with a number missing are left out."""
        rows = np.zeros(batch.num_rows, dtype=_ROW)
        rows["index"] = self.cells_of(batch, place)
        rows["f"] = self.numbers(batch, "frequency", place) * self.headings["frequency"].factor
        for name in ("re", "im"):
            heading = self.headings[name]
            area = self.places.map.area_cm2 if heading.times_area else 1.0
            rows[name] = self.numbers(batch, name, place) * heading.factor * area
        finite = np.isfinite(rows["f"]) & np.isfinite(rows["re"]) & np.isfinite(rows["im"])
        none = finite & (rows["f"] <= 0)
        shown = [f"{place.at(row)}: frequency {rows['f'][row]:g} Hz" for row in np.flatnonzero(none)[:3].tolist()]
        self.findings.add("out_of_range", int(none.sum()), *shown)
        finite &= ~none
        known: NDArray[Any] = rows[(rows["index"] != UNKNOWN) & finite]
        return known
