"""An independent check of packings and plans: plain integers and a sweep, nothing shared with the tiler."""

from bisect import bisect_left, insort


def rectangles(blocks, size, pitch):
    """Every cell of the blocks as (x0, y0, x1, y1)."""
    found = []
    for block in blocks:
        across, up = size if not block.rotated else size[::-1]
        step_x, step_y = pitch if not block.rotated else pitch[::-1]
        for column in range(block.columns):
            for row in range(block.rows):
                x, y = block.x + column * step_x, block.y + row * step_y
                found.append((x, y, x + across, y + up))
    return found


def disjoint(boxes):
    """Sweep along x; the active intervals in y must stay disjoint, so neighbours in order are enough."""
    events = sorted([(x0, 1, y0, y1) for x0, y0, x1, y1 in boxes] + [(x1, 0, y0, y1) for x0, y0, x1, y1 in boxes])
    active = []
    for _, opens, y0, y1 in events:
        if not opens:
            active.pop(bisect_left(active, (y0, y1)))
            continue
        at = bisect_left(active, (y0, y1))
        if at < len(active) and active[at][0] < y1:
            return False
        if at and active[at - 1][1] > y0:
            return False
        insort(active, (y0, y1))
    return True


def check_packing(packing, *, rotation_allowed=True):
    boxes = rectangles(packing.blocks, packing.item, packing.item)
    width, height = packing.frame
    assert all(x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height for x0, y0, x1, y1 in boxes), (
        "outside the frame"
    )
    assert all(x1 > x0 and y1 > y0 for x0, y0, x1, y1 in boxes)
    assert all(block.columns > 0 and block.rows > 0 for block in packing.blocks)
    assert rotation_allowed or not any(block.rotated for block in packing.blocks), "turned cell"
    assert disjoint(boxes), "overlap"
    assert len(boxes) == packing.count <= packing.upper_bound
    assert bool(packing.proof) == (packing.count == packing.upper_bound)


def check_plan(plan, *, continuous=False):
    """Fields inside the usable web and apart; cells and their kerf inside their field; no two kerfs too near."""
    frame = plan.frame
    fields = [(f.x, f.y, f.x + f.width, f.y + f.length) for f in plan.fields]
    gap = frame.field_gap
    for x0, y0, x1, y1 in fields:
        assert frame.edge <= x0 < x1 <= frame.width - frame.edge, "field outside the usable web"
        assert 0 <= y0 < y1 <= plan.repeat_length, "field outside the repeat"
        if frame.regime == "fields":
            assert x1 - x0 <= frame.field_width, "field wider than the scanner reaches"
            assert y1 - y0 <= frame.field_length, "field longer than the scanner reaches"
        if not continuous:
            assert y0 >= gap, "no room for marks below the field"
    assert disjoint([(x0, y0, x1 + gap, y1) for x0, y0, x1, y1 in fields]), "fields too near"
    pitch = plan.cell[0] + frame.kerf, plan.cell[1] + frame.kerf
    everything = []
    for field, (x0, y0, x1, y1) in zip(plan.fields, fields, strict=True):
        boxes = rectangles(field.blocks, plan.cell, pitch)
        streets = [(a - frame.kerf, b - frame.kerf, c + frame.kerf, d + frame.kerf) for a, b, c, d in boxes]
        top = y1 + frame.kerf if continuous else y1
        assert all(a >= x0 and b >= y0 and c <= x1 and d <= top for a, b, c, d in streets), "kerf outside its field"
        everything += [(a, b, c + frame.kerf, d + frame.kerf) for a, b, c, d in boxes]
        assert len(boxes) == field.count
    assert disjoint(everything), "cells overlap or share less than one kerf"
    if continuous:
        later = [(a, b + plan.repeat_length, c, d + plan.repeat_length) for a, b, c, d in everything]
        assert disjoint(everything + later), "one repeat runs into the next"
    assert len(everything) == plan.cells_per_repeat <= plan.bound_cells_per_repeat
    assert bool(plan.proof) == plan.proved_optimal
    assert frame.rotation_allowed or not any(b.rotated for f in plan.fields for b in f.blocks)
