"""The lands of a part as data: what design.json and the board designer's archive hold of them, mm throughout.

Origin in the middle of the part, x along the terminal axis towards -, y across it; seen on the board. Footprint and
drawings are made of the same pattern and openings.
"""

from collections.abc import Iterable
from typing import Any, Final

from layoutgen.errors import DesignError
from layoutgen.smt.land_pattern import (
    BOARD_TOLERANCE_MM,
    PLACEMENT_TOLERANCE_MM,
    LandPattern,
    Level,
    land_pattern,
)
from layoutgen.smt.part import SolderPart
from layoutgen.smt.paste import (
    AREA_RATIO_LEAST,
    MASK_EXPANSION_MM,
    PASTE_SHRINK_MM,
    STENCIL_MM,
    Opening,
    coverage,
    lands,
    mask_openings,
    paste_openings,
)

PADS: Final = (("1", "+"), ("2", "-"))
"""Number and name of the lands, in the order of :func:`layoutgen.smt.paste.lands`."""


def land_pattern_record(part: SolderPart) -> dict[str, Any] | None:
    """The land pattern of a part at its three levels; None where the lands would touch."""
    try:
        patterns = [land_pattern(part, level) for level in Level]
    except DesignError:
        return None
    return {
        "model": "IPC-7351B",
        "family": patterns[0].goals.family,
        "board_tolerance_mm": BOARD_TOLERANCE_MM,
        "placement_tolerance_mm": PLACEMENT_TOLERANCE_MM,
        "terminal_width_mm": part.terminal_width.nominal_mm,
        "terminal_width_tolerance_mm": part.terminal_width.tolerance_mm,
        "terminal_inset_mm": part.inset_mm,
        "solder_mask_expansion_mm": MASK_EXPANSION_MM,
        "paste_inset_mm": PASTE_SHRINK_MM,
        "stencil_thickness_mm": STENCIL_MM,
        "paste_area_ratio_least": AREA_RATIO_LEAST,
        "no_reflow": part.no_reflow or None,
        "levels": [_level(pattern) for pattern in patterns],
    }


def _level(pattern: LandPattern) -> dict[str, Any]:
    goals, paste = pattern.goals, paste_openings(pattern)
    return {
        "level": pattern.level.value,
        "land": pattern.level.land,
        "goals_mm": {
            "toe": goals.toe,
            "heel": goals.heel,
            "side": goals.side,
            "rounding": goals.rounding,
        },
        "exact_mm": {"z": pattern.exact_z, "g": pattern.exact_g, "x": pattern.exact_x},
        "z_mm": pattern.z,
        "g_mm": pattern.g,
        "x_mm": pattern.x,
        "courtyard_mm": {
            "length": pattern.courtyard_length,
            "width": pattern.courtyard_width,
            "excess": goals.courtyard,
        },
        "pads": [
            {
                "number": number,
                "name": name,
                "shape": "rounded rectangle",
                **_rectangle(land),
            }
            for (number, name), land in zip(PADS, lands(pattern), strict=True)
        ],
        "solder_mask_openings": _openings(mask_openings(pattern)),
        "paste_openings": [
            opening | {"area_ratio": found.area_ratio()}
            for opening, found in zip(_openings(paste), paste, strict=True)
        ],
        "paste_openings_per_pad": len(paste) // len(PADS),
        "paste_coverage": coverage(pattern),
    }


def _openings(openings: Iterable[Opening]) -> list[dict[str, Any]]:
    plus, minus = (number for number, _ in PADS)
    return [{"pad": plus if opening.x < 0 else minus, **_rectangle(opening)} for opening in openings]


def _rectangle(opening: Opening) -> dict[str, float]:
    return {
        "x_mm": opening.x,
        "y_mm": opening.y,
        "length_mm": opening.length,
        "width_mm": opening.width,
        "corner_radius_mm": opening.corner_radius,
    }
