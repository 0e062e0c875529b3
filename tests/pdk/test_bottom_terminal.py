"""The shipped kit with pads on the bottom only: another device by data alone."""

import pytest
import shapely

from layoutgen.draw.section import cell_films, inner_faces
from layoutgen.draw.solids import model_solids
from layoutgen.outputs import layout_of
from layoutgen.rules.engine import check_solution
from layoutgen.smt.land_pattern import Level, land_pattern
from layoutgen.smt.part import solder_part
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.draw.designs import TEN, inputs


@pytest.fixture(scope="module")
def solution():
    return solve(build_spec({"capacity": "3", "footprint": "6x8", "pdk": "bottom-terminal"}, {}))


@pytest.fixture(scope="module")
def drawn():
    return inputs(**TEN["pads on the bottom"])


def test_every_rule_passes(solution):
    report = check_solution(solution, layout_of(solution))
    states = {state.rule: state.state for state in report.states}
    assert states["PKG004"] == states["CON001"] == states["CON002"] == states["ENC007"] == "passed"
    assert report.clean


def test_height_is_counted_by_hand(solution):
    device, package = solution.device, solution.loaded.pdk.package
    assert [film.film for film in device.stack][-1] == "lid_top"
    by_hand = device.layers * device.pitch_um + package.lid_bottom.value + package.lid_top.value + 25
    assert device.package_height_um == pytest.approx(by_hand, abs=1e-9)


def test_mass_is_the_sum_of_what_is_there(solution):
    pdk, device = solution.loaded.pdk, solution.device
    boxes = solution.template.rectangles(device.cell_length_um, device.cell_width_um)
    areas = {name: shapely.box(r.x0, r.y0, r.x1, r.y1) for name, r in boxes.items()}
    faces = areas["FACE_POS"].union(areas["FACE_NEG"])
    stack_um = device.layers * device.pitch_um
    films = sum(
        (areas[film.layer] - (areas["FILM_OPEN"] if film.film == "film_lower" else shapely.Point())).area
        * film.thickness_um
        * getattr(pdk.stack, film.film).density.value
        for film in device.stack
        if film.count > 1 and film.film != "lithium"
    )
    outline = areas["ENCAP"]
    lids = outline.area * 100 - faces.area * 50
    walls = (outline - areas["SUBSTRATE"] - faces).area * stack_um
    metal = faces.area * (stack_um + 50) + areas["PAD_POS"].union(areas["PAD_NEG"]).area * 25
    density = pdk.package
    by_hand = (
        films * device.layers + (lids + walls) * density.lid_density.value + metal * density.terminal_density.value
    )
    assert device.mass_g == pytest.approx(by_hand * 1e-12, rel=1e-9)


def test_end_faces_join_every_foil_and_tab_to_the_pads(drawn):
    plus, minus = inner_faces(drawn)
    spans = drawn.rectangles()
    assert plus.x1 == spans["SUBSTRATE"].x0
    assert minus.x0 == spans["TAB"].x1
    assert plus.z0 == minus.z0 == drawn.template.terminal_metal_um()
    top = cell_films(drawn)[0].z0_um + drawn.design.layers * drawn.design.pitch_um
    assert plus.z1 == minus.z1 == pytest.approx(top)


def test_pads_lie_under_the_body_and_inside_it(drawn):
    body, plus, minus, _ = model_solids(drawn)
    x0, y0, z0, x1, y1, z1 = body.extent()
    for pad in (plus, minus):
        a0, b0, c0, a1, b1, c1 = pad.extent()
        assert a0 - x0 >= 50 or x1 - a1 >= 50
        assert (b0 - y0, y1 - b1) == (50, 50)
        assert (c0, c1) == (0, z0)
    assert z1 == pytest.approx(drawn.design.package_height_um)


@pytest.mark.parametrize(("level", "toe"), [(Level.A, 0.40), (Level.B, 0.30), (Level.C, 0.20)])
def test_lands_have_the_goals_of_parts_without_leads(drawn, level, toe):
    part = solder_part(drawn.design, drawn.template)
    pattern = land_pattern(part, level)
    assert (pattern.goals.toe, pattern.goals.heel, pattern.goals.side) == (toe, 0.0, -0.04)
    assert part.inset_mm == pytest.approx(0.05)
    # Lmin of the pads' span 9.46 - 0.1 mm; tolerance band 0.2 mm, board 0.1 mm, placement 0.05 mm
    by_hand = part.length.least_mm - 0.1 + 2 * toe + (0.2**2 + 0.1**2 + 0.05**2) ** 0.5
    assert pattern.exact_z == pytest.approx(by_hand)
