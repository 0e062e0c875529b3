"""Web plan: a length of web with its repeats, what a metre and a square metre yield, and where the web goes.

A repeat is drawn as its fields; where repeats would run together, only every second, fourth ... limit is drawn.
"""

from typing import Final

from layoutgen.draw.builder import NORMAL, SMALL, Draft
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.metrics import text_width
from layoutgen.draw.scene import (
    CENTRE,
    HAIR,
    HIDDEN,
    THICK,
    THIN,
    Box,
    Path,
    Pen,
    Point,
    Role,
    Scene,
    arrow,
)
from layoutgen.draw.sheet import SheetKind, fitting_scale, new_sheet, notes, scale_text
from layoutgen.draw.text import count, mm
from layoutgen.draw.web import FIELD, FREE, FREE_HATCH, REPEAT, STRUCTURE, titled, web_shapes
from layoutgen.sizing.process import process_of
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.units import plain

TITLE: Final = "Web plan"
_ROOM: Final = Box(62.0, 176.0, 372.0, 256.0)
_FIELD: Final = Pen(0.25, (), FIELD)
_REPEAT: Final = Pen(0.35, (6.0, 1.0, 0.5, 1.0), REPEAT)
_LEAST_MM: Final = 1.2
_LAST_LINE_MM: Final = 405.0
_BARS: Final = Box(92.0, 76.0, 196.0, 130.0)


def sheet(inputs: DrawingInputs, number: int = 1, of: int = 1) -> Scene:
    """The web plan of a design."""
    width, repeat = inputs.mm(inputs.plan.frame.width), inputs.mm(inputs.plan.repeat_length)
    plate = inputs.pdk.web.form == "plate"
    length = repeat if plate else max(1000.0, 2 * repeat)
    scale = fitting_scale(length, width, _ROOM.x1 - _ROOM.x0, _ROOM.y1 - _ROOM.y0)
    draft = new_sheet(inputs, SheetKind(titled(TITLE, inputs.pdk), number, of, scale_text(scale)))
    what = "One plate; its map shows the cells"
    if not plate:
        what = f"{plain(length / 1000, 4)} m of web; the web map shows one repeat of it"
    draft.text(27.0, 277.0, what, NORMAL)
    x = (_ROOM.x0 + _ROOM.x1 - length * scale) / 2
    y = (_ROOM.y0 + _ROOM.y1 - width * scale) / 2
    web = Box(x, y, x + length * scale, y + width * scale)
    _repeats(draft, inputs, web, scale)
    _web(draft, inputs, web, scale)
    _dimensions(draft, inputs, web, scale)
    _slit_dimensions(draft, inputs, web, scale)
    _waterfall(draft, inputs)
    rows = yield_table(inputs)
    draft.table(232.0, 147.0, (48.0, *(32.0 for _ in rows[0][1:])), rows, SMALL, row_mm=5.2)
    draft.table(232.0, 119.0, (48.0, 32.0), web_table(inputs), SMALL, header=0, row_mm=5.2)
    notes(draft, 27.0, 62.0, 194.0, _notes(inputs))
    return draft.scene()


def yield_table(inputs: DrawingInputs) -> list[tuple[str, ...]]:
    """Cells and devices for a repeat, a metre and a square metre of web; for a plate and a square metre."""
    plan, layers = inputs.plan, inputs.design.layers
    width_m, repeat_m = inputs.mm(plan.frame.width) / 1000, inputs.mm(plan.repeat_length) / 1000
    cells = plan.cells_per_repeat
    parts = {"a repeat": 1.0, "a metre": 1 / repeat_m, "a square metre": 1 / (repeat_m * width_m)}
    if inputs.pdk.web.form == "plate":
        parts = {"a plate": 1.0, "a square metre": parts["a square metre"]}
    good = cells * good_per_cell(inputs)
    return [
        ("Yield", *parts),
        ("Cells", *(count(cells * part, 5) for part in parts.values())),
        ("Devices, all cells good", *(count(cells / layers * part) for part in parts.values())),
        ("Good devices", *(count(good * part) for part in parts.values())),
    ]


