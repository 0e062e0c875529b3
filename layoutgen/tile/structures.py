"""Test structures in a repeat: fiducials and process-control coupons, each where it costs the fewest cells.

The tiler knows a structure by its size only; what is drawn inside belongs to the layout. A structure may stand
anywhere inside a field (the tool reaches no further), one kerf away from every cell and from every other structure.
The cells in its way are left out. Candidate places are the corners of cells and of fields: a structure that is
pushed down and to the left until it touches something costs no more than before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from layoutgen.tile.model import Field, WebPlan
from layoutgen.tile.points import Ints
from layoutgen.tile.zones import box, without


@dataclass(frozen=True, slots=True)
class Structure:
    """A rectangle that a repeat must hold, finished size in dbu; ``field`` is an index if it must be that one."""

    name: str
    width: int
    length: int
    field: int | None = None
    may_turn: bool = True


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a structure came to stand, in repeat coordinates, and how many cells it displaced."""

    structure: Structure
    field: int
    x: int
    y: int
    width: int
    length: int
    cost_cells: int


@dataclass(frozen=True, slots=True)
class PlacedPlan:
    """A plan with room made for structures. ``unplaced`` fit into no field."""

    plan: WebPlan
    placements: tuple[Placement, ...]
    unplaced: tuple[Structure, ...]

    @property
    def cost_cells(self) -> int:
        return sum(placement.cost_cells for placement in self.placements)


def place_structures(plan: WebPlan, structures: Sequence[Structure]) -> PlacedPlan:
    """Place structures, the largest first; each where it costs the fewest cells, of equal places the one nearest
    to a corner of its field (where it splits the fewest arrays), then the lowest and leftmost.

    The bound of the result is that of the plan without structures, so its gap counts their cost.
    """
    fields = list(plan.fields)
    order = sorted(range(len(structures)), key=lambda k: (-structures[k].width * structures[k].length, k))
    placed: dict[int, Placement] = {}
    for index in order:
        taken = list(placed.values())
        found = _best_place(plan, fields, structures[index], taken)
        if found is None:
            continue
        placed[index] = found
        fields[found.field] = _make_room(plan, fields[found.field], found)
    proof = plan.proof if not any(placement.cost_cells for placement in placed.values()) else ""
    changed = replace(plan, fields=tuple(fields), proof=proof)
    return PlacedPlan(
        changed,
        tuple(placed[k] for k in sorted(placed)),
        tuple(structures[k] for k in range(len(structures)) if k not in placed),
    )


def _best_place(
    plan: WebPlan, fields: Sequence[Field], structure: Structure, taken: Sequence[Placement]
) -> Placement | None:
    options = []
    sizes = [(structure.width, structure.length)]
    if structure.may_turn and structure.width != structure.length:
        sizes.append((structure.length, structure.width))
    for index, field in enumerate(fields):
        if structure.field not in (None, index):
            continue
        others = [other for other in taken if other.field == index]
        for width, length in sizes:
            best = _cheapest(plan, field, width, length, others)
            if best is not None:
                cost, away, x, y = best
                options.append((cost, away, index, y, x, width, length))
    if not options:
        return None
    cost, _, index, y, x, width, length = min(options)
    return Placement(structure, index, x, y, width, length, cost)


def _cheapest(
    plan: WebPlan, field: Field, width: int, length: int, others: Sequence[Placement]
) -> tuple[int, int, int, int] | None:
    """(cost, distance to the nearest corner, x, y) of the best place in one field, or None."""
    kerf = plan.frame.kerf
    cells = _cells(plan, field)
    xs = _candidates(
        field.x, field.x + field.width, width, cells[:, [0, 2]], kerf, [(o.x, o.x + o.width) for o in others]
    )
    ys = _candidates(
        field.y, field.y + field.length, length, cells[:, [1, 3]], kerf, [(o.y, o.y + o.length) for o in others]
    )
    if not len(xs) or not len(ys):
        return None
    across = (cells[:, 0] < xs[:, None] + width + kerf) & (xs[:, None] - kerf < cells[:, 2])
    along = (cells[:, 1] < ys[:, None] + length + kerf) & (ys[:, None] - kerf < cells[:, 3])
    cost = across.astype(np.float32) @ along.astype(np.float32).T
    for other in others:
        hit_x = (other.x - kerf < xs + width) & (xs < other.x + other.width + kerf)
        hit_y = (other.y - kerf < ys + length) & (ys < other.y + other.length + kerf)
        cost[np.ix_(hit_x, hit_y)] = np.inf
    from_left = np.minimum(xs - field.x, field.x + field.width - width - xs)
    from_below = np.minimum(ys - field.y, field.y + field.length - length - ys)
    away = from_left[:, None] + from_below[None, :]
    if not np.isfinite(cost.min()):
        return None
    cheap = np.argwhere(cost == cost.min())
    i, j = min(cheap.tolist(), key=lambda at: (int(away[at[0], at[1]]), int(ys[at[1]]), int(xs[at[0]])))
    return int(cost[i, j]), int(away[i, j]), int(xs[i]), int(ys[j])


def _candidates(start: int, end: int, size: int, edges: Ints, kerf: int, others: Sequence[tuple[int, int]]) -> Ints:
    """Places along one axis: against the field's edges, a cell's or another structure's street, or in the place
    of a cell, from either side.
    """
    low, high = edges[:, 0], edges[:, 1]
    places = [[start, end - size], low, high + kerf, high - size, low - kerf - size]
    places += [[b + kerf, a - kerf - size] for a, b in others]
    found = np.unique(np.concatenate([np.asarray(place, dtype=np.int64) for place in places]))
    inside: Ints = found[(found >= start) & (found + size <= end)]
    return inside


def _cells(plan: WebPlan, field: Field) -> Ints:
    """Finished cells as rows (x0, y0, x1, y1)."""
    kerf = plan.frame.kerf
    found = [np.zeros((0, 4), dtype=np.int64)]
    for block in field.blocks:
        w, h = (plan.cell[1], plan.cell[0]) if block.rotated else plan.cell
        x = block.x + (w + kerf) * np.arange(block.columns, dtype=np.int64)
        y = block.y + (h + kerf) * np.arange(block.rows, dtype=np.int64)
        x, y = (axis.ravel() for axis in np.meshgrid(x, y, indexing="ij"))
        found.append(np.stack([x, y, x + w, y + h], axis=1))
    return np.concatenate(found)


def _make_room(plan: WebPlan, field: Field, placement: Placement) -> Field:
    kerf = plan.frame.kerf
    # blocks hold finished cells; as inflated items they carry their street to the right and above
    zone = box(
        placement.x - kerf,
        placement.y - kerf,
        placement.x + placement.width + kerf,
        placement.y + placement.length + kerf,
    )
    # the street of a cell may reach into the structure's own street, but not the cell itself
    blocks = without(field.blocks, (plan.cell[0] + kerf, plan.cell[1] + kerf), [zone], trim=kerf)
    return replace(field, blocks=blocks)
