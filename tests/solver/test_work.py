"""What a search costs, in things done: a fine grid, many slits and a web without room ask for little work."""

from unittest import mock

import numpy as np
import pytest

from layoutgen.errors import DoesNotFit
from layoutgen.solver.makeable import Makeable
from layoutgen.solver.packing import Web
from layoutgen.solver.question import resolve
from layoutgen.solver.solve import search_for, solve
from layoutgen.spec import build_spec
from layoutgen.tile.webplan import slit
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.web.plan import WebFrame
from tests.kits import kit

NARROW = {"capacity": 3.04, "footprint": "15.18x2.63"}
FINE = (("web.size_grid", "1"), ("web.rotation_allowed", "false"))


def test_cells_of_one_area_are_not_all_drawn():
    """Each is longer and narrower than the last: one that keeps the rules must tell of the next."""
    process = kit("anodeless-ss", FINE)
    makeable = Makeable.of(process.pdk, process.template.bind(process.pdk))
    with mock.patch.object(Makeable, "_device", autospec=True, side_effect=Makeable._device) as drawn:
        lengths = np.arange(2000.0, 20_000.0, 10.0)
        assert all(makeable.allows((length, round(24e6 / length))) for length in lengths)
        assert drawn.call_count < 100
        # and the border between the cells that keep the rules and those that break them is where it was
        for length in (1500.0, 4000.0, 15_000.0):
            widths = [width for width in range(700, 900) if makeable.allows((length, float(width)))]
            assert widths == list(range(widths[0], 900))
            assert makeable.broken((length, widths[0] - 1.0))
            assert not makeable.broken((length, float(widths[0])))
        assert drawn.call_count < 300


def test_figures_that_no_size_changes_are_asked_once():
    process = kit("anodeless-ss", (*FINE, ("stack.cathode.mechanics.strain_limit", "0.19")))
    makeable = Makeable.of(process.pdk, process.template.bind(process.pdk))
    assert "MEC001" in makeable.rules
    with mock.patch.object(Makeable, "_device", autospec=True, side_effect=Makeable._device) as drawn:
        assert all(makeable.allows((9000.0 + step, 7000.0 - step)) for step in range(500))
    assert drawn.call_count < 100


def test_cells_that_no_strip_has_room_for_are_not_packed():
    process = kit("anodeless-ss", (*FINE, ("web.slits", "100")))
    question = resolve(build_spec(NARROW, {}), process)
    web = Web.of(process.pdk, process.structures)
    with mock.patch.object(Web, "density_of", autospec=True, side_effect=AssertionError("packed")):
        assert search_for(question, web) is None
    with pytest.raises(DoesNotFit, match="does not fit on the web"):
        solve(build_spec(NARROW, {}), process)


def test_strips_of_one_width_are_planned_once():
    slits = tuple((20_000 * n + 9_990, 20_000 * n + 10_010) for n in range(15))
    frame = WebFrame(300_000, 0, 150_000, 150_000, 2_000, 20, rotation_allowed=False, slits=slits)
    with mock.patch.object(slit, "plan_regime", side_effect=slit.plan_regime) as planned:
        plan = plan_web(frame, (8_000, 6_000))
    strips = slit.strips_of(frame, slits)
    assert planned.call_count == len({b - a for a, b in strips}) == 2
    assert plan.cells_per_repeat == sum(
        plan_web(strip, (8_000, 6_000)).cells_per_repeat for _, strip in slit.strip_frames(frame)
    )
