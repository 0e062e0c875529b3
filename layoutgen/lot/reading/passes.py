"""All passes of cells that were read more than once: the last valid one counts, the others are kept beside it."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.gauge import FILE as PASSES
from layoutgen.lot.reading.batch import READINGS, RECORD
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import CELL, NULL, PASSES_FORM, REPEAT, About, arrow, metadata_of

__all__ = ["PASSES", "Passes"]
_MOST: Final = 4_000_000
"""Passes that are kept; a web that was read twice as a whole keeps those of its first cells."""


class Passes:
    """Collects passes, row group by row group."""

    def __init__(self, cells: int, contact_high_ohm: float) -> None:
        self._cells = cells
        self._contact = contact_high_ohm / COLUMN_OF["contact"].tick
        self._parts: list[NDArray[Any]] = []
        self._count = 0

    def add(self, made: NDArray[Any], start: int) -> None:
        """Records of a row group, sorted by cell; its first repeat is ``start``, from 0."""
        if not len(made) or self._count >= _MOST:
            return
        # readings of one cell in files of their own are one pass: only a reading that comes again is a second one
        again = np.zeros(len(made), dtype=bool)
        for name in READINGS:
            there = np.flatnonzero(made[name] != NULL)
            index = made["index"][there]
            twice = np.bincount(index, minlength=1)[index] > 1 if len(index) else np.zeros(0, dtype=bool)
            again[there[twice]] = True
        kept = made[again].copy()
        kept["index"] += start * self._cells
        self._parts.append(kept[: _MOST - self._count])
        self._count += len(self._parts[-1])

    def write(self, path: Path, about: About) -> None:
        """passes.parquet, where there are any."""
        if not self._count:
            return
        pa = arrow()
        made = np.concatenate(self._parts) if self._parts else np.zeros(0, dtype=RECORD)
        repeat, cell = np.divmod(made["index"], self._cells)
        first = np.r_[True, made["index"][1:] != made["index"][:-1]]
        number = np.arange(len(made)) - np.maximum.accumulate(np.where(first, np.arange(len(made)), 0)) + 1
        touched = (made["contact"] == NULL) | (made["contact"] <= self._contact)
        arrays = [pa.array((repeat + 1).astype(np.int32)), pa.array(cell.astype(np.int32))]
        arrays += [pa.array(number.astype(np.int32)), pa.array(touched)]
        arrays += [pa.array(made[name], mask=made[name] == NULL) for name in READINGS]
        arrays += [
            pa.array(made["time"], mask=~np.isfinite(made["time"])),
            pa.array(made["site"]),
            pa.array(made["bin"]),
        ]
        names = [REPEAT.name, CELL.name, *(column.name for column in PASSES_FORM.columns)]
        fields = [pa.field(a, b.type) for a, b in zip(names, arrays, strict=True)]
        schema = pa.schema(fields, metadata=metadata_of(PASSES_FORM, about))
        pa.parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")
