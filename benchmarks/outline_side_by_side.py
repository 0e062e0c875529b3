"""Our counts of outlines beside those of packingsolver and spyrrow: one process each, every packing checked.

    python -m benchmarks.outline_side_by_side --seconds 60            # print
    python -m benchmarks.outline_side_by_side --seconds 60 --write    # docs/outline-side-by-side.md

packingsolver needs Python 3.12, so the whole is run with such an interpreter, into which
``numpy scipy shapely click ezdxf packingsolver spyrrow`` are installed; what is missing is left out and named.
Circles go to the peers as four arcs: packingsolver loses places of its own circles. spyrrow packs a strip as high
as the field with as many cells as we found; those that lie within the field count.
"""

import argparse
import importlib.metadata
import multiprocessing
import platform
import resource
import time
from pathlib import Path

from tests.geometry.outlines import MM, SEVEN, random_outline, shape
from tests.tile.outline_checker import Checker, cells_of, edges_of

TARGET = Path(__file__).resolve().parent.parent / "docs" / "outline-side-by-side.md"
KERF = 50_000
SLACK = 2_000
INTRODUCTION = """\
# Outlines, beside other packers

Cells in a field and the CPU seconds behind them, each tool in a process of its own, up to {seconds:g} s of its
clock, {python}, on a shared machine: {versions}. Made by `python -m benchmarks.outline_side_by_side --seconds
{seconds:g} --write`. Kerf 50 um, turns of 0, 90, 180 and 270 degrees. Every packing was checked by exact distances
of lines and arcs that none of the tools shares; 2 um less than the kerf pass, since peers compute in floating
point.

- **layoutgen** at its usual effort, `high`; it does not look at the clock. The bound stands behind "of".
- **packingsolver**, irregular, knapsack objective; arcs are given as arcs, circles as four; with arcs that
  turn inwards it came back empty, so such outlines are polygons within 10 um around them.
- **spyrrow** packs strips only: a strip as high as the field with as many cells as layoutgen found, the outline as
a polygon within 1 um around it; what lies within the field counts.

"""


def ours(outline, size, _seconds, _number):
    from layoutgen.tile.outline.ladder import pack_outline

    packing = pack_outline(outline, KERF, size)
    return cells_of(packing.lattices), f"{packing.count} of {packing.upper_bound}"


def four_arcs(outline):
    """The edges, half circles in two: (x0, y0, x1, y1, bulge)."""
    from math import atan, tan

    found = []
    for edge in outline.edges:
        if abs(edge.bulge) > 0.9:
            x, y = edge.at(0.5)
            half = tan(atan(edge.bulge) / 2)
            found += [(edge.x0, edge.y0, x, y, half), (x, y, edge.x1, edge.y1, half)]
        else:
            found.append((edge.x0, edge.y0, edge.x1, edge.y1, edge.bulge))
    return found


def packingsolver(outline, size, seconds, number):
    from packingsolver import irregular as solver

    elements = []
    cell = outline
    if any(edge.bulge < 0 for edge in outline.edges):
        from layoutgen.geometry.flatten import Side, flattened
        from layoutgen.geometry.outline import outline_of

        cell = outline_of(flattened(outline, 10_000, Side.OUTSIDE))
    for x0, y0, x1, y1, bulge in four_arcs(cell):
        start, end = solver.Point(x0 / MM, y0 / MM), solver.Point(x1 / MM, y1 / MM)
        if not bulge:
            elements.append(solver.build_line_segment(start, end))
            continue
        away = (1 - bulge**2) / (4 * bulge)
        centre = (x0 + x1) / 2 - (y1 - y0) * away, (y0 + y1) / 2 + (x1 - x0) * away
        way = (
            solver.ShapeElementOrientation.Anticlockwise if bulge > 0 else solver.ShapeElementOrientation.Clockwise
        )
        middle = solver.Point(centre[0] / MM, centre[1] / MM)
        elements.append(solver.ShapeElement(solver.ShapeElementType.CircularArc, start, end, middle, way))
    builder = solver.InstanceBuilder()
    builder.set_objective(solver.Objective.Knapsack)
    builder.add_bin_type(solver.build_rectangle(size[0] / MM, size[1] / MM))
    turns = [(float(turn), float(turn), False) for turn in outline.turns]
    builder.add_item_type(solver.Shape(elements), allowed_rotations=turns, copies=number)
    builder.set_item_item_minimum_spacing(KERF / MM)
    parameters = solver.OptimizeParameters()
    parameters.time_limit = seconds
    parameters.messages_to_stdout = False
    solution = solver.optimize(builder.build(), parameters).solution
    cells = []
    for index in range(solution.number_of_different_bins()):
        for placed in solution.bin(index).items:
            point, turn = placed.bl_corner, round(placed.angle) % 360
            x0, y0, *_ = cell.turned(turn).box
            cells.append((turn, round(point.x * MM) + x0, round(point.y * MM) + y0))
    return cells, str(len(cells))


