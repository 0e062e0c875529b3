"""Pictures of a web: heat and stacked maps, lanes, trend, folded at a roll, Nyquist, Pareto. Levels, not points."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.draw.plot import nice_ticks
from layoutgen.lot.canvas import PALETTE, Canvas, colours
from layoutgen.lot.folder import WebFolder
from layoutgen.lot.learn.failmap import FailMap
from layoutgen.lot.levels import READINGS, Levels
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import NULL
from layoutgen.pdk.webtest import READING_UNITS, WebTest
from layoutgen.units import plain

Floats = NDArray[np.float64]
_TITLES: Final = {
    "ocv": "open-circuit voltage",
    "asr": "area-specific resistance",
    "capacity": "capacity",
    "change": "voltage lost between two passes",
}
_POINTS: Final = 600


@dataclass(frozen=True)
class OneRepeat:
    """The cells of one repeat: its number, readings in ticks by name, and bins."""

    number: int
    readings: Mapping[str, NDArray[np.int32]]
    bins: NDArray[np.uint8]


@dataclass(frozen=True)
class PictureInputs:
    """What pictures are drawn of."""

    web: WebFolder
    test: WebTest
    levels: Levels
    bins: Mapping[str, Any]
    fails: FailMap | None = None
    spectra: tuple[Floats, NDArray[np.complex128], NDArray[np.bool_], NDArray[np.bool_]] | None = None
    """Frequencies, spectra, which are valid, and which are of good cells."""
    one: OneRepeat | None = None

    @property
    def note(self) -> str:
        return "synthetic: never measured" if self.web.synthetic else ""

    @property
    def metres(self) -> float:
        return self.web.table.about.repeats * self.web.map.length_um * 1e-6


def pictures(inputs: PictureInputs) -> Iterator[tuple[str, Canvas]]:
    """Name and picture of everything that the web has data for."""
    yield "web-yield", _web_map(inputs, "share of good cells", _share(inputs.levels), "")
    yield (
        "repeat-yield",
        _repeat_map(inputs, "Stacked: share of good cells by position", _position_share(inputs.levels), ""),
    )
    for name in (*READINGS, "change"):
        if not inputs.levels.n[name].any():
            continue
        tick = COLUMN_OF["ocv" if name == "change" else name].tick
        unit = READING_UNITS["ocv" if name == "change" else name]
        values = inputs.levels.mean(name, tick)
        yield f"web-{name}", _web_map(inputs, f"{_TITLES[name]} of good cells", values, unit)
        n, total = inputs.levels.n[name].sum(axis=0), inputs.levels.total[name].sum(axis=0)
        mean = np.where(n > 0, total / np.maximum(n, 1) * tick, np.nan)
        yield f"repeat-{name}", _repeat_map(inputs, f"Stacked: {_TITLES[name]} by position", mean, unit)
    if inputs.one is not None:
        yield "one-bins", _one_bins(inputs, inputs.one)
        for name, ticks in inputs.one.readings.items():
            if (ticks != NULL).any():
                column, unit = (
                    COLUMN_OF["ocv" if name == "change" else name],
                    READING_UNITS["ocv" if name == "change" else name],
                )
                values = np.where(ticks != NULL, ticks * column.tick, np.nan)
                title = f"Repeat {inputs.one.number}: {_TITLES[name]}"
                yield f"one-{name}", _repeat_map(inputs, title, values, unit, inputs.one.bins == 1)
    yield "lanes", _lanes(inputs)
    yield "trend", _trend(inputs)
    yield "pareto", _pareto(inputs)
    if inputs.fails is not None:
        for name, roller in inputs.test.rollers.items():
            yield f"folded-{name}", _folded(inputs, name, roller.circumference.value)
    if inputs.spectra is not None:
        yield "nyquist", _nyquist(inputs)


def _share(levels: Levels) -> Floats:
    return np.where(levels.tested > 0, levels.good / np.maximum(levels.tested, 1), np.nan)


def _position_share(levels: Levels) -> Floats:
    tested, good = levels.tested.sum(axis=0), levels.good.sum(axis=0)
    return np.where(tested > 0, good / np.maximum(tested, 1), np.nan)


def _ends(values: Floats) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    if not there.size:
        return 0.0, 1.0
    low, high = (float(v) for v in np.quantile(there, [0.005, 0.995]))
    return (low, high) if high > low else (low - 0.5 * abs(low or 1), high + 0.5 * abs(high or 1))


def _web_map(inputs: PictureInputs, title: str, values: Floats, unit: str) -> Canvas:
    """The whole web: metres to the right, lanes up."""
    web, levels = inputs.web.map, inputs.levels
    lanes = np.argsort(web.lane_x_um)
    field = np.full((web.lanes, len(values)), np.nan)
    for row, lane in enumerate(lanes.tolist()):
        part = values[:, web.by_lane[lane]]
        there = np.isfinite(part)
        counts = there.sum(axis=1)
        field[row] = np.where(counts > 0, np.where(there, part, 0).sum(axis=1) / np.maximum(counts, 1), np.nan)
    low, high = _ends(field)
    canvas = Canvas(900, 330, f"Web: {title}", inputs.note)
    x, y, w, h = 70.0, 50.0, 720.0, 230.0
    canvas.image(x, y, w, h, colours(field[::-1], low, high))
    canvas.rect(x, y, w, h, "none", "#222222")
    length = len(values) * levels.repeats_a_stretch * web.length_um * 1e-6
    for metre in nice_ticks(0, length, 8):
        if metre <= length * 1.0001:
            at = x + metre / length * w
            canvas.line([(at, y + h), (at, y + h + 5)])
            canvas.text(at, y + h + 18, plain(metre), anchor="middle")
    canvas.text(x + w / 2, y + h + 36, "along the web, m", anchor="middle")
    for place in (0, web.lanes // 2, web.lanes - 1):
        canvas.text(x - 6, y + h - (place + 0.5) / web.lanes * h + 4, f"lane {lanes[place] + 1}", 10, anchor="end")
    canvas.scale(x + w + 22, y + 20, h - 40, _value(low, unit), _value(high, unit), "")
    return canvas


def _value(value: float, unit: str) -> str:
    return f"{plain(value, 4)} {unit}".strip() if unit else f"{100 * value:.1f} %"


def _repeat_map(
    inputs: PictureInputs, title: str, values: Floats, unit: str, good: NDArray[np.bool_] | None = None
) -> Canvas:
    """One repeat to scale, every cell the colour of its value; the scale is that of the good cells."""
    low, high = _ends(values if good is None or not good.any() else values[good])
    shown = ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in colours(values, low, high).tolist()]
    canvas, x, y, h = _cells(inputs, title, shown, 220)
    canvas.scale(x + 24, y + 20, max(h - 40, 60), _value(low, unit), _value(high, unit), "")
    return canvas


def _one_bins(inputs: PictureInputs, one: OneRepeat) -> Canvas:
    """One repeat to scale, every cell the colour of its bin."""
    codes, counts = np.unique(one.bins, return_counts=True)
    titles = {0: "not tested", 1: "good"} | {rule["bin"]: rule["title"] for rule in inputs.bins["rules"]}
    lost = sorted((int(code) for code in codes if code > 1), key=lambda code: -int(counts[codes == code][0]))
    fills = {0: "#ffffff", 1: "#e6e6e6"} | {code: PALETTE[n % len(PALETTE)] for n, code in enumerate(lost)}
    shown = [fills[code] for code in one.bins.tolist()]
    canvas, x, y, _ = _cells(inputs, f"Repeat {one.number}: bins", shown, 300)
    for row, code in enumerate([*lost, *(code for code in (1, 0) if code in codes)]):
        canvas.rect(x + 24, y + 20 + 22 * row, 14, 14, fills[code], "#222222")
        words = f"{code} {titles.get(code, '')}: {int(counts[codes == code][0])}"
        canvas.text(x + 46, y + 32 + 22 * row, words)
    return canvas


def _cells(
    inputs: PictureInputs, title: str, shown: list[str], beside: float
) -> tuple[Canvas, float, float, float]:
    """Cells of a repeat in their colours; the picture, and the right end, top and height of the web in it."""
    web = inputs.web.map
    scale = min(640 / web.width_um, 560 / web.length_um)
    w, h = web.width_um * scale, web.length_um * scale
    canvas = Canvas(w + beside, h + 90, title, inputs.note)
    x, y = 40.0, 50.0
    canvas.rect(x, y, w, h, "#f7f7f7", "#222222")
    for (left, low), (a, b), fill in zip(web.corner_um * scale, web.size_um * scale, shown, strict=True):
        canvas.rect(x + left, y + h - low - b, a, b, fill)
    canvas.text(x + w / 2, y + h + 22, "across the web; the web runs up", anchor="middle")
    return canvas, x + w, y, h


class _Axes:
    """A frame with round ticks."""

    def __init__(
        self,
        canvas: Canvas,
        box: tuple[float, float, float, float],
        x: tuple[float, float],
        y: tuple[float, float],
        names: tuple[str, str],
    ) -> None:
        self.canvas, self.box = canvas, box
        self._x, self._y = nice_ticks(*x), nice_ticks(*y)
        left, top, width, height = box
        for value in self._x:
            at = self.at(value, self._y[0])
            canvas.line([(at[0], top), (at[0], top + height)], "#dddddd")
            canvas.text(at[0], top + height + 16, plain(value), anchor="middle")
        for value in self._y:
            at = self.at(self._x[0], value)
            canvas.line([(left, at[1]), (left + width, at[1])], "#dddddd")
            canvas.text(left - 6, at[1] + 4, plain(value), anchor="end")
        canvas.rect(left, top, width, height, "none", "#222222")
        canvas.text(left + width / 2, top + height + 34, names[0], anchor="middle")
        canvas.text(left - 52, top + height / 2, names[1], anchor="middle", turned=True)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies."""
        left, top, width, height = self.box
        return (
            left + (x - self._x[0]) / (self._x[-1] - self._x[0]) * width,
            top + height - (y - self._y[0]) / (self._y[-1] - self._y[0]) * height,
        )


