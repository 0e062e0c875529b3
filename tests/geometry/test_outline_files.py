"""Outlines from text, DXF and SVG, and one clear message for each thing that is wrong."""

import io
import math

import ezdxf
import pytest

from layoutgen.errors import InputError
from layoutgen.geometry.shapes import outline_from
from tests.geometry.outlines import MM, random_outline, shape


def dxf(path, draw, units=4, version="R2010"):
    document = ezdxf.new(version)
    document.header["$INSUNITS"] = units
    draw(document.modelspace())
    stream = io.StringIO()
    document.write(stream)
    path.write_text(stream.getvalue())
    return str(path)


def svg(path, body, head='viewBox="0 0 40 40" width="40mm" height="40mm"'):
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{body}</svg>')
    return str(path)


def d_of_lines(msp):
    """A D of lines and one arc, in any order and direction."""
    msp.add_line((0, 0), (12, 0))
    msp.add_line((0, 4), (0, 0))
    msp.add_arc((6, 4), 6, 0, 180)
    msp.add_line((12, 0), (12, 4), dxfattribs={"layer": "end"})


@pytest.mark.parametrize("version", ["R12", "R2000", "R2018"])
def test_lines_and_arcs_of_a_dxf(tmp_path, version):
    outline, notes = outline_from(dxf(tmp_path / "d.dxf", d_of_lines, version=version))
    assert outline.same_as(shape("d-shape:12x10"))
    assert {edge.name for edge in outline.edges} == {"", "end"}
    assert notes == (() if version != "R12" else notes)


def test_every_outline_goes_through_a_polyline_with_bulges_and_through_svg(tmp_path):
    for seed in range(15):
        outline = random_outline(seed)
        points = [(e.x0 / MM, e.y0 / MM, e.bulge) for e in outline.edges]
        file = dxf(tmp_path / "p.dxf", lambda msp, p=points: msp.add_lwpolyline(p, format="xyb", close=True))
        assert outline_from(file)[0].same_as(outline)
        text = f"M{points[0][0]},{-points[0][1]}"
        for edge in outline.edges:
            end = f"{edge.x1 / MM},{-edge.y1 / MM}"
            r = edge.radius / MM if edge.is_arc else 0
            flags = f"{int(abs(edge.angle) > math.pi)} {int(edge.bulge < 0)}"
            text += f"A{r!r} {r!r} 0 {flags} {end}" if edge.is_arc else f"L{end}"
        file = svg(tmp_path / "p.svg", f'<path d="{text}Z"/>', 'viewBox="-20 -20 40 40" width="4cm" height="4cm"')
        assert outline_from(file)[0].same_as(outline)


def test_circles_of_both_formats(tmp_path):
    disc = shape("circle:d=10")
    assert outline_from(dxf(tmp_path / "c.dxf", lambda msp: msp.add_circle((3, 4), 5)))[0].same_as(disc)
    assert outline_from(svg(tmp_path / "c.svg", '<circle cx="9" cy="9" r="5"/>'))[0].same_as(disc)
    arcs = '<path d="m5 0a5 5 0 0110 0 5 5 0 01-10 0z"/>'
    assert outline_from(svg(tmp_path / "a.svg", arcs))[0].same_as(disc)


def test_svg_is_turned_up_and_scaled(tmp_path):
    # on the screen an L with its corner at the lower left
    body = '<path d="M0 0h4v4h8v4h-12z"/>'
    assert outline_from(svg(tmp_path / "l.svg", body))[0].same_as(shape("l-shape:12x8,arm=4"))
    half = outline_from(svg(tmp_path / "h.svg", body, 'viewBox="0 0 80 80" width="40mm" height="40mm"'))[0]
    assert half.size == (6 * MM, 4 * MM)
    assert outline_from(svg(tmp_path / "r.svg", '<rect x="1" y="1" width="8" height="10"/>', ""))[0].is_rectangle


def test_small_gaps_are_closed_and_said(tmp_path):
    def draw(msp):
        msp.add_line((0, 0), (10, 0))
        msp.add_line((10, 0.0008), (10, 8))
        msp.add_line((10, 8), (0, 0.0005))

    outline, notes = outline_from(dxf(tmp_path / "gap.dxf", draw))
    assert len(outline.edges) == 3
    assert "0.8 um closed" in notes[0]


WRONG_TEXT = {
    "disc:d=10": ["not a shape", "circle"], "circle": ["circle:d=10"], "circle:10": ["'d' is missing"],
    "circle:d=-1": ["not above zero"], "circle:d=ten": ["not a length"], "circle:d=1e-3": ["too small"],
    "circle:d=5000": ["too large"], "circle:d=10,r=2": ["has no 'r'"], "circle:d=1,d=2": ["twice"],
    "stadium:4x4": ["equal"], "stadium:12": ["not a footprint"],
    "rounded:10x8,r=5": ["half of the shorter", "4 mm"],
    "d-shape:12x5": ["at least 6 mm"], "sector:r=9,angle=100": ["two radii"], "sector:r=12..9,angle=90": ["inner"],
    "sector:r=9..11,angle=400": ["1 to 359"], "l-shape:12x8,arm=8": ["8 mm"], "hexagon:": ["size"],
    "hexagon:ax": ["not a length"], "": ["not a shape"], "circle:d=10kg": ["unit"], "rounded:10x?,r=1": ["free"],
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG_TEXT)
def test_wrong_texts(text):
    with pytest.raises(InputError) as caught:
        outline_from(text)
    message = str(caught.value)
    assert "outline: " in message
    assert all(word in message for word in WRONG_TEXT[text]), message


