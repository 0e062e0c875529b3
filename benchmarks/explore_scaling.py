"""Designs per second of `explore` on one core and two, memory of a large sweep, and the sizing model alone.

    python -m benchmarks.explore_scaling [POINTS]

Memory is that of the rows, front, plot and tables of POINTS questions (default 100 000), peak of this process.
"""

import resource
import sys
import time

import numpy as np

from layoutgen.explorer.plot import plot_svg
from layoutgen.explorer.run import pareto_front, run_sweep
from layoutgen.explorer.sweep import make_sweep
from layoutgen.explorer.tables import csv_bytes, json_bytes
from layoutgen.pdk.load import load_pdk
from layoutgen.sizing.capacity import rated_mah
from layoutgen.sizing.process import process_of
from layoutgen.sizing.stackup import bare_cell_wh_per_l, pitch_um
from layoutgen.sizing.yields import good_devices_per_cell

AXES = {"capacity": "5:50:2.5", "footprint": "8x10,10x12,12x12"}


def rate(jobs: int) -> float:
    sweep = make_sweep({}, AXES, {})
    started = time.perf_counter()
    run_sweep(sweep, jobs=jobs)
    return len(sweep) / (time.perf_counter() - started)


def sizing_rate(points: int = 2_000_000) -> float:
    process = process_of(load_pdk().pdk)
    layers = np.arange(points) % 100 + 1.0
    area = 0.2 + (np.arange(points) % 997) / 500
    swept = process.with_values(substrate_um=10.0 + np.arange(points) % 65)
    started = time.perf_counter()
    rated_mah(swept, layers, area, 0.99)
    good_devices_per_cell(swept, layers, area)
    pitch_um(swept)
    bare_cell_wh_per_l(swept, 0.875)
    return points / (time.perf_counter() - started)


def main() -> None:
    one, two = rate(1), rate(2)
    print(f"explore: {one:.1f} designs/s on one core, {two:.1f} on two: ratio {two / one:.2f}")
    print(f"sizing model: {sizing_rate() / 1e6:.1f} million points/s")
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    # a full box asks for one design each; its rows, repeated, are the table of a large sweep
    found = run_sweep(make_sweep({"footprint": "30x40"}, {"height": "0.3:2.3:0.01"}, {}))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = [dict(found[number % len(found)]) for number in range(points)]
    front = pareto_front(rows)
    files = (csv_bytes(rows), json_bytes(rows, {}), plot_svg(rows, front))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{points} points: rows, front, plot and tables ({sum(map(len, files)) / 2**20:.0f} MiB of files) take"
        f" {(after - before) / 1024:.0f} MiB more at the peak"
    )


if __name__ == "__main__":
    main()
