"""The web as every picture shows it: fields, blocks of cells, structures, what is kept free, and their colours.

A block is one array: a picture does not grow with the cells. Lengths are mm of the web, from its left edge and the
start of the repeat, y along the web.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from layoutgen.draw.scene import Hatch, Pen
from layoutgen.units import counted
from layoutgen.web.addresses import addressed
from layoutgen.web.plan import Field, Placement, WebPlan

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

UPRIGHT: Final = "#e6eef8"
TURNED: Final = "#fbe9d3"
STRUCTURE: Final = "#e3d3f7"
FIELD: Final = "#1d7f75"
REPEAT: Final = "#7d8794"
"""Limits of repeats, and the grid between cells."""
FREE: Final = Pen(0.18, (), "#b3312c")
FREE_HATCH: Final = Hatch(135.0, 1.4, colour="#b3312c")
"""Where no cell stands: slits and zones."""


def titled(title: str, pdk: "Pdk") -> str:
    """The title of a sheet of the web, of a plate where the process patterns plates."""
    return title.replace("Web", pdk.web.whole.capitalize(), 1)


Corners = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A field or a structure: its lower-left corner, its sides, and its upper-right corner."""

    x: float
    y: float
    width: float
    length: float
    x1: float
    y1: float
    name: str = ""

    @property
    def corners(self) -> Corners:
        return (self.x, self.y), (self.x1, self.y), (self.x1, self.y1), (self.x, self.y1)


@dataclass(frozen=True, slots=True)
class CellBlock:
    """An array of cells under its address; ``x, y`` is the lower-left corner of the first one."""

    name: str
    x: float
    y: float
    cell: tuple[float, float]
    """Sides of a cell as it lies: across the web, along it."""
    pitch: tuple[float, float]
    columns: int
    rows: int
    turned: bool

    @property
    def extent(self) -> tuple[float, float]:
        """From the first cell to the last, the outer cuts left out."""
        return (
            (self.columns - 1) * self.pitch[0] + self.cell[0],
            (self.rows - 1) * self.pitch[1] + self.cell[1],
        )

    @property
    def corners(self) -> list[tuple[float, float]]:
        """Lower-left corners of all cells, column by column."""
        (dx, dy), places = self.pitch, ((i, j) for i in range(self.columns) for j in range(self.rows))
        return [(self.x + i * dx, self.y + j * dy) for i, j in places]

    @property
    def title(self) -> str:
        """What a pointer says: its address, and its columns and rows."""
        return f"{self.name}: {counted(self.columns, 'column')}, {counted(self.rows, 'row')}"


@dataclass(frozen=True, slots=True)
class KeptFree:
    """A slit or a zone; only a zone has a name and a reason."""

    corners: Corners
    name: str = ""
    reason: str = ""

    @property
    def title(self) -> str:
        """What a pointer says."""
        return f"{self.name}: {self.reason}" if self.name else "slit"


@dataclass(frozen=True, slots=True)
class WebShapes:
    """One repeat of a web."""

    width: float
    length: float
    edge: float
    """Unusable at each edge."""
    fields: tuple[Rectangle, ...]
    blocks: tuple[CellBlock, ...]
    free: tuple[KeptFree, ...]
    """Slits, then zones."""
    structures: tuple[Rectangle, ...]


def web_shapes(plan: WebPlan, dbu_nm: float) -> WebShapes:
    """What pictures show of a plan.

    Args:
        plan: one repeat.
        dbu_nm: the unit that it counts in.
    """

    def mm(dbu: float) -> float:
        return dbu * dbu_nm * 1e-6

    def rectangle(item: Field | Placement, name: str = "") -> Rectangle:
        x, y, width, length = item.x, item.y, item.width, item.length
        return Rectangle(mm(x), mm(y), mm(width), mm(length), mm(x + width), mm(y + length), name)

    kerf, end = plan.frame.kerf, plan.repeat_length
    slits = [((start, 0), (stop, 0), (stop, end), (start, end)) for start, stop in plan.frame.slits]
    free = [*((corners, "", "") for corners in slits), *((z.corners, z.name, z.reason) for z in plan.zones)]
    return WebShapes(
        mm(plan.frame.width),
        mm(end),
        mm(plan.frame.edge),
        tuple(map(rectangle, plan.fields)),
        tuple(
            CellBlock(
                str(address),
                mm(block.x),
                mm(block.y),
                (mm(across), mm(along)),
                (mm(across + kerf), mm(along + kerf)),
                block.columns,
                block.rows,
                block.rotated,
            )
            for address, block in addressed(plan)
            for across, along in (block.lying(plan.cell),)
        ),
        tuple(KeptFree(tuple((mm(x), mm(y)) for x, y in corners), name, why) for corners, name, why in free),
        tuple(rectangle(item, item.structure.name) for item in plan.structures),
    )
