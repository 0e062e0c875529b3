"""A hierarchical layout, independent of any file format.

All coordinates are integers of the database unit (dbu). Layers are PDK layer names; a writer looks up numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from layoutgen.geometry.boxes import Point, turned_box

MAX_REPEAT = 32_767
"""Most columns or rows of one array in GDSII: a signed 16-bit number."""


@dataclass(frozen=True, slots=True)
class Polygon:
    """A simple polygon, without a closing point, counter-clockwise from its lowest leftmost vertex."""

    layer: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """An open line of a width; width 0 is a centre line."""

    layer: str
    width: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """One instance of a cell, or a rectangular array of them.

    Each instance is turned by ``quarter_turns`` x 90 degrees counter-clockwise about the cell's origin, then moved.
    The array steps by ``pitch`` along x (columns) and y (rows) of the parent, whatever the turn.
    """

    cell: str
    origin: Point
    quarter_turns: int = 0
    columns: int = 1
    rows: int = 1
    pitch: tuple[int, int] = (0, 0)

    @property
    def count(self) -> int:
        return self.columns * self.rows

    @property
    def is_array(self) -> bool:
        return self.columns > 1 or self.rows > 1


@dataclass(frozen=True, slots=True)
class LayoutCell:
    """A named piece of layout."""

    name: str
    polygons: tuple[Polygon, ...] = ()
    paths: tuple[Path, ...] = ()
    placements: tuple[Placement, ...] = ()

    @property
    def shapes(self) -> tuple[Polygon | Path, ...]:
        """Polygons, then paths."""
        return (*self.polygons, *self.paths)


@dataclass(frozen=True, slots=True)
class Layout:
    """Cells, each after the ones that it places; ``top`` is the one that no other places.

    ``notes`` say in words what was asked for and could not be drawn.
    """

    dbu_nm: int
    cells: tuple[LayoutCell, ...]
    top: str
    notes: tuple[str, ...] = field(default=())
    measured: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What :mod:`layoutgen.layout.measure` has found already; every writer asks the same."""

    def cell(self, name: str) -> LayoutCell:
        """The cell of a name; KeyError if there is none."""
        for cell in self.cells:
            if cell.name == name:
                return cell
        raise KeyError(name)

    def by_name(self) -> dict[str, LayoutCell]:
        return {cell.name: cell for cell in self.cells}


def placed_lower_left(
    cell: str,
    size: tuple[int, int],
    corner: Point,
    *,
    quarter_turns: int = 0,
    columns: int = 1,
    rows: int = 1,
    pitch: tuple[int, int] = (0, 0),
) -> tuple[Placement, ...]:
    """An array of a cell that spans ``(0, 0) .. size``, by the lower-left corner of its first turned instance."""
    x0, y0, _, _ = turned_box((0, 0, *size), quarter_turns)
    origin = corner[0] - x0, corner[1] - y0
    return tuple(split_array(Placement(cell, origin, quarter_turns, columns, rows, pitch)))


def split_array(placement: Placement, limit: int = MAX_REPEAT) -> Iterator[Placement]:
    """The same instances in arrays of at most ``limit`` columns and rows."""
    (x, y), (dx, dy) = placement.origin, placement.pitch
    for column in range(0, placement.columns, limit):
        for row in range(0, placement.rows, limit):
            yield Placement(
                placement.cell,
                (x + column * dx, y + row * dy),
                placement.quarter_turns,
                min(limit, placement.columns - column),
                min(limit, placement.rows - row),
                placement.pitch,
            )
