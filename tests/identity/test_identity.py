"""Is a file the design, and where not: what was done to it? Files are changed by KLayout, or by hand."""

from types import SimpleNamespace
from xml.etree import ElementTree as ET

import klayout.db as kdb
import numpy as np
import pytest

from layoutgen.export.gds import gds_bytes
from layoutgen.foreign.reading import read_layout
from layoutgen.identity.answer import KINDS, REMARKS
from layoutgen.identity.cancel import rest_of
from layoutgen.identity.hypotheses import _through
from layoutgen.identity.picture import picture_svg
from layoutgen.identity.received import identify_foreign
from layoutgen.identity.shapes import Mask, blocks_of
from layoutgen.identity.similarity import Similarity
from layoutgen.identity.wrong_layers import reversed_tone
from layoutgen.receivers.shop import load_shop
from layoutgen.receivers.shop_files import mask_layouts
from tests.identity import transform
from tests.identity.conftest import NAMES, known
from tests.identity.judged import judged, judged_revision


@pytest.mark.parametrize(("name", "suffix"), [(name, ("gds", "oas")[i % 2]) for i, name in enumerate(NAMES)])
def test_what_is_saved_by_another_program_is_the_same(name, suffix, tmp_path):
    design = known(name)
    layout = transform.read(design.written(tmp_path / "own.gds"))
    transform.write(layout, tmp_path / f"saved.{suffix}")
    answer = design.identity(tmp_path / f"saved.{suffix}")
    assert (answer.verdict, answer.differences, answer.remarks) == ("same", (), ())


@pytest.mark.parametrize("kind", sorted(transform.KINDS))
def test_what_was_done_is_named(kind, design, tmp_path):
    assert judged(design, kind, 1, tmp_path) == ""


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[1:4])
@pytest.mark.parametrize("kind", sorted(transform.KINDS))
def test_what_was_done_is_named_on_other_designs(kind, name, tmp_path):
    """`scripts/try_identity.py 200` tries two hundred, over eight designs."""
    assert judged(known(name), kind, 7, tmp_path) == ""


def changed(design, tmp_path, change, name="changed.gds"):
    layout = transform.read(design.written(tmp_path / "own.gds"))
    change(layout)
    transform.write(layout, tmp_path / name)
    return design.identity(tmp_path / name)


def test_one_edge_of_one_cell_by_one_unit_is_not_the_same(design, tmp_path):
    def change(layout):
        _, instance = transform.cells_in(layout)[37]
        copy = layout.create_cell("ODD")
        copy.copy_tree(layout.cell("CELL"))
        shapes = copy.shapes(layout.layer(4, 0))
        polygon = next(shapes.each()).polygon
        shapes.clear()
        shapes.insert(kdb.Region(polygon).sized(-1))
        instance.cell_index = copy.cell_index()

    answer = changed(design, tmp_path, change)
    (difference,) = answer.differences
    assert answer.verdict == "other"
    assert (difference.kind, difference.masks) == ("bias", ("ANODE_CC",))
    assert difference.numbers["bias_um"] == [-0.001, -0.001]
    assert len(difference.cells) == 1


def test_two_cells_that_changed_places_are_the_same(design, tmp_path):
    def change(layout):
        (_, a), (_, b) = transform.cells_in(layout)[3:5]
        a.trans, b.trans = b.trans, a.trans

    answer = changed(design, tmp_path, change)
    assert answer.verdict == "same"


def test_a_file_without_a_field_names_the_field(design, tmp_path):
    answer = changed(design, tmp_path, lambda layout: layout.cell("FIELD_2").clear_insts())
    (cells, *_) = [item for item in answer.differences if item.kind == "missing-cells"]
    assert answer.verdict == "other"
    assert cells.place == "FIELD_2 whole"
    assert cells.numbers["count"] == len(cells.cells) == design.sample.plan.fields[1].count


def test_a_field_that_no_cell_places_is_missing(design, tmp_path):
    """Its cell is left behind as a second top: it is in no mask, whatever it draws."""

    def change(layout):
        for cell in layout.each_cell():
            for inst in [inst for inst in cell.each_inst() if inst.cell.name == "FIELD_2"]:
                inst.delete()

    answer = changed(design, tmp_path, change)
    assert answer.verdict == "other"
    assert [item.place for item in answer.differences if item.kind == "missing-cells"] == ["FIELD_2 whole"]
    assert any("FIELD_2 is placed by no cell" in item.text for item in answer.differences)


def test_an_empty_cell_beside_the_layout_is_nothing(design, tmp_path):
    assert changed(design, tmp_path, lambda layout: layout.create_cell("LEFT_OVER")).verdict == "same"


def test_a_mask_that_is_gone_and_one_under_another_number(design, tmp_path):
    def change(layout):
        layout.clear_layer(layout.layer(42, 0))
        layout.set_info(layout.layer(4, 0), kdb.LayerInfo(104, 0))

    answer = changed(design, tmp_path, change)
    said = {(item.kind, item.masks) for item in answer.differences}
    # CUT covers what STREET covers, which is still there
    assert said == {("missing-mask", ("CUT",)), ("renumbered-mask", ("ANODE_CC",))}


