"""The colour of a film: that of its layer in the process, told apart where several films share a layer."""

from typing import TYPE_CHECKING, Final

from layoutgen.template import Template

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

LITHIUM: Final = "#dfe3e8"
"""Plated lithium has no layer of its own: it lies where the layer above it is."""


def lighter(colour: str, share: float) -> str:
    """A colour as ``#rrggbb``, mixed with a share (0 to 1) of white."""
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in parts)


def film_colour(pdk: "Pdk", template: Template, layer: str, film: str, lightness: float = 0.0) -> str:
    """The colour of a film, ``lightness`` (0 to 1) lighter than its layer; the lowest of several most."""
    if film == "lithium":
        return LITHIUM
    films = [place.film for place in template.films if place.layer == layer]
    others = [name for name in films if name != "lithium" and getattr(pdk.stack, name) is not None]
    above = len(others) - 1 - others.index(film) if film in others else 0
    return lighter(pdk.layers[layer].colour, min(lightness + 0.25 * above, 0.85))
