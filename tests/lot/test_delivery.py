"""The files of a synthetic web: read again they give its table, and independent readers find the same in them."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from layoutgen.cli import main
from tests.lot.webs import cells, design_file, synthetic

REPEATS = 104


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([*map(str, arguments)])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("delivery")
    design_file(folder)
    synthetic(folder, repeats=REPEATS)
    with pytest.raises(SystemExit):
        main(["test", "deliver", str(folder / "web"), "--out", str(folder / "files"), "-q"])
    return folder


def read(place, capsys, *names, out):
    metres = f"{REPEATS * cells().length_um * 1e-6 + 0.001:.4f}"
    files = [place / "files" / name for name in names]
    return run(capsys, "test", "read", *files, "--design", place / "design.json", "--web-length", metres, "--out",
               out, "-q")  # fmt: skip


def differing(one, other, *names):
    a, b = pq.read_table(one / "web.parquet"), pq.read_table(other / "web.parquet")
    return [name for name in names or a.column_names if not a[name].equals(b[name])]


def test_csv_spectra_and_inspection_give_the_web_again(place, tmp_path, capsys):
    code, _, err = read(place, capsys, "readings.csv", "eis.csv", "aoi.001", out=tmp_path / "lot")
    assert code == 0, err
    assert differing(place / "web", tmp_path / "lot") == ["status"]
    before, after = (
        pq.read_table(p / "web.parquet")["status"].to_numpy() for p in (place / "web", tmp_path / "lot")
    )
    assert np.array_equal(before, after & ~np.uint8(4 | 8))
    truth = json.loads((place / "files/truth-of-delivery.json").read_text())
    found = json.loads((tmp_path / "lot/import.json").read_text())
    assert found["synthetic"] is True
    assert found["defects"] == {"points": sum(truth["points"].values()), "outside": 0}
    assert found["spectra"]["count"] == truth["spectra"]
    invalid = np.flatnonzero(after & 4)
    names = {
        f"W{place // cells().cells + 1:04}-{cells().names[place % cells().cells]}" for place in invalid.tolist()
    }
    assert len(names & set(truth["changed_while_swept"])) >= 0.9 * len(truth["changed_while_swept"])
    assert len(names) <= len(truth["changed_while_swept"]) + 6


def test_fits_on_request_find_the_circuit_of_the_kit(place, tmp_path, capsys):
    assert read(place, capsys, "readings.csv", "eis.csv", out=tmp_path / "lot")[0] == 0
    code, out, err = run(capsys, "test", "fit", tmp_path / "lot", "-q")
    assert code == 0, err
    assert "of the modulus" in out
    document = json.loads((tmp_path / "lot/fits.json").read_text())
    rows = pq.read_table(tmp_path / "lot/fits.parquet")
    assert (
        document["fitted"]
        == rows.num_rows
        == json.loads((tmp_path / "lot/import.json").read_text())["spectra"]["valid"]
    )
    # spectra are scaled to the resistance of their cell: the ratio of electrolyte and interface is the kit's
    ratio = rows["electrolyte"].to_numpy() / rows["interface"].to_numpy()
    assert np.median(ratio) == pytest.approx(65.2 / 90, rel=0.05)
    assert document["residual"]["median"] == pytest.approx(0.002, abs=0.001)
    assert document["parameters"]["electrolyte"]["known"] > 0.9 * document["fitted"]
    assert (
        run(capsys, "test", "fit", tmp_path / "lot", "-q", "--json")[1] == (tmp_path / "lot/fits.json").read_text()
    )
    # percentiles are those of live cells, by their voltage
    cell = (rows["repeat"].to_numpy() - 1) * cells().cells + rows["cell"].to_numpy()
    live = pq.read_table(tmp_path / "lot/web.parquet")["ocv_100uv"].to_numpy()[cell] >= 30_000
    assert document["dead"] == (~live).sum() > 20
    known = live & (rows["electrolyte_error"].to_numpy() < 0.5)
    ends = np.quantile(rows["electrolyte"].to_numpy()[known].astype(float), [0.05, 0.95])
    assert [document["parameters"]["electrolyte"][end] for end in ("low", "high")] == pytest.approx(ends, rel=1e-5)
    assert ends[0] > 40
    code, _, err = run(capsys, "test", "fit", place / "web", "-q")
    assert (code, "holds no spectra" in err) == (2, True)


def test_what_kills_is_told_from_what_does_not(place, tmp_path, capsys):
    assert read(place, capsys, "readings.csv", "aoi.001", out=tmp_path / "lot")[0] == 0
    code, out, err = run(capsys, "yield", tmp_path / "lot", "-q")
    assert code == 0, err
    particle, stain = json.loads((tmp_path / "lot/yield.json").read_text())["inspection"]
    assert particle["kill_ratio"] == pytest.approx(0.85, abs=0.05)
    assert stain["low"] - 0.02 < 0 < stain["high"] + 0.02
    assert "kill ratio" in out


def test_stdf_and_the_testers_map_give_the_same_readings(place, tmp_path, capsys):
    assert read(place, capsys, "lot.stdf", out=tmp_path / "stdf")[0] == 0
    names = ("repeat", "cell", "ocv_100uv", "asr_mohm_cm2", "capacity_nah")
    assert differing(place / "web", tmp_path / "stdf", *names) == []
    assert read(place, capsys, "tester-map.xml", out=tmp_path / "map")[0] == 0
    assert differing(tmp_path / "map", tmp_path / "stdf", "tester_bin") == []


def test_klarfio_reads_the_inspection_alike(place, tmp_path, capsys):
    klarfio = pytest.importorskip("klarfio")
    table = klarfio.klarf(filename=str(place / "files/aoi.001")).data["FileRecord_1.2"]["DefectList"]
    theirs = np.array(table["Data"], dtype=float)
    names = [column["Column"] for column in table["Columns"]]
    assert read(place, capsys, "readings.csv", "aoi.001", out=tmp_path / "lot")[0] == 0
    ours = pq.read_table(tmp_path / "lot/defects.parquet")
    columns = (("YINDEX", "repeat", 1), ("XREL", "x_um", 1), ("YREL", "y_um", 1), ("CLASSNUMBER", "kind", 1))
    order = np.lexsort([np.rint(theirs[:, names.index(name)]) for name in ("XREL", "YREL", "YINDEX")])
    for their, our, tolerance in columns:
        assert np.abs(np.sort(theirs[order, names.index(their)]) - np.sort(ours[our].to_numpy())).max() < tolerance


def test_a_web_that_was_measured_is_not_delivered_again(place, tmp_path, capsys):
    assert read(place, capsys, "lot.stdf", out=tmp_path / "lot")[0] == 0
    code, out, err = run(capsys, "test", "deliver", tmp_path / "lot", "--out", tmp_path / "again")
    assert (code, out) == (2, "")
    assert "is no synthetic web" in err
    assert not (tmp_path / "again").exists()


def test_a_whole_delivery_is_read_and_its_manifest_heeded(place, tmp_path, capsys):
    files = sorted(str(path) for path in (place / "files").iterdir() if path.name != "lot.stdf")
    asked = ["test", "read", *files, "--design", str(place / "design.json"), "--out", str(tmp_path / "web"), "-q"]
    code, out, err = run(capsys, *asked)
    assert code == 0, err
    assert "MANIFEST.json: 8 files beside it as listed" in out
    assert "cycled.csv: says that it holds capacities of cells that were cycled: for layoutgen bin" in out
    assert differing(place / "web", tmp_path / "web", "capacity_nah") == []
    assert "truth-of-delivery.json: is a record of layoutgen" in out
    code, _, err = run(capsys, "test", "read", place / "files", *asked[-5:], "--force")
    assert (code, f"{place / 'files'}/*" in err) == (2, True)
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in (place / "files").iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "eis.csv").write_bytes((copy / "eis.csv").read_bytes().replace(b",630957,", b",630958,", 1))
    asked = [text.replace(str(place / "files"), str(copy)) for text in asked]
    code, out, err = run(capsys, *asked, "--force")
    assert (code, out) == (2, "")
    assert "eis.csv: not as listed here" in err


def test_a_web_of_two_passes_is_delivered_with_both(tmp_path, capsys):
    design_file(tmp_path)
    synthetic(tmp_path, repeats=4, rest_s=86_400)
    assert run(capsys, "test", "deliver", tmp_path / "web", "--out", tmp_path / "files", "-q")[0] == 0
    code, out, err = run(capsys, "test", "read", tmp_path / "files/before.csv", tmp_path / "files/readings.csv",
                         "--design", tmp_path / "design.json", "--out", tmp_path / "lot", "-q")  # fmt: skip
    assert code == 0, err
    assert "24 h apart" in out
    assert (
        differing(tmp_path / "web", tmp_path / "lot", "ocv_100uv", "ocv_before_100uv", "rest_s", "asr_mohm_cm2")
        == []
    )
    run(capsys, "bin", tmp_path / "lot", "-q")
    # the passes tell leaks, not how well the meter repeats
    assert json.loads((tmp_path / "lot/bins.json").read_text())["gauge"]["cells_read_again"] == 0


def test_a_lot_and_a_delivery_verify_against_their_manifests(place, tmp_path, capsys):
    assert read(place, capsys, "readings.csv", out=tmp_path / "lot")[0] == 0
    for folder in (tmp_path / "lot", place / "files"):
        code, out, _ = run(capsys, "verify", folder)
        assert (code, "by checksum only" in out) == (0, True)
    content = bytearray((tmp_path / "lot/web.parquet").read_bytes())
    content[1000] ^= 1
    (tmp_path / "lot/web.parquet").write_bytes(bytes(content))
    (tmp_path / "lot/notes.txt").write_text("mine")
    code, _, err = run(capsys, "verify", tmp_path / "lot")
    assert (code, "web.parquet: is not the file" in err, "notes.txt: is not in the manifest" in err) == (
        1,
        True,
        True,
    )
