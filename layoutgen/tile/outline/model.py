"""Values that packings of outlines are made of."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from layoutgen.tile.model import Bounded

Place = tuple[int, int, int]
"""(turn, x, y) of a cell: the lower left corner of the box of the turned outline."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """A rectangular array of equal outlines in one turn (degrees, counter-clockwise).

    ``x, y`` is the lower left corner of the box of the first one, finished and without kerf.
    """

    x: int
    y: int
    columns: int
    rows: int
    pitch_x: int
    pitch_y: int
    turn: int

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def places(self) -> list[Place]:
        return [
            (self.turn, self.x + column * self.pitch_x, self.y + row * self.pitch_y)
            for row in range(self.rows)
            for column in range(self.columns)
        ]


@dataclass(frozen=True, slots=True)
class OutlinePacking(Bounded):
    """Equal outlines in one rectangular field of a finished size.

    ``proof`` names the bound that equals the count, and is empty where none does.
    """

    size: tuple[int, int]
    lattices: tuple[Lattice, ...]
    upper_bound: int
    method: str
    proof: str

    @property
    def count(self) -> int:
        return sum(lattice.count for lattice in self.lattices)


def lattices_of(places: Iterable[Place]) -> tuple[Lattice, ...]:
    """Places as few arrays: runs of one pitch along x, then runs of equal runs along y."""
    lines: dict[tuple[int, int], list[int]] = defaultdict(list)
    for turn, x, y in places:
        lines[turn, y].append(x)
    runs: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
    for (turn, y), xs in lines.items():
        for start, step, number in _runs(sorted(xs)):
            runs[turn, start, step, number].append(y)
    found = []
    for (turn, x, pitch, number), ys in runs.items():
        for y, step, rows in _runs(sorted(ys)):
            found.append(Lattice(x, y, number, rows, pitch, step, turn))
    return tuple(sorted(found, key=lambda lattice: (lattice.y, lattice.x, lattice.turn)))


def _runs(values: list[int]) -> list[tuple[int, int, int]]:
    """Ascending integers as (start, step, number); a single one has the step 0."""
    found = []
    at = 0
    while at < len(values):
        end = at + 1
        if end < len(values):
            step = values[end] - values[at]
            while end + 1 < len(values) and values[end + 1] - values[end] == step:
                end += 1
            # two values that are no run with others: the second may begin a longer one
            if (
                end == at + 1
                and end + 2 < len(values)
                and values[end + 1] - values[end] == values[end + 2] - values[end + 1]
            ):
                end = at
            number = end - at + 1
            found.append((values[at], step if number > 1 else 0, number))
            at += number
        else:
            found.append((values[at], 0, 1))
            at = end
    return found


def turned_back(places: Iterable[Place], height: int, sizes: dict[int, tuple[int, int]]) -> list[Place]:
    """Places in a frame that was turned by 90 degrees counter-clockwise, as they are in the frame itself.

    ``height`` is that of the frame itself, and ``sizes`` are those of the turns in the turned frame.
    """
    # a point (x, y) of the turned frame came from (y, height - x)
    return [((turn - 90) % 360, y, height - x - sizes[turn][0]) for turn, x, y in places]


def moved(lattice: Lattice, dx: int, dy: int) -> Lattice:
    return replace(lattice, x=lattice.x + dx, y=lattice.y + dy)
