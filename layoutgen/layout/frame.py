"""What a mask carries outside the device area: corner marks, title, test letter, and a QR code.

The same place on every mask of a layout, so that all have one extent; each on its mask's own layer.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from layoutgen.layout.geometry import rectangle, simple_polygons, union
from layoutgen.layout.measure import bounding_box
from layoutgen.layout.model import Box, Layout, LayoutCell, Placement, Polygon
from layoutgen.layout.text import GlyphLibrary, drawable, text_size

FRAME = "FRAME"
_MARGIN_UM = 3000
_BAND_UM = 6000
_CORNER_UM = 2000
_LINE_UM = 200
_GRID_UM = 10
_MODULE_UM = 100
_LETTER_PIXEL_UM = 500
_TITLE_PIXEL_UM = 250


def frame_box(layout: Layout) -> Box:
    """The outer edges of the corner marks of every mask of a layout, with a band for titles at the top."""
    um = 1000 // layout.dbu_nm
    grid, margin = _GRID_UM * um, _MARGIN_UM * um
    x0, y0, x1, y1 = bounding_box(layout) or (0, 0, 0, 0)
    left, low = (x0 - margin) // grid * grid, (y0 - margin) // grid * grid
    right, high = -((-x1 - margin) // grid) * grid, -((-y1 - margin) // grid) * grid
    return left, low, right, high + _BAND_UM * um


def framed(layout: Layout, layer: str, box: Box, title: str, code: str) -> Layout:
    """A layout with the frame of one mask added to it.

    Args:
        layout: what is inside, with one top cell.
        layer: the mask's layer.
        box: from :func:`frame_box` of the whole layout.
        title: drawn in the band, upper case.
        code: what the QR code says.
    """
    um = 1000 // layout.dbu_nm
    x0, _, x1, y1 = box
    polygons = [Polygon(layer, points) for points in _corners(box, um)]
    top = y1 - (_CORNER_UM // 2) * um
    modules = _qr_modules(code)
    size = len(modules) * _MODULE_UM * um
    at = x0 + (_CORNER_UM + 1000) * um
    polygons += _qr_polygons(layer, modules, (at, top - size), _MODULE_UM * um)
    at += size + 1000 * um
    letter = GlyphLibrary(layer, _LETTER_PIXEL_UM * um)
    polygons += _text(letter, "F", at, top)
    at += text_size("F", letter.pixel)[0] + 1000 * um
    room = x1 - (_CORNER_UM + 1000) * um - at
    words = drawable(title)
    pixel = min(_TITLE_PIXEL_UM * um, max(um, room // max(1, text_size(words, 1)[0]) // um * um))
    polygons += _text(GlyphLibrary(layer, pixel), words, at, top)
    frame = LayoutCell(FRAME, tuple(polygons))
    *below, last = layout.cells
    whole = replace(last, placements=(*last.placements, Placement(FRAME, (0, 0))))
    return replace(layout, cells=(*below, frame, whole))


def _corners(box: Box, um: int) -> Iterable[tuple[tuple[int, int], ...]]:
    x0, y0, x1, y1 = box
    arm, line = _CORNER_UM * um, _LINE_UM * um
    for x, y, dx, dy in ((x0, y0, 1, 1), (x1, y0, -1, 1), (x0, y1, 1, -1), (x1, y1, -1, -1)):
        across = rectangle(_ordered(x, y, x + dx * arm, y + dy * line))
        along = rectangle(_ordered(x, y, x + dx * line, y + dy * arm))
        yield from simple_polygons(union((across, along)))


def _ordered(xa: int, ya: int, xb: int, yb: int) -> Box:
    return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)


def _text(glyphs: GlyphLibrary, text: str, left: int, top: int) -> list[Polygon]:
    """A line of text as polygons, its upper-left corner given."""
    low = top - text_size(text, glyphs.pixel)[1]
    found = []
    for placement in glyphs.text(text, (left, low)):
        dx, dy = placement.origin
        found += [
            Polygon(glyphs.layer, tuple((x + dx, y + dy) for x, y in polygon.points))
            for polygon in glyphs.cells[placement.cell].polygons
        ]
    return found


def _qr_modules(code: str) -> list[list[int]]:
    import segno

    return [[int(bool(dark)) for dark in row] for row in segno.make_qr(code, error="m", boost_error=False).matrix]


def _qr_polygons(layer: str, modules: list[list[int]], corner: tuple[int, int], size: int) -> list[Polygon]:
    x, y = corner
    runs = []
    for index, row in enumerate(reversed(modules)):
        column = 0
        for dark, group in groupby(row):
            count = len(list(group))
            if dark:
                low = y + index * size
                runs.append(rectangle((x + column * size, low, x + (column + count) * size, low + size)))
            column += count
    return [Polygon(layer, points) for points in simple_polygons(union(runs))]
