"""Files of pallet-loading instances: rows L, W, l, w in, counts and bounds out."""

import csv
from collections.abc import Iterator
from pathlib import Path

from layoutgen.errors import InputError, Problem
from layoutgen.tile.model import Effort
from layoutgen.tile.pack import pack

COLUMNS = ("L", "W", "l", "w")
# areas stay within 63 bits
MOST = 3 * 10**9

Instance = tuple[int, int, int, int]


def read_instances(path: Path) -> tuple[Instance, ...]:
    """Rows of a CSV file with the columns L, W, l, w (more are ignored), or of four integers without a header.

    Raises:
        InputError: the file cannot be read, or has rows that are not instances; all of them are listed.
    """
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(Problem(f"cannot be read: {reason}", f"--csv {path}")) from error
    rows = [[text.strip() for text in row] for row in rows]
    places, start = _columns(rows, path)
    found: list[Instance] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows[start:], start + 1):
        if not any(row):
            continue
        values = _values(row, places)
        if values is None:
            problems.append(
                Problem(f"{','.join(row)!r}", f"--csv {path}: line {number}", "four whole numbers from 1 to 3e9")
            )
        else:
            found.append(values)
    if problems:
        raise InputError(problems[:20])
    if not found:
        raise InputError(Problem("holds no instance", f"--csv {path}", "rows L,W,l,w of whole numbers"))
    return tuple(found)


def _columns(rows: list[list[str]], path: Path) -> tuple[tuple[int, ...], int]:
    if not rows or not any(any(text.isalpha() for text in row) for row in rows[:1]):
        return (0, 1, 2, 3), 0
    missing = [name for name in COLUMNS if name not in rows[0]]
    if missing:
        what = f"has no column {', '.join(missing)}"
        raise InputError(Problem(what, f"--csv {path}: line 1", "a header with L, W, l, w, or no header"))
    return tuple(rows[0].index(name) for name in COLUMNS), 1


def _values(row: list[str], places: tuple[int, ...]) -> Instance | None:
    try:
        long, wide, length, width = (int(row[place]) for place in places)
    except (ValueError, IndexError):
        return None
    values = long, wide, length, width
    return values if all(0 < value <= MOST for value in values) else None


def answers(instances: tuple[Instance, ...], effort: Effort) -> Iterator[str]:
    """CSV lines ``L,W,l,w,count,bound,proved,method``, header first."""
    yield "L,W,l,w,count,bound,proved,method"
    for long, wide, length, width in instances:
        packing = pack((long, wide), (length, width), effort=effort)
        proved = "yes" if packing.proved_optimal else "no"
        yield f"{long},{wide},{length},{width},{packing.count},{packing.upper_bound},{proved},{packing.method}"
