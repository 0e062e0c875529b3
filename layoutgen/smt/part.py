"""The part as a board sees it: limits of its body and of its terminals."""

from dataclasses import dataclass
from typing import Literal

from layoutgen.sizing.device import DeviceDesign
from layoutgen.template import BoundTemplate

Style = Literal["end-cap", "bottom"]


@dataclass(frozen=True, slots=True)
class Limits:
    """A dimension in mm with its +- tolerance; 0 where the process design kit gives none."""

    nominal_mm: float
    tolerance_mm: float = 0.0

    @property
    def least_mm(self) -> float:
        return self.nominal_mm - self.tolerance_mm

    @property
    def most_mm(self) -> float:
        return self.nominal_mm + self.tolerance_mm


@dataclass(frozen=True, slots=True)
class SolderPart:
    """Body and terminals; length along the terminal axis. The two terminals are alike.

    ``inset_mm`` is how far a terminal starts inside the end of the body (0 for end caps); ``standoff`` is how
    far the body is above the board.
    """

    length: Limits
    width: Limits
    height: Limits
    terminal_length: Limits
    terminal_width: Limits
    standoff: Limits
    inset_mm: float
    style: Style
    no_reflow: str = ""
    """Why the part must not be reflowed, so that it takes no paste; empty where it may be."""


def solder_part(design: DeviceDesign, template: BoundTemplate) -> SolderPart:
    """The limits of a device; the terminals are those that its template names."""
    size_um = (design.cell_length_um, design.cell_width_um)
    positive = template.rectangles(*size_um)[template.template.terminals.positive]
    outline = template.package(*size_um)
    terminal_width_um = float(positive.y1 - positive.y0)
    whole_width = abs(terminal_width_um - design.package_width_um) < 1e-6
    across_um = design.tolerance_width_um if whole_width else design.tolerance_terminal_um
    return SolderPart(
        length=Limits(design.package_length_um / 1000, design.tolerance_length_um / 1000),
        width=Limits(design.package_width_um / 1000, design.tolerance_width_um / 1000),
        height=Limits(design.package_height_um / 1000, design.tolerance_height_um / 1000),
        terminal_length=Limits(design.terminal_length_um / 1000, design.tolerance_terminal_um / 1000),
        terminal_width=Limits(terminal_width_um / 1000, across_um / 1000),
        standoff=Limits(template.terminal_metal_um() / 1000, (design.tolerance_standoff_um or 0.0) / 1000),
        inset_mm=float(positive.x0 - outline.x0) / 1000,
        style=template.template.terminals.style,
        no_reflow=design.no_reflow,
    )
