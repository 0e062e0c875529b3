"""Packings around forbidden zones: fiducials, coupons, splices, known defects.

Three ways, of which the best counts: lanes from free run to free run, across the frame and along it; the packing
without zones less the cells that meet one, in its four mirror images; and the parts that cuts beside few zones
leave.
"""

from collections.abc import Iterable, Sequence
from math import ceil

from layoutgen.geometry.boxes import Size
from layoutgen.tile.model import Effort, Packing
from layoutgen.tile.pack.blocks import transposed
from layoutgen.tile.pack.frame import merged, pack
from layoutgen.tile.pack.ladder import count_of
from layoutgen.tile.zones.lanes import zone_lanes
from layoutgen.tile.zones.left_out import leave_out
from layoutgen.tile.zones.outline import Outline, overlap
from layoutgen.tile.zones.parts import Parts
from layoutgen.web.plan import Block


def pack_around(
    frame: Size,
    item: Size,
    zones: Sequence[Outline],
    *,
    rotation_allowed: bool = True,
    effort: Effort = Effort.STANDARD,
) -> Packing:
    """As many items as can be found in the frame outside all zones.

    Frame and item are inflated as for `pack`; zones are taken as they are (see :meth:`Outline.grown`). Touching a
    zone is allowed. The bound is the smaller of the area left and the bound without zones.
    """
    whole = pack(frame, item, rotation_allowed=rotation_allowed, effort=effort)
    inside = [zone for zone in zones if overlap(zone.bounds, (0, 0, *frame))]
    if not inside:
        return whole
    best, method = leave_out(whole, inside), f"{whole.method}, less zones"
    upright = zone_lanes(frame, item, inside, rotation_allowed=rotation_allowed)
    sideways = zone_lanes(
        (frame[1], frame[0]),
        item if rotation_allowed else (item[1], item[0]),
        [zone.mirrored() for zone in inside],
        rotation_allowed=rotation_allowed,
    )
    if not rotation_allowed:
        sideways = tuple(Block(b.y, b.x, b.rows, b.columns, rotated=False) for b in sideways)
    else:
        sideways = transposed(sideways)
    parts = Parts(item, tuple(inside), rotation_allowed=rotation_allowed).blocks(frame, effort)
    for name, blocks in (("zone lanes", upright), ("zone lanes", sideways), ("parts beside zones", parts)):
        if count_of(blocks) > count_of(best):
            best, method = blocks, name
    bound = min(whole.upper_bound, _area_left(frame, inside) // (item[0] * item[1]))
    proof = "area left by the zones" if count_of(best) == bound else ""
    blocks = tuple(sorted(merged(best, item), key=lambda block: (block.y, block.x)))
    return Packing(whole.frame, item, blocks, bound, method, proof)


def _area_left(frame: Size, zones: Iterable[Outline]) -> int:
    from shapely.geometry import Polygon
    from shapely.geometry import box as rectangle
    from shapely.ops import unary_union

    taken = unary_union([Polygon(zone.corners) for zone in zones]).intersection(rectangle(0, 0, *frame)).area
    # floating point: give the items the benefit of the doubt
    return ceil(frame[0] * frame[1] - taken * (1 - 1e-12) + 1e-6) if taken else frame[0] * frame[1]
