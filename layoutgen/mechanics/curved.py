"""A part that is built curved: layers on arcs of growing radius around one axis.

Layer k of N has its bottom at ``R + (k - 1) p``. Layers that all span one angle grow in length by ``angle x p``
each; equal layers keep the length of the innermost and leave the rest of the arc unused.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CurvedStack:
    """``inner_radius_mm`` to the bottom of the first layer, which spans ``angle_deg``; ``pitch_um`` a layer."""

    inner_radius_mm: float
    angle_deg: float
    pitch_um: float
    layers: int

    def __post_init__(self) -> None:
        if not self.inner_radius_mm > 0:
            raise ValueError(f"a bending radius is more than 0, not {self.inner_radius_mm:g}")
        if not 0 < self.angle_deg < 360:
            raise ValueError(f"a part spans more than 0 and less than 360 degrees, not {self.angle_deg:g}")
        if self.layers < 1 or not self.pitch_um > 0:
            raise ValueError("a stack has at least one layer, of a thickness above zero")

    @property
    def angle_rad(self) -> float:
        return math.radians(self.angle_deg)

    @property
    def arc_step_um(self) -> float:
        """By how much each layer is longer than the one below, where all span one angle: ``angle x pitch``."""
        return self.angle_rad * self.pitch_um

    def arc_mm(self, layer: int) -> float:
        """Length of the arc at the bottom of a layer, 1 the innermost."""
        if not 1 <= layer <= self.layers:
            raise ValueError(f"there are layers 1 to {self.layers}, no layer {layer}")
        return self.angle_rad * (self.inner_radius_mm + (layer - 1) * self.pitch_um / 1000.0)

    @property
    def equal_cells_loss(self) -> float:
        """Share of the arc's room that equal cells leave unused, ``(N p / 2) / (R + N p / 2)``.

        Equal cells are as long as the innermost arc; the room is the arc through the middle of the stack.
        """
        half_mm = self.layers * self.pitch_um / 2000.0
        return half_mm / (self.inner_radius_mm + half_mm)

    @property
    def end_lean_deg(self) -> float:
        """Angle from the radius to the stepped end face of equal cells, centred on each other: ``atan(angle / 2)``.

        Each layer ends ``angle x p / 2`` before the radius through the end of the layer below, one pitch higher.
        """
        return math.degrees(math.atan(self.angle_rad / 2.0))

    @property
    def end_step_um(self) -> float:
        """By how much each end of an equal cell falls short of the radius through the end of the cell below."""
        return self.arc_step_um / 2.0


def curved_outline_mm(
    inner_radius_mm: float, length_mm: float, height_mm: float, *, growing: bool
) -> dict[str, float]:
    """Outside measures of a curved part.

    Args:
        inner_radius_mm: of its inside.
        length_mm: along its inside.
        height_mm: radial.
        growing: its layers span one angle; else all have the length of the inside.

    Returns:
        ``outer_radius``, ``chord`` (its widest place) and ``rise`` (from its lowest corner to its top), mm.
    """
    outer = inner_radius_mm + height_mm
    inner_half = length_mm / inner_radius_mm / 2.0
    outer_half = inner_half if growing else length_mm / outer / 2.0
    corners = ((inner_radius_mm, inner_half), (outer, outer_half))
    reach = max(radius * (1.0 if half > math.pi / 2.0 else math.sin(half)) for radius, half in corners)
    lowest = min(radius * math.cos(half) for radius, half in corners)
    return {"outer_radius": outer, "chord": 2.0 * reach, "rise": outer - lowest}
