"""Cell maps of a repeat and of a whole web: each cell, its probe target and its drawn name, as KLayout sees it."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
import zipfile
from itertools import islice, pairwise

import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet as pq

from layoutgen.cli import cli
from layoutgen.document import to_document, to_text
from layoutgen.errors import PackageError
from layoutgen.export.cell_map import cell_map_csv, web_cell_map_lines, web_repeats_csv
from layoutgen.export.e142 import e142_bytes, e142_lines
from layoutgen.export.gds import gds_bytes
from layoutgen.files.archive import SUMS, pieces_of, with_sums, write_zip, zip_bytes
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from layoutgen.verify.archive import verify_shop
from tests.export.oracle import read, region
from tests.layout.designs import CASES, make, sample, scattered_plan
from tests.rules.webs import SMALL_WEB


@pytest.fixture(scope="module", params=[*CASES, "scattered"])
def case(request, tmp_path_factory):
    made = (
        make(plan=scattered_plan, cell_um=(3000, 7000)) if request.param == "scattered" else sample(request.param)
    )
    return made, read(gds_bytes(made.layout, made.pdk), "gds", tmp_path_factory.mktemp("files"))


def table(text):
    return list(csv.DictReader(io.StringIO(text.decode() if isinstance(text, bytes) else text)))


def map_of(made):
    return table(cell_map_csv(made.plan, made.template, made.cell_um, made.dbu_nm))


def web_map_of(made, repeats):
    return table(
        "\n".join(web_cell_map_lines(made.plan, made.template, made.cell_um, made.dbu_nm, repeats=repeats))
    )


def drawn(made, gds, layer, repeats=1):
    """Centres in mm of a layer's polygons, in each repeat."""
    boxes = [polygon.bbox() for polygon in region(gds, made.pdk, layer).each()]
    half_mm = made.dbu_nm * 0.5e-6
    length = 2 * made.plan.repeat_length
    return sorted(
        (round((b.left + b.right) * half_mm, 7), round((b.bottom + b.top + n * length) * half_mm, 7))
        for b in boxes
        for n in range(repeats)
    )


def spots(rows, x, y):
    return sorted((float(row[x]), float(row[y])) for row in rows)


def test_the_map_points_at_each_cell_and_its_probe_target(case):
    made, gds = case
    rows = map_of(made)
    assert len(rows) == made.plan.cells_per_repeat == len({row["id"] for row in rows})
    assert spots(rows, "x_mm", "y_mm") == drawn(made, gds, "SUBSTRATE")
    assert spots(rows, "probe_x_mm", "probe_y_mm") == drawn(made, gds, "PROBE")
    first = rows[0]
    assert first["id"].startswith("F1-B1-C")
    assert int(first["id"].split("-C")[1].split("-")[0]) == int(first["column"]) == 1
    assert {row["rotation_deg"] for row in rows} <= {"0", "90"}


def test_the_map_of_a_web_is_that_of_each_repeat(case):
    made, gds = case
    rows = web_map_of(made, 3)
    assert len({row["id"] for row in rows}) == len(rows) == 3 * made.plan.cells_per_repeat
    assert spots(rows, "x_mm", "y_mm") == drawn(made, gds, "SUBSTRATE", 3)
    assert spots(rows, "probe_x_mm", "probe_y_mm") == drawn(made, gds, "PROBE", 3)
    one = [row["id"] for row in map_of(made)]
    assert [row["id"] for row in rows] == [f"W{n:04}-{name}" for n in (1, 2, 3) for name in one]


def e142_cells(content):
    """Names and centres in mm of every cell of an E142 map, by its hierarchy of layouts alone."""
    root = ET.fromstring(content)
    name = root.tag.removesuffix("MapData")
    layouts = {layout.get("LayoutId"): layout for layout in root.iter(f"{name}Layout")}

    def pair(layout, key):
        element = layouts[layout].find(f"{name}{key}")
        return float(element.get("X")), float(element.get("Y"))

    found = {}
    for substrate_map in root.iter(f"{name}SubstrateMap"):
        path = substrate_map.get("LayoutSpecifier").split("/")
        for parent, child in pairwise(path):
            children = layouts[parent].find(f"{name}ChildLayouts")
            assert child in {item.get("LayoutId") for item in children}
        counts = [[int(value) for value in pair(layout, "Dimension")] for layout in path]
        bins = [row.text.split() for row in substrate_map.iter(f"{name}BinCode")]
        assert int(substrate_map.find(f".//{name}BinDefinition").get("BinCount")) == sum(map(len, bins))
        (repeats_x, repeats), (_, once), (columns, rows) = counts
        assert (repeats_x, once, len(bins)) == (1, 1, repeats * rows)
        origin = [sum(pair(layout, "LowerLeft")[axis] for layout in path) for axis in (0, 1)]
        size, step, along = pair(path[2], "DeviceSize"), pair(path[2], "StepSize"), pair(path[0], "StepSize")[1]
        for number, line in enumerate(bins):
            repeat, row = divmod(number, rows)
            assert len(line) == columns
            for column in range(columns):
                x = origin[0] + column * step[0] + size[0] / 2
                y = origin[1] + repeat * along + row * step[1] + size[1] / 2
                found[repeat + 1, path[2], column + 1, row + 1] = x, y
    return found


