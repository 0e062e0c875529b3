"""The lines of the KLayout script by check: for each an expression of what breaks a rule, empty where it holds.

Which function is for which check is stated in ``pdk/checks.py``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from layoutgen.layer_expressions import Expression, Operation, parse_layers
from layoutgen.pdk.rule import Rule
from layoutgen.rules.connectivity import nets_of
from layoutgen.rules.context import Context
from layoutgen.units import plain

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_SIGNS: Final[Mapping[Operation, str]] = {"union": "+", "difference": "-", "intersection": "&"}


@dataclass(frozen=True, slots=True)
class Deck:
    """What the script is written from."""

    context: Context
    rules: dict[str, Rule]

    @property
    def pdk(self) -> "Pdk":
        return self.context.pdk


@dataclass(frozen=True, slots=True)
class Measured:
    """A rule in the words of the script: what is measured, against what, and its limit."""

    deck: Deck
    rule: Rule
    of: str
    against: str
    limit: float

    @property
    def um(self) -> str:
        """The limit as a number of the script, in the unit of the rule."""
        return number(self.limit)


def measured(deck: Deck, rule: Rule) -> Measured:
    """A rule with its layers as variables of the script, without what lies outside it."""
    prefix = {"device": "d", "web": "w", "frame": "w", "cells": "t"}[rule.view]
    of, against = (_layers(text, prefix) if text else "" for text in (rule.of, rule.against))
    if rule.outside:
        of, against = (f"({text} - {prefix}_{rule.outside})" if text else "" for text in (of, against))
    return Measured(deck, rule, of, against, deck.context.limit(rule))


def width(it: Measured) -> Iterator[str]:
    """Narrow places; polygons that meet in a corner only are apart."""
    yield _inside(it.rule, f"parted({it.of}).width({_lengths(it)})") if it.limit > 0 else "polygon_layer"


def space(it: Measured) -> Iterator[str]:
    """Narrow gaps and notches."""
    yield _inside(it.rule, f"{it.of}.space({_lengths(it)})") if it.limit > 0 else "polygon_layer"


def separation(it: Measured) -> Iterator[str]:
    """What overlaps, and what is too near."""
    yield f"({it.of} & {it.against})"
    if it.limit > 0:
        yield f"{it.of}.separation({it.against}, {_lengths(it)})"


def enclosure(it: Measured) -> Iterator[str]:
    """What sticks out, and what is too near the edge around it."""
    yield f"({it.of} - {it.against})"
    if it.limit > 0:
        yield f"{it.of}.enclosed({it.against}, {_lengths(it)})"


def extension(it: Measured) -> Iterator[str]:
    """What does not reach far enough, side by side."""
    yield from (f'beyond({it.of}, {it.against}, "{side}", {it.um})' for side in it.rule.sides)


def area(it: Measured) -> Iterator[str]:
    """Polygons that are too small."""
    yield f"picked({it.of}) {{ |polygon| polygon.area * unit**2 < {it.um} * (1 - 1e-12) }}"


def equal(it: Measured) -> Iterator[str]:
    """What only one of both has."""
    yield f"({it.of} ^ {it.against})"


def empty(it: Measured) -> Iterator[str]:
    """All that is there."""
    yield it.of


def single(it: Measured) -> Iterator[str]:
    """Where polygons overlap."""
    yield f"overlaps_in({it.of})"


def density(it: Measured) -> Iterator[str]:
    """The whole, where too little of it is covered."""
    yield f"({it.of}.area < {it.against}.area * {it.um} * (1 - 1e-12) ? {it.against} : polygon_layer)"


def count(it: Measured) -> Iterator[str]:
    """The box around all, where their number is wrong."""
    rule = it.rule
    apart = f".outside(t_{rule.outside})" if rule.outside else ""
    of, against = f"t_{rule.of}{apart}.data.count", f"t_{rule.against}{apart}.data.count"
    wrong = {"at least": "<", "at most": ">", "equal": "!="}[rule.relation]
    yield f"({of} {wrong} {it.um} * {against} ? marked(t_{rule.against}.data.bbox) : polygon_layer)"


def size(it: Measured) -> Iterator[str]:
    """Polygons that are too long."""
    for axis in dict.fromkeys(side[0] for side in it.rule.sides or ("x1", "y1")):
        along = "width" if axis == "x" else "height"
        yield f"picked(t_{it.rule.of}) {{ |polygon| polygon.bbox.{along} * unit > {it.um} + 1e-6 }}"


def grid(it: Measured) -> Iterator[str]:
    """Vertices off the grid."""
    yield from (f"t_{name}.ongrid({it.um})" for name in _covered(it))


def angle(it: Measured) -> Iterator[str]:
    """Edges along neither axis."""
    yield from (f"t_{name}.non_rectilinear" for name in _covered(it))


def street(it: Measured) -> Iterator[str]:
    """Where the street is not what one kerf around every cell is."""
    yield f"inside(({it.against}.sized({it.um}) - {it.against}) ^ {it.of}, period)"


def mask(it: Measured) -> Iterator[str]:
    """Where a mask is not its expression with its bias."""
    deck, rule = it.deck, it.rule
    on_web = rule.view == "web"
    prefix = {"web": "w", "cells": "t"}.get(rule.view, "d")
    for name in deck.context.masks_of(rule):
        tool = deck.pdk.masks[name]
        wanted = _layers(tool.expression, prefix)
        if tool.bias.value:
            wanted = f"{wanted}.sized({number(tool.bias.value)})"
        marker = f"({wanted} ^ {prefix}_{name})"
        yield f"inside({marker}, period)" if on_web else marker


def short(it: Measured) -> Iterator[str]:
    """Where + and - touch, on top of each other or side by side."""
    nets = nets_of(it.deck.context.template.template)
    for low, high, films in nets.pairs():
        if nets.opposite(low, high):
            yield f"({_bare(low, films)} & d_{high})"
    for first, second in nets.lateral():
        if nets.opposite(first, second):
            yield f"touching(d_{first}, d_{second})"


def open_(it: Measured) -> Iterator[str]:
    """Conductors that are not reached from their terminal; needs the lines of :func:`reached` before it."""
    for layer in nets_of(it.deck.context.template.template).net:
        yield f"parted(d_{layer}).not_interacting(r_{layer})"


def insulation(it: Measured) -> Iterator[str]:
    """Where + and - are too near, film between them or not."""
    um = it.um
    nets = nets_of(it.deck.context.template.template)
    for low, high, films in nets.pairs():
        if nets.opposite(low, high):
            for covered, bare in ((low, high), (high, low)):
                yield f"(d_{covered} & {_bare(bare, films)})"
                yield f"d_{covered}.separation({_bare(bare, films)}, {um}, euclidian, transparent)"
    for first, second in nets.lateral():
        if nets.opposite(first, second):
            yield f"(d_{first} & d_{second})"
            yield f"d_{first}.separation(d_{second}, {um}, euclidian, transparent)"


def reached(deck: Deck) -> Iterator[str]:
    """Lines that go from the terminal metal of each pole inwards, as often as there are conductors.

    ``r_`` is what has been reached of a layer.
    """
    nets = nets_of(deck.context.template.template)
    inner = [layer for layer in nets.net if layer not in nets.wraps]
    for layer in nets.net:
        yield f"r_{layer} = {'d_' + layer if layer in nets.wraps else 'polygon_layer'}"
    yield f"{len(inner)}.times do"
    for layer in inner:
        ways = []
        for a, b in nets.lateral():
            other = b if layer == a else a
            if layer in (a, b) and nets.net[a] == nets.net[b] and other not in nets.passengers:
                ways.append(f"r_{other}")
        for low, high, films in nets.inside():
            other = high if layer == low else low
            if layer in (low, high) and other not in nets.passengers:
                ways.append(f"({_bare(low, films)} & d_{high} & r_{other})")
        if ways:
            yield f"  r_{layer} = parted(d_{layer}).interacting({' + '.join(ways)})"
    yield "end"


def _lengths(it: Measured) -> str:
    return f"{it.um}, euclidian, transparent"


def _inside(rule: Rule, pairs: str) -> str:
    """Markers on the web without those at the open ends of the three repeats."""
    return f"inside({pairs}.polygons(1), period)" if rule.view in {"web", "frame"} else pairs


def _bare(layer: str, films: tuple[str, ...]) -> str:
    return f"({' - '.join([f'd_{layer}', *(f'd_{film}' for film in films)])})"


def _covered(it: Measured) -> list[str]:
    """The layers that a check of each layer by itself looks at."""
    drawn = [name for name in it.deck.pdk.layers if name in it.deck.context.windows.used]
    return [name for name in it.rule.layers or drawn if it.rule.covers(name)]


def _layers(text: str, prefix: str) -> str:
    """A layer expression in the script's words, every operation in parentheses."""

    def words(expression: Expression) -> str:
        if isinstance(expression, str):
            return f"{prefix}_{expression}"
        return f"({words(expression.left)} {_SIGNS[expression.operation]} {words(expression.right)})"

    return words(parse_layers(text))


def number(value: float) -> str:
    """A number as the script takes it for a length in um."""
    text = plain(value, 12)
    return text if "." in text or "e" in text else f"{text}.0"
