"""Solder mask and paste openings of a land; mm throughout.

Area ratio of an opening is its area over the area of its wall; paste releases well from 0.66 upwards (IPC-7525).
A long land gets several openings with bars between them, so that the squeegee does not dip into one and the
flux can leave.
"""

import math
from dataclasses import dataclass
from typing import Final

from layoutgen.smt.land_pattern import LandPattern

STENCIL_MM: Final = 0.12
MASK_EXPANSION_MM: Final = 0.05
PASTE_SHRINK_MM: Final = 0.05
LONGEST_OPENING_MM: Final = 3.0
BAR_MM: Final = 0.3
AREA_RATIO_LEAST: Final = 0.66
LARGEST_CORNER_MM: Final = 0.25


@dataclass(frozen=True, slots=True)
class Opening:
    """A rectangle, by its centre (from the centre of the part) and size."""

    x: float
    y: float
    length: float
    width: float

    def area_ratio(self, stencil_mm: float = STENCIL_MM) -> float:
        """Opening area over wall area."""
        return self.length * self.width / (2 * stencil_mm * (self.length + self.width))

    @property
    def corner_radius(self) -> float:
        """A quarter of the shorter side, at most 0.25 mm, as the KiCad library rounds corners."""
        return min(0.25 * min(self.length, self.width), LARGEST_CORNER_MM)


def lands(pattern: LandPattern) -> tuple[Opening, Opening]:
    """The two lands, + first."""
    return (
        Opening(-pattern.pad_offset, 0.0, pattern.pad_length, pattern.pad_width),
        Opening(pattern.pad_offset, 0.0, pattern.pad_length, pattern.pad_width),
    )


def mask_openings(pattern: LandPattern) -> tuple[Opening, Opening]:
    """Openings of the solder mask, + first."""
    plus, minus = lands(pattern)
    length, width = (round(side + 2 * MASK_EXPANSION_MM, 6) for side in (plus.length, plus.width))
    return Opening(plus.x, 0.0, length, width), Opening(minus.x, 0.0, length, width)


def paste_openings(pattern: LandPattern) -> tuple[Opening, ...]:
    """Openings of the stencil, those of the + land first, each from the bottom up; whole micrometres in width."""
    found: list[Opening] = []
    for land in lands(pattern):
        length, width = (round(side - 2 * PASTE_SHRINK_MM, 6) for side in (land.length, land.width))
        count = max(1, math.ceil((width + BAR_MM) / (LONGEST_OPENING_MM + BAR_MM) - 1e-9))
        each = math.floor((width - (count - 1) * BAR_MM) / count * 1000 + 1e-6) / 1000
        middles = (round((i - (count - 1) / 2) * (each + BAR_MM), 6) for i in range(count))
        found += [Opening(land.x, middle, length, each) for middle in middles]
    return tuple(found)


def coverage(pattern: LandPattern) -> float:
    """Paste area over land area, 0..1."""
    printed = sum(opening.length * opening.width for opening in paste_openings(pattern))
    return printed / (2 * pattern.pad_length * pattern.pad_width)
