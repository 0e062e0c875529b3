"""The design rules as a KLayout DRC script, so that whoever receives the masks can check them independently.

Run it as ``klayout -b -r NAME.drc -rd input=NAME.gds -rd report=NAME.lyrdb``. It works flat on one repeat with its
neighbours, and on the cells CELL and STACK laid on top of each other. Every rule is a category of the report.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from layoutgen.layer_expressions import Expression, Operation, parse_layers
from layoutgen.layout.device import CELL, STACK
from layoutgen.pdk.limits import derivation
from layoutgen.pdk.rule import Rule
from layoutgen.rules.connectivity import nets_of
from layoutgen.rules.subject import Subject
from layoutgen.units import plain

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

NOT_IN_DECK = frozenset({"figure", "centre", "stray"})
"""Checks that the deck leaves to ``layoutgen check``: no geometry, lines without width, hierarchy."""
_SIGNS: Final[Mapping[Operation, str]] = {"union": "+", "difference": "-", "intersection": "&"}
_HELPERS = """\
def unit
  UNIT_UM
end

def picked(layer)
  found = polygon_layer
  layer.data.merged.each { |polygon| found.data.insert(polygon) if yield(polygon) }
  found
end

def marked(box)
  found = polygon_layer
  found.data.insert(box)
  found
end

def beyond(outer, inner, side, least)
  a, b = outer.data.bbox, inner.data.bbox
  return polygon_layer if a.empty? || b.empty?
  reach = {
    "x0" => b.left - a.left, "y0" => b.bottom - a.bottom, "x1" => a.right - b.right, "y1" => a.top - b.top
  }[side]
  reach * unit < least - 1e-6 ? marked(b) : polygon_layer
end

def inside(layer, period)
  box = layer.data.bbox
  period > 0 ? layer & polygon_layer.tap { |l| l.data.insert(RBA::Box.new(box.left, 0, box.right, period)) } : layer
end

# polygons that meet in a corner only stay apart
def parted(layer)
  found = polygon_layer
  found.data = layer.data.merged(true, 0)
  found.data.min_coherence = true
  found
end

def overlaps_in(layer)
  found = polygon_layer
  found.data = layer.data.merged(false, 2)
  found
end

def touching(first, second)
  first.interacting(second)
