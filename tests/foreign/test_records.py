"""Every record of both formats means here what it means to KLayout."""

import pytest

from layoutgen.errors import DocumentError
from layoutgen.foreign.reading import read_layout, read_layout_bytes
from tests.foreign import records as r
from tests.foreign.oracle import differing, read_here
from tests.foreign.records import g_delta, oasis, sint, string, uint

AT = sint(100) + sint(200)
RECT = b"\x14\x7b" + uint(1) + uint(0) + uint(30) + uint(50)  # layer, datatype, width, height, x, y follow


def rectangle(more=b"", info=0x7B):
    return b"\x14" + bytes([info]) + uint(1) + uint(0) + uint(30) + uint(50) + AT + more


def repeated(more):
    return rectangle(more, 0x7F)


REPETITIONS = {
    "1": b"\x01" + uint(2) + uint(1) + uint(100) + uint(70),
    "2": b"\x02" + uint(10) + uint(100),
    "3": b"\x03" + uint(4) + uint(90),
    "4": b"\x04" + uint(2) + uint(40) + uint(90) + uint(35),
    "5": b"\x05" + uint(2) + uint(10) + uint(4) + uint(9) + uint(5),
    "6": b"\x06" + uint(1) + uint(60) + uint(95),
    "7": b"\x07" + uint(1) + uint(20) + uint(5) + uint(6),
    "8": b"\x08" + uint(1) + uint(2) + g_delta(70, 10) + g_delta(-20, 80),
    "8, along an axis": b"\x08" + uint(1) + uint(2) + uint(70 << 4) + uint(60 << 4 | 1 << 1),
    "9": b"\x09" + uint(3) + g_delta(-40, 70),
    "10": b"\x0a" + uint(1) + g_delta(60, -10) + g_delta(-200, 90),
    "11": b"\x0b" + uint(1) + uint(10) + g_delta(6, -1) + g_delta(-20, 9),
    "10, slanted": b"\x0a" + uint(2) + uint(60 << 4 | 4 << 1) + uint(60 << 4 | 5 << 1) + uint(90 << 4 | 7 << 1),
}
POINTS = {
    "0": uint(0) + uint(4) + sint(100) + sint(50) + sint(-40) + sint(60),
    "1": uint(1) + uint(4) + sint(100) + sint(50) + sint(60) + sint(20),
    "2": uint(2) + uint(3) + uint(90 << 2) + uint(50 << 2 | 1) + uint(90 << 2 | 2),
    "3": uint(3) + uint(3) + uint(90 << 3) + uint(50 << 3 | 4) + uint(100 << 3 | 2),
    "4": uint(4) + uint(3) + g_delta(100, 20) + g_delta(-30, 80) + uint(50 << 4 | 2 << 1),
    "5": uint(5) + uint(3) + g_delta(100, 0) + g_delta(-60, 70) + g_delta(-90, 20),
}


def polygon(points):
    return b"\x15\x3b" + uint(1) + uint(0) + points + AT


def trapezoid(record, info, deltas):
    return bytes([record, info]) + uint(1) + uint(0) + uint(120) + uint(80) + deltas + AT


def compact(kind, width=100, height=40):
    return b"\x1a\xfb" + uint(1) + uint(0) + uint(kind) + uint(width) + uint(height) + AT


def path(scheme, ends=b"", points=POINTS["2"]):
    return b"\x16\xfb" + uint(1) + uint(0) + uint(10) + uint(scheme) + ends + points + AT


