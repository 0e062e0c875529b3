"""Marks beside the cells: fiducials, field identity, row and column numbers.

All of it stands in the strip below a field and in the gaps beside it, never inside a field, in a slit or in a zone
without cells.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box, Point
from layoutgen.geometry.regions import rectangle, region_of
from layoutgen.layout.dbu import to_dbu
from layoutgen.layout.model import LayoutCell, Path, Placement, Polygon
from layoutgen.layout.streets import Inner
from layoutgen.layout.text import ROWS, GlyphLibrary, count_labels, drawable, label_stride, text_size
from layoutgen.web.addresses import COLUMN, ROW, in_field
from layoutgen.web.plan import Field, WebPlan

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

LABEL, FIDUCIAL, WEB_EDGE, FIELD = "LABEL", "FIDUCIAL", "WEB_EDGE", "FIELD"
MARK_CLEARANCE_UM = 100
"""Least distance of a mark to a field and to other marks."""


@dataclass(frozen=True, slots=True)
class MarkSizes:
    """Sizes of marks in dbu; ``pixel`` is one dot of the label font, ``grid`` what labels are placed on."""

    arm: int
    line: int
    pixel: int
    clear: int
    grid: int

    @property
    def text_height(self) -> int:
        return ROWS * self.pixel

    def half(self, room: int) -> int:
        """Half of a room, rounded down to the grid of marks."""
        return room // 2 // self.grid * self.grid


def mark_sizes(pdk: "Pdk", dbu_nm: int) -> MarkSizes:
    """The sizes of a PDK's marks; the label height is rounded down to pixels of whole um."""
    height = to_dbu(pdk.marks.label_height.value, dbu_nm, "marks.label_height")
    grid = to_dbu(1.0, dbu_nm, "grid of marks")
    return MarkSizes(
        arm=to_dbu(pdk.marks.fiducial.value, dbu_nm, "marks.fiducial"),
        line=to_dbu(pdk.marks.fiducial_line.value, dbu_nm, "marks.fiducial_line"),
        pixel=max(grid, height // ROWS // grid * grid),
        clear=MARK_CLEARANCE_UM * grid,
        grid=grid,
    )


@dataclass(frozen=True, slots=True)
class FieldMargins:
    """Free room around a field in dbu, and zones and slits in its coordinates."""

    below: int
    left: int
    right: int
    closed: BaseGeometry

    def open(self, box: Box) -> bool:
        """Whether no zone and no slit lies in a box."""
        return not self.closed.intersects(rectangle(box)) or not (self.closed & rectangle(box)).area


def field_margins(plan: WebPlan, index: int, sizes: MarkSizes) -> FieldMargins:
    """The room for a field's marks: the whole gap below, and its share of the gaps beside it.

    A gap between fields goes to the right-hand field; the left-hand one gets the part beyond a row of labels. With
    a slit in the gap, each has its side of it.
    """
    here = plan.fields[index]
    taken = sizes.text_height + sizes.clear
    left_end = plan.fields[index - 1].x + plan.fields[index - 1].width if index else 0
    last = index == len(plan.fields) - 1
    right_end = plan.frame.width if last else plan.fields[index + 1].x - taken
    left_end = max([left_end, *(end for _, end in plan.frame.slits if end <= here.x)])
    slits = [start for start, _ in plan.frame.slits if start >= here.x + here.width]
    if slits and (last or min(slits) < plan.fields[index + 1].x):
        right_end = min(slits)
    closed = translate(region_of(closed_outlines(plan)), -here.x, -here.y)
    return FieldMargins(
        min(here.y, plan.frame.field_gap), here.x - left_end, right_end - here.x - here.width, closed
    )


def closed_outlines(plan: WebPlan) -> list[tuple[Point, ...]]:
    """Outlines of all zones without cells and of all slits of a repeat."""
    length = plan.repeat_length
    slits = [((x0, 0), (x1, 0), (x1, length), (x0, length)) for x0, x1 in plan.frame.slits]
    return [*(zone.corners for zone in plan.zones), *slits]


@dataclass(slots=True)
class Marks:
    """Marks of all fields as they are drawn, and what could not be drawn."""

    glyphs: GlyphLibrary
    sizes: MarkSizes
    layers: frozenset[str]
    missing: dict[str, int] = field(default_factory=dict)

    def cells(self) -> list[LayoutCell]:
        """The cells that marks place."""
        half, line = self.sizes.arm // 2, self.sizes.line // 2
        cross = (
            (-line, -half), (line, -half), (line, -line), (half, -line), (half, line), (line, line),
            (line, half), (-line, half), (-line, line), (-half, line), (-half, -line), (-line, -line),
        )  # fmt: skip
        fiducial = [LayoutCell("FIDUCIAL", (Polygon(FIDUCIAL, cross),))] if FIDUCIAL in self.layers else []
        return [*fiducial, *self.glyphs.cells.values()]

    def of_field(
        self, here: Field, inners: tuple[Inner, ...], margins: FieldMargins, names: tuple[str, ...]
    ) -> list[Placement]:
        """The marks of one field, in its own coordinates. ``names`` are its identity, longest first."""
        found = self._below(here.width, margins, names)
        if LABEL in self.layers:
            for number, inner in enumerate(inners, 1):
                found += self._columns(number, inner, inners, margins)
                found += self._rows(number, inner, inners, margins, here.width)
        return found

    def notes(self) -> tuple[str, ...]:
        """What could not be drawn, in words."""
        return tuple(f"not drawn: {what} ({count} x)" for what, count in self.missing.items())

    def _miss(self, what: str) -> list[Placement]:
        self.missing[what] = self.missing.get(what, 0) + 1
        return []

    def _below(self, width: int, margins: FieldMargins, names: tuple[str, ...]) -> list[Placement]:
        sizes, room = self.sizes, margins.below
        found: list[Placement] = []
        half = sizes.arm // 2
        beside = 0
        if FIDUCIAL in self.layers:
            if room >= sizes.arm + 2 * sizes.clear and width >= 2 * sizes.arm + sizes.clear:
                y = -room + sizes.clear + half
                ends = self._fiducials(width, y, margins)
                found += [Placement("FIDUCIAL", (x, y)) for x in ends]
                beside = sizes.arm + sizes.clear + max(ends[0] - half, width - half - ends[1])
            else:
                self._miss("the two fiducials of a field, the strip below it is too small for them")
        if LABEL in self.layers:
            for name in names:
                text = drawable(name)
                long, high = text_size(text, sizes.pixel)
                if long <= width - 2 * beside and high <= room - 2 * sizes.clear:
                    x, y = sizes.half(width - long), -room + sizes.clear + max(0, sizes.half(sizes.arm - high))
                    if margins.open((x, y, x + long, y + high)):
                        return found + self.glyphs.text(text, (x, y))
            self._miss("the identity of a field, the strip below it is too small")
        return found

    def _fiducials(self, width: int, y: int, margins: FieldMargins) -> tuple[int, int]:
        """Where along the strip both fiducials stand: at its ends, or as near to them as zones leave room."""
        half, step = self.sizes.arm // 2, self.sizes.arm
        for inward in range(0, max(1, width // 2 - step), step):
            ends = half + inward, width - half - inward
            if all(margins.open((x - half, y - half, x + half, y + half)) for x in ends):
                return ends
        return half, width - half

    def _columns(
        self, number: int, inner: Inner, inners: tuple[Inner, ...], margins: FieldMargins
    ) -> list[Placement]:
        x0, y0, x1, _ = inner.box
        sizes, room, what = self.sizes, margins.below, "column numbers of a block"
        if _blocked((x0, min(0, y0), x1, y0), inner, inners):
            return self._miss(f"{what}, other blocks lie between it and the strip below the field")
        if room < sizes.text_height + sizes.arm + 3 * sizes.clear:
            return self._miss(f"{what}, the strip below the field is too small")
        if not margins.open((x0, -sizes.clear - sizes.text_height, x1, -sizes.clear)):
            return self._miss(f"{what}, a zone or a slit lies there")
        label = self._label(in_field(number, COLUMN), inner.columns, inner.step[0])
        if label is None:
            return self._miss(f"{what}, the cells are too small")
        prefix, stride, long = label
        first = x0 + sizes.half(inner.cell[0] - long), -sizes.clear - sizes.text_height
        return count_labels(self.glyphs, prefix, inner.columns, first, (inner.step[0], 0), stride=stride)

    def _rows(
        self, number: int, inner: Inner, inners: tuple[Inner, ...], margins: FieldMargins, width: int
    ) -> list[Placement]:
        x0, y0, x1, y1 = inner.box
        sizes, what = self.sizes, "row numbers of a block"
        high = sizes.text_height
        needed = high + 2 * sizes.clear
        sides = (
            (margins.left, (0, y0, x0, y1), -sizes.clear),
            (margins.right, (x1, y0, width, y1), width + sizes.clear + high),
        )
        free = [
            end
            for room, view, end in sides
            if room >= needed and not _blocked(view, inner, inners) and margins.open((end - high, y0, end, y1))
        ]
        if not free:
            return self._miss(f"{what}, no free margin beside it")
        right_end = free[0]
        label = self._label(in_field(number, ROW), inner.rows, inner.step[1])
        if label is None:
            return self._miss(f"{what}, the cells are too small")
        prefix, stride, long = label
        first = right_end, y0 + sizes.half(inner.cell[1] - long)
        return count_labels(
            self.glyphs, prefix, inner.rows, first, (0, inner.step[1]), stride=stride, quarter_turns=1
        )

    def _label(self, block: str, count: int, pitch: int) -> tuple[str, int, int] | None:
        """Prefix, stride and length of numbers that fit: with as many numbers as possible, then with the block."""
        found = []
        for prefix in (block, ""):
            long, _ = text_size(prefix + "0" * len(str(count)), self.sizes.pixel)
            stride = label_stride(count, long + self.sizes.clear, pitch)
            if stride is not None:
                found.append((prefix, stride, long))
        return min(found, key=lambda label: label[1], default=None)


def web_outline(plan: WebPlan) -> tuple[list[Polygon], list[Path]]:
    """The unusable strips at both edges as polygons, the outline of the repeat as a line."""
    width, edge, length = plan.frame.width, plan.frame.edge, plan.repeat_length
    polygons = []
    if edge:
        for x0, x1 in ((0, edge), (width - edge, width)):
            polygons.append(Polygon(WEB_EDGE, ((x0, 0), (x1, 0), (x1, length), (x0, length))))
    outline = Path(WEB_EDGE, 0, ((0, 0), (width, 0), (width, length), (0, length), (0, 0)))
    return polygons, [outline]


def _blocked(view: Box, inner: Inner, inners: tuple[Inner, ...]) -> bool:
    """Whether another block lies in the way of ``inner``'s view of a margin."""
    x0, y0, x1, y1 = view
    return any(
        other is not inner and other.box[0] < x1 and x0 < other.box[2] and other.box[1] < y1 and y0 < other.box[3]
        for other in inners
    )