def _lanes(inputs: PictureInputs) -> Canvas:
    """Share of failing cells by lane."""
    web, levels = inputs.web.map, inputs.levels
    tested, good = levels.tested.sum(axis=0), levels.good.sum(axis=0)
    rows = []
    for lane in np.argsort(web.lane_x_um).tolist():
        cells = web.by_lane[lane]
        n, k = int(tested[cells].sum()), int(good[cells].sum())
        if n:
            share = 1 - k / n
            rows.append((float(web.lane_x_um[lane]) / 1000, 100 * share, 100 * math.sqrt(share * (1 - share) / n)))
    canvas = Canvas(900, 330, "Lanes: share of tested cells that are not good", inputs.note)
    top = max((row[1] + 2 * row[2] for row in rows), default=1.0)
    axes = _Axes(
        canvas, (80, 45, 780, 225), (0, web.width_um / 1000), (0, max(top, 1e-3)), ("across the web, mm", "%")
    )
    wide = 0.35 * web.width_um / 1000 / max(web.lanes, 1)
    for x, share, error in rows:
        a, b = axes.at(x - wide, share), axes.at(x + wide, 0)
        canvas.rect(a[0], a[1], b[0] - a[0], b[1] - a[1], PALETTE[0])
        canvas.line([axes.at(x, max(share - 2 * error, 0)), axes.at(x, share + 2 * error)], "#222222")
    return canvas


