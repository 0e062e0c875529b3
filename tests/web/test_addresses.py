"""Addresses of cells: spelt and read, one by one and in columns, and the same in all that names a block."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from layoutgen.document import to_document
from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.scene import Role, Text
from layoutgen.draw.sheets import web_map
from layoutgen.draw.text import mm
from layoutgen.draw.web import web_shapes
from layoutgen.export.cell_map import cell_map_csv
from layoutgen.export.e142 import e142_bytes
from layoutgen.report.charts import web_svg
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec, read_spec_file
from layoutgen.titleblock import Title
from layoutgen.web.addresses import UNKNOWN, Address, AddressError, WebAddresses, read_address
from layoutgen.web.plan import Block, Field, Regime, WebFrame, WebPlan
from tests.layout.designs import make
from tests.rules.webs import SMALL_WEB
from tests.tile import watch

blocks = st.builds(
    Block, st.integers(0, 900), st.integers(0, 900), st.integers(1, 12), st.integers(1, 12), st.booleans()
)
fields_of_blocks = st.lists(st.lists(blocks, max_size=4), max_size=11)


def plan_of(fields):
    """A plan that holds these blocks, wherever they lie."""
    frame = WebFrame(1000, 0, 1000, 1000, 0, 3, rotation_allowed=True, regime=Regime.FREE)
    with watch.paused():
        made = tuple(Field(0, 0, 1000, 1000, tuple(found)) for found in fields)
        return WebPlan(frame, (20, 30), made, 1000, 10**6, "by hand", "")


def every_cell(plan, repeats):
    """Address and lower-left corner of every cell, in order, as the words of the module say."""
    for repeat in range(1, max(1, repeats) + 1):
        for f, field in enumerate(plan.fields, 1):
            for b, block in enumerate(field.blocks, 1):
                width, length = (30, 20) if block.rotated else (20, 30)
                for row in range(1, block.rows + 1):
                    for column in range(1, block.columns + 1):
                        x = block.x + (column - 1) * (width + 3)
                        y = block.y + (row - 1) * (length + 3) + (repeat - 1) * 1000
                        yield Address(f, b, column, row, repeat if repeats else 0), (x, y, width, length)


@given(fields_of_blocks, st.integers(0, 12))
@settings(max_examples=60)
def test_texts_indices_and_cells_are_one(fields, repeats):
    plan = plan_of(fields)
    web = WebAddresses(plan, repeats)
    cells = list(every_cell(plan, repeats))
    assert web.count == len(cells)
    names = web.names(np.arange(web.count)).tolist()
    assert len(set(names)) == len(names)
    assert web.indices(names).tolist() == list(range(web.count))
    table = web.cells()
    columns = table.field, table.block, table.column, table.row, table.repeat
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == [tuple(name) for name, _ in cells]
    assert list(zip(*(v.tolist() for v in (table.x, table.y, table.width, table.length)), strict=True)) == [
        place for _, place in cells
    ]
    for number in range(0, len(cells), max(1, len(cells) // 25)):
        address = cells[number][0]
        assert web.spell(address) == names[number]
        assert web.parse(names[number]) == address == web.at(number)
        assert web.index_of(address) == number


texts = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"(W0{0,2}[0-3]-)?F0?[0-3]-B0{0,3}[0-3]-C[0-9]{1,2}-R[0-9]{1,3}", fullmatch=True),
    st.from_regex(r"([Ww][0-9]-)?[FfGg][0-9]-?[Bb][0-9]-[Cc][0-9]{1,17}-[Rr][0-9][-x ]?", fullmatch=True),
)


@given(fields_of_blocks, st.integers(0, 3), st.lists(texts, min_size=1, max_size=40))
@example(
    [[Block(0, 0, 2, 2, rotated=False)]], 0, ["W0-F1-B1-C1-R1", "F1-B1-C1-R1", "f1-b01-C2-r2", "F1-B1-C1-R1\n"]
)
@example([[Block(0, 0, 2, 2, rotated=False)]], 2, ["F1-B1-C1-R1", "w2-F1-B1-C1-R1", "F٣-B1-C1-R1", "x" * 500])
@settings(max_examples=100)
def test_many_texts_are_read_as_one_by_one(fields, repeats, given_texts):
    web = WebAddresses(plan_of(fields), repeats)

    def one(text):
        try:
            return web.index_of(web.parse(text))
        except AddressError:
            return UNKNOWN

    # numpy holds no zero characters at the end of a text
    given_texts = [text.rstrip("\0") for text in given_texts]
    assert web.indices(given_texts).tolist() == [one(text) for text in given_texts]


@pytest.mark.parametrize(
    ("repeats", "text", "said"),
    [
        (0, "F3-B1-C1-R1", "2 fields"),
        (0, "F1-B3-C1-R1", "F1 has 2 blocks"),
        (0, "F1-B2-C4-R1", "F1-B2 has 3 columns and 12 rows"),
        (0, "W1-F1-B2-C1-R1", "one repeat, without a number"),
        (7, "W8-F1-B2-C1-R1", "7 repeats"),
        (7, "F1-B2-C1-R1", "the number of the repeat before it"),
        (7, "cell 12", "W0012-F1-B2-C03-R12"),
    ],
)
def test_what_is_no_address_is_told(repeats, text, said):
    first = (Block(0, 0, 1, 1, rotated=False), Block(50, 0, 3, 12, rotated=False))
    web = WebAddresses(plan_of([first, first[:1]]), repeats)
    with pytest.raises(AddressError, match=said):
        web.parse(text)


def test_kilometres_of_web_are_read_in_pieces():
    plan = plan_of([[Block(0, 0, 99, 100, rotated=False)]])
    web = WebAddresses(plan, 10**9)
    last = web.cells(web.count - 3)
    assert last.repeat.tolist() == [10**9] * 3
    assert web.names(last.index).tolist() == [f"W1000000000-F1-B1-C{n}-R100" for n in (97, 98, 99)]
    assert web.indices(web.names(last.index)).tolist() == last.index.tolist()
    assert read_address("W1000000000-F1-B1-C97-R100") == web.at(web.count - 3)


def words_of_field(layout, number):
    """Words of a field's marks that stand upright, each with the middle of its letters in dbu."""
    letters = defaultdict(list)
    pixel = None
    for placement in layout.cell(f"FIELD_{number}").placements:
        if placement.cell.startswith("CHAR_") and not placement.quarter_turns:
            if pixel is None:
                ys = [y for p in layout.cell(placement.cell).polygons for _, y in p.points]
                pixel = (max(ys) - min(ys)) // 7
            for column in range(placement.columns):
                x = placement.origin[0] + column * placement.pitch[0]
                letters[placement.origin[1]].append((x, placement.cell.removeprefix("CHAR_")))
    words = []
    for line in letters.values():
        for x, letter in sorted(line):
            if letter != "B" and words and words[-1][2] == x - 6 * pixel:
                words[-1] = words[-1][0] + letter, words[-1][1], x
            else:
                words.append((letter, x, x))
    return [(word, (start + end + 5 * pixel) / 2) for word, start, end in words]


