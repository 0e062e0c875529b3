"""For every rule: layouts just beyond its limit, by one grid step, and layouts just inside.

Each check has its own maker; it gives pairs (name, changed layout or subject) for "beyond" and "inside". Only the
layers that the rule names are changed, and only that rule is judged.
"""

import ast
import math
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry import Polygon as Outline

from layoutgen.layer_expressions import layers_of, parse_layers
from layoutgen.layout.geometry import canonical
from layoutgen.layout.model import Path, Polygon
from layoutgen.pdk.vary import numbers
from layoutgen.rules.limits import limit_of
from tests.rules.webs import added, edited, on_device, rect, square, subject, union, web

FAR = 20_000_000
"""Away from the device, in dbu."""
MARGIN = (300_000, 500_000)
"""A spot on the web's unusable edge, free of streets and cells."""
BESIDE = -30_000_000
"""x of a spot beside the web."""


def mutants(name, rule, sample=None):
    """(beyond, inside): lists of (what, Subject)."""
    sample = sample or web()
    makers = {
        "width": _width, "space": _space, "separation": _separation, "enclosure": _enclosure,
        "extension": _extension, "size": _size, "area": _area, "equal": _equal, "empty": _empty,
        "single": _single, "density": _density, "count": _count, "grid": _grid, "angle": _angle,
        "street": _street, "centre": _centre, "mask": _mask, "stray": _stray, "short": _short, "open": _open,
        "insulation": _insulation, "figure": _figure,
    }  # fmt: skip
    beyond, inside = makers[rule.check](sample, rule)
    return (
        [(what, item if not hasattr(item, "cells") else subject(sample, item)) for what, item in beyond],
        [(what, item if not hasattr(item, "cells") else subject(sample, item)) for what, item in inside],
    )


def limit_dbu(sample, rule):
    return round(limit_of(rule, numbers(sample.pdk)) * 1000 / sample.dbu_nm)


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


def moved(region, x, y):
    return shapely.transform(region, lambda points: np.add(points, (x, y)))


def _width(sample, rule):
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


def _space(sample, rule):
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


def _separation(sample, rule):
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


def _enclosure(sample, rule):
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
                made.append((what, on_device(sample, {rule.of: inner, outer_layer: outer} | _outside(more))))
            else:
                spot = BESIDE, 4_000_000
                layout = added(sample.layout, "REPEAT", rule.of, moved(inner, *spot))
                made.append((what, added(layout, "REPEAT", outer_layer, moved(outer, *spot))))
        found.append(made)
    return found


def _outside(layers):
    return {layer: square(FAR + 3_000_000 * n, FAR, 1_000_000) for n, layer in enumerate(layers, 1)}


def _extension(sample, rule):
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


def _size(sample, rule):
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


def _area(sample, rule):
    limit = limit_of(rule, numbers(sample.pdk)) * (1000 / sample.dbu_nm) ** 2
    beyond, inside = [], []
    for divisor in (1, 2, 3, 5, 7):
        w = math.floor(math.sqrt(limit)) // divisor + 13
        for made, h in ((beyond, math.ceil(limit / w) - 1), (inside, math.ceil(limit / w))):
            shapes = union(rect(0, 0, w, h), square(FAR, 0, 2 * math.ceil(math.sqrt(limit))))
            made.append((f"{w} x {h}", on_device(sample, {rule.of: shapes})))
    return beyond, inside


def _equal(sample, rule):
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


def _empty(sample, rule):
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
                layout = on_device(sample, regions | _outside(rest))
            else:
                layout = sample.layout
                spot = (500_000, 900_000) if rule.view == "web" else (BESIDE, 3_000_000)
                for layer, region in regions.items():
                    layout = added(layout, "REPEAT", layer, moved(region, *spot))
            made.append((what, layout))
    return beyond, inside


def _single(sample, rule):
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


def _density(sample, rule):
    limit = limit_of(rule, numbers(sample.pdk))
    beyond, inside = [], []
    a, b = layers_of(parse_layers(rule.of))
    for side in (1_000_000, 1_300_000, 2_000_000, 900_000, 1_100_000):
        h = math.ceil(limit * side)
        for made, step in ((beyond, 1), (inside, 0)):
            regions = {a: rect(0, 0, side, h - step), b: rect(0, 0, side, h), rule.against: square(0, 0, side)}
            made.append((f"{side}, {step}", on_device(sample, regions)))
    return beyond, inside


def _count(sample, rule):
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


