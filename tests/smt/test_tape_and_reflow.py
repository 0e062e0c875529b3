"""Carrier tape against EIA-481's own limits; reflow classes and profiles against J-STD-020's."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutgen.draw.sheets import assembly
from layoutgen.receivers.board_notes import readme
from layoutgen.sizing.flags import reflow_class_c
from layoutgen.smt.part import Limits, SolderPart
from layoutgen.smt.reflow import classified_c, has_profile, peak_c, reflow_profile
from layoutgen.smt.tape import carrier_tape
from tests.draw.designs import inputs

# EIA-481: largest pocket across the tape (B1) for W; T2 less the 0.1 mm of the cover tape
LARGEST_ACROSS = {8: 4.35, 12: 8.2, 16: 12.1, 24: 20.1, 32: 23.0, 44: 35.0, 56: 46.0}
DEEPEST = {8: 2.4, 12: 6.4, 16: 7.9, 24: 11.9, 32: 11.9, 44: 15.9, 56: 19.9}


def part(length, width, height=1.0, tolerance=0.1):
    w = Limits(width, tolerance)
    return SolderPart(
        Limits(length, tolerance), w, Limits(height, tolerance), Limits(0.5, 0.1), w, 0.03, 0.0, "end-cap"
    )


def test_8_by_10_goes_into_16_mm_tape():
    tape = carrier_tape(part(10, 8, 1.777))
    assert (tape.width, tape.f, tape.p1, tape.plus) == (16, 7.5, 12, "sprocket holes")
    assert (tape.a0, tape.b0, tape.k0) == (8.2, 10.2, 1.977)
    assert carrier_tape(part(8, 10)).plus == "leading end"


@given(st.floats(1, 60), st.floats(1, 60), st.floats(0.2, 22))
def test_pocket_holds_the_largest_body_inside_the_limits_of_the_tape(length, width, height):
    body = part(length, width, height)
    tape = carrier_tape(body)
    longest, deepest = max(length, width) + 0.2, height + 0.2
    if tape is None:
        assert longest > LARGEST_ACROSS[56] - 0.2 or deepest > DEEPEST[56]
        return
    assert tape.a0 >= min(length, width) + 0.1
    assert tape.b0 >= max(length, width) + 0.1
    assert tape.k0 >= height + 0.1
    assert tape.b0 - max(length, width) <= 0.5
    assert tape.b0 <= LARGEST_ACROSS[tape.width]
    assert tape.p1 <= tape.width
    assert (tape.s0 is None) == (tape.width < 32)
    # two rows of holes stand one hole's distance from the edge each
    assert tape.s0 is None or tape.s0 == pytest.approx(tape.width - 2 * 1.75, abs=0.11)
    assert tape.k0 <= DEEPEST[tape.width]
    assert tape.p1 % 4 == 0
    assert tape.p1 - tape.a0 >= 2 - 1e-9


@pytest.mark.parametrize(
    ("thickness", "volume", "celsius"),
    [(1.5, 5000, 260), (1.777, 142, 260), (2.0, 350, 250), (2.5, 2001, 245), (2.6, 349, 250), (3.0, 500, 245)],
)
def test_reflow_class_follows_thickness_and_volume(thickness, volume, celsius):
    assert reflow_class_c(thickness, volume) == celsius


@pytest.mark.parametrize("peak", [222.5, 230.0, 235.0, 245.0, 250.0, 260.0])
def test_profile_keeps_every_limit_of_the_classification(peak):
    profile = reflow_profile(peak)
    points = profile.points
    assert max(c for _, c in points) == peak
    for (t0, c0), (t1, c1) in itertools.pairwise(points):
        assert t1 > t0
        assert (c1 - c0) / (t1 - t0) <= 3
        assert (c0 - c1) / (t1 - t0) <= 6

    def time_above(level):
        total = 0.0
        for (t0, c0), (t1, c1) in itertools.pairwise(points):
            low, high = min(c0, c1), max(c0, c1)
            if high > level:
                total += (t1 - t0) * min(1.0, (high - level) / (high - low)) if high > low else t1 - t0
        return total

    assert time_above(217) == pytest.approx(profile.above_liquidus_s)
    assert 60 <= profile.above_liquidus_s <= 150
    assert time_above(peak - 5) == pytest.approx(30)
    soak = next(t1 - t0 for (t0, c0), (t1, c1) in itertools.pairwise(points) if (c0, c1) == (150, 200))
    assert 60 <= soak <= 120
    assert next(t for t, c in points if c == peak) <= 480


def test_solder_that_does_not_melt_has_no_profile():
    assert not has_profile(222)
    with pytest.raises(ValueError, match="too cold"):
        reflow_profile(222)


NAMED_C = {"anodeless-ss": 235, "bottom-terminal": 235}


@pytest.mark.parametrize("pdk", NAMED_C)
def test_the_sheet_draws_one_profile_that_the_part_stands(pdk):
    """No curve above what the process names: a board that follows the sheet does not harm the part."""
    drawn = inputs(pdk=pdk)
    words = [item.text for item in assembly.sheet(drawn).texts()]
    peak = NAMED_C[pdk]
    assert f"Reflow profile, peak at most {peak} °C" in words
    assert peak_c(drawn.pdk, drawn.design) == peak < classified_c(drawn.design)
    assert f"at most {peak} °C" in words
    assert not any("class 2" in text for text in words)


def test_what_the_process_does_not_state_of_a_delivery_is_said():
    drawn = inputs()
    stated = {"moisture_class": "3", "storage": "dry, below 30 C", "reel": "330 mm, 1000 parts"}
    package = drawn.pdk.package.model_copy(update=stated)
    for pdk, values in (
        (drawn.pdk, ["not stated"] * 3),
        (drawn.pdk.model_copy(update={"package": package}), [*stated.values()]),
    ):
        told = replace(drawn, loaded=replace(drawn.loaded, pdk=pdk))
        words = [item.text for item in assembly.sheet(told).texts()]
        assert all(words.count(value) >= values.count(value) for value in values)
        assert all(row in words for row in ("MSL, J-STD-020", "Storage", "Reel"))
        sent = readme(told, "part", {}).decode().replace("  ", " ")
        assert all(value in sent for value in values)
