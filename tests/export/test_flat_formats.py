"""DXF and Gerber against the GDSII that KLayout reads; readers share no code with the writers."""

import hashlib
import io

import ezdxf
import klayout.db as kdb
import pytest

from layoutgen.errors import PreflightError
from layoutgen.export import flat
from layoutgen.export.dxf import dxf_bytes, dxf_layer, mask_dxfs
from layoutgen.export.gds import gds_bytes
from layoutgen.export.gerber import gerber_bytes
from tests.export.oracle import edges, read, region
from tests.layout.designs import CASES, grid_plan, make, sample, scattered_plan

FEW = [name for name in CASES if name != "small cell"]


@pytest.fixture(scope="module", params=[*FEW, "scattered"])
def case(request, tmp_path_factory):
    made = (
        make(plan=scattered_plan, cell_um=(3000, 7000)) if request.param == "scattered" else sample(request.param)
    )
    folder = tmp_path_factory.mktemp("files")
    return made, read(gds_bytes(made.layout, made.pdk), "gds", folder), folder


def read_dxf(content, folder, dbu_nm):
    """Polygons and lines of each DXF layer by KLayout, in dbu."""
    path = folder / "mask.dxf"
    path.write_bytes(content)
    options = kdb.LoadLayoutOptions()
    options.dxf_dbu, options.dxf_unit, options.dxf_polyline_mode = dbu_nm / 1000, 1000, 2
    layout = kdb.Layout()
    layout.read(str(path), options)
    return layout


@pytest.mark.parametrize("version", ["R12", "R2010"])
def test_dxf_equals_gds_for_every_mask(case, version):
    made, gds, folder = case
    for name in made.pdk.masks:
        content = dxf_bytes(made.layout, made.pdk, [name], version)
        layout = read_dxf(content, folder, made.dbu_nm)
        (index,) = [
            index
            for index in layout.layer_indexes()
            if not kdb.Region(layout.top_cell().begin_shapes_rec(index)).is_empty()
        ]
        assert f"L{layout.get_info(index).layer}" == dxf_layer(made.pdk, name)  # KLayout takes it for a number
        drawn = kdb.Region(layout.top_cell().begin_shapes_rec(index))
        assert (drawn ^ region(gds, made.pdk, name)).is_empty(), name
        assert drawn.count() == region(gds, made.pdk, name).count()


@pytest.mark.parametrize("version", ["R12", "R2010"])
def test_dxf_is_what_laser_software_takes(version):
    made = sample("default")
    document = ezdxf.read(io.StringIO(dxf_bytes(made.layout, made.pdk, ["CUT", "CUT_CENTER"], version).decode()))
    auditor = document.audit()
    assert not auditor.errors
    assert not auditor.fixes
    kinds = {"R12": "POLYLINE", "R2010": "LWPOLYLINE"}
    for entity in document.modelspace():
        assert entity.dxftype() == kinds[version]
        assert entity.dxf.layer != "0"
        assert entity.dxf.layer in document.layers
        closed = entity.is_closed if version == "R12" else entity.closed
        assert closed == (entity.dxf.layer == "L42")
    assert all(len(layer.dxf.name) <= 9 for layer in document.layers)
    if version == "R2010":
        assert document.units == 4
        assert document.header["$EXTMAX"][:2] == pytest.approx((289.72, 142.6))


def test_centre_lines_in_dxf_are_those_of_the_gds(case):
    made, gds, _ = case
    document = ezdxf.read(io.StringIO(dxf_bytes(made.layout, made.pdk, ["CUT_CENTER"], "R12").decode()))
    per_mm = 1e6 / made.dbu_nm
    lines = sorted(
        sorted(
            (round(vertex.dxf.location.x * per_mm), round(vertex.dxf.location.y * per_mm))
            for vertex in line.vertices
        )
        for line in document.modelspace()
    )
    assert lines == sorted(sorted(((e.x1, e.y1), (e.x2, e.y2))) for e in edges(gds, made.pdk, "CUT_CENTER"))


