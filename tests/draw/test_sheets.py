"""What a reader of the sheets relies on: right values, nothing overlapping, the same bytes every time."""

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings

from layoutgen.draw.check import collisions
from layoutgen.draw.files import SHEETS, draw_sheets
from layoutgen.draw.scene import THICK, Path, Text
from layoutgen.draw.section import unit_cell
from layoutgen.draw.sheet import frame_of
from layoutgen.draw.sheets.package_outline import marking
from layoutgen.draw.sheets.web_plan import waterfall, yield_table
from layoutgen.draw.svg import svg_bytes
from layoutgen.sizing.flags import BEYOND
from layoutgen.smt.part import solder_part
from layoutgen.smt.record import land_pattern_record
from layoutgen.titleblock import Revision, Title
from tests.draw.designs import TEN, inputs, random_designs, with_zones

FIND_ONLY = (Phase.explicit, Phase.reuse, Phase.generate)
SVG = "{http://www.w3.org/2000/svg}"


def texts(scene):
    return [text.text for text in scene.texts()]


def dimension(scene, text):
    found = [d for d in scene.dimensions() if d.text == text or d.text.startswith(text + " ")]
    assert found, f"{text} is not among {[d.text for d in scene.dimensions()]}"
    return found


@pytest.mark.parametrize("name", TEN)
def test_nothing_overlaps_in_ten_designs(name):
    for sheet, scene in draw_sheets(inputs(**TEN[name])).items():
        assert collisions(scene, frame_of("A3")) == (), sheet


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=FIND_ONLY)
@given(random_designs)
@example({"length_um": 2500, "width_um": 2790, "layers": 42, "pdk": "lithium-alumina", "overrides": ()})
@example({"length_um": 24310, "width_um": 7770, "layers": 88, "overrides": (("device.terminal_wrap", "900"),)})
def test_nothing_overlaps_in_random_designs(drawn):
    for sheet, scene in draw_sheets(inputs(**drawn)).items():
        assert collisions(scene, frame_of("A3")) == (), sheet


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=FIND_ONLY)
@given(random_designs)
def test_nothing_overlaps_in_200_random_designs(drawn):
    for sheet, scene in draw_sheets(inputs(**drawn)).items():
        assert collisions(scene, frame_of("A3")) == (), sheet


def test_outline_dimensions_are_those_of_the_design():
    drawn = inputs()
    design = drawn.design
    scene = draw_sheets(drawn, ("package-outline",))["package-outline"]
    for letter, value_um in (
        ("D", design.package_length_um),
        ("E", design.package_width_um),
        ("A", design.package_height_um),
        ("L", design.terminal_length_um),
        ("b", design.package_width_um),
    ):
        for found in dimension(scene, letter):
            assert found.value_mm == pytest.approx(value_um / 1000, abs=1e-9), letter
    shown = texts(scene)
    for text in (
        "9.90",
        "10.00",
        "10.10",
        "7.90",
        "8.00",
        "8.10",
        "1.677",
        "1.777",
        "1.877",
        "0.02",
        "0.03",
        "0.04",
    ):
        assert text in shown


def test_a_dimension_on_paper_is_its_value_at_scale():
    for name, scene in draw_sheets(inputs()).items():
        for found in scene.dimensions():
            low, high = found.span
            assert (high - low) / found.scale == pytest.approx(found.value_mm, rel=1e-6), (name, found.text)


def test_printed_dimension_texts_say_their_value():
    for name, scene in draw_sheets(inputs()).items():
        for found in scene.dimensions():
            numbers = re.findall(r"\d+\.?\d*", found.text)
            if numbers and not found.text.startswith(("A1", "V1 ", "V2 ")):
                shown = float(numbers[-1])
                in_um = name == "cross-section" and "." not in numbers[-1]
                value = found.value_mm
                assert any(shown == pytest.approx(v, abs=6e-4 * max(1, shown)) for v in (value, value * 1000)), (
                    name, found.text, in_um)  # fmt: skip


def test_land_pattern_sheet_shows_the_numbers_of_the_model():
    from layoutgen.smt.land_pattern import land_pattern
    from layoutgen.smt.part import solder_part

    drawn = inputs()
    pattern = land_pattern(solder_part(drawn.design, drawn.template))
    scene = draw_sheets(drawn, ("land-pattern",))["land-pattern"]
    for letter, value in (("Z", pattern.z), ("G", pattern.g), ("X", pattern.x), ("V1", pattern.courtyard_length)):
        (found,) = dimension(scene, letter)
        assert found.value_mm == pytest.approx(value, abs=1e-9)


