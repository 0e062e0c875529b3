"""The search space: every cell on the PDK's size grid, every layer count, both terminal orientations.

Active area, package outline and capacity grow with cell length, with cell width and with the number of layers. So
for a given number of layers and cell length only the narrowest cell that reaches the target can be best (any
arrangement on the web, and every yield, is as good or better for it), and a shorter cell of the same width beats
a longer one. What is left is a staircase of a few hundred cells for each number of layers. Cells whose device
breaks a rule are no part of the space; which ones these are shows as the search meets them.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from layoutgen.sizing.capacity import areal_capacity_mah_per_cm2, rated_utilization, remaining
from layoutgen.sizing.duty import Duty
from layoutgen.sizing.process import Process
from layoutgen.sizing.stackup import pitch_um
from layoutgen.solver.makeable import Makeable
from layoutgen.template import BoundTemplate

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
# a limit is met when it is exceeded by no more than rounding
_ROUNDING_UM = 1e-6
_TOGETHER = 1 << 18
"""Cells of staircases that are worked out at once."""
_OF_YIELD = ("yield_model", "defects_per_cm2", "cluster_parameter", "screen_coverage", "stacking_per_layer")


@dataclass(frozen=True, slots=True)
class Side:
    """One dimension of the cell on the size grid, smallest first: cell, active and package size in um."""

    cell_um: Floats
    active_um: Floats
    package_um: Floats

    def within(self, package_um: float) -> int:
        """How many sizes keep the package within a limit."""
        return int(np.searchsorted(self.package_um, package_um + _ROUNDING_UM, side="right"))


@dataclass(frozen=True, slots=True)
class Box:
    """Package limits in um; infinite where free."""

    length_um: float
    width_um: float


@dataclass(frozen=True, slots=True)
class Space:
    """What may be chosen for one process (one foil and cathode)."""

    process: Process
    template: BoundTemplate
    length: Side
    width: Side
    boxes: tuple[Box, ...]
    layers_max: int
    confidence: float
    cycles: float
    makeable: Makeable
    duty: Duty | None = None
    """Load and charge that a device must keep up with; None where nothing is asked that sizes it."""

    def allows(self, length: int, width: int) -> bool:
        """Whether the cell of two indices keeps the rules."""
        return self.makeable.allows((float(self.length.cell_um[length]), float(self.width.cell_um[width])))

    def narrowest(self) -> Indices:
        """For each length the index of the narrowest width that is not known to break a rule."""
        return self.makeable.narrowest(self.length.cell_um, self.width.cell_um)

    def charge_per_area(self, layers: Indices | int) -> Floats:
        """Rated mAh for each cm2 of active area, all layers together."""
        utilization = rated_utilization(self.process, np.asarray(layers, dtype=float), self.confidence)
        areal = areal_capacity_mah_per_cm2(self.process, utilization) * remaining(self.process, self.cycles)
        return np.asarray(layers * areal, dtype=float)

    def usable_mah(self, layers: Indices | int, length: Indices | int, width: Indices | int) -> Floats:
        """The charge that counts against the target: rated, or what of it the load and the charge time leave.

        Args:
            layers: numbers of layers.
            length, width: indices into the sides.
        """
        along, across = self.length.active_um[length], self.width.active_um[width]
        rated = np.asarray(along * across * 1e-8 * self.charge_per_area(layers), dtype=float)
        if self.duty is None:
            return rated
        return np.asarray(self.duty.usable_mah(self.process, rated, layers, along, across), dtype=float)

    def narrowest_for(self, layers: int, lengths: Indices, target_mah: float) -> Indices:
        """As :meth:`narrowest_for_each`, for one number of layers."""
        narrowest: Indices = self.narrowest_for_each(np.array([layers], dtype=np.int64), lengths, target_mah)[0]
        return narrowest

    def narrowest_for_each(self, numbers: Indices, lengths: Indices, target_mah: float) -> Indices:
        """For each number of layers and each index of a length, the index of the narrowest width with which a stack
        has ``target_mah``; the number of widths where none has. A row for each number."""
        target = target_mah * (1 - 1e-12)
        count = len(self.width.active_um)
        per_area = self.charge_per_area(numbers)
        with np.errstate(divide="ignore"):
            needed_um2 = target / per_area * 1e8
        needed_um = needed_um2[:, None] / self.length.active_um[lengths]
        low = np.searchsorted(self.width.active_um, needed_um).astype(np.int64)
        low[per_area <= 0] = count
        if self.duty is not None:
            for row, number in enumerate(numbers.tolist()):
                low[row] = self._enough(number, lengths, low[row], target)
        return low

    def _enough(self, layers: int, lengths: Indices, low: Indices, target: float) -> Indices:
        """From the width that has the rated charge on, the narrowest whose load and charge leave the target.

        What is usable grows nearly in proportion to the area: two probes settle most rows, halving the others.
        """
        count = len(self.width.active_um)
        low, high = low.copy(), np.full(len(lengths), count, dtype=np.int64)
        rows = np.flatnonzero(low < count)
        here = self.usable_mah(layers, lengths[rows], low[rows])
        needed_um = self.width.active_um[low[rows]] * target / np.maximum(here, target * 1e-3)
        probe = np.clip(np.searchsorted(self.width.active_um, needed_um * (1 - 1e-12)), low[rows], count - 1)
        beside = True
        while len(rows):
            enough = self.usable_mah(layers, lengths[rows], probe) >= target
            high[rows[enough]] = probe[enough]
            low[rows[~enough]] = probe[~enough] + 1
            rows, was_enough = rows[low[rows] < high[rows]], enough[low[rows] < high[rows]]
            middle = (low[rows] + high[rows]) // 2
            probe = np.where(was_enough, high[rows] - 1, low[rows]) if beside else middle
            beside = False
        return high

    def corners(self) -> list[tuple[int, int]]:
        """Indices of the largest (length, width) in each box; boxes are left out that hold no cell, or whose
        largest breaks a rule."""
        found = (self._corner(box) for box in self.boxes)
        return [corner for corner in found if corner and self.allows(*corner)]

    def largest_um(self, box: Box) -> tuple[float, float] | None:
        """The largest cell (length, width) in a box, whether it keeps the rules or not; None in a box too small."""
        corner = self._corner(box)
        return (float(self.length.cell_um[corner[0]]), float(self.width.cell_um[corner[1]])) if corner else None

    def _corner(self, box: Box) -> tuple[int, int] | None:
        length, width = self.length.within(box.length_um), self.width.within(box.width_um)
        return (length - 1, width - 1) if length and width else None

    def most_mah(self) -> float:
        """The most rated charge that the space can hold; 0 where it holds nothing."""
        if self.layers_max < 1:
            return 0.0
        return max((float(self.usable_mah(self.layers_max, i, j)) for i, j in self.corners()), default=0.0)

    def dominates(self, other: "Space") -> bool:
        """Whether every design of ``other`` is also one of this space, as good or better by every figure.

        Same cells, packages and yields, at least as many layers, none of them thicker, no less charge.
        """
        layers = np.arange(1, other.layers_max + 1)
        own_um, other_um = (item.template.height_um(layers, pitch_um(item.process)) for item in (self, other))
        own_areal, other_areal = (areal_capacity_mah_per_cm2(item.process) for item in (self, other))
        return bool(
            own_areal >= other_areal
            and self.layers_max >= other.layers_max
            and np.all(own_um <= other_um)
            and np.all(self.charge_per_area(layers) >= other.charge_per_area(layers))
            and all(getattr(self.process, name) == getattr(other.process, name) for name in _OF_YIELD)
            and self.boxes == other.boxes
            and self.makeable is other.makeable
            and self.duty is None
            and other.duty is None
            and all(
                np.array_equal(getattr(own, name), getattr(others, name))
                for own, others in ((self.length, other.length), (self.width, other.width))
                for name in Side.__slots__
            )
        )


@dataclass(frozen=True, slots=True)
class Cells:
    """Candidate designs, one a row: number of layers, and indices into the sides of the space."""

    layers: Indices
    length: Indices
    width: Indices

    def __len__(self) -> int:
        return len(self.layers)

    def take(self, rows: NDArray[np.bool_] | Indices) -> "Cells":
        return Cells(self.layers[rows], self.length[rows], self.width[rows])


def build_space(
    process: Process,
    template: BoundTemplate,
    *,
    grid_um: float,
    reach_um: float,
    boxes: tuple[Box, ...],
    height_um: float,
    layers_max: int,
    confidence: float,
    cycles: float,
    makeable: Makeable,
    duty: Duty | None = None,
) -> Space:
    """Lay out the grid.

    Args:
        process: numbers of the process.
        template: device geometry.
        grid_um: cell dimensions are multiples of this.
        reach_um: longest side that the web's fields can hold.
        boxes: package limits, one for each way to lay the terminal axis.
        height_um: largest package height, infinite where free.
        layers_max: most layers of the process.
        confidence: of the rated capacity.
        cycles: after which the rated capacity must still be there.
        makeable: which cells keep the rules.
        duty: load and charge that a device must keep up with.
    """
    limits = tuple(min(max(getattr(box, side) for box in boxes), reach_um) for side in ("length_um", "width_um"))
    asked = grid_um, *limits
    if asked not in makeable.sides:
        makeable.sides[asked] = _sides(template, *asked)
    length, width = makeable.sides[asked]
    return Space(
        process=process,
        template=template,
        length=length,
        width=width,
        boxes=boxes,
        layers_max=min(layers_max, _layers_within(template, process, height_um, layers_max)),
        confidence=confidence,
        cycles=cycles,
        makeable=makeable,
        duty=duty,
    )


def _sides(
    template: BoundTemplate, grid_um: float, limit_length_um: float, limit_width_um: float
) -> tuple[Side, Side]:
    """Lengths and widths on the grid, up to their limits."""
    smallest_length, smallest_width = template.smallest_cell_um(grid_um)
    lengths = _grid(smallest_length, limit_length_um, grid_um)
    widths = _grid(smallest_width, limit_width_um, grid_um)
    boxes_on_grid = template.rectangles(lengths, smallest_width)
    active = [boxes_on_grid[name] for name in template.template.package.active]
    active_length = np.minimum.reduce([box.x1 for box in active]) - np.maximum.reduce([box.x0 for box in active])
    boxes_on_grid = template.rectangles(smallest_length, widths)
    active = [boxes_on_grid[name] for name in template.template.package.active]
    active_width = np.minimum.reduce([box.y1 for box in active]) - np.maximum.reduce([box.y0 for box in active])
    return (
        Side(lengths, active_length, template.package_size_um(lengths, smallest_width)[0]),
        Side(widths, active_width, template.package_size_um(smallest_length, widths)[1]),
    )


def undominated(spaces: Sequence[Space]) -> list[bool]:
    """For each space whether no other :meth:`~Space.dominates` it; of equal ones the first is not dominated."""

    def dominated(number: int) -> bool:
        space = spaces[number]
        return any(
            other.dominates(space) and (at < number or not space.dominates(other))
            for at, other in enumerate(spaces)
            if at != number
        )

    return [not dominated(number) for number in range(len(spaces))]


def staircases(space: Space, target_mah: float, numbers: Iterable[int] | None = None) -> Iterator[Cells]:
    """The cells that can be best at a target, for one number of layers after the other, fewest first.

    ``numbers`` are the numbers of layers to look at; all that the space has where not given.
    """
    corners = space.corners()
    if not corners:
        return
    longest = max(length for length, _ in corners)
    wanted = np.array(sorted(_numbers(space, numbers)), dtype=np.int64)
    together = max(1, _TOGETHER // (longest + 1))
    for start in range(0, len(wanted), together):
        cells = _stairs(space, wanted[start : start + together], target_mah, corners)
        ends = np.searchsorted(cells.layers, wanted[start : start + together], side="right")
        for first, last in pairwise([0, *ends.tolist()]):
            if first < last:
                yield cells.take(np.arange(first, last))


def proportioned(
    space: Space, target_mah: float, aspect: float, numbers: Iterable[int] | None = None
) -> Iterator[Cells]:
    """As :func:`staircases`, for packages of one aspect: the smallest cell for each number of layers."""
    found = []
    for ratio in dict.fromkeys((aspect, 1.0 / aspect)):
        index = np.searchsorted(space.width.package_um, space.length.package_um / ratio)
        last = len(space.width.cell_um) - 1
        lower = np.clip(index - 1, 0, last)
        upper = np.clip(index, 0, last)
        wanted = space.length.package_um / ratio
        nearer = np.abs(space.width.package_um[lower] - wanted) < np.abs(space.width.package_um[upper] - wanted)
        width = np.where(nearer, lower, upper)
        off = np.abs(space.width.package_um[width] - wanted)
        step = space.width.package_um[1] - space.width.package_um[0] if last else 0.0
        usable = (off <= step) & (width >= space.narrowest())
        found.append((width, usable))
    lengths = np.arange(len(space.length.cell_um), dtype=np.int64)
    for layers in _numbers(space, numbers):
        rows = []
        for width, close in found:
            enough = np.flatnonzero((space.usable_mah(layers, lengths, width) >= target_mah * (1 - 1e-12)) & close)
            if len(enough):
                rows.append((int(enough[0]), int(width[enough[0]])))
        if rows:
            pairs = np.array(rows, dtype=np.int64)
            yield Cells(np.full(len(rows), layers, dtype=np.int64), pairs[:, 0], pairs[:, 1])


def _numbers(space: Space, numbers: Iterable[int] | None) -> Iterable[int]:
    every = range(1, space.layers_max + 1)
    return every if numbers is None else [number for number in numbers if number in every]


def _stairs(space: Space, numbers: Indices, target_mah: float, corners: list[tuple[int, int]]) -> Cells:
    """The staircases of some numbers of layers, one after the other."""
    longest = max(length for length, _ in corners)
    lengths = np.arange(longest + 1, dtype=np.int64)
    width = np.maximum(space.narrowest_for_each(numbers, lengths, target_mah), space.narrowest()[: longest + 1])
    fits = np.zeros(width.shape, dtype=bool)
    for corner_length, corner_width in corners:
        fits |= (lengths <= corner_length) & (width <= corner_width)
    fits[:, 1:] &= width[:, 1:] != width[:, :-1]
    stack, length = np.nonzero(fits)
    return Cells(numbers[stack], lengths[length], width[stack, length])


def _grid(smallest_um: float, limit_um: float, grid_um: float) -> Floats:
    """Grid sizes from the smallest possible cell to the limit; one at least, so that arrays are never empty."""
    first = round(smallest_um / grid_um)
    last = max(first, math.floor(limit_um / grid_um + 1e-9))
    return np.arange(first, last + 1, dtype=float) * grid_um


def _layers_within(template: BoundTemplate, process: Process, height_um: float, layers_max: int) -> int:
    layers = np.arange(1, layers_max + 1)
    heights = template.height_um(layers, pitch_um(process))
    return int(np.searchsorted(heights, height_um + _ROUNDING_UM, side="right"))
