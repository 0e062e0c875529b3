"""Land pattern: lands, part and courtyard at level B, mask and paste, and the arithmetic of all three levels."""

from dataclasses import dataclass
from typing import Final, Literal

from layoutgen.draw.builder import LARGE, NORMAL, SMALL, Draft
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.metrics import text_width
from layoutgen.draw.scene import CENTRE, HIDDEN, THICK, THIN, Box, Path, Pen, Point, Role, Scene
from layoutgen.draw.sheet import A3, SheetKind, fitting_scale, new_sheet, notes, revisions_top, scale_text
from layoutgen.draw.sheets import land_detail
from layoutgen.draw.sheets.land_detail import COPPER, COURTYARD, MASK, PASTE, Detail, rounded
from layoutgen.draw.text import mm
from layoutgen.smt.land_pattern import (
    BOARD_TOLERANCE_MM,
    PLACEMENT_TOLERANCE_MM,
    LandPattern,
    Level,
    land_pattern,
)
from layoutgen.smt.part import SolderPart, solder_part
from layoutgen.smt.paste import (
    AREA_RATIO_LEAST,
    MASK_EXPANSION_MM,
    STENCIL_MM,
    Opening,
    coverage,
    lands,
    mask_openings,
    paste_openings,
)

TITLE: Final = "Land pattern"
_CAPTION: Final = "Lands, part and courtyard, level B, seen on the board"
_RIGHT_COLUMN: Final = 292.0


@dataclass(frozen=True, slots=True)
class _Figures:
    scale: float
    lands: Point
    paste: Point
    detail: Detail | None


def sheet(inputs: DrawingInputs, number: int = 1, of: int = 1) -> Scene:
    """The land pattern of a design.

    Raises:
        DesignError: the lands would touch.
    """
    part = solder_part(inputs.design, inputs.template)
    patterns = {level: land_pattern(part, level) for level in Level}
    figures = _arrange(inputs, patterns[Level.B])
    draft = new_sheet(inputs, SheetKind(TITLE, number, of, scale_text(figures.scale)))
    _land_figure(draft, figures, part, patterns[Level.B])
    _paste_figure(draft, figures, part, patterns[Level.B])
    if figures.detail:
        land_detail.draw(draft, figures.detail, part, patterns[Level.B])
    draft.text(_RIGHT_COLUMN, 277.5, "Levels of the IPC-7351B model", NORMAL)
    table = level_table(patterns)
    low = draft.table(_RIGHT_COLUMN, 274.0, (54.0, 20.0, 20.0, 20.0), table, SMALL, row_mm=5.0)
    low = _arithmetic(draft, low - 7.0, part, patterns[Level.B])
    notes(draft, _RIGHT_COLUMN, low - 4.0, 114.0, _notes(patterns[Level.B]))
    return draft.scene()


def figure(inputs: DrawingInputs) -> Scene:
    """The lands of level B alone, for a page that has its own frame."""
    part = solder_part(inputs.design, inputs.template)
    pattern = land_pattern(part)
    draft = Draft(*A3, TITLE)
    _land_figure(draft, _arrange(inputs, pattern), part, pattern)
    return draft.scene()


