"""Every shape of a foreign layout where it lies under a top cell, as arrays; the hierarchy is walked once.

Work and memory grow with placed cells and drawn shapes; what is placed most often is expanded by numpy in chunks.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from layoutgen.errors import DocumentError, Problem
from layoutgen.foreign.model import Floats, ForeignCell, ForeignLayout, ForeignPlacement, Ints, LayerKey
from layoutgen.foreign.outline import outlines

MOST_INSTANCES: Final = 4_000_000
MOST_POINTS: Final = 100_000_000
CHUNK_POINTS: Final = 1_000_000
_OFF_GRID: Final = 1e-3
_QUARTERS: Final = {0: (1.0, 0.0), 1: (0.0, 1.0), 2: (-1.0, 0.0), 3: (0.0, -1.0)}

Orientation: TypeAlias = tuple[float, float, float, float]
"""A matrix by rows."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Placed polygons, or centre lines, of one layer, in dbu of the file; polygon i has the points
    ``starts[i] .. starts[i + 1]``, counter-clockwise or not as drawn, not closed.

    ``off_grid`` counts points that had to be moved to a whole dbu; ``cell`` is where they are drawn.
    """

    layer: LayerKey
    cell: str
    points: Ints
    starts: Ints
    off_grid: int = 0

    def __len__(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True)
class Placed:
    """All instances of one cell that are turned, mirrored and magnified alike: origins of shape (n, 2)."""

    orientation: Orientation
    origins: Floats


def orientation_of(placement: ForeignPlacement) -> Orientation:
    """The matrix of a placement: mirrored about x, magnified, turned."""
    quarters = placement.turn_deg / 90.0
    if quarters == round(quarters):
        cosine, sine = _QUARTERS[round(quarters) % 4]
    else:
        angle = math.radians(placement.turn_deg)
        cosine, sine = math.cos(angle), math.sin(angle)
    size, flip = placement.magnification, -1.0 if placement.mirrored else 1.0
    return size * cosine, -size * sine * flip, size * sine, size * cosine * flip


def combined(outer: Orientation, inner: Orientation) -> Orientation:
    """The matrix of a cell in a cell."""
    a, b, c, d = outer
    e, f, g, h = inner
    # + 0.0 makes one zero of both
    return a * e + b * g + 0.0, a * f + b * h + 0.0, c * e + d * g + 0.0, c * f + d * h + 0.0


def turned(points: Floats | Ints, orientation: Orientation) -> Floats:
    """Points under a matrix, shape (n, 2)."""
    a, b, c, d = orientation
    found: Floats = points.astype(np.float64) @ np.array([[a, c], [b, d]])
    return found


def instances(
    layout: ForeignLayout, top: str, where: str, layers: Collection[LayerKey] | None = None
) -> Mapping[str, tuple[Placed, ...]]:
    """Where every cell lies under a top cell.

    Args:
        layout: the layout.
        top: one of its cells.
        where: what to name in messages.
        layers: only cells that hold one of these, or place one that does; None for all.

    Raises:
        DocumentError: there are more than are expanded.
    """
    holds = _holding(layout, layers)
    found: dict[str, dict[Orientation, list[Floats]]] = {top: {(1.0, 0.0, 0.0, 1.0): [np.zeros((1, 2))]}}
    placed: dict[str, tuple[Placed, ...]] = {}
    total = 0
    for cell in layout.downwards:
        if cell.name not in found or cell.name not in holds:
            continue
        mine = tuple(Placed(key, np.concatenate(origins)) for key, origins in found.pop(cell.name).items())
        placed[cell.name] = mine
        for placement in cell.placements:
            if placement.cell not in holds:
                continue
            total += placement.repetition.count * sum(len(item.origins) for item in mine)
            if total > MOST_INSTANCES:
                what = f"places more than {MOST_INSTANCES:,} cells"
                raise DocumentError(Problem(what, where, "a layout that can be looked at place by place"))
            offsets = placement.repetition.places() + np.array(placement.origin, dtype=np.float64)
            for item in mine:
                key = combined(item.orientation, orientation_of(placement))
                origins = item.origins[:, None, :] + turned(offsets, item.orientation)[None, :, :]
                found.setdefault(placement.cell, {}).setdefault(key, []).append(origins.reshape(-1, 2))
    return placed


def _holding(layout: ForeignLayout, layers: Collection[LayerKey] | None) -> set[str]:
    holds: set[str] = set()
    wanted = None if layers is None else set(layers)
    for cell in reversed(layout.downwards):
        if wanted is None or cell.layers & wanted or any(placement.cell in holds for placement in cell.placements):
            holds.add(cell.name)
    return holds


def main_top(layout: ForeignLayout, wanted: str) -> str:
    """The top cell that a layout is judged by: the one of a name, else the one of most cells."""
    if wanted in layout.tops:
        return wanted
    return max(layout.tops, key=lambda name: _reached(layout, name))


def _reached(layout: ForeignLayout, top: str) -> int:
    """How many cells a top cell is made of, itself included."""
    found = {top}
    for cell in layout.downwards:
        if cell.name in found:
            found.update(placement.cell for placement in cell.placements)
    return len(found)


def other_tops(layout: ForeignLayout, main: str) -> list[str]:
    """Top cells beside the one that is judged that draw anything; no cell places them."""
    holds = _holding(layout, {key for cell in layout.cells for key in cell.layers})
    return [name for name in layout.tops if name != main and name in holds]


def flat(
    layout: ForeignLayout,
    top: str,
    where: str,
    layers: Collection[LayerKey] | None = None,
    chunk_points: int = CHUNK_POINTS,
) -> Iterator[Chunk]:
    """Every polygon under a top cell where it lies, outlines of paths that have a width included.

    Args:
        layout: the layout.
        top: one of its cells, most often of its ``tops``.
        where: what to name in messages.
        layers: only these; None for all.
        chunk_points: about how many points a chunk has at most.

    Yields:
        Chunks, cell by cell from the top down, layer by layer; the same file gives the same order.

    Raises:
        DocumentError: there are more than are expanded.
    """
    budget = _Budget(where)
    for name, placed in instances(layout, top, where, layers).items():
        cell = layout.by_name[name]
        for layer in sorted(cell.layers):
            if layers is None or layer in layers:
                yield from _expanded(layout, cell, layer, _drawn(cell, layer), placed, budget, chunk_points)


class _Budget:
    """Refuses to expand without end."""

    def __init__(self, where: str) -> None:
        self.where, self.points = where, 0

    def take(self, points: int) -> None:
        self.points += points
        if self.points > MOST_POINTS:
            what = f"draws more than {MOST_POINTS:,} corners once all arrays are expanded"
            raise DocumentError(Problem(what, self.where, "a layout that can be looked at shape by shape"))


def _drawn(cell: ForeignCell, layer: LayerKey) -> list[tuple[Floats, int]]:
    """Polygons and outlines of a layer of a cell, with the numbers of their repetitions."""
    found = []
    if layer in cell.polygons:
        polygons = cell.polygons[layer]
        numbers = polygons.repetitions.tolist()
        found = [(points.astype(np.float64), numbers[number]) for number, points in enumerate(polygons)]
    if layer in cell.paths:
        paths = cell.paths[layer]
        found += [(points, int(paths.repetitions[number])) for number, points in outlines(paths)]
    return found


def _expanded(
    layout: ForeignLayout,
    cell: ForeignCell,
    layer: LayerKey,
    shapes: list[tuple[Floats, int]],
    placed: tuple[Placed, ...],
    budget: _Budget,
    chunk_points: int,
) -> Iterator[Chunk]:
    together: dict[int, list[Floats]] = {}
    for points, number in shapes:
        together.setdefault(number, []).append(points)
    for number, polygons in together.items():
        repetition = layout.repetition(number)
        points = np.concatenate(polygons)
        sizes = np.array([len(polygon) for polygon in polygons])
        for item in placed:
            budget.take(len(points) * repetition.count * len(item.origins))
            drawn = turned(points, item.orientation)
            origins = item.origins
            if number >= 0:
                origins = (origins[:, None, :] + turned(repetition.places(), item.orientation)).reshape(-1, 2)
            step = max(1, chunk_points // len(points))
            for start in range(0, len(origins), step):
                here = origins[start : start + step]
                exact = (here[:, None, :] + drawn).reshape(-1, 2)
                whole = np.rint(exact)
                off = int((np.abs(exact - whole) > _OFF_GRID).any(axis=1).sum())
                starts = np.concatenate([[0], np.cumsum(np.tile(sizes, len(here)))])
                yield Chunk(layer, cell.name, whole.astype(np.int64), starts, off)
