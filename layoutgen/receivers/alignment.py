"""What each mask is aligned to, which pass makes the marks for it, and where they stand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layoutgen.layer_expressions import layers_of
from layoutgen.layout.dbu import to_mm_text
from layoutgen.layout.marks import FIDUCIAL
from layoutgen.layout.measure import LayoutIndex
from layoutgen.pdk.layers import masks_of_marks

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

NONE_DRAWN = "none: this repeat has no fiducials; passes of one set-up against each other"


@dataclass(frozen=True, slots=True)
class Fiducials:
    """The fiducials of a repeat: which mask makes them (empty: none does), and (field, x, y) of each, dbu."""

    mask: str
    places: tuple[tuple[int, int, int], ...]

    @staticmethod
    def of(index: LayoutIndex, pdk: "Pdk") -> "Fiducials":
        """Those that are drawn, field by field from the left, each from 1 as its name counts."""
        makers = [name for name, expression in masks_of_marks(pdk).items() if FIDUCIAL in layers_of(expression)]
        drawn = []
        if FIDUCIAL in index.cells:
            for parent, placement in index.placements_of(FIDUCIAL):
                drawn.append((int(parent.rpartition("_")[2]), *placement.origin))
        return Fiducials(makers[0] if makers else "", tuple(drawn))

    def partner(self, name: str, pdk: "Pdk") -> tuple[str, float]:
        """What a mask is aligned to, and how far it may lie off, um."""
        on_web, laser = pdk.layers[name].stage == "web", pdk.laser
        if not on_web:
            return "edge of the foil", laser.overlay_between.value
        if name in masks_of_marks(pdk):
            return "edge of the web", laser.overlay_between.value
        if not self.places:
            return NONE_DRAWN, laser.overlay.value
        made = f" that mask {self.mask} makes" if self.mask else ""
        return f"fiducials of the field{made}, one set-up", laser.overlay.value

    def document(self, dbu_nm: int) -> dict[str, Any]:
        """The part ``fiducials`` of an order, mm."""
        places = [
            {"field": field, "x_mm": float(to_mm_text(x, dbu_nm)), "y_mm": float(to_mm_text(y, dbu_nm))}
            for field, x, y in self.places
        ]
        return {"mask": self.mask or None, "places": places}


def fiducials_text(fiducials: dict[str, Any]) -> str:
    """The fiducials of an order in words."""
    places = fiducials["places"]
    if not places:
        return "none drawn on this repeat"
    made = f"mask {fiducials['mask']} makes them" if fiducials["mask"] else "no mask makes them"
    named = "; ".join(f"F{place['field']} at {place['x_mm']:g}, {place['y_mm']:g}" for place in places)
    return f"{len(places)}, {made}; middle, mm: {named}"
