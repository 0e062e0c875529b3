"""Names of a user never meet names of the layout, of its files or of the system that holds them."""

import re
from dataclasses import replace

import pytest

from layoutgen.errors import SpecError
from layoutgen.export.gds import gds_bytes
from layoutgen.outputs import layout_of
from layoutgen.rules.engine import check_solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.rules.webs import SMALL_WEB

ASKED = {"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB) | {"web.structures": "coupon"}}
NAMES = [
    "cell",
    "Stack",
    "re-peat",
    "REPEAT",
    "field-1",
    "FIDUCIAL",
    "char-b",
    "bar-1",
    "line_2",
    "structure-coupon",
]


@pytest.fixture(scope="module")
def plain():
    return solve(build_spec({**ASKED, "name": "plain"}, {}), compare=False)


@pytest.mark.parametrize("name", NAMES)
def test_a_design_may_be_called_as_a_cell_is(name, plain):
    solution = replace(plain, spec=plain.spec.model_copy(update={"name": name}))
    layout = layout_of(solution)
    names = [cell.name.casefold() for cell in layout.cells]
    assert len(set(names)) == len(names)
    assert re.fullmatch(re.escape(name.upper().replace("-", "_")) + "(_TOP)?", layout.top)
    assert gds_bytes(layout, solution.loaded.pdk)
    states = check_solution(solution, layout).states
    assert not [state.rule for state in states if state.state in {"failed", "not run"}]


@pytest.mark.parametrize("name", ["con", "Nul", "AUX", "prn", "com1", "LPT9"])
def test_no_file_is_called_as_a_device_of_windows(name):
    with pytest.raises(SpecError, match="device of Windows"):
        build_spec({**ASKED, "name": name}, {})
