"""Binning a synthetic web: what the files hold, read by others, and how well it finds what is true."""

import json
from collections import Counter
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow.parquet as pq
import pytest

from layoutgen.cli import main
from layoutgen.lot import table as tables
from layoutgen.lot.bins_record import against_truth
from layoutgen.lot.folder import open_web
from tests.lot.webs import cells, synthetic, truth_of

pystdf = pytest.importorskip("pystdf.IO")


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([*arguments])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    made = synthetic(tmp_path_factory.mktemp("lot"), repeats=60)
    with pytest.raises(SystemExit) as caught:
        main(["bin", str(made), "-q"])
    assert caught.value.code == 0
    return made


def matrix(path, name):
    return pq.read_table(path)[name].to_numpy(zero_copy_only=False).reshape(-1, cells().cells)


def test_bins_agree_with_what_is_true(web):
    """Every killed cell is found; latent leaks but for a few; no more than 50 ppm of sound cells are lost."""
    cause, codes = matrix(web / "truth.parquet", "cause"), matrix(web / "bins.parquet", "bin")
    status = matrix(web / "web.parquet", "status")
    seen = (matrix(web / "web.parquet", "passes") > 0) & ((status & 1) == 0)
    assert (codes[~seen & (status == 0)] == 0).all()
    killed = seen & (cause > 0) & (cause < 6)
    assert (codes[killed] > 1).all()
    assert (codes[seen & (cause == 0)] != 1).mean() < 50e-6
    assert np.array_equal(matrix(web / "bins.parquet", "good"), codes == 1)


def test_counts_add_up(web):
    record = json.loads((web / "bins.json").read_text())
    codes = matrix(web / "bins.parquet", "bin")
    assert record["by_bin"] == {str(k): v for k, v in sorted(Counter(codes.ravel().tolist()).items())}
    assert record["cells"] == codes.size == sum(record["by_bin"].values())
    assert record["good"] == (codes == 1).sum()
    assert record["synthetic"] is True
    hits = matrix(web / "bins.parquet", "hits")
    names = json.loads(pq.read_schema(web / "bins.parquet").metadata[b"layoutgen"])["rules"]
    for bit, (stated, rule) in enumerate(zip(names, record["rules"], strict=True)):
        assert stated["name"] == rule["name"]
        assert rule["hits"] == ((hits[codes > 0] >> bit) & 1).sum()


def test_estimates_are_shrunk_and_carry_their_error(web):
    about = json.loads(pq.read_schema(web / "bins.parquet").metadata[b"layoutgen"])["estimate"]
    good = matrix(web / "bins.parquet", "good")
    estimate, truth = matrix(web / "bins.parquet", "capacity_nah"), matrix(web / "truth.parquet", "capacity_nah")
    error = matrix(web / "bins.parquet", "capacity_error_nah")[good]
    assert about["correlation"] == pytest.approx(0.585, abs=0.01)
    assert about["correlation_interval"] == pytest.approx([0.585, 0.788], abs=0.002)
    # rated with the lower end of r, the stated error is no smaller than the true one
    assert error.min() == error.max() >= (estimate - truth)[good].std() * 0.95
    trays = matrix(web / "bins.parquet", "tray")
    counts = np.bincount(trays[good])[1:]
    assert len(counts) == 7
    assert counts.min() > 0.98 * counts.mean()
    assert (trays[~good] == 0).all()


class Parts:
    """What pystdf reads of a file."""

    def __init__(self):
        self.wafer, self.parts, self.limits, self.results, self.bins = "", {}, {}, {}, {}

    def before_send(self, *_):
        pass

    def after_begin(self, *_):
        pass

    def after_complete(self, *_):
        pass

    def after_send(self, _, data):
        kind, fields = data
        record = dict(zip(kind.fieldNames, fields, strict=False))
        name = type(kind).__name__
        if name == "Wir":
            self.wafer = record["WAFER_ID"]
        elif name == "Ptr":
            self.results.setdefault(record["TEST_NUM"], []).append(record["RESULT"])
            if record.get("UNITS"):
                self.limits[record["TEST_TXT"]] = (record["LO_LIMIT"], record["HI_LIMIT"], record["UNITS"])
        elif name == "Prr":
            assert (self.wafer, record["PART_TXT"].split("-")[0]) == (record["PART_TXT"].split("-")[0], self.wafer)
            self.parts[record["PART_TXT"]] = record
        elif name in {"Hbr", "Sbr"}:
            self.bins[name, record[f"{name[0]}BIN_NUM"]] = record[f"{name[0]}BIN_CNT"]


