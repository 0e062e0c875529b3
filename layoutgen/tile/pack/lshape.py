"""The L-approach: rectangles and L-shaped pieces, cut again and again into two of these.

Lins, Lins & Morabito (2003); Birgin, Lobato & Morabito (2010). An L is ``[0, X] x [0, y]`` joined with
``[0, x] x [0, Y]``. Every way to cut it by a stepped path into two Ls is one of four kinds (and their mirror
images at the diagonal): *z-down* and *z-up* start at the inner corner, *hook* starts at an inner edge, *nest*
splits off an L inside the L. A straight cut is a limit of these. A rectangle is cut by a path with two bends.

The search asks for one item more than is known, so almost every piece is refused by its area. Each piece
first looks one level ahead at all of its cuts at once, with the five-block table as the value of rectangles.
"""

from dataclasses import dataclass

import numpy as np

from layoutgen.tile.pack.blocks import BlockTable, Budget, moved, transposed
from layoutgen.tile.pack.points import Ints
from layoutgen.web.plan import Block, Blocks

Shape = tuple[int, int, int, int]
Sides = tuple[Ints, Ints, Ints, Ints]

# whether a piece grows against x and against y from its corner
_UP, _DOWN, _LEFT, _BACK = (False, False), (False, True), (True, False), (True, True)


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to cut. Of each of the two Ls: the corner it stands in (indices in the parent; None where it is the
    place of the bend) and whether it grows down from there, in x and in y. ``mirrored`` if the parent was mirrored
    at the diagonal before.
    """

    mirrored: bool
    corners: tuple[tuple[int | None, int | None], tuple[int | None, int | None]]
    flips: tuple[tuple[bool, bool], tuple[bool, bool]]


Found = tuple[Kind, Sides, Sides, Ints, Ints]


@dataclass(frozen=True, slots=True)
class Cuts:
    """Cuts of all kinds: both shapes ``[n, 4]``, the bend ``[n, 2]`` and the index of the kind."""

    shapes: tuple[Ints, Ints]
    bends: Ints
    which: Ints
    kinds: list[Kind]


@dataclass(frozen=True, slots=True)
class Made:
    """How a piece was made: both parts with their targets."""

    mirrored: bool
    parts: tuple[tuple[Shape, tuple[int, int], tuple[bool, bool], int], ...]


class LSearch:
    """Anytime search over L-shaped pieces above a filled :class:`BlockTable`."""

    def __init__(self, table: BlockTable, budget: Budget) -> None:
        self.table, self.budget = table, budget
        self.refused: dict[tuple[Shape, int], int] = {}
        self.made: dict[tuple[Shape, int], Made] = {}
        self.lines: dict[Shape, int] = {}

    def improve(self, bound: int, depths: int) -> Blocks:
        """A packing of the whole frame with more items than the table's, or nothing."""
        i, j = self.table.top
        whole = (i, j, i, j)
        best = self.table.count
        while best < bound and any(self._reach(whole, best + 1, depth) for depth in range(depths)):
            best += 1
        if best == self.table.count:
            return ()
        blocks = self._build(whole, best)
        return transposed(blocks) if self.table.turned else blocks

    def _limits(self, shapes: Ints) -> tuple[Ints, Ints]:
        """Counts that are known to fit into shapes ``[n, 4]``, and that cannot be exceeded."""
        table, points, values, minus = self.table, self.table.points, self.table.values, self.table.difference
        wide, high, x, y = shapes.T
        dx, dy = minus[wide, x], minus[high, y]
        low = np.maximum(values[wide, y] + values[x, dy], values[x, high] + values[dx, y])
        most = (points[wide] * points[y] + points[x] * (points[high] - points[y])) // table.area
        # what the notch holds beside the piece cannot exceed the bound of the rectangle around both
        around = table.bounds[wide, high] - values[dx, dy]
        return low.astype(np.int64), np.maximum(np.minimum(most, around), low)

    def _reach(self, shape: Shape, target: int, depth: int) -> bool:
        """Whether the shape is known to hold the target after a search of this depth."""
        shape = _upright(shape)
        low, high = (int(limit[0]) for limit in self._limits(np.array([shape])))
        if target <= low or (shape, target) in self.made:
            return True
        if target > high or self.refused.get((shape, target), -1) >= depth or self.budget.spent:
            return False
        if target > self._line_bound(shape):
            return False
        cuts = self._cuts(shape, target)
        limits = [self._limits(shapes) for shapes in cuts.shapes]
        known, hoped = limits[0][0] + limits[1][0], limits[0][1] + limits[1][1]
        self.budget.spend(30 * len(known) + 5_000)
        if len(known) and known.max() >= target:
            at = int(np.argmax(known))
            self._keep(shape, target, cuts, at, int(limits[0][0][at]))
            return True
        promising = np.flatnonzero(hoped >= target) if depth else np.zeros(0, dtype=np.int64)
        for at in promising[np.argsort(-known[promising], kind="stable")].tolist():
            if self._deeper(shape, target, depth, cuts, at):
                return True
        if not self.budget.spent:
            self.refused[shape, target] = depth
        return False

    def _line_bound(self, shape: Shape) -> int:
        if shape not in self.lines:
            self.budget.spend(3_000)
            wide, high, x, y = (int(self.table.points[side]) for side in shape)
            self.lines[shape] = self.table.lines.shape(wide, high, x, y)
        return self.lines[shape]

    def _deeper(self, shape: Shape, target: int, depth: int, cuts: Cuts, at: int) -> bool:
        one, two = (_shape(shapes[at]) for shapes in cuts.shapes)
        if shape in (_upright(one), _upright(two)):
            return False
        (low_one, high_one), (low_two, high_two) = (
            tuple(int(limit[0]) for limit in self._limits(np.array([part]))) for part in (one, two)
        )
        for first in range(max(low_one, target - high_two), min(high_one, target - low_two) + 1):
            parts = [(one, first), (two, target - first)]
            # refuse cheaply before opening either; then the smaller one first
            if any(self._refused(part, count, depth - 1) for part, count in parts):
                continue
            if all(self._reach(part, count, depth - 1) for part, count in sorted(parts, key=self._size)):
                self._keep(shape, target, cuts, at, first)
                return True
        return False

    def _refused(self, shape: Shape, target: int, depth: int) -> bool:
        shape = _upright(shape)
        return self.refused.get((shape, target), -1) >= depth or target > self._line_bound(shape)

    def _size(self, part: tuple[Shape, int]) -> tuple[int, Shape]:
        shape, count = part
        return count, shape

    def _keep(self, shape: Shape, target: int, cuts: Cuts, at: int, first: int) -> None:
        kind = cuts.kinds[int(cuts.which[at])]
        bend = cuts.bends[at].tolist()
        parts = tuple(
            (_shape(shapes[at]), _corner(corner, bend), flip, count)
            for shapes, corner, flip, count in zip(
                cuts.shapes, kind.corners, kind.flips, (first, target - first), strict=True
            )
        )
        self.made[shape, target] = Made(kind.mirrored, parts)

    def _cuts(self, shape: Shape, target: int) -> Cuts:
        """All cuts whose pieces have the area for the target between them."""
        wide, high, x, y = shape
        columns = np.union1d(self.table.raster(wide), self.table.raster(x))
        rows = np.union1d(self.table.raster(high), self.table.raster(y))
        found: list[Found] = []
        for mirrored in (False, True):
            if mirrored:
                wide, high, x, y, columns, rows = high, wide, y, x, rows, columns
            if x == wide:
                found.append(self._step(wide, high, columns, rows, mirrored=mirrored))
            else:
                found += self._kinds((wide, high, x, y), columns, rows, mirrored=mirrored)
        one = np.concatenate([np.stack(entry[1], axis=1) for entry in found])
        two = np.concatenate([np.stack(entry[2], axis=1) for entry in found])
        bends = np.concatenate([np.stack((entry[3], entry[4]), axis=1) for entry in found])
        which = np.repeat(np.arange(len(found)), [len(entry[3]) for entry in found])
        use = self._room(one) + self._room(two) >= target
        shapes = _normal(*one[use].T), _normal(*two[use].T)
        return Cuts(shapes, bends[use], which[use], [entry[0] for entry in found])

    def _room(self, sides: Ints) -> Ints:
        wide, high, x, y = self.table.points[sides].T
        room: Ints = (wide * y + x * (high - y)) // self.table.area
        return room

    def _step(self, wide: int, high: int, columns: Ints, rows: Ints, *, mirrored: bool) -> Found:
        """A rectangle: up at b, left to a at height c, up again."""
        minus = self.table.difference
        b, a, c = (side.ravel() for side in np.meshgrid(columns, columns, rows[1:], indexing="ij"))
        use = (a <= b) & (b > 0) & (a < wide)
        a, b, c = a[use], b[use], c[use]
        tall = np.full_like(a, high)
        kind = Kind(mirrored, ((0, 0), (wide, high)), (_UP, _BACK))
        return kind, (b, tall, a, c), (minus[wide, a], tall, minus[wide, b], minus[high, c]), a, c

    def _kinds(self, shape: Shape, columns: Ints, rows: Ints, *, mirrored: bool) -> list[Found]:
        wide, high, x, y = shape
        minus, full = self.table.difference, np.full_like
        a, b = _pairs(columns[columns <= x], rows[rows <= y])
        down: Found = (
            Kind(mirrored, ((0, high), (wide, 0)), (_DOWN, _LEFT)),
            (full(a, x), minus[high, b], a, full(a, minus[high, y])),
            (full(a, wide), full(a, y), minus[wide, a], b),
            *(a, b),
        )
        nest: Found = (
            Kind(mirrored, ((None, None), (0, 0)), (_UP, _UP)),
            (minus[wide, a], minus[high, b], minus[x, a], minus[y, b]),
            (full(a, wide), full(a, high), a, b),
            *(a, b),
        )
        a, b = _pairs(columns[columns <= x], rows[rows >= y])
        up: Found = (
            Kind(mirrored, ((0, 0), (x, high)), (_UP, _BACK)),
            (full(a, wide), b, a, full(a, y)),
            (full(a, x), full(a, minus[high, y]), minus[x, a], minus[high, b]),
            *(a, b),
        )
        hook: Found = (
            Kind(mirrored, ((None, 0), (0, high)), (_UP, _DOWN)),
            (minus[wide, a], b, minus[x, a], full(a, y)),
            (full(a, x), full(a, high), a, minus[high, b]),
            *(a, b),
        )
        return [down, up, hook] if mirrored else [down, up, hook, nest]

    def _build(self, shape: Shape, target: int) -> Blocks:
        """The packing of a shape, in its own coordinates."""
        if shape != _upright(shape):
            return transposed(self._build(_upright(shape), target))
        made = self.made.get((shape, target))
        if made is None:
            return self._known(shape)
        found: list[Block] = []
        for part, corner, flip, count in made.parts:
            x, y = (int(self.table.points[side]) for side in corner)
            found += [self._placed(block, x, y, flip) for block in self._build(part, count)]
        return transposed(tuple(found)) if made.mirrored else tuple(found)

    def _placed(self, block: Block, x: int, y: int, flip: tuple[bool, bool]) -> Block:
        u, v = block.lying((self.table.u, self.table.v))
        left = x - block.x - block.columns * u if flip[0] else x + block.x
        below = y - block.y - block.rows * v if flip[1] else y + block.y
        return Block(left, below, block.columns, block.rows, block.rotated)

    def _known(self, shape: Shape) -> Blocks:
        wide, high, x, y = shape
        table, points, minus = self.table, self.table.points, self.table.difference
        above, beside = int(minus[high, y]), int(minus[wide, x])
        if table.values[wide, y] + table.values[x, above] >= table.values[x, high] + table.values[beside, y]:
            return table.blocks_of(wide, y) + moved(table.blocks_of(x, above), 0, int(points[y]))
        return table.blocks_of(x, high) + moved(table.blocks_of(beside, y), int(points[x]), 0)