end
"""


@dataclass(frozen=True, slots=True)
class Deck:
    """What the script is written from."""

    subject: Subject
    rules: dict[str, Rule]

    @property
    def pdk(self) -> "Pdk":
        return self.subject.pdk


def drc_deck(subject: Subject, name: str) -> str:
    """The script for one design.

    Args:
        subject: the design's layout, process and figures.
        name: of the design, for the report's title.
    """
    regime = subject.pdk.web.regime
    rules = {
        key: rule
        for key, rule in sorted(subject.pdk.rules.items())
        if rule.check not in NOT_IN_DECK and (not rule.regimes or regime in rule.regimes)
    }
    deck = Deck(subject, rules)
    left = [key for key, rule in sorted(subject.pdk.rules.items()) if rule.check in NOT_IN_DECK]
    lines = [
        f"# Design rules of {subject.pdk.name} {subject.pdk.version} for {name}, for KLayout 0.28 or later.",
        f"# klayout -b -r {name}.drc -rd input={name}.gds -rd report={name}.lyrdb",
        f"# Left to layoutgen check: {', '.join(left)}.",
        "",
        "source($input) if $input",
        f'report("Design rules of {name}", $report || "{name}.lyrdb")',
        "",
        _HELPERS.replace("UNIT_UM", _number(subject.layout.dbu_nm / 1000)),
        f"period = {subject.repeat_dbu}  # database units",
        *_inputs(deck),
    ]
    for key, rule in rules.items():
        lines += ["", f"# {key}: {rule.statement}"]
        if rule.needs.limit:
            lines.append(f"# {rule.limit} = {derivation(rule, subject.values)}")
        if rule.check == "open":
            lines += _opens(deck)
        lines += _rule(deck, key, rule)
    return "\n".join(lines) + "\n"


def _inputs(deck: Deck) -> Iterator[str]:
    """One variable for each layer in each view: d_ device, w_ web with neighbouring repeats, t_ whole top cell."""
    yield f'on_cell = source.cell("{CELL}")'
    yield f'on_stack = source.cell("{STACK}")'
    for name, layer in deck.pdk.layers.items():
        number = f"{layer.number}, {layer.datatype}"
        yield f"t_{name} = input({number})"
        home = "on_cell" if layer.stage == "web" else "on_stack"
        yield f"d_{name} = {home}.input({number})"
        if layer.stage == "web":
            yield (
                f"w_{name} = period > 0 ? t_{name} + t_{name}.moved(0, period * unit)"
                f" + t_{name}.moved(0, -period * unit) : t_{name}"
            )


def _rule(deck: Deck, key: str, rule: Rule) -> Iterator[str]:
    title = f"{key}: {rule.title}".replace('"', "'")
    prefix = {"device": "d", "web": "w", "frame": "w", "cells": "t"}[rule.view]
    of, against = (_layers(text, prefix) if text else "" for text in (rule.of, rule.against))
    if rule.outside:
        of, against = (f"({text} - {prefix}_{rule.outside})" if text else "" for text in (of, against))
    for expression in _markers(deck, rule, of, against):
        yield f'{expression}.output("{key}", "{title}")'


def _markers(deck: Deck, rule: Rule, of: str, against: str) -> Iterator[str]:
    """Expressions of what breaks a rule; all empty where it holds."""
    limit = deck.subject.limit(rule)
    um = _number(limit)
    match rule.check:
        case "width" | "space" | "separation" | "enclosure":
            yield from _distances(rule, of, against, um if limit > 0 else "")
        case "extension":
            yield from (f'beyond({of}, {against}, "{side}", {um})' for side in rule.sides)
        case "size":
            for axis in dict.fromkeys(side[0] for side in rule.sides or ("x1", "y1")):
                size = "width" if axis == "x" else "height"
                yield f"picked(t_{rule.of}) {{ |polygon| polygon.bbox.{size} * unit > {um} + 1e-6 }}"
        case "count":
            yield _count(rule, um)
        case "grid" | "angle":
            test = f"ongrid({um})" if rule.check == "grid" else "non_rectilinear"
            yield from (f"t_{name}.{test}" for name in rule.layers or _drawn(deck) if rule.covers(name))
        case "mask":
            yield from _masks(deck, rule)
        case "short":
            yield from _shorts(deck)
        case "open":
            for layer in nets_of(deck.subject.template.template).net:
                yield f"parted(d_{layer}).not_interacting(r_{layer})"
        case "insulation":
            yield from _insulation(deck, um)
        case _:
            yield _region(rule, of, against, um)


def _distances(rule: Rule, of: str, against: str, um: str) -> Iterator[str]:
    """Markers of lengths; without a limit above zero only what overlaps or sticks out."""
    options = f"{um}, euclidian, transparent"
    if rule.check == "width":
        yield _inside(rule, f"parted({of}).width({options})") if um else "polygon_layer"
    elif rule.check == "space":
        yield _inside(rule, f"{of}.space({options})") if um else "polygon_layer"
    elif rule.check == "separation":
        yield f"({of} & {against})"
        if um:
            yield f"{of}.separation({against}, {options})"
    else:
        yield f"({of} - {against})"
        if um:
            yield f"{of}.enclosed({against}, {options})"


def _inside(rule: Rule, pairs: str) -> str:
    """Markers on the web without those at the open ends of the three repeats."""
    return f"inside({pairs}.polygons(1), period)" if rule.view in {"web", "frame"} else pairs


def _region(rule: Rule, of: str, against: str, um: str) -> str:
    match rule.check:
        case "area":
            return f"picked({of}) {{ |polygon| polygon.area * unit**2 < {um} * (1 - 1e-12) }}"
        case "equal":
            return f"({of} ^ {against})"
        case "single":
            return f"overlaps_in({of})"
        case "density":
            return f"({of}.area < {against}.area * {um} * (1 - 1e-12) ? {against} : polygon_layer)"
        case "street":
            return f"inside(({against}.sized({um}) - {against}) ^ {of}, period)"
        case _:
            return of


def _count(rule: Rule, um: str) -> str:
    apart = f".outside(t_{rule.outside})" if rule.outside else ""
    of, against = f"t_{rule.of}{apart}.data.count", f"t_{rule.against}{apart}.data.count"
    wrong = {"at least": "<", "at most": ">", "equal": "!="}[rule.relation]
    return f"({of} {wrong} {um} * {against} ? marked(t_{rule.against}.data.bbox) : polygon_layer)"


def _masks(deck: Deck, rule: Rule) -> Iterator[str]:
    on_web = rule.view == "web"
    prefix = "w" if on_web else "d"
    for name in deck.subject.masks_of(rule):
        mask = deck.pdk.masks[name]
        wanted = _layers(mask.expression, prefix)
        if mask.bias.value:
            wanted = f"{wanted}.sized({_number(mask.bias.value)})"
        marker = f"({wanted} ^ {prefix}_{name})"
        yield f"inside({marker}, period)" if on_web else marker


def _shorts(deck: Deck) -> Iterator[str]:
    nets = nets_of(deck.subject.template.template)
    for low, high, films in nets.pairs():
        if nets.opposite(low, high):
            yield f"({_bare(low, films)} & d_{high})"
    for first, second in nets.lateral():
        if nets.opposite(first, second):
            yield f"touching(d_{first}, d_{second})"


def _insulation(deck: Deck, um: str) -> Iterator[str]:
    nets = nets_of(deck.subject.template.template)
    for low, high, films in nets.pairs():
        if nets.opposite(low, high):
            for covered, bare in ((low, high), (high, low)):
                yield f"(d_{covered} & {_bare(bare, films)})"
                yield f"d_{covered}.separation({_bare(bare, films)}, {um}, euclidian, transparent)"
    for first, second in nets.lateral():
        if nets.opposite(first, second):
            yield f"(d_{first} & d_{second})"
            yield f"d_{first}.separation(d_{second}, {um}, euclidian, transparent)"


def _opens(deck: Deck) -> Iterator[str]:
    """Lines that go from the terminal metal of each pole inwards, as often as there are conductors.

    ``r_`` is what has been reached of a layer.
    """
    nets = nets_of(deck.subject.template.template)
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


def _bare(layer: str, films: tuple[str, ...]) -> str:
    return f"({' - '.join([f'd_{layer}', *(f'd_{film}' for film in films)])})"


def _drawn(deck: Deck) -> list[str]:
    return [name for name in deck.pdk.layers if name in deck.subject.places.used]


def _layers(text: str, prefix: str) -> str:
    """A layer expression in the script's words, every operation in parentheses."""

    def words(expression: Expression) -> str:
        if isinstance(expression, str):
            return f"{prefix}_{expression}"
        return f"({words(expression.left)} {_SIGNS[expression.operation]} {words(expression.right)})"

    return words(parse_layers(text))


def _number(value: float) -> str:
    text = plain(value, 12)
    return text if "." in text or "e" in text else f"{text}.0"
