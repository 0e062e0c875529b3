"""Where nothing fits: the nearest values are data, each has an answer, and less or more than it has none."""

import json
import pickle

import pytest

from layoutgen import Spec, solve
from layoutgen.cli import main
from layoutgen.document.refusal import refusal
from layoutgen.errors import DoesNotFit

ASKED = {"capacity": 20, "footprint": (8, 10), "height": 1.5}
STEP = 0.011
"""A step of the values offered, mm."""


def refused(**asked):
    with pytest.raises(DoesNotFit) as error:
        solve(Spec(**asked), compare=False)
    return error.value


def test_each_has_an_answer_and_one_step_beyond_has_none():
    nearest = refused(**ASKED).nearest
    first, second = nearest.footprint_mm
    assert first / second == pytest.approx(0.8, abs=2e-3)
    for field, value, beyond in (
        ("capacity", nearest.capacity_mah, nearest.capacity_mah * 1.01),
        ("height", nearest.height_mm, nearest.height_mm - STEP),
        ("footprint", (first, second), (first - STEP, second - STEP)),
    ):
        assert solve(Spec(**ASKED | {field: value}), compare=False).device.rated_mah > 0
        refused(**ASKED | {field: beyond})


def test_a_free_side_stays_free_and_what_was_not_asked_is_not_offered():
    nearest = refused(capacity=20, footprint=(3, None), height=0.1).nearest
    assert nearest.footprint_mm is None or nearest.footprint_mm[1] is None
    assert refused(capacity=200, footprint=(8, 10)).nearest.height_mm is None


def test_it_goes_through_pickle_and_json_as_it_is():
    error = refused(**ASKED)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.nearest) == (str(error), error.nearest)
    found = refusal(error)["limits"]["nearest"]
    assert found == {
        "capacity_mah": error.nearest.capacity_mah,
        "height_mm": error.nearest.height_mm,
        "footprint_mm": list(error.nearest.footprint_mm),
    }
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("verb", [["solve"], ["design", "--dry-run"]])
def test_the_command_line_answers_with_it(verb, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*verb, "--mah", "20", "--footprint", "8x10", "--height", "1.5", "--json", "-q"])
    told = capsys.readouterr()
    assert ended.value.code == 1
    found, error = json.loads(told.out), refused(**ASKED)
    assert found["limits"] == refusal(error)["limits"]
    assert found["problems"][0]["remedy"] in told.err
    assert str(error).splitlines()[0] in told.err
