"""One device, sized in full."""

from collections.abc import Mapping
from dataclasses import dataclass

from layoutgen.formula import Formula, states
from layoutgen.pdk.process import Film
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.attach import Attach
from layoutgen.sizing.capacity import energy_mwh, nominal_mah, rated_mah
from layoutgen.sizing.delivery import Delivery, at_temperature, delivery_of
from layoutgen.sizing.duty import Asked
from layoutgen.sizing.electrical import max_continuous_ma, resistance_ohm
from layoutgen.sizing.flags import Flag, beyond_flags, electrical_flags, flags_for, life_flags
from layoutgen.sizing.process import Process, process_of
from layoutgen.sizing.stackup import (
    LAMINATE,
    bare_cell_charged_wh_per_l,
    bare_cell_wh_per_l,
    films_of,
    package_volume_mm3,
    package_wh_per_l,
    pitch_um,
    plated_um,
)
from layoutgen.sizing.yields import cell_yield, screened_cell_yield, stack_yield
from layoutgen.template import BoundTemplate, Rect


@dataclass(frozen=True, slots=True)
class StackFilm:
    """One film of the finished stack; ``z0_um`` is its bottom in the first layer that has it.

    Films of the unit cell repeat ``count`` times, one pitch apart. Lithium is there when charged; the stack always
    has room for it.
    """

    layer: str
    film: str
    material: str
    thickness_um: float
    z0_um: float
    count: int
    source: str


@dataclass(frozen=True, slots=True)
class DeviceDesign:
    """A stack of equal cells in its package. Tolerances are +-."""

    cell_length_um: float
    cell_width_um: float
    layers: int
    active_length_um: float
    active_width_um: float
    package_length_um: float
    package_width_um: float
    package_height_um: float
    terminal_length_um: float
    tolerance_length_um: float
    tolerance_width_um: float
    tolerance_height_um: float
    tolerance_terminal_um: float
    tolerance_standoff_um: float | None
    pitch_um: float
    stack: tuple[StackFilm, ...]
    nominal_mah: float
    rated_mah: float
    confidence: float
    cycles: float
    energy_mwh: float
    package_wh_per_l: float
    bare_cell_wh_per_l: float
    bare_cell_charged_wh_per_l: float
    mass_g: float
    resistance_ohm: float
    max_continuous_ma: float
    delivery: Delivery
    cell_yield: float
    screened_cell_yield: float
    stack_yield: float
    flags: tuple[Flag, ...]
    attach: Attach = Attach.SOLDERED
    """How it is joined to its board."""
    no_reflow: str = ""
    """Why the part must not be reflowed, so that it takes no paste; empty where it may be."""

    @property
    @states(
        "device.active_area_cm2",
        Formula(
            "Active area of one cell",
            "cm2",
            "L * W / 100",
            {"L": "steps.active_length_mm", "W": "steps.active_width_mm"},
            "overlap of the elements that store charge",
        ),
    )
    def active_area_cm2(self) -> float:
        return self.active_length_um * self.active_width_um * 1e-8