def level_table(patterns: dict[Level, LandPattern]) -> list[tuple[str, ...]]:
    """The numbers of the three levels, mm."""
    rows: list[tuple[str, ...]] = [("mm", *(f"{level}" for level in patterns))]

    def row(name: str, values: list[float]) -> None:
        rows.append((name, *(mm(value) for value in values)))

    found = list(patterns.values())
    row("Z, over the lands", [p.z for p in found])
    row("G, between the lands", [p.g for p in found])
    row("X, land width", [p.x for p in found])
    row("Y, land length", [p.pad_length for p in found])
    row("C, centre to centre", [2 * p.pad_offset for p in found])
    row("V1, courtyard length", [p.courtyard_length for p in found])
    row("V2, courtyard width", [p.courtyard_width for p in found])
    row("mask opening, length", [mask_openings(p)[0].length for p in found])
    row("mask opening, width", [mask_openings(p)[0].width for p in found])
    openings = [paste_openings(p) for p in found]
    if not all(openings):
        return [*rows, ("paste openings a land", *("none" for _ in found))]
    rows.append(("paste openings a land", *(str(len(o) // 2) for o in openings)))
    row("paste opening, length", [o[0].length for o in openings])
    row("paste opening, width", [o[0].width for o in openings])
    rows.append(("paste area ratio", *(f"{o[0].area_ratio():.2f}" for o in openings)))
    rows.append(("paste on land", *(f"{coverage(p) * 100:.0f} %" for p in found)))
    return rows


def _arrange(inputs: DrawingInputs, pattern: LandPattern) -> _Figures:
    length, width = pattern.courtyard_length, pattern.courtyard_width
    # besides the figures: captions and dimensions, 30 mm above and 21 mm below the first, 14 and 14 the second
    around = 30.0 + 21.0 + 14.0 + 14.0
    best: tuple[float, float, float] = (0.0, 0.0, 0.0)
    for floor, right in ((11.0, 222.0), (revisions_top(inputs) + 1.0, _RIGHT_COLUMN - 6.0)):
        # the widths of dimensions on both sides
        scale = fitting_scale(length, width, right - 26.0 - 64.0, (286.0 - floor - around) / 2)
        best = max(best, (scale, floor, right), key=lambda choice: choice[0])
    scale, floor, right = best
    spare = (286.0 - floor - around - 2 * width * scale) / 3
    x = (26.0 + right) / 2
    upper = 286.0 - spare / 2 - 30.0 - width * scale / 2
    lower = floor + spare / 2 + 14.0 + width * scale / 2
    # the dimensions on the right of the second figure reach 33 mm beyond the courtyard at most
    reach = max(length * scale / 2 + 33.0, text_width(_CAPTION, NORMAL) / 2 + 4.0)
    beside = Box(x + reach, revisions_top(inputs) + 4.0, _RIGHT_COLUMN - 4.0, 286.0)
    return _Figures(scale, (x, upper), (x, lower), land_detail.arrange(pattern, beside, scale))


def _box(at: Point, scale: float, opening: Opening) -> Box:
    x, y = at[0] + opening.x * scale, at[1] + opening.y * scale
    half_x, half_y = opening.length * scale / 2, opening.width * scale / 2
    return Box(x - half_x, y - half_y, x + half_x, y + half_y)


def _shape(at: Point, scale: float, opening: Opening, pen: Pen, fill: str | None = None) -> Path:
    outline = rounded(_box(at, scale, opening), opening.corner_radius * scale)
    return Path(outline, pen, closed=True, fill=fill)


def _land_figure(draft: Draft, figures: _Figures, part: SolderPart, pattern: LandPattern) -> None:
    at, scale = figures.lands, figures.scale
    pads = [_box(at, scale, land) for land in lands(pattern)]
    for land in lands(pattern):
        draft.add(_shape(at, scale, land, THICK, COPPER))
    body = _box(at, scale, Opening(0, 0, part.length.nominal_mm, part.width.nominal_mm))
    yard = _box(at, scale, Opening(0, 0, pattern.courtyard_length, pattern.courtyard_width))
    draft.box(body, HIDDEN)
    draft.box(yard, COURTYARD)
    draft.line(((yard.x0 - 3, at[1]), (yard.x1 + 3, at[1])), CENTRE, Role.AUXILIARY)
    draft.line(((at[0], yard.y0 - 2), (at[0], yard.y1 + 2)), CENTRE, Role.AUXILIARY)
    draft.text(yard.x0 - 1.5, yard.y1 + 2.6, "1 +", LARGE, "end")
    draft.text(yard.x1 + 1.5, yard.y1 + 2.6, "2 -", LARGE)
    gap, over = f"G {mm(pattern.g)}", f"Z {mm(pattern.z)}"
    # a G too short for its text goes below Z, so that no extension line runs through a text
    fits = pads[1].x0 - pads[0].x1 > text_width(gap, NORMAL) + 1.0
    low_g, low_z = (yard.y0 - 8.0, yard.y0 - 17.0) if fits else (yard.y0 - 17.0, yard.y0 - 8.0)
    place: Literal["inside", "after"] = "inside" if fits else "after"
    draft.dimension((pads[0].x1, pads[0].y0), (pads[1].x0, pads[1].y0), low_g, gap, scale, place=place)
    draft.dimension((pads[0].x0, pads[0].y0), (pads[1].x1, pads[1].y0), low_z, over, scale, place=place)
    across = f"X {mm(pattern.x)}"
    _upright(draft, pads[0], "left", yard.x0 - (9.0 if _fits(pads[0], across) else 16.0), across, scale)
    _upright(draft, yard, "right", yard.x1 + 14.0, f"V2 {mm(pattern.courtyard_width)}", scale)
    v1 = f"V1 {mm(pattern.courtyard_length)}"
    draft.dimension((yard.x0, yard.y1), (yard.x1, yard.y1), yard.y1 + 11.0, v1, scale)
    draft.text(at[0], yard.y1 + 20.5, _CAPTION, NORMAL, "middle")


def _upright(draft: Draft, box: Box, side: str, line: float, text: str, scale: float) -> None:
    """The dimension of a box's height on its left or right; where the text does not fit, it stands below."""
    x = box.x0 if side == "left" else box.x1
    place: Literal["inside", "before"] = "inside" if _fits(box, text) else "before"
    draft.dimension((x, box.y0), (x, box.y1), line, text, scale, vertical=True, place=place)


def _fits(box: Box, text: str) -> bool:
    return box.y1 - box.y0 >= text_width(text, NORMAL) + 1.0


def _paste_figure(draft: Draft, figures: _Figures, part: SolderPart, pattern: LandPattern) -> None:
    at, scale = figures.paste, figures.scale
    for land in lands(pattern):
        draft.add(_shape(at, scale, land, THIN, "#f3ddc4"))
    for opening in mask_openings(pattern):
        draft.add(_shape(at, scale, opening, MASK))
    for opening in paste_openings(pattern):
        draft.add(_shape(at, scale, opening, THIN, PASTE))
    openings = [_box(at, scale, opening) for opening in paste_openings(pattern)]
    yard = _box(at, scale, Opening(0, 0, pattern.courtyard_length, pattern.courtyard_width))
    masked = mask_openings(pattern)[0]
    mask, line = _box(at, scale, masked), yard.y0 - 6.0
    draft.dimension((mask.x0, mask.y0), (mask.x1, mask.y0), line, mm(masked.length), scale, place="before")
    # where a text stands below, it keeps clear of the dimensions there
    out = 9.0 if _fits(mask, mm(masked.width)) else 26.0
    _upright(draft, mask, "left", yard.x0 - out, mm(masked.width), scale)
    if openings:
        printed, right, last = paste_openings(pattern)[0], openings[len(openings) // 2], openings[-1]
        draft.dimension((right.x0, right.y0), (right.x1, right.y0), line, mm(printed.length), scale, place="after")
        reach = 0.0 if _fits(last, mm(printed.width)) else 4.0 + text_width(mm(printed.width), NORMAL)
        out = 9.0 if last.y0 - reach > yard.y0 + 0.5 else 26.0
        _upright(draft, last, "right", yard.x1 + out, mm(printed.width), scale)
    body = _box(at, scale, Opening(0, 0, part.length.nominal_mm, part.width.nominal_mm))
    draft.box(body, HIDDEN)
    if figures.detail:
        land_detail.mark(draft, mask, yard.x0, yard.y1 + 1.2)
    paste = f"and paste (grey), stencil {mm(STENCIL_MM)}" if openings else "on the lands; no paste is printed"
    caption = f"Solder mask (dashed) {paste}"
    draft.text(at[0], yard.y1 + 7.0, caption, NORMAL, "middle")


def _arithmetic(draft: Draft, top: float, part: SolderPart, pattern: LandPattern) -> float:
    goals = pattern.goals
    band_l = part.length.most_mm - part.length.least_mm
    band_t = part.terminal_length.most_mm - part.terminal_length.least_mm
    band_w = part.terminal_width.most_mm - part.terminal_width.least_mm
    common = f"{BOARD_TOLERANCE_MM:.2f}² + {PLACEMENT_TOLERANCE_MM:.2f}²"
    lines = (
        f"Goals: {goals.family}; toe JT {goals.toe:.2f}, heel JH {goals.heel:.2f},",
        f"side JS {goals.side:.2f}, courtyard {goals.courtyard:.2f}, rounded to {goals.rounding:.2f};",
        f"board F {BOARD_TOLERANCE_MM:.2f}, placement P {PLACEMENT_TOLERANCE_MM:.2f}",
        "Z = Lmin + 2 JT + √(CL² + F² + P²)",
        f"   = {pattern.length_min:.3f} + 2 × {goals.toe:.2f} + √({band_l:.3f}² + {common})",
        f"   = {pattern.exact_z:.3f} → {mm(pattern.z)}",
        "G = Smax,rms - 2 JH - √(CS² + F² + P²),  CS = √(CL² + 2 CT²)",
        f"   = {pattern.heel_span:.3f} - 2 × {goals.heel:.2f} - √({band_l:.3f}² + 2 × {band_t:.3f}² + {common})",
        f"   = {pattern.exact_g:.3f} → {mm(pattern.g)}",
        "X = Wmin + 2 JS + √(CW² + F² + P²)",
        f"   = {pattern.width_min:.3f} + 2 × {goals.side:.2f} + √({band_w:.3f}² + {common})",
        f"   = {pattern.exact_x:.3f} → {mm(pattern.x)}",
    )
    draft.text(_RIGHT_COLUMN, top - NORMAL, "Arithmetic of level B", NORMAL)
    return draft.lines_of_text(_RIGHT_COLUMN, top - NORMAL - 0.5, lines, 2.2)


def _notes(pattern: LandPattern) -> list[str]:
    ratios = [opening.area_ratio() for opening in paste_openings(pattern)]
    if ratios:
        enough = "meets" if min(ratios) >= AREA_RATIO_LEAST else "is below"
        paste = f"Paste area ratio {min(ratios):.2f} {enough} {AREA_RATIO_LEAST}."
    else:
        paste = f"No reflow and no paste: {pattern.no_reflow}."
    return [
        "Land 1 is + and on the left. Part outline dashed, courtyard violet."
        f" Land corners R {mm(lands(pattern)[0].corner_radius)}.",
        f"Mask {mm(MASK_EXPANSION_MM)} beyond the land on every side. {paste}",
        "Keep-out: no open via, trace or test point between the lands under the part.",
        "Terminal limits from the package outline.",
    ]
