"""A shop's folder: one file a mask in each format that it takes, the order, and checksums."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layoutgen.errors import PreflightError, Problem
from layoutgen.export.dxf import dxf_bytes, dxf_layer
from layoutgen.export.gds import gds_bytes
from layoutgen.export.gerber import gerber_bytes
from layoutgen.export.oasis import oasis_bytes
from layoutgen.export.passes import passes_csv
from layoutgen.export.preflight import preflight
from layoutgen.export.svg_mask import layer_svg
from layoutgen.geometry.boxes import Box
from layoutgen.layout.build import REPEAT
from layoutgen.layout.cell import STACK
from layoutgen.layout.frame import frame_box, framed
from layoutgen.layout.measure import LayoutIndex, totals_by_layer, union_of_boxes, with_layers
from layoutgen.layout.model import Layout
from layoutgen.receivers.asked import blank_rows
from layoutgen.receivers.order import (
    DIGEST,
    ORDER_CSV,
    ORDER_PDF,
    delivered,
    order_digest,
    order_document,
    order_json_bytes,
    shop_order_csv,
)
from layoutgen.receivers.order_pdf import order_pdf_bytes
from layoutgen.receivers.revision import FIRST, Issue, with_issue

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk
    from layoutgen.receivers.shop import Format, ShopProfile
    from layoutgen.rules.findings import RuleReport


_RIM_UM = 1000
"""Dark rim around a mask whose polygons are clear."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One mask, or one layer of lines, as it goes to the shop."""

    name: str
    stem: str
    layout: Layout
    layers: tuple[str, ...]


def shop_files(
    layout: Layout,
    pdk: "Pdk",
    profile: "ShopProfile",
    generator: str,
    issue: Issue = FIRST,
    rules: "RuleReport | None" = None,
    along: Mapping[str, bytes] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, bytes]:
    """Every file of a shop's folder, by name; the same input gives the same bytes.

    Args:
        layout: the repeat and the device.
        pdk: process design kit.
        profile: what the shop takes.
        generator: name and version of this tool, as ``layoutgen,0.1.0``.
        issue: revision of the order, and the design that it replaces.
        rules: what the check of the design rules found; the order counts it and says what was waived.
        along: other files of the folder, by name.
        facts: what the order states beside its masks, by key; under ``passes`` what is added to each mask.

    Raises:
        PreflightError: a format cannot carry the layout, a coordinate is off the shop's grid, or a file read back
            differs from what was meant.
    """
    _check_profile(profile, pdk)
    if not any(profile.takes(mask.tool, pdk.layers[name].stage) for name, mask in pdk.masks.items()):
        what = f"process {pdk.name} has no mask for this shop"
        raise PreflightError(Problem(what, f"shop profile {profile.name}", remedy="other tools or stages in it"))
    files: dict[str, bytes] = {}
    made: dict[str, tuple[_Job, list[str]]] = {}
    for job in _jobs(layout, pdk, profile, str((facts or {}).get("design_id", ""))):
        preflight(job.layout, pdk, most_vertices=profile.most_vertices)
        _check_grid(job, profile.grid_nm)
        names = []
        for kind in profile.formats:
            suffix, write = _writer(kind, job, pdk, generator)
            if write is not None:
                files[f"{job.stem}{suffix}"] = write()
                names.append(f"{job.stem}{suffix}")
        made[job.name] = job, names
    for layer in profile.line_layers:
        if layer in pdk.layers:
            files[f"{_line_stem(layout, layer)}_passes.csv"] = passes_csv(layout, layer)
    files |= along or {}
    files["layers.csv"] = _layer_table(pdk, made)
    stated = dict(facts or {})
    passes = stated.pop("passes", {})
    document = with_issue(_order(layout, pdk, profile, made, files, passes), issue, layout, pdk) | stated
    if rules is not None:
        document["rules"] = {key: value for key, value in rules.to_json().items() if key != "states"}
    document[DIGEST] = order_digest(document)
    files["order.json"] = order_json_bytes(document)
    files[ORDER_CSV] = shop_order_csv(document)
    files[ORDER_PDF] = order_pdf_bytes(document, layout, pdk, {name: job.layout for name, (job, _) in made.items()})
    return files


