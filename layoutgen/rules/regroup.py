"""Cells out of shapes: a layout that came flat, or with cells of its own, in the form that rules look at.

Every substrate is a cell, and what lies on it belongs to it; cells that look alike are one cell, placed in arrays.
What belongs to the stack lies where the design has its stack. All else is the web. Nothing is left out, so a rule
sees every shape that the file has.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.geometry.boxes import Box, Point, turned, turned_box
from layoutgen.geometry.regions import EMPTY, outlines, rectangle, simple_polygons, snapped
from layoutgen.layout.cell import CELL, STACK
from layoutgen.layout.measure import LayoutIndex, shape_box
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon
from layoutgen.rules.windows import REPEAT

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

Picture: TypeAlias = "tuple[Polygon | Path, ...]"
"""Shapes in order, so that what looks the same is the same."""
_LARGEST: Final = 2.0
"""Most times the length of the design's cell at which a substrate still is one."""
_WORTH_AN_ARRAY: Final = 4


@dataclass(frozen=True, slots=True)
class Regrouped:
    """A layout, and its cells that are devices, most numerous first."""

    layout: Layout
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """What a design says about where to look: its layout, and what its layers are.

    ``kept`` are layers whose shapes must stay together, because rules look at all of a cell's at once. ``street``
    is its width: rules see an array of cells as one box, so what is further apart is no array.
    """

    layout: Layout
    pdk: "Pdk"
    substrate: str
    marker: str
    films: frozenset[str]
    kept: frozenset[str]
    street: int


def regrouped(polygons: Sequence[Polygon], paths: Sequence[Path], design: Design) -> Regrouped:
    """A flat drawing as cells.

    Args:
        polygons: in top coordinates, in dbu of the design.
        paths: likewise.
        design: what it should be.
    """
    pdk, index = design.pdk, LayoutIndex.of(design.layout)
    stack_at, web_at = _origin_of(index, STACK), _origin_of(index, REPEAT)
    stack: list[Polygon | Path] = []
    web: list[Polygon | Path] = []
    drawn: list[Polygon | Path] = [*polygons, *paths]
    for shape in drawn:
        if pdk.layers[shape.layer].stage == "stack":
            stack.append(_moved(shape, -stack_at[0], -stack_at[1]))
        else:
            web.append(_moved(shape, -web_at[0], -web_at[1]))
    structures, web = _structures(web, design)
    cells, devices, rest = _cells(web, design)
    arrays, rest = (
        _arrays([shape for shape in rest if shape.layer not in design.kept]),
        [shape for shape in rest if shape.layer in design.kept],
    )
    placed = [*structures, *cells, *arrays[0]]
    drawn = [*rest, *arrays[1]]
    repeat = _cell(REPEAT, drawn, [placement for _, placements in placed for placement in placements])
    stack_cell = _cell(STACK, stack)
    top = design.layout.top
    tops = (Placement(REPEAT, web_at), *([Placement(STACK, stack_at)] if stack else []))
    made = [
        *(cell for cell, _ in placed),
        repeat,
        *([stack_cell] if stack else []),
        LayoutCell(top, placements=tops),
    ]
    return Regrouped(Layout(design.layout.dbu_nm, tuple(made), top), devices)


def _origin_of(index: LayoutIndex, name: str) -> Point:
    """Where the design has a cell: where it has none, or has it turned, the origin."""
    if name in index.cells and name != index.layout.top:
        for instance in index.instances_of(name):
            return instance.origin
    return 0, 0


def _structures(
    web: list[Polygon | Path], design: Design
) -> tuple[list[tuple[LayoutCell, list[Placement]]], list[Polygon | Path]]:
    """What lies in a marker belongs to its cell."""
    marks = [shape for shape in web if shape.layer == design.marker and isinstance(shape, Polygon)]
    if not marks:
        return [], web
    boxes = [shape_box(mark) for mark in marks]
    inside, rest = _sorted_in(web, boxes, frozenset())
    found: dict[Picture, list[Point]] = {}
    for (x0, y0, _, _), shapes in zip(boxes, inside, strict=True):
        found.setdefault(_picture(shapes, (x0, y0)), []).append((x0, y0))
    cells = [
        (_cell(f"{design.marker} {number}", picture), [Placement(f"{design.marker} {number}", at) for at in places])
        for number, (picture, places) in enumerate(found.items(), 1)
    ]
    return cells, rest


