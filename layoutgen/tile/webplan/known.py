"""How dense cells of a size lie on one web: what was found for one question answers the next.

Questions that differ in capacity, yield or films ask for the same cells over and over. All that is kept follows
from the web and the cell alone, so an answer is the same with it and without.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.tile.pack.points import Ints
from layoutgen.tile.webplan.density import density_bound, density_reached, searched_density
from layoutgen.web.plan import WebFrame

Floats = NDArray[np.float64]
_MOST: Final = 1 << 21
"""Sizes of a table; a fuller one is begun anew."""
_HALF: Final = 32


class Densities:
    """Densities on one web, in cells per dbu2; sizes are finished cells (length, width) in dbu."""

    def __init__(self, frame: WebFrame) -> None:
        self.frame = frame
        self._found: dict[tuple[int, int], float] = {}
        self._not_above: dict[tuple[int, int], float] = {}
        self._bounds = _Table(density_bound)
        self._reached = _Table(density_reached)

    def searched(self, cell: tuple[int, int], at_least: float = 0.0) -> float:
        """As :func:`searched_density` of all repeat lengths."""
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
        self._keys = np.zeros(0, dtype=np.int64)
        self._values = np.zeros(0)

    def values(self, frame: WebFrame, lengths: Ints, widths: Ints) -> Floats:
        keys = (np.asarray(lengths, dtype=np.int64) << _HALF) | np.asarray(widths, dtype=np.int64)
        at = np.searchsorted(self._keys, keys)
        known = np.zeros(len(keys), dtype=bool)
        inside = at < len(self._keys)
        known[inside] = self._keys[at[inside]] == keys[inside]
        if not known.all():
            new, first = np.unique(keys[~known], return_index=True)
            made = self._figure(frame, lengths[~known][first], widths[~known][first])
            if len(self._keys) + len(new) > _MOST:
                self._keys, self._values = np.zeros(0, dtype=np.int64), np.zeros(0)
                return self._figure(frame, lengths, widths)
            order = np.searchsorted(self._keys, new)
            self._keys = np.insert(self._keys, order, new)
            self._values = np.insert(self._values, order, made)
            at = np.searchsorted(self._keys, keys)
        return self._values[at]