def _open(msp):
    msp.add_line((0, 0), (10, 0))
    msp.add_line((10, 0), (10, 8))
    msp.add_line((10, 8), (0, 0.5))


def _two_loops(msp):
    msp.add_circle((0, 0), 5)
    msp.add_circle((20, 0), 5)


def _three_ends(msp):
    d_of_lines(msp)
    msp.add_line((12, 0), (15, 0))


WRONG_DXF = {
    "open": (_open, ["open", "LINE", "(0, 0.5) mm", "0.5 mm away", "(0, 0) mm"]),
    "two loops": (_two_loops, ["several loops", "CIRCLE"]),
    "three ends": (_three_ends, ["more than two ends", "(12, 0) mm"]),
    "nothing": (lambda msp: None, ["no line or arc"]),
    "spline": (lambda msp: msp.add_spline([(0, 0), (5, 5), (9, 0)]), ["SPLINE", "handle", "LWPOLYLINE"]),
    "ellipse": (lambda msp: msp.add_ellipse((0, 0), (5, 0), 0.5), ["ELLIPSE"]),
    "bow": (lambda msp: msp.add_lwpolyline([(0, 0), (9, 9), (9, 0), (0, 9)], close=True), ["meets itself", "4.5"]),
    "dot": (lambda msp: msp.add_circle((0, 0), 0.001), ["too small"]),
}


@pytest.mark.parametrize("case", WRONG_DXF)
def test_wrong_dxf(tmp_path, case):
    draw, words = WRONG_DXF[case]
    with pytest.raises(InputError) as caught:
        outline_from(dxf(tmp_path / "x.dxf", draw))
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(("units", "name"), [(1, "inches"), (6, "m"), (5, "cm"), (13, "um")])
def test_other_units_are_refused(tmp_path, units, name):
    with pytest.raises(InputError, match=f"is in {name}"):
        outline_from(dxf(tmp_path / "x.dxf", d_of_lines, units=units))


def test_no_units_are_said(tmp_path):
    assert "no unit" in outline_from(dxf(tmp_path / "x.dxf", d_of_lines, units=0))[1][0]


WRONG_SVG = {
    "curve": ('<path d="M0 0C1 1 2 2 3 3Z"/>', "", ["cubic", "character"]),
    "ellipse arc": ('<path d="M0 0A5 3 0 0 1 10 0Z"/>', "", ["ellipse"]),
    "two paths": ('<path d="M0 0h9v9z"/><path d="M20 0h9v9z"/>', "", ["2 shapes"]),
    "two loops": ('<path d="M0 0h9v9zM20 0h9v9z"/>', "", ["several loops"]),
    "transform": ('<g transform="scale(2)"><path d="M0 0h9v9z"/></g>', "", ["transformation"]),
    "pixels": ('<path d="M0 0h9v9z"/>', 'width="10px"', ["10px"]),
    "no box": ('<path d="M0 0h9v9z"/>', 'width="10mm" height="10mm"', ["viewBox"]),
    "stretched": ('<path d="M0 0h9v9z"/>', 'viewBox="0 0 10 10" width="10mm" height="20mm"', ["differently"]),
    "empty": ("", "", ["0 shapes"]),
    "open": ('<path d="M0 0h9v9h-3"/>', "", ["open", "(6, -9) mm"]),
    "short": ('<path d="M0 0L9"/>', "", ["lacks a number"]),
    "no start": ('<path d="h9v9z"/>', "", ["begin with M"]),
    "letter": ('<path d="M0 0X9z"/>', "", ["no path command"]),
    "corners": ('<rect width="9" height="9" rx="2"/>', "", ["round corners"]),
}


@pytest.mark.parametrize("case", WRONG_SVG)
def test_wrong_svg(tmp_path, case):
    body, head, words = WRONG_SVG[case]
    with pytest.raises(InputError) as caught:
        outline_from(svg(tmp_path / "x.svg", body, head))
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.dxf", b""), ("x.dxf", b"\x00\xff" * 99), ("x.svg", b"<svg"), ("x.svg", b""), ("x.svg", b"<html/>"),
     ("x.dxf", b"AutoCAD Binary DXF\r\n\x1a\x00abc"), ("x.svg", b"<!DOCTYPE a [<!ENTITY b 'c'>]><svg/>")],
)  # fmt: skip
def test_files_of_another_kind(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError):
        outline_from(str(tmp_path / name))


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(InputError, match="is not there"):
        outline_from(str(tmp_path / "x.dxf"))
    (tmp_path / "y.dxf").mkdir()
    with pytest.raises(InputError, match="is no file"):
        outline_from(str(tmp_path / "y.dxf"))
