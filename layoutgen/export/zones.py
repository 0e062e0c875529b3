"""Where a repeat has no cells: zones with their reasons, slits, and the unusable edges of the web."""

import csv
import io
from typing import TYPE_CHECKING

from layoutgen.layout.dbu import to_mm_text

ZONES = "zones.csv"

if TYPE_CHECKING:
    from layoutgen.web.plan import WebPlan


def zones_csv(plan: "WebPlan", dbu_nm: int) -> bytes:
    """``kind,name,reason,corners_mm``: corners as ``x y`` pairs in repeat coordinates, one after the other."""
    length, width, edge = plan.repeat_length, plan.frame.width, plan.frame.edge
    strips = [("slit", f"slit-{n}", "cut apart along the web", x) for n, x in enumerate(plan.frame.slits, 1)]
    if edge:
        sides = ("left", (0, edge)), ("right", (width - edge, width))
        strips += [("edge", side, "not usable", x) for side, x in sides]
    rows = [("zone", zone.name, zone.reason, zone.corners) for zone in plan.zones]
    rows += [(kind, name, why, ((a, 0), (b, 0), (b, length), (a, length))) for kind, name, why, (a, b) in strips]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["kind", "name", "reason", "corners_mm"])
    for kind, name, reason, corners in rows:
        points = " ".join(to_mm_text(value, dbu_nm) for corner in corners for value in corner)
        writer.writerow([kind, name, reason, points])
    return text.getvalue().encode()
