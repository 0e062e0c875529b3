"""Stacks of 49 out of a kilometre of web, against numpy's argsort and a plain greedy of the same cells.

    python -m benchmarks.lot_stacks [cells, default 3 515 400]

CPU of all in one run, in turn, the best of three. The sums asked for are where all cells are needed and near the
limit of what they give (T of the mean 0.8803). The greedy sorts and gives the strongest cell left to the weakest
stack, for the count of stacks that the bound allows; where a stack falls short it takes one stack fewer, until
all reach the sum. Memory is the peak of what numpy holds at a time, for a tenth of the cells and for all.
"""

import sys
import time
import tracemalloc

import numpy as np

from layoutgen.lot.stacks.count import most_stacks, stack_up

SIZE = 49
MEAN, SIGMA = 0.8803, 0.03
TICKS = 10_000


def cells(count: int):
    return np.rint(TICKS * (MEAN + SIGMA * np.random.default_rng(7).standard_normal(count))).astype(np.int64)


def greedy(values, size: int, least: int):
    """Stacks of the strongest cells, each cell to the weakest stack that has room; as many as all reach the sum."""
    falling = np.sort(values)[::-1]
    most = most_stacks(values, size, least)
    low, high = 0, most
    while low < high:  # by halving: the greedy is no slower than it must be
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _dealt(falling, middle, size, least) else (low, middle - 1)
    return low


def _dealt(falling, count: int, size: int, least: int) -> bool:
    """Round after round, so that every stack gets one cell a round: the strongest to the weakest."""
    sums = np.zeros(count, dtype=np.int64)
    for turn in range(size):
        sums[np.argsort(sums, kind="stable")] += falling[turn * count : (turn + 1) * count]
    return bool((sums >= least).all())


def cpu(action):
    start = time.process_time()
    found = action()
    return time.process_time() - start, found


def best(actions):
    rounds = [[cpu(action) for action in actions] for _ in range(3)]
    return [min(column, key=lambda item: item[0]) for column in zip(*rounds, strict=True)]


def peak(count: int, least: int) -> float:
    values = cells(count)
    tracemalloc.start()
    stack_up(values, SIZE, least)
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held / count


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3_515_400
    values = cells(count)
    print(f"{count} cells in stacks of {SIZE}")
    heads = f"{'T':>7}{'bound':>8}{'made':>8}{'greedy':>8}{'stacks, s':>11}{'argsort, s':>12}"
    print(f"{heads}{'greedy, s':>11}{'ratio':>7}")
    for threshold in (0.80, 0.870, 0.880, 0.890, 0.900):
        least = round(SIZE * threshold * TICKS)
        (ours, found), (sort, _), (other, made) = best(
            [
                lambda least=least: stack_up(values, SIZE, least),
                lambda: np.argsort(values),
                lambda least=least: greedy(values, SIZE, least),
            ]
        )
        print(
            f"{threshold:>7.3f}{found.bound:>8}{found.made:>8}{made:>8}{ours:>11.2f}{sort:>12.2f}{other:>11.2f}"
            f"{ours / sort:>7.2f}"
        )
    least = round(SIZE * 0.870 * TICKS)
    print(f"bytes a cell at the peak: {peak(count // 10, least):.0f} for a tenth, {peak(count, least):.0f} for all")


if __name__ == "__main__":
    main()
