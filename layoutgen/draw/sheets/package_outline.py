"""Package outline: side, top, bottom and end views in first-angle projection, with the table of dimensions."""

from dataclasses import dataclass
from typing import Final

from layoutgen.draw.builder import LARGE, NORMAL, SMALL, Draft
from layoutgen.draw.colours import lighter
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.metrics import text_width
from layoutgen.draw.pictorial import pictorial
from layoutgen.draw.scene import (
    CENTRE,
    HIDDEN,
    THICK,
    THIN,
    Box,
    Path,
    Point,
    Role,
    Scene,
)
from layoutgen.draw.sheet import A3, SheetKind, fitting_scale, new_sheet, notes, revisions_top, scale_text
from layoutgen.draw.sheets.stack_views import layers_text
from layoutgen.draw.solids import Prism, package_solids, polarity_mark
from layoutgen.draw.text import mm
from layoutgen.sizing.flags import BEYOND
from layoutgen.smt.part import Limits, SolderPart, solder_part
from layoutgen.units import plain

TITLE: Final = "Package outline"
_LEFT: Final = 44.0
_RIGHT: Final = 292.0
_GAP: Final = 27.0
_LEAST_SIGN_MM: Final = 1.8
"""Smaller, what is printed on the part is left to the notes: ISO 3098 has no smaller letters."""


@dataclass(frozen=True, slots=True)
class Views:
    """Where the views stand on paper: lower-left corners, and sizes at scale."""

    scale: float
    length: float
    width: float
    height: float
    bottom: Point
    side: Point
    top: Point
    end: Point


def sheet(inputs: DrawingInputs, number: int = 1, of: int = 1) -> Scene:
    """The package outline of a design."""
    views = _arrange(inputs)
    kind = SheetKind(TITLE, number, of, scale_text(views.scale))
    draft = new_sheet(inputs, kind)
    solids, part = package_solids(inputs), solder_part(inputs.design, inputs.template)
    _views(draft, views, inputs, solids, part)
    lowest = draft.table(
        300.0, 277.0, (22.0, 27.0, 27.0, 27.0), dimension_table(part, coplanarity_mm(inputs)), NORMAL, row_mm=7.0
    )
    lowest = notes(draft, 300.0, lowest - 8.0, 104.0, _notes(inputs, part))
    room = Box(max(views.bottom[0] + views.length + 22.0, 232.0), revisions_top(inputs) + 12.0, 400.0, lowest - 6.0)
    if views.top[1] + views.width > room.y1 or views.top[0] + views.length + 16.0 < room.x0:
        pictorial(draft, solids, polarity_mark(inputs), room)
    return draft.scene()


def figure(inputs: DrawingInputs) -> Scene:
    """The views alone, for a page that has its own frame."""
    draft = Draft(*A3, TITLE)
    solids, part = package_solids(inputs), solder_part(inputs.design, inputs.template)
    _views(draft, _arrange(inputs), inputs, solids, part)
    return draft.scene()


def _views(draft: Draft, views: Views, inputs: DrawingInputs, solids: tuple[Prism, ...], part: SolderPart) -> None:
    _side_view(draft, views, solids)
    _top_view(draft, views, inputs, solids, part)
    _bottom_view(draft, views, solids, part)
    _end_view(draft, views, solids)


def coplanarity_mm(inputs: DrawingInputs) -> float | None:
    """Coplanarity of the terminals that the process states, mm."""
    stated = inputs.pdk.package.coplanarity
    return None if stated is None else stated.value / 1000


def dimension_table(part: SolderPart, flat_mm: float | None) -> list[tuple[str, str, str, str]]:
    """Letter, minimum, nominal and maximum in mm; a reference dimension has no limits.

    Args:
        part: body and terminals.
        flat_mm: coplanarity of the terminals, None where the process states none.
    """
    rows: tuple[tuple[str, Limits], ...] = (
        ("D", part.length),
        ("E", part.width),
        ("A", part.height),
        ("A1", part.standoff),
        ("b", part.terminal_width),
        ("L", part.terminal_length),
    )
    table = [("mm", "MIN", "NOM", "MAX")]
    for letter, limits in rows:
        if limits.tolerance_mm > 0:
            table.append((letter, mm(limits.least_mm), mm(limits.nominal_mm), mm(limits.most_mm)))
        else:
            table.append((letter, "-", f"({mm(limits.nominal_mm)})", "-"))
    if flat_mm is not None:
        table.append(("ccc", "-", "-", mm(flat_mm)))
    return table


