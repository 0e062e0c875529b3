"""The streets of one field: arrays inside blocks, merged polygons around them, each centre line once.

Work and size grow with the number of blocks, not of cells. A block's inner streets are bars along y, an array
across x, and the segments between rows, an array of columns and rows; what lies around blocks is shared with
their neighbours and merged.
"""

from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box, Point
from layoutgen.geometry.regions import grown, rectangle, simple_polygons, snapped, union
from layoutgen.layout.masks import StreetShape
from layoutgen.layout.model import LayoutCell, Path, Placement, Polygon, split_array
from layoutgen.web.plan import Block, Field

CUT_CENTER = "CUT_CENTER"


@dataclass(frozen=True, slots=True)
class Inner:
    """The cells of a block and the streets between them, in dbu; ``cell`` is the cell's size as it lies."""

    box: Box
    cell: tuple[int, int]
    columns: int
    rows: int
    step: tuple[int, int]
    rotated: bool


def inner_of(block: Block, size: tuple[int, int], kerf: int, origin: Point = (0, 0)) -> Inner:
    """A block's extent from the first cell to the last, outer streets not included, relative to ``origin``."""
    w, h = block.lying(size)
    x, y = block.x - origin[0], block.y - origin[1]
    x1 = x + block.columns * (w + kerf) - kerf
    y1 = y + block.rows * (h + kerf) - kerf
    return Inner((x, y, x1, y1), (w, h), block.columns, block.rows, (w + kerf, h + kerf), block.rotated)


@dataclass(slots=True)
class StreetLibrary:
    """Collects the cells that street arrays place, one for each different size.

    Shapes are drawn in the order given. ``lines`` says whether the PDK has a layer for centre lines.
    """

    shapes: tuple[StreetShape, ...]
    kerf: int
    lines: bool
    cells: dict[tuple[str, int, int], LayoutCell] = field(default_factory=dict)

    def inside(self, inner: Inner) -> list[Placement]:
        """The arrays of streets between the cells of a block."""
        (x, y, x1, y1), (w, h) = inner.box, inner.cell
        found: list[Placement] = []
        if inner.columns > 1:
            bar = self._bar(y1 - y)
            found += split_array(Placement(bar, (x + w, y), 0, inner.columns - 1, 1, inner.step))
        if inner.rows > 1:
            segment = self._segment(w)
            found += split_array(Placement(segment, (x, y + h), 0, inner.columns, inner.rows - 1, inner.step))
            if self.lines:
                line = self._line(x1 - x)
                found += split_array(Placement(line, (x, y + h), 0, 1, inner.rows - 1, inner.step))
        return found

    def _bar(self, height: int) -> str:
        polygons = [
            self._rectangle(shape.layer, (shape.inset, -shape.inset, self.kerf - shape.inset, height + shape.inset))
            for shape in self.shapes
        ]
        half = self.kerf // 2
        paths = [Path(CUT_CENTER, 0, ((half, -half), (half, height + half)))] if self.lines else []
        return self._cell("BAR", 0, height, polygons, paths)

    def _segment(self, width: int) -> str:
        polygons = [
            self._rectangle(shape.layer, (-shape.inset, shape.inset, width + shape.inset, self.kerf - shape.inset))
            for shape in self.shapes
        ]
        return self._cell("SEGMENT", width, 0, polygons, [])

    def _line(self, width: int) -> str:
        half = self.kerf // 2
        path = Path(CUT_CENTER, 0, ((-half, half), (width + half, half)))
        return self._cell("LINE", width, 1, [], [path])

    def _cell(self, kind: str, width: int, height: int, polygons: list[Polygon], paths: list[Path]) -> str:
        key = (kind, width, height)
        if key not in self.cells:
            number = 1 + sum(1 for other, _, _ in self.cells if other == kind)
            self.cells[key] = LayoutCell(f"{kind}_{number}", tuple(polygons), tuple(paths))
        return self.cells[key].name

    @staticmethod
    def _rectangle(layer: str, bounds: Box) -> Polygon:
        x0, y0, x1, y1 = bounds
        return Polygon(layer, ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def around_blocks(
    inners: tuple[Inner, ...], shapes: tuple[StreetShape, ...], kerf: int, room: Box, period: int | None
) -> list[Polygon]:
    """The streets around blocks, merged.

    Args:
        inners: the blocks of a field.
        shapes: what covers the streets.
        kerf: street width.
        room: the field.
        period: distance after which the field repeats without a gap along y, where it does.
    """
    shifts = (0,) if period is None else (-period, 0, period)
    boxes = [
        (x0, y0 + shift, x1, y1 + shift) for inner in inners for shift in shifts for x0, y0, x1, y1 in (inner.box,)
    ]
    covered = union(grown(rectangle(bounds), kerf) for bounds in boxes)
    polygons: list[Polygon] = []
    done: dict[tuple[int, int], tuple[tuple[Point, ...], ...]] = {}
    for shape in shapes:
        key = shape.growth, shape.inset
        if key not in done:
            outer = grown(covered, shape.growth)
            holes = union(grown(rectangle(bounds), shape.inset) for bounds in boxes)
            done[key] = simple_polygons(_clipped(snapped(outer - holes), room, shape.growth, period))
        polygons += [Polygon(shape.layer, points) for points in done[key]]
    return polygons


def centre_lines_around(inners: tuple[Inner, ...], kerf: int, room: Box, period: int | None) -> list[Path]:
    """The centre lines of the streets around blocks; collinear ones that touch are one line."""
    half = kerf // 2
    across: dict[int, list[tuple[int, int]]] = {}
    along: dict[int, list[tuple[int, int]]] = {}
    for inner in inners:
        x0, y0, x1, y1 = inner.box
        left, low, right, high = x0 - half, y0 - half, x1 + half, y1 + half
        for x in (left, right):
            along.setdefault(x, []).append((low, high))
        for y in (low, high):
            # a line beyond the repeat is the previous repeat's line in this one
            shift = period if period is not None and y >= room[3] else 0
            across.setdefault(y - shift, []).append((left, right))
    paths = [
        Path(CUT_CENTER, 0, ((start, y), (end, y))) for y in sorted(across) for start, end in _joined(across[y])
    ]
    paths += [
        Path(CUT_CENTER, 0, ((x, start), (x, end))) for x in sorted(along) for start, end in _joined(along[x])
    ]
    return paths


def room_of(plan_field: Field) -> Box:
    """A field's outline in its own coordinates."""
    return 0, 0, plan_field.width, plan_field.length


def _clipped(region: BaseGeometry, room: Box, growth: int, period: int | None) -> BaseGeometry:
    if period is None:
        return region
    x0, y0, x1, y1 = room
    out = max(0, growth)
    return snapped(region & rectangle((x0 - out, y0, x1 + out, y1)))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
