"""What formats break silently is refused before anything is written, and its remedy works."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutgen.cli import main
from layoutgen.errors import PreflightError
from layoutgen.export.gds import gds_bytes
from layoutgen.export.oasis import oasis_bytes
from layoutgen.export.preflight import preflight
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon, split_array
from layoutgen.pdk.load import load_pdk
from tests.export.oracle import count_instances, read, region
from tests.layout.designs import grid_plan, make

PDK = load_pdk().pdk
SQUARE = Polygon("CUT", ((0, 0), (10, 0), (10, 10), (0, 10)))


def one(*shapes, name="A", placements=(), dbu_nm=1, unit="UNIT"):
    polygons = tuple(shape for shape in shapes if isinstance(shape, Polygon))
    paths = tuple(shape for shape in shapes if isinstance(shape, Path))
    top = LayoutCell(name, polygons, paths, tuple(placements))
    cells = (LayoutCell(unit, (SQUARE,)), top) if placements else (top,)
    return Layout(dbu_nm, cells, name)


def problems(layout, **options):
    try:
        preflight(layout, PDK, **options)
    except PreflightError as error:
        return error.problems
    return ()


def box(x0, y0, x1, y1, layer="CUT"):
    return Polygon(layer, ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def test_the_largest_coordinates_pass_and_come_back(tmp_path):
    most = 2**31 - 1
    layout = one(box(-most, -most, most, most))
    for content, suffix in ((gds_bytes(layout, PDK), "gds"), (oasis_bytes(layout, PDK), "oas")):
        found = region(read(content, suffix, tmp_path), PDK, "CUT").bbox()
        assert (found.left, found.bottom, found.right, found.top) == (-most, -most, most, most)


REFUSED = {
    "three metres at 1 nm": (one(box(0, 0, 3_000_000_000, 10)), "3 m", "5 nm"),
    "far at 5 nm": (one(box(0, 0, 4_000_000_000, 10), dbu_nm=5), "20 m", "10 nm"),
    "farther than any": (one(box(0, 0, 4_000_000_000, 10), dbu_nm=10), "40 m", "shorter repeat"),
    "array whose stored corner is beyond": (
        one(placements=[Placement("UNIT", (0, 0), 0, 300, 1, (7_200_000, 0))]),
        "2.16 m",
        "5 nm",
    ),
    "turned array whose stored corner is beyond": (
        one(placements=[Placement("UNIT", (2_000_000_000, 0), 1, 2, 300, (10, 7_200_000))]),
        "2.16 m",
        "5 nm",
    ),
    "beyond only when expanded": (
        Layout(
            1,
            (
                LayoutCell("UNIT", (SQUARE,)),
                LayoutCell("ROW", (), (), (Placement("UNIT", (2_000_000_000, 0)),)),
                LayoutCell("A", (), (), (Placement("ROW", (2_000_000_000, 0)),)),
            ),
            "A",
        ),
        "4 m",
        "5 nm",
    ),
    "40 000 columns": (
        one(placements=[Placement("UNIT", (0, 0), 0, 40_000, 1, (20, 0))]),
        "40000 columns",
        "split",
    ),
    "40 000 rows": (one(placements=[Placement("UNIT", (0, 0), 0, 1, 40_000, (0, 20))]), "40000 rows", "split"),
    "no columns": (one(placements=[Placement("UNIT", (0, 0), 0, 0, 1, (20, 0))]), "0 columns", "leave it out"),
    "a name of 60": (one(SQUARE, name="A" * 60), "60 characters", "shorter name"),
    "a name with umlauts": (one(SQUARE, name="WÄRME"), "characters that GDSII does not", "W_RME"),
    "a name with a hyphen": (one(SQUARE, name="A-B"), "characters", "A_B"),
    "two cells of a name": (
        Layout(1, (LayoutCell("A", (SQUARE,)), LayoutCell("A", (), (), (Placement("A", (0, 0)),))), "A"),
        "two cells",
        "of its own",
    ),
    "an unknown cell": (one(SQUARE, placements=[Placement("NONE", (0, 0))]), "'NONE'", "after those"),
    "two tops": (Layout(1, (LayoutCell("B", (SQUARE,)), LayoutCell("A", (SQUARE,))), "A"), "B, A", ""),
    "an unknown layer": (one(box(0, 0, 5, 5, "CTU")), "not a layer", "layers.toml"),
    "off the grid": (one(Polygon("CUT", ((0, 0), (10.5, 0), (10, 10)))), "off the grid", "round"),
    "an off-grid array": (one(placements=[Placement("UNIT", (0.5, 0))]), "off the grid", "round"),
    "a bow-tie": (one(Polygon("CUT", ((0, 0), (10, 10), (10, 0), (0, 12)))), "crosses itself", "split"),
    "a keyhole": (
        one(
            Polygon("CUT", ((0, 0), (9, 0), (9, 9), (0, 9), (0, 5), (3, 5), (3, 6), (6, 6), (6, 5), (3, 5), (0, 5)))
        ),
        "touches",
        "split",
    ),
    "no area": (one(Polygon("CUT", ((0, 0), (5, 5), (10, 10)))), "without area", "leave it out"),
    "two points": (one(Polygon("CUT", ((0, 0), (5, 5)))), "without area", "leave it out"),
    "closed twice": (one(Polygon("CUT", ((0, 0), (5, 0), (5, 5), (0, 0)))), "repeats its first vertex", "leave"),
    "a line of one point": (one(SQUARE, Path("CUT_CENTER", 0, ((5, 5), (5, 5)))), "without length", "leave"),
    "an odd line width": (one(SQUARE, Path("CUT_CENTER", 3, ((5, 5), (5, 9)))), "line width of 3", ""),
    "no database unit": (one(SQUARE, dbu_nm=0), "0 nm", ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_remedy(name):
    layout, what, remedy = REFUSED[name]
    found = problems(layout)
    text = "\n".join(map(str, found))
    assert what in text
    assert remedy in "\n".join(problem.remedy for problem in found)
    for writer in (gds_bytes, oasis_bytes):
        with pytest.raises(PreflightError):
            writer(layout, PDK)


def at_unit(layout, dbu_nm):
    """The same geometry in another database unit."""

    def scaled(point):
        return tuple(value * layout.dbu_nm // dbu_nm for value in point)

    cells = tuple(
        LayoutCell(
            cell.name,
            tuple(Polygon(item.layer, tuple(map(scaled, item.points))) for item in cell.polygons),
            (),
            tuple(replace(item, origin=scaled(item.origin), pitch=scaled(item.pitch)) for item in cell.placements),
        )
        for cell in layout.cells
    )
    return Layout(dbu_nm, cells, layout.top)


def coarser(layout, pdk, remedy):
    return at_unit(layout, int(re.search(r"a database unit of (\d+) nm", remedy)[1])), pdk


def split(layout, pdk, remedy):
    assert remedy == "split the array"
    (unit, top) = layout.cells
    pieces = tuple(piece for item in top.placements for piece in split_array(item))
    return replace(layout, cells=(unit, replace(top, placements=pieces))), pdk


def renamed(layout, pdk, remedy):
    name = re.fullmatch(r"a shorter name, such as (\S+)", remedy)[1]
    return replace(layout, top=name, cells=(replace(layout.cells[0], name=name),)), pdk


def rounded(layout, pdk, remedy):
    assert remedy == "round them first"
    (cell,) = layout.cells
    (polygon,) = cell.polygons
    points = tuple((round(x), round(y)) for x, y in polygon.points)
    return replace(layout, cells=(replace(cell, polygons=(Polygon(polygon.layer, points),)),)), pdk


def renumbered(layout, pdk, remedy):
    number = int(re.fullmatch(r"a free number, such as (\d+)", remedy)[1])
    assert number not in {layer.number for layer in pdk.layers.values()}
    return layout, with_cut_on(pdk, number)


def with_cut_on(pdk, number):
    layers = {**pdk.layers, "CUT": pdk.layers["CUT"].model_copy(update={"number": number})}
    return pdk.model_copy(update={"layers": layers})


TENS = box(0, 0, 10, 10)
# what is refused, how its remedy is applied, and what the file then holds: box in nm, polygons, top cell
MENDED = {
    "three metres at 1 nm": (one(box(0, 0, 3_000_000_000, 10)), coarser, (0, 0, 3_000_000_000, 10), 1, "A"),
    "an array's far corner beyond 2^31": (
        Layout(
            1,
            (
                LayoutCell("UNIT", (TENS,)),
                LayoutCell("A", (), (), (Placement("UNIT", (0, 0), 0, 300, 1, (7_200_000, 0)),)),
            ),
            "A",
        ),
        coarser,
        (0, 0, 299 * 7_200_000 + 10, 10),
        300,
        "A",
    ),
    "40 000 columns": (
        one(placements=[Placement("UNIT", (0, 0), 0, 40_000, 1, (20, 0))]),
        split,
        (0, 0, 39_999 * 20 + 10, 10),
        40_000,
        "A",
    ),
    "a name of 60": (one(SQUARE, name="A" * 60), renamed, (0, 0, 10, 10), 1, "A" * 32),
    "off the grid": (
        one(Polygon("CUT", ((0, 0), (10.3, 0), (10.3, 9.8), (0, 9.8)))),
        rounded,
        (0, 0, 10, 10),
        1,
        "A",
    ),
    "layer 300": (one(SQUARE), renumbered, (0, 0, 10, 10), 1, "A"),
}


@pytest.mark.parametrize("name", MENDED)
def test_the_remedy_that_the_refusal_names_works(name, tmp_path):
    layout, mend, box_nm, polygons, top = MENDED[name]
    pdk = with_cut_on(PDK, 300) if name == "layer 300" else PDK
    with pytest.raises(PreflightError) as caught:
        gds_bytes(layout, pdk)
    layout, pdk = mend(layout, pdk, caught.value.problems[0].remedy)
    for content, suffix in ((gds_bytes(layout, pdk), "gds"), (oasis_bytes(layout, pdk), "oas")):
        found = read(content, suffix, tmp_path)
        assert found.top_cell().name == top
        drawn = region(found, pdk, "CUT")
        extent, unit_nm = drawn.bbox(), found.dbu * 1000
        read_nm = [value * unit_nm for value in (extent.left, extent.bottom, extent.right, extent.top)]
        assert read_nm == pytest.approx(box_nm, abs=1e-3)
        assert drawn.count() == polygons


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([str(argument) for argument in arguments])
    return caught.value.code, capsys.readouterr()


def test_users_meet_the_same_refusals_and_their_remedies_work(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked = "solve", "--mah", "2", "--footprint", "8x10", "--json"

    def refused(*options):
        code, printed = run(capsys, *asked, *options)
        assert (code, printed.out) == (2, "")
        return printed.err

    name = re.search(r"60 characters\n.*\n  try: (\S+)", refused("--name", "A" * 60))[1]
    value = re.search(r"try: (\S+) um or", refused("--set", "device.pull_back=100.0005um"))[1]
    code, printed = run(capsys, *asked, "--name", name, "--set", f"device.pull_back={value}um")
    assert (code, json.loads(printed.out)["name"]) == (0, "A" * 24)
    run(capsys, "pdk", "copy", "anodeless-ss", "mine", "--flat")
    layers = tmp_path / "mine" / "layers.toml"
    text = layers.read_text()
    assert "number = 42\n" in text
    layers.write_text(text.replace("number = 42\n", "number = 300\n"))
    code, printed = run(capsys, "pdk", "check", "mine")
    assert (code, "layers.CUT.number" in printed.err) == (2, True)
    free = re.search(r"a free number, such as (\d+)", printed.err)[1]
    layers.write_text(text.replace("number = 42\n", f"number = {free}\n"))
    assert run(capsys, "pdk", "check", "mine")[0] == 0
    web = tmp_path / "mine" / "web.toml"
    text = web.read_text()
    assert "kerf = { value = 40," in text
    web.write_text(text.replace("kerf = { value = 40,", "kerf = { value = 40.0001,"))
    code, printed = run(capsys, "pdk", "check", "mine")
    assert (code, "web.toml: web.kerf: 40.0001 um" in printed.err) == (2, True)


def test_vertex_limits():
    steps = [(x, 0) for x in range(0, 402, 2)]
    comb = Polygon("CUT", tuple(steps) + tuple((x, 10 + x % 4) for x, _ in reversed(steps)))
    assert not problems(one(comb))
    (problem,) = problems(one(comb), most_vertices=199)
    assert "402 vertices" in problem.what


def test_all_problems_come_at_once():
    layout = one(SQUARE, box(0, 0, 5, 5, "CTU"), Polygon("CUT", ((0, 0), (5, 5))), name="A" * 33)
    assert len(problems(layout)) == 3


def test_many_problems_are_counted_not_listed():
    layout = one(*(Polygon("CUT", ((n, 0), (5, 5))) for n in range(100)))
    found = problems(layout)
    assert len(found) == 21
    assert "80 more" in found[-1].what


def test_a_long_repeat_gets_a_coarser_unit_and_is_right(tmp_path):
    """The remedy of the first refusal: 300 rows of 10 mm are 3 m; at 5 nm they fit, at 1 nm they are refused."""
    fine = make(plan=grid_plan(4, 300), dbu_nm=1)
    with pytest.raises(PreflightError, match="5 nm"):
        gds_bytes(fine.layout, fine.pdk)
    coarse = make(plan=grid_plan(4, 300), dbu_nm=5)
    for content, suffix in (
        (gds_bytes(coarse.layout, coarse.pdk), "gds"),
        (oasis_bytes(coarse.layout, coarse.pdk), "oas"),
    ):
        layout = read(content, suffix, tmp_path)
        assert layout.dbu == pytest.approx(0.005)
        assert count_instances(layout, "CELL") == 1200
        top = region(layout, coarse.pdk, "SUBSTRATE").bbox().top * layout.dbu
        assert top == pytest.approx(2000 + 300 * 10040)


def test_40_000_rows_are_split_and_all_there(tmp_path):
    small = (("marks.probe", "30 um"),)
    made = make(plan=grid_plan(2, 40_000), cell_um=(1500, 400), dbu_nm=10, overrides=small)
    layout = read(gds_bytes(made.layout, made.pdk), "gds", tmp_path)
    assert count_instances(layout, "CELL") == 80_000


@given(st.integers(1, 100), st.integers(1, 100), st.integers(1, 40), st.integers(-9, 9), st.integers(-9, 9))
def test_split_arrays_hold_the_same_instances(columns, rows, limit, dx, dy):
    whole = Placement("UNIT", (3, 4), 0, columns, rows, (dx, dy))

    def spots(placement):
        (x, y), (sx, sy) = placement.origin, placement.pitch
        return [(x + c * sx, y + r * sy) for c in range(placement.columns) for r in range(placement.rows)]

    pieces = list(split_array(whole, limit))
    assert all(piece.columns <= limit and piece.rows <= limit for piece in pieces)
    assert sorted(spot for piece in pieces for spot in spots(piece)) == sorted(spots(whole))


@pytest.mark.parametrize("turns", range(4))
def test_turned_arrays_mean_the_same_to_klayout(turns, tmp_path):
    marker = Polygon("CUT", ((0, 0), (7, 0), (7, 2), (0, 3)))
    array = Placement("UNIT", (100, 50), turns, 3, 5, (20, 30))
    flat = [
        replace(array, origin=(100 + 20 * c, 50 + 30 * r), columns=1, rows=1) for c in range(3) for r in range(5)
    ]
    made = [
        Layout(1, (LayoutCell("UNIT", (marker,)), LayoutCell("A", (), (), tuple(placements))), "A")
        for placements in ([array], flat)
    ]
    regions = [region(read(gds_bytes(layout, PDK), "gds", tmp_path), PDK, "CUT") for layout in made]
    regions += [region(read(oasis_bytes(layout, PDK), "oas", tmp_path), PDK, "CUT") for layout in made]
    assert all(found.count() == 15 and (found ^ regions[0]).is_empty() for found in regions)