def _grid(sample, rule):
    step = limit_dbu(sample, rule)
    places = [
        ("CELL", "SUBSTRATE"),
        ("STACK", "TAB"),
        ("REPEAT", "FIELD"),
        ("CELL", "ABLATE_STACK"),
        ("REPEAT", "LABEL"),
    ]
    beyond, inside = [], []
    for made, off in ((beyond, 1), (inside, step)):
        for cell, layer in places:
            made.append(
                (f"{layer} by {off}", added(sample.layout, cell, layer, square(step * 100, off, step * 200)))
            )

        def shifted(item, off=off):
            first, *rest = item.placements
            x, y = first.origin
            return replace(item, placements=(replace(first, origin=(x + off, y)), *rest))

        made.append((f"placement by {off}", edited(sample.layout, "REPEAT", shifted)))

        def stretched(item, off=off):
            found = tuple(
                replace(p, pitch=(p.pitch[0] + off, p.pitch[1])) if p.cell == "CELL" else p for p in item.placements
            )
            return replace(item, placements=found)

        made.append((f"pitch by {off}", edited(sample.layout, "FIELD_1", stretched)))
    return beyond, inside


def _angle(sample, rule):
    places = [
        ("CELL", "SUBSTRATE"),
        ("STACK", "TAB"),
        ("REPEAT", "FIELD"),
        ("CELL", "ABLATE_STACK"),
        ("REPEAT", "LABEL"),
    ]
    beyond, inside = [], []
    for cell, layer in places:
        s = 100_000
        bent = Polygon(layer, ((0, 0), (s, 1), (s, s), (0, s)))
        straight = Polygon(layer, ((0, 0), (s, 0), (s, s), (0, s)))
        for made, polygon in ((beyond, bent), (inside, straight)):
            change = lambda item, polygon=polygon: replace(item, polygons=(*item.polygons, polygon))  # noqa: E731
            made.append((f"{layer} in {cell}", edited(sample.layout, cell, change)))
    return beyond, inside


def street_cells(sample):
    return [cell.name for cell in sample.layout.cells if cell.name.startswith(("BAR", "SEGMENT"))]


def wider(layout, name, layer, sides):
    """The first polygon of a layer in a cell with edges moved outwards by dbu: (x0, y0, x1, y1)."""

    def change(cell):
        done, polygons = False, []
        for polygon in cell.polygons:
            if polygon.layer == layer and not done:
                done = True
                xs, ys = [p[0] for p in polygon.points], [p[1] for p in polygon.points]
                box = min(xs), min(ys), max(xs), max(ys)
                points = tuple(
                    (
                        x - sides[0] if x == box[0] else x + sides[2] if x == box[2] else x,
                        y - sides[1] if y == box[1] else y + sides[3] if y == box[3] else y,
                    )
                    for x, y in polygon.points
                )
                kept = canonical(points)
                polygons += [replace(polygon, points=kept)] if kept else []
            else:
                polygons.append(polygon)
        return replace(cell, polygons=tuple(polygons))

    return edited(layout, name, change)


def without_first(layout, name, wanted):
    """Without the first placement of a cell whose name starts so."""

    def change(cell):
        kept, gone = [], False
        for placement in cell.placements:
            if not gone and placement.cell.startswith(wanted):
                gone = True
            else:
                kept.append(placement)
        return replace(cell, placements=tuple(kept))

    return edited(layout, name, change)


def _street(sample, rule):
    layout = sample.layout
    beyond = []
    for name in street_cells(sample)[:2]:
        for sides in ((-1, 0, 0, 0), (0, 0, 0, -1)):
            beyond += [(f"{name} {sides}", wider(layout, name, rule.of, sides))]
    beyond.append(("ring", wider(layout, "FIELD_1", rule.of, (0, 0, -1, 0))))
    beyond.append(("ring of the other field", wider(layout, "FIELD_2", rule.of, (0, 1, 0, 0))))
    beyond.append(("a bar less", without_first(layout, "FIELD_1", "BAR")))
    beyond.append(("a shape too many", added(layout, "REPEAT", rule.of, square(*MARGIN, 1))))
    return beyond, _good_webs()


def _good_webs():
    names = ("two fields", "long cells", "free", "wide kerf", "one orientation", "nanosecond")
    return [(name, subject(web(name))) for name in names]


