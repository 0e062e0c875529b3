"""Every rule finds what is one grid step beyond its limit and lets pass what is at it."""

import pytest

from layoutgen.pdk.load import load_pdk
from layoutgen.rules.engine import run_rule
from tests.rules.mutants import mutants

RULES = load_pdk().pdk.rules


@pytest.mark.parametrize("name", sorted(RULES))
def test_one_step_beyond_is_found_and_just_inside_passes(name, record_property):
    rule = RULES[name]
    beyond, inside = mutants(rule)
    assert len(beyond) >= 5
    assert len(inside) >= 5
    for what, item in beyond:
        outcome = run_rule(item, rule)
        assert not outcome.obstacle, what
        assert outcome.violations, f"{what} was not found"
    for what, item in inside:
        outcome = run_rule(item, rule)
        assert not outcome.obstacle, what
        assert not outcome.violations, f"{what}: {outcome.violations[:2]}"
    record_property("mutants", len(beyond))
