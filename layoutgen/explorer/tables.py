"""The files of an exploration."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from layoutgen.explorer.points import COLUMNS, LOAD_WORDS, TEXT_COLUMNS, Row


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """One line for each row; empty where a row has no such figure."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in COLUMNS} for row in rows)
    return text.getvalue().encode()


def json_bytes(rows: Sequence[Row], about: dict[str, Any]) -> bytes:
    """``{schema, ..., rows}``, one row a line."""
    head = json.dumps({"schema": "layoutgen.explore/1", **about}, ensure_ascii=False)
    body = ",\n".join(json.dumps({name: row[name] for name in COLUMNS}, ensure_ascii=False) for row in rows)
    return f'{head[:-1]}, "rows": [\n{body}\n]}}\n'.encode()


def parquet_bytes(rows: Sequence[Row]) -> bytes | None:
    """The table as Parquet, or None where pyarrow is not installed."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        return None
    kinds = {"fits": pa.bool_(), "layers": pa.int32()} | dict.fromkeys(TEXT_COLUMNS, pa.string())
    schema = pa.schema([(name, kinds.get(name, pa.float64())) for name in COLUMNS])
    table = pa.Table.from_pylist(list(rows), schema=schema)
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def text_table(rows: Sequence[Row], most: int = 40, *, among: Sequence[Row] | None = None) -> str:
    """The columns that an engineer compares, for a terminal.

    Args:
        rows: what is shown.
        most: of them.
        among: rows that these are a part of; bend, load, charge and temperature are shown where they vary in them.
    """
    varied = [(name, title) for name, title, _ in LOAD_WORDS if len({row[name] for row in among or rows}) > 1]
    head = (
        *(title for _, title in varied), "mAh", "footprint", "foil", "layers", "package mm", "Wh/L", "good/m2",
        "mm2/device",
    )  # fmt: skip
    lines = [head]
    for row in rows[:most]:
        sides = [row["footprint_a_mm"], row["footprint_b_mm"]]
        package = [row["package_length_mm"], row["package_width_mm"], row["package_height_mm"]]
        lines.append(
            (
                *(_short(row[name]) for name, _ in varied),
                "-" if row["capacity_mah"] is None else f"{row['capacity_mah']:g}",
                "x".join("?" if side is None else f"{side:g}" for side in sides),
                f"{row['foil_um']:g}",
                str(row["layers"]),
                " x ".join(f"{side:.2f}" for side in package),
                f"{row['package_wh_per_l']:.0f}",
                f"{row['good_devices_per_m2']:.1f}",
                f"{row['web_mm2_per_good_device']:.0f}",
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = ["  ".join(value.rjust(width) for value, width in zip(line, widths, strict=True)) for line in lines]
    if len(rows) > most:
        text.append(f"... and {len(rows) - most} more")
    return "\n".join(text)


def _short(value: object) -> str:
    """A value that was asked for, as in the question; a dash where it was not."""
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