OASIS = {
    "rectangle": rectangle(),
    "square": b"\x14\xdb" + uint(1) + uint(0) + uint(30) + AT,
    "square, then its height again": b"\x14\xdb" + uint(1) + uint(0) + uint(30) + AT + b"\x14\x58" + uint(70) + AT,
    **{f"repetition {name}": repeated(more) for name, more in REPETITIONS.items()},
    "repetition again": repeated(REPETITIONS["4"]) + b"\x14\x1c" + sint(4000) + sint(0) + b"\x00",
    **{f"polygon, points {name}": polygon(points) for name, points in POINTS.items()},
    **{f"path, points {name}": path(0b0101, points=POINTS[name]) for name in ("0", "1", "2")},
    "path, half a width longer": path(0b1010),
    "path, ends of their own": path(0b1111, sint(25) + sint(-5)),
    "path, other ends again": path(0b1111, sint(25) + sint(5)) + b"\x16\x98" + uint(0b0010) + sint(3000) + sint(0),
    "relative": b"\x10" + rectangle() + b"\x14\x18" + sint(50) + sint(-90) + b"\x14\x10" + sint(500),
    "absolute again": b"\x10" + rectangle() + b"\x0f\x14\x18" + sint(50) + sint(-90),
    "x only": rectangle() + b"\x14\x10" + sint(-700) + b"\x14\x08" + sint(900),
    "padded": b"\x00\x00" + rectangle() + b"\x00",
    "in a block": r.cblock(rectangle() + b"\x14\x10" + sint(-700)),
    "on both sides of a block": rectangle() + r.cblock(b"\x14\x10" + sint(-700)) + b"\x14\x10" + sint(900),
    **{
        f"trapezoid {record}, {info:#04x}, {a}, {b}": trapezoid(
            record, info, {23: sint(a) + sint(b), 24: sint(a), 25: sint(b)}[record]
        )
        for record in (23, 24, 25)
        for info in (0x7B, 0xFB)
        for a, b in ((20, -10), (-20, 30), (15, 15), (-10, -20))
    },
    **{f"compact {kind}": compact(kind) for kind in (*range(8), *range(16, 26))},
    **{f"compact {kind}": compact(kind, 40, 100) for kind in range(8, 16)},
    "compact, then a rectangle of its sides": compact(3) + b"\x14\x18" + AT + b"\x14\x10" + sint(900),
    "properties": b"\x1c\x24" + string("A") + b"\x08" + uint(7) + b"\x0a" + string("x") + rectangle() + b"\x1d",
    "property of many values": b"\x1c\xf4" + string("A") + uint(16) + (b"\x08\x01" * 16) + rectangle(),
}  # fmt: skip


@pytest.mark.parametrize("name", OASIS)
def test_oasis_means_what_klayout_reads(name, tmp_path):
    path = tmp_path / "x.oas"
    path.write_bytes(oasis(OASIS[name]))
    assert differing(path) == {}
    assert read_here(path)


@pytest.mark.parametrize("scheme", [0, 1, 2])
@pytest.mark.parametrize("flag", [0, 1])
def test_both_places_of_tables_and_every_validation(scheme, flag, tmp_path):
    path = tmp_path / "x.oas"
    path.write_bytes(oasis(rectangle(), scheme=scheme, flag=flag))
    assert differing(path) == {}


def placed(*elements, unit=1e-3, metres=1e-9):
    sub = r.structure("SUB", r.boundary(1, 0, 0, 100, 0, 100, 40, 50, 90, 0, 40))
    return r.gdsii(sub, r.structure("TOP", *elements), unit=unit, metres=metres)


GDSII = {
    "box": r.gdsii(r.structure("A", r.box(3, 0, 0, 100, 60))),
    "path 0": r.gdsii(r.structure("A", r.path(3, 0, 20, 0, 0, 500, 0, 500, 300))),
    "path 2": r.gdsii(r.structure("A", r.path(3, 2, 20, 0, 0, 500, 0, 500, 300))),
    "path 4": r.gdsii(r.structure("A", r.path(3, 4, 20, 0, 0, 500, 0, 500, 300, ends=(40, -6)))),
    "path of absolute width": r.gdsii(r.structure("A", r.path(3, 0, -20, 0, 0, 500, 0))),
    "mirrored and turned": placed(r.sref("SUB", 500, 700, r.transform(mirrored=True, angle=90.0))),
    "magnified": placed(r.sref("SUB", 500, 700, r.transform(magnification=2.0))),
    "array": placed(r.aref("SUB", 3, 2, 10, 20, 910, 20, 10, 420)),
    "array, turned": placed(r.aref("SUB", 3, 2, 10, 20, 10, 920, -390, 20, transform=(r.transform(angle=90.0),))),
    "array, slanted": placed(r.aref("SUB", 3, 2, 10, 20, 910, 320, -190, 420)),
    "one column": placed(r.aref("SUB", 1, 4, 0, 0, 300, 0, 0, 800)),
    "padding after the end": r.gdsii(r.structure("A", r.box(3, 0, 0, 100, 60))) + bytes(1024),
}


@pytest.mark.parametrize("name", GDSII)
def test_gdsii_means_what_klayout_reads(name, tmp_path):
    path = tmp_path / "x.gds"
    path.write_bytes(GDSII[name])
    assert differing(path) == {}
    assert read_here(path)


