"""``layoutgen stack`` from two binned webs: counts, limits, files, and the way back from a stack to its places."""

import csv
import json
import shutil
import xml.etree.ElementTree as ET

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from layoutgen.cli import cli
from layoutgen.errors import DocumentError
from layoutgen.lot.stacks.choose import Order, Wanted, choose
from layoutgen.lot.stacks.count import most_stacks
from layoutgen.lot.stacks.pool import Pool
from tests.lot.webs import design_file, synthetic


def run(*arguments, code=0):
    result = CliRunner().invoke(cli, [str(item) for item in arguments])
    assert result.exit_code == code, (result.output, result.exception)
    return result.stdout


@pytest.fixture(scope="module")
def lots(tmp_path_factory):
    """Two binned webs and their design."""
    folder = tmp_path_factory.mktemp("lots")
    webs = []
    for seed in (7, 8):
        web = synthetic(folder / f"web{seed}", seed=seed, repeats=6)
        CliRunner().invoke(cli, ["bin", str(web), "--no-stdf", "-q"])
        webs.append(web)
    return design_file(folder), webs


@pytest.fixture(scope="module")
def stacked(lots, tmp_path_factory):
    design, webs = lots
    out = tmp_path_factory.mktemp("stacks") / "stacks"
    record = json.loads(run("stack", *webs, "--design", design, "--out", out, "--json"))
    return out, record


def good_cells(webs):
    tables = [pq.read_table(web / "bins.parquet") for web in webs]
    return [table.filter(table.column("good")) for table in tables]


def test_the_record_says_what_the_tables_hold(stacked, lots):
    out, record = stacked
    _, webs = lots
    held = pq.read_table(out / "stacks.parquet")
    sums = held.group_by("stack").aggregate([("capacity_nah", "sum"), ("cell", "count")]).to_pydict()
    assert len(sums["stack"]) == record["made"] > 0
    assert set(sums["cell_count"]) == {record["layers"]}
    assert min(sums["capacity_nah_sum"]) >= record["least_mah"] * 1e6
    good = good_cells(webs)
    assert record["cells"] == sum(len(table) for table in good)
    assert record["left_over"]["count"] == record["cells"] - held.num_rows
    values = [value for table in good for value in table.column("capacity_nah").to_pylist()]
    bound = most_stacks(np.array(values), record["layers"], round(record["least_mah"] * 1e6))
    assert record["made"] <= record["bound"] == bound
    assert record["optimal"] == (record["gap"] == 0)
    assert record["spread"]["with_error"] > record["spread"]["estimate"]
    assert record["synthetic"]


def test_every_cell_is_good_and_used_once(stacked, lots):
    out, _ = stacked
    _, webs = lots
    good = {
        (lot, repeat, cell)
        for lot, table in enumerate(good_cells(webs), 1)
        for repeat, cell in zip(table.column("repeat").to_pylist(), table.column("cell").to_pylist(), strict=True)
    }
    held = pq.read_table(out / "stacks.parquet").to_pydict()
    used = list(zip(held["lot"], held["repeat"], held["cell"], strict=True))
    assert len(set(used)) == len(used)
    assert set(used) <= good


def test_resistance_inside_a_stack_stays_within_the_ratio(stacked, lots):
    out, record = stacked
    _, webs = lots
    ohms = {
        (lot, repeat, cell): ohm
        for lot, table in enumerate(good_cells(webs), 1)
        for repeat, cell, ohm in zip(
            *(table.column(name).to_pylist() for name in ("repeat", "cell", "asr_mohm_cm2")), strict=True
        )
    }
    held = pq.read_table(out / "stacks.parquet").to_pydict()
    stacks = {}
    for stack, *place in zip(held["stack"], held["lot"], held["repeat"], held["cell"], strict=True):
        stacks.setdefault(stack, []).append(ohms[tuple(place)])
    assert max(max(values) / min(values) for values in stacks.values()) <= record["limits"]["resistance_ratio"]


def test_recipe_and_transfer_map_name_the_same_cells(stacked):
    out, record = stacked
    rows = list(csv.DictReader((out / "recipe.csv").read_text().splitlines()))
    assert len(rows) == record["made"] * record["layers"]
    tree = ET.parse(out / "transfer-map.xml")
    moves = tree.findall(".//{*}T")
    assert {(int(t.get("TX")), int(t.get("TY"))) for t in moves} == {
        (int(row["stack"][1:]), int(row["layer"])) for row in rows
    }


