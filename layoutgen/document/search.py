"""What the search found beside the design: how sure it is, what else was looked at, what limits it and why."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from layoutgen.solver.explanation import (
    AssumedRange,
    Explanation,
    OrderOutcome,
    Outcome,
    Price,
    Sensitivity,
    Without,
)
from layoutgen.solver.solution import Alternative, Binding, Naive, Neighbour, SearchSummary, Solution, TradeOff


def search_parts(solution: Solution) -> dict[str, Any]:
    """The parts ``search``, ``naive``, ``trade_off``, ``alternatives``, ``neighbours``, ``limits`` and
    ``explanation``.
    """
    return {
        "search": _summary(solution.search),
        "naive": _naive(solution.naive, solution.good_devices_per_m2),
        "trade_off": _trade_off(solution.trade_off),
        "alternatives": [_alternative(item) for item in solution.alternatives],
        "neighbours": [asdict(item) for item in solution.neighbours],
        "limits": {
            "binding": [item.limit for item in solution.limits if item.binds],
            "nearest": {},
            "all": [asdict(item) for item in solution.limits],
        },
        "explanation": None if solution.explanation is None else asdict(solution.explanation),
    }


def read_search(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same parts as fields of a :class:`Solution`."""
    return {
        "search": _read_summary(document["search"]),
        "naive": _read_naive(document["naive"]),
        "alternatives": tuple(_read_alternative(item) for item in document["alternatives"]),
        "neighbours": tuple(
            Neighbour(**{**item, "ends": tuple(item.get("ends", ()))}) for item in document.get("neighbours", ())
        ),
        "limits": tuple(Binding(**item) for item in document["limits"]["all"]),
        "explanation": _read_explanation(document.get("explanation")),
    }


def _summary(search: SearchSummary) -> dict[str, Any]:
    return {
        "designs_considered": search.considered,
        "designs_tiled": search.tiled,
        "gap_percent": search.gap_percent,
        "proved_optimal": search.proved_optimal,
        "given_up_percent": search.given_up_percent,
        "choices": search.choices,
        "choices_dominated": search.dominated,
        **({"waived": list(search.waived)} if search.waived else {}),
    }


def _read_summary(search: Mapping[str, Any]) -> SearchSummary:
    return SearchSummary(
        considered=int(search["designs_considered"]),
        tiled=int(search["designs_tiled"]),
        gap_percent=float(search["gap_percent"]),
        proved_optimal=bool(search["proved_optimal"]),
        given_up_percent=float(search.get("given_up_percent", 0.0)),
        choices=int(search.get("choices", 1)),
        dominated=int(search.get("choices_dominated", 0)),
        waived=tuple(str(rule) for rule in search.get("waived", ())),
    )


def _naive(item: Naive | None, good_per_m2: float) -> dict[str, Any] | None:
    if item is None:
        return None
    return {
        "layers": item.layers,
        "cell_mm": _named(item.cell_mm),
        "cells_per_m2": item.cells_per_m2,
        "devices_per_m2_good": item.devices_per_m2_good,
        "gain_percent": item.gain_percent(good_per_m2),
    }


def _read_naive(item: Mapping[str, Any] | None) -> Naive | None:
    if item is None:
        return None
    cell = item["cell_mm"]
    return Naive(item["layers"], (cell["length"], cell["width"]), item["cells_per_m2"], item["devices_per_m2_good"])


def _trade_off(found: TradeOff | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "lowest": _end(found.lowest),
        "cheapest": _end(found.cheapest),
        "good_devices_percent": found.good_devices_percent,
        "height_mm": found.height_mm,
    }


def _end(item: Neighbour) -> dict[str, Any]:
    return {
        "chosen": not item.varies,
        "layers": item.layers,
        "foil_um": item.foil_um,
        "cathode_um": item.cathode_um,
        "cell_mm": _named((item.cell_length_mm, item.cell_width_mm)),
        "package_mm": _named((item.package_length_mm, item.package_width_mm, item.package_height_mm)),
        "devices_per_m2_good": item.good_devices_per_m2,
    }


def _alternative(item: Alternative) -> dict[str, Any]:
    return {
        "layers": item.layers,
        "cell_mm": _named(item.cell_mm),
        "package_mm": _named(item.package_mm),
        "devices_per_m2_good": item.devices_per_m2_good,
        "why_not": item.why_not,
    }


def _read_alternative(item: Mapping[str, Any]) -> Alternative:
    cell, package = item["cell_mm"], item["package_mm"]
    return Alternative(
        item["layers"],
        (cell["length"], cell["width"]),
        (package["length"], package["width"], package["height"]),
        item["devices_per_m2_good"],
        item["why_not"],
    )


def _named(size: tuple[float, ...]) -> dict[str, float]:
    """Length and width of a cell, and height of a package."""
    return dict(zip(("length", "width", "height"), size, strict=False))


def _read_explanation(item: Mapping[str, Any] | None) -> Explanation | None:
    if item is None:
        return None
    return Explanation(
        tuple(Price(**price) for price in item["prices"]),
        tuple(Sensitivity(**sensitivity) for sensitivity in item["sensitivities"]),
        tuple(
            AssumedRange(found["path"], found["unit"], Outcome(**found["low"]), Outcome(**found["high"]))
            for found in item["ranges"]
        ),
        tuple(OrderOutcome(**found) for found in item.get("orders", ())),
        tuple(Without(**found) for found in item.get("requirements", ())),
    )
