"""The same sheet as SVG, DXF and PDF says the same, and each file is the same twice."""

import io
import re
import xml.etree.ElementTree as ET

import ezdxf
import pytest
from pypdf import PdfReader

from layoutgen.draw.dxf import dxf_bytes
from layoutgen.draw.pdf import pdf_bytes
from layoutgen.draw.registry import SHEETS, draw_sheets
from layoutgen.draw.svg import svg_bytes
from tests.draw.designs import TEN, inputs


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