def test_detail_of_a_large_part_states_the_distances_around_a_land():
    drawn = inputs(**TEN["largest"])
    record = land_pattern_record(solder_part(drawn.design, drawn.template))
    level, length = record["levels"][1], drawn.design.package_length_um / 1000
    plus, printed = level["pads"][0], [o for o in level["paste_openings"] if o["pad"] == "1"]
    scene = draw_sheets(drawn, ("land-pattern",))["land-pattern"]
    assert {"A", "Detail A, 20:1"} <= set(texts(scene))
    found = {d.text: d.value_mm for d in scene.dimensions() if d.scale == 20}
    wanted = [
        plus["length_mm"],
        (level["courtyard_mm"]["length"] - level["z_mm"]) / 2,
        (level["z_mm"] - length) / 2,
        record["solder_mask_expansion_mm"],
        printed[-1]["width_mm"],
        printed[-1]["y_mm"] - printed[-2]["y_mm"] - printed[-1]["width_mm"],
        plus["width_mm"] / 2 - printed[-1]["y_mm"] - printed[-1]["width_mm"] / 2,
    ]
    for value in wanted:
        assert any(value == pytest.approx(stated, abs=1e-9) for stated in found.values()), value
    assert f"Y {plus['length_mm']:.3f}" in found


@pytest.mark.parametrize("name", TEN)
def test_polarity_shows_in_the_tape_and_on_the_part(name):
    drawn = inputs(**TEN[name])
    scenes = draw_sheets(drawn, ("assembly", "package-outline"))
    assert {"+", "-"} <= set(texts(scenes["assembly"]))
    assert marking(drawn) in texts(scenes["package-outline"])


def test_section_follows_the_mask_parameters():
    before = inputs()
    wider = inputs(overrides=(("device.contact_land", "400"),))
    start = {slab.film: slab.x0 for slab in unit_cell(before)}
    moved = {slab.film: slab.x0 for slab in unit_cell(wider)}
    assert start["cathode"] == 200
    assert moved["cathode"] == 400
    assert "200" in texts(draw_sheets(before, ("cross-section",))["cross-section"])
    assert "400" in texts(draw_sheets(wider, ("cross-section",))["cross-section"])


def test_tab_reaches_the_anode_collector_through_the_window():
    slabs = unit_cell(inputs())
    via = [s for s in slabs if s.film == "tab" and s.z0 == next(f.z0 for f in slabs if f.film == "film_lower")]
    (collector,) = [s for s in slabs if s.film == "anode_collector"]
    assert len(via) == 1
    assert via[0].z0 == pytest.approx(collector.z1)
    assert collector.x0 < via[0].x0 < via[0].x1 < collector.x1


def test_cut_films_do_not_overlap_and_fill_the_pitch():
    drawn = inputs()
    slabs = unit_cell(drawn)
    for i, a in enumerate(slabs):
        for b in slabs[i + 1 :]:
            overlap_x = min(a.x1, b.x1) - max(a.x0, b.x0)
            overlap_z = min(a.z1, b.z1) - max(a.z0, b.z0)
            assert min(overlap_x, overlap_z) <= 1e-9, (a, b)
    assert max(slab.z1 for slab in slabs) == pytest.approx(drawn.design.pitch_um)


def test_web_map_counts_are_those_of_the_plan():
    drawn = inputs()
    shown = texts(draw_sheets(drawn, ("web-map",))["web-map"])
    assert str(drawn.plan.cells_per_repeat) in shown
    for field in drawn.plan.fields:
        for block in field.blocks:
            assert f"{block.columns} × {block.rows}" in shown


