"""The layers of a kit's layout, and the masks that are derived from them: ``layers.toml`` and ``masks.toml``."""

from typing import Literal

from pydantic import Field

from layoutgen.pdk.measures import Bias, Colour
from layoutgen.record import Record


class Layer(Record):
    """One layer of the layout."""

    number: int = Field(ge=0, le=255)
    """Layer number in GDSII and OASIS."""
    datatype: int = Field(default=0, ge=0, le=255)
    """Data type in GDSII and OASIS."""
    purpose: Literal["drawn", "mask", "mark"]
    """Design intent, what a tool does, or help for people and machines."""
    stage: Literal["web", "stack"]
    """Patterned on the web, or added to the stack of cells."""
    colour: Colour
    """Colour in viewers and drawings."""
    description: str = Field(min_length=3)
    """What the layer stands for."""


class Mask(Record):
    """One tool operation, derived from drawn layers."""

    number: int = Field(ge=1, le=999)
    """Order of the operations."""
    title: str = Field(min_length=3)
    """What the operation does."""
    expression: str = Field(min_length=1)
    """Drawn layers joined by + (union), - (difference) and & (intersection)."""
    tool: str = Field(min_length=3)
    """Kind of tool."""
    polygon_tone: Literal["clear", "dark"]
    """Whether the digitised data are clear or dark on the tool."""
    bias: Bias
    """Growth of every edge that is already in the data, positive outwards."""
