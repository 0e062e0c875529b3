"""An isometric picture of the package: seen from above, from the + end and the front side."""

import math
from typing import Final, TypeAlias

from layoutgen.draw.builder import LARGE, SMALL, Draft
from layoutgen.draw.colours import lighter
from layoutgen.draw.scene import Box, Path, Pen, Point
from layoutgen.draw.solids import Prism
from layoutgen.template import Rect

Face: TypeAlias = tuple[tuple[float, float, float], ...]
_EDGE: Final = Pen(0.25)
_CAPTION_MM: Final = 5.0
_SIGN_MM: Final = 7.0
"""Room around the picture for the signs of the poles."""


def pictorial(draft: Draft, solids: tuple[Prism, ...], mark: Rect, room: Box) -> None:
    """Draw the solids as large as ``room`` allows, in the middle of it; not to scale."""
    boxes = [solid.extent() for solid in solids]
    corners = [
        _project(x, y, z) for x0, y0, z0, x1, y1, z1 in boxes for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)
    ]
    left, right = min(x for x, _ in corners), max(x for x, _ in corners)
    low, high = min(y for _, y in corners), max(y for _, y in corners)
    floor = room.y0 + _CAPTION_MM + _SIGN_MM
    room = Box(room.x0 + _SIGN_MM, room.y0, room.x1 - _SIGN_MM, room.y1 - _SIGN_MM)
    factor = min((room.x1 - room.x0) / (right - left), (room.y1 - floor) / (high - low))
    if factor <= 0:
        return
    shift_x = (room.x0 + room.x1 - (left + right) * factor) / 2
    shift_y = (floor + room.y1 - (low + high) * factor) / 2

    def paper(x: float, y: float, z: float) -> Point:
        px, py = _project(x, y, z)
        return shift_x + px * factor, shift_y + py * factor

    body = next(solid for solid in solids if not solid.net).extent()
    for solid, face, share in _painted(solids, body[2]):
        draft.add(
            Path(tuple(paper(*corner) for corner in face), _EDGE, closed=True, fill=lighter(solid.colour, share))
        )
    top = ((mark.x0, mark.y0), (mark.x1, mark.y0), (mark.x1, mark.y1), (mark.x0, mark.y1))
    draft.add(Path(tuple(paper(x, y, body[5]) for x, y in top), None, closed=True, fill="#222222"))
    x0, y0, x1, y1 = body[0], body[1], body[3], body[4]
    middle, height = (y0 + y1) / 2, body[5]
    (px, py), (mx, my) = paper(x0, middle, 0.0), paper(x1, middle, height)
    # beside the part, though inside the upright box around its slanted faces
    draft.text(px - 5.0, py - 5.0, "+", LARGE, "middle", on_part=True)
    draft.text(mx + 5.0, my + 3.0, "-", LARGE, "middle", on_part=True)
    draft.text((room.x0 + room.x1) / 2, room.y0, "Isometric view, not to scale", SMALL, "middle")


def _project(x: float, y: float, z: float) -> Point:
    return (x - y) * math.cos(math.pi / 6), (x + y) * 0.5 + z


def _painted(solids: tuple[Prism, ...], floor: float) -> list[tuple[Prism, Face, float]]:
    """Every face that can be seen, in the order to paint, each with how light it is.

    What lies under the body comes first, then the body, then metal on and before it, the - end before the + end.
    """

    def order(item: tuple[Prism, Face, float]) -> tuple[int, float]:
        solid, face, _ = item
        if all(z <= floor for _, _, z in face):
            return 0, -solid.extent()[0]
        return (2 if solid.net else 1), -solid.extent()[0]

    return sorted(((solid, face, share) for solid in solids for face, share in _faces(solid)), key=order)


def _faces(solid: Prism) -> list[tuple[Face, float]]:
    """The top, the ends that look towards -x, and the front, each with how light it is."""
    x0, y0, _, _, y1, z1 = solid.extent()
    ring = solid.profile
    found: list[tuple[Face, float]] = []
    for (ax, az), (bx, bz) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if az == bz == z1:
            found.append((((ax, y0, az), (bx, y0, bz), (bx, y1, bz), (ax, y1, az)), 0.78))
        elif ax == bx == x0:
            found.append((((ax, y0, az), (bx, y0, bz), (bx, y1, bz), (ax, y1, az)), 0.3))
    return [*found, (tuple((x, y0, z) for x, z in ring), 0.55)]
