"""Tables beside the readings of a web: capacities of cells that were cycled, thickness by cell or by place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.lot.folder import WebFolder
from layoutgen.lot.reading.batch import Findings, Rows
from layoutgen.lot.reading.columns import ColumnReader, Places
from layoutgen.lot.reading.headings import Heading, read_headings
from layoutgen.lot.reading.tables import OpenTable, open_csv, open_parquet
from layoutgen.lot.reading.values import Gauge
from layoutgen.lot.table import NULL
from layoutgen.pdk.webtest import WebTest
from layoutgen.reading import require_plain
from layoutgen.web.addresses import UNKNOWN

_MOST_BYTES: Final = 1 << 32
_MOST_UNKNOWN: Final = 0.5
_MM_TO_UM: Final = 1000.0
_NAH_PER_MAH: Final = 1e6
_MOST_STRANGE: Final = 0.05
"""Most of the rows, as a share, that may be of cells that the design has not: of another one there are many."""
_MOST_TIMES: Final = 5.0
_MOST_TIMES_THICK: Final = 100.0
"""A map may be of the cathode or of all films; a thousand times is another prefix."""
_AROUND: Final = 4
"""Points of a map around a cell that its thickness is taken from."""
_REACH: Final = 5.0
"""A cell further from all points than so many times what is usual has no thickness."""
_LOOKED_AT: Final = 20_000
"""Of so many cells it is looked up what is usual."""


@dataclass(frozen=True, slots=True)
class Cycled:
    """Cells that were cycled: rows of the web's tables, ``(repeat - first) * cells + cell``, and capacities in nAh;
    the last row of a cell counts. ``elsewhere`` is how many rows named no cell of the web.
    """

    file: str
    index: NDArray[np.int64]
    capacity_nah: NDArray[np.int64]
    elsewhere: int


@dataclass(frozen=True, eq=False)
class ThicknessOfCells:
    """A thickness for each cell of a web, um; NaN where nobody measured it."""

    values: NDArray[np.float32]

    def at(self, first_row: int, repeats: int) -> NDArray[np.float64]:
        """Of repeats from the ``first_row``-th of the web on, from 0; shape (repeats, cells)."""
        found: NDArray[np.float64] = self.values[first_row : first_row + repeats].astype(np.float64)
        return found


@dataclass(frozen=True, eq=False)
class ThicknessOfPlaces:
    """A map of points across and along a web, um; a cell has the mean of the points around it by distance."""

    tree: Any
    values: NDArray[np.float64]
    reach_um: float
    x_um: NDArray[np.float64]
    y_um: NDArray[np.float64]
    length_um: float

    def at(self, first_row: int, repeats: int) -> NDArray[np.float64]:
        """As :meth:`ThicknessOfCells.at`."""
        rows = np.arange(first_row, first_row + repeats)
        y = (self.y_um[None, :] + rows[:, None] * self.length_um).ravel()
        around = min(_AROUND, len(self.values))
        away, which = self.tree.query(np.stack([np.tile(self.x_um, repeats), y], axis=1), k=around)
        away, which = away.reshape(len(y), around), which.reshape(len(y), around)
        weight = 1.0 / np.maximum(away, 1.0) ** 2
        found = (weight * self.values[which]).sum(axis=1) / weight.sum(axis=1)
        return np.where(away[:, 0] <= self.reach_um, found, np.nan).reshape(repeats, -1)


Thickness: TypeAlias = ThicknessOfCells | ThicknessOfPlaces


def read_cycled(path: Path, web: WebFolder, test: WebTest) -> Cycled:
    """Capacities of cells that were cycled: a column of capacity beside the cell's address or place.

    Raises:
        InputError: it cannot be read, has no capacity, or names hardly a cell of this web.
    """
    table = _open(path, web)
    headings = read_headings(table.headings, path.name)
    _require(headings, "capacity", path, "capacity/mAh")
    findings = Findings()
    gauge = Gauge(test, web.solution.loaded.pdk, web.map, findings, {})
    reader = ColumnReader(headings, Places(web.map, web.solution.web, findings), gauge, findings, path.name)
    parts = [reader.records(batch, rows) for rows, batch in table.batches]
    _require_numbers(findings, table, path)
    if not parts:
        raise InputError(Problem("holds no row", path.name, "a capacity for each cell that was cycled"))
    made = np.concatenate(parts)
    row, inside = _rows(made["index"], web)
    lost = findings.counts["unknown"] + int((~inside).sum())
    _require_known(lost, len(made) + findings.counts["unknown"], findings, web, path)
    there = inside & (made["capacity"] != NULL)
    # the last reading of a cell counts
    index, last = np.unique(row[there][::-1], return_index=True)
    capacity = made["capacity"][there][::-1][last].astype(np.int64)
    if len(capacity):
        times = float(np.median(capacity)) / (web.map.nominal_mah * _NAH_PER_MAH)
        if not 1 / _MOST_TIMES < times < _MOST_TIMES:
            what = f"half of the capacities are above {times:.3g} times the nominal capacity of a cell"
            allowed = f"about {web.map.nominal_mah:.4g} mAh a cell"
            raise InputError(Problem(what, path.name, allowed, "the unit in the heading, and a row a cell"))
    return Cycled(path.name, index, capacity, lost)


def read_thickness(path: Path, web: WebFolder) -> Thickness:
    """A thickness by cell (its address), or of points (x and y from the start of the web, or of a repeat).

    Raises:
        InputError: it cannot be read, has no thickness, or hardly a row lies on this web.
    """
    table = _open(path, web)
    headings = read_headings(table.headings, path.name, also=("thickness",))
    _require(headings, "thickness", path, "thickness/um")
    findings = Findings()
    reader = ColumnReader(
        headings, Places(web.map, web.solution.web, findings), None, findings, path.name, known=("thickness",)
    )
    by_place = {"x", "y"} <= set(reader.headings) and "id" not in reader.headings
    parts = [(_points if by_place else _cells)(reader, batch, rows) for rows, batch in table.batches]
    _require_numbers(findings, table, path)
    if not parts:
        raise InputError(Problem("holds no row", path.name, "a thickness for cells or places"))
    place, value = (np.concatenate(part) for part in zip(*parts, strict=True))
    sound = np.isfinite(value) & (value > 0)
    place, value = place[sound], value[sound]
    _require_thin(value, web, path)
    if by_place:
        return _map(place, value, web, path)
    row, inside = _rows(place, web)
    lost = findings.counts["unknown"] + int((~inside).sum())
    _require_known(lost, len(place) + findings.counts["unknown"], findings, web, path)
    about = web.table.about
    values = np.full(about.repeats * about.cells, np.nan, dtype=np.float32)
    values[row[inside]] = value[inside]
    return ThicknessOfCells(values.reshape(about.repeats, about.cells))


def _require_thin(value: NDArray[np.float64], web: WebFolder, path: Path) -> None:
    """Refuse micrometres that are metres or picometres by a slip: estimates would not show it."""
    if not len(value):
        raise InputError(Problem("holds no thickness", path.name, "a thickness for cells or places"))
    nominal = web.solution.loaded.pdk.stack.cathode.thickness.value
    times = float(np.median(value)) / nominal
    if not 1 / _MOST_TIMES_THICK < times < _MOST_TIMES_THICK:
        what = f"half of the thicknesses are above {times:.3g} times that of the cathode"
        raise InputError(Problem(what, path.name, f"about {nominal:g} um", "the unit in the heading"))


def _cells(reader: ColumnReader, batch: Any, rows: Rows) -> tuple[NDArray[Any], NDArray[np.float64]]:
    index = reader.cells_of(batch, rows)
    values = _in_um(reader, batch, "thickness", rows)
    return index[index != UNKNOWN], values[index != UNKNOWN]


def _in_um(reader: ColumnReader, batch: Any, name: str, rows: Rows) -> NDArray[np.float64]:
    return reader.numbers(batch, name, rows) * (reader.headings[name].factor * _MM_TO_UM)


def _points(reader: ColumnReader, batch: Any, rows: Rows) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """(x, y) in um from the start of the web, and the thickness there."""
    x, y, value = (_in_um(reader, batch, name, rows) for name in ("x", "y", "thickness"))
    repeat = reader.repeat_of(batch)
    if repeat is not None:
        y = y + (repeat - 1) * reader.places.map.length_um
    return np.stack([x, y], axis=1), np.where(np.isfinite(x) & np.isfinite(y), value, np.nan)


def _map(points: NDArray[np.float64], values: NDArray[np.float64], web: WebFolder, path: Path) -> ThicknessOfPlaces:
    from layoutgen.lot.learn.science import spatial

    about, cells = web.table.about, web.map
    points = points - [0.0, (about.first_repeat - 1) * cells.length_um]
    inside = (points[:, 0] >= 0) & (points[:, 0] <= cells.width_um)
    inside &= (points[:, 1] >= 0) & (points[:, 1] <= about.repeats * cells.length_um)
    # a margin is scanned too, half of it with the cells; coordinates in another unit lie in it or off the web
    left, right = float(cells.x_um.min()), float(cells.x_um.max())
    on_cells = inside & (points[:, 0] >= left / 2) & (points[:, 0] <= (right + cells.width_um) / 2)
    if inside.sum() < 2 or on_cells.mean() < _MOST_UNKNOWN:
        what = f"{int((~on_cells).sum())} of {len(points)} places lie beside the cells of the web"
        end = about.repeats * cells.length_um / _MM_TO_UM
        size = f"x of cells {left / _MM_TO_UM:g} to {right / _MM_TO_UM:g} mm, y to {end:g} mm"
        raise InputError(Problem(what, path.name, size))
    points, values = points[inside], values[inside]
    tree = spatial.cKDTree(points)
    usual = float(np.median(tree.query(_cells_along(points, web))[0]))
    return ThicknessOfPlaces(tree, values, _REACH * max(usual, 1.0), cells.x_um, cells.y_um, cells.length_um)


def _cells_along(points: NDArray[np.float64], web: WebFolder) -> NDArray[np.float64]:
    """Places of cells, evenly drawn from the repeats between the first and the last point; shape (n, 2).

    Points lie closer in one direction than in the other where a head crosses a web that moves: the distance from
    point to point says nothing of the gaps between crossings, that from cell to point does.
    """
    cells = web.map
    first, last = (int(end // cells.length_um) for end in (points[:, 1].min(), points[:, 1].max()))
    number = (min(last, web.table.about.repeats - 1) - first + 1) * cells.cells
    drawn = np.arange(0, number, max(1, number // _LOOKED_AT))
    repeat, cell = first + drawn // cells.cells, drawn % cells.cells
    return np.stack([cells.x_um[cell], cells.y_um[cell] + repeat * cells.length_um], axis=1)


def _rows(index: NDArray[np.int64], web: WebFolder) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Rows of the web's tables, and which indices lie on it."""
    about = web.table.about
    row = index - (about.first_repeat - 1) * about.cells
    return row, (row >= 0) & (row < about.repeats * about.cells)


