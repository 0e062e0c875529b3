"""The solver against full enumeration of small grids: every layer count, every cell, both orientations."""

import math
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layoutgen.errors import DoesNotFit, RuleError
from layoutgen.layout.dbu import plan_dbu_nm, web_frame
from layoutgen.sizing.capacity import rated_mah
from layoutgen.sizing.process import process_of
from layoutgen.sizing.stackup import pitch_um
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.packing import Web
from layoutgen.solver.question import resolve
from layoutgen.solver.solve import search_for, solve
from layoutgen.spec import build_spec
from layoutgen.tile.webplan.density import searched_density
from tests.kits import kit


def brute_force(spec, loaded):
    """The value that the solver must reach, over every design on the grid (None where none fits).

    Tiles every cell. For the web objective: (height, good devices) of the lowest design within the indifference.
    """
    pdk, process = loaded.pdk, process_of(loaded.pdk)
    template = loaded.template.bind(pdk)
    frame = web_frame(pdk, plan_dbu_nm(pdk))
    grid = pdk.web.size_grid.value
    longest = max(spec.footprint) * 1000
    sizes = [grid * number for number in range(1, int(longest / grid) + 1)]
    lengths, widths = (axis.ravel() for axis in np.meshgrid(sizes, sizes, indexing="ij"))
    areas = template.active_area_cm2(lengths, widths)
    boxes = template.rectangles(lengths, widths).values()
    drawn = np.logical_and.reduce([(box.x1 > box.x0) & (box.y1 > box.y0) for box in boxes])
    outlines = np.stack(template.package_size_um(lengths, widths), axis=-1) / 1000
    fits = [(outlines <= np.array(order) + 1e-9).all(axis=1) for order in (spec.footprint, spec.footprint[::-1])]
    layers = np.arange(1, int(pdk.package.layers_max.value) + 1)
    heights = template.height_um(layers, pitch_um(process)) / 1000
    low = np.full(layers.shape, True) if spec.height is None else heights <= spec.height + 1e-9
    found = []
    for cell in np.flatnonzero((areas > 0) & drawn & (fits[0] | fits[1])):
        area = areas[cell]
        rated = rated_mah(process, layers, area, spec.confidence, spec.cycles)
        meets = low & (rated >= spec.capacity * (1 - 1e-12))
        if not meets.any():
            continue
        density = searched_density(frame, (round(lengths[cell] * 1000), round(widths[cell] * 1000)))
        if density:
            good = density * 1e18 * good_devices_per_cell(process, layers, area)
            outline = float(outlines[cell].prod())
            found += [(float(heights[i]), float(good[i]), outline) for i in np.flatnonzero(meets)]
    if not found:
        return None
    objective = spec.objective.value if spec.objective else "web"
    if objective == "height":
        return -min(height for height, _, _ in found)
    if objective == "footprint":
        return -min(footprint for _, _, footprint in found)
    if objective == "energy-density":
        return -min(height * footprint for height, _, footprint in found)
    enough = max(good for _, good, _ in found) / (1 + spec.indifference_percent / 100) * (1 - 1e-12)
    lowest = min(height for height, good, _ in found if good >= enough)
    return lowest, max(good for height, good, _ in found if height < lowest + 1e-8)


def value_of(solution):
    device = solution.device
    footprint = device.package_length_um * device.package_width_um * 1e-6
    return {
        "web": (device.package_height_um / 1000, solution.good_devices_per_m2),
        "height": -device.package_height_um / 1000,
        "footprint": -footprint,
        "energy-density": -footprint * device.package_height_um / 1000,
    }[solution.objective]


@st.composite
def small_questions(draw):
    """Specs and processes with few grid sizes, so that everything can be tried."""
    grid = draw(st.sampled_from([200, 250, 400]))
    overrides = [
        ("web.size_grid", str(grid)),
        ("package.layers_max", str(draw(st.integers(2, 12)))),
        ("web.width", f"{draw(st.integers(40, 90))} mm"),
        ("web.edge", f"{draw(st.integers(0, 5))} mm"),
        ("web.field_width", f"{draw(st.integers(15, 60))} mm"),
        ("web.field_length", f"{draw(st.integers(15, 60))} mm"),
        ("web.field_gap", f"{draw(st.integers(0, 3))} mm"),
        ("yield.defect_density", str(draw(st.sampled_from([0.0, 0.1, 1.0, 3.0])))),
        ("yield.model", draw(st.sampled_from(["negative-binomial", "poisson", "murphy", "seeds"]))),
        ("web.rotation_allowed", draw(st.sampled_from(["true", "true", "false"]))),
    ]
    regime = draw(st.sampled_from(["fields", "fields", "free"]))
    overrides.append(("web.regime", regime))
    values = {
        "capacity": draw(st.floats(0.1, 3.0).map(lambda mah: round(mah, 2))),
        "footprint": (draw(st.integers(15, 55)) / 10, draw(st.integers(15, 55)) / 10),
    }
    if draw(st.booleans()):
        values["height"] = draw(st.integers(25, 60)) / 100
    objective = draw(st.sampled_from([None, None, "web", "height", "footprint", "energy-density"]))
    if objective:
        values["objective"] = objective
    values["indifference_percent"] = draw(st.sampled_from([0.0, 0.1, 3.0, 10.0]))
    return values, overrides


@pytest.mark.slow
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(small_questions())
def test_same_optimum_as_brute_force(question):
    values, overrides = question
    loaded = kit("anodeless-ss", overrides)
    spec = build_spec(values, {})
    expected = brute_force(spec, loaded)
    try:
        solution = solve(spec, loaded)
    except DoesNotFit:
        assert expected is None
        return
    except RuleError as refused:
        # a narrow gap between fields leaves no place for fiducials where the web's edge is narrow
        assert all("FIDUCIAL" in problem.what for problem in refused.problems)
        return
    assert expected is not None
    found = value_of(solution)
    if solution.objective != "web":
        assert math.isclose(found, expected, rel_tol=1e-9)
        return
    # the final packing may use more effort than the enumeration, never less
    assert math.isclose(found[0], expected[0], rel_tol=1e-9)
    assert found[1] >= expected[1] * (1 - 1e-9)
    if not math.isclose(found[1], expected[1], rel_tol=1e-9):
        assert solution.web.method != "grid"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(small_questions(), st.sampled_from(["anodeless-ss", "bottom-terminal"]), st.permutations([15, 25, 50]))
def test_choices_left_out_would_not_have_been_better(question, name, foils):
    values, overrides = question
    loaded = kit(name, overrides)
    asked = resolve(build_spec({**values, "foil": foils, "cathode": [6, 10, 4]}, {}), loaded)
    found = search_for(asked, Web.of(loaded.pdk))
    with mock.patch("layoutgen.solver.search.undominated", lambda spaces: [True] * len(spaces)):
        everything = search_for(asked, Web.of(loaded.pdk))
    if found is None or everything is None:
        assert found is everything
        return
    # thicker foil is never better
    assert found.dominated >= 6
    assert found.best.cost == pytest.approx(everything.best.cost, abs=1e-9)
    assert found.chosen.height_um <= everything.chosen.height_um + 1e-6
    assert found.considered <= everything.considered