def _arrange(inputs: DrawingInputs) -> Views:
    design = inputs.design
    length_mm, width_mm, height_mm = (
        design.package_length_um / 1000,
        design.package_width_um / 1000,
        design.package_height_um / 1000,
    )
    floor_beside_title = revisions_top(inputs) + 24.0
    choices = []
    # the views stand left of the title block, or above it where the part is long
    for floor, right in ((34.0, 208.0), (floor_beside_title, _RIGHT)):
        room_high = 264.0 - floor - 2 * _GAP
        scale = fitting_scale(length_mm, 2 * width_mm + height_mm, right - _LEFT, room_high)
        scale = min(scale, fitting_scale(length_mm + width_mm, 1e-6, _RIGHT - _LEFT - 30.0, 1.0))
        choices.append((scale, -floor, right))
    scale, negative_floor, right = max(choices)
    floor = -negative_floor
    length, width, height = length_mm * scale, width_mm * scale, height_mm * scale
    spare = 264.0 - floor - 2 * _GAP - 2 * width - height
    gap = _GAP + min(spare / 4, 14.0)
    shift = (spare - 2 * (gap - _GAP)) / 2
    x = _LEFT + max(0.0, min((_RIGHT - _LEFT - length - 30.0 - width) / 3, 24.0, right - _LEFT - length))
    top = (x, floor + shift)
    side = (x, top[1] + width + gap)
    bottom = (x, side[1] + height + gap)
    return Views(scale, length, width, height, bottom, side, top, (x + length + 34.0, side[1]))


def _to_paper(views: Views, solids: tuple[Prism, ...], at: Point) -> tuple[float, float, float]:
    """Scale from um to paper, and the x offset of a view whose left edge is the left end of the package."""
    left = min(solid.extent()[0] for solid in solids)
    factor = views.scale / 1000
    return factor, at[0] - left * factor, min(solid.y0 for solid in solids)


def _view_title(draft: Draft, x: float, y: float, title: str) -> None:
    draft.text(x, y, title, NORMAL, "middle")


def _side_view(draft: Draft, views: Views, solids: tuple[Prism, ...]) -> None:
    x, y = views.side
    factor, offset, _ = _to_paper(views, solids, views.side)
    for solid in solids:
        points = tuple((offset + px * factor, y + pz * factor) for px, pz in solid.profile)
        draft.add(Path(points, THICK if views.height > 4 else THIN, closed=True, fill=_light(solid)))
    right = x + views.length
    line = x - 12.0
    draft.dimension((x, y), (x, y + views.height), line, "A", views.scale, vertical=True)
    _seating_plane(draft, x, right, y)
    _view_title(draft, x + views.length / 2, y + views.height + 9.0, "Side view")
    draft.leader((right - 1.0, y), (right + 5.0, y - 9.0), ["A1"], SMALL)


def _seating_plane(draft: Draft, left: float, right: float, y: float) -> None:
    draft.line(((left - 5.0, y), (right + 12.0, y)), THIN, Role.DIMENSION)
    _datum(draft, (left + (right - left) * 0.3, y), (0.0, -1.0), "A")


def _datum(draft: Draft, at: Point, direction: Point, letter: str) -> None:
    """A datum feature symbol (ISO 5459): triangle on the surface, stem, boxed letter."""
    x, y = at
    ux, uy = direction
    half = 1.5
    triangle = ((x - uy * half, y + ux * half), (x + uy * half, y - ux * half), (x + ux * 2.6, y + uy * 2.6))
    draft.add(Path(triangle, THIN, closed=True, fill="#000000", role=Role.DIMENSION))
    stem = (x + ux * 5.0, y + uy * 5.0)
    draft.line(((x + ux * 2.6, y + uy * 2.6), stem), THIN, Role.DIMENSION)
    centre = (stem[0] + ux * 2.75, stem[1] + uy * 2.75)
    frame = Box(centre[0] - 2.75, centre[1] - 2.75, centre[0] + 2.75, centre[1] + 2.75)
    draft.box(frame, THIN, role=Role.DIMENSION)
    draft.text(centre[0], centre[1] - NORMAL / 2, letter, NORMAL, "middle", role=Role.DIMENSION)


