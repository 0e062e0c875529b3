"""What a design review must not overlook: flags, never silent."""

from dataclasses import dataclass

from layoutgen.pdk.published import most_published
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.capacity import remaining, remaining_band
from layoutgen.sizing.delivery import Delivery
from layoutgen.sizing.process import process_of
from layoutgen.units import plain

_NEAR = 0.005
"""How far beyond the technology's range a capacity still counts as inside: what three digits show."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to know before the design is accepted."""

    code: str
    message: str


def reflow_class_c(height_mm: float, volume_mm3: float) -> int:
    """Peak package body temperature of a Pb-free part, J-STD-020 (classification by thickness and volume)."""
    if height_mm < 1.6:
        return 260
    column = 0 if volume_mm3 < 350 else 1 if volume_mm3 <= 2000 else 2
    return (260, 250, 245)[column] if height_mm <= 2.5 else (250, 245, 245)[column]


def flags_for(
    pdk: Pdk, *, size_mm: tuple[float, float, float], volume_mm3: float, rated_mah: float
) -> tuple[Flag, ...]:
    """Every flag that applies to a device of a length, width and height, in a fixed order."""
    found: list[Flag] = []
    cathode, package = pdk.stack.cathode, pdk.package
    *sides_mm, height_mm = size_mm
    if pdk.unproven:
        found.append(Flag("unproven", f"what if: {pdk.unproven}, which nobody has shown"))
    limit_c = pdk.stack.substrate.anneal_limit
    if cathode.anneal is not None and limit_c is not None and cathode.anneal.value > limit_c.value:
        message = (
            f"the cathode is annealed at {cathode.anneal.value:g} C, {pdk.stack.substrate.material} stands"
            f" {limit_c.value:g} C: only heat that stays in the film serves"
        )
        found.append(Flag("anneal", message))
    if cathode.thickness.value > cathode.proven_thickness.value:
        message = (
            f"cathode {cathode.thickness.value:g} um is thicker than the {cathode.proven_thickness.value:g} um"
            " that the process is proven for"
        )
        found.append(Flag("cathode-unproven", message))
    limit, needed = package.reflow_temperature.value, reflow_class_c(height_mm, volume_mm3)
    if pdk.stack.anode is not None:
        message = f"the deposited lithium anode melts near {limit:g} C: this part cannot be reflow soldered"
        found.append(Flag("no-reflow", message))
    else:
        if needed > limit:
            message = (
                f"the technology names {limit:g} C reflow; J-STD-020 Pb-free asks for {needed} C at this"
                " thickness and volume"
            )
            found.append(Flag("reflow-class", message))
        message = "solder before formation: a part that is soldered while charged may be destroyed"
        found.append(Flag("formation-after-reflow", message))
    low, high = package.capacity_min.value, package.capacity_max.value
    # a search meets what is asked for a little above it: 100 mAh asked may be rated 100.03
    if not low * (1 - _NEAR) <= rated_mah <= high * (1 + _NEAR):
        message = f"rated {plain(rated_mah, 3)} mAh is outside the {low:g}-{high:g} mAh that the technology targets"
        found.append(Flag("capacity-range", message))
    # a rule of thumb of ours: no standard states a limit
    side_mm = min(sides_mm)
    if height_mm > side_mm:
        message = (
            f"the part is {plain(height_mm, 3)} mm high on a side of {plain(side_mm, 3)} mm: it can tip over on the"
            " board; a lower limit of the height avoids this"
        )
        found.append(Flag("higher-than-wide", message))
    return tuple(found)


def electrical_flags(pdk: Pdk, delivery: Delivery) -> tuple[Flag, ...]:
    """What a load leaves open: currents above what plating and stripping of lithium are known to stand."""
    load, limit = delivery.load, pdk.electrical.plating_limit
    if load is None or limit is None or load.peak_ma_per_cm2 <= limit.value:
        return ()
    message = (
        f"{plain(load.peak_ma_per_cm2, 3)} mA/cm2 at the peak of the load is above the {plain(limit.value)} mA/cm2"
        " that stripping lithium is known to stand for long; whether a short pulse may, no source says"
    )
    return (Flag("current-density", message),)


def life_flags(pdk: Pdk, cycles: float) -> tuple[Flag, ...]:
    """More cycles than anybody has measured: what is left then depends on the model."""
    cell = pdk.cell
    if cycles <= cell.retention_cycles.value:
        return ()
    process = process_of(pdk)
    left, (low, high) = float(remaining(process, cycles)), map(float, remaining_band(process, cycles))
    message = (
        f"{plain(cycles)} cycles are more than the {plain(cell.retention_cycles.value)} that were measured: one"
        f" point leaves {low * 100:.1f} to {high * 100:.1f} % open (linear, square root, geometric); rated at"
        f" {left * 100:.1f} %, {cell.fade}"
    )
    return (Flag("cycles-unproven", message),)


BEYOND = frozenset({"layers-unshown", "energy-unshown"})
"""Codes of what a review must weigh; a drawing of the part is none the wiser by it."""


def beyond_flags(pdk: Pdk, layers: int, package_wh_per_l: float) -> tuple[Flag, ...]:
    """More layers, or more energy in the volume of the package, than anybody has shown in public.

    Args:
        pdk: the process.
        layers: of the stack.
        package_wh_per_l: energy density of the package, Wh/L.
    """
    found = []
    shown = most_published(pdk.published, "layers")
    if shown is not None and layers > shown[1]:
        message = f"{layers} layers are more than anybody has shown in public, which is {plain(shown[1])}"
        found.append(Flag("layers-unshown", message))
    densest = most_published(pdk.published, "energy_density")
    if densest is not None and package_wh_per_l > densest[1]:
        message = (
            f"{package_wh_per_l:.0f} Wh/L of the package are more than any solid-state part has that is published:"
            f" {plain(densest[1])} at most ({densest[0].part})"
        )
        found.append(Flag("energy-unshown", message))
    return tuple(found)
