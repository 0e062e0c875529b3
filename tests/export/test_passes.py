"""Laser passes: every line once, nothing twice, and little travel between them."""

import csv
import io
import math
from itertools import pairwise, permutations, product

import klayout.db as kdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.export.gds import gds_bytes
from layoutgen.export.passes import idle_travel, lines_by_field, ordered, passes_csv
from layoutgen.layout.model import Layout, LayoutCell, Path, Placement, Polygon
from tests.export.oracle import edges, read
from tests.layout.designs import CASES, sample

SEGMENTS = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)).filter(
    lambda s: s[:2] != s[2:]
)


def shortest(segments):
    """The least idle travel over every order and every direction."""
    best = math.inf
    for order in permutations(segments):
        for flips in product((False, True), repeat=len(order)):
            tour = [s[::-1] if flip else s for s, flip in zip(order, flips, strict=True)]
            best = min(best, sum(math.dist(a[1], b[0]) for a, b in pairwise(tour)))
    return best


@settings(max_examples=40, deadline=None)
@given(st.lists(SEGMENTS, min_size=2, max_size=4))
def test_passes_are_within_five_percent_of_the_shortest(lines):
    segments = [((a, b), (c, d)) for a, b, c, d in lines]
    tour = ordered(segments)
    assert sorted(sorted(s) for s in tour) == sorted(sorted(s) for s in segments)
    idle = idle_travel(np.array([[*a, *b] for a, b in tour], dtype=float))
    assert idle <= 1.05 * shortest(segments) + 1e-9


def test_passes_hold_every_line_once_field_by_field():
    made = sample("default")
    rows = list(csv.DictReader(io.StringIO(passes_csv(made.layout, "CUT_CENTER").decode())))
    groups = lines_by_field(made.layout, "CUT_CENTER")
    assert [len(group) for group in groups] == [sum(row["field"] == str(n) for row in rows) for n in (1, 2)]
    assert [int(row["pass"]) for row in rows] == list(range(1, len(rows) + 1))
    place = None
    for row in rows:
        start = float(row["x0_mm"]), float(row["y0_mm"])
        if place and place[0] == row["field"]:
            assert float(row["idle_before_mm"]) == pytest.approx(math.dist(place[1], start), abs=1e-6)
        else:
            assert row["idle_before_mm"] == "", "nobody knows where the beam comes from"
        place = row["field"], (float(row["x1_mm"]), float(row["y1_mm"]))


COORDINATES = st.integers(-6, 6)
POINTS = st.tuples(COORDINATES, COORDINATES)
LINES = st.lists(st.lists(POINTS, min_size=2, max_size=4), min_size=0, max_size=12)


def steps(points):
    """A line of straight pieces in its smallest steps from grid point to grid point, each without direction."""
    found = []
    for (x0, y0), (x1, y1) in pairwise(points):
        count = math.gcd(x1 - x0, y1 - y0)
        spots = (
            [(x0 + (x1 - x0) * n // count, y0 + (y1 - y0) * n // count) for n in range(count + 1)] if count else []
        )
        found += [frozenset(pair) for pair in pairwise(spots)]
    return found


def drawn(lines, fields=(), placements=((0, 0),)):
    paths = tuple(Path("CUT_CENTER", 0, tuple(points)) for points in lines)
    top = LayoutCell("A", tuple(fields), (), tuple(Placement("LINES", origin) for origin in placements))
    return Layout(1000, (LayoutCell("LINES", (), paths), top), "A")


@settings(max_examples=150, deadline=None)
@given(LINES, POINTS)
def test_all_lines_are_cut_and_none_twice(lines, shift):
    """Whatever is drawn: duplicates, turned duplicates, overlaps, slanted lines, lines without length."""
    (passes,) = lines_by_field(drawn(lines, placements=((0, 0), shift)), "CUT_CENTER")
    assert all(start != end for start, end in passes), "a pass without length"
    found = [step for line in passes for step in steps(line)]
    moved = [[(x + shift[0], y + shift[1]) for x, y in points] for points in lines]
    assert len(found) == len(set(found)), "a stretch is cut twice"
    assert set(found) == {step for points in [*lines, *moved] for step in steps(points)}


def test_the_file_holds_the_lines_whatever_is_drawn():
    lines = [[(0, 0), (9, 0), (9, 5)], [(4, 0), (0, 0)], [(9, 0), (12, 0)], [(3, 3), (3, 3)], [(0, 0), (6, 4)]]
    rows = csv.DictReader(io.StringIO(passes_csv(drawn(lines), "CUT_CENTER").decode()))
    ends = [[round(1000 * float(row[name])) for name in ("x0_mm", "y0_mm", "x1_mm", "y1_mm")] for row in rows]
    assert sorted(sorted([(x0, y0), (x1, y1)]) for x0, y0, x1, y1 in ends) == [
        [(0, 0), (6, 4)],
        [(0, 0), (12, 0)],
        [(9, 0), (9, 5)],
    ]


def test_lines_of_every_field_are_cut():
    field = [Polygon("FIELD", ((x, 0), (x + 10, 0), (x + 10, 10), (x, 10))) for x in (0, 20)]
    lines = [[(2, 2), (8, 2)], [(22, 2), (28, 8)], [(8, 2), (2, 2)], [(22, 2), (22, 2)]]
    assert [len(group) for group in lines_by_field(drawn(lines, field), "CUT_CENTER")] == [1, 1]


@pytest.mark.parametrize("name", CASES)
def test_webs_are_cut_as_klayout_measures_them(name, tmp_path):
    made = sample(name)
    groups = lines_by_field(made.layout, "CUT_CENTER")
    layout = read(gds_bytes(made.layout, made.pdk), "gds", tmp_path)
    merged = kdb.Edges(edges(layout, made.pdk, "CUT_CENTER")).merged()
    length = sum(math.dist(*segment) for group in groups for segment in group)
    assert length == pytest.approx(sum(edge.length() for edge in merged.each()), rel=1e-12)
