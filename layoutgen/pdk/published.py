"""What has been shown in public, for a design to be read beside: ``published.toml``."""

from collections.abc import Iterable, Mapping

from pydantic import Field

from layoutgen.pdk.measures import CurrentDensity, EnergyDensity, Layers
from layoutgen.pdk.quantity import Quantity
from layoutgen.record import KitRecord


class PublishedPart(KitRecord):
    """A part or an experiment that somebody has published, and what of it compares with a design."""

    part: str = Field(min_length=3)
    """Who has shown what, and when."""
    layers: Layers | None = None
    """Cells that are stacked in parallel."""
    energy_density: EnergyDensity | None = None
    """Energy over the volume of the package; a flag on every design that is beyond the high end of all."""
    plating_current: CurrentDensity | None = None
    """Largest current density at which lithium was plated and stripped."""
    alike: bool = True
    """Whether it is of a kind that a design of the kit may be compared with; false for another kind of cell."""


def most_published(parts: Mapping[str, PublishedPart], figure: str) -> tuple[PublishedPart, float] | None:
    """The part of a like kind that has most of a figure (``layers``, ``energy_density``), with its high end."""
    found: Iterable[tuple[PublishedPart, Quantity | None]] = (
        (item, getattr(item, figure)) for item in parts.values() if item.alike
    )
    stated = [(item, value.value if value.high is None else value.high) for item, value in found if value]
    return max(stated, key=lambda pair: pair[1], default=None)
