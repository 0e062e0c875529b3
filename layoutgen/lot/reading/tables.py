"""CSV and Parquet files of readings, in pieces."""

import contextlib
import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.lot.reading.batch import Rows
from layoutgen.lot.table import arrow
from layoutgen.units import counted

_BLOCK_BYTES: Final = 1 << 21
"""Of a CSV; the reader reads 32 of them ahead, which is what it holds of a file of any length."""
_HEAD_BYTES: Final = 1 << 16
_MOST_BROKEN: Final = 10_000
_FILES: Final = "CSV in UTF-8, Parquet, STDF V4, SEMI E142, KLARF 1.2"
_DELIMITERS: Final = (",", ";", "\t", "|")
_EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table of a file: its headings, what its comments or metadata say, and its batches with where they stand."""

    headings: tuple[str, ...]
    about: Mapping[str, str]
    batches: Iterator[tuple[Rows, Any]]
    broken: "BrokenLines"
    """Filled while the batches are read."""


class BrokenLines:
    """Lines with another number of columns than the heading."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.count = 0
        self.examples: list[str] = []
        self._lines: list[int] = []
        """Numbers of lines that are no rows, in order, as far as the reader has looked ahead."""

    def add(self, line: int, columns: int, expected: int) -> None:
        """Note a line of the file."""
        self.count += 1
        self._lines.append(line)
        if len(self.examples) < _EXAMPLES:
            what = f"{counted(columns, 'column')} where the heading has {expected}"
            self.examples.append(f"{self._file}, line {line}: {what}")

    def rows(self, line: int, count: int) -> NDArray[np.int64]:
        """The lines of so many rows from a line on, broken ones between them left out."""
        known = np.arange(line, line + count + len(self._lines))
        found: NDArray[np.int64] = known[~np.isin(known, self._lines)][:count]
        last = int(found[-1]) if count else line
        self._lines = [number for number in self._lines if number > last]
        return found


def open_csv(path: Path, *, allowed: str = _FILES) -> OpenTable:
    """A CSV file: UTF-8, comma, semicolon, tab or bar between; lines of # before the heading are ``key: value``.

    Args:
        path: the file.
        allowed: files that may stand there in its place, for messages.

    Raises:
        InputError: it is empty, not text, or has no heading.
    """
    head, about, skipped = _head(path, allowed)
    lines = head.splitlines(keepends=True)
    line = lines[skipped] if len(lines) > skipped else ""
    if len(head) >= _HEAD_BYTES // 4 and line and not line.endswith(("\n", "\r")):
        what = f"has no end of the line of headings within {_HEAD_BYTES >> 10} KiB"
        raise InputError(Problem(what, path.name, "names with units, such as id,ocv/V"))
    delimiter = max(_DELIMITERS, key=line.count)
    headings = tuple(next(csv.reader(io.StringIO(line), delimiter=delimiter), ()))
    if len(headings) < 2 or not any(text.strip() for text in headings):
        raise InputError(Problem("has no line of headings", path.name, "names with units, such as id,ocv/V"))
    broken = BrokenLines(path.name)
    return OpenTable(headings, about, _csv_batches(path, delimiter, skipped, headings, broken), broken)


def _head(path: Path, allowed: str) -> tuple[str, dict[str, str], int]:
    with path.open("rb") as file:
        start = file.read(_HEAD_BYTES)
    if not start.strip():
        raise InputError(Problem("is empty", path.name))
    if b"\0" in start:
        kinds = {
            ".parquet": "a Parquet file",
            ".stdf": "an STDF file",
            ".xml": "an XML file",
            ".001": "a KLARF file",
        }
        claimed = kinds.get(path.suffix.lower(), "") if allowed == _FILES else ""
        raise InputError(Problem(f"is not {claimed}" if claimed else "is no text", path.name, allowed))
    text = start.decode("utf-8-sig", "replace")
    about, skipped = {}, 0
    for line in text.splitlines():
        if not line.startswith("#") and line.strip():
            break
        skipped += 1
        key, colon, value = line.lstrip("# ").partition(":")
        if colon:
            about[key.strip()] = value.strip()
    return text, about, skipped


