"""Per mask: the area in which two layouts differ, exactly, and a picture of it.

Masks are rectilinear. The vertical edges of all polygons of both layouts cut the plane into a grid of unequal
rectangles, on which each layout is a sum of steps; the sums are taken band by band, so that memory is bounded and
arrays are expanded as numbers and never as shapes.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.layout.model import Layout, LayoutCell, turned

_BAND: Final = 4_000_000
"""Most grid rectangles that are held at once."""
Ints = NDArray[np.int64]
Window = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class MaskDiff:
    """One mask of two layouts. Areas in mm2; ``pictures`` are PNG files, the whole and then a corner.

    ``comparable`` is False where a polygon has edges that are not parallel to an axis; areas are then 0.
    """

    mask: str
    only_first_mm2: float
    only_second_mm2: float
    both_mm2: float
    pictures: tuple[bytes, ...] = ()
    comparable: bool = True

    @property
    def xor_mm2(self) -> float:
        return self.only_first_mm2 + self.only_second_mm2

    @property
    def same(self) -> bool:
        return self.comparable and not self.xor_mm2


def mask_diffs(
    first: Layout, second: Layout, masks: Sequence[str], corner_nm: Window | None = None, width_px: int = 560
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


def _compare(first: Layout, second: Layout, mask: str, corner: Window | None, width_px: int) -> MaskDiff:
    edges = [_edges(layout, mask) for layout in (first, second)]
    if any(found is None for found in edges):
        return MaskDiff(mask, 0.0, 0.0, 0.0, comparable=False)
    one, two = (found for found in edges if found is not None)
    both = np.concatenate([one, two])
    if not len(both):
        return MaskDiff(mask, 0.0, 0.0, 0.0)
    xs, ys = np.unique(both[:, 0]), np.unique(both[:, 1:3])
    whole = int(xs[0]), int(ys[0]), int(xs[-1]), int(ys[-1])
    pictures = [_Picture(window, width_px) for window in (whole, corner) if window]
    totals = _sum(one, two, xs, ys, pictures)
    areas = [total * 1e-12 for total in totals]
    seen = [picture for picture in pictures if picture.shows] if totals[0] or totals[1] else []
    files = tuple(picture.png() for picture in seen)
    return MaskDiff(mask, areas[0], areas[1], areas[2], files)


def _sum(one: Ints, two: Ints, xs: Ints, ys: Ints, pictures: "list[_Picture]") -> list[int]:
    dx, dy = np.diff(xs), np.diff(ys)
    rows = max(1, _BAND // len(ys))
    levels = [np.zeros(len(ys), dtype=np.int32) for _ in range(2)]
    sorted_edges = [edges[np.argsort(edges[:, 0], kind="stable")] for edges in (one, two)]
    totals = [0, 0, 0]
    for start in range(0, len(dx), rows):
        stop = min(start + rows, len(dx))
        inside = []
        for number, edges in enumerate(sorted_edges):
            levels[number], covered = _band(edges, xs, ys, start, stop, levels[number])
            inside.append(covered)
        parts = (inside[0] & ~inside[1], inside[1] & ~inside[0], inside[0] & inside[1])
        for number, part in enumerate(parts):
            totals[number] += int(dx[start:stop] @ (part @ dy))
        for picture in pictures:
            picture.add(parts, xs[start : stop + 1], ys)
    return totals


def _band(
    edges: Ints, xs: Ints, ys: Ints, start: int, stop: int, level: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Coverage of the columns ``start .. stop`` of the grid, and the state that the next band goes on from."""
    low, high = np.searchsorted(edges[:, 0], [xs[start], xs[stop - 1]], side="left")
    high = np.searchsorted(edges[:, 0], xs[stop - 1], side="right")
    here = edges[low:high]
    column = np.searchsorted(xs, here[:, 0]) - start
    size = (stop - start, len(ys))
    index = np.concatenate([
        column * len(ys) + np.searchsorted(ys, here[:, 1]),
        column * len(ys) + np.searchsorted(ys, here[:, 2]),
    ])  # fmt: skip
    signs = np.concatenate([here[:, 3], -here[:, 3]])
    step = np.bincount(index, weights=signs, minlength=size[0] * size[1]).reshape(size).astype(np.int32)
    step = np.cumsum(step, axis=0) + level
    return step[-1], np.cumsum(step, axis=1)[:, :-1] > 0


