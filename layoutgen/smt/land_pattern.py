"""Land pattern by the IPC-7351B model, levels A (most), B (nominal) and C (least); mm throughout.

``Z = Lmin + 2 JT + sqrt(CL^2 + F^2 + P^2)``, ``G = Smax_rms - 2 JH - sqrt(CS^2 + F^2 + P^2)``,
``X = Wmin + 2 JS + sqrt(CW^2 + F^2 + P^2)`` with the joint goals J of the level, F the tolerance of the board and
P that of the placement. C is the whole width of a tolerance band, maximum less minimum.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from layoutgen.errors import DesignError, Problem
from layoutgen.formula import Formula, states
from layoutgen.smt.part import SolderPart

BOARD_TOLERANCE_MM: Final = 0.10
PLACEMENT_TOLERANCE_MM: Final = 0.05


class Level(StrEnum):
    """Density level: A most, B nominal, C least land."""

    A = "A"
    B = "B"
    C = "C"

    @property
    def land(self) -> str:
        """How much land the level gives."""
        return {"A": "most", "B": "nominal", "C": "least"}[self.value]


@dataclass(frozen=True, slots=True)
class Goals:
    """Joint goals of one level, and what its results are rounded to."""

    toe: float
    heel: float
    side: float
    courtyard: float
    rounding: float
    family: str


_FAMILIES: Final[dict[str, tuple[float, tuple[float, ...], float, tuple[float, ...], tuple[float, ...]]]] = {
    # rounding, toe A/B/C, heel, side A/B/C, courtyard A/B/C
    "end cap, 1608 and larger": (0.05, (0.55, 0.35, 0.15), 0.0, (0.05, 0.0, -0.05), (0.50, 0.25, 0.10)),
    "end cap, below 1608": (0.02, (0.30, 0.20, 0.10), 0.0, (0.05, 0.0, -0.05), (0.20, 0.15, 0.10)),
    "bottom terminal, no lead": (0.05, (0.40, 0.30, 0.20), 0.0, (-0.04, -0.04, -0.04), (0.50, 0.25, 0.10)),
}


@dataclass(frozen=True, slots=True)
class LandPattern:
    """Two equal lands, centred on the part; the + land is on the left.

    ``exact_*`` are the sums before rounding; ``rms_*`` the root sums of squares in them; ``heel_span`` is Smax_rms.
    """

    level: Level
    goals: Goals
    length_min: float
    width_min: float
    heel_span: float
    rms_toe: float
    rms_heel: float
    rms_side: float
    exact_z: float
    exact_g: float
    exact_x: float
    z: float
    g: float
    x: float
    courtyard_length: float
    courtyard_width: float
    no_reflow: str = ""
    """Why no paste is printed; empty where it is."""

    @property
    def pad_length(self) -> float:
        """Land size along the terminal axis."""
        return round((self.z - self.g) / 2, 6)

    @property
    def pad_width(self) -> float:
        """Land size across the terminal axis."""
        return self.x

    @property
    def pad_offset(self) -> float:
        """Distance from the centre of the part to the centre of a land."""
        return round((self.z + self.g) / 4, 6)


def goals_for(part: SolderPart, level: Level) -> Goals:
    """The joint goals that apply to a part."""
    small = part.length.nominal_mm < 1.6 - 1e-9 or part.width.nominal_mm < 0.8 - 1e-9
    if part.style == "bottom":
        family = "bottom terminal, no lead"
    else:
        family = "end cap, below 1608" if small else "end cap, 1608 and larger"
    rounding, toe, heel, side, courtyard = _FAMILIES[family]
    index = list(Level).index(level)
    return Goals(toe[index], heel, side[index], courtyard[index], rounding, family)


_IPC: Final = "IPC-7351B model, level B, before rounding"
_BOARD: Final = {"F": "land_pattern.board_tolerance_mm", "P": "land_pattern.placement_tolerance_mm"}
_ENDS: Final = {
    "L": "device.package_mm.length",
    "t_L": "device.tolerance_mm.length",
    "inset": "land_pattern.terminal_inset_mm",
}


@states(
    "land_pattern.levels[1].exact_mm.z",
    Formula(
        "Z, over the lands",
        "mm",
        "L - t_L - 2 * inset + 2 * J_T + sqrt((2 * t_L) ** 2 + F ** 2 + P ** 2)",
        {**_ENDS, "J_T": "land_pattern.levels[1].goals_mm.toe", **_BOARD},
        _IPC,
    ),
)
@states(
    "land_pattern.levels[1].exact_mm.g",
    Formula(
        "G, between the lands",
        "mm",
        "L - 2 * inset - 2 * T + sqrt((2 * t_L) ** 2 + 2 * (2 * t_T) ** 2) / 2 - 2 * J_H"
        " - sqrt((2 * t_L) ** 2 + 2 * (2 * t_T) ** 2 + F ** 2 + P ** 2)",
        {
            **_ENDS,
            "T": "device.terminal_mm.length",
            "t_T": "device.tolerance_mm.terminal",
            "J_H": "land_pattern.levels[1].goals_mm.heel",
            **_BOARD,
        },
        _IPC,
    ),
)
@states(
    "land_pattern.levels[1].exact_mm.x",
    Formula(
        "X, land width",
        "mm",
        "W - t_W + 2 * J_S + sqrt((2 * t_W) ** 2 + F ** 2 + P ** 2)",
        {
            "W": "land_pattern.terminal_width_mm",
            "t_W": "land_pattern.terminal_width_tolerance_mm",
            "J_S": "land_pattern.levels[1].goals_mm.side",
            **_BOARD,
        },
        _IPC,
    ),
)
def land_pattern(part: SolderPart, level: Level = Level.B) -> LandPattern:
    """The land pattern of a part at one level.

    Raises:
        DesignError: the terminals are so long for the body that the lands would touch.
    """
    goals = goals_for(part, level)
    terminal = part.terminal_length
    inset = 2 * part.inset_mm
    length_min, length_max = part.length.least_mm - inset, part.length.most_mm - inset
    width_min = part.terminal_width.least_mm
    length_band = length_max - length_min
    terminal_band = terminal.most_mm - terminal.least_mm
    width_band = part.terminal_width.most_mm - width_min
    # heel to heel: its worst-case band is wider than what the two terminals reach together by root sum of squares
    heel_min, heel_max = length_min - 2 * terminal.most_mm, length_max - 2 * terminal.least_mm
    heel_band = math.sqrt(length_band**2 + 2 * terminal_band**2)
    heel_span = heel_max - ((heel_max - heel_min) - heel_band) / 2
    rms_toe, rms_heel, rms_side = (_rms(band) for band in (length_band, heel_band, width_band))
    exact_z = length_min + 2 * goals.toe + rms_toe
    exact_g = heel_span - 2 * goals.heel - rms_heel
    exact_x = width_min + 2 * goals.side + rms_side
    z, g, x = (_to_step(value, goals.rounding) for value in (exact_z, exact_g, exact_x))
    if g <= 0:
        raise DesignError(
            Problem(
                f"the lands would touch: {g:g} mm between them",
                f"land pattern, level {level}",
                f"terminals shorter than {heel_span / 2 + terminal.nominal_mm:.2f} mm on this body",
                "a longer package or shorter terminals",
            )
        )
    along, across = max(z, part.length.most_mm), max(x, part.width.most_mm)
    return LandPattern(
        level=level,
        goals=goals,
        length_min=length_min,
        width_min=width_min,
        heel_span=heel_span,
        rms_toe=rms_toe,
        rms_heel=rms_heel,
        rms_side=rms_side,
        exact_z=exact_z,
        exact_g=exact_g,
        exact_x=exact_x,
        z=z,
        g=g,
        x=x,
        courtyard_length=_up_to_step(along + 2 * goals.courtyard, 0.02),
        courtyard_width=_up_to_step(across + 2 * goals.courtyard, 0.02),
        no_reflow=part.no_reflow,
    )


def _rms(band: float) -> float:
    return math.sqrt(band**2 + BOARD_TOLERANCE_MM**2 + PLACEMENT_TOLERANCE_MM**2)


def _to_step(value: float, step: float) -> float:
    return round(math.floor(value / step + 0.5 + 1e-9) * step, 6)


def _up_to_step(value: float, step: float) -> float:
    return round(math.ceil(value / step - 1e-9) * step, 6)