@pytest.mark.parametrize("repeats", [1, 4])
def test_e142_places_the_same_cells(case, repeats):
    made, _ = case
    content = "\n".join(e142_lines(made.plan, "MB", made.dbu_nm, repeats)).encode()
    assert repeats > 1 or content + b"\n" == e142_bytes(made.plan, "MB", made.dbu_nm)
    listed = {
        (int(row["repeat"]), f"F{row['field']}-B{row['block']}", int(row["column"]), int(row["row"])): (
            float(row["x_mm"]),
            float(row["y_mm"]),
        )
        for row in web_map_of(made, repeats)
    }
    found = e142_cells(content)
    assert found.keys() == listed.keys()
    assert all(found[key] == pytest.approx(listed[key], abs=1e-9) for key in listed)


def test_bins_have_three_digits_and_maps_a_first_device(case):
    """As readers of E142 ask: codes of three digits, a reference device, no count of the null bin, the turn."""
    made, _ = case
    space = {"e": "urn:semi-org:xsd.E142-1.V1005.SubstrateMap"}
    root = ET.fromstring(e142_bytes(made.plan, "MB & Co", made.dbu_nm))
    products = {
        item.get("LayoutId"): item.findtext("e:ProductId", "", space)
        for item in root.iterfind(".//e:Layout", space)
    }
    turns = {f"F{row['field']}-B{row['block']}": row["rotation_deg"] for row in map_of(made)}
    assert {name: f"MB & Co R{turn}" for name, turn in turns.items()}.items() <= products.items()
    for item in root.iterfind(".//e:SubstrateMap", space):
        first = item.find(".//e:ReferenceDevice[@Name='FirstDevice']/e:Coordinates", space)
        assert (item.get("OriginLocation"), dict(first.attrib)) == ("LowerLeft", {"X": "0", "Y": "0"})
        bins = item.find(".//e:BinCodeMap", space)
        codes = [code for row in bins.iterfind("e:BinCode", space) for code in row.text.split()]
        assert {len(code) for code in codes} == {3}
        assert bins.get("NullBin") == "255" not in codes
        counted = {
            each.get("BinCode"): int(each.get("BinCount")) for each in bins.iterfind(".//e:BinDefinition", space)
        }
        assert counted == {"000": len(codes)}


def test_rows_and_columns_of_the_map_go_right_and_up():
    at = {(row["field"], row["block"], row["column"], row["row"]): row for row in map_of(sample("default"))}
    assert float(at["1", "1", "2", "1"]["x_mm"]) > float(at["1", "1", "1", "1"]["x_mm"])
    assert float(at["1", "1", "1", "2"]["y_mm"]) > float(at["1", "1", "1", "1"]["y_mm"])


def drawn_words(gds, field):
    """Words that stand upright in a field, with the middle of each in mm, from its cells CHAR_x alone."""
    cell = gds.cell(field)
    letters, high = [], 0
    for instance in cell.each_inst():
        name = gds.cell(instance.cell_index).name
        if name.startswith("CHAR_") and instance.trans.angle == 0:
            count = max(1, instance.na), max(1, instance.nb)
            shape = gds.cell(instance.cell_index).bbox()
            high = max(high, shape.height())
            for i in range(count[0]):
                for j in range(count[1]):
                    spot = instance.trans.disp + instance.a * i + instance.b * j
                    letters.append((spot.y, spot.x + shape.left, spot.x + shape.right, name[5:]))
    words = []
    for y, left, right, letter in sorted(letters):
        if letter != "B" and words and words[-1][0] == y and left - words[-1][2] < high:
            words[-1] = (y, words[-1][1], right, words[-1][3] + letter)
        else:
            words.append((y, left, right, letter))
    return [(word, (left + right) / 2) for _, left, right, word in words]


