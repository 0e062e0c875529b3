"""A list of primitives in the making: the verbs that sheets are drawn with."""

from collections.abc import Iterable, Sequence
from typing import Literal

from layoutgen.draw.metrics import text_width
from layoutgen.draw.scene import (
    HAIR,
    THICK,
    THIN,
    Anchor,
    Box,
    Circle,
    Dimension,
    Hatch,
    Item,
    Path,
    Pen,
    Point,
    Role,
    Scene,
    Strokes,
    Text,
    arrow,
    rectangle,
)

SMALL = 2.5
NORMAL = 3.5
LARGE = 5.0


def clean(text: str) -> str:
    """Text that every backend can carry: one line, no control characters."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


class Draft:
    """Collects primitives; :meth:`scene` freezes them."""

    def __init__(self, width_mm: float, height_mm: float, title: str) -> None:
        self._size = (width_mm, height_mm)
        self._title = clean(title)
        self._items: list[Item] = []

    def scene(self) -> Scene:
        return Scene(*self._size, self._title, tuple(self._items))

    def add(self, *items: Item) -> None:
        self._items.extend(items)

    def line(self, points: Sequence[Point], pen: Pen = THIN, role: Role = Role.PART) -> None:
        self.add(Path(tuple(points), pen, role=role))

    def strokes(self, lines: Iterable[tuple[Point, Point]], pen: Pen = THIN, role: Role = Role.PART) -> None:
        kept = tuple(lines)
        if kept:
            self.add(Strokes(kept, pen, role))

    def box(
        self,
        box: Box,
        pen: Pen | None = THICK,
        fill: str | None = None,
        role: Role = Role.PART,
        hatch: Hatch | None = None,
    ) -> None:
        self.add(rectangle(box, pen, fill, role, hatch))

    def circle(self, centre: Point, radius: float, pen: Pen | None = THIN, fill: str | None = None) -> None:
        self.add(Circle(centre, radius, pen, fill))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        height: float = SMALL,
        anchor: Anchor = "start",
        *,
        vertical: bool = False,
        opaque: bool = False,
        on_part: bool = False,
        colour: str = "#000000",
        role: Role = Role.NOTE,
    ) -> None:
        content = clean(text)
        if content:
            self.add(Text((x, y), content, height, anchor, vertical, opaque, on_part, colour, role))

    def lines_of_text(self, x: float, top: float, lines: Iterable[str], height: float = SMALL) -> float:
        """Lines one below the other from ``top`` downwards, leading spaces as indent; returns the y below them."""
        y = top
        for line in lines:
            y -= height * 1.7
            indent = (len(line) - len(line.lstrip())) * height * 0.5
            self.text(x + indent, y, line, height)
        return y - height * 0.7

    def dimension(
        self,
        start: Point,
        end: Point,
        line: float,
        text: str,
        scale: float,
        *,
        vertical: bool = False,
        place: Literal["inside", "before", "after"] | None = None,
        value_mm: float | None = None,
        height: float = NORMAL,
    ) -> None:
        """A dimension; its text goes outside where it does not fit between the arrows."""
        axis = 1 if vertical else 0
        length = abs(end[axis] - start[axis])
        needed = text_width(text, height) + 1.0
        chosen = place or ("inside" if length >= needed else "after")
        value = length / scale if value_mm is None else value_mm
        self.add(Dimension(start, end, line, clean(text), value, scale, vertical, chosen, height))

    def leader(
        self,
        tip: Point,
        elbow: Point,
        lines: Sequence[str],
        height: float = SMALL,
        *,
        dot: bool = False,
    ) -> None:
        """A leader from ``tip`` to ``elbow``; the text stands beyond the elbow, on the side away from the tip."""
        right = elbow[0] >= tip[0]
        shelf = (elbow[0] + (2.0 if right else -2.0), elbow[1])
        self.line((tip, elbow, shelf), THIN, Role.NOTE)
        if dot:
            self.add(Circle(tip, 0.5, None, "#000000", Role.NOTE))
        else:
            self.add(arrow(tip, (tip[0] - elbow[0], tip[1] - elbow[1]), Role.NOTE))
        x = shelf[0] + (0.8 if right else -0.8)
        y = elbow[1] - height / 2 + (len(lines) - 1) * height * 0.75
        for line in lines:
            self.text(x, y, line, height, "start" if right else "end")
            y -= height * 1.5

    def table(
        self,
        x: float,
        top: float,
        widths: Sequence[float],
        rows: Sequence[Sequence[str]],
        height: float = SMALL,
        *,
        header: int = 1,
        row_mm: float | None = None,
    ) -> float:
        """A ruled table; the first column is set left, the others centred. Returns its lower edge."""
        pitch = row_mm or height * 2.0
        bottom = top - pitch * len(rows)
        total = sum(widths)
        edges = [x]
        for width in widths:
            edges.append(edges[-1] + width)
        rules = [((x, top - pitch * i), (x + total, top - pitch * i)) for i in range(1, len(rows)) if i != header]
        self.strokes(rules, HAIR, Role.TABLE)
        self.strokes([((edge, bottom), (edge, top)) for edge in edges[1:-1]], HAIR, Role.TABLE)
        self.box(Box(x, bottom, x + total, top), THICK, role=Role.TABLE)
        if 0 < header < len(rows):
            self.line(((x, top - pitch * header), (x + total, top - pitch * header)), THIN, Role.TABLE)
        for i, row in enumerate(rows):
            base = top - pitch * (i + 0.5) - height / 2
            for j, cell in enumerate(row):
                left, right = edges[j], edges[j + 1]
                if j == 0:
                    self.text(left + 1.2, base, cell, height, role=Role.TABLE)
                else:
                    self.text((left + right) / 2, base, cell, height, "middle", role=Role.TABLE)
        return bottom


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions at least ``gap`` apart inside ``low .. high``, in the given (rising) order, near the wanted ones.

    Where they do not fit at ``gap`` they are spaced evenly over the whole span.
    """
    count = len(wanted)
    if count == 0:
        return []
    if gap * (count - 1) >= high - low:
        step = (high - low) / max(count - 1, 1)
        return [low + step * i for i in range(count)]
    # pool adjacent violators on the positions less their minimum offsets
    pools: list[list[float]] = []
    for i, value in enumerate(wanted):
        pools.append([value - gap * i, 1.0])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, weight = pools.pop()
            other, share = pools.pop()
            pools.append([(mean * weight + other * share) / (weight + share), weight + share])
    flat = [mean for mean, weight in pools for _ in range(round(weight))]
    limit = high - gap * (count - 1)
    return [min(max(value, low), limit) + gap * i for i, value in enumerate(flat)]
