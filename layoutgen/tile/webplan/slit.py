"""Webs that are slit along their length: no cell crosses a slit, and all strips share one repeat.

Each strip between two slits is a web of its own with its own row of fields, but the repeat length is common, since
one set-up patterns the whole web.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.lanes import best_lanes, lanes_of
from layoutgen.tile.webplan.regimes import free_field, lay_row, plan_regime
from layoutgen.tile.webplan.rows import room_for, search_common_length
from layoutgen.web.plan import Cell, Field, Regime, WebFrame, WebPlan


def even_slits(frame: WebFrame, strips: int, slit_width: int) -> tuple[tuple[int, int], ...]:
    """Slits, as (start, end) across the web, that divide its usable width into strips that are equal on
    the frame's grid (the last takes what does not divide). Raises ValueError where no width is left.
    """
    if strips < 1 or (frame.usable - (strips - 1) * slit_width) // strips <= 0:
        message = f"a usable width of {frame.usable} leaves nothing for {strips} strips and slits of {slit_width}"
        raise ValueError(message)
    strip = (frame.usable - (strips - 1) * slit_width) // strips // frame.grid * frame.grid
    ends = [frame.edge + k * strip + (k - 1) * slit_width for k in range(1, strips)]
    return tuple((end, end + slit_width) for end in ends)


def slit_frame(frame: WebFrame, text: str, slit_width: int, dbu_per_mm: int) -> WebFrame:
    """A web with slits as a text says: ``2`` for equal strips, or the middles of slits in mm, ``100, 200``.

    Slits start on the frame's grid, as near as it allows to where they are asked for.

    Raises ValueError for a text of another form, and for slits that overlap or leave the usable web.
    """
    if text.strip().isdigit():
        slits = even_slits(frame, int(text), slit_width)
    else:
        try:
            middles = [round(Decimal(part.strip()) * dbu_per_mm) for part in text.split(",")]
        except (InvalidOperation, OverflowError, ValueError) as error:
            message = f"{text!r} is neither a number of strips nor places in mm"
            raise ValueError(message) from error
        starts = [round((middle - slit_width // 2) / frame.grid) * frame.grid for middle in sorted(middles)]
        slits = tuple((start, start + slit_width) for start in starts)
    strips_of(frame, slits)
    return replace(frame, slits=slits)


def strips_of(frame: WebFrame, slits: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The usable strips between the slits, as (start, end) across the web, in order."""
    edges = [frame.edge]
    for start, end in sorted(slits):
        if start > end or start < edges[-1] or end > frame.width - frame.edge:
            message = f"slit {start} .. {end} overlaps another or leaves the usable web"
            raise ValueError(message)
        edges += [start, end]
    edges.append(frame.width - frame.edge)
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def strip_frames(frame: WebFrame) -> tuple[tuple[int, WebFrame], ...]:
    """The strips between the slits as webs of their own, without edges, each with its place across the web."""
    strips = strips_of(frame, frame.slits)
    alike = {width: replace(frame, width=width, edge=0, slits=()) for width in {b - a for a, b in strips}}
    return tuple((start, alike[end - start]) for start, end in strips)


def plan_slit_web(frame: WebFrame, cell: Cell, effort: Effort = Effort.STANDARD) -> WebPlan:
    """The best repeat of a web that is slit; see ``web`` for the conventions.

    FIELDS: fields of each strip are ``field_gap`` apart within it; across a slit the slit itself keeps them apart.
    FREE: the lanes of all strips share the repeat at which the fewest cells are lost. FIXED: it is given.
    """
    strips = strip_frames(frame)
    if frame.regime is Regime.FIELDS and frame.rotation_allowed:
        return _plan_fields(frame, cell, strips, effort)
    if frame.regime is Regime.FREE:
        return _plan_lanes(frame, cell, strips)
    planned = {strip: plan_regime(strip, cell, effort) for strip in dict.fromkeys(strip for _, strip in strips)}
    plans = [(start, planned[strip]) for start, strip in strips]
    filled = [plan for _, plan in plans if plan.fields]
    if not filled:
        return _plan(frame, cell, (), plans[0][1].repeat_length, 0, "none")
    fields = tuple(_shift(field, start) for start, plan in plans for field in plan.fields)
    bound = sum(plan.bound_cells_per_repeat for plan in filled)
    method = "+".join(dict.fromkeys(plan.method for plan in filled))
    return _plan(frame, cell, fields, filled[0].repeat_length, bound, method)


def _shift(field: Field, offset: int) -> Field:
    blocks = tuple(replace(block, x=block.x + offset) for block in field.blocks)
    return replace(field, x=field.x + offset, blocks=blocks)


def _plan_lanes(frame: WebFrame, cell: Cell, strips: Sequence[tuple[int, WebFrame]]) -> WebPlan:
    u, v = cell[0] + frame.kerf, cell[1] + frame.kerf
    reaches = [strip.usable - frame.kerf for _, strip in strips]
    lanes = [best_lanes(reach, u, v, rotation_allowed=frame.rotation_allowed) for reach in reaches]
    straight, turned = (sum(pair[k] for pair in lanes) for k in (0, 1))
    if not straight and not turned:
        return _plan(frame, cell, (), frame.width, 0, "none")
    whole = lanes_of(straight, turned, u, v, 2 * frame.width)
    fields = tuple(
        _shift(free_field(strip, replace(whole, straight=a, turned=b), u, v), start)
        for (start, strip), (a, b) in zip(strips, lanes, strict=True)
        if a or b
    )
    bound = sum((a * u + b * v) * whole.repeat for a, b in lanes) // (u * v)
    return _plan(frame, cell, fields, whole.repeat, bound, "lanes")


def _plan_fields(frame: WebFrame, cell: Cell, strips: Sequence[tuple[int, WebFrame]], effort: Effort) -> WebPlan:
    rooms = [room_for(strip, cell) for _, strip in strips]
    rows, bound = search_common_length(rooms)
    laid = []
    for room, row, (start, _) in zip(rooms, rows, strips, strict=True):
        if row.count:
            fields, repeat, method = lay_row(room, cell, row, effort)
            laid.append((tuple(_shift(field, start) for field in fields), repeat, method))
    if not laid:
        return _plan(frame, cell, (), frame.field_length + frame.field_gap, 0, "none")
    repeat = max(entry[1] for entry in laid)
    fields = tuple(field for entry in laid for field in entry[0])
    method = "+".join(dict.fromkeys(entry[2] for entry in laid))
    total = sum(field.count for field in fields)
    limit = bound * repeat
    return _plan(frame, cell, fields, repeat, max(total, -(-limit.numerator // limit.denominator)), method)


def _plan(
    frame: WebFrame,
    cell: Cell,
    fields: tuple[Field, ...],
    repeat: int,
    bound: int | Fraction,
    method: str,
) -> WebPlan:
    total = sum(field.count for field in fields)
    proof = "bound over all rows of fields" if total == bound else ""
    return WebPlan(frame, cell, fields, repeat, int(bound), method, proof)
