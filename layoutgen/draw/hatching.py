"""Which material of a section has which hatching, so that a print in black and white tells them apart.

ISO 128-50 asks for continuous thin lines, another direction or spacing where parts meet, and leaves what a pattern
means to the drawing: the labels of the cross-section show it. Metals have lines at 45 degrees, insulators crossed
lines, what moves charge dashes, lithium level lines.
"""

from dataclasses import dataclass
from typing import Final

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.scene import Box, Hatch
from layoutgen.draw.section import Slab

FILM_HATCHES: Final[dict[str, Hatch]] = {
    "substrate": Hatch(45.0, 2.4),
    "barrier": Hatch(0.0, 0.85),
    "cathode_collector": Hatch(135.0, 0.9),
    "cathode": Hatch(45.0, 1.4, (2.2, 0.9)),
    "electrolyte": Hatch(90.0, 1.0),
    "anode": Hatch(0.0, 1.7),
    "lithium": Hatch(0.0, 1.2, (1.6, 0.8)),
    "anode_collector": Hatch(45.0, 0.8),
    "film_lower": Hatch(45.0, 2.0, crossed=True),
    "tab": Hatch(135.0, 1.2),
    "film_upper": Hatch(0.0, 1.8, crossed=True),
}
INSULATING_SUBSTRATE: Final = Hatch(90.0, 2.4, (3.0, 1.2))
TERMINAL: Final = Hatch(135.0, 1.8)
CONTACT: Final = Hatch(135.0, 3.0)
ENCAPSULATION: Final = Hatch(45.0, 3.2, (0.9, 1.8))
LEAST_MM: Final = 1.6
"""Thinner on paper, a piece stays without lines: too few of them would fall on it to be told apart."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a material is drawn in a section."""

    fill: str
    hatch: Hatch | None

    def hatch_on(self, box: Box) -> Hatch | None:
        """The hatching of a piece, where it is thick enough on paper to carry one."""
        return self.hatch if min(box.x1 - box.x0, box.y1 - box.y0) >= LEAST_MM else None


def film_look(inputs: DrawingInputs, film: str, layer: str) -> Look:
    """The look of a film of the stack."""
    insulator = film == "substrate" and not inputs.pdk.stack.substrate.conductive
    hatch = INSULATING_SUBSTRATE if insulator else FILM_HATCHES.get(film)
    return Look(inputs.film_colour(layer, film, 0.45), hatch)


def slab_look(inputs: DrawingInputs, slab: Slab) -> Look:
    """The look of a piece of a cut layer: a film, or the metal that fills a contact land."""
    if slab.film == "land":
        return Look(inputs.colour(slab.layer, 0.7), CONTACT)
    return film_look(inputs, slab.film, slab.layer)


def solid_look(inputs: DrawingInputs, layer: str, net: str) -> Look:
    """The look of a part of the package: metal where it has a pole, else encapsulation."""
    return Look(inputs.colour(layer, 0.45), TERMINAL) if net else Look(inputs.colour(layer, 0.75), ENCAPSULATION)
