"""Which cells a process can make: those whose device keeps every rule that looks at one device.

A cell that is too small has no room for its needle target, its density is too low, or its lands touch. The rules
themselves are asked, on the device drawn by itself; what they say of one cell holds for all that are smaller or
larger, since every edge of a device template follows the cell's length or its width and what lies between two of
them never shrinks as the cell grows. So few cells are drawn, mostly one.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import PreflightError, Problem, RuleError
from layoutgen.expressions import names_in, parse_expression
from layoutgen.mechanics.asked import BendLimits, bend_figures
from layoutgen.pdk.rule import Rule
from layoutgen.pdk.values import numbers

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk
    from layoutgen.rules.context import Context
    from layoutgen.template import BoundTemplate

CellSize = tuple[float, float]

_OF_ONE_DEVICE: Final = frozenset({"package.length", "package.width", "package.short_side", "package.long_side"})
_OF_ANY_CELL: Final = frozenset({"bend.roller_radius"})
"""Figures of a device that are the same whatever its size."""
_OF_LANDS: Final = frozenset({"land.gap", "land.toe"})
_ROOMY: Final = 4
"""The first cell that is drawn is so many times the smallest that has all elements; larger ones need no look."""
_MOST_UM: Final = 100_000.0
"""Where the search for a cell that keeps the rules ends."""
DRAWING: Final = ""
"""Stands for a rule where the device of a cell cannot be drawn at all."""


@dataclass(slots=True)
class Makeable:
    """The cells of one process, by (length, width) in um on its size grid.

    It remembers what was drawn: cells that keep the rules, and for each one that does not the largest that fails
    with it. Two processes that ask the same of a device may share one.
    """

    pdk: "Pdk"
    template: "BoundTemplate"
    grid_um: float
    rules: dict[str, Rule]
    sides: dict[tuple[float, ...], Any] = field(default_factory=dict)
    """Grid and limits -> the sizes of cells within them, which spaces of this process share."""
    _kept: list[CellSize] = field(default_factory=list)
    _failed: list[CellSize] = field(default_factory=list)
    _odd_kept: dict[CellSize, bool] = field(default_factory=dict)
    _growing: list[str] = field(init=False)
    """Rules that a larger cell keeps where a smaller one does."""
    _odd: list[str] = field(init=False)
    """The others, which every cell is asked by itself."""
    _always: tuple[str, ...] | None = None
    _last: CellSize = (0.0, 0.0)
    """The cell that was looked at last for rules that no cell keeps."""

    def __post_init__(self) -> None:
        self._growing = [name for name, rule in self.rules.items() if _grows(rule)]
        self._odd = [name for name in self.rules if name not in self._growing]

    @classmethod
    def of(cls, pdk: "Pdk", template: "BoundTemplate", waived: Collection[str] = ()) -> "Makeable":
        """What a process asks of one device; ``waived`` rules are not asked."""
        rules = {
            name: rule
            for name, rule in pdk.rules.items()
            if rule.severity == "error" and name not in waived and _of_one_device(rule)
        }
        return cls(pdk, template, pdk.web.size_grid.value, rules)

    @property
    def asks(self) -> tuple[object, ...]:
        """All that decides which cells keep the rules, of processes that differ in thicknesses of films only."""
        values = numbers(self.pdk)
        texts = [(rule.figure or "0", rule.limit) for rule in self.rules.values()]
        names = [name for pair in texts for text in pair for name in names_in(parse_expression(text))]
        roller_mm = BendLimits(self.pdk).least_radius_mm(1)
        return (*self.template.parameters.values(), *(values.get(name) for name in names), roller_mm)

    @property
    def known(self) -> int:
        """How many cells were found to break a rule; it grows as a search meets them."""
        return len(self._failed) + sum(not kept for kept in self._odd_kept.values())

    def always_broken(self) -> tuple[str, ...]:
        """Rules that no cell keeps, whatever its size: what was set breaks them, or the kit itself does."""
        if self._always is None:
            self._always = self._look_around()
        return self._always

    def allows(self, cell_um: CellSize) -> bool:
        """Whether the device of a cell keeps every rule."""
        if self.always_broken() or not self._is_large_enough(cell_um):
            return False
        if self._odd and cell_um not in self._odd_kept:
            self._odd_kept[cell_um] = not self.broken(cell_um, self._odd)
        return self._odd_kept.get(cell_um, True)

    def _is_large_enough(self, cell_um: CellSize) -> bool:
        length, width = cell_um
        if any(length >= a and width >= b for a, b in self._kept):
            return True
        if any(length <= a and width <= b for a, b in self._failed):
            return False
        broken = self.broken(cell_um, self._growing)
        if not broken:
            self._kept.append(cell_um)
            self._reach_in(cell_um)
            return True
        self._failed.append(cell_um)
        self._reach_out(cell_um, broken)
        return False

    def narrowest(self, lengths_um: NDArray[np.float64], widths_um: NDArray[np.float64]) -> NDArray[np.int64]:
        """For each length the index of the narrowest width that is not known to break a rule."""
        found = np.zeros(len(lengths_um), dtype=np.int64)
        for length, width in self._failed:
            index = int(np.searchsorted(widths_um, width + self.grid_um / 2))
            found[lengths_um < length + self.grid_um / 2] = np.maximum(
                found[lengths_um < length + self.grid_um / 2], index
            )
        return found

    def broken(self, cell_um: CellSize, names: Sequence[str] | None = None) -> tuple[str, ...]:
        """The rules, all or some, that the device of a cell breaks; :data:`DRAWING` where it has no drawing."""
        from layoutgen.rules.engine import run_rule

        try:
            context = self._device(cell_um)
        except PreflightError:
            return (DRAWING,)
        wanted = self.rules if names is None else [name for name in names if name]
        outcomes = {name: run_rule(context, self.rules[name]) for name in wanted}
        return tuple(name for name, outcome in outcomes.items() if outcome.violations or outcome.obstacle)

    def why_not(self, cell_um: CellSize) -> str:
        """The rules that a cell breaks, in words."""
        return self._said(self.broken(cell_um))

    def require_some(self) -> None:
        """Refuse a process that breaks a rule in every cell.

        Raises:
            RuleError: names the rules.
            PreflightError: no cell can be drawn.
        """
        broken = self.always_broken()
        if broken == (DRAWING,):
            length, width = self.template.smallest_cell_um(self.grid_um)
            self._device((self._on_grid(_ROOMY * length), self._on_grid(_ROOMY * width)))
        named = [name for name in broken if name != DRAWING]
        if not named:
            return
        figures = self._figures(self._last, named)
        raise RuleError(
            Problem(
                f"no cell keeps {name}{figures[name]}: {self.rules[name].statement}", remedy=self.rules[name].remedy
            )
            for name in named
        )

    def _figures(self, cell_um: CellSize, names: Sequence[str]) -> dict[str, str]:
        """What was measured of a cell, and what each rule requires."""
        from layoutgen.rules.engine import check_rules_on

        context = self._device(cell_um)
        asked = self.pdk.model_copy(update={"rules": {name: self.rules[name] for name in names}})
        report = check_rules_on(replace(context, pdk=asked))
        found = dict.fromkeys(names, "")
        # the first finding of a rule stands
        return found | {finding.rule: f" ({finding.figures})" for finding in reversed(report.findings)}

    def _said(self, broken: Sequence[str]) -> str:
        named = ", ".join(f"{name} ({self.rules[name].title.lower()})" for name in broken if name != DRAWING)
        return f"breaks {named}" if named else "has no room for every element of the device"

    def _device(self, cell_um: CellSize) -> "Context":
        from layoutgen.layout.cell import device_alone, draw_device
        from layoutgen.layout.dbu import plan_dbu_nm
        from layoutgen.rules.context import Context
        from layoutgen.rules.figures import device_figures
        from layoutgen.sizing.device import size_device

        unit = plan_dbu_nm(self.pdk)
        layout = device_alone(draw_device(self.pdk, self.template, cell_um, unit), unit)
        device = size_device(self.pdk, self.template, cell_um, 1, 0.5)
        bent = bend_figures(self.pdk, self.template, device, None)
        return Context(self.pdk, self.template, layout, 1, device_figures(device, self.template) | bent)

    def _look_around(self) -> tuple[str, ...]:
        """Find a cell that keeps the rules, not far above the smallest that has all elements."""
        smallest = self.template.smallest_cell_um(self.grid_um)
        factor = _ROOMY
        broken: tuple[str, ...] = (DRAWING,)
        while factor * max(smallest) <= _MOST_UM or factor == _ROOMY:
            roomy = self._last = self._on_grid(factor * smallest[0]), self._on_grid(factor * smallest[1])
            broken = self.broken(roomy, self._growing)
            if not broken:
                self._kept.append(roomy)
                return ()
            factor *= 2
        return broken

    def _reach_out(self, cell_um: CellSize, broken: Sequence[str]) -> None:
        """Longer cells of the width of one that breaks rules, and wider ones of its length, that break them too."""
        roomy = self._kept[0]
        for along in (0, 1):
            low, high, other = cell_um[along], roomy[along], cell_um[1 - along]
            if high <= low or self._breaks(along, high, other, broken):
                # however long: what is too narrow stays so
                self._failed.append((math.inf, other) if along == 0 else (other, math.inf))
                self._narrow_down(along, broken)
                continue
            while high - low > self.grid_um * 1.5:
                middle = self._on_grid((low + high) / 2)
                low, high = (middle, high) if self._breaks(along, middle, other, broken) else (low, middle)
            self._failed.append((low, other) if along == 0 else (other, low))

    def _reach_in(self, cell_um: CellSize) -> None:
        """The shortest cell of the width of one that keeps the rules, and the narrowest of its length.

        A search goes along cells of one area: each is longer and narrower than the last, or shorter and wider, so
        that none tells anything of the next.
        """
        for along in (0, 1):
            high, other = cell_um[along], cell_um[1 - along]
            low = max((cell[along] for cell in self._failed if other <= cell[1 - along]), default=0.0)
            while high - low > self.grid_um * 1.5:
                middle = self._on_grid((low + high) / 2)
                low, high = (middle, high) if self._breaks(along, middle, other, self._growing) else (low, middle)
            self._kept.append((high, other) if along == 0 else (other, high))

    def _narrow_down(self, along: int, broken: Sequence[str]) -> None:
        """The largest size across that fails however roomy the cell is along."""
        roomy, last = self._kept[0], self._failed[-1]
        low, high = last[1 - along], roomy[1 - along]
        while high - low > self.grid_um * 1.5:
            middle = self._on_grid((low + high) / 2)
            low, high = (middle, high) if self._breaks(along, roomy[along], middle, broken) else (low, middle)
        self._failed.append((math.inf, low) if along == 0 else (low, math.inf))

    def _breaks(self, along: int, size: float, other: float, names: Sequence[str]) -> bool:
        return bool(self.broken((size, other) if along == 0 else (other, size), names))

    def _on_grid(self, size_um: float) -> float:
        return round(size_um / self.grid_um) * self.grid_um


def _of_one_device(rule: Rule) -> bool:
    """Whether a rule looks at one device only, and at nothing that its number of layers decides."""
    if rule.view == "device":
        return True
    if rule.view != "figures":
        return False
    names = {name for text in (rule.figure, rule.limit) for name in names_in(parse_expression(text))}
    figures = {name for name in names if name.startswith(("asked.", "stack.", "land."))}
    return (
        bool(names & (_OF_ONE_DEVICE | _OF_LANDS | _OF_ANY_CELL))
        and figures <= _OF_LANDS
        and "package.height" not in names
    )


def _grows(rule: Rule) -> bool:
    """Whether a cell that is larger keeps a rule that a smaller one keeps."""
    names = {name for text in (rule.figure or "0", rule.limit) for name in names_in(parse_expression(text))}
    if rule.check == "figure" and not names & (_OF_ONE_DEVICE | _OF_LANDS):
        return True
    return rule.relation != "at most" or rule.check not in {"figure", "size", "density", "count"}