def _cells(
    web: list[Polygon | Path], design: Design
) -> tuple[list[tuple[LayoutCell, list[Placement]]], tuple[str, ...], list[Polygon | Path]]:
    """Cells with their placements, the names of those that are devices, and what belongs to none."""
    own = design.layout.by_name().get(CELL)
    size = _size(own, design.substrate) if own else (0, 0)
    boxes = _islands(
        shape_box(shape)
        for shape in web
        if shape.layer == design.substrate and isinstance(shape, Polygon) and _fits(shape_box(shape), size)
    )
    boxes = [box for box in boxes if _fits(box, size)]
    layers = frozenset({*design.films, *(shape.layer for shape in own.shapes)} if own else design.films)
    mine: list[Polygon | Path] = []
    others: list[Polygon | Path] = []
    for shape in web:
        (mine if shape.layer in layers else others).append(shape)
    inside, rest = _sorted_in(mine, boxes, layers)
    alike: dict[Picture, list[Box]] = {}
    for box, shapes in zip(boxes, inside, strict=True):
        alike.setdefault(_picture(shapes, box[:2]), []).append(box)
    upright: dict[Picture, list[tuple[int, Box]]] = {}
    models = _models(own, design.substrate) if own else ()
    for picture, places in alike.items():
        turns = _turns(picture, models)
        back = _turned_back(picture, turns, places[0])
        upright.setdefault(back, []).extend((turns, box) for box in places)
    known = own and _picture(own.shapes, _corner(own, design.substrate))
    order = sorted(upright.items(), key=lambda item: (item[0] != known, -len(item[1])))
    cells, names = [], []
    for number, (picture, at) in enumerate(order):
        name = CELL if not number else _name(at, number, design.layout.dbu_nm)
        names.append(name)
        cells.append((_cell(name, picture), list(_placements(name, at, design.street))))
    return cells, tuple(names), others + rest


def _name(at: Sequence[tuple[int, Box]], number: int, dbu_nm: int) -> str:
    x, y = (value * dbu_nm * 1e-6 for value in min(box[:2] for _, box in at))
    more = f" and {len(at) - 1} more" if len(at) > 1 else ""
    return f"cell {number + 1} at ({x:.6g}, {y:.6g}) mm{more}"


def _fits(box: Box, size: tuple[int, int]) -> bool:
    most = _LARGEST * max(size)
    return box[2] - box[0] <= most and box[3] - box[1] <= most


def _size(cell: LayoutCell, layer: str) -> tuple[int, int]:
    boxes = [shape_box(shape) for shape in cell.polygons if shape.layer == layer]
    if not boxes:
        return 0, 0
    return max(box[2] for box in boxes) - min(box[0] for box in boxes), max(box[3] for box in boxes) - min(
        box[1] for box in boxes
    )


def _corner(cell: LayoutCell, layer: str) -> Point:
    boxes = [shape_box(shape) for shape in cell.polygons if shape.layer == layer]
    return (min(box[0] for box in boxes), min(box[1] for box in boxes)) if boxes else (0, 0)


