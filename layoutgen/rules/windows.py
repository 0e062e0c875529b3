"""Where a layout is looked at: one device, windows on the web that stand for all, the frame, distinct cells.

The web repeats, so few windows show everything: the first and last cells of each array with their streets, the
corners of each array, and the surroundings of every vertex that is drawn outside the cells. Their number grows with
arrays and drawn shapes, not with cells.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, product

import shapely
from shapely.affinity import translate
from shapely.geometry import LineString, MultiPolygon
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box, Point
from layoutgen.geometry.regions import EMPTY, evaluate, rectangle, region_of, snapped, union
from layoutgen.layer_expressions import layers_of, parse_layers
from layoutgen.layout.cell import CELL, STACK
from layoutgen.layout.measure import Instance
from layoutgen.layout.model import Layout, Path, Placement
from layoutgen.rules.walk import Item, Shape, Walker, own_shapes

REPEAT = "REPEAT"
DEVICE = "CELL + STACK"
"""Name of the window where cell and stack lie on top of each other."""
_REACH_UM = 600.0
"""How far around a corner or vertex the web is looked at; beyond every limit of a web rule."""


@dataclass(slots=True)
class Window:
    """A piece of layout with its layers as merged regions.

    ``clip`` is where the region was cut off, None where it is whole; ``cell`` names the coordinate system. What
    lies in polygons of the layer ``outside`` is not part of any region.
    """

    cell: str
    shapes: Mapping[str, list[tuple[Point, ...]]]
    clip: Box | None = None
    lines: Mapping[str, list[Path]] = field(default_factory=dict)
    outside: str = ""
    _regions: dict[str, BaseGeometry] = field(default_factory=dict)
    _whole: dict[str, BaseGeometry] = field(default_factory=dict)

    def region(self, expression: str) -> BaseGeometry:
        """The region of a layer expression here."""
        if expression not in self._regions:
            parsed = parse_layers(expression)
            if isinstance(parsed, str):
                self._regions[expression] = self.clipped(self.whole(expression))
            else:
                drawn = {layer: self.region(layer) for layer in layers_of(parsed)}
                self._regions[expression] = evaluate(parsed, drawn)
        return self._regions[expression]

    def whole(self, layer: str) -> BaseGeometry:
        """A layer's region with what reaches out of the window."""
        if layer not in self._whole:
            region = region_of(self.shapes.get(layer, ()))
            hidden = self.outside != layer and self.shapes.get(self.outside)
            self._whole[layer] = snapped(region - region_of(hidden)) if hidden else region
        return self._whole[layer]

    def clipped(self, region: BaseGeometry) -> BaseGeometry:
        """The part of a region inside the window."""
        if self.clip is None or region.is_empty:
            return region
        (x0, y0, x1, y1), (a, b, c, d) = self.clip, region.bounds
        if x0 <= a and y0 <= b and c <= x1 and d <= y1:
            return region
        return snapped(region & rectangle(self.clip))

    def line_region(self, layer: str, half: int) -> BaseGeometry:
        """What lines cover when widened by ``half`` to each side and beyond each end."""
        pieces = []
        for path in self.lines.get(layer, ()):
            for a, b in pairwise(path.points):
                if a[0] == b[0] or a[1] == b[1]:
                    (x0, x1), (y0, y1) = sorted((a[0], b[0])), sorted((a[1], b[1]))
                    pieces.append(rectangle((x0 - half, y0 - half, x1 + half, y1 + half)))
                else:
                    pieces.append(LineString([a, b]).buffer(half, cap_style="square"))
        if not pieces:
            return EMPTY
        covered, hidden = union(pieces), self.shapes.get(self.outside)
        return self.clipped(snapped(covered - region_of(hidden)) if hidden else covered)

    def beside(self, marker: str) -> "Window":
        """The same window without what lies in polygons of a marker layer."""
        return replace(self, outside=marker, _regions={}, _whole={}) if marker in self.shapes else self


