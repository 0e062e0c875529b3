"""Per mask: the area in which two layouts differ, exactly, and a picture of it.

Masks are rectilinear. The vertical edges of all polygons of both layouts cut the plane into a grid of unequal
rectangles, on which each layout is a sum of steps; the sums are taken band by band, so that memory is bounded and
arrays are expanded as numbers and never as shapes.
"""

import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.geometry.boxes import Box, turned
from layoutgen.layout.measure import union_of_boxes
from layoutgen.layout.model import Layout, LayoutCell, Placement

_BAND: Final = 4_000_000
"""Most grid rectangles that are held at once."""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class MaskDiff:
    """One mask of two layouts. Areas in mm2; ``pictures`` are PNG files, the whole and then a corner;
    ``where_nm`` is the box around all that differs, None where nothing does.

    ``comparable`` is False where a polygon has edges that are not parallel to an axis; areas are then 0.
    """

    mask: str
    only_first_mm2: float
    only_second_mm2: float
    both_mm2: float
    pictures: tuple[bytes, ...] = ()
    comparable: bool = True
    where_nm: Box | None = None

    @property
    def xor_mm2(self) -> float:
        return self.only_first_mm2 + self.only_second_mm2

    @property
    def same(self) -> bool:
        return self.comparable and not self.xor_mm2


def mask_diffs(
    first: Layout, second: Layout, masks: Sequence[str], corner_nm: Box | None = None, width_px: int = 560
) -> tuple[MaskDiff, ...]:
    """Compare masks by name, in top coordinates.

    Args:
        first: one layout.
        second: the other; its database unit may be another.
        masks: layer names.
        corner_nm: a window for a second, closer picture.
        width_px: width of the pictures.
    """
    return tuple(_compare(first, second, mask, corner_nm, width_px) for mask in masks)


@dataclass(frozen=True, slots=True)
class _Edges:
    """Vertical edges of one polygon, repeated over a grid of places.

    ``edges`` has rows (x, y low, y high, sign) in nm, sign +1 where the inside begins to the right; each is there
    at every sum with one of ``across`` in x and one of ``along`` in y.
    """

    edges: Ints
    across: Ints
    along: Ints

    def xs(self) -> Ints:
        return self.edges[:, :1] + self.across

    def ys(self, column: int) -> Ints:
        return self.edges[:, column : column + 1] + self.along


@dataclass(frozen=True, slots=True)
class _Steps:
    """Edges as indices into the grid: of x (edges x across), of both ends in y (edges x along)."""

    x: Ints
    low: Ints
    high: Ints
    sign: Ints


def _compare(first: Layout, second: Layout, mask: str, corner: Box | None, width_px: int) -> MaskDiff:
    found = [_edges(layout, mask) for layout in (first, second)]
    if found[0] is None or found[1] is None:
        return MaskDiff(mask, 0.0, 0.0, 0.0, comparable=False)
    sides = found[0], found[1]
    every = [*sides[0], *sides[1]]
    if not every:
        return MaskDiff(mask, 0.0, 0.0, 0.0)
    xs = np.unique(np.concatenate([np.unique(item.xs()) for item in every]))
    ys = np.unique(np.concatenate([np.unique(item.ys(column)) for item in every for column in (1, 2)]))
    whole = int(xs[0]), int(ys[0]), int(xs[-1]), int(ys[-1])
    pictures = [_Picture(window, width_px, ys) for window in (whole, corner) if window]
    totals, where = _sum([_steps(side, xs, ys) for side in sides], xs, ys, pictures)
    areas = [total * 1e-12 for total in totals]
    seen = [picture for picture in pictures if picture.shows] if totals[0] or totals[1] else []
    return MaskDiff(mask, areas[0], areas[1], areas[2], tuple(picture.png() for picture in seen), where_nm=where)


def _steps(side: Sequence[_Edges], xs: Ints, ys: Ints) -> list[_Steps]:
    return [
        _Steps(
            np.searchsorted(xs, item.xs()),
            np.searchsorted(ys, item.ys(1)),
            np.searchsorted(ys, item.ys(2)),
            item.edges[:, 3],
        )
        for item in side
    ]


