"""Drawings against the layout: the section is the cut along the layout's own SECTION line; marks stand alike."""

import numpy as np
import pytest
from shapely import LineString, Polygon, unary_union

from layoutgen.draw.section import cut_spans
from layoutgen.draw.sheets.web_map import fiducials_mm
from layoutgen.geometry.boxes import turned
from layoutgen.layout.build import build_layout
from tests.draw.designs import DBU_NM, TEN, inputs

CHANGED = {"wide land": {"overrides": (("device.contact_land", "300"), ("device.window_length", "200"))}}


def layout_of(drawn):
    return build_layout(drawn.loaded, drawn.template, drawn.cell_um, drawn.plan, "part", dbu_nm=int(DBU_NM))


def shapes_below(layout, name, origin=(0, 0), turns=0):
    """Every polygon and path below a cell in that cell's coordinates; arrays are not needed here."""
    cell = layout.cell(name)
    for shape in cell.shapes:
        points = [turned(point, turns) for point in shape.points]
        yield shape.layer, [(x + origin[0], y + origin[1]) for x, y in points]
    for place in cell.placements:
        moved = tuple(a + b for a, b in zip(turned(place.origin, turns), origin, strict=True))
        yield from shapes_below(layout, place.cell, moved, turns + place.quarter_turns)


@pytest.mark.parametrize("name", ["20 mAh in 8 x 10", "long and thin", "square", "wide land"])
def test_the_section_is_the_cut_along_the_line_in_the_layout(name):
    drawn = inputs(**(TEN | CHANGED)[name])
    shapes = list(shapes_below(layout_of(drawn), "STACK"))
    (line,) = [points for layer, points in shapes if layer == "SECTION"]
    x0, x1, y = drawn.template.section_line(*drawn.cell_um)
    in_um = [(px * DBU_NM / 1000, py * DBU_NM / 1000) for px, py in line]
    assert np.allclose(in_um, [(x0, y), (x1, y)], atol=1e-9)
    compared = 0
    for layer, spans in cut_spans(drawn).items():
        rings = [Polygon(points) for drawn_on, points in shapes if drawn_on == layer]
        if not rings:
            continue
        cut = unary_union(rings).intersection(LineString(line))
        parts = [part for part in getattr(cut, "geoms", [cut]) if part.length > 0]
        found = sorted((part.bounds[0] * DBU_NM / 1000, part.bounds[2] * DBU_NM / 1000) for part in parts)
        assert np.allclose(found, sorted(spans), atol=1e-6), layer
        compared += 1
    assert compared >= 8


@pytest.mark.parametrize("name", ["20 mAh in 8 x 10", "one layer", "largest", "on mica"])
def test_fiducials_of_the_web_map_are_those_of_the_layout(name):
    drawn = inputs(**TEN[name])
    layout = layout_of(drawn)
    (repeat,) = [p.cell for p in layout.cell(layout.top).placements if p.cell != "STACK"]
    found = []
    for field in layout.cell(repeat).placements:
        for place in layout.cell(field.cell).placements:
            if place.cell == "FIDUCIAL":
                at = (field.origin[0] + place.origin[0], field.origin[1] + place.origin[1])
                found.append((at[0] * DBU_NM * 1e-6, at[1] * DBU_NM * 1e-6))
    assert len(fiducials_mm(drawn)) == len(found)
    assert np.allclose(sorted(fiducials_mm(drawn)), sorted(found))
