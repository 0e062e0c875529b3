"""The mask order: what a shop needs to make each mask and to confirm in numbers that it read the file right."""

import csv
import hashlib
import io
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layoutgen.export.features import Feature, cd_sites, narrowest, telling_windows
from layoutgen.geometry.boxes import Box
from layoutgen.layout.dbu import to_mm_text, to_um
from layoutgen.layout.measure import LayerTotals, LayoutIndex, totals_by_layer
from layoutgen.layout.model import Layout
from layoutgen.pdk.layers import masks_of_marks
from layoutgen.receivers.alignment import Fiducials
from layoutgen.receivers.revision import change_text

if TYPE_CHECKING:
    from layoutgen.pdk.layers import Mask
    from layoutgen.pdk.schema import Pdk

SCHEMA = "layoutgen.order/1"
ORDER_CSV, ORDER_PDF = "order.csv", "order.pdf"
DIGEST = "order_sha256"
_CONTENT = {"web": "one {of_the_web}", "stack": "one stacked device"}
_BOTH = "; the device stands to the right of the {repeat}, in the same coordinates"
_ALONE = {
    "web": "",
    "stack": ", where it stands in the coordinates of the whole layout: the {repeat} is not in these files",
}
# Nominal width in um up to which a tolerance in um holds; the classes that mask shops quote.
_CD_TOLERANCES_UM = ((10.0, 0.5), (50.0, 1.0), (127.0, 1.3), (250.0, 1.9))
_CD_TOLERANCE_ABOVE_UM = 2.54


@dataclass(frozen=True, slots=True)
class CdSite:
    """A place to measure a width: a line (inside polygons) or a space (between them)."""

    kind: str
    direction: str
    nominal_um: float
    tolerance_um: float
    x_mm: float
    y_mm: float


@dataclass(frozen=True, slots=True)
class MaskOrder:
    """One mask of the order. ``None`` for a minimum that the mask does not have."""

    number: int
    name: str
    layer: str
    title: str
    tool: str
    stage: str
    expression: str
    polygon_tone: str
    bias_um: float
    min_line_um: float | None
    min_space_um: float | None
    registration_partner: str
    registration_budget_um: float
    polygons: int
    area_mm2: float
    bounding_box_mm: tuple[float, float, float, float] | None
    cd_sites: tuple[CdSite, ...]


def cd_tolerance_um(nominal_um: float) -> float:
    """The tolerance of a critical dimension, in um: 0.5 below 10, 1.0 to 50, 1.3 to 127, 1.9 to 250, 2.54 above."""
    below, tolerance = _CD_TOLERANCES_UM[0]
    if nominal_um < below:
        return tolerance
    for most, tolerance in _CD_TOLERANCES_UM[1:]:
        if nominal_um <= most:
            return tolerance
    return _CD_TOLERANCE_ABOVE_UM


def mask_orders(layout: Layout, pdk: "Pdk") -> tuple[MaskOrder, ...]:
    """The order of every mask, in mask order, every number measured on the layout."""
    index, totals = LayoutIndex.of(layout), totals_by_layer(layout)
    fiducials = Fiducials.of(index, pdk)
    ordered = sorted(pdk.masks.items(), key=lambda item: item[1].number)
    empty = LayerTotals(0, 0, 0, None)
    windows = telling_windows(index)
    return tuple(
        _order(name, mask, pdk, index, windows, totals.get(name, empty), fiducials) for name, mask in ordered
    )


def order_document(layout: Layout, pdk: "Pdk") -> dict[str, Any]:
    """order.json as a document: what holds for all masks, the masks, and the table of layers.

    Checksums of files stand in the package's manifest.
    """
    return {
        "schema": SCHEMA,
        "design": layout.top,
        "pdk": {"name": pdk.name, "version": pdk.version, "disclaimer": pdk.disclaimer},
        "unit": "mm, 1:1",
        "grid_nm": layout.dbu_nm,
        "content": _content(set(_CONTENT), pdk),
        "reading": "right-reading as drawn: seen from the patterned side, x across the web, y along it",
        "data": "edges are finished size; the bias of each mask is in the data already; kerf not compensated",
        "fiducials": Fiducials.of(LayoutIndex.of(layout), pdk).document(layout.dbu_nm),
        "notes": list(layout.notes),
        "masks": [_mask_document(order) for order in mask_orders(layout, pdk)],
        "layers": [
            {
                "name": name,
                "layer": f"{layer.number}/{layer.datatype}",
                "purpose": layer.purpose,
                "stage": layer.stage,
                "description": layer.description,
            }
            for name, layer in pdk.layers.items()
        ],
    }


def delivered(document: Mapping[str, Any], pdk: "Pdk", layers: Collection[str]) -> dict[str, Any]:
    """An order that speaks of nothing but what is delivered.

    Args:
        document: order.json of all masks.
        pdk: process design kit.
        layers: what the files hold.
    """
    masks = [mask for mask in document["masks"] if mask["name"] in layers]
    stages = {pdk.layers[name].stage for name in layers}
    of_marks = set(layers) & set(masks_of_marks(pdk))
    found = {**document, "content": _content(stages, pdk), "masks": masks}
    found["layers"] = [layer for layer in document["layers"] if layer["name"] in layers]
    if not of_marks:
        found["notes"] = []
    if "web" not in stages:
        del found["fiducials"]
    return found


