"""The mask order on paper, set by typst from ``templates/order``: what order.json says, with pictures."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from layoutgen.draw.pdf import compile_typst
from layoutgen.geometry.boxes import Box, Point
from layoutgen.layout.cell import CELL, STACK
from layoutgen.layout.dbu import to_mm_text
from layoutgen.layout.frame import FRAME, head_box
from layoutgen.layout.measure import LayoutIndex, expanded, totals_by_layer
from layoutgen.layout.model import Layout, Polygon
from layoutgen.receivers.alignment import fiducials_text
from layoutgen.receivers.asked import NOT_STATED, asked_rows
from layoutgen.receivers.revision import change_text, since_text
from layoutgen.resources import data_folder

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_MOST_DRAWN = 20_000
"""Polygons beyond which the picture of a whole mask is left out."""
_HAIRLINE = 1 / 1200
"""Outline of polygons as a part of the picture's width, so that narrow streets show."""
_SITES = 28


def order_pdf_bytes(
    document: Mapping[str, Any], layout: Layout, pdk: "Pdk", framed: Mapping[str, Layout] | None = None
) -> bytes:
    """An order as PDF: a page for all masks, then the masks with their pictures and sites.

    Args:
        document: order.json, or that of a shop.
        layout: what the order is for.
        pdk: process design kit, for colours.
        framed: by mask, what its file holds, where that is more than the layout has.
    """
    template = (data_folder("templates") / "order" / "order.typ").read_text(encoding="utf-8")
    index = LayoutIndex.of(layout)
    files: dict[str, bytes] = {}
    masks = []
    for mask in document["masks"]:
        name = mask["name"]
        pictures = []
        for number, (caption, picture) in enumerate(_pictures(name, pdk, index, (framed or {}).get(name, layout))):
            files[f"{name}-{number}.svg"] = picture
            pictures.append({"file": f"{name}-{number}.svg", "caption": caption})
        masks.append(_mask_page(mask, pictures))
    data = {
        "title": " ".join(filter(None, ("Mask order", document["design"], document.get("design_id", "")))),
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


def _pictures(name: str, pdk: "Pdk", index: LayoutIndex, whole: Layout) -> Iterator[tuple[str, bytes]]:
    """Captions and pictures of a mask: all of it, its first cell, and the head of its frame."""
    stage, colour, dbu_nm = pdk.layers[name].stage, pdk.layers[name].colour, whole.dbu_nm
    totals = totals_by_layer(whole).get(name)
    if totals is None or totals.bbox is None:
        return
    drawn = totals.polygons <= _MOST_DRAWN
    if drawn:
        polygons = [shape.points for shape in expanded(whole, (name,)) if isinstance(shape, Polygon)]
        yield "All of it", _picture(polygons, totals.bbox, colour, dbu_nm)
    detail = _detail_box(index, stage)
    if detail and (stage == "web" or not drawn):
        caption = "The first cell and its streets" if stage == "web" else "The device"
        yield caption, _picture(index.polygons_in_window(name, detail), detail, colour, dbu_nm)
    head = head_box(whole)
    if head and (stage == "web" or not drawn):
        yield "Its head: code, test F, title", _picture(_clear_of(whole, head), head, colour, dbu_nm)


def _clear_of(whole: Layout, head: Box) -> list[tuple[Point, ...]]:
    """The polygons of the frame that lie wholly inside its head."""
    (frame,) = [cell for cell in whole.cells if cell.name == FRAME]
    x0, y0, x1, y1 = head
    return [
        polygon.points
        for polygon in frame.polygons
        if all(x0 <= x <= x1 and y0 <= y <= y1 for x, y in polygon.points)
    ]


def _about(document: Mapping[str, Any]) -> list[list[str]]:
    rows = [
        ["Content", document["content"]],
        ["Unit", document["unit"]],
        ["Database unit", f"{document['grid_nm']} nm"],
        ["Reading", document["reading"]],
        ["Data", document["data"]],
    ]
    if "fiducials" in document:
        rows.append(["Fiducials", fiducials_text(document["fiducials"])])
    rows += asked_rows(document)
    if "revision" in document:
        stated = [value for value in document["revision"].values() if value]
        rows.append(["Revision", ", ".join(stated) or "none given"])
        rows.append(["Change", since_text(document["change"])])
    if "rules" in document:
        rows += _rules(document["rules"])
    if "order_sha256" in document:
        rows.append(["Order", f"order_sha256 of order.json: {document['order_sha256']}"])
    shop = document.get("shop")
    if shop:
        rows.append(["Shop profile", f"{shop['title']}; grid {shop['grid_nm']} nm"])
        rows += [["", note] for note in shop["notes"]]
    return rows + [["Note", note] for note in document["notes"]]


def _rules(rules: Mapping[str, Any]) -> list[list[str]]:
    """What the check of the design rules found, and every violation that somebody accepted."""
    counts = ", ".join(f"{rules[key]} {key}" for key in ("passed", "waived", "warned"))
    accepted = [finding for finding in rules["findings"] if finding["waived_by"]]
    waived = [["Waived", f"{item['rule']} in {item['cell']}: {item['waived_by']}"] for item in accepted]
    return [["Design rules", f"{rules['run']} run: {counts}"], *waived]


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
        *_through(mask),
        ["Bias", f"{mask['bias_um']:g} µm, in the data already"],
        ["Narrowest line, space", f"{_um(mask['min_line_um'])}, {_um(mask['min_space_um'])}"],
        ["Registration", f"{mask['registration']['partner']}, ±{mask['registration']['budget_um']:g} µm"],
        ["Confirm after import", f"{checked['polygons']} polygons, {_plain(checked['area_mm2'])} mm²"],
        ["Bounding box", _corners(box) if box else "-"],
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
        "tone": mask["polygon_tone"],
        "line": [str(value) for value in line],
        "fields": fields,
        "pictures": list(pictures),
        "sites": listed,
    }


def _through(mask: Mapping[str, Any]) -> list[list[str]]:
    """What the tool goes through, or lays down, and how thick that is; no row where the order does not state it."""
    if "through" not in mask:
        return []
    depth = NOT_STATED if mask["depth_um"] is None else f"{_plain(mask['depth_um'])} µm"
    return [["Through, depth", f"{mask['through'] or NOT_STATED}, {depth}"]]


def _corners(box: Sequence[float]) -> str:
    x0, y0, x1, y1 = (_plain(value) for value in box)
    return f"x {x0} to {x1}, y {y0} to {y1} mm"


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
