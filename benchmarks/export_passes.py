"""Idle travel of laser passes beside a search with far more restarts, for webs of different cells.

Run: python -m benchmarks.export_passes [seconds of search for each web, default 10]
"""

import sys
import time

import numpy as np

from layoutgen.export import passes
from layoutgen.layout.build import build_layout
from layoutgen.layout.dbu import plan_dbu_nm, to_dbu, web_frame
from layoutgen.pdk.load import load_pdk
from layoutgen.tile.webplan.repeat import plan_web

CELLS_UM = ((8000, 10000), (14770, 3880), (3000, 2500), (9990, 6340), (24000, 31000))


def longest_search(tour, seconds):
    """Random restarts of the same local search until the time is over; the best idle travel."""
    random = np.random.default_rng(1)
    best, least = tour, passes.idle_travel(tour)
    end = time.process_time() + seconds
    while time.process_time() < end:
        i, j, k = sorted(random.integers(0, len(tour) + 1, 3))
        found = passes._improved(np.concatenate([best[:i], best[j:k], best[i:j], best[k:]]))
        if passes.idle_travel(found) <= least:
            best, least = found, passes.idle_travel(found)
    return least


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    loaded = load_pdk()
    template = loaded.template.bind(loaded.pdk)
    print(f"{'cell um':>14}{'lines':>7}{'s':>6}{'idle mm':>10}{'serpentine':>12}{'nearest':>9}{'long search':>13}")
    for cell in CELLS_UM:
        dbu_nm = plan_dbu_nm(loaded.pdk, cell)
        size = tuple(to_dbu(value, dbu_nm, "cell") for value in cell)
        plan = plan_web(web_frame(loaded.pdk, dbu_nm), size)
        layout = build_layout(loaded, template, cell, plan, "mb-bench", dbu_nm=dbu_nm)
        group = passes.lines_by_field(layout, "CUT_CENTER")[-1]
        start = time.process_time()
        tour = np.array([[*a, *b] for a, b in passes.ordered(group)], dtype=float)
        spent, idle = time.process_time() - start, passes.idle_travel(tour)
        others = [passes.idle_travel(build(group)) for build in (passes._serpentine, passes._nearest)]
        others.append(longest_search(tour, seconds))
        ratios = "".join(f"{idle / other:>{width}.3f}" for other, width in zip(others, (12, 9, 13), strict=True))
        print(f"{cell[0]:>8}x{cell[1]:<5}{len(group):>7}{spent:>6.2f}{idle * dbu_nm * 1e-6:>10.1f}{ratios}")


if __name__ == "__main__":
    main()
