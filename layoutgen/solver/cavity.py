"""The part for a given cavity: which package fits inside an outline, and what the best one holds.

A package is a rectangle; its active area is that rectangle less a constant of each side, so the room of most active
area is looked for (see ``inscribed``) for the terminals along either side, upright in the outline and at any turn.
The search then answers the question with that room as its footprint.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import cos, floor, radians, sin
from typing import Any

from layoutgen.errors import DoesNotFit, Input, Phrase, Problem, Wording
from layoutgen.geometry.distances import apart
from layoutgen.geometry.inscribed import Gain, Inscribed, largest_rectangle
from layoutgen.geometry.offset import inset
from layoutgen.geometry.outline import Outline, Point, outline_of
from layoutgen.pdk.load import LoadedPdk
from layoutgen.sizing.device import active_size_um
from layoutgen.solver.kit import kit_of
from layoutgen.solver.question import Question, resolve
from layoutgen.solver.solution import Solution
from layoutgen.solver.solve import solve
from layoutgen.spec import Spec
from layoutgen.units import counted, plain

SCHEMA = "layoutgen.cavity/1"
DBU_PER_MM = 1_000_000
CHORD_DBU = 500
"""How far chords lie inside arcs of the cavity, nm: no room is lost that anybody could measure."""
WORTH_A_TURN = 1.005
"""A part that stands askew must be worth half a percent of active area."""
_ANY_CELL_UM = 10_000.0

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Fit:
    """A part in the cavity. Places are mm from the lower left corner of the cavity's box."""

    room: Inscribed
    """Where a package may lie, dbu."""
    solution: Solution
    turn_deg: float
    """Of the terminal axis, counter-clockwise from x; 0 to below 180."""
    clearance_mm: float
    """Least distance from the package to the wall."""

    @property
    def centre_mm(self) -> Point:
        return self.room.centre[0] / DBU_PER_MM, self.room.centre[1] / DBU_PER_MM

    @property
    def package_mm(self) -> tuple[float, float]:
        """Length along the terminal axis, and width."""
        device = self.solution.device
        return device.package_length_um / 1000, device.package_width_um / 1000

    @property
    def footprint_mm(self) -> tuple[float, float]:
        """The room's sides, as the question of its design states them."""
        return _sides_mm(self.room)

    @property
    def corners_mm(self) -> tuple[Point, ...]:
        """Of the package, counter-clockwise; terminals lie at last to first and at second to third."""
        return _corners(self.centre_mm, self.package_mm, self.turn_deg)


@dataclass(frozen=True, slots=True)
class Cavity:
    """The parts that fit best: upright, and turned where that is worth it."""

    outline: Outline
    clearance_mm: float
    fits: tuple[Fit, ...]
    """The best one first."""


def fill_cavity(
    spec: Spec,
    outline: Outline,
    clearance_mm: float,
    *,
    upright: bool = False,
    loaded: LoadedPdk | None = None,
    progress: Progress | None = None,
) -> Cavity:
    """The best part for a cavity: most capacity for a height, or what a capacity asked for takes.

    Args:
        spec: the question; its footprint is replaced by the room that is found.
        outline: of the cavity, dbu, with its box at (0, 0).
        clearance_mm: least distance of the package to the wall.
        upright: sides along x and y only.
        loaded: the process of the question, loaded already.
        progress: called with a line of text before each longer step.

    Raises:
        DoesNotFit: nothing is left of the cavity, or no design fits into the room.
        SpecError, PdkError, TemplateError, RuleError, PreflightError: see :func:`layoutgen.solver.solve.solve`.
    """
    tell = progress or (lambda _: None)
    loaded = kit_of(spec, loaded)
    question = resolve(spec, loaded)
    gains = _gains(question)
    parts = inset(outline, round(clearance_mm * DBU_PER_MM))
    tell("looking for the largest rectangle")
    turned = None if upright else _best(parts, gains, None)
    straight = _best(parts, gains, (0.0,))
    rooms = [room for room in (straight, turned) if room is not None]
    if len(rooms) == 2 and rooms[1].gain <= WORTH_A_TURN * rooms[0].gain:
        rooms.pop()
    if not rooms:
        width, height = (side / DBU_PER_MM for side in outline.size)
        raise DoesNotFit(
            Problem(
                f"no cell of the process has room in {plain(width)} x {plain(height)} mm with "
                f"{plain(clearance_mm)} mm to the wall",
                Input("outline"),
                "a cavity that holds a package with more than its margins",
                "a larger cavity, or a smaller " + Input("clearance"),
            )
        )
    fits, refused = [], None
    for room in reversed(rooms):
        try:
            fits.append(_fit(question, loaded, outline, room, tell))
        except DoesNotFit as error:
            refused = error
    if not fits and refused is not None:
        raise _in_words_of_a_cavity(refused)
    return Cavity(outline, clearance_mm, tuple(fits))


