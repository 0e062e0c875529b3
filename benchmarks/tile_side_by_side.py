"""Our counts beside those of packingsolver, rectpack and OR-tools, with equal time for each.

    python -m benchmarks.tile_side_by_side --seconds 10            # print
    python -m benchmarks.tile_side_by_side --seconds 10 --write    # docs/tiling-side-by-side.md

Each tool gets the same frame and item (inflated integers) and the same wall time; tools that are not installed are
left out and named. packingsolver needs Python 3.12, so the whole is run with such an interpreter, into which
``numpy scipy shapely packingsolver rectpack ortools`` are installed. Every packing that comes back is checked
independently. Counts depend on how fast the machine is, since time is what is equal.
"""

import argparse
import importlib.metadata
import platform
import signal
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.tile_practical import KERF, MM, sizes
from tests.tile.checker import disjoint

TARGET = Path(__file__).resolve().parent.parent / "docs" / "tiling-side-by-side.md"
NAMED = [(300, 300, 8, 10), (300, 300, 5, 7.5), (150, 150, 8, 10), (1000, 600, 8, 10)]
HARD = [((74, 46), (7, 5)), ((74, 49), (11, 4)), ((32, 22), (5, 4)), ((61, 35), (10, 3))]
INTRODUCTION = """\
# Tiling, beside other packers

{seconds:g} s of wall time for each tool and instance, one after the other on a shared machine, {python}:
{versions}. Made by `python -m benchmarks.tile_side_by_side --seconds {seconds:g} --write`.
All may turn items, none is held to straight cuts. Every packing was checked by code that none of them shares.
Count, and the time until a tool ended by itself or was stopped; time beyond {seconds:g} s is of a tool that does
not look at its clock.

- **layoutgen** climbs its ladder at the effort `extreme` until the clock stops it; the last answer by then counts,
  with the time when it was found. The bound stands behind "of": no other arrangement holds more.
- **packingsolver** solves its rectangle problem with the knapsack objective, an anytime tree search that is not
  made for equal items; 0 is no packing in time.
- **rectpack** is one pass of a heuristic; the best of six algorithms counts.
- **OR-tools** is a solver, not a packer: CP-SAT, one worker, on the model that its documentation suggests (optional
  intervals, no overlap in two dimensions). Above 1500 items the model is not built.

Practical instances: cells in mm in a field, kerf 50 um; those after the named ones are drawn at random (3 to 25 mm,
seed 7). The last are pallet-loading instances from the literature, without kerf.

"""


def instances(number=6):
    """(title, frame, item): named fields, random practical cells in 150 x 150 mm, hard classes."""
    fields = [(a * MM, b * MM, round(c * MM), round(d * MM)) for a, b, c, d in NAMED]
    fields += [(150 * MM, 150 * MM, short, long) for long, short in sizes(number, 7)]
    found = [
        (f"{c / MM:g} x {d / MM:g} in {a // MM} x {b // MM} mm", (a + KERF, b + KERF), (c + KERF, d + KERF))
        for a, b, c, d in fields
    ]
    return found + [(f"({u}, {v}) in {w} x {h}", (w, h), (u, v)) for (w, h), (u, v) in HARD]


class OutOfTimeError(Exception):
    """The clock rang."""


@contextmanager
def clock(seconds):
    """Ends what runs inside after so many seconds, or as soon after as it comes back from a library."""

    def ring(_signal, _frame):
        raise OutOfTimeError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with suppress(OutOfTimeError):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def ours(frame, item, seconds):
    """The last answer that the ladder gives in time."""
    from layoutgen.tile.model import Effort
    from layoutgen.tile.pack.frame import improving

    start, best, found = time.perf_counter(), None, 0.0
    with clock(seconds):
        for packing in improving(frame, item, effort=Effort.EXTREME):
            best, found = packing, time.perf_counter() - start
    return best.count, f"{best.count} of {best.upper_bound}", found


def rectpack(frame, item, seconds):
    """Its best of all algorithms and orders that end in time."""
    import rectpack as library

    start, best = time.perf_counter(), 0
    most = frame[0] * frame[1] // (item[0] * item[1])
    for algorithm in (
        library.GuillotineBssfSas,
        library.GuillotineBlsfMaxas,
        library.MaxRectsBl,
        library.MaxRectsBssf,
        library.SkylineBl,
        library.SkylineMwfl,
    ):
        if time.perf_counter() - start > seconds:
            break
        packer = library.newPacker(rotation=True, pack_algo=algorithm, sort_algo=library.SORT_NONE)
        for _ in range(most):
            packer.add_rect(*item)
        packer.add_bin(*frame)
        packer.pack()
        boxes = [(x, y, x + w, y + h) for _, x, y, w, h, _ in packer.rect_list()]
        verify(boxes, frame, item)
        best = max(best, len(boxes))
    return best, str(best), time.perf_counter() - start


