"""Bending by hand: the numbers that follow from moduli and thicknesses, and a formula out of print."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutgen.mechanics.curved import CurvedStack
from layoutgen.mechanics.laminate import Laminate, Ply
from layoutgen.mechanics.stack import Bonding, StackedCells, bonding, shear_lag_mm

FILM = Laminate((Ply("film", 8, 2.5),))


def cell(foil_um=10.0):
    return Laminate(
        (
            Ply("substrate", foil_um, 193),
            Ply("barrier", 0.03, 400),
            Ply("cathode", 10, 174),
            Ply("electrolyte", 1.5, 77),
            Ply("anode_collector", 0.3, 117),
        )
    )


def cathode_of(strained):
    return next(item for item in strained if item.name == "cathode")


def test_one_cell_on_10_um_foil():
    assert cell().neutral_axis_um() == pytest.approx(10.20, abs=0.005)
    assert cathode_of(cell().bent(10)).top * 100 == pytest.approx(0.0983, abs=5e-5)
    assert cell().least_radius_mm([("cathode", 0.001)]) == pytest.approx(9.83, abs=0.005)


@pytest.mark.parametrize(("foil_um", "radius_mm"), [(25, 17.4), (75, 42.5)])
def test_thicker_foils(foil_um, radius_mm):
    assert cell(foil_um).least_radius_mm([("cathode", 0.001)]) == pytest.approx(radius_mm, abs=0.06)


@pytest.mark.parametrize(("layers", "radius_mm"), [(2, 24.67), (5, 69.4), (11, 159), (49, 726)])
def test_bonded_layers_bend_as_one_block(layers, radius_mm):
    stack = StackedCells(cell(), FILM, layers)
    block = stack.bent_block()
    least = block.least_radius_mm([(f"{layers}:cathode", 0.001)])
    assert least == pytest.approx(radius_mm, rel=0.001)
    # layers are alike: their own axes lie one pitch apart and average in the middle
    layer = Laminate((*stack.cell.plies, *stack.film.plies))
    middle = layer.neutral_axis_um() + (layers - 1) * stack.pitch_um / 2
    assert block.neutral_axis_um() == pytest.approx(middle, rel=1e-12)


@given(st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.1, 500), st.floats(0.1, 500), st.floats(0.1, 1e3))
def test_two_films_after_suo(film_um, foil_um, film_gpa, foil_gpa, radius_mm):
    """eps = (t_f + t_s) / 2R x (1 + 2 eta + chi eta^2) / ((1 + eta)(1 + chi eta))."""
    eta, chi = film_um / foil_um, film_gpa / foil_gpa
    printed = (film_um + foil_um) / 2 / (radius_mm * 1000) * (1 + 2 * eta + chi * eta**2)
    printed /= (1 + eta) * (1 + chi * eta)
    laminate = Laminate((Ply("foil", foil_um, foil_gpa), Ply("film", film_um, film_gpa)))
    assert laminate.bent(radius_mm)[1].top == pytest.approx(printed, rel=1e-12, abs=1e-15)


@given(st.lists(st.tuples(st.floats(0.05, 50), st.floats(0.1, 400)), min_size=1, max_size=7), st.floats(0.5, 500))
def test_bending_alone_pulls_no_net_force_and_pays_for_its_moment(films, radius_mm):
    """Independent of the formula for the axis: forces over the section add up to nothing, moments to D / R."""
    laminate = Laminate(tuple(Ply(str(i), t, e) for i, (t, e) in enumerate(films)))
    force = moment = scale = 0.0
    for (t, e), item in zip(films, laminate.bent(radius_mm), strict=True):
        force += e * t * (item.bottom + item.top) / 2
        scale += e * t * max(abs(item.bottom), abs(item.top))
        # Simpson's rule is exact for the square
        middle = (item.z0_um + item.z1_um) / 2
        at = [(item.bottom, item.z0_um), ((item.bottom + item.top) / 2, middle), (item.top, item.z1_um)]
        moment += t / 6 * e * sum(w * strain * z for w, (strain, z) in zip((1, 4, 1), at, strict=True))
    assert abs(force) <= 1e-9 * scale
    assert moment == pytest.approx(laminate.rigidity_gpa_um3() / (radius_mm * 1000), rel=1e-6)


def test_flat_is_the_limit_of_wide_bends():
    assert all(item.bottom == item.top == 0 for item in cell().bent(math.inf))


def test_films_inside_are_pressed_together():
    inside = cathode_of(cell().bent(10, films_outside=False))
    assert inside.top == -cathode_of(cell().bent(10)).top
    assert inside.least < 0
    assert cell().least_radius_mm([("electrolyte", 0.001)], films_outside=False) == 0


def test_shear_lag():
    assert shear_lag_mm(cell(), 8, 1.0) == pytest.approx(0.175, abs=0.001)
    assert shear_lag_mm(cell(), 8, 1e-4) == pytest.approx(17.5, abs=0.05)
    assert [bonding(9.78, lag) for lag in (0.18, 17.5, 5.0)] == [Bonding.BONDED, Bonding.SLIDING, Bonding.BETWEEN]


def test_arcs_of_a_curved_stack():
    assert CurvedStack(9.5, 100, 33.01, 2).arc_step_um == pytest.approx(57.6, abs=0.05)
    for layers, percent in ((10, 1.71), (20, 3.36), (30, 4.95)):
        assert CurvedStack(9.5, 100, 33.01, layers).equal_cells_loss * 100 == pytest.approx(percent, abs=0.006)


@given(st.floats(1, 1e4), st.floats(1, 359), st.floats(10, 100), st.integers(1, 60))
def test_arcs_grow_by_one_step_a_layer(radius_mm, angle_deg, pitch_um, layers):
    stack = CurvedStack(radius_mm, angle_deg, pitch_um, layers)
    arcs = [stack.arc_mm(layer) for layer in range(1, layers + 1)]
    for below, above in itertools.pairwise(arcs):
        assert (above - below) * 1000 == pytest.approx(stack.arc_step_um, rel=1e-6)


def test_a_wide_bend_is_a_flat_part():
    stack = CurvedStack(1e9, math.degrees(10 / 1e9), 33.01, 49)
    assert stack.arc_mm(49) == pytest.approx(10, rel=1e-5)
    assert stack.equal_cells_loss == pytest.approx(0, abs=1e-8)
    assert stack.end_lean_deg == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("bad", [0, -1, math.nan])
def test_what_is_no_radius_is_refused(bad):
    with pytest.raises(ValueError, match="radius"):
        cell().bent(bad)
    with pytest.raises(ValueError, match="radius"):
        CurvedStack(bad, 100, 33, 2)
