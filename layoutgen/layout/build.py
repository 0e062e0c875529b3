"""From a web plan to a layout: NAME > REPEAT > FIELD_i > array of CELL, and one STACK beside the web."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from layoutgen.errors import PreflightError, Problem
from layoutgen.geometry.regions import region_of, simple_polygons
from layoutgen.layout.cell import CELL, STACK, DrawnDevice, draw_device
from layoutgen.layout.dbu import STACK_CLEARANCE_UM, plan_dbu_nm, to_dbu
from layoutgen.layout.marks import (
    FIELD,
    LABEL,
    WEB_EDGE,
    Marks,
    closed_outlines,
    field_margins,
    mark_sizes,
    web_outline,
)
from layoutgen.layout.masks import STREET, mark_cell, mark_masks
from layoutgen.layout.measure import shape_box, union_of_boxes
from layoutgen.layout.model import Layout, LayoutCell, Placement, Polygon, placed_lower_left
from layoutgen.layout.streets import (
    CUT_CENTER,
    Inner,
    StreetLibrary,
    around_blocks,
    centre_lines_around,
    inner_of,
    room_of,
)
from layoutgen.layout.structure import DrawnStructure, draw_structure, structure_cell
from layoutgen.layout.text import GlyphLibrary
from layoutgen.web.addresses import field_name
from layoutgen.web.plan import Placement as Structured
from layoutgen.web.plan import Regime, WebPlan

if TYPE_CHECKING:
    from layoutgen.pdk.load import LoadedPdk
    from layoutgen.pdk.schema import Pdk
    from layoutgen.template import BoundTemplate

REPEAT = "REPEAT"
FORBIDDEN = "FORBIDDEN"


def layout_name(name: str) -> str:
    """A design's name as a cell name: upper case, hyphens and dots as underscores."""
    return name.upper().replace("-", "_").replace(".", "_")


def build_layout(
    loaded: "LoadedPdk",
    template: "BoundTemplate",
    cell_um: tuple[float, float],
    plan: WebPlan,
    name: str,
    *,
    dbu_nm: int | None = None,
    identity: str = "",
) -> Layout:
    """One repeat of the web, and one stacked device to the right of it.

    The repeat has its lower-left corner at the origin; x runs across the web, y along it. CELL and STACK share one
    coordinate system, that of the device template, so the SECTION line in STACK cuts both.

    Args:
        loaded: process design kit.
        template: device template with that PDK's values.
        cell_um: finished cell (length, width).
        plan: the repeat, in units of ``dbu_nm``.
        name: of the design; becomes the top cell's name.
        identity: what the labels say besides the name, so that designs of one name can be told apart.
        dbu_nm: database unit that the plan counts in; by default the one planned for this PDK and cell.

    Raises:
        PreflightError: off-grid lengths, a plan for another cell or street, or a mask that cannot be drawn.
    """
    pdk = loaded.pdk
    unit = dbu_nm if dbu_nm is not None else plan_dbu_nm(pdk, cell_um)
    device = draw_device(pdk, template, cell_um, unit)
    _check_plan(plan, device)
    streets = StreetLibrary(device.on_streets, device.kerf, CUT_CENTER in pdk.layers)
    sizes = mark_sizes(pdk, unit)
    marks = Marks(GlyphLibrary(LABEL, sizes.pixel), sizes, frozenset(pdk.layers))
    top = layout_name(name)
    structures = {
        name: draw_structure(pdk, item.bind(pdk, name), device.kerf, unit)
        for name, item in loaded.structures.items()
    }
    _check_structures(plan, device, structures)
    masks_of_marks = mark_masks(pdk, unit)
    fields = []
    for index in range(len(plan.fields)):
        field = field_name(index + 1)
        number = f"{field}/{len(plan.fields)}"
        called = f"{top} {identity}" if identity else top
        names = (
            f"{called} {pdk.name} {pdk.version} {number}",
            f"{called} {number}",
            f"{identity or top} {number}",
            field,
        )
        fields.append(_field_cell(f"FIELD_{index + 1}", plan, index, device, streets, marks, names))
    repeat = _repeat_cell(pdk, plan, fields)
    stack = Placement(STACK, _beside(device, plan, unit))
    parts = (
        device.cell,
        device.stack,
        *(item.cell for item in structures.values()),
        *streets.cells.values(),
        *(mark_cell(cell, masks_of_marks) for cell in marks.cells()),
        *fields,
        repeat,
    )
    whole = LayoutCell(_unlike(top, parts), (), (), (Placement(REPEAT, (0, 0)), stack))
    return Layout(unit, _used((*parts, whole)), whole.name, marks.notes())


def _unlike(name: str, others: Iterable[LayoutCell]) -> str:
    """A design may be called as a cell of every layout is: then its top cell has a longer name.

    Upper and lower case are one here, as they are to some readers of these files.
    """
    taken = {other.name.casefold() for other in others}
    while name.casefold() in taken:
        name += "_TOP"
    return name


