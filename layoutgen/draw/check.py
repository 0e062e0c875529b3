"""Geometric checks of a drawing: nothing overlaps, nothing leaves the frame."""

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from layoutgen.draw.scene import Box, Circle, Path, Point, Role, Scene, Strokes, Text, exploded, text_box

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

_SLACK_MM = 0.1


def collisions(scene: Scene, margin: Box | None = None) -> tuple[str, ...]:
    """What is wrong with a drawing, in words; empty where nothing is.

    Checked: texts lie inside the sheet (or ``margin``), no two texts overlap, no line runs through a text (unless
    an opaque text was drawn over it), and no text stands on a filled part unless it is meant to.
    """
    import numpy as np

    limits = margin or Box(0.0, 0.0, scene.width_mm, scene.height_mm)
    texts: list[Text] = []
    order: list[int] = []
    segments: list[tuple[Point, Point]] = []
    drawn: list[int] = []
    fills: list[tuple[Box, int]] = []
    for index, item in enumerate(exploded(scene.items)):
        if isinstance(item, Text):
            texts.append(item)
            order.append(index)
        elif isinstance(item, Strokes):
            segments += item.lines
            drawn += [index] * len(item.lines)
        elif isinstance(item, Path):
            lines = _segments(item)
            segments += lines
            drawn += [index] * len(lines)
            if item.fill and item.role is Role.PART and item.closed:
                fills.append((_bounds(item), index))
        elif isinstance(item, Circle):
            lines = _round(item)
            segments += lines
            drawn += [index] * len(lines)
    boxes = [text_box(text) for text in texts]
    found = [
        f"{text.text!r} leaves the sheet"
        for text, box in zip(texts, boxes, strict=True)
        if box.x0 < limits.x0 or box.y0 < limits.y0 or box.x1 > limits.x1 or box.y1 > limits.y1
    ]
    if not boxes:
        return tuple(found)
    edges = np.array([(box.x0, box.y0, box.x1, box.y1) for box in boxes]) + np.array([1, 1, -1, -1]) * _SLACK_MM
    for i in range(len(boxes)):
        a, rest = edges[i], edges[i + 1 :]
        hit = (rest[:, 0] < a[2]) & (a[0] < rest[:, 2]) & (rest[:, 1] < a[3]) & (a[1] < rest[:, 3])
        found += [f"{texts[i].text!r} overlaps {texts[i + 1 + j].text!r}" for j in np.flatnonzero(hit)]
    lines_array = np.array([(*start, *end) for start, end in segments]).reshape(-1, 4)
    positions = np.array(drawn)
    for text, box, place in zip(texts, edges, order, strict=True):
        crossing = _crossing(lines_array, box)
        if text.opaque:
            crossing &= positions > place
        if crossing.any():
            x0, y0, x1, y1 = lines_array[int(crossing.argmax())]
            found.append(f"a line ({x0:.1f}, {y0:.1f})-({x1:.1f}, {y1:.1f}) runs through {text.text!r}")
        if text.on_part or text.opaque:
            continue
        found += [
            f"{text.text!r} stands on the part"
            for fill, _ in fills
            if fill.x0 < box[2] and box[0] < fill.x1 and fill.y0 < box[3] and box[1] < fill.y1
        ][:1]
    return tuple(found)


def _segments(path: Path) -> list[tuple[Point, Point]]:
    if path.pen is None:
        return []
    found: list[tuple[Point, Point]] = []
    for ring in (path.points, *path.holes):
        found += pairwise(ring)
        if path.closed:
            found.append((ring[-1], ring[0]))
    return found


def _round(circle: Circle) -> list[tuple[Point, Point]]:
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
