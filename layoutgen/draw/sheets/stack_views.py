"""The views of the cross-section that are to scale: whole stack, both ends, one layer discharged and charged."""

from itertools import pairwise
from typing import Literal

from layoutgen.draw.builder import NORMAL, SMALL, Draft
from layoutgen.draw.hatching import Look, film_look, slab_look, solid_look
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.metrics import text_width
from layoutgen.draw.scene import HAIR, THIN, Box, Path, Pen, Point, Role
from layoutgen.draw.section import cell_films, inner_faces, lands, unit_cell
from layoutgen.draw.sheet import fitting_scale, scale_text
from layoutgen.draw.solids import package_solids, profile_boxes
from layoutgen.draw.text import mm, um
from layoutgen.sizing.device import StackFilm

_BAND_MM = 0.7
"""Layers thinner than this on paper are not drawn one by one: they would run together."""
_LINES_MM = 1.0
"""Least distance of the lines that then stand for several layers each."""
_OUTSIDE_MM = 6.0
"""What a dimension whose text stands outside takes beside that text: two arrows and their gap."""


def layers_text(count: int) -> str:
    return f"{count} layer" if count == 1 else f"{count} layers"


def whole_stack(draft: Draft, inputs: DrawingInputs, room: Box) -> None:
    """The whole package to scale, every layer drawn."""
    design = inputs.design
    length, height = design.package_length_um / 1000, design.package_height_um / 1000
    scale = fitting_scale(length, height, room.x1 - room.x0 - 20.0, room.y1 - room.y0 - 44.0)
    x0 = (room.x0 + 20.0 + room.x1 - length * scale) / 2
    y0 = (room.y0 + room.y1 - 6.0 - height * scale) / 2
    title = f"Whole stack, {layers_text(design.layers)}, {scale_text(scale)}"
    draft.text(room.x0, room.y1 - NORMAL - 2.0, title, NORMAL)
    factor = scale / 1000
    solids = package_solids(inputs)
    origin = x0 - min(solid.extent()[0] for solid in solids) * factor
    for solid in solids:
        look = solid_look(inputs, solid.layer, solid.net)
        points = tuple((origin + x * factor, y0 + z * factor) for x, z in solid.profile)
        draft.add(Path(points, THIN, closed=True, fill=look.fill, hatch=None if solid.net else look.hatch))
    every = _layers(draft, inputs, origin, y0, factor)
    for face in inner_faces(inputs):
        box = Box(
            origin + face.x0 * factor, y0 + face.z0 * factor, origin + face.x1 * factor, y0 + face.z1 * factor
        )
        draft.box(box, None, solid_look(inputs, face.layer, face.net).fill)
    right, top = x0 + length * scale, y0 + height * scale
    for letter, x, sign in (("X", x0, -1.0), ("Y", right, 1.0)):
        draft.circle((x, y0), 2.5, THIN)
        draft.text(x + sign * 4.5, y0 - 5.0, letter, NORMAL, "middle")
    draft.dimension((x0, y0), (right, y0), y0 - 13.0, mm(length), scale)
    draft.dimension((x0, y0), (x0, top), x0 - 9.0, mm(height), scale, vertical=True)
    first = cell_films(inputs)[0].z0_um
    stack_mm = design.layers * design.pitch_um / 1000
    stack = [f"{design.layers} × {um(design.pitch_um)} µm = {mm(stack_mm)}"]
    if every > 1 and design.layers > 1:
        stack.append(f"one line for {layers_text(every)}" if every <= design.layers else "outline only")
    tip = origin + design.cell_length_um * 0.3 * factor
    draft.leader((tip, y0 + (first / 1000 + stack_mm) * scale), (tip + 5.0, top + 8.0), stack, dot=True)


