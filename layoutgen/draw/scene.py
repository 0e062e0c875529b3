"""A drawing as data: frozen primitives in mm on paper, y upwards, origin at the lower left of the sheet.

Text is ``height`` high in the sense of ISO 3098 (capital letters); line widths follow ISO 128 (0.5 and 0.25 mm).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from layoutgen.draw.metrics import DESCENT, text_reach, text_width

Point: TypeAlias = tuple[float, float]
Anchor = Literal["start", "middle", "end"]
ARROW_MM: Final = 2.5
TEXT_GAP_MM: Final = 0.1
EXTENSION_GAP_MM: Final = 1.0
EXTENSION_PAST_MM: Final = 1.5


class Role(StrEnum):
    """What a primitive is for; backends that have layers use one for each."""

    FRAME = "FRAME"
    PART = "PART"
    DIMENSION = "DIM"
    NOTE = "NOTE"
    TABLE = "TABLE"
    AUXILIARY = "AUX"


@dataclass(frozen=True, slots=True)
class Pen:
    """Line width, dash pattern (mm) and colour."""

    width_mm: float
    dash: tuple[float, ...] = ()
    colour: str = "#000000"


THICK: Final = Pen(0.5)
THIN: Final = Pen(0.25)
HAIR: Final = Pen(0.13)
CENTRE: Final = Pen(0.25, (6.0, 1.0, 0.5, 1.0))
HIDDEN: Final = Pen(0.25, (2.0, 1.0))


@dataclass(frozen=True, slots=True)
class Hatch:
    """Parallel lines that tell a cut material from its neighbours without colour (ISO 128-50), mm on paper.

    One of the lines runs through the sheet's origin, ``angle_deg`` from the horizontal; ``crossed`` adds the lines
    at right angles to them. A pattern is the same everywhere on a sheet, so pieces of one material agree.
    """

    angle_deg: float
    spacing_mm: float
    dash: tuple[float, float] | None = None
    crossed: bool = False
    colour: str = "#3a3f46"

    @property
    def name(self) -> str:
        """Names the pattern in files: letters, figures and underscores."""
        parts = [self.angle_deg % 180, self.spacing_mm, *(self.dash or ())]
        text = "_".join(f"{part:g}".replace(".", "P") for part in parts)
        return f"{'X' if self.crossed else 'L'}{text}_{self.colour[1:]}"

    @property
    def pen(self) -> Pen:
        return Pen(0.13, (), self.colour)


@dataclass(frozen=True, slots=True)
class Path:
    """Straight lines through ``points``, with holes where it is filled."""

    points: tuple[Point, ...]
    pen: Pen | None = THIN
    closed: bool = False
    fill: str | None = None
    holes: tuple[tuple[Point, ...], ...] = ()
    role: Role = Role.PART
    hatch: Hatch | None = None
    """Drawn over the fill; only of closed paths."""


@dataclass(frozen=True, slots=True)
class Strokes:
    """Many separate straight lines of one pen, kept together so that a backend can write them as one."""

    lines: tuple[tuple[Point, Point], ...]
    pen: Pen = THIN
    role: Role = Role.PART


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle, filled or not."""

    centre: Point
    radius: float
    pen: Pen | None = THIN
    fill: str | None = None
    role: Role = Role.PART


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; ``at`` is on the base line.

    ``opaque`` puts a white box behind it, which hides what was drawn before. ``on_part`` says that it is meant to
    stand on the part.
    """

    at: Point
    text: str
    height: float = 2.5
    anchor: Anchor = "start"
    vertical: bool = False
    opaque: bool = False
    on_part: bool = False
    colour: str = "#000000"
    role: Role = Role.NOTE

    @property
    def width(self) -> float:
        return text_width(self.text, self.height)


@dataclass(frozen=True, slots=True)
class Dimension:
    """A linear dimension between two points, horizontal or vertical.

    ``line`` is the y of a horizontal dimension line, the x of a vertical one. ``value_mm`` is the true length, the
    distance on paper over ``scale`` unless the view is not to scale. ``place`` puts the text between the arrows or
    past one end, where the arrows point inwards from outside.
    """

    start: Point
    end: Point
    line: float
    text: str
    value_mm: float
    scale: float
    vertical: bool = False
    place: Literal["inside", "before", "after"] = "inside"
    height: float = 3.5

    @property
    def span(self) -> tuple[float, float]:
        axis = 1 if self.vertical else 0
        low, high = sorted((self.start[axis], self.end[axis]))
        return low, high

    @property
    def label(self) -> Text:
        low, high = self.span
        width = text_width(self.text, self.height)
        past = ARROW_MM * 1.6
        along = {
            "inside": (low + high) / 2,
            "before": low - past - width / 2,
            "after": high + past + width / 2,
        }[self.place]
        gap = DESCENT * self.height + TEXT_GAP_MM
        across = self.line - gap if self.vertical else self.line + gap
        at = (across, along) if self.vertical else (along, across)
        return Text(at, self.text, self.height, "middle", self.vertical, role=Role.DIMENSION)


Item: TypeAlias = Path | Strokes | Circle | Text | Dimension


@dataclass(frozen=True, slots=True)
class Scene:
    """One sheet."""

    width_mm: float
    height_mm: float
    title: str
    items: tuple[Item, ...]

    def texts(self) -> Iterator[Text]:
        """Every text, those of dimensions included."""
        for item in self.items:
            if isinstance(item, Text):
                yield item
            elif isinstance(item, Dimension):
                yield item.label

    def dimensions(self) -> Iterator[Dimension]:
        """Every dimension, in drawing order."""
        return (item for item in self.items if isinstance(item, Dimension))


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-parallel box."""

    x0: float
    y0: float
    x1: float
    y1: float