@pytest.mark.parametrize("name", TEN)
def test_web_plan_divides_the_web_and_says_what_it_yields(name):
    drawn = inputs(**TEN[name])
    steps = waterfall(drawn)
    shares = dict(steps)
    assert [share for _, share in steps] == sorted(shares.values(), reverse=True)
    plate = drawn.pdk.web.form == "plate"
    assert shares["Plate" if plate else "Web"] == 1.0
    assert shares["Finished cells"] == pytest.approx(drawn.plan.utilization)
    width, repeat = (drawn.mm(v) for v in (drawn.plan.frame.width, drawn.plan.repeat_length))
    active = drawn.design.active_area_cm2 * 100 * drawn.plan.cells_per_repeat / (width * repeat)
    assert shares["Active area"] == pytest.approx(active)
    head, cells, gross, good = yield_table(drawn)
    assert float(cells[1]) == drawn.plan.cells_per_repeat
    areas = {"a metre": repeat / 1000, "a square metre": repeat * width / 1e6}
    assert set(head[2:]) == (areas.keys() - {"a metre"} if plate else areas.keys())
    for column in range(1, len(head)):
        area = areas.get(head[column], 1.0)
        assert float(cells[column]) == pytest.approx(drawn.plan.cells_per_repeat / area, rel=1e-4)
        assert float(gross[column]) == pytest.approx(float(cells[column]) / drawn.design.layers, rel=2e-3)
        assert float(good[column]) <= float(gross[column])
    shown = texts(draw_sheets(drawn, ("web-plan",))["web-plan"])
    assert f"{shares['Finished cells'] * 100:.1f} %" in shown
    assert ("machine direction" in shown) != plate


@pytest.mark.parametrize("name", ["20 mAh in 8 x 10", "on mica"])
def test_a_plate_ends_where_a_web_goes_on(name):
    """A plate is drawn whole, with its four edges; a repeat has no edge across the web."""
    drawn = inputs(**TEN[name])
    plate = drawn.pdk.web.form == "plate"
    sides = sorted(drawn.mm(v) for v in (drawn.plan.frame.width, drawn.plan.repeat_length))
    for scene in draw_sheets(drawn, ("web-map", "web-plan")).values():
        outlines = [
            (max(x) - min(x), max(y) - min(y))
            for item in scene.items
            if isinstance(item, Path) and item.closed and item.pen == THICK and item.fill is None
            for x, y in [zip(*item.points, strict=True)]
        ]
        ratios = [max(sizes) / min(sizes) for sizes in outlines]
        assert any(ratio == pytest.approx(sides[1] / sides[0]) for ratio in ratios) == plate
    shown = " ".join(texts(draw_sheets(drawn, ("web-plan",))["web-plan"]))
    assert ("of repeats" in shown) != plate
    assert "usable width" in shown


def test_drawings_of_the_part_leave_to_the_review_what_only_it_weighs():
    drawn = inputs(layers=50)
    assert {"layers-unshown", "formation-after-reflow"} <= {flag.code for flag in drawn.design.flags}
    for name, scene in draw_sheets(drawn, ("package-outline", "assembly")).items():
        shown = " ".join(texts(scene))
        assert not any(flag.message[1:40] in shown for flag in drawn.design.flags if flag.code in BEYOND), name


def test_web_sheets_show_slits_zones_and_structures():
    """Each stands where the plan has it: on the map once, on the plan in every repeat that is drawn."""
    drawn = with_zones()
    scenes = draw_sheets(drawn, ("web-map", "web-plan"))
    for name, scene in scenes.items():
        assert collisions(scene, frame_of("A3")) == (), name
    on_map, on_plan = scenes["web-map"], scenes["web-plan"]
    free = [item for item in on_map.items if isinstance(item, Path) and item.hatch]
    assert len(free) == 3
    scale = next(d.scale for d in on_map.dimensions() if d.text.startswith("web "))
    spans = ([max(values) - min(values) for values in zip(*item.points, strict=True)] for item in free)
    slit, splice, dent = (tuple(span) for span in spans)
    assert slit == pytest.approx((2 * scale, drawn.mm(drawn.plan.repeat_length) * scale))
    assert splice == pytest.approx((300 * scale, 6 * scale))
    assert dent == pytest.approx((20 * scale, 15 * scale))
    repeat = drawn.mm(drawn.plan.repeat_length)
    starts = [drawn.mm(min(y for _, y in zone.corners)) for zone in drawn.plan.zones]
    shown = sum(math.ceil((1000 - start) / repeat) for start in starts)
    free = [item for item in on_plan.items if isinstance(item, Path) and item.hatch]
    assert len(free) == 1 + shown
    assert "slit 150.00" in texts(on_plan)
    for fact in ("1, 2.00 wide", "Test structures a repeat", "Zones a repeat"):
        assert fact in texts(on_plan)


