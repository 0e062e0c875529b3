"""Every schema by name: what it is of, and how it is made."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from layoutgen.schemas import outputs
from layoutgen.schemas.inputs import kit_file_schema, model_schema
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
    "pdk": Schema("a process design kit, its files together: layoutgen pdk show --json", _model("pdk.schema:Pdk")),
    "pdk-file": Schema("one TOML file of a process design kit", kit_file_schema),
    "template": Schema("template.toml of a device", _model("template.device:Template")),
    "structure": Schema("template.toml of a test structure", _model("template.structure:StructureTemplate")),
    "spec": Schema("a spec file, --spec", _model("spec:Spec")),
    "waivers": Schema("a file of accepted violations, --waivers", _model("rules.waivers:WaiverFile")),
    "review": Schema("review.toml", _model("report.checklist:Review")),
    "shop": Schema("a shop profile, --shop", _model("receivers.shop:ShopProfile")),
    "design": Schema("design.json; layoutgen design --json, layoutgen solve --json", _kept(outputs.DESIGN)),
    "manifest": Schema("MANIFEST.json", _kept(outputs.MANIFEST)),
    "order": Schema("masks/order.json, order.json of a shop's archive", _kept(outputs.ORDER)),
    "land-pattern": Schema("land-pattern.json of the board designer's archive", _kept(outputs.LAND_PATTERN)),
    "explore": Schema("table.json; layoutgen explore --json", _kept(outputs.EXPLORE)),
    "tile": Schema("layoutgen tile --json", _kept(outputs.TILE)),
    "tile-outline": Schema("layoutgen tile --outline --json", _kept(outputs.TILE_OUTLINE)),
    "bend": Schema("bend.json; layoutgen bend --json", _kept(outputs.BEND)),
    "test-plan": Schema("plan.json; layoutgen test plan --json", _kept(outputs.TEST_PLAN)),
    "truth": Schema("truth.json of a synthetic web; layoutgen test simulate --json", _kept(outputs.TRUTH)),
    "import": Schema("import.json of a web", _kept(outputs.IMPORT)),
    "bins": Schema("bins.json of a web; layoutgen bin --json", _kept(outputs.BINS)),
    "yield": Schema("yield.json of a web; layoutgen yield --json", _kept(outputs.YIELD)),
    "fits": Schema("fits.json of a web; layoutgen test fit --json", _kept(outputs.FITS)),
    "delivery": Schema("truth-of-delivery.json; layoutgen test deliver --json", _kept(outputs.DELIVERY)),
    "stacks": Schema("stacks.json; layoutgen stack --json", _kept(outputs.STACKS)),
    "stack-orders": Schema(
        "layoutgen stack --json, with all orders beside each other", _kept(outputs.STACK_ORDERS)
    ),
    "stack-trace": Schema("layoutgen stack --json, the cells of one stack", _kept(outputs.STACK_TRACE)),
    "check": Schema("layoutgen check --json", _kept(outputs.CHECK)),
    "check-file": Schema("layoutgen check DESIGN --gds FILE --json", _kept(outputs.CHECK_FILE)),
    "verify": Schema("layoutgen verify --json", _kept(outputs.VERIFY)),
    "diff": Schema("layoutgen diff --json", _kept(outputs.DIFF)),
    "rule": Schema("layoutgen rule --json", _kept(outputs.RULES)),
    "version": Schema("layoutgen version --json", _kept(outputs.VERSION)),
    "pdk-list": Schema("layoutgen pdk list --json", _kept(outputs.PDK_LIST)),
    "pdk-check": Schema("layoutgen pdk check --json", _kept(outputs.PDK_CHECK)),
    "pdk-value": Schema("layoutgen pdk explain --json", _kept(outputs.PDK_VALUE)),
    "pdk-diff": Schema("layoutgen pdk diff --json", _kept(outputs.PDK_DIFF)),
    "written": Schema(
        "what a command wrote: layoutgen pdk copy, export, draw, report with --json", _kept(outputs.WRITTEN)
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
