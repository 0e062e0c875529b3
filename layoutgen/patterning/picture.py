"""The picture of a comparison of flows."""

import textwrap

from layoutgen.draw.files import inputs_of
from layoutgen.draw.flows import FlowRow, flows_scene
from layoutgen.draw.svg import svg_bytes
from layoutgen.patterning.compare import FlowComparison, FlowDesign

_COLUMN = 48


def compare_svg(found: FlowComparison) -> bytes:
    """Both ends of a cell of each flow in section, with its figures beside it."""
    rows = [FlowRow(_title(flow), inputs_of(flow.solution), _facts(flow)) for flow in found.flows]
    return svg_bytes(flows_scene(f"{found.flows[0].solution.spec.file_name()}: patterning flows", rows))


def _title(flow: FlowDesign) -> str:
    stated = flow.solution.loaded.pdk.flow
    return f"{flow.name}: {stated.title}" if stated else flow.name


def _facts(flow: FlowDesign) -> tuple[str, ...]:
    pdk, device = flow.solution.loaded.pdk, flow.solution.device
    lines = [
        f"{device.layers} layers, {device.package_height_um / 1000:.3f} mm high",
        f"cell {device.cell_length_um / 1000:.2f} x {device.cell_width_um / 1000:.2f} mm,"
        f" active {flow.active_mm2:.2f} mm2",
        f"lost: {flow.lost_mm2:.2f} mm2, {100 * flow.lost_mm2 / flow.cell_mm2:.2f} %",
        *textwrap.wrap(f"passes of the web: {', '.join(flow.web_passes)}", _COLUMN),
    ]
    if pdk.flow is not None:
        lines += textwrap.wrap(f"isolation: {pdk.flow.isolation}", _COLUMN)
        lines += textwrap.wrap(f"contact of +: {pdk.flow.contact}", _COLUMN)
    if pdk.unproven:
        lines += textwrap.wrap(f"unproven: {pdk.unproven}", _COLUMN)
    return tuple(lines)
