"""What a mask carries outside the device area: corner marks, title, test letter, and a QR code.

In the same place on every mask of the web, and on every mask of the stack, so that their extents agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from layoutgen.geometry.boxes import Box
from layoutgen.geometry.regions import rectangle, simple_polygons, union
from layoutgen.layout.measure import LayoutIndex
from layoutgen.layout.model import Layout, LayoutCell, Placement, Polygon
from layoutgen.layout.text import GlyphLibrary, drawable, text_size

FRAME = "FRAME"
_MARGIN_UM = 3000
_BAND_UM = 9000
_LEAST_WIDTH_UM = 15_000
_INDENT_UM = 3000
_GAP_UM = 1000
_CORNER_UM = 2000
_LINE_UM = 200
_GRID_UM = 10
_MODULE_UM = 100
_LETTER_PIXEL_UM = 500
_LARGE_PIXEL_UM = 250
_SMALL_PIXEL_UM = 100


def frame_box(inside: Box, dbu_nm: int) -> Box:
    """The outer edges of the corner marks around ``inside``, with a band for code and title at the top."""
    um = 1000 // dbu_nm
    grid, margin = _GRID_UM * um, _MARGIN_UM * um
    x0, y0, x1, y1 = inside
    missing = max(0, _LEAST_WIDTH_UM * um - (x1 - x0 + 2 * margin))
    x0, x1 = x0 - missing // 2, x1 + missing - missing // 2
    left, low = (x0 - margin) // grid * grid, (y0 - margin) // grid * grid
    right, high = -((-x1 - margin) // grid) * grid, -((-y1 - margin) // grid) * grid
    return left, low, right, high + _BAND_UM * um


def head_box(layout: Layout) -> Box | None:
    """Where the frame of a mask carries code, test letter and the start of the title; None without a frame."""
    if all(cell.name != FRAME for cell in layout.cells):
        return None
    um = 1000 // layout.dbu_nm
    x0, _, _, y1 = LayoutIndex.of(layout).box(FRAME)
    return x0, y1 - _BAND_UM * um, x0 + _LEAST_WIDTH_UM * um, y1


def framed(layout: Layout, layer: str, box: Box, title: Sequence[str], code: str) -> Layout:
    """A layout with the frame of one mask added to it.

    Args:
        layout: what is inside, with one top cell.
        layer: the mask's layer.
        box: from :func:`frame_box`.
        title: pieces of a line of text, drawn in upper case; one below the other where the frame is narrow.
        code: what the QR code says.
    """
    um = 1000 // layout.dbu_nm
    x0, _, x1, y1 = box
    left, top = x0 + _INDENT_UM * um, y1 - _GAP_UM * um
    polygons = [Polygon(layer, points) for points in _corners(box, um)]
    modules = _qr_modules(code)
    size = len(modules) * _MODULE_UM * um
    polygons += _qr_polygons(layer, modules, (left, top - size), _MODULE_UM * um)
    letter = GlyphLibrary(layer, _LETTER_PIXEL_UM * um)
    polygons += _text(letter, "F", left + size + _GAP_UM * um, top)
    below = top - max(size, text_size("F", letter.pixel)[1]) - _GAP_UM * um
    polygons += _title(layer, [drawable(piece) for piece in title], (left, below), x1 - _INDENT_UM * um - left, um)
    frame = LayoutCell(FRAME, tuple(polygons))
    *cells, last = layout.cells
    whole = replace(last, placements=(*last.placements, Placement(FRAME, (0, 0))))
    return replace(layout, cells=(*cells, frame, whole))


def _title(layer: str, pieces: Sequence[str], corner: tuple[int, int], room: int, um: int) -> list[Polygon]:
    """Text below ``corner``, at most ``room`` wide: in one line if that is large enough to read."""
    one = " ".join(pieces)
    pixel = _pixel(one, room, _LARGE_PIXEL_UM, um)
    if pixel >= _SMALL_PIXEL_UM * um:
        return _text(GlyphLibrary(layer, pixel), one, *corner)
    pixel = min(_pixel(piece, room, _SMALL_PIXEL_UM, um) for piece in pieces)
    glyphs, (x, y) = GlyphLibrary(layer, pixel), corner
    found = []
    for piece in pieces:
        found += _text(glyphs, piece, x, y)
        y -= text_size(piece, pixel)[1] + 2 * pixel
    return found


def _pixel(text: str, room: int, most_um: int, um: int) -> int:
    """The largest pixel of whole um at which a text fits."""
    return max(um, min(most_um * um, room // max(1, text_size(text, 1)[0]) // um * um))


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
