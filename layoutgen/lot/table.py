"""Tables of cells as Parquet: one row a cell, sorted by (repeat, cell), whole numbers in ticks, read in pieces.

Every cell of every repeat from the first to the last has a row, read or not, so a piece of a table is a matrix of
(repeats, cells). Nothing in a file but its content: no clock, no path. A value that is not there is null in the
file and :data:`NULL` in a matrix.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import DocumentError, InputError, Problem

Matrix = NDArray[Any]
NULL: Final = int(np.iinfo(np.int32).min)
_ROWS: Final = 1 << 17
"""Rows of a row group, about: what is held in memory at a time."""
_KEY: Final = b"layoutgen"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: whole numbers, ``tick`` of ``unit`` each."""

    name: str
    dtype: str
    meaning: str
    unit: str = ""
    tick: float = 1.0
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of table: its schema name and its columns after ``repeat`` and ``cell``."""

    schema: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


REPEAT: Final = Column("repeat", "int32", "number of the repeat along the web, from 1")
CELL: Final = Column("cell", "int32", "place of the cell in the design's cell map, from 0")

NO_CONTACT, RETESTED, BAD_SPECTRUM, DEFECT, DROPPED, TESTER = 1, 2, 4, 8, 16, 32
"""Bits of ``status``."""

WEB: Final = Form(
    "layoutgen.web/1",
    (
        Column("passes", "uint8", "how often the cell was read; 0 where it was not"),
        Column(
            "status",
            "uint8",
            "bits: 1 no contact, 2 an earlier pass had none or was out of range, 4 spectrum not valid, "
            "8 defect seen by inspection, 16 a reading was dropped as out of range, 32 failed by the tester",
        ),
        Column("site", "uint16", "probe of the card that read it, from 1; 0 unknown"),
        Column("tester_bin", "uint16", "bin that a file gave it; 65535 none"),
        Column("ocv_100uv", "int32", "open-circuit voltage", "V", 1e-4, nullable=True),
        Column("ocv_before_100uv", "int32", "voltage of an earlier pass, for the leak", "V", 1e-4, nullable=True),
        Column("rest_s", "int32", "time between the two", "s", 1.0, nullable=True),
        Column("asr_mohm_cm2", "int32", "area times Re Z at the lowest frequency", "ohm cm2", 1e-3, nullable=True),
        Column(
            "capacity_nah", "int32", "estimate of the capacity as the test gives it", "mAh", 1e-6, nullable=True
        ),
        Column("contact_mohm", "int32", "resistance of the contact", "ohm", 1e-3, nullable=True),
        Column("temperature_cdegc", "int32", "temperature of the web", "degC", 1e-2, nullable=True),
    ),
)
BINS: Final = Form(
    "layoutgen.bins/1",
    (
        Column("bin", "uint8", "code of the first rule that hits; 0 not tested, 1 good"),
        Column("good", "bool", "whether the cell may go into a stack"),
        Column("hits", "uint32", "all rules that hit, bit by bit; the metadata names them"),
        Column("tray", "uint8", "tray of equal count by capacity, from 1; 0 where not good"),
        Column(
            "capacity_nah",
            "int32",
            "estimate of the capacity, shrunk to the lot by the correlation that is sure",
            "mAh",
            1e-6,
        ),
        Column("capacity_error_nah", "int32", "standard error of that estimate", "mAh", 1e-6),
        Column("asr_mohm_cm2", "int32", "area times Re Z at the lowest frequency", "ohm cm2", 1e-3, nullable=True),
        Column("leak_pa", "int32", "leak from two passes", "uA", 1e-6, nullable=True),
    ),
)
DEFECTS: Final = Form(
    "layoutgen.defects/1",
    (
        Column("x_um", "int32", "across the web, from the left edge of the repeat", "um"),
        Column("y_um", "int32", "along the web, from the start of the repeat", "um"),
        Column("size_um", "int32", "size as the inspection gives it", "um"),
        Column("kind", "int32", "class number of the inspection"),
    ),
)
PASSES_FORM: Final = Form(
    "layoutgen.passes/1",
    (
        Column("number", "int32", "which reading of the cell it is, from 1, in the order of the files"),
        Column("touched", "bool", "whether there was contact"),
        Column("ocv_100uv", "int32", "open-circuit voltage", "V", 1e-4, nullable=True),
        Column("asr_mohm_cm2", "int32", "area times Re Z at the lowest frequency", "ohm cm2", 1e-3, nullable=True),
        Column("capacity_nah", "int32", "estimate of the capacity", "mAh", 1e-6, nullable=True),
        Column("contact_mohm", "int32", "resistance of the contact", "ohm", 1e-3, nullable=True),
        Column("temperature_cdegc", "int32", "temperature of the web", "degC", 1e-2, nullable=True),
        Column("time_s", "double", "when, as the file counts", "s", 1.0, nullable=True),
        Column("site", "uint16", "probe of the card, from 1; 0 unknown"),
        Column("tester_bin", "uint16", "bin that the file gave it; 65535 none"),
    ),
)
SPECTRA: Final = Form(
    "layoutgen.spectra/1",
    (
        Column("valid", "bool", "whether the spectrum is linear, causal and stable"),
        Column("lin_kk", "float32", "largest Lin-KK residual over the modulus, against the lot's median"),
        Column("z_hit", "float32", "largest Z-HIT residual over the modulus, against the lot's median"),
    ),
)
_CIRCUIT: Final = (
    ("series", "R0: contacts and current collectors", "ohm cm2"),
    ("electrolyte", "R1: the electrolyte", "ohm cm2"),
    ("electrolyte_capacitance", "C1: the electrolyte as a dielectric", "nF/cm2"),
    ("interface", "R2: the interface of cathode and electrolyte", "ohm cm2"),
    ("interface_element", "Q2 of the constant phase element beside R2", "uS s^n/cm2"),
    ("interface_exponent", "n of the constant phase element", "1"),
    ("diffusion", "W of the Warburg impedance W / sqrt(jw)", "ohm cm2/s^0.5"),
)
FITS: Final = Form(
    "layoutgen.fits/1",
    (
        *(Column(name, "float32", meaning, unit) for name, meaning, unit in _CIRCUIT),
        *(
            Column(f"{name}_error", "float32", f"standard error of {name} over its value")
            for name, _, _ in _CIRCUIT
        ),
        Column("residual", "float32", "root mean square of what the fit leaves, over the modulus"),
    ),
)
TRUTH: Final = Form(
    "layoutgen.truth/1",
    (
        Column(
            "cause",
            "uint8",
            "0 sound, 1 shorted, 2 soft short, 3 roll mark, 4 scratch, 5 splice, 6 latent leak",
        ),
        Column("capacity_nah", "int32", "true capacity", "mAh", 1e-6),
    ),
)


def arrow() -> Any:
    """pyarrow with its Parquet module.

    Raises:
        InputError: it is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.compute
        import pyarrow.parquet
    except ImportError as error:
        what = "tables of cells are read and written by pyarrow, which is not installed"
        raise InputError(Problem(what, remedy="pip install 'layoutgen[lot]'")) from error
    return pa


