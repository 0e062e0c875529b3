"""What was done to one piece of a mask: gone, new, moved, grown or shrunk by so much on each side, redrawn."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from layoutgen.geometry.nearest import nearest_boxes
from layoutgen.geometry.regions import EMPTY
from layoutgen.identity.shapes import Columns, Ints

Sides = tuple[int, int, int, int]
"""How far the left, lower, right and upper edges moved outwards, in units of the comparison."""
_LEAST_PARTNERS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a piece.

    ``kind`` is missing, extra, moved, bias, vertices or changed; ``by`` holds the shift or the four sides, or the
    largest deviation, rounded up.
    """

    kind: str
    by: tuple[int, ...] = ()


def sides_as(change: Change) -> Sides:
    """The sides of a bias."""
    left, low, right, high = change.by
    return left, low, right, high


MISSING, EXTRA, CHANGED = Change("missing"), Change("extra"), Change("changed")


def polygons_in(columns: Columns) -> "np.ndarray[Any, Any]":
    """Polygons as an array of regions."""
    parts = [
        np.asarray(shapely.polygons(part.points().astype(np.float64))) for part in columns.values() if len(part)
    ]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=object)


def joined(polygons: "np.ndarray[Any, Any]") -> BaseGeometry:
    """The region that polygons cover."""
    if not len(polygons):
        return EMPTY
    bad = ~shapely.is_valid(polygons)
    if bad.any():
        polygons = polygons.copy()
        polygons[bad] = shapely.make_valid(polygons[bad])
    return _areas(shapely.disjoint_subset_union_all(polygons))


def apart(first: BaseGeometry, second: BaseGeometry) -> BaseGeometry:
    """What one region covers and the other does not."""
    if first.is_empty or second.is_empty:
        return first
    return _areas(first.difference(second))


def _areas(region: BaseGeometry) -> BaseGeometry:
    if region.geom_type in {"Polygon", "MultiPolygon"}:
        return region
    return MultiPolygon([part for part in _parts(region) if isinstance(part, Polygon) and part.area > 0])


def _parts(region: BaseGeometry) -> Sequence[BaseGeometry]:
    parts = list(shapely.get_parts(region))
    if any(part.geom_type.startswith(("Multi", "Geometry")) for part in parts):
        return [piece for part in parts for piece in _parts(part)]
    return parts


def equal(first: BaseGeometry, second: BaseGeometry) -> bool:
    """Whether two regions cover the same."""
    if first.is_empty or second.is_empty:
        return bool(first.is_empty and second.is_empty)
    if first.bounds != second.bounds:
        return False
    return bool(first.symmetric_difference(second).area == 0)


def explained(seen: BaseGeometry, meant: BaseGeometry, tolerance: float) -> Change:
    """What was done to one piece, exactly; ``changed`` where no simple word says it.

    Args:
        seen: what the file has there.
        meant: what the design has there.
        tolerance: outlines that deviate no further, and not all to one side, are the same shape drawn otherwise.
    """
    if seen.is_empty:
        return MISSING
    if meant.is_empty:
        return EXTRA
    # parts that touch at a corner, as the pixels of a label do, are one once grown: then the box around all tells
    for sides in dict.fromkeys(filter(None, (sides_of(seen, meant), _sides_of_box(seen, meant)))):
        left, low, right, high = sides
        if left == -right and low == -high and equal(seen, shifted(meant, right, high)):
            return Change("moved", (right, high))
        if any(sides) and equal(seen, grown_by(meant, sides)):
            return Change("bias", sides)
    if slightly(seen, meant, tolerance):
        return Change("vertices", (deviation(seen, meant),))
    return CHANGED


def shifted(region: BaseGeometry, dx: int, dy: int) -> BaseGeometry:
    moved: BaseGeometry = shapely.transform(region, lambda points: points + np.array([dx, dy], dtype=np.float64))
    return moved


def slightly(seen: BaseGeometry, meant: BaseGeometry, tolerance: float) -> bool:
    """Whether outlines deviate by no more than a tolerance, seen from either."""
    if tolerance <= 0 or seen.is_empty or meant.is_empty:
        return False
    return bool(
        seen.within(meant.buffer(tolerance, join_style="mitre"))
        and meant.within(seen.buffer(tolerance, join_style="mitre"))
    )


def deviation(seen: BaseGeometry, meant: BaseGeometry) -> int:
    """The largest distance between two outlines, rounded up."""
    return int(np.ceil(shapely.hausdorff_distance(seen.boundary, meant.boundary) - 1e-9))


