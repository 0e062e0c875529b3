"""Outlines packed around places that must stay free."""

from collections.abc import Sequence
from math import ceil

from layoutgen.geometry.outline import Outline
from layoutgen.tile.model import Effort
from layoutgen.tile.outline.bounds import grown_by, outline_bound
from layoutgen.tile.outline.ladder import Found, Kit, best_found, boxes
from layoutgen.tile.outline.model import OutlinePacking, Place, lattices_of
from layoutgen.tile.outline.verify import Judge

Corners = Sequence[tuple[int, int]]


def pack_outline_around(
    outline: Outline,
    distance: int,
    kerf: int,
    size: tuple[int, int],
    zones: Sequence[Corners],
    *,
    rotation_allowed: bool = True,
    effort: Effort = Effort.HIGH,
) -> OutlinePacking:
    """As many outlines as can be found in a field a kerf away from every zone: the packing without zones less the
    cells in the way, also turned half around and pushed to the other sides, or the parts of the field beside the
    zones packed by themselves.

    The bound is that without zones, or the area that they leave.
    """
    kit = Kit(outline, distance, rotation_allowed, effort)
    judge = Judge(outline, distance)
    bound, name = outline_bound(outline, distance, size)
    whole = best_found(kit, size, bound)
    left = _area_left(outline, distance, size, zones)
    if left < bound:
        bound, name = left, "area left by the zones"
    best = Found((), "none")
    for start in (whole, boxes(kit, size)):
        for places in _pushed(kit, start.places, size):
            kept = judge.outside(places, zones, kerf)
            if len(kept) > best.count:
                best = Found(tuple(kept), f"{start.method}, less zones")
    other = _beside(kit, size, zones, kerf)
    if other.count > best.count:
        best = other
    proof = name if best.count == bound else ""
    return OutlinePacking(size, lattices_of(best.places), bound, best.method, proof)


def _pushed(kit: Kit, places: Sequence[Place], size: tuple[int, int]) -> list[list[Place]]:
    """A packing in each corner of its field, and turned half around where cells may be."""
    if not places:
        return []
    sizes = kit.upright.sizes
    ways = [list(places)]
    if kit.same_sideways or 180 in kit.upright.turns:
        turns = kit.upright.turns
        half = {
            t: next(o for o in turns if kit.outline.turned((t + 180) % 360).same_as(kit.outline.turned(o)))
            for t in turns
        }
        ways.append([(half[t], size[0] - x - sizes[t][0], size[1] - y - sizes[t][1]) for t, x, y in places])
    found = []
    for way in ways:
        right = size[0] - max(x + sizes[t][0] for t, x, _ in way)
        up = size[1] - max(y + sizes[t][1] for t, _, y in way)
        moves = [(dx, dy) for dx in (0, right // 2, right) for dy in (0, up // 2, up)]
        found += [[(t, x + dx, y + dy) for t, x, y in way] for dx, dy in moves]
    return found


def _beside(kit: Kit, size: tuple[int, int], zones: Sequence[Corners], kerf: int) -> Found:
    """Parts below, above, left and right of the box around all zones, each packed by itself."""
    x0 = max(0, min(x for zone in zones for x, _ in zone) - kerf)
    y0 = max(0, min(y for zone in zones for _, y in zone) - kerf)
    x1 = min(size[0], max(x for zone in zones for x, _ in zone) + kerf)
    y1 = min(size[1], max(y for zone in zones for _, y in zone) + kerf)
    d = kit.distance
    best = Found((), "none")
    low, high = (0, 0, size[0], y0), (0, y1, size[0], size[1])
    left, right = (0, 0, x0, size[1]), (x1, 0, size[0], size[1])
    # a part that runs through keeps its distance from those beside the zones
    middle_y = (y0 + d if y0 else 0), (y1 - d if y1 < size[1] else size[1])
    middle_x = (x0 + d if x0 else 0), (x1 - d if x1 < size[0] else size[0])
    ways = [
        [low, high, (0, middle_y[0], x0, middle_y[1]), (x1, middle_y[0], size[0], middle_y[1])],
        [left, right, (middle_x[0], 0, middle_x[1], y0), (middle_x[0], y1, middle_x[1], size[1])],
    ]
    for way in ways:
        places: list[Place] = []
        for a, b, c, e in way:
            if c > a and e > b:
                part = best_found(kit, (c - a, e - b), 10**9)
                places += [(t, x + a, y + b) for t, x, y in part.places]
        if len(places) > best.count:
            best = Found(tuple(places), "parts beside zones")
    return best


def _area_left(outline: Outline, distance: int, size: tuple[int, int], zones: Sequence[Corners]) -> int:
    """Grown outlines that the grown field has area for outside the zones."""
    from shapely.geometry import Polygon, box
    from shapely.ops import unary_union

    reach = distance / 2
    room = box(-reach, -reach, size[0] + reach, size[1] + reach)
    # the middle of the street beside a zone may be the cell's, so the zone itself is all that is taken away
    taken = unary_union([Polygon(zone) for zone in zones]).intersection(room).area
    grown = grown_by(outline, reach)
    return ceil((room.area - taken) * (1 + 1e-9)) // max(1, int(grown.area - 2 * grown.length))
