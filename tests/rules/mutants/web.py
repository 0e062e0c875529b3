"""Webs off the grid, with streets, masks and stray shapes that do not belong together."""

from dataclasses import replace

from layoutgen.layout.model import Path, Polygon
from tests.rules.mutants.changes import MARGIN, good_webs, limit_dbu, street_cells, wider
from tests.rules.webs import added, context, edited, square, web


def grid(sample, rule):
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


def angle(sample, rule):
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


def street(sample, rule):
    layout = sample.layout
    beyond = []
    for name in street_cells(sample)[:2]:
        for sides in ((-1, 0, 0, 0), (0, 0, 0, -1)):
            beyond += [(f"{name} {sides}", wider(layout, name, rule.of, sides))]
    beyond.append(("ring", wider(layout, "FIELD_1", rule.of, (0, 0, -1, 0))))
    beyond.append(("ring of the other field", wider(layout, "FIELD_2", rule.of, (0, 1, 0, 0))))
    beyond.append(("a bar less", without_first(layout, "FIELD_1", "BAR")))
    beyond.append(("a shape too many", added(layout, "REPEAT", rule.of, square(*MARGIN, 1))))
    return beyond, good_webs()


def centre(sample, rule):
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
    return beyond, good_webs()


def mask(sample, rule):
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
    elif rule.view == "cells":
        moves = (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, -1)
        beyond = [(f"FIDUCIAL {move}", wider(layout, "FIDUCIAL", "MARK", move)) for move in moves]
        characters = [cell.name for cell in layout.cells if cell.name.startswith("CHAR_")][:3]
        beyond += [(name, wider(layout, name, "LABEL", (0, 0, 1, 0))) for name in characters]
    else:
        layers = ("MASK_FILM_LOWER", "MASK_TAB", "MASK_FILM_UPPER", "MASK_TERMINAL", "TAB", "TERM_NEG_WRAP")
        beyond = [(layer, wider(layout, "STACK", layer, (0, 0, 1, 0))) for layer in layers]
    return beyond, [*good_webs(), ("biased", context(web("biased")))]


def stray(sample, rule):
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
