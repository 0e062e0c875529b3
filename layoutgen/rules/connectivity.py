"""+ and - never touch: conductors as nets through the stack, film by film.

One layer of the stack is a sequence of films from the bottom up, given by the template; after the last one comes
the first one of the next layer. Two conductors touch where both are and no film lies between them. End faces of
the terminals reach over the whole height, so they touch every conductor that they meet in plan; terminal metal on
top and bottom lies on the lids and touches end faces only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box
from layoutgen.geometry.regions import snapped
from layoutgen.pdk.rule import Rule
from layoutgen.rules.context import Context, box_of
from layoutgen.rules.distances import between
from layoutgen.rules.findings import Outcome, Violation
from layoutgen.template import Template

_INSULATORS = frozenset({"electrolyte", "film_lower", "film_upper"})
_OPPOSITE = {"+": "-", "-": "+"}


@dataclass(frozen=True, slots=True)
class Nets:
    """The conductors of a template.

    ``films`` are the layers of one unit from the bottom up, each once; ``net`` gives the pole of each conductor.
    ``passengers`` are conductors without a pole of their own: they have that of the conductor below them and carry
    no current on to others. ``faces`` are end faces, ``wraps`` the metal on top and bottom.
    """

    films: tuple[str, ...]
    net: dict[str, str]
    passengers: frozenset[str]
    faces: tuple[str, ...]
    wraps: tuple[str, ...]

    def layers(self) -> tuple[str, ...]:
        """Every layer that plays a part."""
        return (*self.films, *self.faces, *self.wraps)

    def opposite(self, first: str, second: str) -> bool:
        """Whether two layers are conductors of different poles."""
        return _OPPOSITE.get(self.net.get(first, "")) == self.net.get(second, "?")

    def pairs(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """(lower conductor, upper conductor, films between) within a layer and to the next layer of the stack."""
        twice = (*self.films, *self.films)
        count = len(self.films)
        for low in range(count):
            for high in range(low + 1, low + count):
                if twice[low] in self.net and twice[high] in self.net:
                    yield twice[low], twice[high], twice[low + 1 : high]

    def inside(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """The pairs of one pole within one layer of the stack."""
        for low, high, films in self.pairs():
            if self.films.index(high) > self.films.index(low) and self.net[low] == self.net[high]:
                yield low, high, films

    def lateral(self) -> Iterator[tuple[str, str]]:
        """Pairs that may touch side by side: end faces with conductors, and terminal metal with each other."""
        conductors = [layer for layer in self.films if layer in self.net]
        yield from ((face, film) for face in self.faces for film in conductors)
        yield from combinations((*self.faces, *self.wraps), 2)


def nets_of(template: Template) -> Nets:
    """Read the conductors out of a template."""
    films = tuple(dict.fromkeys(place.layer for place in template.films))
    insulating = {place.layer for place in template.films if place.film in _INSULATORS}
    poles = {element.layer: element.net for element in template.elements}
    net: dict[str, str] = {}
    below = ""
    for layer in films:
        if layer not in insulating:
            below = poles.get(layer, "") or below
            net[layer] = below
    passengers = frozenset(layer for layer in net if not poles.get(layer))
    wraps = tuple(dict.fromkeys((template.terminals.positive, template.terminals.negative)))
    package = [element.layer for element in template.elements if element.stage == "package" and element.net]
    faces = tuple(layer for layer in package if layer not in wraps)
    net |= {layer: poles[layer] for layer in (*faces, *wraps)}
    return Nets(films, net, passengers, faces, wraps)


def check_short(context: Context, rule: Rule) -> Outcome:  # noqa: ARG001  (all checks take both)
    """No conductor touches one of the other pole."""
    nets = nets_of(context.template.template)
    found: list[Violation] = []
    window = context.windows.device
    for low, high, films in nets.pairs():
        if nets.opposite(low, high):
            region = _contact(context, low, high, films)
            if not region.is_empty:
                found.append(Violation(window.cell, box_of(region), 1.0, f"{low} touches {high}"))
    for first, second in nets.lateral():
        a, b = window.region(first), window.region(second)
        if nets.opposite(first, second) and a.intersects(b):
            found.append(Violation(window.cell, between(a, b), 1.0, f"{first} touches {second}"))
    return Outcome(tuple(found), float(len(found)))


def check_open(context: Context, rule: Rule) -> Outcome:  # noqa: ARG001
    """Every piece of a conductor reaches the terminal metal of its pole within one layer of the stack."""
    nets = nets_of(context.template.template)
    window = context.windows.device
    parts = {
        layer: [part for part in shapely.get_parts(window.region(layer)) if not part.is_empty] for layer in nets.net
    }
    reached = _reached(nets, parts, _links(context, nets, parts))
    found = []
    for layer, pieces in parts.items():
        if not pieces:
            found.append(Violation(window.cell, None, 1.0, f"{layer} has no shape"))
        for number, piece in enumerate(pieces):
            if (layer, number) not in reached:
                message = f"{layer} does not reach the {nets.net[layer]} terminal"
                found.append(Violation(window.cell, box_of(piece), 1.0, message))
    return Outcome(tuple(found), float(len(found)))


def check_insulation(context: Context, rule: Rule) -> Outcome:
    """Conductors of different poles stay the limit apart wherever no film lies between them."""
    limit = context.least_dbu(rule)
    worst: float | None = None
    found: list[Violation] = []
    for name, distance, box in _distances(context, nets_of(context.template.template)):
        worst = distance if worst is None else min(worst, distance)
        if distance < limit:
            message = f"{name} are too near with tolerances counted"
            found.append(Violation(context.windows.device.cell, box, context.from_dbu(distance, rule), message))
    return Outcome(tuple(found), None if worst is None else context.from_dbu(worst, rule))


def _distances(context: Context, nets: Nets) -> Iterator[tuple[str, float, Box]]:
    window = context.windows.device
    for low, high, films in nets.pairs():
        if nets.opposite(low, high):
            for covered, bare in ((low, high), (high, low)):
                a, b = window.region(covered), _bare(context, bare, films)
                if not a.is_empty and not b.is_empty:
                    yield f"{covered} and {bare}", float(a.distance(b)), between(a, b)
    for first, second in nets.lateral():
        a, b = window.region(first), window.region(second)
        if nets.opposite(first, second) and not a.is_empty and not b.is_empty:
            yield f"{first} and {second}", float(a.distance(b)), between(a, b)


def _bare(context: Context, layer: str, films: tuple[str, ...]) -> BaseGeometry:
    """A layer's region where none of the films covers it."""
    region = context.windows.device.region(layer)
    for film in films:
        region = region - context.windows.device.region(film)
    return snapped(region)


