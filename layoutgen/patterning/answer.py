"""What ``layoutgen compare`` says: the same facts as text and as JSON."""

import textwrap
from typing import Any, Final

from layoutgen.patterning.borders import NAMES
from layoutgen.patterning.compare import (
    FlowComparison,
    FlowDesign,
    figures_of,
    masks_changed,
    rule_of,
    rules_changed,
    same_cell_mm2,
)
from layoutgen.rules.pages import requirement
from layoutgen.units import plain

SCHEMA: Final = "layoutgen.compare/1"
_WIDE: Final = 100


def compare_json(found: FlowComparison) -> dict[str, Any]:
    """The document ``compare.json``."""
    first = found.flows[0]
    spec = first.solution.spec
    return {
        "schema": SCHEMA,
        "question": spec.model_dump(mode="json", by_alias=True, exclude={"pdk", "title"}),
        "flows": [
            _flow_json(flow, area) for flow, area in zip(found.flows, same_cell_mm2(found.flows), strict=True)
        ],
        "differences": [
            {
                "figure": item.figure,
                "unit": item.unit,
                "values": [list(value) if isinstance(value, tuple) else value for value in item.values],
                "because": list(item.because),
                "statements": list(item.statements),
            }
            for item in found.differences
        ],
        "changes": [_changes_json(first, other) for other in found.flows[1:]],
    }


def _flow_json(flow: FlowDesign, same_cell: float) -> dict[str, Any]:
    pdk, device = flow.solution.loaded.pdk, flow.solution.device
    return {
        "flow": flow.asked,
        "kit": {"name": pdk.name, "version": pdk.version, "sha256": flow.solution.loaded.sha256},
        "title": pdk.flow.title if pdk.flow else None,
        "unproven": pdk.unproven or None,
        "layers": device.layers,
        "cell_mm": {"length": device.cell_length_um / 1000, "width": device.cell_width_um / 1000},
        "package_mm": {
            "length": device.package_length_um / 1000,
            "width": device.package_width_um / 1000,
            "height": round(device.package_height_um / 1000, 6),
        },
        "active_area_mm2": round(flow.active_mm2, 6),
        "active_area_in_the_first_cell_mm2": round(same_cell, 6),
        "lost_mm2": round(flow.lost_mm2, 6),
        "lost_percent": round(100 * flow.lost_mm2 / flow.cell_mm2, 4),
        "borders": [
            {
                "side": NAMES[border.side],
                "um": border.um,
                "terms": [
                    {
                        "name": item.name,
                        "um": item.um,
                        "times": item.times,
                        "stated": item.stated,
                        "kinds": list(item.kinds),
                    }
                    for item in border.terms
                ],
            }
            for border in flow.borders
        ],
        "rated_mah": device.rated_mah,
        "good_devices_per_m2": flow.solution.good_devices_per_m2,
        "passes": [
            {
                "mask": name,
                "stage": pdk.layers[name].stage,
                "title": pdk.masks[name].title,
                "through": step.through if step else None,
                "against": step.against if step else None,
                "overlay_um": flow.overlay_um(step) if step else None,
            }
            for name, step in flow.passes
        ],
        "overlay_of_the_web_um": flow.chain_um,
        "isolation": pdk.flow.isolation if pdk.flow else None,
        "contact": pdk.flow.contact if pdk.flow else None,
        "risks": list(figures_of(flow)["risks"]),
    }


def _changes_json(first: FlowDesign, other: FlowDesign) -> dict[str, Any]:
    return {
        "flows": [first.name, other.name],
        "rules": rules_changed(first, other),
        "masks": masks_changed(first, other),
        "statements": [
            {
                "path": change.path,
                "state": change.state,
                "first_file": change.before_file or None,
                "other_file": change.after_file or None,
            }
            for change in other.changes
        ],
    }


