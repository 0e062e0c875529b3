"""Few cells under limits: as many stacks as there can be, by every choice and by CP-SAT, and said to be so."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutgen.lot.stacks.choose import Order, Wanted, choose, even_out, keeps_limits
from layoutgen.lot.stacks.exact import PROGRAMMED_CELLS
from layoutgen.lot.stacks.pool import Pool


def pool(capacity, resistance, leak=None):
    count = np.arange(len(capacity), dtype=np.int32)
    leak = np.full(len(capacity), -1) if leak is None else np.array(leak)
    return Pool(
        webs=(None,), lot=np.zeros(len(count), np.uint16), repeat=count, cell=count,
        tray=np.zeros(len(count), np.uint8), capacity=np.array(capacity, np.int64),
        error=np.ones(len(count), np.int64), resistance=np.array(resistance, np.int64),
        leak=leak.astype(np.int64), not_good=0,
    )  # fmt: skip


def hard(seed, *, most=34):
    """Cells whose resistances span several ratios, asked for what about half of them reach."""
    rng = np.random.default_rng(seed)
    count, size = int(rng.integers(17, most)), int(rng.integers(2, 6))
    capacity = rng.integers(320_000, 400_000, count)
    ohms = np.rint(1000 * np.exp(0.25 * rng.standard_normal(count))).astype(np.int64)
    least = int(size * np.quantile(capacity, rng.uniform(0.3, 0.65)))
    leak = rng.integers(0, 1000, count)
    leak_pa = int(size * 450) if seed % 3 == 0 else None
    return pool(capacity, ohms, leak), Wanted(size, least, 1.3, leak_pa)


def most_by_cp_sat(cells, wanted):
    """Cells to numbered stacks, no two of too unlike resistance in one; what was found and its bound."""
    cp_model = pytest.importorskip("ortools.sat.python.cp_model")
    model, count = cp_model.CpModel(), cells.count
    stacks = count // wanted.size
    used = [model.new_bool_var("") for _ in range(stacks)]
    inside = [[model.new_bool_var("") for _ in range(stacks)] for _ in range(count)]
    for row in inside:
        model.add(sum(row) <= 1)
    for stack in range(stacks):
        column = [row[stack] for row in inside]
        model.add(sum(column) == wanted.size * used[stack])
        model.add(
            sum(int(q) * x for q, x in zip(cells.capacity, column, strict=True)) >= wanted.least * used[stack]
        )
        if wanted.leak_pa is not None:
            model.add(sum(int(q) * x for q, x in zip(cells.leak, column, strict=True)) <= wanted.leak_pa)
        for one, other in combinations(range(count), 2):
            low, high = sorted((int(cells.resistance[one]), int(cells.resistance[other])))
            if high > wanted.ratio * low:
                model.add(column[one] + column[other] <= 1)
        if stack:
            model.add(used[stack] <= used[stack - 1])
    model.maximize(sum(used))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 2, 10
    assert solver.solve(model) in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return round(solver.objective_value), int(solver.best_objective_bound + 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_few_cells_give_the_optimum_of_cp_sat(seed):
    cells, wanted = hard(seed, most=24)
    chosen = choose(cells, wanted, Order("whole"), seed=1)
    assert chosen.optimal
    low, high = most_by_cp_sat(cells, wanted)
    assert low <= chosen.made == chosen.bound <= high


def most_by_hand(cells, wanted):
    """Every way to take stacks one after the other, each with the first cell that is left, or without it."""

    def most(left):
        if len(left) < wanted.size:
            return 0
        found = most(left[1:])
        for others in combinations(left[1:], wanted.size - 1):
            stack = np.array([left[0], *others])
            if cells.capacity[stack].sum() >= wanted.least and keeps_limits(cells, stack, wanted):
                found = max(found, 1 + most(tuple(cell for cell in left[1:] if cell not in others)))
        return found

    return most(tuple(range(cells.count)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 12), st.integers(0, 9)), min_size=1, max_size=9),
    st.integers(1, 3),
    st.integers(0, 90),
    st.sampled_from([None, 1.0, 1.5, 3.0]),
    st.sampled_from([None, 12]),
)
def test_every_choice_of_few_cells_is_no_better(cells, size, least, ratio, leak_pa):
    made_of = pool(*map(list, zip(*cells, strict=True)))
    wanted = Wanted(size, least, ratio, leak_pa)
    chosen = choose(made_of, wanted, Order("whole"), seed=1)
    assert chosen.made == most_by_hand(made_of, wanted)
    assert chosen.optimal
    assert all(keeps_limits(made_of, stack, wanted) for stack in chosen.members)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_up_to_sixty_cells_are_proved_and_the_same_each_time(seed):
    cells, wanted = hard(seed, most=PROGRAMMED_CELLS)
    chosen, again = (choose(cells, wanted, Order("whole"), seed=1) for _ in range(2))
    assert chosen.optimal
    assert (chosen.members == again.members).all()
    assert (cells.capacity[chosen.members].sum(axis=1) >= wanted.least).all()


def test_more_cells_keep_an_honest_gap():
    rng = np.random.default_rng(2)
    cells = pool(rng.integers(800, 1000, 300), np.rint(1000 * np.exp(0.25 * rng.standard_normal(300))))
    chosen = choose(cells, Wanted(5, 4600, 1.3), Order("whole"), seed=1)
    assert chosen.optimal == (chosen.made == chosen.bound)
    assert chosen.made < chosen.bound


def test_stacks_of_few_cells_are_evened_out_within_the_limits():
    cells, wanted = hard(5)
    rows = choose(cells, wanted, Order("whole"), seed=1).members
    even = even_out(cells, rows, wanted)
    before, after = (np.ptp(cells.capacity[members].sum(axis=1)) for members in (rows, even))
    assert after <= before
    assert sorted(even.ravel()) == sorted(rows.ravel())
    assert all(keeps_limits(cells, stack, wanted) for stack in even)
    assert (cells.capacity[even].sum(axis=1) >= wanted.least).all()
