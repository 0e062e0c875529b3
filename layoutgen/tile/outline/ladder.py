"""As many equal outlines in a rectangular field as can be found: a ladder of methods, each tried on its own.

Boxes: the tiler of rectangles with the outline's box, and with the boxes of two outlines that nest. Rows:
stacks of rows of motifs, along and across. Parts: rows over a part of the field, the rest packed by itself.
Insertion: one cell more where others give way. Work is counted in steps, never in seconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from layoutgen.geometry.outline import Outline
from layoutgen.tile.model import Effort
from layoutgen.tile.outline.bounds import outline_bound
from layoutgen.tile.outline.cell import Packed
from layoutgen.tile.outline.model import OutlinePacking, Place, lattices_of, turned_back
from layoutgen.tile.outline.motifs import Family, families, pairs, refined
from layoutgen.tile.outline.relax import Pushes, Relaxation
from layoutgen.tile.outline.rows import StackTable, row_types, stacked, variants
from layoutgen.tile.outline.verify import Judge
from layoutgen.tile.pack.frame import pack

_REFINED = {Effort.QUICK: 4, Effort.STANDARD: 8, Effort.MEDIUM: 12, Effort.HIGH: 14, Effort.EXTREME: 24}
_ROWS = {Effort.QUICK: 16, Effort.STANDARD: 28, Effort.MEDIUM: 40, Effort.HIGH: 60, Effort.EXTREME: 90}
_STRIPS = {Effort.QUICK: 0, Effort.STANDARD: 0, Effort.MEDIUM: 3, Effort.HIGH: 6, Effort.EXTREME: 60}
_PAIR_BLOCKS = 3
_FULL = 0.93
"""No strip beside rows is believed to be fuller."""


@dataclass(frozen=True)
class Kit:
    """What is worked out once for an outline and serves every field: the outline as it is, and turned by 90 degrees
    for rows along y.
    """

    outline: Outline
    distance: int
    rotation_allowed: bool
    effort: Effort
    tables: "dict[tuple[int, int, bool, int], StackTable | None]" = field(default_factory=dict, compare=False)

    @cached_property
    def upright(self) -> Packed:
        turns = self.outline.turns if self.rotation_allowed else (0,)
        return Packed(self.outline, self.distance, turns)

    @cached_property
    def sideways(self) -> Packed:
        """Rows along y are rows along x of the turned outline; where all turns are allowed it packs alike."""
        turned = tuple(sorted((turn + 90) % 360 for turn in self.upright.turns))
        return Packed(self.outline, self.distance, turned)

    @cached_property
    def families(self) -> list[Family]:
        return self._families(self.upright)

    @cached_property
    def sideways_families(self) -> list[Family]:
        return self.families if self.same_sideways else self._families(self.sideways)

    @property
    def same_sideways(self) -> bool:
        return self.upright.turns == self.sideways.turns

    def _families(self, cell: Packed) -> list[Family]:
        return [refined(cell, family) for family in families(cell, 4)[: _REFINED[self.effort]]]

    def turned_back(self, places: Sequence[Place], height: int) -> list[Place]:
        """Places in the turned frame, as they are in the frame of that height itself."""
        turns = self.upright.turns
        turned = turned_back(places, height, self.sideways.sizes)
        return [(t if t in turns else same_turn(self.outline, t, turns), x, y) for t, x, y in turned]

    @cached_property
    def judge(self) -> Judge:
        return Judge(self.outline, self.distance)

    @cached_property
    def pushes(self) -> Pushes:
        return Pushes(self.upright)

    @cached_property
    def blocks(self) -> list["Block"]:
        """The box of one cell, and those of two that nest best."""
        cell = self.upright
        single = Block(((0, 0, 0),), cell.sizes.get(0, self.outline.size))
        found: list[tuple[float, Block]] = []
        for motif in pairs(cell):
            (a, _, _), (b, along, drop) = motif.cells
            left, low = min(0, along), min(0, drop)
            (wa, ha), (wb, hb) = cell.sizes[a], cell.sizes[b]
            size = max(wa, along + wb) - left, max(ha, drop + hb) - low
            found.append(
                (
                    (size[0] + self.distance) * (size[1] + self.distance),
                    Block(((a, -left, -low), (b, along - left, drop - low)), size),
                )
            )
        found.sort(key=lambda entry: (entry[0], entry[1].cells))
        kept = [single]
        best = 2 * (single.size[0] + self.distance) * (single.size[1] + self.distance)
        for area, block in found:
            if area < 0.995 * best and all(block.size != other.size for other in kept):
                kept.append(block)
            if len(kept) > _PAIR_BLOCKS:
                break
        return kept


@dataclass(frozen=True)
class Block:
    """One or two cells (turn, x, y) in a box of their own."""

    cells: tuple[Place, ...]
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Places in a field and how they came about."""

    places: tuple[Place, ...]
    method: str

    @property
    def count(self) -> int:
        return len(self.places)