def _in_words_of_a_cavity(error: DoesNotFit) -> DoesNotFit:
    """What fits into no room of a cavity; a footprint that would do is what a larger one must have room for."""

    def named(text: Wording) -> Wording:
        if not isinstance(text, Phrase):
            return text
        parts: list[str | Input] = []
        for part in text.parts:
            footprint = isinstance(part, Input) and part.path == "footprint" and part.value
            parts.append(f"a cavity with room for {footprint} mm" if footprint else part)
        return Phrase(tuple(parts))

    problems = [replace(problem, remedy=named(problem.remedy)) for problem in error.problems]
    return DoesNotFit(problems, error.nearest)


def _best(parts: tuple[Outline, ...], gains: tuple[Gain, ...], turns: tuple[float, ...] | None) -> Inscribed | None:
    """Of the terminals along either side."""
    found = [
        room
        for gain in gains
        if (room := largest_rectangle(parts, gain, error=CHORD_DBU, turns_deg=turns)) is not None
    ]
    return max(found, key=lambda room: room.gain, default=None)


def _gains(question: Question) -> tuple[Gain, ...]:
    """Active area of a room, dbu2, with the terminals at the ends along x, and along y."""
    length, width, _ = question.limits.tolerance_mm
    lost = []
    for variant in question.variants:
        package = variant.template.package_size_um(_ANY_CELL_UM, _ANY_CELL_UM)
        active = active_size_um(variant.template, _ANY_CELL_UM, _ANY_CELL_UM)
        lost.append(tuple((float(p) - float(a)) * 1000 for p, a in zip(package, active, strict=True)))
    along = min(item[0] for item in lost) + length * DBU_PER_MM
    across = min(item[1] for item in lost) + width * DBU_PER_MM

    def first(x: float, y: float) -> float:
        return max(x - along, 0.0) * max(y - across, 0.0)

    return first, lambda x, y: first(y, x)


def _sides_mm(room: Inscribed) -> tuple[float, float]:
    """In whole um, rounded down."""
    return floor(room.width / 1000 + 1e-6) / 1000, floor(room.height / 1000 + 1e-6) / 1000


def _fit(question: Question, loaded: LoadedPdk, outline: Outline, room: Inscribed, tell: Progress) -> Fit:
    sides = _sides_mm(room)
    tell(f"sizing the part for {plain(sides[0])} x {plain(sides[1])} mm")
    solution = solve(question.spec.model_copy(update={"footprint": sides}), loaded, compare=False)
    device = solution.device
    package = device.package_length_um / 1000, device.package_width_um / 1000
    length, width, _ = question.limits.tolerance_mm
    lies = package[0] + length <= sides[0] + 1e-9 and package[1] + width <= sides[1] + 1e-9
    turn = room.turn_deg if lies else room.turn_deg + 90.0
    centre = room.centre[0] / DBU_PER_MM, room.centre[1] / DBU_PER_MM
    path = outline_of([(round(x * DBU_PER_MM), round(y * DBU_PER_MM)) for x, y in _corners(centre, package, turn)])
    return Fit(room, solution, turn, apart(path, outline) / DBU_PER_MM)