def compare_text(found: FlowComparison) -> str:
    """The answer on a terminal."""
    flows = found.flows
    names = [flow.name for flow in flows]
    width = max(14, *(len(name) + 2 for name in names))
    lines = [flows[0].solution.spec.file_name(), "", f"  {'':<36}" + "".join(f"{name:>{width}}" for name in names)]
    for label, cells in _table(flows):
        lines.append(f"  {label:<36}" + "".join(f"{cell:>{width}}" for cell in cells))
    for flow in flows:
        lines += ["", f"  {flow.name}: {_title(flow)}", *_flow_lines(flow)]
    for other in flows[1:]:
        lines += ["", *_change_lines(flows[0], other)]
    lines += ["", "  why they differ"]
    before: tuple[str, ...] = ()
    for item in found.differences:
        if item.figure in {"isolation", "contact of +", "risks"}:
            continue
        unit = f", {item.unit}" if item.unit else ""
        lines.append(f"    {item.figure}{unit}")
        lines += [
            line
            for name, value, why in zip(names, item.values, item.because, strict=True)
            for line in _wrapped(f"{name} {_told(value)}: {why}", 6)
        ]
        lines += _wrapped(f"by {', '.join(item.statements)}", 6) if item.statements != before else []
        before = item.statements
    return "\n".join(lines)


def _table(flows: tuple[FlowDesign, ...]) -> list[tuple[str, list[str]]]:
    rows: list[tuple[str, list[str]]] = []
    devices = [flow.solution.device for flow in flows]
    same = same_cell_mm2(flows)
    rows.append(("layers", [str(device.layers) for device in devices]))
    rows.append(("height, mm", [f"{device.package_height_um / 1000:.3f}" for device in devices]))
    rows.append(("cell length, mm", [f"{device.cell_length_um / 1000:.2f}" for device in devices]))
    rows.append(("cell width, mm", [f"{device.cell_width_um / 1000:.2f}" for device in devices]))
    rows.append(("active area of a cell, mm2", [f"{flow.active_mm2:.2f}" for flow in flows]))
    rows.append(("lost to isolation, contact, mm2", [f"{flow.lost_mm2:.2f}" for flow in flows]))
    rows.append(("lost to isolation, contact, %", [f"{100 * flow.lost_mm2 / flow.cell_mm2:.2f}" for flow in flows]))
    rows.append(("active area in the first's cell, %", [f"{(area / same[0] - 1) * 100:+.2f}" for area in same]))
    rows.append(("good devices per m2", [f"{flow.solution.good_devices_per_m2:.1f}" for flow in flows]))
    rows.append(("passes of the web, cut included", [str(len(flow.web_passes)) for flow in flows]))
    rows.append(("their overlay in all, um", [_told(flow.chain_um) for flow in flows]))
    rows.append(("rules", [str(len(flow.solution.loaded.pdk.rules)) for flow in flows]))
    rows.append(("masks", [str(len(flow.solution.loaded.pdk.masks)) for flow in flows]))
    return rows


def _title(flow: FlowDesign) -> str:
    stated = flow.solution.loaded.pdk.flow
    return stated.title if stated else "the kit does not say how it is patterned"


def _flow_lines(flow: FlowDesign) -> list[str]:
    pdk = flow.solution.loaded.pdk
    lines = []
    for name, step in flow.passes:
        text = f"{name}: {pdk.masks[name].title}"
        if step is not None:
            text += f"; through {step.through}, +-{flow.overlay_um(step):g} um against {step.against}"
        lines += _wrapped(text, 4)
    for border in flow.borders:
        lines += _wrapped(f"{NAMES[border.side]}: {border.text}", 4)
    if pdk.flow is not None:
        lines += [
            *_wrapped(f"isolation: {pdk.flow.isolation}", 4),
            *_wrapped(f"contact of +: {pdk.flow.contact}", 4),
        ]
    return lines + [line for risk in figures_of(flow)["risks"] for line in _wrapped(f"! {risk}", 4)]


def _change_lines(first: FlowDesign, other: FlowDesign) -> list[str]:
    masks, rules = masks_changed(first, other), rules_changed(first, other)
    lines = [f"  {other.name} against {first.name}"]
    for what, found in (("masks", masks), ("rules", rules)):
        for key, word in (("only_first", f"only in {first.name}"), ("only_other", f"only in {other.name}")):
            owner = first if key == "only_first" else other
            for name in found[key]:
                title = (
                    rule_of(owner, name).title if what == "rules" else owner.solution.loaded.pdk.masks[name].title
                )
                limit = (
                    f", {requirement(owner.solution.loaded.pdk, rule_of(owner, name))}" if what == "rules" else ""
                )
                lines += _wrapped(f"{what[:-1]} {name} {word}: {title}{limit}", 4)
        lines += [f"    {what[:-1]} {name} is another" for name in found["changed"]]
    return lines


def _told(value: Any) -> str:
    if value is None:
        return "-"
    return plain(float(value), 6) if isinstance(value, float | int) else str(value)


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, _WIDE, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2), break_on_hyphens=False
    )
