"""Exhaustive search on tiny frames: the oracle for counts and bounds."""

from functools import cache


@cache
def most_items(width, height, w, h, blocked=()):
    """The most w x h rectangles, turned or not, in a frame of unit cells less the ``blocked`` ones: depth first,
    cell by cell. Only for frames of a few dozen unit cells.
    """
    best = 0
    full = (1 << (width * height)) - 1
    masks = {}

    def mask(x, y, a, b):
        key = (x, y, a, b)
        if key not in masks:
            masks[key] = sum(((1 << a) - 1) << ((y + j) * width + x) for j in range(b))
        return masks[key]

    seen = {}

    def go(position, taken, count):
        nonlocal best
        free = (full & ~taken) >> position
        if count + free.bit_count() // (w * h) <= best:
            return
        key = (position, taken >> position)
        if seen.get(key, -1) >= count:
            return
        seen[key] = count
        best = max(best, count)
        while position < width * height and taken >> position & 1:
            position += 1
        if position == width * height:
            return
        y, x = divmod(position, width)
        for a, b in {(w, h), (h, w)}:
            if x + a <= width and y + b <= height and not taken & mask(x, y, a, b):
                go(position + 1, taken | mask(x, y, a, b), count + 1)
        go(position + 1, taken, count)

    go(0, sum(1 << (y * width + x) for x, y in set(blocked)), 0)
    return best
