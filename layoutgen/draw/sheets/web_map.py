"""Web map: one repeat of the web with its fields and blocks of cells, and what a metre of it yields.

A block is drawn as the lines of its grid, never cell by cell: the drawing does not grow with the number of cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from layoutgen.draw.builder import NORMAL, SMALL, Draft
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.metrics import text_width
from layoutgen.draw.scene import CENTRE, THICK, THIN, Box, Path, Pen, Role, Scene, arrow
from layoutgen.draw.sheet import SheetKind, fitting_scale, new_sheet, revisions_top, scale_text
from layoutgen.draw.text import count, mm
from layoutgen.draw.web import (
    FIELD,
    FREE,
    FREE_HATCH,
    REPEAT,
    STRUCTURE,
    TURNED,
    UPRIGHT,
    CellBlock,
    Corners,
    Rectangle,
    WebShapes,
    titled,
    web_shapes,
)
from layoutgen.pdk.web import Web
from layoutgen.web.plan import Regime

TITLE: Final = "Web map"
_FIELD: Final = Pen(0.35, (4.0, 1.2), FIELD)
_GRID: Final = Pen(0.1, (), REPEAT)
_LEFT, _RIGHT = 42.5, 332.5
_LINE_PITCH_MM: Final = 0.5
_TABLE_ROWS: Final = 11


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the repeat stands on paper: its lower-left corner, and paper mm for a true mm."""

    x: float
    y: float
    scale: float

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.x + x * self.scale, self.y + y * self.scale

    def box(self, x: float, y: float, width: float, length: float) -> Box:
        return Box(*self.point(x, y), *self.point(x + width, y + length))

    def rectangle(self, item: Rectangle) -> Box:
        return self.box(item.x, item.y, item.width, item.length)


def sheet(inputs: DrawingInputs, number: int = 1, of: int = 1) -> Scene:
    """The web map of a design."""
    web = web_shapes(inputs.plan, inputs.dbu_nm)
    width, length = web.width, web.length
    low, high = revisions_top(inputs) + 31.0, 261.0
    scale = fitting_scale(width, length, _RIGHT - _LEFT + 10.0, high - low)
    place = _Place((_LEFT + _RIGHT - width * scale) / 2, (low + high - length * scale) / 2, scale)
    draft = new_sheet(inputs, SheetKind(titled(TITLE, inputs.pdk), number, of, scale_text(scale)))
    _web(draft, web, place, plate=inputs.pdk.web.form == "plate")
    for block in web.blocks:
        _block(draft, place, block, inputs.mm(inputs.plan.frame.kerf))
    for field in web.fields:
        draft.box(place.rectangle(field), _FIELD)
    _kept_free(draft, web, place)
    _fiducials(draft, inputs, place)
    _dimensions(draft, inputs, place)
    _numbers(draft, inputs)
    _block_table(draft, web.blocks, inputs.pdk.web)
    return draft.scene()


def web_numbers(inputs: DrawingInputs) -> list[tuple[str, str]]:
    """What the web yields, as text."""
    plan, design = inputs.plan, inputs.design
    kit, unit = inputs.pdk.web, "m2" if inputs.pdk.web.form == "plate" else "m"
    across_m = inputs.mm(plan.frame.width) / 1000 if unit == "m2" else 1.0
    many = plan.cells_per_repeat / inputs.mm(plan.repeat_length) * 1000 / across_m
    bound = f"{plan.bound_cells_per_repeat}, proved" if plan.proved_optimal else str(plan.bound_cells_per_repeat)
    return [
        (f"Cells a {kit.part}", str(plan.cells_per_repeat)),
        ("Bound", bound),
        ("Gap to bound", f"{plan.gap_percent:.2f} %"),
        (f"Cells per {unit}", count(many, 5)),
        (f"Devices per {unit}", count(many / design.layers)),
        (f"{kit.whole.capitalize()} used", f"{plan.utilization * 100:.1f} %"),
        ("Cell length", mm(design.cell_length_um / 1000)),
        ("Cell width", mm(design.cell_width_um / 1000)),
        ("Kerf", mm(inputs.mm(plan.frame.kerf))),
        (f"{kit.part.capitalize()} length", mm(inputs.mm(plan.repeat_length))),
        ("Fields", str(len(plan.fields))),
        ("Blocks", str(sum(len(field.blocks) for field in plan.fields))),
    ]