def test_web_plan_says_what_the_design_says():
    from layoutgen.document import to_document
    from layoutgen.draw.files import inputs_of
    from layoutgen.solver.solve import solve
    from layoutgen.spec import build_spec

    solution = solve(build_spec({"capacity": 1, "footprint": "5x6"}, {}))
    web = to_document(solution)["web"]
    _, cells, gross, good = yield_table(inputs_of(solution))
    assert float(cells[3]) == pytest.approx(web["cells_per_m2"], rel=1e-4)
    assert float(gross[3]) == pytest.approx(web["devices_per_m2"]["gross"], rel=1e-3)
    assert float(good[3]) == pytest.approx(web["devices_per_m2"]["good"], rel=1e-3)


def test_web_map_does_not_grow_with_the_number_of_cells():
    few, many = inputs(), inputs(length_um=2500, width_um=1500, layers=10)
    assert many.plan.cells_per_repeat > 10 * few.plan.cells_per_repeat
    sizes = [len(svg_bytes(draw_sheets(drawn, ("web-map",))["web-map"])) for drawn in (few, many)]
    assert sizes[1] < 3 * sizes[0]


@pytest.mark.parametrize("name", SHEETS)
def test_svg_is_a4_or_a3_in_mm_and_says_what_the_scene_says(name):
    scene = draw_sheets(inputs(), (name,))[name]
    root = ET.fromstring(svg_bytes(scene))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("420mm", "297mm", "0 0 420 297")
    assert [element.text for element in root.iter(f"{SVG}text")] == texts_in_order(scene)


def texts_in_order(scene):
    return [text.text for text in scene.texts()]


def test_svg_is_the_same_on_a_second_run():
    first = {name: svg_bytes(scene) for name, scene in draw_sheets(inputs()).items()}
    inputs.cache_clear()
    assert {name: svg_bytes(scene) for name, scene in draw_sheets(inputs()).items()} == first


def test_title_block_shows_what_it_is_given_and_dashes_else():
    revisions = [
        Revision(rev=mark, date=f"2026-01-0{day}", description=f"change {mark}", by="AM")
        for day, mark in enumerate("ABCD", 1)
    ]
    block = Title(owner="Ring & Co <Ltd>", number="R-7", title="Ring", creator="A. Maker", approver="C. Checker",
                  revisions=tuple(revisions))  # fmt: skip
    drawn = replace(inputs(), title=block)
    for scene in draw_sheets(drawn).values():
        shown = texts(scene)
        for text in ("Ring & Co <Ltd>", "R-7", "A. Maker", "C. Checker", "change B", "change C", "change D"):
            assert text in shown
        assert min(shown.count("D"), shown.count("2026-01-04")) >= 2, (
            "in the table, and as revision and date of issue"
        )
        assert "change A" not in shown
        svg = svg_bytes(scene).decode()
        assert "Ring &amp; Co &lt;Ltd&gt;" in svg
    empty = texts(draw_sheets(replace(inputs(), title=Title()))["web-map"])
    assert empty.count("-") >= 5


def test_absurd_title_block_still_fits():
    long = "A very long name of an owner that nobody would print on a drawing " * 3
    fields = dict.fromkeys(("owner", "number", "title", "creator", "approver"), f"{long}\n{long}")
    revisions = [Revision(rev=f"R{i}", date="2026-01-01", description=long, by=long) for i in range(9)]
    block = Title(**fields, date=long, revisions=tuple(revisions))
    for name, scene in draw_sheets(replace(inputs(), title=block)).items():
        assert collisions(scene, frame_of("A3")) == (), name
        ET.fromstring(svg_bytes(scene))


def test_every_sheet_shows_the_disclaimer_and_polarity():
    for name, scene in draw_sheets(inputs()).items():
        assert "illustrative, not foundry data" in texts(scene), name
    outline = draw_sheets(inputs(), ("package-outline",))["package-outline"]
    assert texts(outline).count("+") >= 2
    assert "1 +" in texts(draw_sheets(inputs(), ("land-pattern",))["land-pattern"])


def test_the_collision_check_sees_faults():
    """The check itself: move one text of a good sheet onto others, onto a line, onto the part, off the sheet."""
    scene = draw_sheets(inputs(), ("package-outline",))["package-outline"]
    good = next(i for i in scene.items if isinstance(i, Text) and i.text == "Notes")
    part = next(i for i in scene.items if isinstance(i, Path) and i.closed and i.fill)
    x, y = part.points[0]
    other = next(i for i in scene.items if isinstance(i, Text) and i.text == "End view, + end")
    for at in ((x + 1, y + 3), other.at, (410.0, 280.0), (x - 4, y + 3)):
        items = tuple(replace(i, at=at) if i is good else i for i in scene.items)
        assert collisions(replace(scene, items=items), frame_of("A3")), at