def repeats_a_group(cells: int) -> int:
    """Repeats of a row group: whole ones, about 131 072 rows."""
    return max(1, _ROWS // max(1, cells))


@dataclass(frozen=True, slots=True)
class About:
    """What the metadata of a table says of it.

    ``map_sha256`` is the digest of the cell map that its cells are counted in; ``synthetic`` is set where no
    web was ever measured; ``more`` is what one kind of table adds.
    """

    design: str
    map_sha256: str
    cells: int
    first_repeat: int
    repeats: int
    synthetic: bool
    more: Mapping[str, Any]

    def origin(self) -> dict[str, Any]:
        """What every document about the web begins with."""
        return {"synthetic": self.synthetic, "design": self.design, "map_sha256": self.map_sha256}


class TableWriter:
    """Writes a table row group by row group; use it as a context manager."""

    def __init__(self, path: Path | BinaryIO, form: Form, about: About) -> None:
        self._pa = arrow()
        self._form, self._about, self._next = form, about, about.first_repeat
        kinds = {name: getattr(self._pa, "bool_" if name == "bool" else name)() for name in _dtypes(form)}
        fields = [
            self._pa.field(column.name, kinds[column.dtype], nullable=column.nullable)
            for column in (REPEAT, CELL, *form.columns)
        ]
        self._schema = self._pa.schema(fields, metadata=metadata_of(form, about))
        self._file = self._pa.parquet.ParquetWriter(path, self._schema, compression="zstd")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the file."""
        self._file.close()

    def write(self, data: Mapping[str, Matrix]) -> None:
        """Write the next repeats, one row group: a matrix (repeats, cells) for each column of the form."""
        cells = self._about.cells
        count = len(next(iter(data.values())))
        repeat = np.repeat(np.arange(self._next, self._next + count, dtype=np.int32), cells)
        cell = np.tile(np.arange(cells, dtype=np.int32), count)
        arrays = [self._pa.array(repeat), self._pa.array(cell)]
        for column in self._form.columns:
            values = np.ascontiguousarray(data[column.name], dtype=column.dtype).reshape(-1)
            mask = values == NULL if column.nullable else None
            arrays.append(self._pa.array(values, mask=mask))
        self._next += count
        self.write_group(self._pa.Table.from_arrays(arrays, schema=self._schema))

    def write_group(self, rows: Any) -> None:
        """Write the next rows of a table of the same form, one row group, as pyarrow holds them."""
        self._file.write_table(rows.cast(self._schema), row_group_size=rows.num_rows)


def _dtypes(form: Form) -> set[str]:
    return {column.dtype for column in (REPEAT, CELL, *form.columns)}


def metadata_of(form: Form, about: About) -> dict[bytes, bytes]:
    """The metadata of a file of a form."""
    return {_KEY: _metadata(form, about)}


def _metadata(form: Form, about: About) -> bytes:
    content = {
        "schema": form.schema,
        "design": about.design,
        "map_sha256": about.map_sha256,
        "cells": about.cells,
        "first_repeat": about.first_repeat,
        "repeats": about.repeats,
        "synthetic": about.synthetic,
        **about.more,
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Repeats of a table from number ``first`` on; matrices (repeats, cells).

    The first ``before`` and the last ``after`` of them belong to the neighbouring chunks.
    """

    first: int
    data: dict[str, Matrix]
    before: int = 0
    after: int = 0

    @property
    def repeats(self) -> int:
        return len(next(iter(self.data.values())))

    def own(self, matrix: Matrix) -> Matrix:
        """The rows of a matrix that are no neighbour's."""
        return matrix[self.before : len(matrix) - self.after]


class Table:
    """A table on disk, read in pieces."""

    def __init__(self, path: Path, form: Form) -> None:
        """Open a table.

        Raises:
            DocumentError: it is not there, is truncated, or is no table of this form.
            InputError: pyarrow is not installed.
        """
        self._pa = arrow()
        self.path, self.form = path, form
        try:
            self._file = self._pa.parquet.ParquetFile(path)
        except FileNotFoundError as error:
            raise DocumentError(Problem("is not there", str(path), remedy="layoutgen test read")) from error
        except (OSError, self._pa.ArrowException) as error:
            what = f"is not a Parquet file, or is truncated: {_first_line(error)}"
            raise DocumentError(Problem(what, str(path))) from error
        self.about = self._read_about()
        self._require_columns()

    def _read_about(self) -> About:
        text = (self._file.schema_arrow.metadata or {}).get(_KEY)
        try:
            content = dict(json.loads(text)) if text else {}
            schema = content.pop("schema", None)
            if schema != self.form.schema:
                what = f"is no table of kind {self.form.schema}" + (f", but {schema}" if schema else "")
                raise DocumentError(Problem(what, str(self.path)))
            names = ("design", "map_sha256", "cells", "first_repeat", "repeats", "synthetic")
            known = {name: content.pop(name) for name in names}
            return About(**known, more=content)
        except (ValueError, KeyError, TypeError) as error:
            raise DocumentError(Problem(f"has damaged metadata: {error}", str(self.path))) from error

    def _require_columns(self) -> None:
        held = set(self._file.schema_arrow.names)
        missing = [column.name for column in (REPEAT, CELL, *self.form.columns) if column.name not in held]
        if missing:
            raise DocumentError(Problem(f"has no column {missing[0]!r}", str(self.path)))
        rows = self._file.metadata.num_rows
        if rows != self.about.cells * self.about.repeats:
            what = f"has {rows} rows for {self.about.repeats} repeats of {self.about.cells} cells"
            raise DocumentError(Problem(what, str(self.path), "a row for every cell of every repeat"))

    @property
    def groups(self) -> int:
        """How many row groups there are."""
        return int(self._file.num_row_groups)

    def span(self, part: tuple[int, int]) -> tuple[int, int]:
        """The first repeat of row groups from one to before another, and how many repeats they hold."""
        rows = [self._file.metadata.row_group(number).num_rows for number in range(part[1])]
        cells = self.about.cells
        return self.about.first_repeat + sum(rows[: part[0]]) // cells, sum(rows[part[0] :]) // cells

    def chunks(
        self, columns: Sequence[str], context: int = 0, part: tuple[int, int] | None = None
    ) -> Iterator[Chunk]:
        """The table in order, row group by row group, each with up to ``context`` repeats of its neighbours.

        Args:
            columns: what is read.
            context: repeats of the neighbours.
            part: only row groups from the first number to before the second, with neighbours beyond them.

        Raises:
            DocumentError: rows are not sorted, or a row group is damaged.
        """
        first, last = part or (0, self.groups)
        wide = max(first - 1, 0), min(last + 1, self.groups)
        if not context:
            yield from self._groups(columns, first, last)
            return
        kept = range(first - wide[0], last - wide[0])
        for number, chunk in enumerate(self._in_context(columns, context, *wide)):
            if number in kept:
                yield chunk

    def _in_context(self, columns: Sequence[str], context: int, first: int, last: int) -> Iterator[Chunk]:
        held: list[Chunk] = []
        for chunk in self._groups(columns, first, last):
            held.append(chunk)
            if len(held) == 3:
                yield _with_context(held[0], held[1], held[2], context)
                held.pop(0)
            elif len(held) == 2:
                yield _with_context(None, held[0], held[1], context)
        if held:
            yield _with_context(held[-2] if len(held) > 1 else None, held[-1], None, context)

    def one(self, repeat: int, columns: Sequence[str]) -> dict[str, Matrix]:
        """The columns of one repeat, by its number; shape (cells,).

        Raises:
            DocumentError: there is no such repeat, or its row group is damaged.
        """
        at = self.about.first_repeat
        for number in range(self._file.num_row_groups):
            count = self._file.metadata.row_group(number).num_rows // self.about.cells
            if at <= repeat < at + count:
                read = self._read(number, columns)
                return {name: _matrix(read.column(name), self.about.cells)[repeat - at] for name in columns}
            at += count
        last = self.about.first_repeat + self.about.repeats - 1
        what, allowed = f"there is no repeat {repeat}", f"{self.about.first_repeat} to {last}"
        raise DocumentError(Problem(what, str(self.path), allowed))

    def _read(self, number: int, columns: Sequence[str]) -> Any:
        try:
            return self._file.read_row_group(number, columns=[*columns], use_threads=False)
        except (OSError, self._pa.ArrowException) as error:
            what = f"row group {number + 1} is damaged: {_first_line(error)}"
            raise DocumentError(Problem(what, str(self.path))) from error

    def _groups(self, columns: Sequence[str], first: int, last: int) -> Iterator[Chunk]:
        cells, repeat = self.about.cells, self.span((first, last))[0]
        for number in range(first, last):
            read = self._read(number, [REPEAT.name, CELL.name, *columns])
            count, rest = divmod(read.num_rows, cells)
            data = {name: _matrix(read.column(name), cells) for name in columns} if not rest else {}
            ordered = not rest and self._is_ordered(read, repeat, count)
            if not ordered:
                what = f"rows of row group {number + 1} are not those of repeats {repeat} and on, cell by cell"
                raise DocumentError(Problem(what, str(self.path), "rows sorted by (repeat, cell), none left out"))
            yield Chunk(repeat, data)
            repeat += count

    def _is_ordered(self, read: Any, repeat: int, count: int) -> bool:
        cells = self.about.cells
        repeats = _matrix(read.column(REPEAT.name), cells)
        places = _matrix(read.column(CELL.name), cells)
        wanted = np.arange(repeat, repeat + count, dtype=np.int32)[:, None]
        return bool((repeats == wanted).all() and (places == np.arange(cells, dtype=np.int32)).all())


def _matrix(column: Any, cells: int) -> Matrix:
    if column.null_count:
        column = column.fill_null(NULL)
    array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    values: Matrix = array.to_numpy(zero_copy_only=False)
    return values.reshape(-1, cells)


def _with_context(before: Chunk | None, chunk: Chunk, after: Chunk | None, context: int) -> Chunk:
    low = min(context, before.repeats) if before else 0
    high = min(context, after.repeats) if after else 0
    data = {}
    for name, matrix in chunk.data.items():
        parts = [before.data[name][-low:]] if before and low else []
        parts.append(matrix)
        parts += [after.data[name][:high]] if after and high else []
        data[name] = np.concatenate(parts) if len(parts) > 1 else matrix
    return Chunk(chunk.first - low, data, low, high)


def _first_line(error: BaseException) -> str:
    text = str(error).splitlines()
    return text[0][:200] if text else type(error).__name__


def ticks(values: NDArray[np.float64], column: Column) -> NDArray[np.int32]:
    """Values in the column's unit as whole ticks; what is not finite, or not within 32 bits, is :data:`NULL`."""
    with np.errstate(invalid="ignore", over="ignore"):
        counted = np.rint(values / column.tick)
        sound = np.abs(counted) < 2**31
    return np.where(sound, counted, float(NULL)).astype(np.int32)
