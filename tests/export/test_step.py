"""STEP files, read back by OpenCASCADE: valid solids, names, volumes and extents of the outline drawing."""

import re
from itertools import pairwise

import pytest
from OCP.Bnd import Bnd_Box
from OCP.BRepBndLib import BRepBndLib
from OCP.BRepCheck import BRepCheck_Analyzer
from OCP.BRepGProp import BRepGProp
from OCP.collections import Sequence_TDF_Label
from OCP.GProp import GProp_GProps
from OCP.IFSelect import IFSelect_ReturnStatus
from OCP.Quantity import Quantity_Color
from OCP.STEPCAFControl import STEPCAFControl_Reader
from OCP.STEPControl import STEPControl_Reader
from OCP.TCollection import TCollection_ExtendedString
from OCP.TDataStd import TDataStd_Name
from OCP.TDF import TDF_Label
from OCP.TDocStd import TDocStd_Document
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.XCAFDoc import XCAFDoc_ColorType, XCAFDoc_DocumentTool, XCAFDoc_ShapeTool

from layoutgen.draw.files import draw_sheets
from layoutgen.draw.solids import Prism, exploded_layer, model_solids
from layoutgen.export.step import step_bytes
from tests.draw.designs import TEN, inputs


def solids_of(data, tmp_path):
    path = tmp_path / "part.step"
    path.write_bytes(data)
    reader = STEPControl_Reader()
    assert reader.ReadFile(str(path)) == IFSelect_ReturnStatus.IFSelect_RetDone
    reader.TransferRoots()
    explorer = TopExp_Explorer(reader.OneShape(), TopAbs_ShapeEnum.TopAbs_SOLID)
    found = []
    while explorer.More():
        solid = explorer.Current()
        assert BRepCheck_Analyzer(solid).IsValid()
        properties = GProp_GProps()
        BRepGProp.VolumeProperties_s(solid, properties)
        box = Bnd_Box()
        BRepBndLib.AddOptimal_s(solid, box, False, False)
        found.append((properties.Mass(), box.CornerMin(), box.CornerMax()))
        explorer.Next()
    return found


@pytest.mark.parametrize("name", TEN)
def test_solids_are_valid_and_have_their_volumes(name, tmp_path):
    drawn = inputs(**TEN[name])
    solids = model_solids(drawn)
    found = solids_of(step_bytes(solids, "part", "Battery"), tmp_path)
    assert len(found) == len(solids) == 4
    for (volume, _, _), solid in zip(found, solids, strict=True):
        assert volume == pytest.approx(solid.volume_um3 * 1e-9, rel=1e-6)


@pytest.mark.parametrize("name", TEN)
def test_terminals_and_body_are_those_of_the_outline_drawing(name, tmp_path):
    drawn = inputs(**TEN[name])
    found = solids_of(step_bytes(model_solids(drawn), "part", "Battery"), tmp_path)
    scene = draw_sheets(drawn, ("package-outline",))["package-outline"]
    value = {d.text: d.value_mm for d in scene.dimensions()}
    *solid, mark = found
    _, plus, minus = solid
    # the terminals reach the ends where they are caps, the body does where pads lie inside
    low, high = min(part[1].X() for part in solid), max(part[2].X() for part in solid)
    assert high - low == pytest.approx(value["D"], abs=1e-6)
    assert low == pytest.approx(-high, abs=1e-6), "the origin is in the middle"
    across = max(part[2].Y() for part in solid) - min(part[1].Y() for part in solid)
    assert across == pytest.approx(value["E"], abs=1e-6)
    assert plus[1].Z() == pytest.approx(0, abs=1e-6), "it stands on the board"
    assert max(part[2].Z() for part in solid) == pytest.approx(value["A"], abs=1e-6)
    for _, start, end in (plus, minus):
        assert end.X() - start.X() == pytest.approx(value["L"], abs=1e-6)
        assert end.Y() - start.Y() == pytest.approx(value["b"], abs=1e-6)
    assert plus[2].X() < 0 < minus[1].X()
    assert mark[2].X() < 0, "the mark is at the + end"
    assert mark[2].Z() <= value["A"] + 1e-6, "no model is higher than the part"


