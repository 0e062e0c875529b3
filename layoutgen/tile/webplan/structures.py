"""Test structures in a repeat: process-control coupons and the like, each where it costs the fewest cells.

The tiler knows a structure by its size only; what is drawn inside belongs to the layout. A structure is cut out
like a cell: it stands inside a field with one kerf around it, outside zones, and one kerf away from every cell
and from every other structure. The cells in its way are left out. Candidate places are the corners of cells,
fields, zones and other structures: a structure that is pushed down and to the left until it touches something
costs no more than before. Where cells had to go, the field is then packed again around what stands in it, if that
keeps more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.pack.points import Ints
from layoutgen.tile.webplan.around import packed_around
from layoutgen.tile.zones.left_out import without
from layoutgen.tile.zones.outline import Outline, box
from layoutgen.web.plan import Field, Placement, Regime, Structure, WebPlan


@dataclass(frozen=True, slots=True)
class PlacedPlan:
    """A plan with room made for structures. ``unplaced`` fit into no field."""

    plan: WebPlan
    unplaced: tuple[Structure, ...]

    @property
    def placements(self) -> tuple[Placement, ...]:
        return self.plan.structures

    @property
    def cost_cells(self) -> int:
        return self.plan.structures_cost_cells


def place_structures(plan: WebPlan, structures: Sequence[Structure]) -> PlacedPlan:
    """Place structures, the largest first; each where it costs the fewest cells, of equal places the one nearest
    to a corner of its field (where it splits the fewest arrays), then the lowest and leftmost.

    The bound of the result is that of the plan without structures, so its gap counts their cost.
    """
    fields = list(plan.fields)
    order = sorted(range(len(structures)), key=lambda k: (-structures[k].width * structures[k].length, k))
    placed: dict[int, Placement] = {}
    for index in order:
        found = _best_place(plan, fields, structures[index], list(placed.values()))
        if found is None:
            continue
        before = fields[found.field]
        fields[found.field] = _make_room(plan, before, found, list(placed.values()))
        placed[index] = replace(found, cost_cells=before.count - fields[found.field].count)
    ordered = tuple(placed[k] for k in sorted(placed))
    costs = any(placement.cost_cells for placement in ordered)
    return PlacedPlan(
        replace(plan, fields=tuple(fields), structures=ordered, proof="" if costs else plan.proof),
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
        obstacles = [*(box(*other.box) for other in taken if other.field == index), *_zones_near(plan)]
        for width, length in sizes:
            best = _cheapest(plan, field, width, length, obstacles)
            if best is not None:
                cost, away, x, y = best
                options.append((cost, away, index, y, x, width, length))
    if not options:
        return None
    cost, _, index, y, x, width, length = min(options)
    return Placement(structure, index, x, y, width, length, cost)


def _zones_near(plan: WebPlan) -> list[Outline]:
    """The zones, on a web without fields those of the repeats before and after as well."""
    shifts = (-plan.repeat_length, 0, plan.repeat_length) if plan.frame.regime is Regime.FREE else (0,)
    return [Outline(tuple((x, y + shift) for x, y in zone.corners)) for zone in plan.zones for shift in shifts]


def _cheapest(
    plan: WebPlan, field: Field, width: int, length: int, obstacles: Sequence[Outline]
) -> tuple[int, int, int, int] | None:
    """(cost, distance to the nearest corner, x, y) of the best place in one field, or None."""
    kerf = plan.frame.kerf
    # on a web without fields the street above belongs to the next repeat
    above = 0 if plan.frame.regime is Regime.FREE else kerf
    spans = (
        (field.x + kerf, field.x + field.width - kerf),
        (field.y + kerf, field.y + field.length - above),
    )
    cells = _cells(plan, field)
    xs = _candidates(spans[0], width, cells[:, [0, 2]], kerf, [{x for x, _ in zone.corners} for zone in obstacles])
    ys = _candidates(spans[1], length, cells[:, [1, 3]], kerf, [{y for _, y in zone.corners} for zone in obstacles])
    if not len(xs) or not len(ys):
        return None
    across = (cells[:, 0] < xs[:, None] + width + kerf) & (xs[:, None] - kerf < cells[:, 2])
    along = (cells[:, 1] < ys[:, None] + length + kerf) & (ys[:, None] - kerf < cells[:, 3])
    cost = across.astype(np.float32) @ along.astype(np.float32).T
    for zone in obstacles:
        cost[_meeting(zone, xs - kerf, ys - kerf, width + 2 * kerf, length + 2 * kerf)] = np.inf
    from_left = np.minimum(xs - spans[0][0], spans[0][1] - width - xs)
    from_below = np.minimum(ys - spans[1][0], spans[1][1] - length - ys)
    away = from_left[:, None] + from_below[None, :]
    if not np.isfinite(cost.min()):
        return None
    cheap = np.argwhere(cost == cost.min())
    i, j = min(cheap.tolist(), key=lambda at: (int(away[at[0], at[1]]), int(ys[at[1]]), int(xs[at[0]])))
    return int(cost[i, j]), int(away[i, j]), int(xs[i]), int(ys[j])


def _meeting(zone: Outline, xs: Ints, ys: Ints, width: int, length: int) -> NDArray[np.bool_]:
    """Which rectangles of one size, by their lower-left corners, share an area with a zone."""
    x0, y0, x1, y1 = zone.bounds
    hit = ((x0 < xs + width) & (xs < x1))[:, None] & ((y0 < ys + length) & (ys < y1))[None, :]
    if zone.is_box or not hit.any():
        return hit
    import shapely

    i, j = np.nonzero(hit)
    shapes = shapely.box(xs[i], ys[j], xs[i] + width, ys[j] + length)
    hit[i, j] = shapely.area(shapely.intersection(shapes, shapely.Polygon(zone.corners))) > 0
    return hit


def _candidates(span: tuple[int, int], size: int, edges: Ints, kerf: int, others: Iterable[set[int]]) -> Ints:
    """Places along one axis: against the field's edges, a cell's street or an obstacle, or in the place of a cell,
    from either side.
    """
    low, high = edges[:, 0], edges[:, 1]
    corners = np.array(sorted(set().union(*others)), dtype=np.int64)
    ends = np.array([span[0], span[1] - size], dtype=np.int64)
    beside = corners + kerf, corners - kerf - size
    found = np.unique(np.concatenate([ends, low, high + kerf, high - size, low - kerf - size, *beside]))
    inside: Ints = found[(found >= span[0]) & (found + size <= span[1])]
    return inside


def _cells(plan: WebPlan, field: Field) -> Ints:
    """Finished cells as rows (x0, y0, x1, y1)."""
    kerf = plan.frame.kerf
    found = [np.zeros((0, 4), dtype=np.int64)]
    for block in field.blocks:
        w, h = block.lying(plan.cell)
        x = block.x + (w + kerf) * np.arange(block.columns, dtype=np.int64)
        y = block.y + (h + kerf) * np.arange(block.rows, dtype=np.int64)
        x, y = (axis.ravel() for axis in np.meshgrid(x, y, indexing="ij"))
        found.append(np.stack([x, y, x + w, y + h], axis=1))
    return np.concatenate(found)


def _make_room(plan: WebPlan, field: Field, placement: Placement, others: Sequence[Placement]) -> Field:
    """A field less the cells in the way of a structure; packed again around it where that keeps more."""
    kerf = plan.frame.kerf
    x0, y0, x1, y1 = placement.box
    zone = box(x0 - kerf, y0 - kerf, x1 + kerf, y1 + kerf)
    # the street of a cell may reach into the structure's own street, but not the cell itself
    blocks = without(field.blocks, (plan.cell[0] + kerf, plan.cell[1] + kerf), [zone], trim=kerf)
    less = replace(field, blocks=blocks)
    if less.count == field.count:
        return less
    here = [placement, *(other for other in others if other.field == placement.field)]
    zones = [*(box(*other.box) for other in here), *(Outline(zone.corners) for zone in plan.zones)]
    again = packed_around(plan, field, zones)
    return again if again.count > less.count else less
