"""Where the devices of a map of one block lie on the web."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import InputError, Problem
from layoutgen.web.addresses import BlockAddress


@dataclass(frozen=True, slots=True)
class DeviceMap:
    """A map of one block through all repeats; places are repeat x cells + cell, from 0."""

    cells: int
    """Cells of a repeat."""
    start: int
    """Place of the block's first cell in the repeat."""
    block: BlockAddress
    flips: tuple[bool, bool]
    """Whether x runs to the left, and y down."""
    rows: int | None
    """Rows of the whole map, where the file states them."""
    where: str

    @property
    def left(self) -> bool:
        return self.flips[0]

    @property
    def down(self) -> bool:
        return self.flips[1]

    def places(self, first: int, count: int) -> NDArray[np.int64]:
        """Places of so many rows from one on, counted upwards from 0; shape (rows, columns)."""
        repeat, row = np.divmod(np.arange(first, first + count, dtype=np.int64), self.block.rows)
        found: NDArray[np.int64] = (repeat * self.cells + self.start + row * self.block.columns)[
            :, None
        ] + np.arange(self.block.columns)
        return found

    def at(self, x: str, y: str, first: tuple[int, int]) -> int | None:
        """The place of a device by its coordinates along the axes of the map; None where there is none.

        Raises:
            InputError: y runs down, and nothing says from where.
        """
        if self.down and self.rows is None:
            what = "counts rows from above, and does not say how many there are"
            raise InputError(Problem(what, self.where, "a Dimension of each layout on the way"))
        try:
            column, row = int(x) - first[0], int(y) - first[1]
        except ValueError:
            return None
        column = self.block.columns - 1 - column if self.left else column
        row = (self.rows or 0) - 1 - row if self.down else row
        if not 0 <= column < self.block.columns or row < 0 or (self.rows is not None and row >= self.rows):
            return None
        repeat, row = divmod(row, self.block.rows)
        return repeat * self.cells + self.start + row * self.block.columns + column

    def span(self, first: tuple[int, int]) -> str:
        """The coordinates that there are, in words."""
        rows = "on" if self.rows is None else f"to {first[1] + self.rows - 1}"
        return f"x from {first[0]} to {first[0] + self.block.columns - 1}, y from {first[1]} {rows}"
