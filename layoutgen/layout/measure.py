"""Numbers about a layout, taken on its hierarchy: the work grows with distinct cells, not with instances."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from layoutgen.geometry.boxes import Box, Point, turned, turned_box
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon

Integers: TypeAlias = "npt.NDArray[np.int64]"


@dataclass(frozen=True, slots=True)
class LayerTotals:
    """What one layer holds once every array is expanded.

    ``area_dbu2`` sums polygons (overlaps count twice, paths not at all); ``bbox`` includes paths.
    """

    polygons: int
    paths: int
    area_dbu2: int
    bbox: Box | None


@dataclass(frozen=True, slots=True)
class Instance:
    """Where one instance of a cell lies in the top cell."""

    cell: str
    origin: Point
    quarter_turns: int

    def place(self, point: Point) -> Point:
        """A point of the cell, in top coordinates."""
        x, y = turned(point, self.quarter_turns)
        return x + self.origin[0], y + self.origin[1]


def twice_area(points: tuple[Point, ...]) -> int:
    """Twice the signed area of a polygon, counter-clockwise positive (shoelace formula), exact."""
    total = 0
    x0, y0 = points[-1]
    for x1, y1 in points:
        total += x0 * y1 - x1 * y0
        x0, y0 = x1, y1
    return total


def totals_by_layer(layout: Layout) -> dict[str, LayerTotals]:
    """The totals of every layer in use, in alphabetical order. Areas are halves of exact integers, rounded down."""
    found: dict[str, LayerTotals] = _once(layout, "totals", _totals_by_layer)
    return found


def _totals_by_layer(layout: Layout) -> dict[str, LayerTotals]:
    counts: dict[str, dict[str, tuple[int, int, int]]] = {}
    boxes = boxes_by_cell(layout)
    for cell in layout.cells:
        own: dict[str, tuple[int, int, int]] = {}
        for polygon in cell.polygons:
            _add(own, polygon.layer, (1, 0, abs(twice_area(polygon.points))))
        for path in cell.paths:
            _add(own, path.layer, (0, 1, 0))
        for placement in cell.placements:
            for layer, (polygons, paths, area2) in counts[placement.cell].items():
                n = placement.count
                _add(own, layer, (n * polygons, n * paths, n * area2))
        counts[cell.name] = own
    top, box = counts[layout.top], boxes[layout.top]
    return {
        layer: LayerTotals(polygons, paths, area2 // 2, box[layer])
        for layer, (polygons, paths, area2) in sorted(top.items())
    }


def bounding_box(layout: Layout) -> Box | None:
    """The box around everything, None for an empty layout."""
    return union_of_boxes(list(boxes_by_cell(layout)[layout.top].values()))


def boxes_by_cell(layout: Layout) -> dict[str, dict[str, Box]]:
    """Cell name -> layer -> bounding box in the cell's own coordinates."""
    found: dict[str, dict[str, Box]] = _once(layout, "boxes", _boxes_by_cell)
    return found


def _once(layout: Layout, what: str, measure: Callable[[Layout], Any]) -> Any:
    if what not in layout.measured:
        layout.measured[what] = measure(layout)
    return layout.measured[what]


def _boxes_by_cell(layout: Layout) -> dict[str, dict[str, Box]]:
    found: dict[str, dict[str, Box]] = {}
    for cell in layout.cells:
        pieces: dict[str, list[Box]] = {}
        for shape in cell.shapes:
            pieces.setdefault(shape.layer, []).append(shape_box(shape))
        for placement in cell.placements:
            for layer, box in found[placement.cell].items():
                pieces.setdefault(layer, []).append(placed_box(box, placement))
        around = {layer: union_of_boxes(boxes) for layer, boxes in pieces.items()}
        found[cell.name] = {layer: box for layer, box in around.items() if box is not None}
    return found


def shape_box(shape: Polygon | Path) -> Box:
    """The box around a polygon, or around a path with its width."""
    xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
    half = (shape.width + 1) // 2 if isinstance(shape, Path) else 0
    return min(xs) - half, min(ys) - half, max(xs) + half, max(ys) + half


def placed_box(box: Box, placement: Placement) -> Box:
    """The box of all instances of a placement whose cell has the box ``box``."""
    x0, y0, x1, y1 = turned_box(box, placement.quarter_turns)
    (x, y), (dx, dy) = placement.origin, placement.pitch
    far_x, far_y = (placement.columns - 1) * dx, (placement.rows - 1) * dy
    return x + x0 + min(0, far_x), y + y0 + min(0, far_y), x + x1 + max(0, far_x), y + y1 + max(0, far_y)


