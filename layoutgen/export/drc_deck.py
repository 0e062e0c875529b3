"""The design rules as a KLayout DRC script, so that whoever receives the masks can check them independently.

Run it as ``klayout -b -r NAME.drc -rd input=NAME.gds -rd report=NAME.lyrdb``. It works flat on one repeat with its
neighbours, and on the cells CELL and STACK laid on top of each other. Every rule is a category of the report.
"""

from collections.abc import Iterator
from typing import Final

from layoutgen.export import deck_lines
from layoutgen.export.deck_lines import Deck, measured, number, reached
from layoutgen.layout.cell import CELL, STACK
from layoutgen.pdk.checks import CHECKS
from layoutgen.pdk.limits import derivation
from layoutgen.pdk.rule import Rule
from layoutgen.rules.context import Context

NOT_IN_DECK = frozenset(name for name, check in CHECKS.items() if not check.deck)
"""Checks that the deck leaves to ``layoutgen check``: no geometry, lines without width, hierarchy."""
_HELPERS: Final = """\
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


def drc_deck(context: Context, name: str) -> str:
    """The script for one design.

    Args:
        context: the design's layout, process and figures.
        name: of the design, for the report's title.
    """
    regime = context.pdk.web.regime
    rules = {
        key: rule
        for key, rule in sorted(context.pdk.rules.items())
        if rule.check not in NOT_IN_DECK and (not rule.regimes or regime in rule.regimes)
    }
    deck = Deck(context, rules)
    left = [key for key, rule in sorted(context.pdk.rules.items()) if rule.check in NOT_IN_DECK]
    lines = [
        f"# Design rules of {context.pdk.name} {context.pdk.version} for {name}, for KLayout 0.28 or later.",
        f"# klayout -b -r {name}.drc -rd input={name}.gds -rd report={name}.lyrdb",
        f"# Left to layoutgen check: {', '.join(left)}.",
        "",
        "source($input) if $input",
        f'report("Design rules of {name}", $report || "{name}.lyrdb")',
        "",
        _HELPERS.replace("UNIT_UM", number(context.layout.dbu_nm / 1000)),
        f"period = {context.repeat_dbu}  # database units",
        *_inputs(deck),
    ]
    for key, rule in rules.items():
        lines += ["", f"# {key}: {rule.statement}"]
        if rule.needs.limit:
            lines.append(f"# {rule.limit} = {derivation(rule, context.values)}")
        if rule.check == "open":
            lines += reached(deck)
        lines += _rule(deck, key, rule)
    return "\n".join(lines) + "\n"


def _inputs(deck: Deck) -> Iterator[str]:
    """One variable for each layer in each view: d_ device, w_ web with neighbouring repeats, t_ whole top cell."""
    yield f'on_cell = source.cell("{CELL}")'
    yield f'on_stack = source.cell("{STACK}")'
    for name, layer in deck.pdk.layers.items():
        numbers = f"{layer.number}, {layer.datatype}"
        yield f"t_{name} = input({numbers})"
        home = "on_cell" if layer.stage == "web" else "on_stack"
        yield f"d_{name} = {home}.input({numbers})"
        if layer.stage == "web":
            yield (
                f"w_{name} = period > 0 ? t_{name} + t_{name}.moved(0, period * unit)"
                f" + t_{name}.moved(0, -period * unit) : t_{name}"
            )


def _rule(deck: Deck, key: str, rule: Rule) -> Iterator[str]:
    title = f"{key}: {rule.title}".replace('"', "'")
    markers = getattr(deck_lines, CHECKS[rule.check].deck)
    for expression in markers(measured(deck, rule)):
        yield f'{expression}.output("{key}", "{title}")'