def test_a_stack_is_traced_to_its_places(stacked, lots):
    out, record = stacked
    design, webs = lots
    rows = json.loads(run("stack", *webs, "--design", design, "--out", out, "--trace", "S1", "--json"))["cells"]
    assert len(rows) == record["layers"]
    recipe = [
        row for row in csv.DictReader((out / "recipe.csv").read_text().splitlines()) if int(row["stack"][1:]) == 1
    ]
    assert [row["cell"] for row in rows] == [row["cell"] for row in recipe]
    assert all(row["hits"] == [] for row in rows if row["bin"] == 1)
    # every reading is that of the web's table, in its unit
    row, line = rows[0], recipe[0]
    table = pq.read_table(webs[row["lot"] - 1] / "web.parquet")
    held = pq.read_table(out / "stacks.parquet", filters=[("stack", "=", 1), ("layer", "=", 1)]).to_pylist()[0]
    read = table.filter((pc.field("repeat") == held["repeat"]) & (pc.field("cell") == held["cell"])).to_pylist()[0]
    assert line["cell"] == row["cell"]
    for name, column, per_unit in (
        ("ocv_v", "ocv_100uv", 1e4), ("contact_ohm", "contact_mohm", 1e3),
        ("capacity_read_mah", "capacity_nah", 1e6), ("site", "site", 1), ("passes", "passes", 1),
    ):  # fmt: skip
        assert row[name] == pytest.approx(read[column] / per_unit), name
    assert row["temperature_c"] is None is read["temperature_cdegc"]
    told = run("stack", *webs, "--design", design, "--out", out, "--trace", "S1").splitlines()[1]
    assert f"{row['ocv_v']:.4f} V" in told
    assert f"contact {row['contact_ohm']:g} ohm, site {row['site']}" in told


def test_a_place_is_traced_to_its_stack(stacked, lots):
    out, _ = stacked
    design, webs = lots
    asked = ("stack", *webs, "--design", design, "--out", out, "--json", "--find")
    for line in list(csv.DictReader((out / "recipe.csv").read_text().splitlines()))[::300]:
        found = json.loads(run(*asked, f"{line['lot']}/{line['cell'].lower()}"))
        assert (found["stack"], found["layer"]) == (line["stack"], int(line["layer"]))
        assert (found["cell"]["lot"], found["cell"]["cell"]) == (int(line["lot"]), line["cell"])
    left = next(csv.DictReader((out / "left-over.csv").read_text().splitlines()))
    found = json.loads(run(*asked, f"{left['lot']}/{left['cell']}"))
    assert (found["stack"], found["layer"], found["cell"]["bin"]) == (None, None, 1)


@pytest.mark.parametrize(
    ("place", "said"),
    [("W1-F1-B1-C1-R1", "does not say of which lot"), ("3/W1-F1-B1-C1-R1", "there is no lot '3'"),
     ("web/W1-F1-B1-C1-R1", "there is no lot 'web'"), ("2/W7-F1-B1-C1-R1", "W0001 to W0006"),
     ("2/F1-B1-C1-R1", "W0001 to W0006"), ("2/W1-F9-B1-C1-R1", "no such cell"), ("2/here", "not the address")],
)  # fmt: skip
def test_a_place_that_there_is_not_is_named(stacked, lots, place, said):
    out, _ = stacked
    design, webs = lots
    asked = ["stack", *map(str, webs), "--design", str(design), "--out", str(out), "--find", place]
    result = CliRunner().invoke(cli, asked, standalone_mode=False)
    assert said in str(result.exception)


def test_labels_and_what_is_left_over(stacked, lots):
    out, record = stacked
    _, webs = lots
    labels = list(csv.DictReader((out / "labels.csv").read_text().splitlines()))
    assert len(labels) == record["made"]
    sold = [float(row["lower_mah"]) for row in labels]
    assert sum(value >= record["rated"]["mah"] for value in sold) == record["rated"]["sure"]
    assert min(float(row["estimate_mah"]) for row in labels) == pytest.approx(
        record["capacity_mah"]["lowest"], abs=1e-4
    )
    left = list(csv.DictReader((out / "left-over.csv").read_text().splitlines()))
    used = record["made"] * record["layers"]
    assert len(left) == record["left_over"]["count"] == sum(map(len, good_cells(webs))) - used
    assert {row["why"] for row in left} == set(record["left_over"]["by_reason"])