def spyrrow(outline, size, seconds, number):
    import spyrrow as peer

    from layoutgen.geometry.flatten import Side, flattened

    corners = [(x / MM, y / MM) for x, y in flattened(outline, 1000, Side.OUTSIDE)]
    item = peer.Item("cell", corners, demand=number, allowed_orientations=[float(t) for t in outline.turns])
    instance = peer.StripPackingInstance("field", strip_height=size[1] / MM, items=[item])
    config = peer.StripPackingConfig(
        total_computation_time=round(seconds), min_items_separation=KERF / MM, num_workers=1, seed=1
    )
    solution = instance.solve(config)
    cells = []
    for placed in solution.placed_items:
        turn = round(placed.rotation) % 360
        x0, y0, *_ = outline.turned(turn).box
        x, y = (round(value * MM) for value in placed.translation)
        cell = turn, x + x0, y + y0
        if cell[1] + outline.turned(turn).size[0] <= size[0] + 1:
            cells.append(cell)
    return cells, str(len(cells))


TOOLS = {"layoutgen": ours, "packingsolver": packingsolver, "spyrrow": spyrrow}


def worker(name, outline, size, seconds, number, pipe):
    """One answer: what is said, count, CPU seconds, fault."""
    try:
        cells, said = TOOLS[name](outline, size, seconds, number)
    except Exception as error:
        pipe.send((f"{type(error).__name__}: {error}", 0, 0.0, None))
        return
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    fault = Checker(edges_of(outline), KERF - SLACK).first_fault(
        [(t, x, y) for t, x, y in cells], (size[0] + SLACK, size[1] + SLACK)
    )
    pipe.send((said, len(cells), used, fault))


def answer(name, outline, size, seconds, number):
    context = multiprocessing.get_context("spawn")
    near, far = context.Pipe(duplex=False)
    process = context.Process(target=worker, args=(name, outline, size, seconds, number, far))
    process.start()
    found = near.recv() if near.poll(seconds * 20 + 600) else ("no answer", 0, 0.0, None)
    process.join(10)
    if process.is_alive():
        process.kill()
    return found


def instances(fields, randoms):
    for side in fields:
        for name, text in SEVEN.items():
            yield f"{name} in {side} x {side}", shape(text), (side * MM, side * MM)
    for seed in range(randoms):
        outline = random_outline(9000 + seed)
        yield f"random {seed} in 100 x 100", outline, (100 * MM, 100 * MM)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", help="names of tools, with commas")
    parser.add_argument("--fields", default="150,300", help="sides of square fields, mm")
    parser.add_argument("--random", type=int, default=20, help="random outlines")
    parser.add_argument("--write", action="store_true", help=f"write docs/{TARGET.name}")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(TOOLS)
    lines = ["| outline | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    print("\n".join(lines), flush=True)
    fields = [int(side) for side in options.fields.split(",") if side]
    for title, outline, size in instances(fields, options.random):
        row, number = [], round(size[0] * size[1] / outline.area) + 1
        for name in names:
            said, count, used, fault = answer(name, outline, size, options.seconds, number)
            if name == "layoutgen" and count:
                number = count if "spyrrow" in names and len(names) == 2 else number
            row.append(f"{said} ({used:.1f} s)" + (f" **refused: {fault}**" if fault else ""))
        lines.append(f"| {title} | " + " | ".join(row) + " |")
        print(lines[-1], flush=True)
    if options.write:
        versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names if name != "layoutgen")
        head = INTRODUCTION.format(
            seconds=options.seconds, python=f"Python {platform.python_version()}", versions=versions
        )
        TARGET.write_text(head + "\n".join(lines) + "\n")


if __name__ == "__main__":
    start = time.perf_counter()
    main()
    print(f"{time.perf_counter() - start:.0f} s")
