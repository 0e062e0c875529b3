"""The layers of a kit's layout, and the masks that are derived from them: ``layers.toml`` and ``masks.toml``."""

from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field

from layoutgen.errors import PdkError, Problem, did_you_mean
from layoutgen.layer_expressions import ALLOWED, Expression, layers_of, parse_layers
from layoutgen.pdk.measures import Bias, Colour
from layoutgen.record import KitRecord

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk


PATTERNED_MARKS: Final = ("FIDUCIAL", "LABEL")
"""Marks beside the cells that a tool makes, so that a mask may hold them."""


class Layer(KitRecord):
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


class Mask(KitRecord):
    """One tool operation, derived from drawn layers."""

    number: int = Field(ge=0, le=999)
    """Order of the operations; 0 is for the marks that all others are aligned to."""
    title: str = Field(min_length=3)
    """What the operation does."""
    expression: str = Field(min_length=1)
    """Drawn layers, or the marks FIDUCIAL and LABEL, joined by + (union), - (difference) and & (intersection)."""
    tool: str = Field(min_length=3)
    """Kind of tool."""
    polygon_tone: Literal["clear", "dark"]
    """Whether the digitised data are clear or dark on the tool."""
    bias: Bias
    """Growth of every edge that is already in the data, positive outwards."""


def masks_of_marks(pdk: "Pdk") -> dict[str, Expression]:
    """The masks that hold marks beside the cells, and their expressions."""
    return {
        name: expression
        for name, expression in parse_masks(pdk).items()
        if set(layers_of(expression)) & set(PATTERNED_MARKS)
    }


def parse_masks(pdk: "Pdk") -> dict[str, Expression]:
    """The expression of every mask, in mask order.

    Raises:
        PdkError: an expression does not parse, uses an unknown layer, or mixes web and stack layers.
    """
    problems: list[Problem] = []
    found: dict[str, Expression] = {}
    for name, mask in sorted(pdk.masks.items(), key=lambda item: item[1].number):
        where = f"masks.{name}.expression"
        try:
            expression = parse_layers(mask.expression)
        except ValueError:
            problems.append(Problem(f"{mask.expression!r} is not a mask expression", where, ALLOWED))
            continue
        drawn = [key for key, layer in pdk.layers.items() if layer.purpose == "drawn" or key in PATTERNED_MARKS]
        unknown = [layer for layer in layers_of(expression) if layer not in drawn]
        problems += [
            Problem(f"there is no drawn layer {layer!r}", where, remedy=did_you_mean(layer, drawn))
            for layer in unknown
        ]
        if 0 < len(set(layers_of(expression)) & set(PATTERNED_MARKS)) < len(set(layers_of(expression))):
            problems.append(
                Problem("mixes marks with layers of the cells", where, remedy="a mask of its own for marks")
            )
        stages = {pdk.layers[layer].stage for layer in layers_of(expression) if layer not in unknown}
        if stages - {pdk.layers[name].stage}:
            problems.append(Problem(f"mixes stages; the mask is of the {pdk.layers[name].stage} stage", where))
        found[name] = expression
    if problems:
        raise PdkError(problems)
    return found
