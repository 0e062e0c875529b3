"""A bias moves the edges of the merged mask: KLayout's own sizing of its own booleans is the oracle."""

import klayout.db as kdb
import pytest

from layoutgen.errors import PdkError, PreflightError
from layoutgen.export.gds import gds_bytes
from tests.export.oracle import evaluated, read, region
from tests.layout.designs import changed_pdk, make, scattered_plan

WEB_MASKS = ("ABLATE_ANODE", "ABLATE_STACK", "CUT")


@pytest.mark.parametrize("plan", [None, scattered_plan], ids=["fields", "scattered"])
@pytest.mark.parametrize("bias", [3, -3, 15, -15, -19])
def test_biased_masks_are_the_sized_merged_masks(bias, plan, tmp_path):
    overrides = tuple((f"masks.{name}.bias", f"{bias} um") for name in (*WEB_MASKS, "MASK_FILM_LOWER"))
    made = make(overrides=overrides, cell_um=(4000, 7000), plan=plan)
    gds = read(gds_bytes(made.layout, made.pdk), "gds", tmp_path)
    for name in (*WEB_MASKS, "MASK_FILM_LOWER"):
        drawn = region(gds, made.pdk, name)
        expected = evaluated(gds, made.pdk, made.pdk.masks[name].expression).sized(1000 * bias).merged()
        assert (drawn ^ expected).is_empty(), name
        assert drawn.area() == drawn.merged().area(), f"{name} overlaps itself"


@pytest.mark.parametrize("bias", [3, -3])
def test_a_continuous_web_has_no_biased_edge_between_repeats(bias, tmp_path):
    overrides = (
        ("web.regime", "free"),
        ("masks.CUT.bias", f"{bias} um"),
        ("masks.ABLATE_STACK.bias", f"{bias} um"),
    )
    made = make(overrides=overrides, cell_um=(8000, 10000))
    gds = read(gds_bytes(made.layout, made.pdk), "gds", tmp_path)
    period = made.plan.repeat_length
    web = kdb.Region(kdb.Box(0, 0, made.plan.frame.width, period))
    for name in ("CUT", "ABLATE_STACK"):
        one = region(gds, made.pdk, name)
        assert one.area() == one.merged().area()
        three = sum((one.moved(0, step) for step in (-period, 0, period)), kdb.Region())
        assert three.area() == three.merged().area(), "repeats overlap"
        drawn = evaluated(gds, made.pdk, made.pdk.masks[name].expression)
        endless = sum((drawn.moved(0, step) for step in (-period, 0, period)), kdb.Region()).merged()
        assert ((three & web) ^ (endless.sized(1000 * bias) & web)).is_empty()


@pytest.mark.parametrize(
    ("mask", "bias", "what"),
    [
        ("CUT", "-20 um", "vanish"),
        ("CUT", "41 um", "vanish"),
    ],
)
def test_a_bias_that_cannot_be_drawn_is_refused(mask, bias, what):
    with pytest.raises(PreflightError, match=what) as caught:
        make(overrides=((f"masks.{mask}.bias", bias),))
    assert caught.value.problems[0].where == f"masks.{mask}.bias"
    assert caught.value.problems[0].remedy


def test_a_bias_off_the_finest_grid_is_refused_with_the_nearest_on_it():
    with pytest.raises(PdkError, match="not on the grid") as caught:
        make(overrides=(("masks.CUT.bias", "0.0004 um"),))
    assert caught.value.problems[0].remedy == "0 um or 0.001 um"


def biased(quantity, bias_um):
    """Another value, without the range of the shipped one."""
    return {key: item for key, item in quantity.items() if key not in {"low", "high"}} | {"value": bias_um}


@pytest.mark.parametrize(
    ("expression", "bias_um", "what"),
    [
        ("SUBSTRATE", 21, "grow into each other"),
        ("STREET + CONTACT_POS", -5, "only parts of the cell's edge"),
    ],
)
def test_masks_that_depend_on_neighbours_are_refused(expression, bias_um, what):
    def change(content):
        content["masks"]["CUT"] |= {"expression": expression}
        content["masks"]["CUT"]["bias"] = biased(content["masks"]["CUT"]["bias"], bias_um)

    with pytest.raises(PreflightError, match=what):
        make(changed_pdk(change))


@pytest.mark.parametrize(
    ("expression", "bias_um"),
    [
        *((name, bias) for name in ("SUBSTRATE", "CONTACT_POS", "SUBSTRATE & CATHODE") for bias in (0, 12, -12)),
        *(("STREET + CONTACT_POS", bias) for bias in (0, 12)),
    ],
)
def test_other_expressions(expression, bias_um, tmp_path):
    def change(content):
        content["masks"]["CUT"] |= {"expression": expression}
        content["masks"]["CUT"]["bias"] = biased(content["masks"]["CUT"]["bias"], bias_um)

    made = make(changed_pdk(change), plan=scattered_plan, cell_um=(3000, 7000))
    gds = read(gds_bytes(made.layout, made.pdk), "gds", tmp_path)
    drawn = region(gds, made.pdk, "CUT")
    expected = evaluated(gds, made.pdk, expression).sized(1000 * bias_um)
    assert (drawn ^ expected).is_empty()
    assert drawn.area() == drawn.merged().area()


def test_fields_without_a_gap_have_no_room_for_a_bias():
    with pytest.raises(PreflightError, match="fields 0 apart"):
        make(overrides=(("web.field_gap", "0 um"), ("masks.CUT.bias", "2 um")), cell_um=(9990, 6340))