@states(
    "device.tolerance_mm.length",
    Formula(
        "Tolerance of the package length",
        "mm",
        "t / 1000",
        {"t": "pdk:package.tolerance_length"},
        "process: package",
    ),
)
@states(
    "device.tolerance_mm.terminal",
    Formula(
        "Tolerance of the terminals", "mm", "t / 1000", {"t": "pdk:package.tolerance_terminal"}, "process: package"
    ),
)
def size_device(
    pdk: Pdk,
    template: BoundTemplate,
    cell_um: tuple[float, float],
    layers: int,
    confidence: float,
    cycles: float = 0.0,
    asked: Asked | None = None,
    capacity_mah: float | None = None,
) -> DeviceDesign:
    """Size a stack of ``layers`` cells of ``cell_um`` (length, width).

    Args:
        pdk: the process.
        template: device geometry.
        cell_um: finished cell.
        layers: cells in parallel.
        confidence: probability to reach the rated capacity.
        cycles: after which it must still be there.
        asked: load, charge and temperature; nothing where not given.
        capacity_mah: what the question asks to draw at the load, where it does.
    """
    process = process_of(pdk)
    length_um, width_um = cell_um
    boxes = template.rectangles(length_um, width_um)
    active_length_um, active_width_um = _active_um(template, boxes)
    area_cm2 = active_length_um * active_width_um * 1e-8
    pitch = float(pitch_um(process))
    package_length, package_width = (float(size) for size in template.package_size_um(length_um, width_um))
    height = float(template.height_um(layers, pitch))
    volume_mm3 = package_volume_mm3(package_length, package_width, height)
    nominal = float(nominal_mah(process, layers, area_cm2))
    rated = float(rated_mah(process, layers, area_cm2, confidence, cycles))
    energy = float(energy_mwh(process, nominal))
    delivery = delivery_of(
        pdk,
        process,
        asked or Asked(),
        layers=layers,
        active_um=(active_length_um, active_width_um),
        nominal_mah=nominal,
        rated_mah=rated,
        capacity_mah=capacity_mah,
    )
    there = at_temperature(pdk, process, delivery.temperature_c)
    resistance = float(resistance_ohm(there, layers, active_length_um, active_width_um))
    wrap = boxes[template.template.terminals.positive]
    flags = flags_for(
        pdk,
        size_mm=(package_length / 1000, package_width / 1000, height / 1000),
        volume_mm3=volume_mm3,
        rated_mah=rated,
    )
    wh_per_l = package_wh_per_l(energy, volume_mm3)
    return DeviceDesign(
        cell_length_um=length_um,
        cell_width_um=width_um,
        layers=layers,
        active_length_um=active_length_um,
        active_width_um=active_width_um,
        package_length_um=package_length,
        package_width_um=package_width,
        package_height_um=height,
        terminal_length_um=float(wrap.x1 - wrap.x0),
        tolerance_length_um=pdk.package.tolerance_length.value,
        tolerance_width_um=pdk.package.tolerance_width.value,
        tolerance_height_um=pdk.package.tolerance_height.value,
        tolerance_terminal_um=pdk.package.tolerance_terminal.value,
        tolerance_standoff_um=None
        if pdk.package.tolerance_standoff is None
        else pdk.package.tolerance_standoff.value,
        pitch_um=pitch,
        stack=_stack(pdk, process, template, layers, pitch),
        nominal_mah=nominal,
        rated_mah=rated,
        confidence=confidence,
        cycles=cycles,
        energy_mwh=energy,
        package_wh_per_l=wh_per_l,
        bare_cell_wh_per_l=float(bare_cell_wh_per_l(process, process.utilization_mean)),
        bare_cell_charged_wh_per_l=float(bare_cell_charged_wh_per_l(process, process.utilization_mean)),
        mass_g=_mass_g(pdk, template, boxes, package_length * package_width, layers, pitch, height),
        resistance_ohm=resistance,
        max_continuous_ma=float(max_continuous_ma(process, resistance)),
        delivery=delivery,
        cell_yield=float(cell_yield(process, area_cm2)),
        screened_cell_yield=float(screened_cell_yield(process, area_cm2)),
        stack_yield=float(stack_yield(process, layers, area_cm2)),
        flags=(
            *flags,
            *electrical_flags(pdk, delivery),
            *life_flags(pdk, cycles),
            *beyond_flags(pdk, layers, wh_per_l),
        ),
        no_reflow=next((flag.message for flag in flags if flag.code == "no-reflow"), ""),
    )


def active_size_um(template: BoundTemplate, length_um: float, width_um: float) -> tuple[float, float]:
    """Length and width of the overlap of the active elements, zero where there is none."""
    return _active_um(template, template.rectangles(length_um, width_um))


def _active_um(template: BoundTemplate, boxes: Mapping[str, Rect]) -> tuple[float, float]:
    active = [boxes[name] for name in template.template.package.active]
    return (
        max(float(min(box.x1 for box in active) - max(box.x0 for box in active)), 0.0),
        max(float(min(box.y1 for box in active) - max(box.y0 for box in active)), 0.0),
    )


