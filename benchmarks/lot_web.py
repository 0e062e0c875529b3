"""Binning a web against duckdb's own aggregate of the same file; STDF against Semi-ATE-STDF; memory by length.

    python -m benchmarks.lot_web [metres, default 1000] [--memory]

Needs duckdb; Semi-ATE-STDF is measured where it is installed. CPU of both sides, in one run, in turn, the best of
three. With --memory the peak of ``layoutgen bin`` of the web and of one ten times as long.
"""

import io
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from layoutgen.lot.binning import bin_web, write_stdf
from layoutgen.lot.folder import BINS_TABLE, open_web
from layoutgen.lot.kit import webtest_of
from layoutgen.lot.rules import Judge
from tests.lot.webs import cells, synthetic

AGGREGATE = """
select cell, {columns}, sum(case when ocv_100uv < 30000 then 1 else 0 end) from '{file}' group by cell order by cell
"""
COLUMN = "count({0}), avg({0}), stddev({0}), min({0}), max({0}), median({0})"
QUARTILES = "quantile_cont({0}, [0.25, 0.5, 0.75])"
ROBUST = f"select {QUARTILES.format('ocv_100uv')}, {QUARTILES.format('capacity_nah')} from '{{file}}'"


def cpu(action):
    start = time.process_time()
    action()
    return time.process_time() - start


def best(*actions):
    """The least CPU of each action, taken in turn."""
    rounds = [[cpu(action) for action in actions] for _ in range(3)]
    return [min(column) for column in zip(*rounds, strict=True)]


def aggregate(file):
    import duckdb

    columns = ", ".join(COLUMN.format(name) for name in ("ocv_100uv", "asr_mohm_cm2", "capacity_nah"))
    duckdb.sql(AGGREGATE.format(columns=columns, file=file)).fetchnumpy()
    duckdb.sql(ROBUST.format(file=file)).fetchall()


def bin_it(web, target):
    test = webtest_of(web.solution.loaded, None)
    return bin_web(web, Judge(test, web.map), target, lambda _: None)


def semi_ate(parts):
    """CPU of so many parts as the pure Python package writes them, or None where it is not installed."""
    try:
        from Semi_ATE.STDF import PIR, PRR, PTR
    except ImportError:
        return None
    file = io.BytesIO()

    def write():
        for number in range(parts):
            pir = PIR(version="V4", endian="<")
            pir.set_value("HEAD_NUM", 1)
            pir.set_value("SITE_NUM", 0)
            file.write(pir.__repr__())
            for test in (1, 2, 3):
                ptr = PTR(version="V4", endian="<")
                for field, value in (("TEST_NUM", test), ("HEAD_NUM", 1), ("SITE_NUM", 0), ("RESULT", 3.85)):
                    ptr.set_value(field, value)
                file.write(ptr.__repr__())
            prr = PRR(version="V4", endian="<")
            for field, value in (("HEAD_NUM", 1), ("SITE_NUM", 0), ("NUM_TEST", 3), ("HARD_BIN", 1),
                                 ("SOFT_BIN", 1),
                                 ("X_COORD", 1), ("Y_COORD", 1), ("PART_ID", str(number))):  # fmt: skip
                prr.set_value(field, value)
            file.write(prr.__repr__())

    return cpu(write) / parts


def peak_mib(folder):
    """Peak memory of the command, with its children's."""
    code = f"from layoutgen.cli import main; main(['bin', {str(folder)!r}, '-q', '--no-stdf'])"
    subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main():
    numbers = [text for text in sys.argv[1:] if not text.startswith("-")]
    metres = float(numbers[0]) if numbers else 1000.0
    repeats = int(metres * 1e6 / cells().length_um)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = synthetic(folder, repeats=repeats)
        web = open_web(path)
        table = path / "web.parquet"
        print(f"{repeats * cells().cells} cells, {metres:g} m; web.parquet {table.stat().st_size / 1e6:.1f} MB")
        looked, ours, theirs = best(
            lambda: bin_it(web, None), lambda: bin_it(web, folder / BINS_TABLE), lambda: aggregate(table)
        )
        print(f"read, bin, statistics of positions: {looked:.2f} s CPU; with bins.parquet written {ours:.2f} s")
        print(f"duckdb, count, mean, sigma, ends, median of 3 readings by position, quartiles: {theirs:.2f} s CPU")
        print(f"ratio {looked / theirs:.2f}, with bins.parquet {ours / theirs:.2f}")
        outcome = bin_it(web, folder / BINS_TABLE)
        spent = cpu(lambda: write_stdf(web, outcome, folder / BINS_TABLE, folder / "bins.stdf", lambda _: None))
        each = spent / (repeats * cells().cells)
        print(f"STDF: {1e6 * each:.3f} us CPU a cell, {(folder / 'bins.stdf').stat().st_size / 1e6:.0f} MB")
        other = semi_ate(3000)
        if other is not None:
            print(f"Semi-ATE-STDF: {1e6 * other:.1f} us CPU a cell, ratio {other / each:.0f}")
        if "--memory" in sys.argv:
            short = peak_mib(path)
            long = synthetic(folder, repeats=10 * repeats, name="long")
            print(f"peak memory: {short:.0f} MiB; ten times as long: {peak_mib(long):.0f} MiB")


if __name__ == "__main__":
    main()
