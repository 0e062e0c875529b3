"""The picture of a test plan: one repeat, its touchdowns in order, and the way of the stage."""

from layoutgen.draw.builder import Draft
from layoutgen.draw.scene import HAIR, THIN, Box, Pen, Role
from layoutgen.draw.svg import svg_bytes
from layoutgen.lot.plan import CardPlan, Pace, blocks_of
from layoutgen.lot.webmap import RepeatMap
from layoutgen.units import counted

_WIDTH_MM = 180.0
_MARGIN_MM = 14.0
_HEAD_MM = 20.0
_CELL = Pen(0.05, (), "#b5b5b5")
_CARD = Pen(0.5, (), "#0072b2")
_WAY = Pen(0.35, (), "#d55e00")


def plan_svg(cells: RepeatMap, plan: CardPlan, pace: Pace) -> bytes:
    """The repeat to scale, web running up; touchdowns are numbered in the order of the stage."""
    scale = (_WIDTH_MM - 2 * _MARGIN_MM) / cells.width_um
    height = cells.length_um * scale
    most = 240.0
    scale *= min(1.0, most / height)
    height, width = cells.length_um * scale, cells.width_um * scale
    title = f"Test plan of {cells.name}"
    draft = Draft(_WIDTH_MM, height + _HEAD_MM + 2 * _MARGIN_MM, title)
    x0, y0 = (_WIDTH_MM - width) / 2, _MARGIN_MM

    def at(x_um: float, y_um: float) -> tuple[float, float]:
        return x0 + x_um * scale, y0 + y_um * scale

    draft.box(Box(x0, y0, x0 + width, y0 + height), THIN, role=Role.AUXILIARY)
    lines = []
    for low, high in zip(cells.corner_um, cells.corner_um + cells.size_um, strict=True):
        a, b = at(*low), at(*high)
        lines += [(a, (b[0], a[1])), ((b[0], a[1]), b), (b, (a[0], b[1])), ((a[0], b[1]), a)]
    draft.strokes(lines, _CELL, Role.AUXILIARY)
    pitch = {block.name: block.pitch_um for block in blocks_of(cells)}
    for item in plan.touchdowns:
        w, h = item.columns * pitch[item.block][0], item.rows * pitch[item.block][1]
        a = at(item.centre_um[0] - w / 2, item.centre_um[1] - h / 2)
        b = at(item.centre_um[0] + w / 2, item.centre_um[1] + h / 2)
        draft.box(Box(a[0] + 0.4, a[1] + 0.4, b[0] - 0.4, b[1] - 0.4), _CARD, role=Role.AUXILIARY)
    draft.line([at(*item.centre_um) for item in plan.touchdowns], _WAY, Role.AUXILIARY)
    if len(plan.touchdowns) <= 60:
        for number, item in enumerate(plan.touchdowns, 1):
            x, y = at(*item.centre_um)
            draft.text(x, y - 4.5, str(number), 2.6, "middle", opaque=True)
    card = plan.card
    head = (
        f"card {card.columns} x {card.rows}, {counted(len(plan.touchdowns), 'touchdown')} a repeat, "
        f"{100 * plan.efficiency:.1f} % of the probes read a cell"
    )
    touch = f"{pace.touchdown:.2f} s a touchdown, limited by: {pace.limited_by}; the web runs up"
    top = y0 + height
    draft.text(x0, top + 12.0, title, 3.5)
    draft.text(x0, top + 7.0, head, 2.2)
    draft.text(x0, top + 2.8, touch, 2.2)
    draft.line([(x0, top), (x0 + width, top)], HAIR, Role.AUXILIARY)
    return svg_bytes(draft.scene())