def sides_of(seen: BaseGeometry, meant: BaseGeometry) -> Sides | None:
    """By how much most rings of a region have grown, side by side: outer rings outwards, holes inwards."""
    ours, theirs = _rings(seen), _rings(meant)
    if not len(ours) or not len(theirs):
        return None
    counts: Counter[Sides] = Counter()
    for inside in (False, True):
        a, b = ours[ours[:, 4] == inside], theirs[theirs[:, 4] == inside]
        if not len(a) or not len(b):
            continue
        for mine, partner in zip(b, nearest_boxes(a[:, :4], b[:, :4]), strict=True):
            step = a[partner, :4] - mine[:4]
            sign = -1 if inside else 1
            counts[(-sign * int(step[0]), -sign * int(step[1]), sign * int(step[2]), sign * int(step[3]))] += 1
    if not counts:
        return None
    sides, count = max(counts.items(), key=lambda item: (item[1], [-abs(value) for value in item[0]]))
    return sides if count >= _LEAST_PARTNERS * sum(counts.values()) else None


def _sides_of_box(seen: BaseGeometry, meant: BaseGeometry) -> Sides:
    """By how much the box around a region has grown."""
    a, b, c, d = (round(mine - theirs) for mine, theirs in zip(seen.bounds, meant.bounds, strict=True))
    return -a, -b, c, d


def _rings(region: BaseGeometry) -> Ints:
    """(x0, y0, x1, y1, whether it is a hole) of every ring."""
    rows = []
    for part in shapely.get_parts(region):
        rows.append((*part.exterior.bounds, 0))
        rows += [(*hole.bounds, 1) for hole in part.interiors]
    return np.rint(np.array(rows, dtype=np.float64).reshape(-1, 5)).astype(np.int64)


def grown_by(region: BaseGeometry, sides: Sides) -> BaseGeometry:
    """A region with its left, lower, right and upper edges moved outwards by so much, corners kept sharp."""
    left, low, right, high = sides
    if left == low == right == high and not _upright(region):
        return _areas(region.buffer(left, join_style="mitre", mitre_limit=10.0))
    parts = []
    for part in shapely.get_parts(region):
        shell = _moved_ring(orient(part).exterior.coords, sides)
        holes = [_moved_ring(hole.coords, sides) for hole in orient(part).interiors]
        if shell is None:
            continue
        grown: BaseGeometry = Polygon(shell).buffer(0)
        for hole in holes:
            if hole is not None:
                grown = grown.difference(Polygon(hole).buffer(0))
        parts.append(grown)
    return _areas(shapely.union_all(parts)) if parts else EMPTY


def _upright(region: BaseGeometry) -> bool:
    for part in shapely.get_parts(region):
        for ring in (part.exterior, *part.interiors):
            steps = np.diff(shapely.get_coordinates(ring), axis=0)
            if (steps != 0).all(axis=1).any():
                return False
    return True


def _moved_ring(coordinates: Any, sides: Sides) -> "np.ndarray[Any, Any] | None":
    """A ring of upright and level edges with each edge moved away from the inside (which lies left of it).

    None where it vanishes.
    """
    points = np.asarray(coordinates)[:-1, :2]
    step = np.roll(points, -1, axis=0) - points
    turn = np.roll(step, 1, axis=0)
    # vertices on straight runs move with either of their edges
    left, low, right, high = sides
    out_x = np.where(step[:, 1] > 0, right, np.where(step[:, 1] < 0, -left, 0))
    out_y = np.where(step[:, 0] > 0, -low, np.where(step[:, 0] < 0, high, 0))
    before_x = np.where(turn[:, 1] > 0, right, np.where(turn[:, 1] < 0, -left, 0))
    before_y = np.where(turn[:, 0] > 0, -low, np.where(turn[:, 0] < 0, high, 0))
    straight = step[:, 0] * turn[:, 1] == step[:, 1] * turn[:, 0]
    move_x = np.where(straight, out_x, out_x + before_x)
    move_y = np.where(straight, out_y, out_y + before_y)
    moved = points + np.stack([move_x, move_y], axis=1)
    before, after = _signed(points), _signed(moved)
    return moved if before * after > 0 and _same_turns(points, moved) else None


def _signed(points: "np.ndarray[Any, Any]") -> float:
    x, y = points[:, 0] - points[0, 0], points[:, 1] - points[0, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _same_turns(points: "np.ndarray[Any, Any]", moved: "np.ndarray[Any, Any]") -> bool:
    """Whether every edge still runs the way it ran: nothing was turned inside out."""
    before, after = (np.roll(ring, -1, axis=0) - ring for ring in (points, moved))
    return bool((before * after >= 0).all())
