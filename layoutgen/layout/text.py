"""Text as polygons: a 5 x 7 pixel font for labels that people and cameras read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from layoutgen.layout.geometry import rectangle, simple_polygons, union
from layoutgen.layout.model import Box, LayoutCell, Placement, Point, Polygon, split_array, turned

ROWS = 7
COLUMNS = 5
ADVANCE = 6
"""Pixels from one character to the next."""

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
        name = f"CHAR_{_NAMES.get(character, character)}"
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


def count_labels(
    glyphs: GlyphLibrary,
    prefix: str,
    count: int,
    first: Point,
    step: tuple[int, int],
    quarter_turns: int = 0,
) -> tuple[list[Placement], list[LayoutCell]]:
    """``prefix`` and the numbers 1 to ``count``, zero-padded, as arrays: the work grows with the digits.

    Args:
        glyphs: where characters come from.
        prefix: what stands before each number.
        count: how many labels.
        first: corner of the first label.
        step: from one label to the next, along one axis.
        quarter_turns: how each label is turned.

    Returns:
        Placements, and cells of digit runs that they use.
    """
    found: list[Placement] = []
    runs: dict[str, LayoutCell] = {}
    width = len(str(count))

    def array(cell: str, column: int, start: int, number: int, stride: int) -> None:
        x, y = turned((column * ADVANCE * glyphs.pixel, 0), quarter_turns)
        origin = first[0] + x + (start - 1) * step[0], first[1] + y + (start - 1) * step[1]
        turns = quarter_turns if cell.startswith("CHAR_") else 0
        found.extend(_line(cell, origin, turns, number, (stride * step[0], stride * step[1])))

    for column, character in enumerate(prefix):
        if character != " ":
            array(glyphs.glyph(character), column, 1, count, 1)
    for column in range(width):
        place = 10 ** (width - 1 - column)
        for digit in range(10):
            starts = [start for start in _run_starts(digit, place, count) if 0 < start <= count - place + 1]
            glyph = glyphs.glyph(str(digit)) if digit * place <= count else ""
            at = len(prefix) + column
            if place == 1:
                if starts:
                    array(glyph, at, starts[0], len(starts), 10)
                continue
            if len(starts) > 1:
                run = _run_name(glyph, place, step, quarter_turns)
                pieces = _line(glyph, (0, 0), quarter_turns, place, step)
                runs[run] = LayoutCell(run, (), (), tuple(pieces))
                array(run, at, starts[0], len(starts), 10 * place)
            elif starts:
                array(glyph, at, starts[0], place, 1)
            for start, number in _partial_runs(digit, place, count):
                array(glyph, at, start, number, 1)
    return found, list(runs.values())


def _run_starts(digit: int, place: int, count: int) -> range:
    return range(digit * place, count + 1, 10 * place)


def _partial_runs(digit: int, place: int, count: int) -> list[tuple[int, int]]:
    """Runs of a digit at a place that lie only partly in 1 .. count, as (first, number)."""
    found = []
    for start in _run_starts(digit, place, count):
        low, high = max(1, start), min(count, start + place - 1)
        if high - low + 1 < place and high >= low:
            found.append((low, high - low + 1))
    return found


def _run_name(glyph: str, place: int, step: tuple[int, int], quarter_turns: int) -> str:
    along = f"X{step[0]}" if step[0] else f"Y{step[1]}"
    return f"RUN_{glyph.removeprefix('CHAR_')}_{place}_{along}_{quarter_turns}"


def _line(cell: str, origin: Point, quarter_turns: int, number: int, step: tuple[int, int]) -> list[Placement]:
    columns, rows = (number, 1) if step[0] else (1, number)
    return list(split_array(Placement(cell, origin, quarter_turns, columns, rows, step)))