def union_of_boxes(boxes: list[Box]) -> Box | None:
    """The box around boxes, None for none."""
    if not boxes:
        return None
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


@dataclass(frozen=True, slots=True)
class LayoutIndex:
    """A layout with the boxes of its cells at hand, for many questions about places."""

    layout: Layout
    cells: Mapping[str, LayoutCell]
    boxes: Mapping[str, Mapping[str, Box]]
    near: Mapping[str, tuple[Integers, Integers]]
    """Cell name -> boxes of its polygons and of its placements, rows of (x0, y0, x1, y1)."""
    whole: Mapping[str, Box]
    """Cell name -> the box around all its layers."""

    @staticmethod
    def of(layout: Layout) -> "LayoutIndex":
        boxes = boxes_by_cell(layout)
        whole = {name: union_of_boxes(list(layers.values())) or (0, 0, 0, 0) for name, layers in boxes.items()}
        near = {}
        for cell in layout.cells:
            shapes = [shape_box(polygon) for polygon in cell.polygons]
            placed = [placed_box(whole[p.cell], p) for p in cell.placements]
            near[cell.name] = _rows(shapes), _rows(placed)
        return LayoutIndex(layout, layout.by_name(), boxes, near, whole)

    def box(self, cell: str) -> Box:
        """The box around a cell with all its layers; (0, 0, 0, 0) for an empty one."""
        return self.whole[cell]

    def placed_box(self, placement: Placement) -> Box:
        """The box of all instances of a placement, in the coordinates in which it is given."""
        return placed_box(self.box(placement.cell), placement)

    def placements_of(self, name: str) -> Iterator[tuple[str, Placement]]:
        """Every array of a cell, moved to top coordinates, with the name of the cell that places it.

        The cells above it may be placed many times; each time gives its own array.
        """
        for parent, at, placement in self._walk(name):
            origin = at.place(placement.origin)
            turns = (at.quarter_turns + placement.quarter_turns) % 4
            yield parent, replace(placement, origin=origin, quarter_turns=turns)

    def instances_of(self, name: str) -> Iterator[Instance]:
        """Every instance of a cell, seen from the top, in order of placement, rows slowest."""
        for _, at, placement in self._walk(name):
            turns = (at.quarter_turns + placement.quarter_turns) % 4
            for origin in _origins(placement):
                yield Instance(name, at.place(origin), turns)

    def _walk(self, name: str) -> Iterator[tuple[str, Instance, Placement]]:
        holds = self._holding({name})

        def walk(cell: LayoutCell, at: Instance) -> Iterator[tuple[str, Instance, Placement]]:
            for placement in cell.placements:
                if placement.cell == name:
                    yield cell.name, at, placement
                elif placement.cell in holds:
                    for origin in _origins(placement):
                        turns = (at.quarter_turns + placement.quarter_turns) % 4
                        yield from walk(
                            self.cells[placement.cell], Instance(placement.cell, at.place(origin), turns)
                        )

        yield from walk(self.cells[self.layout.top], Instance(self.layout.top, (0, 0), 0))

    def instances_in_window(self, names: Collection[str], window: Box) -> list[Instance]:
        """The instances of some cells whose boxes meet a window."""
        found: list[Instance] = []
        holds = self._holding(names)

        def walk(cell: LayoutCell, at: Instance) -> None:
            local = seen_from(at, window)
            for index in _meeting(self.near[cell.name][1], local):
                placement = cell.placements[index]
                if placement.cell not in holds:
                    continue
                turns = (at.quarter_turns + placement.quarter_turns) % 4
                for origin in origins_meeting(placement, self.box(placement.cell), local):
                    instance = Instance(placement.cell, at.place(origin), turns)
                    if placement.cell in names:
                        found.append(instance)
                    walk(self.cells[placement.cell], instance)

        walk(self.cells[self.layout.top], Instance(self.layout.top, (0, 0), 0))
        return found

    def _holding(self, names: Collection[str]) -> set[str]:
        """Some cells, and all that place one of them at any depth."""

        def holding(layout: Layout) -> set[str]:
            holds = set(names)
            for cell in layout.cells:
                if any(placement.cell in holds for placement in cell.placements):
                    holds.add(cell.name)
            return holds

        found: set[str] = _once(self.layout, " ".join(["holding", *sorted(names)]), holding)
        return found

    def polygons_in_window(self, layer: str, window: Box) -> list[tuple[Point, ...]]:
        """The polygons of a layer, in top coordinates, whose boxes meet a window. Arrays are culled."""
        found: list[tuple[Point, ...]] = []

        def walk(cell: LayoutCell, at: Instance) -> None:
            if layer not in self.boxes[cell.name]:
                return
            polygon_boxes, placement_boxes = self.near[cell.name]
            local = seen_from(at, window)
            for index in _meeting(polygon_boxes, local):
                polygon = cell.polygons[index]
                if polygon.layer == layer:
                    found.append(tuple(at.place(point) for point in polygon.points))
            for index in _meeting(placement_boxes, local):
                placement = cell.placements[index]
                box = self.boxes[placement.cell].get(layer)
                if box is None:
                    continue
                turns = (at.quarter_turns + placement.quarter_turns) % 4
                for origin in origins_meeting(placement, box, local):
                    walk(self.cells[placement.cell], Instance(placement.cell, at.place(origin), turns))

        walk(self.cells[self.layout.top], Instance(self.layout.top, (0, 0), 0))
        return found