def test_trays_are_forecast(lots):
    design, webs = lots
    trays = json.loads(run("stack", *webs, "--design", design, "--order", "trays:7", "--json"))["trays"]
    assert [part["part"] for part in trays["parts"]] == ["lot 1", "lot 2"]
    came = np.array([part["cells"] for part in trays["parts"]])
    recipe = np.array(trays["recipe"])
    assert came.sum() == sum(map(len, good_cells(webs)))
    for number, part in enumerate(trays["parts"], 1):
        held = came[:number].sum(axis=0) - part["stacks"] * recipe
        assert (held >= 0).all()
        assert (held < recipe).any()
        assert part["waiting"] == held.sum()
    # the second web alone goes on: the tray that lacks most runs out when what waits in it is used up
    lasts = trays["lasts"]
    share = came[-1] / came[-1].sum() * recipe.sum()
    lack = recipe[lasts["tray"] - 1] - share[lasts["tray"] - 1]
    assert lasts["stacks"] * lack <= held[lasts["tray"] - 1] < (lasts["stacks"] + 1) * lack + 1e-6


def test_the_page_draws_every_stack_and_names_its_cells(stacked):
    out, record = stacked
    page = (out / "stacks.html").read_text("utf-8")
    start = page.index('id="data">') + len('id="data">')
    data = json.loads(page[start : page.index("</script>", start)])
    assert len(data["stacks"]) == min(record["made"], 400) == page.count('class="stack"')
    recipe = csv.DictReader((out / "recipe.csv").read_text().splitlines())
    told = {(row["stack"], int(row["layer"])): row["cell"] for row in recipe}
    stack = data["stacks"][-1]
    for layer, (_, repeat, cell, _) in enumerate(stack["cells"], 1):
        assert f"W{repeat:04}-{data['names'][cell]}" == told[stack["label"], layer]
    assert "http:" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https:" not in page
    assert "Synthetic" in page


def test_webs_in_another_order_are_no_trace(stacked, lots):
    out, _ = stacked
    design, webs = lots
    result = CliRunner().invoke(
        cli, ["stack", *map(str, reversed(webs)), "--design", str(design), "--out", str(out), "--trace", "1"],
        standalone_mode=False,
    )  # fmt: skip
    assert "same order" in str(result.exception)


def test_orders_side_by_side(lots):
    design, webs = lots
    table = json.loads(run("stack", *webs, "--design", design, "--compare", "--json"))["orders"]
    spread = {row["order"]: row["spread_mah"] for row in table}
    assert spread["whole"] < spread["trays:7"] < spread["web"]
    held = {row["order"]: row["cells_held"] for row in table}
    rates = {row["order"]: row["rates_mah"] for row in table}
    assert rates["trays:7"] > rates["web"]
    assert min(row["stacks_lost"] for row in table) == 0
    assert held["web"] < held["open:8"] < held["whole"]


def test_lots_apart_share_no_stack(lots, tmp_path):
    design, webs = lots
    run("stack", *webs, "--design", design, "--by-lot", "--out", tmp_path / "apart")
    held = pq.read_table(tmp_path / "apart" / "stacks.parquet").to_pydict()
    lots_of = {}
    for stack, lot in zip(held["stack"], held["lot"], strict=True):
        lots_of.setdefault(stack, set()).add(lot)
    assert {len(found) for found in lots_of.values()} == {1}


def test_the_same_cells_give_the_same_bytes(stacked, lots, tmp_path):
    out, _ = stacked
    design, webs = lots
    run("stack", *webs, "--design", design, "--out", tmp_path / "again")
    for name in (
        "recipe.csv",
        "labels.csv",
        "left-over.csv",
        "transfer-map.xml",
        "stacks.json",
        "stacks.parquet",
        "stacks.html",
    ):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes(), name


def test_a_guard_and_classes_count_by_the_lower_bound(lots):
    design, webs = lots
    plain = json.loads(run("stack", *webs, "--design", design, "--json", "--classes", "19,20,21"))
    sure = json.loads(run("stack", *webs, "--design", design, "--json", "--guard", "0.99"))
    assert sum(item["stacks"] for item in plain["classes"]) == plain["made"]
    assert sure["least_mah"] > plain["least_mah"]
    assert sure["rated"]["sure"] == sure["made"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--order", "fifo"], "--order"),
        (["--order", "trays:0"], "--order"),
        (["--order", "trays:51"], "trays:50"),
        (["--resistance-ratio", "0.5"], "--resistance-ratio"),
        (["--classes", "20,19"], "--classes"),
        (["--layers", "0"], "--layers"),
        (["--guard", "2"], "--guard"),
        (["--mah", "many"], "--mah"),
        (["--trace", "1"], "--out"),
        (["--leak", "2uA"], "nobody measured a leak"),
    ],
)
def test_wrong_input_is_named(lots, arguments, said):
    design, webs = lots
    result = CliRunner().invoke(
        cli, ["stack", str(webs[0]), "--design", str(design), *arguments], standalone_mode=False
    )
    assert said in str(result.exception)