def ortools(frame, item, seconds):
    """CP-SAT on a two-dimensional no-overlap model with optional intervals: what its documentation suggests."""
    from ortools.sat.python import cp_model

    start = time.perf_counter()
    most = frame[0] * frame[1] // (item[0] * item[1])
    if most > 1500:
        return None, "model too large", 0.0
    model, used, across, along, corners = cp_model.CpModel(), [], [], [], []
    for k in range(most):
        here = model.new_bool_var(f"u{k}")
        turned = model.new_bool_var(f"t{k}")
        wide = model.new_int_var(min(item), max(item), "")
        high = model.new_int_var(min(item), max(item), "")
        for value, axis in ((turned, 1), (turned.negated(), 0)):
            model.add(wide == item[axis]).only_enforce_if(value)
            model.add(high == item[1 - axis]).only_enforce_if(value)
        x, y = (model.new_int_var(0, side, "") for side in frame)
        ends = [model.new_int_var(0, side, "") for side in frame]
        across.append(model.new_optional_interval_var(x, wide, ends[0], here, ""))
        along.append(model.new_optional_interval_var(y, high, ends[1], here, ""))
        used.append(here)
        corners.append((x, y, *ends))
        if k:
            model.add_implication(here, used[k - 1])
    model.add_no_overlap_2d(across, along)
    model.maximize(sum(used))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return 0, "0", time.perf_counter() - start
    boxes = [
        tuple(solver.value(corner) for corner in corners[k]) for k in range(most) if solver.boolean_value(used[k])
    ]
    verify(boxes, frame, item)
    return len(boxes), str(len(boxes)), time.perf_counter() - start


def packingsolver(frame, item, seconds):
    """Its rectangle solver with the knapsack objective."""
    from packingsolver import rectangle

    start = time.perf_counter()
    builder = rectangle.InstanceBuilder()
    builder.set_objective(rectangle.Objective.Knapsack)
    builder.add_bin_type(*frame)
    builder.add_item_type(*item, copies=frame[0] * frame[1] // (item[0] * item[1]))
    parameters = rectangle.OptimizeParameters()
    parameters.time_limit = seconds
    parameters.messages_to_stdout = False
    solution = rectangle.optimize(builder.build(), parameters).solution
    boxes = placed_by_packingsolver(solution, item)
    verify(boxes, frame, item)
    return len(boxes), str(len(boxes)), time.perf_counter() - start


def placed_by_packingsolver(solution, item):
    boxes = []
    for index in range(solution.number_of_different_bins()):
        for placed in solution.bin(index).items:
            w, h = item[::-1] if placed.rotate else item
            boxes.append((placed.x, placed.y, placed.x + w, placed.y + h))
    return boxes


def verify(boxes, frame, item):
    for x0, y0, x1, y1 in boxes:
        assert x0 >= 0 <= y0
        assert x1 <= frame[0]
        assert y1 <= frame[1]
        assert sorted((x1 - x0, y1 - y0)) == sorted(item)
    assert disjoint(boxes)


TOOLS = {"layoutgen": ours, "packingsolver": packingsolver, "rectpack": rectpack, "ortools": ortools}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--only", help="names of tools, with commas")
    parser.add_argument("--write", action="store_true", help=f"write docs/{TARGET.name}")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(TOOLS)
    lines = ["| instance | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    print("\n".join(lines))
    counts = {name: [] for name in names}
    for title, frame, item in instances():
        cells = []
        for name in names:
            count, text = attempt(name, frame, item, options.seconds)
            counts[name].append(count)
            cells.append(text)
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    best = [max(row) for row in zip(*counts.values(), strict=True)]
    reached = [sum(a == b for a, b in zip(found, best, strict=True)) for found in counts.values()]
    lines.append("| **best count of the row** | " + " | ".join(f"{n} of {len(best)}" for n in reached) + " |")
    print(lines[-1])
    if options.write:
        versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names if name != "layoutgen")
        head = INTRODUCTION.format(
            seconds=options.seconds, python=f"Python {platform.python_version()}", versions=versions
        )
        TARGET.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def attempt(name, frame, item, seconds):
    """The count that a tool reaches, 0 without one, and what stands in the table."""
    try:
        count, text, spent = TOOLS[name](frame, item, seconds)
    except ImportError:
        return 0, "not installed"
    return count or 0, f"{text} ({spent:.1f} s)" if spent else text


if __name__ == "__main__":
    main()