def web_table(inputs: DrawingInputs) -> list[tuple[str, str]]:
    """The sizes of the web, mm."""
    plan, kit = inputs.plan, inputs.pdk.web
    frame, repeat = plan.frame, inputs.mm(plan.repeat_length)
    rows = [
        (f"{kit.whole.capitalize()} width", mm(inputs.mm(frame.width))),
        ("Edge, each side", mm(inputs.mm(frame.edge))),
        (f"{kit.part.capitalize()} length", mm(repeat)),
        *([] if kit.form == "plate" else [("Repeats a metre", plain(1000 / repeat, 5))]),
        (f"Fields a {kit.part}", str(len(plan.fields))),
        ("Between fields", mm(inputs.mm(frame.field_gap))),
        ("Cut", mm(inputs.mm(frame.kerf))),
    ]
    if frame.slits:
        start, end = frame.slits[0]
        rows.append(("Slits", f"{len(frame.slits)}, {mm(inputs.mm(end - start))} wide"))
    if plan.structures:
        rows.append((f"Test structures a {kit.part}", str(len(plan.structures))))
    if plan.zones:
        rows.append((f"Zones a {kit.part}", str(len({(zone.name, zone.reason) for zone in plan.zones}))))
    return rows


def good_per_cell(inputs: DrawingInputs) -> float:
    """Good devices for each cell on the web."""
    design = inputs.design
    return float(good_devices_per_cell(process_of(inputs.pdk), design.layers, design.active_area_cm2))


def waterfall(inputs: DrawingInputs) -> list[tuple[str, float]]:
    """What is left of the web area, as parts of it, from the whole web down to the cells of good devices."""
    plan = inputs.plan
    frame, whole = plan.frame, plan.frame.width * plan.repeat_length
    length, width = plan.cell
    cells, active_mm2 = plan.cells_per_repeat, inputs.design.active_area_cm2 * 100
    active = cells * active_mm2 / (inputs.mm(frame.width) * inputs.mm(plan.repeat_length))
    return [
        (inputs.pdk.web.whole.capitalize(), 1.0),
        ("Within the edges", frame.usable / frame.width),
        ("In fields", sum(field.width * field.length for field in plan.fields) / whole),
        ("Cells with their cut", cells * (length + frame.kerf) * (width + frame.kerf) / whole),
        ("Finished cells", plan.utilization),
        ("Active area", active),
        ("Active, in good devices", active * good_per_cell(inputs) * inputs.design.layers),
    ]


def _repeats(draft: Draft, inputs: DrawingInputs, web: Box, scale: float) -> None:
    shapes = web_shapes(inputs.plan, inputs.dbu_nm)
    repeat = shapes.length * scale
    step = 1
    while repeat * step < _LEAST_MM:
        step *= 2
    starts = [web.x0 + repeat * i for i in range(0, int((web.x1 - web.x0) / repeat + 1e-9) + 1, step)]

    def at(start: float, x: float, y: float) -> Point:
        """A point of a repeat on paper, no further than the piece of web that is drawn."""
        return min(max(start + y * scale, web.x0), web.x1), web.y1 - x * scale

    for start in starts:
        for field in shapes.fields:
            x0, top = at(start, field.x, field.y)
            # a drawn repeat stands for those that are left out
            x1, low = at(start, field.x1, field.y1 + (step - 1) * shapes.length)
            if x0 < x1:
                draft.box(Box(x0, low, x1, top), _FIELD, "#dcefec")
        if step == 1:
            for zone in (item for item in shapes.free if item.name):
                points = tuple(at(start, x, y) for x, y in zone.corners)
                if min(x for x, _ in points) < web.x1:
                    draft.add(Path(points, FREE, closed=True, hatch=FREE_HATCH))
            for item in shapes.structures:
                (x0, top), _, (x1, low), _ = (at(start, *corner) for corner in item.corners)
                if x0 < x1:
                    draft.box(Box(x0, low, x1, top), HAIR, STRUCTURE)
    draft.strokes([((x, web.y0), (x, web.y1)) for x in starts if web.x0 < x < web.x1], _REPEAT, Role.AUXILIARY)


def _web(draft: Draft, inputs: DrawingInputs, web: Box, scale: float) -> None:
    edge, plate = inputs.mm(inputs.plan.frame.edge) * scale, inputs.pdk.web.form == "plate"
    if plate:
        draft.box(web, THICK)
        for y in (web.y0 + edge, web.y1 - edge):
            draft.line(((web.x0, y), (web.x1, y)), CENTRE)
        return
    draft.strokes([((web.x0 - 4.0, y), (web.x1 + 4.0, y)) for y in (web.y0, web.y1)], THICK)
    for y in (web.y0 + edge, web.y1 - edge):
        draft.line(((web.x0 - 4.0, y), (web.x1 + 4.0, y)), CENTRE)
    for x in (web.x0, web.x1):
        draft.line(((x, web.y0), (x, web.y1)), HIDDEN)
    for start, end in inputs.plan.frame.slits:
        low, high = (web.y1 - inputs.mm(x) * scale for x in (end, start))
        draft.box(Box(web.x0, low, web.x1, high), FREE, "#ffffff", hatch=FREE_HATCH)
    y = web.y0 - 19.0
    draft.line(((web.x0, y), (web.x0 + 28.0, y)), THICK, Role.NOTE)
    draft.add(arrow((web.x0 + 30.0, y), (1.0, 0.0), Role.NOTE))
    draft.text(web.x0 + 33.0, y - SMALL / 2, "machine direction", SMALL)


