"""One repeat of a web without slits, in each of the three ways of patterning; see ``web`` for the conventions."""

from dataclasses import replace
from fractions import Fraction

from layoutgen.tile.model import Effort, Packing
from layoutgen.tile.pack.frame import pack
from layoutgen.tile.pack.points import best_fill
from layoutgen.tile.webplan.lanes import FreeLanes, free_lanes
from layoutgen.tile.webplan.rows import Room, Row, RowSearch, room_for, search_rows
from layoutgen.tile.webplan.settle import settled
from layoutgen.web.plan import Block, Cell, Field, Regime, WebFrame, WebPlan

# rows that the higher efforts pack again, and fields they bound again
_CANDIDATES = {Effort.QUICK: 1, Effort.STANDARD: 1, Effort.MEDIUM: 2, Effort.HIGH: 4, Effort.EXTREME: 16}
_BOUNDED = {Effort.QUICK: 0, Effort.STANDARD: 0, Effort.MEDIUM: 10, Effort.HIGH: 60, Effort.EXTREME: 1000}


def plan_regime(frame: WebFrame, cell: Cell, effort: Effort) -> WebPlan:
    """The best repeat found where the web is not slit; a cell that fits nowhere gives a plan without fields."""
    if frame.regime is Regime.FREE:
        return _plan_free(frame, cell)
    if frame.regime is Regime.FIXED:
        return _plan_fixed(frame, cell, effort)
    return _plan_fields(frame, cell, effort)


def _empty(frame: WebFrame, cell: Cell, repeat: int) -> WebPlan:
    return WebPlan(frame, cell, (), repeat, 0, "none", "the cell does not fit")


