"""The circuit of each spectrum of a web: fitted batch by batch, with the error of each parameter."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import DocumentError, Input, Problem
from layoutgen.lot.circuit import NAMES, fit, parameters_of
from layoutgen.lot.folder import WebFolder
from layoutgen.lot.rules import READ_COLUMNS, Judge
from layoutgen.lot.spectra import FILE as SPECTRA
from layoutgen.lot.spectra import SpectraTable
from layoutgen.lot.table import CELL, FITS, REPEAT, arrow, metadata_of
from layoutgen.pdk.webtest import WebTest
from layoutgen.units import rounded

SCHEMA: Final = "layoutgen.fits/1"
TABLE, RECORD = "fits.parquet", "fits.json"
UNITS: Final = ("ohm cm2", "ohm cm2", "nF/cm2", "ohm cm2", "uS s^n/cm2", "1", "ohm cm2/s^0.5")
"""Of the parameters as they are written."""
_SCALE: Final = np.array([1, 1, 1e9, 1, 1e6, 1, 1])
_KNOWN: Final = 0.5
"""A parameter whose standard error is more than half of it is not known."""


def write_fits(
    web: WebFolder, test: WebTest, folder: Path, *, every: bool, advance: Callable[[int], object]
) -> dict[str, Any]:
    """Fit the kit's circuit to the valid spectra of a web, or to all, and write ``fits.parquet``.

    Args:
        web: the web; it must hold spectra.
        test: its circuit is where the fits start.
        folder: where the file goes.
        every: fit those that are not valid too.
        advance: is told of spectra as they are done.

    Returns:
        The content of fits.json: of each parameter median, 5 and 95 % of live cells, and in how many it is known.
        Cells that a hard rule hits are fitted, and left out there: a short has no electrolyte.

    Raises:
        DocumentError: there are no spectra.
    """
    pa = arrow()
    table = SpectraTable(web.path / SPECTRA)
    start = parameters_of(test.circuit)
    names = [REPEAT.name, CELL.name, *(column.name for column in FITS.columns)]
    fields = [pa.field(name, pa.int32() if n < 2 else pa.float32()) for n, name in enumerate(names)]
    schema = pa.schema(fields, metadata=metadata_of(FITS, web.table.about))
    kept: list[NDArray[np.float32]] = []
    live: list[NDArray[np.bool_]] = []
    alive = _alive(web, test)
    with pa.parquet.ParquetWriter(folder / TABLE, schema, compression="zstd") as file:
        for piece in table.pieces():
            use = np.isfinite(piece.z).all(axis=1) & (np.abs(piece.z) > 0).all(axis=1) & (piece.valid | every)
            if use.any():
                found = fit(piece.z[use], table.frequency_hz, start)
                columns = np.concatenate(
                    [found.parameters * _SCALE, found.error, found.residual[:, None]], axis=1
                ).astype(np.float32)
                arrays = [pa.array(piece.repeat[use]), pa.array(piece.cell[use]), *map(pa.array, columns.T)]
                file.write_table(pa.Table.from_arrays(arrays, schema=schema))
                kept.append(columns)
                live.append(alive[piece.repeat[use] - web.table.about.first_repeat, piece.cell[use]])
            advance(len(piece.z))
    if not kept:
        raise DocumentError(Problem("holds no valid spectrum", str(web.path), remedy=Input("all")))
    return _record(web, table.count, np.concatenate(kept), np.concatenate(live))


def _alive(web: WebFolder, test: WebTest) -> NDArray[np.bool_]:
    """Which cells no hard rule hits, shape (repeats, cells)."""
    judge = Judge(test, web.map)
    chunks = (chunk for chunk in web.table.chunks(READ_COLUMNS))
    return np.concatenate([judge.alive(chunk, judge.readings(chunk)) for chunk in chunks])


def _record(web: WebFolder, spectra: int, every: NDArray[np.float32], live: NDArray[np.bool_]) -> dict[str, Any]:
    count = len(NAMES)
    columns = every[live] if live.any() else every
    parameters = {}
    for number, (name, unit) in enumerate(zip(NAMES, UNITS, strict=True)):
        known = columns[:, count + number] < _KNOWN
        values = columns[known, number].astype(np.float64)
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95]).tolist() if len(values) else [None] * 3
        parameters[name] = {"unit": unit, "known": len(values), "median": middle, "low": low, "high": high}
    residual = columns[:, -1].astype(np.float64)
    content = {
        "schema": SCHEMA,
        **web.table.about.origin(),
        "spectra": spectra,
        "fitted": len(every),
        "dead": len(every) - int(live.sum()),
        "residual": dict(zip(("median", "high"), np.quantile(residual, [0.5, 0.95]).tolist(), strict=True)),
        "parameters": parameters,
    }
    document: dict[str, Any] = rounded(content)
    return document
