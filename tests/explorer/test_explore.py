"""Sweeps: the same rows as single questions, however they are computed."""

import csv
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.cli import main
from layoutgen.errors import InputError, OutputError, PdkError, SpecError
from layoutgen.explorer.journal import Journal
from layoutgen.explorer.plot import plot_svg
from layoutgen.explorer.points import COLUMNS
from layoutgen.explorer.run import pareto_front, run_sweep
from layoutgen.explorer.sweep import make_sweep
from layoutgen.explorer.tables import csv_bytes, json_bytes, parquet_bytes, text_table
from layoutgen.pdk.copy import copy_pdk
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

AXES = {"capacity": "5:20:5", "footprint": "6x8,8x10", "foil": "10,50"}


@pytest.fixture(scope="module")
def rows():
    return run_sweep(make_sweep({}, AXES, {}))


def test_axes_are_read():
    sweep = make_sweep({}, {"capacity": "1:2:0.5,10 mAh", "set.device.wall": "30,50"}, {})
    points = list(sweep.points())
    assert len(points) == len(sweep) == 8
    assert [point["capacity"] for point in points[::2]] == ["1", "1.5", "2", "10 mAh"]
    assert points[1]["set"] == {"device.wall": "50"}


@pytest.mark.parametrize("text", ["5:1:1", "1:5:0", "1:5", "a:b:c", "1,,2", "", "1:1e9:1e-9"])
def test_axes_that_make_no_sense_are_refused(text):
    with pytest.raises(SpecError, match="--mah"):
        make_sweep({}, {"capacity": text}, {"capacity": "--mah"})


def test_rows_are_what_single_questions_give(rows):
    assert len(rows) == 16
    for row in rows[::3]:
        spec = build_spec(
            {
                "capacity": row["capacity_mah"],
                "footprint": (row["footprint_a_mm"], row["footprint_b_mm"]),
                "foil": [row["foil_um"]],
            },
            {},
        )
        solution = solve(spec)
        assert row["layers"] == solution.device.layers
        assert row["cell_length_mm"] == solution.device.cell_length_um / 1000
        assert row["good_devices_per_m2"] == pytest.approx(solution.good_devices_per_m2)
        assert row["package_wh_per_l"] == pytest.approx(solution.device.package_wh_per_l)


def test_questions_without_design_say_why():
    (row,) = run_sweep(make_sweep({"footprint": "4x4"}, {"capacity": "90"}, {}))
    assert row["fits"] is False
    assert "try: capacity=" in row["why"]
    assert row["layers"] is None


def test_two_processes_give_the_same_bytes(rows):
    assert csv_bytes(run_sweep(make_sweep({}, AXES, {}), jobs=2)) == csv_bytes(rows)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_gives_the_same_bytes(rows):
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        found = run_sweep(make_sweep({}, AXES, {}), scheduler=cluster.scheduler_address)
    assert csv_bytes(found) == csv_bytes(rows)


def test_a_scheduler_that_is_not_there_is_one_clear_error():
    with pytest.raises(InputError, match="scheduler"):
        run_sweep(make_sweep({}, AXES, {}), scheduler="nowhere")


class Stopped(Exception):
    pass


def run_with(path, sweep, **options):
    with Journal(path) as journal:
        return run_sweep(sweep, journal=journal, **options)


def test_resumes_where_it_was_stopped(tmp_path, rows):
    sweep, journal = make_sweep({}, AXES, {}), tmp_path / "journal"

    def stop(count):
        raise Stopped

    with pytest.raises(Stopped):
        run_with(journal, sweep, advance=stop)
    kept = journal.read_text()
    journal.write_text(kept + '\n["9", {"cut off')
    came = []
    assert csv_bytes(run_with(journal, sweep, advance=came.append)) == csv_bytes(rows)
    assert came[0] == 8
    assert sum(came) == 16


def test_a_row_is_taken_again_for_its_own_question_only(tmp_path, rows):
    """Rows of another question, of a larger sweep, and rows that were changed by hand, all in one file."""
    journal = tmp_path / "journal"
    run_with(journal, make_sweep({"footprint": "9x9"}, {"capacity": "3,4"}, {}))
    larger = {**AXES, "capacity": "1," + AXES["capacity"]}
    run_with(journal, make_sweep({}, larger, {}))
    lines = journal.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if '"layers": ' in line and number > 12)
    answers, checksum, row = json.loads(lines[at])
    lines[at] = json.dumps([answers, checksum, row | {"layers": row["layers"] + 1}])
    lines[at + 1] = json.dumps([json.loads(lines[at + 1])[0], *json.loads(lines[at + 2])[1:]])
    journal.write_text("\n".join(lines))
    came = []
    assert csv_bytes(run_with(journal, make_sweep({}, AXES, {}), advance=came.append)) == csv_bytes(rows)
    assert 0 < came[0] < 16


