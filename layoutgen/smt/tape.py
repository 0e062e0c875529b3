"""Carrier tape after EIA-481; mm throughout.

Tape width W fixes the distance F from the row of sprocket holes to the middle of the pockets, and the deepest
pocket. The pocket is the largest body plus a clearance; its longer side lies across the tape.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from layoutgen.smt.part import SolderPart

SPROCKET_PITCH_MM: Final = 4.0
SPROCKET_TO_POCKET_MM: Final = 2.0
SPROCKET_HOLE_MM: Final = 1.5
SPROCKET_EDGE_MM: Final = 1.75
CLEARANCE_MM: Final = 0.10
"""Added to the largest body; EIA-481 practice is 0.05 to 0.50 over the body."""
_WALL_MM: Final = 2.0
_HOLE_WALL_MM: Final = 0.65
_WIDTHS: Final = (
    (8.0, 3.5, 2.4, 4.35, None),
    (12.0, 5.5, 6.4, 8.2, None),
    (16.0, 7.5, 7.9, 12.1, None),
    (24.0, 11.5, 11.9, 20.1, None),
    (32.0, 14.2, 11.9, 23.0, 28.4),
    (44.0, 20.2, 15.9, 35.0, 40.4),
    (56.0, 26.2, 19.9, 46.0, 52.4),
)
"""(W, F, largest K0, largest B0, distance S0 of the two rows of holes or None), EIA-481-D tables 2 and 3."""
WIDEST_MM: Final = _WIDTHS[-1][0]


@dataclass(frozen=True, slots=True)
class Tape:
    """A carrier tape; ``plus`` says where the + terminal lies in the pocket.

    ``a0`` is the pocket along the tape, ``b0`` across it, ``k0`` its depth, ``p1`` the pitch of the pockets; ``s0``
    is the distance of the two rows of holes where the tape has two.
    """

    width: float
    f: float
    a0: float
    b0: float
    k0: float
    p1: float
    plus: Literal["sprocket holes", "leading end"]
    s0: float | None = None


def carrier_tape(part: SolderPart) -> Tape | None:
    """The narrowest tape that takes a part, or None where none up to ``WIDEST_MM`` does."""
    across_length = part.length.nominal_mm >= part.width.nominal_mm
    longer, shorter = (part.length, part.width) if across_length else (part.width, part.length)
    a0, b0 = (round(side.most_mm + CLEARANCE_MM, 3) for side in (shorter, longer))
    k0 = round(part.height.most_mm + CLEARANCE_MM, 3)
    for width, f, deepest, largest, s0 in _WIDTHS:
        widest = min(2 * (f - SPROCKET_HOLE_MM / 2 - _HOLE_WALL_MM), largest)
        if b0 <= widest + 1e-9 and k0 <= deepest + 1e-9:
            pitch = SPROCKET_PITCH_MM * math.ceil((a0 + _WALL_MM) / SPROCKET_PITCH_MM - 1e-9)
            plus: Literal["sprocket holes", "leading end"] = "sprocket holes" if across_length else "leading end"
            return Tape(width, f, a0, b0, k0, pitch, plus, s0)
    return None
