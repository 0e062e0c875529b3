"""All passes of cells that were read more than once: the last valid one counts, the others are kept beside it."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.gauge import FILE as PASSES
from layoutgen.lot.reading.batch import READINGS
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import CELL, NULL, PASSES_FORM, REPEAT, About, arrow, metadata_of

__all__ = ["PASSES", "Passes"]

_FEW = 10
_MOST_CHANGED = 0.003
"""As a share of the cells read again; of one web hardly a cell in ten thousand."""


class Passes:
    """Writes passes.parquet row group by row group; there is no file where no cell was read twice."""

    def __init__(self, path: Path, about: About, contact_high_ohm: float, dead_v: float) -> None:
        self._path, self._about = path, about
        self._contact = contact_high_ohm / COLUMN_OF["contact"].tick
        self._dead = dead_v / COLUMN_OF["ocv"].tick
        self._again = self._died = self._revived = 0
        self._file: Any = None

    def add(self, made: NDArray[Any], start: int) -> None:
        """Records of a row group, sorted by cell; its first repeat is ``start``, from 0."""
        # readings of one cell in files of their own are one pass: only a reading that comes again is a second one
        again = np.zeros(len(made), dtype=bool)
        for name in READINGS:
            there = np.flatnonzero(made[name] != NULL)
            index = made["index"][there]
            twice = np.bincount(index, minlength=1)[index] > 1 if len(index) else np.zeros(0, dtype=bool)
            again[there[twice]] = True
        if again.any():
            self._write(made[again], start)
            self._compare(made[again])

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()

    def doubt(self) -> str:
        """What is said where cells died and others came to life between their readings; empty where they did not.

        A cell that died stays dead, and contacts that were made again bring cells to life only: of one web not both
        are many, of two webs they are as many.
        """
        if min(self._died, self._revived) <= max(_FEW, _MOST_CHANGED * self._again):
            return ""
        return (
            f"of {self._again} cells that were read more than once {self._died} died between the readings and "
            f"{self._revived} came to life: are the files of one web?"
        )

    def _compare(self, made: NDArray[Any]) -> None:
        read = made[self._touched(made) & (made["ocv"] != NULL)]
        first = np.flatnonzero(np.r_[True, read["index"][1:] != read["index"][:-1]][: len(read)])
        last = np.r_[first[1:], len(read)][: len(first)] - 1
        was, now = (read["ocv"][at[last > first]] >= self._dead for at in (first, last))
        self._again += len(was)
        self._died += int((was & ~now).sum())
        self._revived += int((~was & now).sum())

    def _touched(self, made: NDArray[Any]) -> NDArray[np.bool_]:
        touched: NDArray[np.bool_] = (made["contact"] == NULL) | (made["contact"] <= self._contact)
        return touched

    def _write(self, made: NDArray[Any], start: int) -> None:
        pa = arrow()
        repeat, cell = np.divmod(made["index"], self._about.cells)
        first = np.r_[True, made["index"][1:] != made["index"][:-1]]
        number = np.arange(len(made)) - np.maximum.accumulate(np.where(first, np.arange(len(made)), 0)) + 1
        touched = self._touched(made)
        arrays = [pa.array((repeat + start + 1).astype(np.int32)), pa.array(cell.astype(np.int32))]
        arrays += [pa.array(number.astype(np.int32)), pa.array(touched)]
        arrays += [pa.array(made[name], mask=made[name] == NULL) for name in READINGS]
        arrays += [
            pa.array(made["time"], mask=~np.isfinite(made["time"])),
            pa.array(made["site"]),
            pa.array(made["bin"]),
        ]
        names = [REPEAT.name, CELL.name, *(column.name for column in PASSES_FORM.columns)]
        if self._file is None:
            fields = [pa.field(a, b.type) for a, b in zip(names, arrays, strict=True)]
            schema = pa.schema(fields, metadata=metadata_of(PASSES_FORM, self._about))
            self._file = pa.parquet.ParquetWriter(self._path, schema, compression="zstd")
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._file.schema), row_group_size=len(made))
