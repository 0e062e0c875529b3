"""A bend that a question asks for: the radius that films with a sourced limit take, and what it leaves of a stack.

Layers are alike, so that a bonded stack needs no laminate of all its films: each layer's own axis lies one pitch
above that of the layer below, and the axis of the block in their middle.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from layoutgen.mechanics.bending import (
    Bend,
    BentFilm,
    Verdict,
    bend_stack,
    cell_axis_um,
    lag_of,
    mechanics_missing,
    stacked_cells,
)
from layoutgen.mechanics.curved import CurvedStack, curved_outline_mm
from layoutgen.mechanics.laminate import Laminate
from layoutgen.mechanics.stack import Bonding, StackedCells
from layoutgen.pdk.quantity import Kind
from layoutgen.sizing.attach import Attach, attached
from layoutgen.sizing.flags import Flag
from layoutgen.units import plain

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk
    from layoutgen.sizing.device import DeviceDesign
    from layoutgen.template import BoundTemplate

_LAYERS: Final = 10**6
"""Stands for as many layers as one likes."""


@dataclass(frozen=True)
class BendLimits:
    """What the films of a kit take. Without ``mechanics`` of its films a kit says nothing of a bend."""

    pdk: "Pdk"

    @cached_property
    def known(self) -> bool:
        """Whether the kit states the mechanics of every film of the stack."""
        return not mechanics_missing(self.pdk)

    @cached_property
    def rooms(self) -> dict[str, float]:
        """Film -> strain that is left for a bend, as a fraction; films with a sourced limit only."""
        found = {}
        for name in self.pdk.films:
            mechanics = getattr(getattr(self.pdk.stack, name), "mechanics", None)
            if mechanics is None or mechanics.strain_limit is None or mechanics.strain_limit.kind is Kind.ASSUMED:
                continue
            before = 0.0 if mechanics.residual_strain is None else mechanics.residual_strain.value
            found[name] = (mechanics.strain_limit.value - before) / 100
        return found

    @cached_property
    def _stacks(self) -> tuple[StackedCells, ...]:
        """As built and, where the kit says how stiff plated lithium is, charged."""
        states = (False, True) if self.pdk.stack.lithium.mechanics is not None else (False,)
        return tuple(stacked_cells(self.pdk, 1, charged=state) for state in states)

    def slides(self, length_mm: float) -> bool:
        """Whether cells of a length bend one by one; where the kit does not tell, they are taken for bonded."""
        return length_mm <= self.sliding_mm

    @cached_property
    def sliding_mm(self) -> float:
        """The longest cell whose layers slide; 0 where the kit does not say how far the film between them gives."""
        lags = [lag_of(self.pdk, stack) for stack in self._stacks] if self.known else [None]
        return min((lag.value if lag is not None else 0.0) for lag in lags)

    def least_radius_mm(self, layers: int, *, block: bool = True) -> float | None:
        """The least radius of the neutral axis that every film with a sourced limit takes, built and charged.

        Args:
            layers: of the stack.
            block: whether they bend as one block, else each by itself.

        Returns:
            mm, infinite where the residual strain leaves no room; None where no film has a sourced limit.
        """
        if not self.known or not self.rooms:
            return None
        radii = []
        for stack in self._stacks:
            depths = _depths_um(stack, layers if block else 1)
            radii += [_radius_mm(depths[name], room) for name, room in self.rooms.items() if name in depths]
        return max(radii, default=None)

    def most_layers(self, radius_mm: float) -> int:
        """How many layers may bend as one block; 0 where not even one cell takes the radius.

        A block thicker than the radius has room for would pass the centre of the bend.
        """

        def holds(layers: int) -> bool:
            least = self.least_radius_mm(layers)
            folds = self.known and _axis_um(self._stacks[-1], layers) >= radius_mm * 1000
            return not folds and (least is None or least <= radius_mm * (1 + 1e-12))

        if holds(_LAYERS):
            return _LAYERS
        low, high = 0, _LAYERS
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if holds(middle) else (low, middle)
        return low


def _layer(stack: StackedCells, layers: int) -> Laminate:
    """What repeats: a stack of one layer is its cell, with nothing on it."""
    return Laminate((*stack.cell.plies, *stack.film.plies)) if layers > 1 else stack.cell


def _axis_um(stack: StackedCells, layers: int) -> float:
    return _layer(stack, layers).neutral_axis_um() + (layers - 1) * stack.pitch_um / 2


def _depths_um(stack: StackedCells, layers: int) -> dict[str, float]:
    """How far each film of the last layer reaches beyond the neutral axis, on the side of the films."""
    one, axis = _layer(stack, layers), _axis_um(stack, layers)
    above = (layers - 1) * stack.pitch_um
    return {ply.name: above + top - axis for ply, (_, top) in zip(one.plies, one.heights_um(), strict=True)}


def _radius_mm(depth_um: float, room: float) -> float:
    if depth_um <= 0:
        return 0.0
    return math.inf if room <= 0 else depth_um / room / 1000


@dataclass(frozen=True, slots=True)
class AskedBend:
    """The bend that a question asks for, on the device that answers it.

    ``curved`` is what is known of a part that is built curved, None for a stack that is bent as a whole.
    """

    bend: Bend
    curved: CurvedStack | None
    outline_mm: dict[str, float]


def asked_bend(
    pdk: "Pdk", template: "BoundTemplate", device: "DeviceDesign", radius_mm: float, *, curved: bool
) -> AskedBend:
    """Bend a device as asked, films outside, in the state (as built or charged) that stretches them more.

    Args:
        pdk: the kit, with ``mechanics`` of every film.
        template: of the device, with the kit's values.
        device: the stack.
        radius_mm: of the neutral axis of the stack; of a part that is built curved, of its inside.
        curved: whether cells are bent one by one and joined then.

    Raises:
        PdkError: the kit says nothing of the mechanics of a film.
    """
    length_mm = device.cell_length_um / 1000
    axis_mm = radius_mm + (first_axis_mm(pdk, template) if curved else 0.0)
    states = (False, True) if pdk.stack.lithium.mechanics is not None else (False,)
    together = Bonding.SLIDING if curved else None
    bends = [
        bend_stack(pdk, device.layers, length_mm, axis_mm, charged=state, together=together) for state in states
    ]
    worst = max(bends, key=lambda bend: max(map(_strained, _that_matter(bend.films))))
    return AskedBend(worst, *curved_part(device, radius_mm)) if curved else AskedBend(worst, None, {})


def _that_matter(films: Iterable[BentFilm]) -> list[BentFilm]:
    """The films that have a limit; all where none has."""
    found = list(films)
    return [film for film in found if film.limit is not None] or found


def _strained(film: BentFilm) -> float:
    """How far a film is stretched, against its limit where it has one."""
    return film.high if film.limit is None else film.high / film.limit.value


def curved_part(
    device: "DeviceDesign", radius_mm: float, *, growing: bool = False
) -> tuple[CurvedStack, dict[str, float]]:
    """A part whose first layer is a cell of the design bent to a radius on its inside, and its outside measures.

    Raises:
        ValueError: the part would close on itself.
    """
    length_mm, height_mm = device.package_length_um / 1000, device.package_height_um / 1000
    if length_mm >= 2 * math.pi * radius_mm:
        raise ValueError(f"the part closes on itself: it is {length_mm:.2f} mm long")
    arc = math.degrees(device.cell_length_um / 1000 / radius_mm)
    stack = CurvedStack(radius_mm, arc, device.pitch_um, device.layers)
    return stack, curved_outline_mm(radius_mm, length_mm, height_mm, growing=growing)


def first_axis_mm(pdk: "Pdk", template: "BoundTemplate") -> float:
    """From the inside of a curved part to the neutral axis of its innermost cell, which is bent most.

    Raises:
        PdkError: the kit says nothing of the mechanics of a film.
    """
    below_um = template.terminal_metal_um() + pdk.package.lid_bottom.value
    return (below_um + cell_axis_um(pdk)) / 1000


def terminal_gap_um(device: "DeviceDesign", template: "BoundTemplate", radius_mm: float) -> float:
    """How far the bottom of a terminal leaves the plane that the bent part stands on.

    The part stands like a bridge on the outer edges of its terminals: the inner edges rise.

    Args:
        device: the part.
        template: its template, which says how far inside its end a terminal starts.
        radius_mm: to which its bottom is bent.
    """
    radius_um = radius_mm * 1000
    cell_um = device.cell_length_um, device.cell_width_um
    land = template.rectangles(*cell_um)[template.template.terminals.positive]
    inset_um = float(land.x0 - template.package(*cell_um).x0)
    outer = max(device.package_length_um / 2 - inset_um, 0.0) / radius_um
    inner = max(outer - device.terminal_length_um / radius_um, 0.0)
    return radius_um * (math.cos(inner) - math.cos(min(outer, math.pi)))


def bend_figures(
    pdk: "Pdk", template: "BoundTemplate", device: "DeviceDesign", radius_mm: float | None, *, curved: bool = False
) -> dict[str, float | None]:
    """The figures of bending that rules compare, um; None for what is not asked for, or has no sourced limit."""
    limits = BendLimits(pdk)
    roller, least = limits.least_radius_mm(1), None
    if radius_mm is not None:
        block = not curved and not limits.slides(device.cell_length_um / 1000)
        least = limits.least_radius_mm(device.layers, block=block)
    axis = first_axis_mm(pdk, template) if radius_mm is not None and curved and limits.known else 0.0
    return {
        "bend.roller_radius": None if roller is None else roller * 1000,
        "bend.radius": None if least is None else max(least - axis, 0.0) * 1000,
        "bend.terminal_gap": None
        if radius_mm is None or device.attach is not Attach.SOLDERED
        else terminal_gap_um(device, template, radius_mm),
        "asked.bend_radius": None if radius_mm is None else radius_mm * 1000,
    }


def as_used(
    pdk: "Pdk",
    template: "BoundTemplate",
    device: "DeviceDesign",
    radius_mm: float | None,
    *,
    curved: bool,
    attach: Attach,
) -> "DeviceDesign":
    """A device with the flags of its use: how it is joined to its board, and the bend that is asked for."""
    bent = bend_flags(pdk, template, device, radius_mm, curved=curved)
    device = attached(device, attach, _not_flat(pdk, template, device, radius_mm))
    return replace(device, flags=device.flags + bent)


def _not_flat(pdk: "Pdk", template: "BoundTemplate", device: "DeviceDesign", radius_mm: float | None) -> str:
    """Why the terminals of a bent part do not stand on a flat board as solder needs it; empty where they do."""
    most = pdk.package.coplanarity
    if radius_mm is None or most is None:
        return ""
    gap_um = terminal_gap_um(device, template, radius_mm)
    if gap_um <= most.value:
        return ""
    return (
        f"at a radius of {plain(radius_mm)} mm the terminals stand {gap_um:.0f} um above a flat board,"
        f" {plain(most.value)} um are allowed"
    )


def why_not_bent(
    pdk: "Pdk", template: "BoundTemplate", device: "DeviceDesign", radius_mm: float | None, *, curved: bool
) -> str:
    """The least radius that a device takes, in words, where it is more than the one asked for; else empty."""
    figures = bend_figures(pdk, template, device, radius_mm, curved=curved)
    least, asked = figures["bend.radius"], figures["asked.bend_radius"]
    if least is None or asked is None or least <= asked * (1 + 1e-9):
        return ""
    return f"takes no bend to less than {plain(least / 1000, 3)} mm"


def bend_flags(
    pdk: "Pdk", template: "BoundTemplate", device: "DeviceDesign", radius_mm: float | None, *, curved: bool
) -> tuple[Flag, ...]:
    """What a bend that is asked for leaves open: films without a sourced limit, and strains inside a range."""
    if radius_mm is None:
        return ()
    missing = mechanics_missing(pdk)
    if missing:
        message = f"bent to {plain(radius_mm)} mm: {pdk.name} says nothing of {missing[0]}; no strain is worked out"
        return (Flag("bend-unknown", message),)
    bend = asked_bend(pdk, template, device, radius_mm, curved=curved).bend
    found = [
        Flag("bend", f"bent to {plain(radius_mm)} mm: {_said(film)}")
        for film in bend.films
        if film.limit is not None and (not film.sourced or film.stands is not Verdict.HOLDS)
    ]
    if not any(film.limit is not None for film in bend.films):
        film = most_stretched(bend.films)
        text = f"{film.film} is stretched by {film.high * 100:.3g} %, no film has a limit: reported, not judged"
        found.append(Flag("bend", f"bent to {plain(radius_mm)} mm: {text}"))
    return tuple(found)


def most_stretched(films: Iterable[BentFilm]) -> BentFilm:
    """Of the films that have a limit the one nearest to it; of films without one that with the largest strain."""
    return max(_that_matter(films), key=_strained)


def _said(film: BentFilm) -> str:
    limit: Any = film.limit
    span = f"{limit.value * 100:.3g} % ({limit.low * 100:.3g}-{limit.high * 100:.3g})"
    strain = f"{film.film} is stretched by {film.high * 100:.3g} %, {STANDS[film.stands]} its limit of {span}"
    return strain if film.sourced else f"{strain}; the limit is assumed: reported, not judged"


STANDS: Final = {Verdict.HOLDS: "below", Verdict.OPEN: "inside the range of", Verdict.BREAKS: "above"}
"""Where a strain stands against the range of its limit, in words."""
