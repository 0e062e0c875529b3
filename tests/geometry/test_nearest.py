"""Nearest points, nearest boxes and groups against scipy."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from layoutgen.geometry.nearest import Points, boxes_at, groups, nearest_boxes

spots = st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), min_size=1, max_size=40)
boxes = st.lists(st.tuples(*[st.integers(0, 60)] * 4), min_size=1, max_size=40)


def complexes(points):
    return np.array([complex(*point) for point in points])


@given(spots, spots, st.sampled_from([0.5, 3.3, 20.7]))
@settings(max_examples=60)
def test_nearest_points_are_those_of_a_tree_of_scipy(among, asked, within):
    found = Points(complexes(among)).nearest(complexes(asked), within)
    distance, _ = cKDTree(among).query(asked, distance_upper_bound=within)
    assert ((found >= 0) == np.isfinite(distance)).all()
    near = found >= 0
    assert np.allclose(np.abs(complexes(among)[found[near]] - complexes(asked)[near]), distance[near])


@given(boxes, boxes)
@settings(max_examples=60)
def test_nearest_boxes_are_those_of_a_tree_of_scipy(among, asked):
    among, asked = np.array(among), np.array(asked)
    distance, _ = cKDTree(among).query(asked)
    found = nearest_boxes(among, asked)
    assert np.allclose(np.sqrt(((among[found] - asked) ** 2).sum(axis=1)), distance)


@given(st.integers(1, 30), st.data())
@settings(max_examples=60)
def test_groups_are_those_of_scipy(size, data):
    links = data.draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=40))
    first, second = (np.array([link[k] for link in links], dtype=np.int64) for k in (0, 1))
    graph = coo_array((np.ones(len(links)), (first, second)), shape=(size, size))
    count, label = connected_components(graph, directed=False)
    ours, found = groups(size, first, second)
    assert ours == count
    assert len({*zip(label.tolist(), found.tolist(), strict=True)}) == count


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 9), st.integers(1, 9)), min_size=1),
    spots,
)
@settings(max_examples=60)
def test_a_point_lies_in_the_first_box_around_it(boxes, points):
    """Whatever the nearest middle is: of a wide box beside a tall one it is often that of the other."""
    middles, sizes = np.array([complex(x, y) for x, y, _, _ in boxes]), np.array([box[2:] for box in boxes]) * 1.0

    def first(x, y):
        inside = (n for n, (a, b, w, h) in enumerate(boxes) if 2 * abs(x - a) <= w and 2 * abs(y - b) <= h)
        return next(inside, -1)

    found = boxes_at(middles, sizes, np.append(complexes(points), complex(np.nan, 0)))
    assert found.tolist() == [*(first(x, y) for x, y in points), -1]
