"""Between a layout and gdstk's library: both ways, so that a file can be read back and compared."""

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

from layoutgen.errors import PreflightError, Problem
from layoutgen.geometry.regions import canonical
from layoutgen.layout.model import Layout, LayoutCell, Placement

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

Content: TypeAlias = "Counter[tuple[Any, ...]]"
_OFF_GRID_DBU = 1e-3


def to_library(layout: Layout, pdk: "Pdk") -> Any:
    """A gdstk library with the layout's hierarchy, in um."""
    import gdstk

    scale = layout.dbu_nm / 1000.0
    library = gdstk.Library("LAYOUTGEN", unit=1e-6, precision=layout.dbu_nm * 1e-9)
    made: dict[str, Any] = {}
    for cell in layout.cells:
        made[cell.name] = target = gdstk.Cell(cell.name)
        for polygon in cell.polygons:
            layer = pdk.layers[polygon.layer]
            points = [(x * scale, y * scale) for x, y in polygon.points]
            target.add(gdstk.Polygon(points, layer=layer.number, datatype=layer.datatype))
        for path in cell.paths:
            layer = pdk.layers[path.layer]
            points = [(x * scale, y * scale) for x, y in path.points]
            line = gdstk.FlexPath(
                points, path.width * scale, simple_path=True, layer=layer.number, datatype=layer.datatype
            )
            target.add(line)
        for placement in cell.placements:
            target.add(_reference(placement, made[placement.cell], scale))
    library.add(*made.values())
    return library


def _reference(placement: Placement, cell: Any, scale: float) -> Any:
    import math

    import gdstk

    origin, along, across, columns, rows = lattice(placement)
    reference = gdstk.Reference(
        cell, (origin[0] * scale, origin[1] * scale), rotation=placement.quarter_turns * math.pi / 2
    )
    if placement.is_array:
        reference.repetition = gdstk.Repetition(
            columns=columns,
            rows=rows,
            v1=(along[0] * scale, along[1] * scale),
            v2=(across[0] * scale, across[1] * scale),
        )
    return reference


def lattice(
    placement: Placement,
) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int], int, int]:
    """Origin, column step, row step, columns and rows such that columns run along the turned x axis.

    GDSII states the lattice after turning; readers that derive it from the angle agree only with this form.
    """
    (x, y), (dx, dy) = placement.origin, placement.pitch
    columns, rows = placement.columns, placement.rows
    far_x, far_y = x + (columns - 1) * dx, y + (rows - 1) * dy
    match placement.quarter_turns % 4:
        case 0:
            return (x, y), (dx, 0), (0, dy), columns, rows
        case 1:
            return (far_x, y), (0, dy), (-dx, 0), rows, columns
        case 2:
            return (far_x, far_y), (-dx, 0), (0, -dy), columns, rows
        case _:
            return (x, far_y), (0, -dy), (dx, 0), rows, columns


def compare(library: Any, layout: Layout, pdk: "Pdk", what: str) -> None:
    """Compare a library that was read from a file with the layout that was written: every shape and placement.

    Raises:
        PreflightError: they differ.
    """
    _compare({cell.name: _read(cell, layout.dbu_nm) for cell in library.cells}, layout, pdk, what)


def compare_layouts(read: Layout, layout: Layout, pdk: "Pdk", what: str) -> None:
    """Compare a layout that was read from a file with the one that was written: every shape and placement.

    Raises:
        PreflightError: they differ.
    """
    _compare({cell.name: _intended(cell, pdk) for cell in read.cells}, layout, pdk, what)


def _compare(read: "dict[str, Content]", layout: Layout, pdk: "Pdk", what: str) -> None:
    intended = {cell.name: _intended(cell, pdk) for cell in layout.cells}
    problems = [
        Problem("differs from what was written", f"{what} read back, cell {name}", remedy="report this as a bug")
        for name in sorted({*intended, *read})
        if intended.get(name) != read.get(name)
    ]
    if problems:
        raise PreflightError(problems)


