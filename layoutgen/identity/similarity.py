"""A plane moved as a whole: scaled, mirrored, turned, shifted."""

import cmath
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.identity.shapes import Block, Drawing, Ints, Mask

Complexes = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Similarity:
    """``z -> factor * z + shift``, of the conjugate of z where ``mirrored``; complex numbers are points x + iy."""

    factor: complex = 1 + 0j
    shift: complex = 0j
    mirrored: bool = False

    @property
    def scale(self) -> float:
        return abs(self.factor)

    @property
    def turn_deg(self) -> float:
        """Counter-clockwise, -180 < turn <= 180."""
        degrees = math.degrees(cmath.phase(self.factor))
        return 180.0 if degrees <= -180.0 else degrees

    @property
    def whole(self) -> bool:
        """Whether integers stay integers: a quarter turn, a whole factor and shift."""
        parts = (self.factor.real, self.factor.imag, self.shift.real, self.shift.imag)
        return all(part == round(part) for part in parts)

    def of(self, points: Complexes) -> Complexes:
        return np.asarray(self.factor * (points.conj() if self.mirrored else points) + self.shift)

    def inverse(self) -> "Similarity":
        if self.mirrored:
            factor = 1 / self.factor.conjugate()
            return Similarity(factor, -factor * self.shift.conjugate(), mirrored=True)
        return Similarity(1 / self.factor, -self.shift / self.factor)

    def after(self, first: "Similarity") -> "Similarity":
        """This one, done after another."""
        inner = (
            (first.factor.conjugate(), first.shift.conjugate()) if self.mirrored else (first.factor, first.shift)
        )
        return Similarity(
            self.factor * inner[0], self.factor * inner[1] + self.shift, self.mirrored != first.mirrored
        )


NOTHING = Similarity()


def quarter(turns: int) -> complex:
    """A factor that turns by quarters, without dust."""
    return (1 + 0j, 1j, -1 + 0j, -1j)[turns % 4]


def complexes(points: Ints | NDArray[np.float64]) -> Complexes:
    """Points (... x 2) as complex numbers."""
    return np.asarray(points[..., 0] + 1j * points[..., 1])


def moved(drawing: Drawing, by: Similarity, onto: Drawing | None = None, within: float = 0.0) -> Drawing:
    """A drawing after a similarity.

    Args:
        drawing: what is moved.
        by: how.
        onto: where integers do not stay integers: coordinates that come to lie ``within`` of one of this drawing's,
            in the same layer, are taken to be it.
        within: in units of the drawing.
    """
    return {key: moved_mask(mask, by, (onto or {}).get(key), within) for key, mask in drawing.items()}


def moved_mask(mask: Mask, by: Similarity, onto: Mask | None = None, within: float = 0.0) -> Mask:
    """One mask after a similarity, as :func:`moved`."""
    if by == NOTHING:
        return mask
    if by.whole:
        return Mask(tuple(_exact(block, by) for block in mask.blocks), tuple(_exact(b, by) for b in mask.lines))
    stops = _stops(onto) if onto is not None else None
    return Mask(
        tuple(_rounded(block, by, stops, within) for block in mask.blocks),
        tuple(_rounded(block, by, stops, within) for block in mask.lines),
    )


def _exact(block: Block, by: Similarity) -> Block:
    turn = Similarity(by.factor, 0j, by.mirrored)
    return Block(_integers(turn.of(complexes(block.points))), _integers(by.of(complexes(block.origins))))


def _integers(points: Complexes) -> Ints:
    return np.stack([np.rint(points.real), np.rint(points.imag)], axis=-1).astype(np.int64)


def _rounded(block: Block, by: Similarity, stops: Sequence[Ints] | None, within: float) -> Block:
    whole = (block.points[:, None] + block.origins[None, :, None]).reshape(-1, *block.points.shape[1:])
    there = by.of(complexes(whole))
    axes = [there.real, there.imag]
    if stops is not None:
        axes = [_snapped(values, grid, within) for values, grid in zip(axes, stops, strict=True)]
    points = np.stack([np.rint(values) for values in axes], axis=-1).astype(np.int64)
    return Block(points, np.zeros((1, 2), dtype=np.int64))


def _stops(mask: Mask) -> tuple[Ints, Ints]:
    """Every x and every y that vertices of a mask have, ascending."""
    found = []
    for axis in (0, 1):
        parts = [
            (np.unique(block.points[..., axis])[:, None] + np.unique(block.origins[:, axis])[None]).ravel()
            for block in (*mask.blocks, *mask.lines)
            if block.count
        ]
        found.append(np.unique(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64))
    return found[0], found[1]


def _snapped(values: NDArray[np.float64], stops: Ints, within: float) -> NDArray[np.float64]:
    if not len(stops):
        return values
    index = np.clip(np.searchsorted(stops, values), 1, max(len(stops) - 1, 1))
    low, high = stops[index - 1], stops[np.minimum(index, len(stops) - 1)]
    nearest = np.where(np.abs(values - low) <= np.abs(high - values), low, high)
    return np.asarray(np.where(np.abs(values - nearest) <= within, nearest, values))
