"""Assembly data: carrier tape (EIA-481), pick-and-place, how parts come, and the reflow profile that holds."""

import math
from typing import Final, Literal

from layoutgen.draw.builder import NORMAL, SMALL, Draft
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.metrics import text_width
from layoutgen.draw.scene import CENTRE, HAIR, HIDDEN, THICK, THIN, Box, Pen, Point, Role, Scene, arrow
from layoutgen.draw.sheet import SheetKind, fitting_scale, new_sheet, notes, scale_text
from layoutgen.draw.text import mm
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.attach import Attach
from layoutgen.sizing.flags import BEYOND
from layoutgen.smt.part import SolderPart, solder_part
from layoutgen.smt.reflow import (
    LIQUIDUS_C,
    LIQUIDUS_S,
    PEAK_BAND_C,
    PEAK_S,
    RAMP_DOWN_C_PER_S,
    RAMP_UP_C_PER_S,
    SOAK_END_C,
    SOAK_START_C,
    TO_PEAK_MAX_S,
    classified_c,
    has_profile,
    peak_c,
    reflow_profile,
)
from layoutgen.smt.tape import (
    SPROCKET_EDGE_MM,
    SPROCKET_HOLE_MM,
    SPROCKET_PITCH_MM,
    SPROCKET_TO_POCKET_MM,
    WIDEST_MM,
    Tape,
    carrier_tape,
)
from layoutgen.units import plain

TITLE: Final = "Tape, placement and reflow"
_TAPE_ROOM: Final = Box(40.0, 130.0, 236.0, 268.0)
_LEAST_SIGN_MM: Final = 1.8
_CURVE: Final = Pen(0.6, (), "#b3372e")
_NOT_STATED: Final = "not stated"
_LIMIT: Final = Pen(0.35, (3.0, 1.2), "#1f5fa8")


def sheet(inputs: DrawingInputs, number: int = 1, of: int = 1) -> Scene:
    """The assembly sheet of a design."""
    part = solder_part(inputs.design, inputs.template)
    tape = carrier_tape(part)
    scale, count = _fit(tape) if tape else (1.0, 0)
    text = scale_text(scale) if tape else "-"
    draft = new_sheet(inputs, SheetKind(TITLE, number, of, text))
    draft.text(27.0, 277.0, "Carrier tape, seen on the side of the parts", NORMAL)
    if tape:
        _tape(draft, part, tape, (scale, count))
    else:
        draft.text(
            27.0, 268.0, f"No tape up to {plain(WIDEST_MM)} mm wide takes this part: ship it in trays.", NORMAL
        )
    _tables(draft, inputs, part, tape)
    if _has_profile(inputs):
        _profile(draft, inputs, Box(266.0, 172.0, 402.0, 264.0))
    else:
        draft.text(262.0, 277.0, "Reflow", NORMAL)
        draft.text(262.0, 268.0, "No Pb-free reflow: see the notes.", NORMAL)
    notes(draft, 262.0, 152.0 if _has_profile(inputs) else 258.0, 142.0, _notes(inputs, part, tape))
    return draft.scene()


def solderable(inputs: DrawingInputs) -> bool:
    """Whether the part may be reflow soldered at all."""
    return not inputs.design.no_reflow


def _has_profile(inputs: DrawingInputs) -> bool:
    return solderable(inputs) and has_profile(peak_c(inputs.pdk, inputs.design))


def _lead(tape: Tape) -> float:
    """From the start of the piece that is drawn to the middle of its first pocket: whole hole pitches."""
    pitches = math.ceil((tape.a0 / 2 + 1.0) / SPROCKET_PITCH_MM)
    return SPROCKET_PITCH_MM * pitches


def _shown(tape: Tape, count: int) -> float:
    """Length of the piece that is drawn."""
    return 2 * _lead(tape) + tape.p1 * (count - 1)


