"""Geometric checks of a drawing: nothing overlaps, nothing leaves the frame."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from layoutgen.draw.scene import Box, Circle, Path, Point, Role, Scene, Strokes, Text, exploded, text_box

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_SLACK_MM = 0.1
Line = tuple[Point, Point]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What a drawing holds, by kind; each with its place in the order of drawing."""

    texts: list[tuple[int, Text]] = field(default_factory=list)
    lines: list[tuple[int, Line]] = field(default_factory=list)
    fills: list[Box] = field(default_factory=list)


def collisions(scene: Scene, margin: Box | None = None) -> tuple[str, ...]:
    """What is wrong with a drawing, in words; empty where nothing is.

    Checked: texts lie inside the sheet (or ``margin``), no two texts overlap, no line runs through a text (unless
    an opaque text was drawn over it), and no text stands on a filled part unless it is meant to.
    """
    import numpy as np

    limits = margin or Box(0.0, 0.0, scene.width_mm, scene.height_mm)
    found = _sorted(scene)
    if not found.texts:
        return ()
    texts = [text for _, text in found.texts]
    boxes = [text_box(text) for text in texts]
    outside = [
        f"{text.text!r} leaves the sheet"
        for text, box in zip(texts, boxes, strict=True)
        if box.x0 < limits.x0 or box.y0 < limits.y0 or box.x1 > limits.x1 or box.y1 > limits.y1
    ]
    edges = np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes]) + np.array([1, 1, -1, -1]) * _SLACK_MM
    return (*outside, *_overlaps(texts, edges), *_struck(found, edges))


def _sorted(scene: Scene) -> _Sorted:
    found = _Sorted()
    for place, item in enumerate(exploded(scene.items)):
        match item:
            case Text():
                found.texts.append((place, item))
            case Strokes():
                found.lines.extend((place, line) for line in item.lines)
            case Path():
                found.lines.extend((place, line) for line in _segments(item))
                if item.fill and item.role is Role.PART and item.closed:
                    found.fills.append(_bounds(item))
            case Circle():
                found.lines.extend((place, line) for line in _round(item))
    return found


def _overlaps(texts: list[Text], edges: "Array") -> Iterator[str]:
    """Texts that lie over each other."""
    import numpy as np

    for i, text in enumerate(texts):
        a, rest = edges[i], edges[i + 1 :]
        hit = (rest[:, 0] < a[2]) & (a[0] < rest[:, 2]) & (rest[:, 1] < a[3]) & (a[1] < rest[:, 3])
        yield from (f"{text.text!r} overlaps {texts[i + 1 + j].text!r}" for j in np.flatnonzero(hit))


def _struck(found: _Sorted, edges: "Array") -> Iterator[str]:
    """Texts that a line runs through, or that stand on a part."""
    import numpy as np

    lines = np.array([(*start, *end) for _, (start, end) in found.lines]).reshape(-1, 4)
    places = np.array([place for place, _ in found.lines])
    for (place, text), box in zip(found.texts, edges, strict=True):
        crossing = _crossing(lines, box)
        if text.opaque:
            crossing &= places > place
        if crossing.any():
            x0, y0, x1, y1 = lines[int(crossing.argmax())]
            yield f"a line ({x0:.1f}, {y0:.1f})-({x1:.1f}, {y1:.1f}) runs through {text.text!r}"
        if text.on_part or text.opaque:
            continue
        if any(
            fill.x0 < box[2] and box[0] < fill.x1 and fill.y0 < box[3] and box[1] < fill.y1 for fill in found.fills
        ):
            yield f"{text.text!r} stands on the part"


def _segments(path: Path) -> list[Line]:
    if path.pen is None:
        return []
    found: list[Line] = []
    for ring in (path.points, *path.holes):
        found += pairwise(ring)
        if path.closed:
            found.append((ring[-1], ring[0]))
    return found


def _round(circle: Circle) -> list[Line]:
    if circle.pen is None:
        return []
    x, y = circle.centre
    points = [
        (x + circle.radius * math.cos(i * math.tau / 24), y + circle.radius * math.sin(i * math.tau / 24))
        for i in range(25)
    ]
    return list(pairwise(points))


def _bounds(path: Path) -> Box:
    xs, ys = [x for x, _ in path.points], [y for _, y in path.points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _crossing(lines: "Array", box: "Array") -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Which lines pass through the open box: the part of each that lies inside by x and by y (Liang-Barsky)."""
    import numpy as np

    start, delta = lines[:, :2], lines[:, 2:] - lines[:, :2]
    enter, leave = np.zeros(len(lines)), np.ones(len(lines))
    inside = np.ones(len(lines), dtype=bool)
    for axis in (0, 1):
        low, high = box[axis], box[axis + 2]
        d, p = delta[:, axis], start[:, axis]
        flat = np.abs(d) < 1e-12
        inside &= ~flat | ((p > low) & (p < high))
        safe = np.where(flat, 1.0, d)
        t0, t1 = (low - p) / safe, (high - p) / safe
        enter = np.where(flat, enter, np.maximum(enter, np.minimum(t0, t1)))
        leave = np.where(flat, leave, np.minimum(leave, np.maximum(t0, t1)))
    return inside & (enter < leave)
