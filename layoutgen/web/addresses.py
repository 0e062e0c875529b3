"""The address of a cell: the one place that spells, reads and walks ``F1-B2-C03-R12``.

Field, block, column and row, each counted from 1 at the lower left as the repeat lies; blocks are counted in their
field. Columns and rows are padded to the digits of their block, as drawn beside it. On a web of many repeats the
number of the repeat comes first, with four digits or as many as it has: ``W0012-F1-B2-C03-R12``. So a cell has one
address, whether a metre of its web was read or a kilometre.

Cells have one order: fields, blocks, rows, columns; on a web repeat after repeat. The *index* of a cell is its
place in that order, from 0. Texts and indices of many cells are worked out in columns, a few steps for all of them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple

from layoutgen.errors import InputError, Problem
from layoutgen.units import counted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from layoutgen.web.plan import Block, WebPlan

REPEAT, FIELD, BLOCK, COLUMN, ROW = "WFBCR"
_LETTERS: Final = REPEAT, FIELD, BLOCK, COLUMN, ROW
UNKNOWN: Final = -1
"""The index of a text that is no address of the web."""
_MOST_DIGITS: Final = 15
REPEAT_DIGITS: Final = 4
"""Of the number of a repeat, at least."""
_LONGEST: Final = len(_LETTERS) * (1 + _MOST_DIGITS + 1)
"""More characters than any address has."""
_NUMBER: Final = rf"(\d{{1,{_MOST_DIGITS}}})"
_ADDRESS: Final = re.compile(
    rf"(?:W{_NUMBER}-)?F{_NUMBER}-B{_NUMBER}-C{_NUMBER}-R{_NUMBER}", re.ASCII | re.IGNORECASE
)
_SHAPE: Final = re.compile(rf"-{_NUMBER}--{_NUMBER}--{_NUMBER}--{_NUMBER}(?:--{_NUMBER})?-*")
"""Of a text with 0 for each digit and - for all else, an address has this form."""
_ROWS_AT_ONCE: Final = 1 << 17


class AddressError(InputError):
    """A text is not the address of a cell of this web."""


class Address(NamedTuple):
    """Which cell, all counted from 1; ``repeat`` is 0 where one repeat is meant and not a web of many."""

    field: int
    block: int
    column: int
    row: int
    repeat: int = 0


@dataclass(frozen=True, slots=True)
class BlockAddress:
    """A block of a repeat: the number of its field and its own in that field, and its columns and rows."""

    field: int
    block: int
    columns: int
    rows: int

    def __str__(self) -> str:
        return f"{field_name(self.field)}-{BLOCK}{self.block}"

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def cell(self, column: int, row: int) -> str:
        """The address in its repeat of a cell of the block."""
        return in_block(str(self), (column, row), (self.columns, self.rows))


def field_name(number: int) -> str:
    """The name of a field, ``F1``."""
    return f"{FIELD}{number}"


def repeat_name(number: int) -> str:
    """The name of a repeat, ``W0012``, the same however long the web is."""
    return f"{REPEAT}{number:0{REPEAT_DIGITS}}"


def on_web(repeat: str, cell: str) -> str:
    """The address on a web from the name of a repeat and the address in it."""
    return f"{repeat}-{cell}"


def in_block(block: str, cell: tuple[int, int], size: tuple[int, int]) -> str:
    """The address of a cell from the name of its block, its column and row, and the block's columns and rows."""
    (column, row), (columns, rows) = cell, size
    return f"{block}-{COLUMN}{_padded(column, columns)}-{ROW}{_padded(row, rows)}"


def in_field(block: int, letter: str) -> str:
    """What stands beside a field before the number of a column or row of a block, ``B2C``."""
    return f"{BLOCK}{block}{letter}"


def _padded(number: int, count: int) -> str:
    return f"{number:0{len(str(count))}}"