def pack_outline(
    outline: Outline,
    distance: int,
    size: tuple[int, int],
    *,
    rotation_allowed: bool = True,
    effort: Effort = Effort.HIGH,
    kit: Kit | None = None,
) -> OutlinePacking:
    """As many outlines as can be found in a field of a finished size, ``distance`` apart, with a bound.

    The outline has its box at (0, 0). The result depends on the arguments only. Raises ValueError for a negative
    distance.
    """
    if distance < 0:
        message = f"the distance must not be negative, got {distance}"
        raise ValueError(message)
    bound, name = outline_bound(outline, distance, size)
    kit = kit or Kit(outline, distance, rotation_allowed, effort)
    best = best_found(kit, size, bound)
    lattices = lattices_of(best.places)
    return OutlinePacking(size, lattices, bound, best.method, name if best.count == bound else "")


def best_found(kit: Kit, size: tuple[int, int], bound: int) -> Found:
    """Up the ladder, until the bound is met."""
    best = boxes(kit, size)
    rungs: list[Callable[[Found], Found]] = []
    if kit.effort >= Effort.QUICK and not kit.outline.is_rectangle:
        rungs.append(lambda _: both_ways(kit, size))
        rungs.append(lambda found: close_boxes(kit, size, found))
    if kit.effort >= Effort.MEDIUM and not kit.outline.is_rectangle:
        rungs.append(lambda found: parts(kit, size, found, sideways=False))
        if size[0] != size[1] or not kit.same_sideways:
            rungs.append(lambda found: parts(kit, size, found, sideways=True))
        rungs.append(lambda found: inserted(kit, size, found))
    for rung in rungs:
        if best.count >= bound:
            break
        other = rung(best)
        # polygons made it, exact distances judge it
        if other.count > best.count and kit.judge.passes(other.places):
            best = other
    return best


def close_boxes(kit: Kit, size: tuple[int, int], found: Found) -> Found:
    """Boxes once more, as high up the ladder of rectangles as is asked for, where they were close."""
    return boxes(kit, size, kit.effort) if boxes(kit, size).count >= 0.97 * found.count else found


def boxes(kit: Kit, size: tuple[int, int], effort: Effort = Effort.STANDARD) -> Found:
    """Boxes of one outline, or of two that nest, by the tiler of rectangles; a rectangle takes all it has."""
    distance = kit.distance
    best = Found((), "none")
    frame = size[0] + distance, size[1] + distance
    effort = kit.effort if kit.outline.is_rectangle else min(kit.effort, effort)
    for block in kit.blocks:
        item = block.size[0] + distance, block.size[1] + distance
        turn = kit.rotation_allowed
        packing = pack(frame, item, rotation_allowed=turn, effort=effort)
        places = []
        for b in packing.blocks:
            w, h = b.lying(item)
            cells = _turned_cells(block, kit.outline, kit.upright.turns) if b.rotated else block.cells
            places += [
                (t, b.x + column * w + x, b.y + row * h + y)
                for t, x, y in cells
                for column in range(b.columns)
                for row in range(b.rows)
            ]
        if len(places) > best.count:
            name = "boxes" if len(block.cells) == 1 else "boxes of two"
            best = Found(tuple(places), f"{name} ({packing.method})")
    return best


def _turned_cells(block: Block, outline: Outline, turns: Sequence[int]) -> tuple[Place, ...]:
    """The cells of a block turned by 90 degrees counter-clockwise."""
    height = block.size[1]
    found = []
    for turn, x, y in block.cells:
        _, h = outline.turned(turn).size
        other = (turn + 90) % 360
        same = other if other in turns else same_turn(outline, other, turns)
        found.append((same, height - y - h, x))
    return tuple(found)


def same_turn(outline: Outline, turn: int, turns: Sequence[int]) -> int:
    """The turn, of those that differ, that gives the same outline."""
    turned = outline.turned(turn)
    return next((other for other in turns if turned.same_as(outline.turned(other))), turn)


def both_ways(kit: Kit, size: tuple[int, int]) -> Found:
    """Stacks of rows along x, and of rows along y."""
    best = rows(kit, size)
    if size[0] != size[1] or not kit.same_sideways:
        other = rows(kit, size, sideways=True)
        if other.count > best.count:
            best = other
    return best


def table_of(kit: Kit, length: int, height: int, *, sideways: bool, most: int) -> StackTable | None:
    """Stacks of rows of a length up to a height: of the rows that fit it best. Made once for each question."""
    key = length, height, sideways and not kit.same_sideways, most
    if key not in kit.tables:
        kit.tables[key] = _table(kit, length, height, sideways=sideways, most=most)
    return kit.tables[key]


