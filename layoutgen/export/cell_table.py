"""The cell map of a whole web as Parquet: what the CSV says in a fortieth of its size, in row groups."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from layoutgen.errors import Problem, SpecError
from layoutgen.export.cell_map import WEB_HEADER, map_cells, probe_centre_2dbu
from layoutgen.web.addresses import WebAddresses

if TYPE_CHECKING:
    from layoutgen.template import BoundTemplate
    from layoutgen.web.plan import WebPlan

COLUMNS: Final = tuple(WEB_HEADER.split(","))
_ROWS: Final = 1 << 18
"""Rows of a row group, about: what is held in memory at a time."""
_NM_PER_MM: Final = 1e6


def web_cell_map_parquet(
    plan: "WebPlan", template: "BoundTemplate", cell_um: tuple[float, float], dbu_nm: int, repeats: int
) -> Iterator[bytes]:
    """The cell map of a web in pieces of a Parquet file: columns as in its CSV, lengths in mm, rows in its order.

    Args:
        plan: the repeat.
        template: device template with the PDK's values; says where to probe.
        cell_um: finished cell (length, width).
        dbu_nm: the unit of the plan.
        repeats: how many repeats the web has.

    Raises:
        SpecError: pyarrow is not installed.
    """
    pa = arrow()
    addresses = WebAddresses(plan, repeats)
    once = _once(plan, probe_centre_2dbu(template, cell_um, dbu_nm))
    schema = _schema(pa)
    sink = io.BytesIO()
    step = max(1, _ROWS // max(1, plan.cells_per_repeat))
    with pa.parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for first in range(0, repeats, step):
            rows = _rows(pa, addresses, once, (first, min(first + step, repeats)), dbu_nm)
            writer.write_table(pa.Table.from_arrays(rows, schema=schema), row_group_size=len(rows[0]))
            yield sink.getvalue()
            sink.seek(0)
            sink.truncate()
    yield sink.getvalue()


def arrow() -> Any:
    """pyarrow with its Parquet module.

    Raises:
        SpecError: it is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError as error:
        what = "Parquet is written and read by pyarrow, which is not installed"
        raise SpecError(Problem(what, remedy="pip install 'layoutgen[parquet]'")) from error
    return pa


def _schema(pa: Any) -> Any:
    kinds = {"id": pa.string()} | {name: pa.float64() for name in COLUMNS if name.endswith("_mm")}
    return pa.schema([pa.field(name, kinds.get(name, pa.int32()), nullable=False) for name in COLUMNS])


def _once(plan: "WebPlan", probe_2dbu: tuple[int, int]) -> Any:
    """The cells of one repeat: numbers and, in half dbu, centres and probe targets; shape (9, cells)."""
    import numpy as np

    rows = [
        (cell.field, cell.block, cell.column, cell.row, *cell.centre_2dbu, *cell.probe_2dbu, cell.rotation_deg)
        for cell in map_cells(plan, probe_2dbu)
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 9).T


def _rows(pa: Any, addresses: WebAddresses, once: Any, span: tuple[int, int], dbu_nm: int) -> list[Any]:
    """The cells of some repeats, from one to before another, one array for each column."""
    import numpy as np

    first, stop = span
    cells, count = addresses.cells_per_repeat, stop - first
    names = addresses.names(np.arange(first * cells, stop * cells))
    repeat = np.repeat(np.arange(first, stop, dtype=np.int64), cells)
    field, block, column, row, x, y, probe_x, probe_y, turn = (np.tile(values, count) for values in once)
    start = 2 * repeat * addresses.plan.repeat_length
    whole = [repeat + 1, field, block, column, row]
    lengths = [(values * dbu_nm) / (2 * _NM_PER_MM) for values in (x, start + y, probe_x, start + probe_y)]
    arrays = [np.asarray(values, dtype=np.int32) for values in whole]
    return [pa.array(names.tolist()), *map(pa.array, [*arrays, *lengths, np.asarray(turn, dtype=np.int32)])]
