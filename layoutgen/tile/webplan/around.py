"""A planned web with parts of it kept free: splices, known defects, clamps, test structures.

Fields keep their places and sizes; what is inside each is packed again around what must stay free. Where the web is
patterned field by field, several rows of fields are tried, since one may leave a zone between two fields. A zone
comes again with every repeat: what of it reaches past the end of one lies at the start of the next.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import gcd

from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.regimes import field_of, lay_row
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.tile.webplan.rows import room_for, search_rows
from layoutgen.tile.webplan.settle import settled
from layoutgen.tile.zones.frame import pack_around
from layoutgen.tile.zones.outline import Outline, box, meets
from layoutgen.tile.zones.wrap import lies_outside, on_one_repeat
from layoutgen.web.plan import Field, Regime, WebFrame, WebPlan, Zone

# rows of fields that are packed around zones, the densest first
_ROWS = {Effort.QUICK: 1, Effort.STANDARD: 4, Effort.MEDIUM: 4, Effort.HIGH: 8, Effort.EXTREME: 16}


def plan_around(
    frame: WebFrame,
    cell: tuple[int, int],
    zones: Sequence[Zone],
    *,
    effort: Effort = Effort.STANDARD,
    other_rows: bool = True,
    plan: WebPlan | None = None,
) -> WebPlan:
    """The best repeat found for a finished cell ``(length, width)`` on a web with parts kept free, all in dbu.

    Every cell keeps one kerf away from every zone, which repeats with the web; the plan holds the zones as they
    lie on one repeat. The bound is that of the web without zones, or the area that they leave if that is less.
    Without ``other_rows`` fields stay where they are on the web without zones. That one's ``plan`` is made where it
    is not given.
    """
    plan = plan or plan_web(frame, cell, effort=effort)
    if not zones or not plan.fields:
        return replace(plan, zones=on_one_repeat(zones, plan.repeat_length))
    plans = [plan]
    if other_rows:
        plans += [
            other
            for other in _other_rows(plan, effort)
            if not any(lies_outside(zone.corners, frame.width, other.repeat_length) for zone in zones)
        ]
    cleared = [_cleared(other, on_one_repeat(zones, other.repeat_length), effort) for other in plans]
    best = max(cleared, key=lambda other: other.cells_per_repeat / other.repeat_length)
    bound = min(best.bound_cells_per_repeat, _most_beside(best, [Outline(zone.corners) for zone in best.zones]))
    proof = ""
    if best.cells_per_repeat == bound:
        proof = best.proof if bound == best.bound_cells_per_repeat else "area left by the zones"
    return replace(best, bound_cells_per_repeat=bound, proof=proof)


def packed_around(plan: WebPlan, field: Field, zones: Iterable[Outline], effort: Effort = Effort.STANDARD) -> Field:
    """A field of a plan packed again around zones, given in repeat coordinates; its outline stays.

    On a web without fields the zones of the repeats before and after count as well.
    """
    frame, kerf = plan.frame, plan.frame.kerf
    free = frame.regime is Regime.FREE
    shifts = (-plan.repeat_length, 0, plan.repeat_length) if free else (0,)
    size = field.width - kerf, field.length - (0 if free else kerf)
    item = plan.cell[0] + kerf, plan.cell[1] + kerf
    unit = gcd(*size, *item)
    corner = field.x + kerf, field.y + kerf
    local = [
        _in_units(Outline(tuple((x - corner[0], y - corner[1] + shift) for x, y in zone.corners)).grown(kerf), unit)
        for zone in zones
        for shift in shifts
    ]
    packing = pack_around(
        (size[0] // unit, size[1] // unit),
        (item[0] // unit, item[1] // unit),
        local,
        rotation_allowed=frame.rotation_allowed,
        effort=effort,
    )
    blocks = tuple(replace(block, x=block.x * unit, y=block.y * unit) for block in packing.blocks)
    whole = replace(packing, frame=size, item=item, blocks=blocks)
    forbidden = [Outline(tuple((x * unit, y * unit) for x, y in zone.corners)) for zone in local]
    clear = settled(whole, kerf, frame.least_strip, lambda box: not any(meets(zone, box) for zone in forbidden))
    return field_of(clear, kerf, field)


def _in_units(zone: Outline, unit: int) -> Outline:
    """A zone on the grid that cells lie on, rounded outwards."""
    if zone.is_box:
        x0, y0, x1, y1 = zone.bounds
        return box(x0 // unit, y0 // unit, -(-x1 // unit), -(-y1 // unit))
    rounded = Outline(tuple((round(x / unit) - 1, round(y / unit) - 1) for x, y in zone.corners))
    return rounded.grown(2) if unit > 1 else zone


def _cleared(plan: WebPlan, zones: tuple[Zone, ...], effort: Effort) -> WebPlan:
    """A plan with every field that a zone comes near packed again, and fields that hold nothing left out."""
    outlines = [Outline(zone.corners) for zone in zones]
    fields = []
    for field in plan.fields:
        near = [outline for outline in outlines if _near(outline, field, plan)]
        fields.append(packed_around(plan, field, near, effort) if near else field)
    method = f"{plan.method}, around zones" if tuple(fields) != plan.fields else plan.method
    reached = sum(field.count for field in fields) == plan.bound_cells_per_repeat
    proof = (plan.proof or "bound of the web without zones") if reached else ""
    kept = tuple(field for field in fields if field.count)
    return replace(plan, fields=kept, method=method, proof=proof, zones=zones)


def _near(zone: Outline, field: Field, plan: WebPlan) -> bool:
    if plan.frame.regime is Regime.FREE:
        return True
    (x0, y0, x1, y1), kerf = zone.bounds, plan.frame.kerf
    return (
        x0 < field.x + field.width + kerf
        and field.x - kerf < x1
        and y0 < field.y + field.length + kerf
        and field.y - kerf < y1
    )


def _other_rows(plan: WebPlan, effort: Effort) -> list[WebPlan]:
    """Plans of other good rows of fields, each with the bound of the best one for its repeat."""
    frame = plan.frame
    if frame.regime is not Regime.FIELDS or not frame.rotation_allowed or frame.slits:
        return []
    room = room_for(frame, plan.cell)
    search = search_rows(room, _ROWS[effort])
    found = []
    for row in search.rows[1:]:
        if row.count:
            fields, repeat, method = lay_row(room, plan.cell, row, Effort.STANDARD)
            bound = -(-plan.bound_cells_per_repeat * repeat // plan.repeat_length)
            found.append(WebPlan(frame, plan.cell, fields, repeat, bound, method, ""))
    return found


def _most_beside(plan: WebPlan, zones: Sequence[Outline]) -> int:
    """Cells with a street each that the usable web has area for outside the zones."""
    from math import ceil

    from shapely.geometry import Polygon
    from shapely.geometry import box as rectangle
    from shapely.ops import unary_union

    frame = plan.frame
    usable = rectangle(frame.edge, 0, frame.width - frame.edge, plan.repeat_length)
    left = usable.difference(unary_union([Polygon(zone.corners) for zone in zones])).area
    # floating point: give the cells the benefit of the doubt
    return ceil(left * (1 + 1e-12)) // ((plan.cell[0] + frame.kerf) * (plan.cell[1] + frame.kerf))
