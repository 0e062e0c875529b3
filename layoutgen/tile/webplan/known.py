"""How dense cells of a size lie on one web: what was found for one question answers the next.

Questions that differ in capacity, yield or films ask for the same cells over and over. All that is kept follows
from the web and the cell alone, so an answer is the same with it and without.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.model import Effort
from layoutgen.tile.pack.points import Ints
from layoutgen.tile.webplan.density import density_bound, density_reached, searched_density
from layoutgen.tile.webplan.repeat import plan_web
from layoutgen.web.plan import Regime, WebFrame, WebPlan

Floats = NDArray[np.float64]
_MOST_PLANS: Final = 1000
_MOST: Final = 1 << 21
"""Sizes of a table; a fuller one is begun anew, and one that would be larger is none."""


class Densities:
    """Densities on one web, in cells per dbu2; sizes are finished cells (length, width) in dbu."""

    def __init__(self, frame: WebFrame) -> None:
        self.frame = frame
        self._twins = frame.rotation_allowed and frame.regime is Regime.FIELDS
        self._found: dict[tuple[int, int], float] = {}
        self._not_above: dict[tuple[int, int], float] = {}
        self._plans: dict[tuple[tuple[int, int], Effort], WebPlan] = {}
        self._bounds = _Table(density_bound)
        self._reached = _Table(density_reached)

    def searched(self, cell: tuple[int, int], at_least: float = 0.0) -> float:
        """As :func:`searched_density` of all repeat lengths."""
        cell = self._as_known(cell)
        found = self._found.get(cell)
        if found is not None:
            return found if found > at_least else 0.0
        if at_least >= self._not_above.get(cell, np.inf):
            return 0.0
        if len(self._found) + len(self._not_above) > _MOST:
            self._found.clear()
            self._not_above.clear()
        density = searched_density(self.frame, cell, at_least)
        if density > 0:
            self._found[cell] = density
        else:
            self._not_above[cell] = at_least
        return density

    def known(self, cell: tuple[int, int]) -> float:
        """The density of a cell as far as it has been searched already, else 0."""
        return self._found.get(self._as_known(cell), 0.0)

    def _as_known(self, cell: tuple[int, int]) -> tuple[int, int]:
        """A cell and its twin, which lies on its side, are one where cells may turn."""
        return cell if cell[0] <= cell[1] or not self._twins else cell[::-1]

    def plan(self, cell: tuple[int, int], effort: Effort) -> WebPlan:
        """As :func:`plan_web`, of the web without zones."""
        key = cell, effort
        if key not in self._plans:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            self._plans[key] = plan_web(self.frame, cell, effort=effort)
        return self._plans[key]

    def bound(self, lengths: Ints, widths: Ints) -> Floats:
        """As :func:`density_bound`, of one-dimensional arrays."""
        return self._bounds.values(self.frame, lengths, widths)

    def reached(self, lengths: Ints, widths: Ints) -> Floats:
        """As :func:`density_reached`, of one-dimensional arrays."""
        return self._reached.values(self.frame, lengths, widths)


class _Table:
    """A figure of cell sizes, worked out where it is asked for first."""

    def __init__(self, figure: Callable[[WebFrame, Ints, Ints], Floats]) -> None:
        self._figure = figure
        self._step = 0
        self._values = np.zeros((0, 0))

    def values(self, frame: WebFrame, lengths: Ints, widths: Ints) -> Floats:
        if not len(lengths):
            return np.zeros(0)
        if not self._holds(lengths, widths):
            return self._figure(frame, lengths, widths)
        at = lengths // self._step, widths // self._step
        found = self._values[at]
        new = np.isnan(found)
        if new.any():
            at = at[0][new], at[1][new]
            self._values[at] = self._figure(frame, lengths[new], widths[new])
            found = self._values[lengths // self._step, widths // self._step]
        return found

    def _holds(self, lengths: Ints, widths: Ints) -> bool:
        """Whether sizes have a place, which is made where there is room: they are multiples of one step."""
        if not self._step:
            self._step = int(np.gcd(np.gcd.reduce(lengths), np.gcd.reduce(widths)))
        if (lengths % self._step).any() or (widths % self._step).any():
            return False
        most = int(lengths.max()) // self._step + 1, int(widths.max()) // self._step + 1
        shape = max(most[0], self._values.shape[0]), max(most[1], self._values.shape[1])
        if shape[0] * shape[1] > _MOST:
            return False
        if shape != self._values.shape:
            grown = np.full(shape, np.nan)
            grown[: self._values.shape[0], : self._values.shape[1]] = self._values
            self._values = grown
        return True
