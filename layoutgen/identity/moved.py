"""Cells where the design has none: shapes too many that are, together, a cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from layoutgen.identity.explain import equal, joined, polygons_in, shifted
from layoutgen.identity.layers import Piece
from layoutgen.identity.shapes import Box, Columns, Key, Mask, instances
from layoutgen.identity.task import Task

_MOST_EXTRA: Final = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """A cell too many: its finished outline, whether it lies turned, and the pieces that it is made of."""

    box: Box
    turned: bool
    pieces: tuple[tuple[Key, Piece], ...]


def cell_shapes(task: Task, *, turned: bool) -> dict[Key, BaseGeometry]:
    """What a cell of the design has on each of its layers, from its lower left corner, as such cells lie."""
    array = next((item for item in task.places.arrays if item.turned == turned), None)
    if array is None:
        return {}
    box = task.places.box(array.first)
    found = {}
    for key in task.cell_layers:
        region = joined(polygons_in(_inside(task.meant[key], box)))
        if not region.is_empty:
            found[key] = shifted(region, -box[0], -box[1])
    return found


def _inside(mask: Mask, box: Box) -> Columns:
    x0, y0, x1, y1 = box
    found: Columns = {}
    for length, part in instances(mask.blocks).items():
        boxes = part.boxes()
        inside = (boxes[:, 0] >= x0) & (boxes[:, 1] >= y0) & (boxes[:, 2] <= x1) & (boxes[:, 3] <= y1)
        if inside.any():
            found[length] = part.taken(inside)
    return found


def extra_cells(pieces: Mapping[Key, Sequence[Piece]], task: Task) -> list[Found]:
    """Cells that are made of pieces too many. The layers of most of a cell must be there."""
    extra = {
        key: [piece for piece in pieces.get(key, ()) if piece.change.kind == "extra" and len(piece.cells) <= 1]
        for key in task.cell_layers
    }
    if not any(extra.values()):
        return []
    votes: dict[tuple[int, int, bool], dict[Key, list[Piece]]] = {}
    for turned in (False, True):
        for key, shape in cell_shapes(task, turned=turned).items():
            for piece in extra[key][:_MOST_EXTRA]:
                for part_of in _corners(piece.seen, shape):
                    votes.setdefault((*part_of, turned), {}).setdefault(key, []).append(piece)
    found = []
    used: set[int] = set()
    least = len(task.cell_layers) / 2
    for (x, y, turned), by_key in sorted(votes.items(), key=lambda item: (-len(item[1]), item[0])):
        free = {key: [piece for piece in items if id(piece) not in used] for key, items in by_key.items()}
        whole = [(key, items[0]) for key, items in free.items() if items]
        if len(whole) < max(1.0, least):
            continue
        used.update(id(piece) for _, piece in whole)
        array = next(item for item in task.places.arrays if item.turned == turned)
        box = x, y, x + array.size[0], y + array.size[1]
        whole += fragments(extra, box, task, used, turned=turned)
        found.append(Found(box, turned, tuple(whole)))
    return sorted(found, key=lambda item: item.box)


def _corners(seen: BaseGeometry, shape: BaseGeometry) -> list[tuple[int, int]]:
    """Where the cell would have its corner, if the piece is the cell's shape."""
    dx, dy = (round(seen.bounds[i] - shape.bounds[i]) for i in (0, 1))
    return [(dx, dy)] if equal(shifted(shape, dx, dy), seen) else []


def fragments(
    extra: Mapping[Key, Sequence[Piece]], box: Box, task: Task, used: set[int], *, turned: bool
) -> list[tuple[Key, Piece]]:
    """Shapes of the cell that consist of several pieces, or that have merged: those that together are its own."""
    x0, y0, x1, y1 = box
    found = []
    for key, shape in cell_shapes(task, turned=turned).items():
        inside = [
            piece
            for piece in extra.get(key, ())
            if piece.change.kind == "extra"
            and id(piece) not in used
            and piece.seen.bounds[0] >= x0
            and piece.seen.bounds[1] >= y0
            and piece.seen.bounds[2] <= x1
            and piece.seen.bounds[3] <= y1
        ]
        if inside and equal(shapely.union_all([piece.seen for piece in inside]), shifted(shape, x0, y0)):
            used.update(id(piece) for piece in inside)
            found += [(key, piece) for piece in inside]
    return found
