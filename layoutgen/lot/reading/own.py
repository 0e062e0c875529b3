"""A table of layoutgen's own, read again: values are in ticks already."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.reading.batch import OUT_OF_RANGE, READINGS, TESTER_FAILED, records
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import DROPPED, NULL, TESTER


def records_of_own(batch: Any, first: int, cells: int) -> NDArray[Any]:
    """Records of rows that were read; the table's first repeat becomes the first of the web."""
    names = batch.schema.names

    def column(name: str, missing: int) -> NDArray[Any]:
        values: NDArray[Any] = batch.column(names.index(name)).fill_null(missing).to_numpy(zero_copy_only=False)
        return values

    made = records(batch.num_rows)
    made["index"] = (column("repeat", 0).astype(np.int64) - first) * cells + column("cell", 0)
    for name in READINGS:
        made[name] = column(COLUMN_OF[name].name, NULL)
    made["site"], made["bin"] = column("site", 0), column("tester_bin", 0xFFFF)
    status = column("status", 0)
    made["flags"] = np.where((status & DROPPED) > 0, OUT_OF_RANGE, 0) | np.where(
        (status & TESTER) > 0, TESTER_FAILED, 0
    )
    return made[column("passes", 0) > 0]
