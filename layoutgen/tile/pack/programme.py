"""Linear programmes, and the sparse matrices of whole numbers that they are made of.

HiGHS solves them by its interior point method with crossover; :func:`least` is the one place that sets it up.
Whoever draws a conclusion from an answer rounds its prices to integers and works the rest out exactly.
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
    columns, rows = matrix.width, matrix.height
    solver = quiet()
    solver.setOptionValue("solver", "ipm")
    passed = solver.passModel(
        columns,
        rows,
        matrix.entries,
        int(highs.MatrixFormat.kColwise),
        int(highs.ObjSense.kMinimize),
        0.0,
        np.asarray(cost, dtype=np.float64),
        np.zeros(columns),
        np.full(columns, highs.kHighsInf),
        low,
        high,
        matrix.starts.astype(np.int32),
        matrix.rows.astype(np.int32),
        matrix.values.astype(np.float64),
        np.zeros(columns, dtype=np.int32),
    )
    if passed != fine or _run(solver, fine) != fine or solver.getModelStatus() != highs.HighsModelStatus.kOptimal:
        return None
    found = solver.getSolution()
    return Answer(np.array(found.col_value), np.array(found.row_dual)) if found.dual_valid else None


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
