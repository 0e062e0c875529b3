"""Equal rectangles in one rectangular frame."""

from collections.abc import Iterable
from dataclasses import replace

from layoutgen.tile.ladder import climb, count_of, grid, guillotine, prove
from layoutgen.tile.model import Block, Blocks, Effort, Packing, Size
from layoutgen.tile.points import reduced


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
    if min(item) <= 0:
        message = f"item sides must be positive, got {item}"
        raise ValueError(message)
    inside = max(0, frame[0]), max(0, frame[1])
    small_frame, small_item, unit = reduced(inside, item)
    if not rotation_allowed or item[0] == item[1]:
        blocks = grid(small_frame, small_item, rotated=False)
        bound, method, proof = count_of(blocks), "grid", "one orientation: the grid is best"
    else:
        state = (guillotine if guillotine_only else climb)(small_frame, small_item, effort)
        if proof_work and not guillotine_only:
            prove(state, proof_work)
        blocks, bound, method, proof = state.blocks, state.bound, state.method, f"{state.bound_by} bound"
    scaled = tuple(replace(block, x=block.x * unit, y=block.y * unit) for block in merged(blocks, small_item))
    return Packing(
        frame=inside,
        item=item,
        blocks=tuple(sorted(scaled, key=lambda block: (block.y, block.x))),
        upper_bound=bound,
        method=method,
        proof=proof if count_of(blocks) == bound else "",
    )


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
            w, h = (item[1], item[0]) if block.rotated else item
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
