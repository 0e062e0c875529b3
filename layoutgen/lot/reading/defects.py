"""Defects of a web: points as a table, and the cells that they lie on."""

from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from layoutgen.lot.reading.klarf_file import Defects
from layoutgen.lot.table import CELL, DEFECTS, REPEAT, About, arrow, metadata_of


class CellsWithDefects:
    """Cells under defects, in order."""

    def __init__(self, places: list[tuple[int, int]]) -> None:
        self._places = sorted(set(places))

    def get_range(self, start: int, stop: int) -> list[tuple[int, int]]:
        """(repeat, cell), the repeat counted from 0, of repeats ``start`` to before ``stop``."""
        return self._places[bisect_left(self._places, (start, -1)) : bisect_left(self._places, (stop, -1))]


def defects_by_cell(found: Sequence[Defects]) -> CellsWithDefects:
    """The cells under defects of all files."""
    places = []
    for item in found:
        on = item.cell >= 0
        places += list(zip((item.repeat[on] - 1).tolist(), item.cell[on].tolist(), strict=True))
    return CellsWithDefects(places)


def defect_table(path: Path, found: Sequence[Defects], about: About) -> None:
    """defects.parquet: one row a point, sorted by place; cell -1 is beside all cells."""
    pa = arrow()
    columns = {
        "repeat": np.concatenate([item.repeat for item in found]),
        "cell": np.concatenate([item.cell for item in found]),
        "x_um": np.rint(np.concatenate([item.x_um for item in found])),
        "y_um": np.rint(np.concatenate([item.y_um for item in found])),
        "size_um": np.rint(np.concatenate([item.size_um for item in found])),
        "kind": np.concatenate([item.kind for item in found]),
    }
    order = np.lexsort((columns["x_um"], columns["y_um"], columns["repeat"]))
    arrays = [pa.array(values[order].astype(np.int32)) for values in columns.values()]
    names = [REPEAT.name, CELL.name, *(column.name for column in DEFECTS.columns)]
    schema = pa.schema([pa.field(name, pa.int32()) for name in names], metadata=metadata_of(DEFECTS, about))
    pa.parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")
