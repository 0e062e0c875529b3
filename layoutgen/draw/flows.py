"""Patterning flows below each other: the two ends of a cell in section, what isolates it, where + is contacted."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from layoutgen.draw.builder import NORMAL, SMALL, Draft
from layoutgen.draw.hatching import film_look, slab_look
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.scales import Schematic, log_sizes, merged, schematic
from layoutgen.draw.scene import HAIR, THIN, Box, Pen, Role, Scene
from layoutgen.draw.section import Slab, lands, unit_cell
from layoutgen.draw.text import um

_WIDTH: Final = 297.0
_ROW: Final = 92.0
_HEAD: Final = 14.0
_ENDS: Final = ((14.0, 86.0), (118.0, 190.0))
_FACTS: Final = 200.0
_THICK_MM: Final = 46.0
_INSIDE_UM: Final = 120.0
_BETWEEN_UM: Final = 0.5
_CONTACT: Final = Pen(1.1, (), "#d55e00")
_FREE: Final = Pen(1.1, (), "#0072b2")


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One flow: its title, the design that it gives, and lines of facts."""

    title: str
    inputs: DrawingInputs
    facts: tuple[str, ...]


def flows_scene(title: str, rows: Sequence[FlowRow]) -> Scene:
    """A picture of flows; lengths and thicknesses are not to scale."""
    height = _HEAD + _ROW * len(rows) + 8.0
    draft = Draft(_WIDTH, height, title)
    draft.box(Box(0.0, 0.0, _WIDTH, height), None, "#ffffff", Role.AUXILIARY)
    draft.text(_ENDS[0][0], height - 9.0, title, NORMAL)
    for number, row in enumerate(rows):
        _row(draft, row, height - _HEAD - _ROW * (number + 1))
    draft.text(
        _ENDS[0][0], 3.0,
        "orange: where + is contacted; blue: from the cut edge to the anode collector; not to scale, um", SMALL,
    )  # fmt: skip
    return draft.scene()


def _row(draft: Draft, row: FlowRow, bottom: float) -> None:
    inputs = row.inputs
    slabs = [*lands(inputs), *unit_cell(inputs)]
    foil = next(slab for slab in slabs if slab.film == "substrate")
    pitch = inputs.design.pitch_um
    slabs.append(Slab(foil.layer, foil.film, foil.net, foil.x0, foil.x1, pitch, pitch + foil.z1))
    levels = merged([z for slab in slabs for z in (slab.z0, slab.z1)], 1e-6)
    sizes = log_sizes([b - a for a, b in itertools.pairwise(levels)], 0.05, _THICK_MM, 2.4)
    to_y = schematic(levels, bottom + 22.0, sizes)
    draft.text(_ENDS[0][0], bottom + _ROW - 7.0, row.title, 3.0)
    for left, (x0, x1) in zip((True, False), _ENDS, strict=True):
        _end(draft, inputs, slabs, to_y, (x0, x1), bottom, left=left)
    # a film that fills the hole of one below it has its own place last
    named = {slab.film: (to_y.at(slab.z0) + to_y.at(slab.z1)) / 2 for slab in unit_cell(inputs)}
    for film, y in named.items():
        draft.text((_ENDS[0][1] + _ENDS[1][0]) / 2, y - 0.9, film.replace("_", " "), SMALL, "middle")
    for number, line in enumerate(row.facts):
        draft.text(_FACTS, bottom + _ROW - 14.0 - 4.2 * number, line, SMALL)


def _end(
    draft: Draft,
    inputs: DrawingInputs,
    slabs: Sequence[Slab],
    to_y: Schematic,
    paper: tuple[float, float],
    bottom: float,
    *,
    left: bool,
) -> None:
    """One end of the cell: what lies within sight of it, its end cap, and the way to the anode collector."""
    boxes = inputs.rectangles()
    face = next(item for item in inputs.template.end_faces() if (item.net == "+") is left)
    films = {place.film: place.layer for place in inputs.template.template.films}
    cap, foil, anode = boxes[face.layer], boxes[films["substrate"]], boxes[films["anode_collector"]]
    edge, inner = (foil.x0, anode.x0) if left else (foil.x1, anode.x1)
    sight = (cap.x0, inner + _INSIDE_UM) if left else (inner - _INSIDE_UM, cap.x1)
    places = [sight[0], sight[1], edge, inner, cap.x0, cap.x1]
    places += [x for slab in slabs for x in (slab.x0, slab.x1)]
    stops = [x for x in merged(places, _BETWEEN_UM) if sight[0] <= x <= sight[1]]
    widths = log_sizes([b - a for a, b in itertools.pairwise(stops)], 20.0, paper[1] - paper[0], 5.0)
    to_x = schematic(stops, paper[0], widths)
    top, low = to_y.paper[-1], to_y.paper[0]
    cap_box = Box(to_x.at(max(cap.x0, sight[0])), low, to_x.at(min(cap.x1, sight[1])), top)
    around = Box(paper[0], low, paper[1], top)
    draft.box(around, None, inputs.colour(inputs.template.template.package.encapsulation, 0.85), Role.AUXILIARY)
    draft.box(cap_box, HAIR, inputs.colour(face.layer, 0.4), Role.AUXILIARY)
    for slab in slabs:
        x0, x1 = max(slab.x0, sight[0]), min(slab.x1, sight[1])
        if x0 < x1:
            look = slab_look(inputs, slab) if slab.film == "land" else film_look(inputs, slab.film, slab.layer)
            draft.box(
                Box(to_x.at(x0), to_y.at(slab.z0), to_x.at(x1), to_y.at(slab.z1)), HAIR, look.fill, Role.AUXILIARY
            )
    if left:
        _contacts(draft, inputs, slabs, to_x, to_y, float(edge))
    y = bottom + 17.0
    a, b = sorted((to_x.at(float(edge)), to_x.at(float(inner))))
    draft.line(((a, y), (b, y)), _FREE, Role.AUXILIARY)
    for x in (a, b):
        draft.line(((x, y - 1.5), (x, low)), THIN, Role.AUXILIARY)
    draft.text((a + b) / 2, y - 5.0, um(abs(float(inner - edge))), SMALL, "middle")
    name = "+ end" if left else "- end"
    draft.text((paper[0] + paper[1]) / 2, top + 2.0, name, SMALL, "middle")


def _contacts(
    draft: Draft, inputs: DrawingInputs, slabs: Sequence[Slab], to_x: Schematic, to_y: Schematic, edge: float
) -> None:
    """Where the + cap meets the foil: its cut edge, its top on a land, its underside where no film lies below."""
    pitch = inputs.design.pitch_um
    foils = [slab for slab in slabs if slab.film == "substrate"]
    x = to_x.at(edge)
    for foil in foils:
        draft.line(((x, to_y.at(foil.z0)), (x, to_y.at(foil.z1))), _CONTACT, Role.AUXILIARY)
    for land in (slab for slab in slabs if slab.film == "land"):
        y = to_y.at(foils[0].z1)
        draft.line(((to_x.at(land.x0), y), (to_x.at(land.x1), y)), _CONTACT, Role.AUXILIARY)
    film = next(slab for slab in slabs if slab.film == "film_upper")
    if film.x0 > edge:
        y = to_y.at(pitch)
        draft.line(((x, y), (to_x.at(film.x0), y)), _CONTACT, Role.AUXILIARY)
