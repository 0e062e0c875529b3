"""Fiducials, labels and process-control structures as receivers see them: KLayout, ezdxf, gerbonara."""

import csv
import io
import json

import ezdxf
import gerbonara
import klayout.db as kdb
import pytest

from layoutgen.errors import PdkError
from layoutgen.export.gds import gds_bytes
from layoutgen.export.structures import structures_csv
from layoutgen.export.zones import zones_csv
from layoutgen.layout.measure import LayoutIndex
from layoutgen.outputs import ARCHIVES, Made
from layoutgen.pdk.flow import overlay_um
from layoutgen.receivers.alignment import Fiducials
from layoutgen.receivers.shop import load_shop
from layoutgen.rules.engine import check_solution
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.export.oracle import read, region
from tests.export.svg_reader import read_svg
from tests.layout.designs import changed_pdk

SMALL = {"web.width": "130 mm", "web.field_width": "52 mm", "web.field_length": "50 mm"}
ZONE = {"name": "splice", "reason": "a taped joint", "outline": "0,20 130,24 130,28 0,24"}
DESIGNS = {
    "plain": {"capacity": 2, "footprint": (8.0, 10.0), "set": SMALL},
    "slit": {
        "capacity": 2,
        "footprint": (8.0, 10.0),
        "set": {**SMALL, "web.slits": "2", "web.structures": "coupon"},
        "zones": [ZONE],
    },
    "alumina": {"capacity": 1, "footprint": (12.0, 10.0), "pdk": "lithium-alumina", "set": {}},
    "pads": {"capacity": 5, "footprint": (8.0, 10.0), "pdk": "bottom-terminal", "set": {}},
}


@pytest.fixture(scope="module", params=DESIGNS)
def made(request, tmp_path_factory):
    solution = solve(build_spec(DESIGNS[request.param], {}), compare=False)
    made = Made(solution, repeats=2)
    made.rules = check_solution(solution, made.layout)
    folder = tmp_path_factory.mktemp("marks")
    return made, read(gds_bytes(made.layout, made.pdk), "gds", folder)


def files_of(made, shop):
    made.shop = load_shop(shop)
    return {name: b"".join(content) for name, content in ARCHIVES["shop"].make(made).items()}


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def one(names, start, end):
    (name,) = [name for name in names if start in name and name.endswith(end)]
    return name


@pytest.mark.parametrize("shop", ["laser", "film"])
def test_every_field_has_two_fiducials_in_a_file_of_their_own(made, shop):
    """The order says which mask makes them and where; the laser's own file has a cross there, as ezdxf reads it."""
    made, gds = made
    files = files_of(made, shop)
    order = json.loads(files["order.json"])
    places = order["fiducials"]["places"]
    assert order["fiducials"]["mask"] == "MARK"
    assert [place["field"] for place in places] == [
        n for n in range(1, len(made.solution.web.fields) + 1) for _ in "12"
    ]
    drawn = region(gds, made.pdk, "FIDUCIAL").merged()
    middles = sorted((p.bbox().center().x, p.bbox().center().y) for p in drawn.each())
    assert middles == sorted((round(p["x_mm"] * 1e6), round(p["y_mm"] * 1e6)) for p in places)
    partners = {mask["name"]: mask["registration"]["partner"] for mask in order["masks"] if mask["stage"] == "web"}
    assert partners.pop("MARK") == "edge of the web"
    assert set(partners.values()) == {"fiducials of the field that mask MARK makes, one set-up"}
    if shop == "laser":
        content = files[one(files, "_MARK", "R2010.dxf")]
        lines = ezdxf.read(io.StringIO(content.decode())).modelspace().query("LWPOLYLINE")
        boxes = [[*zip(*((x, y) for x, y, *_ in line.get_points()), strict=True)] for line in lines]
        crosses = {
            (round((min(xs) + max(xs)) / 2, 6), round((min(ys) + max(ys)) / 2, 6))
            for xs, ys in boxes
            if max(xs) - min(xs) == pytest.approx(1.0, abs=1e-6)
            and max(ys) - min(ys) == pytest.approx(1.0, abs=1e-6)
        }
        assert {(p["x_mm"], p["y_mm"]) for p in places} <= crosses


def test_the_mask_of_the_marks_holds_every_fiducial_and_label_and_no_label_lies_in_a_slit(made):
    made, gds = made
    marks = region(gds, made.pdk, "FIDUCIAL") + region(gds, made.pdk, "LABEL")
    assert not region(gds, made.pdk, "LABEL").is_empty()
    assert (marks.merged() ^ region(gds, made.pdk, "MARK").merged()).is_empty()
    assert (marks & region(gds, made.pdk, "FORBIDDEN")).is_empty()
    states = {state.rule: state.state for state in made.rules.states}
    assert {states[rule] for rule in ("ALN008", "WEB007", "WEB019", "WEB020")} == {"passed"}


