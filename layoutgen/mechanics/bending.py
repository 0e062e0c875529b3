"""A design that is bent: what the kit says of its films, as laminates, and what follows from a radius."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from layoutgen.errors import PdkError, Problem
from layoutgen.mechanics.laminate import Laminate, Ply
from layoutgen.mechanics.stack import Bonding, StackedCells, bonding, shear_lag_mm
from layoutgen.pdk.process import Film, Mechanics
from layoutgen.pdk.quantity import Kind, Quantity
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.process import process_of
from layoutgen.sizing.stackup import plated_um

CELL_FILMS = ("substrate", "barrier", "cathode_collector", "cathode", "electrolyte", "anode")
BETWEEN_FILMS = ("film_lower", "film_upper")


class Verdict(StrEnum):
    """What may be said of a film: a limit with a range decides only outside the range, an assumed one nothing."""

    HOLDS = "holds"
    OPEN = "inside the range of the limit"
    BREAKS = "breaks"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Span:
    """A value with the ends of its range; fractions or mm."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, quantity: Quantity, factor: float = 1.0) -> "Span":
        low = quantity.value if quantity.low is None else quantity.low
        high = quantity.value if quantity.high is None else quantity.high
        return cls(quantity.value * factor, low * factor, high * factor)


@dataclass(frozen=True, slots=True)
class BentFilm:
    """One film of the stack, over all its layers: strains as fractions, stretched positive.

    ``low`` and ``high`` are the least and the most that the bend does to it anywhere; ``residual`` comes on top.
    ``stands`` says where that lies against the range of the limit, whether the limit is sourced or assumed.
    """

    film: str
    material: str
    thickness_um: float
    low: float
    high: float
    residual: Span | None
    limit: Span | None
    limit_kind: str
    stands: Verdict
    least_radius_mm: Span | None

    @property
    def sourced(self) -> bool:
        """Whether it has a limit that somebody has measured, printed or derived."""
        return self.limit is not None and self.limit_kind != Kind.ASSUMED

    @property
    def verdict(self) -> Verdict:
        """What is judged: a limit that is only assumed judges nothing."""
        return self.stands if self.sourced else Verdict.NOT_JUDGED


@dataclass(frozen=True, slots=True)
class Bend:
    """A stack bent to a radius.

    ``block`` tells whether all layers bend as one (``films`` and ``neutral_axis_um`` are then of the whole stack)
    or each by itself (then of one cell).
    """

    radius_mm: float
    films_outside: bool
    charged: bool
    layers: int
    length_mm: float
    lag_mm: Span | None
    bonding: Bonding
    block: bool
    laminate: Laminate
    neutral_axis_um: float
    cell_axis_um: float
    films: tuple[BentFilm, ...]
    least_radius_mm: Span | None
    least_radius_sliding_mm: Span | None
    least_radius_bonded_mm: Span | None
    verdict: Verdict


def mechanics_missing(pdk: Pdk) -> list[str]:
    """Key paths of the films that a bend needs and the kit says nothing of."""
    stack = pdk.stack
    needed = [*CELL_FILMS, "anode_collector", *BETWEEN_FILMS]
    return [
        f"stack.{name}.mechanics"
        for name in needed
        if getattr(stack, name) is not None and getattr(stack, name).mechanics is None
    ]


def bend_stack(
    pdk: Pdk,
    layers: int,
    length_mm: float,
    radius_mm: float,
    *,
    films_outside: bool = True,
    charged: bool = False,
    together: Bonding | None = None,
) -> Bend:
    """Bend a stack of equal cells.

    Args:
        pdk: the kit, with ``mechanics`` of every film.
        layers: of the stack.
        length_mm: of a cell along the bend, which shear lag is compared with.
        radius_mm: of the neutral axis; infinite for flat.
        films_outside: whether the films lie on the outside of the substrate.
        charged: with the plated lithium, at the highest utilisation.
        together: bonded or sliding where that is known; else by shear lag, bonded where that cannot tell.

    Raises:
        PdkError: the kit says nothing of the mechanics of a film.
    """
    missing = mechanics_missing(pdk)
    if charged and pdk.stack.lithium.mechanics is None:
        missing.append("stack.lithium.mechanics")
    _require(missing)
    stack = stacked_cells(pdk, layers, charged=charged)
    lag = lag_of(pdk, stack)
    shared = bonding(length_mm, lag.value) if lag is not None else Bonding.BETWEEN
    if together is not None:
        shared = together
    if layers == 1:
        shared = Bonding.SLIDING
    block = shared is not Bonding.SLIDING
    laminate = stack.bent_block() if block else stack.cell
    films = tuple(_bent_films(pdk, laminate, radius_mm, films_outside=films_outside))
    return Bend(
        radius_mm=radius_mm,
        films_outside=films_outside,
        charged=charged,
        layers=layers,
        length_mm=length_mm,
        lag_mm=lag,
        bonding=shared,
        block=block,
        laminate=laminate,
        neutral_axis_um=laminate.neutral_axis_um(),
        cell_axis_um=stack.cell.neutral_axis_um(),
        films=films,
        least_radius_mm=_least(films),
        least_radius_sliding_mm=_least(tuple(_bent_films(pdk, stack.cell, radius_mm, films_outside=films_outside))),
        least_radius_bonded_mm=_least(
            tuple(_bent_films(pdk, stack.bent_block(), radius_mm, films_outside=films_outside))
        ),
        verdict=_overall([film.verdict for film in films]),
    )


