"""The files of an exploration."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from layoutgen.explorer.points import COLUMNS, TEXT_COLUMNS, WORDS, Row, columns_of
from layoutgen.units import plain


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """One line for each row; empty where a row has no such figure."""
    text = io.StringIO()
    columns = columns_of(rows)
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in columns} for row in rows)
    return text.getvalue().encode()


def json_bytes(rows: Sequence[Row], about: dict[str, Any]) -> bytes:
    """``{schema, ..., rows}``, one row a line."""
    head = json.dumps({"schema": "layoutgen.explore/1", **about}, ensure_ascii=False)
    columns = columns_of(rows)
    body = ",\n".join(json.dumps({name: row[name] for name in columns}, ensure_ascii=False) for row in rows)
    return f'{head[:-1]}, "rows": [\n{body}\n]}}\n'.encode()


def parquet_bytes(rows: Sequence[Row]) -> bytes | None:
    """The table as Parquet, or None where pyarrow is not installed."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        return None
    kinds = {"fits": pa.bool_(), "layers": pa.int32()} | dict.fromkeys(TEXT_COLUMNS, pa.string())
    columns = columns_of(rows)
    kinds |= {name: pa.string() for name in columns if rows and isinstance(rows[0][name], str)}
    schema = pa.schema([(name, kinds.get(name, pa.float64())) for name in columns])
    table = pa.Table.from_pylist(list(rows), schema=schema)
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def text_table(rows: Sequence[Row], most: int = 40, *, among: Sequence[Row] | None = None) -> str:
    """The columns that an engineer compares, for a terminal.

    Args:
        rows: what is shown.
        most: of them.
        among: rows that these are a part of; what varies in them is shown, beside what always is.
    """
    lines = list(compared(rows[:most], among or rows))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = ["  ".join(value.rjust(width) for value, width in zip(line, widths, strict=True)) for line in lines]
    if len(rows) > most:
        text.append(f"... and {len(rows) - most} more")
    return "\n".join(text)


def compared(rows: Sequence[Row], among: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    """A heading, then the columns that an engineer compares as texts, one tuple a row.

    Args:
        rows: what is shown; a row without a design says "-" for its figures.
        among: rows that these are a part of; what varies in them gets a column of its own.
    """
    known = [(name, title) for name, title, _ in WORDS]
    paths = [(name, name) for name in columns_of(among) if name not in COLUMNS]
    films = [("height_limit_mm", "height allowed"), ("cathode_um", "cathode")]
    varied = [(name, title) for name, title in (*paths, *known, *films) if len({row[name] for row in among}) > 1]
    yield (
        *(title for _, title in varied), "mAh", "footprint", "foil", "layers", "rated mAh", "package mm", "Wh/L",
        "good/m2", "mm2/device",
    )  # fmt: skip
    for row in rows:
        sides = [row["footprint_a_mm"], row["footprint_b_mm"]]
        package = [row["package_length_mm"], row["package_width_mm"], row["package_height_mm"]]
        yield (
            *(_short(row[name]) for name, _ in varied),
            _short(row["capacity_mah"]),
            "-" if sides == [None, None] else "x".join("?" if side is None else f"{side:g}" for side in sides),
            _short(row["foil_um"]),
            _figure(row["layers"], "d"),
            "-" if row["rated_mah"] is None else plain(row["rated_mah"], 4),
            " x ".join(_figure(side, ".2f") for side in package) if row["fits"] else "-",
            _figure(row["package_wh_per_l"], ".0f"),
            _figure(row["good_devices_per_m2"], ".1f"),
            _figure(row["web_mm2_per_good_device"], ".0f"),
        )


def _figure(value: Any, form: str) -> str:
    return "-" if value is None else format(value, form)


def _short(value: object) -> str:
    """A value that was asked for, as in the question; a dash where it was not."""
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