def _centre(sample, rule):
    layout = sample.layout

    def change_path(name, change):
        def edit(cell):
            first, *rest = [path for path in cell.paths if path.layer == rule.of]
            other = tuple(path for path in cell.paths if path.layer != rule.of)
            return replace(cell, paths=(*other, *change(first), *rest))

        return edited(layout, name, edit)

    def by(dx0, dy0, dx1, dy1):
        def change(path):
            (x0, y0), (x1, y1) = path.points
            return (Path(path.layer, path.width, ((x0 + dx0, y0 + dy0), (x1 + dx1, y1 + dy1))),)

        return change

    bars = [cell.name for cell in layout.cells if cell.name.startswith("BAR")]
    lines = [cell.name for cell in layout.cells if cell.name.startswith("LINE")]
    beyond = [
        ("bar aside", change_path(bars[0], by(1, 0, 1, 0))),
        ("bar longer", change_path("FIELD_1", by(0, 0, 1, 0))),
        ("line up", change_path(lines[0], by(0, 1, 0, 1))),
        ("line twice", change_path(lines[0], lambda path: (path, path))),
        ("bar twice", change_path(bars[0], lambda path: (path, path))),
        ("line missing", change_path("FIELD_1", lambda _: ())),
        ("field line aside", change_path("FIELD_2", by(0, 1, 0, 1))),
    ]
    return beyond, _good_webs()


def _mask(sample, rule):
    layout = sample.layout
    if rule.view == "web":
        beyond = [
            ("ABLATE_ANODE in the cell", wider(layout, "CELL", "ABLATE_ANODE", (0, 0, 1, 0))),
            ("ABLATE_STACK in the cell", wider(layout, "CELL", "ABLATE_STACK", (0, 0, 0, -1))),
            ("CUT in the field", wider(layout, "FIELD_1", "CUT", (-1, 0, 0, 0))),
            ("CATHODE without its masks", wider(layout, "CELL", "CATHODE", (0, 0, -1, 0))),
            ("ANODE_CC without its mask", wider(layout, "CELL", "ANODE_CC", (1, 0, 0, 0))),
        ]
        beyond += [(f"CUT in {name}", wider(layout, name, "CUT", (0, 0, -1, 0))) for name in street_cells(sample)]
    else:
        layers = ("MASK_FILM_LOWER", "MASK_TAB", "MASK_FILM_UPPER", "MASK_TERMINAL", "TAB", "TERM_NEG_WRAP")
        beyond = [(layer, wider(layout, "STACK", layer, (0, 0, 1, 0))) for layer in layers]
    return beyond, [*_good_webs(), ("biased", subject(web("biased")))]


def _stray(sample, rule):
    layout = sample.layout
    beyond = [
        (f"{layer} in {cell}", added(layout, cell, layer, square(*MARGIN, 1)))
        for cell, layer in (
            ("REPEAT", "ANODE_CC"), ("FIELD_1", "SUBSTRATE"), (layout.top, "CATHODE"), ("FIELD_2", "TAB"),
            ("STACK", "ANODE_CC"), ("CELL", "FILM_LOWER"), (street_cells(sample)[0], "PROBE"),
        )
    ]  # fmt: skip
    inside = [
        (f"{layer} in {cell}", added(layout, cell, layer, square(*MARGIN, 1)))
        for cell, layer in (
            ("CELL", "ANODE_CC"), ("CELL", "SUBSTRATE"), ("STACK", "TAB"), ("STACK", "ENCAP"),
            ("FIELD_1", "STREET"), ("REPEAT", "LABEL"),
        )
    ]  # fmt: skip
    return beyond, inside


def drawn(sample):
    """The regions of the device as drawn."""
    place = subject(sample).places.device
    return {element.layer: place.region(element.layer) for element in sample.template.template.elements}


def bounds(region):
    return [round(value) for value in region.bounds]


