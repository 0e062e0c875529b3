"""What a design was made with: the process design kit, its overrides, and the templates.

They are carried whole, as they were read, and are checked again when they are read back.
"""

from collections.abc import Mapping
from typing import Any

from layoutgen.pdk.load import LoadedPdk, check_pdk
from layoutgen.pdk.overrides import Override
from layoutgen.template import check_template
from layoutgen.template.structure import check_structure


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
    loaded = check_pdk(content, files, template=template, structures=structures)
    overrides = tuple(Override(item["path"], item["value"], item["was"]) for item in document["spec"]["overrides"])
    return LoadedPdk(loaded.pdk, template, content, str(pdk["sha256"]), overrides, {}, structures)
