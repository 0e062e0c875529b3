"""Spectra as rows of (cell, frequency, real, imaginary), and their verdicts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.lot.reading.batch import Findings
from layoutgen.lot.reading.columns import ColumnReader, Places
from layoutgen.lot.reading.headings import Heading
from layoutgen.lot.reading.tables import OpenTable
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import BAD_SPECTRUM, CELL, NULL, REPEAT, SPECTRA, About, Matrix, arrow, metadata_of
from layoutgen.lot.validity import Validity, judge
from layoutgen.lot.webmap import RepeatMap
from layoutgen.web.addresses import UNKNOWN


@dataclass
class JudgedSpectra:
    """Spectra with their verdicts; index is the place on the web, sorted."""

    index: NDArray[np.int64]
    frequency_hz: NDArray[np.float64]
    z: NDArray[np.complex128]
    validity: Validity | None

    def put(self, data: dict[str, Matrix], start: int, cells: int) -> None:
        """Put verdicts, and the resistance at the lowest frequency where no file told it, into a row group."""
        if self.validity is None:
            return
        count = len(data["passes"])
        low, high = np.searchsorted(self.index, [start * cells, (start + count) * cells])
        place = self.index[low:high] - start * cells
        status, passes = data["status"].reshape(-1), data["passes"].reshape(-1)
        status[place[~self.validity.valid[low:high]]] |= BAD_SPECTRUM
        passes[place] = np.maximum(passes[place], 1)
        asr = data["asr_mohm_cm2"].reshape(-1)
        lowest = int(np.argmin(self.frequency_hz))
        told = np.rint(self.z[low:high, lowest].real / COLUMN_OF["asr"].tick)
        sound = np.isfinite(told) & (np.abs(told) < 2**31) & (asr[place] == NULL)
        asr[place[sound]] = told[sound].astype(np.int32)

    def record(self) -> dict[str, Any]:
        """What import.json says of them."""
        if self.validity is None:
            return {"count": 0}
        return {
            "count": len(self.index),
            "valid": int(self.validity.valid.sum()),
            "points": len(self.frequency_hz),
            "low_hz": float(self.frequency_hz.min()),
            "high_hz": float(self.frequency_hz.max()),
            "limit_lin_kk": float(f"{self.validity.limit_lin_kk:.6g}"),
            "limit_z_hit": float(f"{self.validity.limit_z_hit:.6g}")
            if np.isfinite(self.validity.limit_z_hit)
            else None,
        }


@dataclass
class SpectraOfWeb:
    """Collects spectra of all files; all have one list of frequencies."""

    map: RepeatMap
    findings: Findings
    count: int = 0
    _frequency: NDArray[np.float64] | None = None
    _index: list[NDArray[np.int64]] = field(default_factory=list)
    _z: list[NDArray[np.complex128]] = field(default_factory=list)

    @property
    def repeats(self) -> int:
        """Repeats up to the last spectrum."""
        return max((int(part.max()) // self.map.cells + 1 for part in self._index if len(part)), default=0)

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
            InputError: it names no cells, or holds no whole spectrum.
        """
        reader = _SpectrumReader(headings, places, self.findings, where)
        parts = []
        for line, batch in table.batches:
            parts.append(reader.rows(batch, line))
            tell(batch.num_rows)
        rows = np.concatenate(parts, axis=1) if parts else np.zeros((4, 0))
        self._take(rows, where)

    def _take(self, rows: NDArray[np.float64], where: str) -> None:
        """Rows of (index, frequency, re, im); a spectrum is all rows of a cell."""
        rows = rows[:, np.isfinite(rows).all(axis=0) & (rows[0] != UNKNOWN)]
        order = np.lexsort((-rows[1], rows[0]))
        rows = rows[:, order]
        cells, starts, counts = np.unique(rows[0].astype(np.int64), return_index=True, return_counts=True)
        if not len(cells):
            raise InputError(Problem("holds no spectrum of a cell of this design", where))
        if self._frequency is None:
            usual = int(np.bincount(counts).argmax())
            first = starts[np.flatnonzero(counts == usual)[0]]
            self._frequency = rows[1, first : first + usual]
        n = len(self._frequency)
        if n < 5:
            raise InputError(Problem(f"spectra have {n} frequencies", where, "5 or more"))
        whole = counts == n
        places = starts[whole][:, None] + np.arange(n)
        same = (
            np.isclose(rows[1][places], self._frequency, rtol=1e-3).all(axis=1)
            if whole.any()
            else np.zeros(0, dtype=bool)
        )
        other = len(cells) - int(same.sum())
        self.findings.add(
            "other_frequencies", other, f"{where}: {other} spectra are not on the frequencies of the first"
        )
        if other:
            self.findings.notes.append(
                f"{where}: {other} spectra have other frequencies, or not all, and are left out"
            )
        kept = places[same]
        self._index.append(cells[whole][same])
        self._z.append(rows[2][kept] + 1j * rows[3][kept])
        self.count += len(kept)

    def judged(self, folder: Path, about: About) -> JudgedSpectra:
        """Judge all spectra and write spectra.parquet, where there are any."""
        if self._frequency is None or not self.count:
            return JudgedSpectra(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros((0, 0), dtype=complex), None)
        index, z = np.concatenate(self._index), np.concatenate(self._z)
        order = np.argsort(index, kind="stable")
        index, z = index[order], z[order]
        # of a cell that was swept twice the last one counts
        last = np.append(index[1:] != index[:-1], True)
        index, z = index[last], z[last]
        validity = judge(z, self._frequency)
        _write(folder / "spectra.parquet", index, self._frequency, z, validity, about)
        return JudgedSpectra(index, self._frequency, z, validity)


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

    def rows(self, batch: Any, line: int) -> NDArray[np.float64]:
        """(index, frequency, re, im) of a batch, Hz and ohm cm2."""
        index = self._places(batch, line).astype(np.float64)
        found = [index, self.numbers(batch, "frequency", line) * self.headings["frequency"].factor]
        for name in ("re", "im"):
            heading = self.headings[name]
            area = self.places.map.area_cm2 if heading.times_area else 1.0
            found.append(self.numbers(batch, name, line) * heading.factor * area)
        return np.stack(found)


def _write(
    path: Path, index: NDArray[np.int64], frequency_hz: NDArray[np.float64], z: NDArray[np.complex128],
    validity: Validity, about: About,
) -> None:  # fmt: skip
    pa = arrow()
    repeat, cell = np.divmod(index, about.cells)
    n = len(frequency_hz)
    lists = [
        pa.FixedSizeListArray.from_arrays(pa.array(part.astype(np.float32).ravel()), n) for part in (z.real, z.imag)
    ]
    arrays = [
        pa.array((repeat + 1).astype(np.int32)), pa.array(cell.astype(np.int32)), pa.array(validity.valid),
        pa.array(validity.lin_kk.astype(np.float32)), pa.array(validity.z_hit.astype(np.float32)), *lists,
    ]  # fmt: skip
    names = [REPEAT.name, CELL.name, *(column.name for column in SPECTRA.columns), "re_ohm_cm2", "im_ohm_cm2"]
    known = About(
        **{name: getattr(about, name) for name in About.__slots__ if name != "more"},
        more={"frequency_hz": [float(f"{f:.9g}") for f in frequency_hz]},
    )
    schema = pa.schema(
        [pa.field(a, b.type) for a, b in zip(names, arrays, strict=True)], metadata=metadata_of(SPECTRA, known)
    )
    pa.parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")
