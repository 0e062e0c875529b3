"""The database unit: its choice, and the one boundary where micrometres become integers."""

from functools import lru_cache
from math import lcm
from typing import TYPE_CHECKING

from layoutgen.errors import PreflightError, Problem
from layoutgen.formula import Formula, states
from layoutgen.web.plan import Regime, WebFrame

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

DBU_CHOICES_NM = (1, 5, 10)
COORDINATE_LIMIT = 2**31 - 1
"""Largest coordinate of GDSII, a signed 32-bit number."""
STACK_CLEARANCE_UM = 5000.0
"""Free distance between the web and the stacked device that is drawn beside it."""
_LARGEST_DEVICE_UM = 60_000.0
_OFF_GRID_DBU = 1e-4


def choose_dbu_nm(extent_um: float, where: str = "layout") -> int:
    """The finest database unit in which an extent, array corners included, fits GDSII's 32 bits.

    Args:
        extent_um: largest distance from the origin along x or y that will be stored.
        where: what to name in the message.

    Raises:
        PreflightError: it does not fit at the coarsest unit.
    """
    for dbu_nm in DBU_CHOICES_NM:
        if extent_um * 1000.0 / dbu_nm <= COORDINATE_LIMIT:
            return dbu_nm
    most_m = COORDINATE_LIMIT * DBU_CHOICES_NM[-1] * 1e-9
    raise PreflightError(
        Problem(
            f"an extent of {extent_um * 1e-6:.4g} m does not fit 32-bit coordinates",
            where,
            f"at most {most_m:.4g} m, at a database unit of {DBU_CHOICES_NM[-1]} nm",
            "draw a shorter repeat; the whole web is the repeat times its count",
        )
    )


def web_extent_um(pdk: "Pdk", cell_um: tuple[float, float] | None = None) -> float:
    """An upper bound of every coordinate of a web's layout, array corners and the device beside it included.

    Args:
        pdk: process design kit.
        cell_um: finished cell (length, width) if known already.
    """
    web = pdk.web
    cell = max(cell_um) if cell_um else _LARGEST_DEVICE_UM
    lengths = {
        Regime.FIELDS: web.field_length.value + web.field_gap.value,
        Regime.FREE: 2 * web.width.value,
        Regime.FIXED: web.repeat_length.value if web.repeat_length else 0.0,
    }
    across = web.width.value + STACK_CLEARANCE_UM + 2 * cell
    along = lengths[web.regime] + cell + web.kerf.value
    return max(across, along)


def plan_dbu_nm(pdk: "Pdk", cell_um: tuple[float, float] | None = None) -> int:
    """The database unit for a web of this PDK, in nm: 1 unless its extent needs a coarser one."""
    return choose_dbu_nm(web_extent_um(pdk, cell_um), "web")


def to_dbu(value_um: float, dbu_nm: int, where: str) -> int:
    """A length in um as an integer of the database unit.

    Args:
        value_um: length.
        dbu_nm: database unit.
        where: what to name in the message.

    Raises:
        PreflightError: the value is not a multiple of the database unit.
    """
    exact = value_um * 1000.0 / dbu_nm
    nearest = round(exact)
    if abs(exact - nearest) > _OFF_GRID_DBU:
        below, above = (int(exact // 1) + step for step in (0, 1))
        raise PreflightError(
            Problem(
                f"{value_um:.10g} um is not on the grid of {dbu_nm} nm",
                where,
                f"multiples of {dbu_nm / 1000:g} um",
                f"{below * dbu_nm / 1000:.10g} or {above * dbu_nm / 1000:.10g} um",
            )
        )
    return nearest


def to_um(value_dbu: float, dbu_nm: int) -> float:
    """A length in dbu as um."""
    return value_dbu * dbu_nm / 1000.0


@lru_cache(maxsize=1 << 16)
def to_mm_text(value_dbu: float, dbu_nm: int) -> str:
    """A length in dbu as decimal millimetres, exact for whole and half dbu, without trailing zeros."""
    tenths_nm = round(value_dbu * dbu_nm * 10)
    sign, whole = ("-" if tenths_nm < 0 else ""), abs(tenths_nm)
    digits = f"{whole // 10**7}.{whole % 10**7:07d}".rstrip("0").rstrip(".")
    return sign + digits if digits != "0" else "0"


def least_strip(pdk: "Pdk", dbu_nm: int) -> int:
    """The narrowest strip between two streets that the laser can leave, in dbu, rounded up."""
    return -int(-pdk.laser.min_feature.value * 1000 // dbu_nm)


def mask_grid(pdk: "Pdk", dbu_nm: int) -> int:
    """The grid of the masks in dbu: what the rules ask of every coordinate, 1 where they ask for none."""
    from layoutgen.pdk.limits import limit_of
    from layoutgen.pdk.values import numbers

    rules = [rule for rule in pdk.rules.values() if rule.check == "grid"]
    values = numbers(pdk) if rules else {}
    steps = [round(limit_of(rule, values) * 1000 / dbu_nm) for rule in rules]
    return lcm(*(step for step in steps if step > 0))


@states("web.width_mm", Formula("Width of the web", "mm", "W / 1000", {"W": "pdk:web.width"}, "process: web"))
@states(
    "web.edge_mm",
    Formula("Unusable at each edge of the web", "mm", "e / 1000", {"e": "pdk:web.edge"}, "process: web"),
)
@states(
    "web.kerf_mm", Formula("Width that a cut takes away", "mm", "k / 1000", {"k": "pdk:web.kerf"}, "process: web")
)
def web_frame(pdk: "Pdk", dbu_nm: int) -> WebFrame:
    """What the tiler needs to know of a PDK's web, in dbu.

    Raises:
        PreflightError: a length of the web is off the grid; holds every problem found.
    """
    web = pdk.web
    problems: list[Problem] = []

    def length(name: str, value_um: float) -> int:
        try:
            return to_dbu(value_um, dbu_nm, f"web.{name}")
        except PreflightError as error:
            problems.extend(error.problems)
            return 0

    kerf = length("kerf", web.kerf.value)
    if kerf % 2:
        what = f"half of {web.kerf.value:g} um is not on the grid of {dbu_nm} nm: the cut has no centre line"
        problems.append(Problem(what, "web.kerf", f"multiples of {dbu_nm / 500:g} um"))
    frame = WebFrame(
        width=length("width", web.width.value),
        edge=length("edge", web.edge.value),
        field_width=length("field_width", web.field_width.value),
        field_length=length("field_length", web.field_length.value),
        field_gap=length("field_gap", web.field_gap.value),
        kerf=kerf,
        rotation_allowed=web.rotation_allowed,
        regime=web.regime,
        repeat_length=length("repeat_length", web.repeat_length.value) if web.repeat_length else None,
        least_strip=least_strip(pdk, dbu_nm),
        guillotine_only=web.guillotine_only,
        grid=mask_grid(pdk, dbu_nm),
    )
    slit_width = length("slit_width", (web.slit_width or web.field_gap).value)
    if problems:
        raise PreflightError(problems)
    if web.slits == "none":
        return frame
    from layoutgen.tile.webplan.slit import slit_frame

    try:
        return slit_frame(frame, web.slits, slit_width, 1_000_000 // dbu_nm)
    except ValueError as error:
        allowed = "none, a number of strips, or middles of slits in mm such as 100, 200"
        raise PreflightError(Problem(str(error), "web.slits", allowed)) from error
