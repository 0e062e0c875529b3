"""A plan of the web and its JSON: one and the same, whoever writes it, and the way back loses nothing."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.cli import cli
from layoutgen.document import to_document
from layoutgen.outputs import layout_of
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.tile.model import Effort
from layoutgen.tile.webplan.around import plan_around
from layoutgen.tile.webplan.structures import place_structures
from layoutgen.units import rounded
from layoutgen.web.plan import Regime, Structure, WebFrame, Zone
from layoutgen.web.record import plan_record, read_plan

frames = st.builds(
    WebFrame,
    width=st.integers(900, 1600),
    edge=st.integers(0, 60),
    field_width=st.integers(300, 700),
    field_length=st.integers(300, 700),
    field_gap=st.integers(2, 20),
    kerf=st.integers(1, 9),
    rotation_allowed=st.booleans(),
    regime=st.sampled_from([Regime.FIELDS, Regime.FREE]),
    least_strip=st.integers(0, 3),
    guillotine_only=st.just(value=False),
)


@given(frames, st.tuples(st.integers(60, 200), st.integers(60, 200)), st.sampled_from([1, 5, 10]))
@settings(max_examples=30)
def test_what_is_written_is_what_is_read(frame, cell, dbu_nm):
    zone = Zone("dent", "known defect", ((10, 10), (150, 30), (90, 120)))
    plan = place_structures(
        plan_around(frame, cell, (zone,), effort=Effort.QUICK), [Structure("coupon", 70, 40)]
    ).plan
    text = json.dumps(rounded(plan_record(plan, dbu_nm)))
    assert read_plan(json.loads(text)) == plan
    assert rounded(plan_record(read_plan(json.loads(text)), dbu_nm)) == json.loads(text)


@pytest.mark.parametrize("rule", [{}, {"web.rotation_allowed": "false"}])
def test_the_tiler_alone_says_the_same_as_a_design(rule):
    """The web of a design, asked for with the options of ``tile``: every key of the plan is the same."""
    solution = solve(build_spec({"capacity": 20, "footprint": (8.0, 10.0), "set": rule}, {}), compare=False)
    web, frame = to_document(solution)["web"], solution.web.frame
    cell, field = web["cell_mm"], web["field_max_mm"]
    done = CliRunner().invoke(
        cli,
        ["tile", "--json", "--cell", f"{cell['length']}x{cell['width']}", "--web", f"{web['width_mm']}",
         "--edge", f"{web['edge_mm']}", "--gap", f"{web['field_gap_mm']}", "--kerf", f"{web['kerf_mm']}",
         "--field", f"{field['width']}x{field['length']}", "--effort", "standard",
         *([] if frame.rotation_allowed else ["--no-rotation"])],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    alone = json.loads(done.stdout)
    of_the_kit = {"least_strip_mm", "grid_mm"}
    kept = plan_record(solution.web, solution.dbu_nm).keys() - of_the_kit
    assert {key: alone[key] for key in kept} == {key: web[key] for key in kept}
    assert layout_of(replace(solution, web=read_plan({**alone, **{key: web[key] for key in of_the_kit}})))
