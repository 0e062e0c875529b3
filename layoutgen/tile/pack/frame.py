"""Equal rectangles in one rectangular frame."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from layoutgen.geometry.boxes import Size
from layoutgen.tile.model import Effort, Packing
from layoutgen.tile.pack.ladder import climb, guillotine, upright
from layoutgen.tile.pack.points import reduced
from layoutgen.web.plan import Block, Blocks


def pack(
    frame: Size,
    item: Size,
    *,
    rotation_allowed: bool = True,
    effort: Effort = Effort.STANDARD,
    guillotine_only: bool = False,
    proof_work: float = 0.0,
) -> Packing:
    """As many items as can be found in the frame, with a bound.

    ``frame`` and ``item`` are (along x, along y) in integers of one unit, inflated by one kerf each. Blocks come in
    frame coordinates. ``guillotine_only`` allows nothing but straight cuts from edge to edge, for shops that
    saw; the bound is then over such packings where the proof says so, else over all. ``proof_work`` above 0 lets
    CP-SAT (if installed) look for one item more afterwards, that much deterministic time for each question. The
    result depends on the arguments only, never on time. Raises ValueError for an item without a positive size.
    """
    *_, last = improving(
        frame,
        item,
        rotation_allowed=rotation_allowed,
        effort=effort,
        guillotine_only=guillotine_only,
        proof_work=proof_work,
    )
    return last


def improving(
    frame: Size,
    item: Size,
    *,
    rotation_allowed: bool = True,
    effort: Effort = Effort.STANDARD,
    guillotine_only: bool = False,
    proof_work: float = 0.0,
) -> Iterator[Packing]:
    """The answers of :func:`pack` as they come, the last of them its own: each has more items or a lower bound than
    the one before. Whoever has no time left takes the one at hand.
    """
    if min(item) <= 0:
        message = f"item sides must be positive, got {item}"
        raise ValueError(message)
    inside = max(0, frame[0]), max(0, frame[1])
    small_frame, small_item, unit = reduced(inside, item)
    known: tuple[int, int] | None = None
    may_turn = rotation_allowed and item[0] != item[1]
    way = upright if not may_turn else guillotine if guillotine_only else climb
    for state in way(small_frame, small_item, effort, proof_work):
        if (state.count, state.bound) != known:
            known = state.count, state.bound
            yield Packing(
                frame=inside,
                item=item,
                blocks=_scaled(merged(state.blocks, small_item), unit),
                upper_bound=state.bound,
                method=state.method,
                proof=state.proof,
            )


def _scaled(blocks: Iterable[Block], unit: int) -> Blocks:
    scaled = (replace(block, x=block.x * unit, y=block.y * unit) for block in blocks)
    return tuple(sorted(scaled, key=lambda block: (block.y, block.x)))


def merged(blocks: Iterable[Block], item: Size) -> Blocks:
    """Fewer, larger blocks: neighbours of one orientation that continue each other become one."""
    todo = list(blocks)
    while True:
        again = _merge_axis(_merge_axis(todo, item, upward=True), item, upward=False)
        if len(again) == len(todo):
            return tuple(again)
        todo = again


def _merge_axis(blocks: list[Block], item: Size, *, upward: bool) -> list[Block]:
    found: list[Block] = []
    key = (lambda b: (b.rotated, b.x, b.y)) if upward else (lambda b: (b.rotated, b.y, b.x))
    for block in sorted(blocks, key=key):
        last = found[-1] if found else None
        if last is not None and last.rotated == block.rotated:
            w, h = block.lying(item)
            above = last.x, last.columns, last.y + last.rows * h
            if upward and above == (block.x, block.columns, block.y):
                found[-1] = replace(last, rows=last.rows + block.rows)
                continue
            beside = last.y, last.rows, last.x + last.columns * w
            if not upward and beside == (block.y, block.rows, block.x):
                found[-1] = replace(last, columns=last.columns + block.columns)
                continue
        found.append(block)
    return found
