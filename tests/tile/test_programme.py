"""Sparse matrices against dense ones, linear programmes against scipy, and what the solver does to its process."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from layoutgen.tile.pack import setpack
from layoutgen.tile.pack.programme import Columns, beside, columns_of, least, products
from layoutgen.tile.pack.setpack import set_packing_bound

small = st.integers(-3, 3)


@st.composite
def matrices(draw, height=None, least=1):
    rows = draw(st.integers(least, 5)) if height is None else height
    columns = draw(st.integers(least, 5))
    return np.array(
        draw(st.lists(st.lists(small, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    )


def sparse(dense):
    rows, columns = np.nonzero(dense)
    return columns_of(*dense.shape, rows, columns, dense[rows, columns])


def dense(matrix):
    found = np.zeros((matrix.height, matrix.width), dtype=np.int64)
    found[matrix.rows, matrix.columns] = matrix.values
    return found


@given(matrices(), st.data())
@settings(max_examples=60)
def test_sparse_matrices_are_the_dense_ones(given_matrix, data):
    height, width = given_matrix.shape
    matrix = sparse(given_matrix)
    assert (dense(matrix) == given_matrix).all()
    among = np.array(data.draw(st.lists(st.integers(0, width - 1), max_size=6)), dtype=np.int64)
    assert (dense(matrix.taken(among)) == given_matrix[:, among]).all()
    amounts = np.array(data.draw(st.lists(small, min_size=height, max_size=height)))
    assert (matrix.by_columns(amounts) == given_matrix.T @ amounts).all()
    weights = np.array(data.draw(st.lists(small, min_size=width, max_size=width)))
    assert (matrix.by_rows(weights) == given_matrix @ weights).all()
    order = np.array(data.draw(st.permutations(range(height))))
    assert (dense(matrix.reordered(order)) == given_matrix[order]).all()
    other = data.draw(matrices())
    assert (dense(products(given_matrix, other)) == np.kron(given_matrix, other)).all()
    same_height = data.draw(matrices(height=height))
    assert (dense(beside([matrix, sparse(same_height)])) == np.hstack([given_matrix, same_height])).all()


def test_entries_of_one_place_are_added():
    twice = columns_of(2, 2, np.array([1, 0, 1]), np.array([0, 1, 0]), np.array([2, 5, 3]))
    assert dense(twice).tolist() == [[0, 5], [5, 0]]


@given(matrices(), st.data())
@settings(max_examples=80)
def test_the_optimum_is_that_of_scipy_and_its_prices_prove_it(given_matrix, data):
    height, width = given_matrix.shape
    cost = np.array(data.draw(st.lists(small, min_size=width, max_size=width)))
    high = np.array(data.draw(st.lists(st.integers(0, 4), min_size=height, max_size=height)), dtype=float)
    equal = np.array(data.draw(st.lists(st.booleans(), min_size=height, max_size=height)))
    low = np.where(equal, high, -np.inf)
    found = least(cost, sparse(given_matrix), low, high)
    wanted = linprog(
        cost,
        A_ub=given_matrix[~equal] if (~equal).any() else None,
        b_ub=high[~equal] if (~equal).any() else None,
        A_eq=given_matrix[equal] if equal.any() else None,
        b_eq=high[equal] if equal.any() else None,
        method="highs-ipm",
    )
    assert (found is None) == (wanted.status != 0), wanted.message
    if found is not None:
        assert cost @ found.amounts == pytest.approx(wanted.fun, abs=1e-6)
        assert found.prices @ high == pytest.approx(wanted.fun, abs=1e-6)
        assert (found.prices[~equal] <= 1e-7).all()
        assert (given_matrix.T @ found.prices <= cost + 1e-6).all()


@given(st.integers(20, 160), st.integers(20, 160), st.integers(4, 30), st.integers(4, 30), st.booleans())
@settings(max_examples=60)
def test_the_set_packing_bound_is_that_of_scipy(width, height, u, v, square):
    frame = (width, width if square else height)
    seen = []

    def both(cost, matrix, low, high):
        found = least(cost, matrix, low, high)
        wanted = linprog(cost, A_ub=dense(matrix), b_ub=high, method="highs-ipm")
        seen.append((cost @ found.amounts, wanted.fun, found.prices, wanted.ineqlin.marginals))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setpack, "least", both)
        bound = set_packing_bound(frame, (u, v), most_entries=2_000)
    for ours, theirs, _, _ in seen:
        assert ours == pytest.approx(theirs, rel=1e-7, abs=1e-6)
        # rounded prices cost the exact bound no item
        assert bound <= int(np.floor(-ours + 1e-5))


NO_PROGRAMME = {
    "no amounts": ([1.0], [[1]], [2.0], [1.0]),
    "no end": ([-1.0], [[-1]], [-np.inf], [0.0]),
    "no bound": ([1.0], [[1]], [np.inf], [np.inf]),
}


@pytest.mark.parametrize("case", NO_PROGRAMME.values(), ids=NO_PROGRAMME)
def test_whatever_is_not_an_optimum_is_none(case):
    cost, rows, low, high = case
    assert least(np.array(cost), sparse(np.array(rows)), np.array(low), np.array(high)) is None


BOUND = (
    "from layoutgen.tile.pack.setpack import set_packing_bound as bound; "
    "print(bound((100, 83), (13, 7), most_entries=9999))"
)
CP_SAT = (
    "from ortools.sat.python import cp_model as c; m = c.CpModel(); x = m.new_int_var(0, 5, 'x'); m.maximize(x); "
    "s = c.CpSolver(); s.solve(m); assert s.objective_value == 5"
)
TWO_THREADS = (
    "import highspy; h = highspy.Highs(); h.silent(); h.setOptionValue('threads', 2); x = h.addVariable(0, 3); "
    "h.maximize(x); assert h.getObjectiveValue() == 3"
)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((BOUND, BOUND), ["90", "90"]),
        ((CP_SAT, BOUND), ["90"]),
        ((BOUND, CP_SAT, BOUND), ["90", "90"]),
        ((TWO_THREADS, BOUND, BOUND), ["90", "90"]),
    ],
    ids=["alone", "after CP-SAT", "before CP-SAT", "after others chose threads"],
)
def test_nothing_is_printed_and_others_in_the_process_change_nothing(parts, said):
    if CP_SAT in parts:
        pytest.importorskip("ortools")
    done = subprocess.run([sys.executable, "-c", "\n".join(parts)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-len(said) :] == said
    if TWO_THREADS not in parts:
        assert len(done.stdout.splitlines()) == len(said)


def test_an_empty_matrix_has_no_entries():
    empty = columns_of(3, 0, *(np.empty(0, dtype=np.int64) for _ in range(3)))
    assert (empty.width, empty.entries, empty.by_rows(np.empty(0)).tolist()) == (0, 0, [0.0, 0.0, 0.0])
    assert isinstance(empty, Columns)