@pytest.mark.parametrize("name", TEN)
def test_readers_at_their_defaults_keep_names_colours_and_the_height(name, tmp_path):
    """OCCT's XDE, nothing set: one assembly, its parts by name and colour; and nothing stands above A."""
    drawn = inputs(**TEN[name])
    solids = model_solids(drawn)
    path = tmp_path / "part.step"
    path.write_bytes(step_bytes(solids, "part", "Battery"))
    document = TDocStd_Document(TCollection_ExtendedString("XmlXCAF"))
    reader = STEPCAFControl_Reader()
    assert reader.ReadFile(str(path)) == IFSelect_ReturnStatus.IFSelect_RetDone
    assert reader.Transfer(document)
    shapes = XCAFDoc_DocumentTool.ShapeTool_s(document.Main())
    colours = XCAFDoc_DocumentTool.ColorTool_s(document.Main())
    roots, parts = Sequence_TDF_Label(), Sequence_TDF_Label()
    shapes.GetFreeShapes(roots)
    assert [label_name(roots.Value(i + 1)) for i in range(roots.Length())] == ["part"]
    assert XCAFDoc_ShapeTool.IsAssembly_s(roots.Value(1))
    XCAFDoc_ShapeTool.GetComponents_s(roots.Value(1), parts)
    components = [parts.Value(i + 1) for i in range(parts.Length())]
    assert [label_name(label) for label in components] == [solid.name for solid in solids]
    for label, solid in zip(components, solids, strict=True):
        referred = TDF_Label()
        XCAFDoc_ShapeTool.GetReferredShape_s(label, referred)
        assert label_name(referred) == solid.name
        colour = Quantity_Color()
        explorer = TopExp_Explorer(XCAFDoc_ShapeTool.GetShape_s(referred), TopAbs_ShapeEnum.TopAbs_SOLID)
        assert colours.GetColor(explorer.Current(), XCAFDoc_ColorType.XCAFDoc_ColorSurf, colour)
        assert Quantity_Color.ColorToHex_s(colour).ToCString().lower() == solid.colour.lower()
    top = max(part[2].Z() for part in solids_of(path.read_bytes(), tmp_path))
    assert top == pytest.approx(drawn.design.package_height_um / 1000, abs=1e-6)


def label_name(label):
    name = TDataStd_Name()
    assert label.FindAttribute(TDataStd_Name.GetID_s(), name)
    return name.Get().ToExtString()


def test_volumes_of_the_parts_add_up_to_the_package():
    drawn = inputs()
    body, plus, minus, _ = model_solids(drawn)
    design = drawn.design
    metal = drawn.template.terminal_metal_um()
    free = design.package_length_um - 2 * design.terminal_length_um
    recess = 2 * metal * free * design.package_width_um
    whole = design.package_length_um * design.package_width_um * design.package_height_um
    assert body.volume_um3 + plus.volume_um3 + minus.volume_um3 + recess == pytest.approx(whole, rel=1e-12)


def test_names_colours_and_text_survive():
    solids = model_solids(inputs())
    text = step_bytes(solids, "O'Neil \u00b5", "A\\B").decode("ascii")
    assert re.findall(r"MANIFOLD_SOLID_BREP\('(\w+)'", text) == [
        "BODY",
        "TERMINAL_POS",
        "TERMINAL_NEG",
        "POLARITY_MARK",
    ]
    assert "O''Neil \\X2\\00B5\\X0\\" in text
    assert "A\\\\B" in text
    assert text.count("STYLED_ITEM") == 4
    assert step_bytes(solids, "a", "b") == step_bytes(model_solids(inputs()), "a", "b")


def test_a_slanted_profile_is_closed_as_well(tmp_path):
    wedge = Prism("WEDGE", "", "", "#112233", ((0, 0), (3000, 0), (3000, 1000), (1000, 2000)), 0, 500)
    ((volume, _, _),) = solids_of(step_bytes([wedge], "wedge", ""), tmp_path)
    assert volume == pytest.approx(wedge.volume_um3 * 1e-9, rel=1e-6)
    assert volume > 0


@pytest.mark.parametrize("name", ["20 mAh in 8 x 10", "on mica"])
def test_films_of_an_exploded_layer_are_valid_and_apart(name, tmp_path):
    drawn = inputs(**TEN[name])
    solids = exploded_layer(drawn)
    found = solids_of(step_bytes(solids, "layer", ""), tmp_path)
    assert len(found) == len(solids)
    for (volume, _, _), solid in zip(found, solids, strict=True):
        assert volume == pytest.approx(solid.volume_um3 * 1e-9, rel=1e-6)
    films = [
        film.film for film in drawn.design.stack if film.count == drawn.design.layers and film.film != "lid_top"
    ]
    tops, floors = {}, {}
    for solid in solids:
        film = solid.name.rsplit("_", 1)[0].lower()
        _, _, z0, _, _, z1 = solid.extent()
        floors[film], tops[film] = min(z0, floors.get(film, z0)), max(z1, tops.get(film, z1))
    shown = [film for film in films if film in tops]
    assert len(shown) >= 8
    for below, above in pairwise(shown):
        if above != "tab":
            assert floors[above] > tops[below]