@dataclass(frozen=True)
class Windows:
    """The windows through which one layout is looked at.

    Args:
        layout: what is looked at.
        repeat_dbu: length of the repeat; the web goes on after it.
        kerf: width of a street in dbu.
        web_layers: layers that cells and streets are made of.
        markers: layers that mark what some rules do not look into; drawn once in the cell that they mark.
        devices: the cells that are devices; the first is the one that is looked at with the stack on it.
    """

    layout: Layout
    repeat_dbu: int
    kerf: int
    web_layers: frozenset[str]
    markers: frozenset[str] = frozenset()
    devices: tuple[str, ...] = (CELL,)

    @cached_property
    def walker(self) -> Walker:
        """The layout, prepared for walks."""
        return Walker.of(self.layout)

    @cached_property
    def used(self) -> frozenset[str]:
        """The layers that have a shape anywhere."""
        return frozenset(self.walker.index.boxes[self.layout.top])

    @cached_property
    def device(self) -> Window:
        """The cell and the stack on top of each other: they share one coordinate system."""
        cell = self.devices[0]
        shapes = [shape for name in (cell, STACK) if self.has(name) for shape in self.walker.everything(name)]
        return _window(DEVICE if cell == CELL else f"{cell} + {STACK}", shapes, None)

    @cached_property
    def cells(self) -> tuple[Window, ...]:
        """Each distinct cell with its own shapes only."""
        return tuple(_window(cell.name, cell.shapes, None) for cell in self.layout.cells)

    def placed(self, layers: frozenset[str]) -> Window:
        """Every shape of some layers where it lies below the top cell, in whatever cell it is drawn."""
        return _window(self.layout.top, list(Walker.of(self.layout, layers).everything(self.layout.top)), None)

    @cached_property
    def arrays(self) -> tuple[Placement, ...]:
        """Every array of a cell that is a device, in top coordinates."""
        names = [name for name in self.devices if self.has(name) and name != self.layout.top]
        return tuple(placement for name in names for _, placement in self.walker.index.placements_of(name))

    @cached_property
    def web(self) -> tuple[Window, ...]:
        """The windows on the web that stand for all: of those that look the same, the first."""
        found: dict[Hashable, Window] = {}
        for box in self._boxes():
            window = self.at(box)
            found.setdefault(picture_of(window, box, self.kerf), window)
        return tuple(found.values())

    def at(self, box: Box) -> Window:
        """The web inside a box, neighbouring repeats included."""
        items, tree = self._items
        reach = box[0] - self.kerf, box[1] - self.kerf, box[2] + self.kerf, box[3] + self.kerf
        shifts = [0]
        if self.repeat_dbu > 0:
            shifts += [self.repeat_dbu] if reach[1] <= 0 else []
            shifts += [-self.repeat_dbu] if reach[3] >= self.repeat_dbu else []
        found: list[Shape] = []
        for shift in shifts:
            moved = reach[0], reach[1] + shift, reach[2], reach[3] + shift
            for number in sorted(tree.query(rectangle(moved)).tolist()):
                found += [
                    replace(shape, points=tuple((x, y - shift) for x, y in shape.points)) if shift else shape
                    for shape in self._web_walker.inside(items[number], moved)
                ]
        return _window(self.root.cell, found, box)

    @cached_property
    def _web_walker(self) -> Walker:
        return Walker.of(self.layout, self.web_layers | self.markers)

    @cached_property
    def _items(self) -> tuple[list[Item], shapely.STRtree]:
        """Shapes and arrays of the web, and a tree of their boxes."""
        items = list(self._web_walker.items(self.root))
        return items, shapely.STRtree([rectangle(item.box) for item in items])

    @cached_property
    def frame(self) -> Window:
        """Fields, marks and blocks of cells of one repeat, arrays as the boxes around them."""
        shapes: dict[str, list[tuple[Point, ...]]] = {}
        for layer, points in self.walker.coarse(self.root):
            shapes.setdefault(layer, []).append(points)
        return Window(self.root.cell, shapes)

    def near(self, box: Box) -> Window:
        """Every shape whose box meets another, as drawn: what the frame shows as boxes, looked at closely."""
        found: list[Shape] = []
        for shift in (-self.repeat_dbu, 0, self.repeat_dbu) if self.repeat_dbu else (0,):
            moved = box[0], box[1] - shift, box[2], box[3] - shift
            found += [
                replace(shape, points=tuple((x, y + shift) for x, y in shape.points))
                for shape in self.walker.shapes(self.root, moved)
            ]
        return _window(self.root.cell, found, None)

    def repeated(self, layer: str) -> BaseGeometry:
        """A layer of the frame with its copies in the previous and the next repeat."""
        drawn = self.frame.whole(layer)
        if not self.repeat_dbu or drawn.is_empty:
            return drawn
        copies = [translate(drawn, yoff=shift) for shift in (-self.repeat_dbu, 0, self.repeat_dbu)]
        if drawn.bounds[3] - drawn.bounds[1] < self.repeat_dbu:  # they lie apart
            return MultiPolygon(list(shapely.get_parts(copies)))
        return union(copies)

    @cached_property
    def root(self) -> Instance:
        """The cell that holds the web: REPEAT where there is one, else the top cell."""
        if self.has(REPEAT) and self.layout.top != REPEAT:
            for instance in self.walker.index.instances_of(REPEAT):
                return instance
        return Instance(self.layout.top, (0, 0), 0)

    def has(self, name: str) -> bool:
        """Whether the layout has a cell of that name."""
        return name in self.walker.index.cells

    @cached_property
    def marked(self) -> tuple[str, ...]:
        """The cells that draw a marker themselves."""
        return tuple(cell.name for cell in self.layout.cells if own_shapes(cell, self.markers))

    def _boxes(self) -> Iterator[Box]:
        reach = max(round(_REACH_UM * 1000 / self.layout.dbu_nm), 4 * self.kerf)
        near = reach // 2
        middles: dict[Point, list[Point]] = {}
        for placement in self.arrays:
            yield from self._pairs(placement)
        for name in self.marked:
            for _, placement in self.walker.index.placements_of(name):
                x0, y0, x1, y1 = self.walker.index.placed_box(placement)
                yield x0 - reach, y0 - reach, x1 + reach, y1 + reach
        for x, y in (*self._corners(), *self._vertices()):
            column, row = x // near, y // near
            around = (middles.get((column + i, row + j), ()) for i, j in product((-1, 0, 1), repeat=2))
            if not any(abs(x - a) <= near and abs(y - b) <= near for group in around for a, b in group):
                middles.setdefault((column, row), []).append((x, y))
                yield x - reach, y - reach, x + reach, y + reach

    def _pairs(self, placement: Placement) -> Iterator[Box]:
        """Two by two cells with their streets, at the first and the last corner of an array."""
        dx, dy = placement.pitch
        out = self.kerf + 1
        last = max(0, placement.columns - 2), max(0, placement.rows - 2)
        for column, row in dict.fromkeys(((0, 0), last)):
            first = replace(
                placement,
                origin=(placement.origin[0] + column * dx, placement.origin[1] + row * dy),
                columns=min(2, placement.columns),
                rows=min(2, placement.rows),
            )
            x0, y0, x1, y1 = self.walker.index.placed_box(first)
            yield x0 - out, y0 - out, x1 + out, y1 + out

    def _corners(self) -> Iterator[Point]:
        for placement in self.arrays:
            x0, y0, x1, y1 = self.walker.index.placed_box(placement)
            yield from product((x0, x1), (y0, y1))

    def _vertices(self) -> Iterator[Point]:
        """Vertices of shapes on the web's layers outside the cell, at the first and last place of each."""
        for cell in self.layout.cells:
            points = [point for shape in own_shapes(cell, self.web_layers) for point in shape.points]
            if points and cell.name not in {self.devices[0], STACK, *self.marked}:
                for instance in self.walker.ends(cell.name):
                    yield from (instance.place(point) for point in points)


