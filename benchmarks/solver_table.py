"""Naive against joint: 50 questions over the technology's range.

    python -m benchmarks.solver_table            # print, with times
    python -m benchmarks.solver_table --write    # docs/joint-optimum.md, without times

Naive fills the footprint, counts the layers and takes the better plain grid in equal fields; joint chooses
layers, cell and web together. Bound: no design of the search space could give more good devices for each square
metre of web, however its cells were arranged.
"""

import statistics
import sys
import time
from pathlib import Path

from layoutgen.errors import DoesNotFit
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec

TARGET = Path(__file__).resolve().parent.parent / "docs" / "joint-optimum.md"
CAPACITIES = (1, 2, 5, 10, 20, 35, 50, 75, 100)
FOOTPRINTS = ("3x4", "4x6", "5x5", "6x8", "8x10", "10x12", "12x15", "15x20", "20x25", "30x40")
HEAD = """\
| question | naive | good/m2 | joint | good/m2 | gain | bound/m2 | to bound |
|---|---|--:|---|--:|--:|--:|--:|
"""
INTRODUCTION = """\
# The joint optimum against the naive choice

50 questions over the technology's range, process `anodeless-ss`, objective web. Naive fills the footprint, counts
the layers and takes the better plain grid in equal fields; joint chooses layers, cell dimensions and the
arrangement on the web together: the best itself, not the lowest design within 0.1 % of it, which `layoutgen design`
takes. Layers x cell length x width in mm; good devices for each square metre of web.
Made by `python -m benchmarks.solver_table --write`.

Mean gain **{mean:.1f} %**, median {median:.1f} % (smallest {least:.2f} %, largest {most:.1f} %). The large gains
are questions with much more footprint than the charge needs, where filling it is the wrong idea; over the
{tight} questions whose naive stack is at least ten layers the mean gain is {tight_mean:.2f} %. Mean distance to
the bound {gap:.3f} %, largest {worst_gap:.3f} %.

"""


def questions() -> list[tuple[float, str]]:
    """The first 50 that fit, spread over both lists."""
    return [
        (mah, FOOTPRINTS[(i + j) % len(FOOTPRINTS)])
        for j in range(len(FOOTPRINTS))
        for i, mah in enumerate(CAPACITIES)
    ]


def cell(layers: int, length_mm: float, width_mm: float) -> str:
    return f"{layers} x {length_mm:.2f} x {width_mm:.2f}"


def main() -> None:
    rows, gains, gaps, tight, seconds = [], [], [], [], []
    for capacity, footprint in questions():
        started = time.process_time()
        try:
            solution = solve(
                build_spec({"capacity": capacity, "footprint": footprint, "indifference_percent": 0}, {})
            )
        except DoesNotFit:
            continue
        seconds.append((time.process_time() - started, capacity, footprint))
        naive, device = solution.naive, solution.device
        good, gap = solution.good_devices_per_m2, solution.search.gap_percent
        gain = (good / naive.devices_per_m2_good - 1) * 100
        gains.append(gain)
        gaps.append(gap)
        if naive.layers >= 10:
            tight.append(gain)
        columns = [
            f"{capacity} mAh, {footprint} mm",
            cell(naive.layers, *naive.cell_mm),
            f"{naive.devices_per_m2_good:.2f}",
            cell(device.layers, device.cell_length_um / 1000, device.cell_width_um / 1000),
            f"{good:.2f}",
            f"{gain:+.2f} %",
            f"{good * (1 + gap / 100):.2f}",
            f"{gap:.3f} %",
        ]
        rows.append(f"| {' | '.join(columns)} |")
        if len(rows) == 50:
            break
    text = INTRODUCTION.format(
        mean=statistics.mean(gains),
        median=statistics.median(gains),
        least=min(gains),
        most=max(gains),
        tight=len(tight),
        tight_mean=statistics.mean(tight),
        gap=statistics.mean(gaps),
        worst_gap=max(gaps),
    )
    text += HEAD + "\n".join(rows) + "\n"
    print(text)
    worst, capacity, footprint = max(seconds)
    median = statistics.median(item[0] for item in seconds)
    print(f"CPU: median {median:.2f} s, worst {worst:.2f} s ({capacity} mAh, {footprint})")
    if "--write" in sys.argv:
        TARGET.write_text(text)


if __name__ == "__main__":
    main()