def _dimensions(draft: Draft, inputs: DrawingInputs, web: Box, scale: float) -> None:
    frame = inputs.plan.frame
    width, edge, repeat = inputs.mm(frame.width), inputs.mm(frame.edge), inputs.mm(inputs.plan.repeat_length)
    if inputs.pdk.web.form != "plate":
        draft.dimension((web.x0, web.y0), (web.x1, web.y0), web.y0 - 10.0, mm((web.x1 - web.x0) / scale), scale)
    end = web.x0 + repeat * scale
    draft.dimension((web.x0, web.y1), (end, web.y1), web.y1 + 9.0, f"{inputs.pdk.web.part} {mm(repeat)}", scale)
    text = f"{inputs.pdk.web.whole} {mm(width)}"
    height = NORMAL if text_width(text, NORMAL) + 1.0 < width * scale else SMALL
    draft.dimension(
        (web.x0, web.y0), (web.x0, web.y1), web.x0 - 14.0, text, scale, vertical=True, place="inside", height=height
    )
    if edge * scale > 0.2:
        low, high = (web.x1, web.y0), (web.x1, web.y0 + edge * scale)
        text = f"edge {mm(edge)}"
        draft.dimension(low, high, web.x1 + 12.0, text, scale, vertical=True, place="before", height=SMALL)


def _waterfall(draft: Draft, inputs: DrawingInputs) -> None:
    draft.text(27.0, _BARS.y1 + 12.0 - NORMAL, f"Where the {inputs.pdk.web.whole}'s area goes", NORMAL)
    steps = waterfall(inputs)
    pitch = (_BARS.y1 - _BARS.y0) / len(steps)
    span, before = _BARS.x1 - _BARS.x0, 1.0
    for index, (name, share) in enumerate(steps):
        top = _BARS.y1 - index * pitch
        low, base = top - pitch * 0.68, top - pitch * 0.34 - SMALL / 2
        draft.text(27.0, base, name, SMALL)
        if share > 0:
            draft.box(Box(_BARS.x0, low, _BARS.x0 + share * span, top), THIN, "#5f8fb4", Role.AUXILIARY)
        if before - share > 1e-4:
            left, right = _BARS.x0 + share * span, _BARS.x0 + before * span
            draft.box(Box(left, low, right, top), THIN, "#f0d9d6", Role.AUXILIARY)
        draft.text(_BARS.x1 + 19.0, base, f"{share * 100:.1f} %", SMALL, "end")
        before = share


def _slit_dimensions(draft: Draft, inputs: DrawingInputs, web: Box, scale: float) -> None:
    """The middles of the slits from the web's left edge, as many as the sheet has room for."""
    for index, (start, end) in enumerate(inputs.plan.frame.slits):
        line = web.x1 + 20.0 + 7.0 * index
        if line > _LAST_LINE_MM:
            break
        middle = inputs.mm(start + end) / 2
        top, foot = (web.x1, web.y1), (web.x1, web.y1 - middle * scale)
        text = f"slit {mm(middle)}"
        fits = text_width(text, SMALL) + 1.0 < middle * scale
        draft.dimension(
            foot, top, line, text, scale, vertical=True, place="inside" if fits else "after", height=SMALL
        )


def _notes(inputs: DrawingInputs) -> list[str]:
    plan, kit = inputs.plan, inputs.pdk.web
    limits = "" if kit.form == "plate" else "repeats and of "
    kept = [name for name, there in (("slits", plan.frame.slits), ("zones", plan.zones)) if there]
    marks = [f"Red hatching: {' and '.join(kept)}, without cells."] if kept else []
    marks += ["Violet: test structures."] if plan.structures else []
    return [
        f"The {kit.whole} map turned by a quarter clockwise: "
        f"{'' if kit.form == 'plate' else 'machine direction to the right, '}x of the map downwards.",
        " ".join([f"Green: fields. Dash-dot: limits of {limits}the usable width.", *marks]),
        f"Blue: what is left of the {kit.whole}'s area; red: what this step takes.",
        f"Good cells in a device: {inputs.design.layers}. Good devices by the yields of the process design kit.",
    ]
