"""Shapes of one mask as columns of integers: polygons by their number of vertices, and lines without width.

A :class:`Block` is polygons with the places where each of them stands, as a hierarchy stores them;
:func:`instances` expands blocks into columns: a row for each polygon, its shape an index into a table.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Box = tuple[int, int, int, int]
Key = tuple[int, int]
"""Layer number and datatype."""


@dataclass(frozen=True, slots=True)
class Block:
    """Polygons (k x n x 2), each at every one of the origins (m x 2)."""

    points: Ints
    origins: Ints

    @property
    def count(self) -> int:
        return len(self.points) * len(self.origins)

    @property
    def vertices(self) -> int:
        return self.count * int(self.points.shape[1])


@dataclass(frozen=True, slots=True)
class Mask:
    """What one layer holds: polygons, and lines without width as segments (k x 2 x 2) at origins."""

    blocks: tuple[Block, ...] = ()
    lines: tuple[Block, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.blocks and not self.lines

    @property
    def count(self) -> int:
        return sum(block.count for block in self.blocks)

    @property
    def vertices(self) -> int:
        return sum(block.vertices for block in self.blocks)

    def area(self) -> float:
        """The area of all polygons, places that several of them cover counted as often."""
        return sum(
            float(np.abs(twice_areas(block.points)).sum()) / 2 * len(block.origins)
            for block in self.blocks
            if block.count
        )

    def box(self) -> Box | None:
        """The box around everything; None for an empty mask."""
        boxes = [block_box(block) for block in (*self.blocks, *self.lines)]
        return around(boxes)


_EXACT = 2**30
"""Products of lengths up to this are exact in 64 bits, and so are sums of some of them."""

Drawing = dict[Key, Mask]
"""Layer -> what it holds, all in the coordinates of the top cell."""


@dataclass(frozen=True, slots=True)
class Instances:
    """Polygons of n vertices, one row each: ``shapes`` (s x n x 2) are distinct, first vertex at the origin,
    counter-clockwise from the lowest leftmost one; row i is ``shapes[shape[i]] + at[i]``.
    """

    shapes: Ints
    shape: Ints
    at: Ints

    def __len__(self) -> int:
        return len(self.at)

    def points(self, rows: Ints | slice = slice(None)) -> Ints:
        """Vertices of some rows: (rows x n x 2)."""
        return self.shapes[self.shape[rows]] + self.at[rows][:, None, :]

    def boxes(self) -> Ints:
        """(x0, y0, x1, y1) of every row."""
        low, high = self.shapes.min(axis=1), self.shapes.max(axis=1)
        return np.concatenate([low[self.shape] + self.at, high[self.shape] + self.at], axis=1)

    def taken(self, rows: Ints | NDArray[np.bool_]) -> "Instances":
        return Instances(self.shapes, self.shape[rows], self.at[rows])


Columns = dict[int, Instances]
"""Number of vertices -> polygons of so many."""


def around(boxes: Iterable[Box | None]) -> Box | None:
    """The box around boxes; None for none."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    x0, y0, x1, y1 = zip(*known, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def block_box(block: Block) -> Box | None:
    if not block.count:
        return None
    points, origins = block.points.reshape(-1, 2), block.origins
    (x0, y0), (x1, y1) = points.min(axis=0) + origins.min(axis=0), points.max(axis=0) + origins.max(axis=0)
    return int(x0), int(y0), int(x1), int(y1)


def blocks_of(polygons: Sequence[Ints], origins: Ints) -> list[Block]:
    """Polygons of any numbers of vertices, all at the same origins."""
    by_length: dict[int, list[Ints]] = {}
    for points in polygons:
        by_length.setdefault(len(points), []).append(points)
    return [Block(np.stack(same).astype(np.int64), origins) for same in by_length.values()]


def scaled(mask: Mask, factor: int) -> Mask:
    """A mask in a unit ``factor`` times finer."""
    if factor == 1:
        return mask

    def finer(block: Block) -> Block:
        return Block(block.points * factor, block.origins * factor)

    return Mask(tuple(map(finer, mask.blocks)), tuple(map(finer, mask.lines)))