def _trend(inputs: PictureInputs) -> Canvas:
    """Yield and readings along the web, repeat by repeat, with the limits of their charts."""
    levels = inputs.levels
    tested = levels.repeat_tested
    series = {
        "yield": np.where(tested > 0, levels.repeat_good / np.maximum(tested, 1), np.nan),
        **levels.repeat_mean,
    }
    shown = {name: values for name, values in series.items() if np.isfinite(values).sum() > 1}
    canvas = Canvas(900, 60 + 170 * len(shown), "Trend: mean of each repeat", inputs.note)
    for number, (name, values) in enumerate(shown.items()):
        factor = 100.0 if name == "yield" else 1.0
        low, high = _band(values * factor)
        chart = inputs.bins["charts"].get(name)
        ends = [float(np.nanmin(low)), float(np.nanmax(high))]
        if chart:
            ends = [min(ends[0], chart["low"] * factor), max(ends[1], chart["high"] * factor)]
        unit = "%" if name == "yield" else READING_UNITS[name]
        box = (80.0, 45.0 + 170 * number, 780.0, 110.0)
        axes = _Axes(canvas, box, (0, inputs.metres), (ends[0], ends[1]), ("along the web, m", f"{name}, {unit}"))
        metres = (np.arange(len(low)) + 0.5) / len(low) * inputs.metres
        there = np.isfinite(low)
        upper = [axes.at(m, v) for m, v in zip(metres[there], high[there], strict=True)]
        lower = [axes.at(m, v) for m, v in zip(metres[there], low[there], strict=True)]
        canvas.area([*upper, *lower[::-1]], "#9ecae1")
        middle = [((a[0]), (a[1] + b[1]) / 2) for a, b in zip(upper, lower, strict=True)]
        canvas.line(middle, PALETTE[0], 1.2)
        if chart:
            for key in ("low", "high"):
                level = chart[key] * factor
                canvas.line([axes.at(0, level), axes.at(inputs.metres, level)], PALETTE[1], 1.0, "5 3")
    return canvas