def test_names_are_those_drawn_beside_the_cells(case):
    made, gds = case
    rows = map_of(made)
    for number, here in enumerate(made.plan.fields, 1):
        for word, middle in drawn_words(gds, f"FIELD_{number}"):
            if spelt := re.fullmatch(r"B(\d+)C(\d+)", word):
                name = f"F{number}-B{spelt[1]}-C{spelt[2]}-"
                columns = {float(row["x_mm"]) for row in rows if row["id"].startswith(name)}
                assert list(columns) == [pytest.approx((middle + here.x) * made.dbu_nm * 1e-6, abs=0.15)], name
    if made is sample("default"):
        words = [word for word, _ in drawn_words(gds, "FIELD_1")]
        assert sum(bool(re.fullmatch(r"B\d+C\d+", word)) for word in words) >= 10


def test_a_web_is_its_repeats():
    made = sample("default")
    rows = table(web_repeats_csv(made.plan, made.dbu_nm, 6000))
    assert len(rows) == 6000
    assert sum(int(row["cells"]) for row in rows) == 6000 * made.plan.cells_per_repeat
    ends = [float(row["y_mm"]) + float(row["length_mm"]) for row in rows]
    assert ends[:-1] == pytest.approx([float(row["y_mm"]) for row in rows[1:]])


def test_a_web_of_any_length_is_made_line_by_line():
    made = sample("default")
    lines = web_cell_map_lines(made.plan, made.template, made.cell_um, made.dbu_nm, repeats=10**9)
    assert [line.split(",")[0] for line in islice(lines, 2)] == ["id", "W0001-F1-B1-C01-R01"]
    first = next(pieces_of(e142_lines(made.plan, "MB", made.dbu_nm, 10**9)))
    assert first.startswith(b"<?xml")


def test_archives_written_in_pieces_are_those_written_whole():
    files = {"b.txt": b"two\nlines\n", "a.txt": b"one\n", "empty": b""}
    stream = io.BytesIO()
    write_zip(stream, {name: content.splitlines(keepends=True) for name, content in files.items()}, "folder")
    assert stream.getvalue() == zip_bytes(with_sums(files), "folder")


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    folder = tmp_path_factory.mktemp("design")
    solution = solve(build_spec({"capacity": 2, "footprint": (8.0, 10.0), "set": dict(SMALL_WEB)}, {}))
    (folder / "design.json").write_text(to_text(to_document(solution)))
    return folder, json.loads((folder / "design.json").read_text())["web"]


def exported(folder, *options):
    target = folder / "test.zip"
    arguments = ["export", str(folder), "--for", "test", "--out", str(target), "--force", *options]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.exception
    return target.read_bytes(), done.output


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def test_what_a_test_house_receives(design):
    folder, web = design
    length_m = web["repeat_mm"]["length"] / 1000
    content, said = exported(folder, "--repeats", "12")
    assert f"12 repeats, {12 * length_m:.6g} m of web, {12 * web['cells_per_repeat']} cells" in said
    for text in (f"{12.9 * length_m}", f"{12 * length_m:.9f} m", f"{12.2 * length_m * 1000} mm"):
        assert exported(folder, "--web-length", text)[0] == content
    files = unpacked(content)
    assert len(table(files["web-cell-map.csv"])) == 12 * web["cells_per_repeat"]
    assert "W0001-F1-B2-C03-R12: repeat 1 of the web" in files["README.txt"].decode()
    done = CliRunner().invoke(cli, ["verify", str(folder / "test.zip")])
    assert (done.exit_code, "agree" in done.output) == (0, True)


def test_a_long_web_in_little(design):
    """As Parquet, and as the map of one repeat with the list of repeats: both say what the text says."""
    folder, web = design
    text = unpacked(exported(folder, "--repeats", "300")[0])
    listed = table(text["web-cell-map.csv"])
    sizes = {}
    for form in ("parquet", "index"):
        content, _ = exported(folder, "--repeats", "300", "--web-cells", form)
        files = unpacked(content)
        sizes[form] = len(content)
        assert not {"web-cell-map.csv", "web-cell-map.xml"} & files.keys()
        for extra in ([], ["--against", str(folder)]):
            done = CliRunner().invoke(cli, ["verify", str(folder / "test.zip"), *extra])
            assert (done.exit_code, form, done.exception) == (0, form, None)
        if form == "parquet":
            found = pq.read_table(io.BytesIO(files["web-cell-map.parquet"])).to_pylist()
            assert [{name: float(value) for name, value in row.items() if name != "id"} for row in found] == [
                pytest.approx({name: float(value) for name, value in row.items() if name != "id"}) for row in listed
            ]
            assert [row["id"] for row in found] == [row["id"] for row in listed]
        else:
            assert [
                (f"{repeat['name']}-{cell['id']}", round(float(repeat["y_mm"]) + float(cell["y_mm"]), 7))
                for repeat in table(files["web-repeats.csv"])
                for cell in table(files["cell-map.csv"])
            ] == [(row["id"], float(row["y_mm"])) for row in listed]
    assert sizes["index"] < sizes["parquet"] < sum(map(len, text.values())) / 3  # a repeat here has four cells
    assert len(listed) == 300 * web["cells_per_repeat"]


