"""What KLayout reads in the files equals what was meant."""

from collections import defaultdict
from itertools import pairwise

import klayout.db as kdb
import pytest

from layoutgen.export.gds import gds_bytes
from layoutgen.export.oasis import oasis_bytes
from layoutgen.layout.measure import LayoutIndex, totals_by_layer
from layoutgen.web.plan import Regime
from tests.export.oracle import count_instances, edges, evaluated, read, region
from tests.layout.designs import CASES, make, sample, scattered_plan


@pytest.fixture(scope="module", params=[*CASES, "scattered"])
def case(request, tmp_path_factory):
    made = (
        make(plan=scattered_plan, cell_um=(3000, 7000)) if request.param == "scattered" else sample(request.param)
    )
    folder = tmp_path_factory.mktemp("files")
    gds = read(gds_bytes(made.layout, made.pdk), "gds", folder)
    oasis = read(oasis_bytes(made.layout, made.pdk), "oas", folder)
    return made, gds, oasis


def test_gds_and_oasis_agree_on_every_layer(case):
    made, gds, oasis = case
    assert gds.dbu == oasis.dbu == pytest.approx(made.dbu_nm / 1000)
    for name in made.pdk.layers:
        assert (region(gds, made.pdk, name) ^ region(oasis, made.pdk, name)).is_empty(), name


def test_every_cell_of_the_plan_is_there_once(case):
    made, gds, oasis = case
    assert count_instances(gds, "CELL") == count_instances(oasis, "CELL") == made.plan.cells_per_repeat > 0
    cells = region(gds, made.pdk, "SUBSTRATE")
    assert cells.count() == made.plan.cells_per_repeat
    assert cells.merged().count() == made.plan.cells_per_repeat
    assert count_instances(gds, "STACK") == 1


def test_cells_lie_where_the_plan_puts_them(case):
    made, gds, _ = case
    read_boxes = sorted(str(polygon.bbox()) for polygon in region(gds, made.pdk, "SUBSTRATE").each())
    meant = []
    kerf = made.plan.frame.kerf
    for field in made.plan.fields:
        for block in field.blocks:
            w, h = made.plan.cell[::-1] if block.rotated else made.plan.cell
            for column in range(block.columns):
                for row in range(block.rows):
                    x, y = block.x + column * (w + kerf), block.y + row * (h + kerf)
                    meant.append(str(kdb.Box(x, y, x + w, y + h)))
    assert read_boxes == sorted(meant)


def test_active_area_is_the_templates(case):
    made, gds, _ = case
    area_cm2 = float(made.template.active_area_cm2(*made.cell_um))
    unit_cm = made.dbu_nm * 1e-7
    drawn = region(gds, made.pdk, "ANODE_CC")
    assert drawn.area() * unit_cm**2 == pytest.approx(area_cm2 * made.plan.cells_per_repeat, rel=1e-12)
    (one,) = {polygon.area() for polygon in drawn.each()}
    assert one * unit_cm**2 == pytest.approx(area_cm2, rel=1e-12)


def test_streets_surround_each_cell_once_and_nothing_else(case):
    """The street is every cell grown by the kerf, less the cells; drawn without overlap."""
    made, gds, _ = case
    cells = region(gds, made.pdk, "SUBSTRATE")
    streets = region(gds, made.pdk, "STREET")
    assert streets.area() == streets.merged().area()
    expected = cells.sized(made.plan.frame.kerf).merged() - cells
    for field in made.plan.fields:  # a web without fields leaves its upper street to the next repeat
        if made.plan.frame.regime is Regime.FREE:
            expected &= kdb.Region(kdb.Box(field.x, field.y, field.x + field.width, field.y + field.length))
    assert (streets ^ expected).is_empty()


def test_masks_equal_klayouts_own_booleans(case):
    made, gds, _ = case
    for name, mask in made.pdk.masks.items():
        drawn = region(gds, made.pdk, name)
        assert not drawn.is_empty(), name
        assert drawn.area() == drawn.merged().area(), f"{name} overlaps itself"
        assert (drawn ^ evaluated(gds, made.pdk, mask.expression)).is_empty(), name


def test_centre_lines_cut_every_street_once(case):
    """No piece of a line twice, and half a kerf around all lines is the street again."""
    made, gds, _ = case
    lines = edges(gds, made.pdk, "CUT_CENTER")
    spans = defaultdict(list)
    for edge in lines:
        across, along = ("x", "y") if edge.x1 == edge.x2 else ("y", "x")
        start, end = sorted((getattr(edge, f"{along}1"), getattr(edge, f"{along}2")))
        assert getattr(edge, f"{across}1") == getattr(edge, f"{across}2")
        spans[across, getattr(edge, f"{across}1")].append((start, end))
    for pieces in spans.values():
        pieces.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(pieces))
    half = made.plan.frame.kerf // 2
    widened = kdb.Region([kdb.Path([edge.p1, edge.p2], 2 * half, half, half).polygon() for edge in lines]).merged()
    streets = region(gds, made.pdk, "STREET").merged()
    period = made.plan.repeat_length
    if made.plan.frame.regime is Regime.FREE:
        widened = (widened + widened.moved(0, period)).merged() & streets.extents()
    assert (widened ^ streets).is_empty()


def test_polygons_are_simple_and_few_enough_in_vertices(case):
    made, gds, _ = case
    for name in made.pdk.layers:
        layer = made.pdk.layers[name]
        index = gds.find_layer(layer.number, layer.datatype)
        for cell in gds.each_cell() if index is not None else ():
            for shape in cell.shapes(index).each():
                if shape.is_path():
                    continue
                polygon = shape.polygon
                assert polygon.holes() == 0
                assert polygon.num_points_hull() <= 199
                points = [(point.x, point.y) for point in polygon.each_point_hull()]
                assert len(set(points)) == len(points), "touches itself"


def test_our_totals_are_klayouts(case):
    made, gds, _ = case
    totals = totals_by_layer(made.layout)
    for name, total in totals.items():
        shapes = region(gds, made.pdk, name)
        if total.polygons and not total.paths:
            assert shapes.count() == total.polygons, name
            assert shapes.area() == total.area_dbu2, name
            box = shapes.bbox()
            assert (box.left, box.bottom, box.right, box.top) == total.bbox, name


def test_instances_agree_with_klayout(case):
    made, gds, _ = case
    found = sorted(
        tuple(sorted((instance.place((0, 0)), instance.place(made.plan.cell))))
        for instance in LayoutIndex.of(made.layout).instances_of("CELL")
    )
    index = gds.layer(made.pdk.layers["SUBSTRATE"].number, 0)
    shapes, other = gds.top_cell().begin_shapes_rec(index), []
    while not shapes.at_end():
        turned = [shapes.trans() * kdb.Point(*point) for point in ((0, 0), made.plan.cell)]
        other.append(tuple(sorted((point.x, point.y) for point in turned)))
        shapes.next()
    assert found == sorted(other)


def test_one_top_cell_with_the_repeat_and_one_stack(case):
    made, gds, oasis = case
    for layout in (gds, oasis):
        assert [cell.name for cell in layout.top_cells()] == ["MB_TEST"]
        below = sorted(layout.cell(instance.cell_index).name for instance in layout.top_cell().each_inst())
        assert below == ["REPEAT", "STACK"]
    web = kdb.Box(0, 0, made.plan.frame.width, made.plan.repeat_length)
    stack = region(gds, made.pdk, "ENCAP").bbox()
    assert stack.left > web.right
    assert gds.top_cell().bbox().left >= 0
