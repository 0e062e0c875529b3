"""Where on the web something lies, in the words of the cell map: F2-B1-C04-R01, FIELD_2, beside the fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from layoutgen.identity.shapes import Box, Ints
from layoutgen.web.addresses import WebAddresses, addressed
from layoutgen.web.plan import WebPlan

NOWHERE = -1
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class CellArray:
    """Cells of one block: the first has number ``first``, rows count before columns."""

    name: str
    field: int
    first: int
    corner: tuple[int, int]
    size: tuple[int, int]
    pitch: tuple[int, int]
    columns: int
    rows: int
    turned: bool

    @property
    def count(self) -> int:
        return self.columns * self.rows


@dataclass(frozen=True, slots=True)
class Places:
    """Every cell of a repeat by number, in units of the comparison; its place goes to the middle of its street.

    Numbers are those of :class:`layoutgen.web.addresses.WebAddresses`.
    """

    arrays: tuple[CellArray, ...]
    fields: tuple[Box, ...]
    repeat: Box
    kerf: int
    addresses: WebAddresses

    @staticmethod
    def of(plan: WebPlan, factor: int = 1) -> "Places":
        arrays, first = [], 0
        kerf = plan.frame.kerf * factor
        for name, block in addressed(plan):
            w, h = (side * factor for side in block.lying(plan.cell))
            corner = block.x * factor, block.y * factor
            pitch = w + kerf, h + kerf
            arrays.append(
                CellArray(
                    str(name), name.field, first, corner, (w, h), pitch, block.columns, block.rows, block.rotated
                )
            )
            first += block.count
        fields = tuple(
            (f.x * factor, f.y * factor, (f.x + f.width) * factor, (f.y + f.length) * factor) for f in plan.fields
        )
        return Places(
            tuple(arrays),
            fields,
            (0, 0, plan.frame.width * factor, plan.repeat_length * factor),
            kerf,
            WebAddresses(plan),
        )

    @property
    def count(self) -> int:
        return sum(array.count for array in self.arrays)

    def of_points(self, points: Ints) -> Ints:
        """The number of the cell in whose place each point (k x 2) lies, NOWHERE outside all of them."""
        found = np.full(len(points), NOWHERE, dtype=np.int64)
        half = self.kerf // 2
        for array in self.arrays:
            column = (points[:, 0] - array.corner[0] + half) // array.pitch[0]
            row = (points[:, 1] - array.corner[1] + half) // array.pitch[1]
            inside = (column >= 0) & (column < array.columns) & (row >= 0) & (row < array.rows)
            found[inside] = (array.first + row * array.columns + column)[inside]
        return found

    def inner(self, boxes: Ints) -> Ints:
        """The number of the cell whose place holds each box (k x 4) whole, NOWHERE where none does."""
        low, high = self.of_points(boxes[:, :2]), self.of_points(boxes[:, 2:])
        return np.where(low == high, low, NOWHERE)

    def corners(self, cells: Ints) -> Ints:
        """Lower left corners of cells (k x 2)."""
        found = np.zeros((len(cells), 2), dtype=np.int64)
        for array in self.arrays:
            here = (cells >= array.first) & (cells < array.first + array.count)
            row, column = np.divmod(cells[here] - array.first, array.columns)
            found[here, 0] = array.corner[0] + column * array.pitch[0]
            found[here, 1] = array.corner[1] + row * array.pitch[1]
        return found

    def turned(self, cells: Ints) -> Ints:
        """1 for cells that lie turned, else 0."""
        found = np.zeros(len(cells), dtype=np.int64)
        for array in self.arrays:
            found[(cells >= array.first) & (cells < array.first + array.count)] = int(array.turned)
        return found

    def box(self, cell: int) -> Box:
        """The finished outline of a cell."""
        array = self._array(cell)
        x, y = (int(value) for value in self.corners(np.array([cell]))[0])
        return x, y, x + array.size[0], y + array.size[1]

    def name(self, cell: int) -> str:
        """As the cell map spells it."""
        return str(self.addresses.names(np.array([cell]))[0])

    def _array(self, cell: int) -> CellArray:
        return next(array for array in self.arrays if array.first <= cell < array.first + array.count)

    def said(self, cells: Iterable[int]) -> str:
        """Cells in words: fields and blocks that are whole, rows and columns that are, else the first few names."""
        left = sorted(cells)
        every = len(left)
        if not left:
            return ""
        if every == self.count:
            return "every cell"
        parts: list[str] = []
        chosen = set(left)
        by_field: dict[int, list[CellArray]] = {}
        for array in self.arrays:
            by_field.setdefault(array.field, []).append(array)
        for field, arrays in by_field.items():
            numbers = [range(array.first, array.first + array.count) for array in arrays]
            if arrays and all(number in chosen for part in numbers for number in part):
                parts.append(f"FIELD_{field} whole")
                for part in numbers:
                    chosen.difference_update(part)
                continue
            for array, part in zip(arrays, numbers, strict=True):
                if all(number in chosen for number in part):
                    parts.append(f"{array.name} whole")
                    chosen.difference_update(part)
                else:
                    parts += self._lines(array, chosen)
        rest = sorted(chosen)
        parts += [self.name(cell) for cell in rest[:_MOST_NAMED]]
        if len(rest) > _MOST_NAMED:
            parts.append(f"and {len(rest) - _MOST_NAMED} more")
        return ", ".join(parts)

    def _lines(self, array: CellArray, chosen: set[int]) -> list[str]:
        """Whole rows and columns of a block; they are taken out of ``chosen``."""
        found = []
        lines = [
            (
                f"{array.name} row {row + 1}",
                range(array.first + row * array.columns, array.first + (row + 1) * array.columns),
            )
            for row in range(array.rows)
            if array.columns > 2
        ]
        lines += [
            (
                f"{array.name} column {column + 1}",
                range(array.first + column, array.first + array.count, array.columns),
            )
            for column in range(array.columns)
            if array.rows > 2
        ]
        for name, cells in lines:
            if all(cell in chosen for cell in cells):
                found.append((name, cells))
        for _, cells in found:
            chosen.difference_update(cells)
        return [
            _run([name for name, _ in group])
            for _, group in groupby(found, key=lambda item: item[0].rsplit(" ", 1)[0])
        ]

    def around(self, box: Box) -> str:
        """What a box outside all cells lies in, in words."""
        x0, y0, x1, y1 = box
        for number, (left, low, right, high) in enumerate(self.fields, 1):
            if left <= x0 and x1 <= right and low <= y0 and y1 <= high:
                return f"FIELD_{number}, on the streets"
        left, low, right, high = self.repeat
        if x0 > right:
            return "beside the web, on the stacked device"
        if x1 < left or y1 < low or y0 > high:
            return "outside the repeat"
        if any(x0 < fx1 and fx0 < x1 and y0 < fy1 and fy0 < y1 for fx0, fy0, fx1, fy1 in self.fields):
            return "across fields"
        return "beside the fields"


def _run(names: Sequence[str]) -> str:
    """ "row 1", "row 2", "row 3" as "rows 1 to 3" where they follow each other."""
    numbers = [int(name.rsplit(" ", 1)[1]) for name in names]
    head = names[0].rsplit(" ", 1)[0]
    if len(numbers) == 1:
        return names[0]
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{head}s {numbers[0]} to {numbers[-1]}"
    return f"{head}s {', '.join(map(str, numbers))}"
