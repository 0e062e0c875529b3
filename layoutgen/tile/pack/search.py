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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.pack.blocks import Budget
from layoutgen.tile.pack.points import Ints, best_fill
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
    """Where an item may stand: ``cover`` is (points, places), ``corners`` (places, 2) in units of the frame."""

    cover: Any
    clashes: Any
    corners: Ints
    turned: Bools


def find(frame: tuple[int, int], item: tuple[int, int], target: int, budget: Budget) -> Blocks | None:
    """A packing of at least ``target`` items, or None if there is none. Raises Unfinished."""
    model = _places(frame, item)
    points, number = model.cover.shape
    chosen = _Search(model, target, budget).open(np.arange(number), np.zeros(points, dtype=bool))
    if chosen is None:
        return None
    corners, turned = model.corners[chosen].tolist(), model.turned[chosen].tolist()
    found = [Block(x, y, 1, 1, rotated) for (x, y), rotated in zip(corners, turned, strict=True)]
    return tuple(sorted(found, key=lambda block: (block.y, block.x)))


def _places(frame: tuple[int, int], item: tuple[int, int]) -> Places:
    from scipy import sparse

    unit = gcd(*item)
    u, v = item[0] // unit, item[1] // unit
    across, along = (axis(best_fill(side // unit, u, v), u, v) for side in frame)
    cover, corners, turned = [], [], []
    for kind in (0, 1):
        x, y = across.starts[kind], along.starts[1 - kind]
        columns, rows = (
            sparse.csr_array(held.astype(np.int64)) for held in (across.covers[kind], along.covers[1 - kind])
        )
        cover.append(sparse.kron(columns, rows))
        corners.append(np.stack([np.repeat(x, len(y)), np.tile(y, len(x))], axis=1) * unit)
        turned.append(np.full(len(x) * len(y), bool(kind)))
    whole = sparse.csc_array(sparse.hstack(cover))
    return Places(whole, sparse.csr_array(whole.T @ whole), np.concatenate(corners), np.concatenate(turned))


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
            if len(chosen) >= self.target and self.model.cover[:, chosen].sum(axis=1).max() <= 1:
                return chosen
            kept, must, impossible = self._fixed(among, must, duals)
            if impossible:
                return None
            before, among, shares = len(among), among[kept], shares[kept]
            if len(among) > (1 - _WORTH_REPEATING) * before:
                return self._branch(among, must, shares)

    def _relaxed(self, among: Ints, must: Bools) -> tuple[Floats, Floats]:
        """Shares of the places and prices of the points in the linear relaxation."""
        from scipy import sparse
        from scipy.optimize import linprog

        cover = self.model.cover[:, among].tocsr()
        self.budget.spend(cover.nnz + sum(cover.shape))
        if self.budget.spent:
            raise Unfinished
        bound, free = np.flatnonzero(must), np.flatnonzero(~must)
        # an uncovered point is paid for, so that there is always a solution and always prices
        equal = sparse.hstack([cover[bound], sparse.eye_array(len(bound))]) if len(bound) else None
        most = sparse.hstack([cover[free], sparse.csr_array((len(free), len(bound)))]) if len(free) else None
        result = linprog(
            np.concatenate([-np.ones(len(among)), np.full(len(bound), _UNCOVERED)]),
            A_ub=most,
            b_ub=None if most is None else np.ones(len(free)),
            A_eq=equal,
            b_eq=None if equal is None else np.ones(len(bound)),
            method="highs-ipm",
        )
        if result.status != 0:
            raise Unfinished
        duals: Floats = np.zeros(len(must))
        if most is not None:
            duals[free] = -result.ineqlin.marginals
        if equal is not None:
            duals[bound] = -result.eqlin.marginals
        return np.asarray(result.x)[: len(among)], duals

    def _fixed(self, among: Ints, must: Bools, duals: Floats) -> tuple[Bools, Bools, bool]:
        """Places still possible, points to be covered, and whether the target is out of reach.

        With integer prices y: the items of a packing pay ``least`` each or more, and all of them together pay
        what its points cost: at most ``total``, less the price of every point left uncovered.
        """
        prices = np.ceil(duals * _SCALE - 0.5).astype(np.int64)
        prices[~must] = np.maximum(prices[~must], 0)
        paid = self.model.cover[:, among].T @ prices
        least, total = int(paid.min()), int(prices.sum())
        if least <= 0:
            return np.ones(len(among), dtype=bool), must, False
        loss = total - least * self.target
        return paid - least <= loss, must | (prices > loss), loss < 0

    def _branch(self, among: Ints, must: Bools, shares: Floats) -> Ints | None:
        """Try every place that can cover one point; places tried before are out for the later ones."""
        cover = self.model.cover[:, among].tocsr()
        split = (shares > _FRACTION) & (shares < 1 - _FRACTION)
        if not split.any():
            # the relaxation is whole, yet no packing: rounding of the solver
            raise Unfinished
        options = np.diff(cover.indptr)
        open_points = np.flatnonzero(must & (cover @ split > 0))
        if len(open_points):
            point = open_points[np.argmin(options[open_points])]
            tried = cover.indices[cover.indptr[point] : cover.indptr[point + 1]]
            tried = tried[np.lexsort((tried, -np.round(shares[tried], 6)))]
        else:
            tried = np.array([np.argmin(np.abs(shares - 0.5))])
        out = np.zeros(len(among), dtype=bool)
        for index in tried.tolist():
            place = int(among[index])
            clashing = np.isin(among, self.model.clashes[[place]].indices) & (among != place)
            covered = must.copy()
            covered[self.model.cover[:, [place]].indices] = True
            found = self.open(among[~out & ~clashing], covered)
            if found is not None:
                return found
            out[index] = True
        return None if len(open_points) else self.open(among[~out], must)