def expanded(layout: Layout, layers: Collection[str]) -> Iterator[Polygon | Path]:
    """Every shape of some layers in top coordinates, all arrays expanded: work is per instance."""
    boxes, cells = boxes_by_cell(layout), layout.by_name()

    def walk(cell: LayoutCell, at: Instance) -> Iterator[Polygon | Path]:
        for shape in cell.shapes:
            if shape.layer in layers:
                yield replace(shape, points=tuple(at.place(point) for point in shape.points))
        for placement in cell.placements:
            if not any(layer in boxes[placement.cell] for layer in layers):
                continue
            turns = (at.quarter_turns + placement.quarter_turns) % 4
            for origin in _origins(placement):
                yield from walk(cells[placement.cell], Instance(placement.cell, at.place(origin), turns))

    return walk(cells[layout.top], Instance(layout.top, (0, 0), 0))


def with_layers(layout: Layout, layers: Collection[str]) -> Layout:
    """The layout with some layers only, cells that are empty then left out; the top cell always stays."""
    kept: dict[str, LayoutCell] = {}
    for cell in layout.cells:
        polygons = tuple(polygon for polygon in cell.polygons if polygon.layer in layers)
        paths = tuple(path for path in cell.paths if path.layer in layers)
        placements = tuple(placement for placement in cell.placements if placement.cell in kept)
        if polygons or paths or placements or cell.name == layout.top:
            kept[cell.name] = LayoutCell(cell.name, polygons, paths, placements)
    return replace(layout, cells=tuple(kept.values()))


def _add(sums: dict[str, tuple[int, int, int]], layer: str, more: tuple[int, int, int]) -> None:
    a, b, c = sums.get(layer, (0, 0, 0))
    sums[layer] = a + more[0], b + more[1], c + more[2]


def _origins(placement: Placement) -> Iterator[Point]:
    (x, y), (dx, dy) = placement.origin, placement.pitch
    for row in range(placement.rows):
        for column in range(placement.columns):
            yield x + column * dx, y + row * dy


def _rows(boxes: list[Box]) -> Integers:
    return np.array(boxes, dtype=np.int64).reshape(-1, 4)


def _meeting(boxes: Integers, window: Box) -> list[int]:
    """Which boxes meet a window."""
    if not len(boxes):
        return []
    x0, y0, x1, y1 = window
    meets = (boxes[:, 0] <= x1) & (boxes[:, 2] >= x0) & (boxes[:, 1] <= y1) & (boxes[:, 3] >= y0)
    found: list[int] = meets.nonzero()[0].tolist()
    return found


def seen_from(at: Instance, window: Box) -> Box:
    """A window of the top cell in the coordinates of an instance."""
    x0, y0, x1, y1 = window
    dx, dy = at.origin
    return turned_box((x0 - dx, y0 - dy, x1 - dx, y1 - dy), -at.quarter_turns)


def origins_meeting(placement: Placement, box: Box, window: Box) -> Iterator[Point]:
    """Origins of those instances of a placement whose ``box`` (in the placed cell) meets a window of the parent."""
    wx0, wy0, wx1, wy1 = window
    bx0, by0, bx1, by1 = turned_box(box, placement.quarter_turns)
    (x, y), (dx, dy) = placement.origin, placement.pitch
    for row in _steps(placement.rows, dy, wy0 - y - by1, wy1 - y - by0):
        for column in _steps(placement.columns, dx, wx0 - x - bx1, wx1 - x - bx0):
            yield x + column * dx, y + row * dy


def _steps(count: int, pitch: int, low: int, high: int) -> range:
    """The i in 0 .. count - 1 with low <= i * pitch <= high."""
    if pitch == 0:
        return range(count if low <= 0 <= high else 0)
    if pitch < 0:
        pitch, low, high = -pitch, -high, -low
    return range(max(0, -(-low // pitch)), min(count - 1, high // pitch) + 1)
