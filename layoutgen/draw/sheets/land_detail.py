"""One end of the + land at a larger scale: land, part, courtyard, solder mask and paste with their distances."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from layoutgen.draw.builder import NORMAL, SMALL, Draft
from layoutgen.draw.scene import HIDDEN, THICK, THIN, Box, Path, Pen, Point, Role
from layoutgen.draw.sheet import fitting_scale, scale_text
from layoutgen.draw.text import mm
from layoutgen.smt.land_pattern import LandPattern
from layoutgen.smt.part import SolderPart
from layoutgen.smt.paste import Opening, lands, mask_openings, paste_openings

COPPER: Final = "#dca36b"
MASK: Final = Pen(0.25, (1.5, 0.8), "#1f6f3a")
PASTE: Final = "#9aa3ad"
COURTYARD: Final = Pen(0.35, (5.0, 1.5), "#b0219a")
LETTER: Final = "A"
LARGEST: Final = 20.0
_MARGIN_MM: Final = 0.15
"""Part coordinates: what the window shows around the courtyard and inside the land, and of the second opening."""
_TITLE, _ABOVE, _BELOW, _LEFT, _RIGHT = 9.0, 8.0, 17.0, 12.0, 19.0
_CORNER_STEPS: Final = 6


@dataclass(frozen=True, slots=True)
class Detail:
    """Where the detail stands on paper, what it shows (mm of the part), and its scale."""

    at: Point
    window: Box
    scale: float

    def place(self, box: Box) -> Box:
        """A box of the part on paper, cut off at the window."""
        x0, x1 = (min(max(x, self.window.x0), self.window.x1) for x in (box.x0, box.x1))
        y0, y1 = (min(max(y, self.window.y0), self.window.y1) for y in (box.y0, box.y1))
        return Box(*self._point(x0, y0), *self._point(x1, y1))

    def _point(self, x: float, y: float) -> Point:
        return self.at[0] + (x - self.window.x0) * self.scale, self.at[1] + (y - self.window.y0) * self.scale

    @property
    def frame(self) -> Box:
        return self.place(self.window)


def rounded(box: Box, radius: float, *, low: bool = True) -> tuple[Point, ...]:
    """The outline of a box with rounded corners, the lower ones only if ``low``; from the lower left upwards."""
    arcs: list[Point] = []
    corners = (
        (box.x0 + radius, box.y0 + radius, 270.0, low, (box.x0, box.y0)),
        (box.x0 + radius, box.y1 - radius, 180.0, True, (box.x0, box.y1)),
        (box.x1 - radius, box.y1 - radius, 90.0, True, (box.x1, box.y1)),
        (box.x1 - radius, box.y0 + radius, 0.0, low, (box.x1, box.y0)),
    )
    for x, y, start, round_it, sharp in corners:
        if not round_it:
            arcs.append(sharp)
            continue
        for step in range(_CORNER_STEPS + 1):
            angle = math.radians(start - 90.0 * step / _CORNER_STEPS)
            arcs.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return tuple(arcs)


def arrange(pattern: LandPattern, room: Box, main_scale: float) -> Detail | None:
    """A detail in a room on paper; None where it would not be twice as large as the main view."""
    land, printed = _box(lands(pattern)[0]), _paste(pattern)
    low = -pattern.courtyard_width / 2 - _MARGIN_MM
    if len(printed) > 1:
        low = _box(printed[0]).y1 - printed[0].corner_radius - _MARGIN_MM
    elif not printed:
        low = max(low, land.y1 - 2 * (land.x1 - land.x0))
    window = Box(
        -pattern.courtyard_length / 2 - _MARGIN_MM,
        low,
        land.x1 + _MARGIN_MM,
        pattern.courtyard_width / 2 + _MARGIN_MM,
    )
    width, height = window.x1 - window.x0, window.y1 - window.y0
    across, upright = room.x1 - room.x0 - _LEFT - _RIGHT, room.y1 - room.y0 - _TITLE - _ABOVE - _BELOW
    scale = min(fitting_scale(width, height, across, upright), LARGEST)
    if scale < 2 * main_scale:
        return None
    return Detail((room.x0 + _LEFT, room.y1 - _TITLE - _ABOVE - height * scale), window, scale)


def mark(draft: Draft, land: Box, left: float, above: float) -> None:
    """The circle around the end of a land that the detail shows, and its letter left of ``left``."""
    radius = max(3.5, (land.x1 - land.x0) * 0.75)
    draft.circle(((land.x0 + land.x1) / 2, land.y1 - radius * 0.4), radius)
    draft.text(min(left, land.x0 - radius) - 1.0, above, LETTER, NORMAL, "end")


def draw(draft: Draft, detail: Detail, part: SolderPart, pattern: LandPattern) -> None:
    """The detail with its dimensions and its title."""
    land, mask = _box(lands(pattern)[0]), _box(mask_openings(pattern)[0])
    printed = [_box(opening) for opening in _paste(pattern)]
    body = _box(Opening(0, 0, part.length.nominal_mm, part.width.nominal_mm))
    yard = _box(Opening(0, 0, pattern.courtyard_length, pattern.courtyard_width))
    _shape(draft, detail, lands(pattern)[0], THICK, COPPER)
    for opening in _paste(pattern):
        _shape(draft, detail, opening, THIN, PASTE)
    _shape(draft, detail, mask_openings(pattern)[0], MASK)
    _outline(draft, detail, body, HIDDEN)
    _outline(draft, detail, yard, COURTYARD)
    frame = detail.frame
    draft.box(frame, THIN, role=Role.AUXILIARY)
    title = f"Detail {LETTER}, {scale_text(detail.scale)}"
    draft.text(frame.x0 - _LEFT, frame.y1 + _ABOVE + _TITLE - NORMAL - 2.0, title, NORMAL)
    _across(draft, detail, (yard.x0, land.x0), frame.y1, 5.0, "before")
    _across(draft, detail, (land.x1, mask.x1), frame.y1, 5.0, "after")
    _across(draft, detail, (land.x0, body.x0), frame.y0, -6.0, "before")
    _across(draft, detail, (land.x0, land.x1), frame.y0, -13.0, "inside", "Y ")
    if printed:
        _upright(draft, detail, (printed[-1].y0, printed[-1].y1), 7.0)
        _upright(draft, detail, (printed[-1].y1, land.y1), 14.0, "before")
    if len(printed) > 1:
        _upright(draft, detail, (printed[-2].y1, printed[-1].y0), 7.0, "before")


def _shape(draft: Draft, detail: Detail, opening: Opening, pen: Pen, fill: str | None = None) -> None:
    """A land or opening, its outline open where the window cuts it off."""
    box = _box(opening)
    whole = box.y0 >= detail.window.y0
    outline = rounded(detail.place(box), opening.corner_radius * detail.scale, low=whole)
    if fill:
        draft.add(Path(outline, None, closed=True, fill=fill))
    draft.add(Path(outline, pen, closed=whole))


def _across(
    draft: Draft,
    detail: Detail,
    span: tuple[float, float],
    edge: float,
    out: float,
    place: Literal["inside", "before", "after"],
    name: str = "",
) -> None:
    (x0, x1), text = sorted(span), f"{name}{mm(abs(span[1] - span[0]))}"
    placed = detail.place(Box(x0, detail.window.y0, x1, detail.window.y1))
    start, end = (placed.x0, edge), (placed.x1, edge)
    draft.dimension(start, end, edge + out, text, detail.scale, place=place, height=SMALL)


def _upright(
    draft: Draft,
    detail: Detail,
    span: tuple[float, float],
    out: float,
    place: Literal["inside", "before", "after"] | None = None,
) -> None:
    placed, text = detail.place(Box(detail.window.x0, span[0], detail.window.x1, span[1])), mm(span[1] - span[0])
    start, end = (placed.x1, placed.y0), (placed.x1, placed.y1)
    line = detail.frame.x1 + out
    draft.dimension(start, end, line, text, detail.scale, vertical=True, place=place, height=SMALL)


def _outline(draft: Draft, detail: Detail, box: Box, pen: Pen) -> None:
    """The edges of part or courtyard that the window shows."""
    placed, window = detail.place(box), detail.window
    low, high = (placed.x0, placed.y0), (placed.x0, placed.y1)
    far_high, far_low = (placed.x1, placed.y1), (placed.x1, placed.y0)
    if box.y0 < window.y0:
        draft.line((low, high, far_high), pen)
    else:
        draft.line((far_low, low, high, far_high), pen)


def _paste(pattern: LandPattern) -> list[Opening]:
    """The stencil openings of the + land that the detail shows: the last one, and the one before it."""
    return [opening for opening in paste_openings(pattern) if opening.x < 0][-2:]


def _box(opening: Opening) -> Box:
    half_x, half_y = opening.length / 2, opening.width / 2
    return Box(opening.x - half_x, opening.y - half_y, opening.x + half_x, opening.y + half_y)
