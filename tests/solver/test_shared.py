"""What questions share changes no answer."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen import Spec, load_pdk, solve
from layoutgen.errors import DesignError
from layoutgen.explorer.points import evaluate
from layoutgen.solver.packing import Web
from layoutgen.solver.question import resolve
from layoutgen.solver.solve import find
from layoutgen.spec import build_spec
from layoutgen.tile.webplan.density import density_bound, density_reached, searched_density
from layoutgen.tile.webplan.known import Densities

WEB = Web.of(load_pdk().pdk)
SIZES = st.integers(500, 1400).map(lambda tens: tens * 10)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(SIZES, SIZES, st.sampled_from([0.0, 0.9, 0.999, 1.001, 1.1])), min_size=2, max_size=5))
def test_a_density_is_the_same_whatever_was_asked_before(asked):
    """Every size is asked twice, with thresholds below and above what it reaches."""
    known = Densities(WEB.frame)
    for length, width, share in [*asked, *asked[::-1]]:
        cell = length * WEB.um_dbu, width * WEB.um_dbu
        threshold = searched_density(WEB.frame, cell) * share
        assert known.searched(cell, threshold) == searched_density(WEB.frame, cell, threshold)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.tuples(SIZES, SIZES), min_size=1, max_size=40), min_size=2, max_size=4))
def test_bounds_are_those_of_the_web_in_any_order(groups):
    known = Densities(WEB.frame)
    for group in groups:
        sizes = np.array(group, dtype=np.int64).T * WEB.um_dbu
        np.testing.assert_array_equal(known.bound(*sizes), density_bound(WEB.frame, *sizes))
        np.testing.assert_array_equal(known.reached(*sizes), density_reached(WEB.frame, *sizes))


def test_rows_of_a_sweep_are_those_of_each_question_alone():
    settings_ = [{}, {"yield.defect_density": 0.3}, {"device.wall": 80}, {"device.wall": 5}, {"web.slits": 1}]
    points = [
        {"capacity": capacity, "footprint": "8x10", "set": chosen, **more}
        for capacity, chosen, more in itertools.product((18, 20), settings_, ({}, {"foil": "any"}))
    ]
    assert evaluate(points) == [row for point in points for row in evaluate([point])]


@settings(max_examples=6, deadline=None)
@given(
    st.integers(40, 300).map(lambda tenths: tenths / 10),
    st.sampled_from([{"footprint": "8x10"}, {"footprint": "6x14"}, {"height": 1.9, "aspect": 1.25}]),
    st.sampled_from([{}, {"foil": "any"}, {"current": 20}]),
    st.sampled_from([{}, {"yield.model": "murphy"}, {"web.regime": "free"}]),
)
def test_numbers_of_layers_that_are_left_out_hold_no_better_design(capacity, limits, more, chosen):
    """Asked on one web for all, each time with all numbers of layers and without those that cannot be best."""
    spec = build_spec({"capacity": capacity, "objective": "web", "set": chosen, **limits, **more}, {})
    question = resolve(spec, load_pdk(spec.pdk, spec.overrides))
    try:
        with_all = find(question, Web.of(question.pdk), counted=True)
    except DesignError as error:
        with pytest.raises(type(error)):
            find(question, Web.of(question.pdk))
        return
    without = find(question, Web.of(question.pdk))
    assert (without.chosen, without.plan) == (with_all.chosen, with_all.plan)
    assert without.result.considered <= with_all.result.considered


@pytest.mark.parametrize("pdk", ["anodeless-ss", "bottom-terminal", "lithium-alumina", "lithium-mica"])
def test_films_that_a_shipped_kit_offers_keep_its_rules(pdk):
    """So that an answer with one of them needs no drawing before it is given."""
    loaded = load_pdk(pdk)
    stack = loaded.pdk.stack
    foils = stack.substrate.thickness.options or (stack.substrate.thickness.value,)
    cathodes = stack.cathode.thickness.options or (stack.cathode.thickness.value,)
    for foil, cathode in {(foils[0], cathodes[-1]), (foils[-1], cathodes[0]), (foils[-1], cathodes[-1])}:
        spec = Spec(pdk=pdk, footprint="11x13", height=2.5, foil=[foil], cathode=[cathode])
        solution = solve(spec, compare=False)
        assert not solution.findings().failed, (foil, cathode)
