"""design.json: everything decided, written and read back.

The document carries the process design kit and the device template that it was made with, so that every later step
(export, drawings, checks) works from this one file. Numbers are rounded to twelve significant digits: libraries of
elementary functions differ in the last one, and the file must be the same on every machine.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from layoutgen import __version__
from layoutgen.errors import DocumentError, LayoutgenError, Problem
from layoutgen.follows import DIGESTS, digests_of, require_follows, worked_out_again
from layoutgen.layout.dbu import least_strip
from layoutgen.pdk.load import LoadedPdk, Override, check_pdk
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.device import size_device
from layoutgen.sizing.process import process_of
from layoutgen.sizing.steps import steps_of
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.explanation import AssumedRange, Explanation, Outcome, Price, Sensitivity
from layoutgen.solver.neighbours import Neighbour
from layoutgen.solver.solution import Alternative, Binding, Naive, SearchSummary, Solution
from layoutgen.spec import Spec
from layoutgen.structure import check_structure
from layoutgen.template import check_template
from layoutgen.tile.gains import web_gains
from layoutgen.tile.model import Block, Effort, Field, KeepOut, Placement, Regime, Structure, WebFrame, WebPlan

SCHEMA = "layoutgen.design/1"
_DIGITS = 12


def to_document(solution: Solution, rules: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The content of design.json.

    Args:
        solution: what was decided.
        rules: result of the rule check; where none was made, the document says that nothing was run.
    """
    spec, loaded = solution.spec, solution.loaded
    question = spec.model_dump(mode="json", by_alias=True, exclude={"pdk"})
    content = {
        "schema": SCHEMA,
        "tool": {"name": "layoutgen", "version": __version__},
        "name": spec.file_name(),
        "spec": question | {"overrides": [_override(item) for item in loaded.overrides]},
        "pdk": {
            "name": loaded.pdk.name,
            "version": loaded.pdk.version,
            "sha256": loaded.sha256,
            "disclaimer": loaded.pdk.disclaimer,
            "content": loaded.content,
        },
        "template": loaded.template.model_dump(mode="json", by_alias=True),
        "structure_templates": {
            name: item.model_dump(mode="json", by_alias=True) for name, item in loaded.structures.items()
        },
        "device": _device(solution),
        "web": _web(solution),
        "yield": {
            "cell": solution.device.cell_yield,
            "screened_cell": solution.device.screened_cell_yield,
            "stack": solution.device.stack_yield,
            "model": loaded.pdk.yield_.model,
        },
        "steps": steps_of(loaded.pdk, solution.device),
        "objective": solution.objective,
        "search": {
            "designs_considered": solution.search.considered,
            "designs_tiled": solution.search.tiled,
            "gap_percent": solution.search.gap_percent,
            "proved_optimal": solution.search.proved_optimal,
            "given_up_percent": solution.search.given_up_percent,
            "choices": solution.search.choices,
            "choices_dominated": solution.search.dominated,
        },
        "naive": _naive(solution.naive, solution.good_devices_per_m2),
        "alternatives": [_alternative(item) for item in solution.alternatives],
        "neighbours": [asdict(item) for item in solution.neighbours],
        "limits": {
            "binding": [item.limit for item in solution.limits if item.binds],
            "nearest": {},
            "all": [_limit(item) for item in solution.limits],
        },
        "explanation": None if solution.explanation is None else asdict(solution.explanation),
        "flags": [{"code": flag.code, "message": flag.message} for flag in solution.device.flags],
        "rules": dict(rules) if rules is not None else _no_rules(),
    }
    rounded: dict[str, Any] = _rounded(content)
    return rounded | {DIGESTS: digests_of(rounded)}