def _fit(tape: Tape) -> tuple[float, int]:
    """The largest scale at which two pockets or more fit, and how many then do."""
    width, height = _TAPE_ROOM.x1 - _TAPE_ROOM.x0 - 50.0, _TAPE_ROOM.y1 - _TAPE_ROOM.y0 - 45.0
    lengths = {count: _shown(tape, count) for count in range(2, 9)}
    lengths = {count: length for count, length in lengths.items() if length >= 5 * SPROCKET_PITCH_MM}
    return max((fitting_scale(length, tape.width, width, height), count) for count, length in lengths.items())


def _tape(draft: Draft, part: SolderPart, tape: Tape, fit: tuple[float, int]) -> None:
    """Plan view; the tape leaves to the left, sprocket holes on top."""
    scale, count = fit
    length = _shown(tape, count)
    x0 = (_TAPE_ROOM.x0 + _TAPE_ROOM.x1 - length * scale) / 2 - 4.0
    top = (_TAPE_ROOM.y0 + _TAPE_ROOM.y1 + tape.width * scale) / 2
    bottom, x1 = top - tape.width * scale, x0 + length * scale
    draft.strokes((((x0, top), (x1, top)), ((x0, bottom), (x1, bottom))), THICK)
    for x in (x0, x1):
        draft.line(((x, bottom), (x, top)), HIDDEN)
    holes_y = top - SPROCKET_EDGE_MM * scale
    holes = int(length / SPROCKET_PITCH_MM)
    first = x0 + SPROCKET_TO_POCKET_MM * scale
    hole_xs = [first + i * SPROCKET_PITCH_MM * scale for i in range(holes)]
    for x in hole_xs:
        for row in (holes_y, *((holes_y - tape.s0 * scale,) if tape.s0 else ())):
            draft.circle((x, row), SPROCKET_HOLE_MM / 2 * scale, THIN)
    middle = holes_y - tape.f * scale
    centres = [x0 + (_lead(tape) + i * tape.p1) * scale for i in range(count)]
    half = tape.a0 * scale / 2, tape.b0 * scale / 2
    for x in centres:
        pocket = Box(x - half[0], middle - half[1], x + half[0], middle + half[1])
        draft.box(pocket, THIN, "#eceff2")
        beside_clear = tape.plus == "sprocket holes" or x > centres[0]  # the first has a dimension on its left
        if not _part(draft, (x, middle), part, tape, scale) and beside_clear:
            room = min((tape.p1 - tape.a0) * scale, x1 - pocket.x1)
            _signs_beside(draft, pocket, part, tape, (scale, room))
    # the line of the pockets' middles leaves parts and their signs clear
    ends = [x0 - 3.0, *(edge for x in centres for edge in (x - half[0], x + half[0])), x1 + 3.0]
    for start, end in zip(ends[::2], ends[1::2], strict=True):
        draft.line(((start, middle), (end, middle)), CENTRE, Role.AUXILIARY)
    _tape_dimensions(draft, tape, scale, (x0, x1, bottom, top), (hole_xs, centres, holes_y, middle))
    y = bottom - 22.0
    draft.line(((x0 + 24.0, y), (x0 + 2.0, y)), THICK, Role.NOTE)
    draft.add(arrow((x0, y), (-1.0, 0.0), Role.NOTE))
    draft.text(x0 + 26.0, y - SMALL / 2, "direction of feed", SMALL)


