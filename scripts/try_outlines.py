"""Random cases of packed outlines, seeded, in pieces: bounds, hexagons in rationals, changed packings.

    python scripts/try_outlines.py bounds 0 1000     cases 0 to 999: no bound below a packing, every packing right
    python scripts/try_outlines.py hexagons 0 200    the least hexagon against the same search without rounding
    python scripts/try_outlines.py changed 0 1000    20 packings each with a cell moved, judged as by dense polygons

Prints what is wrong, then how many cases there were; exit code 1 where anything was.
"""

import math
import random
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import shapely
from shapely.affinity import translate

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from layoutgen.tile.model import Effort
from layoutgen.tile.outline.bounds import _convex, _Hexagons, outline_bound
from layoutgen.tile.outline.ladder import pack_outline
from tests.geometry.outlines import MM, fine, random_outline
from tests.tile.outline_checker import Checker, cells_of, check_packing, edges_of

_PARTS = 60
"""Chords that an arc is drawn with for dense polygons."""
_CHANGES = 20
"""Changes of each packing."""


def question(seed: int):
    """An outline, the distance to keep and the size of a field that holds a few."""
    source = random.Random(seed)
    outline = random_outline(seed, arcs=source.choice((0, 0.4, 1)), most=source.randint(3, 8))
    size = tuple(round(side * source.uniform(1.0, 4.5)) for side in outline.size)
    return source, outline, source.choice((0, 1, 50_000, 300_001)), size


def bounds(seed: int):
    """A bound is below no packing, and the packing keeps its distance inside the field."""
    _, outline, distance, size = question(seed)
    packing = pack_outline(outline, distance, size, effort=Effort.QUICK)
    try:
        check_packing(outline, packing, distance, size)
    except AssertionError as error:
        yield str(error)
    bound, name = outline_bound(outline, distance, size)
    if packing.count > bound:
        yield f"{packing.count} cells, {name} says {bound}"


def hexagons(seed: int):
    """The least hexagon of floats is that of rationals to a part of 1e-9, which the bound takes off."""
    source = random.Random(seed)
    angles = sorted(source.uniform(0, 2 * math.pi) for _ in range(source.randint(7, 11)))
    points = [(round(MM * 5 * math.cos(a)), round(MM * 3 * math.sin(a))) for a in angles]
    corners = _convex(np.array(points, dtype=np.float64))
    if len(corners) < 7:
        return
    exact = rational_hexagon([(int(x), int(y)) for x, y in corners.tolist()])
    found = _Hexagons(corners).least()
    if abs(found / float(exact) - 1) > 1e-9:
        yield f"{found!r}, in rationals {float(exact)!r}"


def rational_hexagon(points: list[tuple[int, int]]) -> Fraction:
    """The area of the least hexagon around a convex polygon, counter-clockwise, by the search of bounds.py."""
    n = len(points)
    p = [(Fraction(x), Fraction(y)) for x, y in points]
    along = [sub(p[(i + 1) % n], p[i]) for i in range(n)]

    def outside(a: int, step: int, *corners):
        way = [p[(a + 1) % n], *corners, *(p[(a + step - k) % n] for k in range(step))]
        return shoelace(way)

    joined = [[None] * (n + 1) for _ in range(n)]
    free = [[None] * (n + 1) for _ in range(n)]
    for a in range(n):
        joined[a][0] = Fraction(0)
        for step in range(1, n):
            b = (a + step) % n
            turn = cross(along[a], along[b])
            if turn <= 0:
                break
            part = cross(sub(p[b], p[a]), along[b]) / turn
            joined[a][step] = outside(a, step, add(p[a], along[a], part))
        for step in range(2, n):
            free[a][step] = least(touching(p, along, outside, a, step, (a + k) % n) for k in range(1, step + 1))
    twice = chained(joined, joined)
    chain = chained(twice, twice)
    best = least(
        None if chain[a][step] is None or closing is None else chain[a][step] + closing
        for a in range(n)
        for step in range(n)
        for closing in (least((free[(a + step) % n][n - step], twice[(a + step) % n][n - step])),)
    )
    return shoelace(p) + best