def seeded_shorts(sample):
    """A contact for every pair of opposite conductors, one dbu large, by the least change that makes it."""
    r = drawn(sample)
    x0, y0, x1, _y1 = bounds(r["ANODE_CC"])
    sx0, sy0, sx1, sy1 = bounds(r["SUBSTRATE"])
    wx0, wy0, _wx1, _wy1 = bounds(r["FILM_OPEN"])
    spot = square(x0 + 1_000, y0 + 1_000, 1)
    beside_window = square(wx0 - 1_000, wy0 + 1_000, 1)
    pinhole = {"ELECTROLYTE": r["ELECTROLYTE"] - spot}
    middle = (sy0 + sy1) // 2
    to_pos = rect(sx0, middle, x0 - sx0, 1)
    return {
        "SUBSTRATE and ANODE_CC": {
            "CATHODE": r["CATHODE"] - spot, "ELECTROLYTE": r["ELECTROLYTE"] - spot,
        },
        "CATHODE and ANODE_CC": pinhole,
        "SUBSTRATE and TAB": {
            layer: r[layer] - beside_window for layer in ("CATHODE", "ELECTROLYTE", "ANODE_CC", "FILM_LOWER")
        },
        "CATHODE and TAB": {layer: r[layer] - beside_window for layer in ("ELECTROLYTE", "ANODE_CC", "FILM_LOWER")},
        "TAB and the next SUBSTRATE": {"FILM_UPPER": r["FILM_UPPER"] - square(wx0, wy0, 1)},
        "ANODE_CC and the next SUBSTRATE": {
            layer: r[layer] - spot for layer in ("FILM_LOWER", "FILM_UPPER")
        },
        "TAB and the next CATHODE": {
            "FILM_UPPER": r["FILM_UPPER"] - square(wx0, wy0, 1), "SUBSTRATE": r["SUBSTRATE"] - square(wx0, wy0, 1),
        },
        "ANODE_CC and the next CATHODE": {
            layer: r[layer] - spot for layer in ("FILM_LOWER", "FILM_UPPER", "SUBSTRATE")
        },
        "TERM_POS and ANODE_CC": {"ANODE_CC": r["ANODE_CC"] | to_pos},
        "TERM_POS and TAB": {"TAB": r["TAB"] | rect(sx0, middle, x1 - sx0, 1)},
        "TERM_NEG and SUBSTRATE": {
            "TERM_NEG": r["TERM_NEG"] | rect(sx1, middle, bounds(r["TERM_NEG"])[0] - sx1, 1)
        },
        "TERM_NEG and CATHODE": {"CATHODE": r["CATHODE"] | rect(x1, middle, bounds(r["TERM_NEG"])[0] - x1, 1)},
        "TERM_POS and TERM_NEG": {"TERM_NEG": r["TERM_NEG"] | rect(sx0, sy0 - 60_000, sx1 - sx0 + 200_000, 20_000)},
        "TERM_POS_WRAP and TERM_NEG_WRAP": {
            "TERM_NEG_WRAP": r["TERM_NEG_WRAP"] | rect(sx0, middle, sx1 - sx0, 1),
        },
        "TERM_POS and TERM_NEG_WRAP": {"TERM_NEG_WRAP": r["TERM_NEG_WRAP"] | rect(sx0 - 10, middle, sx1 - sx0, 1)},
        "TERM_NEG and TERM_POS_WRAP": {
            "TERM_POS_WRAP": r["TERM_POS_WRAP"] | rect(sx0, middle, bounds(r["TERM_NEG"])[0] - sx0, 1),
        },
    }  # fmt: skip


def seeded_opens(sample):
    """A break in every link of both nets."""
    r = drawn(sample)
    wx0, _wy0, wx1, _wy1 = bounds(r["FILM_OPEN"])
    tx0, ty0, tx1, ty1 = bounds(r["TAB"])
    sx0, sy0, sx1, sy1 = bounds(r["SUBSTRATE"])
    ax0, ay0, _ax1, ay1 = bounds(r["ANODE_CC"])
    middle = (sx0 + sx1) // 2
    return {
        "TERM_POS off SUBSTRATE": {"SUBSTRATE": r["SUBSTRATE"] - rect(sx0, sy0, 1, sy1 - sy0)},
        "TERM_POS off its wrap": {"TERM_POS_WRAP": moved(r["TERM_POS_WRAP"], 100_000, 0)},
        "TERM_NEG off TAB": {"TAB": r["TAB"] - rect(tx1 - 1, ty0, 1, ty1 - ty0)},
        "TERM_NEG off its wrap": {"TERM_NEG_WRAP": moved(r["TERM_NEG_WRAP"], -100_000, 0)},
        "TAB broken": {"TAB": r["TAB"] - rect(wx1 + 1_000, ty0, 1, ty1 - ty0)},
        "window closed": {"FILM_LOWER": r["FILM_LOWER"] | r["FILM_OPEN"]},
        "window beside the tab": {"TAB": r["TAB"] - rect(tx0, ty0, wx1 - tx0, ty1 - ty0)},
        "collector broken": {"ANODE_CC": r["ANODE_CC"] - rect(wx0 - 1_000, ay0, 1, ay1 - ay0)},
        "foil broken": {"SUBSTRATE": r["SUBSTRATE"] - rect(middle, sy0, 1, sy1 - sy0)},
        "cathode off the foil": {"CATHODE": r["CATHODE"] | square(FAR, FAR, 1)},
        "an island of collector": {"ANODE_CC": r["ANODE_CC"] | square(ax0 - 5_000, ay0, 1_000)},
        "no tab": {"TAB": square(FAR, FAR, 1)},
    }


