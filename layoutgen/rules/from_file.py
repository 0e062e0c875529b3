"""A layout out of a GDSII or OASIS file, so that what somebody received can be checked by the same rules."""

import math
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from layoutgen.errors import DocumentError, Problem
from layoutgen.geometry.boxes import Point
from layoutgen.geometry.regions import canonical
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_OFF_GRID_DBU = 1e-3


def read_library(file: FilePath) -> Any:
    """A gdstk library out of a .gds or .oas file.

    Raises:
        DocumentError: it cannot be read as one.
    """
    import gdstk

    if not file.is_file():
        raise DocumentError(Problem("is not a file", str(file), "a .gds or .oas file"))
    content = file.read_bytes()[:16]
    try:
        if content.startswith(b"%SEMI-OASIS"):
            return gdstk.read_oas(str(file))
        if content[2:4] == b"\x00\x02":
            return gdstk.read_gds(str(file))
    except (RuntimeError, OSError, ValueError, MemoryError) as error:
        raise DocumentError(Problem(f"cannot be read: {error}", str(file))) from error
    raise DocumentError(Problem("is neither GDSII nor OASIS", str(file)))


def layout_from(library: Any, pdk: "Pdk", dbu_nm: int, where: str) -> Layout:
    """A gdstk library as a layout.

    Args:
        library: with one top cell.
        pdk: gives layer numbers their names.
        dbu_nm: database unit; every coordinate must be a multiple of it.
        where: what to name in messages.

    Raises:
        DocumentError: it holds what a layout cannot; holds every problem found, each kind once for each cell.
    """
    names = {(layer.number, layer.datatype): name for name, layer in pdk.layers.items()}
    problems: dict[Problem, None] = {}
    tops = library.top_level()
    if len(tops) != 1:
        raise DocumentError(Problem(f"has {len(tops)} top cells", where, "one"))
    ordered: dict[str, LayoutCell] = {}
    by_name = {cell.name: cell for cell in library.cells}

    def visit(cell: Any) -> None:
        for reference in cell.references:
            if reference.cell_name not in ordered and reference.cell_name in by_name:
                visit(by_name[reference.cell_name])
        ordered[cell.name] = _cell(cell, names, library, dbu_nm, where, problems)

    visit(tops[0])
    if problems:
        raise DocumentError(problems)
    return Layout(dbu_nm, tuple(ordered.values()), tops[0].name)


def _cell(
    cell: Any,
    names: dict[tuple[int, int], str],
    library: Any,
    dbu_nm: int,
    where: str,
    problems: dict[Problem, None],
) -> LayoutCell:
    place = f"{where}, cell {cell.name}"
    scale = library.unit * 1e9 / dbu_nm
    polygons: list[Polygon] = []
    paths: list[Path] = []
    placements: list[Placement] = []

    def layer_of(number: int, datatype: int) -> str | None:
        if (number, datatype) not in names:
            problems[
                Problem(f"has shapes on layer {number}/{datatype}, which the process does not have", place)
            ] = None
        return names.get((number, datatype))

    def whole(point: Any) -> Point:
        values = [float(value) * scale for value in point]
        if any(abs(value - round(value)) > _OFF_GRID_DBU for value in values):
            problems[Problem(f"has points off the grid of {dbu_nm} nm", place)] = None
        return round(values[0]), round(values[1])

    for polygon in cell.polygons:
        layer = layer_of(polygon.layer, polygon.datatype)
        for dx, dy in _offsets(polygon.repetition):
            points = canonical(whole((x + dx, y + dy)) for x, y in polygon.points)
            if layer and points:
                polygons.append(Polygon(layer, points))
    for path in cell.paths:
        layer = layer_of(path.layers[0], path.datatypes[0])
        width = round(float(path.widths()[0][0]) * scale)
        for dx, dy in _offsets(path.repetition):
            if layer:
                paths.append(Path(layer, width, tuple(whole((x + dx, y + dy)) for x, y in path.spine())))
    for reference in cell.references:
        turns = reference.rotation / (math.pi / 2)
        if abs(turns - round(turns)) > 1e-9 or reference.x_reflection or reference.magnification != 1:
            problems[Problem("has cells that are mirrored, scaled or turned askew", place)] = None
            continue
        placements += _placements(reference, round(turns) % 4, whole)
    return LayoutCell(cell.name, tuple(polygons), tuple(paths), tuple(placements))


def _placements(reference: Any, turns: int, whole: Any) -> Iterator[Placement]:
    name, repetition = reference.cell_name, reference.repetition
    if repetition is None or repetition.size == 0:
        yield Placement(name, whole(reference.origin), turns)
        return
    steps = None
    if repetition.columns is not None and repetition.rows is not None:
        if repetition.spacing is not None:
            steps = (repetition.spacing[0], 0.0), (0.0, repetition.spacing[1])
        else:
            steps = tuple(repetition.v1), tuple(repetition.v2)
    if steps is not None:
        (ax, ay), (bx, by) = whole(steps[0]), whole(steps[1])
        counts = repetition.columns, repetition.rows
        if ax == 0 and by == 0 and not (ay == 0 and bx == 0):
            (ax, ay), (bx, by), counts = (bx, by), (ax, ay), counts[::-1]
        if ay == 0 and bx == 0:
            yield Placement(name, whole(reference.origin), turns, counts[0], counts[1], (ax, by))
            return
    x, y = reference.origin
    for dx, dy in repetition.offsets:
        yield Placement(name, whole((x + dx, y + dy)), turns)


def _offsets(repetition: Any) -> list[tuple[float, float]]:
    offsets = None if repetition is None else repetition.offsets
    return [(0.0, 0.0)] if offsets is None else [(float(x), float(y)) for x, y in offsets]
