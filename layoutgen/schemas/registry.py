"""Every schema by name: what it is of, and how it is made."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from layoutgen.schemas import outputs
from layoutgen.schemas.inputs import kit_file_schema, model_schema, template_schema
from layoutgen.schemas.shape import DIALECT


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema: the files or commands that it is of, and its body."""

    of: str
    body: Callable[[], Mapping[str, Any]]


def _kept(shape: Mapping[str, Any]) -> Callable[[], Mapping[str, Any]]:
    return lambda: shape


def _model(path: str) -> Callable[[], Mapping[str, Any]]:
    return partial(model_schema, path)


SCHEMAS: Final[Mapping[str, Schema]] = {
    "pdk": Schema("a process design kit, its files together; JSON of layoutgen pdk show", _model("pdk.schema:Pdk")),
    "pdk-file": Schema("one TOML file of a process design kit", kit_file_schema),
    "template": Schema("template.toml of a device", partial(template_schema, "template.device:Template")),
    "structure": Schema(
        "template.toml of a test structure", partial(template_schema, "template.structure:StructureTemplate")
    ),
    "spec": Schema("a spec file", _model("spec:SpecFile")),
    "waivers": Schema("a file of accepted violations", _model("rules.waivers:WaiverFile")),
    "review": Schema("review.toml", _model("report.checklist:Review")),
    "shop": Schema("a shop profile", _model("receivers.shop:ShopProfile")),
    "design": Schema("design.json; JSON of layoutgen design, layoutgen solve", _kept(outputs.DESIGN)),
    "refusal": Schema("JSON of layoutgen design, layoutgen solve, where nothing fits", _kept(outputs.REFUSAL)),
    "manifest": Schema("MANIFEST.json", _kept(outputs.MANIFEST)),
    "order": Schema("masks/order.json, order.json of a shop's archive", _kept(outputs.ORDER)),
    "land-pattern": Schema("land-pattern.json of the board designer's archive", _kept(outputs.LAND_PATTERN)),
    "explore": Schema("table.json; JSON of layoutgen explore", _kept(outputs.EXPLORE)),
    "tile": Schema("JSON of layoutgen tile", _kept(outputs.TILE)),
    "tile-outline": Schema("JSON of layoutgen tile, of an outline", _kept(outputs.TILE_OUTLINE)),
    "cavity": Schema("JSON of layoutgen cavity", _kept(outputs.CAVITY)),
    "bend": Schema("bend.json; JSON of layoutgen bend", _kept(outputs.BEND)),
    "test-plan": Schema("plan.json; JSON of layoutgen test plan", _kept(outputs.TEST_PLAN)),
    "truth": Schema("truth.json of a synthetic web; JSON of layoutgen test simulate", _kept(outputs.TRUTH)),
    "compare": Schema("compare.json; JSON of layoutgen compare", _kept(outputs.COMPARE)),
    "import": Schema("import.json of a web", _kept(outputs.IMPORT)),
    "bins": Schema("bins.json of a web; JSON of layoutgen bin", _kept(outputs.BINS)),
    "yield": Schema("yield.json of a web; JSON of layoutgen yield", _kept(outputs.YIELD)),
    "fits": Schema("fits.json of a web; JSON of layoutgen test fit", _kept(outputs.FITS)),
    "delivery": Schema("truth-of-delivery.json; JSON of layoutgen test deliver", _kept(outputs.DELIVERY)),
    "stacks": Schema("stacks.json; JSON of layoutgen stack", _kept(outputs.STACKS)),
    "stack-orders": Schema(
        "JSON of layoutgen stack, with all orders beside each other", _kept(outputs.STACK_ORDERS)
    ),
    "stack-trace": Schema("JSON of layoutgen stack, the cells of one stack", _kept(outputs.STACK_TRACE)),
    "stack-place": Schema("JSON of layoutgen stack, the stack of one cell", _kept(outputs.STACK_PLACE)),
    "check": Schema("JSON of layoutgen check", _kept(outputs.CHECK)),
    "check-file": Schema("JSON of layoutgen check, of a file that came back", _kept(outputs.CHECK_FILE)),
    "verify": Schema("JSON of layoutgen verify", _kept(outputs.VERIFY)),
    "diff": Schema("JSON of layoutgen diff", _kept(outputs.DIFF)),
    "rule": Schema("JSON of layoutgen rule", _kept(outputs.RULES)),
    "version": Schema("JSON of layoutgen version", _kept(outputs.VERSION)),
    "pdk-list": Schema("JSON of layoutgen pdk list", _kept(outputs.PDK_LIST)),
    "pdk-check": Schema("JSON of layoutgen pdk check", _kept(outputs.PDK_CHECK)),
    "pdk-value": Schema("JSON of layoutgen pdk explain", _kept(outputs.PDK_VALUE)),
    "pdk-diff": Schema("JSON of layoutgen pdk diff", _kept(outputs.PDK_DIFF)),
    "written": Schema(
        "what a command wrote; JSON of layoutgen pdk copy, export, draw, report", _kept(outputs.WRITTEN)
    ),
}


def schema_text(name: str) -> str:
    """A schema as the text of a file.

    Raises:
        KeyError: there is none of that name.
    """
    schema = SCHEMAS[name]
    content = {"$schema": DIALECT, "title": f"layoutgen {name}: {schema.of}", **_without_title(schema.body())}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _without_title(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != "title"}
