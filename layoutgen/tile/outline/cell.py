"""A cell's outline made ready for packing: its turns, their boxes, and envelopes along both axes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from layoutgen.geometry.flatten import Side, flattened
from layoutgen.geometry.offset import outset
from layoutgen.geometry.outline import Outline
from layoutgen.tile.outline.envelope import NONE, Envelope, Floats, clearance, envelope

ERROR_DBU = 500.0
"""Polygons around grown outlines reach so far beyond them at most: what two neighbours lose is twice that."""
_SAMPLES = 768
LEAST_DBU = 16
"""Nothing is grown by less: ends of moved edges are rounded to a unit."""


@dataclass(frozen=True)
class Packed:
    """An outline with its box at (0, 0), the distance that cells keep in dbu, and the turns that are allowed.

    Rows run along x and are stacked along y; rows along y are those of the frame turned by 90 degrees.
    """

    outline: Outline
    distance: int
    turns: tuple[int, ...]

    @cached_property
    def sizes(self) -> dict[int, tuple[int, int]]:
        """Of the box of each turn, along the row and across it."""
        return {turn: self.outline.turned(turn).size for turn in self.turns}

    @cached_property
    def polygons(self) -> dict[int, tuple[tuple[int, int], ...]]:
        """Around each turn grown by half of the distance, relative to the corner of its box; as x, y."""
        around = flattened(_grown(self.outline, self.distance), ERROR_DBU, Side.OUTSIDE)
        width, height = self.outline.size
        found: dict[int, tuple[tuple[int, int], ...]] = {}
        for turn in self.turns:
            match turn:
                case 0:
                    found[turn] = around
                case 90:
                    found[turn] = tuple((height - y, x) for x, y in around)
                case 180:
                    found[turn] = tuple((width - x, height - y) for x, y in around)
                case _:
                    found[turn] = tuple((y, width - x) for x, y in around)
        return found

    @cached_property
    def along(self) -> dict[int, Envelope]:
        """Envelopes over the row."""
        return {turn: envelope(p) for turn, p in self.polygons.items()}

    @cached_property
    def across(self) -> dict[int, Envelope]:
        """Envelopes over the stack: how near cells of one row come to each other."""
        return {turn: envelope(_swapped(p)) for turn, p in self.polygons.items()}

    @cached_property
    def reach(self) -> float:
        """Cells whose offset along a row is larger never meet."""
        return max(e.end for e in self.along.values()) - min(e.start for e in self.along.values())

    def above(self, lower: int, upper: int, offsets: Floats) -> Floats:
        """How far a turn must stand above another for each offset along the row."""
        return clearance(self.along[lower], self.along[upper], offsets)

    def beside(self, left: int, right: int, offsets: Floats) -> Floats:
        """How far a turn must stand after another in the row for each offset across it."""
        return clearance(self.across[left], self.across[right], offsets)

    @cached_property
    def table_offsets(self) -> Floats:
        return np.linspace(-self.reach, self.reach, 2 * _SAMPLES + 1)

    @cached_property
    def table(self) -> dict[tuple[int, int], Floats]:
        """`above` at many offsets, to look places up quickly; between two samples the larger one counts."""
        return {(a, b): self.above(a, b, self.table_offsets) for a in self.turns for b in self.turns}

    def roughly_above(self, lower: int, upper: int, offsets: Floats) -> Floats:
        """`above` from the table, linear between samples."""
        values = self.table[lower, upper]
        step = self.reach / _SAMPLES
        at = np.clip((offsets + self.reach) / step, 0, 2 * _SAMPLES - 1e-6)
        index = at.astype(np.int64)
        part = at - index
        low, high = values[index], values[index + 1]
        mixed = low + part * (high - low)
        return np.where((low <= NONE / 2) | (high <= NONE / 2), np.maximum(low, high), mixed)


def _swapped(corners: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    return tuple((y, x) for x, y in corners)


def _grown(outline: Outline, distance: int) -> Outline:
    """An outline grown by half of a distance, or by a little more where that is lost in rounding."""
    reach = max(LEAST_DBU, (distance + 1) // 2) if distance else 0
    while True:
        try:
            return outset(outline, reach)
        except ValueError:
            if reach > distance + ERROR_DBU:
                raise
            reach *= 2
