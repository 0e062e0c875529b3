"""The cells of a repeat as columns: where each lies, and which lane it runs in along the web."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from layoutgen.export.cell_map import cell_map_csv, map_cells, probe_centre_2dbu
from layoutgen.solver.solution import Solution

Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class RepeatMap:
    """One repeat of the web; arrays have one entry a cell, in the order of its cell map.

    A *lane* is all cells with the same centre across the web and the same turn: what one lane of a coater or one
    track of a roller sees. ``digest`` is the SHA-256 of the cell map as CSV, ``test/cell-map.csv`` of a design.
    """

    name: str
    digest: str
    names: tuple[str, ...]
    field: Ints
    block: Ints
    column: Ints
    row: Ints
    turned: NDArray[np.bool_]
    x_um: NDArray[np.float64]
    y_um: NDArray[np.float64]
    lane: Ints
    width_um: float
    length_um: float
    edge_um: float
    cell_um: tuple[float, float]
    """Finished length and width; an unturned cell has its length across the web."""
    kerf_um: float
    area_cm2: float
    """Active area of a cell."""
    nominal_mah: float
    """Capacity of a cell as designed."""

    @property
    def cells(self) -> int:
        return len(self.names)

    @cached_property
    def lanes(self) -> int:
        return int(self.lane.max()) + 1 if self.cells else 0

    @cached_property
    def by_lane(self) -> tuple[Ints, ...]:
        """For each lane the cells of it, going up the web."""
        order = np.lexsort((self.y_um, self.lane))
        ends = np.searchsorted(self.lane[order], np.arange(self.lanes + 1))
        return tuple(order[a:b].astype(np.int32) for a, b in pairwise(ends))

    @cached_property
    def rank(self) -> Ints:
        """Which cell of its lane in the repeat each is, going up, from 0."""
        found = np.zeros(self.cells, dtype=np.int32)
        for cells in self.by_lane:
            found[cells] = np.arange(len(cells))
        return found

    @cached_property
    def lane_x_um(self) -> NDArray[np.float64]:
        """Centre of each lane across the web."""
        return np.array([self.x_um[cells[0]] for cells in self.by_lane])

    @cached_property
    def least_rows(self) -> int:
        """Cells of the shortest lane in a repeat."""
        return min((len(cells) for cells in self.by_lane), default=0)

    @cached_property
    def index(self) -> dict[str, int]:
        """Name of a cell -> its place in the map."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def size_um(self) -> NDArray[np.float64]:
        """Size of each cell as it lies, shape (cells, 2): across and along the web."""
        sizes = np.array([self.cell_um, self.cell_um[::-1]])
        return sizes[self.turned.astype(np.intp)]

    @cached_property
    def corner_um(self) -> NDArray[np.float64]:
        """Lower-left corner of each cell as it lies, shape (cells, 2)."""
        return np.stack([self.x_um, self.y_um], axis=1) - self.size_um / 2

    @cached_property
    def around(self) -> NDArray[np.int32]:
        """Cells beside each cell within its block, shape (cells, 8); -1 where there is none."""
        key = {
            place: number
            for number, place in enumerate(
                zip(self.field.tolist(), self.block.tolist(), self.column.tolist(), self.row.tolist(), strict=True)
            )
        }
        steps = [(dx, dy) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dx or dy]
        return np.array(
            [[key.get((f, b, c + dx, r + dy), -1) for dx, dy in steps] for f, b, c, r in key], dtype=np.int32
        ).reshape(-1, 8)


def repeat_map(solution: Solution) -> RepeatMap:
    """The map of a design's repeat."""
    plan, dbu_nm, device = solution.web, solution.dbu_nm, solution.device
    cell_um = device.cell_length_um, device.cell_width_um
    cells = list(map_cells(plan, probe_centre_2dbu(solution.template, cell_um, dbu_nm)))
    text = cell_map_csv(plan, solution.template, cell_um, dbu_nm)
    centres = np.array([cell.centre_2dbu for cell in cells], dtype=np.int64).reshape(-1, 2)
    turned = np.array([cell.rotation_deg % 180 == 90 for cell in cells], dtype=bool)
    keys = np.stack([centres[:, 0], turned.astype(np.int64)], axis=1)
    _, lane = np.unique(keys, axis=0, return_inverse=True)
    to_um = dbu_nm / 1000
    half_um = to_um / 2

    def column(name: str) -> Ints:
        return np.array([getattr(cell, name) for cell in cells], dtype=np.int32)

    return RepeatMap(
        name=solution.spec.file_name(),
        digest=hashlib.sha256(text).hexdigest(),
        names=tuple(cell.name for cell in cells),
        field=column("field"),
        block=column("block"),
        column=column("column"),
        row=column("row"),
        turned=turned,
        x_um=np.asarray(centres[:, 0] * half_um, dtype=np.float64),
        y_um=np.asarray(centres[:, 1] * half_um, dtype=np.float64),
        lane=lane.reshape(-1).astype(np.int32),
        width_um=plan.frame.width * to_um,
        length_um=plan.repeat_length * to_um,
        edge_um=plan.frame.edge * to_um,
        cell_um=cell_um,
        kerf_um=plan.frame.kerf * to_um,
        area_cm2=device.active_area_cm2,
        nominal_mah=device.nominal_mah / device.layers,
    )