def _films(pdk: Pdk, template: BoundTemplate) -> list[tuple[str, str, Film]]:
    """(layer, film name, film) of the unit cell from the bottom up; lithium excepted, which is no as-built film."""
    found = []
    for place in template.template.films:
        film = getattr(pdk.stack, place.film)
        if isinstance(film, Film):
            found.append((place.layer, place.film, film))
    return found


def _stack(pdk: Pdk, process: Process, template: BoundTemplate, layers: int, pitch: float) -> tuple[StackFilm, ...]:
    package, metal = pdk.package, template.terminal_metal_um()
    positive, lid = template.template.terminals.positive, template.template.package.encapsulation
    lithium = pdk.stack.lithium
    z = 0.0
    found: list[StackFilm] = []

    def add(layer: str, film: str, material: str, thickness_um: float, source: str, count: int = 1) -> None:
        nonlocal z
        found.append(StackFilm(layer, film, material, thickness_um, z, count, source))
        z += thickness_um

    add(positive, "terminal_bottom", "terminal metal", metal, "template: terminals.metal")
    add(lid, "lid_bottom", "insulating lid", package.lid_bottom.value, package.lid_bottom.source)
    for place in template.template.films:
        if place.film == "lithium":
            charged = float(plated_um(process, lithium.utilization_max.value))
            add(
                place.layer,
                "lithium",
                "lithium, plated when charged",
                charged,
                lithium.plated_thickness.source,
                layers,
            )
            continue
        film = getattr(pdk.stack, place.film)
        if film is not None:
            add(place.layer, place.film, film.material, film.thickness.value, film.thickness.source, layers)
    z += (layers - 1) * pitch
    add(lid, "lid_top", "insulating lid", package.lid_top.value, package.lid_top.source)
    if template.template.terminals.on_top:
        add(positive, "terminal_top", "terminal metal", metal, "template: terminals.metal")
    return tuple(found)


def _mass(pdk: Pdk) -> Formula:
    densities = {f"rho_{name}": f"pdk:stack.{name}.density" for name in (*films_of(pdk), *LAMINATE)}
    densities |= {"rho_lid": "pdk:package.lid_density", "rho_terminal": "pdk:package.terminal_density"}
    what = "sum over films, lids, walls and terminals of area x thickness x density"
    return Formula("Mass", "g", "", densities, what)


@states("device.mass_g", _mass)
def _mass_g(
    pdk: Pdk,
    template: BoundTemplate,
    boxes: Mapping[str, Rect],
    body: float,
    layers: int,
    pitch: float,
    height: float,
) -> float:
    """Sum of area x thickness x density; plated lithium comes out of the cathode and adds nothing.

    ``body`` is the area of the package, um2, ``boxes`` are the outlines of the elements.
    """
    elements = {element.layer: element for element in template.template.elements}

    def area(layer: str) -> float:
        holes = sum(area(hole) for hole in elements[layer].holes)
        box = boxes[layer]
        return float((box.x1 - box.x0) * (box.y1 - box.y0)) - holes

    films = sum(area(layer) * film.thickness.value * film.density.value for layer, _, film in _films(pdk, template))
    package = pdk.package
    terminals, metal = template.template.terminals, template.terminal_metal_um()
    lids = body * (package.lid_bottom.value + package.lid_top.value) * package.lid_density.value
    walls = area(template.template.package.encapsulation) * layers * pitch * package.lid_density.value
    soldered = area(terminals.positive) + area(terminals.negative)
    faces = sum(area(face.layer) for face in template.end_faces())
    upright = height if terminals.on_top else layers * pitch + package.lid_bottom.value
    solder_metal = (
        soldered * (2 if terminals.on_top else 1) * metal + faces * upright
    ) * package.terminal_density.value
    if not terminals.on_top:
        lids -= faces * package.lid_bottom.value * package.lid_density.value
    return float(films * layers + lids + walls + solder_metal) * 1e-12