def _layers(draft: Draft, inputs: DrawingInputs, origin: float, y0: float, factor: float) -> int:
    """Every layer as a band of its films on one of its substrate, or lines between layers too thin for that.

    Returns how many layers a line stands for; 1 where every layer is drawn.
    """
    design = inputs.design
    films = cell_films(inputs)
    base = films[0].z0_um
    slabs = unit_cell(inputs)
    foil = next(slab for slab in slabs if slab.film == films[0].film)
    rest = [slab for slab in slabs if slab.film != films[0].film]
    left, right = (origin + x * factor for x in (min(slab.x0 for slab in rest), max(slab.x1 for slab in rest)))
    foil_left, foil_right = origin + foil.x0 * factor, origin + foil.x1 * factor
    upper = inputs.colour(inputs.template.template.package.active[0], 0.3)
    look = film_look(inputs, foil.film, foil.layer)
    low, pitch = y0 + base * factor, design.pitch_um * factor
    if pitch < _BAND_MM:
        every = next(n for n in (2, 5, 10, 20, 50, 100, 200, 500) if n * pitch >= _LINES_MM or n >= design.layers)
        draft.box(Box(left, low, right, low + design.layers * pitch), None, upper)
        draft.box(Box(foil_left, low, foil_right, low + design.layers * pitch), None, upper)
        levels = [low + n * pitch for n in range(0, design.layers + 1, every)]
        draft.strokes([((foil_left, level), (right, level)) for level in levels], HAIR)
        return every
    for layer in range(design.layers):
        z = low + layer * pitch
        draft.box(Box(left, z + foil.z1 * factor, right, z + pitch), None, upper)
        box = Box(foil_left, z, foil_right, z + foil.z1 * factor)
        draft.box(box, HAIR, look.fill, hatch=look.hatch_on(box))
    return 1


def end_details(draft: Draft, inputs: DrawingInputs, room: Box) -> None:
    """Both ends at the bottom of the stack, to scale in both directions."""
    slabs = unit_cell(inputs)
    solids = package_solids(inputs)
    left, right = min(s.extent()[0] for s in solids), max(s.extent()[3] for s in solids)
    middle = (left + right) / 2
    active = next(slab for slab in slabs if slab.layer == inputs.template.template.package.active[-1])
    vias = [slab for slab in slabs if slab.net == active.net and slab.layer != active.layer]
    reach_plus = min(active.x0 + 100.0, middle) - left
    via = min((slab for slab in vias if slab.x0 > middle), key=lambda slab: slab.x1 - slab.x0, default=active)
    reach_minus = right - max((via.x0 + via.x1) / 2, middle)
    films, design = cell_films(inputs), inputs.design
    half = (room.y1 - room.y0) / 2
    width = max(reach_plus, reach_minus) / 1000
    metal = design.stack[0].thickness_um

    def fit(high_um: float) -> float:
        scale = fitting_scale(width, high_um / 1000, room.x1 - room.x0 - 14.0, half - 13.0)
        if metal / 1000 * scale < text_width(um(metal), SMALL) + 0.5:
            # its dimension then stands below the view
            scale = fitting_scale(width, high_um / 1000, room.x1 - room.x0 - 14.0, half - 20.0)
        return scale

    # as many layers as the largest scale has room for, with as much as fits of the foil above them
    heights = []
    for shown in range(1, min(2, design.layers) + 1):
        roof = films[0].z0_um + shown * design.pitch_um
        foil = films[0].thickness_um if shown < design.layers else 0.0
        heights += [roof + min(foil, 8.0), roof + foil]
    scale, high = max((fit(height), height) for height in heights)
    levels = [0.0, *(film.z0_um for film in design.stack[1:2]), films[0].z0_um]
    lid = um(levels[-1] - levels[-2])
    # where the lid's dimension does not fit inside, it stands above, clear of the view's title
    above = levels[-1] / 1000 * scale + text_width(lid, SMALL) + _OUTSIDE_MM
    inside = (levels[-1] - levels[-2]) / 1000 * scale > text_width(lid, SMALL) + 0.5
    drop = 0.0 if inside else max(0.0, above + NORMAL + 4.0 - 9.0 - high / 1000 * scale)
    for index, (title, x0, reach) in enumerate(
        (("X, bottom of the + end", left, reach_plus), ("Y, bottom of the - end", right - reach_minus, reach_minus))
    ):
        ceiling = room.y1 - index * half
        draft.text(room.x0, ceiling - NORMAL - 2.0, f"{title}, {scale_text(scale)}", NORMAL)
        at = (room.x0, ceiling - 9.0 - drop - high / 1000 * scale)
        _detail(draft, inputs, (x0, 0.0, x0 + reach, high), at, scale / 1000)
        edge = room.x0 + reach / 1000 * scale
        for step, (below, above) in enumerate(pairwise(levels)):
            foot, top = (edge, at[1] + below / 1000 * scale), (edge, at[1] + above / 1000 * scale)
            value = um(above - below)
            fits = top[1] - foot[1] > text_width(value, SMALL) + 0.5
            place: Literal["inside", "before", "after"] = "inside" if fits else "before" if step == 0 else "after"
            line = edge + (9.0 if step == 0 or fits else 16.0)
            draft.dimension(foot, top, line, value, scale, vertical=True, place=place, height=SMALL)