def _band(values: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest of each of at most 600 pieces."""
    pieces = np.array_split(values, min(len(values), _POINTS))
    ends = [
        (float(np.nanmin(p)), float(np.nanmax(p))) if np.isfinite(p).any() else (math.nan, math.nan) for p in pieces
    ]
    return np.array([a for a, _ in ends]), np.array([b for _, b in ends])


def _pareto(inputs: PictureInputs) -> Canvas:
    """What cells were lost to, the most first, and the sum so far."""
    rules = sorted((r for r in inputs.bins["rules"] if r["cells"]), key=lambda r: -r["cells"])[:12]
    canvas = Canvas(900, 90 + 26 * max(len(rules), 1), "Pareto: cells by the rule that decided", inputs.note)
    total = sum(rule["cells"] for rule in rules)
    most = max((rule["cells"] for rule in rules), default=1)
    so_far = 0
    for number, rule in enumerate(rules):
        y = 50.0 + 26 * number
        so_far += rule["cells"]
        canvas.text(250, y + 14, f"{rule['bin']} {rule['title']}", anchor="end")
        canvas.rect(260, y, 420 * rule["cells"] / most, 18, PALETTE[0])
        canvas.text(
            266 + 420 * rule["cells"] / most, y + 14, f"{rule['cells']}  ({100 * so_far / total:.1f} % so far)"
        )
    if not rules:
        canvas.text(260, 64, "no cell was lost")
    return canvas


def _folded(inputs: PictureInputs, name: str, circumference_um: float) -> Canvas:
    """Failures folded at a roll: lanes up, around the roll to the right."""
    fails = inputs.fails
    assert fails is not None
    web = fails.map
    bins = max(8, min(200, int(circumference_um / (2 * web.size_um[:, 1].min()))))
    field = np.full((web.lanes, bins), np.nan)
    for row, lane in enumerate(np.argsort(web.lane_x_um).tolist()):
        tested, failed = np.zeros((2, bins), dtype=np.int64)
        for places, bad in fails.along(lane):
            around = np.mod(fails.y_um(places), circumference_um) / circumference_um
            place = (around * bins).astype(np.int64) % bins
            tested += np.bincount(place, minlength=bins)
            failed += np.bincount(place[bad], minlength=bins)
        field[row] = np.where(tested > 0, failed / np.maximum(tested, 1), np.nan)
    low, high = _ends(field)
    canvas = Canvas(
        900, 330, f"Folded at {name}, {plain(circumference_um / 1000)} mm: share of failures", inputs.note
    )
    x, top, w, h = 70.0, 50.0, 720.0, 230.0
    high = max(high, float(np.nanmax(field)) if np.isfinite(field).any() else 1.0)
    canvas.image(x, top, w, h, colours(field[::-1], low, high))
    canvas.rect(x, top, w, h, "none", "#222222")
    for value in nice_ticks(0, circumference_um / 1000, 6):
        if value <= circumference_um / 1000:
            at = x + value * 1000 / circumference_um * w
            canvas.text(at, top + h + 18, plain(value), anchor="middle")
    canvas.text(x + w / 2, top + h + 36, "around the roll, mm", anchor="middle")
    canvas.text(x - 6, top + h - 2, "lane 1", 10, anchor="end")
    canvas.text(x - 6, top + 10, f"lane {web.lanes}", 10, anchor="end")
    canvas.scale(x + w + 22, top + 20, h - 40, _value(low, ""), _value(high, ""), "")
    return canvas


def _nyquist(inputs: PictureInputs) -> Canvas:
    """The band of 5 to 95 % of good cells around their median, and spectra that are not valid over it.

    The band is a box at each frequency, the quantiles of both parts of Z, and what lies between boxes of
    neighbouring frequencies: it holds the median, and no turn of a spectrum makes it cross itself.
    """
    assert inputs.spectra is not None
    _, z, valid, of_good = inputs.spectra
    good = z[valid & of_good] if (valid & of_good).any() else z
    low, middle, high = (
        np.column_stack([np.quantile(part, q, axis=0) for part in (good.real, -good.imag)])
        for q in (0.05, 0.5, 0.95)
    )
    canvas = Canvas(900, 520, f"Nyquist: {len(z)} spectra, {int((~valid).sum())} not valid", inputs.note)
    ends = [(min(0.0, float(low[:, part].min())), float(high[:, part].max())) for part in (0, 1)]
    axes = _Axes(canvas, (80, 62, 780, 393), ends[0], ends[1], ("Re Z, ohm cm2", "-Im Z, ohm cm2"))
    for outline in _between_boxes(low, high):
        canvas.area([axes.at(x, y) for x, y in outline], "#9ecae1")
    for spectrum in z[~valid][:30]:
        real, imaginary = np.clip(spectrum.real, *ends[0]), np.clip(-spectrum.imag, *ends[1])
        canvas.line(
            [axes.at(x, y) for x, y in zip(real.tolist(), imaginary.tolist(), strict=True)], PALETTE[1], 0.8
        )
    canvas.line([axes.at(x, y) for x, y in middle.tolist()], PALETTE[0], 2.0)
    words = "blue: median of good cells, and 5 to 95 % of them at each frequency; orange: not valid"
    canvas.text(860, 48, words, anchor="end")
    return canvas


def _between_boxes(low: Floats, high: Floats) -> Iterator[list[tuple[float, float]]]:
    """The convex outline around each box and the next one, of boxes by their corners, shape (n, 2)."""
    corners = np.stack(
        [low, np.column_stack([high[:, 0], low[:, 1]]), high, np.column_stack([low[:, 0], high[:, 1]])]
    )
    for at in range(max(len(low) - 1, 1)):
        yield _convex(sorted({(float(x), float(y)) for x, y in corners[:, at : at + 2].reshape(-1, 2)}))


def _convex(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The convex outline of points that are sorted, by Andrew's chains."""
    outline: list[tuple[float, float]] = []
    for way in (points, points[::-1]):
        chain: list[tuple[float, float]] = []
        for x, y in way:
            while len(chain) > 1 and (
                (chain[-1][0] - chain[-2][0]) * (y - chain[-2][1])
                <= (chain[-1][1] - chain[-2][1]) * (x - chain[-2][0])
            ):
                chain.pop()
            chain.append((x, y))
        outline += chain[:-1]
    return outline or points
