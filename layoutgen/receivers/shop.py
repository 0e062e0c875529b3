"""Shop profiles: what one kind of shop wants to receive, as data."""

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from layoutgen.errors import Input, Place, Problem, SpecError, did_you_mean
from layoutgen.pdk.measures import KitName
from layoutgen.record import Record, checked
from layoutgen.resources import data_folder
from layoutgen.toml import NotTomlError, read_toml

Format = Literal["gds", "oasis", "dxf-r12", "dxf-r2010", "gerber", "svg"]
_FIELDS = {"design": "MB", "number": 1, "mask": "CUT"}


class Tone(Record):
    """What a shop calls the two polygon tones."""

    clear: str = Field(min_length=3)
    """The digitised data are clear on the tool."""
    dark: str = Field(min_length=3)
    """The digitised data are dark on the tool."""


class Blank(Record):
    """What each mask is made of; what is left out is stated as not stated in the order."""

    material: str = ""
    """Of the mask, such as soda lime with chrome, or steel foil."""
    size_mm: tuple[float, float] | None = None
    """Outline across and along the web."""
    thickness_mm: float | None = Field(default=None, gt=0)
    """Of the plate or foil."""
    quantity: int | None = Field(default=None, ge=1)
    """Pieces of each mask."""
    defects: str = ""
    """Class of defects that are accepted."""
    stepping: str = ""
    """How masks of the stack are repeated on the blank."""


class ShopProfile(Record):
    """What one kind of shop wants to receive."""

    schema_: Literal["layoutgen.shop/1"] = Field(alias="schema")
    """Version of this schema."""
    name: KitName
    """Name of the profile: lower case letters, digits and hyphens."""
    title: str = Field(min_length=3)
    """Who it is for."""
    formats: tuple[Format, ...] = Field(min_length=1)
    """One file a mask in each of these."""
    stages: tuple[Literal["web", "stack"], ...] = Field(min_length=1)
    """Masks of which stages."""
    tools: tuple[str, ...] = ()
    """Masks of which tools: what stands before the comma in a mask's tool; of all where there is none."""
    blank: Blank | None = None
    """What each mask is made of, for shops that make plates, stencils or films."""
    grid_nm: int = Field(ge=1, le=10_000)
    """Every coordinate is a multiple of this."""
    most_vertices: int = Field(ge=8, le=8190)
    """Most vertices of one polygon."""
    frame: bool
    """Whether corner marks, title, test letter and QR code are drawn outside the device area."""
    also_layers: tuple[str, ...] = ()
    """Layers that every file carries beside its mask, on their own layer."""
    line_layers: tuple[str, ...] = ()
    """Layers of lines that get a file of their own, and a list of passes."""
    structures: bool = False
    """Whether places, pads and nominal values of process-control structures go along."""
    file_name: str = "{design}_M{number:02}_{mask}"
    """File name without suffix; may use design, number and mask."""
    notes: tuple[str, ...] = ()
    """Sentences for the order."""
    tone: Tone
    """What the shop calls the two polygon tones."""

    def takes(self, tool: str, stage: str) -> bool:
        """Whether masks of a tool and a stage go to this shop."""
        return stage in self.stages and (not self.tools or tool.partition(",")[0].strip() in self.tools)

    @model_validator(mode="after")
    def _file_names_differ(self) -> Self:
        try:
            names = {self.file_name.format(**_FIELDS), self.file_name.format(**{**_FIELDS, "mask": "TAB"})}
        except (KeyError, ValueError, IndexError, AttributeError) as error:
            raise ValueError(f"file_name may use {{design}}, {{number}} and {{mask}}; not so: {error}") from error
        if len(names) < 2 or any(set(name) & set('/\\:*?"<>| ') for name in names):
            raise ValueError(
                "file_name must use {mask}, and no slash, space or other character that systems refuse"
            )
        return self


SHOP: Final = Input("shop")


def shipped_shops() -> list[str]:
    """The names of the profiles that come with the tool."""
    return sorted(path.stem for path in data_folder("templates").glob("shops/*.toml"))


def load_shop(name_or_path: str, where: Place = SHOP) -> ShopProfile:
    """Load and check a shop profile by name, or by the path of a TOML file.

    Raises:
        SpecError: not found, not TOML, or not a valid profile; holds every problem found.
    """
    shipped = shipped_shops()
    inside = name_or_path in shipped
    path = data_folder("templates") / "shops" / f"{name_or_path}.toml" if inside else Path(name_or_path)
    try:
        content = read_toml(path)
    except NotTomlError as error:
        raise SpecError(Problem(f"is not TOML: {error}", path.name)) from error
    except OSError as error:
        allowed = f"{', '.join(shipped)}, or the path of a .toml file"
        what = f"there is no shop profile {name_or_path!r}"
        raise SpecError(Problem(what, where, allowed, did_you_mean(name_or_path, shipped))) from error
    return checked(ShopProfile, content, {"": path.name})