def addressed(plan: "WebPlan") -> Iterator[tuple[BlockAddress, "Block"]]:
    """Every block of a repeat with its address, in the order of cells."""
    for field_number, field in enumerate(plan.fields, 1):
        for number, block in enumerate(field.blocks, 1):
            yield BlockAddress(field_number, number, block.columns, block.rows), block


def read_address(text: str) -> Address:
    """The address that a text spells, padded or not, in either case.

    Raises:
        AddressError: it spells none.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or (found[1] and not int(found[1])):
        example = "F1-B2-C03-R12, on a web W0012-F1-B2-C03-R12"
        raise AddressError(Problem("is not the address of a cell", repr(text), example))
    repeat, field, block, column, row = (int(number or 0) for number in found.groups())
    return Address(field, block, column, row, repeat)


@dataclass(frozen=True)
class Cells:
    """Cells of a repeat or of a web, one array for each property, all of one length.

    ``x`` and ``y`` are lower-left corners in database units from the lower left of the (first) repeat, ``width``
    and ``length`` are the cell's size along them as it lies; ``turned`` says whether it lies turned by 90 degrees.
    """

    index: "NDArray[np.int64]"
    repeat: "NDArray[np.int64]"
    field: "NDArray[np.int64]"
    block: "NDArray[np.int64]"
    column: "NDArray[np.int64]"
    row: "NDArray[np.int64]"
    x: "NDArray[np.int64]"
    y: "NDArray[np.int64]"
    width: "NDArray[np.int64]"
    length: "NDArray[np.int64]"
    turned: "NDArray[np.bool_]"


class WebAddresses:
    """The addresses of one repeat, or of a web of so many: with ``repeats`` 0 there is no ``W`` before them.

    Work and memory grow with the cells that are asked for, and with the cells of one repeat; never with the web.
    """

    def __init__(self, plan: "WebPlan", repeats: int = 0) -> None:
        self.plan = plan
        self.repeats = repeats
        self.blocks = tuple(name for name, _ in addressed(plan))
        *self._starts, self.cells_per_repeat = accumulate((block.count for block in self.blocks), initial=0)
        places = zip(self._starts, self.blocks, strict=True)
        self._places = {(block.field, block.block): (start, block) for start, block in places}

    @property
    def count(self) -> int:
        """How many cells have an address."""
        return self.cells_per_repeat * max(1, self.repeats)

    def spell(self, address: Address) -> str:
        """The text of an address.

        Raises:
            AddressError: the web has no such cell.
        """
        _, block = self._place(address)
        cell = block.cell(address.column, address.row)
        return on_web(repeat_name(address.repeat), cell) if self.repeats else cell

    def parse(self, text: str) -> Address:
        """The address that a text spells, padded or not.

        Raises:
            AddressError: it spells none, or none of this web.
        """
        address = read_address(text)
        self._place(address)
        return address

    def index_of(self, address: Address) -> int:
        """The place of a cell in the order of cells, from 0.

        Raises:
            AddressError: the web has no such cell.
        """
        start, block = self._place(address)
        before = (address.repeat - 1) * self.cells_per_repeat if self.repeats else 0
        return before + start + (address.row - 1) * block.columns + address.column - 1

    def at(self, index: int) -> Address:
        """The address of the cell at a place in the order of cells."""
        if not 0 <= index < self.count:
            raise IndexError(index)
        cells = self.cells(index, index + 1)
        field, block, column, row, repeat = (
            int(values[0]) for values in (cells.field, cells.block, cells.column, cells.row, cells.repeat)
        )
        return Address(field, block, column, row, repeat)

    def cells(self, start: int = 0, stop: int | None = None) -> Cells:
        """The cells of indices ``start`` to before ``stop``, by default all; ask for a long web in pieces."""
        import numpy as np

        return self.cells_at(np.arange(start, self.count if stop is None else min(stop, self.count)))

    def cells_at(self, index: "NDArray[np.int64]") -> Cells:
        """The cells of these indices, each 0 or more and less than ``count``."""
        import numpy as np

        index = np.asarray(index, dtype=np.int64)
        repeat, cell = np.divmod(index, max(1, self.cells_per_repeat))
        table = self._table
        place = np.searchsorted(table.start, cell, side="right") - 1
        row, column = np.divmod(cell - table.start[place], table.columns[place])
        return Cells(
            index=index,
            repeat=repeat + 1 if self.repeats else np.zeros_like(index),
            field=table.field[place],
            block=table.block[place],
            column=column + 1,
            row=row + 1,
            x=table.x[place] + column * (table.width[place] + self.plan.frame.kerf),
            y=table.y[place]
            + row * (table.length[place] + self.plan.frame.kerf)
            + repeat * self.plan.repeat_length,
            width=table.width[place],
            length=table.length[place],
            turned=table.turned[place] > 0,
        )

    def names(self, index: "NDArray[np.int64]") -> "NDArray[np.str_]":
        """The texts of the cells of these indices."""
        import numpy as np

        index = np.asarray(index, dtype=np.int64)
        repeat, cell = np.divmod(index, max(1, self.cells_per_repeat))
        found = self._names[cell]
        if not self.repeats:
            return found
        seen, which = np.unique(repeat, return_inverse=True)
        prefixes = [on_web(repeat_name(number + 1), "") for number in seen.tolist()]
        return np.char.add(np.array(prefixes)[which], found) if index.size else found

    def indices(self, texts: "Sequence[str] | NDArray[np.str_]") -> "NDArray[np.int64]":
        """The index of the cell that each text spells, padded or not; ``UNKNOWN`` where there is no such cell."""
        import numpy as np

        pieces = []
        for at in range(0, len(texts), _ROWS_AT_ONCE):
            piece = texts[at : at + _ROWS_AT_ONCE]
            # one long text of many would make all of them long; cut, it is none that could be an address
            longest = min(_LONGEST, max(map(len, piece)))
            pieces.append(self._indices(*_numbers(np.array(piece, dtype=f"U{max(1, longest)}"))))
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int64)

    def _indices(self, numbers: "NDArray[np.int64]", spelt: "NDArray[np.bool_]") -> "NDArray[np.int64]":
        import numpy as np

        repeat, field, block, column, row = numbers
        table = self._table
        if not table.start.size:
            return np.full(spelt.shape, UNKNOWN, dtype=np.int64)
        most = int(table.block.max()) + 1
        known = spelt & (block < most) & (field <= int(table.field.max()))
        key = np.where(known, field * most + block, 0)
        keys = table.field * most + table.block
        place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        known &= (keys[place] == key) & (row >= 1) & (row <= table.rows[place])
        known &= (column >= 1) & (column <= table.columns[place])
        known &= (repeat >= min(1, self.repeats)) & (repeat <= self.repeats)
        cell = table.start[place] + (row - 1) * table.columns[place] + column - 1
        before = np.maximum(repeat - 1, 0) * self.cells_per_repeat
        return np.where(known, np.where(known, before, 0) + cell, UNKNOWN)

    def _place(self, address: Address) -> tuple[int, BlockAddress]:
        """Index of a block's first cell, and the block, of a cell that there is."""
        field, block, column, row, repeat = address
        spelt = f"{field_name(field)}-{BLOCK}{block}-{COLUMN}{column}-{ROW}{row}"
        if repeat:
            spelt = on_web(f"{REPEAT}{repeat}", spelt)
        found = self._places.get((field, block))
        allowed = ""
        if self.repeats and not repeat:
            allowed = f"{REPEAT} and the number of the repeat before it, on a web of {self.repeats}"
        elif not 0 <= repeat <= self.repeats:
            allowed = f"{counted(self.repeats, 'repeat')}" if self.repeats else "one repeat, without a number"
        elif found is None:
            blocks = sum(name.field == field for name in self.blocks)
            fields = len(self.plan.fields)
            named = 1 <= field <= fields
            allowed = f"{field_name(field)} has {counted(blocks, 'block')}" if named else counted(fields, "field")
        elif not 1 <= column <= found[1].columns or not 1 <= row <= found[1].rows:
            columns, rows = counted(found[1].columns, "column"), counted(found[1].rows, "row")
            allowed = f"{found[1]} has {columns} and {rows}"
        if allowed or found is None:
            raise AddressError(Problem("there is no such cell", spelt, allowed))
        return found

    @cached_property
    def _table(self) -> "_Blocks":
        import numpy as np

        rows = []
        for (name, block), start in zip(addressed(self.plan), self._starts, strict=True):
            size = block.lying(self.plan.cell)
            rows.append(
                (start, name.field, name.block, name.columns, name.rows, block.x, block.y, *size, block.rotated)
            )
        return _Blocks(np.array(rows, dtype=np.int64).reshape(-1, 10).T)

    @cached_property
    def _names(self) -> "NDArray[np.str_]":
        """The texts of all cells of one repeat."""
        import numpy as np

        found = [np.empty(0, dtype=np.str_)]
        for block in self.blocks:
            columns = [f"{block}-{COLUMN}{_padded(n, block.columns)}-" for n in range(1, block.columns + 1)]
            rows = [f"{ROW}{_padded(n, block.rows)}" for n in range(1, block.rows + 1)]
            found.append(np.char.add(np.array(columns)[None, :], np.array(rows)[:, None]).ravel())
        return np.concatenate(found)


