"""The picture of a part in its cavity: wall, clearance, package with its terminals, to scale."""

from collections.abc import Sequence

from layoutgen.draw.builder import Draft
from layoutgen.draw.scene import HAIR, HIDDEN, THICK, THIN, Path, Role
from layoutgen.draw.svg import svg_bytes
from layoutgen.geometry.flatten import Side, flattened
from layoutgen.geometry.offset import inset
from layoutgen.geometry.outline import Outline, Point
from layoutgen.solver.cavity import DBU_PER_MM, Cavity, Fit
from layoutgen.units import counted, plain

_WIDTH_MM = 170.0
_MARGIN_MM = 12.0
_HEAD_MM = 16.0
_MOST_MM = 220.0
_CHORD_DBU = 2_000
_PART, _END = "#e6eef8", "#d9a441"


def cavity_svg(found: Cavity, title: str) -> bytes:
    """The best part in the cavity; places in mm are those of the answer."""
    (width, height), fit = found.outline.size, found.fits[0]
    scale = min((_WIDTH_MM - 2 * _MARGIN_MM) / width, _MOST_MM / height)
    draft = Draft(_WIDTH_MM, height * scale + 2 * _MARGIN_MM + _HEAD_MM, title)
    left = (_WIDTH_MM - width * scale) / 2

    def paper(points: Sequence[Point]) -> list[Point]:
        return [(left + x * scale, _MARGIN_MM + y * scale) for x, y in points]

    def path(outline: Outline) -> list[Point]:
        corners = flattened(outline, _CHORD_DBU, Side.INSIDE)
        return paper([*corners, corners[0]])

    draft.line(path(found.outline), THICK)
    if found.clearance_mm:
        for room in inset(found.outline, round(found.clearance_mm * DBU_PER_MM)):
            draft.line(path(room), HIDDEN, Role.AUXILIARY)
    corners = [(x * DBU_PER_MM, y * DBU_PER_MM) for x, y in fit.corners_mm]
    share = fit.solution.device.terminal_length_um / fit.solution.device.package_length_um
    draft.add(Path(tuple(paper(corners)), THIN, closed=True, fill=_PART))
    draft.add(*(Path(tuple(paper(end)), HAIR, closed=True, fill=_END) for end in _ends(corners, share)))
    (x, y), *_ = paper([fit.room.centre])
    lines = _said(fit)
    for number, line in enumerate(lines):
        draft.text(x, y + (len(lines) / 2 - number) * 4.6 - 3.4, line, 2.5, "middle")
    top = _MARGIN_MM + height * scale + _HEAD_MM
    draft.text(_MARGIN_MM, top, title, 3.5)
    draft.text(_MARGIN_MM, top - 5.5, "dashed: clearance to the wall; shaded: the terminals", 2.2)
    return svg_bytes(draft.scene())


def _ends(corners: Sequence[Point], share: float) -> list[list[Point]]:
    """The terminals, each so large a part of the length."""
    a, b, c, d = corners

    def part(p: Point, q: Point) -> Point:
        return p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])

    return [[a, part(a, b), part(d, c), d], [b, part(b, a), part(c, d), c]]


def _said(fit: Fit) -> list[str]:
    device = fit.solution.device
    length, width = fit.package_mm
    return [
        f"{length:.2f} x {width:.2f} x {device.package_height_um / 1000:.2f} mm",
        f"{plain(device.rated_mah, 4)} mAh rated, {counted(device.layers, 'layer')}",
    ]
