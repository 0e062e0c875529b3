"""Widths and spaces of regions of many edges: the same as of all pairs, one by one."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layoutgen.rules import distances
from layoutgen.rules.distances import close, edges_of, narrow

SIDE = st.integers(1, 60)
BOXES = st.builds(
    lambda x, y, a, b: shapely.box(x, y, x + a, y + b), st.integers(0, 200), st.integers(0, 200), SIDE, SIDE
)
TRIANGLES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=3, max_size=3).map(
    shapely.Polygon
)


def all_pairs(region, *, inner):
    """Distance of every facing pair of edges, by their pieces on each other's side, with shapely alone."""
    edges, sign = edges_of(region), 1 if inner else -1
    found = []
    for i, a in enumerate(edges.ends.T):
        for j, b in enumerate(edges.ends.T):
            if (
                i < j
                and np.dot(a[2:] - a[:2], b[2:] - b[:2]) < 0
                and not (inner and edges.part[i] != edges.part[j])
            ):
                pieces = on_side(a, b, sign), on_side(b, a, sign)
                if not any(piece is None for piece in pieces):
                    found.append(pieces[0].distance(pieces[1]))
    return sorted(found)


def on_side(edge, other, sign):
    step = other[2:] - other[:2]
    s0, s1 = (
        sign * float(step[0] * (point[1] - other[1]) - step[1] * (point[0] - other[0]))
        for point in (edge[:2], edge[2:])
    )
    if max(s0, s1) <= 0:
        return None
    middle = edge[:2] + s0 / (s0 - s1) * (edge[2:] - edge[:2]) if s0 * s1 < 0 else None
    return shapely.LineString([edge[:2] if s0 >= 0 else middle, edge[2:] if s1 >= 0 else middle])


@settings(max_examples=40, deadline=None)
@given(st.lists(BOXES | TRIANGLES, min_size=1, max_size=7), st.sampled_from([3, 20, 90]), st.booleans())
def test_any_edges(shapes, limit, inner):
    region = shapely.union_all([shape for shape in shapes if shape.is_valid])
    ends = edges_of(region).ends
    # of edges that all run along x or y, two that touch in a corner face each other too
    assume(((ends[0] != ends[2]) & (ends[1] != ends[3])).any())
    wanted = all_pairs(region, inner=inner)
    least, gaps = (narrow if inner else close)(region, limit)
    assert least == (pytest.approx(wanted[0], abs=1e-9) if wanted else None)
    below = [distance for distance in wanted if distance < limit - 1e-9][:50]
    assert [gap for gap, _ in gaps][: len(below)] == pytest.approx(below, abs=1e-9)
    assert all(gap > limit - 1e-9 for gap, _ in gaps[len(below) :])


@settings(max_examples=40, deadline=None)
@given(st.lists(BOXES, min_size=1, max_size=12), st.sampled_from([3, 20, 90]), st.booleans())
def test_straight_edges_are_measured_alike_however_many(shapes, limit, inner):
    region, measure = shapely.union_all(shapes), narrow if inner else close
    few = measure(region, limit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distances, "_FEW_PAIRS", 0)
        many = measure(region, limit)
    assert few[0] == many[0]
    assert [gap for gap, _ in few[1]] == [gap for gap, _ in many[1]]


def test_a_comb_of_many_teeth():
    teeth = [shapely.box(20 * n, 0, 20 * n + 7, 100) for n in range(1000)]
    comb = shapely.union_all([shapely.box(0, 0, 20_000, 10), *teeth])
    least, gaps = narrow(comb, 5)
    assert (least, gaps) == (7, [])
    assert close(shapely.box(0, 0, 60_000, 10), 5) == (None, [])
    least, gaps = close(comb, 14)
    assert least == 13
    assert len(gaps) == 50