def test_two_runs_do_not_meet_in_one_folder(tmp_path):
    """The lock goes with the process that holds it, however that ends, and with nothing else."""
    path = tmp_path / "journal"
    hold = "import sys, time; from pathlib import Path; from layoutgen.explorer.journal import Journal\n"
    hold += "with Journal(Path(sys.argv[1])) as j: print('held', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", hold, path], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(OutputError, match="another run"), Journal(path):
            pass
        other.kill()
    with Journal(path) as journal:
        assert journal.read() == {}
    assert not path.exists()


def test_a_run_that_waits_for_one_that_is_done_gets_a_file_of_its_own(tmp_path, rows):
    path, answers = tmp_path / "journal", "a" * 64
    with Journal(path) as first:
        first.append({answers: rows[0]})
        first.remove()
        with Journal(path) as second:
            assert second.read() == {}
            second.append({answers: rows[1]})
    with Journal(path) as third:
        assert third.read() == {answers: rows[1]}


figures = st.integers(1, 6)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from([5, 10]), figures, figures, figures), max_size=25))
def test_pareto_front_is_the_rows_that_no_other_beats(points):
    names = ("capacity_mah", "package_height_mm", "web_mm2_per_good_device", "package_wh_per_l")
    table = [{"fits": True, **dict(zip(names, point, strict=True))} for point in points]

    def beats(a, b):
        better = a[1] <= b[1] and a[2] <= b[2] and a[3] >= b[3]
        return a[0] == b[0] and better and a != b

    first = dict(reversed(list(zip(points, table, strict=True))))
    expected = [first[point] for point in dict.fromkeys(points) if not any(beats(p, point) for p in points)]
    assert pareto_front(table) == expected


