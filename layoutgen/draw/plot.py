"""Small line plots as scenes, for the datasheet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from layoutgen.draw.builder import Draft
from layoutgen.draw.scene import THIN, Box, Pen, Point, Role, Scene
from layoutgen.units import plain

_SIZE: Final = (80.0, 56.0)
_AREA: Final = Box(13.0, 11.0, 77.0, 50.0)
_CURVE: Final = Pen(0.5, (), "#b3372e")
_DASHED: Final = Pen(0.35, (1.2, 0.8), "#b3372e")
_GRID: Final = Pen(0.13, (), "#b5b5b5")
_TEXT: Final = 1.9


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve with the names of its axes, units included."""

    title: str
    x_name: str
    y_name: str
    points: tuple[Point, ...]
    dashed: tuple[tuple[Point, ...], ...] = ()
    """What may as well be: curves that no measurement excludes."""

    @property
    def every_point(self) -> list[Point]:
        return [*self.points, *(point for points in self.dashed for point in points)]


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values (1, 2, 5 and tenfolds apart) that cover ``low .. high``."""
    span = high - low if high > low else max(abs(high), 1.0)
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(i * step, 12) for i in range(first, max(last, first + 1) + 1)]


def plot(curve: Curve) -> Scene:
    """A curve in a frame with round ticks."""
    draft = Draft(*_SIZE, curve.title)
    every = curve.every_point
    x_ticks = nice_ticks(min(x for x, _ in every), max(x for x, _ in every))
    y_ticks = nice_ticks(min(y for _, y in every), max(y for _, y in every))

    def at(x: float, y: float) -> Point:
        return (
            _AREA.x0 + (x - x_ticks[0]) / (x_ticks[-1] - x_ticks[0]) * (_AREA.x1 - _AREA.x0),
            _AREA.y0 + (y - y_ticks[0]) / (y_ticks[-1] - y_ticks[0]) * (_AREA.y1 - _AREA.y0),
        )

    grid = [(at(x, y_ticks[0]), at(x, y_ticks[-1])) for x in x_ticks[1:-1]]
    grid += [(at(x_ticks[0], y), at(x_ticks[-1], y)) for y in y_ticks[1:-1]]
    draft.strokes(grid, _GRID, Role.AUXILIARY)
    draft.box(_AREA, THIN, role=Role.AUXILIARY)
    columns, rows = [at(x, y_ticks[0])[0] for x in x_ticks], [at(x_ticks[0], y)[1] for y in y_ticks]
    _labels(draft, x_ticks, y_ticks, columns, rows)
    for points in curve.dashed:
        draft.line([at(*point) for point in points], _DASHED, Role.AUXILIARY)
    draft.line([at(*point) for point in curve.points], _CURVE, Role.AUXILIARY)
    draft.text((_AREA.x0 + _AREA.x1) / 2, 2.5, curve.x_name, _TEXT, "middle")
    draft.text(_AREA.x0 - 8.0, _AREA.y1 + 2.2, curve.y_name, _TEXT)
    return draft.scene()


def _labels(
    draft: Draft, x_ticks: Sequence[float], y_ticks: Sequence[float], at_x: Sequence[float], at_y: Sequence[float]
) -> None:
    for value, x in zip(x_ticks, at_x, strict=True):
        draft.text(x, _AREA.y0 - 3.4, plain(value), _TEXT, "middle")
    for value, y in zip(y_ticks, at_y, strict=True):
        draft.text(_AREA.x0 - 1.2, y - _TEXT / 2, plain(value), _TEXT, "end")
