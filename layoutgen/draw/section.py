"""The cut through the device along the template's section line: which film lies where, in um.

x as in the device template; z upwards from the bottom of the package (the unit cell: from its own bottom). What is
cut is the rectangles of the template, so the drawing changes with every mask parameter.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.sizing.device import StackFilm
from layoutgen.template import Element, Rect

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Slab:
    """One cut piece of a film."""

    layer: str
    film: str
    net: str
    x0: float
    x1: float
    z0: float
    z1: float


def cut_spans(inputs: DrawingInputs) -> dict[str, tuple[Span, ...]]:
    """Where the section line runs through each element, holes taken out; empty where it misses."""
    x0, x1, y = inputs.template.section_line(*inputs.cell_um)
    rectangles = inputs.rectangles()
    elements = {element.layer: element for element in inputs.template.template.elements}
    return {name: _cut(elements[name], rectangles, y, (x0, x1)) for name in elements}


def hole_spans(inputs: DrawingInputs, layer: str) -> tuple[Span, ...]:
    """Where the section line runs through the holes of an element."""
    x0, x1, y = inputs.template.section_line(*inputs.cell_um)
    rectangles = inputs.rectangles()
    element = next(e for e in inputs.template.template.elements if e.layer == layer)
    found = []
    for hole in element.holes:
        box = rectangles[hole]
        if box.y0 <= y <= box.y1 and max(box.x0, x0) < min(box.x1, x1):
            found.append((float(max(box.x0, x0)), float(min(box.x1, x1))))
    return tuple(found)


def _cut(element: Element, rectangles: Mapping[str, Rect], y: float, limits: Span) -> tuple[Span, ...]:
    box = rectangles[element.layer]
    if not box.y0 <= y <= box.y1:
        return ()
    spans: list[Span] = [(max(float(box.x0), limits[0]), min(float(box.x1), limits[1]))]
    for name in element.holes:
        hole = rectangles[name]
        if not hole.y0 <= y <= hole.y1:
            continue
        left: list[Span] = []
        for a, b in spans:
            left += [(a, min(b, float(hole.x0))), (max(a, float(hole.x1)), b)]
        spans = left
    return tuple((a, b) for a, b in spans if a < b)


def cell_films(inputs: DrawingInputs) -> tuple[StackFilm, ...]:
    """The films of one layer of the stack from the bottom up."""
    places = {place.film for place in inputs.template.template.films}
    return tuple(film for film in inputs.design.stack if film.film in places)


def unit_cell(inputs: DrawingInputs) -> tuple[Slab, ...]:
    """One layer of the stack, charged.

    A hole in a film is filled by the nearest conductor above that covers it: this is how the tab reaches the anode
    collector through the window.
    """
    films = cell_films(inputs)
    bottom = films[0].z0_um
    spans = cut_spans(inputs)
    nets = {element.layer: element.net for element in inputs.template.template.elements}
    found: list[Slab] = []
    for index, film in enumerate(films):
        z0 = film.z0_um - bottom
        z1 = z0 + film.thickness_um
        found += [Slab(film.layer, film.film, nets[film.layer], a, b, z0, z1) for a, b in spans[film.layer]]
        for a, b in hole_spans(inputs, film.layer):
            for above in films[index + 1 :]:
                covers = any(c <= a and b <= d for c, d in spans[above.layer])
                if nets[above.layer] and covers:
                    found.append(Slab(above.layer, above.film, nets[above.layer], a, b, z0, z1))
                    break
    return tuple(found)


def inner_faces(inputs: DrawingInputs) -> tuple[Slab, ...]:
    """End faces that stand inside the package, from the terminal metal on the bottom up to the last layer.

    End faces that are the ends of the part belong to its solids. z from the bottom of the package.
    """
    if inputs.template.template.terminals.on_top:
        return ()
    spans, design = cut_spans(inputs), inputs.design
    z0 = inputs.template.terminal_metal_um()
    z1 = cell_films(inputs)[0].z0_um + design.layers * design.pitch_um
    return tuple(
        Slab(face.layer, "face", face.net, a, b, z0, z1)
        for face in inputs.template.end_faces()
        for a, b in spans[face.layer]
    )


def lands(inputs: DrawingInputs) -> tuple[Slab, ...]:
    """The room over bare conductors of the web stage that no film covers: the end cap's metal joins them there."""
    films = cell_films(inputs)
    filmed = {film.layer for film in films}
    spans = cut_spans(inputs)
    found = []
    for element in inputs.template.template.elements:
        if element.stage == "web" and element.net and element.layer not in filmed:
            z0 = max(
                film.z0_um + film.thickness_um - films[0].z0_um
                for film in films
                if any(c <= a and b <= d for c, d in spans[film.layer] for a, b in spans[element.layer])
            )
            found += [
                Slab(element.layer, "land", element.net, a, b, z0, inputs.design.pitch_um)
                for a, b in spans[element.layer]
            ]
    return tuple(found)