def _part(draft: Draft, at: Point, part: SolderPart, tape: Tape, scale: float) -> bool:
    """A part in its pocket, the sign of a pole beside its terminal on the body; whether there was room for it."""
    x, y = at
    terminal = part.terminal_length.nominal_mm * scale
    half_length, half_width = part.length.nominal_mm * scale / 2, part.width.nominal_mm * scale / 2
    inset = part.inset_mm * scale

    def box(low: float, high: float, half: float) -> Box:
        """Along the part's length from the + end, ``half`` to each side of its middle."""
        if tape.plus == "sprocket holes":
            return Box(x - half, y + half_length - high, x + half, y + half_length - low)
        return Box(x - half_length + low, y - half, x - half_length + high, y + half)

    draft.box(box(0.0, 2 * half_length, half_width), THIN, "#dfe3df")
    across = part.terminal_width.nominal_mm * scale / 2
    starts = {"+": inset, "-": 2 * half_length - inset - terminal}
    for sign, fill in (("+", "#b9bec4"), ("-", "#8b9096")):
        draft.box(box(starts[sign], starts[sign] + terminal, across), THIN, fill)
    size = min(NORMAL, (2 * half_width - 1.0) / text_width("+", 1.0))
    if size < _LEAST_SIGN_MM or half_length - inset - terminal < size * 1.6 + 1.5:
        return False
    for sign, start in starts.items():
        # on the body beside the terminal: the metal is too narrow on small parts
        middle = start + terminal + size if sign == "+" else start - size
        sign_box = box(middle, middle, 0.0)
        # the arms of a + cross at 0.42 of the height of capitals
        draft.text(sign_box.x0, sign_box.y0 - 0.42 * size, sign, size, "middle", on_part=True)
    return True


def _signs_beside(draft: Draft, pocket: Box, part: SolderPart, tape: Tape, fit: tuple[float, float]) -> None:
    """The signs of the poles on the tape beside a pocket whose part is too small for them."""
    scale, room = fit
    lengthwise = tape.plus == "leading end"
    size = min(NORMAL, (room / (2 if lengthwise else 1) - 1.0) / text_width("+", 1.0))
    if size < _LEAST_SIGN_MM:
        return
    out = 0.5 + text_width("+", size) / 2
    middle = (pocket.y0 + pocket.y1) / 2
    if lengthwise:
        # above the line of the pockets' middles
        y = middle + max(part.width.nominal_mm * scale / 4, size * 0.5 + 0.8)
        places = {"+": (pocket.x0 - out, y), "-": (pocket.x1 + out, y)}
    else:
        along = (part.length.nominal_mm / 2 - part.inset_mm - part.terminal_length.nominal_mm / 2) * scale
        along = max(along, size)
        places = {"+": (pocket.x1 + out, middle + along), "-": (pocket.x1 + out, middle - along)}
    for sign, (x, y) in places.items():
        draft.text(x, y - 0.42 * size, sign, size, "middle")


def _tape_dimensions(
    draft: Draft,
    tape: Tape,
    scale: float,
    frame: tuple[float, float, float, float],
    places: tuple[list[float], list[float], float, float],
) -> None:
    x0, x1, bottom, top = frame
    holes, centres, holes_y, middle = places
    above = top + 8.0
    half = tape.a0 * scale / 2
    # the extension lines of a pocket's middle end at its edge, to leave the part and its signs clear
    low, high = middle - tape.b0 * scale / 2, middle + tape.b0 * scale / 2
    before = max(x for x in holes if x < centres[0])
    hole_pitch, to_pocket = f"P0 {mm(SPROCKET_PITCH_MM)}", f"P2 {mm(SPROCKET_TO_POCKET_MM)}"
    draft.dimension((holes[-2], holes_y), (holes[-1], holes_y), above, hole_pitch, scale, place="after")
    draft.dimension((before, holes_y), (centres[0], high), above, to_pocket, scale, place="after")
    draft.dimension((centres[0], low), (centres[1], low), bottom - 14.0, f"P1 {mm(tape.p1)}", scale)
    start, end = (centres[-1] - half, low), (centres[-1] + half, low)
    draft.dimension(start, end, bottom - 6.0, f"A0 {mm(tape.a0)}", scale, place="after")
    last = x1 + (31.0 if tape.s0 else 20.0)
    draft.dimension((x1, bottom), (x1, top), last, f"W {mm(tape.width)}", scale, vertical=True)
    to_pockets = f"F {mm(tape.f)}"
    height = NORMAL if text_width(to_pockets, NORMAL) + 1.0 < tape.f * scale else SMALL
    draft.dimension(
        (x1, middle), (x1, holes_y), x1 + 9.0, to_pockets, scale, vertical=True, place="inside", height=height
    )
    if tape.s0:
        rows = f"S0 {mm(tape.s0)}"
        foot = (x1, holes_y - tape.s0 * scale)
        draft.dimension(foot, (x1, holes_y), x1 + 20.0, rows, scale, vertical=True)
    pocket = f"B0 {mm(tape.b0)}"
    place: Literal["inside", "before"] = "inside" if high - low > text_width(pocket, NORMAL) + 1.0 else "before"
    left = centres[0] - half
    draft.dimension((left, low), (left, high), x0 - 9.0, pocket, scale, vertical=True, place=place)


