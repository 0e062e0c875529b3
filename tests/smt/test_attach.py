"""How a part is joined to its board: what is not reflowed has no paste and no flag of reflow, and says so."""

import re

import pytest

from layoutgen.document import from_document, to_document
from layoutgen.errors import SpecError
from layoutgen.export.kicad import footprint_text
from layoutgen.report.checklist import State, checklist
from layoutgen.smt.land_pattern import Level, land_pattern
from layoutgen.smt.part import solder_part
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.summary import summary

CARD = {"capacity": "10", "footprint": "30x40", "height": "0.45"}
REFLOW = {"reflow-class", "formation-after-reflow", "no-reflow"}


def asked(**more):
    return solve(build_spec(CARD | more, {}), compare=False)


@pytest.fixture(scope="module", params=["laminated", "welded"])
def joined(request):
    return asked(attach=request.param)


@pytest.fixture(scope="module")
def soldered():
    return asked()


def footprints(solution):
    part = solder_part(solution.device, solution.template)
    return [footprint_text("part", part, land_pattern(part, level), "Battery", "part.step") for level in Level]


def test_the_flags_of_reflow_go(joined, soldered):
    codes = {flag.code for flag in soldered.device.flags}
    assert codes & REFLOW == {"reflow-class", "formation-after-reflow"}
    assert {flag.code for flag in joined.device.flags} == codes - REFLOW
    assert "no reflow, no paste" in summary(joined)


def test_lands_have_no_paste_and_say_why(joined, soldered):
    found, before = (to_document(item)["land_pattern"] for item in (joined, soldered))
    assert before["no_reflow"] is None
    assert joined.spec.attach.value in found["no_reflow"]
    for level, other in zip(found["levels"], before["levels"], strict=True):
        assert level["paste_openings"] == []
        assert (level["paste_openings_per_pad"], level["paste_coverage"]) == (0, 0)
        assert (level["pads"], level["solder_mask_openings"]) == (other["pads"], other["solder_mask_openings"])
        assert other["paste_openings"]


def test_footprints_have_no_paste_and_say_why(joined, soldered):
    for text, other in zip(footprints(joined), footprints(soldered), strict=True):
        assert "F.Paste" in other
        assert "F.Paste" not in text
        assert "solder_paste_margin" not in text
        assert re.search(rf'descr "[^"]*no paste: the part is {joined.spec.attach.value}', text)
        assert text.count('"F.Cu" "F.Mask"') == 2


def test_a_small_part_has_no_paste_either():
    """Its lands take a single opening, which is a layer of the pad and no pad of its own."""
    small = solve(build_spec({"footprint": "3.2x2.5", "height": "1.1", "attach": "welded"}, {}), compare=False)
    assert all("F.Paste" not in text for text in footprints(small))


def test_a_lithium_anode_is_not_reflowed():
    solution = solve(build_spec({"capacity": "1", "footprint": "10x10", "pdk": "lithium-mica"}, {}), compare=False)
    assert "lithium anode" in to_document(solution)["land_pattern"]["no_reflow"]
    assert all("F.Paste" not in text for text in footprints(solution))


def test_terminals_that_lean_are_not_reflowed():
    bent = solve(build_spec({"capacity": "3", "footprint": "18x3", "bend_radius": "9.5", "curved": True}, {}))
    codes = {flag.code for flag in bent.device.flags}
    assert codes & REFLOW == {"no-reflow"}
    assert "above a flat board" in to_document(bent)["land_pattern"]["no_reflow"]
    (said,) = (flag.message for flag in bent.device.flags if flag.code == "no-reflow")
    assert said == f"{bent.device.no_reflow}: no reflow"
    assert "no reflow" not in bent.device.no_reflow
    assert all("F.Paste" not in text for text in footprints(bent))


def test_nobody_signs_for_an_order_of_soldering(joined, soldered):
    def state(solution):
        items = checklist(solution.loaded.pdk.review, to_document(solution), None, "")
        return {item.criterion.id: item.state for item in items}

    assert state(soldered)["SMT-2"] is State.SIGN
    assert state(joined)["SMT-2"] is state(joined)["SMT-1"] is State.PASSED
    assert state(joined)["BRD-1"] is State.SIGN


def test_the_document_keeps_it(joined):
    again = from_document(to_document(joined))
    assert again.device.attach is joined.device.attach
    assert again.device.no_reflow == joined.device.no_reflow


def test_another_way_is_refused():
    with pytest.raises(SpecError, match="'soldered', 'laminated' or 'welded'"):
        asked(attach="glued")
