"""DXF backend (R2010, mm): lines, hatches, texts, and real DIMENSION entities.

Paper space is drawn in model space at paper size, as the sheet is: a dimension carries the scale of its view
(DIMLFAC), so that what a CAD program measures is the true length.
"""

import math
from typing import Any

from layoutgen.draw.dxf_text import MILLIMETRES, new_documents, text_of
from layoutgen.draw.scene import (
    ARROW_MM,
    EXTENSION_GAP_MM,
    EXTENSION_PAST_MM,
    Circle,
    Dimension,
    Hatch,
    Path,
    Pen,
    Role,
    Scene,
    Strokes,
    Text,
    text_box,
)

_COLOURS = {Role.FRAME: 7, Role.PART: 7, Role.DIMENSION: 7, Role.NOTE: 7, Role.TABLE: 7, Role.AUXILIARY: 7}
_WEIGHTS = (0, 5, 9, 13, 15, 18, 20, 25, 30, 35, 40, 50, 53, 60, 70, 80, 90, 100)
_STYLE, _DIMSTYLE = "SHEET", "SHEET"


def dxf_bytes(scene: Scene) -> bytes:
    """The scene as DXF; equal scenes give equal bytes."""
    with new_documents() as new:
        document = new("R2010", units=MILLIMETRES)
        _prepare(document, scene)
        space = document.modelspace()
        for item in scene.items:
            if isinstance(item, Dimension):
                _dimension(space, item)
            elif isinstance(item, Text):
                _text(space, item)
            elif isinstance(item, Path):
                _path(document, space, item)
            elif isinstance(item, Strokes):
                for start, end in item.lines:
                    space.add_line(start, end, dxfattribs=_attributes(document, item.pen, item.role))
            else:
                _circle(document, space, item)
        return text_of(document).encode("utf-8")


def _prepare(document: Any, scene: Scene) -> None:
    document.header["$LUNITS"] = 2
    document.modelspace().reset_extents((0.0, 0.0, 0.0), (scene.width_mm, scene.height_mm, 0.0))
    document.header["$LTSCALE"] = 1.0
    document.styles.add(_STYLE, font="arial.ttf")
    for role, colour in _COLOURS.items():
        document.layers.add(role.value, color=colour)
    style = document.dimstyles.duplicate_entry("Standard", _DIMSTYLE)
    for key, value in {
        "dimtxsty": _STYLE,
        "dimasz": ARROW_MM,
        "dimexo": EXTENSION_GAP_MM,
        "dimexe": EXTENSION_PAST_MM,
        "dimtad": 1,
        "dimgap": 0.6,
        "dimzin": 0,
        "dimdec": 3,
        "dimdsep": ord("."),
        "dimtih": 0,
        "dimtoh": 0,
        "dimtix": 1,
        "dimtofl": 1,
        "dimtmove": 2,
        "dimclrd": 7,
        "dimclre": 7,
        "dimclrt": 7,
        "dimlwd": 25,
        "dimlwe": 25,
        "dimblk": "",
    }.items():
        style.set_dxf_attrib(key, value)


def _attributes(document: Any, pen: Pen, role: Role) -> dict[str, Any]:
    weight = min(_WEIGHTS, key=lambda known: abs(known - pen.width_mm * 100))
    found: dict[str, Any] = {"layer": role.value, "lineweight": weight}
    if pen.colour != "#000000":
        found["true_color"] = int(pen.colour[1:], 16)
    if pen.dash:
        found["linetype"] = _line_type(document, pen.dash)
    return found


def _line_type(document: Any, dash: tuple[float, ...]) -> str:
    name = "DASH_" + "_".join(f"{part:g}".replace(".", "P") for part in dash)
    if name not in document.linetypes:
        signed = [part if index % 2 == 0 else -part for index, part in enumerate(dash)]
        document.linetypes.add(name, [sum(dash), *signed])
    return name


