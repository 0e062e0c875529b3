"""Which limits of a question and a process stop a better design."""

import math
from collections.abc import Iterator

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
    found += _electrical(question, variant, device)
    return tuple(found)


def _electrical(question: Question, variant: int, device: DeviceDesign) -> list[Binding]:
    """Lowest voltage and charge time; one binds where it alone keeps the design from being a step smaller."""
    found, load = [], device.delivery.load
    asked, taken = device.delivery.charge_asked_s, device.delivery.charge_s
    if load is None and asked is None:
        return []
    smaller = list(_smaller(question, variant, device))
    if load is not None:
        binds = any(_falls_short(question, item) == {"load"} for item in smaller)
        found.append(Binding("lowest voltage", load.lowest_v, load.end_v, "V", binds))
    if asked is not None and taken is not None:
        binds = any(_falls_short(question, item) == {"charge"} for item in smaller)
        found.append(Binding("charge time", asked, taken, "s", binds))
    return found


def _smaller(question: Question, variant: int, device: DeviceDesign) -> Iterator[DeviceDesign]:
    """The design with one layer less, and with a cell that is one step of the grid shorter or narrower."""
    chosen = question.variants[variant]
    pdk, step_um = chosen.loaded.pdk, chosen.loaded.pdk.web.size_grid.value
    length, width = device.cell_length_um, device.cell_width_um
    if device.layers > 1:
        yield question.sized(pdk, chosen.template, (length, width), device.layers - 1)
    if device.active_length_um > step_um:
        yield question.sized(pdk, chosen.template, (length - step_um, width), device.layers)
    if device.active_width_um > step_um:
        yield question.sized(pdk, chosen.template, (length, width - step_um), device.layers)


def _falls_short(question: Question, device: DeviceDesign) -> set[str]:
    """What of capacity, load and charge a design does not reach; nothing where no capacity is asked for."""
    asked_mah, delivery = question.limits.capacity_mah, device.delivery
    if asked_mah is None:
        return set()
    least = asked_mah * (1 - 1e-9)
    asked_s, charge_s = delivery.charge_asked_s, delivery.charge_s
    reached = {
        "capacity": device.rated_mah >= least,
        "load": delivery.load is None or delivery.load.delivered_mah >= least,
        "charge": asked_s is None or (charge_s is not None and charge_s <= asked_s * (1 + 1e-6)),
    }
    return {name for name, enough in reached.items() if not enough}


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