def test_a_boundary_may_come_in_several_records():
    parts = r.longs(0, 0, 90, 0), r.longs(90, 70, 0, 70, 0, 0)
    content = r.element(8, r.on_layer(1), *(r.record(r.XY, 3, part) for part in parts))
    (cell,) = read_layout_bytes(r.gdsii(r.structure("A", content)), "x").cells
    assert cell.polygons[1, 0].points.tolist() == [[0, 0], [90, 0], [90, 70], [0, 70]]


@pytest.mark.parametrize("name", ["3", "4", "5"])
def test_slanted_paths_are_klayouts_but_for_rounding(name, tmp_path):
    file = tmp_path / "x.oas"
    file.write_bytes(oasis(path(0b0101, points=POINTS[name])))
    (outline,) = read_here(file).values()
    assert sum(differing(file).values()) <= outline.perimeter()


def test_the_unit_is_that_of_the_file():
    layout = read_layout_bytes(placed(unit=2e-4, metres=5e-9), "x")
    assert layout.dbu_m == pytest.approx(5e-9, rel=1e-15)
    assert layout.unit_m == pytest.approx(2.5e-5, rel=1e-12)


def test_what_is_no_shape_is_noted():
    content = r.gdsii(r.structure("A", r.node(4, 10, 20), r.node(4, 30, 40), r.box(3, 0, 0, 9, 9)))
    (note,) = read_layout_bytes(content, "x").unjudged
    assert (note.kind, note.cell, note.layer, note.count, note.place) == ("node", "A", (4, 0), 2, (10, 20))
    geometry = b"\x21\x1b" + uint(5) + uint(7) + uint(1) + string("blob") + AT
    words = b"\x13\x5f" + string("hello") + uint(9) + uint(2) + AT + REPETITIONS["2"]
    layout = read_layout_bytes(oasis(rectangle() + geometry + words + b"\x20" + uint(1) + string("x")), "x")
    found = {note.kind: (note.layer, note.count) for note in layout.unjudged}
    assert found == {"xgeometry": ((7, 1), 1), "text": ((9, 2), 12), "xelement": ((-1, -1), 1)}


WHOLE = oasis(rectangle(), scheme=1)
BROKEN = {
    "does not begin": (b"%SEMI-OASIS\n\n" + WHOLE[13:], "does not begin"),
    "cut": (WHOLE[:-100], "ends"),
    "changed": (WHOLE[:40] + bytes([WHOLE[40] ^ 1]) + WHOLE[41:], "at byte"),
    "crc": (WHOLE[:-1] + bytes([WHOLE[-1] ^ 1]), "its CRC32 is"),
    "more": (WHOLE + b"x", "more after its END"),
    "modal": (oasis(b"\x14\x18" + AT), "leaves out layer"),
    "unknown": (oasis(b"\x29"), "unknown type 41"),
    "block": (oasis(b"\x22\x00" + uint(100) + uint(3) + b"abc"), "CBLOCK"),
    "huge count": (oasis(repeated(b"\x0a" + uint(2**40))), "more than there are bytes"),
    "no name": (oasis(rectangle())[:31] + b"\x0d\x05" + oasis(rectangle())[34:], "at byte"),
    "half a record": (GDSII["box"][:-7], "ENDLIB"),
    "open": (r.gdsii(r.structure("A", r.element(8, r.on_layer(1), r.record(r.XY, 3, r.longs(*range(8)))))),
             "not closed"),
    "circle of cells": (r.gdsii(r.structure("A", r.sref("B", 0, 0)), r.structure("B", r.sref("A", 0, 0))),
                        "places itself"),
    "cell that is not there": (r.gdsii(r.structure("A", r.sref("B", 0, 0))), "'B', which the file does not hold"),
    "cell twice": (r.gdsii(r.structure("A"), r.structure("A")), "two cells 'A'"),
    "odd length": (b"\x00\x06\x00\x02\x00\x07\x00\x05\x01\x02", "record of 5 bytes"),
    "text in a boundary": (r.gdsii(r.structure("A", r.element(8, r.record(0x19, 6, b"ab")))), "a STRING in"),
    "no layer": (r.gdsii(r.structure("A", r.element(8, r.record(r.XY, 3, r.longs(*[0] * 10))))),
                 "without DATATYPE and LAYER in structure 'A'"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_damage_is_named(name, tmp_path):
    content, said = BROKEN[name]
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        read_layout(path)
    (problem,) = caught.value.problems
    assert said in problem.what
    assert problem.where == str(path)