def test_masks_that_changed_places(design, tmp_path):
    def change(layout):
        a, b = layout.layer(2, 0), layout.layer(4, 0)
        layout.swap_layers(a, b)

    answer = changed(design, tmp_path, change)
    assert [(item.kind, item.masks) for item in answer.differences] == [("swapped-masks", ("CATHODE", "ANODE_CC"))]


def test_several_things_at_once(design, tmp_path):
    def change(layout):
        cells = transform.cells_in(layout)
        cells[11][1].delete()
        transform.replace(
            layout, layout.top_cell(), layout.layer(4, 0), transform.region(layout, layout.layer(4, 0)).sized(-2000)
        )
        transform.everything(layout, kdb.DCplxTrans(1, 90, False, 0, 0))
        layout.dbu *= 25.4

    answer = changed(design, tmp_path, change)
    said = {item.kind: item for item in answer.differences}
    assert said["unit"].numbers["factor"] == 25.4
    assert said["turned"].numbers["angle_deg"] == 90
    assert said["missing-cells"].numbers["count"] == 1
    assert said["bias"].masks == ("ANODE_CC",)
    assert said["bias"].numbers["bias_um"] == pytest.approx([-2, -2], abs=0.05)


def test_a_declared_bias(design, tmp_path):
    def change(layout):
        transform.replace(
            layout,
            layout.top_cell(),
            layout.layer(42, 0),
            transform.region(layout, layout.layer(42, 0)).sized(-5000),
        )

    changed(design, tmp_path, change)
    path = tmp_path / "changed.gds"
    assert design.identity(path).verdict == "other"
    assert design.identity(path, {"CUT": (-5.0, -5.0)}).verdict == "same-up-to-bias"
    assert design.identity(path, {"CUT": (-4.0, -4.0)}).verdict == "other"
    assert design.identity(path, {"ABLATE_STACK": (-5.0, -5.0)}).verdict == "other"


def test_a_bias_of_half_a_mask_is_not_the_declared_one(design, tmp_path):
    def change(layout):
        index = layout.layer(42, 0)
        whole = transform.region(layout, index)
        left = kdb.Region(kdb.Box(0, 0, 140_000_000, 200_000_000))
        transform.replace(layout, layout.top_cell(), index, (whole.sized(-5000) & left) + (whole - left))

    changed(design, tmp_path, change)
    assert design.identity(tmp_path / "changed.gds", {"CUT": (-5.0, -5.0)}).verdict == "other"


def test_a_mask_that_was_mirrored_by_itself(design, tmp_path):
    def change(layout):
        index = layout.layer(67, 0)
        region = transform.region(layout, index)
        transform.replace(layout, layout.top_cell(), index, region.transformed(kdb.Trans(0, True, 0, 0)))

    answer = changed(design, tmp_path, change)
    assert [(item.kind, item.masks) for item in answer.differences] == [("mirrored", ("LABEL",))]


def test_every_layer_under_another_number_is_said_once(design, tmp_path):
    def change(layout):
        for info in list(layout.layer_infos()):
            layout.set_info(layout.layer(info), kdb.LayerInfo(info.layer + 100, 0))

    (difference,) = changed(design, tmp_path, change).differences
    assert (difference.kind, difference.numbers["step"]) == ("renumbered-mask", [100, 0])


@pytest.mark.parametrize(("by", "verdict"), [(0, "same"), (-1, "other")])
def test_half_a_nanometre_is_told(by, verdict, design, tmp_path):
    def change(layout):
        transform.everything(layout, kdb.DCplxTrans(2, 0, False, 0, 0))
        layout.dbu = 0.0005
        shape = next(layout.top_cell().shapes(layout.layer(4, 0)).each())
        shape.polygon = kdb.Region(shape.polygon).sized(by)[0]

    assert changed(design, tmp_path, change, "changed.oas").verdict == verdict


def test_a_bow_tie_without_area_covers_something(design, tmp_path):
    def change(layout):
        corners = (2_000_000, -2_000_000), (2_100_000, -1_900_000), (2_100_000, -2_000_000), (2_000_000, -1_900_000)
        points = [kdb.Point(*corner) for corner in corners]
        layout.top_cell().shapes(layout.layer(67, 0)).insert(kdb.Polygon(points, True))

    answer = changed(design, tmp_path, change)
    assert [(item.kind, item.numbers["area_mm2"]) for item in answer.differences] == [("extra-shapes", 0.005)]


def test_shapes_that_the_design_does_not_have(design, tmp_path):
    def change(layout):
        layout.top_cell().shapes(layout.layer(200, 3)).insert(kdb.Box(0, 0, 1000, 1000))
        layout.top_cell().shapes(layout.layer(67, 0)).insert(
            kdb.Box(20_000_000, 30_000_000, 20_100_000, 30_100_000)
        )

    answer = changed(design, tmp_path, change)
    said = {item.kind: item for item in answer.differences}
    assert said.keys() == {"extra-mask", "extra-shapes"}
    assert said["extra-shapes"].masks == ("LABEL",)
    assert said["extra-shapes"].box_mm == (20.0, 30.0, 20.1, 30.1)


