"""Pallet-loading families: Cover I, II and III and the known hard instances, each packing checked independently.

    python -m benchmarks.tile_cover known            # benchmarks/data/mplp_known.csv, highest effort
    python -m benchmarks.tile_cover cover1           # benchmarks/data/cover1.csv
    python -m benchmarks.tile_cover cover2 --sample 2000
    python -m benchmarks.tile_cover cover3 --sample 200 --seed 7
    python -m benchmarks.tile_cover cover1 --generate --sample 500

Prints one line for each instance that is not proved optimal (or misses a known count), and a summary.

The generator makes one instance of each equivalence class (Dowsland 1984; Scheithauer & Terno 1996): frames L x W
with L <= 2 W and items l x w with l <= 4 w, grouped by which sums ``i l + j w`` fit into L and into W, since
packings depend on nothing else. The smallest l that shows a class stands for it. Cover I has area ratios below 51,
Cover II from 51 to below 101, Cover III from 101 to below 151. Item sides are tried up to a size beyond which few
or no classes are new: the third number of a family.
"""

import argparse
import csv
import random
import sys
import time
from math import gcd
from multiprocessing import Pool
from pathlib import Path

from layoutgen.tile.model import Effort
from layoutgen.tile.pack.frame import pack

DATA = Path(__file__).parent / "data"
FAMILIES = {"cover1": (1, 51, 60), "cover2": (51, 101, 100), "cover3": (101, 151, 130)}


def classes(least, below, largest):
    """Instances (L, W, l, w), one for each class with an item side of at most ``largest``."""
    seen = {}
    for length in range(1, largest + 1):
        for width in range(max(1, -(-length // 4)), length + 1):
            if gcd(length, width) == 1:
                _add_classes(seen, length, width, least, below)
    return sorted(seen.values())


def _add_classes(seen, length, width, least, below):
    area = length * width
    longest = int((2 * below * area) ** 0.5) + 1
    points = sorted(
        {
            a * length + b * width
            for a in range(longest // length + 1)
            for b in range((longest - a * length) // width + 1)
        }
        - {0}
    )
    kind = {point: tuple((point - i * length) // width for i in range(point // length + 1)) for point in points}
    for short in points:
        for long in points:
            if long < short:
                continue
            if long > 2 * short or long * short >= below * area:
                break
            if long * short >= least * area:
                seen.setdefault((kind[long], kind[short]), (long, short, length, width))


def solve(job):
    (long, short, length, width), effort = job
    start = time.process_time()
    packing = pack((long, short), (length, width), effort=effort)
    spent = time.process_time() - start
    return (long, short, length, width), packing.count, packing.upper_bound, packing.method, packing.proof, spent


def known(name):
    with (DATA / name).open(newline="") as file:
        for row in csv.DictReader(file):
            best = int(row.get("best") or row["best_or_opt"])
            yield tuple(int(row[key]) for key in ("L", "W", "l", "w")), best


def sample(instances, number, seed):
    """``number`` of the instances in their order: evenly spread, or drawn at random where there is a seed."""
    total = len(instances)
    if number >= total:
        return instances
    if seed is None:
        return [instances[k * total // number] for k in range(number)]
    return [instances[k] for k in sorted(random.Random(seed).sample(range(total), number))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=["known", *FAMILIES])
    parser.add_argument("--sample", type=int, help="that many instances, evenly spread")
    parser.add_argument("--seed", type=int, help="draw the sample at random, the same for the same number")
    parser.add_argument("--generate", action="store_true", help="generate cover1 instead of reading the file")
    parser.add_argument("--effort", default=None, choices=[effort.name.lower() for effort in Effort])
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    best = {}
    if options.family == "known":
        best = dict(known("mplp_known.csv"))
    elif options.family == "cover1" and not options.generate:
        best = dict(known("cover1.csv"))
    instances = list(best) or classes(*FAMILIES[options.family])
    total = len(instances)
    instances = sample(instances, options.sample or total, options.seed)
    effort = Effort[(options.effort or ("extreme" if options.family == "known" else "high")).upper()]
    report(instances, total, best, effort, options.jobs)


def report(instances, total, best, effort, jobs):
    start = time.perf_counter()
    with Pool(jobs) as pool:
        results = pool.imap(solve, [(instance, effort) for instance in instances], chunksize=4)
        proved = reached = 0
        slowest, methods, proofs = 0.0, {}, {}
        for instance, count, bound, method, proof, spent in results:
            proved += count == bound
            reached += count >= best.get(instance, 0)
            slowest = max(slowest, spent)
            methods[method] = methods.get(method, 0) + 1
            proofs[proof or "open"] = proofs.get(proof or "open", 0) + 1
            if bound < best.get(instance, 0) or count > bound:
                sys.exit(f"bound {bound} below a packing of {max(count, best[instance])}: {instance}")
            if count < bound or count < best.get(instance, 0):
                note = f", known {best[instance]}" if instance in best else ""
                print(f"{instance}: {count} of at most {bound}{note} ({method}, {spent:.1f} s)", flush=True)
    spent = time.perf_counter() - start
    count = len(instances)
    print(f"{count} of {total} instances, effort {effort.name.lower()}, {jobs} process(es): {spent:.1f} s")
    print(f"slowest instance: {slowest:.1f} s")
    print(f"proved optimal: {proved} ({100 * proved / count:.2f} %)")
    if best:
        print(f"known counts reached: {reached} of {count}")
    for title, counts in (("found by", methods), ("proved by", proofs)):
        print(f"{title}: " + ", ".join(f"{name} {n}" for name, n in sorted(counts.items(), key=lambda e: -e[1])))


if __name__ == "__main__":
    main()
