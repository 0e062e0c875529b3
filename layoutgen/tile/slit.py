"""Webs that are slit along their length: no cell crosses a slit, and all strips share one repeat.

Each strip between two slits is a web of its own with its own row of fields, but the repeat length is common, since
one set-up patterns the whole web.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from layoutgen.tile.model import Effort, Field, Regime, WebFrame, WebPlan
from layoutgen.tile.rows import room_for, search_common_length
from layoutgen.tile.web import lay_row, plan_web


def even_slits(frame: WebFrame, strips: int, slit_width: int) -> tuple[tuple[int, int], ...]:
    """Slits, as (start, end) across the web, that divide its usable width into equal strips (the last takes what
    does not divide). Raises ValueError where no width is left.
    """
    if strips < 1 or (frame.usable - (strips - 1) * slit_width) // strips <= 0:
        message = f"a usable width of {frame.usable} leaves nothing for {strips} strips and slits of {slit_width}"
        raise ValueError(message)
    strip = (frame.usable - (strips - 1) * slit_width) // strips
    ends = [frame.edge + k * strip + (k - 1) * slit_width for k in range(1, strips)]
    return tuple((end, end + slit_width) for end in ends)


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


def plan_slit_web(
    frame: WebFrame, cell: tuple[int, int], slits: Sequence[tuple[int, int]], *, effort: Effort = Effort.STANDARD
) -> WebPlan:
    """The best repeat of a web with slits at the given places; see :func:`plan_web` for the rest.

    FIELDS: fields of each strip are ``field_gap`` apart within it; across a slit the slit itself keeps them apart.
    FREE and FIXED need no common search: their repeat length does not depend on the strips or is given.
    """
    if not slits:
        return plan_web(frame, cell, effort=effort)
    frames = [_strip_frame(frame, start, end) for start, end in strips_of(frame, slits)]
    if frame.regime is Regime.FIELDS and frame.rotation_allowed:
        return _plan_fields(frame, cell, frames, effort)
    plans = [(strip.edge, plan_web(_moved(strip), cell, effort=effort)) for strip in frames]
    repeat = _common_repeat([plan for _, plan in plans])
    fields, bound = [], 0
    for offset, plan in plans:
        fields += [_shift(field, offset) for field in plan.fields]
        bound += plan.bound_cells_per_repeat
    if len({plan.repeat_length for _, plan in plans}) > 1:
        message = "strips of different repeat lengths cannot share one web in this regime"
        raise ValueError(message)
    return _plan(frame, cell, tuple(fields), repeat, bound, "+".join(dict.fromkeys(p.method for _, p in plans)))


def _strip_frame(frame: WebFrame, start: int, end: int) -> WebFrame:
    """A web as wide as the strip is far from the web's left edge, so that places stay those of the web."""
    return replace(frame, width=start + end, edge=start)


def _moved(strip: WebFrame) -> WebFrame:
    return replace(strip, width=strip.usable, edge=0)


def _shift(field: Field, offset: int) -> Field:
    blocks = tuple(replace(block, x=block.x + offset) for block in field.blocks)
    return replace(field, x=field.x + offset, blocks=blocks)


def _common_repeat(plans: Sequence[WebPlan]) -> int:
    return max((plan.repeat_length for plan in plans if plan.fields), default=plans[0].repeat_length)


def _plan_fields(frame: WebFrame, cell: tuple[int, int], strips: list[WebFrame], effort: Effort) -> WebPlan:
    rooms = [room_for(strip, cell) for strip in strips]
    rows, bound = search_common_length(rooms)
    laid = [lay_row(room, cell, row, effort) for room, row in zip(rooms, rows, strict=True) if row.count]
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
    cell: tuple[int, int],
    fields: tuple[Field, ...],
    repeat: int,
    bound: int | Fraction,
    method: str,
) -> WebPlan:
    total = sum(field.count for field in fields)
    proof = "bound over all rows of fields" if total == bound else ""
    return WebPlan(frame, cell, fields, repeat, int(bound), method, proof)