def _open(path: Path, web: WebFolder) -> OpenTable:
    try:
        require_plain(path, _MOST_BYTES)
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(Problem(f"cannot be read: {reason}", str(path))) from error
    table = open_parquet(path) if head == b"PAR1" else open_csv(path, allowed="CSV in UTF-8, Parquet")
    digest = table.about.get("map_sha256", "")
    if digest and digest != web.map.digest:
        what = f"is of the cell map {digest[:12]}, that of the web is {web.map.digest[:12]}"
        raise InputError(Problem(what, path.name, remedy="the file of this web"))
    return table


def _require(headings: tuple[Heading, ...], reading: str, path: Path, usual: str) -> None:
    if reading not in {heading.reading for heading in headings}:
        raise InputError(Problem(f"has no column of {reading}", path.name, usual))


def _require_numbers(findings: Findings, table: OpenTable, path: Path) -> None:
    wrong = findings.counts["unreadable"] + findings.counts["out_of_range"] + table.broken.count
    if wrong:
        kinds = ("unreadable", "out_of_range")
        shown = [text for kind in kinds for text in findings.examples.get(kind, [])] + table.broken.examples
        what = f"{wrong} rows cannot be taken: " + "; ".join([*shown[:3], *findings.notes[:1]])
        raise InputError(Problem(what, path.name, "numbers within the range of the reading, or nothing"))


def _require_known(lost: int, total: int, findings: Findings, web: WebFolder, path: Path) -> None:
    if lost <= _MOST_UNKNOWN * total and findings.counts["unknown"] <= max(1, _MOST_STRANGE * total):
        return
    shown = "; ".join([*findings.examples.get("unknown", [])[:3], *findings.notes[:1]])
    what = f"{lost} of {total} rows name no cell of this web" + (f": {shown}" if shown else "")
    raise InputError(Problem(what, path.name, f"cells of {web.path.name}", "the table of this web"))
