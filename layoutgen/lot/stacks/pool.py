"""The good cells of one or several webs as columns: what stacks are chosen from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from filecmp import cmp
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import DocumentError, Input, InputError, Problem
from layoutgen.lot.folder import BINS_TABLE, TABLE, WebFolder, open_web
from layoutgen.lot.stacks.differencing import Ints
from layoutgen.lot.table import BINS, NULL, Table
from layoutgen.lot.webmap import RepeatMap, repeat_map
from layoutgen.solver.solution import Solution

NAH_PER_MAH: Final = 1e6
_COLUMNS = ("good", "tray", "capacity_nah", "capacity_error_nah", "asr_mohm_cm2", "leak_pa")


@dataclass(frozen=True)
class Pool:
    """Good cells in the order in which they come off the webs, one web after the other; arrays of one length.

    ``resistance`` (mohm cm2) and ``leak`` (pA) are -1 where nobody measured them. ``capacity_read`` says of each
    web whether anybody read capacities; where not, every cell has the nominal one of the design.
    """

    webs: tuple[WebFolder, ...]
    lot: NDArray[np.uint16]
    repeat: NDArray[np.int32]
    cell: NDArray[np.int32]
    tray: NDArray[np.uint8]
    capacity: Ints
    error: Ints
    resistance: Ints
    leak: Ints
    not_good: int
    capacity_read: tuple[bool, ...] = ()
    lot_error: tuple[float, ...] = ()
    """Error that all cells of a lot share, nAh, of each web; none where nobody says."""
    estimates: tuple[Mapping[str, Any], ...] = ()
    """How capacities were estimated, of each web, as its bins say."""
    alike: tuple[float, ...] = ()
    """Correlation of the errors of neighbours, of each web."""

    @property
    def count(self) -> int:
        return len(self.capacity)

    @property
    def synthetic(self) -> bool:
        return any(web.synthetic for web in self.webs)


def open_pool(folders: Sequence[Path], design: Solution) -> Pool:
    """Read the bins of webs that were made by one design.

    Raises:
        DocumentError: a folder is none, has no bins, or its cell map is not that of the design.
        InputError: one web is named twice, or two folders hold the same readings: its cells would be counted twice.
    """
    webs: list[WebFolder] = []
    wanted = repeat_map(design)
    for folder in folders:
        if any(folder.resolve() == other.path.resolve() for other in webs):
            raise InputError(Problem("is named twice", str(folder), "each web once"))
        web = open_web(folder)
        if not (folder / BINS_TABLE).is_file():
            raise DocumentError(Problem("has no bins yet", str(folder), remedy=f"layoutgen bin {folder.name}"))
        _require_same_cells(web, design, wanted)
        same = next((other for other in webs if cmp(web.path / TABLE, other.path / TABLE, shallow=False)), None)
        if same is not None:
            raise InputError(Problem(f"holds the readings of {same.path.name}", str(folder), "each web once"))
        webs.append(web)
    tables = [_bins_of(web) for web in webs]
    parts = [_good_cells(table) for table in tables]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    lot = np.repeat(np.arange(len(webs), dtype=np.uint16), [len(part["cell"]) for part in parts])
    estimates = [table.about.more.get("estimate", {}) for table in tables]
    rho = design.loaded.pdk.assembly.order_correlation.value
    total = sum(web.table.about.cells * web.table.about.repeats for web in webs)
    return Pool(
        webs=tuple(webs),
        lot=lot,
        repeat=joined["repeat"],
        cell=joined["cell"],
        tray=joined["tray"],
        capacity=joined["capacity_nah"].astype(np.int64),
        error=joined["capacity_error_nah"].astype(np.int64),
        resistance=_known(joined["asr_mohm_cm2"]),
        leak=_known(joined["leak_pa"]),
        not_good=total - len(lot),
        capacity_read=tuple(item.get("readings", True) for item in estimates),
        lot_error=tuple(float(item.get("lot_error_nah", 0)) for item in estimates),
        estimates=tuple(estimates),
        alike=tuple(rho * (1.0 - item.get("correlation_interval", [0.0])[0] ** 2) for item in estimates),
    )


def _require_same_cells(web: WebFolder, design: Solution, wanted: RepeatMap) -> None:
    """Stacks hold equal cells that stand where the design has them, whichever web they come from."""
    if web.map.digest == wanted.digest:
        return
    devices = web.solution.device, design.device
    sizes = [f"{item.cell_length_um / 1000:.2f} x {item.cell_width_um / 1000:.2f} mm" for item in devices]
    what = f"holds cells of {sizes[0]}, the design stacks cells of {sizes[1]}"
    if sizes[0] == sizes[1]:
        what = f"is of cell map {web.map.digest[:12]}, the design's is {wanted.digest[:12]}"
    raise DocumentError(
        Problem(what, web.path.name, remedy="the " + Input("design") + " that the web was made for")
    )


def _bins_of(web: WebFolder) -> Table:
    table = Table(web.path / BINS_TABLE, BINS)
    if table.about.map_sha256 != web.table.about.map_sha256:
        raise DocumentError(Problem("is of another cell map than the readings", BINS_TABLE, remedy="bin again"))
    return table


def _good_cells(table: Table) -> dict[str, NDArray[np.generic]]:
    found: dict[str, list[NDArray[np.generic]]] = {name: [] for name in ("repeat", "cell", *_COLUMNS[1:])}
    for chunk in table.chunks(_COLUMNS):
        row, cell = np.nonzero(chunk.data["good"])
        found["repeat"].append((row + chunk.first).astype(np.int32))
        found["cell"].append(cell.astype(np.int32))
        for name in _COLUMNS[1:]:
            found[name].append(chunk.data[name][row, cell])
    return {name: np.concatenate(parts) for name, parts in found.items()}


def _known(values: NDArray[np.generic]) -> Ints:
    """What was measured, and -1 where nobody did; a leak that noise puts below zero is none."""
    wide = values.astype(np.int64)
    return np.where(wide == NULL, -1, np.maximum(wide, 0))


def stack_errors(pool: Pool, members: Ints, *, neighbours: bool, shared: bool = True) -> NDArray[np.float64]:
    """Standard error of the sum of each stack, nAh.

    What is not known of a lot's mean is the same for all its cells. What readings do not tell of a cell is alike
    in its neighbours, ``rho (1 - r^2)``: it averages out in stacks of cells from all over, not of neighbours.

    Args:
        pool: the cells.
        members: indices into it, shape (made, N).
        neighbours: whether stacks are of cells that came one after the other.
        shared: whether what all cells of a lot share counts; it does not tell one stack from another.
    """
    error = pool.error[members].astype(np.float64)
    variance = (error**2).sum(axis=1)
    lot = pool.lot[members]
    for number in range(len(pool.lot_error)):
        inside = np.where(lot == number, error, 0.0)
        if neighbours:
            variance += pool.alike[number] * (inside.sum(axis=1) ** 2 - (inside**2).sum(axis=1))
        if shared:
            variance += ((lot == number).sum(axis=1) * pool.lot_error[number]) ** 2
    found: NDArray[np.float64] = np.sqrt(variance)
    return found


def usual_error(pool: Pool, size: int, *, neighbours: bool, mixed: bool) -> float:
    """Standard error of the sum of a stack of so many cells of a pool, nAh; of the worst lot if lots stay apart."""
    if not pool.count:
        return 0.0
    lots = range(max(len(pool.lot_error), 1))
    parts = [np.flatnonzero(pool.lot == lot) for lot in lots]
    share = np.array([len(part) / pool.count for part in parts])

    def of(weights: NDArray[np.float64]) -> float:
        variance = 0.0
        for lot, part in enumerate(parts):
            count = size * weights[lot]
            square = float((pool.error[part].astype(np.float64) ** 2).mean()) if len(part) else 0.0
            alike = pool.alike[lot] if neighbours and pool.alike else 0.0
            shared = pool.lot_error[lot] if pool.lot_error else 0.0
            variance += count * square * (1.0 + max(count - 1.0, 0.0) * alike) + (count * shared) ** 2
        return float(variance**0.5)

    return of(share) if mixed and not neighbours else max(of(np.eye(len(parts))[lot]) for lot in lots)