@pytest.mark.parametrize("form", ["parquet", "index"])
def test_short_forms_that_were_edited_do_not_verify(design, form):
    files = unpacked(exported(design[0], "--repeats", "7", "--web-cells", form)[0])
    kept = {name: content for name, content in files.items() if name != SUMS}
    assert verify_shop(with_sums(kept), "x")
    wrong = [("web-repeats.csv", kept["web-repeats.csv"].replace(old, new, 1)) for old, new in EDITS]
    if form == "parquet":
        rows = pq.read_table(io.BytesIO(kept["web-cell-map.parquet"]))
        wrong += [("web-cell-map.parquet", as_parquet(rows.slice(1))), ("web-cell-map.parquet", b"PAR1")]
        for name in rows.column_names:
            values = rows[name].to_pylist()
            values[-1] = "W0007-F1-B1-C1-R1" if name == "id" else values[-1] + 1
            column = pa.array(values, rows.schema.field(name).type)
            changed = rows.set_column(rows.column_names.index(name), rows.schema.field(name), column)
            wrong.append(("web-cell-map.parquet", as_parquet(changed)))
    for name, content in wrong:
        assert content != kept[name]
        with pytest.raises(PackageError):
            verify_shop(with_sums({**kept, name: content}), "x")


EDITS = [(b"\n2,", b"\n2,1"), (b",W0003\n", b",W0004\n"), (b"\n4,", b"\n5,"), (b"name\n1,0,", b"name\n1,0,1")]


def as_parquet(rows):
    sink = io.BytesIO()
    pq.write_table(rows, sink)
    return sink.getvalue()


def test_maps_that_were_edited_and_summed_again_do_not_verify(design):
    files = unpacked(exported(design[0], "--repeats", "3")[0])
    kept = {name: content for name, content in files.items() if name not in {SUMS, "README.txt"}}
    edits = [
        ("web-cell-map.csv", b"W0002-F1-B1-C1-R1,2,", b"W0002-F1-B1-C1-R1,3,"),
        ("web-cell-map.csv", b"W0003-F1-B1-C1-R1", b"W0003-F1-B1-C1-R9"),
        ("web-cell-map.xml", b"<BinCode>000 ", b"<BinCode>"),
        ("cell-map.xml", b" R90</ProductId>", b" R0</ProductId>"),
        ("web-cell-map.xml", b'StepSize X="', b'StepSize X="1'),
        ("cell-map.xml", b'LowerLeft X="', b'LowerLeft X="1'),
        ("cell-map.csv", b"F1-B1-C1-R1,1,1,1,1,", b"F1-B1-C1-R1,1,1,1,1,1"),
        ("web-repeats.csv", b"\n2,", b"\n2,1"),
        ("web-cell-map.xml", b"</MapData>", b""),
    ]
    for name, old, new in edits:
        assert old in kept[name], (name, old)
        wrong = {**kept, name: kept[name].replace(old, new, 1)}
        with pytest.raises(PackageError):
            verify_shop(with_sums(wrong), "x")
    for name in kept:
        if name not in {"web-repeats.csv", "zones.csv"}:  # the first says what archive it is
            less = {key: value for key, value in kept.items() if key != name}
            with pytest.raises(PackageError, match="is missing"):
                verify_shop(with_sums(less), "x")
    assert verify_shop(with_sums(kept), "x")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--for", "test"], "not given"),
        (["--for", "test", "--repeats", "3", "--web-length", "3"], "given twice"),
        (["--for", "test", "--repeats", "900000000"], "at most 20000000 cells"),
        (["--for", "test", "--web-length", "1 mm"], "hold no repeat"),
        (["--for", "test", "--web-length", "3 kg"], "unknown unit 'kg'"),
        (["--for", "board", "--repeats", "3"], "together with --for test"),
        (["--shop", "film", "--web-length", "3"], "together with --for test"),
        (["--shop", "film", "--web-cells", "index"], "together with --for test"),
    ],
)
def test_webs_that_cannot_be(design, options, what):
    folder, _ = design
    done = CliRunner().invoke(cli, ["export", str(folder), *options, "--out", str(folder / "none.zip")])
    assert what in str(done.exception)
    assert done.exception.exit_code == 2
    assert not (folder / "none.zip").exists()
