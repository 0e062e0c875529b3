"""Linear programmes, and the sparse matrices of whole numbers that they are made of.

HiGHS solves them by its interior point method with crossover, and choices of columns by branch and bound;
:func:`least` and :func:`best_choice` are the places that set it up. Whoever draws a conclusion from an answer
rounds its prices to integers and works the rest out exactly, or checks the choice in integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.pack.points import Ints

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """A sparse matrix: column j holds ``values[starts[j] : starts[j + 1]]`` in rows that rise."""

    height: int
    starts: Ints
    rows: Ints
    values: Ints

    @property
    def width(self) -> int:
        return len(self.starts) - 1

    @property
    def entries(self) -> int:
        return len(self.rows)

    @property
    def columns(self) -> Ints:
        """The column of each entry."""
        return np.repeat(np.arange(self.width), np.diff(self.starts))

    def taken(self, among: Ints) -> "Columns":
        """The matrix of these columns, in their order."""
        lengths = self.starts[among + 1] - self.starts[among]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        entries = np.arange(starts[-1]) + np.repeat(self.starts[among] - starts[:-1], lengths)
        return Columns(self.height, starts, self.rows[entries], self.values[entries])

    def reordered(self, order: Ints) -> "Columns":
        """The matrix with its rows in another order: that of their numbers in ``order``."""
        place = np.empty(self.height, dtype=np.int64)
        place[order] = np.arange(self.height)
        return columns_of(self.height, self.width, place[self.rows], self.columns, self.values)

    def by_columns(self, amounts: Ints) -> Ints:
        """For each column the sum of its values times the amounts of their rows, exact in 64 bits."""
        sums = np.concatenate(([0], np.cumsum(self.values * amounts[self.rows])))
        return sums[self.starts[1:]] - sums[self.starts[:-1]]

    def by_rows(self, amounts: NDArray[Any]) -> Floats:
        """For each row the sum of its values times the amounts of their columns."""
        weights = self.values * np.asarray(amounts)[self.columns]
        sums: Floats = np.bincount(self.rows, weights=weights, minlength=self.height).astype(np.float64)
        return sums


def columns_of(height: int, width: int, rows: Ints, columns: Ints, values: Ints) -> Columns:
    """The matrix with these entries; those of one place are added."""
    place = columns * height + rows
    order = np.argsort(place, kind="stable")
    place, values = place[order], values[order]
    first = np.flatnonzero(np.diff(place, prepend=-1))
    kept = place[first]
    starts = np.searchsorted(kept, np.arange(width + 1) * height)
    return Columns(height, starts, kept % height, np.add.reduceat(values, first) if len(first) else values)


def products(left: NDArray[Any], right: NDArray[Any]) -> Columns:
    """The Kronecker product of two dense matrices: rows and columns are pairs, those of ``right`` run faster."""
    (a, b), (c, d) = np.nonzero(left), np.nonzero(right)
    rows = np.add.outer(a * right.shape[0], c).ravel()
    columns = np.add.outer(b * right.shape[1], d).ravel()
    values = np.multiply.outer(left[a, b].astype(np.int64), right[c, d].astype(np.int64)).ravel()
    return columns_of(left.shape[0] * right.shape[0], left.shape[1] * right.shape[1], rows, columns, values)


def beside(parts: Sequence[Columns]) -> Columns:
    """Matrices of one height, side by side."""
    offsets = np.cumsum([0, *(part.entries for part in parts)])
    starts = [part.starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
    return Columns(
        parts[0].height,
        np.concatenate([*starts, offsets[-1:]]),
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """An optimum: an amount for each column, a price for each row (0 or less where the row limits from above)."""

    amounts: Floats
    prices: Floats


def least(cost: NDArray[Any], matrix: Columns, low: Floats, high: Floats) -> Answer | None:
    """The least cost of amounts of columns, each 0 or more, with every row between ``low`` and ``high``.

    Returns:
        The optimum; None where the solver says anything else than that it has found one.
    """
    highs, quiet = _highs()
    fine = highs.HighsStatus.kOk
    solver = quiet()
    solver.setOptionValue("solver", "ipm")
    passed = _pass(solver, cost, matrix, low, high, most=highs.kHighsInf, whole=False)
    if passed != fine or _run(solver, fine) != fine or solver.getModelStatus() != highs.HighsModelStatus.kOptimal:
        return None
    found = solver.getSolution()
    return Answer(np.array(found.col_value), np.array(found.row_dual)) if found.dual_valid else None


@dataclass(frozen=True, slots=True)
class Choice:
    """Columns that are taken, and a bound on what any choice gains."""

    taken: NDArray[np.bool_]
    bound: float


def best_choice(gain: NDArray[Any], matrix: Columns, low: Floats, high: Floats, *, nodes: int) -> Choice | None:
    """The choice of columns that gains most, with every row between ``low`` and ``high``.

    Args:
        gain: of each column.
        matrix: what a column adds to the rows.
        low: what a row needs at least.
        high: what a row bears at most.
        nodes: of branch and bound, after which the best choice so far is taken.

    Returns:
        The choice, the best where its gain is the bound; None where the solver found none.
    """
    highs, quiet = _highs()
    fine = highs.HighsStatus.kOk
    solver = quiet()
    settings = {"parallel": "off", "random_seed": 0, "mip_max_nodes": nodes, "mip_rel_gap": 0.0}
    for name, value in (
        settings | {"mip_feasibility_tolerance": 1e-9, "primal_feasibility_tolerance": 1e-9}
    ).items():
        solver.setOptionValue(name, value)
    passed = _pass(solver, -np.asarray(gain, dtype=np.float64), matrix, low, high, most=1.0, whole=True)
    if passed != fine or _run(solver, fine) not in {fine, highs.HighsStatus.kWarning}:
        return None
    about = solver.getInfo()
    if about.primal_solution_status != int(highs.SolutionStatus.kSolutionStatusFeasible):
        return None
    return Choice(np.array(solver.getSolution().col_value) > 0.5, -about.mip_dual_bound)


def _pass(
    solver: Any, cost: NDArray[Any], matrix: Columns, low: Floats, high: Floats, *, most: float, whole: bool
) -> Any:
    """Hand a programme over: the least cost of amounts of columns from 0 to ``most``."""
    highs, _ = _highs()
    columns = matrix.width
    return solver.passModel(
        columns,
        matrix.height,
        matrix.entries,
        int(highs.MatrixFormat.kColwise),
        int(highs.ObjSense.kMinimize),
        0.0,
        np.asarray(cost, dtype=np.float64),
        np.zeros(columns),
        np.full(columns, most),
        low,
        high,
        matrix.starts.astype(np.int32),
        matrix.rows.astype(np.int32),
        matrix.values.astype(np.float64),
        np.full(columns, int(whole), dtype=np.int32),
    )


def _run(solver: Any, fine: Any) -> Any:
    """Solve with one thread, or with as many as the process has got: the first to solve in it decides, and HiGHS
    refuses any other number. The interior point method takes the same steps with any."""
    for threads in (1, 0):
        solver.setOptionValue("threads", threads)
        status = solver.run()
        if status == fine:
            break
    return status


@cache
def _highs() -> tuple[Any, Any]:
    """The library, and its solver without a word on standard output."""
    import highspy

    class Quiet(highspy.Highs):
        def enableCallbacks(self) -> None:  # noqa: N802  (the library's name; called as it is made)
            """Be silent first: to set callbacks, of which none is used, prints who is running."""
            self.silent()

    return highspy, Quiet
