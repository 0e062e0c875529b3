"""Films on each other, bent to a cylinder: where the neutral axis lies and how far each film is stretched.

Plane sections stay plane (Euler and Bernoulli), all films are linear and perfectly bonded: the strain at a height y
is ``(y - y0) / R`` with R the radius of the neutral axis ``y0 = sum(E t y) / sum(E t)``. For two films this is the
equation of Suo, Ma, Gleskova and Wagner, Appl. Phys. Lett. 74, 1177 (1999). A width much larger than the thickness
would ask for E / (1 - nu^2) in place of E; the axis does not move where the films have one Poisson's ratio.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ply:
    """One film of a laminate: its name, its thickness in um and its Young's modulus in GPa, both above zero."""

    name: str
    thickness_um: float
    modulus_gpa: float

    def __post_init__(self) -> None:
        for what, value in (("thickness", self.thickness_um), ("modulus", self.modulus_gpa)):
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"the {what} of {self.name} must be more than 0, not {value:g}")

    @property
    def stiffness(self) -> float:
        """E t, in GPa um (which is kN/m)."""
        return self.modulus_gpa * self.thickness_um


@dataclass(frozen=True, slots=True)
class Strained:
    """A film of a bent laminate: heights in um above the bottom, strains as fractions, stretched positive."""

    name: str
    z0_um: float
    z1_um: float
    bottom: float
    top: float

    @property
    def most(self) -> float:
        """The largest stretch; below zero where all of the film is pressed together."""
        return max(self.bottom, self.top)

    @property
    def least(self) -> float:
        return min(self.bottom, self.top)


@dataclass(frozen=True, slots=True)
class Laminate:
    """Films from the bottom up."""

    plies: tuple[Ply, ...]

    def __post_init__(self) -> None:
        if not self.plies:
            raise ValueError("a laminate has at least one film")

    @property
    def thickness_um(self) -> float:
        return math.fsum(ply.thickness_um for ply in self.plies)

    @property
    def stiffness(self) -> float:
        """Sum of E t, GPa um."""
        return math.fsum(ply.stiffness for ply in self.plies)

    def heights_um(self) -> list[tuple[float, float]]:
        """Bottom and top of every film above the bottom of the laminate."""
        bottoms = [
            math.fsum(ply.thickness_um for ply in self.plies[:index]) for index in range(len(self.plies) + 1)
        ]
        return list(itertools.pairwise(bottoms))

    def neutral_axis_um(self) -> float:
        """Height at which bending stretches nothing, ``sum(E t y) / sum(E t)`` over the middles y of the films."""
        moments = (
            ply.stiffness * (low + high) / 2 for ply, (low, high) in zip(self.plies, self.heights_um(), strict=True)
        )
        return math.fsum(moments) / self.stiffness

    def rigidity_gpa_um3(self) -> float:
        """Bending stiffness of a unit width about the neutral axis, ``sum E (t^3 / 12 + t (y - y0)^2)``."""
        axis = self.neutral_axis_um()
        return math.fsum(
            ply.modulus_gpa * (ply.thickness_um**3 / 12 + ply.thickness_um * ((low + high) / 2 - axis) ** 2)
            for ply, (low, high) in zip(self.plies, self.heights_um(), strict=True)
        )

    def bent(self, radius_mm: float, *, films_outside: bool = True) -> tuple[Strained, ...]:
        """Strains at a bending radius of the neutral axis.

        Args:
            radius_mm: above zero; infinite for a flat laminate.
            films_outside: whether the top is on the convex side, where it is stretched.
        """
        if not radius_mm > 0:
            raise ValueError(f"a bending radius is more than 0, not {radius_mm:g}")
        axis = self.neutral_axis_um()
        curvature = (1.0 if films_outside else -1.0) / (radius_mm * 1000.0)
        return tuple(
            Strained(ply.name, low, high, (low - axis) * curvature, (high - axis) * curvature)
            for ply, (low, high) in zip(self.plies, self.heights_um(), strict=True)
        )

    def least_radius_mm(self, limits: Sequence[tuple[str, float]], *, films_outside: bool = True) -> float:
        """Smallest radius at which no film is stretched past its limit.

        Args:
            limits: (name of a film, strain as a fraction, above zero); films that are not named are not judged.
            films_outside: as for :meth:`bent`.

        Returns:
            mm; 0 where no film that is judged is stretched at all, infinite where a limit is zero or less and the
            film is stretched.
        """
        unit = {strained.name: strained.most for strained in self.bent(1.0, films_outside=films_outside)}
        radii = []
        for name, limit in limits:
            if unit[name] > 0:
                radii.append(math.inf if limit <= 0 else unit[name] / limit)
        return max(radii, default=0.0)
