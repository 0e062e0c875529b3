"""Where every cell of a repeat lies, under its address (:mod:`layoutgen.web.addresses`)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layoutgen.geometry.boxes import turned
from layoutgen.layout.dbu import to_dbu, to_mm_text
from layoutgen.web.addresses import addressed, on_web, repeat_name
from layoutgen.web.plan import Block, WebPlan

if TYPE_CHECKING:
    from layoutgen.template import BoundTemplate

HEADER = "id,field,block,column,row,x_mm,y_mm,probe_x_mm,probe_y_mm,rotation_deg"
WEB_HEADER = HEADER.replace("id,", "id,repeat,", 1)


@dataclass(frozen=True, slots=True)
class MappedCell:
    """One cell; coordinates are doubled dbu, so that centres are whole numbers."""

    name: str
    field: int
    block: int
    column: int
    row: int
    centre_2dbu: tuple[int, int]
    probe_2dbu: tuple[int, int]
    rotation_deg: int


def map_cells(plan: WebPlan, probe_2dbu: tuple[int, int]) -> Iterator[MappedCell]:
    """Every cell of a repeat: fields, blocks, rows, columns in order.

    Args:
        plan: the repeat.
        probe_2dbu: centre of the probe target in the unturned cell, in half dbu.
    """
    for address, block in addressed(plan):
        (w, h), probe = _oriented(plan.cell, probe_2dbu, block)
        for row in range(block.rows):
            y = block.y + row * (h + plan.frame.kerf)
            for column in range(block.columns):
                x = block.x + column * (w + plan.frame.kerf)
                yield MappedCell(
                    address.cell(column + 1, row + 1),
                    address.field,
                    address.block,
                    column + 1,
                    row + 1,
                    (2 * x + w, 2 * y + h),
                    (2 * x + probe[0], 2 * y + probe[1]),
                    90 if block.rotated else 0,
                )


def probe_centre_2dbu(
    template: "BoundTemplate", cell_um: tuple[float, float], dbu_nm: int, layer: str = "PROBE"
) -> tuple[int, int]:
    """The centre of a template's probe target in half dbu; the centre of the cell where it has none."""
    boxes = template.rectangles(*cell_um)
    if layer not in boxes:
        return to_dbu(cell_um[0], dbu_nm, "cell length"), to_dbu(cell_um[1], dbu_nm, "cell width")
    x0, y0, x1, y1 = (
        to_dbu(float(getattr(boxes[layer], edge)), dbu_nm, f"{layer}.{edge}") for edge in ("x0", "y0", "x1", "y1")
    )
    return x0 + x1, y0 + y1


def cell_map_csv(plan: WebPlan, template: "BoundTemplate", cell_um: tuple[float, float], dbu_nm: int) -> bytes:
    """The cell map of one repeat as CSV: one line for each cell, mm, origin at the repeat's lower-left corner.

    Args:
        plan: the repeat.
        template: device template with the PDK's values; says where to probe.
        cell_um: finished cell (length, width).
        dbu_nm: the unit of the plan.
    """
    lines = [HEADER]
    for cell in map_cells(plan, probe_centre_2dbu(template, cell_um, dbu_nm)):
        x, y, probe_x, probe_y = (to_mm_text(value / 2, dbu_nm) for value in (*cell.centre_2dbu, *cell.probe_2dbu))
        lines.append(
            f"{cell.name},{cell.field},{cell.block},{cell.column},{cell.row},"
            f"{x},{y},{probe_x},{probe_y},{cell.rotation_deg}"
        )
    return "\n".join([*lines, ""]).encode()


def web_cell_map_lines(
    plan: WebPlan, template: "BoundTemplate", cell_um: tuple[float, float], dbu_nm: int, repeats: int
) -> Iterator[str]:
    """The cell map of a web as lines of CSV: every cell, named after its repeat as well, ``W0012-F1-B2-C03-R12``.

    Coordinates run on from repeat to repeat; the origin is the lower-left corner of the first. Nothing is kept but
    the cells of one repeat.

    Args:
        plan: the repeat.
        template: device template with the PDK's values; says where to probe.
        cell_um: finished cell (length, width).
        dbu_nm: the unit of the plan.
        repeats: how many repeats the web has.
    """
    cells = []
    for cell in map_cells(plan, probe_centre_2dbu(template, cell_um, dbu_nm)):
        x, probe_x = (to_mm_text(point[0] / 2, dbu_nm) for point in (cell.centre_2dbu, cell.probe_2dbu))
        place = f"{cell.field},{cell.block},{cell.column},{cell.row},{x}"
        cells.append((cell.name, place, cell.centre_2dbu[1], probe_x, cell.probe_2dbu[1], cell.rotation_deg))
    heights = {y for cell in cells for y in (cell[2], cell[4])}
    yield WEB_HEADER
    for number in range(repeats):
        start = 2 * number * plan.repeat_length
        y_mm = {y: to_mm_text((start + y) / 2, dbu_nm) for y in heights}
        repeat = repeat_name(number + 1)
        for name, place, y, probe_x, probe_y, turn in cells:
            yield f"{on_web(repeat, name)},{number + 1},{place},{y_mm[y]},{probe_x},{y_mm[probe_y]},{turn}"


def web_repeats_csv(plan: WebPlan, dbu_nm: int, repeats: int) -> bytes:
    """The repeats of a web as CSV, one line each. A cell lies at its y of the cell map plus ``y_mm``.

    With the map of one repeat it is that of the web: a cell is named by ``name`` and its address in the repeat.

    Args:
        plan: the repeat.
        dbu_nm: the unit of the plan.
        repeats: how many repeats the web has.
    """
    length, cells = to_mm_text(plan.repeat_length, dbu_nm), plan.cells_per_repeat
    lines = ["repeat,y_mm,length_mm,cells,name"]
    lines += [
        f"{n + 1},{to_mm_text(n * plan.repeat_length, dbu_nm)},{length},{cells},{repeat_name(n + 1)}"
        for n in range(repeats)
    ]
    return "\n".join([*lines, ""]).encode()


def _oriented(
    size: tuple[int, int], probe_2dbu: tuple[int, int], block: Block
) -> tuple[tuple[int, int], tuple[int, int]]:
    """The cell's size as it lies, and its probe target from its lower-left corner as it lies, in half dbu."""
    if not block.rotated:
        return size, probe_2dbu
    length, width = size
    x, y = turned(probe_2dbu, 1)
    return (width, length), (x + 2 * width, y)
