"""The database unit: finest that fits, and nothing off the grid gets through."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layoutgen.errors import PreflightError
from layoutgen.layout.dbu import choose_dbu_nm, plan_dbu_nm, to_dbu, to_mm_text, to_um, web_frame
from layoutgen.pdk.load import load_pdk


@pytest.mark.parametrize(
    ("extent_um", "dbu_nm"),
    [(0, 1), (2_147_483.647, 1), (2_147_483.648, 5), (10_737_418, 5), (10_737_419, 10), (21_474_836.47, 10)],
)
def test_the_finest_unit_that_fits(extent_um, dbu_nm):
    assert choose_dbu_nm(extent_um) == dbu_nm


def test_too_far_for_any_unit():
    with pytest.raises(PreflightError, match="30 m") as caught:
        choose_dbu_nm(30e6)
    assert "21.47 m" in caught.value.problems[0].allowed


@given(st.integers(-(2**31), 2**31), st.sampled_from((1, 5, 10)))
def test_whole_units_survive_micrometres(value, dbu_nm):
    assert to_dbu(to_um(value, dbu_nm), dbu_nm, "x") == value


@given(st.integers(-(2**30), 2**30), st.floats(0.001, 0.999), st.sampled_from((1, 5, 10)))
def test_off_grid_is_refused_with_both_neighbours(value, part, dbu_nm):
    with pytest.raises(PreflightError, match="not on the grid") as caught:
        to_dbu((value + part) * dbu_nm / 1000, dbu_nm, "x")
    texts = caught.value.problems[0].remedy.removesuffix(" um").split(" or ")
    assert [round(float(text) * 1000 / dbu_nm) for text in texts] == [value, value + 1]


@given(st.integers(-(2**33), 2**33), st.sampled_from((1, 5, 10)))
def test_millimetres_are_exact_decimals(half_dbu, dbu_nm):
    text = to_mm_text(half_dbu / 2, dbu_nm)
    assert abs(float(text) * 1e6 - half_dbu * dbu_nm / 2) < 1e-3 * dbu_nm
    assume("." in text)
    assert not text.endswith("0")
    assert len(text.split(".")[1]) <= 7


@pytest.mark.parametrize(
    ("overrides", "dbu_nm"),
    [((), 1), ((("web.width", "3 m"),), 5), ((("web.field_length", "5 m"),), 5), ((("web.width", "6 m"),), 5)],
)
def test_the_web_decides(overrides, dbu_nm):
    assert plan_dbu_nm(load_pdk("anodeless-ss", overrides).pdk) == dbu_nm


def test_a_web_off_the_grid_is_refused_in_all_places_at_once():
    pdk = load_pdk("anodeless-ss", (("web.kerf", "40.001 um"), ("web.edge", "10.000002 mm"))).pdk
    with pytest.raises(PreflightError) as caught:
        web_frame(pdk, 5)
    assert [problem.where for problem in caught.value.problems] == ["web.kerf", "web.edge"]


def test_the_frame_is_the_web_in_units():
    frame = web_frame(load_pdk().pdk, 5)
    assert (frame.width, frame.edge, frame.kerf, frame.field_gap) == (60_000_000, 2_000_000, 8_000, 400_000)
