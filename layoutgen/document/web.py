"""The web in a design: its plan, the devices that it yields, and what each freedom of the tiler gained."""

from typing import Any

from layoutgen.solver.solution import Solution
from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.gains import gains_record, web_gains
from layoutgen.web.record import plan_record


def web_part(solution: Solution) -> dict[str, Any]:
    """The part ``web``."""
    plan = solution.web
    gains = web_gains(plan, Effort[solution.spec.effort.name]) if plan.fields else ()
    return {
        **plan_record(plan, solution.dbu_nm),
        "devices_per_m2": {"gross": solution.devices_per_m2, "good": solution.good_devices_per_m2},
        "good_devices_per_cell": solution.good_per_cell,
        "gained": gains_record(gains, solution.dbu_nm, plan.frame.width),
    }
