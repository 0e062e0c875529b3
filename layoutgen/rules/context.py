"""What a check is made on: a design, its layout, and the numbers of its process in database units."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box
from layoutgen.layout.cell import CELL
from layoutgen.layout.model import Layout
from layoutgen.pdk.layers import masks_of_marks
from layoutgen.pdk.limits import limit_of
from layoutgen.pdk.rule import Rule
from layoutgen.pdk.values import numbers
from layoutgen.rules.windows import Window, Windows

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk
    from layoutgen.template import BoundTemplate

_SLACK_DBU = 1e-6
"""Below this a difference is rounding of the limit, not geometry."""


@dataclass(frozen=True)
class Context:
    """A layout and what is known about it. ``figures`` may hold None for what a design does not have.

    ``devices`` are the cells that are devices, the first the one that rules of the device look at.
    """

    pdk: "Pdk"
    template: "BoundTemplate"
    layout: Layout
    repeat_dbu: int
    figures: Mapping[str, float | None]
    devices: tuple[str, ...] = (CELL,)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Quantities of the PDK and figures of the design."""
        return {**numbers(self.pdk), **self.figures}

    @cached_property
    def windows(self) -> Windows:
        """Where to look."""
        layers = self.pdk.layers.items()
        web = {name for name, layer in layers if layer.stage == "web" and layer.purpose in {"drawn", "mask"}}
        web -= masks_of_marks(self.pdk).keys()
        lines = {name for name in ("CUT_CENTER",) if name in self.pdk.layers}
        kerf = round(self.to_dbu(self.template.street_um()))
        markers = frozenset(rule.outside for rule in self.pdk.rules.values() if rule.outside)
        return Windows(self.layout, self.repeat_dbu, kerf, frozenset(web | lines), markers, self.devices)

    @cached_property
    def each_device(self) -> "tuple[Context, ...]":
        """The same context for each cell that is a device."""
        return (self, *(replace(self, devices=(name,)) for name in self.devices[1:]))

    def to_dbu(self, value_um: float) -> float:
        """um as dbu, not rounded."""
        return value_um * 1000.0 / self.layout.dbu_nm

    def limit(self, rule: Rule) -> float:
        """The limit of a rule in its own unit."""
        return limit_of(rule, self.values, "rules")

    def least_dbu(self, rule: Rule) -> float:
        """A least length in dbu, less what rounding may have added."""
        return self.to_dbu(self.limit(rule)) - _SLACK_DBU

    def from_dbu(self, value: float, rule: Rule) -> float:
        """A length or an area in dbu in the unit of the rule."""
        if rule.unit == "1":
            return value
        um = self.layout.dbu_nm / 1000.0
        return {"um": value * um, "mm": value * um / 1000, "um2": value * um**2}[rule.unit]

    def masks_of(self, rule: Rule) -> tuple[str, ...]:
        """The masks that a rule of check ``mask`` looks at: those of its view, or those of them that it names.

        View ``cells`` is for masks of marks, ``web`` for the others of the web, ``device`` for those of the stack.
        """
        marks = masks_of_marks(self.pdk)
        home = {
            name: "cells" if name in marks else "web" if self.pdk.layers[name].stage == "web" else "device"
            for name in self.pdk.masks
        }
        return tuple(name for name in home if home[name] == rule.view and (not rule.layers or name in rule.layers))

    def windows_of(self, rule: Rule) -> tuple[Window, ...]:
        """The windows that a rule's view looks at."""
        match rule.view:
            case "device":
                found: tuple[Window, ...] = (self.windows.device,)
            case "web":
                found = self.windows.web
            case "frame":
                found = (self.windows.frame,)
            case _:
                found = self.windows.cells
        return tuple(window.beside(rule.outside) for window in found) if rule.outside else found


def box_of(region: BaseGeometry) -> Box:
    """The box around a region in whole dbu."""
    x0, y0, x1, y1 = (round(float(value)) for value in region.bounds)
    return x0, y0, x1, y1
