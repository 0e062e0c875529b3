"""Our counts beside those of packingsolver, rectpack and OR-tools, with equal time for each.

    python -m benchmarks.tile_side_by_side --seconds 20

Each tool gets the same frame and item (inflated integers) and the same wall time; tools that are not installed are
left out and named. packingsolver needs Python 3.12: run this script with such an interpreter, too, with
``--only packingsolver``, and join the columns. Every packing that comes back is checked independently.
"""

import argparse
import time

from tests.tile.checker import disjoint

INSTANCES = [
    ("8 x 10 in 300 x 300 mm", (300_050, 300_050), (8_050, 10_050)),
    ("5 x 7.5 in 300 x 300 mm", (300_050, 300_050), (5_050, 7_550)),
    ("8 x 10 in 150 x 150 mm", (150_050, 150_050), (8_050, 10_050)),
    ("12.5 x 16.9 in 150 x 150 mm", (150_050, 150_050), (12_550, 16_950)),
    ("7.2 x 13.6 in 150 x 150 mm", (150_050, 150_050), (7_250, 13_650)),
    ("22 x 24.5 in 150 x 150 mm", (150_050, 150_050), (22_050, 24_550)),
    ("8 x 10 in 1000 x 600 mm", (1_000_050, 600_050), (8_050, 10_050)),
    ("(7, 5) in 74 x 46", (74, 46), (7, 5)),
    ("(11, 4) in 74 x 49", (74, 49), (11, 4)),
    ("(5, 4) in 32 x 22", (32, 22), (5, 4)),
]


def ours(frame, item, seconds):
    """The highest effort that ends in time; the efforts are steps of work, not of time."""
    from layoutgen.tile.model import Effort
    from layoutgen.tile.pack import pack
    from tests.tile.checker import check_packing

    best, spent = None, 0.0
    for effort in (Effort.STANDARD, Effort.HIGH, Effort.EXTREME):
        start = time.perf_counter()
        packing = pack(frame, item, effort=effort)
        took = time.perf_counter() - start
        check_packing(packing)
        if best is not None and spent + took > seconds:
            break
        spent += took
        if best is None or packing.count > best.count or packing.upper_bound < best.upper_bound:
            best = packing
        if packing.proved_optimal:
            break
    return best.count, f"{best.count} of {best.upper_bound}", spent


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
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--only", help="names of tools, with commas")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(TOOLS)
    print(f"| instance ({options.seconds:g} s each) | " + " | ".join(names) + " |")
    print("|---|" + "---|" * len(names))
    for title, frame, item in INSTANCES:
        cells = []
        for name in names:
            try:
                _, text, spent = TOOLS[name](frame, item, options.seconds)
                cells.append(f"{text} ({spent:.1f} s)" if spent else text)
            except ImportError:
                cells.append("not installed")
        print(f"| {title} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