def to_text(document: Mapping[str, Any]) -> str:
    """The document as text: stable order, one trailing newline."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_document(path: Path) -> dict[str, Any]:
    """Read a design.json, or the one inside a design folder.

    Raises:
        DocumentError: it is not there, not JSON, or of another schema.
    """
    file = path / "design.json" if path.is_dir() else path
    try:
        text = file.read_bytes()
    except (OSError, ValueError) as error:  # a NUL in the name is a ValueError
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise DocumentError(
            Problem(
                f"cannot be read: {reason}", str(path), "a design.json, or the folder that layoutgen design made"
            )
        ) from error
    return document_of(text, file.name)


def document_of(text: bytes, where: str) -> dict[str, Any]:
    """The text of a design.json as a document.

    Raises:
        DocumentError: it is not JSON, or of another schema.
    """
    try:
        content = json.loads(text.decode(), object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError) as error:
        raise DocumentError(Problem(f"is not JSON: {error}", where)) from error
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        raise DocumentError(
            Problem(f"schema is {schema!r}", where, SCHEMA, "make it again with this version of layoutgen design")
        )
    return dict(content)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A table of JSON; a reader must not see another value than we do."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in names if names.count(key) > 1)!r} stands there twice")
    return found


def from_document(document: Mapping[str, Any]) -> Solution:
    """The solution that a document describes.

    Whatever follows without a search is worked out again from the question, the process, the cell and the web that
    the document holds, and the whole is compared with it: one that was edited is refused (see ``follows``).

    Raises:
        DocumentError: a part is missing, is not valid, or contradicts another.
    """
    try:
        solution = _solution(document)
        solution = replace(solution, **worked_out_again(solution))
        again = to_document(solution, document["rules"])
    except LayoutgenError as error:
        raise DocumentError(error.problems) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, ArithmeticError) as error:
        what = f"is damaged: {type(error).__name__}: {error}"
        raise DocumentError(Problem(what, "design.json", remedy="make it again with layoutgen design")) from error
    require_follows(document, again)
    return solution


def _device(solution: Solution) -> dict[str, Any]:
    device = solution.device
    return {
        "package_mm": {
            "length": device.package_length_um / 1000,
            "width": device.package_width_um / 1000,
            "height": device.package_height_um / 1000,
        },
        "cell_mm": {"length": device.cell_length_um / 1000, "width": device.cell_width_um / 1000},
        "active_area_cm2": device.active_area_cm2,
        "layers": device.layers,
        "capacity_mah": {
            "nominal": device.nominal_mah,
            "rated": device.rated_mah,
            "confidence": device.confidence,
            "cycles": device.cycles,
        },
        "energy_mwh": device.energy_mwh,
        "energy_density_wh_per_l": {
            "package": device.package_wh_per_l,
            "bare_cell": device.bare_cell_wh_per_l,
            "bare_cell_charged": device.bare_cell_charged_wh_per_l,
        },
        "mass_g": device.mass_g,
        "layer_pitch_um": device.pitch_um,
        "stack": [
            {
                "layer": film.layer,
                "film": film.film,
                "material": film.material,
                "thickness_um": film.thickness_um,
                "z0_um": film.z0_um,
                "count": film.count,
                "source": film.source,
            }
            for film in device.stack
        ],
        "resistance_ohm": device.resistance_ohm,
        "max_continuous_ma": device.max_continuous_ma,
        "terminal_mm": {"length": device.terminal_length_um / 1000},
        "tolerance_mm": {
            "length": device.tolerance_length_um / 1000,
            "width": device.tolerance_width_um / 1000,
            "height": device.tolerance_height_um / 1000,
            "terminal": device.tolerance_terminal_um / 1000,
            "standoff": None if device.tolerance_standoff_um is None else device.tolerance_standoff_um / 1000,
        },
    }


def _web(solution: Solution) -> dict[str, Any]:
    plan, nm = solution.web, solution.dbu_nm
    frame = plan.frame

    def mm(dbu: int) -> float:
        return dbu * nm * 1e-6

    length, width = plan.cell
    blocks = []
    for number, field in enumerate(plan.fields, 1):
        for block in field.blocks:
            along_x, along_y = (width, length) if block.rotated else (length, width)
            blocks.append(
                {
                    "x_mm": mm(block.x),
                    "y_mm": mm(block.y),
                    "columns": block.columns,
                    "rows": block.rows,
                    "pitch_x_mm": mm(along_x + frame.kerf),
                    "pitch_y_mm": mm(along_y + frame.kerf),
                    "rotated": block.rotated,
                    "field": number,
                }
            )
    return {
        "regime": frame.regime.value,
        "width_mm": mm(frame.width),
        "edge_mm": mm(frame.edge),
        "usable_mm": mm(frame.usable),
        "kerf_mm": mm(frame.kerf),
        "field_max_mm": {"width": mm(frame.field_width), "length": mm(frame.field_length)},
        "field_gap_mm": mm(frame.field_gap),
        "rotation_allowed": frame.rotation_allowed,
        "guillotine_only": frame.guillotine_only,
        "slits_mm": [[mm(start), mm(end)] for start, end in frame.slits],
        "repeat_mm": {"width": mm(frame.width), "length": mm(plan.repeat_length)},
        "cells_per_repeat": plan.cells_per_repeat,
        "cells_per_m": solution.cells_per_m,
        "cells_per_m2": solution.cells_per_m2,
        "devices_per_m2": {"gross": solution.devices_per_m2, "good": solution.good_devices_per_m2},
        "good_devices_per_cell": solution.good_per_cell,
        "utilization": plan.utilization,
        "bound_cells_per_repeat": plan.bound_cells_per_repeat,
        "gap_percent": plan.gap_percent,
        "proved_optimal": plan.proved_optimal,
        "proof": plan.proof,
        "method": plan.method,
        "gained": _gained(solution),
        "dbu_nm": nm,
        "fields": [
            {
                "x_mm": mm(field.x),
                "y_mm": mm(field.y),
                "width_mm": mm(field.width),
                "length_mm": mm(field.length),
                "cells": field.count,
            }
            for field in plan.fields
        ],
        "blocks": blocks,
        "structures": [
            {
                "name": item.structure.name,
                "field": item.field + 1,
                "x_mm": mm(item.x),
                "y_mm": mm(item.y),
                "width_mm": mm(item.width),
                "height_mm": mm(item.length),
                "turned": item.turned,
                "cost_cells": item.cost_cells,
            }
            for item in plan.structures
        ],
        "structures_cost_cells": plan.structures_cost_cells,
        "zones": [
            {
                "name": zone.name,
                "reason": zone.reason,
                "corners_mm": [[mm(x), mm(y)] for x, y in zone.corners],
            }
            for zone in plan.zones
        ],
    }


def _gained(solution: Solution) -> list[dict[str, Any]]:
    """What each freedom of the tiler gained, the first step being 0 percent."""
    nm, width = solution.dbu_nm, solution.web.frame.width
    gains = web_gains(solution.web, Effort[solution.spec.effort.name]) if solution.web.fields else ()
    return [
        {
            "freedom": gain.freedom,
            "cells": gain.cells,
            "repeat_mm": gain.area // width * nm * 1e-6,
            "cells_per_m2": gain.density / (nm * 1e-9) ** 2,
            "more_percent": (gain.density / gains[0].density - 1) * 100 if gains[0].cells else None,
        }
        for gain in gains
    ]


def _solution(document: Mapping[str, Any]) -> Solution:
    loaded = _loaded(document)
    spec = Spec.model_validate(
        {key: value for key, value in document["spec"].items() if key != "overrides"}
        | {"pdk": loaded.pdk.name, "name": document["name"]}
    )
    device, web, search = document["device"], document["web"], document["search"]
    template = loaded.template.bind(loaded.pdk)
    cell_um = round(device["cell_mm"]["length"] * 1000, 6), round(device["cell_mm"]["width"] * 1000, 6)
    layers = int(device["layers"])
    if layers < 1 or not all(0 < side < 1e7 for side in cell_um):
        raise DocumentError(Problem("is out of range", "design.json: device"))
    capacity = device["capacity_mah"]
    sized = size_device(loaded.pdk, template, cell_um, layers, capacity["confidence"], capacity["cycles"])
    return Solution(
        spec=spec if document["spec"].get("name") else spec.model_copy(update={"name": None}),
        loaded=loaded,
        template=template,
        objective=str(document["objective"]),
        device=sized,
        web=_plan(web, cell_um, loaded.pdk),
        dbu_nm=int(web["dbu_nm"]),
        good_per_cell=float(good_devices_per_cell(process_of(loaded.pdk), layers, sized.active_area_cm2)),
        search=SearchSummary(
            int(search["designs_considered"]),
            int(search["designs_tiled"]),
            float(search["gap_percent"]),
            bool(search["proved_optimal"]),
            float(search.get("given_up_percent", 0.0)),
            int(search.get("choices", 1)),
            int(search.get("choices_dominated", 0)),
        ),
        naive=_read_naive(document["naive"]),
        alternatives=tuple(_read_alternative(item) for item in document["alternatives"]),
        limits=tuple(
            Binding(item["limit"], item["value"], item["used"], item["unit"], item["binds"])
            for item in document["limits"]["all"]
        ),
        neighbours=tuple(Neighbour(**item) for item in document.get("neighbours", ())),
        explanation=_read_explanation(document.get("explanation")),
    )


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
    )


def _loaded(document: Mapping[str, Any]) -> LoadedPdk:
    pdk = document["pdk"]
    content = dict(pdk["content"])
    template = check_template(document["template"], "design.json: template")
    files = dict.fromkeys(content, "design.json: pdk.content")
    structures = {
        name: check_structure(item, f"design.json: structure_templates.{name}")
        for name, item in document.get("structure_templates", {}).items()
    }
    loaded = check_pdk(content, files, template=template, structures=structures)
    overrides = tuple(Override(item["path"], item["value"], item["was"]) for item in document["spec"]["overrides"])
    return LoadedPdk(loaded.pdk, template, content, str(pdk["sha256"]), overrides, {}, structures)


def _plan(web: Mapping[str, Any], cell_um: tuple[float, float], pdk: Pdk) -> WebPlan:
    nm = int(web["dbu_nm"])

    def dbu(mm: float) -> int:
        return round(mm * 1e6 / nm)

    regime = Regime(web["regime"])
    repeat = dbu(web["repeat_mm"]["length"])
    frame = WebFrame(
        width=dbu(web["width_mm"]),
        edge=dbu(web["edge_mm"]),
        field_width=dbu(web["field_max_mm"]["width"]),
        field_length=dbu(web["field_max_mm"]["length"]),
        field_gap=dbu(web["field_gap_mm"]),
        kerf=dbu(web["kerf_mm"]),
        rotation_allowed=bool(web["rotation_allowed"]),
        regime=regime,
        repeat_length=repeat if regime is Regime.FIXED else None,
        least_strip=least_strip(pdk, nm),
        slits=tuple((dbu(start), dbu(end)) for start, end in web.get("slits_mm", ())),
        guillotine_only=bool(web.get("guillotine_only", False)),
    )
    zones = tuple(
        KeepOut(str(zone["name"]), str(zone["reason"]), tuple((dbu(x), dbu(y)) for x, y in zone["corners_mm"]))
        for zone in web.get("zones", ())
    )
    fields = tuple(
        Field(
            dbu(field["x_mm"]),
            dbu(field["y_mm"]),
            dbu(field["width_mm"]),
            dbu(field["length_mm"]),
            tuple(
                Block(
                    dbu(block["x_mm"]),
                    dbu(block["y_mm"]),
                    int(block["columns"]),
                    int(block["rows"]),
                    bool(block["rotated"]),
                )
                for block in web["blocks"]
                if block["field"] == number
            ),
        )
        for number, field in enumerate(web["fields"], 1)
    )
    structures = tuple(_placement(item, dbu) for item in web.get("structures", ()))
    cell = dbu(cell_um[0] / 1000), dbu(cell_um[1] / 1000)
    bound = int(web["bound_cells_per_repeat"])
    return WebPlan(
        frame,
        cell,
        fields,
        repeat,
        bound,
        str(web["method"]),
        str(web["proof"]),
        structures=structures,
        zones=zones,
    )


def _placement(item: Mapping[str, Any], dbu: Callable[[float], int]) -> Placement:
    width, length = dbu(item["width_mm"]), dbu(item["height_mm"])
    size = (length, width) if item["turned"] else (width, length)
    return Placement(
        Structure(str(item["name"]), *size),
        int(item["field"]) - 1,
        dbu(item["x_mm"]),
        dbu(item["y_mm"]),
        width,
        length,
        int(item["cost_cells"]),
    )


def _override(item: Override) -> dict[str, str]:
    return {"path": item.path, "value": item.value, "was": item.was}


def _limit(item: Binding) -> dict[str, Any]:
    return {"limit": item.limit, "value": item.value, "used": item.used, "unit": item.unit, "binds": item.binds}


def _alternative(item: Alternative) -> dict[str, Any]:
    return {
        "layers": item.layers,
        "cell_mm": {"length": item.cell_mm[0], "width": item.cell_mm[1]},
        "package_mm": dict(zip(("length", "width", "height"), item.package_mm, strict=True)),
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


def _naive(item: Naive | None, good_per_m2: float) -> dict[str, Any] | None:
    if item is None:
        return None
    gain = (good_per_m2 / item.devices_per_m2_good - 1.0) * 100.0 if item.devices_per_m2_good else None
    return {
        "layers": item.layers,
        "cell_mm": {"length": item.cell_mm[0], "width": item.cell_mm[1]},
        "cells_per_m2": item.cells_per_m2,
        "devices_per_m2_good": item.devices_per_m2_good,
        "gain_percent": None if gain is None else round(gain, 6),
    }


def _read_naive(item: Mapping[str, Any] | None) -> Naive | None:
    if item is None:
        return None
    cell = item["cell_mm"]
    return Naive(item["layers"], (cell["length"], cell["width"]), item["cells_per_m2"], item["devices_per_m2_good"])


def _no_rules() -> dict[str, Any]:
    return {"run": 0, "passed": 0, "failed": 0, "waived": 0, "not_run": 0, "findings": []}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        rounded = float(f"{value:.{_DIGITS}g}")
        if not math.isfinite(rounded):
            raise ValueError("a figure of the design is not finite")
        return rounded
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