class _Blocks:
    """The blocks of a repeat as columns; ``start`` is the index of a block's first cell."""

    def __init__(self, columns: "NDArray[np.int64]") -> None:
        self.start, self.field, self.block, self.columns, self.rows = columns[:5]
        self.x, self.y, self.width, self.length, self.turned = columns[5:]


def _numbers(texts: "NDArray[np.str_]") -> "tuple[NDArray[np.int64], NDArray[np.bool_]]":
    """Repeat, field, block, column and row of texts, and which of the texts are addresses.

    Texts with digits at the same places are read together: there are few such shapes in a file.
    """
    import numpy as np

    numbers = np.zeros((5, texts.size), dtype=np.int64)
    spelt = np.zeros(texts.size, dtype=np.bool_)
    width = texts.dtype.itemsize // 4
    codes = np.ascontiguousarray(texts).view(np.uint32).reshape(texts.size, width)
    digits = codes - np.uint32(ord("0"))
    shapes, which = np.unique(np.packbits(digits < 10, axis=1), axis=0, return_inverse=True)
    for number, shape in enumerate(shapes):
        spans = _spans(np.unpackbits(shape, count=width).tolist())
        if spans is None:
            continue
        rows = np.flatnonzero(which.ravel() == number)
        right = np.ones(rows.size, dtype=np.bool_)
        for letter, (start, stop) in zip(_LETTERS[-len(spans) :], spans, strict=True):
            right &= (codes[rows, start - 1] & ~np.uint32(32)) == ord(letter)
            if start > 1:
                right &= codes[rows, start - 2] == ord("-")
            value = np.zeros(rows.size, dtype=np.int64)
            for at in range(start, stop):
                value = value * 10 + digits[rows, at]
            numbers[_LETTERS.index(letter), rows] = value
        right &= ~codes[rows, spans[-1][1] :].any(axis=1)
        if len(spans) == len(_LETTERS):
            right &= numbers[0, rows] > 0
        spelt[rows] = right
    return numbers, spelt


def _spans(digits: list[int]) -> list[tuple[int, int]] | None:
    """Where the numbers of an address stand in a text with digits at these places; None if it can be none."""
    found = _SHAPE.fullmatch("".join("0" if digit else "-" for digit in digits))
    return None if found is None else [found.span(group) for group in range(1, 6) if found.group(group)]
