"""From cells that place each other to what stands where in the top cell: arrays stay arrays of origins."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.identity.shapes import Block, Drawing, Ints, Key, Mask

Floats = NDArray[np.float64]
Matrix = tuple[float, float, float, float]
"""(xx, xy, yx, yy): a point (x, y) goes to (xx x + xy y, yx x + yy y)."""
STRAIGHT: Matrix = (1.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell at several origins (m x 2), turned, mirrored and magnified by a matrix."""

    cell: str
    matrix: Matrix
    origins: Floats


@dataclass(frozen=True, slots=True)
class Piece:
    """One cell: polygons (k x n x 2) and segments (k x 2 x 2) by layer, and the cells that it places."""

    polygons: Mapping[Key, Sequence[Block]]
    lines: Mapping[Key, Sequence[Block]]
    placed: Sequence[Placed]


def expanded(pieces: Mapping[str, Piece], tops: Iterable[str]) -> Drawing:
    """What stands where, with every cell that the top cells reach."""
    stands: dict[str, dict[Matrix, list[Floats]]] = {top: {STRAIGHT: [np.zeros((1, 2))]} for top in tops}
    polygons: dict[Key, list[Block]] = {}
    lines: dict[Key, list[Block]] = {}
    for name in parents_first(pieces, stands):
        piece = pieces[name]
        for matrix, parts in stands.get(name, {}).items():
            origins = np.concatenate(parts)
            for found, own in ((polygons, piece.polygons), (lines, piece.lines)):
                for key, blocks in own.items():
                    found.setdefault(key, []).extend(_standing(block, matrix, origins) for block in blocks)
            for placed in piece.placed:
                if placed.cell in pieces:
                    there = (origins[:, None, :] + applied(matrix, placed.origins)[None, :, :]).reshape(-1, 2)
                    whole = product(matrix, placed.matrix)
                    stands.setdefault(placed.cell, {}).setdefault(whole, []).append(there)
    return {
        key: Mask(tuple(polygons.get(key, ())), tuple(lines.get(key, ()))) for key in sorted({*polygons, *lines})
    }


def parents_first(pieces: Mapping[str, Piece], tops: Iterable[str]) -> list[str]:
    """The cells that the tops reach, each after every cell that places it."""
    done: dict[str, None] = {}
    for top in tops:
        waiting = [(top, False)]
        while waiting:
            name, left = waiting.pop()
            if left:
                done[name] = None
            elif name not in done and name in pieces:
                waiting.append((name, True))
                waiting += [(placed.cell, False) for placed in pieces[name].placed if placed.cell not in done]
    return list(done)[::-1]


def applied(matrix: Matrix, points: Floats | Ints) -> Floats:
    """Points (... x 2) after a matrix."""
    xx, xy, yx, yy = matrix
    return np.stack([xx * points[..., 0] + xy * points[..., 1], yx * points[..., 0] + yy * points[..., 1]], axis=-1)


def product(outer: Matrix, inner: Matrix) -> Matrix:
    a, b, c, d = outer
    e, f, g, h = inner
    return cleared((a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h))


def matrix_of(turn_rad: float, magnification: float, *, mirrored: bool) -> Matrix:
    """Mirrored about the x axis, then magnified and turned, as GDSII states it."""
    cos, sin = float(np.cos(turn_rad)), float(np.sin(turn_rad))
    flip = -1.0 if mirrored else 1.0
    return cleared(
        (magnification * cos, -magnification * sin * flip, magnification * sin, magnification * cos * flip)
    )


def cleared(matrix: Matrix) -> Matrix:
    """Quarter turns without the dust of sine and cosine."""
    near = tuple(float(round(value)) if abs(value - round(value)) < 1e-12 else value for value in matrix)
    return (near[0] + 0.0, near[1] + 0.0, near[2] + 0.0, near[3] + 0.0)


def _standing(block: Block, matrix: Matrix, origins: Floats) -> Block:
    """A cell's polygons at its origins; points that do not meet the grid are rounded to it, once."""
    exact = all(value == round(value) for value in matrix) and bool((origins == np.rint(origins)).all())
    points = applied(matrix, block.points)
    there = (applied(matrix, block.origins)[:, None, :] + origins[None, :, :]).reshape(-1, 2)
    if exact:
        return Block(np.rint(points).astype(np.int64), np.rint(there).astype(np.int64))
    whole = (points[:, None] + there[None, :, None]).reshape(-1, *points.shape[1:])
    return Block(np.rint(whole).astype(np.int64), np.zeros((1, 2), dtype=np.int64))
