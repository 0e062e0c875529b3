"""Blocks less the items that meet a zone."""

from collections.abc import Sequence
from dataclasses import replace

from layoutgen.geometry.boxes import Box, Size
from layoutgen.tile.model import Packing
from layoutgen.tile.pack.frame import merged
from layoutgen.tile.pack.ladder import count_of
from layoutgen.tile.zones.outline import Outline, overlap, shadow
from layoutgen.web.plan import Block, Blocks


def leave_out(packing: Packing, zones: Sequence[Outline]) -> Blocks:
    """The packing, mirrored as is best, without the items that meet a zone."""
    images = [
        tuple(_mirrored(block, packing, flip_x=flip_x, flip_y=flip_y) for block in packing.blocks)
        for flip_x in (False, True)
        for flip_y in (False, True)
    ]
    return max((without(blocks, packing.item, zones) for blocks in images), key=count_of)


def _mirrored(block: Block, packing: Packing, *, flip_x: bool, flip_y: bool) -> Block:
    w, h = block.lying(packing.item)
    x = packing.frame[0] - block.x - block.columns * w if flip_x else block.x
    y = packing.frame[1] - block.y - block.rows * h if flip_y else block.y
    return replace(block, x=x, y=y)


def without(blocks: Blocks, item: Size, zones: Sequence[Outline], *, trim: int = 0) -> Blocks:
    """The blocks less every item that meets a zone, column by column.

    ``trim`` is what to take off the right and upper side of each item before asking: the street, where zones are
    compared with finished cells.
    """
    found: list[Block] = []
    for block in blocks:
        w, h = block.lying(item)
        near = [zone for zone in zones if overlap(zone.bounds, _box_of(block, w, h))]
        if not near:
            found.append(block)
            continue
        for column in range(block.columns):
            found += _column(block, block.x + column * w, (w, h), near, trim)
    return merged(found, item)


def _box_of(block: Block, w: int, h: int) -> Box:
    return block.x, block.y, block.x + block.columns * w, block.y + block.rows * h


def _column(block: Block, x: int, size: Size, zones: Sequence[Outline], trim: int) -> list[Block]:
    w, h = size
    shadows = [run for zone in zones for run in shadow(zone, x, x + w - trim)]
    found: list[Block] = []
    start: int | None = None
    for row in range(block.rows + 1):
        y = block.y + row * h
        free = row < block.rows and not any(y0 < y + h - trim and y < y1 for y0, y1 in shadows)
        if free and start is None:
            start = row
        if not free and start is not None:
            found.append(Block(x, block.y + start * h, 1, row - start, block.rotated))
            start = None
    return found
