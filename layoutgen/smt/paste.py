"""Solder mask and paste openings of a land; mm throughout.

Area ratio of an opening is its area over the area of its wall; paste releases well from 0.66 upwards (IPC-7525).
A long land gets several openings with bars between them, so that the squeegee does not dip into one and the
flux can leave.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from layoutgen.smt.land_pattern import LandPattern

STENCIL_MM: Final = 0.12
MASK_EXPANSION_MM: Final = 0.05
PASTE_SHRINK_MM: Final = 0.05
LONGEST_OPENING_MM: Final = 3.0
BAR_MM: Final = 0.3
AREA_RATIO_LEAST: Final = 0.66
CORNER_RATIO: Final = 0.25
LARGEST_CORNER_MM: Final = 0.25
"""Corners of lands as the KiCad library rounds them: a quarter of the shorter side, at most this radius."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A rectangle with rounded corners, by its centre (from the centre of the part) and size.

    ``corner_ratio`` is the radius of its corners over its shorter side.
    """

    x: float
    y: float
    length: float
    width: float
    corner_ratio: float = 0.0

    def area_ratio(self, stencil_mm: float = STENCIL_MM) -> float:
        """Opening area over wall area."""
        return self.length * self.width / (2 * stencil_mm * (self.length + self.width))

    @property
    def corner_radius(self) -> float:
        """Radius of the corners."""
        return round(self.corner_ratio * min(self.length, self.width), 6)


def lands(pattern: LandPattern) -> tuple[Opening, Opening]:
    """The two lands, + first."""
    return _pair(pattern, 0.0)


def mask_openings(pattern: LandPattern) -> tuple[Opening, Opening]:
    """Openings of the solder mask, + first."""
    return _pair(pattern, MASK_EXPANSION_MM)


def paste_openings(pattern: LandPattern) -> tuple[Opening, ...]:
    """Openings of the stencil, those of the + land first, each from the bottom up.

    Widths are whole micrometres; what is left over widens the bars. None where the part must not be reflowed.
    """
    if pattern.no_reflow:
        return ()
    found: list[Opening] = []
    for whole in _pair(pattern, -PASTE_SHRINK_MM):
        count = max(1, math.ceil((whole.width + BAR_MM) / (LONGEST_OPENING_MM + BAR_MM) - 1e-9))
        each = math.floor((whole.width - (count - 1) * BAR_MM) / count * 1000 + 1e-6) / 1000
        pitch = (whole.width - each) / max(count - 1, 1)
        middles = (round((i - (count - 1) / 2) * pitch, 6) for i in range(count))
        found += [replace(whole, y=middle, width=each) for middle in middles]
    return tuple(found)


def _pair(pattern: LandPattern, grow: float) -> tuple[Opening, Opening]:
    """The lands, grown on every side; all with corners in the ratio of the land's, as KiCad's margins make them."""
    ratio = min(CORNER_RATIO, LARGEST_CORNER_MM / min(pattern.pad_length, pattern.pad_width))
    length, width = (round(side + 2 * grow, 6) for side in (pattern.pad_length, pattern.pad_width))
    plus = Opening(-pattern.pad_offset, 0.0, length, width, round(ratio, 6))
    return plus, replace(plus, x=pattern.pad_offset)


def coverage(pattern: LandPattern) -> float:
    """Paste area over land area, 0..1."""
    printed = sum(opening.length * opening.width for opening in paste_openings(pattern))
    return printed / (2 * pattern.pad_length * pattern.pad_width)
