"""Capacities from what a sample of cycled cells says of readings: against the truth of synthetic webs."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from layoutgen.cli import main
from layoutgen.errors import InputError
from layoutgen.lot.cycled import fit
from layoutgen.lot.folder import open_web
from layoutgen.lot.reading.beside import read_cycled, read_thickness
from layoutgen.lot.stacks.pool import Pool, stack_errors, usual_error
from layoutgen.pdk.load import load_pdk
from layoutgen.sizing.assembly import correlation_interval
from layoutgen.sizing.process import process_of
from tests.lot.webs import design_file, solution, synthetic, webtest

REPEATS = 40
SOURCES = ("capacity", "asr", "thickness")


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([*map(str, arguments)])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def delivered(folder: Path, seed: int, *, cycled: int = 100) -> tuple[Path, Path]:
    web = synthetic(folder, name=f"web{seed}", seed=seed, repeats=REPEATS)
    files = folder / f"files{seed}"
    with pytest.raises(SystemExit):
        main(["test", "deliver", str(web), "--out", str(files), "--cycled", str(cycled), "-q"])
    return web, files


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return delivered(tmp_path_factory.mktemp("estimate"), 7)


def beside(files, *names):
    return [text for name in names for text in (f"--{name}", files / f"{name}.csv")]


def column(web, table, name):
    return pq.read_table(web / table)[name].to_numpy()


def estimate_of(web):
    return json.loads((web / "bins.json").read_text())["estimate"]


@pytest.mark.parametrize(("cells", "ends"), [(20, (0.37, 0.87)), (100, (0.58, 0.79)), (400, (0.65, 0.75))])
def test_the_interval_of_seven_tenths(cells, ends):
    assert [round(end, 2) for end in correlation_interval(0.7, cells)] == list(ends)


def sample(seed, number, cells, r):
    """Readings that together have a correlation of r with capacity."""
    rng = np.random.default_rng(seed)
    readings = rng.standard_normal((cells, number)) * [1.0, 50.0, 1e4][:number]
    along = (readings / [1.0, 50.0, 1e4][:number]).sum(axis=1) / np.sqrt(number)
    return readings, 430_000 + 15_000 * (r * along + np.sqrt(1 - r**2) * rng.standard_normal(cells))


def test_one_reading_has_the_correlation_of_any_textbook():
    readings, capacity = sample(1, 1, 60, 0.6)
    made = fit(("asr",), readings, capacity)
    assert made.correlation == pytest.approx(abs(np.corrcoef(readings[:, 0], capacity)[0, 1]), rel=1e-12)
    assert made.interval == correlation_interval(made.correlation, 60)
    assert made.slopes[0] == pytest.approx(np.polyfit(readings[:, 0], capacity, 1)[0], rel=1e-9)
    assert made.error_nah == pytest.approx(capacity.std(ddof=1) * (1 - made.interval[0] ** 2) ** 0.5)
    assert made.lot_error_nah == pytest.approx(made.error_nah / 60**0.5)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("cells", [20, 100])
def test_the_true_correlation_is_in_its_interval_and_the_stated_error_is_no_less_than_the_true_one(number, cells):
    """Of 600 samples of a known correlation about 95 % hold it; new cells are estimated as well as was said."""
    inside, found, stated, true = [], [], [], []
    for seed in range(600):
        made = fit(SOURCES[:number], *sample(seed, number, cells, 0.7))
        found.append(made.correlation)
        inside.append(made.interval[0] <= 0.7 <= made.interval[1])
        readings, capacity = sample(10_000 + seed, number, 2000, 0.7)
        estimates = made.estimates(dict(zip(made.sources, readings.T, strict=True)))
        stated.append(made.error_nah**2 + made.lot_error_nah**2)
        true.append(((estimates - capacity) ** 2).mean())
    assert 0.92 <= np.mean(inside) <= 0.98
    assert np.mean(found) == pytest.approx(0.7, abs=0.02)
    assert np.mean(stated) > np.mean(true)
    assert np.mean(np.array(stated) > true) >= (0.87 if cells == 100 else 0.65)


def test_readings_without_a_say_and_constant_ones_do_not_move_estimates():
    readings, capacity = sample(2, 1, 50, 0.0)
    made = fit(("asr", "thickness"), np.column_stack([readings[:, 0], np.full(50, 10.0)]), capacity)
    assert made.slopes[1] == 0
    assert made.interval[0] == 0
    flat = made.estimates({"asr": readings[:, 0], "thickness": np.full(50, 11.0)})
    assert np.allclose(flat, capacity.mean())
    mean = fit((), readings[:, :0], capacity)
    assert (mean.error_nah, mean.correlation) == (capacity.std(ddof=1), 0.0)


def test_the_web_is_estimated_with_the_error_that_is_stated(place, capsys):
    web, files = place
    code, out, err = run(capsys, "bin", web, *beside(files, "cycled", "thickness"), "--no-stdf", "-q")
    assert code == 0, err
    found = estimate_of(web)
    assert found["of"] == list(SOURCES)
    good = column(web, "bins.parquet", "good")
    truth, estimate = column(web, "truth.parquet", "capacity_nah"), column(web, "bins.parquet", "capacity_nah")
    off = (estimate - truth)[good].astype(float)
    assert off.std() <= found["error_nah"] < 1.6 * off.std()
    assert abs(off.mean()) < 3 * found["lot_error_nah"]
    low, high = found["correlation_interval"]
    assert low <= np.corrcoef(estimate[good], truth[good])[0, 1] <= high
    alone = {tuple(item["of"]): item for item in found["cycled"]["alone"]}
    assert all(found["error_nah"] < item["error_nah"] for item in alone.values())
    assert alone[()]["correlation"] == 0
    counts = np.bincount(column(web, "bins.parquet", "tray")[good])[1:]
    assert len(counts) == 7
    assert counts.min() > 0.98 * counts.mean()
    assert "capacity, asr, thickness of" in out
    assert "thickness alone: r 0." in out


def test_processes_give_the_same_bytes(place, capsys):
    web, files = place
    asked = ["bin", web, *beside(files, "cycled", "thickness"), "--no-stdf", "-q"]
    assert run(capsys, *asked)[0] == 0
    alone = {name: (web / name).read_bytes() for name in ("bins.parquet", "bins.json")}
    assert run(capsys, *asked, "--jobs", 2)[0] == 0
    assert {name: (web / name).read_bytes() for name in alone} == alone


@pytest.mark.parametrize("source", ["capacity", "asr", "thickness", "none"])
def test_one_reading_or_none(place, capsys, source):
    web, files = place
    asked = [*beside(files, "cycled", "thickness"), "--estimate", source]
    code, _, err = run(capsys, "bin", web, *asked, "--no-stdf", "-q")
    assert code == 0, err
    found = estimate_of(web)
    assert found["of"] == ([] if source == "none" else [source])
    estimate = column(web, "bins.parquet", "capacity_nah")
    good, truth = column(web, "bins.parquet", "good"), column(web, "truth.parquet", "capacity_nah")
    assert (estimate - truth)[good].std() <= 1.1 * found["error_nah"]
    if source == "none":
        assert (estimate.min(), found["trays"]) == (estimate.max(), 1)
        assert found["error_nah"] == found["sigma_cell_nah"]


@pytest.mark.slow
def test_over_twenty_webs_the_true_correlation_is_in_its_interval(tmp_path, capsys):
    """Each of three readings and all together, on twenty lots."""
    inside, shifts = [], []
    for seed in range(100, 120):
        web, files = delivered(tmp_path, seed)
        assert run(capsys, "bin", web, *beside(files, "cycled", "thickness"), "--no-stdf", "-q")[0] in {0, 1}
        found = estimate_of(web)
        good = column(web, "bins.parquet", "good")
        truth = column(web, "truth.parquet", "capacity_nah")[good].astype(float)
        opened = open_web(web)
        thickness = read_thickness(files / "thickness.csv", opened).at(0, REPEATS).ravel()
        readings = {
            "capacity": column(web, "web.parquet", "capacity_nah")[good],
            "asr": column(web, "web.parquet", "asr_mohm_cm2")[good],
            "thickness": thickness[good],
        }
        for item in [*found["cycled"]["alone"][:3], found]:
            x = (
                column(web, "bins.parquet", "capacity_nah")[good]
                if len(item["of"]) > 1
                else readings[item["of"][0]]
            )
            low, high = item["correlation_interval"]
            r = abs(np.corrcoef(x.astype(float), truth)[0, 1])
            inside.append(low <= r <= high)
            shifts.append((item["correlation_found"] - r) / (1 - r**2) * np.sqrt(found["cycled"]["cells"]))
    assert np.mean(inside) >= 0.87
    assert abs(np.mean(shifts)) < 0.5


def test_a_thickness_by_cell_is_that_of_the_cell(place, tmp_path):
    web, _ = place
    opened = open_web(web)
    names = [f"W{1 + at:02}-{opened.map.names[3]},{9000 + at}" for at in range(REPEATS)]
    path = tmp_path / "by-cell.csv"
    path.write_text("id,thickness/nm\n" + "\n".join(names) + "\n")
    found = read_thickness(path, opened).at(0, REPEATS)
    assert np.allclose(found[:, 3], 9 + np.arange(REPEATS) / 1000)
    assert np.isnan(np.delete(found, 3, axis=1)).all()


def test_a_map_of_points_gives_cells_what_is_around_them(place, tmp_path):
    web, _ = place
    opened = open_web(web)
    cells = opened.map
    x = np.linspace(0, cells.width_um / 1000, 30)
    y = np.arange(0, 20 * cells.length_um / 1000, 10.0)
    path = tmp_path / "map.csv"
    rows = [f"{a:.3f},{b:.3f},{10 + 0.001 * a:.6f}" for b in y for a in x]
    path.write_text("x/mm,y/mm,thickness/um\n" + "\n".join(rows) + "\n")
    found = read_thickness(path, opened)
    here = found.at(2, 10)
    assert np.abs(here - (10 + 0.001 * cells.x_um / 1000)).max() < 0.005
    assert np.isnan(found.at(30, 5)).all(), "nothing was measured there"
    assert np.array_equal(found.at(5, 2), found.at(4, 4)[1:3])


def test_the_last_capacity_of_a_cell_counts_and_strangers_are_counted(place, tmp_path):
    web, _ = place
    opened = open_web(web)
    name = opened.map.names[0]
    path = tmp_path / "cycled.csv"
    path.write_text(f"id,capacity/uAh\nW03-{name},400\nW99-{name},401\nW03-{name},410\n")
    found = read_cycled(path, opened, webtest())
    assert (found.index.tolist(), found.capacity_nah.tolist(), found.elsewhere) == (
        [2 * opened.map.cells], [410_000], 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "more", "said"),
    [
        ("id,capacity\nW01-{cell},400\n", [], "'capacity' has no unit"),
        ("id,ocv/V\nW01-{cell},3.8\n", [], "has no column of capacity"),
        ("capacity/uAh\n400\n", [], "no line of headings"),
        ("id,capacity/uAh\nW99-{cell},400\n", [], "1 of 1 rows name no cell of this web"),
        ("id,capacity/uAh\nW01-{cell},many\n", [], "cannot be taken"),
        ("id,capacity/mAh\nW01-{cell},400\n", [], "times the nominal capacity"),
        ("id,capacity/uAh\nW01-{cell},400\n", [], "at least 8 good cells"),
        (None, ["--estimate", "ocv"], "'ocv' is no reading of capacity"),
        (None, ["--estimate", "thickness"], "nobody read thickness"),
    ],
)
def test_what_cannot_be_taken_is_named(place, tmp_path, capsys, content, more, said):
    web, files = place
    path = files / "cycled.csv"
    if content is not None:
        path = tmp_path / "cycled.csv"
        path.write_text(content.format(cell=open_web(web).map.names[0]))
    before = (web / "bins.json").read_bytes() if (web / "bins.json").is_file() else b""
    code, out, err = run(capsys, "bin", web, "--cycled", path, *more, "-q")
    assert (code, out) == (2, "")
    assert said in err
    assert before == ((web / "bins.json").read_bytes() if before else b"")


def test_a_thickness_without_cycled_cells_tells_no_capacity(place, capsys):
    web, files = place
    for more in (["--thickness", files / "thickness.csv"], ["--estimate", "asr"]):
        code, _, err = run(capsys, "bin", web, *more, "-q")
        assert (code, "alone tells no capacity" in err, "--cycled" in err) == (2, True, True)


def test_a_sample_from_one_end_of_the_web_is_no_fair_one(place, tmp_path, capsys):
    web, _ = place
    truth = column(web, "truth.parquet", "capacity_nah").reshape(REPEATS, -1)
    names = open_web(web).map.names
    least = np.argsort(truth, axis=None, kind="stable")
    least = [at for at in least.tolist() if truth.ravel()[at] > 0.9 * np.median(truth)][:60]
    rows = [f"W{at // len(names) + 1:02}-{names[at % len(names)]},{truth.ravel()[at] / 1000}" for at in least]
    (tmp_path / "worst.csv").write_text("id,capacity/uAh\n" + "\n".join(rows) + "\n")
    code, out, err = run(capsys, "bin", web, "--cycled", tmp_path / "worst.csv", "--no-stdf", "-q")
    assert code == 0, err
    assert "no fair sample: their capacity lies" in out


def test_the_kit_that_was_learned_rates_by_what_was_cycled(place, capsys):
    web, files = place
    assert run(capsys, "bin", web, *beside(files, "cycled", "thickness"), "--no-stdf", "-q")[0] == 0
    code, _, err = run(capsys, "yield", web, "-q")
    assert code == 0, err
    kit = load_pdk(str(web / "kit")).pdk
    found = estimate_of(web)
    # nothing of a synthetic web was measured
    assert {kit.assembly.estimate_correlation.kind, kit.assembly.cycled.kind} == {"assumed"}
    assert "100 cells cycled" in kit.assembly.estimate_correlation.source
    assert kit.title.endswith("with the yield and estimates of a synthetic web")
    assert process_of(kit).assembly.estimate == pytest.approx(found["correlation_interval"][0], abs=1e-5)
    assert process_of(kit).assembly.estimate > process_of(solution().loaded.pdk).assembly.estimate
    assert run(capsys, "bin", web, "--no-stdf", "-q")[0] == 0
    assert run(capsys, "yield", web, "-q")[0] == 0
    again = load_pdk(str(web / "kit")).pdk
    assert "cells cycled" not in again.assembly.estimate_correlation.source


def pool(error, lot, lot_error, alike):
    count = np.arange(len(error), dtype=np.int32)
    return Pool(
        webs=(None, None), lot=np.array(lot, np.uint16), repeat=count, cell=count,
        tray=np.ones(len(error), np.uint8),
        capacity=np.full(len(error), 100), error=np.array(error, np.int64), resistance=np.full(len(error), -1),
        leak=np.full(len(error), -1), not_good=0, lot_error=lot_error, alike=alike,
    )  # fmt: skip


def test_errors_of_stacks_by_hand():
    """Errors of 3 and 4: 5. A lot known to 2 adds 2 x 2 squared to two of its cells; alike by a half adds 3 x 4."""
    made = pool([3, 4, 3, 4], [0, 0, 1, 1], (2.0, 0.0), (0.5, 0.5))
    rows = np.array([[0, 1], [2, 3], [0, 3]])
    far = stack_errors(made, rows, neighbours=False)
    assert far == pytest.approx([(25 + 16) ** 0.5, 5, (25 + 4) ** 0.5])
    assert stack_errors(made, rows, neighbours=False, shared=False) == pytest.approx([5, 5, 5])
    near = stack_errors(made, rows, neighbours=True, shared=False)
    assert near == pytest.approx([37**0.5, 37**0.5, 5])
    assert usual_error(made, 2, neighbours=False, mixed=False) == pytest.approx((25 + 16) ** 0.5)
    assert usual_error(made, 2, neighbours=False, mixed=True) == pytest.approx((25 + 4) ** 0.5)


def test_stacks_carry_the_error_of_their_lot_and_of_neighbours(place, tmp_path, capsys):
    web, files = place
    design = design_file(tmp_path)
    assert run(capsys, "bin", web, *beside(files, "cycled", "thickness"), "--no-stdf", "-q")[0] == 0
    found = estimate_of(web)
    records = {}
    for order in ("whole", "web"):
        asked = ["stack", web, "--design", design, "--order", order, "--out", tmp_path / order, "--json"]
        code, out, err = run(capsys, *asked)
        assert code == 0, err
        records[order] = json.loads(out)
    layers = records["whole"]["layers"]
    assert records["whole"]["lots"][0]["estimate"]["of"] == list(SOURCES)
    error = {
        name: float((tmp_path / name / "labels.csv").read_text().splitlines()[1].split(",")[2]) for name in records
    }
    cell, lot = found["error_nah"] / 1e6, found["lot_error_nah"] / 1e6
    assert error["whole"] == pytest.approx((layers * cell**2 + (layers * lot) ** 2) ** 0.5, rel=0.02)
    assert error["web"] > 1.5 * error["whole"]
    asked = ["stack", web, "--design", design, "--out", tmp_path / "whole", "--trace", "1"]
    assert {row["capacity_error_mah"] for row in json.loads(run(capsys, *asked, "--json")[1])["cells"]} == {cell}
    assert f"mAh +- {cell:.5f}" in run(capsys, *asked)[1]
    _, out, _ = run(capsys, "stack", web, "--design", design)
    assert "by capacity, asr, thickness and" in out


def test_a_table_of_thickness_read_as_readings_is_told_where_it_belongs(place, tmp_path, capsys):
    path = tmp_path / "map.csv"
    path.write_text("x/mm,y/mm,thickness/um\n14,20,9.9\n")
    code, _, err = run(capsys, "test", "read", path, "--design", design_file(tmp_path), "--out", tmp_path / "web")
    assert (code, "layoutgen bin --thickness map.csv" in err) == (2, True)


def test_a_head_that_crosses_the_web_leaves_no_cell_between_its_lines(place, tmp_path):
    """Points 3 mm apart along a line, lines 60 mm apart: no cell lies in a hole, one in a gap of a metre does."""
    web, _ = place
    opened = open_web(web)
    cells = opened.map
    x = np.arange(0, cells.width_um / 1000, 3.0)
    rest = REPEATS * cells.length_um / 1000
    y = [b for b in np.arange(0, rest, 60.0) if not 2000 < b < 3000]
    path = tmp_path / "crossing.csv"
    rows = [f"{a:.3f},{b:.3f},10" for b in y for a in x]
    path.write_text("x/mm,y/mm,thickness/um\n" + "\n".join(rows) + "\n")
    found = read_thickness(path, opened).at(0, REPEATS)
    places = (cells.y_um + np.arange(REPEATS)[:, None] * cells.length_um) / 1000
    hole = (places > 2400) & (places < 2600)
    assert hole.any()
    assert np.isnan(found[hole]).all()
    assert np.isfinite(found[(places < 1980) | (places > 3000)]).all()


@pytest.mark.parametrize("heading", ["x/um,y/mm,thickness/um", "y/mm,x/mm,thickness/um"])
def test_a_map_that_lies_beside_the_cells_is_refused(place, tmp_path, heading):
    web, files = place
    path = tmp_path / "thickness.csv"
    path.write_text((files / "thickness.csv").read_text().replace("x/mm,y/mm,thickness/um", heading))
    with pytest.raises(InputError, match="places lie beside the cells of the web"):
        read_thickness(path, open_web(web))


@pytest.mark.parametrize("unit", ["mm", "nm"])
def test_a_thickness_with_another_prefix_is_refused(place, tmp_path, unit):
    web, files = place
    path = tmp_path / "thickness.csv"
    path.write_text((files / "thickness.csv").read_text().replace("thickness/um", f"thickness/{unit}"))
    with pytest.raises(InputError, match="times that of the cathode"):
        read_thickness(path, open_web(web))


def test_readings_are_no_cycled_cells(place, tmp_path, capsys):
    """Neither readings given as cycled cells, nor cycled cells that were read among the readings, foretell."""
    web, files = place
    was = (web / "bins.json").read_bytes() if (web / "bins.json").exists() else None
    code, _, err = run(capsys, "bin", web, "--cycled", files / "readings.csv", "--no-stdf", "-q")
    assert code == 2
    assert "were cycled to the very capacity that the test read" in err
    assert ((web / "bins.json").read_bytes() if was else None) == was

    bare = tmp_path / "cycled.csv"
    bare.write_text("\n".join(x for x in (files / "cycled.csv").read_text().splitlines() if x[0] != "#") + "\n")
    read = tmp_path / "read"
    design = design_file(tmp_path)
    files_read = (files / "readings.csv", bare)
    code, out, err = run(capsys, "test", "read", *files_read, "--design", design, "--out", read, "-q")
    assert code == 0, err
    assert "cycled.csv: has capacities of 100 cells and nothing else" in out
    code, _, err = run(capsys, "bin", read, "--cycled", bare, "--no-stdf", "-q")
    assert (code, "100 of 100 cells were cycled to the very capacity" in err) == (2, True)


def test_what_is_left_out_of_cycled_cells_is_counted_by_reason(place, tmp_path, capsys):
    web, files = place
    lines = (files / "cycled.csv").read_text().splitlines()
    opened = open_web(web)
    assert run(capsys, "bin", web, "--no-stdf", "-q")[0] == 0
    dead = int(np.flatnonzero(~column(web, "bins.parquet", "good"))[0])
    row = f"W{1 + dead // opened.map.cells}-{opened.map.names[dead % opened.map.cells]},430"
    beyond = f"W9999-{opened.map.names[0]},430"
    path = tmp_path / "cycled.csv"
    path.write_text("\n".join([*lines, row, beyond]) + "\n")
    thin = tmp_path / "thickness.csv"
    points = (files / "thickness.csv").read_text().splitlines()
    kept = [line for line in points if line[0] in "#x" or float(line.split(",")[1]) < 3000]
    thin.write_text("\n".join(kept) + "\n")
    code, out, err = run(capsys, "bin", web, "--cycled", path, "--thickness", thin, "--no-stdf", "-q")
    assert code == 0, err
    cycled = estimate_of(web)["cycled"]
    lacking = cycled["lacking"]["thickness"]
    assert (cycled["not_good"], cycled["elsewhere"], cycled["cells"] + lacking) == (1, 1, 100)
    assert f"left out of the cycled cells: 1 are not good, {lacking} have no thickness" in out
    assert "1 rows of cycled.csv are of no cell of this web" in out
    assert run(capsys, "report", web)[0] == 0
    page = (web / "web.html").read_text()
    told = [line[16:].strip() for line in out.splitlines() if "cycled" in line and "written" not in line]
    assert len(told) >= 3
    assert all(f"{line[0].upper()}{line[1:]}.</p>" in page for line in told), "as bin said it"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,capacity/uAh\n", "holds no row"),
        ("id,capacity\nW1-F1-B1-C1-R1,400\n", "has no unit"),
        ("\0\0", "allowed: CSV in UTF-8, Parquet\n"),
        (
            "id,capacity/uAh\n" + "".join(f"W1-F1-B1-C{99 + n}-R1,400\n" for n in range(9)),
            "name no cell of this web",
        ),
    ],
)
def test_a_file_of_cycled_cells_that_is_none_is_refused(place, tmp_path, capsys, text, said):
    web, _ = place
    path = tmp_path / "cycled.stdf"
    path.write_text(text)
    code, _, err = run(capsys, "bin", web, "--cycled", path, "-q")
    assert (code, said in err, "--unit" in err) == (2, True, False), err