small_webs = st.fixed_dictionaries(
    {
        "web.width": st.integers(30, 90).map(lambda mm: f"{mm} mm"),
        "web.field_width": st.integers(12, 40).map(lambda mm: f"{mm} mm"),
        "web.field_length": st.integers(8, 40).map(lambda mm: f"{mm} mm"),
        "web.regime": st.sampled_from(["fields", "fields", "free"]),
        "web.edge": st.just("3 mm"),
    }
)


@given(small_webs, st.tuples(st.integers(180, 420), st.integers(180, 420)))
@example(dict(SMALL_WEB), (473, 221))
@settings(max_examples=25)
def test_map_foil_cell_map_and_e142_name_every_block_alike(overrides, cell):
    made = make(overrides=tuple(overrides.items()), cell_um=(10.0 * cell[0], 10.0 * cell[1]))
    plan, to_mm = made.plan, made.dbu_nm * 1e-6
    wanted = {
        f"F{f}-B{b}": block for f, field in enumerate(plan.fields, 1) for b, block in enumerate(field.blocks, 1)
    }

    rows = list(csv.DictReader(io.StringIO(cell_map_csv(plan, made.template, made.cell_um, made.dbu_nm).decode())))
    cells = defaultdict(list)
    for row in rows:
        cells[row["id"].rsplit("-C", 1)[0]].append(row)
    assert {name: len(found) for name, found in cells.items()} == {n: b.count for n, b in wanted.items()}
    for name, block in wanted.items():
        half = (plan.cell[::-1] if block.rotated else plan.cell)[0] / 2
        assert float(cells[name][0]["x_mm"]) == pytest.approx((block.x + half) * to_mm, abs=1e-6)

    root = ET.fromstring(e142_bytes(plan, "MB", made.dbu_nm))
    namespace = root.tag.removesuffix("MapData")
    layouts = {item.get("LayoutId"): item for item in root.iter(f"{namespace}Layout")}
    assert [name for name in layouts if name not in {"Web", "Repeat"}] == list(wanted)
    for name, block in wanted.items():
        corner = layouts[name].find(f"{namespace}LowerLeft")
        assert float(corner.get("X")) == pytest.approx(block.x * to_mm)
        assert float(corner.get("Y")) == pytest.approx(block.y * to_mm)

    inputs = DrawingInputs(None, made.loaded, made.template, plan, made.dbu_nm, Title())
    check_web_map(inputs, wanted)

    for number, field in enumerate(plan.fields, 1):
        for word, middle in words_of_field(made.layout, number):
            if spelt := re.fullmatch(r"B(\d+)C(\d+)", word):
                name = f"F{number}-B{spelt[1]}-C{spelt[2]}-"
                (x,) = {float(row["x_mm"]) for row in rows if row["id"].startswith(name)}
                assert x == pytest.approx((field.x + middle) * to_mm, abs=0.15), name