def test_what_is_no_binned_web_is_named(lots, tmp_path):
    design, webs = lots
    for folders, said in (([tmp_path], "no folder of readings"), ([webs[0], webs[0]], "named twice")):
        result = CliRunner().invoke(
            cli, ["stack", *map(str, folders), "--design", str(design)], standalone_mode=False
        )
        assert said in str(result.exception)


def test_the_same_readings_are_no_second_web(lots, tmp_path):
    """Its cells would stand in two stacks each."""
    design, webs = lots
    shutil.copytree(webs[0], tmp_path / "again")
    result = CliRunner().invoke(
        cli, ["stack", str(webs[0]), str(tmp_path / "again"), "--design", str(design)], standalone_mode=False
    )
    assert f"holds the readings of {webs[0].name}" in str(result.exception)


def test_a_leak_that_nobody_measured_is_not_taken_for_none():
    """Cells of 100 in stacks of two, leaks up to 30: two were not measured, one leaks too much by itself."""
    leak = np.array([-1, 10, 15, 40, 5, 20, -1], dtype=np.int64)
    count = np.arange(len(leak), dtype=np.int32)
    pool = Pool(
        webs=(None,), lot=np.zeros(7, np.uint16), repeat=count, cell=count, tray=np.zeros(7, np.uint8),
        capacity=np.full(7, 100), error=np.ones(7, np.int64), resistance=np.full(7, -1), leak=leak, not_good=0,
    )  # fmt: skip
    chosen = choose(pool, Wanted(2, 200, leak_pa=30), Order("whole"), seed=1)
    assert chosen.left["leak not measured"].tolist() == [0, 6]
    assert chosen.left["leaks more than a stack may"].tolist() == [3]
    assert sorted(chosen.members.ravel().tolist()) == [1, 2, 4, 5]
    assert all(leak[row].sum() <= 30 for row in chosen.members)
    assert chosen.bound == 2
    assert chosen.optimal


def test_a_measured_leak_below_zero_is_none_and_not_unmeasured():
    from layoutgen.lot.stacks.pool import _known
    from layoutgen.lot.table import NULL

    assert _known(np.array([NULL, -7, 0, 12], dtype=np.int32)).tolist() == [-1, 0, 0, 12]


def test_a_damaged_table_names_its_web(lots, tmp_path):
    design, webs = lots
    for name, size in (("cut", 4000), ("empty", 0)):
        web = tmp_path / name
        shutil.copytree(webs[0], web)
        (web / "bins.parquet").write_bytes((webs[0] / "bins.parquet").read_bytes()[:size])
        asked = ["stack", str(webs[1]), str(web), "--design", str(design)]
        result = CliRunner().invoke(cli, asked, standalone_mode=False)
        assert f"{web / 'bins.parquet'}: is not a Parquet file" in str(result.exception)


def test_a_damaged_table_of_stacks_is_named_by_a_trace(stacked, lots, tmp_path):
    design, webs = lots
    table = bytearray((stacked[0] / "stacks.parquet").read_bytes())
    table[100 : len(table) // 2 : 7] = bytes(len(range(100, len(table) // 2, 7)))
    (tmp_path / "stacks.parquet").write_bytes(table)
    asked = ["stack", *map(str, webs), "--design", str(design), "--out", str(tmp_path), "--trace", "1"]
    result = CliRunner().invoke(cli, asked, standalone_mode=False)
    assert isinstance(result.exception, DocumentError)
    assert "stacks.parquet: is damaged" in str(result.exception)


def test_damaged_spectra_are_named_by_a_trace(lots, tmp_path):
    design, webs = lots
    web, out = tmp_path / "web", tmp_path / "out"
    shutil.copytree(webs[0], web)
    run("stack", web, "--design", design, "--out", out)
    (web / "spectra.parquet").write_bytes(b"PAR1 and no more")
    for asked in (["--trace", "1"], ["--find", "W1-F1-B1-C1-R1"]):
        asked = ["stack", str(web), "--design", str(design), "--out", str(out), *asked]
        result = CliRunner().invoke(cli, asked, standalone_mode=False)
        assert isinstance(result.exception, DocumentError)
        assert "spectra.parquet: is no table of spectra, or is truncated" in str(result.exception)


def test_a_stack_without_a_limit_on_resistance_says_so(lots):
    design, webs = lots
    said = "no limit: none was asked for, or nobody measured it"
    assert said in run("stack", webs[0], "--design", design, "--resistance-ratio", "none")
    assert said not in run("stack", webs[0], "--design", design)
