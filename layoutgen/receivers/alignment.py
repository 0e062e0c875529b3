"""What each mask is aligned to, which pass makes the marks for it, and where they stand."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layoutgen.layer_expressions import layers_of
from layoutgen.layout.dbu import to_mm_text
from layoutgen.layout.marks import FIDUCIAL
from layoutgen.layout.measure import LayoutIndex
from layoutgen.pdk.flow import overlay_um
from layoutgen.pdk.layers import masks_of_marks

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_FIELD = "fiducials of the field"
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
        """What a mask is aligned to, and how far it may lie off, um; as the flow of the kit states it, if any."""
        on_web, laser = pdk.layers[name].stage == "web", pdk.laser
        step = pdk.flow.passes[name] if pdk.flow is not None else None
        to_marks = on_web and name not in masks_of_marks(pdk)
        usual = laser.overlay if to_marks else laser.overlay_between
        budget_um = usual.value if step is None else overlay_um(pdk, step)
        if step is not None:
            against = step.against
        else:
            against = _FIELD if to_marks else "edge of the web" if on_web else "edge of the foil"
        if against != _FIELD:
            return against, budget_um
        if not self.places:
            return NONE_DRAWN, budget_um
        made = f" that mask {self.mask} makes" if self.mask else ""
        return f"{against}{made}, one set-up", budget_um

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
