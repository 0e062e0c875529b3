"""The synthetic web: what stands in its files is what its truth says, and the same for the same seed."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from layoutgen.errors import DocumentError, OutputError
from layoutgen.lot import table as tables
from layoutgen.lot.folder import open_web
from layoutgen.lot.table import NO_CONTACT, NULL, TRUTH, WEB, Table
from tests.lot.webs import cells, synthetic, truth_of


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    return synthetic(tmp_path_factory.mktemp("lot"), repeats=120)


def columns(path, form, names):
    chunks = list(Table(path, form).chunks(names))
    return {name: np.concatenate([chunk.data[name] for chunk in chunks]) for name in names}


def test_every_file_says_synthetic(web):
    assert truth_of(web)["synthetic"] is True
    assert json.loads((web / "import.json").read_text())["synthetic"] is True
    for name in ("web.parquet", "truth.parquet"):
        assert json.loads(pq.read_schema(web / name).metadata[b"layoutgen"])["synthetic"] is True


def test_an_independent_reader_finds_every_cell_in_order(web):
    rows = pq.read_table(web / "web.parquet")
    count = cells().cells
    assert rows.num_rows == 120 * count
    assert np.array_equal(rows["repeat"].to_numpy(), np.repeat(np.arange(1, 121), count))
    assert np.array_equal(rows["cell"].to_numpy(), np.tile(np.arange(count), 120))
    assert b"ARROW:schema" not in (pq.read_schema(web / "web.parquet").metadata or {})


def test_what_is_true_is_in_the_readings(web):
    truth = truth_of(web)
    read = columns(web / "web.parquet", WEB, ["passes", "status", "ocv_100uv", "asr_mohm_cm2", "capacity_nah"])
    cause = columns(web / "truth.parquet", TRUTH, ["cause", "capacity_nah"])
    counts = dict(zip(truth["causes"], np.bincount(cause["cause"].ravel(), minlength=7).tolist(), strict=True))
    assert counts == truth["causes"]
    assert (read["passes"][truth["missing_repeat"] - 1] == 0).all()
    assert (read["passes"] == 0).sum() == cells().cells
    volts = read["ocv_100uv"] * 1e-4
    there = read["ocv_100uv"] != NULL
    assert np.array_equal(there, (read["passes"] > 0) & ((read["status"] & NO_CONTACT) == 0))
    dead = (cause["cause"] > 0) & (cause["cause"] < 6)
    assert (volts[dead & there] < 3.01).all()
    assert (volts[~dead & there] > 3.7).all()
    for repeat, cell in truth["latents"]:
        assert cause["cause"][repeat - 1, cell] == 6
    sound = ~dead & there
    scale = cells().nominal_mah * 1e6 / 0.875
    noise = (read["capacity_nah"][sound] - cause["capacity_nah"][sound]).std() / scale
    assert noise == pytest.approx(0.03 * np.sqrt(1 / truth["correlation"] ** 2 - 1), rel=0.02)
    shares = cause["capacity_nah"][sound].std() / cause["capacity_nah"][sound].mean()
    assert shares == pytest.approx(0.03 / 0.875, rel=0.3)


def test_the_mark_comes_back_every_circumference(web):
    truth = next(item for item in truth_of(web)["signatures"] if item["kind"] == "period")
    cause = columns(web / "truth.parquet", TRUTH, ["cause"])["cause"]
    repeat, cell = np.nonzero(cause == 3)
    assert set(cells().lane[cell] + 1) == {int(truth["place"].split()[1])}
    y = cells().y_um[cell] + repeat * cells().length_um
    phase = np.exp(2j * np.pi * y / (truth["circumference_mm"] * 1000))
    assert np.abs(phase.mean()) > 0.99


def test_the_same_seed_gives_the_same_bytes_and_another_another_web(web, tmp_path):
    again = synthetic(tmp_path, repeats=120)
    for path in sorted(web.iterdir()):
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name
    other = synthetic(tmp_path, repeats=120, seed=8, name="other")
    assert (other / "web.parquet").read_bytes() != (web / "web.parquet").read_bytes()


def test_pieces_do_not_show_in_the_content(web, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_ROWS", 7 * cells().cells)
    monkeypatch.setattr("layoutgen.lot.synthetic.repeats_a_group", tables.repeats_a_group)
    small = synthetic(tmp_path, repeats=120)
    assert pq.ParquetFile(small / "web.parquet").num_row_groups == 18
    assert pq.read_table(small / "web.parquet").equals(pq.read_table(web / "web.parquet"))
    chunks = list(Table(small / "web.parquet", WEB).chunks(["ocv_100uv"], context=3))
    whole = pq.read_table(web / "web.parquet")["ocv_100uv"].fill_null(NULL).to_numpy().reshape(120, -1)
    for chunk in chunks:
        assert np.array_equal(chunk.data["ocv_100uv"], whole[chunk.first - 1 : chunk.first - 1 + chunk.repeats])
    assert sum(len(chunk.own(chunk.data["ocv_100uv"])) for chunk in chunks) == 120
    assert all(chunk.before == 3 for chunk in chunks[1:])


def test_a_web_that_is_there_is_replaced_only_when_asked(web):
    with pytest.raises(OutputError, match="exists already"):
        synthetic(web.parent, repeats=5, name=web.name)


DAMAGES = {
    "truncated": (lambda data: data[: len(data) // 2], "truncated"),
    "empty": (lambda data: b"", "Parquet"),
    "words": (lambda data: b"not a table", "Parquet"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_refused(damage, tmp_path):
    web = synthetic(tmp_path, repeats=5)
    change, text = DAMAGES[damage]
    (web / "web.parquet").write_bytes(change((web / "web.parquet").read_bytes()))
    with pytest.raises(DocumentError, match=text):
        open_web(web)


def test_tables_of_other_kinds_and_orders_are_refused(tmp_path):
    web = synthetic(tmp_path, repeats=5)
    with pytest.raises(DocumentError, match="truth"):
        Table(web / "truth.parquet", WEB)
    rows = pq.read_table(web / "web.parquet")
    metadata = pq.read_schema(web / "web.parquet").metadata
    swapped = rows.take(np.arange(rows.num_rows)[::-1].copy()).replace_schema_metadata(metadata)
    pq.write_table(swapped, web / "web.parquet")
    with pytest.raises(DocumentError, match="sorted"):
        list(Table(web / "web.parquet", WEB).chunks(["ocv_100uv"]))
    pq.write_table(rows.slice(0, 100).replace_schema_metadata(metadata), web / "web.parquet")
    with pytest.raises(DocumentError, match="100 rows"):
        Table(web / "web.parquet", WEB)
    foreign = web / "web.parquet"
    other = synthetic(tmp_path, repeats=5, small=True, name="small")
    foreign.write_bytes((other / "web.parquet").read_bytes())
    with pytest.raises(DocumentError, match="cell map"):
        open_web(web)
