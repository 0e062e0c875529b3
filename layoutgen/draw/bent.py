"""The package bent to a radius: its solids with arcs in place of level edges, and a view of it from the side.

Equal layers keep their length: a point at x from the middle and at height z stands at the angle ``x / (R + z)``, R
the inner radius, so the ends lean. Layers that grow with their radius all span one angle, ``x / R``, and the ends
point to the axis. The middle of the part stands above the origin.
"""

import math
from collections.abc import Sequence
from typing import Final

from layoutgen.draw.builder import SMALL, Draft
from layoutgen.draw.scene import THIN, Box, Path, Point, Role, Scene
from layoutgen.draw.solids import Prism

_LEVEL_UM: Final = 1e-6
_STEPS: Final = 96
_SIZE: Final = (190.0, 120.0)


def bent_solids(solids: Sequence[Prism], radius_um: float, *, growing: bool) -> tuple[Prism, ...]:
    """Solids of a flat part, bent about an axis along y below it.

    Args:
        solids: profiles of level and upright edges, standing on z = 0.
        radius_um: from the axis to z = 0; infinite leaves everything as it is.
        growing: layers that all span one angle, else equal layers.

    Raises:
        ValueError: the part would close on itself.
    """
    if math.isinf(radius_um):
        return tuple(solids)
    extents = [solid.extent() for solid in solids]
    middle = (min(e[0] for e in extents) + max(e[3] for e in extents)) / 2
    reach = max(max(middle - e[0], e[3] - middle) for e in extents)
    if reach >= math.pi * radius_um:
        raise ValueError("the part would close on itself")
    return tuple(_bent(solid, middle, radius_um, growing=growing) for solid in solids)


def _bent(solid: Prism, middle: float, radius: float, *, growing: bool) -> Prism:
    def angle(x: float, z: float) -> float:
        return (x - middle) / (radius if growing else radius + z)

    def at(x: float, z: float) -> Point:
        turn = angle(x, z)
        return middle + (radius + z) * math.sin(turn), (radius + z) * math.cos(turn) - radius

    ring = solid.profile
    bulges = []
    for (x0, z0), (x1, z1) in zip(ring, (*ring[1:], ring[0]), strict=True):
        level = abs(z1 - z0) < _LEVEL_UM
        # towards +x an arc around an axis below turns clockwise
        bulges.append(-math.tan((angle(x1, z1) - angle(x0, z0)) / 4) if level else 0.0)
    return Prism(
        name=solid.name,
        layer=solid.layer,
        net=solid.net,
        colour=solid.colour,
        profile=tuple(at(x, z) for x, z in ring),
        y0=solid.y0,
        y1=solid.y1,
        bulges=tuple(bulges),
    )


def side_view(solids: Sequence[Prism], title: str, lines: Sequence[str]) -> Scene:
    """The bent part from the side, to scale, with what is to be known of it."""
    draft = Draft(*_SIZE, title)
    draft.box(Box(0.0, 0.0, *_SIZE), None, "#ffffff", Role.AUXILIARY)
    extents = [solid.extent() for solid in solids]
    x0, x1 = min(e[0] for e in extents), max(e[3] for e in extents)
    z0, z1 = min(e[2] for e in extents), max(e[5] for e in extents)
    top = _SIZE[1] - 12.0
    foot = 8.0 + 1.7 * SMALL * len(lines)
    scale = min((_SIZE[0] - 24.0) / (x1 - x0), (top - foot - 8.0) / (z1 - z0))
    left, low = (_SIZE[0] - (x1 - x0) * scale) / 2, foot + (top - foot - (z1 - z0) * scale) / 2

    def paper(point: Point) -> Point:
        return left + (point[0] - x0) * scale, low + (point[1] - z0) * scale

    for solid in solids:
        points: list[Point] = []
        for start, arc in zip(solid.profile, solid.arcs, strict=True):
            points += [start] if arc is None else arc.points(_STEPS)
        draft.add(Path(tuple(map(paper, points)), THIN, closed=True, fill=solid.colour, role=Role.PART))
    draft.text(12.0, _SIZE[1] - 9.0, title, 3.5)
    draft.lines_of_text(12.0, foot - 1.0, lines)
    return draft.scene()
