"""What every sheet is drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from layoutgen.draw.colours import film_colour, lighter
from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.device import DeviceDesign
from layoutgen.template import BoundTemplate, Rect
from layoutgen.titleblock import Title
from layoutgen.web.plan import WebPlan


@dataclass(frozen=True)
class DrawingInputs:
    """One design with its process, its web plan (in dbu of ``dbu_nm``) and its title block."""

    design: DeviceDesign
    loaded: LoadedPdk
    template: BoundTemplate
    plan: WebPlan
    dbu_nm: float
    title: Title
    identity: str = ""
    """Short name of the design, which tells it from others of its name."""

    @property
    def pdk(self) -> Pdk:
        return self.loaded.pdk

    @property
    def cell_um(self) -> tuple[float, float]:
        return self.design.cell_length_um, self.design.cell_width_um

    @cached_property
    def _rectangles(self) -> Mapping[str, Rect]:
        return self.template.rectangles(*self.cell_um)

    def rectangles(self) -> Mapping[str, Rect]:
        """Every element's outline; sheets ask for them again and again."""
        return self._rectangles

    def colour(self, layer: str, lightness: float = 0.0) -> str:
        """The PDK's colour of a layer, mixed with white by ``lightness``."""
        return lighter(self.pdk.layers[layer].colour, lightness)

    def film_colour(self, layer: str, film: str, lightness: float = 0.25) -> str:
        """The colour of a film in a section; films that share a layer's outline are told apart by lightness."""
        return film_colour(self.pdk, self.template.template, layer, film, lightness)

    def mm(self, dbu: float) -> float:
        return dbu * self.dbu_nm * 1e-6
