"""The package as solids: body and terminals, extruded across the part. One source for the drawings and CAD models.

Coordinates in um: x and y as in the device template (x from the + end of the foil), z upwards from the board.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.section import cell_films
from layoutgen.template import Rect

if TYPE_CHECKING:
    from shapely.geometry import Polygon


_MARK_UM = 5.0
"""Depth of the polarity mark of models whose body is as high as the part."""


@dataclass(frozen=True, slots=True)
class Arc:
    """An arc of a profile by its ends and its bulge (not 0)."""

    start: tuple[float, float]
    end: tuple[float, float]
    bulge: float

    @property
    def angle(self) -> float:
        """What it turns by, radians, positive counter-clockwise."""
        return 4.0 * math.atan(self.bulge)

    @property
    def centre(self) -> tuple[float, float]:
        (x0, z0), (x1, z1) = self.start, self.end
        away = (1.0 - self.bulge**2) / (4.0 * self.bulge)
        return (x0 + x1) / 2 - (z1 - z0) * away, (z0 + z1) / 2 + (x1 - x0) * away

    @property
    def radius(self) -> float:
        return math.dist(self.start, self.end) * (1.0 + self.bulge**2) / (4.0 * abs(self.bulge))

    @property
    def segment_area(self) -> float:
        """Between the arc and its chord, positive where the arc lies to the right of the chord."""
        return self.radius**2 * (self.angle - math.sin(self.angle)) / 2

    def points(self, count: int) -> list[tuple[float, float]]:
        """So many steps along it, the end left out."""
        (x, z), first = self.centre, math.atan2(self.start[1] - self.centre[1], self.start[0] - self.centre[0])
        turns = (first + self.angle * step / count for step in range(count))
        return [(x + self.radius * math.cos(turn), z + self.radius * math.sin(turn)) for turn in turns]

    def extremes(self) -> list[tuple[float, float]]:
        """Its points that lie furthest right, up, left or down of the centre."""
        (x, z), r = self.centre, self.radius
        first = math.atan2(self.start[1] - z, self.start[0] - x)
        low, high = sorted((first, first + self.angle))
        quarters = range(math.ceil(low / (math.pi / 2)), math.floor(high / (math.pi / 2)) + 1)
        ways = ((1, 0), (0, 1), (-1, 0), (0, -1))
        return [(x + r * ways[quarter % 4][0], z + r * ways[quarter % 4][1]) for quarter in quarters]


@dataclass(frozen=True, slots=True)
class Prism:
    """A profile in x and z (counter-clockwise, closed implicitly), extruded from ``y0`` to ``y1``.

    ``bulges``, one an edge of the profile where there are any, bend edges into arcs: the tangent of a quarter of
    the angle, positive counter-clockwise, as DXF has it.
    """

    name: str
    layer: str
    net: str
    colour: str
    profile: tuple[tuple[float, float], ...]
    y0: float
    y1: float
    bulges: tuple[float, ...] = ()

    @property
    def arcs(self) -> tuple["Arc | None", ...]:
        """For every edge of the profile its arc, or None where it is straight."""
        ring = self.profile
        bulges = self.bulges or (0.0,) * len(ring)
        return tuple(
            Arc(start, end, bulge) if bulge else None
            for start, end, bulge in zip(ring, (*ring[1:], ring[0]), bulges, strict=True)
        )

    @property
    def volume_um3(self) -> float:
        ring = self.profile
        pairs = zip(ring, (*ring[1:], ring[0]), strict=True)
        polygon = sum(x0 * z1 - x1 * z0 for (x0, z0), (x1, z1) in pairs) / 2
        return abs(polygon + sum(arc.segment_area for arc in self.arcs if arc)) * (self.y1 - self.y0)

    def extent(self) -> tuple[float, float, float, float, float, float]:
        """Bounding box as (x0, y0, z0, x1, y1, z1), arcs included."""
        points = [*self.profile, *(point for arc in self.arcs if arc for point in arc.extremes())]
        xs, zs = [x for x, _ in points], [z for _, z in points]
        return min(xs), self.y0, min(zs), max(xs), self.y1, max(zs)


def package_solids(inputs: DrawingInputs) -> tuple[Prism, ...]:
    """Body, + terminal and - terminal; they touch and do not overlap.

    An end-cap terminal is its end face over the whole height with its wraps on the bottom and the top; a bottom
    terminal lies below the body only.
    """
    from shapely import box, unary_union
    from shapely.geometry import Polygon

    template, rectangles = inputs.template.template, inputs.rectangles()
    metal, height = inputs.template.terminal_metal_um(), inputs.design.package_height_um
    end_caps = template.terminals.style == "end-cap"
    top = height - metal if end_caps else height
    outline = inputs.template.package(*inputs.cell_um)
    wraps = {template.terminals.positive: "+", template.terminals.negative: "-"}
    prisms: list[Prism] = []
    metal_area = []
    for wrap, net in wraps.items():
        around = rectangles[wrap]
        parts = [box(around.x0, 0, around.x1, metal)]
        if end_caps:
            parts.append(box(around.x0, top, around.x1, height))
            caps = [e for e in template.elements if e.stage == "package" and e.net == net]
            faces = [element.layer for element in caps if element.layer != wrap]
            parts += [box(rectangles[face].x0, 0, rectangles[face].x1, height) for face in faces]
        shape = unary_union(parts)
        metal_area.append(shape)
        if not isinstance(shape, Polygon):
            raise TypeError(f"terminal {wrap} is not one piece")
        name = "TERMINAL_POS" if net == "+" else "TERMINAL_NEG"
        colour = inputs.colour(wrap)
        prisms.append(Prism(name, wrap, net, colour, _ring(shape), float(around.y0), float(around.y1)))
    body = box(outline.x0, metal, outline.x1, top).difference(unary_union(metal_area))
    if not isinstance(body, Polygon):
        raise TypeError("the body is not one piece")
    layer = template.package.encapsulation
    colour = inputs.colour(layer)
    return (
        Prism("BODY", layer, "", colour, _ring(body), float(outline.y0), float(outline.y1)),
        *prisms,
    )


@dataclass(frozen=True, slots=True)
class FilmBox:
    """A box of one film of the lowest layer; um, z from the bottom of the package."""

    film: str
    layer: str
    colour: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]


def model_solids(inputs: DrawingInputs) -> tuple[Prism, ...]:
    """The package's solids with the polarity mark as a thin bar on the body; what CAD models are made of.

    No model is higher than the part: where the body's top is the part's, the bar lies in it, over its whole width.
    """
    body, *metal = package_solids(inputs)
    bar = polarity_mark(inputs)
    top = body.extent()[5]
    room, y0, y1 = inputs.design.package_height_um - top, float(bar.y0), float(bar.y1)
    low, high = (top, top + room / 2) if room > 1.0 else (top - _MARK_UM, top)
    ring = ((bar.x0, low), (bar.x1, low), (bar.x1, high), (bar.x0, high))
    if room <= 1.0:
        from shapely.geometry import Polygon

        notched = Polygon(body.profile) - Polygon(ring)
        if not isinstance(notched, Polygon):
            raise TypeError("the body is not one piece")
        body = replace(body, profile=_ring(notched))
        y0, y1 = body.y0, body.y1
    return (body, *metal, Prism("POLARITY_MARK", "", "+", "#222222", ring, y0, y1))


def exploded_layer(inputs: DrawingInputs) -> tuple[Prism, ...]:
    """One layer of the stack with its films moved apart upwards, one solid a piece, for an exploded view.

    The gap between films is a twentieth of the shorter side of the cell; thicknesses stay true.
    """
    boxes = film_boxes(inputs)
    gap = min(inputs.cell_um) / 20
    films = list(dict.fromkeys(film.film for film in cell_films(inputs)))
    found = []
    for number, box in enumerate(boxes, 1):
        lift = films.index(box.film) * gap
        (x0, y0, z0), (x1, y1, z1) = box.low, box.high
        z0, z1 = z0 + lift, z1 + lift
        ring = ((x0, z0), (x1, z0), (x1, z1), (x0, z1))
        found.append(Prism(f"{box.film.upper()}_{number}", box.layer, "", box.colour, ring, y0, y1))
    return tuple(found)


def film_boxes(inputs: DrawingInputs) -> tuple[FilmBox, ...]:
    """The films of the lowest layer as boxes, holes left out; a conductor above fills the hole below it."""
    rectangles = inputs.rectangles()
    elements = {element.layer: element for element in inputs.template.template.elements}
    films = cell_films(inputs)
    found: list[FilmBox] = []
    for index, film in enumerate(films):
        colour = inputs.film_colour(film.layer, film.film, 0.0)
        z0, z1 = film.z0_um, film.z0_um + film.thickness_um
        pieces = [rectangles[film.layer]]
        for hole in elements[film.layer].holes:
            pieces = [part for piece in pieces for part in _without(piece, rectangles[hole])]
            fillers = [above for above in films[index + 1 :] if elements[above.layer].net]
            for above in fillers[:1]:
                fill = inputs.film_colour(above.layer, above.film, 0.0)
                found.append(_film_box(above.film, above.layer, fill, rectangles[hole], z0, z1))
        found += [_film_box(film.film, film.layer, colour, piece, z0, z1) for piece in pieces]
    return tuple(found)


def profile_boxes(profile: tuple[tuple[float, float], ...]) -> list[tuple[float, float, float, float]]:
    """A rectilinear profile as boxes (x0, z0, x1, z1) between its neighbouring x; they do not overlap."""
    from shapely import Polygon, box

    shape = Polygon(profile)
    xs = sorted({x for x, _ in profile})
    z0, z1 = min(z for _, z in profile), max(z for _, z in profile)
    found = []
    for a, b in pairwise(xs):
        strip = shape.intersection(box(a, z0, b, z1))
        parts = getattr(strip, "geoms", [strip])
        found += [part.bounds for part in parts if part.area]
    return [(float(x0), float(y0), float(x1), float(y1)) for x0, y0, x1, y1 in found]


def _film_box(film: str, layer: str, colour: str, rect: Rect, z0: float, z1: float) -> FilmBox:
    low = (float(rect.x0), float(rect.y0), z0)
    return FilmBox(film, layer, colour, low, (float(rect.x1), float(rect.y1), z1))


def _without(rect: Rect, hole: Rect) -> list[Rect]:
    """A rectangle less another, as up to four rectangles."""
    x0, x1 = max(rect.x0, hole.x0), min(rect.x1, hole.x1)
    y0, y1 = max(rect.y0, hole.y0), min(rect.y1, hole.y1)
    if x0 >= x1 or y0 >= y1:
        return [rect]
    parts = [
        Rect(rect.x0, rect.y0, x0, rect.y1),
        Rect(x1, rect.y0, rect.x1, rect.y1),
        Rect(x0, rect.y0, x1, y0),
        Rect(x0, y1, x1, rect.y1),
    ]
    return [part for part in parts if part.x0 < part.x1 and part.y0 < part.y1]


def polarity_mark(inputs: DrawingInputs) -> Rect:
    """The bar on top of the part beside the + terminal, in template coordinates (um)."""
    boxes, terminals = inputs.rectangles(), inputs.template.template.terminals
    positive, negative = boxes[terminals.positive], boxes[terminals.negative]
    free = float(negative.x0 - positive.x1)
    start = float(positive.x1) + 0.05 * free
    width = min(500.0, 0.06 * free)
    outline = inputs.template.package(*inputs.cell_um)
    margin = 0.15 * float(outline.y1 - outline.y0)
    return Rect(start, float(outline.y0) + margin, start + width, float(outline.y1) - margin)


def _ring(shape: "Polygon") -> tuple[tuple[float, float], ...]:
    ring = [(float(x), float(z)) for x, z in shape.exterior.coords[:-1]]
    ring = [point for i, point in enumerate(ring) if not _straight(ring[i - 1], point, ring[(i + 1) % len(ring)])]
    if sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, (*ring[1:], ring[0]), strict=True)) < 0:
        ring.reverse()
    start = ring.index(min(ring))
    return tuple(ring[start:] + ring[:start])


def _straight(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    return (b[0] - a[0]) * (c[1] - b[1]) == (b[1] - a[1]) * (c[0] - b[0])
