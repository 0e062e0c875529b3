"""SVG backend: the only module that touches svgwrite."""

from typing import Any

from layoutgen.draw.metrics import CAP_HEIGHT_EM, FAMILY
from layoutgen.draw.scene import (
    Box,
    Circle,
    Hatch,
    Path,
    Pen,
    Point,
    Scene,
    Strokes,
    Text,
    exploded,
    text_box,
)


def svg_bytes(scene: Scene, family: str = FAMILY, window: Box | None = None) -> bytes:
    """The scene as an SVG file of its physical size, or a window of it; equal scenes give equal bytes."""
    import svgwrite

    width, height = scene.width_mm, scene.height_mm
    shown = window or Box(0.0, 0.0, width, height)
    size = _number(shown.x1 - shown.x0), _number(shown.y1 - shown.y0)
    drawing = svgwrite.Drawing(
        size=(f"{size[0]}mm", f"{size[1]}mm"),
        viewBox=f"{_number(shown.x0)} {_number(height - shown.y1)} {size[0]} {size[1]}",
        debug=False,
        font_family=family,
    )
    drawing.set_desc(title=scene.title)
    drawing.add(drawing.rect((0, 0), (_number(width), _number(height)), fill="#ffffff"))
    hatches = {item.hatch: None for item in scene.items if isinstance(item, Path) and item.hatch}
    for hatch in hatches:
        drawing.defs.add(_pattern(drawing, hatch, height))
    for item in exploded(scene.items):
        if isinstance(item, Text):
            _add_text(drawing, item, height)
        else:
            _add_shape(drawing, item, height)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + str(drawing.tostring()) + "\n").encode()


def _number(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _at(point: Point, height: float) -> str:
    return f"{_number(point[0])} {_number(height - point[1])}"


def _stroke(pen: Pen | None) -> dict[str, Any]:
    if pen is None:
        return {"stroke": "none"}
    found: dict[str, Any] = {"stroke": pen.colour, "stroke_width": _number(pen.width_mm)}
    if pen.dash:
        found["stroke_dasharray"] = " ".join(_number(part) for part in pen.dash)
    return found


def _add_shape(drawing: Any, item: Path | Strokes | Circle, height: float) -> None:
    if isinstance(item, Circle):
        centre = (_number(item.centre[0]), _number(height - item.centre[1]))
        drawing.add(drawing.circle(centre, _number(item.radius), fill=item.fill or "none", **_stroke(item.pen)))
        return
    if isinstance(item, Strokes):
        data = "".join(f"M{_at(start, height)}L{_at(end, height)}" for start, end in item.lines)
        drawing.add(drawing.path(data, fill="none", **_stroke(item.pen)))
        return
    rings = (item.points, *item.holes)
    end = "Z" if item.closed else ""
    data = "".join("M" + "L".join(_at(point, height) for point in ring) + end for ring in rings)
    extra = {"fill_rule": "evenodd"} if item.holes else {}
    joined = {"stroke_linejoin": "round"} if item.pen and len(item.points) > 2 and not item.closed else {}
    if item.hatch is None:
        drawing.add(drawing.path(data, fill=item.fill or "none", **extra, **joined, **_stroke(item.pen)))
        return
    if item.fill:
        drawing.add(drawing.path(data, fill=item.fill, **extra))
    drawing.add(drawing.path(data, fill=f"url(#{item.hatch.name})", **extra, **joined, **_stroke(item.pen)))


def _pattern(drawing: Any, hatch: Hatch, height: float) -> Any:
    """One tile of a hatch; its lines run through the middle, which is laid on the sheet's origin."""
    spacing = hatch.spacing_mm
    period, dashed = (sum(hatch.dash), hatch.dash[0]) if hatch.dash else (spacing, spacing)
    middle = _number(spacing / 2)
    data, back = f"M0 {middle}H{_number(dashed)}", f"translate(0 -{middle})"
    if hatch.crossed:
        data += f"M{middle} 0V{_number(spacing)}"
        back = f"translate(-{middle} -{middle})"
    turned = f"translate(0 {_number(height)}) rotate({_number(-hatch.angle_deg)}) {back}"
    pattern = drawing.pattern(
        (0, 0),
        (_number(period), _number(spacing)),
        id=hatch.name,
        patternUnits="userSpaceOnUse",
        patternTransform=turned,
    )
    pattern.add(drawing.path(data, fill="none", **_stroke(hatch.pen)))
    return pattern


def _add_text(drawing: Any, text: Text, height: float) -> None:
    if text.opaque:
        box, pad = text_box(text), 0.4
        corner = (_number(box.x0 - pad), _number(height - box.y1 - pad))
        size = (_number(box.x1 - box.x0 + 2 * pad), _number(box.y1 - box.y0 + 2 * pad))
        drawing.add(drawing.rect(corner, size, fill="#ffffff"))
    x, y = _number(text.at[0]), _number(height - text.at[1])
    extra: dict[str, Any] = {"fill": text.colour} if text.colour != "#000000" else {}
    if text.vertical:
        extra["transform"] = f"rotate(-90 {x} {y})"
    if text.anchor != "start":
        extra["text_anchor"] = text.anchor
    drawing.add(
        drawing.text(
            text.text,
            insert=(x, y),
            font_size=_number(text.height / CAP_HEIGHT_EM),
            **extra,
        )
    )