def check_web_map(inputs, wanted):
    """The table of the web map and the names inside its blocks."""
    from layoutgen.draw.builder import Draft

    draft = Draft(420.0, 297.0, "web map")
    place = web_map._Place(0.0, 0.0, 1.0)
    blocks = web_shapes(inputs.plan, inputs.dbu_nm).blocks
    for block in blocks:
        web_map._block(draft, place, block, inputs.mm(inputs.plan.frame.kerf))
    web_map._block_table(draft, blocks, inputs.pdk.web)
    shown = [item for item in draft.scene().items if isinstance(item, Text)]
    table = [item.text for item in shown if item.role is Role.TABLE]
    listed = {table[i]: table[i + 1 : i + 4] for i in range(len(table)) if table[i] in wanted}
    assert list(listed) == list(wanted)[: len(listed)]
    assert len(listed) == min(20, len(wanted))
    for name, row in listed.items():
        block = wanted[name]
        assert row == [mm(inputs.mm(block.x)), mm(inputs.mm(block.y)), f"{block.columns} × {block.rows}"]
    for item in shown:
        if item.role is not Role.TABLE and item.text in wanted:
            block = wanted[item.text]
            width, length = next(shown.pitch for shown in blocks if shown.name == item.text)
            assert 0 < item.at[0] - inputs.mm(block.x) < block.columns * width, item.text
            assert 0 < item.at[1] - inputs.mm(block.y) < block.rows * length, item.text


def test_page_and_design_json_name_blocks_as_the_cell_map_does():
    values = read_spec_file(Path(__file__).parents[2] / "examples" / "zones.toml")
    solution = solve(build_spec(values, {}), compare=False)
    document = to_document(solution)
    names = [str(block) for block in WebAddresses(solution.web).blocks]
    assert len(names) > len(solution.web.fields) > 1
    assert [block["name"] for block in document["web"]["blocks"]] == names
    assert re.findall(r"<title>(F\d+-B\d+): ", web_svg(web_shapes(solution.web, solution.dbu_nm))) == names