def _csv_batches(
    path: Path, delimiter: str, skipped: int, headings: tuple[str, ...], broken: BrokenLines
) -> Iterator[tuple[Rows, Any]]:
    pa = arrow()
    import pyarrow.csv as reader

    names = [f"c{number}" for number in range(len(headings))]
    line = skipped + 2

    def note(row: Any) -> str:
        # the reader counts lines from the start of the file where it reads with one thread
        broken.add(row.number or line, row.actual_columns, row.expected_columns)
        # of a file that is hardly a table not every line is asked for
        return "error" if broken.count > max(_MOST_BROKEN, line) else "skip"

    options = {
        "read_options": reader.ReadOptions(
            skip_rows=skipped + 1, column_names=names, block_size=_BLOCK_BYTES, use_threads=False
        ),
        "parse_options": reader.ParseOptions(
            delimiter=delimiter, invalid_row_handler=note, ignore_empty_lines=False
        ),
        "convert_options": reader.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    }
    try:
        with reader.open_csv(path, **options) as opened:
            for read in opened:
                lines = broken.rows(line, read.num_rows)
                line = int(lines[-1]) + 1 if len(lines) else line
                batch, lines = _without_blank(read, lines)
                yield Rows(path.name, lines), batch
    except (pa.ArrowException, OSError) as error:
        if "Empty CSV" in str(error):
            return
        if broken.count > _MOST_BROKEN:
            what = f"{broken.count} lines are no rows of the heading, the first: {broken.examples[0]}"
            raise InputError(Problem(what, path.name, f"{len(headings)} columns")) from error
        if "straddling" in str(error):
            what = f"has a line of more than {_BLOCK_BYTES >> 20} MiB after line {line - 1}"
        elif "newlines_in_values" in str(error):
            what = f"has a quoted value of several lines after line {line - 1}, or a quote that is not closed"
        else:
            what = f"cannot be read on from about line {line}: {_first(error)}"
        raise InputError(Problem(what, path.name)) from error


def _without_blank(batch: Any, lines: NDArray[np.int64]) -> tuple[Any, NDArray[np.int64]]:
    """A batch without lines that hold nothing."""
    pa = arrow()
    blank = pa.compute.equal(batch.column(0), "")
    if not pa.compute.any(blank).as_py():
        return batch, lines
    for column in batch.columns[1:]:
        blank = pa.compute.and_(blank, pa.compute.equal(column, ""))
    kept = pa.compute.invert(blank)
    return batch.filter(kept), lines[kept.to_numpy(zero_copy_only=False)]


def open_parquet(path: Path) -> OpenTable:
    """A Parquet file with headings as in CSV.

    Raises:
        InputError: it is no Parquet file, or truncated.
    """
    pa = arrow()
    try:
        file = pa.parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        what = f"is not a Parquet file, or is truncated: {_first(error)}"
        raise InputError(Problem(what, path.name)) from error
    metadata = {k.decode(): v.decode("utf-8", "replace") for k, v in (file.schema_arrow.metadata or {}).items()}
    about = dict(metadata)
    if "layoutgen" in metadata:
        with contextlib.suppress(ValueError, AttributeError):
            about |= {key: str(value) for key, value in json.loads(metadata["layoutgen"]).items()}

    def batches() -> Iterator[tuple[Rows, Any]]:
        line = 1
        try:
            for number in range(file.num_row_groups):
                # one reader over all row groups keeps what it has read
                for batch in file.iter_batches(batch_size=1 << 17, row_groups=[number], use_threads=False):
                    yield Rows(path.name, np.arange(line, line + batch.num_rows), "row"), batch
                    line += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise InputError(Problem(f"is damaged from about row {line}: {_first(error)}", path.name)) from error

    return OpenTable(tuple(file.schema_arrow.names), about, batches(), BrokenLines(path.name))


def _first(error: BaseException) -> str:
    lines = str(error).splitlines()
    return lines[0][:160] if lines else type(error).__name__
