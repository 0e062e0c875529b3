"""Nearest points and boxes, boxes under points, and what hangs together, by trees of shapely."""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Complexes = NDArray[np.complex128]
Ints = NDArray[np.int64]


class Points:
    """Points of a plane, to be found by others near them."""

    def __init__(self, points: Complexes) -> None:
        self._tree = shapely.STRtree(_shapes(points))

    def nearest(self, points: Complexes, within: float) -> Ints:
        """For each point the index of the nearest one not farther than ``within``, -1 where there is none."""
        found = np.full(points.size, -1, dtype=np.int64)
        asked, index = self._tree.query_nearest(_shapes(points.ravel()), max_distance=within, all_matches=False)
        found[asked] = index
        return found.reshape(points.shape)


def nearest_boxes(among: Ints, boxes: Ints) -> Ints:
    """For each box the one of ``among`` whose four sides are nearest, as (x0, y0, x1, y1) rows.

    Of two boxes the sum of squares of the distances of sides is twice that of the distance of their middles and
    that of their half sizes, so that the middles near enough hold the nearest.
    """
    tree, middles = shapely.STRtree(_shapes(_middles(among))), _shapes(_middles(boxes))
    first = tree.query_nearest(middles, all_matches=False)[1]
    reach = np.sqrt(_apart(among[first], boxes) / 2.0) + 1e-6
    asked, index = tree.query(middles, predicate="dwithin", distance=reach)
    order = np.lexsort((index, _apart(among[index], boxes[asked]), asked))
    best = order[np.flatnonzero(np.diff(asked[order], prepend=-1))]
    return np.asarray(index[best], dtype=np.int64)


def boxes_at(middles: Complexes, sizes: NDArray[np.float64], points: Complexes) -> Ints:
    """For each point the index of the box that it lies in or on, the lowest of several; -1 where there is none.

    Args:
        middles: of the boxes.
        sizes: their widths and heights (boxes, 2).
        points: asked for; none is found for one that is not finite.
    """
    half = sizes / 2.0
    low, high = middles - (half[:, 0] + 1j * half[:, 1]), middles + (half[:, 0] + 1j * half[:, 1])
    tree = shapely.STRtree(shapely.box(low.real, low.imag, high.real, high.imag))
    sound = np.flatnonzero(np.isfinite(points))
    asked, index = tree.query(_shapes(points[sound]), predicate="intersects")
    found = np.full(points.size, len(middles), dtype=np.int64)
    np.minimum.at(found, sound[asked], index)
    found[found == len(middles)] = -1
    return found


def groups(size: int, first: Ints, second: Ints) -> tuple[int, Ints]:
    """Things that are linked, directly or through others: how many groups, and the number of each thing's.

    Args:
        size: how many things there are.
        first: one end of each link, from 0.
        second: the other end, of the same shape.
    """
    least = np.arange(size)
    while True:
        before = least.copy()
        lower = np.minimum(least[first], least[second])
        np.minimum.at(least, first, lower)
        np.minimum.at(least, second, lower)
        least = least[least]
        if (least == before).all():
            break
    numbers, label = np.unique(least, return_inverse=True)
    return len(numbers), np.asarray(label, dtype=np.int64)


def _shapes(points: Complexes) -> NDArray[Any]:
    return np.asarray(shapely.points(points.real, points.imag))


def _middles(boxes: Ints) -> Complexes:
    middles: Complexes = (boxes[:, 0] + boxes[:, 2]) / 2.0 + 1j * (boxes[:, 1] + boxes[:, 3]) / 2.0
    return middles


def _apart(one: Ints, other: Ints) -> NDArray[np.float64]:
    apart: NDArray[np.float64] = ((one - other).astype(np.float64) ** 2).sum(axis=1)
    return apart
