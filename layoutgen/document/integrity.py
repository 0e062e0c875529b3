"""Does a design.json that is read follow from itself?

Three hands hold it together. What follows without a search is worked out again when the document is loaded. What
only a search or a rule check can tell is held by ``digests``: one SHA-256 for each part, so that an edit shows at
once and by name. ``layoutgen verify`` searches again, since whoever edits on purpose can make digests too.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from layoutgen import __version__
from layoutgen.errors import DocumentError, Problem
from layoutgen.solver.solution import Solution

DIGESTS = "digests"
_REMEDY = "make it again with layoutgen design; it was edited, or decided otherwise by the version that made it"


def digests_of(document: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of every top-level part of a document, over its canonical JSON."""
    return {key: _digest(part) for key, part in document.items() if key != DIGESTS}


def require_integrity(document: Mapping[str, Any], again: Mapping[str, Any]) -> None:
    """Refuse a document that was edited.

    What this version states and the document does not is no difference: an older version made it. That nobody took
    it out is held by the digests.

    Args:
        document: as read.
        again: the same one, written from what was read.

    Raises:
        DocumentError: names the first key path that does not follow, and the version that made the document.
    """
    tool = {"tool": document.get("tool"), DIGESTS: document.get(DIGESTS)}
    where = first_difference({**_stated(again, document), **tool}, document)
    if not where:
        stated = document.get(DIGESTS)
        found = digests_of(document)
        where = first_difference(found, stated, "") if isinstance(stated, Mapping) else DIGESTS
    if where:
        what = f"does not follow from the rest of the document{made_by(document)}"
        raise DocumentError(Problem(what, f"design.json: {where}", remedy=_REMEDY))


def made_by(document: Mapping[str, Any]) -> str:
    """``, made by layoutgen 0.1.0`` with what reads it now; empty where the document does not say."""
    tool = document.get("tool")
    version = tool.get("version") if isinstance(tool, Mapping) else None
    return f"; layoutgen {version} made it, this is {__version__}" if isinstance(version, str) else ""


def filled(old: Any, new: Any) -> Any:
    """A document with the keys that only the new one states, at any depth."""
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        return {key: filled(old[key], new.get(key)) if key in old else new[key] for key in {**old, **new}}
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [filled(*pair) for pair in zip(old, new, strict=True)]
    return old


def _stated(new: Any, old: Any) -> Any:
    """What is new without the keys that the old does not have, at any depth."""
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        return {key: _stated(value, old[key]) for key, value in new.items() if key in old}
    if isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        return [_stated(*pair) for pair in zip(new, old, strict=True)]
    return new


def worked_out_again(solution: Solution) -> dict[str, Any]:
    """Fields of a solution that follow from its question and device without a search.

    The plain grid to compare with is made for the first foil of those that were compared; the document holds the
    chosen one only, so that where several were compared it is left as it is.
    """
    from layoutgen.solver.binding import bindings
    from layoutgen.solver.naive import naive_design
    from layoutgen.solver.question import resolve

    spec = solution.spec.model_copy(update={"foil": None, "cathode": None})
    question = resolve(spec, solution.loaded, frozenset(solution.search.waived))
    objective = question.objective.value if question.objective else "weighted"
    # whether a side of the package binds only a search can tell
    told = {item.limit: item.binds for item in solution.limits if item.limit.startswith("package ")}
    limits = bindings(question, 0, solution.device)
    limits = tuple(replace(item, binds=told.get(item.limit, item.binds)) for item in limits)
    found: dict[str, Any] = {"objective": objective, "limits": limits}
    # 0.1 compared with filling a footprint that is far larger than the part, too
    if (solution.spec.foil, solution.spec.cathode) == (None, None) and solution.naive is not None:
        found["naive"] = naive_design(question, solution.web.frame, 1000 // solution.dbu_nm)
    return found


def first_difference(new: Any, old: Any, path: str = "") -> str:
    """Key path of the first difference beyond rounding, empty where there is none."""
    if isinstance(new, Mapping) and isinstance(old, Mapping):
        found = (
            first_difference(new[key], old[key], _below(path, key))
            if key in new and key in old
            else _below(path, key)
            for key in {**new, **old}
        )
    elif isinstance(new, list) and isinstance(old, list) and len(new) == len(old):
        pairs = zip(new, old, strict=True)
        found = (
            first_difference(first, second, f"{path}[{number}]") for number, (first, second) in enumerate(pairs)
        )
    elif isinstance(new, float) and isinstance(old, int | float) and not isinstance(old, bool):
        return "" if math.isclose(new, old, rel_tol=1e-9, abs_tol=1e-12) else path
    else:
        return "" if new == old and isinstance(new, bool) == isinstance(old, bool) else path
    return next(filter(None, found), "")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _digest(part: Any) -> str:
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
