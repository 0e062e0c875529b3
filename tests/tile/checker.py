"""An independent check of packings and plans: plain integers and a sweep, nothing shared with the tiler."""

from bisect import bisect_left, insort
from fractions import Fraction


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


def meets(corners, box):
    """Whether a simple polygon and a box share an area: the polygon cut along the box's sides, in fractions."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    if max(xs) <= box[0] or box[2] <= min(xs) or max(ys) <= box[1] or box[3] <= min(ys):
        return False
    ring = [(Fraction(x), Fraction(y)) for x, y in corners]
    for axis, at, sign in ((0, box[0], 1), (0, box[2], -1), (1, box[1], 1), (1, box[3], -1)):
        kept = []
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
            first, second = sign * (a[axis] - at), sign * (b[axis] - at)
            kept += [a] if first >= 0 else []
            if first * second < 0:
                kept.append(tuple(a[k] + (b[k] - a[k]) * first / (first - second) for k in (0, 1)))
        ring = kept
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) != 0


def grown(box, by):
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def cells_of(plan):
    """Every finished cell of a plan."""
    pitch = plan.cell[0] + plan.frame.kerf, plan.cell[1] + plan.frame.kerf
    return [cell for field in plan.fields for cell in rectangles(field.blocks, plan.cell, pitch)]


def threads(plan, least):
    """Gaps below ``least`` between the streets of blocks that face each other."""
    kerf = plan.frame.kerf
    found = []
    for field in plan.fields:
        boxes = []
        for block in field.blocks:
            w, h = plan.cell[::-1] if block.rotated else plan.cell
            x1, y1 = block.x + block.columns * (w + kerf), block.y + block.rows * (h + kerf)
            boxes.append((block.x - kerf, block.y - kerf, x1, y1))
        for a in boxes:
            for b in boxes:
                faces = [min(a[2 + i], b[2 + i]) > max(a[i], b[i]) for i in (0, 1)]
                found += [b[i] - a[2 + i] for i in (0, 1) if faces[1 - i] and 0 < b[i] - a[2 + i] < least]
    return found


def hulls(blocks, pitch):
    """The outline of every block: its cells with the street at their right and upper side fill it exactly, so what
    holds for the outlines holds for all cells, however many there are."""
    found = []
    for block in blocks:
        across, up = pitch[::-1] if block.rotated else pitch
        found.append((block.x, block.y, block.x + block.columns * across, block.y + block.rows * up))
    return found


def check_packing(packing, *, rotation_allowed=True, zones=()):
    """Inside the frame, disjoint, outside zones (polygons as corners), count and proof as stated."""
    boxes = hulls(packing.blocks, packing.item)
    width, height = packing.frame
    assert all(x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height for x0, y0, x1, y1 in boxes), (
        "outside the frame"
    )
    assert all(block.columns > 0 and block.rows > 0 for block in packing.blocks), "a block without cells"
    assert rotation_allowed or not any(block.rotated for block in packing.blocks), "turned cell"
    assert disjoint(boxes), "overlap"
    assert not any(meets(zone, box) for zone in zones for box in boxes), "cell in a zone"
    cells = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) // (packing.item[0] * packing.item[1])
    assert cells == packing.count, "count is not that of the blocks"
    assert cells <= packing.upper_bound, "more cells than the bound allows"
    assert bool(packing.proof) == (packing.count == packing.upper_bound), "a proof without its bound"


def check_plan(plan):
    """Fields inside the usable web and apart, off the slits; cells and their kerf inside their field; no two kerfs
    too near; structures inside fields; all of it a kerf away from zones."""
    frame, continuous = plan.frame, plan.frame.regime == "free"
    kerf, gap = frame.kerf, frame.field_gap
    pitch = plan.cell[0] + kerf, plan.cell[1] + kerf
    fields = [(f.x, f.y, f.x + f.width, f.y + f.length) for f in plan.fields]
    check_fields(plan, fields, gap)
    everything, cells = [], 0
    for field, (x0, y0, x1, y1) in zip(plan.fields, fields, strict=True):
        assert all(block.columns > 0 and block.rows > 0 for block in field.blocks), "a block without cells"
        boxes = hulls(field.blocks, pitch)
        top = y1 + kerf if continuous else y1
        assert all(a - kerf >= x0 and b - kerf >= y0 and c <= x1 and d <= top for a, b, c, d in boxes), (
            "kerf outside its field"
        )
        held = sum((c - a) * (d - b) for a, b, c, d in boxes) // (pitch[0] * pitch[1])
        assert held == field.count, "count is not that of the blocks"
        everything, cells = everything + boxes, cells + held
    for placed in plan.structures:
        box = placed.x, placed.y, placed.x + placed.width, placed.y + placed.length
        x0, y0, x1, y1 = fields[placed.field]
        a, b, c, d = grown(box, kerf)
        top = y1 + kerf if continuous else y1
        assert x0 <= a < c <= x1, "structure outside its field"
        assert y0 <= b < d <= top, "structure outside its field"
        everything.append((*box[:2], c, d))
    assert disjoint(everything), "cells or structures overlap or share less than one kerf"
    shifts = (-plan.repeat_length, 0, plan.repeat_length) if continuous else (0,)
    for shift in shifts:
        for zone in plan.zones:
            corners = [(x, y + shift) for x, y in zone.corners]
            near = (meets(corners, (a - kerf, b - kerf, c, d)) for a, b, c, d in everything)
            assert not any(near), "less than one kerf from a zone"
    if continuous:
        later = [(a, b + plan.repeat_length, c, d + plan.repeat_length) for a, b, c, d in everything]
        assert disjoint(everything + later), "one repeat runs into the next"
    assert cells == plan.cells_per_repeat, "count is not that of the fields"
    assert cells <= plan.bound_cells_per_repeat, "more cells than the bound allows"
    assert bool(plan.proof) == plan.proved_optimal, "a proof without its bound"
    assert frame.rotation_allowed or not any(b.rotated for f in plan.fields for b in f.blocks), "turned cell"


def check_fields(plan, fields, gap):
    """Fields as boxes: on the usable web, off the slits, within the scanner's reach, apart."""
    frame = plan.frame
    for x0, y0, x1, y1 in fields:
        assert frame.edge <= x0 < x1 <= frame.width - frame.edge, "field outside the usable web"
        assert 0 <= y0 < y1 <= plan.repeat_length, "field outside the repeat"
        assert not any(a < x1 and x0 < b for a, b in frame.slits), "field across a slit"
        if frame.regime == "fields":
            assert x1 - x0 <= frame.field_width, "field wider than the scanner reaches"
            assert y1 - y0 <= frame.field_length, "field longer than the scanner reaches"
        if frame.regime != "free":
            assert y0 >= gap, "no room for marks below the field"
    # across a slit the slit itself keeps fields apart
    for strip in range(len(frame.slits) + 1):
        row = [field for field in fields if sum(b <= field[0] for _, b in frame.slits) == strip]
        assert disjoint([(x0, y0, x1 + gap, y1) for x0, y0, x1, y1 in row]), "fields too near"
