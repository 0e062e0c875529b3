"""Files of pallet-loading instances: rows L, W, l, w in, counts and bounds out."""

import csv
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from layoutgen.errors import Input, InputError, Problem
from layoutgen.processes import end_with_parent
from layoutgen.reading import read_plain
from layoutgen.tile.model import Effort
from layoutgen.tile.pack.frame import pack

COLUMNS = ("L", "W", "l", "w")
# areas stay within 63 bits
MOST = 3 * 10**9

# starting another process takes as long as many easy rows
_FEW = 50
_CHUNK = 8

Instance = tuple[int, int, int, int]


def read_instances(path: Path) -> tuple[Instance, ...]:
    """Rows of a CSV file with the columns L, W, l, w (more are ignored), or of four integers without a header.

    Empty lines and lines that start with ``#`` are passed over.

    Raises:
        InputError: the file cannot be read, or has rows that are not instances; all of them are listed.
    """
    try:
        rows = list(csv.reader(read_plain(path).decode("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(Problem(f"cannot be read: {reason}", Input("csv", str(path)))) from error
    stripped = [(number, [text.strip() for text in row]) for number, row in enumerate(rows, 1)]
    numbered = [(number, row) for number, row in stripped if any(row) and not row[0].startswith("#")]
    places, start = _columns([row for _, row in numbered], path)
    found: list[Instance] = []
    problems: list[Problem] = []
    for number, row in numbered[start:]:
        values = _values(row, places)
        if values is None:
            problems.append(
                Problem(
                    f"{','.join(row)!r}", Input("csv", f"{path}: line {number}"), "four whole numbers from 1 to 3e9"
                )
            )
        else:
            found.append(values)
    if problems:
        raise InputError(problems[:20])
    if not found:
        raise InputError(Problem("holds no instance", Input("csv", str(path)), "rows L,W,l,w of whole numbers"))
    return tuple(found)


def _columns(rows: list[list[str]], path: Path) -> tuple[tuple[int, ...], int]:
    if not rows or not any(any(text.isalpha() for text in row) for row in rows[:1]):
        return (0, 1, 2, 3), 0
    missing = [name for name in COLUMNS if name not in rows[0]]
    if missing:
        what = f"has no column {', '.join(missing)}"
        raise InputError(Problem(what, Input("csv", f"{path}: line 1"), "a header with L, W, l, w, or no header"))
    return tuple(rows[0].index(name) for name in COLUMNS), 1


def _values(row: list[str], places: tuple[int, ...]) -> Instance | None:
    try:
        long, wide, length, width = (int(row[place]) for place in places)
    except (ValueError, IndexError):
        return None
    values = long, wide, length, width
    return values if all(0 < value <= MOST for value in values) else None


def answers(instances: tuple[Instance, ...], effort: Effort) -> Iterator[str]:
    """CSV lines ``L,W,l,w,count,bound,proved,method``, header first, in the order of the instances.

    Many rows are shared among the processors; a row's answer depends on the row alone.
    """
    yield "L,W,l,w,count,bound,proved,method"
    answer = partial(_answer, effort)
    jobs = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if jobs == 1 or len(instances) < _FEW:
        yield from map(answer, instances)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=end_with_parent) as pool:
        yield from pool.map(answer, instances, chunksize=_CHUNK)


def _answer(effort: Effort, instance: Instance) -> str:
    long, wide, length, width = instance
    packing = pack((long, wide), (length, width), effort=effort)
    proved = "yes" if packing.proved_optimal else "no"
    return f"{long},{wide},{length},{width},{packing.count},{packing.upper_bound},{proved},{packing.method}"
