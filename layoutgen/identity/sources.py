"""What is compared: the design as it is drawn, and a layout file, both as drawings of integers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from layoutgen.foreign.flat import main_top, orientation_of, other_tops
from layoutgen.foreign.model import ForeignCell, ForeignLayout, Polygons, Repetition
from layoutgen.foreign.outline import outlines, path_outline
from layoutgen.identity.hierarchy import STRAIGHT, Floats, Matrix, Piece, Placed, cleared, expanded, matrix_of
from layoutgen.identity.shapes import Block, Drawing, Ints, Key, blocks_of
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_HERE = np.zeros((1, 2), dtype=np.int64)
_MOST_DENOMINATOR: Final = 10_000
_COVERS_NOTHING: Final = {"text", "node"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A layout file.

    ``unit_nm`` is the length that coordinates count; ``cells`` the names of its cells; ``texts`` how many texts and
    nodes there are, which cover nothing; ``unjudged`` what could not be understood, in words.
    """

    drawing: Drawing
    unit_nm: Fraction
    cells: tuple[str, ...]
    texts: int = 0
    unjudged: tuple[str, ...] = ()


def drawing_of(layout: Layout, pdk: "Pdk") -> Drawing:
    """A layout as it is drawn, in its database unit."""
    number = {name: (layer.number, layer.datatype) for name, layer in pdk.layers.items()}
    return expanded({cell.name: _piece(cell, number) for cell in layout.cells}, [layout.top])


def _piece(cell: LayoutCell, number: Mapping[str, Key]) -> Piece:
    polygons: dict[Key, list[Ints]] = {}
    lines: dict[Key, list[Ints]] = {}
    for polygon in cell.polygons:
        polygons.setdefault(number[polygon.layer], []).append(np.array(polygon.points, dtype=np.int64))
    for path in cell.paths:
        if path.width:
            polygons.setdefault(number[path.layer], []).extend(_widened(path))
        else:
            lines.setdefault(number[path.layer], []).append(segments(np.array(path.points, dtype=np.int64)))
    return Piece(
        {key: blocks_of(same, _HERE) for key, same in polygons.items()},
        {key: [Block(np.concatenate(same), _HERE)] for key, same in lines.items()},
        [_placed(placement) for placement in cell.placements],
    )


def _widened(path: Path) -> list[Ints]:
    outline = path_outline(np.array(path.points, dtype=np.float64), float(path.width), (0.0, 0.0))
    return [] if outline is None else [np.rint(outline).astype(np.int64)]


def segments(points: Ints) -> Ints:
    """The pieces of an open line, (k x 2 x 2), those without length left out."""
    pieces = np.stack([points[:-1], points[1:]], axis=1)
    return np.asarray(pieces[(pieces[:, 0] != pieces[:, 1]).any(axis=1)])


def _placed(placement: Placement) -> Placed:
    (x, y), (dx, dy) = placement.origin, placement.pitch
    columns, rows = np.arange(placement.columns) * dx + x, np.arange(placement.rows) * dy + y
    grid = np.stack(np.meshgrid(columns, rows, indexing="ij"), axis=-1).reshape(-1, 2).astype(np.float64)
    turn = placement.quarter_turns * math.pi / 2
    return Placed(placement.cell, matrix_of(turn, 1.0, mirrored=False) if turn else STRAIGHT, grid)


def seen_in(foreign: ForeignLayout, wanted: str = "") -> Seen:
    """A foreign layout: everything that it draws under its top cell.

    Args:
        foreign: the layout.
        wanted: name of the top cell to look at where there are several; else that which places most. Other top
            cells that draw are in no mask, and are named as not compared.
    """
    pieces = {cell.name: _read(cell, foreign) for cell in foreign.cells}
    unit_nm = Fraction(foreign.dbu_m * 1e9).limit_denominator(_MOST_DENOMINATOR)
    covers_nothing = sum(note.count for note in foreign.unjudged if note.kind in _COVERS_NOTHING)
    unjudged = [
        f"{note.count} {note.kind} on layer {note.layer[0]}/{note.layer[1]} in cell {note.cell} cannot be judged"
        for note in foreign.unjudged
        if note.kind not in _COVERS_NOTHING
    ]
    unjudged += [
        f"cell {cell.name} places {item.cell} at an absolute angle or magnification, which readers take differently"
        for cell in foreign.cells
        for item in cell.placements
        if item.absolute
    ]
    main = main_top(foreign, wanted)
    unjudged += [f"cell {name} is placed by no cell" for name in other_tops(foreign, main)]
    drawing = expanded(pieces, (main,))
    return Seen(drawing, unit_nm, tuple(pieces), covers_nothing, tuple(dict.fromkeys(unjudged)))


def _read(cell: ForeignCell, foreign: ForeignLayout) -> Piece:
    polygons: dict[Key, list[Block]] = {}
    lines: dict[Key, list[Block]] = {}
    for key, group in cell.polygons.items():
        polygons.setdefault(key, []).extend(_columns(group, foreign))
    for key, paths in cell.paths.items():
        for number, outline in outlines(paths):
            places = _places(foreign.repetition(int(paths.repetitions[number])))
            polygons.setdefault(key, []).append(Block(np.rint(outline).astype(np.int64)[None], places))
        for number, points in enumerate(paths):
            if paths.widths[number] == 0 and len(points) > 1:
                places = _places(foreign.repetition(int(paths.repetitions[number])))
                lines.setdefault(key, []).append(Block(segments(points), places))
    together: dict[tuple[str, Matrix], list[Floats]] = {}
    for item in cell.placements:
        origins = np.array(item.origin, dtype=np.float64) + item.repetition.places()
        together.setdefault((item.cell, cleared(orientation_of(item))), []).append(origins)
    return Piece(
        polygons, lines, [Placed(name, matrix, np.concatenate(parts)) for (name, matrix), parts in together.items()]
    )


def _columns(group: Polygons, foreign: ForeignLayout) -> list[Block]:
    """Polygons in blocks of equally many vertices and equal repetition."""
    sizes = np.diff(group.starts)
    found = []
    keys, which = np.unique(np.stack([sizes, group.repetitions], axis=1), axis=0, return_inverse=True)
    for number, (size, repetition) in enumerate(keys.tolist()):
        rows = np.flatnonzero(which.reshape(-1) == number)
        index = group.starts[rows][:, None] + np.arange(size)
        found.append(Block(group.points[index], _places(foreign.repetition(repetition))))
    return found


def _places(repetition: Repetition) -> Ints:
    return _HERE if repetition.count == 1 else np.rint(repetition.places()).astype(np.int64)
