"""Why the answer is what it is: prices of the limits, sensitivities, and what assumed numbers do to it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """What relaxing one limit alone would gain. ``gain_percent`` is in the figure of the objective."""

    limit: str
    by: float
    unit: str
    gain_percent: float
    figure: str
    text: str


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Percent that each figure of the chosen design changes for one percent more of a PDK value."""

    path: str
    kind: str
    rated_capacity: float
    height: float
    good_devices_per_m2: float
    stack_yield: float
    resistance: float = 0.0
    current: float = 0.0

    @property
    def largest(self) -> float:
        figures = (self.rated_capacity, self.height, self.good_devices_per_m2, self.stack_yield)
        return max(map(abs, (*figures, self.resistance, self.current)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to the same question with one PDK value changed; None where there is no answer."""

    value: float
    layers: int | None
    height_mm: float | None
    good_devices_per_m2: float | None
    resistance_ohm: float | None = None
    max_continuous_ma: float | None = None


@dataclass(frozen=True, slots=True)
class AssumedRange:
    """What an assumed or derived number does to the answer between the ends of its plausible range."""

    path: str
    unit: str
    low: Outcome
    high: Outcome


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """The answer to the same question if the line stacked in another order; None where there is no answer."""

    order: str
    layers: int | None
    height_mm: float | None
    good_devices_per_m2: float | None


@dataclass(frozen=True, slots=True)
class Without:
    """The answer to the same question without one electrical requirement; None where there is no answer.

    ``layers_more``, ``height_more_mm`` and ``good_devices_percent`` are what the requirement makes of the design.
    """

    requirement: str
    layers: int | None
    height_mm: float | None
    good_devices_per_m2: float | None
    layers_more: int | None
    height_more_mm: float | None
    good_devices_percent: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Prices, sensitivities and ranges, the most important first; orders of stacking; costs of requirements."""

    prices: tuple[Price, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    ranges: tuple[AssumedRange, ...] = ()
    orders: tuple[OrderOutcome, ...] = ()
    requirements: tuple[Without, ...] = ()