def _plan_fields(frame: WebFrame, cell: Cell, effort: Effort) -> WebPlan:
    room = room_for(frame, cell)
    keep, refine = _CANDIDATES[effort], _BOUNDED[effort]
    search = search_rows(room, keep, refine=refine) if frame.rotation_allowed else _upright_row(room)
    if not search.rows or not search.rows[0].count:
        return _empty(frame, cell, frame.field_length + frame.field_gap)
    limit = Fraction(search.bound_count, search.bound_length)
    fields, repeat, method = lay_row(room, cell, search.rows[0], Effort.STANDARD)
    if effort > Effort.STANDARD:
        for row in search.rows:
            best = Fraction(_total(fields), repeat)
            if best >= limit:
                break
            again = lay_row(room, cell, row, effort)
            if Fraction(_total(again[0]), again[1]) > best:
                fields, repeat, method = again
    # rounded up: a plan is proved only if no other length has a higher density, not one that is lost in rounding
    bound = max(_total(fields), -(-search.bound_count * repeat // search.bound_length))
    proof = "one orientation" if not frame.rotation_allowed else "bound over all rows of fields"
    return WebPlan(frame, cell, fields, repeat, bound, method, proof if _total(fields) == bound else "")


def _upright_row(room: Room) -> RowSearch:
    """The best row where cells must not turn: exact, since a field is then a grid."""
    most = (0, 0)
    for k in room.ceilings():
        total = min(k * (room.max_width // room.u), room.across(k) // room.u)
        most = max(most, (total, -k))
    columns, rows = most[0], room.max_length // room.v
    if not columns or not rows:
        return RowSearch((), 0, 1)
    k = -most[1]
    shares = [columns // k + (index < columns % k) for index in range(k)]
    length = rows * room.v
    row = Row(tuple(share * room.u for share in shares), length, columns * rows)
    return RowSearch((row,), row.count, length * room.unit + room.overhead)


def lay_row(room: Room, cell: Cell, row: Row, effort: Effort) -> tuple[tuple[Field, ...], int, str]:
    """The fields of a row, centred on the usable web; the repeat length and the methods behind them."""
    frame = room.frame
    packings = {width: _pack_field(room, cell, (width, row.length), effort) for width in sorted(set(row.widths))}
    chosen = [packings[width] for width in row.widths if packings[width].count]
    sizes = [_extent(packing, cell, frame.kerf) for packing in chosen]
    length = max(size[1] for size in sizes)
    used = sum(size[0] for size in sizes) + frame.field_gap * (len(sizes) - 1)
    x = frame.centred(used)
    fields = []
    for packing, (width, _) in zip(chosen, sizes, strict=True):
        settled_packing = settled(packing, frame.kerf, frame.least_strip)
        fields.append(field_of(settled_packing, frame.kerf, Field(x, frame.field_gap, width, length, ())))
        x += width + frame.field_gap
    method = "+".join(dict.fromkeys(packing.method for packing in chosen))
    return tuple(fields), frame.field_gap + length, method


def _pack_field(room: Room, cell: Cell, reach: tuple[int, int], effort: Effort) -> Packing:
    kerf = room.frame.kerf
    size = reach[0] * room.unit, reach[1] * room.unit
    return pack(
        size,
        (cell[0] + kerf, cell[1] + kerf),
        rotation_allowed=room.frame.rotation_allowed,
        effort=max(effort, Effort.STANDARD),
        guillotine_only=room.frame.guillotine_only,
    )


def _extent(packing: Packing, cell: Cell, kerf: int) -> tuple[int, int]:
    """Size of the field that the packed cells need, outer streets included."""
    u, v = cell[0] + kerf, cell[1] + kerf
    ends = [
        (b.x + b.columns * (v if b.rotated else u), b.y + b.rows * (u if b.rotated else v)) for b in packing.blocks
    ]
    return max((x for x, _ in ends), default=0) + kerf, max((y for _, y in ends), default=0) + kerf


def field_of(packing: Packing, kerf: int, outline: Field) -> Field:
    """A field with packed items in it, one street away from its edges."""
    x, y = outline.x + kerf, outline.y + kerf
    blocks = tuple(Block(x + b.x, y + b.y, b.columns, b.rows, b.rotated) for b in packing.blocks)
    return replace(outline, blocks=blocks)


def _plan_fixed(frame: WebFrame, cell: Cell, effort: Effort) -> WebPlan:
    repeat = frame.repeat_length or 0
    u, v = cell[0] + frame.kerf, cell[1] + frame.kerf
    reach = frame.usable - frame.kerf, repeat - frame.field_gap - frame.kerf
    packing = pack(
        reach,
        (u, v),
        rotation_allowed=frame.rotation_allowed,
        effort=effort,
        guillotine_only=frame.guillotine_only,
    )
    if not packing.count:
        return _empty(frame, cell, repeat)
    width, length = _extent(packing, cell, frame.kerf)
    x = frame.centred(width)
    packing = settled(packing, frame.kerf, frame.least_strip)
    field = field_of(packing, frame.kerf, Field(x, frame.field_gap, width, length, ()))
    return WebPlan(frame, cell, (field,), repeat, packing.upper_bound, packing.method, packing.proof)


def _plan_free(frame: WebFrame, cell: Cell) -> WebPlan:
    u, v = cell[0] + frame.kerf, cell[1] + frame.kerf
    reach = max(0, frame.usable - frame.kerf)
    lanes = free_lanes(reach, u, v, rotation_allowed=frame.rotation_allowed, max_repeat=2 * frame.width)
    if lanes is None:
        return _empty(frame, cell, frame.width)
    field = free_field(frame, lanes, u, v)
    covered = best_fill(reach, u, v) if frame.rotation_allowed else reach // u * u
    bound = covered * lanes.repeat // (u * v)
    proof = "no line across the web meets more" if field.count == bound else ""
    return WebPlan(frame, cell, (field,), lanes.repeat, bound, "lanes", proof)


def free_field(frame: WebFrame, lanes: FreeLanes, u: int, v: int) -> Field:
    """Lanes as the one field of a web, in the middle of its usable width."""
    width = lanes.straight * u + lanes.turned * v + frame.kerf
    x = frame.centred(width)
    first = x + frame.kerf
    blocks = []
    if lanes.straight and lanes.repeat >= v:
        blocks.append(Block(first, frame.kerf, lanes.straight, lanes.repeat // v, rotated=False))
    if lanes.turned and lanes.repeat >= u:
        blocks.append(Block(first + lanes.straight * u, frame.kerf, lanes.turned, lanes.repeat // u, rotated=True))
    return Field(x, 0, width, lanes.repeat, tuple(blocks))


def _total(fields: tuple[Field, ...]) -> int:
    return sum(field.count for field in fields)
