"""Numbers on the page: every one is read from design.json by its key path and carries that path with it.

The templates have no other way to show a figure, so a figure that design.json does not hold cannot appear. An
element carries ``data-path``, ``data-value`` (the exact value) and ``data-format``; a test reads them back.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from layoutgen.pdk.quantity import Kind
from layoutgen.report.trace import Trace, lookup
from layoutgen.units import counted, plain

MISSING = Markup("—")
_DATA = Markup(' data-path="%s" data-value="%s" data-format="%s">%s')
ASSUMED = Markup(' title="assumed value; illustrative, not foundry data"')


def formatted(value: float, style: str) -> str:
    """A number in one of the page's styles: ``f2`` two decimals, ``g4`` four significant digits, ``p1`` percent
    with one decimal, ``m3`` seconds in minutes with three digits, ``d`` a whole number, ``r`` as it is.
    """
    kind, digits = style[0], int(style[1:] or 0)
    match kind:
        case "f":
            return f"{value:.{digits}f}"
        case "g" | "m":
            return plain(float(value) / (60 if kind == "m" else 1), digits)
        case "p":
            return f"{value * 100:.{digits}f}"
        case "d":
            return f"{round(value)}"
        case "s":
            text = f"{value:+.{digits}f}"
            return text if float(text) else "0"
        case _:
            return plain(float(value), 12)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the templates call to show figures of one design."""

    document: Mapping[str, Any]
    trace: Trace

    def fig(
        self, path: str, style: str = "g4", unit: str | None = None, *, link: bool = True, assumed: bool = False
    ) -> Markup:
        """A figure by its key path, linked to its formula where there is one.

        ``assumed`` marks a figure that repeats an assumed value of the process; figures that rest on one are marked
        by themselves.
        """
        value = lookup(self.document, path)
        if not isinstance(value, int | float) or isinstance(value, bool):
            return MISSING
        figure = self.trace.figures.get(path)
        shown = unit if unit is not None else figure.unit if figure else ""
        kind, told = ("assumed", ASSUMED) if assumed else ("", Markup(""))
        if figure and figure.assumed:
            count = len(figure.assumed)
            kind = "rests"
            told = Markup(' title="rests on %s"') % counted(count, "assumed value")
        classes = f"fig {kind}".strip()
        if link and figure:
            start, end = Markup('<a class="%s"%s href="#t-%s"') % (classes, told, path), Markup("</a>")
        else:
            start, end = Markup('<span class="%s"%s') % (classes, told), Markup("</span>")
        data = _DATA % (path, json.dumps(value), style, formatted(value, style))
        return start + data + end + self.unit(shown)

    def unit(self, unit: str) -> Markup:
        """A unit as people write it, after a narrow space."""
        if not unit or unit == "1":
            return Markup("")
        return Markup('<span class="unit">\u202f%s</span>') % pretty_unit(unit)

    def quantity(self, path: str) -> Markup:
        """A value of the process as its file states it, marked where assumed."""
        stated = lookup(self.document, f"pdk.content.{path}")
        if not isinstance(stated, Mapping):
            return MISSING
        kind, told = ("fig assumed", ASSUMED) if stated.get("kind") == Kind.ASSUMED else ("fig", Markup(""))
        key, value = f"pdk.content.{path}.value", stated["value"]
        start = Markup('<a class="%s"%s href="#q-%s"') % (kind, told, path)
        body = start + _DATA % (key, json.dumps(value), "r", formatted(value, "r")) + Markup("</a>")
        return body + self.unit(str(stated["unit"]))


def pretty_unit(unit: str) -> str:
    """``um`` as µm, ``cm2`` as cm², ``ohm`` as Ω, ``degC`` as °C."""
    for plain_text, written in _PRETTY:
        unit = unit.replace(plain_text, written)
    return unit


_PRETTY = (
    ("uohm", "µΩ"), ("ohm", "Ω"), ("um", "µm"), ("uAh", "µAh"), ("degC", "°C"), ("cm3", "cm³"), ("cm2", "cm²"),
    ("mm3", "mm³"), ("mm2", "mm²"), ("1/m2", "per m²"), ("1/m", "per m"),
)  # fmt: skip