def _sum(
    sides: Sequence[Sequence[_Steps]], xs: Ints, ys: Ints, pictures: "list[_Picture]"
) -> tuple[list[int], Box | None]:
    """Areas in the first only, the second only and both, in nm2, and the box around all that differs."""
    dx, dy = np.diff(xs), np.diff(ys)
    rows = max(1, _BAND // len(ys))
    levels = [np.zeros(len(ys), dtype=np.int32) for _ in range(2)]
    totals = [0, 0, 0]
    corners: list[Box] = []
    for start in range(0, len(dx), rows):
        stop = min(start + rows, len(dx))
        inside = []
        for number, side in enumerate(sides):
            levels[number], covered = _band(side, len(ys), start, stop, levels[number])
            inside.append(covered)
        parts = (inside[0] & ~inside[1], inside[1] & ~inside[0], inside[0] & inside[1])
        for number, part in enumerate(parts):
            totals[number] += int(dx[start:stop] @ (part @ dy))
        across, along = np.nonzero(parts[0] | parts[1])
        if len(across):
            low, high = int(across.min()) + start, int(across.max()) + start + 1
            corners.append((int(xs[low]), int(ys[along.min()]), int(xs[high]), int(ys[along.max() + 1])))
        for picture in pictures:
            picture.add(parts, xs[start : stop + 1])
    return totals, union_of_boxes(corners)


def _band(
    side: Sequence[_Steps], height: int, start: int, stop: int, level: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Coverage of the columns ``start .. stop`` of the grid, and the state that the next band goes on from."""
    size = (stop - start) * height
    step = np.zeros(size)
    for item in side:
        edge, place = np.nonzero((item.x >= start) & (item.x < stop))
        if not len(edge):
            continue
        column = (item.x[edge, place] - start)[:, None] * height
        signs = np.repeat(item.sign[edge], item.low.shape[1])
        step += np.bincount((column + item.low[edge]).ravel(), weights=signs, minlength=size)
        step -= np.bincount((column + item.high[edge]).ravel(), weights=signs, minlength=size)
    levels = np.cumsum(step.reshape(stop - start, height).astype(np.int32), axis=0) + level
    return levels[-1].astype(np.int32), np.cumsum(levels, axis=1)[:, :-1] > 0


class _Picture:
    """Mean coverage of each pixel by first only, second only and both."""

    def __init__(self, window: Box, width_px: int, ys: Ints) -> None:
        x0, y0, x1, y1 = window
        span = max(x1 - x0, y1 - y0, 1)
        pad = max(span // 50, 1)
        self.window = x0 - pad, y0 - pad, x1 + pad, y1 + pad
        width, height = x1 - x0 + 2 * pad, y1 - y0 + 2 * pad
        self.width = max(1, round(width_px * min(1.0, width / height)))
        self.height = max(1, round(self.width * height / width))
        self.sums = [np.zeros((self.width, self.height)) for _ in range(3)]
        self.along = _Overlaps(ys, self.window[1], self.window[3], self.height)

    def add(self, parts: Sequence[NDArray[np.bool_]], xs: Ints) -> None:
        if xs[-1] <= self.window[0] or xs[0] >= self.window[2]:
            return
        across = _Overlaps(xs, self.window[0], self.window[2], self.width)
        for number, part in enumerate(parts):
            self.sums[number] += across.mean(self.along.mean(part.T).T)

    @property
    def shows(self) -> bool:
        """Whether anything lies in the window."""
        return any(bool(total.any()) for total in self.sums)

    def png(self) -> bytes:
        """The picture; y points up as in the layout."""
        image = np.full((self.height, self.width, 3), 255.0)
        for total, colour in zip(self.sums, ((192, 48, 38), (31, 95, 139), (205, 208, 212)), strict=True):
            share = np.clip(total.T[::-1], 0.0, 1.0)[:, :, None]
            if colour[0] != 205:
                # a difference narrower than a pixel must still show
                share = np.where(share > 0, np.maximum(share, 0.35), 0.0)
            image = image * (1 - share) + np.array(colour) * share
        return png(np.rint(image).astype(np.uint8))


class _Overlaps:
    """The part of each pixel that each interval between rising stops covers; most intervals lie in one pixel."""

    def __init__(self, stops: Ints, low: int, high: int, pixels: int) -> None:
        size = (high - low) / pixels
        position = np.clip((stops - low) / size, 0, pixels)
        self.pixels = pixels
        rows, columns, shares = [], [], []
        for number, (start, end) in enumerate(pairwise(position.tolist())):
            for pixel in range(int(start), min(math.ceil(end), pixels)):
                rows.append(pixel)
                columns.append(number)
                shares.append(min(end, pixel + 1) - max(start, pixel))
        # stops rise, and so do pixels
        self.rows, self.first = np.unique(np.array(rows, dtype=np.int64), return_index=True)
        self.columns, self.shares = np.array(columns, dtype=np.int64), np.array(shares)

    def mean(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Of values of intervals (intervals x others) the mean over each pixel (pixels x others)."""
        found = np.zeros((self.pixels, values.shape[1]))
        if len(self.rows):
            found[self.rows] = np.add.reduceat(values[self.columns] * self.shares[:, None], self.first, axis=0)
        return found


def png(image: NDArray[np.uint8]) -> bytes:
    """An RGB image (height x width x 3) as a PNG file."""
    height, width, _ = image.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), image.reshape(height, -1)], axis=1)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _edges(layout: Layout, layer: str) -> list[_Edges] | None:
    """The vertical edges of a layer; None where a polygon has an edge that is not parallel to an axis."""
    cells, holds = layout.by_name(), _cells_with(layout, layer)
    found: list[_Edges] = []

    def walk(cell: LayoutCell, turns: int, across: Ints, along: Ints) -> bool:
        for polygon in cell.polygons:
            if polygon.layer == layer:
                edges = _vertical(np.array([turned(point, turns) for point in polygon.points], dtype=np.int64))
                if edges is None:
                    return False
                scale = np.array([nm, nm, nm, 1], dtype=np.int64)
                found.append(_Edges(edges * scale, across * nm, along * nm))
        for placement in cell.placements:
            if placement.cell in holds:
                steps = _places(placement, turns)
                places = [np.add.outer(old, new).ravel() for old, new in zip((across, along), steps, strict=True)]
                if not walk(cells[placement.cell], (turns + placement.quarter_turns) % 4, *places):
                    return False
        return True

    nm = layout.dbu_nm
    origin = np.zeros(1, dtype=np.int64)
    return found if walk(cells[layout.top], 0, origin, origin) else None


