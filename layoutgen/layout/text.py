"""Text as polygons: a 5 x 7 pixel font for labels that people and cameras read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from layoutgen.geometry.boxes import Box, Point, turned
from layoutgen.geometry.regions import rectangle, simple_polygons, union
from layoutgen.layout.model import LayoutCell, Placement, Polygon, split_array

ROWS = 7
COLUMNS = 5
ADVANCE = 6
"""Pixels from one character to the next."""

CHARACTER = "CHAR_"
"""Start of the name of a character's cell."""

_FONT = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "01110 10001 00001 00110 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "B": "11110 10001 10001 11110 10001 10001 11110",
    "C": "01110 10001 10000 10000 10000 10001 01110",
    "D": "11110 10001 10001 10001 10001 10001 11110",
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "F": "11111 10000 10000 11110 10000 10000 10000",
    "G": "01110 10001 10000 10111 10001 10001 01111",
    "H": "10001 10001 10001 11111 10001 10001 10001",
    "I": "01110 00100 00100 00100 00100 00100 01110",
    "J": "00111 00010 00010 00010 00010 10010 01100",
    "K": "10001 10010 10100 11000 10100 10010 10001",
    "L": "10000 10000 10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001 10001",
    "N": "10001 11001 10101 10011 10001 10001 10001",
    "O": "01110 10001 10001 10001 10001 10001 01110",
    "P": "11110 10001 10001 11110 10000 10000 10000",
    "Q": "01110 10001 10001 10001 10101 10010 01101",
    "R": "11110 10001 10001 11110 10100 10010 10001",
    "S": "01111 10000 10000 01110 00001 00001 11110",
    "T": "11111 00100 00100 00100 00100 00100 00100",
    "U": "10001 10001 10001 10001 10001 10001 01110",
    "V": "10001 10001 10001 10001 10001 01010 00100",
    "W": "10001 10001 10001 10101 10101 11011 10001",
    "X": "10001 10001 01010 00100 01010 10001 10001",
    "Y": "10001 10001 01010 00100 00100 00100 00100",
    "Z": "11111 00001 00010 00100 01000 10000 11111",
    "-": "00000 00000 00000 11111 00000 00000 00000",
    "_": "00000 00000 00000 00000 00000 00000 11111",
    ".": "00000 00000 00000 00000 00000 01100 01100",
    "/": "00001 00001 00010 00100 01000 10000 10000",
    ":": "00000 01100 01100 00000 01100 01100 00000",
    "+": "00000 00100 00100 11111 00100 00100 00000",
}
_NAMES = {"-": "DASH", "_": "LOW", ".": "DOT", "/": "SLASH", ":": "COLON", "+": "PLUS"}
CHARACTERS = "".join(_FONT) + " "


def drawable(text: str) -> str:
    """A text in upper case, each character that the font does not have as a dash."""
    return "".join(character if character in CHARACTERS else "-" for character in text.upper())


def text_size(text: str, pixel: int) -> tuple[int, int]:
    """Width and height of a line of text, in the unit of ``pixel``."""
    return max(0, len(text) * ADVANCE - (ADVANCE - COLUMNS)) * pixel, ROWS * pixel


@dataclass(slots=True)
class GlyphLibrary:
    """Collects a cell for each character that is used, at one size, on one layer."""

    layer: str
    pixel: int
    cells: dict[str, LayoutCell] = field(default_factory=dict)

    def text(self, text: str, corner: Point, quarter_turns: int = 0) -> list[Placement]:
        """A line of text that starts at ``corner``, its lower-left before turning about that corner."""
        found = []
        for index, character in enumerate(text):
            if character != " ":
                x, y = turned((index * ADVANCE * self.pixel, 0), quarter_turns)
                found.append(Placement(self.glyph(character), (corner[0] + x, corner[1] + y), quarter_turns))
        return found

    def glyph(self, character: str) -> str:
        """The name of the cell of a character, drawn where needed."""
        name = f"{CHARACTER}{_NAMES.get(character, character)}"
        if name not in self.cells:
            region = union(rectangle(bounds) for bounds in self._pixels(character))
            polygons = tuple(Polygon(self.layer, points) for points in simple_polygons(region))
            self.cells[name] = LayoutCell(name, polygons)
        return name

    def _pixels(self, character: str) -> Iterable[Box]:
        size = self.pixel
        for index, line in enumerate(_FONT[character].split()):
            y = (ROWS - 1 - index) * size
            for column, dot in enumerate(line):
                if dot == "1":
                    yield column * size, y, (column + 1) * size, y + size


def label_stride(count: int, length: int, pitch: int) -> int | None:
    """Which of ``count`` items get a number: each, each tenth, ... so that labels fit and are at most 99.

    Args:
        count: how many items.
        length: of a label along the row, clearance included.
        pitch: from one item to the next.

    Returns:
        1, 10, 100, ...; None if not even one label would fit.
    """
    stride = 1
    while count // stride > 99 or length > stride * pitch:
        stride *= 10
    return stride if count >= stride else None


def count_labels(
    glyphs: GlyphLibrary,
    prefix: str,
    count: int,
    first: Point,
    step: tuple[int, int],
    *,
    stride: int = 1,
    quarter_turns: int = 0,
) -> list[Placement]:
    """``prefix`` and the numbers ``stride``, 2 ``stride``, ... up to ``count``, zero-padded alike.

    Each digit is drawn as arrays, so the work does not grow with the number of labels.

    Args:
        glyphs: where characters come from.
        prefix: what stands before each number.
        count: how many items are counted.
        first: corner of the label that item 1 has or would have.
        step: from one item to the next, along one axis.
        stride: from :func:`label_stride`.
        quarter_turns: how each label is turned.
    """
    found: list[Placement] = []
    labels = count // stride
    zeros = len(str(stride)) - 1
    leading = len(str(count)) - zeros

    def array(character: str, column: int, label: int, number: int, apart: int) -> None:
        """The last one stands alone: the corner that GDSII stores is then never beyond the last label."""
        dx, dy = turned((column * ADVANCE * glyphs.pixel, 0), quarter_turns)
        pitch = apart * stride * step[0], apart * stride * step[1]
        item = label * stride - 1
        x, y = first[0] + dx + item * step[0], first[1] + dy + item * step[1]
        cell = glyphs.glyph(character) if number > 0 else ""
        if number > 1:
            columns, rows = (number - 1, 1) if step[0] else (1, number - 1)
            found.extend(split_array(Placement(cell, (x, y), quarter_turns, columns, rows, pitch)))
        if number > 0:
            last = x + (number - 1) * pitch[0], y + (number - 1) * pitch[1]
            found.append(Placement(cell, last, quarter_turns))

    for column, character in enumerate(prefix):
        array(character, column, 1, labels, 1)
    for column in range(leading):
        place = 10 ** (leading - 1 - column)
        for digit in range(10):
            if place == 1:
                start = digit or 10
                array(str(digit), len(prefix) + column, start, (labels - start) // 10 + 1, 10)
                continue
            for start in range(digit * place, labels + 1, 10 * place):
                low, high = max(1, start), min(labels, start + place - 1)
                array(str(digit), len(prefix) + column, low, high - low + 1, 1)
    for column in range(zeros):
        array("0", len(prefix) + leading + column, 1, labels, 1)
    return found
