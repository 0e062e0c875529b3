"""Outlines for tests: the shapes that products need, and random ones."""

import math
import random

from layoutgen.geometry.crossings import self_crossing
from layoutgen.geometry.outline import outline_of
from layoutgen.geometry.shapes import outline_from

MM = 1_000_000
SEVEN = {
    "circle": "circle:d=10",
    "stadium": "stadium:12x4",
    "rounded": "rounded:10x8,r=2",
    "D": "d-shape:12x10",
    "sector": "sector:r=9..11.5,angle=100",
    "L": "l-shape:12x8,arm=4",
    "hexagon": "hexagon:10",
}


def shape(text):
    return outline_from(text)[0]


def random_outline(seed, *, arcs=0.4, least=3, most=9, radius_mm=6.0):
    """A simple path around its middle: corners at random distances, some edges arcs."""
    source = random.Random(seed)
    while True:
        count = source.randint(least, most)
        angles = sorted(source.uniform(0, 2 * math.pi) for _ in range(count))
        if max(b - a for a, b in zip(angles, [*angles[1:], angles[0] + 2 * math.pi], strict=True)) > 2.6:
            continue
        corners = []
        for angle in angles:
            r = source.uniform(0.4, 1.0) * radius_mm * MM
            corners.append((round(r * math.cos(angle)), round(r * math.sin(angle))))
        bulges = [source.uniform(-0.5, 0.8) if source.random() < arcs else 0.0 for _ in corners]
        if len(set(corners)) < count:
            continue
        found = outline_of(corners, bulges)
        if found.area > 3 * MM**2 and min(found.size) > MM and self_crossing(found) is None:
            return found.at_origin()


def fine(outline, parts=400):
    """The same outline as points, dense on arcs, for oracles."""
    points = []
    for edge in outline.edges:
        steps = parts if edge.bulge else 1
        chord = complex(edge.x1 - edge.x0, edge.y1 - edge.y0)
        for k in range(steps):
            if not edge.bulge:
                points.append((edge.x0, edge.y0))
                continue
            # the place on the arc as seen from its start: inscribed angles
            turn = 4 * math.atan(edge.bulge)
            part = turn * k / steps
            away = chord * math.sin(part / 2) / math.sin(turn / 2)
            place = complex(edge.x0, edge.y0) + away * complex(
                math.cos((part - turn) / 2), math.sin((part - turn) / 2)
            )
            points.append((place.real, place.imag))
    return points