def text_box(text: Text) -> Box:
    """What a text covers, from below its descenders to its tallest letters, whatever the face."""
    width, x, y = text.width, *text.at
    shift = {"start": 0.0, "middle": -width / 2, "end": -width}[text.anchor]
    above, below = text_reach(text.text, text.height)
    if text.vertical:
        return Box(x - above, y + shift, x + below, y + shift + width)
    return Box(x + shift, y - below, x + shift + width, y + above)


def extent(scene: Scene) -> Box:
    """The smallest box around everything that is drawn."""
    xs: list[float] = []
    ys: list[float] = []
    for item in exploded(scene.items):
        if isinstance(item, Text):
            box = text_box(item)
            points: Iterable[Point] = ((box.x0, box.y0), (box.x1, box.y1))
        elif isinstance(item, Circle):
            x, y, r = *item.centre, item.radius
            points = ((x - r, y - r), (x + r, y + r))
        elif isinstance(item, Strokes):
            points = (point for line in item.lines for point in line)
        else:
            points = item.points
        for x, y in points:
            xs.append(x)
            ys.append(y)
    if not xs:
        return Box(0.0, 0.0, scene.width_mm, scene.height_mm)
    return Box(min(xs), min(ys), max(xs), max(ys))


def rectangle(
    box: Box, pen: Pen | None = THIN, fill: str | None = None, role: Role = Role.PART, hatch: Hatch | None = None
) -> Path:
    """A closed rectangle."""
    points = ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))
    return Path(points, pen, closed=True, fill=fill, role=role, hatch=hatch)


def arrow(tip: Point, direction: Point, role: Role = Role.DIMENSION) -> Path:
    """A filled arrow head whose tip is at ``tip``, pointing along ``direction``."""
    length = math.hypot(*direction)
    ux, uy = direction[0] / length, direction[1] / length
    bx, by = tip[0] - ux * ARROW_MM, tip[1] - uy * ARROW_MM
    half = ARROW_MM / 6
    points = (tip, (bx - uy * half, by + ux * half), (bx + uy * half, by - ux * half))
    return Path(points, None, closed=True, fill="#000000", role=role)


def explode(dimension: Dimension) -> tuple[Item, ...]:
    """The lines, arrows and text that a dimension is drawn with."""
    axis = 1 if dimension.vertical else 0
    low, high = dimension.span
    line = dimension.line

    def on_line(along: float) -> Point:
        return (line, along) if dimension.vertical else (along, line)

    lines: list[tuple[Point, Point]] = []
    for foot in (dimension.start, dimension.end):
        across = foot[1 - axis]
        sign = 1.0 if line >= across else -1.0
        if abs(line - across) > EXTENSION_GAP_MM:
            tail, head = across + sign * EXTENSION_GAP_MM, line + sign * EXTENSION_PAST_MM
            pair = ((foot[0], tail), (foot[0], head)) if axis == 0 else ((tail, foot[1]), (head, foot[1]))
            lines.append(pair)
    inward = dimension.place != "inside" or high - low < 2.6 * ARROW_MM
    outer = ARROW_MM * 1.6
    reach_low = low - outer if inward else low
    reach_high = high + outer if inward else high
    width = dimension.label.width
    if dimension.place == "before":
        reach_low -= width
    elif dimension.place == "after":
        reach_high += width
    lines.append((on_line(reach_low), on_line(reach_high)))
    sign = 1.0 if inward else -1.0
    unit = (0.0, 1.0) if dimension.vertical else (1.0, 0.0)
    heads = (
        arrow(on_line(low), (unit[0] * sign, unit[1] * sign)),
        arrow(on_line(high), (-unit[0] * sign, -unit[1] * sign)),
    )
    return (Strokes(tuple(lines), THIN, Role.DIMENSION), *heads, dimension.label)


def exploded(items: Iterable[Item]) -> Iterator[Path | Strokes | Circle | Text]:
    """The items with every dimension replaced by what it is drawn with."""
    for item in items:
        if isinstance(item, Dimension):
            for part in explode(item):
                if not isinstance(part, Dimension):
                    yield part
        else:
            yield item
