"""What a design was made with: the process design kit, its overrides, and the templates.

They are carried whole, as they were read, and are checked again when they are read back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from layoutgen.document.integrity import first_difference
from layoutgen.errors import DocumentError, LayoutgenError, Problem
from layoutgen.pdk.load import ASSEMBLY, LoadedPdk, check_pdk, load_pdk, sha256_of_kit, shipped_pdks
from layoutgen.pdk.overrides import Override, apply_overrides, paths_set, value_at
from layoutgen.template import check_template
from layoutgen.template.structure import check_structure

_SOURCE = "layoutgen 0.1 took the cells of a stack as drawn at random from one lot"
_AS_IN_0_1: Final = {
    "order": "shuffled",
    **{
        name: {"value": value, "unit": unit, "kind": "assumed", "source": _SOURCE}
        for name, value, unit in (
            ("order_correlation", 0, "1"),
            ("lots", 1, "1"),
            ("estimate_correlation", 0, "1"),
            ("cycled", 0, "cells"),
            ("trays", 1, "1"),
        )
    },
}


def kit_parts(loaded: LoadedPdk) -> dict[str, Any]:
    """The parts ``pdk``, ``template`` and ``structure_templates``."""
    return {
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
    }


def kit_of(document: Mapping[str, Any]) -> LoadedPdk:
    """The kit that a design was made with; messages and ``files`` name the design.json.

    Raises:
        DocumentError: the kit or a template in it is not valid.
    """
    try:
        loaded = read_kit(document)
    except LayoutgenError as error:
        raise DocumentError(error.problems) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise DocumentError(Problem(f"is damaged: {type(error).__name__}: {error}", "design.json")) from error
    return replace(loaded, files=dict.fromkeys(loaded.content, "design.json"))


def override_rows(loaded: LoadedPdk) -> list[dict[str, str]]:
    """The rows of ``spec.overrides``: what was set, and what it was."""
    return [{"path": item.path, "value": item.value, "was": item.was} for item in loaded.overrides]


def read_kit(document: Mapping[str, Any]) -> LoadedPdk:
    """The kit of a document, checked.

    Raises:
        PdkError: the kit or a template is not valid.
    """
    pdk = document["pdk"]
    content = dict(pdk["content"])
    template = check_template(document["template"], "design.json: template")
    files = dict.fromkeys(content, "design.json: pdk.content")
    structures = {
        name: check_structure(item, f"design.json: structure_templates.{name}")
        for name, item in document.get("structure_templates", {}).items()
    }
    if ASSEMBLY not in content and _before_0_2(document):
        content[ASSEMBLY] = _AS_IN_0_1
    loaded = check_pdk(content, files, template=template, structures=structures)
    overrides = tuple(Override(item["path"], item["value"], item["was"]) for item in document["spec"]["overrides"])
    _require_stated(content, overrides)
    if not overrides and sha256_of_kit(pdk["content"]) != pdk["sha256"]:
        raise DocumentError(Problem("is not that of the kit in the document", "design.json: pdk.sha256"))
    return LoadedPdk(loaded.pdk, template, content, str(pdk["sha256"]), overrides, {}, structures)


def _before_0_2(document: Mapping[str, Any]) -> bool:
    """Whether a version made the document that rated every stack as drawn at random from one lot."""
    tool = document.get("tool")
    version = tool.get("version") if isinstance(tool, Mapping) else None
    return isinstance(version, str) and version.startswith(("0.0.", "0.1."))


def _require_stated(content: Mapping[str, Any], overrides: Sequence[Override]) -> None:
    """What the document says was set must be what its kit holds, and the other way round.

    Raises:
        DocumentError: with every override that is not so.
    """
    stated = {item.path: item.value for item in overrides}  # of a path that was set twice, the last one holds
    problems = [
        Problem(f"{path} = {value}, and the kit of this document has {held}", "design.json: spec.overrides")
        for path, value in stated.items()
        if value not in {held := value_at(content, path), value_at(content, path, 6)}
    ]
    problems += [
        Problem(f"does not say that {path} was set", "design.json: spec.overrides")
        for path in paths_set(content)
        if path not in stated
    ]
    if problems:
        raise DocumentError(problems)


def require_of_shipped(loaded: LoadedPdk) -> None:
    """Where the digest is that of a shipped kit, that kit with the overrides must give the kit of the document.

    Raises:
        DocumentError: it does not.
    """
    if loaded.pdk.name not in shipped_pdks():
        return
    shipped = load_pdk(loaded.pdk.name)
    if shipped.sha256 != loaded.sha256:
        return
    content, applied = apply_overrides(shipped.content, [(item.path, item.value) for item in loaded.overrides])
    if first_difference(content, loaded.content) or applied != loaded.overrides:
        what = f"is not the kit {loaded.pdk.name} {loaded.pdk.version} with the overrides that are stated"
        raise DocumentError(Problem(what, "design.json: pdk.content"))
