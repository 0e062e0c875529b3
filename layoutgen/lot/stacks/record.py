"""stacks.json: how many stacks, how sure, how alike, and what is left over."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from layoutgen.lot.stacks.choose import Chosen, Wanted
from layoutgen.lot.stacks.forecast import forecast
from layoutgen.lot.stacks.pool import NAH_PER_MAH, Pool, stack_errors

SCHEMA: Final = "layoutgen.stacks/1"


def stacks_record(
    pool: Pool,
    wanted: Wanted,
    chosen: Chosen,
    design: str,
    *,
    confidence: float,
    edges: Sequence[float],
) -> dict[str, Any]:
    """The content of stacks.json; charges in mAh, leaks in uA.

    Args:
        pool: what was chosen from.
        wanted: what every stack is.
        chosen: the stacks.
        design: name of the design.
        confidence: with which a stack is said to reach it.
        edges: rising lower edges of capacity classes, mAh.
    """
    errors = stack_errors(pool, chosen.members, neighbours=chosen.order.neighbours)
    apart = stack_errors(pool, chosen.members, neighbours=chosen.order.neighbours, shared=False)
    sums = chosen.sums / NAH_PER_MAH
    estimate = float(sums.std()) if chosen.made else 0.0
    error = float(np.sqrt((apart**2).mean())) / NAH_PER_MAH if chosen.made else 0.0
    z = NormalDist().inv_cdf(confidence)
    lower = sums - z * errors / NAH_PER_MAH
    rated_mah = wanted.target / NAH_PER_MAH
    return {
        "schema": SCHEMA,
        "design": design,
        "synthetic": pool.synthetic,
        "lots": [lot_record(pool, number) for number in range(len(pool.webs))],
        "order": str(chosen.order),
        "layers": wanted.size,
        "least_mah": wanted.least / NAH_PER_MAH,
        "guard_mah": wanted.margin / NAH_PER_MAH,
        "limits": {
            "resistance_ratio": wanted.ratio,
            "leak_ua": None if wanted.leak_pa is None else wanted.leak_pa / 1e6,
        },
        "cells": pool.count,
        "cells_not_good": pool.not_good,
        "cells_held": chosen.held,
        "made": chosen.made,
        "bound": chosen.bound,
        "gap": chosen.bound - chosen.made,
        "optimal": chosen.optimal,
        "spread": {
            "estimate": estimate,
            "with_error": math.hypot(estimate, error),
            "unit": "mAh, standard deviation over stacks",
            "range": float(np.ptp(sums)) if chosen.made else 0.0,
        },
        "capacity_mah": {
            "mean": float(sums.mean()) if chosen.made else None,
            "lowest": float(sums.min()) if chosen.made else None,
            "highest": float(sums.max()) if chosen.made else None,
        },
        "rated": {
            "mah": rated_mah,
            "confidence": confidence,
            "sure": int((lower >= rated_mah).sum()),
            "expected": float(_reach(sums, errors / NAH_PER_MAH, rated_mah).sum()),
        },
        "classes": _classes(lower, edges),
        "trays": forecast(pool, wanted.size, chosen.order.number) if chosen.order.name == "trays" else None,
        "left_over": {
            "count": int(sum(len(cells) for cells in chosen.left.values())),
            "by_reason": {why: len(cells) for why, cells in chosen.left.items()},
        },
    }


def lot_record(pool: Pool, number: int) -> dict[str, Any]:
    """A web that cells come from."""
    web = pool.webs[number]
    estimate = pool.estimates[number]
    return {
        "lot": number + 1,
        "folder": web.path.name,
        "cells": int((pool.lot == number).sum()),
        "capacity_read": pool.capacity_read[number],
        "nominal_mah": web.map.nominal_mah,
        "estimate": {
            "of": estimate.get("of", []),
            "cycled": (estimate.get("cycled") or {}).get("cells", 0),
            "correlation_interval": estimate.get("correlation_interval"),
            "lot_error_mah": pool.lot_error[number] / NAH_PER_MAH,
        },
    }


def remarks(record: Mapping[str, Any]) -> list[str]:
    """What a reader of the figures must know: a guard that was asked for, lots whose capacity nobody read."""
    found = []
    if record["guard_mah"]:
        found.append(
            f"the guard asks each stack for {record['least_mah']:.3f} mAh by estimate:"
            f" {record['rated']['mah']:.3f} mAh and {record['guard_mah']:.3f} mAh for the error of the estimates"
        )
    found += [
        f"no capacity was read of lot {lot['lot']} ({lot['folder']}): each of its cells counts with the design's"
        f" nominal {lot['nominal_mah']:.4f} mAh and the error of the process"
        for lot in record["lots"]
        if not lot["capacity_read"]
    ]
    found += [
        f"capacities of lot {lot['lot']} by {', '.join(lot['estimate']['of'])} and {lot['estimate']['cycled']}"
        f" cycled cells: r at least {lot['estimate']['correlation_interval'][0]:.2f}; its mean known to"
        f" {lot['estimate']['lot_error_mah']:.5f} mAh a cell"
        for lot in record["lots"]
        if lot["estimate"]["of"] and lot["estimate"]["cycled"]
    ]
    return found


def _reach(sums: Any, errors: Any, rated_mah: float) -> Any:
    """Probability of each stack to reach a capacity."""
    away = (rated_mah - sums) / np.where(errors > 0, errors, 1e-12)
    normal = NormalDist()
    return np.array([1.0 - normal.cdf(min(max(value, -40.0), 40.0)) for value in away.tolist()])


def _classes(lower: Any, edges: Sequence[float]) -> list[dict[str, Any]]:
    """Stacks by the class that their lower bound reaches; those below the first edge come first."""
    if not edges:
        return []
    number = np.searchsorted(np.array(edges), lower, side="right")
    ends: list[float | None] = [None, *edges]
    return [{"from_mah": low, "stacks": int((number == index).sum())} for index, low in enumerate(ends)]


def compared(rows: Mapping[str, Chosen], pool: Pool, wanted: Wanted, confidence: float) -> list[dict[str, Any]]:
    """Orders side by side: what each makes of the same cells, what it holds, and what its stacks could be rated at.

    ``rates_mah`` is the mean less z sigma of all stacks that the order builds, those that fall short included, with
    the error of the estimates in sigma; ``layers`` how many such cells would reach what a stack is
    sold as.
    """
    found = []
    z = NormalDist().inv_cdf(confidence)
    for name, chosen in rows.items():
        sums = chosen.sums / NAH_PER_MAH
        near = chosen.order.neighbours
        errors = stack_errors(pool, chosen.members, neighbours=near) / NAH_PER_MAH
        apart = stack_errors(pool, chosen.members, neighbours=near, shared=False) / NAH_PER_MAH
        told = float(np.sqrt((apart**2).mean())) if chosen.made else 0.0
        spread = float(sums.std()) if chosen.made else 0.0
        built = chosen.built / NAH_PER_MAH
        error = float(np.sqrt((errors**2).mean())) if chosen.made else 0.0
        rates = float(built.mean() - z * math.hypot(float(built.std()), error)) if len(built) else 0.0
        target = wanted.target / NAH_PER_MAH
        found.append(
            {
                "order": name,
                "stacks_lost": max(item.made for item in rows.values()) - chosen.made,
                "rates_mah": rates,
                "layers": math.ceil(wanted.size * target / rates - 1e-9) if rates > 0 else None,
                "made": chosen.made,
                "gap": chosen.bound - chosen.made,
                "cells_held": chosen.held,
                "spread_mah": spread,
                "spread_with_error_mah": math.hypot(spread, told),
            }
        )
    return found
