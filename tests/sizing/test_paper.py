"""The sizing model against the numbers of the paper (doi 10.1021/acsenergylett.3c01839)."""

import numpy as np
import pytest

from layoutgen.pdk.load import load_pdk
from layoutgen.sizing.capacity import areal_capacity_mah_per_cm2
from layoutgen.sizing.process import process_of
from layoutgen.sizing.stackup import bare_cell_charged_wh_per_l, bare_cell_wh_per_l, built_um, plated_um


@pytest.fixture(scope="module")
def process(steel):
    return process_of(steel.pdk)


@pytest.mark.parametrize(
    ("foil_um", "utilization", "wh_per_l"), [(10, 1.0, 1232), (10, 0.944, 1163), (100, 0.944, 227)]
)
def test_volumetric_energy_density_is_the_papers(process, foil_um, utilization, wh_per_l):
    assert bare_cell_wh_per_l(process.with_values(substrate_um=foil_um), utilization) == pytest.approx(
        wh_per_l, rel=0.005
    )


def test_whole_foil_curve_follows_from_its_two_ends(process):
    """Figure 1B: energy per area over thickness, so 1 / VED is a straight line in the foil thickness."""
    foils = np.linspace(10, 100, 91)
    curve = bare_cell_wh_per_l(process.with_values(substrate_um=foils), 0.944)
    line = 1 / 1163 + (1 / 227 - 1 / 1163) * (foils - 10) / 90
    assert np.all(np.abs(curve * line - 1) < 0.005)
    assert np.all(np.diff(curve) < 0)


@pytest.mark.parametrize(("utilization", "mah_per_cm2"), [(0.80, 0.55), (0.95, 0.66), (1.0, 0.69)])
def test_areal_capacity_is_the_papers(process, utilization, mah_per_cm2):
    assert areal_capacity_mah_per_cm2(process, utilization) == pytest.approx(mah_per_cm2, abs=0.006)


def test_built_cell_without_foil_and_cathode_is_what_the_figure_implies(process):
    assert built_um(process) - 10 - 10 == pytest.approx(1.83, abs=0.07)


def test_plated_lithium_is_4_85_um_per_mah_cm2_and_lowers_the_charged_figure(process):
    assert plated_um(process, 1.0) == pytest.approx(4.85 * 0.69)
    assert bare_cell_charged_wh_per_l(process, 1.0) == pytest.approx(
        bare_cell_wh_per_l(process, 1.0) * 21.83 / (21.83 + 4.85 * 0.69)
    )


@pytest.mark.parametrize("cathode_um", [7, 8, 9, 10])
def test_mica_stays_below_200_wh_per_l(cathode_um):
    process = process_of(load_pdk("lithium-mica").pdk).with_values(cathode_um=cathode_um)
    assert bare_cell_wh_per_l(process, 1.0) < 200


def test_alumina_is_the_lowest_of_the_three_architectures():
    figures = {
        name: bare_cell_wh_per_l(process_of(load_pdk(name).pdk), 1.0)
        for name in ("lithium-alumina", "lithium-mica", "anodeless-ss")
    }
    assert sorted(figures, key=figures.__getitem__) == ["lithium-alumina", "lithium-mica", "anodeless-ss"]
