"""Large frames at effort `high`: random sizes in 600 x 600 and 1000 x 600 mm, and the sizes that were asked for.

    python -m benchmarks.tile_large [SIZES]

Frames hold cells and the kerfs between them, 0.05 mm. The gap is to the tiler's bound, which nothing may reach.
"""

import random
import sys
import time

from layoutgen.tile.model import Effort, Packing
from layoutgen.tile.pack.frame import pack

KERF_UM = 50
FRAMES_MM = ((600, 600), (1000, 600))
ASKED = (
    ((600, 600), (7.8, 7.7), 5908), ((600, 600), (15.3, 5.0), 4641), ((600, 600), (15.9, 3.9), 5700),
    ((600, 600), (13.0, 4.4), 6196), ((600, 600), (10.8, 10.5), 3136), ((1000, 600), (10.8, 10.5), 5235),
    ((1000, 600), (13.0, 4.4), 10329), ((1000, 600), (8.0, 10.0), 7405),
)  # fmt: skip


def packed(frame_mm: tuple[int, int], cell_mm: tuple[float, float]) -> tuple[Packing, float]:
    """The packing, and its seconds of CPU."""
    frame, item = (tuple(round(side * 1000) + KERF_UM for side in sides) for sides in (frame_mm, cell_mm))
    start = time.process_time()
    return pack((frame[0], frame[1]), (item[0], item[1]), effort=Effort.HIGH), time.process_time() - start


def main() -> None:
    for frame, cell, wanted in ASKED:
        found, seconds = packed(frame, cell)
        print(f"{cell[0]} x {cell[1]} in {frame[0]} x {frame[1]}: {found.count}, asked {wanted}, bound "
              f"{found.upper_bound}; {seconds:.1f} s, {found.method}", flush=True)  # fmt: skip
    sizes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for frame in FRAMES_MM:
        dice = random.Random(23)
        gaps, missing, slowest = [], [], 0.0
        for _ in range(sizes):
            cell = dice.randint(30, 250) / 10, dice.randint(30, 250) / 10
            found, seconds = packed(frame, cell)
            gaps.append(found.gap_percent)
            missing.append(found.upper_bound - found.count)
            slowest = max(slowest, seconds)
        print(f"{frame[0]} x {frame[1]} mm, {sizes} sizes of 3 to 25 mm: mean gap {sum(gaps) / sizes:.4f} %, "
              f"{sum(lost > 2 for lost in missing)} more than 2 cells from the bound, at most {max(missing)}; "
              f"slowest {slowest:.1f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