def _places(placement: Placement, turns: int) -> tuple[Ints, Ints]:
    """Positions in x and in y of an array inside a cell that is turned; any x goes with any y."""
    columns = np.arange(placement.columns, dtype=np.int64) * placement.pitch[0]
    rows = np.arange(placement.rows, dtype=np.int64) * placement.pitch[1]
    x, y = turned(placement.origin, turns)
    if turns % 2:
        columns, rows = rows * turned((0, 1), turns)[0], columns * turned((1, 0), turns)[1]
    else:
        columns, rows = columns * turned((1, 0), turns)[0], rows * turned((0, 1), turns)[1]
    return columns + x, rows + y


def _cells_with(layout: Layout, layer: str) -> set[str]:
    holds: set[str] = set()
    for cell in layout.cells:
        own = any(polygon.layer == layer for polygon in cell.polygons)
        if own or any(placement.cell in holds for placement in cell.placements):
            holds.add(cell.name)
    return holds


def _vertical(points: Ints) -> Ints | None:
    """None where an edge is neither horizontal nor vertical. The inside of a counter-clockwise polygon begins at
    edges that go down."""
    ends = np.roll(points, -1, axis=0)
    vertical = points[:, 0] == ends[:, 0]
    if not np.all(vertical | (points[:, 1] == ends[:, 1])):
        return None
    start, end = points[vertical], ends[vertical]
    area2 = int(np.sum(points[:, 0] * ends[:, 1] - ends[:, 0] * points[:, 1]))
    sign = np.where(start[:, 1] > end[:, 1], 1, -1) * (1 if area2 > 0 else -1)
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    return np.stack([start[:, 0], low, high, sign], axis=1)