def test_everything_that_varies_has_a_row_and_a_column_and_a_front_of_its_own(tmp_path, monkeypatch, capsys):
    """Values of the process are no choice: the better yield does not beat the worse one. Nothing is asked twice."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ask.toml").write_text('capacity = 3\nfootprint = "6x8"\ncycles = 90\n')
    varied = {
        "--vary": ["yield.defect_density=0.1,0.3,0.30", "device.wall=50,60 um"], "--cycles": ["0,200"],
        "--confidence": ["0.9,0.99"], "--size-limits": ["nominal,maximum"], "--mah": ["3,3.0,3 mAh"],
        "--height": ["2,3"],
    }  # fmt: skip
    given = [text for option, values in varied.items() for value in values for text in (option, value)]
    options = ["--spec", "ask.toml", "--html", "page.html", "--jobs", "1", "-q", "--json"]
    with pytest.raises(SystemExit):
        main(["explore", *given, *options])
    document = json.loads(capsys.readouterr().out)
    found = document["rows"]
    assert len(found) == 2**6
    assert found == json.loads((tmp_path / "build/explore/table.json").read_text())["rows"]
    assert {row["yield.defect_density"] for row in found} == {0.1, 0.3}
    assert {row["device.wall"] for row in found} == {"50", "60 um"}
    names = ("yield.defect_density", "device.wall", "cycles", "confidence", "size_limits", "height_limit_mm")
    assert len({tuple(row[name] for name in names) for row in found}) == 2**6
    front = [found[number] for number in document["front"]]
    assert len({tuple(row[name] for name in names[:-1]) for row in front}) == 2**5
    assert len(front) == 2**5, "both heights have the same answer, which stands once"
    read = list(csv.DictReader(io.StringIO((tmp_path / "build/explore/table.csv").read_text())))
    assert [row["device.wall"] for row in read] == [row["device.wall"] for row in found]
    parquet = pytest.importorskip("pyarrow.parquet")
    assert parquet.read_table(tmp_path / "build/explore/table.parquet").to_pylist() == found
    page = (tmp_path / "page.html").read_text()
    assert page.count('<tr class="front">') == len(front)
    assert all(name in page for name in ("device.wall", "confidence", "maximum", "60 um"))
    assert "src=" not in page
    assert "href=" not in page


def test_a_capacity_that_is_the_answer_stands_in_the_table(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked = ["--footprint", "6x8", "--height", "1,1.5", "--jobs", "1", "-q", "--html", "page.html"]
    with pytest.raises(SystemExit):
        main(["explore", *asked])
    told = capsys.readouterr().out
    page = (tmp_path / "page.html").read_text()
    for row in json.loads((tmp_path / "build/explore/table.json").read_text())["rows"]:
        assert f" {row['rated_mah']:.4g} " in told
        assert f">{row['rated_mah']:.4g}<" in page
    assert "anodeless-ss 0.1.0: illustrative, not foundry data" in page


def test_a_step_of_zero_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["explore", "--mah", "1:5:0", "--footprint", "6x8", "-q"])
    assert "step above zero" in capsys.readouterr().err


def test_a_page_of_questions_without_a_design_shows_why_and_no_empty_plot(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = ["--footprint", "6x8", "--height", "0.1", "--jobs", "1", "-q", "--html", "page.html"]
    with pytest.raises(SystemExit):
        main(["explore", *asked])
    page = (tmp_path / "page.html").read_text()
    assert "<title>0 designs of 1 question</title>" in page
    assert "<svg" not in page
    assert "<details open>" in page
    assert "does not fit with process anodeless-ss; try: " in page


@pytest.mark.parametrize("varied", ["nothing.here=1,2", "yield.defect_density=-1,2"])
def test_a_value_of_the_process_that_is_wrong_is_named_by_the_option_it_stands_behind(varied, capsys):
    with pytest.raises(SystemExit) as done:
        main(["explore", "--mah", "3", "--footprint", "6x8", "--vary", varied, "-q"])
    assert done.value.code == 2
    assert f"--vary {varied.partition('=')[0]}: " in capsys.readouterr().err


def test_a_value_that_is_no_answer_is_refused_with_its_option(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for option, wrong in (("--size-limits", "largest"), ("--cycles", "-1"), ("--confidence", "2")):
        with pytest.raises(SystemExit) as caught:
            main(["explore", "--mah", "3", "--footprint", "6x8", option, wrong, "-q"])
        assert caught.value.code == 2
        assert option in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_tables_hold_every_row(rows):
    read = list(csv.DictReader(io.StringIO(csv_bytes(rows).decode())))
    assert list(read[0]) == list(COLUMNS)
    assert [int(row["layers"]) for row in read] == [row["layers"] for row in rows]
    assert json.loads(json_bytes(rows, {"tool": "x"}))["rows"] == [dict(row) for row in rows]


def test_parquet_is_the_same_table(rows):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(parquet_bytes(rows))).to_pylist()
    assert table == [dict(row) for row in rows]


ELECTRICAL = {
    "capacity": "3", "footprint": "5x6", "current": "0.2,0.3", "pulse": "15mA:10ms:1s,90000mA:10ms:1s",
    "lowest_voltage": "3.3", "charge_time": "1h", "temperature": "0",
}  # fmt: skip


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_column_of_a_table_is_of_one_kind(rows, jobs):
    parquet = pytest.importorskip("pyarrow.parquet")
    asked = run_sweep(make_sweep({"bend_radius": 1e4, "height": 5}, ELECTRICAL, {}), jobs=jobs)
    assert {row["fits"] for row in asked} == {True, False}
    assert [name for name in COLUMNS if all(row[name] is None for row in asked)] == []
    table = parquet.read_table(io.BytesIO(parquet_bytes([*asked, *rows])))
    assert table.to_pylist() == [dict(row) for row in [*asked, *rows]]
    assert table.column_names == list(COLUMNS)
    for name in COLUMNS:
        values = [row[name] for row in [*asked, *rows] if row[name] is not None]
        kinds = {float if type(value) is int and name != "layers" else type(value) for value in values}
        stored = {"string": str, "double": float, "bool": bool, "int32": int}[str(table.schema.field(name).type)]
        assert kinds == {stored}, name


AXIS = {
    "bend_radius_mm": "bending radius, mm", "current_ma": "current, mA", "lowest_voltage_v": "lowest voltage, V",
    "charge_time_s": "charge time, s", "temperature_c": "temperature, degC",
}  # fmt: skip


def test_fronts_and_tables_keep_questions_of_different_loads_apart(rows):
    """The same figures, asked differently: none may beat another, and each is told apart."""
    plain = next(row for row in rows if row["fits"])
    asked = {
        "bend_radius_mm": (50.0, 100.0), "current_ma": (1.0, 2.0), "pulse": ("15mA:10ms:1s", "16mA:10ms:1s"),
        "lowest_voltage_v": (3.0, 3.3), "charge_time_s": (1200.0, 3600.0), "temperature_c": (-10.0, 25.0),
    }  # fmt: skip
    for name, values in asked.items():
        pair = [plain | {name: values[0]}, plain | {name: values[1], "package_height_mm": 99.0}]
        assert pareto_front(pair) == pair, name
        assert pareto_front([row | {name: values[0]} for row in pair]) == [pair[0]]
        told = text_table(pair[:1], among=pair)
        svg = plot_svg(pair, pair).decode()
        for value in values:
            shown = value if isinstance(value, str) else f"{value:g}"
            assert shown in text_table(pair).replace("\n", " ").split(), name
            assert value in svg if name == "pulse" else AXIS[name] in svg, name
        assert len(told.splitlines()[0]) > len(text_table([plain]).splitlines()[0]), name
    assert "degC" not in text_table(rows[:2])


def test_plot_marks_every_design_and_names_every_series(rows):
    svg = plot_svg(rows, pareto_front(rows)).decode()
    root = ET.fromstring(svg)
    circles = [item for item in root.iter() if item.tag.endswith("circle")]
    assert len(circles) == 3 * sum(row["fits"] for row in rows)
    assert {"footprint", "6x8 mm", "8x10 mm", "foil", "10 um foil", "50 um foil"} <= set(texts_of(root))
    for name in ("6x8 mm, 10 um foil", "8x10 mm, 50 um foil", "capacity, mAh"):
        assert name in svg


def texts_of(root):
    return [item.text for item in root.iter() if item.tag.endswith("}text")]


def test_a_legend_fits_beside_the_plot_however_much_varies(rows):
    """Four things beside the axis, and one of twenty values: nothing is cut, nothing lies over another."""
    some = [row for row in rows if row["fits"]]
    four = [row | {"cycles": n, "confidence": p} for row in some for n in (0.0, 90.0, 200.0) for p in (0.9, 0.99)]
    many = [row | {"bend_radius_mm": float(r)} for row in some for r in range(20, 40)]
    for table in (four, many):
        svg = plot_svg(table, [])
        root = ET.fromstring(svg)
        wide, high = (float(root.get(name).removesuffix("px")) for name in ("width", "height"))
        words = [item for item in root.iter() if item.tag.endswith("}text") and float(item.get("x")) > 700]
        assert len({item.get("y") for item in words}) == len(words) > 3
        for item in words:
            assert float(item.get("x")) + 6.0 * len(item.text) <= wide, item.text
            assert float(item.get("y")) <= high
    assert {"cycles", "lines of one look differ in", "  confidence"} <= set(
        texts_of(ET.fromstring(plot_svg(four, [])))
    )


def test_plot_of_one_design_or_none_is_still_a_plot(rows):
    assert b"<svg" in plot_svg(rows[:1], [])
    assert b"<svg" in plot_svg([], [])


def test_a_journal_of_a_process_that_changed_since_is_not_used(tmp_path):
    kit, journal = tmp_path / "fab", tmp_path / "journal"
    copy_pdk("anodeless-ss", kit, flat=True)
    sweep = make_sweep({"pdk": str(kit), "footprint": "8x10"}, {"capacity": "3"}, {})
    before = run_with(journal, sweep)
    process = kit / "process.toml"
    process.write_text(
        process.read_text().replace("defect_density = { value = 0.1", "defect_density = { value = 0.4")
    )
    after = run_with(journal, sweep)
    assert after == run_sweep(sweep)
    assert after[0]["stack_yield"] < before[0]["stack_yield"]


def test_any_foil_is_one_question_that_chooses():
    asked = {"footprint": "4x5", "objective": "energy-density"}
    (chosen,) = run_sweep(make_sweep(asked, {"capacity": "1", "foil": "any"}, {}))
    each = run_sweep(make_sweep(asked, {"capacity": "1", "foil": "10,15,20,25,50,75"}, {}))
    assert len({row["package_wh_per_l"] for row in each}) == 6
    best = max(each, key=lambda row: row["package_wh_per_l"])
    assert (chosen["foil_um"], chosen["package_wh_per_l"]) == (best["foil_um"], best["package_wh_per_l"])


def test_a_sweep_that_is_refused_leaves_nothing_behind(tmp_path):
    sweep = make_sweep({"footprint": "8x10"}, {"capacity": "3", "foil": "12"}, {})
    with pytest.raises(PdkError, match="not a foil of this process"):
        run_with(tmp_path / "new" / "journal", sweep)
    assert not list(tmp_path.iterdir())


def test_command_writes_a_folder_and_leaves_no_journal(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["explore", "--mah", "5,10", "--footprint", "8x10", "--jobs", "1", "-q"])
    assert caught.value.code == 0
    assert "2 questions, 2 with a design" in capsys.readouterr().out
    names = {path.name for path in (tmp_path / "build" / "explore").iterdir()}
    assert names >= {"table.csv", "table.json", "pareto.csv", "plot.svg", "MANIFEST.json"}
    assert [path.name for path in (tmp_path / "build").iterdir()] == ["explore"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--mah", "5:1:1", "--footprint", "8x10"], ["--mah"]),
        (["--mah", "5"], ["footprint"]),
        (["--mah", "5", "--footprint", "8x10", "--vary", "web.kerff=1"], ["web.kerff"]),
        (["--mah", "5", "--footprint", "8x10", "--jobs", "0"], ["--jobs"]),
        (["--mah", "1:9999999:0.1", "--footprint", "8x10"], ["--mah"]),
    ],
)
def test_wrong_input_is_one_message(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        main(["explore", *arguments, "-q"])
    error = capsys.readouterr().err
    assert caught.value.code == 2
    assert all(word in error for word in words), error
    assert list(tmp_path.iterdir()) == []
