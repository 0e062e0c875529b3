"""The paper: size, frame, title block, projection symbol, revision table, notes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from layoutgen.draw.builder import NORMAL, SMALL, Draft
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.metrics import shorten, text_width, wrap
from layoutgen.draw.scene import CENTRE, THICK, THIN, Box, Path, Pen, Role

Paper: TypeAlias = Literal["A3", "A4"]
"""A landscape sheet."""
FRAME: Final = Pen(0.7)
CAPTION: Final = 1.8
A3: Final = (420.0, 297.0)
A4: Final = (297.0, 210.0)
TITLE_WIDTH: Final = 180.0
TITLE_HEIGHT: Final = 43.0
_SCALES: Final = tuple(
    factor * base for factor in (0.01, 0.1, 1.0, 10.0, 100.0, 1000.0) for base in (1.0, 2.0, 5.0)
)


@dataclass(frozen=True, slots=True)
class SheetKind:
    """What the title block says of one sheet."""

    title: str
    number: int
    of: int
    scale: str
    size: Paper = "A3"
    unit: str = "mm"


def frame_of(size: Paper) -> Box:
    """Frame of a landscape sheet: 20 mm on the left, 10 mm elsewhere (ISO 5457)."""
    width, height = A3 if size == "A3" else A4
    return Box(20.0, 10.0, width - 10.0, height - 10.0)


def fitting_scale(width_mm: float, height_mm: float, room_width: float, room_height: float) -> float:
    """The largest scale of ISO 5455 (1, 2, 5 and tenfolds) at which a part fits the room."""
    fits = [
        scale
        for scale in _SCALES
        if width_mm * scale <= room_width + 1e-9 and height_mm * scale <= room_height + 1e-9
    ]
    return fits[-1] if fits else _SCALES[0]


def scale_text(scale: float) -> str:
    """A scale as a drawing states it: 10:1 or 1:2."""
    return f"{scale:g}:1" if scale >= 1 else f"1:{1 / scale:g}"


def new_sheet(inputs: DrawingInputs, kind: SheetKind) -> Draft:
    """A sheet with frame, title block and revision table."""
    width, height = A3 if kind.size == "A3" else A4
    title = f"{kind.title}: {inputs.title.title}" if inputs.title.title else kind.title
    draft = Draft(width, height, title)
    frame = frame_of(kind.size)
    draft.box(frame, FRAME, role=Role.FRAME)
    x, y = (frame.x0 + frame.x1) / 2, (frame.y0 + frame.y1) / 2
    marks = (
        ((x, frame.y0), (x, frame.y0 - 5)),
        ((x, frame.y1), (x, frame.y1 + 5)),
        ((frame.x0, y), (frame.x0 - 5, y)),
        ((frame.x1, y), (frame.x1 + 5, y)),
    )
    draft.strokes(marks, FRAME, Role.FRAME)
    _title_block(draft, inputs, kind, frame)
    _revisions(draft, inputs, frame)
    return draft


def revisions_top(inputs: DrawingInputs, size: Paper = "A3") -> float:
    """The y above title block and revision table."""
    return frame_of(size).y0 + TITLE_HEIGHT + 5.0 * (1 + max(1, min(len(inputs.title.revisions), 3)))


def notes(draft: Draft, x: float, top: float, width: float, lines: Iterable[str], heading: str = "Notes") -> float:
    """Numbered notes, wrapped to a width; returns the y below them."""
    draft.text(x, top - NORMAL, heading, NORMAL)
    y = top - NORMAL - 2.0
    found = tuple(lines)
    indent = text_width(f"{len(found)}", SMALL) + 2.0
    for number, line in enumerate(found, 1):
        draft.text(x, y - SMALL * 1.5 + 0.1, f"{number}", SMALL)
        for part in wrap(line, SMALL, width - indent):
            y -= SMALL * 1.5
            draft.text(x + indent, y + 0.1, part, SMALL)
        y -= 0.6
    return y


def _title_block(draft: Draft, inputs: DrawingInputs, kind: SheetKind, frame: Box) -> None:
    block, pdk = inputs.title, inputs.pdk
    left, bottom = frame.x1 - TITLE_WIDTH, frame.y0
    top = bottom + TITLE_HEIGHT
    draft.box(Box(left, bottom, frame.x1, top), THICK, role=Role.FRAME)
    pdk_text = f"{pdk.name} {pdk.version}"
    rows: tuple[tuple[float, tuple[tuple[float, str, str], ...]], ...] = (
        (9.0, ((45, "Created by", block.creator), (45, "Approved by", block.approver),
               (45, "Document type", block.document_type), (45, "Process design kit", pdk_text))),
        (14.0, ((60, "Legal owner", block.owner), (120, "Title", kind.title))),
        (9.0, ((75, "Document number", block.number), (20, "Revision", block.issue),
               (40, "Date of issue", block.issued), (20, "Language", block.language),
               (25, "Sheet", f"{kind.number}/{kind.of}"))),
        (11.0, ((36, "Projection", ""), (30, "Scale", kind.scale), (18, "Size", kind.size),
                (20, "Unit", kind.unit), (50, "Trust in the numbers", pdk.disclaimer or "foundry data"),
                (26, "Design", inputs.identity))),
    )  # fmt: skip
    y = top
    for height, cells in rows:
        x = left
        for width, caption, value in cells:
            draft.text(x + 1.2, y - CAPTION - 0.9, caption, CAPTION, colour="#555555", role=Role.FRAME)
            if caption == "Title":
                _title_lines(draft, x + 1.2, y, width - 2.4, value, block.title)
            elif caption != "Projection":
                _value(draft, x + 1.2, y - height, width - 2.4, value)
            x += width
            if x < frame.x1 - 1e-6:
                draft.line(((x, y), (x, y - height)), THIN, Role.FRAME)
        y -= height
        if y > bottom + 1e-6:
            draft.line(((left, y), (frame.x1, y)), THIN, Role.FRAME)
    _first_angle(draft, left + 12.0, bottom + 4.2)


def _value(draft: Draft, x: float, bottom: float, width: float, value: str) -> None:
    text = value or "-"
    height = next((size for size in (3.0, 2.6) if text_width(text, size) <= width), 2.2)
    draft.text(x, bottom + 1.7, shorten(text, height, width), height, role=Role.FRAME)


def _title_lines(draft: Draft, x: float, top: float, width: float, title: str, product: str) -> None:
    draft.text(x, top - 7.9, shorten(title, 4.0, width), 4.0, role=Role.FRAME)
    if product:
        draft.text(x, top - 12.7, shorten(product, 2.8, width), 2.8, role=Role.FRAME)


def _first_angle(draft: Draft, x: float, y: float) -> None:
    """The symbol of first-angle projection (ISO 5456-2): a cone from the side, its left view to the right."""
    cone = ((x - 5.0, y - 1.3), (x + 1.0, y - 2.6), (x + 1.0, y + 2.6), (x - 5.0, y + 1.3))
    draft.add(Path(cone, THIN, closed=True, role=Role.FRAME))
    draft.line(((x - 6.5, y), (x + 2.5, y)), CENTRE, Role.FRAME)
    centre = (x + 8.0, y)
    draft.circle(centre, 2.6)
    draft.circle(centre, 1.3)
    draft.line(((centre[0] - 3.8, y), (centre[0] + 3.8, y)), CENTRE, Role.FRAME)
    draft.line(((centre[0], y - 3.8), (centre[0], y + 3.8)), CENTRE, Role.FRAME)


def _revisions(draft: Draft, inputs: DrawingInputs, frame: Box) -> None:
    last = inputs.title.revisions[-3:]
    rows = [(r.rev, r.date, r.description, r.by) for r in last] or [("-", "-", "no revision recorded", "-")]
    widths = (15.0, 28.0, 102.0, 35.0)
    table = [("Rev.", "Date", "Description", "By"), *rows]
    fitted = [[shorten(cell, 2.2, width - 2.4) for cell, width in zip(row, widths, strict=True)] for row in table]
    top = revisions_top(inputs, "A3" if frame.x1 > 300 else "A4")
    draft.table(frame.x1 - TITLE_WIDTH, top, widths, fitted, 2.2, row_mm=5.0)
