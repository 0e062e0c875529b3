"""The schema of a process design kit (PDK): what a process engineer states, table by table.

The TOML files of a PDK folder are read as one document; which file a table stands in is the author's choice.
Lengths across the foil and in the plane are um here; the docstring of a field is what ``layoutgen pdk explain``
prints for it.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from layoutgen.pdk.electrical import Electrical
from layoutgen.pdk.flow import Flow
from layoutgen.pdk.layers import Layer, Mask
from layoutgen.pdk.measures import KitName, LayerName, OptionalLength, StructureName
from layoutgen.pdk.process import Assembly, Cell, Package, Stack, Yield
from layoutgen.pdk.published import PublishedPart
from layoutgen.pdk.review import Criterion
from layoutgen.pdk.rule import Rule, RuleId
from layoutgen.pdk.values import numbers
from layoutgen.pdk.web import Laser, Marks, ProcessStructure, Web
from layoutgen.pdk.webtest import WebTest
from layoutgen.record import Form, KitRecord, refusal


class Pdk(KitRecord):
    """A process design kit, checked."""

    schema_: Literal["layoutgen.pdk/1"] = Field(alias="schema")
    """Version of this schema."""
    name: KitName
    """Name of the PDK: lower case letters, digits and hyphens."""
    version: Annotated[str, Form(r"\d+\.\d+\.\d+", "three numbers with dots, such as 0.1.0")]
    """Version of the PDK, as 1.2.3."""
    title: str = Field(min_length=3)
    """One line for people."""
    disclaimer: str
    """What the tool prints about the trust in these numbers; empty for foundry data."""
    unproven: str = ""
    """What this kit supposes that nobody has shown; a flag on every answer. Empty where there is nothing."""
    template: str = Field(min_length=1)
    """Device template: a name among templates/devices, or a path."""
    stack: Stack
    """Films of one layer of the stack."""
    cell: Cell
    """Electrochemistry of one cell."""
    yield_: Yield = Field(alias="yield")
    """Defects, screening and stacking."""
    assembly: Assembly
    """In which order cells are stacked; a kit that does not say so has that of `anodeless-ss`, the careful one."""
    electrical: Electrical
    """Voltage, resistance, charge and leakage."""
    laser: Laser
    """The dry patterning step: overlay, heat-affected zone, smallest feature."""
    device: dict[str, OptionalLength] = Field(min_length=1)
    """Lengths that the device template names."""
    web: Web
    """The web, how it is patterned, and the grid of cell sizes."""
    marks: Marks
    """Fiducials, labels and needle targets."""
    structures: dict[
        StructureName,
        ProcessStructure,
    ] = Field(default_factory=dict)
    """Process-control structures by name; ``web.structures`` says which are drawn."""
    package: Package
    """Lids, tolerances and limits of the finished part."""
    layers: dict[LayerName, Layer]
    """Layers of the layout by name: capital letters, digits and underscores."""
    masks: dict[LayerName, Mask]
    """Tool operations by name; a mask has a layer of the same name."""
    flow: Flow | None = None
    """How the web is patterned: passes, isolation, contact."""
    rules: dict[RuleId, Rule] = Field(min_length=1)
    """Design rules by id; ``layoutgen rule`` prints them."""
    review: tuple[Criterion, ...] = ()
    """Checklist of the design review."""
    published: dict[StructureName, PublishedPart] = Field(default_factory=dict)
    """Parts and experiments that somebody has shown in public; a design that is beyond them says so."""
    test: WebTest | None = None
    """How cells are tested and binned; those of `anodeless-ss` stand in where a kit has none."""

    def numbers(self) -> dict[str, float]:
        """The number of every quantity by its key path, in the unit that the schema counts in."""
        return numbers(self)

    @property
    def films(self) -> tuple[str, ...]:
        """The films that a stack may have, from the substrate up."""
        return tuple(Stack.model_fields)

    @property
    def drawn_structures(self) -> tuple[str, ...]:
        """The structures that every repeat holds, each once."""
        names = tuple(dict.fromkeys(name.strip() for name in self.web.structures.split(",")))
        return () if names == ("none",) else names

    @model_validator(mode="after")
    def _structures_are_known(self) -> Self:
        unknown = [name for name in self.drawn_structures if name not in self.structures]
        if unknown:
            known = ", ".join(["none", *self.structures])
            raise refusal(f"there is no structure {unknown[0]!r}", at="web.structures", allowed=known)
        if self.drawn_structures and self.web.guillotine_only:
            raise refusal("cannot be combined with web.guillotine_only", at="web.structures")
        return self

    @model_validator(mode="after")
    def _criteria_are_unique(self) -> Self:
        names = [item.id for item in self.review]
        double = next((name for name in names if names.count(name) > 1), None)
        if double:
            raise refusal(f"criterion {double} stands there twice", at="review")
        return self

    @model_validator(mode="after")
    def _layers_are_unique(self) -> Self:
        seen: dict[tuple[int, int], str] = {}
        for name, layer in self.layers.items():
            other = seen.setdefault((layer.number, layer.datatype), name)
            if other != name:
                what = f"layers {other} and {name} share number {layer.number}/{layer.datatype}"
                raise refusal(what, at=f"layers.{name}.number")
        missing = [name for name in self.masks if name not in self.layers]
        if missing:
            raise refusal(f"mask {missing[0]} has no layer of the same name", at=f"masks.{missing[0]}")
        numbers: dict[int, str] = {}
        for name, mask in self.masks.items():
            other = numbers.setdefault(mask.number, name)
            if other != name:
                raise refusal(f"masks {other} and {name} share number {mask.number}", at=f"masks.{name}.number")
        return self