def _top_view(
    draft: Draft, views: Views, inputs: DrawingInputs, solids: tuple[Prism, ...], part: SolderPart
) -> None:
    x, y = views.top
    factor, offset, base = _to_paper(views, solids, views.top)
    _plan(draft, solids, (offset, y - base * factor, factor), from_below=False)
    right, top = x + views.length, y + views.width
    bar = polarity_mark(inputs)
    draft.box(
        Box(
            offset + bar.x0 * factor,
            y + (bar.y0 - base) * factor,
            offset + bar.x1 * factor,
            y + (bar.y1 - base) * factor,
        ),
        None,
        "#222222",
    )
    _marking(draft, views, inputs, offset + bar.x1 * factor, part)
    _section_line(draft, views, inputs, (offset, y - base * factor, factor))
    draft.dimension((x, y), (right, y), y - 10.0, "D", views.scale)
    draft.dimension((x, y), (x, top), x - 12.0, "E", views.scale, vertical=True)
    _datum(draft, (right, y + views.width * 0.8), (1.0, 0.0), "B")
    _datum(draft, (x + views.length * 0.2, top), (0.0, 1.0), "C")
    _view_title(draft, x + views.length / 2, y - 17.0, "Top view")


def _plan(draft: Draft, solids: tuple[Prism, ...], frame: tuple[float, float, float], *, from_below: bool) -> None:
    offset, base, factor = frame
    top = max(solid.extent()[5] for solid in solids)
    floor = min(solid.extent()[2] for solid in solids)
    for solid in solids:
        x0, y0, z0, x1, y1, z1 = solid.extent()
        seen = solid.net == "" or (z0 <= floor if from_below else z1 >= top)
        sign = -1.0 if from_below else 1.0
        low, high = sorted((base + sign * y0 * factor, base + sign * y1 * factor))
        box = Box(offset + x0 * factor, low, offset + x1 * factor, high)
        draft.box(box, THICK if seen else HIDDEN, _light(solid) if seen else None)


def _light(solid: Prism) -> str:
    return lighter(solid.colour, {"": 0.82, "+": 0.45, "-": 0.45}[solid.net])


def _marking(draft: Draft, views: Views, inputs: DrawingInputs, left: float, part: SolderPart) -> None:
    """What is printed on the part: pole and rated capacity, as large as fits, turned where that is larger."""
    x, y = views.top
    terminal = part.terminal_length.nominal_mm * views.scale
    free = x + views.length - (part.inset_mm * views.scale + terminal) - left
    room = free - 3.0
    high = views.width / 2 - 3.0
    text = marking(inputs)
    per_mm = max(text_width(text, 1.0), 1e-6)
    size, turned = min(LARGE, high * 0.4, room / per_mm), min(LARGE, free * 0.5, high / per_mm)
    base = y + views.width * 0.75 - size / 2
    if size >= _LEAST_SIGN_MM:
        draft.text(left + 1.5, base, text, size, on_part=True)
    elif turned >= _LEAST_SIGN_MM:
        at = left + free / 2 + turned / 2, y + views.width * 0.75
        draft.text(*at, text, turned, "middle", vertical=True, on_part=True)
        return
    else:
        return
    plus_size = min(_sign_height(terminal), high * 0.5)
    if plus_size >= _LEAST_SIGN_MM:
        middle = part.inset_mm * views.scale + terminal / 2
        draft.text(x + middle, base, "+", plus_size, "middle", on_part=True)
        draft.text(x + views.length - middle, base, "-", plus_size, "middle", on_part=True)


def _sign_height(width: float) -> float:
    """The largest height at which a + stands inside a terminal of this width on paper."""
    return min(LARGE, (width - 0.4) / text_width("+", 1.0))


def marking(inputs: DrawingInputs) -> str:
    """The line printed on the part."""
    return f"+ {plain(inputs.design.rated_mah, 3)} mAh"


def _section_line(draft: Draft, views: Views, inputs: DrawingInputs, frame: tuple[float, float, float]) -> None:
    """The line of the cross-section drawing, as the layout has it."""
    offset, base, factor = frame
    x0, x1, y = inputs.template.section_line(*inputs.cell_um)
    level = base + y * factor
    left, right = offset + x0 * factor, offset + x1 * factor
    draft.line(((left - 3.0, level), (right + 3.0, level)), CENTRE, Role.AUXILIARY)
    draft.strokes((((left - 6.0, level), (left - 2.0, level)), ((right + 2.0, level), (right + 6.0, level))), THICK)
    # in a narrow view the letters move out, past the datum on one side and the dimension on the other
    narrow = views.width < 24
    draft.text(right + (14.0 if narrow else 7.0), level - NORMAL / 2, "S", NORMAL)
    if not narrow:
        draft.text(left - 7.0, level - NORMAL / 2, "S", NORMAL, "end")


