"""One repeat of the web with cells of any outline: rows of fields, a drum, or a web without fields.

The conventions are those of rectangles (``tile/webplan/repeat.py``): a field includes its outer streets, fields
stand a gap apart above a strip of one gap, and the row is centred on what is usable.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from layoutgen.geometry.outline import Outline
from layoutgen.tile.model import Effort
from layoutgen.tile.outline.bounds import grown_by, least_hexagon
from layoutgen.tile.outline.ladder import Kit, best_found, best_stack, same_turn, table_of
from layoutgen.tile.outline.model import Lattice, Place, lattices_of, moved
from layoutgen.tile.outline.motifs import Family, rises
from layoutgen.tile.outline.rows import StackTable, stretched
from layoutgen.tile.outline.zones import pack_outline_around
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.tile.webplan.slit import strips_of
from layoutgen.web.plan import Regime, WebFrame, WebPlan

Corners = Sequence[tuple[int, int]]
_ROWS = {Effort.QUICK: 12, Effort.STANDARD: 20, Effort.MEDIUM: 28, Effort.HIGH: 36, Effort.EXTREME: 60}
_LENGTHS = {Effort.QUICK: 1, Effort.STANDARD: 2, Effort.MEDIUM: 3, Effort.HIGH: 4, Effort.EXTREME: 12}
_ALONG = {Effort.QUICK: 0, Effort.STANDARD: 1, Effort.MEDIUM: 2, Effort.HIGH: 3, Effort.EXTREME: 8}


@dataclass(frozen=True, slots=True)
class OutlineField:
    """One field of a repeat, its outer street included; lattices in repeat coordinates."""

    x: int
    y: int
    width: int
    length: int
    lattices: tuple[Lattice, ...]

    @property
    def count(self) -> int:
        return sum(lattice.count for lattice in self.lattices)


@dataclass(frozen=True, slots=True)
class OutlineWebPlan:
    """One repeat. ``in_boxes`` is what the boxes of the outline alone reach: cells and length of a repeat."""

    frame: WebFrame
    fields: tuple[OutlineField, ...]
    repeat_length: int
    bound_cells_per_repeat: int
    method: str
    in_boxes: tuple[int, int]

    @property
    def cells_per_repeat(self) -> int:
        return sum(field.count for field in self.fields)

    @property
    def gap_percent(self) -> float:
        bound = self.bound_cells_per_repeat
        return 100.0 * (bound - self.cells_per_repeat) / bound if bound else 0.0


def plan_outline_web(
    frame: WebFrame,
    outline: Outline,
    distance: int,
    zones: Sequence[Corners] = (),
    *,
    effort: Effort = Effort.STANDARD,
) -> OutlineWebPlan:
    """The best repeat found; an outline that fits nowhere gives a plan without fields and a bound of 0."""
    kit = Kit(outline, distance, frame.rotation_allowed, effort)
    boxed = plan_web(
        replace(frame, kerf=max(distance, frame.kerf)), outline.size, effort=min(effort, Effort.MEDIUM)
    )
    match frame.regime:
        case Regime.FREE:
            plan = _free(frame, kit, boxed)
        case Regime.FIXED:
            plan = _fixed(frame, kit, boxed)
        case _:
            plan = _fields(frame, kit, boxed)
    return _cleared(plan, kit, zones) if zones and plan.fields else plan


@dataclass(frozen=True)
class _Part:
    """A field of a strip: its inner size, and the places in it."""

    size: tuple[int, int]
    places: tuple[Place, ...]


def _fields(frame: WebFrame, kit: Kit, boxed: WebPlan) -> OutlineWebPlan:
    """Rows of fields in every strip, all of one length."""
    strips = [end - start for start, end in strips_of(frame, frame.slits)]
    longest = frame.field_length - 2 * frame.kerf
    tables = [_tables(frame, kit, strip, longest) for strip in strips]
    best: tuple[list[list[_Part]], int] | None = None
    for length in _good_lengths(frame, tables, longest)[: _LENGTHS[kit.effort]]:
        laid = [_best_strip(frame, kit, strip, known, length) for strip, known in zip(strips, tables, strict=True)]
        if best is None or _density(frame, laid, length) > _density(frame, *best):
            best = laid, length
    own = OutlineWebPlan(frame, (), frame.field_length + frame.field_gap, 0, "none", _said(boxed))
    if best is not None and any(part.places for strip in best[0] for part in strip):
        laid = _finished(kit, best[0]) if kit.effort >= Effort.MEDIUM else best[0]
        fields = _stand(frame, laid)
        repeat = max(field.length for field in fields) + frame.field_gap
        own = replace(own, fields=fields, repeat_length=repeat, method="rows of fields")
    return _bounded(_better(own, boxed, kit), kit)


def _finished(kit: Kit, laid: Sequence[Sequence[_Part]]) -> list[list[_Part]]:
    """Fields with what the whole ladder finds in their size, where that is more."""
    better: dict[tuple[int, int], tuple[Place, ...]] = {}
    for part in (part for strip in laid for part in strip):
        if part.size not in better:
            better[part.size] = best_found(kit, part.size, 10**9).places
    return [[_Part(part.size, max(part.places, better[part.size], key=len)) for part in strip] for strip in laid]


def _tables(frame: WebFrame, kit: Kit, strip: int, longest: int) -> dict[int, tuple[int, StackTable]]:
    """For each number of equal fields their inner width, and stacks of rows across them: any length at once."""
    found = {}
    for number in _numbers(frame, kit, strip)[:3]:
        width = min((strip - (number - 1) * frame.field_gap) // number, frame.field_width) - 2 * frame.kerf
        table = table_of(kit, width, longest, sideways=False, most=_ROWS[kit.effort])
        if table is not None:
            found[number] = (width, table)
    return found


def _numbers(frame: WebFrame, kit: Kit, strip: int) -> list[int]:
    """Numbers of fields side by side, the fewest that reach over the strip first."""
    narrowest = min(side for size in kit.upright.sizes.values() for side in size) + 2 * frame.kerf
    gap = frame.field_gap
    fewest = max(1, -(-(strip + gap) // (frame.field_width + gap)))
    return [n for n in range(max(1, fewest - 1), fewest + 3) if n * narrowest + (n - 1) * gap <= strip]


def _good_lengths(frame: WebFrame, tables: Sequence[dict[int, tuple[int, StackTable]]], longest: int) -> list[int]:
    """Inner lengths of fields with most cells for each length of web, the best first."""
    per_strip = []
    lengths = {longest}
    for known in tables:
        steps: dict[int, int] = {}
        for number, (_, table) in known.items():
            for total, height in table.least_heights().items():
                steps[int(height)] = max(steps.get(int(height), 0), number * total)
        lengths |= set(steps)
        order = sorted(steps)
        per_strip.append(
            (np.array(order), np.maximum.accumulate([steps[h] for h in order]) if order else np.array([]))
        )
    scored = []
    for length in sorted(lengths):
        total = 0
        for heights, counts in per_strip:
            at = int(np.searchsorted(heights, length, side="right")) - 1
            total += int(counts[at]) if at >= 0 else 0
        scored.append((Fraction(-total, length + 2 * frame.kerf + frame.field_gap), -length))
    chosen = [-length for _, length in sorted(scored)]
    return list(dict.fromkeys([*chosen[:1], longest, *chosen[1:]]))


def _best_strip(
    frame: WebFrame, kit: Kit, strip: int, known: dict[int, tuple[int, StackTable]], length: int
) -> list[_Part]:
    """The best fields of a strip at a length: equal ones with everything the ladder has, or of several widths."""
    best: list[_Part] = []

    def count(parts: list[_Part]) -> int:
        return sum(len(part.places) for part in parts)

    for number, (width, table) in known.items():
        places = best_stack(table, length)
        parts = [_Part((width, length), tuple(places))] * number
        best = max(best, parts, key=count)
    if _ALONG[kit.effort]:
        best = max(best, _several_widths(frame, kit, strip, length), key=count)
    return best


def _several_widths(frame: WebFrame, kit: Kit, strip: int, length: int) -> list[_Part]:
    """Fields of rows along the web: one table gives the least width for every count, so widths are free."""
    widest = min(frame.field_width, strip) - 2 * frame.kerf
    table = table_of(kit, length, widest, sideways=True, most=_ROWS[kit.effort])
    if table is None:
        return []
    single = _pareto([(int(width), total) for total, width in table.least_heights().items()])
    over = 2 * frame.kerf + frame.field_gap
    ways: dict[int, tuple[int, tuple[int, ...]]] = {-frame.field_gap: (0, ())}
    for _ in range(-(-strip // max(1, frame.field_width)) + 1):
        more = dict(ways)
        for used, (cells, counts) in ways.items():
            for width, total in single:
                end = used + width + over
                if end > strip:
                    break
                if cells + total > more.get(end, (0, ()))[0]:
                    more[end] = (cells + total, (*counts, total))
        kept = _pareto([(used, cells) for used, (cells, _) in more.items()])
        ways = {used: more[used] for used, _ in kept[-400:]}
        ways[-frame.field_gap] = (0, ())
    _, counts = max(ways.values(), key=lambda way: way[0])
    found = []
    for total in counts:
        stack = table.stack(total)
        if stack is None or stack.height > widest:
            return []
        back = kit.turned_back(table.places(stack), length)
        found.append(_Part((stack.height, length), tuple(back)))
    used = sum(part.size[0] + over for part in found) - frame.field_gap
    return found if used <= strip else []


def _pareto(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """(size, count) in ascending order, without those that a smaller one reaches."""
    kept: list[tuple[int, int]] = []
    for size, total in sorted(pairs, key=lambda pair: (pair[0], -pair[1])):
        if not kept or total > kept[-1][1]:
            kept.append((size, total))
    return kept


def _density(frame: WebFrame, laid: Sequence[Sequence[_Part]], length: int) -> Fraction:
    cells = sum(len(part.places) for strip in laid for part in strip)
    return Fraction(cells, length + 2 * frame.kerf + frame.field_gap)


def _stand(frame: WebFrame, laid: Sequence[Sequence[_Part]]) -> tuple[OutlineField, ...]:
    """Fields in the middle of their strips, as large as their cells need."""
    kerf, gap = frame.kerf, frame.field_gap
    used = [part.size for strip in laid for part in strip if part.places]
    length = max(size[1] for size in used) + 2 * kerf
    fields = []
    for (start, end), strip in zip(strips_of(frame, frame.slits), laid, strict=True):
        parts = [part for part in strip if part.places]
        total = sum(part.size[0] + 2 * kerf for part in parts) + gap * (len(parts) - 1)
        x = start + (end - start - total) // 2
        for part in parts:
            lattices = tuple(moved(lattice, x + kerf, gap + kerf) for lattice in lattices_of(part.places))
            fields.append(OutlineField(x, gap, part.size[0] + 2 * kerf, length, lattices))
            x += part.size[0] + 2 * kerf + gap
    return tuple(fields)


def _said(boxed: WebPlan) -> tuple[int, int]:
    return boxed.cells_per_repeat, boxed.repeat_length


def _better(own: OutlineWebPlan, boxed: WebPlan, kit: Kit) -> OutlineWebPlan:
    """The plan of boxes in its place where that has more cells for each length."""
    if own.cells_per_repeat * boxed.repeat_length >= boxed.cells_per_repeat * own.repeat_length:
        return own
    d = boxed.frame.kerf
    fields = []
    for field in boxed.fields:
        lattices = []
        for block in field.blocks:
            turn = same_turn(kit.outline, 90, kit.upright.turns) if block.rotated else 0
            width, height = kit.outline.turned(90 if block.rotated else 0).size
            lattices.append(Lattice(block.x, block.y, block.columns, block.rows, width + d, height + d, turn))
        fields.append(OutlineField(field.x, field.y, field.width, field.length, tuple(lattices)))
    return replace(own, fields=tuple(fields), repeat_length=boxed.repeat_length, method=f"boxes ({boxed.method})")


def _bounded(plan: OutlineWebPlan, kit: Kit) -> OutlineWebPlan:
    """With the bound: what has room, grown by half of the distance, in fields as long as can be."""
    frame, d = plan.frame, kit.distance
    grown = grown_by(kit.outline, d / 2)
    taken = grown.area - 2 * grown.length
    if kit.outline.is_convex:
        taken = max(taken, least_hexagon(grown))
    kerf, gap = frame.kerf, frame.field_gap
    most = Fraction(0)
    for start, end in strips_of(frame, frame.slits):
        width = end - start
        if frame.regime is Regime.FREE:
            across, share = width - 2 * kerf + d, Fraction(1)
        elif frame.regime is Regime.FIXED:
            across = width - 2 * kerf + d
            share = Fraction(plan.repeat_length - gap - 2 * kerf + d, plan.repeat_length)
        else:
            number = max(1, -(-(width + gap) // (frame.field_width + gap)))
            # one field more costs a gap and two streets; what it adds to the grown fields is a distance
            across = max(
                n * min(frame.field_width - 2 * kerf + d, (width - (n - 1) * gap) // n + 1 - 2 * kerf + d)
                for n in range(max(1, number - 1), number + 3)
            )
            share = Fraction(frame.field_length - 2 * kerf + d, frame.field_length + gap)
        most += max(0, across) * share
    bound = int(most * plan.repeat_length / Fraction(taken) * Fraction(1_000_000_001, 1_000_000_000))
    return replace(plan, bound_cells_per_repeat=max(bound, plan.cells_per_repeat) if plan.fields else 0)


def _fixed(frame: WebFrame, kit: Kit, boxed: WebPlan) -> OutlineWebPlan:
    """One field across every strip."""
    repeat = frame.repeat_length or 0
    length = repeat - frame.field_gap - 2 * frame.kerf
    laid = []
    for start, end in strips_of(frame, frame.slits):
        size = end - start - 2 * frame.kerf, length
        found = best_found(kit, size, 10**9) if min(size) > 0 else None
        laid.append([_Part(size, found.places)] if found is not None and found.count else [])
    own = OutlineWebPlan(frame, (), repeat, 0, "one field", _said(boxed))
    if any(laid):
        own = replace(own, fields=_stand(frame, laid))
    return _bounded(_better(own, boxed, kit), kit)


def _free(frame: WebFrame, kit: Kit, boxed: WebPlan) -> OutlineWebPlan:
    """Rows of motifs along a web without end: the repeat is a number of pitches, all rows have the same one."""
    cell = kit.sideways
    strips = strips_of(frame, frame.slits)
    best: tuple[Fraction, Family] | None = None
    for family in kit.sideways_families:
        for share in (1.0, 1.01, 1.02, 1.04, 1.06, 1.09, 1.12, 1.16):
            other = family if share == 1.0 else stretched(cell, family, int(family.motif.pitch * share))
            number = sum(_row_number(kit, other, end - start - 2 * frame.kerf) for start, end in strips)
            density = Fraction(number * other.motif.count, other.motif.pitch)
            if best is None or density > best[0]:
                best = density, other
    own = OutlineWebPlan(frame, (), frame.width, 0, "none", _said(boxed))
    if best is not None and best[0] > 0:
        own = _endless(frame, kit, best[1], own)
    return _bounded(_better(own, boxed, kit), kit)


def _row_number(kit: Kit, family: Family, width: int) -> int:
    """How many rows of an endless stack have room side by side."""
    return len(_rises_of(kit, family, width))


def _rises_of(kit: Kit, family: Family, width: int) -> list[int]:
    """Where each row of an endless stack stands, from its own zero."""
    cell, motif = kit.sideways, family.motif
    there, back, still = np.ceil(
        rises(cell, motif, np.array([family.shift, -family.shift, 0.0]), exact=True)
    ).tolist()
    places: list[int] = []
    at = -motif.low
    while at + motif.top(cell) <= width and len(places) < 100_000:
        places.append(at)
        if not family.zigzag:
            at += family.rise
            continue
        step = int(there) if len(places) % 2 else int(back)
        at = max(at + step, places[-2] + int(still) if len(places) > 1 else 0)
    return places


def _endless(frame: WebFrame, kit: Kit, family: Family, own: OutlineWebPlan) -> OutlineWebPlan:
    motif, kerf = family.motif, frame.kerf
    number = max(1, 2 * frame.width // motif.pitch)
    repeat = number * motif.pitch
    fields = []
    for start, end in strips_of(frame, frame.slits):
        rows = _rises_of(kit, family, end - start - 2 * kerf)
        if not rows:
            continue
        places: list[Place] = []
        for index, up in enumerate(rows):
            phase = family.shift * (index % 2 if family.zigzag else index)
            places += [
                (turn, (phase + along + k * motif.pitch) % repeat, up + across)
                for turn, along, across in motif.cells
                for k in range(number)
            ]
        # rows ran along x; every cell is moved by whole repeats so that it begins in this one
        back = [(t, x, y % repeat) for t, x, y in kit.turned_back(places, repeat)]
        used = max(x + kit.upright.sizes[t][0] for t, x, _ in back)
        x = start + (end - start - used - 2 * kerf) // 2
        lattices = tuple(moved(lattice, x + kerf, kerf) for lattice in lattices_of(back))
        fields.append(OutlineField(x, 0, used + 2 * kerf, repeat, lattices))
    return replace(own, fields=tuple(fields), repeat_length=repeat, method="rows without end")


def _cleared(plan: OutlineWebPlan, kit: Kit, zones: Sequence[Corners]) -> OutlineWebPlan:
    """Every field that a zone comes near packed again around it, at its place and size."""
    frame, kerf = plan.frame, plan.frame.kerf
    free = frame.regime is Regime.FREE
    shifts = (-plan.repeat_length, 0, plan.repeat_length) if free else (0,)
    fields = []
    for field in plan.fields:
        local = [
            tuple((x - field.x - kerf, y - field.y - kerf + shift) for x, y in zone)
            for zone in zones
            for shift in shifts
        ]
        size = field.width - 2 * kerf, field.length - 2 * kerf
        near = [zone for zone in local if _near(zone, size, kerf)]
        if not near:
            fields.append(field)
            continue
        if free:
            lattices = _without(field, kit, near, kerf)
        else:
            packing = pack_outline_around(
                kit.outline, kit.distance, kerf, size, near,
                rotation_allowed=frame.rotation_allowed, effort=kit.effort,
            )  # fmt: skip
            kept = _without(field, kit, near, kerf)
            again = tuple(moved(lattice, field.x + kerf, field.y + kerf) for lattice in packing.lattices)
            lattices = max(kept, again, key=lambda found: sum(lattice.count for lattice in found))
        fields.append(replace(field, lattices=lattices))
    kept_fields = tuple(field for field in fields if field.count)
    return replace(plan, fields=kept_fields, method=f"{plan.method}, around zones")


def _without(field: OutlineField, kit: Kit, zones: Sequence[Corners], kerf: int) -> tuple[Lattice, ...]:
    """The field's own cells less those in the way."""
    places = [
        (turn, x - field.x - kerf, y - field.y - kerf)
        for lattice in field.lattices
        for turn, x, y in lattice.places()
    ]
    kept = kit.judge.outside(places, zones, kerf)
    return tuple(moved(lattice, field.x + kerf, field.y + kerf) for lattice in lattices_of(kept))


def _near(zone: Corners, size: tuple[int, int], kerf: int) -> bool:
    xs, ys = [x for x, _ in zone], [y for _, y in zone]
    return min(xs) < size[0] + kerf and max(xs) > -kerf and min(ys) < size[1] + kerf and max(ys) > -kerf