def _check_profile(profile: "ShopProfile", pdk: "Pdk") -> None:
    problems = [
        Problem(f"the PDK has no layer {name!r}", f"shop profile {profile.name}", remedy="leave it out")
        for name in (*profile.also_layers, *profile.line_layers)
        if name not in pdk.layers
    ]
    if problems:
        raise PreflightError(problems)


def mask_layouts(layout: Layout, pdk: "Pdk", profile: "ShopProfile") -> list[tuple[str, tuple[str, ...], Layout]]:
    """What each mask's files hold: (mask, its layers, the layout that is written)."""
    return [(job.name, job.layers, job.layout) for job in _jobs(layout, pdk, profile) if job.name in pdk.masks]


def _jobs(layout: Layout, pdk: "Pdk", profile: "ShopProfile", identity: str = "") -> list[_Job]:
    drawn = totals_by_layer(layout)
    frames = _frames(layout)
    found = []
    for name, mask in sorted(pdk.masks.items(), key=lambda item: item[1].number):
        stage = pdk.layers[name].stage
        if not profile.takes(mask.tool, stage) or name not in drawn:
            continue
        stem = profile.file_name.format(design=layout.top, number=mask.number, mask=name)
        also = (layer for layer in profile.also_layers if layer in drawn and pdk.layers[layer].stage == stage)
        layers = (name, *also)
        part = with_layers(layout, layers)
        if profile.frame:
            title = (
                " ".join(filter(None, (layout.top, identity))),
                f"M{mask.number:02} {name}",
                f"POLYGONS {mask.polygon_tone}",
            )
            code = f"{layout.top} M{mask.number:02} {name} {pdk.name} {pdk.version} {identity}".rstrip()
            part = framed(part, name, frames[stage], title, code)
        found.append(_Job(name, stem, part, layers))
    found += [
        _Job(layer, _line_stem(layout, layer), with_layers(layout, (layer,)), (layer,))
        for layer in profile.line_layers
        if layer in drawn
    ]
    return found


def _frames(layout: Layout) -> dict[str, Box]:
    """Stage -> frame around what belongs to it: the repeat of the web, the stacked device."""
    index = LayoutIndex.of(layout)
    found = {}
    for stage, cell in (("web", REPEAT), ("stack", STACK)):
        boxes = [index.placed_box(placement) for _, placement in index.placements_of(cell)]
        inside = union_of_boxes(boxes)
        if inside is not None:
            found[stage] = frame_box(inside, layout.dbu_nm)
    return found


def _line_stem(layout: Layout, layer: str) -> str:
    return f"{layout.top}_{layer}"


def _writer(kind: "Format", job: _Job, pdk: "Pdk", generator: str) -> tuple[str, Callable[[], bytes] | None]:
    """Suffix and writer of a format; None where it cannot carry lines."""
    lines = job.name not in pdk.masks
    match kind:
        case "gds":
            return ".gds", lambda: gds_bytes(job.layout, pdk)
        case "oasis":
            return ".oas", lambda: oasis_bytes(job.layout, pdk)
        case "dxf-r12":
            return "_mm_R12.dxf", lambda: dxf_bytes(job.layout, pdk, job.layers, "R12")
        case "dxf-r2010":
            return "_mm_R2010.dxf", lambda: dxf_bytes(job.layout, pdk, job.layers, "R2010")
        case "gerber":
            write = lambda: gerber_bytes(  # noqa: E731
                job.layout, pdk, job.layers, function=job.name, generator=generator, ground=_ground(job, pdk)
            )
            return ".gbr", None if lines else write
        case "svg":
            return ".svg", None if lines else lambda: _svg(job, pdk)


