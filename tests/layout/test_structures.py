"""The process-control coupon in the layout of a design, read with KLayout."""

from dataclasses import replace

import klayout.db as kdb
import pytest

from layoutgen.document import from_document, to_document, to_text
from layoutgen.errors import LayoutgenError
from layoutgen.export.gds import gds_bytes
from layoutgen.outputs import layout_of
from layoutgen.pdk.load import load_pdk
from layoutgen.receivers.order import mask_orders
from layoutgen.rules.engine import check_solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.export.oracle import count_instances, evaluated, read, region
from tests.tile import watch

QUESTIONS = {
    "anodeless-ss": ("20 mAh", "8x10", {}),
    "free web": ("20 mAh", "8x10", {"web.regime": "free"}),
    "lithium-alumina": ("2 mAh", "12x15", {}),
    "lithium-mica": ("2 mAh", "12x15", {}),
}


@pytest.fixture(scope="module", params=QUESTIONS)
def made(request, tmp_path_factory):
    capacity, footprint, settings = QUESTIONS[request.param]
    pdk = request.param if request.param in {"lithium-alumina", "lithium-mica"} else "anodeless-ss"
    values = {
        "capacity": capacity,
        "footprint": footprint,
        "pdk": pdk,
        "set": {"web.structures": "coupon"} | settings,
    }
    solution = solve(build_spec(values, {}), compare=False)
    layout = layout_of(solution)
    folder = tmp_path_factory.mktemp("structures")
    return solution, layout, read(gds_bytes(layout, solution.loaded.pdk), "gds", folder)


def broken(solution, layout):
    report = check_solution(solution, layout)
    return {
        state.rule for state in report.states if state.state in {"failed", "not run"} and state.severity == "error"
    }


def test_rules_hold_and_the_document_says_where_it_stands(made):
    solution, layout, _ = made
    assert broken(solution, layout) == set()
    document = to_document(solution)
    (item,) = document["web"]["structures"]
    assert item["name"] == "coupon"
    assert document["web"]["structures_cost_cells"] == item["cost_cells"]
    assert document["web"]["cells_per_repeat"] + item["cost_cells"] <= document["web"]["bound_cells_per_repeat"]
    again = from_document(document)
    assert again.web.structures == solution.web.structures
    assert again.web.fields == solution.web.fields
    assert to_text(to_document(again)) == to_text(document)
    assert layout_of(again) == layout


def test_every_mask_is_its_expression_on_the_coupon_too(made):
    solution, _, gds = made
    pdk = solution.loaded.pdk
    assert count_instances(gds, "STRUCTURE_COUPON") == 1
    assert count_instances(gds, "CELL") == solution.web.cells_per_repeat
    marker = region(gds, pdk, "STRUCTURE")
    for name, mask in pdk.masks.items():
        drawn = region(gds, pdk, name)
        assert drawn.area() == drawn.merged().area(), f"{name} overlaps itself"
        assert (drawn ^ evaluated(gds, pdk, mask.expression)).is_empty(), name
        if pdk.layers[name].stage == "web":
            assert not (drawn & marker).is_empty(), f"{name} is not on the coupon"


def test_the_coupon_is_cut_out_a_kerf_away_from_every_cell(made):
    solution, _, gds = made
    pdk, kerf = solution.loaded.pdk, solution.web.frame.kerf
    marker, streets = region(gds, pdk, "STRUCTURE"), region(gds, pdk, "STREET")
    cells = region(gds, pdk, "SUBSTRATE") - marker
    assert (marker.sized(kerf) & cells).is_empty()
    assert (marker.sized(kerf) - marker - streets).is_empty()
    (place,) = solution.web.structures
    assert str(marker.bbox()) == str(kdb.Box(*place.box))


def test_probes_of_the_coupon_lie_on_one_level(made):
    """On the anode collector or on bare substrate, never across an edge."""
    solution, _, gds = made
    pdk = solution.loaded.pdk
    anode, bare = region(gds, pdk, "ANODE_CC"), region(gds, pdk, "CONTACT_POS")
    probes = region(gds, pdk, "PROBE") & region(gds, pdk, "STRUCTURE")
    assert probes.count() >= 15
    for probe in probes.each():
        one = kdb.Region(probe)
        assert (one - anode).is_empty() or (one - bare).is_empty()


def test_a_coupon_moved_onto_a_cell_is_found(made):
    solution, _, _ = made
    (place,) = solution.web.structures
    block = solution.web.fields[place.field].blocks[0]
    with watch.paused():
        web = replace(solution.web, structures=(replace(place, x=block.x, y=block.y),))
    moved = replace(solution, web=web)
    assert "WEB016" in broken(moved, layout_of(moved))


def test_the_shipped_processes_draw_none():
    assert all(not load_pdk(name).structures for name in ("anodeless-ss", "lithium-alumina", "lithium-mica"))


@pytest.mark.parametrize(
    ("overrides", "word"),
    [
        ([("web.structures", "cupon")], "no structure 'cupon'"),
        ([("web.structures", "coupon"), ("web.guillotine_only", "true")], "cannot be combined"),
    ],
)
def test_wrong_structures_are_named(overrides, word):
    with pytest.raises(LayoutgenError, match=word):
        load_pdk("anodeless-ss", overrides)


def test_the_order_measures_in_the_coupon(made):
    solution, layout, _ = made
    (item,) = solution.web.structures
    mm = solution.dbu_nm * 1e-6
    x0, y0, x1, y1 = (value * mm for value in item.box)
    feature_um = solution.loaded.pdk.laser.min_feature.value
    for order in mask_orders(layout, solution.loaded.pdk):
        if order.stage == "web":
            inside = [site for site in order.cd_sites if x0 < site.x_mm < x1 and y0 < site.y_mm < y1]
            assert inside == list(order.cd_sites[: len(inside)]), order.name
            assert {site.kind for site in inside} == {"line", "space"}, order.name
            lines = [site.nominal_um for site in order.cd_sites if site.kind == "line"]
            assert order.min_line_um == min(lines), order.name
        if order.name == "ABLATE_ANODE":
            assert order.min_line_um == feature_um