def cell_axis_um(pdk: Pdk) -> float:
    """Height of the neutral axis of one cell as built above the bottom of its substrate.

    Raises:
        PdkError: the kit says nothing of the mechanics of a film.
    """
    _require(mechanics_missing(pdk))
    return _cell(pdk, charged=False).neutral_axis_um()


def stacked_cells(pdk: Pdk, layers: int, *, charged: bool) -> StackedCells:
    """The cells of a kit on each other; its films' mechanics must be there."""
    return StackedCells(_cell(pdk, charged=charged), _film(pdk), layers)


def _require(missing: list[str]) -> None:
    if missing:
        raise PdkError(
            [
                Problem("is not stated, and a bend needs it", path, "a table with modulus, in GPa, and its source")
                for path in missing
            ]
        )


def _cell(pdk: Pdk, *, charged: bool) -> Laminate:
    stack = pdk.stack
    plies = [_ply(name, getattr(stack, name)) for name in CELL_FILMS if getattr(stack, name) is not None]
    if charged and stack.lithium.mechanics is not None:
        thickness = float(plated_um(process_of(pdk), stack.lithium.utilization_max.value))
        plies.append(Ply("lithium", thickness, stack.lithium.mechanics.modulus.value))
    return Laminate((*plies, _ply("anode_collector", stack.anode_collector)))


def _film(pdk: Pdk) -> Laminate:
    """What lies between two cells over the active area.

    The tab runs only from its window to the end of the cell: elsewhere its place is taken by the films around it.
    """
    stack = pdk.stack
    lower, upper = stack.film_lower, stack.film_upper
    return Laminate(
        (
            Ply("film_lower", lower.thickness.value, _mechanics(lower).modulus.value),
            Ply("film_upper", upper.thickness.value + stack.tab.thickness.value, _mechanics(upper).modulus.value),
        )
    )


def _ply(name: str, film: Film) -> Ply:
    return Ply(name, film.thickness.value, _mechanics(film).modulus.value)


def _mechanics(film: Film) -> Mechanics:
    assert film.mechanics is not None, "mechanics_missing was asked first"
    return film.mechanics


def lag_of(pdk: Pdk, stack: StackedCells) -> Span | None:
    """Shear lag, mm, of the softest film between two cells; None where no kit value tells."""
    given = [
        film.mechanics.shear_modulus
        for film in (pdk.stack.film_lower, pdk.stack.film_upper)
        if film.mechanics is not None and film.mechanics.shear_modulus is not None
    ]
    if not given:
        return None
    softest = min((Span.of(item) for item in given), key=lambda span: span.value)
    thickness = stack.film.thickness_um
    return Span(
        shear_lag_mm(stack.cell, thickness, softest.value),
        shear_lag_mm(stack.cell, thickness, softest.high),
        shear_lag_mm(stack.cell, thickness, softest.low),
    )


def _bent_films(pdk: Pdk, laminate: Laminate, radius_mm: float, *, films_outside: bool) -> list[BentFilm]:
    strains: dict[str, tuple[float, float]] = {}
    units: dict[str, float] = {}
    for at, unit in zip(
        laminate.bent(radius_mm, films_outside=films_outside),
        laminate.bent(1.0, films_outside=films_outside),
        strict=True,
    ):
        name = at.name.rpartition(":")[2]
        low, high = strains.get(name, (at.least, at.most))
        strains[name] = (min(low, at.least), max(high, at.most))
        units[name] = max(units.get(name, unit.most), unit.most)
    return [_judged(pdk, name, *strains[name], units[name]) for name in strains]


def _judged(pdk: Pdk, name: str, low: float, high: float, unit: float) -> BentFilm:
    film: Any = getattr(pdk.stack, name)
    mechanics: Mechanics = film.mechanics
    material = "lithium" if name == "lithium" else film.material
    thickness = film.thickness.value if name != "lithium" else 0.0
    residual = None if mechanics.residual_strain is None else Span.of(mechanics.residual_strain, 0.01)
    if mechanics.strain_limit is None:
        return BentFilm(name, material, thickness, low, high, residual, None, "", Verdict.NOT_JUDGED, None)
    limit = Span.of(mechanics.strain_limit, 0.01)
    before = residual or Span(0.0, 0.0, 0.0)
    return BentFilm(
        film=name,
        material=material,
        thickness_um=thickness,
        low=low,
        high=high,
        residual=residual,
        limit=limit,
        limit_kind=str(mechanics.strain_limit.kind),
        stands=_stands(high, before, limit),
        least_radius_mm=Span(
            _radius(unit, limit.value - before.value),
            _radius(unit, limit.high - before.low),
            _radius(unit, limit.low - before.high),
        ),
    )


def _stands(high: float, before: Span, limit: Span) -> Verdict:
    if high + before.high <= limit.low:
        return Verdict.HOLDS
    return Verdict.BREAKS if high + before.low > limit.high else Verdict.OPEN


def _radius(unit: float, room: float) -> float:
    """Radius at which a film that takes ``unit`` of strain at 1 mm takes ``room``; infinite where there is none."""
    if unit <= 0:
        return 0.0
    return float("inf") if room <= 0 else unit / room


def _least(films: tuple[BentFilm, ...]) -> Span | None:
    found = [film.least_radius_mm for film in films if film.least_radius_mm is not None]
    if not found:
        return None
    return Span(
        max(span.value for span in found), max(span.low for span in found), max(span.high for span in found)
    )


def _overall(verdicts: list[Verdict]) -> Verdict:
    for verdict in (Verdict.BREAKS, Verdict.OPEN, Verdict.HOLDS):
        if verdict in verdicts:
            return verdict
    return Verdict.NOT_JUDGED
