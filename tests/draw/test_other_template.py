"""A device template of another style needs no change of code: terminals on the bottom, set in from the walls."""

import tomllib
from dataclasses import replace

import pytest

from layoutgen.draw.check import collisions
from layoutgen.draw.files import datasheet_files, draw_sheets
from layoutgen.draw.sheet import frame_of
from layoutgen.draw.solids import model_solids
from layoutgen.export.models import model_files
from layoutgen.resources import data_folder
from layoutgen.sizing.device import size_device
from layoutgen.smt.land_pattern import land_pattern
from layoutgen.smt.part import solder_part
from layoutgen.template import check_template
from tests.draw.designs import inputs


@pytest.fixture(scope="module")
def bottom():
    path = data_folder("templates") / "devices" / "end-terminal" / "template.toml"
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    content["name"] = "bottom"
    content["terminals"]["style"] = "bottom"
    content["package"]["height"] = "layers * pitch + lid_bottom + lid_top + terminal_metal"
    content["package"]["x"] = ["-wall", "cell_length + end_gap + wall"]
    places = {
        "TERM_POS_WRAP": ["0", "terminal_wrap"],
        "TERM_NEG_WRAP": ["cell_length + end_gap - terminal_wrap", "cell_length + end_gap"],
        "ENCAP": ["-wall", "cell_length + end_gap + wall"],
    }
    for element in content["elements"]:
        element["x"] = places.get(element["layer"], element["x"])
        if element["layer"].endswith("_WRAP"):
            element["y"] = ["0", "cell_width"]
    drawn = inputs()
    template = check_template(content, "template").bind(drawn.pdk)
    design = size_device(drawn.pdk, template, drawn.cell_um, 20, 0.99)
    return replace(drawn, template=template, design=design)


def test_sheets_are_drawn_without_collisions(bottom):
    for name, scene in draw_sheets(bottom).items():
        assert collisions(scene, frame_of("A3")) == (), name
    shown = [text.text for text in draw_sheets(bottom, ("cross-section",))["cross-section"].texts()]
    assert not [text for text in shown if "end cap" in text]


def test_terminals_lie_below_the_body(bottom):
    body, plus, minus, _ = model_solids(bottom)
    for terminal in (plus, minus):
        assert terminal.extent()[5] == pytest.approx(body.extent()[2])
        assert terminal.extent()[0] > body.extent()[0] or terminal.extent()[3] < body.extent()[3]
    assert body.extent()[5] == pytest.approx(bottom.design.package_height_um)


def test_land_pattern_uses_the_goals_of_bottom_terminals(bottom):
    part = solder_part(bottom.design, bottom.template)
    pattern = land_pattern(part)
    assert part.inset_mm == pytest.approx(0.05)
    assert pattern.goals.toe == 0.30
    assert pattern.exact_z == pytest.approx(part.length.least_mm - 0.1 + 0.6 + (0.2**2 + 0.1**2 + 0.05**2) ** 0.5)


def test_models_and_datasheet_are_written(bottom):
    assert len(model_files(bottom, "part")) == 6
    assert datasheet_files(bottom, "part")
