"""A solution as a document, and a document as the solution that it describes."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from layoutgen import __version__
from layoutgen.document.device import device_part, read_device
from layoutgen.document.file import SCHEMA
from layoutgen.document.integrity import DIGESTS, digests_of, filled, made_by, require_integrity, worked_out_again
from layoutgen.document.kit import kit_parts, override_rows, read_kit
from layoutgen.document.search import read_search, search_parts
from layoutgen.document.web import web_part
from layoutgen.errors import DocumentError, LayoutgenError, Problem
from layoutgen.layout.dbu import least_strip, mask_grid
from layoutgen.mechanics.answer import asked_json
from layoutgen.mechanics.asked import as_used
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.orders import orders_of
from layoutgen.sizing.process import process_of
from layoutgen.sizing.steps import steps_of
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.smt.part import solder_part
from layoutgen.smt.record import land_pattern_record
from layoutgen.solver.design_id import design_id
from layoutgen.solver.kit import unmet_settings
from layoutgen.solver.solution import Solution
from layoutgen.solver.width import widths_of
from layoutgen.spec import Spec
from layoutgen.units import rounded
from layoutgen.web.record import read_plan


def to_document(solution: Solution, rules: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The content of design.json.

    Args:
        solution: what was decided.
        rules: result of the rule check; where none was made, the document says that nothing was run.
    """
    spec, loaded, device = solution.spec, solution.loaded, solution.device
    question = spec.model_dump(mode="json", by_alias=True, exclude={"pdk"})
    content = {
        "schema": SCHEMA,
        "tool": {"name": "layoutgen", "version": __version__},
        "name": spec.file_name(),
        "design_id": design_id(solution),
        "spec": question | {"overrides": override_rows(loaded)},
        **kit_parts(loaded),
        "device": device_part(loaded.pdk, device),
        "land_pattern": land_pattern_record(solder_part(device, solution.template)),
        **_bend_part(solution),
        "web": web_part(solution),
        "yield": {
            "cell": device.cell_yield,
            "screened_cell": device.screened_cell_yield,
            "stack": device.stack_yield,
            "model": loaded.pdk.yield_.model,
        },
        "steps": steps_of(loaded.pdk, device),
        "orders": [asdict(item) for item in orders_of(loaded.pdk, solution.template, device, spec.capacity)],
        "widths": asdict(widths_of(solution)),
        "objective": solution.objective,
        **search_parts(solution),
        "flags": [{"code": flag.code, "message": flag.message} for flag in device.flags],
        "rules": dict(rules) if rules is not None else _no_rules(),
    }
    figures: dict[str, Any] = rounded(content)
    return figures | {DIGESTS: digests_of(figures)}


def _bend_part(solution: Solution) -> dict[str, Any]:
    """What the bend that is asked for does to the films; nothing where none is."""
    spec = solution.spec
    if spec.bend_radius is None:
        return {}
    return {
        "bend": asked_json(
            solution.loaded.pdk,
            solution.template,
            solution.device,
            spec.bend_radius,
            spec.file_name(),
            curved=spec.curved,
        )
    }


def from_document(document: Mapping[str, Any]) -> Solution:
    """The solution that a document describes.

    Whatever follows without a search is worked out again from the question, the process, the cell and the web that
    the document holds, and the whole is compared with it: one that was edited is refused (see ``integrity``).

    Raises:
        DocumentError: a part is missing, is not valid, or contradicts another.
    """
    return open_document(document)[0]


def open_document(document: Mapping[str, Any]) -> tuple[Solution, dict[str, Any]]:
    """The solution that a document describes, and the document with what an older version did not state.

    Raises:
        DocumentError: as :func:`from_document`.
    """
    try:
        solution = _solution(document)
        solution = replace(solution, **worked_out_again(solution))
        again = to_document(solution, document["rules"]) | _lands_of_old(solution, document)
    except LayoutgenError as error:
        raise DocumentError(error.problems) from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, ArithmeticError) as error:
        what = f"is damaged: {type(error).__name__}: {error}{made_by(document)}"
        raise DocumentError(Problem(what, "design.json", remedy="make it again with layoutgen design")) from error
    require_integrity(document, again)
    return solution, filled(document, again)


def _lands_of_old(solution: Solution, document: Mapping[str, Any]) -> dict[str, Any]:
    """The lands of a document that an older version made: with paste on parts that must not be reflowed, too."""
    found = document["land_pattern"]
    if found is None or "no_reflow" in found:
        return {}
    part = replace(solder_part(solution.device, solution.template), no_reflow="")
    return {"land_pattern": rounded(land_pattern_record(part))}


def _solution(document: Mapping[str, Any]) -> Solution:
    loaded = read_kit(document)
    template = loaded.template.bind(loaded.pdk)
    spec = _spec(document, loaded.pdk.name)
    unmet = [replace(problem, where="design.json: spec.set", remedy="") for problem in unmet_settings(spec, loaded)]
    if unmet:
        raise DocumentError(unmet)
    device = read_device(document["device"], loaded.pdk, template, spec)
    device = as_used(loaded.pdk, template, device, spec.bend_radius, curved=spec.curved, attach=spec.attach)
    return Solution(
        spec=spec,
        loaded=loaded,
        template=template,
        objective=str(document["objective"]),
        device=device,
        web=read_plan(_web(document, loaded.pdk)),
        dbu_nm=int(document["web"]["dbu_nm"]),
        good_per_cell=float(
            good_devices_per_cell(process_of(loaded.pdk), device.layers, device.active_area_cm2),
        ),
        **read_search(document),
    )


def _web(document: Mapping[str, Any], pdk: Pdk) -> Mapping[str, Any]:
    """The part ``web``, with what follows from the rest where a version before 0.2 did not state it."""
    web = document["web"]
    dbu_nm = int(web["dbu_nm"])
    return {
        "least_strip_mm": least_strip(pdk, dbu_nm) * dbu_nm * 1e-6,
        "grid_mm": mask_grid(pdk, dbu_nm) * dbu_nm * 1e-6,
        "cell_mm": document["device"]["cell_mm"],
        **web,
    }


def _spec(document: Mapping[str, Any], pdk: str) -> Spec:
    asked = {key: value for key, value in document["spec"].items() if key != "overrides"}
    spec = Spec.model_validate(asked | {"pdk": pdk, "name": document["name"]})
    return spec if asked.get("name") else spec.model_copy(update={"name": None})


def _no_rules() -> dict[str, Any]:
    return {"run": 0, "passed": 0, "failed": 0, "waived": 0, "not_run": 0, "findings": []}
