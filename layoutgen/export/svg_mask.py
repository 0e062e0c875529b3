"""One mask as SVG, 1:1 in millimetres, with the layout's hierarchy as nested ``use`` elements.

An array is built by doubling, so its text grows with the logarithm of its count.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING

from layoutgen.export.preflight import preflight
from layoutgen.export.xml_text import escape, quoteattr
from layoutgen.geometry.boxes import Box, Point
from layoutgen.layout.dbu import to_mm_text
from layoutgen.layout.measure import boxes_by_cell, union_of_boxes
from layoutgen.layout.model import Layout, LayoutCell, Placement

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_TURNS = {1: "rotate(90)", 2: "rotate(180)", 3: "rotate(270)"}


def mask_svgs(layout: Layout, pdk: "Pdk") -> dict[str, bytes]:
    """Every mask layer as an SVG file, by layer name, in mask order.

    A mask that has no polygon in this layout gets no file.

    Raises:
        PreflightError: the formats cannot carry this layout.
    """
    preflight(layout, pdk)
    drawn = boxes_by_cell(layout)[layout.top]
    names = sorted((name for name in pdk.masks if name in drawn), key=lambda name: pdk.masks[name].number)
    frames = stage_frames(layout, pdk)
    return {
        name: layer_svg(
            layout, name, pdk.masks[name].title, pdk.layers[name].colour, frames[pdk.layers[name].stage]
        )
        for name in names
    }


def stage_frames(layout: Layout, pdk: "Pdk") -> dict[str, Box]:
    """Stage -> the box around all that its masks hold, so that their pictures can be laid over each other."""
    boxes = boxes_by_cell(layout)[layout.top]
    found: dict[str, list[Box]] = {"web": [], "stack": []}
    for name in pdk.masks:
        if name in boxes:
            found[pdk.layers[name].stage].append(boxes[name])
    per_mm = 10**6 // layout.dbu_nm
    return {stage: union_of_boxes(here) or (0, 0, per_mm, per_mm) for stage, here in found.items()}


def layer_svg(
    layout: Layout, layer: str, title: str, colour: str, frame: Box | None = None, ground: str | None = None
) -> bytes:
    """The polygons of one layer. y points up as in the layout; the picture shows the web from the patterned side.

    Args:
        layout: checked layout; a layer that it does not have gives an empty picture.
        layer: layer name.
        title: what the file says that it is.
        colour: fill, as ``#rrggbb``.
        frame: what the picture shows; by default the box around the layer, or 1 x 1 mm.
        ground: colour behind the polygons.
    """
    boxes, per_mm = boxes_by_cell(layout), 10**6 // layout.dbu_nm
    x0, y0, x1, y1 = frame or boxes[layout.top].get(layer, (0, 0, per_mm, per_mm))

    def mm(value: int) -> str:
        return to_mm_text(value, layout.dbu_nm)

    width, height = mm(x1 - x0), mm(y1 - y0)
    # rows are named shortly: each has one line for every doubling of its length, all that grows with the cells
    names = (f"r{number}" for number in count(1))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'version="1.1" width="{width}mm" height="{height}mm" viewBox="{mm(x0)} {mm(-y1)} {width} {height}">',
        f"<title>{escape(layout.top)} {escape(layer)}: {escape(title)}</title>",
        f"<desc>1:1, unit mm, polygons of layer {escape(layer)}; kerf not compensated</desc>",
        "<defs>",
    ]
    for cell in layout.cells[:-1]:
        if layer in boxes[cell.name]:
            lines += _group(cell, layer, boxes, names, layout.dbu_nm)
    top = _content(layout.cells[-1], layer, boxes, names, layout.dbu_nm)
    defs = [line for line in top if line.startswith("<g id=")]
    drawn = [line for line in top if not line.startswith("<g id=")]
    behind = f'<rect x="{mm(x0)}" y="{mm(-y1)}" width="{width}" height="{height}" fill={quoteattr(ground or "")}/>'
    lines += [
        *defs,
        "</defs>",
        *([behind] if ground else []),
        f'<g fill={quoteattr(colour)} stroke="none" transform="scale(1,-1)">',
    ]
    return "\n".join([*lines, *drawn, "</g>", "</svg>", ""]).encode()


def _group(
    cell: LayoutCell, layer: str, boxes: dict[str, dict[str, Box]], names: Iterator[str], dbu_nm: int
) -> list[str]:
    content = _content(cell, layer, boxes, names, dbu_nm)
    defs = [line for line in content if line.startswith("<g id=")]
    drawn = [line for line in content if not line.startswith("<g id=")]
    return [*defs, f"<g id={quoteattr(cell.name)}>{''.join(drawn)}</g>"]


def _content(
    cell: LayoutCell, layer: str, boxes: dict[str, dict[str, Box]], names: Iterator[str], dbu_nm: int
) -> list[str]:
    """Definitions that arrays need (they start with ``<g id=``), and what is drawn."""
    found = []
    polygons = [polygon.points for polygon in cell.polygons if polygon.layer == layer]
    if polygons:
        found.append(f'<path d="{"".join(_path(polygons, dbu_nm))}"/>')
    for placement in cell.placements:
        if layer in boxes[placement.cell]:
            found += _placed(placement, names, dbu_nm)
    return found


def _path(polygons: Iterable[tuple[Point, ...]], dbu_nm: int) -> Iterable[str]:
    for points in polygons:
        yield "M" + "L".join(f"{to_mm_text(x, dbu_nm)} {to_mm_text(y, dbu_nm)}" for x, y in points) + "Z"


def _placed(placement: Placement, names: Iterator[str], dbu_nm: int) -> list[str]:
    turn = _TURNS.get(placement.quarter_turns % 4)
    move = f"translate({to_mm_text(placement.origin[0], dbu_nm)},{to_mm_text(placement.origin[1], dbu_nm)})"
    if not placement.is_array:
        transform = f"{move} {turn}" if turn else move
        return [f'<use xlink:href="#{placement.cell}" transform="{transform}"/>']
    found = []
    unit = placement.cell
    if turn:
        name = next(names)
        found.append(f'<g id="{name}"><use xlink:href="#{unit}" transform="{turn}"/></g>')
        unit = name
    for axis, length in (("x", placement.columns), ("y", placement.rows)):
        step = placement.pitch[0 if axis == "x" else 1]
        if length > 1:
            definitions, unit = _row(unit, names, axis, length, step, dbu_nm)
            found += definitions
    return [*found, f'<use xlink:href="#{unit}" transform="{move}"/>']


def _row(unit: str, names: Iterator[str], axis: str, length: int, step: int, dbu_nm: int) -> tuple[list[str], str]:
    """Definitions of ``length`` units in a row, by doubling, and the name of the last.

    A row is twice the row of half its length, and one unit more where its length is odd.
    """
    definitions: list[str] = []
    row, reach = unit, 1
    for bit in bin(length)[3:]:
        name = next(names)
        uses = _moved(row, axis, 0, dbu_nm) + _moved(row, axis, reach * step, dbu_nm)
        if bit == "1":
            uses += _moved(unit, axis, 2 * reach * step, dbu_nm)
        definitions.append(f'<g id="{name}">{uses}</g>')
        row, reach = name, 2 * reach + int(bit)
    return definitions, row


def _moved(name: str, axis: str, distance: int, dbu_nm: int) -> str:
    where = f' {axis}="{to_mm_text(distance, dbu_nm)}"' if distance else ""
    return f'<use xlink:href="#{name}"{where}/>'