def _bottom_view(draft: Draft, views: Views, solids: tuple[Prism, ...], part: SolderPart) -> None:
    x, y = views.bottom
    factor, offset, _ = _to_paper(views, solids, views.bottom)
    high = max(solid.y1 for solid in solids)
    _plan(draft, solids, (offset, y + high * factor, factor), from_below=True)
    top = y + views.width
    plus, minus = (next(s for s in solids if s.net == net).extent() for net in "+-")
    px0, px1 = offset + plus[0] * factor, offset + plus[3] * factor
    mx0, mx1 = offset + minus[0] * factor, offset + minus[3] * factor
    inwards = views.length > 36
    draft.dimension((px0, top), (px1, top), top + 8.0, "L", views.scale, place="after" if inwards else "before")
    draft.dimension((mx0, top), (mx1, top), top + 8.0, "L", views.scale, place="before" if inwards else "after")
    low = y + (high - plus[4]) * factor
    upper = low + part.terminal_width.nominal_mm * views.scale
    draft.dimension((px0, low), (px0, upper), x - 12.0, "b", views.scale, vertical=True)
    size, places = min(_sign_height(px1 - px0), views.width / 3), ((px0 + px1) / 2, (mx0 + mx1) / 2)
    if size < SMALL:
        # too narrow to read a sign on: it stands beside the terminal
        size, places = min(NORMAL, views.width / 3), (px1 + NORMAL, mx0 - NORMAL)
    if size >= _LEAST_SIGN_MM and mx0 - px1 > 4 * NORMAL:
        for centre, sign in zip(places, "+-", strict=True):
            draft.text(centre, y + views.width / 2 - size / 2, sign, size, "middle", on_part=True)
    _view_title(draft, x + views.length / 2, top + 15.0, "Bottom view")


def _end_view(draft: Draft, views: Views, solids: tuple[Prism, ...]) -> None:
    x, y = views.end
    factor = views.scale / 1000
    high = max(solid.y1 for solid in solids)
    for solid in solids:
        if solid.net == "-":
            continue
        _, y0, z0, _, y1, z1 = solid.extent()
        box = Box(x + (high - y1) * factor, y + z0 * factor, x + (high - y0) * factor, y + z1 * factor)
        draft.box(box, THICK if views.height > 4 else THIN, _light(solid))
    centre = x + views.width / 2
    draft.line(((centre, y - 3.0), (centre, y + views.height + 3.0)), CENTRE, Role.AUXILIARY)
    title = "End view, + end"
    half = text_width(title, NORMAL) / 2
    _view_title(draft, min(centre, _RIGHT + 3.0 - half), y + views.height + 9.0, title)


def _notes(inputs: DrawingInputs, part: SolderPart) -> list[str]:
    design = inputs.design
    limits = (
        "Limits from the process design kit, for every dimension: there are no general tolerances. A value in"
        " brackets is for reference."
    )
    flat = "coplanarity of the terminals is not stated by the process"
    if coplanarity_mm(inputs) is not None:
        flat = "ccc: coplanarity of the terminals to A"
    style = "end caps, wrapped onto bottom and top" if part.style == "end-cap" else "on the bottom only"
    found = [
        limits,
        f"Terminals: {style}. Pole + is at the bar on the top and at the + sign; pad 1 is +.",
        f"Marking: {marking(inputs)!r} and the bar at the + end.",
        "Datums: A seating plane, from which A and A1 are measured; B end face of the - terminal, from which D is;"
        f" C long side, from which E and b are; {flat}.",
        "S-S: line of the cross-section drawing.",
        f"{layers_text(design.layers)}; the height has room for plated lithium: it holds charged and discharged.",
        f"Mass {plain(design.mass_g, 3)} g.",
    ]
    told = (flag.message for flag in design.flags if flag.code not in BEYOND)
    return [*found, *(f"{message[0].upper()}{message[1:]}." for message in told)]