def fiducials_mm(inputs: DrawingInputs) -> list[tuple[float, float]]:
    """Centres of the fiducials of a repeat, placed by the same rule as in the layout."""
    from layoutgen.layout.marks import FIDUCIAL, Marks, field_margins, mark_sizes
    from layoutgen.layout.text import GlyphLibrary

    if FIDUCIAL not in inputs.pdk.layers:
        return []
    sizes = mark_sizes(inputs.pdk, int(inputs.dbu_nm))
    marks = Marks(GlyphLibrary(FIDUCIAL, sizes.pixel), sizes, frozenset({FIDUCIAL}))
    found = []
    for index, field in enumerate(inputs.plan.fields):
        placed = marks.of_field(field, (), field_margins(inputs.plan, index, sizes), ())
        found += [(inputs.mm(field.x + x), inputs.mm(field.y + y)) for x, y in (place.origin for place in placed)]
    return found


def _fiducials(draft: Draft, inputs: DrawingInputs, place: _Place) -> None:
    half = max(inputs.pdk.marks.fiducial.value / 1000 * place.scale, 1.2) / 2
    lines = []
    for x, y in fiducials_mm(inputs):
        px, py = place.x + x * place.scale, place.y + y * place.scale
        lines += [((px - half, py), (px + half, py)), ((px, py - half), (px, py + half))]
    draft.strokes(lines, THIN)


def _web(draft: Draft, shapes: WebShapes, place: _Place, *, plate: bool) -> None:
    """The edges of the web, which goes on beyond the repeat; a plate ends there."""
    web, edge = place.box(0, 0, shapes.width, shapes.length), shapes.edge * place.scale
    past = 6.0
    if plate:
        draft.box(web, THICK)
        for x in (web.x0 + edge, web.x1 - edge):
            draft.line(((x, web.y0), (x, web.y1)), CENTRE)
        return
    for x, pen in ((web.x0, THICK), (web.x1, THICK), (web.x0 + edge, CENTRE), (web.x1 - edge, CENTRE)):
        draft.line(((x, web.y0 - past), (x, web.y1 + past)), pen)
    for y in (web.y0, web.y1):
        draft.line(((web.x0 - 3.0, y), (web.x1 + 3.0, y)), CENTRE, Role.AUXILIARY)


