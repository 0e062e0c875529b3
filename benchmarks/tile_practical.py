"""Practical fields: random cell sizes of 3-25 mm in steps of 0.1 mm, kerf 50 um, in 150 x 150 and 300 x 300 mm.

    python -m benchmarks.tile_practical --sizes 200 --efforts standard,high
    python -m benchmarks.tile_practical --named

Prints, for each field and effort, the gap to the bound (mean, worst), how many packings are proved optimal and the
CPU time; then every size whose gap is more than one cell or more than 0.5 %.
"""

import argparse
import random
import time

from layoutgen.tile.model import Effort
from layoutgen.tile.pack.frame import pack

UM = 1
MM = 1000
KERF = 50 * UM
NAMED = [
    ((300 * MM, 300 * MM), (8 * MM, 10 * MM), "standard"),
    ((300 * MM, 300 * MM), (8 * MM, 10 * MM), "high"),
    ((300 * MM, 300 * MM), (5 * MM, 7500 * UM), "standard"),
    ((300 * MM, 300 * MM), (5 * MM, 7500 * UM), "high"),
    ((1000 * MM, 600 * MM), (8 * MM, 10 * MM), "standard"),
    ((1000 * MM, 600 * MM), (8 * MM, 10 * MM), "high"),
    ((150 * MM, 150 * MM), (8 * MM, 10 * MM), "high"),
]


def sizes(number, seed):
    """Different cell sizes, longer side first."""
    chance = random.Random(seed)
    found = {}
    while len(found) < number:
        a, b = sorted((chance.randrange(30, 251), chance.randrange(30, 251)), reverse=True)
        if a != b:
            found[a * MM // 10, b * MM // 10] = None
    return list(found)


def timed(field, cell, effort):
    start = time.process_time()
    packing = pack((field[0] + KERF, field[1] + KERF), (cell[0] + KERF, cell[1] + KERF), effort=effort)
    spent = time.process_time() - start
    return packing, spent


def sweep(field, cells, effort):
    results = [(cell, *timed(field, cell, effort)) for cell in cells]
    gaps = [packing.gap_percent for _, packing, _ in results]
    spent = [seconds for _, _, seconds in results]
    over = [
        (cell, packing)
        for cell, packing, _ in results
        if packing.upper_bound - packing.count > 1 and packing.gap_percent > 1.5
    ]
    proved = sum(packing.proved_optimal for _, packing, _ in results)
    worst = max(packing.upper_bound - packing.count for _, packing, _ in results)
    print(
        f"| {field[0] // MM} x {field[1] // MM} | {effort.name.lower()} | {sum(gaps) / len(gaps):.3f} % "
        f"| {max(gaps):.2f} % | {worst} | {proved} of {len(cells)} | {len(over)} "
        f"| {1000 * sum(spent) / len(spent):.0f} ms | {max(spent):.1f} s |",
        flush=True,
    )
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--efforts", default="standard,high")
    parser.add_argument("--fields", default="150,300", help="sides of square fields in mm")
    parser.add_argument("--named", action="store_true", help="the named instances only")
    options = parser.parse_args()
    if options.named:
        named()
        return
    cells = sizes(options.sizes, options.seed)
    print("| field, mm | effort | mean gap | worst gap | worst, cells | proved | over both | mean | worst |")
    print("|---|---|---|---|---|---|---|---|---|")
    last = {}
    for side in options.fields.split(","):
        for name in options.efforts.split(","):
            field = int(side) * MM, int(side) * MM
            last[field] = sweep(field, cells, Effort[name.upper()])
    for field, results in last.items():
        for cell, packing, seconds in sorted(results, key=lambda entry: -entry[1].gap_percent):
            if packing.upper_bound - packing.count > 1 or packing.gap_percent > 0.5:
                print(
                    f"{cell[0] / MM:g} x {cell[1] / MM:g} in {field[0] // MM}: {packing.count} of at most "
                    f"{packing.upper_bound}, {packing.method}, {seconds:.1f} s"
                )


def named():
    print("| field, mm | cell, mm | effort | cells | bound | proof | method | time |")
    print("|---|---|---|---|---|---|---|---|")
    for field, cell, effort in NAMED:
        packing, seconds = timed(field, cell, Effort[effort.upper()])
        print(
            f"| {field[0] // MM} x {field[1] // MM} | {cell[0] / MM:g} x {cell[1] / MM:g} | {effort} "
            f"| {packing.count} | {packing.upper_bound} | {packing.proof or 'open'} | {packing.method} "
            f"| {seconds:.2f} s |",
            flush=True,
        )


if __name__ == "__main__":
    main()
