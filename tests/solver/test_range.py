"""The whole range of the technology: a valid design, or a clear verdict with values that work."""

import itertools

import pytest

from layoutgen.errors import DoesNotFit
from layoutgen.sizing.capacity import rated_mah
from layoutgen.sizing.process import process_of
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.units import parse_footprint_mm

CAPACITIES = (1, 5, 20, 50, 100)
FOOTPRINTS = ("3x4", "5x5", "8x10", "12x15", "30x40")
FOILS = ("10", "20", "75")


@pytest.mark.slow
@pytest.mark.parametrize("foil", FOILS)
@pytest.mark.parametrize("height", [None, 1.0])
def test_every_question_has_a_design_or_the_nearest_that_works(foil, height, steel):
    verdicts = {True: 0, False: 0}
    for capacity, footprint in itertools.product(CAPACITIES, FOOTPRINTS):
        values = {"capacity": capacity, "footprint": footprint, "foil": [foil]}
        values |= {"height": height} if height else {}
        spec = build_spec(values, {})
        try:
            solution = solve(spec, steel, compare=foil == "10")
        except DoesNotFit as error:
            verdicts[False] += 1
            nearest = error.nearest.to_json()
            assert nearest, str(error)
            for name, value in nearest.items():
                solve(build_spec(values | {name.rpartition("_")[0]: value}, {}), steel, compare=False)
            continue
        verdicts[True] += 1
        assert_valid(solution, capacity, parse_footprint_mm(footprint), height)
    assert verdicts[True] > 5


def assert_valid(solution, capacity, footprint, height):
    device, pdk = solution.device, solution.loaded.pdk
    package = sorted((device.package_length_um / 1000, device.package_width_um / 1000))
    assert package[0] <= min(footprint) + 1e-9
    assert package[1] <= max(footprint) + 1e-9
    assert height is None or device.package_height_um <= height * 1000
    assert device.layers <= pdk.package.layers_max.value
    process = process_of(pdk)
    assert rated_mah(process, device.layers, device.active_area_cm2, 0.99) >= capacity * (1 - 1e-9)
    grid = pdk.web.size_grid.value
    assert device.cell_length_um % grid == 0
    assert device.cell_width_um % grid == 0
    assert 0 < solution.web.cells_per_repeat <= solution.web.bound_cells_per_repeat
    assert solution.good_devices_per_m2 > 0
    if solution.naive is not None:
        assert solution.good_devices_per_m2 >= solution.naive.devices_per_m2_good * (1 - 1e-9)


def test_default_question_is_what_a_hand_calculation_gives():
    """50 layers and 1.81 mm fill the footprint; the solver may take a few layers more where that saves web."""
    by_hand = solve(build_spec({"capacity": 20, "footprint": "8x10", "objective": "height"}, {}))
    assert by_hand.device.layers == 50
    assert by_hand.device.package_height_um == pytest.approx(1810, abs=1)
    best = solve(build_spec({"capacity": 20, "footprint": "8x10"}, {}))
    assert best.good_devices_per_m2 >= by_hand.good_devices_per_m2
    assert 50 <= best.device.layers <= 53


def test_three_given_is_a_yes_or_a_no():
    values = {"capacity": 20, "footprint": "8x10"}
    assert solve(build_spec(values | {"height": 1.82}, {})).device.layers == 50
    with pytest.raises(DoesNotFit) as caught:
        solve(build_spec(values | {"height": 1.81}, {}))
    assert caught.value.nearest.height_mm == 1.82
