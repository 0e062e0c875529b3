"""What stacking leaves: stacks.parquet, recipe.csv, transfer-map.xml."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from layoutgen.errors import DocumentError, Input, Problem
from layoutgen.export.e142 import NAMESPACE
from layoutgen.export.xml_text import quoteattr
from layoutgen.lot.stacks.choose import Chosen
from layoutgen.lot.stacks.pool import NAH_PER_MAH, Pool, stack_errors
from layoutgen.lot.table import arrow
from layoutgen.web.addresses import on_web, repeat_name

TABLE, RECIPE, MAP, RECORD = "stacks.parquet", "recipe.csv", "transfer-map.xml", "stacks.json"
LABELS, LEFT = "labels.csv", "left-over.csv"
_SCHEMA: Final = "layoutgen.stack-members/1"
_ROWS: Final = 1 << 17


def stack_name(number: int, made: int) -> str:
    """The label of a stack, from 1: ``S00017``."""
    return f"S{number:0{len(str(made))}}"


def write_table(pool: Pool, chosen: Chosen, target: Path) -> None:
    """One row a cell, sorted by stack and layer: lot, repeat and cell, as tables of webs count them."""
    pa = arrow()
    made, size = chosen.members.shape
    order = chosen.members.ravel()
    columns = {
        "stack": pa.array(np.repeat(np.arange(1, made + 1, dtype=np.int32), size)),
        "layer": pa.array(np.tile(np.arange(1, size + 1, dtype=np.int16), made)),
        "lot": pa.array((pool.lot[order] + 1).astype(np.uint16)),
        "repeat": pa.array(pool.repeat[order]),
        "cell": pa.array(pool.cell[order]),
        "capacity_nah": pa.array(pool.capacity[order].astype(np.int32)),
        "capacity_error_nah": pa.array(pool.error[order].astype(np.int32)),
    }
    about = {
        "schema": _SCHEMA,
        "design": pool.webs[0].table.about.design,
        "layers": size,
        "stacks": made,
        "synthetic": pool.synthetic,
        "lots": [
            {"folder": web.path.name, "map_sha256": web.table.about.map_sha256, "cells": web.table.about.cells}
            for web in pool.webs
        ],
    }
    schema = pa.schema(
        [pa.field(name, array.type, nullable=False) for name, array in columns.items()],
        metadata={b"layoutgen": json.dumps(about, sort_keys=True, ensure_ascii=False).encode()},
    )
    table = pa.Table.from_arrays(list(columns.values()), schema=schema)
    pa.parquet.write_table(table, target, compression="zstd", row_group_size=_ROWS)


def _stacks(folder: Path) -> int:
    """How many stacks a folder holds.

    Raises:
        DocumentError: it holds none.
    """
    pa = arrow()
    path = folder / TABLE
    try:
        about = json.loads(pa.parquet.ParquetFile(path).schema_arrow.metadata[b"layoutgen"])
        return int(about["stacks"])
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise DocumentError(
            Problem(
                "is no table of stacks",
                str(path),
                remedy="layoutgen stack WEB " + Input("design", "DESIGN") + " " + Input("out", "DIR"),
            )
        ) from error


def _rows(folder: Path, filters: list[tuple[str, str, int]]) -> Any:
    pa = arrow()
    try:
        return pa.parquet.read_table(folder / TABLE, filters=filters)
    except (OSError, pa.ArrowException) as error:
        raise DocumentError(Problem("is damaged", str(folder / TABLE), remedy="stack again")) from error


def read_stack(folder: Path, number: int) -> dict[str, Any]:
    """The cells of one stack as columns of integers, and how many stacks there are.

    Raises:
        DocumentError: the folder holds no stacks, or none of this number, or is damaged.
    """
    made = _stacks(folder)
    if not 1 <= number <= made:
        raise DocumentError(Problem(f"there is no stack {number}", str(folder / TABLE), f"1 to {made}"))
    rows = _rows(folder, [("stack", "=", number)])
    return {name: rows.column(name).to_pylist() for name in rows.column_names} | {"made": made}


def read_place(folder: Path, lot: int, repeat: int, cell: int) -> tuple[str, int] | None:
    """Label of the stack and layer that a cell went into; None where it is in no stack. ``lot`` counts from 1.

    Raises:
        DocumentError: the folder holds no stacks.
    """
    made = _stacks(folder)
    filters = [("lot", "=", lot), ("repeat", "=", repeat), ("cell", "=", cell)]
    rows = _rows(folder, filters).select(["stack", "layer"]).to_pylist()
    return (stack_name(rows[0]["stack"], made), rows[0]["layer"]) if rows else None


def addresses(pool: Pool, cells: Any) -> Iterator[tuple[int, str]]:
    """(lot from 1, address on its web) of cells of a pool."""
    for lot, repeat, cell in zip(
        pool.lot[cells].tolist(), pool.repeat[cells].tolist(), pool.cell[cells].tolist(), strict=True
    ):
        yield lot + 1, on_web(repeat_name(repeat), pool.webs[lot].map.names[cell])


def recipe_lines(pool: Pool, chosen: Chosen) -> Iterator[str]:
    """What the line runs: stack by stack from the bottom up, the lot, place and tray of each cell."""
    yield "stack,layer,lot,cell,tray\n"
    trays = pool.tray
    for number, row in enumerate(chosen.members, 1):
        label = stack_name(number, chosen.made)
        for layer, (index, (lot, cell)) in enumerate(zip(row, addresses(pool, row), strict=True), 1):
            yield f"{label},{layer},{lot},{cell},{trays[index]}\n"


def label_lines(pool: Pool, chosen: Chosen, confidence: float, edges: Sequence[float]) -> Iterator[str]:
    """What is written on each stack: its estimate, what it reaches at the confidence, and the class that it is sold
    in, by that lower bound; the lots that its cells are of.
    """
    yield "stack,estimate_mah,error_mah,lower_mah,class_from_mah,lots\n"
    errors = stack_errors(pool, chosen.members, neighbours=chosen.order.neighbours)
    lower = chosen.sums - NormalDist().inv_cdf(confidence) * errors
    ends = ["", *(f"{edge:g}" for edge in edges)]
    classes = np.searchsorted(np.array(edges), lower / NAH_PER_MAH, side="right")
    for number, row in enumerate(chosen.members, 1):
        at = number - 1
        lots = " ".join(str(lot + 1) for lot in np.unique(pool.lot[row]))
        figures = (chosen.sums[at], errors[at], lower[at])
        yield (
            f"{stack_name(number, chosen.made)},{','.join(f'{value / NAH_PER_MAH:.4f}' for value in figures)},"
            f"{ends[classes[at]]},{lots}\n"
        )


def left_over_lines(pool: Pool, chosen: Chosen) -> Iterator[str]:
    """Good cells that are in no stack, in the order in which they come off the webs, and why."""
    yield "lot,cell,capacity_mah,why\n"
    cells = np.concatenate([*chosen.left.values(), np.empty(0, np.int64)])
    whys = np.repeat(np.arange(len(chosen.left)), [len(group) for group in chosen.left.values()])
    names = list(chosen.left)
    rising = np.argsort(cells, kind="stable")
    for why, index, (lot, cell) in zip(
        whys[rising].tolist(), cells[rising].tolist(), addresses(pool, cells[rising]), strict=True
    ):
        yield f"{lot},{cell},{pool.capacity[index] / NAH_PER_MAH:.6f},{names[why]}\n"


def transfer_map_lines(pool: Pool, chosen: Chosen) -> Iterator[str]:
    """SEMI E142 TransferMaps from each repeat of a web to the stacks.

    From: lane and place in the lane, counted from 1 at the lower left; to: number of the stack and layer, from 1 at
    the bottom.
    """
    name = pool.webs[0].table.about.design + (" (synthetic)" if pool.synthetic else "")
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<MapData xmlns="{NAMESPACE}">\n  <TransferMaps>\n'
    made, size = chosen.members.shape
    order = chosen.members.ravel()
    stack = np.repeat(np.arange(1, made + 1), size)
    layer = np.tile(np.arange(1, size + 1), made)
    by_place = np.lexsort((pool.cell[order], pool.repeat[order], pool.lot[order]))
    before: tuple[int, int] | None = None
    for at in by_place.tolist():
        index = order[at]
        place = int(pool.lot[index]), int(pool.repeat[index])
        web = pool.webs[place[0]]
        if place != before:
            if before is not None:
                yield "    </TransferMap>\n"
            source = quoteattr(f"{web.path.name}/{repeat_name(place[1])}")
            yield (
                f'    <TransferMap FromSubstrateType="Panel" FromSubstrateId={source}'
                f' ToSubstrateType="Tray" ToSubstrateId={quoteattr(f"{name} stacks")}>\n'
            )
            before = place
        cell = int(pool.cell[index])
        lane, rank = web.map.lane[cell] + 1, web.map.rank[cell] + 1
        yield f'      <T FX="{lane}" FY="{rank}" TX="{stack[at]}" TY="{layer[at]}"/>\n'
    yield ("    </TransferMap>\n" if before is not None else "") + "  </TransferMaps>\n</MapData>\n"