def test_an_independent_reader_finds_every_cell_in_the_stdf(web):
    from pystdf.IO import Parser

    found = Parts()
    with (web / "bins.stdf").open("rb") as file:
        parser = Parser(inp=file)
        parser.addSink(found)
        parser.parse()
    codes, volts = matrix(web / "bins.parquet", "bin"), matrix(web / "web.parquet", "ocv_100uv")
    assert len(found.parts) == codes.size
    lanes, ranks = cells().lane + 1, cells().rank + 1
    for repeat, cell in ((1, 0), (1, 1), (17, 300), (60, 524)):
        record = found.parts[f"W{repeat:04}-{cells().names[cell]}"]
        assert int(record["PART_ID"]) == cell
        assert (record["X_COORD"], record["Y_COORD"]) == (lanes[cell], ranks[cell])
        assert record["HARD_BIN"] == record["SOFT_BIN"] == codes[repeat - 1, cell]
    assert [part["SOFT_BIN"] for part in found.parts.values()] == codes.ravel().tolist()
    read = np.nan_to_num(volts, nan=0.0).ravel() * 1e-4
    assert np.array(found.results[1]) == pytest.approx(read, abs=1e-6)
    assert found.limits["ocv"] == (pytest.approx(3.77), pytest.approx(3.93), "V")
    assert found.bins["Sbr", 1] == (codes == 1).sum()


def test_the_map_holds_every_bin_where_its_cell_lies(web):
    tree = ET.parse(web / "bin-map.xml")
    space = {"e": tree.getroot().tag.split("}")[0].strip("{")}
    codes = matrix(web / "bins.parquet", "bin")
    total = Counter()
    for item in tree.iterfind(".//e:SubstrateMap", space):
        field, block = item.get("LayoutSpecifier").split("/")[-1].split("-")
        inside = (cells().field == int(field[1:])) & (cells().block == int(block[1:]))
        rows = [[int(code) for code in row.text.split()] for row in item.iterfind(".//e:BinCode", space)]
        columns = int(cells().column[inside].max())
        assert np.array_equal(np.array(rows), codes[:, inside].reshape(-1, columns))
        for bin_of in item.iterfind(".//e:BinDefinition", space):
            assert len(bin_of.get("BinCode")) == 3
            total[int(bin_of.get("BinCode"))] += int(bin_of.get("BinCount"))
    assert {code: n for code, n in total.items() if n} == Counter(codes.ravel().tolist())


def test_the_same_again_gives_the_same_bytes(web, capsys):
    before = {path.name: path.read_bytes() for path in sorted(web.iterdir())}
    assert run(capsys, "bin", str(web), "-q")[0] == 0
    assert {path.name: path.read_bytes() for path in sorted(web.iterdir())} == before


def test_pieces_do_not_change_a_bin(web, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tables, "_ROWS", 7 * cells().cells)
    monkeypatch.setattr("layoutgen.lot.synthetic.repeats_a_group", tables.repeats_a_group)
    small = synthetic(tmp_path, repeats=60)
    run(capsys, "bin", str(small), "-q")
    assert (small / "bins.json").read_bytes() == (web / "bins.json").read_bytes()
    assert pq.read_table(small / "bins.parquet").equals(pq.read_table(web / "bins.parquet"))
    assert (small / "bin-map.xml").read_bytes() == (web / "bin-map.xml").read_bytes()
    assert (small / "bins.stdf").read_bytes() == (web / "bins.stdf").read_bytes()


@pytest.mark.parametrize(("hours", "share"), [(2, 0.9), (24, 1.0)])
def test_two_passes_find_latent_leaks_and_lose_no_sound_cell(hours, share, tmp_path, capsys):
    """By LEAK alone: NEIGHBOUR is off, and the voltage may be anything."""
    web = synthetic(tmp_path, repeats=300, rest_s=3600 * hours)
    rules = tmp_path / "only.toml"
    off = "".join(f"[test.rules.{name}]\nenabled = false\n" for name in ("NEIGHBOUR", "OCV"))
    rules.write_text(off)
    run(capsys, "bin", str(web), "--rules", str(rules), "--no-stdf", "-q")
    found = against_truth(open_web(web), "bins.parquet")
    assert found["latents"] > 8
    assert found["latents_found"] >= share * found["latents"]
    assert found["sound_lost"] == 0


def test_hit_alone_counts_rules_that_bin(web):
    """What a rule takes by itself is what the web would gain without it; rules that are off take nothing."""
    record = json.loads((web / "bins.json").read_text())
    good = 1
    hits, codes = (pq.read_table(web / "bins.parquet")[name].to_numpy() for name in ("hits", "bin"))
    on = sum(1 << bit for bit, rule in enumerate(record["rules"]) if rule["enabled"])
    for bit, rule in enumerate(record["rules"]):
        others = hits & (on & ~(1 << bit))
        alone = ((hits >> bit & 1) > 0) & (others == 0)
        assert rule["hits_alone"] == alone.sum(), rule["name"]
        if not rule["enabled"]:
            assert (codes[alone] <= good).all()


