"""What a parser found, as plain numbers, before it is handed over: standard library only.

Points are kept in flat arrays for each layer of a cell, so that a file of a million polygons is a few arrays.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Layer = tuple[int, int]
"""Layer number and datatype."""

MOST_COORDINATE: Final = 2**40
"""Coordinates beyond are damage: at 1 nm this is a kilometre."""
MOST_VERTICES: Final = 40_000_000
MOST_ELEMENTS: Final = 10_000_000
MOST_CELLS: Final = 1_000_000


class Damaged(Exception):  # noqa: N818  (reads as the verdict that it is)
    """A file that is not what its format asks for: what is wrong, and at which byte."""

    def __init__(self, what: str, offset: int | None = None) -> None:
        self.what, self.offset = what, offset
        super().__init__(what)


class TooLarge(Exception):  # noqa: N818
    """A file that may be whole, and holds more than is read."""


def ints() -> "array[int]":
    return array("q")


@dataclass(slots=True)
class Group:
    """Polygons or paths of one layer of one cell.

    ``points`` holds x and y in turn, ``starts`` the number of the first point of each, ``repetitions`` the number
    of its repetition, -1 for none. ``ends`` holds for each path: width, twice the extension at its begin and at its
    end, round (0 or 1), absolute (0 or 1).
    """

    points: "array[int]" = field(default_factory=ints)
    starts: "array[int]" = field(default_factory=ints)
    repetitions: "array[int]" = field(default_factory=ints)
    ends: "array[int]" = field(default_factory=ints)


@dataclass(slots=True)
class CellContent:
    """One cell. ``placements`` holds six numbers each: cell, x, y, mirrored, absolute, repetition; ``turns`` two
    floats each: degrees counter-clockwise, magnification."""

    name: str
    polygons: dict[Layer, Group] = field(default_factory=dict)
    paths: dict[Layer, Group] = field(default_factory=dict)
    placed: list[str] = field(default_factory=list)
    placements: "array[int]" = field(default_factory=ints)
    turns: "array[float]" = field(default_factory=lambda: array("d"))
    notes: dict[tuple[str, int, int], list[int]] = field(default_factory=dict)
    """(kind, layer, datatype) -> how many, x and y of the first."""

    def note(self, kind: str, layer: int, datatype: int, x: int, y: int, count: int = 1) -> None:
        entry = self.notes.setdefault((kind, layer, datatype), [0, x, y])
        entry[0] += count


class Content:
    """What a file holds."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.name = ""
        self.unit_m = 1e-6
        self.dbu_m = 1e-9
        self.cells: list[CellContent] = []
        self.repetitions: list[tuple[Any, ...]] = []
        self.layer_names: list[tuple[str, tuple[int, int], tuple[int, int]]] = []
        self._known: dict[Any, int] = {}
        self._vertices = self._elements = 0

    def cell(self, name: str) -> CellContent:
        if len(self.cells) >= MOST_CELLS:
            raise TooLarge(f"holds more than {MOST_CELLS:,} cells")
        cell = CellContent(name)
        self.cells.append(cell)
        return cell

    def lattice(self, columns: int, rows: int, a: Sequence[float], b: Sequence[float]) -> int:
        """The number of a regular repetition."""
        return self._repetition(("lattice", columns, rows, a[0], a[1], b[0], b[1]))

    def scattered(self, offsets: Iterable[int]) -> int:
        """The number of a repetition at any places: x and y in turn, the first two 0."""
        return self._repetition(("offsets", array("q", offsets)))

    def _repetition(self, entry: tuple[Any, ...]) -> int:
        key = entry if entry[0] == "lattice" else None
        if key is not None and key in self._known:
            return self._known[key]
        self.repetitions.append(entry)
        if key is not None:
            self._known[key] = len(self.repetitions) - 1
        return len(self.repetitions) - 1

    def copies(self, repetition: int) -> int:
        """How many times a repetition draws its element."""
        if repetition < 0:
            return 1
        entry = self.repetitions[repetition]
        return entry[1] * entry[2] if entry[0] == "lattice" else len(entry[1]) // 2

    def polygon(self, cell: CellContent, layer: Layer, points: Sequence[int], repetition: int = -1) -> None:
        """Add a polygon, x and y in turn, not closed."""
        self._add(cell.polygons, layer, points, repetition)

    def path(
        self,
        cell: CellContent,
        layer: Layer,
        points: Sequence[int],
        ends: tuple[int, int, int, int, int],
        repetition: int = -1,
    ) -> None:
        """Add a path with the five numbers of :class:`Group`."""
        self._add(cell.paths, layer, points, repetition).ends.extend(ends)

    def _add(self, groups: dict[Layer, Group], layer: Layer, points: Sequence[int], repetition: int) -> Group:
        group = groups.get(layer)
        if group is None:
            group = groups[layer] = Group()
        self.count(len(points) // 2)
        group.starts.append(len(group.points) // 2)
        group.points.extend(points)
        group.repetitions.append(repetition)
        return group

    def place(
        self,
        cell: CellContent,
        name: str,
        origin: tuple[int, int],
        turn_deg: float = 0.0,
        magnification: float = 1.0,
        *,
        mirrored: bool = False,
        absolute: bool = False,
        repetition: int = -1,
    ) -> None:
        self.count(1)
        cell.placed.append(name)
        cell.placements.extend((0, *origin, int(mirrored), int(absolute), repetition))
        cell.turns.extend((turn_deg, magnification))

    def count(self, vertices: int) -> None:
        self._vertices += vertices
        self._elements += 1
        if self._vertices > MOST_VERTICES:
            raise TooLarge(f"holds more than {MOST_VERTICES:,} vertices")
        if self._elements > MOST_ELEMENTS:
            raise TooLarge(f"holds more than {MOST_ELEMENTS:,} elements")

    def finish(self) -> None:
        """Resolve the names of placed cells.

        Raises:
            Damaged: a name twice, a cell that is placed and not there, cells that place each other.
        """
        numbers: dict[str, int] = {}
        for number, cell in enumerate(self.cells):
            if numbers.setdefault(cell.name, number) != number:
                raise Damaged(f"holds two cells {cell.name!r}")
        if not self.cells:
            raise Damaged("holds no cell")
        for cell in self.cells:
            for number, name in enumerate(cell.placed):
                if name not in numbers:
                    raise Damaged(f"cell {cell.name!r} places {name!r}, which the file does not hold")
                cell.placements[6 * number] = numbers[name]
        self._ordered()

    def _ordered(self) -> None:
        """Refuse circles of placements."""
        below = [sorted(set(cell.placements[0::6])) for cell in self.cells]
        state = [0] * len(below)
        for root in range(len(below)):
            trail = [(root, iter(below[root]))] if not state[root] else []
            state[root] = state[root] or 1
            while trail:
                number, rest = trail[-1]
                following = next(rest, None)
                if following is None:
                    state[number] = 2
                    trail.pop()
                elif state[following] == 1:
                    raise Damaged(f"cell {self.cells[following].name!r} places itself")
                elif not state[following]:
                    state[following] = 1
                    trail.append((following, iter(below[following])))
