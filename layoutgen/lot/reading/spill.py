"""Records put down by repeats as they come, and taken up again in order: memory does not grow with the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.reading.batch import NO_BIN, OUT_OF_RANGE, READINGS, RECORD, TESTER_FAILED
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import DROPPED, NO_CONTACT, NULL, RETESTED, TESTER, Matrix, repeats_a_group


class Spill:
    """Files of records, one for each row group of the table to come."""

    def __init__(self, folder: Path, cells: int) -> None:
        self._folder, self._cells = folder, cells
        self._group = repeats_a_group(cells) * cells
        self.rows = 0
        self.last = -1
        """Highest index that came."""

    def add(self, made: NDArray[Any]) -> None:
        """Put records down, in the order in which they were read."""
        if not len(made):
            return
        self.rows += len(made)
        self.last = max(self.last, int(made["index"].max()))
        group = made["index"] // self._group
        for number in np.unique(group).tolist():
            with (self._folder / f"{number}.records").open("ab") as file:
                made[group == number].tofile(file)

    def groups(self, repeats: int) -> Iterator[tuple[int, NDArray[Any]]]:
        """Repeats and records of each row group, sorted by cell, those of a cell in the order of reading."""
        step = self._group // self._cells
        for number in range(-(-repeats // step)):
            path = self._folder / f"{number}.records"
            made = np.fromfile(path, dtype=RECORD) if path.is_file() else np.zeros(0, dtype=RECORD)
            made = made[np.argsort(made["index"], kind="stable")]
            made["index"] -= number * self._group
            yield min(step, repeats - number * step), made
            path.unlink(missing_ok=True)


def readings_of(made: NDArray[Any], repeats: int, cells: int, contact_high_ohm: float) -> dict[str, Matrix]:
    """Columns of the table from the sorted records of a row group.

    Of each reading the last valid one counts: with contact, and in range. A cell has as many passes as the reading
    of it that was made most often.
    """
    size = repeats * cells
    contact_ticks = contact_high_ohm / COLUMN_OF["contact"].tick
    touched = (made["contact"] == NULL) | (made["contact"] <= contact_ticks)
    passes = np.zeros(size, dtype=np.int64)
    columns: dict[str, Matrix] = {}
    status = np.zeros(size, dtype=np.uint8)
    any_valid = np.zeros(size, dtype=bool)
    for name in READINGS:
        there = made[name] != NULL
        counted = np.bincount(made["index"][there], minlength=size)
        passes = np.maximum(passes, counted)
        valid = there & (touched | (name == "contact"))
        values = np.full(size, NULL, dtype=np.int32)
        # a later one overwrites an earlier one: records of a cell stand in the order of reading
        values[made["index"][valid]] = made[name][valid]
        columns[COLUMN_OF[name].name] = values
        if name not in {"contact", "temperature"}:
            any_valid[made["index"][valid]] = True
    seen = np.bincount(made["index"], minlength=size) > 0
    passes = np.maximum(passes, seen)
    untouched = np.bincount(made["index"][~touched], minlength=size) > 0
    status[untouched & ~any_valid] |= NO_CONTACT
    dropped = np.bincount(made["index"][(made["flags"] & OUT_OF_RANGE) > 0], minlength=size) > 0
    status[dropped & ~any_valid] |= DROPPED
    status[(untouched | dropped) & any_valid & (passes > 1)] |= RETESTED
    status[_last(made, (made["flags"] & TESTER_FAILED) > 0, size)] |= TESTER
    before, rest = _two_passes(made, touched, size)
    found: dict[str, Matrix] = {
        "passes": np.minimum(passes, 255).astype(np.uint8),
        "status": status,
        "site": _latest(made, "site", 0, size),
        "tester_bin": _latest(made, "bin", NO_BIN, size),
        **columns,
        "ocv_before_100uv": before,
        "rest_s": rest,
    }
    return {name: values.reshape(repeats, cells) for name, values in found.items()}


def _latest(made: NDArray[Any], name: str, missing: int, size: int) -> NDArray[np.uint16]:
    values = np.full(size, missing, dtype=np.uint16)
    there = made[name] != missing
    values[made["index"][there]] = made[name][there]
    return values


def _last(made: NDArray[Any], failed: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Cells whose last bin of a tester is a fail."""
    found = np.zeros(size, dtype=bool)
    told = failed | (made["bin"] != NO_BIN)
    found[made["index"][told]] = failed[told]
    return found


def _two_passes(
    made: NDArray[Any], touched: NDArray[np.bool_], size: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """First of two voltages with a time, and the time to the last one."""
    before, rest = np.full(size, NULL, dtype=np.int32), np.full(size, NULL, dtype=np.int32)
    timed = made[touched & (made["ocv"] != NULL) & np.isfinite(made["time"])]
    if not len(timed):
        return before, rest
    first, last = np.full(size, np.nan), np.full(size, np.nan)
    last[timed["index"]] = timed["time"]
    back = timed[::-1]
    first[back["index"]] = back["time"]
    early = np.full(size, NULL, dtype=np.int32)
    early[back["index"]] = back["ocv"]
    with np.errstate(invalid="ignore"):
        apart = (last - first >= 1) & (last - first < 2**31)
    before[apart], rest[apart] = early[apart], np.rint(last[apart] - first[apart]).astype(np.int32)
    return before, rest
