"""The plot of an exploration: three figures over the axis with the most values, one line for each series."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from layoutgen.explorer.points import LOAD_WORDS, Row
from layoutgen.svg import element, label
from layoutgen.units import counted, plain

_WIDTH, _PANEL, _GAP, _LEFT, _TOP, _RIGHT = 900.0, 220.0, 46.0, 96.0, 64.0, 190.0
_MOST_DESIGNS: Final = 3000
# Okabe and Ito's palette, which colour-blind readers tell apart
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c8c00")
_PANELS: Final = (
    ("package_height_mm", "height, mm"),
    ("web_mm2_per_mah", "web per good mAh, mm²"),
    ("package_wh_per_l", "package, Wh/L"),
)
_AXES: Final = (
    ("capacity_mah", "capacity, mAh"),
    ("height_limit_mm", "height allowed, mm"),
    ("foil_um", "foil, um"),
    ("cathode_um", "cathode, um"),
    ("bend_radius_mm", "bending radius, mm"),
    ("current_ma", "current, mA"),
    ("lowest_voltage_v", "lowest voltage, V"),
    ("charge_time_s", "charge time, s"),
    ("temperature_c", "temperature, degC"),
)


def plot_svg(rows: Sequence[Row], front: Sequence[Row]) -> bytes:
    """The plot as SVG; designs on the Pareto front are filled."""
    fitting = [row for row in rows if row["fits"]]
    marked = {id(row) for row in front}
    filled = [id(row) in marked for row in fitting]
    # per charge, so that small and large designs can be compared by eye
    fitting = [
        row | {"web_mm2_per_mah": row["web_mm2_per_good_device"] / row["rated_mah"], "front": full}
        for row, full in zip(fitting, filled, strict=True)
    ]
    note = "filled: on the Pareto front of height, web area and energy density for what it must do"
    step = -(-len(fitting) // _MOST_DESIGNS)
    if step > 1:
        note += f"; one design in {step} is drawn, and the front"
    drawn = [row for number, row in enumerate(fitting) if number % step == 0 or row["front"]] if fitting else []
    height = _TOP + len(_PANELS) * (_PANEL + _GAP) + 24
    ground = {"width": _WIDTH, "height": height, "fill": "#ffffff"}
    parts = [element("rect", ground)]
    x_name, x_title = _axis(fitting)
    series = _series(drawn, x_name)
    heading = f"{counted(len(fitting), 'design')} of {counted(len(rows), 'question')}"
    parts += [_text((_LEFT, 26), heading, size=16), _text((_LEFT, 44), note, colour="#555555")]
    x_scale = _scale([row[x_name] for row in fitting], _LEFT, _WIDTH - _RIGHT)
    for number, (y_name, y_title) in enumerate(_PANELS):
        top = _TOP + number * (_PANEL + _GAP)
        y_scale = _scale([row[y_name] for row in fitting], top + _PANEL, top)
        parts += _panel(top, x_scale, y_scale, y_title, x_title if number == len(_PANELS) - 1 else "")
        for index, (_, members) in enumerate(series):
            points = [(x_scale.at(row[x_name]), y_scale.at(row[y_name])) for row in members]
            parts += _line(points, [row["front"] for row in members], _COLOURS[index % len(_COLOURS)])
    parts += _legend([name for name, _ in series])
    frame = {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": f"{_WIDTH:g}px",
        "height": f"{height:g}px",
        "viewBox": f"0 0 {_WIDTH:g} {height:g}",
        "font-family": "Liberation Sans, Arial, Helvetica, sans-serif",
    }
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + element("svg", frame, "\n".join(parts)) + "\n").encode()


class _Scale:
    """Linear, or logarithmic where the values span more than a decade."""

    def __init__(self, low: float, high: float, start: float, end: float, *, log: bool) -> None:
        self.log = log
        self.low, self.high, self.start, self.end = low, high, start, end

    def at(self, value: float) -> float:
        if self.log:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 2)

    def ticks(self) -> list[float]:
        if self.log:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            found = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)]
        else:
            raw = (self.high - self.low) / 5
            power = 10.0 ** math.floor(math.log10(raw))
            step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))
            first = math.ceil(self.low / step - 1e-9)
            found = [round(number * step, 10) for number in range(first, first + 8)]
        slack = (self.high - self.low) * 1e-9
        return [tick for tick in found if self.low - slack <= tick <= self.high + slack]


def _scale(values: Sequence[float], start: float, end: float) -> _Scale:
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if high <= low:
        low, high = (low * 0.9, high * 1.1) if low else (0.0, 1.0)
    if low > 0 and high / low > 20:
        return _Scale(low / 1.1, high * 1.1, start, end, log=True)
    margin = (high - low) * 0.06
    return _Scale(max(0.0, low - margin) if low >= 0 else low - margin, high + margin, start, end, log=False)


def _axis(rows: Sequence[Row]) -> tuple[str, str]:
    """The numeric question with the most values."""
    counts = [(len({row[name] for row in rows if row[name] is not None}), name, title) for name, title in _AXES]
    usable = [item for item in counts if all(row[item[1]] is not None for row in rows)]
    _, name, title = max(usable, key=lambda item: item[0], default=(0, "package_height_mm", "height, mm"))
    return name, title


def _series(rows: Sequence[Row], x_name: str) -> list[tuple[str, list[Row]]]:
    """Rows that differ in the x axis only, with a name from what tells the series apart."""
    names = (
        "capacity_mah",
        "footprint_a_mm",
        "footprint_b_mm",
        "height_limit_mm",
        "foil_um",
        "cathode_um",
        "varied",
        *(column for column, _, _ in LOAD_WORDS),
    )
    told_apart = [name for name in names if name != x_name and len({row[name] for row in rows}) > 1]
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in told_apart), []).append(row)
    return [
        (_name(members[0], told_apart), sorted(members, key=lambda row: (row[x_name], row["package_height_mm"])))
        for members in found.values()
    ]


def _name(row: Row, told_apart: Sequence[str]) -> str:
    parts = []
    if "capacity_mah" in told_apart:
        parts.append(f"{plain(row['capacity_mah'])} mAh")
    if {"footprint_a_mm", "footprint_b_mm"} & set(told_apart):
        sides = (row["footprint_a_mm"], row["footprint_b_mm"])
        parts.append("x".join("?" if side is None else plain(side) for side in sides) + " mm")
    if "height_limit_mm" in told_apart and row["height_limit_mm"] is not None:
        parts.append(f"{plain(row['height_limit_mm'])} mm high")
    parts += [f"{plain(row[f'{film}_um'])} um {film}" for film in ("foil", "cathode") if f"{film}_um" in told_apart]
    parts += [
        text.format(row[column] if isinstance(row[column], str) else plain(row[column]))
        for column, _, text in LOAD_WORDS
        if column in told_apart and row[column] is not None
    ]
    if "varied" in told_apart:
        parts.append(row["varied"])
    return ", ".join(parts) or "all"


def _panel(top: float, x: _Scale, y: _Scale, title: str, x_title: str) -> Iterator[str]:
    right, bottom = _WIDTH - _RIGHT, top + _PANEL
    for tick in y.ticks():
        yield _rule((_LEFT, y.at(tick)), (right, y.at(tick)), "#e3e3e3", 1)
        yield _text((_LEFT - 8, y.at(tick) + 4), plain(tick), anchor="end")
    for tick in x.ticks():
        yield _rule((x.at(tick), top), (x.at(tick), bottom), "#e3e3e3", 1)
        yield _text((x.at(tick), bottom + 16), plain(tick), anchor="middle")
    frame = {"x": _LEFT, "y": top, "width": right - _LEFT, "height": _PANEL}
    yield element("rect", {**frame, "fill": "none", "stroke": "#555555", "stroke_width": 1})
    turned = f"translate(28,{(top + bottom) / 2:g}) rotate(-90)"
    yield _text((0, 0), title, size=13, anchor="middle", colour="#222222", transform=turned)
    if x_title:
        yield _text(((_LEFT + right) / 2, bottom + 36), x_title, size=13, anchor="middle", colour="#222222")


def _line(points: Sequence[tuple[float, float]], filled: Sequence[bool], colour: str) -> Iterator[str]:
    if len(points) > 1:
        course = " ".join(f"{x:g},{y:g}" for x, y in points)
        pen = {"fill": "none", "stroke": colour, "stroke_width": 1.5, "stroke_opacity": 0.7}
        yield element("polyline", {"points": course, **pen})
    for (x, y), full in zip(points, filled, strict=True):
        pen = {"fill": colour if full else "#ffffff", "stroke": colour, "stroke_width": 1.5}
        yield element("circle", {"cx": x, "cy": y, "r": 4 if full else 3, **pen})


def _legend(names: Sequence[str]) -> Iterator[str]:
    x, y = _WIDTH - _RIGHT + 16, _TOP + 10
    room = int((len(_PANELS) * (_PANEL + _GAP) - 40) // 18)
    for index, name in enumerate(names[:room]):
        yield _rule((x, y - 4), (x + 18, y - 4), _COLOURS[index % len(_COLOURS)], 3)
        yield _text((x + 24, y), name)
        y += 18
    if len(names) > room:
        yield _text((x, y), f"and {len(names) - room} more")


def _rule(start: tuple[float, float], end: tuple[float, float], colour: str, width: float) -> str:
    ends = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    return element("line", {**ends, "stroke": colour, "stroke_width": width})


def _text(
    at: tuple[float, float],
    text: str,
    *,
    size: int = 12,
    anchor: str = "start",
    colour: str = "#333333",
    transform: str | None = None,
) -> str:
    x, y = at
    return label(x, y, text, font_size=size, text_anchor=anchor, fill=colour, transform=transform)