def _content(stages: Collection[str], pdk: "Pdk") -> str:
    """What files of these stages show, in words that hold of these files alone."""
    known = [stage for stage in _CONTENT if stage in stages]
    place = _BOTH if len(known) == len(_CONTENT) else "".join(_ALONE[stage] for stage in known)
    text = ", and ".join(_CONTENT[stage] for stage in known) + place
    of_the_web = "plate" if pdk.web.form == "plate" else "repeat of the web"
    return text.format(of_the_web=of_the_web, repeat=pdk.web.part)


def order_json_bytes(document: Mapping[str, Any]) -> bytes:
    """order.json as a file."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


_COLUMNS = (
    "number", "name", "layer", "title", "tool", "stage", "expression", "polygon_tone", "bias_um", "min_line_um",
    "min_space_um",
)  # fmt: skip
_MEASURED = "polygons", "area_mm2"


def order_csv_bytes(document: Mapping[str, Any]) -> bytes:
    """The same order as CSV, one line for each mask, CD sites as ``kind direction nominal+-tolerance@x;y``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    registration = "registration_partner", "registration_budget_um"
    box = "x0_mm", "y0_mm", "x1_mm", "y1_mm"
    writer.writerow([*_COLUMNS, *registration, *_MEASURED, *box, "revision", "date", "change", "cd_sites"])
    issue = document["revision"]
    for mask in document["masks"]:
        values = [mask[name] for name in _COLUMNS]
        values += [mask["registration"]["partner"], mask["registration"]["budget_um"]]
        values += [mask[name] for name in _MEASURED]
        values += mask["bounding_box_mm"] or [""] * 4
        values += [issue["revision"], issue["date"], change_text(mask["change"])]
        values.append(
            " | ".join(
                f"{site['kind']} {site['direction']} {site['nominal_um']:g}+-{site['tolerance_um']:g}"
                f"@{site['x_mm']};{site['y_mm']}"
                for site in mask["cd_sites"]
            )
        )
        writer.writerow(["" if value is None else value for value in values])
    return text.getvalue().encode()


def order_digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of an order's content, its own digest left out; the paper shows it as well."""
    content = {key: value for key, value in document.items() if key != DIGEST}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def shop_order_csv(document: Mapping[str, Any]) -> bytes:
    """The order in short: a line for each mask, with its figures and what changed since the revision before."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    facts = ("number", "name", "layer", "title", "tool", "stage", "polygon_tone_says", "bias_um")
    writer.writerow([*facts, "polygons", "area_mm2", "revision", "date", "change", "files"])
    issue = document["revision"]
    for mask in document["masks"]:
        file = mask["file"]
        names = " ".join(entry["name"] for entry in file["files"])
        figures = file["polygons"], file["area_mm2"], issue["revision"], issue["date"]
        writer.writerow([*(mask[name] for name in facts), *figures, change_text(mask["change"]), names])
    return text.getvalue().encode()


def _order(
    name: str,
    mask: "Mask",
    pdk: "Pdk",
    index: LayoutIndex,
    windows: list[Box],
    totals: LayerTotals,
    fiducials: Fiducials,
) -> MaskOrder:
    dbu_nm = index.layout.dbu_nm
    layer = pdk.layers[name]
    features = narrowest(index, name, windows)
    partner, budget_um = fiducials.partner(name, pdk)
    return MaskOrder(
        number=mask.number,
        name=name,
        layer=f"{layer.number}/{layer.datatype}",
        title=mask.title,
        tool=mask.tool,
        stage=layer.stage,
        expression=mask.expression,
        polygon_tone=mask.polygon_tone,
        bias_um=mask.bias.value,
        min_line_um=_least_um(features, "line", dbu_nm),
        min_space_um=_least_um(features, "space", dbu_nm),
        registration_partner=partner,
        registration_budget_um=budget_um,
        polygons=totals.polygons,
        area_mm2=round(totals.area_dbu2 * dbu_nm**2 * 1e-12, 9),
        bounding_box_mm=_box_mm(totals.bbox, dbu_nm),
        cd_sites=tuple(_site(feature, dbu_nm) for feature in cd_sites(index, name)),
    )


def _mm(value: int, dbu_nm: int) -> float:
    return float(to_mm_text(value, dbu_nm))


def _box_mm(box: Box | None, dbu_nm: int) -> tuple[float, float, float, float] | None:
    if box is None:
        return None
    x0, y0, x1, y1 = (_mm(value, dbu_nm) for value in box)
    return x0, y0, x1, y1


def _least_um(features: list[Feature], kind: str, dbu_nm: int) -> float | None:
    values = [feature.value for feature in features if feature.kind == kind]
    return to_um(min(values), dbu_nm) if values else None


def _site(feature: Feature, dbu_nm: int) -> CdSite:
    nominal_um = to_um(feature.value, dbu_nm)
    return CdSite(
        kind=feature.kind,
        direction="xy"[feature.axis],
        nominal_um=nominal_um,
        tolerance_um=cd_tolerance_um(nominal_um),
        x_mm=_mm(feature.at[0], dbu_nm),
        y_mm=_mm(feature.at[1], dbu_nm),
    )


def _mask_document(order: MaskOrder) -> dict[str, Any]:
    from dataclasses import asdict

    content = asdict(order)
    content["registration"] = {
        "partner": content.pop("registration_partner"),
        "budget_um": content.pop("registration_budget_um"),
    }
    content["cd_sites"] = [dict(site) for site in content["cd_sites"]]
    content["bounding_box_mm"] = list(order.bounding_box_mm) if order.bounding_box_mm else None
    return content