def _ground(job: _Job, pdk: "Pdk") -> Box | None:
    """What is dark around polygons that are clear: everything up to a rim around the mask's extent."""
    box = totals_by_layer(job.layout)[job.name].bbox
    if pdk.masks[job.name].polygon_tone == "dark" or box is None:
        return None
    rim = _RIM_UM * 1000 // job.layout.dbu_nm
    return box[0] - rim, box[1] - rim, box[2] + rim, box[3] + rim


def _svg(job: _Job, pdk: "Pdk") -> bytes:
    """A mask as it is on the film: black on white, or white on black."""
    box, ground = totals_by_layer(job.layout)[job.name].bbox, _ground(job, pdk)
    title = pdk.masks[job.name].title
    if ground is None:
        return layer_svg(job.layout, job.name, title, "#000000", box)
    return layer_svg(job.layout, job.name, title, "#ffffff", ground, "#000000")


def _check_grid(job: _Job, grid_nm: int) -> None:
    step, dbu_nm = grid_nm, job.layout.dbu_nm
    problems = []
    for cell in job.layout.cells:
        points = [point for shape in cell.shapes for point in shape.points]
        points += [placement.origin for placement in cell.placements]
        points += [placement.pitch for placement in cell.placements if placement.is_array]
        off = sum(1 for point in points if any(value * dbu_nm % step for value in point))
        if off:
            what = f"{off} of {len(points)} coordinates are off the shop's grid of {grid_nm} nm"
            remedy = "a finer grid_nm in the shop profile, or lengths of the PDK on that grid"
            problems.append(Problem(what, f"{job.name}, cell {cell.name}", f"multiples of {grid_nm} nm", remedy))
    if problems:
        raise PreflightError(problems)


def _order(
    layout: Layout,
    pdk: "Pdk",
    profile: "ShopProfile",
    made: Mapping[str, tuple[_Job, list[str]]],
    files: Mapping[str, bytes],
    passes: Mapping[str, Any],
) -> dict[str, Any]:
    document = delivered(
        order_document(layout, pdk), pdk, {layer for job, _ in made.values() for layer in job.layers}
    )
    masks = []
    for mask in document["masks"]:
        if mask["name"] not in made:
            continue
        job, names = made[mask["name"]]
        after = totals_by_layer(job.layout)[job.name]
        unit_mm = layout.dbu_nm * 1e-6
        entry = {
            **mask,
            **passes.get(mask["name"], {}),
            "polygon_tone_says": getattr(profile.tone, mask["polygon_tone"]),
            "file": {
                "polygons": after.polygons,
                "area_mm2": round(after.area_dbu2 * unit_mm**2, 9),
                "bounding_box_mm": [round(value * unit_mm, 7) for value in after.bbox or ()],
                "frame": profile.frame,
                "files": [_entry(name, files) for name in names],
            },
        }
        masks.append(entry)
    lines = [{"name": name, "files": made[name][1]} for name in made if name not in pdk.masks]
    blank = {"blank": blank_rows(profile.blank)} if profile.blank is not None else {}
    about = {"name": profile.name, "title": profile.title, "grid_nm": profile.grid_nm, "notes": list(profile.notes)}
    listed = {entry["name"] for mask in masks for entry in mask["file"]["files"]}
    also = [_entry(name, files) for name in sorted(files) if name not in listed]
    return {**document, **blank, "shop": about, "masks": masks, "lines": lines, "also": also}


def _entry(name: str, files: Mapping[str, bytes]) -> dict[str, str]:
    return {"name": name, "sha256": hashlib.sha256(files[name]).hexdigest()}


def _layer_table(pdk: "Pdk", made: Mapping[str, tuple[_Job, list[str]]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "gds_layer", "gds_datatype", "dxf_layer", "purpose", "stage", "description"])
    used = dict.fromkeys(layer for job, _ in made.values() for layer in job.layers)
    for name in used:
        layer = pdk.layers[name]
        row = [name, layer.number, layer.datatype, dxf_layer(pdk, name), layer.purpose, layer.stage]
        writer.writerow([*row, layer.description])
    return text.getvalue().encode()