def _tables(draft: Draft, inputs: DrawingInputs, part: SolderPart, tape: Tape | None) -> None:
    top = 122.0
    rows: list[tuple[str, str]] = [("Carrier tape", "mm")]
    if tape:
        rows += [
            ("W, tape width", mm(tape.width)),
            ("F, holes to pockets", mm(tape.f)),
            ("P1, pocket pitch", mm(tape.p1)),
            ("A0, pocket along the tape", mm(tape.a0)),
            ("B0, pocket across the tape", mm(tape.b0)),
            ("K0, pocket depth", mm(tape.k0)),
            ("P0, hole pitch", mm(SPROCKET_PITCH_MM)),
            ("P2, hole to pocket", mm(SPROCKET_TO_POCKET_MM)),
            ("D0, hole diameter", mm(SPROCKET_HOLE_MM)),
            ("E1, edge to holes", mm(SPROCKET_EDGE_MM)),
        ]
        if tape.s0:
            rows.append(("S0, rows of holes apart", mm(tape.s0)))
    else:
        rows.append((f"none up to {plain(WIDEST_MM)} mm", "-"))
    draft.table(27.0, top, (58.0, 30.0), rows, SMALL, row_mm=5.2)
    place = [
        ("Pick and place", "mm"),
        ("Body length", mm(part.length.nominal_mm)),
        ("Body width", mm(part.width.nominal_mm)),
        ("Height, nominal", mm(part.height.nominal_mm)),
        ("Height, largest", mm(part.height.most_mm)),
        ("Mass", f"{plain(inputs.design.mass_g, 3)} g"),
        ("Pick-up point", "middle of the top"),
        ("Zero rotation", "+ on the left"),
    ]
    lowest = draft.table(130.0, top, (46.0, 44.0), place, SMALL, row_mm=5.2)
    draft.table(130.0, lowest - 5.0, (46.0, 44.0), _delivery(inputs.pdk, tape), SMALL, row_mm=5.2)


def _delivery(pdk: Pdk, tape: Tape | None) -> list[tuple[str, str]]:
    """How parts come: what the process states, and what it does not."""
    package = pdk.package
    rows = [
        ("As delivered", ""),
        ("MSL, J-STD-020", package.moisture_class or _NOT_STATED),
        ("Storage", package.storage or _NOT_STATED),
        ("Reel", package.reel or _NOT_STATED),
    ]
    return rows + ([("Pockets in a metre", f"{1000 / tape.p1:.0f}")] if tape else [])