def _intended(cell: LayoutCell, pdk: "Pdk") -> Content:
    found: Content = Counter()
    for polygon in cell.polygons:
        layer = pdk.layers[polygon.layer]
        found["polygon", layer.number, layer.datatype, polygon.points] += 1
    for path in cell.paths:
        layer = pdk.layers[path.layer]
        found["path", layer.number, layer.datatype, path.width, path.points] += 1
    for placement in cell.placements:
        origin, along, across, columns, rows = lattice(placement)
        key = _array(placement.cell, origin, placement.quarter_turns % 4, (columns, rows), (along, across))
        found[key] += 1
    return found


def _read(cell: Any, dbu_nm: int) -> Content:
    found: Content = Counter()
    for polygon in cell.polygons:
        points = canonical(_whole(point, dbu_nm) for point in polygon.points)
        for offset in _offsets(polygon.repetition, dbu_nm):
            moved = tuple((x + offset[0], y + offset[1]) for x, y in points)
            found["polygon", polygon.layer, polygon.datatype, moved] += 1
    for path in cell.paths:
        points = tuple(_whole(point, dbu_nm) for point in path.spine())
        width = round(float(path.widths()[0][0]) * 1000 / dbu_nm)
        for offset in _offsets(path.repetition, dbu_nm):
            moved = tuple((x + offset[0], y + offset[1]) for x, y in points)
            found["path", path.layers[0], path.datatypes[0], width, moved] += 1
    for reference in cell.references:
        found[_read_reference(reference, dbu_nm)] += 1
    for label in cell.labels:
        found["label", label.text] += 1
    return found


def _offsets(repetition: Any, dbu_nm: int) -> list[tuple[int, int]]:
    offsets = None if repetition is None else repetition.offsets
    return [(0, 0)] if offsets is None else [_whole(offset, dbu_nm) for offset in offsets]


def _read_reference(reference: Any, dbu_nm: int) -> tuple[Any, ...]:
    import math

    origin = _whole(reference.origin, dbu_nm)
    turns = reference.rotation / (math.pi / 2)
    if abs(turns - round(turns)) > 1e-9 or reference.x_reflection or reference.magnification != 1:
        return "odd placement", reference.cell_name, origin
    repetition = reference.repetition
    if repetition is None or repetition.size == 0:
        return _array(reference.cell_name, origin, round(turns) % 4, (1, 1), ((0, 0), (0, 0)))
    if repetition.columns is None or repetition.rows is None:
        return "odd array", reference.cell_name, origin
    if repetition.spacing is not None:
        steps = (repetition.spacing[0], 0.0), (0.0, repetition.spacing[1])
    else:
        steps = repetition.v1, repetition.v2
    counts = repetition.columns, repetition.rows
    return _array(
        reference.cell_name, origin, round(turns) % 4, counts, (_whole(steps[0], dbu_nm), _whole(steps[1], dbu_nm))
    )


def _array(
    cell: str,
    origin: tuple[int, int],
    turns: int,
    counts: tuple[int, int],
    steps: tuple[tuple[int, int], tuple[int, int]],
) -> tuple[Any, ...]:
    """An array as a comparable value: steps that repeat nothing do not count, nor does the order of the two."""
    repeats = sorted((count, step) for count, step in zip(counts, steps, strict=True) if count > 1)
    return ("placement", cell, origin, turns, *repeats)


def _whole(point: Any, dbu_nm: int) -> tuple[int, int]:
    values = []
    for value in point:
        exact = float(value) * 1000.0 / dbu_nm
        nearest = round(exact)
        if abs(exact - nearest) > _OFF_GRID_DBU:
            raise PreflightError(Problem(f"has a coordinate of {value!r} um, off the grid", "file read back"))
        values.append(nearest)
    return values[0], values[1]
