"""A number with its unit, its source and how far it may be trusted."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, get_args

from pydantic import AfterValidator, Field, model_validator
from pydantic.fields import FieldInfo

from layoutgen.errors import QuantityError
from layoutgen.record import KitRecord, refusal
from layoutgen.units import convert


class Kind(StrEnum):
    """Where a number comes from: one's own line, the technology's paper, another public source, arithmetic, or our
    assumption.

    ``override`` marks a value that the user set for one run.
    """

    MEASURED = "measured"
    PAPER = "paper"
    PUBLISHED = "published"
    DERIVED = "derived"
    ASSUMED = "assumed"
    OVERRIDE = "override"


class Quantity(KitRecord):
    """One value of a process design kit. A value without a source does not load."""

    value: float
    """The number."""
    unit: str
    """Its unit; another unit of the same kind is converted."""
    source: str = Field(min_length=3)
    """Where the number comes from, so that a reader can look it up."""
    kind: Kind
    """How far it may be trusted: measured, paper, published, derived or assumed."""
    low: float | None = None
    """Low end of the plausible range, in the same unit."""
    high: float | None = None
    """High end of the plausible range, in the same unit."""
    options: tuple[float, ...] = ()
    """The values that the process offers; empty where any value is possible."""
    note: str = ""
    """Anything else that a reader should know."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        numbers = [self.value, *self.options, *(x for x in (self.low, self.high) if x is not None)]
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError("must be a finite number")
        if self.low is not None and self.value < self.low:
            raise ValueError(f"value {self.value:g} lies below its own low end {self.low:g}")
        if self.high is not None and self.value > self.high:
            raise ValueError(f"value {self.value:g} lies above its own high end {self.high:g}")
        if self.options and self.kind is not Kind.OVERRIDE and self.value not in self.options:
            listed = ", ".join(f"{option:g}" for option in self.options)
            raise ValueError(f"value {self.value:g} is not among its own options ({listed})")
        return self


@dataclass(frozen=True, slots=True)
class Measure:
    """Checks that a quantity is one in ``unit`` within ``above .. most``; converts another unit of the same kind.

    ``above`` itself is allowed only where ``inclusive``; ``most`` always is. ``whole`` allows no fractions.
    """

    unit: str
    above: float
    most: float
    inclusive: bool
    whole: bool = False

    def __call__(self, quantity: Quantity) -> Quantity:
        quantity = _converted(quantity, self.unit)
        ends = (end for end in (quantity.low, quantity.high) if end is not None)
        for number in (quantity.value, *quantity.options, *ends):
            if number > self.most or number < self.above or (number == self.above and not self.inclusive):
                unit = "" if self.unit == "1" else f" {self.unit}"
                raise refusal(f"{number:g}{unit} is out of range", allowed=f"{self.range_text()}{unit}")
            if self.whole and not number.is_integer():
                raise refusal(f"{number:g} is not a whole number", allowed=f"one {self.range_text()}")
        return quantity

    def range_text(self) -> str:
        """What is allowed, as ``more than 0 and at most 25``."""
        floor = f"{'at least' if self.inclusive else 'more than'} {self.above:g}"
        return floor + ("" if self.most == math.inf else f" and at most {self.most:g}")


def measured_in(
    unit: str, *, above: float = 0.0, most: float = math.inf, inclusive: bool = True, whole: bool = False
) -> AfterValidator:
    """Annotates a quantity as one in ``unit``; see :class:`Measure`."""
    return AfterValidator(Measure(unit, above, most, inclusive, whole))


def optional_measure(field: FieldInfo | None) -> Measure | None:
    """The measure of a quantity that may be left out (``Length | None``); None for every other field."""
    if field is None or field.default is not None:
        return None
    for choice in get_args(field.annotation):
        for mark in getattr(choice, "__metadata__", ()):
            if isinstance(mark, AfterValidator) and isinstance(mark.func, Measure):
                return mark.func
    return None


def _converted(quantity: Quantity, unit: str) -> Quantity:
    if quantity.unit == unit:
        return quantity
    try:
        scale: Callable[[float], float] = lambda number: convert(number, quantity.unit, unit)  # noqa: E731
        return quantity.model_copy(
            update={
                "value": scale(quantity.value),
                "unit": unit,
                "low": None if quantity.low is None else scale(quantity.low),
                "high": None if quantity.high is None else scale(quantity.high),
                "options": tuple(scale(option) for option in quantity.options),
            }
        )
    except QuantityError as error:
        problem = error.problems[0]
        raise refusal(str(problem.what), allowed=str(problem.allowed)) from error
