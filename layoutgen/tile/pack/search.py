"""Exact search for one item more: branch and bound on the set-packing programme, with exact arithmetic.

A place is an item at reduced raster points (Scheithauer & Terno 1996), a point may be covered once. The linear
relaxation gives each point a price. To reach a *target* only the value above it may be lost: places whose points
cost too much beyond one item can be left out (reduced costs), and points whose price exceeds the loss must be
covered. Points that must be covered turn inequalities into equations, which makes the next relaxation tighter;
what is left is branched at the point that the fewest places can cover. Few nodes are needed where the bound exceeds
the truth by less than one item, and that is what the other bounds leave open.

Prices are rounded to integers and every conclusion is drawn from those, so a proof does not rest on the floating
point of the solver. Work is counted in entries of the programmes solved.
"""

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.pack.blocks import Budget
from layoutgen.tile.pack.points import Ints, best_fill
from layoutgen.tile.pack.programme import Columns, beside, columns_of, least, products
from layoutgen.tile.pack.setpack import axis
from layoutgen.web.plan import Block, Blocks

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_SCALE = 10**9
# what a point that must be covered costs where it is not, in items: any price of a useful point is below
_UNCOVERED = 10.0
# fixing is repeated as long as it takes away this share of the places
_WORTH_REPEATING = 0.1
_FRACTION = 1e-6


class Unfinished(Exception):  # noqa: N818 - an end of the search, not an error
    """The work ran out before the question was answered."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where an item may stand: ``cover`` is (points, places), ``at`` the places that cover each point, and
    ``corners`` (places, 2) in units of the frame."""

    cover: Columns
    at: Columns
    corners: Ints
    turned: Bools


def find(frame: tuple[int, int], item: tuple[int, int], target: int, budget: Budget) -> Blocks | None:
    """A packing of at least ``target`` items, or None if there is none. Raises Unfinished."""
    model = _places(frame, item)
    points, number = model.cover.height, model.cover.width
    chosen = _Search(model, target, budget).open(np.arange(number), np.zeros(points, dtype=bool))
    if chosen is None:
        return None
    corners, turned = model.corners[chosen].tolist(), model.turned[chosen].tolist()
    found = [Block(x, y, 1, 1, rotated) for (x, y), rotated in zip(corners, turned, strict=True)]
    return tuple(sorted(found, key=lambda block: (block.y, block.x)))


def _places(frame: tuple[int, int], item: tuple[int, int]) -> Places:
    unit = gcd(*item)
    u, v = item[0] // unit, item[1] // unit
    across, along = (axis(best_fill(side // unit, u, v), u, v) for side in frame)
    cover, corners, turned = [], [], []
    for kind in (0, 1):
        x, y = across.starts[kind], along.starts[1 - kind]
        cover.append(products(across.covers[kind], along.covers[1 - kind]))
        corners.append(np.stack([np.repeat(x, len(y)), np.tile(y, len(x))], axis=1) * unit)
        turned.append(np.full(len(x) * len(y), bool(kind)))
    whole = beside(cover)
    at = columns_of(whole.width, whole.height, whole.columns, whole.rows, whole.values)
    return Places(whole, at, np.concatenate(corners), np.concatenate(turned))


class _Search:
    def __init__(self, model: Places, target: int, budget: Budget) -> None:
        self.model, self.target, self.budget = model, target, budget

    def open(self, among: Ints, must: Bools) -> Ints | None:
        """Those of ``among`` that make a packing of the target and cover all points of ``must``, or None."""
        while True:
            if not len(among):
                return None
            shares, duals = self._relaxed(among, must)
            chosen = among[shares > 0.5]
            if len(chosen) >= self.target and self._covered(chosen).max() <= 1:
                return chosen
            kept, must, impossible = self._fixed(among, must, duals)
            if impossible:
                return None
            before, among, shares = len(among), among[kept], shares[kept]
            if len(among) > (1 - _WORTH_REPEATING) * before:
                return self._branch(among, must, shares)

    def _relaxed(self, among: Ints, must: Bools) -> tuple[Floats, Floats]:
        """Shares of the places and prices of the points in the linear relaxation."""
        cover = self.model.cover.taken(among)
        self.budget.spend(cover.entries + cover.height + cover.width)
        if self.budget.spent:
            raise Unfinished
        bound, free = np.flatnonzero(must), np.flatnonzero(~must)
        # an uncovered point is paid for, so that there is always a solution and always prices
        slack = Columns(len(must), np.arange(len(bound) + 1), bound, np.ones(len(bound), dtype=np.int64))
        order = np.concatenate((free, bound))
        found = least(
            np.concatenate([-np.ones(len(among)), np.full(len(bound), _UNCOVERED)]),
            beside([cover, slack]).reordered(order),
            np.concatenate((np.full(len(free), -np.inf), np.ones(len(bound)))),
            np.ones(len(must)),
        )
        if found is None:
            raise Unfinished
        duals: Floats = np.empty(len(must))
        duals[order] = -found.prices
        return found.amounts[: len(among)], duals

    def _covered(self, chosen: Ints) -> Floats:
        """How often each point is covered."""
        cover = self.model.cover.taken(chosen)
        return cover.by_rows(np.ones(cover.width))

    def _fixed(self, among: Ints, must: Bools, duals: Floats) -> tuple[Bools, Bools, bool]:
        """Places still possible, points to be covered, and whether the target is out of reach.

        With integer prices y: the items of a packing pay ``least`` each or more, and all of them together pay
        what its points cost: at most ``total``, less the price of every point left uncovered.
        """
        prices = np.ceil(duals * _SCALE - 0.5).astype(np.int64)
        prices[~must] = np.maximum(prices[~must], 0)
        paid = self.model.cover.taken(among).by_columns(prices)
        least, total = int(paid.min()), int(prices.sum())
        if least <= 0:
            return np.ones(len(among), dtype=bool), must, False
        loss = total - least * self.target
        return paid - least <= loss, must | (prices > loss), loss < 0

    def _branch(self, among: Ints, must: Bools, shares: Floats) -> Ints | None:
        """Try every place that can cover one point; places tried before are out for the later ones."""
        cover = self.model.cover.taken(among)
        split = (shares > _FRACTION) & (shares < 1 - _FRACTION)
        if not split.any():
            # the relaxation is whole, yet no packing: rounding of the solver
            raise Unfinished
        options = np.bincount(cover.rows, minlength=cover.height)
        open_points = np.flatnonzero(must & (cover.by_rows(split) > 0))
        if len(open_points):
            point = open_points[np.argmin(options[open_points])]
            tried = cover.columns[cover.rows == point]
            tried = tried[np.lexsort((tried, -np.round(shares[tried], 6)))]
        else:
            tried = np.array([np.argmin(np.abs(shares - 0.5))])
        out = np.zeros(len(among), dtype=bool)
        for index in tried.tolist():
            place = int(among[index])
            points = self.model.cover.taken(np.array([place])).rows
            clashing = np.isin(among, self.model.at.taken(points).rows) & (among != place)
            covered = must.copy()
            covered[points] = True
            found = self.open(among[~out & ~clashing], covered)
            if found is not None:
                return found
            out[index] = True
        return None if len(open_points) else self.open(among[~out], must)
