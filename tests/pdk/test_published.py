"""What was shown in public: numbers that follow from their sources, and designs that say that they are beyond."""

import re

import pytest

from layoutgen.pdk.load import check_pdk, load_pdk, shipped_pdks
from layoutgen.pdk.published import most_published
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.units import parse

SIZES = re.compile(r"([\d.]+ u?m?Ah) x ([\d.]+) V in ([\d.]+) x ([\d.]+) x ([\d.]+) mm")


@pytest.mark.parametrize("name", shipped_pdks())
def test_every_row_says_what_it_shows_and_where_that_stands(name):
    rows = load_pdk(name).pdk.published
    assert most_published(rows, "layers")[1] == 11
    for item in rows.values():
        stated = [value for value in (item.layers, item.energy_density, item.plating_current) if value]
        assert stated, item.part
        for value in stated:
            assert re.search(r"\.(com|de|jp|org)|doi", value.source), value.source


def test_energy_densities_follow_from_the_sizes_that_their_sources_state():
    found = 0
    for item in load_pdk().pdk.published.values():
        sizes = SIZES.search(item.energy_density.source) if item.energy_density else None
        if sizes:
            charge, *numbers = sizes.groups()
            volts, length, width, height = map(float, numbers)
            wh_per_l = parse(charge, "mAh") * volts / (length * width * height) * 1000
            assert item.energy_density.value == pytest.approx(wh_per_l, rel=0.01), item.part
            assert item.energy_density.low <= wh_per_l <= item.energy_density.high
            found += 1
    assert found == 3


def codes(**asked):
    return {flag.code: flag.message for flag in solve(build_spec(asked, {}), compare=False).device.flags}


def test_a_design_beyond_them_says_so():
    found = codes(capacity="20", footprint="8x10")
    assert "50 layers" in found["layers-unshown"]
    assert "317 at most (Murata" in found["energy-unshown"]


def test_a_design_within_them_does_not():
    """One layer: its lids and terminals are most of its volume."""
    assert not {"layers-unshown", "energy-unshown"} & set(codes(capacity="1", footprint="20x20", height="0.2"))


def test_another_kind_is_shown_and_not_compared_with():
    rows = load_pdk().pdk.published
    assert max(item.energy_density.value for item in rows.values() if item.energy_density) == 650
    assert most_published(rows, "energy_density")[1] == 317


def test_a_kit_that_names_nothing_flags_nothing():
    shipped = load_pdk()
    content = {key: value for key, value in shipped.content.items() if key != "published"}
    loaded = check_pdk(content, shipped.files, (), template=shipped.template)
    flags = solve(build_spec({"capacity": "20", "footprint": "8x10"}, {}), loaded, compare=False).device.flags
    assert not {"layers-unshown", "energy-unshown"} & {flag.code for flag in flags}
