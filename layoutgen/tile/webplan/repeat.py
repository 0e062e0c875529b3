"""One repeat of the web, planned for most cells.

Conventions. A field includes its outer streets, because the tool must cut them: a field of width F has an
inflated frame of F - kerf. FIELDS: fields stand in a row, ``field_gap`` apart, centred on the usable web;
below them lies a strip of ``field_gap`` for marks and labels, so fields have ``y = field_gap`` and the repeat
is ``field_gap`` longer than its fields. FIXED: one field across the whole usable web, above the same strip,
in a repeat of the given length; the field limits of a scanner do not apply to a drum. FREE: lanes without
end; neighbours share the street between repeats, so the one field is exactly as long as the repeat, and cells
start one kerf above its lower edge.
"""

from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.regimes import plan_regime
from layoutgen.tile.webplan.slit import plan_slit_web
from layoutgen.web.plan import Cell, Regime, WebFrame, WebPlan


def plan_web(frame: WebFrame, cell: Cell, *, effort: Effort = Effort.STANDARD) -> WebPlan:
    """The best repeat found for a finished cell ``(length, width)``, all in dbu.

    A cell that fits nowhere gives a plan without fields and a bound of 0. Raises ValueError for sizes that
    make no sense (no positive cell, negative kerf or gap, a repeat length where the regime has none).
    """
    _check(frame, cell)
    return plan_slit_web(frame, cell, effort) if frame.slits else plan_regime(frame, cell, effort)


def _check(frame: WebFrame, cell: Cell) -> None:
    wrong = []
    if min(cell) <= 0:
        wrong.append(f"cell sides must be positive, got {cell}")
    if min(frame.kerf, frame.field_gap, frame.edge) < 0:
        wrong.append("kerf, field gap and edge must not be negative")
    if (frame.repeat_length is not None) != (frame.regime is Regime.FIXED):
        wrong.append("a repeat length belongs to the fixed regime, and only to it")
    if wrong:
        raise ValueError("; ".join(wrong))