def _profile(draft: Draft, inputs: DrawingInputs, area: Box) -> None:
    peak = peak_c(inputs.pdk, inputs.design)
    profile = reflow_profile(peak)
    draft.text(262.0, 277.0, f"Reflow profile, peak at most {plain(peak)} °C", NORMAL)
    end = 60.0 * (int(profile.points[-1][0] / 60) + 2)

    def at(seconds: float, celsius: float) -> Point:
        return (
            area.x0 + seconds / end * (area.x1 - area.x0),
            area.y0 + celsius / 300.0 * (area.y1 - area.y0),
        )

    draft.strokes(((at(s, 0), at(s, 300)) for s in range(60, int(end), 60)), HAIR, Role.AUXILIARY)
    draft.strokes(((at(0, c), at(end, c)) for c in range(50, 300, 50)), HAIR, Role.AUXILIARY)
    draft.box(area, THIN, role=Role.AUXILIARY)
    for seconds in range(0, int(end) + 1, 60):
        x, y = at(seconds, 0)
        draft.text(x, y - 4.5, str(seconds), SMALL, "middle")
    for celsius in range(0, 301, 50):
        x, y = at(0, celsius)
        draft.text(x - 1.5, y - SMALL / 2, str(celsius), SMALL, "end")
    draft.text((area.x0 + area.x1) / 2, area.y0 - 9.5, "time, s", SMALL, "middle")
    draft.text(area.x0 - 1.0, area.y1 + 2.5, "°C", SMALL, "end")
    draft.line([at(*point) for point in profile.points], _CURVE, Role.AUXILIARY)
    x, y = at(end, LIQUIDUS_C)
    draft.line((at(0, LIQUIDUS_C), at(end, LIQUIDUS_C)), HIDDEN, Role.AUXILIARY)
    draft.text(x - 2.0, y - 4.2, f"liquidus {plain(LIQUIDUS_C)} °C", SMALL, "end", opaque=True)
    draft.line((at(0, peak), at(end, peak)), _LIMIT, Role.AUXILIARY)
    x, y = at(0, peak)
    draft.text(x + 2.0, y + 1.5, f"at most {plain(peak)} °C", SMALL, opaque=True)


def _notes(inputs: DrawingInputs, part: SolderPart, tape: Tape | None) -> list[str]:
    design, peak = inputs.design, peak_c(inputs.pdk, inputs.design)
    asked = classified_c(design)
    volume = design.package_length_um * design.package_width_um * design.package_height_um * 1e-9
    size = f"{mm(part.height.nominal_mm)} mm thick, {plain(volume, 4)} mm³"
    low, high = LIQUIDUS_S
    found: list[str] = []
    if _has_profile(inputs):
        profile = reflow_profile(peak)
        named = f"Peak at most {plain(peak)} °C, the class of J-STD-020 (Pb-free): {size}."
        if peak < asked:
            named = (
                f"Peak at most {plain(peak)} °C, as the process names it. The part is not classified by J-STD-020"
                f" (Pb-free), which asks for {asked} °C at {size}."
            )
        found += [
            named,
            f"Limits: {plain(SOAK_START_C)} to {plain(SOAK_END_C)} °C in 60 to 120 s; at most"
            f" {plain(RAMP_UP_C_PER_S)} °C/s up and {plain(RAMP_DOWN_C_PER_S)} °C/s down; above liquidus"
            f" {plain(low)} to {plain(high)} s (drawn: {profile.above_liquidus_s:.0f} s); {plain(PEAK_S)} s"
            f" within {plain(PEAK_BAND_C)} °C of the peak; at most {plain(TO_PEAK_MAX_S / 60)} min from 25 °C to"
            " the peak.",
        ]
    elif solderable(inputs):
        found.append(f"Peak at most {plain(peak)} °C, as the process names it: Pb-free solder does not melt.")
    elif design.attach is not Attach.SOLDERED:
        found.append(f"No reflow and no paste: {design.no_reflow}.")
    found += [
        f"{flag.message[0].upper()}{flag.message[1:]}."
        for flag in design.flags
        if "capacity" not in flag.code and flag.code != "reflow-class" and flag.code not in BEYOND
    ]
    if tape:
        found.append(f"In the pocket, + lies towards the {tape.plus}; the top of the part faces the cover tape.")
        if tape.s0:
            found.append("The holes of the second row are elongated (EIA-481).")
    return found
