"""Lands are one set of numbers: KiCad footprints, drawing as SVG and DXF, design.json and the board archive."""

import io
import json
import math
import re
import xml.etree.ElementTree as ET

import ezdxf
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from kiutils.footprint import Footprint

from layoutgen.document import from_document, to_document
from layoutgen.document.integrity import digests_of
from layoutgen.draw.dxf import dxf_bytes
from layoutgen.draw.files import draw_sheets, inputs_of
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.svg import svg_bytes
from layoutgen.errors import DocumentError
from layoutgen.export.kicad import footprint_text
from layoutgen.export.models import model_files
from layoutgen.receivers.board import board_files
from layoutgen.sizing.device import size_device
from layoutgen.smt.land_pattern import Level, land_pattern
from layoutgen.smt.part import Limits, SolderPart, solder_part
from layoutgen.smt.record import land_pattern_record
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.draw.designs import TEN, TITLE
from tests.kits import kit

MORE = {
    f"{length / 100:g} x {width / 100:g}, {pdk}": {
        "length_um": length * 10, "width_um": width * 10, "layers": layers, "pdk": pdk, "overrides": overrides,
    }
    for length, width, layers, pdk, overrides in (
        (350, 790, 12, "anodeless-ss", ()), (620, 410, 3, "lithium-alumina", ()),
        (1230, 990, 80, "lithium-mica", ()), (2010, 1505, 150, "anodeless-ss", (("device.terminal_wrap", "1500"),)),
        (999, 333, 7, "bottom-terminal", ()), (3500, 300, 20, "bottom-terminal", ()),
        (300, 3500, 20, "bottom-terminal", ()),
        (741, 1283, 66, "anodeless-ss", (("package.tolerance_length", "0.2"),)),
        (508, 508, 5, "anodeless-ss", (("package.tolerance_terminal", "0.02"),)),
    )
}  # fmt: skip
TWENTY = TEN | MORE
COPPER, MASK, PASTE = "#dca36b", "#1f6f3a", "#9aa3ad"
SVG = "{http://www.w3.org/2000/svg}"


def drawn(length_um=9790, width_um=7900, layers=49, pdk="anodeless-ss", overrides=()):
    loaded = kit(pdk, overrides)
    template = loaded.template.bind(loaded.pdk)
    design = size_device(loaded.pdk, template, (float(length_um), float(width_um)), layers, 0.99)
    return DrawingInputs(design, loaded, template, None, 10.0, TITLE)


