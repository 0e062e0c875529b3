"""Blocks of a packing moved, so that no narrow strip is left between their streets.

Packings are made of strips of unequal sizes, so that a block may end little more than a kerf before the next one
begins. What stays between two cuts that are so close is a thread, which no tool can hold or cut cleanly. Most often
the block on one side has room on its other side; then it moves, with what leans on it, until both share one street.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, permutations

from layoutgen.geometry.boxes import Box
from layoutgen.tile.model import Packing
from layoutgen.web.plan import Block


def settled(packing: Packing, kerf: int, least: int, allowed: Callable[[Box], bool] = lambda _: True) -> Packing:
    """The same packing with fewer strips narrower than ``least`` between streets; none where moving blocks helps.

    Count, frame and proof stay what they are: only places change.

    Args:
        packing: of cells inflated by one kerf.
        kerf: width of a street. Blocks less than that apart have streets that overlap, and nothing between them.
        least: the narrowest strip that may stay.
        allowed: whether a block, as the box of its inflated cells, may stand somewhere.
    """
    blocks, reach = packing.blocks, (kerf, kerf + least)
    boxes = [_box(block, packing.item) for block in blocks]
    strips = list(_strips(boxes, reach))
    while strips:
        better = next(
            (
                moved
                for moved in _moves(boxes, strips, reach)
                if _helps(moved, boxes, strips, reach)
                and all(allowed(box) for box, before in zip(moved, boxes, strict=True) if box != before)
            ),
            None,
        )
        if better is None:
            break
        boxes, strips = better, list(_strips(better, reach))
    placed = tuple(replace(block, x=box[0], y=box[1]) for block, box in zip(blocks, boxes, strict=True))
    return packing if placed == blocks else replace(packing, blocks=placed)


def _box(block: Block, item: tuple[int, int]) -> Box:
    u, v = block.lying(item)
    return block.x, block.y, block.x + block.columns * u, block.y + block.rows * v


def _strips(boxes: list[Box], reach: tuple[int, int]) -> Iterator[Box]:
    """(axis, gap, low, high): pairs of boxes that face each other across a gap between the two of ``reach``."""
    for low, high in permutations(range(len(boxes)), 2):
        for axis in (0, 1):
            gap = boxes[high][axis] - boxes[low][2 + axis]
            if reach[0] < gap < reach[1] and _side_by_side(boxes[low], boxes[high], 1 - axis):
                yield axis, gap, low, high


def _side_by_side(a: Box, b: Box, axis: int) -> bool:
    return min(a[2 + axis], b[2 + axis]) > max(a[axis], b[axis])


def _moves(boxes: list[Box], strips: list[Box], reach: tuple[int, int]) -> Iterator[list[Box]]:
    """The boxes with either side of a strip moved onto the other, and with it what lies behind it."""
    for axis, gap, low, high in strips:
        for start, step in ((low, gap), (high, -gap)):
            behind = _leaning(boxes, start, axis, step, reach[1])
            yield [_moved(box, axis, step) if number in behind else box for number, box in enumerate(boxes)]


def _leaning(boxes: list[Box], start: int, axis: int, step: int, near: int) -> set[int]:
    """A box, and all that touch it, or nearly, on the side that it moves away from, and so on;
    ``near`` is how far apart is nearly."""
    found, waiting = {start}, [start]
    while waiting:
        here = boxes[waiting.pop()]
        for number, box in enumerate(boxes):
            gap = here[axis] - box[2 + axis] if step > 0 else box[axis] - here[2 + axis]
            if number not in found and 0 <= gap < near and _side_by_side(here, box, 1 - axis):
                found.add(number)
                waiting.append(number)
    return found


def _moved(box: Box, axis: int, step: int) -> Box:
    dx, dy = (step, 0) if axis == 0 else (0, step)
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def _helps(moved: list[Box], boxes: list[Box], strips: list[Box], reach: tuple[int, int]) -> bool:
    """Whether nothing overlaps or leaves the room that all took before, and fewer strips are left."""
    ends = [function(box[side] for box in boxes) for side, function in enumerate((min, min, max, max))]
    inside = all(
        box[0] >= ends[0] and box[1] >= ends[1] and box[2] <= ends[2] and box[3] <= ends[3] for box in moved
    )
    apart = not any(_side_by_side(a, b, 0) and _side_by_side(a, b, 1) for a, b in combinations(moved, 2))
    return inside and apart and len(list(_strips(moved, reach))) < len(strips)
