"""The gauge, from readings whose parts are known."""

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from layoutgen.cli import main
from layoutgen.errors import DocumentError
from layoutgen.lot.gauge import repeatability, site_to_site
from tests.lot.webs import cells, design_file, synthetic


def test_repeatability_is_the_pooled_sigma(tmp_path):
    cell, ocv = [0, 0, 1, 1, 1, 2, 3, 3], [38500, 38520, 38490, 38500, 38510, 39000, 38500, None]
    touched = [True] * 8
    for name, rows in (("two", slice(0, 8)), ("one", slice(5, 6))):
        table = {"repeat": pa.array([1] * 8, pa.int32()), "cell": pa.array(cell, pa.int32()), "touched": touched,
                 "ocv_100uv": pa.array(ocv, pa.int32()),
                 "time_s": pa.array([0, 60, None, None, None, 0, 0, 9e4], pa.float64())}  # fmt: skip
        pq.write_table(pa.table(table).slice(rows.start, rows.stop - rows.start), tmp_path / name)
    found, count = repeatability(tmp_path / "two")
    # 2 mV^2 of the first, two of the second: three degrees of freedom
    assert found == pytest.approx(math.sqrt((2 * 1e-3**2 + 2 * 1e-3**2) / 3))
    assert count == 2
    assert repeatability(tmp_path / "one") == (None, 0)
    (tmp_path / "cut").write_bytes((tmp_path / "two").read_bytes()[:-9])
    with pytest.raises(DocumentError, match="is damaged"):
        repeatability(tmp_path / "cut")


def test_site_to_site_is_told_from_lanes_and_chance():
    rng = np.random.default_rng(1)
    lane = np.repeat(np.arange(30), 12)
    sites = np.tile(np.arange(1, 13), 30)
    offset = rng.normal(0, 0.0005, 13)
    counts = np.full(360, 200)
    means = (
        3.85
        + 0.01 * rng.standard_normal(30)[lane]
        + offset[sites]
        + 0.004 / np.sqrt(200) * rng.standard_normal(360)
    )
    found, count = site_to_site(means, counts, sites, lane.astype(np.int32), 0.004)
    assert count == 12
    assert found == pytest.approx(offset[1:].std(ddof=1), rel=0.1)
    flat, _ = site_to_site(means - offset[sites], counts, sites, lane.astype(np.int32), 0.004)
    assert flat < 0.00015
    assert site_to_site(means, counts, np.zeros(360, dtype=int), lane.astype(np.int32), 0.004) == (None, 0)


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        main([*arguments])
    return caught.value.code, capsys.readouterr().out


def test_all_passes_are_kept_and_make_the_gauge(tmp_path, capsys):
    """Every cell twice with 0.2 mV: 6 x 0.2 mV over 100 mV are 1.2 %."""
    rng = np.random.default_rng(2)
    design_file(tmp_path)
    lines = ["id,ocv/V"]
    for repeat in range(1, 5):
        for name in cells().names:
            true = 3.85 + 0.004 * rng.standard_normal()
            lines += [f"W{repeat}-{name},{true + 0.0002 * rng.standard_normal():.5f}" for _ in range(2)]
    (tmp_path / "twice.csv").write_text("\n".join(lines))
    run(capsys, "test", "read", str(tmp_path / "twice.csv"), "--design", str(tmp_path / "design.json"), "--out",
        str(tmp_path / "web"), "-q")  # fmt: skip
    rows = pq.read_table(tmp_path / "web/passes.parquet")
    assert rows.num_rows == 2 * 4 * cells().cells
    assert set(rows["number"].to_pylist()) == {1, 2}
    run(capsys, "bin", str(tmp_path / "web"), "-q", "--no-stdf")
    gauge = json.loads((tmp_path / "web/bins.json").read_text())["gauge"]
    assert gauge["grr"] == pytest.approx(0.012, rel=0.05)
    assert gauge["within"] is True
    assert gauge["cells_read_again"] == 4 * cells().cells


def test_the_synthetic_web_has_the_sites_that_its_truth_says(tmp_path, capsys):
    web = synthetic(tmp_path, repeats=60)
    _, out = run(capsys, "bin", str(web), "-q", "--no-stdf")
    gauge = json.loads((web / "bins.json").read_text())["gauge"]
    assert gauge["sites"] == 90
    assert gauge["site_to_site"] == pytest.approx(0.0005, rel=0.3)
    assert "GRR" in out
