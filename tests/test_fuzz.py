"""Damaged input never ends in a traceback; `python -m tests.fuzz 10000` tries more."""

import pytest

from layoutgen.pdk.load import load_pdk
from tests.fuzz import attempt


@pytest.mark.slow
@pytest.mark.parametrize("block", range(4))
def test_random_damage_gives_a_result_or_a_clear_error(block):
    content = load_pdk().content
    outcomes = {attempt(seed, content) for seed in range(block * 100, block * 100 + 100)}
    assert outcomes <= {
        "design",
        "PdkError",
        "SpecError",
        "TemplateError",
        "DoesNotFit",
        "PreflightError",
        "RuleError",
    }
    assert {"design", "PdkError", "SpecError"} <= outcomes
