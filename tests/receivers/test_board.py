"""The archive of a board designer, of parts that are not flat."""

import pytest

from layoutgen.outputs import ARCHIVES, Made
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec


def archive(**bend):
    solution = solve(build_spec({"capacity": 2, "footprint": (8.0, 12.0), **bend}, {}), compare=False)
    return {name: b"".join(pieces) for name, pieces in ARCHIVES["board"].make(Made(solution)).items()}


@pytest.mark.parametrize(
    ("bend", "reflow", "curved"),
    [({}, True, False), ({"bend_radius": 20, "curved": True}, False, True), ({"bend_radius": 2000}, True, False)],
    ids=["flat", "curved", "hardly bent"],
)
def test_a_part_whose_ends_lean_is_not_reflowed_and_comes_with_its_own_model(bend, reflow, curved):
    files = archive(**bend)
    said = files["README.txt"].decode()
    assert ("Place and reflow" in said) == reflow
    assert ("No reflow" in said) == (not reflow)
    assert said.lower().count("no reflow") == 1  # a part that may be reflowed is told not to be once it is formed
    models = [name for name in files if name.endswith("-curved.step")]
    assert bool(models) == curved
    assert all(name in said for name in models)
    columns = {
        line.index(line.split("  ")[-1].strip())
        for line in said.splitlines()
        if ".pretty/" in line or ".lib" in line
    }
    assert len(columns) == 1
