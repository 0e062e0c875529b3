"""The patterned web as values: one repeat with its fields, blocks of cells, structures and zones.

Lengths are integers of one unit (the database unit, dbu, when called from the design flow; any unit when the tiler
is used alone). The web runs along y; x is cross-web.
"""

from dataclasses import dataclass
from enum import StrEnum

from layoutgen.formula import Formula, states
from layoutgen.geometry.boxes import Box

Cell = tuple[int, int]
"""Finished (length, width) of a cell; unrotated, its length lies along x."""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangular array of equal items in one orientation.

    ``x, y`` is the lower-left corner of the first item. In a :class:`Packing` it is the corner of the
    inflated item in frame coordinates; in a :class:`Field` it is the corner of the finished cell in repeat
    coordinates.
    """

    x: int
    y: int
    columns: int
    rows: int
    rotated: bool

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def lying(self, item: Cell) -> tuple[int, int]:
        """The sides of an item as it lies in the block, (along x, along y), from its sides as it lies unturned."""
        return item[::-1] if self.rotated else item


Blocks = tuple[Block, ...]


class Regime(StrEnum):
    """How the web is patterned: field by field (scanner), continuously, or with a given repeat (drum,
    stepper).
    """

    FIELDS = "fields"
    FREE = "free"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class WebFrame:
    """What the line offers to a cell, in dbu.

    A field, outer streets included, is at most ``field_width x field_length`` (cross-web x along the web) and
    lies inside ``edge .. width - edge``. Neighbouring fields are ``field_gap`` apart in both directions.
    ``repeat_length`` is given exactly when the regime is FIXED. Between two streets lies nothing, or a strip of at
    least ``least_strip``, where blocks can be placed so. ``slits``
    are strips ``(start, end)`` across the web that no field meets. ``guillotine_only`` is for shops that saw:
    straight cuts from edge to edge of a field. What the plan itself places across the web starts on multiples of
    ``grid`` from the edge and from the slits.
    """

    width: int
    edge: int
    field_width: int
    field_length: int
    field_gap: int
    kerf: int
    rotation_allowed: bool
    regime: Regime = Regime.FIELDS
    repeat_length: int | None = None
    least_strip: int = 0
    slits: tuple[tuple[int, int], ...] = ()
    guillotine_only: bool = False
    grid: int = 1

    @property
    @states(
        "web.usable_mm",
        Formula(
            "Usable width of the web", "mm", "w - 2 * e", {"w": "web.width_mm", "e": "web.edge_mm"}, "process: web"
        ),
    )
    def usable(self) -> int:
        return self.width - 2 * self.edge

    def centred(self, width: int) -> int:
        """Where something of a width starts that lies in the middle of the usable web, on the grid."""
        return self.edge + (self.usable - width) // 2 // self.grid * self.grid


@dataclass(frozen=True, slots=True)
class Field:
    """One scanner field of a repeat, in repeat coordinates; it includes the outer street of its cells.

    Blocks hold finished-cell corners: every cell, and the kerf around it, lies inside the field.
    """

    x: int
    y: int
    width: int
    length: int
    blocks: tuple[Block, ...]

    @property
    def count(self) -> int:
        return sum(block.count for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Structure:
    """A rectangle that a repeat must hold, finished size in dbu; ``field`` is an index if it must be that one."""

    name: str
    width: int
    length: int
    field: int | None = None
    may_turn: bool = True


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a structure came to stand, in repeat coordinates, and how many cells it displaced."""

    structure: Structure
    field: int
    x: int
    y: int
    width: int
    length: int
    cost_cells: int

    @property
    def turned(self) -> bool:
        """Whether it stands turned by 90 degrees."""
        return (self.width, self.length) != (self.structure.width, self.structure.length)

    @property
    def box(self) -> Box:
        return self.x, self.y, self.x + self.width, self.y + self.length


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the web without cells and structures, in repeat coordinates, and why."""

    name: str
    reason: str
    corners: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WebPlan:
    """One repeat of the web.

    ``cell`` is the finished (length, width); an unrotated cell has its length along x. Array pitch is the
    cell plus one kerf. ``bound_cells_per_repeat`` bounds what any arrangement that the regime allows could
    hold on a piece of web as long as this repeat; ``proof`` names the bound where the plan reaches it, else
    it is empty. Structures and zones do not lower the bound: what they cost is part of the gap.
    """

    frame: WebFrame
    cell: tuple[int, int]
    fields: tuple[Field, ...]
    repeat_length: int
    bound_cells_per_repeat: int
    method: str
    proof: str
    structures: tuple[Placement, ...] = ()
    zones: tuple[Zone, ...] = ()

    @property
    def cells_per_repeat(self) -> int:
        return sum(field.count for field in self.fields)

    @property
    def proved_optimal(self) -> bool:
        return self.cells_per_repeat == self.bound_cells_per_repeat

    @property
    @states(
        "web.gap_percent",
        Formula(
            "Distance from the bound",
            "%",
            "100 * (b - n) / b",
            {"b": "web.bound_cells_per_repeat", "n": "web.cells_per_repeat"},
            "no arrangement can hold more cells than the bound",
        ),
    )
    def gap_percent(self) -> float:
        bound = self.bound_cells_per_repeat
        return 100.0 * (bound - self.cells_per_repeat) / bound if bound else 0.0

    @property
    def structures_cost_cells(self) -> int:
        """Cells that the structures displaced."""
        return sum(placement.cost_cells for placement in self.structures)

    @property
    @states(
        "web.utilization",
        Formula(
            "Part of the web that becomes cells",
            "",
            "n * l * w / (W * L)",
            {
                "n": "web.cells_per_repeat",
                "l": "device.cell_mm.length",
                "w": "device.cell_mm.width",
                "W": "web.repeat_mm.width",
                "L": "web.repeat_mm.length",
            },
            "finished cells, streets not counted",
        ),
    )
    def utilization(self) -> float:
        """Finished cell area over web area, 0..1."""
        length, width = self.cell
        return self.cells_per_repeat * length * width / (self.frame.width * self.repeat_length)