def _kept_free(draft: Draft, web: WebShapes, place: _Place) -> None:
    """Slits, hatched; structures; and zones with their names, hatched."""
    for slit in (item for item in web.free if not item.name):
        _hatched(draft, web, place, slit.corners)
    for item in web.structures:
        box = place.rectangle(item)
        draft.box(box, THIN, STRUCTURE)
        if text_width(item.name, 1.8) + 0.6 < box.x1 - box.x0 and box.y1 - box.y0 > 3.0:
            draft.text((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2 - 0.9, item.name, 1.8, "middle")
    for zone in (item for item in web.free if item.name):
        box = _hatched(draft, web, place, zone.corners)
        if text_width(zone.name, SMALL) + 2.0 < box.x1 - box.x0 and box.y1 - box.y0 > SMALL + 2.0:
            x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
            draft.text(x, y - SMALL / 2, zone.name, SMALL, "middle", opaque=True)


def _hatched(draft: Draft, shapes: WebShapes, place: _Place, corners: Corners) -> Box:
    """An outline of the web, hatched as far as it lies on the repeat; the box around it."""
    import shapely

    web = place.box(0, 0, shapes.width, shapes.length)
    points = [place.point(x, y) for x, y in corners]
    shape = shapely.intersection(shapely.Polygon(points), shapely.box(web.x0, web.y0, web.x1, web.y1))
    for part in shapely.get_parts(shape):
        ring = shapely.get_coordinates(part.exterior)[:-1].tolist()
        draft.add(Path(tuple((x, y) for x, y in ring), FREE, closed=True, hatch=FREE_HATCH))
    x0, y0, x1, y1 = (float(value) for value in shape.bounds)
    return Box(x0, y0, x1, y1)


def _block(draft: Draft, place: _Place, block: CellBlock, kerf: float) -> None:
    """A block from the middle of its outer cuts, with the lines between its cells and its name."""
    pitch_x, pitch_y = block.pitch
    box = place.box(block.x - kerf / 2, block.y - kerf / 2, block.columns * pitch_x, block.rows * pitch_y)
    draft.box(box, None, TURNED if block.turned else UPRIGHT)
    lines = [((at, box.y0), (at, box.y1)) for at in _grid(box.x0, pitch_x * place.scale, block.columns)]
    lines += [((box.x0, at), (box.x1, at)) for at in _grid(box.y0, pitch_y * place.scale, block.rows)]
    draft.strokes(lines, _GRID)
    draft.box(box, THIN)
    _name(draft, box, block.name)


def _name(draft: Draft, box: Box, name: str) -> None:
    """The name of a block in its middle, upright or along the web, as large as there is room for."""
    across, along = box.x1 - box.x0, box.y1 - box.y0
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    for height in (NORMAL, SMALL, 1.8):
        long, high = text_width(name, height) + 2.0, height * 1.4 + 1.6
        if long < across and high < along:
            draft.text(x, y - height / 2, name, height, "middle", opaque=True)
            return
        if long < along and high < across:
            draft.text(x + height / 2, y, name, height, "middle", vertical=True, opaque=True)
            return


def _grid(start: float, pitch: float, count: int) -> list[float]:
    """Lines between cells; where they would run together only every n-th, up to what paper shows."""
    step = 1
    while pitch * step < _LINE_PITCH_MM:
        step *= 2
    return [start + pitch * i for i in range(step, count, step)]


def _dimensions(draft: Draft, inputs: DrawingInputs, place: _Place) -> None:
    plan, frame, scale = inputs.plan, inputs.plan.frame, place.scale
    width, length, edge = inputs.mm(frame.width), inputs.mm(plan.repeat_length), inputs.mm(frame.edge)
    web = place.box(0, 0, width, length)
    top = web.y1 + 6.0
    usable = (web.x0 + edge * scale, web.x1 - edge * scale)
    text = f"usable {mm(width - 2 * edge)}"
    # on a narrow web the inner dimension goes outside, so that no extension line runs through a text
    fits = text_width(text, NORMAL) + 1.0 < usable[1] - usable[0]
    high, low = (12.0, 4.0) if fits else (4.0, 12.0)
    outside: Literal["after"] | None = None if fits else "after"
    draft.dimension(
        (web.x0, top), (web.x1, top), top + high, f"{inputs.pdk.web.whole} {mm(width)}", scale, place=outside
    )
    draft.dimension((usable[0], top), (usable[1], top), top + low, text, scale, place=outside)
    draft.dimension(
        (web.x0, web.y0),
        (web.x0, web.y1),
        web.x0 - 7.0,
        f"{inputs.pdk.web.part} {mm(length)}",
        scale,
        vertical=True,
    )
    fields = sorted({(field.x, field.width) for field in plan.fields})
    below = web.y0 - 6.0
    stops = []
    for x, field_width in fields:
        left, right = (web.x0 + inputs.mm(v) * scale for v in (x, x + field_width))
        stops += [left, right]
        text = mm(inputs.mm(field_width))
        if text_width(text, SMALL) + 1.0 < right - left:
            draft.dimension((left, below), (right, below), below - 5.0, text, scale, height=SMALL)
    gaps = [(web.x0, stops[0]), *zip(stops[1::2], stops[2::2], strict=False), (stops[-1], web.x1)] if stops else []
    last = -1e9
    for left, right in gaps:
        text = mm((right - left) / scale)
        needed = text_width(text, SMALL) + 8.0
        if right - left > 0.02 and left > last:
            draft.dimension((left, below), (right, below), below - 12.0, text, scale, place="after", height=SMALL)
            last = right + needed
    tall = sorted({(field.y, field.length) for field in plan.fields})
    if len(tall) == 1:
        y, field_length = tall[0]
        low, high = (web.y0 + inputs.mm(v) * scale for v in (y, y + field_length))
        text = f"field {mm(inputs.mm(field_length))}"
        if high - low > text_width(text, SMALL) + 1.0:
            foot = web.x1
            draft.dimension((foot, low), (foot, high), foot + 6.0, text, scale, vertical=True, height=SMALL)


def _numbers(draft: Draft, inputs: DrawingInputs) -> None:
    x, top = 347.5, 277.0
    draft.text(x, top + 1.5, f"One {inputs.pdk.web.part}", NORMAL)
    low = draft.table(x, top, (31.0, 27.5), web_numbers(inputs), SMALL, header=0, row_mm=5.2)
    y = low - 6.0
    legend = [(UPRIGHT, f"cell length across the {inputs.pdk.web.whole}"), (TURNED, "cell turned by 90°")]
    legend += [(STRUCTURE, "test structure")] if inputs.plan.structures else []
    for fill, text in legend:
        draft.box(Box(x, y - 1.0, x + 6.0, y + 3.0), THIN, fill, Role.NOTE)
        draft.text(x + 8.0, y, text, SMALL)
        y -= 6.0
    regime = {Regime.FIELDS: "field by field", Regime.FREE: "free running", Regime.FIXED: "fixed repeat"}
    plates = inputs.pdk.web.form == "plate"
    draft.text(x, y, f"Patterned {'plate by plate' if plates else regime[inputs.plan.frame.regime]}", SMALL)
    draft.text(x, y - 4.5, "Field limits: green dashes", SMALL)
    draft.text(x, y - 9.0, "Grid lines: middle of the cut", SMALL)
    draft.text(x, y - 13.5, "Crosses: fiducials", SMALL)
    if inputs.plan.zones or inputs.plan.frame.slits:
        draft.text(x, y - 18.0, "Red hatch: no cells", SMALL)
    if plates:
        return
    y -= 54.0
    draft.line(((x + 3.0, y), (x + 3.0, y + 28.0)), THICK, Role.NOTE)
    draft.add(arrow((x + 3.0, y + 30.0), (0.0, 1.0), Role.NOTE))
    draft.text(x + 8.0, y + 15.0, "machine direction", SMALL, "middle", vertical=True)


def _block_table(draft: Draft, blocks: Sequence[CellBlock], kit: Web) -> None:
    """Blocks by address: corner of the first cell, array and pitch; the rest is in design.json."""
    head = ("Block", "x", "y", "array", "pitch x, y")
    widths = (14.0, 16.0, 16.0, 20.0, 30.0)
    rows = [
        (
            block.name,
            mm(block.x),
            mm(block.y),
            f"{block.columns} × {block.rows}",
            "{}, {}".format(*map(mm, block.pitch)),
        )
        for block in blocks
    ]
    top = 66.0
    room = 2 * (_TABLE_ROWS - 1)
    extra = len(rows) - room
    caption = (
        f"Blocks: lower-left corner of the first cell from the {kit.whole}'s edge and the start of the {kit.part}"
    )
    draft.text(27.0, top + 1.5, caption, SMALL)
    for column in range(2):
        part = rows[column * (_TABLE_ROWS - 1) : (column + 1) * (_TABLE_ROWS - 1)]
        if part:
            draft.table(27.0 + column * 99.0, top, widths, [head, *part], 2.0, row_mm=4.3)
    if extra > 0:
        draft.text(27.0, 13.5, f"and {extra} more, in design.json under web.blocks", SMALL)
