"""The page's own charts, as inline SVG: does it fit, what else was possible, one repeat of the web.

Pictures only: every number that a reader may take from them stands in a table beside them.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from layoutgen.draw.web import CellBlock, Corners, WebShapes
from layoutgen.svg import element, label
from layoutgen.units import counted

_SIDE = 300.0
_SIGN = 9.0, 13.0
"""Width and height of a polarity sign in the picture of the part."""


def fit_svg(document: Mapping[str, Any]) -> str:
    """The part inside its allowance, to scale: top view, and side view below it."""
    package = document["device"]["package_mm"]
    length, width, height = package["length"], package["width"], package["height"]
    asked, most = document["spec"].get("footprint"), document["spec"].get("height")
    allowed = _turned_to_fit(asked, length, width) if asked else (length, width)
    room = allowed[0] or length, allowed[1] or width
    tall = most or height
    gap = max(room) * 0.12
    whole = max(room[0], length), max(room[1], width) + gap + max(tall, height)
    scale = min(_SIDE / whole[0], 0.9 * _SIDE / whole[1])
    wrap = document["device"]["terminal_mm"]["length"]
    pad = 14.0
    drawn = []

    def rect(x: float, y: float, w: float, h: float, **extra: object) -> str:
        place = {"x": pad + x * scale, "y": pad + y * scale, "width": w * scale, "height": h * scale}
        return element("rect", {**place, **extra})

    if asked:
        drawn.append(rect(0, 0, room[0], room[1], class_="allowed"))
    x, y = (room[0] - length) / 2, (room[1] - width) / 2
    drawn.append(rect(x, y, length, width, class_="body"))
    drawn.append(rect(x, y, wrap, width, class_="metal"))
    drawn.append(rect(x + length - wrap, y, wrap, width, class_="metal"))
    base = room[1] + gap + tall
    if most:
        drawn.append(rect(0, base - most, room[0], most, class_="allowed"))
    drawn.append(rect(x, base - height, length, height, class_="body"))
    drawn.append(rect(x, base - height, wrap, height, class_="metal"))
    drawn.append(rect(x + length - wrap, base - height, wrap, height, class_="metal"))
    middle = pad + (y + width / 2) * scale + 5
    # the signs stand on their terminals where these have room for them, else beside the part
    roomy = wrap * scale >= _SIGN[0] and width * scale >= _SIGN[1]
    inwards, look = (wrap / 2, "pole") if roomy else (-_SIGN[0] / scale, "pole beside")
    for at, sign in ((x + inwards, "+"), (x + length - inwards, "−")):
        drawn += [label(pad + at * scale, middle, sign, class_=look, text_anchor="middle")]
    size = whole[0] * scale + 2 * pad, whole[1] * scale + 2 * pad
    name = "The part from above and from the side, inside what was allowed (dashed)"
    frame = {"viewBox": f"0 0 {size[0]:.1f} {size[1]:.1f}", "class_": "fit", "role": "img", "aria-label": name}
    return element("svg", frame, "".join(drawn))


def _turned_to_fit(asked: Sequence[float | None], length: float, width: float) -> tuple[float | None, float | None]:
    first, second = asked
    upright = (first is None or length <= first + 1e-9) and (second is None or width <= second + 1e-9)
    return (first, second) if upright else (second, first)


def front_svg(document: Mapping[str, Any]) -> str:
    """Neighbouring designs by height: what the web gives, or the charge where that varies, and energy density.

    Two panels over one axis; filled points are on the Pareto front, the line joins them. Each point leads to its
    row in the table of neighbours.
    """
    rows = [
        (number, item)
        for number, item in enumerate(document.get("neighbours", ()))
        if item["varies"] != "foil" and item["good_devices_per_m2"] > 0
    ]
    if len(rows) < 2:
        return ""
    asked = document["spec"].get("capacity") is not None and document["objective"] != "capacity"
    first = ("good_devices_per_m2", "good devices per m²") if asked else ("rated_mah", "rated capacity, mAh")
    panels = (first, ("package_wh_per_l", "package energy density, Wh/L"))
    heights = [item["package_height_mm"] for _, item in rows]
    x_ticks = ticks(min(heights), max(heights), 8)
    width, panel, left, top = 860.0, 210.0, 64.0, 34.0

    def x_of(value: float) -> float:
        return left + 16 + (value - x_ticks[0]) / (x_ticks[-1] - x_ticks[0]) * (width - left - 46)

    drawn = []
    for number, (key, title) in enumerate(panels):
        drawn += _front_panel(rows, key, title, x_of, (left, width - 20, top + number * (panel + 44), panel))
    bottom = top + len(panels) * panel + 44
    for tick in x_ticks:
        drawn.append(label(x_of(tick), bottom + 20, _short(tick, x_ticks), text_anchor="middle", class_="tick"))
    drawn.append(label((left + width) / 2, bottom + 42, "package height, mm", text_anchor="middle", class_="axis"))
    name = f"{counted(len(rows), 'design')} by package height, each with {first[1]} and energy density; "
    name += "all in the table below"
    frame = {"viewBox": f"0 0 {width:g} {bottom + 50:g}", "class_": "chart front", "role": "group",
             "aria-label": name}  # fmt: skip
    return element("svg", frame, "".join(drawn))


def _front_panel(
    rows: Sequence[tuple[int, Mapping[str, Any]]],
    key: str,
    title: str,
    x_of: Callable[[float], float],
    place: tuple[float, float, float, float],
) -> list[str]:
    left, right, top, size = place
    values = [item[key] for _, item in rows]
    marks = ticks(min(values), max(values), 5)

    def y_of(value: float) -> float:
        return top + size - (value - marks[0]) / (marks[-1] - marks[0]) * size

    drawn = [label(left, top - 14, title, class_="axis")]
    for mark in marks:
        drawn.append(
            element("line", {"x1": left, "x2": right, "y1": y_of(mark), "y2": y_of(mark), "class_": "grid"})
        )
        drawn.append(label(left - 8, y_of(mark) + 4, _short(mark, marks), text_anchor="end", class_="tick"))
    front = sorted((x_of(item["package_height_mm"]), y_of(item[key])) for _, item in rows if item["on_front"])
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in front)
    drawn.append(element("polyline", {"points": line, "class_": "line"}))
    named = _named_apart([(x_of(item["package_height_mm"]), y_of(item[key]), _rank(item)) for _, item in rows])
    for place_in_rows, (number, item) in reversed(list(enumerate(rows))):
        x, y = x_of(item["package_height_mm"]), y_of(item[key])
        kind = "chosen" if not item["varies"] else "on" if item["on_front"] else "fits" if item["fits"] else "not"
        if item["fits"]:
            point = element("circle", {"cx": x, "cy": y, "r": 7.0 if kind == "chosen" else 5.0, "class_": kind})
        else:
            corners = f"{x:.1f},{y - 6:.1f} {x + 6:.1f},{y:.1f} {x:.1f},{y + 6:.1f} {x - 6:.1f},{y:.1f}"
            point = element("polygon", {"points": corners, "class_": kind})
        text = (
            f"{counted(item['layers'], 'layer')}, {item['package_height_mm']:.2f} mm high, {title} {item[key]:.1f}"
        )
        text += "" if item["fits"] else f"; {item['why']}"
        name = label(x, y - 12, f"{item['layers']}", text_anchor="middle", class_=f"point {kind}")
        name = name if place_in_rows in named else ""
        link = {"href": f"#neighbour-{number}", "aria-label": text}
        drawn.append(element("a", link, element("title", {}, escape(text)) + point + name))
    return drawn


def _rank(item: Mapping[str, Any]) -> int:
    """Which points are named first where names would meet: this design, the ends of the trade-off, the front."""
    return 0 if not item["varies"] else 1 if item.get("ends") else 2 if item["on_front"] else 3


def _named_apart(points: Sequence[tuple[float, float, int]]) -> set[int]:
    """Numbers of points (x, y, rank) whose names stand clear of each other, those of a lower rank first."""
    kept: list[int] = []
    for number in sorted(range(len(points)), key=lambda one: (points[one][2], one)):
        x, y, _ = points[number]
        if all(abs(x - points[other][0]) > 30 or abs(y - points[other][1]) > 16 for other in kept):
            kept.append(number)
    return set(kept)


def ranges_svg(document: Mapping[str, Any], most: int = 12) -> str:
    """What each assumed number does to good devices per square metre, between the ends of its range."""
    ranges = (document.get("explanation") or {}).get("ranges", ())
    now = document["web"]["devices_per_m2"]["good"]
    bars = []
    for item in ranges:
        ends = [item[end]["good_devices_per_m2"] for end in ("low", "high")]
        if None not in ends and max(abs(end / now - 1) for end in ends) > 1e-3:
            bars.append((item["path"], *ends))
    if not bars or not now:
        return ""
    bars = sorted(bars, key=lambda bar: -abs(bar[2] - bar[1]))[:most]
    marks = ticks(min(now, *(min(bar[1:]) for bar in bars)), max(now, *(max(bar[1:]) for bar in bars)))
    width, left, line, top = 900.0, 270.0, 26.0, 30.0
    height = top + line * len(bars) + 34.0

    def x_of(value: float) -> float:
        return left + (value - marks[0]) / (marks[-1] - marks[0]) * (width - left - 24)

    drawn = []
    for mark in marks:
        place = {"x1": x_of(mark), "x2": x_of(mark), "y1": top - 6, "y2": height - 30, "class_": "grid"}
        drawn.append(element("line", place))
        drawn.append(label(x_of(mark), height - 14, _short(mark, marks), text_anchor="middle", class_="tick"))
    for number, (name, low, high) in enumerate(bars):
        y = top + line * number
        drawn.append(label(left - 10, y + 13, name, text_anchor="end", class_="tick"))
        for end, kind in ((low, "low"), (high, "high")):
            start, stop = sorted((x_of(now), x_of(end)))
            place = {"x": start, "y": y + 2, "width": max(stop - start, 1.0), "height": line - 10, "class_": kind}
            drawn.append(element("rect", place))
    place = {"x1": x_of(now), "x2": x_of(now), "y1": top - 8, "y2": height - 30, "class_": "now"}
    drawn.append(element("line", place))
    drawn.append(label(x_of(now), top - 14, "this design", text_anchor="middle", class_="axis"))
    name = "Good devices per square metre at the low and the high end of the range of each assumed number"
    frame = {"viewBox": f"0 0 {width:g} {height:g}", "class_": "chart ranges", "role": "img", "aria-label": name}
    return element("svg", frame, "".join(drawn))


def web_svg(shapes: WebShapes, prefix: str = "web") -> str:
    """One repeat of the web, to scale: edges, fields, cells (drawn with patterns, never one by one)."""
    width, length, edge = shapes.width, shapes.length, shapes.edge
    drawn = [element("rect", {"width": width, "height": length, "class_": "web"})]
    for x in (0.0, width - edge):
        drawn += [element("rect", {"x": x, "width": edge, "height": length, "class_": "edge"})]
    for field in shapes.fields:
        place = {"x": field.x, "y": length - field.y - field.length, "width": field.width, "height": field.length}
        drawn.append(element("rect", {**place, "class_": "field"}))
    for block in shapes.blocks:
        drawn += _block(block, f"{prefix}-{block.name}", length)
    drawn += [_outline(item.corners, "free", item.title, width, length) for item in shapes.free]
    drawn += [_outline(item.corners, "structure", item.name, width, length) for item in shapes.structures]
    frame = {"viewBox": f"0 0 {width:g} {length:g}", "class_": "webmap", "role": "img",
             "aria-label": "One repeat of the web, to scale: fields and cells"}  # fmt: skip
    return element("svg", frame, "".join(drawn))


def _block(block: CellBlock, name: str, length: float) -> list[str]:
    """A block as a pattern of one cell, and the rectangle that it fills; y points down."""
    cell = {"width": block.cell[0], "height": block.cell[1], "class_": "turned" if block.turned else "cell"}
    corner = {"x": block.x, "y": length - block.y - block.extent[1]}
    step = {"width": block.pitch[0], "height": block.pitch[1], "patternUnits": "userSpaceOnUse"}
    size = {"width": block.extent[0], "height": block.extent[1], "fill": f"url(#{name})"}
    return [
        element("pattern", {"id": name, **corner, **step}, element("rect", cell)),
        element("rect", {**corner, **size}, element("title", {}, escape(block.title))),
    ]


def _outline(corners: Corners, class_: str, title: str, width: float, length: float) -> str:
    """A part of the web as far as it lies on the repeat, with its name to read under the pointer."""
    points = " ".join(f"{min(max(x, 0.0), width):g},{length - min(max(y, 0.0), length):g}" for x, y in corners)
    return element("polygon", {"points": points, "class_": class_}, element("title", {}, escape(title)))


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers that span a range, at least two of them."""
    from math import ceil, floor, log10

    spread = high - low if high > low else max(abs(high), 1.0) * 0.1
    power = 10.0 ** floor(log10(spread / most))
    step = next(size * power for size in (1, 2, 5, 10, 20) if spread / (size * power) <= most - 1)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _short(value: float, among: Sequence[float]) -> str:
    step = among[1] - among[0]
    decimals = max(0, -int(f"{step:e}".split("e")[1]))
    return f"{value:.{decimals}f}"
