"""Every kind of element, at every level of a good design, saved by KLayout and by gdstk: judged right or named.

A square of LABEL 100 um wide is the probe: in a field it breaks WEB009, on the edge of the web it breaks nothing.
"""

import json
from functools import cache

import gdstk
import klayout.db as kdb
import pytest

from layoutgen.export.gds import gds_bytes
from layoutgen.flow import layout_of
from layoutgen.foreign.reading import read_layout
from layoutgen.layout.measure import LayoutIndex
from layoutgen.rules.from_file import check_received, read_received, received
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.foreign import records as r
from tests.rules.webs import SMALL_WEB

LABEL = 67
FIELD, EDGE = (6_000_000, 6_000_000), (1_000_000, 4_000_000)
"""In dbu of the repeat: in the first field, and on the edge of the web."""


@cache
def design():
    solution = solve(build_spec({"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}, {}))
    return solution, layout_of(solution)


@cache
def own_gds():
    solution, layout = design()
    return gds_bytes(layout, solution.loaded.pdk)


def judged(path):
    solution, own = design()
    return check_received(solution, read_received(path, solution, own))


def broken(report):
    return {state.rule for state in report.states if state.state in {"failed", "not run"}}


def klayout_design(folder):
    path = folder / "own.gds"
    path.write_bytes(own_gds())
    layout = kdb.Layout()
    layout.read(str(path))
    return layout


def saved(layout, folder):
    """A KLayout layout as GDSII and OASIS of KLayout and of gdstk."""
    paths = [folder / name for name in ("k.gds", "k.oas", "k10.oas", "g.gds", "g.oas")]
    layout.write(str(paths[0]))
    for path, level in ((paths[1], 2), (paths[2], 10)):
        options = kdb.SaveLayoutOptions()
        options.format = "OASIS"
        options.oasis_compression_level = level
        layout.write(str(path), options)
    library = gdstk.read_gds(str(paths[0]))
    library.write_gds(str(paths[3]))
    library.write_oas(str(paths[4]))
    return paths


def square(x, y):
    return kdb.Box(x, y, x + 100_000, y + 100_000)


def in_a_cell(layout, shapes, cell, x, y, *placement):
    sub = layout.create_cell("ADDED")
    sub.shapes(layout.layer(LABEL, 0)).insert(square(0, 0))
    cell.insert(kdb.CellInstArray(sub.cell_index(), *placement))


def turned(layout, shapes, cell, x, y):
    in_a_cell(layout, shapes, cell, x, y, kdb.Trans(1, True, x, y))


def several(layout, shapes, cell, x, y):
    in_a_cell(layout, shapes, cell, x, y, kdb.Trans(x, y), kdb.Vector(200_000, 0), kdb.Vector(0, 300_000), 2, 3)


def magnified(layout, shapes, cell, x, y):
    in_a_cell(layout, shapes, cell, x, y, kdb.ICplxTrans(2.0, 180.0, False, x + 200_000, y + 200_000))


def repeated(layout, shapes, cell, x, y):
    for number in range(12):
        shapes.insert(square(x, y + 150_000 * number))


def scattered(layout, shapes, cell, x, y):
    for number in range(7):
        shapes.insert(square(x, y + 110_000 * number**2))


def keyhole(layout, shapes, cell, x, y):
    ring = kdb.Polygon(kdb.Box(x, y, x + 300_000, y + 300_000))
    ring.insert_hole(kdb.Box(x + 100_000, y + 100_000, x + 200_000, y + 200_000))
    shapes.insert(ring)


def path(begin, end):
    def add(layout, shapes, cell, x, y):
        points = [kdb.Point(x + 50_000, y), kdb.Point(x + 50_000, y + 200_000), kdb.Point(x + 250_000, y + 200_000)]
        shapes.insert(kdb.Path(points, 100_000, begin, end))

    return add


ELEMENTS = {
    "box": lambda layout, shapes, cell, x, y: shapes.insert(square(x, y)),
    "L": lambda layout, shapes, cell, x, y: shapes.insert(
        kdb.Polygon([kdb.Point(x + 100_000 * i, y + 100_000 * j)
                     for i, j in ((0, 0), (0, 2), (1, 2), (1, 1), (2, 1), (2, 0))])
    ),
    "with a hole": keyhole, "path": path(0, 0), "path, longer": path(50_000, 50_000),
    "path, ends": path(20_000, 60_000), "repeated": repeated, "scattered": scattered, "turned cell": turned,
    "cells": several, "magnified cell": magnified,
}  # fmt: skip
LEVELS = ("", "REPEAT", "FIELD_1")


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", ELEMENTS)
def test_an_element_counts_where_it_lies(kind, level, tmp_path):
    turn = [*ELEMENTS].index(kind) + LEVELS.index(level)
    # a label that is only drawn is in no mask of marks, wherever it lies
    for (x, y), wanted in ((FIELD, {"ALN008", "WEB009"}), (EDGE, {"ALN008"})):
        layout = klayout_design(tmp_path)
        cell = layout.cell(level) if level else layout.top_cell()
        dx, dy = origin_of(level)
        ELEMENTS[kind](layout, cell.shapes(layout.layer(LABEL, 0)), cell, x - dx, y - dy)
        files = saved(layout, tmp_path)
        for file in (files[turn % 5], files[(turn + 2) % 5]):
            report = judged(file)
            assert broken(report) == wanted, (file.name, report.text())
            assert not report.unjudged, (file.name, report.text())
            assert report.clean == (not wanted)


def origin_of(level):
    _, own = design()
    if level in {"", own.top}:
        return 0, 0
    return next(instance.origin for instance in LayoutIndex.of(own).instances_of(level))


@pytest.mark.parametrize("cell", ["CELL", "STACK", "BAR_1", "FIDUCIAL"])
def test_a_label_in_any_cell_fails_or_is_named(cell, tmp_path):
    layout = klayout_design(tmp_path)
    target = layout.cell(cell)
    target.shapes(layout.layer(LABEL, 0)).insert(square(0, 0) if cell == "FIDUCIAL" else square(500_000, 300_000))
    for file in saved(layout, tmp_path):
        assert not judged(file).clean, file.name


def spliced(*elements, cell="FIELD_1"):
    return r.spliced(own_gds(), cell, *elements)


X, Y = 3_000_000, 3_000_000
NAMED = {
    "text": (r.text(LABEL, X, Y),
             "1 text on LABEL (67/0), which no rule can judge"),
    "node": (r.node(42, X, Y), "1 node on CUT (42/0)"),
    "line": (r.path(LABEL, 0, 0, X, Y, X + 5000, Y), "1 path on LABEL without a width"),
    "other layer": (r.boundary(99, X, Y, X + 5000, Y, X + 5000, Y + 5000), "1 polygon on layer 99/0"),
    "other datatype": (r.element(8, r.on_layer(42, 7), r.record(r.XY, 3, r.longs(X, Y, X + 9, Y, X, Y + 9, X, Y))),
                       "1 polygon on layer 42/7"),
    "crossing": (r.boundary(LABEL, X, Y, X + 50_000, Y + 50_000, X + 50_000, Y, X, Y + 50_000), "crosses itself"),
    "no area": (r.boundary(LABEL, X, Y, X + 50_000, Y, X, Y), "without area"),
    "box on lines": (r.box(65, X, Y, X + 5000, Y + 5000), "1 polygon on CUT_CENTER, where rules look at lines"),
    "absolute angle": (r.sref("FIDUCIAL", -500_000, -500_000, r.transform(angle=90.0, absolute=2)),
                       "1 placement of absolute size or angle"),
    "slanted": (r.sref("FIDUCIAL", X, Y, r.transform(angle=33.0)), "off the grid"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NAMED)
def test_what_cannot_be_judged_is_named_and_fails(kind, tmp_path):
    element, said = NAMED[kind]
    file = tmp_path / "x.gds"
    file.write_bytes(spliced(element))
    report = judged(file)
    assert not report.clean
    assert any(said in line for line in report.unjudged), report.unjudged
    assert "not judged: x.gds" in report.text()
    assert report.to_json()["unjudged"] == list(report.unjudged)


@pytest.mark.parametrize(
    ("element", "rules"),
    [
        pytest.param(r.box(LABEL, X, Y, X + 100_000, Y + 100_000), {"WEB009"}, id="BOX"),
        pytest.param(r.path(LABEL, 1, 100_000, X, Y, X + 300_000, Y), {"WEB009", "GRD002"}, id="round path"),
        pytest.param(r.path(LABEL, 4, 100_000, X, Y, X, Y, ends=(50_000, 50_000)), {"WEB009"}, id="dot"),
        pytest.param(r.boundary(42, X, Y, X + 200_000, Y, X, Y + 200_000), {"GRD002"}, id="triangle"),
        pytest.param(r.box(1, 500_000, -900_000, 600_000, -800_000), {"WEB006"}, id="substrate of no cell"),
    ],
)
def test_odd_elements_break_the_rules_that_they_break(element, rules, tmp_path):
    file = tmp_path / "x.gds"
    file.write_bytes(spliced(element))
    assert rules <= broken(judged(file))


def flattened(layout):
    layout.top_cell().flatten(True)
    return layout


def renamed(layout):
    for number, cell in enumerate(list(layout.each_cell())):
        layout.rename_cell(cell.cell_index(), f"N{number}")
    return layout


def merged(layout):
    """Each layer as one region; lines stay lines."""
    flattened(layout)
    cell = layout.top_cell()
    for info in layout.layer_infos():
        shapes = cell.shapes(layout.layer(info))
        region = kdb.Region(cell.begin_shapes_rec(layout.layer(info))).merged()
        for shape in [shape for shape in shapes.each() if not shape.is_path() or shape.path_width]:
            shapes.erase(shape)
        shapes.insert(region)
    return layout


def of_another_unit(layout):
    layout.dbu = 0.0005
    layout.transform(kdb.ICplxTrans(2.0))
    return layout


FOREIGN = {"as it is": lambda layout: layout, "flattened": flattened, "renamed": renamed, "merged": merged,
           "of another unit": of_another_unit}  # fmt: skip


@pytest.mark.parametrize("kind", FOREIGN)
def test_the_own_layout_passes_in_any_form(kind, tmp_path):
    for file in saved(FOREIGN[kind](klayout_design(tmp_path)), tmp_path):
        report = judged(file)
        assert report.clean, (file.name, report.text())
        assert report.count("passed") == len(report.states) - report.count("not applicable") > 80


@pytest.mark.parametrize("kind", ["flattened", "renamed", "merged"])
def test_a_cell_that_differs_is_found_in_any_form(kind, tmp_path):
    """One cell of many, with an anode collector that is narrower than its mask."""
    layout = klayout_design(tmp_path)
    flattened(layout)
    shapes = layout.top_cell().shapes(layout.layer(4, 0))
    first = min(shapes.each(), key=lambda shape: (shape.bbox().left, shape.bbox().bottom))
    shapes.replace(first, first.bbox().enlarged(-5_000, 0))
    if kind != "flattened":
        FOREIGN[kind](layout)
    for file in saved(layout, tmp_path):
        assert "ALN006" in broken(judged(file))


def test_a_missing_layer_is_said(tmp_path):
    layout = flattened(klayout_design(tmp_path))
    layout.clear_layer(layout.layer(1, 0))
    for file in saved(layout, tmp_path):
        text = judged(file).text()
        assert "SUBSTRATE" in text
        assert "not run" in text


def test_a_second_top_cell_is_named(tmp_path):
    layout = klayout_design(tmp_path)
    layout.create_cell("LEFT_OVER").shapes(layout.layer(LABEL, 0)).insert(square(0, 0))
    for file in saved(layout, tmp_path):
        report = judged(file)
        assert not report.clean
        assert any("that no cell places" in line for line in report.unjudged)


def test_a_marker_does_not_hide_a_cell(tmp_path):
    layout = klayout_design(tmp_path)
    layout.cell("FIELD_1").shapes(layout.layer(68, 0)).insert(kdb.Box(0, 0, 4_000_000, 4_000_000))
    for file in saved(layout, tmp_path):
        assert not judged(file).clean


def test_a_scaled_file_is_judged_in_its_real_size(tmp_path):
    layout = klayout_design(tmp_path)
    layout.dbu = 0.002
    for file in saved(layout, tmp_path):
        report = judged(file)
        assert not report.clean
        assert report.failed > 3


def test_reading_and_judging_go_by_themselves(tmp_path):
    file = tmp_path / "x.gds"
    file.write_bytes(own_gds())
    solution, own = design()
    found = received(read_layout(file), solution, own, "x")
    assert not found.flat
    assert found.devices == ("CELL",)
    assert json.dumps(check_received(solution, found).to_json())