def test_films_plot_as_sent(made):
    """gerbonara: masks whose polygons are clear are clear in a dark ground around all; SVG says the same."""
    made, gds = made
    files = files_of(made, "film")
    for mask in json.loads(files["order.json"])["masks"]:
        read_back = gerbonara.GerberFile.from_string(files[one(files, f"_{mask['name']}", ".gbr")].decode())
        dark = [item.polarity_dark for item in read_back.objects]
        ground = mask["polygon_tone"] == "clear"
        assert dark == [ground, *[not ground] * (len(dark) - 1)] if ground else all(dark)
        drawn = kdb.Region()
        for item in read_back.objects[ground:]:
            drawn.insert(kdb.Polygon([kdb.Point(round(x * 1e6), round(y * 1e6)) for x, y in item.outline]))
        assert drawn.count() == mask["file"]["polygons"]
        area = kdb.Region(kdb.Box(*(round(value * 1e6) for value in mask["bounding_box_mm"])))
        assert ((drawn & area) ^ (region(gds, made.pdk, mask["name"]) & area)).is_empty()
        if ground:
            around = kdb.Region(
                kdb.Polygon([kdb.Point(round(x * 1e6), round(y * 1e6)) for x, y in dark_of(read_back)])
            )
            assert (drawn - around.sized(-500_000)).is_empty()
        picture = files[one(files, f"_{mask['name']}", ".svg")]
        assert (b"<rect" in picture, b'<g fill="#ffffff"' in picture) == (ground, ground)
        assert (read_svg(picture, 1) ^ drawn).is_empty()


def dark_of(read_back):
    return read_back.objects[0].outline


def test_structures_are_where_the_table_says_and_as_wide(made):
    """KLayout: every pad is a needle target, and every street of the ladder as wide as it is nominally."""
    made, gds = made
    content = structures_csv(made.solution)
    archive = {name: b"".join(pieces) for name, pieces in ARCHIVES["test"].make(made).items()}
    if not made.solution.web.structures:
        assert content == b""
        assert "structures.csv" not in archive
        return
    files = files_of(made, "laser")
    assert files["structures.csv"] == archive["structures.csv"] == content
    table = rows(content)

    def box(row):
        x, y, w, h = (float(row[key]) * 1e6 for key in ("x_mm", "y_mm", "width_mm", "length_mm"))
        return kdb.Box(round(x - w / 2), round(y - h / 2), round(x + w / 2), round(y + h / 2))

    (frame,) = [box(row) for row in table if row["kind"] == "structure"]
    assert (kdb.Region(frame) ^ region(gds, made.pdk, "STRUCTURE")).is_empty()
    pads = kdb.Region([box(row) for row in table if row["kind"] == "pad"])
    assert (pads ^ (region(gds, made.pdk, "PROBE") & kdb.Region(frame))).is_empty()
    kerf_um = made.pdk.web.kerf.value
    ladder = [row for row in table if row["name"] == "kerf"]
    assert [float(row["nominal"]) for row in ladder] == [kerf_um * n / 4 for n in range(2, 7)]
    cut = region(gds, made.pdk, "CUT").merged()
    passes = rows(files[one(files, "CUT_CENTER", "passes.csv")])
    for row in ladder:
        street = box(row)
        assert street.width() == pytest.approx(float(row["nominal"]) * 1e3)
        assert (kdb.Region(street) - cut).is_empty()
        (line,) = [p for p in passes if p["x0_mm"] == p["x1_mm"] == row["x_mm"]]
        assert float(line["width_mm"]) * 1e3 == float(row["nominal"])
    assert {float(row["width_mm"]) * 1e3 for row in passes} == {kerf_um * n / 4 for n in range(2, 7)}
    assert all(row["what"] for row in table)


def test_a_test_house_is_told_where_there_are_no_cells(made):
    made, gds = made
    table = rows(zones_csv(made.solution.web, made.solution.dbu_nm))
    closed, edge = kdb.Region(), kdb.Region()
    for row in table:
        values = [round(float(value) * 1e6) for value in row["corners_mm"].split()]
        points = [kdb.Point(x, y) for x, y in zip(values[::2], values[1::2], strict=True)]
        (edge if row["kind"] == "edge" else closed).insert(kdb.Polygon(points))
    assert (closed.merged() ^ region(gds, made.pdk, "FORBIDDEN").merged()).is_empty()
    assert (edge ^ region(gds, made.pdk, "WEB_EDGE")).is_empty()


def test_a_mask_of_marks_and_cells_alike_is_refused():
    def change(content):
        content["masks"]["CUT"]["expression"] = "STREET + FIDUCIAL"

    with pytest.raises(PdkError, match="mixes marks with layers of the cells"):
        changed_pdk(change)


def test_an_order_aligns_each_mask_to_what_the_flow_states(made):
    """As the comparison of flows says it; fiducials are those that are drawn."""
    made, _ = made
    fiducials = Fiducials.of(LayoutIndex.of(made.layout), made.pdk)
    for name, step in made.pdk.flow.passes.items():
        against, budget_um = fiducials.partner(name, made.pdk)
        assert against.startswith(step.against)
        assert budget_um == overlay_um(made.pdk, step)
