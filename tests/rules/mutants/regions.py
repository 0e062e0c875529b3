"""Regions a little too small, unlike, shared, or too many, and just right."""

import ast
import math
from dataclasses import replace

from shapely.geometry import Polygon as Outline

from layoutgen.layer_expressions import layers_of, parse_layers
from layoutgen.pdk.limits import limit_of
from layoutgen.pdk.values import numbers
from tests.rules.mutants.changes import BESIDE, FAR, moved, outside
from tests.rules.webs import added, edited, on_device, rect, square, union


def area(sample, rule):
    limit = limit_of(rule, numbers(sample.pdk)) * (1000 / sample.dbu_nm) ** 2
    beyond, inside = [], []
    for divisor in (1, 2, 3, 5, 7):
        w = math.floor(math.sqrt(limit)) // divisor + 13
        for made, h in ((beyond, math.ceil(limit / w) - 1), (inside, math.ceil(limit / w))):
            shapes = union(rect(0, 0, w, h), square(FAR, 0, 2 * math.ceil(math.sqrt(limit))))
            made.append((f"{w} x {h}", on_device(sample, {rule.of: shapes})))
    return beyond, inside


def equal(sample, rule):
    first, *more = layers_of(parse_layers(rule.against))
    s = 700_000
    base = square(0, 0, s)
    changes = {
        "left": Outline.from_bounds(-1, 0, s, s), "right": Outline.from_bounds(0, 0, s + 1, s),
        "low": Outline.from_bounds(0, 1, s, s), "high": Outline.from_bounds(0, 0, s, s - 1),
        "one corner": base - square(0, 0, 1), "one hole": base - square(5_000, 5_000, 1),
    }  # fmt: skip
    beyond, inside = [], []
    for number, (what, changed) in enumerate(changes.items()):
        parts = {first: base}
        hole = square(200_000, 200_000, 50_000)
        if more:
            parts = {first: base - hole, more[0]: hole}
        beyond.append((what, on_device(sample, {rule.of: changed} | parts)))
        other = base | rect(s, 1_000 * number, 10_000, 9_000)
        parts = {first: other - hole, more[0]: hole} if more else {first: other}
        inside.append((f"alike {number}", on_device(sample, {rule.of: other} | parts)))
    return beyond, inside


def empty(sample, rule):
    tree = ast.parse(rule.of, mode="eval").body
    a, *others = layers_of(parse_layers(rule.of))
    s = 600_000
    touching = {
        "left": (-s, 0), "right": (s, 0), "low": (0, -s), "high": (0, s), "corner": (s, s),
    }  # fmt: skip
    toward = {"left": (1, 0), "right": (-1, 0), "low": (0, 1), "high": (0, -1), "corner": (-1, -1)}
    beyond, inside = [], []
    for number, what in enumerate(touching):
        b = others[number % len(others)] if isinstance(tree.op, ast.BitAnd) else others[0]
        rest = [layer for layer in others if layer != b]
        if isinstance(tree.op, ast.BitAnd):
            (x, y), (i, j) = touching[what], toward[what]
            shapes = [{a: square(0, 0, s), b: square(x + i, y + j, s)}, {a: square(0, 0, s), b: square(x, y, s)}]
        else:
            grown = {
                "left": (-1, 0, s, s),
                "right": (0, 0, s + 1, s),
                "low": (0, -1, s, s),
                "high": (0, 0, s, s + 1),
            }
            bounds = grown.get(what, (0, 0, s, s))
            over = Outline.from_bounds(*bounds)
            over = over | square(s, 5_000, 1) if what == "corner" else over
            shapes = [
                {a: over, b: square(0, 0, s)},
                {a: rect(number, number, s - number, s - number), b: square(0, 0, s)},
            ]
        for made, regions in zip((beyond, inside), shapes, strict=True):
            if rule.view == "device":
                layout = on_device(sample, regions | outside(rest))
            else:
                layout = sample.layout
                spot = (500_000, 900_000) if rule.view == "web" else (BESIDE, 3_000_000)
                for layer, region in regions.items():
                    layout = added(layout, "REPEAT", layer, moved(region, *spot))
            made.append((what, layout))
    return beyond, inside


def single(sample, rule):
    s = 400_000
    beyond, inside = [], []
    steps = {
        "left": (1 - s, 0),
        "right": (s - 1, 0),
        "low": (0, 1 - s),
        "high": (0, s - 1),
        "corner": (s - 1, s - 1),
    }
    apart = {"left": (-s, 0), "right": (s, 0), "low": (0, -s), "high": (0, s), "corner": (s, s)}
    for made, offsets in ((beyond, steps), (inside, apart)):
        for what, offset in offsets.items():
            spot = 800_000, 900_000
            shapes = square(*spot, s), moved(square(*spot, s), *offset)
            made.append((what, added(sample.layout, "REPEAT", rule.of, *shapes)))
    return beyond, inside


def density(sample, rule):
    limit = limit_of(rule, numbers(sample.pdk))
    beyond, inside = [], []
    a, b = layers_of(parse_layers(rule.of))
    for side in (1_000_000, 1_300_000, 2_000_000, 900_000, 1_100_000):
        h = math.ceil(limit * side)
        for made, step in ((beyond, 1), (inside, 0)):
            regions = {a: rect(0, 0, side, h - step), b: rect(0, 0, side, h), rule.against: square(0, 0, side)}
            made.append((f"{side}, {step}", on_device(sample, regions)))
    return beyond, inside


def count(sample, rule):
    def without(layout, cell, placed, number):
        def change(item):
            mine = [p for p in item.placements if p.cell == placed]
            kept = tuple(p for p in item.placements if p is not mine[number])
            return replace(item, placements=kept)

        return edited(layout, cell, change)

    spots = [(BESIDE - 3_000_000 * n, 500_000 * n) for n in range(5)]
    layout = sample.layout
    extra = [added(layout, "REPEAT", rule.against, square(*spot, 100_000)) for spot in spots]
    beyond = [(f"one more {rule.against} at {spot}", item) for spot, item in zip(spots, extra, strict=True)]
    if rule.relation == "equal":
        more = [added(layout, "REPEAT", rule.of, square(*spot, 100_000)) for spot in spots]
        beyond += [("one more", item) for item in more]
        inside = [("as drawn", layout)]
        for number, spot in enumerate(spots):
            both = added(extra[number], "REPEAT", rule.of, square(*spot, 50_000))
            inside.append(("one more of each", both))
    else:
        beyond += [("one less", without(layout, "FIELD_1", rule.of, n)) for n in (0, 1)]
        inside = [("as drawn", layout)]
        inside += [("one more", added(layout, "REPEAT", rule.of, square(*spot, 100_000))) for spot in spots]
    return beyond, inside
