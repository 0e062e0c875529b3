"""A foreign layout in the terms of a design: named layers, the design's database unit, simple polygons.

What has no place there is said in words, never left out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from layoutgen.errors import DocumentError, Problem
from layoutgen.foreign.flat import Orientation, instances, turned
from layoutgen.foreign.model import (
    Floats,
    ForeignCell,
    ForeignLayout,
    ForeignPlacement,
    Ints,
    LayerKey,
    Note,
    Paths,
)
from layoutgen.foreign.outline import extended, outline_of
from layoutgen.foreign.simple import simple_outlines
from layoutgen.geometry.boxes import Point
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon
from layoutgen.units import counted

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

MOST_DBU: Final = 2**40
MOST_SHAPES: Final = 5_000_000
_OFF_GRID: Final = 1e-3
_ONCE: Final = np.zeros((1, 2))
_STRAIGHT: Final[Orientation] = (1.0, 0.0, 0.0, 1.0)

Shapes: TypeAlias = tuple[list[Polygon], list[Path]]
Line: TypeAlias = tuple[int, Floats]
"""A width and points."""


def layer_names(pdk: "Pdk") -> dict[LayerKey, str]:
    """Layer number and datatype -> name."""
    return {(layer.number, layer.datatype): name for name, layer in pdk.layers.items()}


def scale_of(layout: ForeignLayout, dbu_nm: int) -> float:
    """How many dbu of a design one dbu of the file is; a simple ratio but for rounding is that ratio."""
    exact = layout.dbu_m / (dbu_nm * 1e-9)
    near = Fraction(exact).limit_denominator(10_000)
    return float(near) if near and abs(float(near) / exact - 1) < 1e-9 else exact


@dataclass
class Remarks:
    """What cannot be judged: how often, by thing, what is wrong with it, and cell; in the order of finding."""

    where: str
    found: "Counter[tuple[str, str, str]]" = field(default_factory=Counter)

    def add(self, thing: str, what: str, cell: str = "", count: int = 1) -> None:
        """``thing`` is counted and ``what`` follows: "polygon", "on layer 9/0, which ..."."""
        if count:
            self.found[thing, what, cell] += count

    def problems(self) -> tuple[Problem, ...]:
        return tuple(
            Problem(f"has {counted(count, thing)} {what}", f"{self.where}, cell {cell}" if cell else self.where)
            for (thing, what, cell), count in self.found.items()
        )


@dataclass(frozen=True)
class Drawer:
    """Turns foreign cells into cells of a layout.

    Args:
        foreign: what was read.
        names: layer number and datatype -> name.
        dbu_nm: database unit of what comes out.
        remarks: where to say what cannot be.
        as_paths: whether a path of a width stays one, where a layout has such paths.
    """

    foreign: ForeignLayout
    names: Mapping[LayerKey, str]
    dbu_nm: int
    remarks: Remarks
    as_paths: bool = False

    @property
    def scale(self) -> float:
        return scale_of(self.foreign, self.dbu_nm)

    def notes(self) -> None:
        """Say what the file holds beyond shapes and placements."""
        for note in self.foreign.unjudged:
            self.remarks.add(*self._note(note), note.cell, note.count)
        for cell in self.foreign.cells:
            odd = sum(placement.absolute for placement in cell.placements)
            self.remarks.add(
                "placement", "of absolute size or angle, which readers take differently", cell.name, odd
            )

    def _note(self, note: Note) -> tuple[str, str]:
        thing = {"text": "text", "node": "node"}.get(note.kind, f"{note.kind.upper()} record")
        on = "" if note.kind == "xelement" else f"on {self.layer(note.layer)}, "
        return thing, f"{on}which no rule can judge"

    def layer(self, layer: LayerKey) -> str:
        """How a layer is called in messages."""
        number = f"{layer[0]}/{layer[1]}"
        return f"{self.names[layer]} ({number})" if layer in self.names else f"layer {number}"

    def whole(self, points: Floats | Ints, cell: str) -> Ints:
        """Points of the file in dbu of the design; those that are none are moved to the nearest and named."""
        exact = points * self.scale
        nearest = np.rint(exact)
        if len(nearest) and np.abs(nearest).max() > MOST_DBU:
            metres = float(np.abs(nearest).max()) * self.dbu_nm * 1e-9
            raise DocumentError(Problem(f"reaches {metres:.4g} m far", f"{self.remarks.where}, cell {cell}"))
        off = int((np.abs(exact - nearest) > _OFF_GRID).any(axis=-1).sum())
        self.remarks.add("point", f"off the grid of {self.dbu_nm} nm", cell, off)
        return nearest.astype(np.int64)

    def shapes(self, cell: ForeignCell, orientation: Orientation, origins: Floats) -> Iterator[tuple[Shapes, Ints]]:
        """The shapes of a cell that lies turned in one way at some places: what is drawn, and at which places."""
        for layer in sorted(cell.layers):
            if layer not in self.names:
                self._off_layer(cell, layer, len(origins))
                continue
            for number, rings, lines in self._groups(cell, layer, orientation):
                places = origins
                if number >= 0:
                    steps = turned(self.foreign.repetition(number).places(), orientation)
                    places = (origins[:, None, :] + steps).reshape(-1, 2)
                if (np.abs(places * self.scale - np.rint(places * self.scale)) < _OFF_GRID).all():
                    yield self._drawn(cell, layer, rings, lines, len(places)), self.whole(places, cell.name)
                else:
                    for place in places:
                        moved = [ring + place for ring in rings], [(width, line + place) for width, line in lines]
                        yield self._drawn(cell, layer, *moved, 1), np.zeros((1, 2), dtype=np.int64)

    def _off_layer(self, cell: ForeignCell, layer: LayerKey, placed: int) -> None:
        what = f"on layer {layer[0]}/{layer[1]}, which the process does not have"
        for thing, group in (("polygon", cell.polygons.get(layer)), ("path", cell.paths.get(layer))):
            if group is not None:
                copies = sum(self.foreign.repetition(number).count for number in group.repetitions.tolist())
                self.remarks.add(thing, what, cell.name, copies * placed)

    def _groups(
        self, cell: ForeignCell, layer: LayerKey, orientation: Orientation
    ) -> Iterator[tuple[int, list[Floats], list[Line]]]:
        """(repetition, outlines, lines) of a layer, turned."""
        rings: dict[int, list[Floats]] = {}
        lines: dict[int, list[Line]] = {}
        if layer in cell.polygons:
            polygons = cell.polygons[layer]
            for number, points in zip(polygons.repetitions.tolist(), polygons, strict=True):
                rings.setdefault(number, []).append(turned(points, orientation))
        if layer in cell.paths:
            paths = cell.paths[layer]
            self._size(cell, layer, paths, orientation)
            numbers = paths.repetitions.tolist()
            for index, points in enumerate(paths):
                line = self._line(paths, index, points)
                outline = outline_of(paths, index) if line is None else None
                if line is not None:
                    width, spine = line
                    lines.setdefault(numbers[index], []).append((width, turned(spine, orientation)))
                elif outline is not None:
                    rings.setdefault(numbers[index], []).append(turned(outline, orientation))
                else:
                    self.remarks.add("path", f"on {self.layer(layer)} without length", cell.name)
        for number in sorted({*rings, *lines}):
            yield number, rings.get(number, []), lines.get(number, [])

    def _size(self, cell: ForeignCell, layer: LayerKey, paths: Paths, orientation: Orientation) -> None:
        size = abs(orientation[0] * orientation[3] - orientation[1] * orientation[2])
        if size != 1 and paths.absolute.any():
            self.remarks.add("path", f"of absolute width on {self.layer(layer)} in a magnified cell", cell.name)

    def _line(self, paths: Paths, index: int, points: Ints) -> Line | None:
        """A path that is a line in a layout: width in dbu of the file, and points; None where it is none."""
        width, ends = int(paths.widths[index]), (float(paths.begins[index]), float(paths.ends[index]))
        if not width:
            spine = extended(points, ends)
            return None if spine is None else (0, spine)
        if self.as_paths and not any(ends) and not paths.round[index]:
            return width, points.astype(np.float64)
        return None

    def _drawn(
        self, cell: ForeignCell, layer: LayerKey, rings: list[Floats], lines: list[Line], placed: int
    ) -> Shapes:
        name = self.names[layer]
        polygons: list[Polygon] = []
        whole = [self.whole(ring, cell.name).tolist() for ring in rings]
        for pieces, remark in simple_outlines(whole):
            polygons += [Polygon(name, points) for points in pieces]
            if remark:
                self.remarks.add("polygon", f"on {self.layer(layer)} {remark}", cell.name, placed)
        paths = []
        for width, line in lines:
            points = tuple((x, y) for x, y in self.whole(line, cell.name).tolist())
            paths.append(Path(name, round(width * self.scale), points))
        return polygons, paths


def own_shapes(drawer: Drawer, cell: ForeignCell) -> Shapes:
    """The shapes of a cell by itself, repetitions expanded."""
    return _collected(drawer.shapes(cell, _STRAIGHT, _ONCE), drawer.remarks.where)


def flattened(drawer: Drawer, top: str) -> Shapes:
    """Every shape under a top cell where it lies.

    Raises:
        DocumentError: there are more than are expanded.
    """
    where = drawer.remarks.where
    found = (
        group
        for name, placed in instances(drawer.foreign, top, where).items()
        for item in placed
        for group in drawer.shapes(drawer.foreign.by_name[name], item.orientation, item.origins)
    )
    return _collected(found, where)


def _collected(groups: Iterable[tuple[Shapes, Ints]], where: str) -> Shapes:
    polygons: list[Polygon] = []
    paths: list[Path] = []
    for (drawn, lines), places in groups:
        if len(polygons) + len(paths) + len(places) * (len(drawn) + len(lines)) > MOST_SHAPES:
            what = f"draws more than {MOST_SHAPES:,} shapes once all arrays are expanded"
            raise DocumentError(Problem(what, where))
        for dx, dy in places.tolist():
            polygons += [Polygon(item.layer, _moved(item.points, dx, dy)) for item in drawn]
            paths += [replace(item, points=_moved(item.points, dx, dy)) for item in lines]
    return polygons, paths


def _moved(points: tuple[Point, ...], dx: int, dy: int) -> tuple[Point, ...]:
    return tuple((x + dx, y + dy) for x, y in points)


def layout_from(foreign: ForeignLayout, pdk: "Pdk", dbu_nm: int, where: str) -> Layout:
    """A foreign layout as a layout with its hierarchy, where a layout can hold all of it.

    Args:
        foreign: with one top cell.
        pdk: gives layer numbers their names.
        dbu_nm: database unit of the result.
        where: what to name in messages.

    Raises:
        DocumentError: it holds what a layout cannot; holds every problem found, each kind once for each cell.
    """
    drawer = Drawer(foreign, layer_names(pdk), dbu_nm, Remarks(where), as_paths=True)
    drawer.notes()
    cells = []
    if len(foreign.tops) != 1:
        raise DocumentError(Problem(f"has {len(foreign.tops)} top cells", where, "one"))
    for cell in reversed(foreign.downwards):
        polygons, paths = own_shapes(drawer, cell)
        placements: list[Placement] = []
        for placement in cell.placements:
            found = placements_of(drawer, cell.name, placement)
            if found is None:
                drawer.remarks.add("cell", "that is mirrored, scaled or turned askew", cell.name)
            placements += found or ()
        cells.append(LayoutCell(cell.name, tuple(polygons), tuple(paths), tuple(placements)))
    problems = drawer.remarks.problems()
    if problems:
        raise DocumentError(problems)
    return Layout(dbu_nm, tuple(cells), foreign.tops[0])


def placements_of(drawer: Drawer, cell: str, placement: ForeignPlacement) -> list[Placement] | None:
    """A foreign placement as those of a layout, one where it is an array along the axes; None where none can."""
    turns = placement.turn_deg / 90.0
    if turns != round(turns) or placement.mirrored or placement.magnification != 1 or placement.absolute:
        return None
    repetition, quarter = placement.repetition, round(turns) % 4
    ((x, y),) = drawer.whole(np.array([placement.origin]), cell).tolist()
    if repetition.offsets is None:
        steps = drawer.whole(np.array([repetition.a, repetition.b]), cell).tolist()
        counts = [repetition.columns, repetition.rows]
        (ax, ay), (bx, by) = (step if count > 1 else (0, 0) for step, count in zip(steps, counts, strict=True))
        if ax == 0 and by == 0:
            (ax, ay), (bx, by), counts = (bx, by), (ax, ay), counts[::-1]
        if ay == 0 and bx == 0:
            # from the lower left instance, as layouts are drawn
            first = x + min(0, (counts[0] - 1) * ax), y + min(0, (counts[1] - 1) * by)
            return [Placement(placement.cell, first, quarter, counts[0], counts[1], (abs(ax), abs(by)))]
    offsets = drawer.whole(repetition.places(), cell).tolist()
    return [Placement(placement.cell, (x + dx, y + dy), quarter) for dx, dy in offsets]
