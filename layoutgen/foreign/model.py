"""A foreign layout as it comes in: every coordinate an integer of the file's own database unit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
LayerKey: TypeAlias = tuple[int, int]
"""Layer number and datatype."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """Copies of a shape or of a placement.

    Either a lattice, ``columns`` steps ``a`` by ``rows`` steps ``b`` (dbu; whole unless an array's span does not
    divide by its count), or ``offsets`` of shape (n, 2), the first (0, 0).
    """

    columns: int = 1
    rows: int = 1
    a: tuple[float, float] = (0.0, 0.0)
    b: tuple[float, float] = (0.0, 0.0)
    offsets: Ints | None = field(default=None, compare=False)

    @property
    def count(self) -> int:
        return self.columns * self.rows if self.offsets is None else len(self.offsets)

    @property
    def whole(self) -> bool:
        """Whether every copy lies at a whole number of dbu."""
        return self.offsets is not None or all(float(value).is_integer() for value in (*self.a, *self.b))

    def places(self) -> Floats | Ints:
        """The offset of every copy, shape (count, 2), columns fastest; floats where they are not whole."""
        if self.offsets is not None:
            return self.offsets
        column, row = np.meshgrid(np.arange(self.columns), np.arange(self.rows))
        steps = [column * self.a[axis] + row * self.b[axis] for axis in (0, 1)]
        grid = np.stack(steps, axis=-1).reshape(-1, 2)
        return grid.astype(np.int64) if self.whole else grid.astype(np.float64)


ONCE = Repetition()


@dataclass(frozen=True, slots=True)
class Polygons:
    """Polygons of one layer of one cell, not closed.

    ``points`` has shape (n, 2); polygon i has the points ``starts[i] .. starts[i + 1]``, so ``starts`` is one
    longer than there are polygons. ``repetitions[i]`` is the number of its repetition in the layout, -1 for none.
    """

    points: Ints
    starts: Ints
    repetitions: Ints

    def __len__(self) -> int:
        return len(self.repetitions)

    def __iter__(self) -> Iterator[Ints]:
        """The points of each polygon, as drawn once."""
        for start, stop in zip(self.starts[:-1], self.starts[1:], strict=True):
            yield self.points[start:stop]


@dataclass(frozen=True, slots=True)
class Paths(Polygons):
    """Paths of one layer of one cell: their points in place of those of polygons.

    ``widths``, ``begins`` and ``ends`` are in dbu; extensions are beyond the first and the last point, and may be
    negative or end in a half. ``round`` says that ends and joins are round, ``absolute`` that the width does not
    grow where the cell is magnified.
    """

    widths: Ints
    begins: Floats
    ends: Floats
    round: NDArray[np.bool_]
    absolute: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ForeignPlacement:
    """One cell in another: mirrored about x where ``mirrored``, then magnified, turned counter-clockwise, moved.

    ``absolute`` says that magnification or angle are not to be combined with those around; readers differ there.
    """

    cell: str
    origin: tuple[int, int]
    turn_deg: float = 0.0
    magnification: float = 1.0
    mirrored: bool = False
    absolute: bool = False
    repetition: Repetition = ONCE


@dataclass(frozen=True, slots=True)
class Note:
    """What a file holds and nothing here can judge: ``kind`` of it, where, how often.

    ``kind``: "text", "node", "xgeometry" or "xelement". ``place`` is the first one, in dbu of its cell.
    """

    kind: str
    cell: str
    layer: LayerKey
    count: int
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class ForeignCell:
    """One cell: shapes by layer, placements in the order of the file."""

    name: str
    polygons: Mapping[LayerKey, Polygons]
    paths: Mapping[LayerKey, Paths]
    placements: tuple[ForeignPlacement, ...]

    @property
    def layers(self) -> frozenset[LayerKey]:
        return frozenset({*self.polygons, *self.paths})


@dataclass(frozen=True)
class ForeignLayout:
    """A whole file.

    ``dbu_m`` is the database unit and ``unit_m`` the user unit, in metres. Shapes refer to ``repetitions``.
    ``unjudged`` is what the file holds beyond shapes and placements. Cells are in the order of the file.
    """

    format: str
    name: str
    dbu_m: float
    unit_m: float
    cells: tuple[ForeignCell, ...]
    repetitions: tuple[Repetition, ...]
    unjudged: tuple[Note, ...] = ()
    layer_names: tuple[tuple[str, tuple[int, int], tuple[int, int]], ...] = ()
    """OASIS layer names: name, first and last layer, first and last datatype."""

    @cached_property
    def by_name(self) -> Mapping[str, ForeignCell]:
        return {cell.name: cell for cell in self.cells}

    @cached_property
    def tops(self) -> tuple[str, ...]:
        """The cells that no other places, in the order of the file."""
        placed = {placement.cell for cell in self.cells for placement in cell.placements}
        return tuple(cell.name for cell in self.cells if cell.name not in placed)

    @cached_property
    def downwards(self) -> tuple[ForeignCell, ...]:
        """The cells, each before the ones that it places."""
        order: list[ForeignCell] = []
        done: set[str] = set()
        for top in self.tops:
            trail: list[tuple[str, Iterator[str]]] = [(top, iter(self._below(top)))]
            done.add(top)
            while trail:
                name, rest = trail[-1]
                following = next((item for item in rest if item not in done), None)
                if following is None:
                    order.append(self.by_name[name])
                    trail.pop()
                else:
                    done.add(following)
                    trail.append((following, iter(self._below(following))))
        return tuple(reversed(order))

    def _below(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(placement.cell for placement in self.by_name[name].placements))

    def repetition(self, number: int) -> Repetition:
        return ONCE if number < 0 else self.repetitions[number]

    @cached_property
    def layers(self) -> tuple[LayerKey, ...]:
        """Every layer with a shape, in order."""
        return tuple(sorted({layer for cell in self.cells for layer in cell.layers}))


def layout_of_handover(head: Mapping[str, Any], arrays: memoryview) -> ForeignLayout:
    """The layout out of what :mod:`layoutgen.foreign.handover` wrote.

    Raises:
        ValueError, KeyError, TypeError, IndexError: it is not that.
    """
    integers = np.frombuffer(arrays, dtype=np.int64)
    at = 0

    def take(count: int) -> Ints:
        nonlocal at
        if at + count > len(integers):
            raise ValueError("too few numbers")
        at += count
        return integers[at - count : at]

    def group(points: int, count: int, ends: int) -> tuple[Ints, Ints, Ints, Ints]:
        xy = take(points).reshape(-1, 2)
        starts = np.append(take(count), len(xy))
        return xy, starts, take(count), take(ends).reshape(-1, 5)

    names = [str(item["name"]) for item in head["cells"]]
    pending = []
    notes = []
    for item in head["cells"]:
        polygons = {(a, b): Polygons(*group(*sizes)[:3]) for a, b, *sizes in item["polygons"]}
        paths = {}
        for a, b, *sizes in item["paths"]:
            xy, starts, repetitions, ends = group(*sizes)
            widths, begins, finish = ends[:, 0], ends[:, 1] / 2, ends[:, 2] / 2
            paths[a, b] = Paths(xy, starts, repetitions, widths, begins, finish, ends[:, 3] > 0, ends[:, 4] > 0)
        placed = take(6 * item["placed"]).reshape(-1, 6)
        turns = take(2 * item["placed"]).view(np.float64).reshape(-1, 2)
        pending.append((str(item["name"]), polygons, paths, placed, turns))
        notes += [
            Note(kind, str(item["name"]), (layer, datatype), count, (x, y))
            for kind, layer, datatype, count, x, y in item["notes"]
        ]
    copies: list[Repetition] = []
    for kind, *values in head["repetitions"]:
        if kind == "offsets":
            copies.append(Repetition(offsets=take(values[0]).reshape(-1, 2)))
        else:
            columns, rows, ax, ay, bx, by = values
            copies.append(Repetition(columns, rows, (ax, ay), (bx, by)))
    cells = tuple(
        ForeignCell(name, polygons, paths, _placements(names, placed, turns, copies))
        for name, polygons, paths, placed, turns in pending
    )
    layer_names = tuple((str(name), tuple(layers), tuple(kinds)) for name, layers, kinds in head["layer_names"])
    return ForeignLayout(
        str(head["format"]),
        str(head["name"]),
        float(head["dbu_m"]),
        float(head["unit_m"]),
        cells,
        tuple(copies),
        tuple(notes),
        layer_names,
    )


def _placements(
    names: list[str], placed: Ints, turns: Floats, repetitions: list[Repetition]
) -> tuple[ForeignPlacement, ...]:
    return tuple(
        ForeignPlacement(
            names[cell],
            (x, y),
            turn,
            magnification,
            bool(mirrored),
            bool(absolute),
            ONCE if repetition < 0 else repetitions[repetition],
        )
        for (cell, x, y, mirrored, absolute, repetition), (turn, magnification) in zip(
            placed.tolist(), turns.tolist(), strict=True
        )
    )
