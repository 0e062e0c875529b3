"""Where the cells of a stack came from: place, readings, spectrum and what the screen said."""

from typing import Any

from layoutgen.errors import DocumentError, Problem
from layoutgen.lot.folder import BINS_TABLE
from layoutgen.lot.stacks.pool import Pool
from layoutgen.lot.table import BINS, NULL, Table, arrow
from layoutgen.web.addresses import on_web, repeat_name

_SPECTRA = "spectra.parquet"


def traced(pool: Pool, held: dict[str, Any]) -> list[dict[str, Any]]:
    """One record a cell, from the bottom of the stack up.

    Args:
        pool: the webs that the stack was made of, in the order in which they were named then.
        held: columns of the stack, as ``read_stack`` gives them.

    Raises:
        DocumentError: the webs are not those of the stack.
    """
    rows = []
    columns = (held["layer"], held["lot"], held["repeat"], held["cell"], held["capacity_nah"])
    for layer, lot, repeat, cell, capacity in sorted(zip(*columns, strict=True)):
        if not 1 <= lot <= len(pool.webs):
            what = f"the stack holds cells of {lot} webs, {len(pool.webs)} are named"
            raise DocumentError(Problem(what, "WEB", remedy="name all webs, in the same order"))
        rows.append({"layer": layer} | _cell(pool, lot, repeat, cell, capacity))
    return rows


def _cell(pool: Pool, lot: int, repeat: int, cell: int, capacity: int) -> dict[str, Any]:
    web = pool.webs[lot - 1]
    about = web.table.about
    bins = Table(web.path / BINS_TABLE, BINS)
    read = _row(bins, repeat, cell, ("bin", "hits", "asr_mohm_cm2", "leak_pa", "capacity_nah"))
    if read is None or read["capacity_nah"] != capacity:
        what = f"lot {lot} is not the web that the stack was made of, or was binned anew"
        raise DocumentError(Problem(what, web.path.name, remedy="name the webs in the same order; stack again"))
    names = [rule["name"] for rule in bins.about.more.get("rules", [])]
    return {
        "lot": lot,
        "folder": web.path.name,
        "cell": on_web(repeat_name(repeat, about.first_repeat + about.repeats - 1), web.map.names[cell]),
        "x_mm": float(web.map.x_um[cell]) / 1000,
        "y_mm": (float(web.map.y_um[cell]) + (repeat - about.first_repeat) * web.map.length_um) / 1000,
        "capacity_mah": capacity / 1e6,
        "asr_ohm_cm2": None if read["asr_mohm_cm2"] == NULL else read["asr_mohm_cm2"] / 1000,
        "leak_ua": None if read["leak_pa"] == NULL else read["leak_pa"] / 1e6,
        "bin": read["bin"],
        "hits": [name for bit, name in enumerate(names) if read["hits"] >> bit & 1],
        "spectrum_valid": _spectrum(web.path / _SPECTRA, repeat, cell),
    }


def _row(table: Table, repeat: int, cell: int, columns: tuple[str, ...]) -> dict[str, int] | None:
    for chunk in table.chunks(columns):
        at = repeat - chunk.first
        if 0 <= at < chunk.repeats:
            return {name: int(chunk.data[name][at, cell]) for name in columns}
    return None


def _spectrum(path: Any, repeat: int, cell: int) -> bool | None:
    if not path.is_file():
        return None
    pa = arrow()
    rows = pa.parquet.read_table(path, columns=["valid"], filters=[("repeat", "=", repeat), ("cell", "=", cell)])
    return bool(rows.column("valid")[0].as_py()) if rows.num_rows else None
