"""The line of a kit: the laser, the web, and what a repeat holds beside cells.

In the shipped kits these tables stand in ``web.toml`` and ``structures.toml``.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from layoutgen.pdk.measures import Length, OptionalLength
from layoutgen.record import Form, KitRecord, refusal
from layoutgen.web.plan import Regime


class Laser(KitRecord):
    """The dry patterning step."""

    overlay: Length
    """Laser to fiducial, within one set-up of the web."""
    overlay_between: Length
    """Anything placed against an earlier pass of the web, and films on the stack."""
    heat_affected_zone: Length
    """Width beside an ablated edge that may be damaged."""
    margin: Length
    """What is added to overlay and heat-affected zone to give the setback."""
    min_feature: Length
    """Smallest line or space that the laser makes."""


class Web(KitRecord):
    """The web and how it is patterned; x is cross-web, y along the web."""

    form: Literal["roll", "plate"] = "roll"
    """A web from a roll, or single plates, each a repeat: what drawings, summaries and orders call it."""
    regime: Regime
    """Field by field (scanner), continuously, or with a given repeat (drum, stepper, plate)."""
    width: Length
    """Web width."""
    edge: OptionalLength
    """Unusable at each edge."""
    field_width: Length
    """Scanner reach across the web; the outer cut of a field included."""
    field_length: Length
    """Scanner reach along the web; the outer cut of a field included."""
    field_gap: OptionalLength
    """Left between fields, for fiducials and the field label."""
    repeat_length: Length | None = None
    """Length of the repeat, given exactly when the regime is fixed."""
    roller_radius: Length | None = None
    """Radius of the smallest roller that the coated web runs around; none where plates are coated."""
    kerf: Length
    """Width that the cut takes away."""
    rotation_allowed: bool
    """Whether cells may be turned by 90 degrees on the web."""
    size_grid: Length
    """Cell dimensions are multiples of this."""
    structures: Annotated[
        str, Form(r"[a-z0-9][a-z0-9-]*( *, *[a-z0-9][a-z0-9-]*)*", "none, or names of structures with commas")
    ] = "none"
    """Structures drawn in every repeat: none, or names with commas."""
    guillotine_only: bool = False
    """Whether cells are parted by straight cuts from edge to edge of a field, as a saw does."""
    slits: Annotated[
        str,
        Form(
            r"(none|[1-9]\d?|[\d.]+( *, *[\d.]+)*)",
            "none, a number of equal strips such as 2, or middles of slits in mm such as 100, 200",
        ),
    ] = "none"
    """Slits along the web: none, a number of equal strips, or middles of slits in mm from the web's left edge."""
    slit_width: OptionalLength | None = None
    """Width lost at each slit; the field gap where it is not given."""

    @property
    def whole(self) -> str:
        """What is patterned, in a word: web or plate."""
        return "plate" if self.form == "plate" else "web"

    @property
    def part(self) -> str:
        """What one pattern covers, in a word: repeat or plate."""
        return "plate" if self.form == "plate" else "repeat"

    @model_validator(mode="after")
    def _repeat_goes_with_fixed(self) -> Self:
        if self.regime is Regime.FIXED and self.repeat_length is None:
            raise refusal("a fixed repeat has no length", remedy="web.repeat_length as well, such as 150 mm")
        if self.regime is not Regime.FIXED and self.repeat_length is not None:
            what = f"repeat_length is for regime 'fixed', not {self.regime.value!r}"
            raise refusal(what, remedy="web.regime = fixed")
        return self

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        width, edge = self.width.value, self.edge.value
        if width <= 2 * edge:
            what = f"two edges of {edge:g} um leave nothing of a width of {width:g} um"
            raise refusal(what, remedy="a wider web")
        return self


class Marks(KitRecord):
    """Marks in the strip between fields."""

    fiducial: Length
    """Arm length of the fiducial cross, over all."""
    fiducial_line: Length
    """Line width of the fiducial cross."""
    label_height: Length
    """Height of the characters of labels."""
    probe: Length
    """Diameter of the probe target on the anode collector."""


class ProcessStructure(KitRecord):
    """A process-control structure that a repeat may hold."""

    title: str = Field(min_length=3)
    """What it is."""
    template: str = Field(min_length=1)
    """Its geometry: a name among templates/structures/, or a path."""
    lengths: dict[str, Length] = Field(min_length=1)
    """Lengths that its template names as lengths.X."""
