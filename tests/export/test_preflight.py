"""What formats break silently is refused before anything is written, and its remedy works."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutgen.errors import PreflightError
from layoutgen.export.gds import gds_bytes
from layoutgen.export.oasis import oasis_bytes
from layoutgen.export.preflight import preflight
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon, split_array
from layoutgen.pdk import load_pdk
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


def test_layer_300_is_refused():
    layers = {**PDK.layers, "CUT": PDK.layers["CUT"].model_copy(update={"number": 300})}
    with pytest.raises(PreflightError, match="300/0") as caught:
        preflight(one(SQUARE), PDK.model_copy(update={"layers": layers}))
    assert caught.value.problems[0].allowed == "0 to 255"


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
