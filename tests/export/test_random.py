"""Random webs and cells: streets, masks and cells of the files are those of the definition, by KLayout."""

import klayout.db as kdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layoutgen.export.gds import gds_bytes
from layoutgen.export.oasis import oasis_bytes
from layoutgen.export.svg_mask import mask_svgs
from layoutgen.receivers.order import order_document
from tests.export.oracle import evaluated, read, region
from tests.export.svg_reader import read_svg
from tests.layout.designs import make


@st.composite
def webs(draw):
    """Overrides of the default PDK, and a cell in um on its size grid."""
    regime = draw(st.sampled_from(("fields", "fields", "free")))
    lengths = {
        "web.width": draw(st.integers(60, 160)) * 1000,
        "web.edge": draw(st.integers(0, 10)) * 1000,
        "web.field_width": draw(st.integers(30, 70)) * 1000,
        "web.field_length": draw(st.integers(30, 70)) * 1000,
        "web.field_gap": draw(st.sampled_from((0, 120, 1500, 2000, 3000))),
        "web.kerf": draw(st.sampled_from((20, 34, 40, 100))),
    }
    bias = {f"masks.{name}.bias": draw(st.sampled_from((0, 0, 4, -4))) for name in ("CUT", "ABLATE_STACK")}
    if lengths["web.field_gap"] == 0:
        bias = dict.fromkeys(bias, 0)
    cell = draw(st.integers(150, 2500)) * 10, draw(st.integers(150, 2500)) * 10
    overrides = [("web.regime", regime)] + [(key, f"{value} um") for key, value in {**lengths, **bias}.items()]
    return tuple(overrides), cell


def endless(part, period):
    return sum((part.moved(0, step) for step in (-period, 0, period)), kdb.Region())


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(webs())
def test_any_web_is_drawn_right(tmp_path, web):
    overrides, cell_um = web
    made = make(overrides=overrides, cell_um=cell_um)
    if not made.plan.cells_per_repeat:
        return
    gds = read(gds_bytes(made.layout, made.pdk), "gds", tmp_path)
    oasis = read(oasis_bytes(made.layout, made.pdk), "oas", tmp_path)
    cells = region(gds, made.pdk, "SUBSTRATE")
    assert cells.count() == cells.merged().count() == made.plan.cells_per_repeat
    streets = region(gds, made.pdk, "STREET")
    fields = region(gds, made.pdk, "FIELD")
    expected = (cells.sized(made.plan.frame.kerf).merged() - cells) & fields
    assert (streets ^ expected).is_empty()
    assert streets.area() == streets.merged().area()
    svgs = mask_svgs(made.layout, made.pdk)
    for name, mask in made.pdk.masks.items():
        drawn = region(gds, made.pdk, name)
        assert drawn.area() == drawn.merged().area()
        assert (drawn ^ region(oasis, made.pdk, name)).is_empty()
        if name not in svgs:  # marks of fields that leave no room for them
            assert name == "MARK"
            assert drawn.is_empty()
            continue
        assert (drawn ^ read_svg(svgs[name], made.dbu_nm)).is_empty()
        meant = evaluated(gds, made.pdk, mask.expression)
        window = kdb.Region(gds.top_cell().bbox().enlarged(10**6, 10**6))
        if made.plan.frame.regime == "free" and made.pdk.layers[name].stage == "web":
            period = made.plan.repeat_length
            drawn, meant = (endless(part, period).merged() for part in (drawn, meant))
            window = kdb.Region(kdb.Box(0, 0, made.plan.frame.width, period))
        meant = meant.sized(round(mask.bias.value * 1000 / made.dbu_nm))
        assert ((drawn ^ meant) & window).is_empty(), name
    assert order_document(made.layout, made.pdk)