def rectangle(points):
    """Centre and size of a figure."""
    xs, ys = zip(*points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2, max(xs) - min(xs), max(ys) - min(ys)


def of_record(items):
    """Centre, size and corner radius."""
    return [tuple(item[f"{key}_mm"] for key in ("x", "y", "length", "width", "corner_radius")) for item in items]


def on_part(figures, scale):
    """Figures on paper about the middle of the lands, in mm of the part, from the left and the bottom up."""
    middle = sum(x for x, *_ in figures) / len(figures), sum(y for _, y, *_ in figures) / len(figures)
    found = [((x - middle[0]) / scale, (y - middle[1]) / scale, a / scale, b / scale) for x, y, a, b in figures]
    return sorted(found, key=lambda item: (round(item[0]), item[1]))


def svg_figures(root, attribute, colour):
    """Whole outlines of one colour that are drawn with a line; the detail's are open."""
    found = []
    for path in root.iter(f"{SVG}path"):
        if path.get(attribute) == colour and path.get("stroke") != "none" and path.get("d").endswith("Z"):
            numbers = [float(text) for text in re.findall(r"-?[\d.]+", path.get("d"))]
            found.append(rectangle(list(zip(numbers[::2], (-y for y in numbers[1::2]), strict=True))))
    return found


def dxf_fills(space, colour):
    fills = [item for item in space.query("HATCH") if item.dxf.get("true_color") == int(colour[1:], 16)]
    return [rectangle([(x, y) for x, y, *_ in item.paths.paths[0].vertices]) for item in fills]


def dxf_outlines(space, colour):
    lines = space.query("LWPOLYLINE")
    return [
        rectangle([(x, y) for x, y, *_ in item.get_points()])
        for item in lines
        if item.closed and item.dxf.get("true_color") == int(colour[1:], 16)
    ]


def table(texts):
    """Rows of the table of levels: name -> three texts."""
    return {texts[i]: texts[i + 1 : i + 4] for i, text in enumerate(texts) if text[0].islower() or ", " in text}


def assert_same(found, wanted, slack):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one == pytest.approx(other, abs=slack)


@pytest.mark.parametrize("name", TWENTY)
def test_drawing_as_svg_and_dxf_has_the_lands_of_the_document(name):
    inputs = drawn(**TWENTY[name])
    levels = land_pattern_record(solder_part(inputs.design, inputs.template))["levels"]
    nominal = levels[1]
    scene = draw_sheets(inputs, ("land-pattern",))["land-pattern"]
    root = ET.fromstring(svg_bytes(scene))
    document = ezdxf.read(io.StringIO(dxf_bytes(scene).decode()))
    space = document.modelspace()
    texts = [element.text for element in root.iter(f"{SVG}text")]
    both = (texts, [text.dxf.text for text in space.query("TEXT")])
    stated = next(text for text in texts if re.fullmatch(r"\d+:\d+", text)).split(":")
    scale = int(stated[0]) / int(stated[1])
    pads, masks, printed = (
        [item[:4] for item in of_record(nominal[key])] for key in ("pads", "solder_mask_openings", "paste_openings")
    )
    count = len(printed)
    slack = 0.002 / scale
    assert_same(on_part(svg_figures(root, "fill", COPPER), scale), pads, slack)
    assert_same(on_part(svg_figures(root, "stroke", MASK), scale), masks, slack)
    if printed:
        assert_same(on_part(svg_figures(root, "fill", PASTE)[:count], scale), printed, slack)
    else:  # a part that must not be reflowed
        assert not svg_figures(root, "fill", PASTE)
    assert_same(on_part(dxf_fills(space, COPPER)[:2], scale), pads, 1e-6)
    assert_same(on_part(dxf_outlines(space, MASK)[:2], scale), masks, 1e-6)
    if printed:
        assert_same(on_part(dxf_fills(space, PASTE)[:count], scale), printed, 1e-6)
    assert len(dxf_fills(space, PASTE)) >= count
    for shown in map(table, both):
        for row, value in {
            "Z, over the lands": lambda level: level["z_mm"],
            "G, between the lands": lambda level: level["g_mm"],
            "X, land width": lambda level: level["x_mm"],
            "Y, land length": lambda level: level["pads"][0]["length_mm"],
            "C, centre to centre": lambda level: 2 * level["pads"][1]["x_mm"],
            "V1, courtyard length": lambda level: level["courtyard_mm"]["length"],
            "V2, courtyard width": lambda level: level["courtyard_mm"]["width"],
            "mask opening, length": lambda level: level["solder_mask_openings"][0]["length_mm"],
            "mask opening, width": lambda level: level["solder_mask_openings"][0]["width_mm"],
            "paste openings a land": lambda level: level["paste_openings_per_pad"],
            "paste opening, length": lambda level: level["paste_openings"][0]["length_mm"],
            "paste opening, width": lambda level: level["paste_openings"][0]["width_mm"],
            "paste area ratio": lambda level: level["paste_openings"][0]["area_ratio"],
        }.items():
            if row.startswith("paste") and not printed:
                assert shown.get(row, ["none"] * 3) == ["none"] * 3
                continue
            slack = 0.0051 if row == "paste area ratio" else 0.00051
            assert [float(text) for text in shown[row]] == pytest.approx(
                [value(level) for level in levels], abs=slack
            )


def assert_footprint(text, level, path):
    """The pads of a footprint, read by kiutils, against one level of the record."""
    path.write_text(text, encoding="utf-8")
    footprint = Footprint.from_file(str(path))
    copper, printed = ([p for p in footprint.pads if layer in p.layers] for layer in ("F.Cu", "F.Paste"))
    assert [pad.number for pad in copper] == [item["number"] for item in level["pads"]]
    assert_same([figure(pad) for pad in copper], of_record(level["pads"]), 1e-6)
    grown = [figure(pad, pad.solderMaskMargin) for pad in copper]
    assert_same(grown, of_record(level["solder_mask_openings"]), 1e-6)
    shrunk = [figure(pad, pad.solderPasteMargin or 0.0) for pad in printed]
    assert_same(shrunk, of_record(level["paste_openings"]), 1e-6)
    yard = [item for item in footprint.graphicItems if getattr(item, "layer", "") == "F.CrtYd"]
    found = tuple(2 * max(getattr(line.end, axis) for line in yard) for axis in "XY")
    assert found == pytest.approx((level["courtyard_mm"]["length"], level["courtyard_mm"]["width"]))


def figure(pad, margin=0.0):
    """Centre, size and corner radius of a pad, grown by a margin as KiCad does: corners keep their ratio."""
    size = pad.size.X + 2 * margin, pad.size.Y + 2 * margin
    return pad.position.X, -pad.position.Y, *size, pad.roundrectRatio * min(size)


@pytest.mark.parametrize("name", TWENTY)
def test_footprints_of_all_levels_have_the_lands_of_the_document(name, tmp_path):
    inputs = drawn(**TWENTY[name])
    files = {path.removeprefix("cad/"): content for path, content in model_files(inputs, "part").items()}
    levels = land_pattern_record(solder_part(inputs.design, inputs.template))["levels"]
    for level, file in zip(levels, ("part_A.kicad_mod", "part.kicad_mod", "part_C.kicad_mod"), strict=True):
        assert_footprint(files[file].decode(), level, tmp_path / file)


parts = st.builds(
    lambda length, width, terminal, tolerance, inset: SolderPart(
        Limits(length, tolerance), Limits(width, tolerance), Limits(1.0, 0.1), Limits(terminal, tolerance),
        Limits(width, tolerance), Limits(0.03, 0.01), inset, "bottom" if inset else "end-cap",
    ),
    st.integers(100, 4000).map(lambda n: n / 100), st.integers(50, 4000).map(lambda n: n / 100),
    st.integers(10, 200).map(lambda n: n / 100), st.sampled_from([0.0, 0.03, 0.1, 0.15]),
    st.sampled_from([0.0, 0.2]),
)  # fmt: skip


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts)
def test_footprints_of_random_parts_have_the_lands_of_the_record(tmp_path, part):
    record = land_pattern_record(part)
    assume(record is not None)
    for level, entry in zip(Level, record["levels"], strict=True):
        text = footprint_text("part", part, land_pattern(part, level), "Battery", "part.step")
        assert_footprint(text, entry, tmp_path / "part.kicad_mod")
        assert entry["z_mm"] == pytest.approx(
            2 * entry["pads"][1]["x_mm"] + entry["pads"][1]["length_mm"], abs=1e-6
        )
        assert entry["g_mm"] == pytest.approx(
            2 * entry["pads"][1]["x_mm"] - entry["pads"][1]["length_mm"], abs=1e-6
        )
        for opening in entry["paste_openings"]:
            pad = next(item for item in entry["pads"] if item["number"] == opening["pad"])
            assert_inside(opening, pad)


