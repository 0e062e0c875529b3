"""Distances one grid step too short, and just long enough."""

import math

from shapely.geometry import Polygon as Outline

from layoutgen.layer_expressions import layers_of, parse_layers
from tests.rules.mutants.changes import BESIDE, MARGIN, limit_dbu, moved, outside
from tests.rules.webs import added, on_device, rect, square, union


def narrow_shapes(w, limit):
    """Shapes whose least width is w (or the nearest diagonal), all else far above the limit."""
    big = 4 * limit
    diagonal = math.ceil(w / math.sqrt(2)) if w >= limit else math.ceil(limit / math.sqrt(2)) - 1
    return {
        "narrow in x": rect(0, 0, w, big),
        "narrow in y": rect(0, 0, big, w),
        "neck in x": union(rect(0, 0, big, limit), rect(limit, 0, w, 3 * limit), rect(0, 2 * limit, big, limit)),
        "neck in y": union(rect(0, 0, limit, big), rect(0, limit, 3 * limit, w), rect(2 * limit, 0, limit, big)),
        "neck across": union(
            square(0, 0, 2 * limit), square(2 * limit - diagonal, 2 * limit - diagonal, 2 * limit)
        ),
    }


def width(sample, rule):
    limit = limit_dbu(sample, rule)
    layers = layers_of(parse_layers(rule.of))
    x, y = 400_000, 400_000
    found = []
    for w in (limit - 1, limit):
        made = []
        for what, shape in narrow_shapes(w, limit).items():
            if rule.view == "device":
                base = moved(shape, x, y)
                regions = {layers[0]: base} | {layer: square(0, 0, 5_000_000) for layer in layers[1:]}
                made.append((what, on_device(sample, regions)))
            elif rule.view == "cells":
                cell = "FIDUCIAL" if rule.of == "FIDUCIAL" else "REPEAT"
                made.append((what, added(sample.layout, cell, rule.of, moved(shape, *MARGIN))))
            else:
                made.append((what, added(sample.layout, "REPEAT", rule.of, moved(shape, *MARGIN))))
        found.append(made)
    return found


def spaced_shapes(gap, limit):
    size = min(3 * limit, 1_000_000)
    diagonal = math.ceil(gap / math.sqrt(2)) if gap >= limit else math.ceil(limit / math.sqrt(2)) - 1
    a = square(0, 0, size)
    return {
        "to the right": (a, square(size + gap, 0, size)),
        "above": (a, square(0, size + gap, size)),
        "across": (a, square(size + diagonal, size + diagonal, size)),
        "to the left, shifted": (a, square(-size - gap, size // 3, size)),
        "below, shifted": (a, square(size // 3, -size - gap, size)),
    }


def space(sample, rule):
    limit = limit_dbu(sample, rule)
    spot = MARGIN if rule.view == "web" else (BESIDE, 8_000_000)
    found = []
    for gap in (limit - 1, limit):
        made = [
            (what, added(sample.layout, "REPEAT", rule.of, *(moved(shape, *spot) for shape in shapes)))
            for what, shapes in spaced_shapes(gap, limit).items()
        ]
        size = 3 * limit
        if rule.view == "web":
            notch = union(
                square(0, 0, size), square(size + gap, 0, size), rect(0, size - limit, 2 * size + gap, limit)
            )
            made.append(("notch", added(sample.layout, "REPEAT", rule.of, moved(notch, *spot))))
        found.append(made)
    return found


def separation(sample, rule):
    limit = limit_dbu(sample, rule)
    found = []
    for gap in (limit - 1, limit):
        made = []
        for what, (a, b) in spaced_shapes(gap, limit).items():
            if rule.view == "device":
                made.append((what, on_device(sample, {rule.of: a, rule.against: b})))
            else:
                spot = BESIDE, 5_000_000
                layout = added(sample.layout, "REPEAT", layers_of(parse_layers(rule.of))[0], moved(a, *spot))
                made.append((what, added(layout, "REPEAT", rule.against, moved(b, *spot))))
        found.append(made)
    return found


def enclosure(sample, rule):
    limit = limit_dbu(sample, rule)
    outer_layer, *more = layers_of(parse_layers(rule.against))
    found = []
    for least in (limit - 1, limit):
        made = []
        size = 5 * limit
        inner = square(0, 0, size)
        sides = {"left": 0, "low": 1, "right": 2, "high": 3}
        outers = {}
        for what, side in sides.items():
            reach = [2 * limit] * 4
            reach[side] = least
            outers[what] = Outline.from_bounds(-reach[0], -reach[1], size + reach[2], size + reach[3])
        diagonal = math.ceil(limit / math.sqrt(2)) - (1 if least < limit else 0)
        whole = Outline.from_bounds(-2 * limit, -2 * limit, size + 2 * limit, size + 2 * limit)
        outers["inner corner"] = whole - square(size + diagonal, size + diagonal, 4 * limit)
        for what, outer in outers.items():
            if rule.view == "device":
                made.append((what, on_device(sample, {rule.of: inner, outer_layer: outer} | outside(more))))
            else:
                spot = BESIDE, 4_000_000
                layout = added(sample.layout, "REPEAT", rule.of, moved(inner, *spot))
                made.append((what, added(layout, "REPEAT", outer_layer, moved(outer, *spot))))
        found.append(made)
    return found


def extension(sample, rule):
    limit = limit_dbu(sample, rule)
    found = []
    for least in (limit - 1, limit):
        made = []
        for number in range(5):
            side = rule.sides[number % len(rule.sides)]
            size = (3 + number) * max(limit, 10_000)
            reach = {"x0": 2 * limit, "y0": 2 * limit, "x1": 2 * limit, "y1": 2 * limit, side: least}
            inner = rect(0, 0, size, size + 7_000)
            outer = Outline.from_bounds(-reach["x0"], -reach["y0"], size + reach["x1"], size + 7_000 + reach["y1"])
            made.append((f"{side} of {size}", on_device(sample, {rule.of: outer, rule.against: inner})))
        found.append(made)
    return found


def size(sample, rule):
    limit = limit_dbu(sample, rule)
    found = []
    for size in (limit + 1, limit):
        made = []
        for number in range(5):
            other = (number + 1) * 1_000_000
            w, h = (size, other) if rule.sides[0][0] == "x" else (other, size)
            where = BESIDE - number * 3_000_000, number * 100_000
            made.append((f"beside {other}", added(sample.layout, "REPEAT", rule.of, rect(*where, w, h))))
        found.append(made)
    return found
