"""The file of a load: a table of steps, read line by line and checked there."""

import csv
import io
from pathlib import Path
from typing import Any, Final

from layoutgen.errors import Key, Place, Problem, SpecError
from layoutgen.reading import read_plain
from layoutgen.units import plain

LOAD_COLUMNS: Final = ("seconds", "current_ma")
"""Columns of a file of a load."""
STEP_S: Final = (1e-6, 1e8)
"""Shortest and longest step, s."""
MOST_MA: Final = 1e5
"""Largest current of a step, mA."""
MOST_STEPS: Final = 20_000
"""Steps that a load may have."""
_RANGES: Final = ((*STEP_S, "s"), (0.0, MOST_MA, "mA"))
_MOST_PROBLEMS: Final = 20


def read_load_profile(path: Path, where: Place) -> list[list[float]]:
    """The steps of a load from a CSV file with the columns ``seconds`` and ``current_ma``: pairs of s and mA.

    Args:
        path: of the file.
        where: what names it, for messages.

    Raises:
        SpecError: the file cannot be read, is no regular file, is too large, has other columns, no step or too
            many, or holds what is no time or current; line and column of the first 20 are named.
    """
    try:
        text = read_plain(path).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""))
        heading = [cell.strip().lower() for cell in next(reader, [])]
        if heading != list(LOAD_COLUMNS):
            found = f"has the columns {', '.join(heading)[:80]}" if any(heading) else "has no heading"
            what = f"{path.name} {'is empty' if not text.strip() else found}"
            raise SpecError(Problem(what, where, f"the heading {','.join(LOAD_COLUMNS)}, then one step a line"))
        return _steps(reader, path.name, where)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a text of UTF-8 with commas"
        raise SpecError(
            Problem(f"{path.name} cannot be read: {(reason or 'unknown reason').lower()}", where)
        ) from error


def _steps(reader: Any, name: str, where: Place) -> list[list[float]]:
    """The lines below the heading, of a reader of the csv module."""
    steps: list[list[float]] = []
    problems: list[Problem] = []
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        line = f"{name}, line {reader.line_num}"
        if len(row) != len(LOAD_COLUMNS):
            what = f"{','.join(row)[:60]!r} is not two numbers"
            problems.append(Problem(what, Key("load", line), "seconds and mA"))
        else:
            wrong = [_problem(line, column, cell) for column, cell in enumerate(row)]
            problems += [problem for problem in wrong if problem is not None]
            if not any(wrong):
                steps.append([float(cell) for cell in row])
        if len(problems) >= _MOST_PROBLEMS:
            break
        if len(steps) > MOST_STEPS:
            raise SpecError(Problem(f"{name} has more than {MOST_STEPS} steps", where, f"1 to {MOST_STEPS} steps"))
    if problems:
        raise SpecError(problems[:_MOST_PROBLEMS])
    if not steps:
        raise SpecError(Problem(f"{name} has a heading and no step", where, "one step at least: a time, a current"))
    return steps


def _problem(line: str, column: int, cell: str) -> Problem | None:
    """What is wrong with one cell; None where it is right."""
    low, high, unit = _RANGES[column]
    place = Key("load", f"{line}, column {column + 1} ({LOAD_COLUMNS[column]})")
    allowed = f"{plain(low)} to {plain(high)} {unit}"
    try:
        value = float(cell)
    except ValueError:
        return Problem(f"{cell.strip()[:60]!r} is not a number", place, allowed)
    return None if low <= value <= high else Problem(f"{cell.strip()[:60]} {unit} is out of range", place, allowed)
