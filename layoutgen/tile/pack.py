"""Equal rectangles in one rectangular frame: the ladder of methods, climbed until the count meets the
bound.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from layoutgen.tile.bounds import frame_bound
from layoutgen.tile.model import Block, Effort, Packing
from layoutgen.tile.points import reduced
from layoutgen.tile.strips import strip_blocks, strip_count

Blocks = tuple[Block, ...]
Frame = tuple[int, int]


def pack(frame: Frame, item: Frame, *, rotation_allowed: bool = True, effort: Effort = Effort.STANDARD) -> Packing:
    """As many items as can be found in the frame, with a bound.

    ``frame`` and ``item`` are (along x, along y) in integers of one unit, inflated by one kerf each. Blocks
    come in frame coordinates. The result depends on the arguments only, never on time. Raises ValueError for
    an item without a positive size.
    """
    if min(item) <= 0:
        message = f"item sides must be positive, got {item}"
        raise ValueError(message)
    inside = max(0, frame[0]), max(0, frame[1])
    small_frame, small_item, unit = reduced(inside, item)
    if not rotation_allowed or item[0] == item[1]:
        blocks = _grid(small_frame, small_item, rotated=False)
        bound, method, proof = _count(blocks), "grid", "one orientation: the grid is best"
    else:
        bound, name = frame_bound(small_frame, small_item)
        blocks, method = _climb(small_frame, small_item, bound, effort)
        proof = f"{name} bound"
    scaled = tuple(replace(block, x=block.x * unit, y=block.y * unit) for block in merged(blocks, small_item))
    return Packing(
        frame=inside,
        item=item,
        blocks=tuple(sorted(scaled, key=lambda block: (block.y, block.x))),
        upper_bound=bound,
        method=method,
        proof=proof if _count(blocks) == bound else "",
    )


def _climb(frame: Frame, item: Frame, bound: int, effort: Effort) -> tuple[Blocks, str]:
    best: Blocks = ()
    method = "grid"
    for name, attempt in _rungs(frame, item, effort):
        blocks = attempt(_count(best))
        if _count(blocks) > _count(best):
            best, method = blocks, name
        if _count(best) == bound:
            break
    return best, method


Attempt = Callable[[int], Blocks]


def _rungs(frame: Frame, item: Frame, effort: Effort) -> Iterator[tuple[str, Attempt]]:
    """Methods in order of cost; each is given the count to beat and may return nothing if it cannot."""
    yield "grid", lambda _: max((_grid(frame, item, rotated=turned) for turned in (False, True)), key=_count)
    yield "lanes", lambda _: max(_lanes(frame, item), _swapped(_lanes(_swap(frame), _swap(item))), key=_count)
    if effort >= Effort.STANDARD:
        yield "3-stage", lambda best: _strips(frame, item, best)


def _strips(frame: Frame, item: Frame, best: int) -> Blocks:
    across, along = strip_count(frame, *item), strip_count(_swap(frame), *_swap(item))
    if max(across, along) <= best:
        return ()
    if across >= along:
        return strip_blocks(frame, *item)
    return _swapped(strip_blocks(_swap(frame), *_swap(item)))


def _grid(frame: Frame, item: Frame, *, rotated: bool) -> Blocks:
    w, h = _swap(item) if rotated else item
    columns, rows = frame[0] // w, frame[1] // h
    return (Block(0, 0, columns, rows, rotated),) if columns and rows else ()


def _lanes(frame: Frame, item: Frame) -> Blocks:
    """Lanes along y, each of one orientation, each packed tight."""
    u, v = item
    straight, turned = frame[1] // v, frame[1] // u
    choices = [(a, (frame[0] - a * u) // v) for a in range(frame[0] // u + 1)]
    a, b = max(choices, key=lambda lanes: (lanes[0] * straight + lanes[1] * turned, lanes[0]))
    found = []
    if a and straight:
        found.append(Block(0, 0, a, straight, rotated=False))
    if b and turned:
        found.append(Block(a * u, 0, b, turned, rotated=True))
    return tuple(found)


def _swap(pair: Frame) -> Frame:
    return pair[1], pair[0]


def _swapped(blocks: Blocks) -> Blocks:
    """Blocks of the frame mirrored at its diagonal: x and y, columns and rows change places.

    An unrotated item of the mirrored frame is (v, u) there and (u, v) here, so orientations stay.
    """
    return tuple(Block(b.y, b.x, b.rows, b.columns, b.rotated) for b in blocks)


def _count(blocks: Iterable[Block]) -> int:
    return sum(block.count for block in blocks)


def merged(blocks: Iterable[Block], item: Frame) -> Blocks:
    """Fewer, larger blocks: neighbours of one orientation that continue each other become one."""
    todo = list(blocks)
    while True:
        again = _merge_axis(_merge_axis(todo, item, upward=True), item, upward=False)
        if len(again) == len(todo):
            return tuple(again)
        todo = again


def _merge_axis(blocks: list[Block], item: Frame, *, upward: bool) -> list[Block]:
    found: list[Block] = []
    key = (lambda b: (b.rotated, b.x, b.y)) if upward else (lambda b: (b.rotated, b.y, b.x))
    for block in sorted(blocks, key=key):
        last = found[-1] if found else None
        if last is not None and last.rotated == block.rotated:
            w, h = _swap(item) if block.rotated else item
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
