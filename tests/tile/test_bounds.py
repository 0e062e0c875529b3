"""Every bound of the tiler against exhaustive search: none may fall below what is possible."""

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.tile.pack.bounds import LineBound, area_bound, barnes_bound, frame_bound
from layoutgen.tile.pack.points import best_fill
from layoutgen.tile.pack.setpack import set_packing_bound
from layoutgen.tile.webplan.rowbounds import FieldBounds, SplitBound
from layoutgen.tile.zones.frame import pack_around
from layoutgen.tile.zones.outline import Outline
from tests.tile.brute import most_items

frames = st.tuples(st.integers(2, 10), st.integers(2, 7))
items = st.tuples(st.integers(1, 5), st.integers(1, 4))

BOUNDS = {
    "area": area_bound,
    "barnes": barnes_bound,
    "frame": lambda frame, item: frame_bound(frame, item)[0],
    "line": lambda frame, item: LineBound(*item)(*frame),
    "set-packing": lambda frame, item: set_packing_bound(frame, item, most_entries=10**6),
}


@pytest.mark.parametrize("bound", BOUNDS.values(), ids=BOUNDS)
@given(frame=frames, item=items)
@settings(max_examples=40)
def test_a_frame_holds_no_more_than_its_bound(bound, frame, item):
    assert bound(frame, item) >= most_items(*frame, *item)


@given(frames, items, st.tuples(st.integers(0, 10), st.integers(0, 7)))
@settings(max_examples=40)
def test_an_l_holds_no_more_than_its_line_bound(frame, item, inner):
    """``[0, width] x [0, y]`` joined with ``[0, x] x [0, height]``."""
    (width, height), (x, y) = frame, (min(inner[0], frame[0]), min(inner[1], frame[1]))
    notch = tuple((a, b) for a in range(x, width) for b in range(y, height))
    assert LineBound(*item).shape(width, height, x, y) >= most_items(width, height, *item, notch)


@given(frames, items, st.tuples(st.integers(0, 9), st.integers(0, 6), st.integers(1, 5), st.integers(1, 5)))
@settings(max_examples=40)
def test_a_frame_with_a_zone_holds_no_more_than_its_bound(frame, item, zone):
    x, y, wide, high = zone
    blocked = tuple((a, b) for a in range(x, min(x + wide, frame[0])) for b in range(y, min(y + high, frame[1])))
    corners = ((x, y), (x + wide, y), (x + wide, y + high), (x, y + high))
    packing = pack_around(frame, item, [Outline(corners)])
    assert packing.count <= most_items(*frame, *item, blocked) <= packing.upper_bound


@given(st.integers(20, 300), st.integers(20, 300), st.integers(5, 40), st.integers(5, 40))
@settings(max_examples=40, deadline=None)
def test_the_line_bound_is_no_weaker_than_its_linear_programme(width, height, u, v):
    from scipy.optimize import linprog

    width, height = best_fill(width, u, v), best_fill(height, u, v)
    across = [(a, (width - a * u) // v) for a in range(width // u + 1)]
    along = [(a, (height - a * v) // u) for a in range(height // v + 1)]
    # n straight, m turned, then how much height (width) each pattern across (along) takes
    rows = [
        [v, 0, *(-a for a, _ in across), *(0 for _ in along)],
        [0, u, *(-b for _, b in across), *(0 for _ in along)],
        [u, 0, *(0 for _ in across), *(-a for a, _ in along)],
        [0, v, *(0 for _ in across), *(-b for _, b in along)],
        [0, 0, *(1 for _ in across), *(0 for _ in along)],
        [0, 0, *(0 for _ in across), *(1 for _ in along)],
    ]
    cost = [-1, -1, *(0 for _ in across), *(0 for _ in along)]
    programme = linprog(cost, A_ub=np.array(rows), b_ub=[0, 0, 0, 0, height, width], method="highs")
    assert LineBound(u, v)(width, height) <= int(np.floor(-programme.fun + 1e-6))


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 9)), min_size=1, max_size=6),
    st.integers(1, 4),
    st.integers(1, 90),
)
def test_a_split_among_fields_holds_no_more_than_its_bound(steps, fields, total):
    """Every choice of so many widths that fit side by side, or fewer."""
    widths, limits = (np.cumsum([step[k] for step in steps]) for k in (0, 1))
    bound, (first, second) = SplitBound(widths, limits)(fields, total)
    choices = (
        sum(int(limits[index - 1]) for index in choice if index)
        for choice in combinations_with_replacement(range(len(widths) + 1), fields)
        if sum(int(widths[index - 1]) for index in choice if index) <= total
    )
    best = max(choices)
    assert bound >= best
    assert bound == best or fields > 2
    assert max(first, second) <= len(widths)


@given(frames, st.sampled_from([(3, 2), (4, 3), (5, 2)]))
@settings(max_examples=30)
def test_a_field_in_a_row_holds_no_more_than_its_refined_bound(frame, item):
    limit = np.array([area_bound(frame, item)])
    FieldBounds(*item, work=1).lower(np.array([frame[0]]), limit, frame[1], (1, 0))
    assert limit[0] >= most_items(*frame, *item)