def _fill(space: Any, item: Path) -> None:
    hatch = space.add_hatch(dxfattribs={"layer": item.role.value})
    hatch.dxf.true_color = int((item.fill or "#000000")[1:], 16)
    hatch.paths.add_polyline_path(item.points, is_closed=True)
    for hole in item.holes:
        hatch.paths.add_polyline_path(hole, is_closed=True, flags=0)


def _hatch(space: Any, item: Path, hatch: Hatch) -> None:
    """The lines of a hatch as a HATCH entity of its own, over the fill."""
    entity = space.add_hatch(dxfattribs={"layer": item.role.value, "lineweight": 13})
    entity.set_pattern_fill(hatch.name, pattern_type=2, definition=_lines(hatch))
    entity.dxf.true_color = int(hatch.colour[1:], 16)
    entity.paths.add_polyline_path(item.points, is_closed=True)
    for hole in item.holes:
        entity.paths.add_polyline_path(hole, is_closed=True, flags=0)


def _lines(hatch: Hatch) -> list[Any]:
    """The families of a hatch as DXF states them: angle, base, way to the next line, dashes."""
    dashes = [hatch.dash[0], -hatch.dash[1]] if hatch.dash else []
    found = []
    for angle in (hatch.angle_deg, *((hatch.angle_deg + 90.0,) if hatch.crossed else ())):
        way = math.radians(angle + 90.0)
        step = (hatch.spacing_mm * math.cos(way), hatch.spacing_mm * math.sin(way))
        found.append([angle, (0.0, 0.0), step, dashes])
    return found


def _path(document: Any, space: Any, item: Path) -> None:
    if item.fill and item.closed:
        _fill(space, item)
    if item.hatch and item.closed:
        _hatch(space, item, item.hatch)
    if item.pen is None:
        return
    attributes = _attributes(document, item.pen, item.role)
    for ring in (item.points, *item.holes):
        space.add_lwpolyline(ring, close=item.closed, dxfattribs=attributes)


def _circle(document: Any, space: Any, item: Circle) -> None:
    if item.fill:
        hatch = space.add_hatch(dxfattribs={"layer": item.role.value})
        hatch.dxf.true_color = int(item.fill[1:], 16)
        hatch.paths.add_edge_path().add_arc(item.centre, item.radius, 0, 360)
    if item.pen is not None:
        space.add_circle(item.centre, item.radius, dxfattribs=_attributes(document, item.pen, item.role))


def _text(space: Any, item: Text) -> None:
    from ezdxf.enums import TextEntityAlignment

    if item.opaque:
        box = text_box(item)
        corners = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))
        _fill(space, Path(corners, None, closed=True, fill="#ffffff", role=item.role))
    align = {
        "start": TextEntityAlignment.LEFT,
        "middle": TextEntityAlignment.CENTER,
        "end": TextEntityAlignment.RIGHT,
    }[item.anchor]
    attributes: dict[str, Any] = {"layer": item.role.value, "style": _STYLE, "height": item.height}
    if item.vertical:
        attributes["rotation"] = 90.0
    if item.colour != "#000000":
        attributes["true_color"] = int(item.colour[1:], 16)
    space.add_text(item.text, dxfattribs=attributes).set_placement(item.at, align=align)


def _dimension(space: Any, item: Dimension) -> None:
    label = item.label
    middle = label.height / 2
    at = (label.at[0] - middle, label.at[1]) if item.vertical else (label.at[0], label.at[1] + middle)
    low, _ = item.span
    base = (item.line, low) if item.vertical else (low, item.line)
    builder = space.add_linear_dim(
        base=base,
        p1=item.start,
        p2=item.end,
        location=at,
        angle=90 if item.vertical else 0,
        text=item.text,
        dimstyle=_DIMSTYLE,
        override={"dimlfac": 1.0 / item.scale, "dimtxt": item.height},
        dxfattribs={"layer": Role.DIMENSION.value},
    )
    # what a reader shows as measured: the true length, as the label may be a letter
    builder.dimension.dxf.actual_measurement = round(item.value_mm, 6)
    builder.render()