def test_dxf_of_one_layout_has_the_same_bytes():
    made = sample("default")
    one, two = (dxf_bytes(made.layout, made.pdk, ["CUT"], "R2010") for _ in range(2))
    assert one == two


def gerber(made, name):
    return gerber_bytes(made.layout, made.pdk, [name], function=name, generator="layoutgen,0.0.0")


SMALLER = (("web.width", "110 mm"), ("web.field_width", "42 mm"), ("web.field_length", "60 mm"))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_gerber_equals_gds(name, tmp_path):
    """On smaller webs of the same processes and cells: each mask, by count and XOR."""
    gerbonara = pytest.importorskip("gerbonara")
    pdk, overrides, cell_um = CASES[name]
    made = sample(name) if pdk == "drum" else make(pdk, (*overrides, *SMALLER), cell_um)
    gds = read(gds_bytes(made.layout, made.pdk), "gds", tmp_path)
    for mask in made.pdk.masks:
        stack = gerbonara.GerberFile.from_string(gerber(made, mask).decode())
        drawn = kdb.Region()
        per_mm = 1e6 / made.dbu_nm
        for item in stack.objects:
            drawn.insert(kdb.Polygon([kdb.Point(round(x * per_mm), round(y * per_mm)) for x, y in item.outline]))
        assert (drawn ^ region(gds, made.pdk, mask)).is_empty()
        assert drawn.count() == region(gds, made.pdk, mask).count()


def test_gerber_attributes_and_checksum():
    made = sample("default")
    lines = gerber(made, "CUT").decode().splitlines()
    assert "%FSLAX46Y46*%" in lines
    assert "%MOMM*%" in lines
    for name in (
        "GenerationSoftware",
        "ProjectId",
        "FileFunction,Other,CUT",
        "FilePolarity,Positive",
        "SameCoordinates",
    ):
        assert any(line.startswith(f"%TF.{name}") for line in lines)
    end = next(index for index, line in enumerate(lines) if line.startswith("%TF.MD5,"))
    digest = hashlib.md5("".join(lines[:end]).encode()).hexdigest()
    assert lines[end] == f"%TF.MD5,{digest}*%"
    assert lines[end + 1 :] == ["M02*"]


def test_too_many_shapes_for_a_flat_file_are_refused_at_once():
    wide = (("web.width", "9 m"),)
    made = make(plan=grid_plan(1000, 1000), overrides=wide, dbu_nm=10)
    for writer in (
        lambda: dxf_bytes(made.layout, made.pdk, ["CUT"], "R12"),
        lambda: gerber(made, "ABLATE_ANODE"),
    ):
        with pytest.raises(PreflightError, match="shapes in a file without arrays") as caught:
            writer()
        assert str(flat.FLAT_LIMIT) in caught.value.problems[0].allowed


def test_gerber_reaches_ten_metres():
    made = make(plan=grid_plan(4, 1100), dbu_nm=10)
    with pytest.raises(PreflightError, match=r"11\.05 m"):
        gerber(made, "CUT")


def test_masks_too_large_for_dxf_are_left_out_and_named():
    files, notes = mask_dxfs(sample("default").layout, sample("default").pdk)
    assert list(files) == [
        "MARK",
        "ABLATE_ANODE",
        "ABLATE_STACK",
        "CUT",
        *(n for n in sample("default").pdk.masks if "MASK" in n),
    ]
    assert notes == ()
    made = make(plan=grid_plan(1000, 1000), overrides=(("web.width", "9 m"),), dbu_nm=10)
    files, notes = mask_dxfs(made.layout, made.pdk)
    assert all(name.startswith("MASK_") for name in files if name != "MARK")
    assert [note.split()[4].rstrip(",") for note in notes] == ["ABLATE_ANODE", "ABLATE_STACK", "CUT"]