def touching(p, along, outside, a: int, step: int, k: int):
    """What a side adds between the lines along two edges that touches corner k with its middle; None: it cuts."""
    b = (a + step) % len(p)
    d, e, v = along[a], along[b], p[k]
    turn = cross(d, e)
    if turn == 0:
        return None
    w = sub(sub(add(v, v, 1), p[b]), p[a])
    first = add(p[a], d, cross(w, e) / turn)
    last = sub(add(v, v, 1), first)
    side = sub(last, first)
    if cross(along[k - 1], side) < 0 or cross(side, along[k]) < 0:
        return None
    if dot(sub(first, p[(a + 1) % len(p)]), d) < 0 or dot(sub(p[b], last), e) < 0:
        return None
    return outside(a, step, first, last)


def chained(first, second):
    """Least sums over the edge between; tables are by (edge, steps to the last edge), None where there is none."""
    n = len(first)
    return [
        [
            least(
                first[a][part] + second[(a + part) % n][step - part]
                for part in range(step + 1)
                if first[a][part] is not None and second[(a + part) % n][step - part] is not None
            )
            for step in range(n + 1)
        ]
        for a in range(n)
    ]


def least(values):
    """The least of those that are there; None where none is."""
    return min((value for value in values if value is not None), default=None)


def sub(a, b):
    return a[0] - b[0], a[1] - b[1]


def add(a, b, part):
    return a[0] + part * b[0], a[1] + part * b[1]


def cross(a, b):
    return a[0] * b[1] - a[1] * b[0]


def dot(a, b):
    return a[0] * b[0] + a[1] * b[1]


def shoelace(points):
    return sum(cross(a, b) for a, b in zip(points, [*points[1:], points[0]], strict=True)) / 2


def changed(seed: int):
    """A packing with a cell moved is right or wrong for the checker as it is for dense polygons."""
    source, outline, distance, size = question(seed)
    cells = cells_of(pack_outline(outline, distance, size, effort=Effort.QUICK).lattices)
    checker = Checker(edges_of(outline), distance)
    if not cells:
        return
    dense = {turn: shapely.Polygon(fine(outline.turned(turn).at_origin(), _PARTS)) for turn in (0, 90, 180, 270)}
    # a chord lies at most so far inside its arc
    slack = 2 * max((e.radius * (e.angle / _PARTS) ** 2 / 8 for e in outline.edges if e.is_arc), default=0) + 6
    field = shapely.box(0, 0, *size)
    for _ in range(_CHANGES):
        index, far = source.randrange(len(cells)), source.choice((1e3, 1e4, 1e5, 1e6, 5e6))
        turn, x, y = cells[index]
        moved = turn, x + round(source.uniform(-far, far)), y + round(source.uniform(-far, far))
        others = [cell for number, cell in enumerate(cells) if number != index]
        here = translate(dense[moved[0]], *moved[1:])
        gaps = [here.distance(translate(dense[turn], x, y)) - distance for turn, x, y in others]
        x0, y0, x1, y1 = here.bounds
        inside = min(x0, y0, size[0] - x1, size[1] - y1)
        # touching polygons of a distance of 0 are apart, overlapping ones are not: too close to call from here
        margins = [*gaps, inside]
        if min(map(abs, margins)) <= slack:
            continue
        right = min(margins) > 0 and field.contains(here)
        if (checker.first_fault([*others, moved], size) is None) != right:
            yield f"cell {cells[index]} at {moved}, dense polygons say {'right' if right else 'wrong'}"


def main() -> None:
    """Run the cases that are asked for."""
    kinds = {"bounds": bounds, "hexagons": hexagons, "changed": changed}
    if len(sys.argv) != 4 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    first, number = map(int, sys.argv[2:])
    wrong = 0
    for seed in range(first, first + number):
        for what in kinds[sys.argv[1]](seed):
            wrong += 1
            print(f"{sys.argv[1]} {seed}: {what}", flush=True)
    print(f"{sys.argv[1]} {first} to {first + number - 1}: {wrong} wrong")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
