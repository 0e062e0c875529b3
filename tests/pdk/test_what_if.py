"""Kits that suppose what nobody has shown: small overlays, flagged on every answer."""

import re

import pytest

from layoutgen import Spec, solve
from layoutgen.pdk.chain import what_if_pdks
from layoutgen.pdk.load import load_pdk
from layoutgen.resources import data_folder

# grams a mole of the formula and lithium that can leave it: the theoretical bound by Faraday's law
FORMULAS = {
    "what-if/limn2o4": 180.81,
    "what-if/lnmo": 182.69,
    "what-if/nmc": 96.46,
    "what-if/lfp": 157.76,
}
FARADAY_MAH = 26_801.4


@pytest.mark.parametrize("name", what_if_pdks())
def test_a_what_if_kit_is_a_small_overlay(name):
    lines = sum(len(path.read_text().splitlines()) for path in (data_folder("pdk") / name).glob("*.toml"))
    assert lines <= 30


@pytest.mark.parametrize("name", what_if_pdks())
def test_every_answer_says_what_is_supposed(name):
    solution = solve(Spec(capacity="2 mAh", footprint="8x10", pdk=name))
    flags = {flag.code: flag.message for flag in solution.device.flags}
    assert load_pdk(name).pdk.unproven in flags["unproven"]
    assert solution.loaded.pdk.disclaimer


@pytest.mark.parametrize(("name", "gram_per_mole"), FORMULAS.items())
def test_what_is_measured_lies_below_the_theoretical_bound(name, gram_per_mole):
    cathode = load_pdk(name).pdk.stack.cathode
    bound = FARADAY_MAH / gram_per_mole * cathode.density.value / 10
    capacity = cathode.volumetric_capacity
    assert capacity.high == pytest.approx(bound, rel=0.01)
    assert capacity.value < capacity.high
    said = int(re.search(r"(\d+) % are measured", capacity.note)[1])
    assert said == pytest.approx(100 * capacity.value / capacity.high, abs=1)


def test_more_voltage_takes_more_of_the_lithium_and_never_all_of_it():
    """LiCoO2 to 4.4 V: 170 mAh/g, at 4.5 V 187; all of its lithium would be 274 mAh/g, 97.87 g a mole."""
    cathode = load_pdk("what-if/lco-4v4").pdk.stack.cathode
    capacity, bound = cathode.volumetric_capacity, FARADAY_MAH / 97.87 * cathode.density.value / 10
    assert load_pdk().pdk.stack.cathode.volumetric_capacity.value < capacity.value < capacity.high < bound
    assert capacity.value == pytest.approx(170 * cathode.density.value / 10, rel=0.001)
    said = int(re.search(r"(\d+) % are measured", capacity.note)[1])
    assert said == pytest.approx(100 * capacity.value / bound, abs=1)


def test_a_foil_that_does_not_stand_the_anneal_is_flagged():
    def codes(name):
        return {flag.code for flag in solve(Spec(capacity="2 mAh", footprint="8x10", pdk=name)).device.flags}

    assert "anneal" in codes("what-if/aluminium")
    assert "anneal" not in codes("what-if/titanium")
    assert not {"anneal", "unproven"} & codes("anodeless-ss")


def test_the_foil_of_a_what_if_carries_its_own_mass_and_resistance():
    steel, titanium = (
        solve(Spec(capacity="2 mAh", footprint="8x10", pdk=name)) for name in ("anodeless-ss", "what-if/titanium")
    )
    assert titanium.device.mass_g < steel.device.mass_g
    assert titanium.device.resistance_ohm < steel.device.resistance_ohm
