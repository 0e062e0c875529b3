"""KiCad files, read with kiutils; their lands are compared in tests/smt/test_lands.py."""

import re

import pytest
from kiutils.footprint import Footprint
from kiutils.symbol import SymbolLib

from layoutgen.export.kicad import footprint_name, footprint_text, symbol_text
from layoutgen.export.models import model_files
from layoutgen.smt.land_pattern import Level, land_pattern
from layoutgen.smt.part import solder_part
from layoutgen.titleblock import Title
from tests.draw.designs import TEN, inputs


@pytest.fixture(params=[(name, level) for name in TEN for level in Level], ids=lambda p: f"{p[0]} {p[1]}")
def footprint(request, tmp_path):
    name, level = request.param
    drawn = inputs(**TEN[name])
    part = solder_part(drawn.design, drawn.template)
    pattern = land_pattern(part, level)
    path = tmp_path / "part.kicad_mod"
    path.write_text(footprint_text("part", part, pattern, "Battery", "part.step"), encoding="utf-8")
    return Footprint.from_file(str(path)), part, pattern


def copper(found):
    return [pad for pad in found.pads if "F.Cu" in pad.layers]


def test_library_conventions(footprint):
    """Line widths, clearances, origin, bevel and texts of the KiCad library convention."""
    found, part, pattern = footprint
    lines = [item for item in found.graphicItems if type(item).__name__ == "FpLine"]
    widths = {layer: {line.width for line in lines if line.layer == layer} for layer in {x.layer for x in lines}}
    assert widths == {"F.SilkS": {0.12}, "F.Fab": {0.1}, "F.CrtYd": {0.05}}
    body = part.length.nominal_mm / 2, part.width.nominal_mm / 2
    silk = [line for line in lines if line.layer == "F.SilkS"]
    for line in silk:
        for pad in copper(found):
            gap_x = max(min(line.start.X, line.end.X) - (pad.position.X + pad.size.X / 2),
                        (pad.position.X - pad.size.X / 2) - max(line.start.X, line.end.X))  # fmt: skip
            low, high = sorted((line.start.Y, line.end.Y))
            gap_y = max(low - pad.size.Y / 2, -pad.size.Y / 2 - high)
            assert max(gap_x, gap_y) >= 0.2 + 0.06 - 1e-6
        inside = all(abs(p.X) < body[0] and abs(p.Y) < body[1] for p in (line.start, line.end))
        assert not inside
    left, right = (sum(1 for line in silk if line.start.X * sign > 0 and line.end.X * sign > 0) for sign in (-1, 1))
    assert left > right, "the polarity mark is on the + side"
    fab = [line for line in lines if line.layer == "F.Fab"]
    assert len(fab) == 5, "outline with one bevel"
    assert max(line.end.X for line in fab) == pytest.approx(body[0], abs=1e-6)
    yard = [line for line in lines if line.layer == "F.CrtYd"]
    assert max(line.end.X for line in yard) * 2 == pytest.approx(pattern.courtyard_length)
    # the plus sign stands inside, so that no other part covers it: every arm between the two sides of the courtyard
    plus = [
        line
        for line in silk
        if max(line.start.X, line.end.X) < min(p.position.X - p.size.X / 2 for p in copper(found)) - 0.3
        and abs(line.start.Y) <= 0.5
    ]
    assert len(plus) == 2
    for line in plus:
        for end in (line.start, line.end):
            crossed = [
                edge.start.X
                for edge in yard
                if edge.start.X == edge.end.X
                and min(edge.start.Y, edge.end.Y) <= end.Y <= max(edge.start.Y, edge.end.Y)
            ]
            assert min(crossed) + 0.06 + 0.025 - 1e-9 <= end.X <= max(crossed)
    for line in yard:
        for value in (line.start.X, line.start.Y, line.end.X, line.end.Y):
            assert round(value * 100) == pytest.approx(value * 100, abs=1e-6)
    texts = {(t.type, t.layer) for t in found.graphicItems if type(t).__name__ == "FpText"}
    assert texts == {("reference", "F.SilkS"), ("value", "F.Fab"), ("user", "F.Fab")}
    assert found.attributes.type == "smd"
    assert found.models[0].path == "part.step"


def test_names_and_ids_are_stable_and_unique():
    part = solder_part(inputs().design, inputs().template)
    texts = [footprint_text("part", part, land_pattern(part, level), "Battery", "m.step") for level in Level]
    assert texts[1] == footprint_text("part", part, land_pattern(part), "Battery", "m.step")
    ids = re.findall(r"tstamp ([0-9a-f-]{36})", "".join(texts))
    assert len(ids) == len(set(ids))
    assert [footprint_name("part", level) for level in Level] == ["part_A", "part", "part_C"]


def test_symbol_has_plus_on_pin_1_on_the_grid(tmp_path):
    path = tmp_path / "part.kicad_sym"
    path.write_text(symbol_text("part", "part", 'A "quoted" battery', "3.9 V"), encoding="utf-8")
    (symbol,) = SymbolLib.from_file(str(path)).symbols
    pins = [pin for unit in symbol.units for pin in unit.pins]
    assert [(pin.number, pin.name) for pin in pins] == [("1", "+"), ("2", "-")]
    for pin in pins:
        assert pytest.approx((round(pin.position.X / 2.54), round(pin.position.Y / 2.54))) == (
            pin.position.X / 2.54,
            pin.position.Y / 2.54,
        )
    properties = {p.key: p.value for p in symbol.properties}
    assert properties["Reference"] == "BT"
    assert properties["Footprint"] == "part"
    assert properties["Datasheet"] == "~"
    assert 'A "quoted" battery' in properties["ki_description"].replace('\\"', '"')


def test_symbol_and_footprint_say_where_the_datasheet_is(tmp_path):
    """KLC F9.1 and S6.2; filters have ? for the marks that names are joined by, KLC S5.2."""
    address, path = "https://example.com/mb-1.pdf", tmp_path / "mb-1.kicad_sym"
    path.write_text(symbol_text("mb-1_x", "mb-1_x", "A battery", "3.9 V", address), encoding="utf-8")
    properties = {p.key: p.value for p in SymbolLib.from_file(str(path)).symbols[0].properties}
    assert properties["Datasheet"] == address
    assert properties["ki_fp_filters"] == "mb?1?x*"
    titled = inputs(title=Title(datasheet=address))
    files = model_files(titled, "part")
    for name in ("part_A", "part", "part_C"):
        (description,) = re.findall(r'\(descr "([^"]*)"\)', files[f"cad/{name}.kicad_mod"].decode())
        assert description.endswith(f", {address}")
    assert address in files["cad/part.kicad_sym"].decode()
