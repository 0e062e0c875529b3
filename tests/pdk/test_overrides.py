"""Values of the PDK replaced for one run: units, optional quantities, and what is recorded."""

import json
from copy import deepcopy

import pytest

from layoutgen.cli import main
from layoutgen.errors import PdkError
from layoutgen.pdk.load import load_pdk
from layoutgen.pdk.overrides import apply_overrides
from layoutgen.pdk.quantity import Kind
from tests.kits import kit


@pytest.mark.parametrize("text", ["250", "250 mm", "25cm", "250000 um"])
def test_an_optional_length_is_set_where_the_pdk_has_none(text):
    """Most lengths of the web are in mm, so a bare number is."""
    loaded = load_pdk(overrides=[("web.regime", "fixed"), ("web.repeat_length", text)])
    repeat = loaded.pdk.web.repeat_length
    assert repeat is not None
    assert (repeat.value, repeat.unit, repeat.kind) == (250_000, "um", Kind.OVERRIDE)
    assert [(item.value, item.was) for item in loaded.overrides] == [("fixed", "fields"), ("250 mm", "none")]


def test_the_schema_gives_the_unit_where_no_neighbour_does():
    path = "stack.substrate.resistivity"
    found = load_pdk(overrides=[(path, "none"), (path, "7")]).pdk.stack.substrate.resistivity
    assert found is not None
    assert (found.value, found.unit) == (7, "uohm cm")


@pytest.mark.parametrize(("path", "text"), [("web.slits", "2"), ("web.guillotine_only", "true")])
def test_a_plain_value_is_set_where_the_pdk_leaves_it_out(path, text):
    content = deepcopy(kit("bottom-terminal").content)
    content["web"].pop(path.removeprefix("web."), None)
    applied, record = apply_overrides(content, [(path, text)])
    assert str(applied["web"][path.removeprefix("web.")]).lower() == text
    assert record[0].was in {"none", "false"}


def test_an_optional_quantity_can_be_left_out_again():
    pairs = [("web.regime", "fixed"), ("web.repeat_length", "250"), ("web.repeat_length", "none")]
    loaded = load_pdk(overrides=[*pairs, ("web.regime", "free")])
    assert loaded.pdk.web.repeat_length is None
    assert [(item.value, item.was) for item in loaded.overrides][2:] == [("none", "250 mm"), ("free", "fixed")]


def test_a_fixed_repeat_from_the_command_line(capsys):
    settings = ["--set", "web.regime=fixed", "--set", "web.repeat_length=250"]
    with pytest.raises(SystemExit) as done:
        main(["solve", "--mah", "20", "--footprint", "8x10", "--json", *settings])
    assert not done.value.code
    assert json.loads(capsys.readouterr().out)["web"]["repeat_mm"]["length"] == 250


def test_the_summary_names_what_is_not_as_the_process_has_it(capsys):
    with pytest.raises(SystemExit):
        main(["solve", "--mah", "20", "--footprint", "8x10", "--foil", "15", "--set", "rules.ENC001.limit=0"])
    out = capsys.readouterr().out
    assert "  set           rules.ENC001.limit = 0, was laser.overlay" in out
    assert "                stack.substrate.thickness = 15 um, was 10 um" in out


CATHODE = [
    ("stack.cathode.density", "4.3"), ("stack.cathode.volumetric_capacity", "50"), ("cell.mean_voltage", "4.0"),
    ("stack.cathode.proven_thickness", "5"), ("stack.cathode.mechanics.modulus", "190"),
    ("stack.cathode.mechanics.strain_limit", "0.1"),
]  # fmt: skip


def test_a_material_is_not_renamed_alone():
    """The answer said LiMn2O4 and counted with the charge, voltage and density of LiCoO2."""
    rename = ("stack.cathode.material", "LiMn2O4")
    with pytest.raises(PdkError, match=r"changes the word only.*volumetric_capacity of 69.*mean_voltage of 3\.9"):
        load_pdk(overrides=[rename])
    for left_out in range(len(CATHODE)):
        with pytest.raises(PdkError, match=CATHODE[left_out][0]):
            load_pdk(overrides=[rename, *(pair for pair in CATHODE if pair != CATHODE[left_out])])
    whole = load_pdk(overrides=[*CATHODE, rename]).pdk
    assert (whole.stack.cathode.material, whole.stack.cathode.volumetric_capacity.value) == ("LiMn2O4", 50)
    assert load_pdk(overrides=[("stack.cathode.material", "LiCoO2")]).pdk.stack.cathode.material == "LiCoO2"


@pytest.mark.parametrize("film", ["substrate", "electrolyte", "anode_collector", "film_lower", "tab"])
def test_no_film_is_renamed_alone(film):
    with pytest.raises(PdkError, match=rf"stack\.{film}\.density"):
        load_pdk(overrides=[(f"stack.{film}.material", "another")])