def _upright(shape: Shape) -> Shape:
    """The shape or its mirror image at the diagonal, whichever comes first; they hold the same."""
    wide, high, x, y = shape
    return shape if (wide, x) >= (high, y) else (high, wide, y, x)


def _corner(corner: tuple[int | None, int | None], bend: list[int]) -> tuple[int, int]:
    x, y = corner
    return bend[0] if x is None else x, bend[1] if y is None else y


def _pairs(columns: Ints, rows: Ints) -> tuple[Ints, Ints]:
    a, b = np.meshgrid(columns, rows, indexing="ij")
    return a.ravel(), b.ravel()


def _shape(sides: Ints) -> Shape:
    wide, high, x, y = sides.tolist()
    return wide, high, x, y


def _normal(wide: Ints, high: Ints, x: Ints, y: Ints) -> Ints:
    """Shapes ``[n, 4]`` in which a rectangle has x = wide and y = high."""
    flat, thin = x == 0, (y == 0) & (x != 0)
    high, x = np.where(flat, y, high), np.where(flat, wide, x)
    wide, y = np.where(thin, x, wide), np.where(thin, high, y)
    rectangle = (x == wide) | (y == high)
    return np.stack([wide, high, np.where(rectangle, wide, x), np.where(rectangle, high, y)], axis=1)