def _window(cell: str, shapes: "list[Shape] | tuple[Shape, ...]", clip: Box | None) -> Window:
    polygons: dict[str, list[tuple[Point, ...]]] = {}
    lines: dict[str, list[Path]] = {}
    for shape in shapes:
        if isinstance(shape, Path):
            lines.setdefault(shape.layer, []).append(shape)
        else:
            polygons.setdefault(shape.layer, []).append(shape.points)
    return Window(cell, polygons, clip, lines)


def picture_of(window: Window, box: Box, beyond: int) -> Hashable:
    """What a window shows, seen from the corner of its box and cut off ``beyond`` around it, as far as rules look.

    Outlines along the axes are cut off by moving their corners, which leaves what lies inside as it is; others
    count as they are.
    """
    x0, y0, x1, y1 = box
    low, far = (x0 - beyond, y0 - beyond), (x1 + beyond, y1 + beyond)

    def seen(points: tuple[Point, ...], *, closed: bool) -> tuple[Point, ...]:
        edges = pairwise((*points, points[0]) if closed else points)
        if all(a == c or b == d for (a, b), (c, d) in edges):
            points = tuple((min(max(a, low[0]), far[0]), min(max(b, low[1]), far[1])) for a, b in points)
        return tuple((a - x0, b - y0) for a, b in points)

    pieces: list[Hashable] = [(x1 - x0, y1 - y0)]
    for layer, polygons in window.shapes.items():
        pieces += [(layer, seen(points, closed=True)) for points in polygons]
    for layer, paths in window.lines.items():
        pieces += [(layer, path.width, seen(path.points, closed=False)) for path in paths]
    return frozenset(Counter(pieces).items())