def test_a_layer_that_the_design_does_not_have_is_named_alone(design, tmp_path):
    """Whatever it holds: one shape, one with many corners, what a mask of the design holds."""
    for shape in (kdb.Box(0, 0, 1000, 1000), kdb.Polygon.ellipse(kdb.Box(0, 0, 9000, 9000), 64)):
        answer = changed(
            design, tmp_path, lambda layout, s=shape: layout.top_cell().shapes(layout.layer(250, 3)).insert(s)
        )
        assert [item.kind for item in answer.differences] == ["extra-mask"]


def test_a_bar_beside_its_place_is_not_the_other_tone():
    """Moved by its own width it fills, with its place, a box: so does a mask with its reverse."""

    def bar(low, high):
        corners = np.array([[0, low], [900, low], [900, high], [0, high]], dtype=np.int64)
        return Mask(tuple(blocks_of([corners], np.zeros((1, 2), dtype=np.int64))))

    assert reversed_tone(bar(10, 20), bar(0, 10), rest_of(bar(10, 20), bar(0, 10))) is None


def test_what_is_drawn_twice_is_the_same(design, tmp_path):
    def change(layout):
        shapes = layout.cell("CELL").shapes(layout.layer(2, 0))
        shapes.insert(next(shapes.each()).polygon)

    answer = changed(design, tmp_path, change)
    assert answer.verdict == "same"
    assert [item.kind for item in answer.remarks] == ["overlaps"]


def test_another_revision_is_not_the_same(tmp_path):
    assert judged_revision(known("default"), "one orientation", tmp_path) == ""
    (difference,) = known("default").identity(tmp_path / "other.gds").differences
    assert difference.numbers["cell_mm"] == [[7.9, 9.76], [8.0, 10.0]]


@pytest.mark.parametrize(("shop", "mask"), [("photomask", "MASK_TAB"), ("laser", "CUT")])
def test_a_file_of_one_mask_is_compared_with_what_a_shop_gets(shop, mask, design, tmp_path):
    solution = SimpleNamespace(
        loaded=design.sample.loaded, web=design.sample.plan, spec=SimpleNamespace(file_name=lambda: "mb")
    )
    (part,) = [
        part
        for name, _, part in mask_layouts(design.sample.layout, design.sample.pdk, load_shop(shop))
        if name == mask
    ]
    path = tmp_path / "one.gds"
    path.write_bytes(gds_bytes(part, design.sample.pdk))

    def answer():
        return identify_foreign(read_layout(path), "one.gds", solution, design.sample.layout)

    assert (answer().verdict, answer().compared) == ("same", f"mask {mask} of mb")
    layout = transform.read(path)
    transform.everything(layout, kdb.DCplxTrans(1, 180, False, 0, 0))
    transform.write(layout, path)
    assert [item.kind for item in answer().differences] == ["turned"]


def test_the_picture_shows_every_place(design, tmp_path):
    def change(layout):
        for _, instance in transform.cells_in(layout)[5:8]:
            instance.delete()

    answer = changed(design, tmp_path, change)
    tree = ET.fromstring(picture_svg(answer, design.sample.plan, design.sample.dbu_nm))
    gone = [item for item in tree.iter() if item.get("class") == "gone"]
    assert len(gone) == 3
    names = "".join(item.text or "" for item in tree.iter() if item.tag.endswith("text"))
    assert all(cell in names for cell in answer.differences[0].cells)


def test_the_answer_is_one_json_document(design, tmp_path):
    answer = changed(design, tmp_path, lambda layout: layout.clear_layer(layout.layer(2, 0)))
    document = answer.to_json()
    assert document["verdict"] == "other"
    assert [(item["kind"], item["mask"]) for item in document["differences"]] == [("missing-mask", "CATHODE")]
    assert {item["kind"] for item in document["differences"]} <= KINDS.keys()
    assert {item["kind"] for item in document["remarks"]} <= REMARKS.keys()


@pytest.mark.parametrize("by_nm", [1, 2000, -2000])
def test_a_bias_of_labels_whose_pixels_touch_at_corners_is_one_bias(by_nm, design, tmp_path):
    layer = design.sample.pdk.layers["MARK"]

    def change(layout):
        index = layout.layer(layer.number, layer.datatype)
        transform.replace(layout, layout.top_cell(), index, transform.region(layout, index).sized(by_nm, by_nm, 2))

    (item,) = changed(design, tmp_path, change).differences
    assert (item.kind, item.masks, item.numbers["bias_um"]) == ("bias", ("MARK",), [by_nm / 1000] * 2)


def test_points_that_meet_one_corner_of_the_design_tell_no_scale():
    found = _through(np.array([0, 1, 2j]), np.array([5, 5, 5], dtype=complex), Similarity())
    assert (found.scale, found.of(np.array([1 / 3 + 2j / 3]))[0]) == (1.0, pytest.approx(5))