class _Picture:
    """Mean coverage of each pixel by first only, second only and both."""

    def __init__(self, window: Window, width_px: int) -> None:
        x0, y0, x1, y1 = window
        span = max(x1 - x0, y1 - y0, 1)
        pad = max(span // 50, 1)
        self.window = x0 - pad, y0 - pad, x1 + pad, y1 + pad
        width, height = x1 - x0 + 2 * pad, y1 - y0 + 2 * pad
        self.width = max(1, round(width_px * min(1.0, width / height)))
        self.height = max(1, round(self.width * height / width))
        self.sums = [np.zeros((self.width, self.height)) for _ in range(3)]

    def add(self, parts: Sequence[NDArray[np.bool_]], xs: Ints, ys: Ints) -> None:
        across = _overlaps(xs, self.window[0], self.window[2], self.width)
        along = _overlaps(ys, self.window[1], self.window[3], self.height)
        for number, part in enumerate(parts):
            self.sums[number] += across @ (part.astype(float) @ along.T)

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


def _overlaps(stops: Ints, low: int, high: int, pixels: int) -> Any:
    """Sparse (pixels x intervals): the part of each pixel that an interval between stops covers."""
    from scipy.sparse import csr_array

    size = (high - low) / pixels
    position = np.clip((stops - low) / size, 0, pixels)
    rows, columns, shares = [], [], []
    for number, (start, end) in enumerate(pairwise(position)):
        for pixel in range(int(start), min(int(np.ceil(end)), pixels)):
            rows.append(pixel)
            columns.append(number)
            shares.append(min(end, pixel + 1) - max(start, pixel))
    return csr_array((shares, (rows, columns)), shape=(pixels, len(stops) - 1))


def png(image: NDArray[np.uint8]) -> bytes:
    """An RGB image (height x width x 3) as a PNG file."""
    height, width, _ = image.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), image.reshape(height, -1)], axis=1)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _edges(layout: Layout, layer: str) -> Ints | None:
    """Vertical edges of a layer in nm as rows (x, y low, y high, +1 where the inside begins, -1 where it ends)."""
    cells = layout.by_name()
    found: list[Ints] = []
    holds = _cells_with(layout, layer)

    def walk(cell: LayoutCell, turns: int, origins: Ints) -> bool:
        for polygon in cell.polygons:
            if polygon.layer == layer:
                points = np.array([turned(point, turns) for point in polygon.points], dtype=np.int64)
                edges = _vertical(points)
                if edges is None:
                    return False
                moved = (
                    edges[None, :, :]
                    + np.stack(
                        [origins[:, 0], origins[:, 1], origins[:, 1], np.zeros(len(origins), np.int64)], axis=1
                    )[:, None, :]
                )
                found.append(moved.reshape(-1, 4))
        for placement in cell.placements:
            if placement.cell not in holds:
                continue
            columns, rows = np.meshgrid(np.arange(placement.columns), np.arange(placement.rows))
            steps = np.stack([columns.ravel() * placement.pitch[0], rows.ravel() * placement.pitch[1]], axis=1)
            steps = steps + np.array(placement.origin)
            turn = _TURNS[turns % 4]
            places = (origins[:, None, :] + (steps @ turn.T)[None, :, :]).reshape(-1, 2)
            if not walk(cells[placement.cell], turns + placement.quarter_turns, places):
                return False
        return True

    if not walk(cells[layout.top], 0, np.zeros((1, 2), dtype=np.int64)):
        return None
    edges: Ints = np.concatenate(found) if found else np.zeros((0, 4), dtype=np.int64)
    scaled: Ints = edges * np.array([layout.dbu_nm, layout.dbu_nm, layout.dbu_nm, 1], dtype=np.int64)
    return scaled


_TURNS: Final = [np.array([turned((1, 0), t), turned((0, 1), t)], dtype=np.int64).T for t in range(4)]


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