def _detail(
    draft: Draft, inputs: DrawingInputs, window: tuple[float, float, float, float], at: Point, factor: float
) -> None:
    x0, z0, x1, z1 = window

    def clip(a: float, c: float, b: float, d: float) -> Box | None:
        a, b, c, d = max(a, x0), min(b, x1), max(c, z0), min(d, z1)
        if a >= b or c >= d:
            return None
        ax, az = at
        return Box(ax + (a - x0) * factor, az + (c - z0) * factor, ax + (b - x0) * factor, az + (d - z0) * factor)

    def put(box: Box | None, look: Look, pen: Pen | None = HAIR) -> None:
        if box:
            draft.box(box, pen if box.y1 - box.y0 > 0.3 else None, look.fill, hatch=look.hatch_on(box))

    for solid in package_solids(inputs):
        look = solid_look(inputs, solid.layer, solid.net)
        for a, c, b, d in profile_boxes(solid.profile):
            put(clip(a, c, b, d), look, None)
    for face in inner_faces(inputs):
        put(clip(face.x0, face.z0, face.x1, face.z1), solid_look(inputs, face.layer, face.net))
    base = cell_films(inputs)[0].z0_um
    for layer in range(min(3, inputs.design.layers)):
        shift = base + layer * inputs.design.pitch_um
        for slab in [*lands(inputs), *unit_cell(inputs)]:
            put(clip(slab.x0, slab.z0 + shift, slab.x1, slab.z1 + shift), slab_look(inputs, slab))
    frame = clip(x0, z0, x1, z1)
    if frame:
        draft.box(frame, THIN, role=Role.AUXILIARY)


def charge_columns(draft: Draft, inputs: DrawingInputs, room: Box) -> None:
    """One layer discharged and charged, side by side, thickness to scale."""
    films = cell_films(inputs)
    pitch = inputs.design.pitch_um
    scale = fitting_scale(1e-6, pitch / 1000, 1.0, room.y1 - room.y0 - 24.0)
    draft.text(room.x0, room.y1 - NORMAL - 2.0, f"One layer, thickness {scale_text(scale)}", NORMAL)
    factor = scale / 1000
    low = room.y1 - 16.0 - pitch * factor
    width = 20.0
    lithium = next((film for film in films if film.film == "lithium"), None)
    for index, state in enumerate(("discharged", "charged")):
        x = room.x0 + 12.0 + index * (width + 12.0)
        _column(draft, inputs, films, Box(x, low, x + width, low + pitch * factor), factor, charged=index == 1)
        draft.text(x + width / 2, low + pitch * factor + 2.5, state, SMALL, "middle")
    x = room.x0 + 12.0
    text = um(pitch)
    draft.dimension(
        (x, low), (x, low + pitch * factor), x - 6.0, text, scale, vertical=True, place="inside", height=SMALL
    )
    right = x + 2 * width + 12.0
    if lithium is not None:
        z = low + (lithium.z0_um - films[0].z0_um) * factor
        high = z + lithium.thickness_um * factor
        value = um(lithium.thickness_um)
        reach = high + text_width(value, SMALL) + 5.0
        # a thin film's text goes below it where there is no room above
        place: Literal["before"] | None = "before" if reach > room.y1 - NORMAL - 4.0 else None
        draft.dimension(
            (right, z), (right, high), right + 8.0, value, scale, vertical=True, place=place, height=SMALL
        )


def _column(
    draft: Draft, inputs: DrawingInputs, films: tuple[StackFilm, ...], box: Box, factor: float, *, charged: bool
) -> None:
    for film in films:
        z = box.y0 + (film.z0_um - films[0].z0_um) * factor
        piece = Box(box.x0, z, box.x1, z + film.thickness_um * factor)
        if film.film == "lithium" and not charged:
            draft.box(piece, HAIR, "#ffffff")
            continue
        look, thick = film_look(inputs, film.film, film.layer), film.thickness_um * factor > 0.4
        draft.box(piece, HAIR if thick else None, look.fill, hatch=look.hatch_on(piece))
    draft.box(box, THIN)