def _islands(boxes: Iterable[Box]) -> list[Box]:
    """Boxes, those that overlap as the one around them."""
    found = sorted(boxes)
    if not found:
        return []
    rectangles = np.array([rectangle(box) for box in found])
    tree = shapely.STRtree(rectangles)
    group = list(range(len(found)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    for i, j in tree.query(rectangles).T.tolist():
        a, b = found[i], found[j]
        if i < j and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
            group[root(j)] = root(i)
    around: dict[int, Box] = {}
    for number, (x0, y0, x1, y1) in enumerate(found):
        a = around.get(root(number), (x0, y0, x1, y1))
        around[root(number)] = min(a[0], x0), min(a[1], y0), max(a[2], x1), max(a[3], y1)
    return list(around.values())


def _sorted_in(
    shapes: Sequence[Polygon | Path], boxes: Sequence[Box], cut: frozenset[str]
) -> tuple[list[list[Polygon | Path]], list[Polygon | Path]]:
    """Shapes by the box that they lie in, and those that lie in none.

    A polygon of the layers ``cut`` that reaches over a box is cut at its border.
    """
    inside: list[list[Polygon | Path]] = [[] for _ in boxes]
    if not boxes or not shapes:
        return inside, list(shapes)
    tree = shapely.STRtree([rectangle(box) for box in boxes])
    around = [shape_box(shape) for shape in shapes]
    met: dict[int, list[int]] = {}
    for i, j in tree.query(shapely.box(*np.array(around, dtype=float).T)).T.tolist():
        a, b = around[i], boxes[j]
        if (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]) or _lies_in(a, b):
            met.setdefault(i, []).append(j)
    rest: list[Polygon | Path] = []
    for number, shape in enumerate(shapes):
        near = met.get(number, [])
        whole = next((j for j in near if _lies_in(around[number], boxes[j])), None)
        if whole is not None:
            inside[whole].append(shape)
        elif near and shape.layer in cut and isinstance(shape, Polygon):
            rest += _cut(shape, near, boxes, inside)
        else:
            rest.append(shape)
    return inside, rest


def _cut(
    shape: Polygon, near: Sequence[int], boxes: Sequence[Box], inside: list[list[Polygon | Path]]
) -> list[Polygon]:
    """Deal out the pieces of a polygon to the boxes that it reaches into; what is left of it."""
    (region,) = outlines([shape.points])
    windows = np.array([rectangle(boxes[j]) for j in near])
    pieces = shapely.intersection(windows, region)
    reached = []
    for j, piece, window in zip(near, pieces, windows, strict=True):
        if piece.area:
            inside[j] += [Polygon(shape.layer, points) for points in simple_polygons(snapped(piece))]
            reached.append(window)
    if not reached:
        return [shape]
    left = snapped(region - shapely.union_all(reached))
    return [Polygon(shape.layer, points) for points in simple_polygons(left)]


def _lies_in(a: Box, b: Box) -> bool:
    return a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]


def _moved(shape: Polygon | Path, dx: int, dy: int) -> Polygon | Path:
    points = tuple((x + dx, y + dy) for x, y in shape.points)
    return Polygon(shape.layer, points) if isinstance(shape, Polygon) else Path(shape.layer, shape.width, points)


def _picture(shapes: Iterable[Polygon | Path], corner: tuple[int, ...]) -> Picture:
    moved = [_moved(shape, -corner[0], -corner[1]) for shape in shapes]
    return tuple(sorted(moved, key=lambda shape: (shape.layer, isinstance(shape, Path), shape.points)))


def _turned_back(picture: Picture, turns: int, box: Box) -> Picture:
    """A picture turned clockwise, its corner at the origin again."""
    if not turns:
        return picture
    around = turned_box((0, 0, box[2] - box[0], box[3] - box[1]), -turns)
    found: list[Polygon | Path] = []
    for shape in picture:
        points = tuple(turned(point, -turns) for point in shape.points)
        if isinstance(shape, Polygon):
            start = points.index(min(points, key=lambda point: (point[1], point[0])))
            found.append(Polygon(shape.layer, points[start:] + points[:start]))
        else:
            found.append(Path(shape.layer, shape.width, points))
    return _picture(found, around[:2])


def _models(own: LayoutCell, substrate: str) -> tuple[tuple[Picture, Mapping[str, BaseGeometry]], ...]:
    """The design's cell in four turns, its corner at the origin, with its regions."""
    upright = _picture(own.shapes, _corner(own, substrate))
    width, height = _size(own, substrate)
    found = []
    for turns in range(4):
        picture = _turned_back(upright, (4 - turns) % 4, (0, 0, width, height))
        found.append((picture, _regions(picture)))
    return tuple(found)


def _regions(picture: Picture) -> dict[str, BaseGeometry]:
    found: dict[str, BaseGeometry] = {}
    for layer, shapes in groupby(
        (shape for shape in picture if isinstance(shape, Polygon)), lambda item: item.layer
    ):
        found[layer] = shapely.union_all(outlines([shape.points for shape in shapes]))
    return found


