"""Which limits of a question and a process stop a better design."""

import math

from layoutgen.mechanics.asked import BendLimits, bend_figures
from layoutgen.sizing.device import DeviceDesign
from layoutgen.solver.question import Question
from layoutgen.solver.solution import Binding


def bindings(question: Question, variant: int, device: DeviceDesign) -> tuple[Binding, ...]:
    """Every limit with what a design uses of it; a limit binds when one more step would cross it."""
    limits, pdk = question.limits, question.variants[variant].loaded.pdk
    step_mm = pdk.web.size_grid.value / 1000
    *package, height = limits.limited_mm(device)
    found = []
    sides = [side for side in limits.sides_mm if math.isfinite(side)]
    used = [max((size for size in package if size <= side + 1e-9), default=0.0) for side in sides]
    names = ["package side"]
    if len(sides) == 2:
        upright = all(size <= side + 1e-9 for size, side in zip(package, limits.sides_mm, strict=True))
        sides = list(limits.sides_mm if upright else limits.sides_mm[::-1])
        used = package
        names = ["package length", "package width"]
    for name, side, size in zip(names, sides, used, strict=False):
        found.append(Binding(name, side, size, "mm", side - size < step_mm))
    if math.isfinite(limits.height_mm):
        free = limits.height_mm - height
        found.append(Binding("package height", limits.height_mm, height, "mm", free < device.pitch_um / 1000))
    bend = _bend(question, variant, device)
    found += [bend] if bend is not None else []
    found.append(Binding("layers", limits.layers, device.layers, "", device.layers == limits.layers))
    if limits.capacity_mah is not None:
        over = device.rated_mah / limits.capacity_mah - 1.0
        found.append(Binding("rated capacity", limits.capacity_mah, device.rated_mah, "mAh", over < 0.01))
    found += _electrical(device, limits.capacity_mah)
    return tuple(found)


def _electrical(device: DeviceDesign, capacity_mah: float | None) -> list[Binding]:
    """Lowest voltage and charge time; one binds where the capacity that it leaves is just the one asked for."""
    found, load = [], device.delivery.load
    if load is not None:
        binds = capacity_mah is not None and load.delivered_mah < capacity_mah * 1.01 < device.rated_mah * 1.0001
        found.append(Binding("lowest voltage", load.lowest_v, load.end_v, "V", binds))
    asked, taken = device.delivery.charge_asked_s, device.delivery.charge_s
    if asked is not None and taken is not None:
        found.append(Binding("charge time", asked, taken, "s", taken > 0.99 * asked))
    return found


def _bend(question: Question, variant: int, device: DeviceDesign) -> Binding | None:
    """The bend that is asked for, where a sourced limit judges it; it binds where one more layer is too thick."""
    spec, chosen = question.spec, question.variants[variant]
    pdk = chosen.loaded.pdk
    figures = bend_figures(pdk, chosen.template, device, spec.bend_radius, curved=spec.curved)
    asked, least = figures["asked.bend_radius"], figures["bend.radius"]
    if asked is None or least is None:
        return None
    limits = BendLimits(pdk)
    block = not spec.curved and not limits.slides(device.cell_length_um / 1000)
    more = limits.least_radius_mm(device.layers + 1, block=block) or 0.0
    return Binding("bending radius", asked / 1000, least / 1000, "mm", block and more * 1000 > asked)