def _sound(sample):
    """Devices that have no short and no open: other webs, and changes that leave one dbu of everything."""
    r = drawn(sample)
    x0, _y0, _x1, _y1 = bounds(r["ANODE_CC"])
    sx0, sy0, sx1, sy1 = bounds(r["SUBSTRATE"])
    wx0, wy0, wx1, _wy1 = bounds(r["FILM_OPEN"])
    _tx0, ty0, _tx1, ty1 = bounds(r["TAB"])
    middle = (sy0 + sy1) // 2
    changes = {
        "collector one step before the + terminal": {"ANODE_CC": r["ANODE_CC"] | rect(sx0 + 1, middle, x0 - sx0, 1)}
        | {layer: r[layer] | rect(sx0, middle - 5, x0 - sx0, 20) for layer in ("ELECTROLYTE", "FILM_LOWER")},
        "- terminal one step before the foil": {
            "TERM_NEG": r["TERM_NEG"] | rect(sx1 + 1, middle, bounds(r["TERM_NEG"])[0] - sx1, 1)
        },
        "tab hangs by one step": {"TAB": r["TAB"] - rect(wx1 + 1_000, ty0, 500, ty1 - ty0 - 1)},
        "foil hangs by one step": {"SUBSTRATE": r["SUBSTRATE"] - rect(sx1 // 2, sy0, 1, sy1 - sy0 - 1)},
        "window open by one step": {
            "FILM_LOWER": r["FILM_LOWER"] | (r["FILM_OPEN"] - square(wx0, wy0, 1)),
        },
        "as drawn": {},
    }  # fmt: skip
    return [(what, on_device(sample, regions)) for what, regions in changes.items()]


def _short(sample, rule):
    return [(what, on_device(sample, item)) for what, item in seeded_shorts(sample).items()], _sound(sample)


def _open(sample, rule):
    return [(what, on_device(sample, item)) for what, item in seeded_opens(sample).items()], _sound(sample)


def _insulation(sample, rule):
    limit = limit_dbu(sample, rule)
    r = drawn(sample)
    _sx0, sy0, sx1, sy1 = bounds(r["SUBSTRATE"])
    ex0, ey0, _ex1, _ey1 = bounds(r["ELECTROLYTE"])
    px1 = bounds(r["TERM_POS"])[2]
    middle = (sy0 + sy1) // 2
    found = []
    for least in (limit - 1, limit):
        made = {
            "collector and bare foil, x": {
                "ANODE_CC": r["ANODE_CC"] | rect(ex0 + least, middle, 500_000, 50_000),
            },
            "collector and bare foil, y": {
                "ANODE_CC": r["ANODE_CC"] | rect(ex0 + 900_000, ey0 + least, 50_000, 500_000),
            },
            "- terminal and foil": {
                "TERM_NEG": r["TERM_NEG"] | rect(sx1 + least, middle, 300_000, 50_000),
            },
            "terminals below": {
                "TERM_NEG_WRAP": r["TERM_NEG_WRAP"]
                | rect(bounds(r["TERM_POS_WRAP"])[2] + least, middle, sx1, 50_000),
            },
            "tab and bare foil": {
                "TAB": r["TAB"] | rect(bounds(r["FILM_UPPER"])[0] + least, middle, 500_000, 50_000),
            },
            "- terminal, top and bottom, and + face": {
                "TERM_NEG_WRAP": square(px1 + least, middle, 90_000),
                "TERM_POS_WRAP": square(-FAR, middle, 90_000),
            },
        }  # fmt: skip
        found.append([(what, on_device(sample, regions)) for what, regions in made.items()])
    return found


def _figure(sample, rule):
    """Figures one step of a nanometre beyond the limit, at five sizes."""
    from layoutgen.expressions import names_in, parse_expression

    beyond, inside = [], []
    limits = names_in(parse_expression(rule.limit))
    for size in (500.0, 1234.5, 7770.0, 9999.999, 12_345.678):
        figures = dict.fromkeys(subject(sample).figures, size)
        base = subject(sample)
        base = replace(base, figures=figures)
        limit = limit_of(rule, base.values)
        step = {"at least": -0.001, "at most": 0.001, "equal": 0.001}[rule.relation]
        for made, value in ((beyond, limit + step), (inside, limit)):
            changed = figures | {rule.figure: value}
            if rule.figure in limits:
                continue
            made.append((f"{value}", replace(base, figures=changed)))
    return beyond, inside