def _turns(picture: Picture, models: Sequence[tuple[Picture, Mapping[str, BaseGeometry]]]) -> int:
    """By how many quarter turns the design's cell looks most like a picture."""
    for turns, (model, _) in enumerate(models):
        if model == picture:
            return turns
    drawn = _regions(picture)

    def differs(regions: Mapping[str, BaseGeometry]) -> float:
        return sum(
            float((drawn.get(layer, EMPTY) ^ regions.get(layer, EMPTY)).area)
            for layer in sorted({*drawn, *regions})
        )

    return min(range(len(models)), key=lambda turns: (differs(models[turns][1]), turns)) if models else 0


def _placements(name: str, at: Iterable[tuple[int, Box]], street: int) -> Iterator[Placement]:
    """Cells by their turn and the box of their substrate as arrays."""
    corners: dict[tuple[int, int, int], list[Point]] = {}
    for turns, (x0, y0, x1, y1) in at:
        width, height = (x1 - x0, y1 - y0) if turns % 2 == 0 else (y1 - y0, x1 - x0)
        low_x, low_y, _, _ = turned_box((0, 0, width, height), turns)
        corners.setdefault((turns, width, height), []).append((x0 - low_x, y0 - low_y))
    for (turns, width, height), origins in sorted(corners.items()):
        size = (width, height) if turns % 2 == 0 else (height, width)
        for origin, columns, rows, pitch in lattices(origins, (size[0] + street, size[1] + street)):
            yield Placement(name, origin, turns, columns, rows, pitch)


def _arrays(
    shapes: Sequence[Polygon | Path],
) -> tuple[list[tuple[LayoutCell, list[Placement]]], list[Polygon | Path]]:
    """Equal shapes as cells in arrays, and those that are too few."""
    equal: dict[Polygon | Path, list[Point]] = {}
    for shape in shapes:
        x, y = shape.points[0]
        equal.setdefault(_moved(shape, -x, -y), []).append((x, y))
    cells: list[tuple[LayoutCell, list[Placement]]] = []
    alone: list[Polygon | Path] = []
    for shape, origins in equal.items():
        name = f"{shape.layer} {len(cells) + 1}"
        placements = []
        for origin, columns, rows, pitch in lattices(origins):
            if columns * rows < _WORTH_AN_ARRAY:
                alone += [
                    _moved(shape, origin[0] + i * pitch[0], origin[1] + j * pitch[1])
                    for j in range(rows)
                    for i in range(columns)
                ]
            else:
                placements.append(Placement(name, origin, 0, columns, rows, pitch))
        if placements:
            cells.append((_cell(name, [shape]), placements))
    return cells, alone


def lattices(
    origins: Iterable[Point], most: tuple[int, int] | None = None
) -> Iterator[tuple[Point, int, int, tuple[int, int]]]:
    """Points as regular grids along the axes: origin, columns, rows, pitch; what is there twice comes twice.

    No pitch is larger than ``most``.
    """
    most_x, most_y = most or (None, None)
    counts = Counter(origins)
    while counts:
        once = sorted(counts, key=lambda point: (point[1], point[0]))
        counts = Counter({point: count - 1 for point, count in counts.items() if count > 1})
        runs: dict[tuple[int, int, int], list[int]] = {}
        for y, row in groupby(once, key=lambda point: point[1]):
            for run in _runs([x for x, _ in row], most_x):
                runs.setdefault(run, []).append(y)
        for (x, columns, dx), heights in runs.items():
            for y, rows, dy in _runs(heights, most_y):
                yield (x, y), columns, rows, (dx, dy)


def _runs(values: Sequence[int], most: int | None = None) -> Iterator[tuple[int, int, int]]:
    """Rising numbers as evenly spaced runs with a step of at most ``most``: first, count, step."""
    start = 0
    while start < len(values):
        stop = start + 1
        step = values[stop] - values[start] if stop < len(values) else 0
        if most is not None and step > most:
            yield values[start], 1, 0
            start = stop
            continue
        while stop < len(values) and values[stop] - values[stop - 1] == step:
            stop += 1
        yield values[start], stop - start, step if stop - start > 1 else 0
        start = stop


def _cell(name: str, shapes: Iterable[Polygon | Path], placements: Sequence[Placement] = ()) -> LayoutCell:
    drawn = list(shapes)
    return LayoutCell(
        name,
        tuple(shape for shape in drawn if isinstance(shape, Polygon)),
        tuple(shape for shape in drawn if isinstance(shape, Path)),
        tuple(placements),
    )