def assert_inside(inner, outer):
    """A rounded rectangle lies inside another, corners too."""
    gaps = [
        outer[size] / 2 - abs(inner[place] - outer[place]) - inner[size] / 2
        for place, size in (("x_mm", "length_mm"), ("y_mm", "width_mm"))
    ]
    assert min(gaps) > 0
    small, large = inner["corner_radius_mm"], outer["corner_radius_mm"]
    from_centre = [large - gap - small for gap in gaps]
    if min(from_centre) > 0:
        assert math.hypot(*from_centre) + small <= large + 1e-9


def test_lands_that_touch_are_no_lands():
    limits = Limits(0.5, 0.1)
    part = SolderPart(Limits(1.0, 0.1), limits, limits, limits, limits, limits, 0.0, "end-cap")
    assert land_pattern_record(part) is None


@pytest.fixture(scope="module")
def solution():
    return solve(build_spec({"capacity": 2, "footprint": (8.0, 10.0)}, {}), compare=False)


def test_board_archive_states_the_lands_of_design_json(solution):
    document = to_document(solution)
    stated = json.loads(board_files(inputs_of(solution), "part")["land-pattern.json"])
    assert stated["land_pattern"] == document["land_pattern"]
    assert (stated["schema"], stated["name"]) == ("layoutgen.land-pattern/1", "part")


@pytest.mark.parametrize("path", ["levels.0.z_mm", "levels.1.pads.0.x_mm", "levels.2.paste_openings.1.width_mm",
                                  "levels.1.solder_mask_openings.0.length_mm", "stencil_thickness_mm"])  # fmt: skip
def test_edited_lands_are_refused_by_key(solution, path):
    document = json.loads(json.dumps(to_document(solution)))
    *way, last = path.split(".")
    place = document["land_pattern"]
    for key in way:
        place = place[int(key)] if isinstance(place, list) else place[key]
    place[last] += 0.01
    key = "land_pattern." + re.sub(r"\.(\d+)", r"[\1]", path)
    with pytest.raises(DocumentError, match=re.escape(key)):
        from_document(document | {"digests": digests_of(document)})