def _table(kit: Kit, length: int, height: int, *, sideways: bool, most: int) -> StackTable | None:
    cell = kit.sideways if sideways else kit.upright
    known = kit.sideways_families if sideways else kit.families
    scored = []
    for index, family in enumerate(known):
        tried = variants(cell, family, length)
        scored += [(stacked(cell, other, length, height), index, other) for other in tried]
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    used: dict[int, int] = {}
    chosen: list[Family] = []
    for _, index, family in scored:
        if used.get(index, 0) < 2 and len(chosen) < 16:
            used[index] = used.get(index, 0) + 1
            chosen.append(family)
    found = row_types(cell, chosen, length, most)
    return StackTable(cell, found, height) if found else None


def rows(kit: Kit, size: tuple[int, int], *, sideways: bool = False, most: int = 0) -> Found:
    """The best stack of rows; with ``sideways`` of rows along y."""
    length, height = (size[1], size[0]) if sideways else size
    table = table_of(kit, length, height, sideways=sideways, most=most or _ROWS[kit.effort])
    best = best_stack(table, height)
    return _placed(kit, best, size, sideways=sideways)


def best_stack(table: StackTable | None, height: int) -> list[Place]:
    """The places of the stack with most cells that fits."""
    if table is not None:
        for total in sorted(table.least_heights(), reverse=True)[:40]:
            stack = table.stack(total)
            if stack is not None and stack.height <= height:
                return table.places(stack)
    return []


def _placed(kit: Kit, places: Sequence[Place], size: tuple[int, int], *, sideways: bool) -> Found:
    if sideways:
        places = kit.turned_back(places, size[1])
    return Found(tuple(places), "rows along y" if sideways else "rows")


def parts(kit: Kit, size: tuple[int, int], found: Found, *, sideways: bool) -> Found:
    """Rows over a part of the field, and the strip that is left packed by itself."""
    length, height = (size[1], size[0]) if sideways else size
    cell = kit.sideways if sideways else kit.upright
    table = table_of(kit, length, height, sideways=sideways, most=_ROWS[kit.effort])
    if table is None:
        return found
    area = kit.outline.area + kit.outline.length * kit.distance / 2
    least = min(side for pair in cell.sizes.values() for side in pair)
    heights = table.least_heights()
    candidates = []
    for total, used in heights.items():
        strip = height - int(used) - kit.distance - 1
        promise = total + _FULL * (strip + kit.distance) * (length + kit.distance) / area
        if strip >= least and promise > found.count and strip <= height * 0.6:
            candidates.append((-promise, total, strip))
    best = found
    for promise, total, strip in sorted(candidates)[: _STRIPS[kit.effort]]:
        if -promise <= best.count:
            continue
        stack = table.stack(total)
        if stack is None or stack.height > height - strip - kit.distance:
            continue
        inside = _strip(kit, length, strip, sideways=sideways)
        if total + len(inside) > best.count:
            lift = height - strip
            places = [*table.places(stack), *((t, x, y + lift) for t, x, y in inside)]
            name = _placed(kit, places, size, sideways=sideways)
            best = Found(name.places, f"{name.method}, a part by itself")
    return best


def _strip(kit: Kit, length: int, strip: int, *, sideways: bool) -> list[Place]:
    """A strip beside rows, as places in the frame of those rows: across them, or boxes."""
    own = replace(kit, effort=Effort.STANDARD)
    most = _ROWS[Effort.QUICK]
    if not sideways:
        across = rows(kit, (length, strip), sideways=True, most=most)
        boxed = boxes(own, (length, strip))
        return list(max((across, boxed), key=lambda f: f.count).places)
    across = rows(kit, (strip, length), most=most)
    boxed = boxes(own, (strip, length))
    best = max((across, boxed), key=lambda f: f.count)
    # into the frame turned by 90 degrees counter-clockwise: (x, y) goes to (height - y - h, x)
    cell = kit.sideways
    found = []
    for turn, x, y in best.places:
        other = (turn + 90) % 360
        other = other if other in cell.turns else same_turn(kit.outline, other, cell.turns)
        found.append((other, length - y - cell.sizes[other][0], x))
    return found


def inserted(kit: Kit, size: tuple[int, int], found: Found) -> Found:
    """One cell more, again and again, where the others can give way."""
    best = found
    tries = {Effort.MEDIUM: 1, Effort.HIGH: 2, Effort.EXTREME: 8}[kit.effort]
    steps = {Effort.MEDIUM: 150, Effort.HIGH: 300, Effort.EXTREME: 1500}[kit.effort]
    grown = True
    while grown:
        grown = False
        state = Relaxation(kit.pushes, best.places, size)
        for hole in state.holes(tries):
            trial = Relaxation(kit.pushes, [*best.places, hole], size)
            if trial.run(steps):
                best = Found(tuple(trial.places()), f"{found.method}, one more inserted")
                grown = True
                break
    return best
