"""The plot of an exploration: three figures over the axis with the most values, one line for each series.

What else varies is told by colour, dashes and marks, each with a legend of its own; what more varies is named
there. Where one thing has more values than there are looks, every series is named.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from layoutgen.explorer.points import COLUMNS, WORDS, Row
from layoutgen.svg import element, label
from layoutgen.units import counted, plain

_WIDTH, _PANEL, _GAP, _LEFT, _TOP, _RIGHT = 730.0, 220.0, 46.0, 96.0, 64.0, 24.0
_ROW, _LETTER, _SWATCH = 18.0, 6.6, 30.0
_MOST_NAMED: Final = 60
_MOST_DESIGNS: Final = 3000
# Okabe and Ito's palette, which colour-blind readers tell apart
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c8c00")
_DASHES: Final = (None, "7 4", "2 3", "9 3 2 3")
_MARKS: Final = ("circle", "square", "triangle", "diamond")
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
    ("confidence", "confidence"),
    ("cycles", "cycles"),
)
_GREY: Final = "#555555"


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
    note = "filled: on the Pareto front of height, web area and energy density of its scenario"
    step = -(-len(fitting) // _MOST_DESIGNS)
    if step > 1:
        note += f"; one design in {step} is drawn, and the front"
    drawn = [row for number, row in enumerate(fitting) if number % step == 0 or row["front"]] if fitting else []
    x_name, x_title = _axis(fitting)
    series, legend = _series(drawn, x_name)
    wide = _WIDTH + legend.width
    height = max(_TOP + len(_PANELS) * (_PANEL + _GAP) + 24, _TOP + len(legend.rows) * _ROW + 24)
    parts = [element("rect", {"width": wide, "height": height, "fill": "#ffffff"})]
    heading = f"{counted(len(fitting), 'design')} of {counted(len(rows), 'question')}"
    parts += [_text((_LEFT, 26), heading, size=16), _text((_LEFT, 44), note, colour=_GREY)]
    x_scale = _scale([row[x_name] for row in fitting], _LEFT, _WIDTH - _RIGHT)
    for number, (y_name, y_title) in enumerate(_PANELS):
        top = _TOP + number * (_PANEL + _GAP)
        y_scale = _scale([row[y_name] for row in fitting], top + _PANEL, top)
        parts += _panel(top, x_scale, y_scale, y_title, x_title if number == len(_PANELS) - 1 else "")
        for one in series:
            points = [(x_scale.at(row[x_name]), y_scale.at(row[y_name])) for row in one.rows]
            parts += _line(points, one)
    parts += legend.drawn(_WIDTH, _TOP + 10)
    frame = {
        "xmlns": "http://www.w3.org/2000/svg",
        "width": f"{wide:g}px",
        "height": f"{height:g}px",
        "viewBox": f"0 0 {wide:g} {height:g}",
        "font-family": "Liberation Sans, Arial, Helvetica, sans-serif",
    }
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + element("svg", frame, "\n".join(parts)) + "\n").encode()


@dataclass(frozen=True, slots=True)
class _Pen:
    """How a series is drawn."""

    colour: str = _COLOURS[0]
    dash: str | None = None
    mark: str = ""
    """Empty for a circle that a legend does not show."""


@dataclass(frozen=True, slots=True)
class _Series:
    """Rows that differ in the x axis only, in its order."""

    name: str
    pen: _Pen
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class _Legend:
    """Rows of a legend: a heading without a pen, or a pen and what it stands for."""

    rows: tuple[tuple[_Pen | None, str], ...]

    @property
    def width(self) -> float:
        return max((_SWATCH + 16 + _LETTER * len(text) for _, text in self.rows), default=0.0)

    def drawn(self, x: float, y: float) -> Iterator[str]:
        for pen, text in self.rows:
            if pen is None:
                yield _text((x, y), text, colour=_GREY)
            else:
                middle = x + (_SWATCH - 8) / 2, y - 4
                yield _rule((x, y - 4), (x + _SWATCH - 8, y - 4), pen.colour, 2.5, pen.dash)
                if pen.mark:
                    yield _mark(middle, pen, full=True)
                yield _text((x + _SWATCH, y), text)
            y += _ROW


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


def _series(rows: Sequence[Row], x_name: str) -> tuple[list[_Series], _Legend]:
    """What is drawn, and what tells it apart."""
    told = [(title, texts) for title, texts in _told(rows, x_name) if len(set(texts)) > 1]
    keys = list(zip(*(texts for _, texts in told), strict=True)) if told else [()] * len(rows)
    pens, legend = _pens(told, keys)
    found: dict[tuple[str, ...], list[Row]] = {}
    for key, row in zip(keys, rows, strict=True):
        found.setdefault(key, []).append(row)
    series = [
        _Series(_joined(key), pens[key], sorted(members, key=lambda row: (row[x_name], row["package_height_mm"])))
        for key, members in found.items()
    ]
    return series, legend


def _told(rows: Sequence[Row], x_name: str) -> Iterator[tuple[str, list[str]]]:
    """What may tell series apart: a title, and a text for each row; empty where a row does not ask for it."""

    def of(column: str, form: str) -> list[str]:
        values = (row[column] for row in rows)
        return ["" if value is None else form.format(_plain(value)) for value in values]

    if x_name != "capacity_mah":
        yield "capacity", of("capacity_mah", "{} mAh")
    sides = ((row["footprint_a_mm"], row["footprint_b_mm"]) for row in rows)
    yield "footprint", ["x".join("?" if side is None else plain(side) for side in pair) + " mm" for pair in sides]
    films = [("height_limit_mm", "height allowed", "{} mm high")]
    films += [(f"{film}_um", film, f"{{}} um {film}") for film in ("foil", "cathode")]
    more = [(name, name, f"{name} {{}}") for name in (rows[0] if rows else ()) if name not in _NO_PATHS]
    for column, title, form in (*films, *WORDS, *more):
        if column != x_name:
            yield title, of(column, form)


_NO_PATHS: Final = {*COLUMNS, "web_mm2_per_mah", "front"}


def _pens(
    told: Sequence[tuple[str, list[str]]], keys: Sequence[tuple[str, ...]]
) -> tuple[dict[tuple[str, ...], _Pen], _Legend]:
    """A pen for every series: colour, dashes and mark for one thing each that varies, where they are enough."""
    unique = list(dict.fromkeys(keys))
    values = [list(dict.fromkeys(texts)) for _, texts in told]
    order = sorted(range(len(told)), key=lambda at: (-len(values[at]), at))
    kinds = (_COLOURS, _DASHES, _MARKS)
    if any(len(values[at]) > len(kind) for at, kind in zip(order, kinds, strict=False)):
        pens = {
            key: _Pen(_COLOURS[number % len(_COLOURS)], _DASHES[number // len(_COLOURS) % len(_DASHES)])
            for number, key in enumerate(unique)
        }
        named: list[tuple[_Pen | None, str]] = [(pens[key], _joined(key)) for key in unique[:_MOST_NAMED]]
        if len(unique) > _MOST_NAMED:
            named.append((None, f"and {len(unique) - _MOST_NAMED} more: see the table"))
        return pens, _Legend(tuple(named))
    looks: list[dict[str, Any]] = [{} for _ in unique]
    rows: list[tuple[_Pen | None, str]] = []
    for number, (at, part, kind) in enumerate(zip(order, ("colour", "dash", "mark"), kinds, strict=False)):
        rows.append((None, told[at][0]))
        for look, text in zip(kind, values[at], strict=False):
            only: dict[str, Any] = {part: look} if number == 0 else {"colour": _GREY, part: look}
            rows.append((_Pen(**only), text or "not asked for"))
            for key, pen in zip(unique, looks, strict=True):
                if key[at] == text:
                    pen[part] = look
    if len(order) > len(kinds):
        rows += [(None, "lines of one look differ in"), *((None, f"  {told[at][0]}") for at in order[len(kinds) :])]
    return {key: _Pen(**pen) for key, pen in zip(unique, looks, strict=True)}, _Legend(tuple(rows))


def _joined(key: Sequence[str]) -> str:
    return ", ".join(filter(None, key)) or "all"


def _plain(value: object) -> str:
    return plain(value) if isinstance(value, int | float) else str(value)


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


def _line(points: Sequence[tuple[float, float]], one: _Series) -> Iterator[str]:
    title = element("title", {}, escape(one.name))
    if len(points) > 1:
        course = " ".join(f"{x:g},{y:g}" for x, y in points)
        pen = {"fill": "none", "stroke": one.pen.colour, "stroke_width": 1.5, "stroke_opacity": 0.7}
        dash = {"stroke_dasharray": one.pen.dash}
        yield element("polyline", {"points": course, **pen, **dash}, title)
    for point, row in zip(points, one.rows, strict=True):
        yield _mark(point, one.pen, full=row["front"], title=title)


def _mark(at: tuple[float, float], pen: _Pen, *, full: bool, title: str = "") -> str:
    """A design: filled on the front."""
    x, y, r = *at, 4.0 if full else 3.0
    look = {"fill": pen.colour if full else "#ffffff", "stroke": pen.colour, "stroke_width": 1.5}
    if pen.mark in {"", "circle"}:
        return element("circle", {"cx": x, "cy": y, "r": r, **look}, title)
    steps = {
        "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
        "triangle": ((-1.2, 1), (1.2, 1), (0, -1.2)),
        "diamond": ((-1.3, 0), (0, -1.3), (1.3, 0), (0, 1.3)),
    }[pen.mark]
    corners = " ".join(f"{x + r * dx:g},{y + r * dy:g}" for dx, dy in steps)
    return element("polygon", {"points": corners, **look}, title)


def _rule(
    start: tuple[float, float], end: tuple[float, float], colour: str, width: float, dash: str | None = None
) -> str:
    ends = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    return element("line", {**ends, "stroke": colour, "stroke_width": width, "stroke_dasharray": dash})


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