def _contact(context: Context, low: str, high: str, films: tuple[str, ...]) -> BaseGeometry:
    return snapped(_bare(context, low, films) & context.windows.device.region(high))


def _links(
    context: Context, nets: Nets, parts: dict[str, list[BaseGeometry]]
) -> list[tuple[tuple[str, int], tuple[str, int]]]:
    """Pairs of pieces of conductors of one pole that touch."""
    found = []
    for low, high, films in nets.inside():
        contact = _contact(context, low, high, films)
        for i, a in enumerate(parts[low]):
            for j, b in enumerate(parts[high]):
                if not snapped(contact & a & b).is_empty:
                    found.append(((low, i), (high, j)))
    for first, second in nets.lateral():
        if nets.net[first] == nets.net[second]:
            for i, a in enumerate(parts[first]):
                for j, b in enumerate(parts[second]):
                    if a.intersects(b):
                        found.append(((first, i), (second, j)))
    return found


def _reached(
    nets: Nets, parts: dict[str, list[BaseGeometry]], links: list[tuple[tuple[str, int], tuple[str, int]]]
) -> set[tuple[str, int]]:
    """The pieces that the terminal metal reaches; a passenger is reached and leads no further."""
    reached = {(layer, number) for layer in nets.wraps for number in range(len(parts[layer]))}
    waiting = sorted(reached)
    while waiting:
        piece = waiting.pop()
        if piece[0] in nets.passengers:
            continue
        for link in links:
            if piece in link:
                other = link[1] if link[0] == piece else link[0]
                if other not in reached:
                    reached.add(other)
                    waiting.append(other)
    return reached
