"""Read bins.stdf of a binned web with pystdf, and compare every cell with its row of the tables.

    python scripts/read_stdf_back.py WEB

For webs of any length: a repeat is held at a time. 1 km takes about half an hour.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from pystdf.IO import Parser

from layoutgen.lot.folder import open_web

TESTS = (("ocv", "ocv_100uv", 1e-4), ("asr", "asr_mohm_cm2", 1e-3), ("capacity", "capacity_nah", 1e-6))


class Sink:
    """Takes the records of pystdf, and compares each repeat as it ends."""

    def __init__(self, web: Path) -> None:
        opened = open_web(web)
        self.map, self.repeats, self.cells = opened.map, 0, 0
        self.highest = np.zeros(2, dtype=int)
        self._bins = _rows(web / "bins.parquet", ["bin"], self.map.cells)
        self._read = _rows(web / "web.parquet", [name for _, name, _ in TESTS], self.map.cells)
        self._wafer, self._parts, self._results = "", [], []

    def before_send(self, *_) -> None: ...
    def after_begin(self, *_) -> None: ...
    def after_complete(self, *_) -> None: ...

    def after_send(self, _, data) -> None:
        kind, fields = data
        name = type(kind).__name__
        if name == "Ptr":
            self._results.append((fields[3], fields[5]))
        elif name == "Prr":
            self._parts.append(fields)
        elif name == "Wir":
            self._wafer, self._parts, self._results = fields[3], [], []
        elif name == "Wrr":
            self._compare()

    def _compare(self) -> None:
        bins, read = next(self._bins)["bin"], next(self._read)
        assert len(self._parts) == self.map.cells, self._wafer
        for cell, part in enumerate(self._parts):
            assert part[10] == f"{self._wafer}-{self.map.names[cell]}", part
            assert (int(part[9]), part[4], part[5]) == (cell, bins[cell], bins[cell]), part
            assert (part[6], part[7]) == (self.map.lane[cell] + 1, self.map.rank[cell] + 1), part
            self.highest = np.maximum(self.highest, part[6:8])
        flags, values = np.array(self._results, dtype=float).reshape(self.map.cells, len(TESTS), 2).T
        for number, (_, name, tick) in enumerate(TESTS):
            there = ~np.isnan(read[name])
            assert np.array_equal(flags[number] == 0, there), (self._wafer, name)
            wanted = np.float32(read[name][there] * tick)
            assert np.allclose(values[number][there], wanted, rtol=1e-6, atol=1e-9), (self._wafer, name)
        self.repeats, self.cells = self.repeats + 1, self.cells + self.map.cells


def _rows(path, columns, cells):
    """The columns of each repeat, missing as NaN."""
    for batch in pq.ParquetFile(path).iter_batches(batch_size=cells, columns=columns):
        yield {name: batch.column(name).to_numpy(zero_copy_only=False) for name in columns}


def main() -> None:
    web = Path(sys.argv[1])
    sink = Sink(web)
    with (web / "bins.stdf").open("rb") as file:
        parser = Parser(inp=file)
        parser.addSink(sink)
        parser.parse()
    rows = pq.ParquetFile(web / "web.parquet").metadata.num_rows
    print(f"{sink.cells} of {rows} cells read back in {sink.repeats} repeats, all as in the tables")
    print(f"highest coordinates {sink.highest.tolist()}, of at most 32767")
    sys.exit(sink.cells != rows)


if __name__ == "__main__":
    main()
