"""An isometric picture of the package: seen from above, from the + end and the front side."""

import math
from typing import Final

from layoutgen.draw.builder import SMALL, Draft
from layoutgen.draw.scene import THIN, Box, Path, Pen, Point
from layoutgen.draw.solids import Prism
from layoutgen.template import Rect

_EDGE: Final = Pen(0.25, (), "#333333")
_CAPTION_MM: Final = 5.0


def pictorial(draft: Draft, solids: tuple[Prism, ...], mark: Rect, room: Box) -> None:
    """Draw the solids as large as ``room`` allows, in the middle of it; not to scale."""
    boxes = [solid.extent() for solid in solids]
    corners = [
        _project(x, y, z) for x0, y0, z0, x1, y1, z1 in boxes for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)
    ]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    low, high = min(y for _, y in corners), max(y for _, y in corners)
    floor = room.y0 + _CAPTION_MM
    factor = min((room.x1 - room.x0) / (right - left), (room.y1 - floor) / (high - low))
    if factor <= 0:
        return
    shift_x = (room.x0 + room.x1 - (left + right) * factor) / 2
    shift_y = (floor + room.y1 - (low + high) * factor) / 2

    def paper(x: float, y: float, z: float) -> Point:
        px, py = _project(x, y, z)
        return shift_x + px * factor, shift_y + py * factor

    body_floor = next(solid for solid in solids if not solid.net).extent()[2]
    for solid in sorted(solids, key=lambda s: (s.extent()[5] > body_floor, -s.extent()[0])):
        for face, share in _faces(solid):
            points = tuple(paper(*corner) for corner in face)
            draft.add(Path(points, _EDGE, closed=True, fill=_shade(solid, share)))
        if not solid.net:
            z = solid.extent()[5]
            bar = ((mark.x0, mark.y0), (mark.x1, mark.y0), (mark.x1, mark.y1), (mark.x0, mark.y1))
            draft.add(Path(tuple(paper(x, y, z) for x, y in bar), THIN, closed=True, fill="#222222"))
    draft.text((room.x0 + room.x1) / 2, room.y0, "Isometric view, not to scale; + end on the left", SMALL, "middle")


def _project(x: float, y: float, z: float) -> Point:
    return (x - y) * math.cos(math.pi / 6), (x + y) * 0.5 + z


def _faces(solid: Prism) -> list[tuple[tuple[tuple[float, float, float], ...], float]]:
    """The faces that can be seen, far ones first, each with how light it is."""
    x0, y0, _, _, y1, z1 = solid.extent()
    ring = solid.profile
    found: list[tuple[tuple[tuple[float, float, float], ...], float]] = []
    for (ax, az), (bx, bz) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if az == bz == z1:
            found.append((((ax, y0, az), (bx, y0, bz), (bx, y1, bz), (ax, y1, az)), 0.78))
        elif ax == bx == x0:
            found.append((((ax, y0, az), (bx, y0, bz), (bx, y1, bz), (ax, y1, az)), 0.3))
    return [*found, (tuple((x, y0, z) for x, z in ring), 0.55)]


def _shade(solid: Prism, share: float) -> str:
    parts = (int(solid.colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)