def _corners(centre: Point, package: tuple[float, float], turn_deg: float) -> tuple[Point, ...]:
    c, s = cos(radians(turn_deg)), sin(radians(turn_deg))
    a, b = package[0] / 2, package[1] / 2
    ends = ((-a, -b), (a, -b), (a, b), (-a, b))
    return tuple((centre[0] + x * c - y * s, centre[1] + x * s + y * c) for x, y in ends)


def cavity_json(found: Cavity, said: dict[str, Any]) -> dict[str, Any]:
    """The answer as data; ``said`` is what is said of the outline."""
    pdk = found.fits[0].solution.loaded.pdk
    return {
        "schema": SCHEMA,
        "cavity": said,
        "clearance_mm": found.clearance_mm,
        "pdk": {"name": pdk.name, "version": pdk.version, "disclaimer": pdk.disclaimer},
        "parts": [_part_json(fit, found.outline) for fit in found.fits],
    }


def _part_json(fit: Fit, outline: Outline) -> dict[str, Any]:
    device, stack = fit.solution.device, fit.solution.loaded.pdk.stack
    length, width = fit.package_mm
    return {
        "turn_deg": round(fit.turn_deg, 3),
        "centre_mm": {"x": round(fit.centre_mm[0], 6), "y": round(fit.centre_mm[1], 6)},
        "corners_mm": [{"x": round(x, 6), "y": round(y, 6)} for x, y in fit.corners_mm],
        "least_distance_mm": round(fit.clearance_mm, 6),
        "footprint_mm": list(fit.footprint_mm),
        "package_mm": {"length": length, "width": width, "height": device.package_height_um / 1000},
        "share_of_cavity": round(length * width * DBU_PER_MM**2 / outline.area, 6),
        "layers": device.layers,
        "foil_um": stack.substrate.thickness.value,
        "cathode_um": stack.cathode.thickness.value,
        "active_area_cm2": round(device.active_area_cm2, 9),
        "rated_mah": round(device.rated_mah, 9),
        "nominal_mah": round(device.nominal_mah, 9),
        "flags": [{"code": flag.code, "message": flag.message} for flag in device.flags],
    }


def cavity_text(answer: dict[str, Any]) -> str:
    """The answer for a terminal."""
    said = answer["cavity"]
    box = said["box_mm"]
    lines = [f"note: {note}" for note in said["notes"]]
    lines.append(
        f"cavity {said['shape']} ({plain(box['length'])} x {plain(box['width'])} mm, {plain(said['area_mm2'])} "
        f"mm2), {plain(answer['clearance_mm'])} mm to the wall"
    )
    pdk = answer["pdk"]
    trust = f": {pdk['disclaimer']}" if pdk["disclaimer"] else ""
    lines.append(f"process {pdk['name']} {pdk['version']}{trust}")
    best, told = answer["parts"][0]["rated_mah"], set[str]()
    for number, part in enumerate(answer["parts"]):
        size, at = part["package_mm"], part["centre_mm"]
        less = "" if not number else f", {plain(100 * (part['rated_mah'] / best - 1), 3)} %"
        lines += [
            "",
            f"  part          {size['length']:.2f} x {size['width']:.2f} x {size['height']:.2f} mm "
            "(terminal axis x width x height)",
            f"  capacity      {plain(part['rated_mah'], 4)} mAh rated, {counted(part['layers'], 'layer')}{less}; "
            f"{plain(part['cathode_um'])} um cathode on {plain(part['foil_um'])} um substrate",
            f"  place         terminal axis at {plain(part['turn_deg'], 5)} degrees, centre {plain(at['x'], 5)}, "
            f"{plain(at['y'], 5)} mm from the lower left of the cavity's box",
            f"  room          {100 * part['share_of_cavity']:.1f} % of the cavity; least distance to the wall "
            f"{plain(part['least_distance_mm'], 4)} mm",
            f"  footprint     {plain(part['footprint_mm'][0])}x{plain(part['footprint_mm'][1])}: "
            "design it with this one and the same question",
        ]
        flags = [flag["message"] for flag in part["flags"]]
        # what holds of the better part as well is said once
        lines += [f"  ! {message}" for message in flags if message not in told]
        told.update(flags)
    return "\n".join(lines)
