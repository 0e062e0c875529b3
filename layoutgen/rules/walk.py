"""Walks over a layout's hierarchy: shapes inside a window, and a coarse picture with arrays as boxes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from layoutgen.geometry.boxes import Box, Point
from layoutgen.layout.measure import (
    Instance,
    LayoutIndex,
    origins_meeting,
    placed_box,
    seen_from,
    shape_box,
    union_of_boxes,
)
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon

Shape: TypeAlias = Polygon | Path


@dataclass(frozen=True, slots=True)
class Item:
    """A shape, or an array of a cell, inside an instance; ``box`` is in the coordinates around that instance."""

    at: Instance
    what: "Shape | Placement"
    box: Box


@dataclass(frozen=True, slots=True)
class Walker:
    """A layout with the box of each whole cell at hand, for some of its layers."""

    index: LayoutIndex
    boxes: Mapping[str, Box | None]
    layers: frozenset[str]

    @staticmethod
    def of(layout: Layout, layers: frozenset[str] | None = None) -> "Walker":
        """Prepare a layout; without layers, for all of them."""
        index = LayoutIndex.of(layout)
        kept = layers if layers is not None else frozenset(index.boxes[layout.top])
        boxes = {
            name: union_of_boxes([box for layer, box in own.items() if layer in kept])
            for name, own in index.boxes.items()
        }
        return Walker(index, boxes, kept)

    def items(self, root: Instance) -> Iterator[Item]:
        """Every shape and every array below an instance, arrays not expanded."""
        cell = self.index.cells[root.cell]
        for shape in cell.shapes:
            if shape.layer in self.layers:
                moved = replace(shape, points=tuple(root.place(point) for point in shape.points))
                yield Item(root, moved, shape_box(moved))
        for placement in cell.placements:
            box = self.boxes[placement.cell]
            if box is None:
                continue
            turns = (root.quarter_turns + placement.quarter_turns) % 4
            if placement.is_array:
                x0, y0, x1, y1 = placed_box(box, placement)
                (a, b), (c, d) = root.place((x0, y0)), root.place((x1, y1))
                yield Item(root, placement, (min(a, c), min(b, d), max(a, c), max(b, d)))
            else:
                yield from self.items(Instance(placement.cell, root.place(placement.origin), turns))

    def inside(self, item: Item, window: Box) -> Iterator[Shape]:
        """The shapes of an item whose boxes meet a window."""
        if isinstance(item.what, Placement):
            yield from self._placed(item.what, item.at, window)
        elif meet(item.box, window):
            yield item.what

    def shapes(self, root: Instance, window: Box) -> Iterator[Shape]:
        """Every shape below an instance whose box meets a window, in coordinates around it; arrays are culled."""
        cell = self.index.cells[root.cell]
        for shape in cell.shapes:
            if shape.layer in self.layers:
                moved = replace(shape, points=tuple(root.place(point) for point in shape.points))
                if meet(shape_box(moved), window):
                    yield moved
        for placement in cell.placements:
            yield from self._placed(placement, root, window)

    def _placed(self, placement: Placement, root: Instance, window: Box) -> Iterator[Shape]:
        box = self.boxes[placement.cell]
        if box is None:
            return
        turns = (root.quarter_turns + placement.quarter_turns) % 4
        for origin in origins_meeting(placement, box, seen_from(root, window)):
            yield from self.shapes(Instance(placement.cell, root.place(origin), turns), window)

    def everything(self, name: str) -> Iterator[Shape]:
        """Every shape of a cell and the cells below it, in its coordinates."""
        box = self.boxes[name]
        if box is not None:
            yield from self.shapes(Instance(name, (0, 0), 0), box)

    def coarse(self, root: Instance) -> Iterator[tuple[str, tuple[Point, ...]]]:
        """(layer, polygon) of every shape below an instance, an array as the box around it, layer by layer.

        Paths are left out.
        """
        cell = self.index.cells[root.cell]
        for polygon in cell.polygons:
            yield polygon.layer, tuple(root.place(point) for point in polygon.points)
        for placement in cell.placements:
            turns = (root.quarter_turns + placement.quarter_turns) % 4
            if placement.is_array:
                for layer, box in self.index.boxes[placement.cell].items():
                    x0, y0, x1, y1 = placed_box(box, placement)
                    corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
                    yield layer, tuple(root.place(corner) for corner in corners)
            else:
                yield from self.coarse(Instance(placement.cell, root.place(placement.origin), turns))

    def ends(self, name: str) -> Iterator[Instance]:
        """Where a cell lies in the top cell: the first and the last instance of each of its arrays."""
        if name == self.index.layout.top:
            yield Instance(name, (0, 0), 0)
            return
        for _, placement in self.index.placements_of(name):
            (x, y), (dx, dy) = placement.origin, placement.pitch
            yield Instance(name, (x, y), placement.quarter_turns)
            if placement.is_array:
                far = x + (placement.columns - 1) * dx, y + (placement.rows - 1) * dy
                yield Instance(name, far, placement.quarter_turns)


def meet(a: Box, b: Box) -> bool:
    """Whether two boxes meet; touching counts."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def own_shapes(cell: LayoutCell, layers: frozenset[str]) -> list[Shape]:
    """The shapes that a cell itself has on some layers."""
    return [shape for shape in cell.shapes if shape.layer in layers]