def test_what_if_states_the_price_and_writes_nothing(web, tmp_path, capsys):
    before = sorted(web.iterdir())
    prices = json.loads(run(capsys, "bin", str(web), "--what-if", "--json", "-q")[1])["what_if"]
    assert sorted(web.iterdir()) == before
    good = json.loads((web / "bins.json").read_text())["good"]
    rules = tmp_path / "more.toml"
    rules.write_text("[test.rules.NEIGHBOURHOOD]\nenabled = true\n")
    record = json.loads(run(capsys, "bin", str(web), "--rules", str(rules), "--json", "-q", "--no-stdf")[1])
    price = next(item for item in prices if item["name"] == "NEIGHBOURHOOD")
    assert good - record["good"] == price["good_cells_lost"] > 0
    run(capsys, "bin", str(web), "-q")


def test_a_web_with_a_bad_yield_is_held(tmp_path, capsys):
    web = synthetic(tmp_path, repeats=8, defect_density_cm2=1.0)
    code, out, _ = run(capsys, "bin", str(web), "-q")
    assert code == 1
    assert "verdict       hold" in out
    assert "at least 80 %" in out
    record = json.loads((web / "bins.json").read_text())
    assert record["verdict"] == "hold"
    assert record["reasons"]


def test_zones_bin_what_lies_in_them(tmp_path, capsys):
    web = synthetic(tmp_path, repeats=6)
    zones = tmp_path / "zones.toml"
    x, y = cells().x_um[100] / 1000, cells().y_um[100] / 1000
    zones.write_text(f'[[zones]]\nname = "spot"\nreason = "a test"\noutline = "{x - 1:.3f},{y - 1:.3f},2x2"\n')
    run(capsys, "bin", str(web), "--zones", str(zones), "-q", "--no-stdf")
    codes = matrix(web / "bins.parquet", "bin")
    assert set(np.flatnonzero((codes == 51).any(axis=0))) == {100}


def test_truth_of_the_web(web):
    assert truth_of(web)["causes"]["latent leak"] == len(truth_of(web)["latents"])


WRONG = {
    ("nowhere",): "is not there",
    ("empty",): "import.json",
    ("web", "--rules", "bad.toml"): "lwo",
    ("web", "--rules", "units.toml"): "'mA'",
    ("web", "--rules", "words.toml"): "not TOML",
    ("web", "--rules", "other.toml"): "[test.rules.NAME]",
    ("web", "--zones", "words.toml"): "not TOML",
    ("web", "--zones", "other.toml"): "stack",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_input_is_named_and_nothing_is_lost(arguments, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    synthetic(tmp_path, repeats=3, small=True)
    (tmp_path / "empty").mkdir()
    quantity = '{ value = 3, unit = "mA", kind = "assumed", source = "none" }'
    (tmp_path / "bad.toml").write_text("[test.rules.OCV]\nlwo = 3\n")
    (tmp_path / "units.toml").write_text(f"[test.rules.OCV]\nlow = {quantity}\n")
    (tmp_path / "words.toml").write_text("not toml")
    (tmp_path / "other.toml").write_text("[stack]\n")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = run(capsys, "bin", *arguments, "-q")
    assert (code, out) == (2, "")
    assert WRONG[arguments] in err
    assert sorted(tmp_path.rglob("*")) == before


def parts_of(monkeypatch, tmp_path):
    """A web of 23 row groups in parts of one, so that neighbours lie across their ends."""
    monkeypatch.setattr("layoutgen.lot.table._ROWS", 3 * cells().cells)
    monkeypatch.setattr("layoutgen.lot.synthetic.repeats_a_group", lambda _: 3)
    monkeypatch.setattr("layoutgen.lot.parts._GROUPS", 1)
    web = synthetic(tmp_path, repeats=67, wave=True)
    assert pq.ParquetFile(web / "web.parquet").num_row_groups == 23
    return web


BINNED = ("bins.parquet", "bins.json", "bin-map.xml", "bins.stdf")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_and_processes_give_the_same_bytes(tmp_path, capsys, monkeypatch):
    from distributed import LocalCluster

    web = parts_of(monkeypatch, tmp_path)
    run(capsys, "bin", str(web), "-q")
    alone = {name: (web / name).read_bytes() for name in BINNED}
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None) as cluster:
        run(capsys, "bin", str(web), "-q", "--scheduler", cluster.scheduler_address)
    assert {name: (web / name).read_bytes() for name in BINNED} == alone
    run(capsys, "bin", str(web), "-q", "--jobs", "2")
    assert {name: (web / name).read_bytes() for name in BINNED} == alone
    code, _, err = run(capsys, "bin", str(web), "-q", "--scheduler", "nowhere")
    assert (code, "--scheduler" in err) == (2, True)
    assert {name: (web / name).read_bytes() for name in BINNED} == alone