def _field_cell(
    name: str,
    plan: WebPlan,
    index: int,
    device: DrawnDevice,
    streets: StreetLibrary,
    marks: Marks,
    names: tuple[str, ...],
) -> LayoutCell:
    here = plan.fields[index]
    origin = here.x, here.y
    inners = tuple(inner_of(block, device.size, device.kerf, origin) for block in here.blocks)
    room, period = room_of(here), _period(plan)
    standing = [item for item in plan.structures if item.field == index]
    # a structure has its own street around it, shared with what stands beside it
    around = (*inners, *(_alone(item, origin) for item in standing))
    polygons = around_blocks(around, device.on_streets, device.kerf, room, period)
    paths = centre_lines_around(around, device.kerf, room, period) if streets.lines else []
    placements: list[Placement] = []
    for item in standing:
        placements += placed_lower_left(
            structure_cell(item.structure.name),
            (item.structure.width, item.structure.length),
            (item.x - origin[0], item.y - origin[1]),
            quarter_turns=int(item.turned),
        )
    for inner in inners:
        placements += placed_lower_left(
            CELL,
            device.size,
            inner.box[:2],
            quarter_turns=int(inner.rotated),
            columns=inner.columns,
            rows=inner.rows,
            pitch=inner.step,
        )
        placements += streets.inside(inner)
    placements += marks.of_field(here, inners, field_margins(plan, index, marks.sizes), names)
    if FIELD in marks.layers:
        width, length = here.width, here.length
        polygons.append(Polygon(FIELD, ((0, 0), (width, 0), (width, length), (0, length))))
    return LayoutCell(name, tuple(polygons), tuple(paths), tuple(placements))


def _alone(item: Structured, origin: tuple[int, int]) -> Inner:
    """A structure as a block of one."""
    x, y = item.x - origin[0], item.y - origin[1]
    size = item.width, item.length
    return Inner((x, y, x + size[0], y + size[1]), size, 1, 1, size, rotated=item.turned)


def _check_structures(plan: WebPlan, device: DrawnDevice, structures: dict[str, DrawnStructure]) -> None:
    problems = [
        Problem(f"holds {item.structure.name}, which is not drawn or of another size", "web plan")
        for item in plan.structures
        if item.structure.name not in structures
        or structures[item.structure.name].size != (item.structure.width, item.structure.length)
    ]
    masks = tuple(shape for shape in device.on_streets if shape.layer != STREET)
    problems += [
        Problem("has other masks on its streets than the cells", f"structures.{name}", remedy="set the biases to 0")
        for name, item in structures.items()
        if item.on_streets != masks
    ]
    if problems:
        raise PreflightError(problems)


def _period(plan: WebPlan) -> int | None:
    """The repeat length where a field goes on into the next repeat and shares the street with it."""
    return plan.repeat_length if plan.frame.regime is Regime.FREE else None


def _repeat_cell(pdk: "Pdk", plan: WebPlan, fields: list[LayoutCell]) -> LayoutCell:
    polygons, paths = web_outline(plan) if WEB_EDGE in pdk.layers else ([], [])
    outlines = closed_outlines(plan)
    if FORBIDDEN in pdk.layers and outlines:
        polygons += [Polygon(FORBIDDEN, points) for points in simple_polygons(region_of(outlines))]
    placements = [Placement(cell.name, (here.x, here.y)) for cell, here in zip(fields, plan.fields, strict=True)]
    return LayoutCell(REPEAT, tuple(polygons), tuple(paths), tuple(placements))


def _beside(device: DrawnDevice, plan: WebPlan, dbu_nm: int) -> tuple[int, int]:
    box = union_of_boxes([shape_box(shape) for shape in device.stack.shapes])
    x0, y0, _, _ = box or (0, 0, 0, 0)
    return plan.frame.width + to_dbu(STACK_CLEARANCE_UM, dbu_nm, "stack clearance") - x0, -y0


def _used(cells: tuple[LayoutCell, ...]) -> tuple[LayoutCell, ...]:
    """The cells that the last one reaches, in order, each after those that it places."""
    by_name = {cell.name: cell for cell in cells}
    ordered: dict[str, LayoutCell] = {}

    def visit(cell: LayoutCell) -> None:
        for placement in cell.placements:
            if placement.cell not in ordered:
                visit(by_name[placement.cell])
        ordered[cell.name] = cell

    visit(cells[-1])
    return tuple(ordered.values())


def _check_plan(plan: WebPlan, device: DrawnDevice) -> None:
    problems: list[Problem] = []
    if plan.cell != device.size:
        what = f"is for a cell of {plan.cell[0]} x {plan.cell[1]}, not {device.size[0]} x {device.size[1]}"
        problems.append(Problem(what, "web plan", remedy="plan the web again for this cell and database unit"))
    if plan.frame.kerf != device.kerf:
        what = f"has a kerf of {plan.frame.kerf}, the device a street of {device.kerf} database units"
        problems.append(Problem(what, "web plan", remedy="let the template's street be the web's kerf"))
    growth = [shape for shape in device.on_streets if shape.growth]
    gaps = [right.x - left.x - left.width for left, right in zip(plan.fields, plan.fields[1:], strict=False)]
    if _period(plan) is None:
        gaps += [plan.repeat_length - here.length for here in plan.fields]
    problems += [
        Problem(
            f"a bias of {shape.growth} database units would join or part streets of fields {min(gaps)} apart",
            f"masks.{shape.layer}.bias",
            remedy="leave a wider field_gap, or set the bias to 0",
        )
        for shape in growth
        if gaps and (min(gaps) <= 0 or min(gaps) < 2 * shape.growth)
    ]
    if problems:
        raise PreflightError(problems)
