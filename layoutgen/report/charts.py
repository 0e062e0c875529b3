"""The page's own charts, as inline SVG: does it fit, what else was possible, one repeat of the web.

Pictures only: every number that a reader may take from them stands in a table beside them.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from layoutgen.report.svg import element, label

_SIDE = 300.0


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
    for at, sign in ((x + wrap / 2, "+"), (x + length - wrap / 2, "−")):
        drawn += [label(pad + at * scale, middle, sign, class_="pole", text_anchor="middle")]
    size = whole[0] * scale + 2 * pad, whole[1] * scale + 2 * pad
    name = "The part from above and from the side, inside what was allowed (dashed)"
    frame = {"viewBox": f"0 0 {size[0]:.1f} {size[1]:.1f}", "class_": "fit", "role": "img", "aria-label": name}
    return element("svg", frame, "".join(drawn))


def _turned_to_fit(asked: Sequence[float | None], length: float, width: float) -> tuple[float | None, float | None]:
    first, second = asked
    upright = (first is None or length <= first + 1e-9) and (second is None or width <= second + 1e-9)
    return (first, second) if upright else (second, first)


def alternatives_svg(document: Mapping[str, Any]) -> str:
    """Height against good devices from a square metre: the chosen design, its neighbours, the plain grid."""
    chosen = document["device"]
    points = [
        (chosen["package_mm"]["height"], document["web"]["devices_per_m2"]["good"], chosen["layers"], "chosen")
    ]
    points += [
        (item["package_mm"]["height"], item["devices_per_m2_good"], item["layers"], "other")
        for item in document["alternatives"]
        if item["devices_per_m2_good"] > 0
    ]
    if len(points) < 2:
        return ""
    width, height, left, bottom, top = 560.0, 290.0, 64.0, 46.0, 34.0
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    x_ticks, y_ticks = ticks(min(xs), max(xs)), ticks(min(ys), max(ys))
    x0, x1, y0, y1 = min(x_ticks), max(x_ticks), min(y_ticks), max(y_ticks)

    def x_of(value: float) -> float:
        return left + (value - x0) / (x1 - x0) * (width - left - 30)

    def y_of(value: float) -> float:
        return height - bottom - (value - y0) / (y1 - y0) * (height - bottom - top)

    drawn = []
    for tick in y_ticks:
        drawn.append(
            element("line", {"x1": left, "x2": width - 20, "y1": y_of(tick), "y2": y_of(tick), "class_": "grid"})
        )
        drawn.append(label(left - 8, y_of(tick) + 4, _short(tick, y_ticks), text_anchor="end", class_="tick"))
    for tick in x_ticks:
        below = height - bottom + 18
        drawn += [label(x_of(tick), below, _short(tick, x_ticks), text_anchor="middle", class_="tick")]
    drawn.append(label((left + width) / 2, height - 6, "package height, mm", text_anchor="middle", class_="axis"))
    drawn.append(label(4.0, 14, "good devices per m²", class_="axis"))
    for value_x, value_y, layers, kind in reversed(points):
        place = {"cx": x_of(value_x), "cy": y_of(value_y), "r": 6.5 if kind == "chosen" else 5, "class_": kind}
        title = element("title", {}, escape(f"{layers} layers"))
        drawn.append(element("circle", place, title))
        drawn.append(
            label(x_of(value_x), y_of(value_y) - 11, f"{layers}", text_anchor="middle", class_=f"point {kind}")
        )
    name = "Number of layers of each design by package height and good devices per square metre"
    frame = {"viewBox": f"0 0 {width:g} {height:g}", "class_": "chart", "role": "img", "aria-label": name}
    return element("svg", frame, "".join(drawn))


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
    frame = {"viewBox": f"0 0 {width:g} {height:g}", "class_": "chart", "role": "img", "aria-label": name}
    return element("svg", frame, "".join(drawn))


def web_svg(document: Mapping[str, Any], prefix: str = "web") -> str:
    """One repeat of the web, to scale: edges, fields, cells (drawn with patterns, never one by one)."""
    web, cell = document["web"], document["device"]["cell_mm"]
    width, length = web["repeat_mm"]["width"], web["repeat_mm"]["length"]
    edge = web["edge_mm"]
    drawn = [element("rect", {"width": width, "height": length, "class_": "web"})]
    for x in (0.0, width - edge):
        drawn += [element("rect", {"x": x, "width": edge, "height": length, "class_": "edge"})]
    for field in web["fields"]:
        y = length - field["y_mm"] - field["length_mm"]
        place = {"x": field["x_mm"], "y": y, "width": field["width_mm"], "height": field["length_mm"]}
        drawn.append(element("rect", {**place, "class_": "field"}))
    for number, block in enumerate(web["blocks"]):
        sides = (cell["width"], cell["length"]) if block["rotated"] else (cell["length"], cell["width"])
        pitch = block["pitch_x_mm"], block["pitch_y_mm"]
        x = block["x_mm"]
        y = length - block["y_mm"] - (block["rows"] - 1) * pitch[1] - sides[1]
        inner = element(
            "rect", {"width": sides[0], "height": sides[1], "class_": "turned" if block["rotated"] else "cell"}
        )
        name = f"{prefix}-block-{number}"
        where = {
            "id": name,
            "x": x,
            "y": y,
            "width": pitch[0],
            "height": pitch[1],
            "patternUnits": "userSpaceOnUse",
        }
        drawn.append(element("pattern", where, inner))
        extent = (block["columns"] - 1) * pitch[0] + sides[0], (block["rows"] - 1) * pitch[1] + sides[1]
        drawn.append(
            element("rect", {"x": x, "y": y, "width": extent[0], "height": extent[1], "fill": f"url(#{name})"})
        )
    frame = {"viewBox": f"0 0 {width:g} {length:g}", "class_": "webmap", "role": "img",
             "aria-label": "One repeat of the web, to scale: fields and cells"}  # fmt: skip
    return element("svg", frame, "".join(drawn))


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