def instances(blocks: Iterable[Block]) -> Columns:
    """Blocks expanded: vertices that say nothing are dropped, and polygons that are a line."""
    shapes: dict[int, list[tuple[Ints, Ints, Ints]]] = {}
    for block in blocks:
        if not block.count:
            continue
        for rows, points in cleaned(block.points):
            anchors, relative = _anchored(points)
            shapes.setdefault(points.shape[1], []).append((relative, anchors, block.origins))
            del rows
    return {length: _columns(parts) for length, parts in sorted(shapes.items())}


def flat(columns: Columns) -> Iterator[Ints]:
    """Vertices of all polygons, an array (rows x n x 2) for each number of vertices."""
    for part in columns.values():
        yield part.points()


def _columns(parts: Sequence[tuple[Ints, Ints, Ints]]) -> Instances:
    every = np.concatenate([relative for relative, _, _ in parts])
    shapes, ids = distinct(every)
    shape, at, start = [], [], 0
    for relative, anchors, origins in parts:
        own = ids[start : start + len(relative)]
        start += len(relative)
        shape.append(np.repeat(own, len(origins)))
        at.append((anchors[:, None, :] + origins[None, :, :]).reshape(-1, 2))
    return Instances(shapes, np.concatenate(shape), np.concatenate(at))


def distinct(shapes: Ints) -> tuple[Ints, Ints]:
    """Distinct shapes of (k x n x 2), in a fixed order, and for each of the k which one it is."""
    rows = np.ascontiguousarray(shapes.reshape(len(shapes), -1))
    if len(rows) == 1:
        return shapes, np.zeros(1, dtype=np.int64)
    view = rows.view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    _, first, ids = np.unique(view, return_index=True, return_inverse=True)
    return shapes[first], ids.reshape(-1).astype(np.int64)


def cleaned(points: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Polygons (k x n x 2) without repeated and collinear vertices, counter-clockwise, those without any left out:
    (rows of the input, points) for each number of vertices.
    """
    waiting = [(np.arange(len(points)), points)]
    while waiting:
        rows, now = waiting.pop()
        if now.shape[1] < 3 or not len(now):
            continue
        keep = _telling(now)
        counts = keep.sum(axis=1)
        whole = counts == now.shape[1]
        if whole.any():
            # without area a polygon may still cover something, as a bow-tie does
            kept = now[whole]
            backwards = twice_areas(kept) < 0
            yield rows[whole], np.where(backwards[:, None, None], kept[:, ::-1], kept)
        for count in np.unique(counts[~whole]):
            chosen = (counts == count) & ~whole
            if count >= 3:
                waiting.append((rows[chosen], now[chosen][keep[chosen]].reshape(-1, int(count), 2)))


def twice_areas(points: Ints) -> Ints:
    """Twice the signed areas of polygons (k x n x 2)."""
    local = points - points[:, :1]
    if len(local) and np.abs(local).max() > _EXACT:
        local = local.astype(np.float64)
    after = np.roll(local, -1, axis=1)
    return np.asarray(np.sum(local[..., 0] * after[..., 1] - after[..., 0] * local[..., 1], axis=1))


def _telling(points: Ints) -> NDArray[np.bool_]:
    """Vertices at which the outline turns. Of a run of equal vertices one is kept, and looked at again."""
    before, after = points - np.roll(points, 1, axis=1), np.roll(points, -1, axis=1) - points
    cross = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    again = (after == 0).all(axis=2)
    first_of_run = (before == 0).all(axis=2) & ~again
    return np.asarray(((cross != 0) | first_of_run) & ~again)


def _anchored(points: Ints) -> tuple[Ints, Ints]:
    """Lowest leftmost vertices, and the polygons relative to them, starting there."""
    k, n, _ = points.shape
    low = points[..., 1] == points[..., 1].min(axis=1, keepdims=True)
    x = np.where(low, points[..., 0], np.iinfo(np.int64).max)
    start = x.argmin(axis=1)
    order = (start[:, None] + np.arange(n)) % n
    turned = points[np.arange(k)[:, None], order]
    anchors = turned[:, 0].copy()
    return anchors, turned - anchors[:, None, :]
