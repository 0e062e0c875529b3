"""Shorts and opens seeded in every pair of layers are found, with the layers and the place."""

import pytest

from layoutgen.pdk.load import load_pdk
from layoutgen.rules.connectivity import nets_of
from layoutgen.rules.engine import run_rule
from tests.rules.mutants.nets import seeded_opens, seeded_shorts
from tests.rules.webs import context, on_device, web

RULES = load_pdk().pdk.rules
SHORTS, OPENS = seeded_shorts(web()), seeded_opens(web())


def opposite_pairs():
    """Every pair of conductors of different poles, from the template alone."""
    nets = nets_of(web().template.template)
    films = [layer for layer in nets.films if layer in nets.net]
    faces_and_films = [(face, film) for face in nets.faces for film in films]
    metal = [(a, b) for a in (*nets.faces, *nets.wraps) for b in (*nets.faces, *nets.wraps) if a < b]
    stacked = [(a, b) for a in films for b in films if a < b]
    return {frozenset(pair) for pair in faces_and_films + metal + stacked if nets.net[pair[0]] != nets.net[pair[1]]}


def test_a_short_is_seeded_in_every_pair_of_layers():
    seeded = {frozenset(name.replace("the next ", "").split(" and ")) for name in SHORTS}
    assert seeded == opposite_pairs()


@pytest.mark.parametrize("name", SHORTS)
def test_shorts_are_found_with_their_layers(name):
    first, second = name.replace("the next ", "").split(" and ")
    outcome = run_rule(context(web(), on_device(web(), SHORTS[name])), RULES["CON001"])
    found = [item for item in outcome.violations if first in item.message and second in item.message]
    assert found, outcome.violations
    assert all(item.box is not None for item in found)


@pytest.mark.parametrize("name", OPENS)
def test_opens_are_found(name):
    outcome = run_rule(context(web(), on_device(web(), OPENS[name])), RULES["CON002"])
    assert outcome.violations


@pytest.mark.parametrize("pdk", ["lithium-mica", "lithium-alumina"])
def test_an_insulating_substrate_has_the_same_nets(pdk):
    loaded = load_pdk(pdk)
    assert nets_of(loaded.template).net["SUBSTRATE"] == "+"  # its collector
    assert nets_of(loaded.template).net["CATHODE"] == "+"
