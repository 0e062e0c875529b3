"""Cells on each other, bent together: one block where the film between them holds, a pack of cards where it gives.

Which of the two follows from shear lag in the film between: over the length ``sqrt(sum(E t) t_film / G)`` from an
end one cell takes up the strain of its neighbour (Volkersen 1938; the same length as in Cox 1952). A part much
longer acts as one block, a part much shorter slides.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from layoutgen.mechanics.laminate import Laminate, Ply

# tanh(3) = 0.995: past six lengths less than a third of the part is still sliding; below one, most of it is
_BONDED_LENGTHS: Final = 6.0
_SLIDING_LENGTHS: Final = 1.0


class Bonding(StrEnum):
    """How layers share a bend."""

    BONDED = "bonded"
    SLIDING = "sliding"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True)
class StackedCells:
    """Equal cells with equal film on each, ``layers`` times."""

    cell: Laminate
    film: Laminate
    layers: int

    def __post_init__(self) -> None:
        if self.layers < 1:
            raise ValueError("a stack has at least one layer")

    @property
    def pitch_um(self) -> float:
        return self.cell.thickness_um + self.film.thickness_um

    def block(self) -> Laminate:
        """All layers as one laminate; films are named ``3:cathode`` from layer 1 at the bottom."""
        plies = [
            Ply(f"{layer}:{ply.name}", ply.thickness_um, ply.modulus_gpa)
            for layer in range(1, self.layers + 1)
            for ply in (*self.cell.plies, *self.film.plies)
        ]
        return Laminate(tuple(plies))

    def bent_block(self) -> Laminate:
        """What a bonded stack bends as: a stack of one layer is its cell, with nothing to be bonded to."""
        return self.cell if self.layers == 1 else self.block()


def shear_lag_mm(cell: Laminate, film_um: float, shear_modulus_gpa: float) -> float:
    """Length over which a film carries a bend from one cell to the next, ``sqrt(sum(E t) t_film / G)``.

    Args:
        cell: what is stretched.
        film_um: thickness of the film between two cells.
        shear_modulus_gpa: G of that film.

    Returns:
        mm; with a cell of 3833 GPa um on 8 um film 0.18 mm at 1 GPa, 17.5 mm at 0.1 MPa.
    """
    return math.sqrt(cell.stiffness * film_um / shear_modulus_gpa) / 1000.0


def bonding(length_mm: float, lag_mm: float) -> Bonding:
    """How a part of a length shares a bend: bonded past six shear-lag lengths, sliding below one."""
    if length_mm >= _BONDED_LENGTHS * lag_mm:
        return Bonding.BONDED
    return Bonding.SLIDING if length_mm <= _SLIDING_LENGTHS * lag_mm else Bonding.BETWEEN
