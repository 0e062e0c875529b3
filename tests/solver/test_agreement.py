"""What solve accepts, explore accepts and design draws without breaking a rule; what is offered is an answer."""

import random

import pytest

from layoutgen.errors import DesignError, RuleError
from layoutgen.solver.makeable import Makeable
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.kits import kit
from tests.solver.agreement import KITS, question, verdict

SMALL = (
    {"footprint": "1.6x0.8", "height": 0.5},
    {"capacity": 0.02, "height": 1.5},
    {"capacity": 0.05, "footprint": "2x1.25", "height": 1},
    {"capacity": 0.0005, "footprint": "5x?", "height": 1},
    {"capacity": 0.0832, "height": 1.39, "aspect": 2},
    {"capacity": 0.001, "footprint": "1.9x1.9", "objective": "height", "pdk": "bottom-terminal"},
    {"capacity": 2, "footprint": "8x10", "set": {"web.slits": "7"}, "pdk": "bottom-terminal"},
    {"capacity": 2, "footprint": "8x10", "set": {"web.slits": "33.333333"}},
    {"capacity": 2, "footprint": "8x10", "set": {"web.width": "283.335 mm"}},
)


@pytest.mark.parametrize("asked", SMALL, ids=str)
def test_small_parts_and_slits_agree(asked):
    assert verdict({"set": {}} | asked) in {"answered", "does not fit"}


def test_the_message_says_which_rule_keeps_a_part_out():
    with pytest.raises(
        DesignError, match=r"(?s)the largest cell in it breaks .*ENC005 .*try: footprint=1\.83x0\.92"
    ):
        solve(build_spec({"footprint": "1.6x0.8", "height": 0.5}, {}))


@pytest.mark.parametrize(
    ("settings", "rule"),
    [({"device.wall": "30"}, "EXT006"), ({"web.field_gap": "0.3 mm"}, "WEB007")],
    ids=["in every cell", "on the web"],
)
def test_what_was_set_and_breaks_a_rule_is_said_by_solve(settings, rule):
    with pytest.raises(RuleError, match=rule):
        solve(build_spec({"capacity": 2, "footprint": "8x10", "set": settings}, {}))


@pytest.mark.parametrize("name", KITS)
def test_cells_are_makeable_as_the_rules_say_of_each(name):
    """Cells in random order, so that what is remembered of one is used for others; each drawn by itself as well."""
    loaded = kit(name)
    found = Makeable.of(loaded.pdk, loaded.template.bind(loaded.pdk))
    draw = random.Random(name)
    cells = [(draw.randint(40, 260) * 10.0, draw.randint(30, 200) * 10.0) for _ in range(24)]
    for cell in cells:
        assert found.allows(cell) == (not found.broken(cell)), cell


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_questions_agree(seed):
    draw = random.Random(seed)
    for _ in range(12):
        verdict(question(draw))
