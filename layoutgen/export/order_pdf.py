"""The mask order on paper, set by typst from ``templates/order``: what order.json says, with pictures."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from layoutgen.draw.pdf import compile_typst
from layoutgen.export.issue import change_text, since_text
from layoutgen.layout.dbu import to_mm_text
from layoutgen.layout.device import CELL, STACK
from layoutgen.layout.measure import LayoutIndex, expanded, totals_by_layer
from layoutgen.layout.model import Box, Layout, Point, Polygon
from layoutgen.resources import data_folder

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_MOST_DRAWN = 20_000
"""Polygons beyond which the picture of a whole mask is left out."""
_HAIRLINE = 1 / 1200
"""Outline of polygons as a part of the picture's width, so that narrow streets show."""
_SITES = 24


def order_pdf_bytes(document: Mapping[str, Any], layout: Layout, pdk: "Pdk") -> bytes:
    """An order as PDF: a page for all masks, and one for each with its pictures and sites.

    Args:
        document: order.json, or that of a shop.
        layout: what the order is for.
        pdk: process design kit, for colours.
    """
    template = (data_folder("templates") / "order" / "order.typ").read_text(encoding="utf-8")
    index, totals = LayoutIndex.of(layout), totals_by_layer(layout)
    files: dict[str, bytes] = {}
    masks = []
    for mask in document["masks"]:
        name = mask["name"]
        pictures = []
        box = totals[name].bbox if name in totals else None
        if box and totals[name].polygons <= _MOST_DRAWN:
            polygons = [shape.points for shape in expanded(layout, (name,)) if isinstance(shape, Polygon)]
            files[f"whole-{name}.svg"] = _picture(polygons, box, pdk.layers[name].colour, layout.dbu_nm)
            pictures.append({"file": f"whole-{name}.svg", "caption": "All of it"})
        detail = _detail_box(index, pdk.layers[name].stage)
        if box and detail and (pdk.layers[name].stage == "web" or not pictures):
            polygons = index.polygons_in_window(name, detail)
            files[f"detail-{name}.svg"] = _picture(polygons, detail, pdk.layers[name].colour, layout.dbu_nm)
            pictures.append({"file": f"detail-{name}.svg", "caption": "The first cell and its streets"})
        masks.append(_mask_page(mask, pictures))
    data = {
        "title": f"Mask order {document['design']}",
        "process": f"{document['pdk']['name']} {document['pdk']['version']}",
        "trust": document["pdk"]["disclaimer"],
        "unit": document["unit"],
        "about": _about(document),
        "masks": masks,
        "layers": [
            [layer["name"], layer["layer"], layer["purpose"], layer["stage"], layer["description"]]
            for layer in document["layers"]
        ],
    }
    files["data.json"] = json.dumps(data, ensure_ascii=False, sort_keys=True).encode()
    return compile_typst(template, files)


def _about(document: Mapping[str, Any]) -> list[list[str]]:
    rows = [
        ["Content", document["content"]],
        ["Unit", document["unit"]],
        ["Database unit", f"{document['grid_nm']} nm"],
        ["Reading", document["reading"]],
        ["Data", document["data"]],
    ]
    if "revision" in document:
        stated = [value for value in document["revision"].values() if value]
        rows.append(["Revision", ", ".join(stated) or "none given"])
        rows.append(["Change", since_text(document["change"])])
    shop = document.get("shop")
    if shop:
        rows.append(["Shop profile", f"{shop['title']}; grid {shop['grid_nm']} nm"])
        rows += [["", note] for note in shop["notes"]]
    return rows + [["Note", note] for note in document["notes"]]


def _mask_page(mask: Mapping[str, Any], pictures: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    checked = mask.get("file", mask)
    box = checked["bounding_box_mm"]
    extent = f"{_plain(box[2] - box[0])} x {_plain(box[3] - box[1])}" if box else "-"
    tone = mask.get("polygon_tone_says", f"digitised data are {mask['polygon_tone']}")
    fields = [
        ["Number and layer", f"{mask['number']}, layer {mask['layer']}"],
        ["Tool", mask["tool"]],
        ["Drawn layers", mask["expression"]],
        ["Polygon tone", tone],
        ["Bias", f"{mask['bias_um']:g} µm, in the data already"],
        ["Narrowest line, space", f"{_um(mask['min_line_um'])}, {_um(mask['min_space_um'])}"],
        ["Registration", f"{mask['registration']['partner']}, ±{mask['registration']['budget_um']:g} µm"],
        ["Confirm after import", f"{checked['polygons']} polygons, {_plain(checked['area_mm2'])} mm²"],
        ["Bounding box", " ".join(_plain(value) for value in box) + " mm" if box else "-"],
    ]
    if "change" in mask:
        fields.append(["Change since the last issue", change_text(mask["change"])])
    fields += [["File", f"{file['name']}  SHA-256 {file['sha256']}"] for file in checked.get("files", ())]
    sites = mask["cd_sites"]
    listed = [
        [
            site["kind"],
            site["direction"],
            *(_plain(site[key]) for key in ("nominal_um", "tolerance_um", "x_mm", "y_mm")),
        ]
        for site in sites[:_SITES]
    ]
    if len(sites) > _SITES:
        listed.append([f"and {len(sites) - _SITES} more in order.json", "", "", "", "", ""])
    area = f"{checked['area_mm2']:.3f}"
    line = [mask["number"], mask["name"], mask["title"], mask["polygon_tone"], checked["polygons"], area, extent]
    return {
        "name": f"{mask['number']}  {mask['name']}",
        "title": mask["title"],
        "line": [str(value) for value in line],
        "fields": fields,
        "pictures": list(pictures),
        "sites": listed,
    }


def _um(value: float | None) -> str:
    return "none" if value is None else f"{_plain(value)} µm"


def _plain(value: float) -> str:
    """A number of the order without rounding, and without trailing zeros."""
    return f"{value:.7f}".rstrip("0").rstrip(".")


def _detail_box(index: LayoutIndex, stage: str) -> Box | None:
    """The first cell with a margin around it, or the stacked device."""
    cell = CELL if stage == "web" else STACK
    for instance in index.instances_of(cell):
        x0, y0, x1, y1 = index.box(cell)
        (xa, ya), (xb, yb) = instance.place((x0, y0)), instance.place((x1, y1))
        margin = max(abs(xb - xa), abs(yb - ya)) // 8
        return min(xa, xb) - margin, min(ya, yb) - margin, max(xa, xb) + margin, max(ya, yb) + margin
    return None


def _picture(polygons: Iterable[tuple[Point, ...]], box: Box, colour: str, dbu_nm: int) -> bytes:
    """Polygons inside a box as a flat SVG."""
    x0, y0, x1, y1 = box

    def mm(value: int) -> str:
        return to_mm_text(value, dbu_nm)

    path = "".join("M" + "L".join(f"{mm(x - x0)} {mm(y1 - y)}" for x, y in points) + "Z" for points in polygons)
    width, height = mm(x1 - x0), mm(y1 - y0)
    stroke = to_mm_text(round(max(x1 - x0, y1 - y0) * _HAIRLINE), dbu_nm)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width} {height}">'
        f'<path d="{path}" fill="{colour}" stroke="{colour}" stroke-width="{stroke}"/></svg>'
    ).encode()
