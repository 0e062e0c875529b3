"""The same sheet as SVG, DXF and PDF says the same, and each file is the same twice."""

import io
import math
import re
import xml.etree.ElementTree as ET

import ezdxf
import pytest
from pypdf import PdfReader

from layoutgen.draw.dxf import dxf_bytes
from layoutgen.draw.files import SHEETS, draw_sheets
from layoutgen.draw.hatching import film_look
from layoutgen.draw.pdf import pdf_bytes
from layoutgen.draw.scene import Path
from layoutgen.draw.section import cell_films
from layoutgen.draw.svg import svg_bytes
from tests.draw.designs import TEN, inputs, with_zones


def read_dxf(data):
    return ezdxf.read(io.StringIO(data.decode("utf-8")))


def squeezed(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("name", SHEETS)
def test_dxf_has_real_dimensions_with_true_values(name):
    scene = draw_sheets(inputs(), (name,))[name]
    document = read_dxf(dxf_bytes(scene))
    found = list(document.modelspace().query("DIMENSION"))
    wanted = list(scene.dimensions())
    assert len(found) == len(wanted)
    for entity, dimension in zip(found, wanted, strict=True):
        factor = entity.override().get("dimlfac")
        assert entity.get_measurement() * factor == pytest.approx(dimension.value_mm, rel=1e-9)
        assert entity.dxf.actual_measurement == pytest.approx(dimension.value_mm, abs=1e-6)
        assert entity.dxf.text == dimension.text


@pytest.mark.parametrize("name", TEN)
def test_dxf_passes_the_audit_and_stays_on_the_sheet(name):
    from ezdxf import bbox

    for sheet, scene in draw_sheets(inputs(**TEN[name])).items():
        document = read_dxf(dxf_bytes(scene))
        audit = document.audit()
        assert not audit.has_errors, sheet
        assert not audit.fixes, sheet
        assert not document.modelspace().query('*[layer=="0"]')
        lines = document.modelspace().query("LINE LWPOLYLINE CIRCLE")
        box = bbox.extents(lines)
        assert box.extmin.x >= 10
        assert box.extmax.x <= 420
        assert document.header["$INSUNITS"] == 4


@pytest.mark.parametrize("name", SHEETS)
def test_svg_dxf_and_pdf_show_the_same_texts(name):
    scene = draw_sheets(inputs(), (name,))[name]
    svg = [e.text for e in ET.fromstring(svg_bytes(scene)).iter("{http://www.w3.org/2000/svg}text")]
    space = read_dxf(dxf_bytes(scene)).modelspace()
    dxf = [e.dxf.text for e in space.query("TEXT")] + [e.dxf.text for e in space.query("DIMENSION")]
    assert sorted(svg) == sorted(dxf)
    page = PdfReader(io.BytesIO(pdf_bytes(scene))).pages[0]
    shown = squeezed(page.extract_text())
    for text in svg:
        assert squeezed(text) in shown, text
    assert float(page.mediabox.width) == pytest.approx(420 / 25.4 * 72, abs=0.01)
    assert float(page.mediabox.height) == pytest.approx(297 / 25.4 * 72, abs=0.01)


def test_dxf_and_pdf_are_the_same_on_a_second_run():
    for scene in draw_sheets(inputs()).values():
        assert dxf_bytes(scene) == dxf_bytes(scene)
        assert pdf_bytes(scene) == pdf_bytes(scene)


def test_pdf_embeds_the_font_of_the_sheets_and_no_date():
    data = pdf_bytes(draw_sheets(inputs(), ("land-pattern",))["land-pattern"])
    assert re.findall(rb"/BaseFont\s*/[A-Z]{6}\+(\w+)", data)[0].startswith(b"Arimo")
    assert "/CreationDate" not in (PdfReader(io.BytesIO(data)).metadata or {})


def hatched(scene):
    return [item for item in scene.items if isinstance(item, Path) and item.hatch]


@pytest.mark.parametrize("name", ["20 mAh in 8 x 10", "on mica", "pads on the bottom"])
def test_materials_of_the_section_differ_without_colour(name):
    """Every film has lines of its own, and no two pieces that touch have the same."""
    drawn = inputs(**TEN[name])
    looks = {film.film: film_look(drawn, film.film, film.layer).hatch for film in cell_films(drawn)}
    assert None not in looks.values()
    assert len(set(looks.values())) == len(looks)
    scene = draw_sheets(drawn, ("cross-section",))["cross-section"]
    assert {piece.hatch for piece in hatched(scene)} >= set(looks.values())


@pytest.mark.parametrize("name", ["cross-section", "web-map", "web-plan"])
def test_hatching_is_the_same_in_svg_and_dxf(name):
    """The DXF has one HATCH entity a piece whose lines, angle, distance and dashes, are those of the SVG's tile."""
    scene = draw_sheets(with_zones(), (name,))[name]
    pieces = hatched(scene)
    assert pieces
    root = ET.fromstring(svg_bytes(scene))
    space = read_dxf(dxf_bytes(scene)).modelspace()
    entities = [entity for entity in space.query("HATCH") if not entity.dxf.solid_fill]
    assert [entity.dxf.pattern_name for entity in entities] == [piece.hatch.name for piece in pieces]
    used = re.findall(r"url\(#(\w+)\)", svg_bytes(scene).decode())
    assert used == [piece.hatch.name for piece in pieces]
    tiles = {tile.get("id"): tile for tile in root.iter("{http://www.w3.org/2000/svg}pattern")}
    for entity, piece in zip(entities, pieces, strict=True):
        tile = tiles[entity.dxf.pattern_name]
        turned = float(re.search(r"rotate\((-?[\d.]+)\)", tile.get("patternTransform"))[1])
        line = entity.pattern.lines[0]
        assert math.radians(line.angle + turned) % math.pi == pytest.approx(0, abs=1e-9)
        assert math.hypot(*line.offset) == pytest.approx(float(tile.get("height")))
        assert line.offset.x * math.cos(math.radians(line.angle)) + line.offset.y * math.sin(
            math.radians(line.angle)
        ) == pytest.approx(0, abs=1e-9)
        if piece.hatch.dash:
            assert sum(abs(dash) for dash in line.dash_length_items) == pytest.approx(float(tile.get("width")))
        assert len(entity.pattern.lines) == 1 + piece.hatch.crossed
        (path,) = entity.paths
        assert [tuple(vertex)[:2] for vertex in path.vertices] == [pytest.approx(point) for point in piece.points]


def test_hatching_reaches_the_pdf():
    scene = draw_sheets(inputs(), ("cross-section",))["cross-section"]
    page = PdfReader(io.BytesIO(pdf_bytes(scene))).pages[0]
    resources, patterns = [page["/Resources"].get_object()], 0
    while resources:
        found = resources.pop()
        patterns += len(found.get("/Pattern", {}))
        resources += [form.get_object().get("/Resources", {}) for form in found.get("/XObject", {}).values()]
    assert patterns >= len({piece.hatch for piece in hatched(scene)})


def svg_dimensions(data):
    """(label, length between the arrow tips on paper) of a drawing, read from its SVG alone."""
    found, heads = [], []
    for element in ET.fromstring(data):
        kind = element.tag.rpartition("}")[2]
        if kind == "path" and element.get("stroke") == "none" and element.get("fill") == "#000000":
            tip = re.match(r"M(-?[\d.]+) (-?[\d.]+)", element.get("d"))
            heads.append((float(tip[1]), float(tip[2])))
        elif kind == "text" and len(heads) >= 2:
            found.append((element.text, math.dist(*heads[-2:])))
            heads = []
        else:
            heads = []
    return found


@pytest.mark.parametrize("design", ["on mica", "zones"])
def test_dimension_values_read_back_from_svg_dxf_and_pdf_are_equal(design):
    """What is measured between the arrows in SVG and DXF is one value, and the number that all three print."""
    drawn = with_zones() if design == "zones" else inputs(**TEN[design])
    compared = 0
    for name, scene in draw_sheets(drawn).items():
        svg, dxf = svg_bytes(scene), read_dxf(dxf_bytes(scene))
        measured = svg_dimensions(svg)
        printed = squeezed(PdfReader(io.BytesIO(pdf_bytes(scene, svg))).pages[0].extract_text())
        entities = list(dxf.modelspace().query("DIMENSION"))
        assert [label for label, _ in measured] == [entity.dxf.text for entity in entities], name
        for (label, on_paper), entity in zip(measured, entities, strict=True):
            factor = entity.override().get("dimlfac")
            value = entity.get_measurement() * factor
            assert on_paper * factor == pytest.approx(value, abs=0.0015 * factor), (name, label)
            assert squeezed(label) in printed, (name, label)
            numbers = re.findall(r"(?<![A-Z\d.])\d+\.?\d*", label)
            if numbers:
                shown = float(numbers[-1])
                # millimetres to the micrometre, micrometres to two decimals or three figures
                assert abs(shown - value) <= 6e-4 or abs(shown - value * 1000) <= max(6e-3, 6e-4 * shown), (
                    name,
                    label,
                )
                compared += 1
    assert compared > 30
