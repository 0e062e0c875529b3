"""The electrical test of a kit: sweep, prober, what readings may be, rules of bins, rollers, limits of a lot.

No design depends on these tables. In the shipped kits they stand in ``test.toml``.
"""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from layoutgen.pdk.measures import (
    Activation,
    AnyAsr,
    Capacitance,
    Cells,
    Coverage,
    Exponent,
    Factor,
    Frequency,
    Length,
    PhaseElement,
    Points,
    Sites,
    Speed,
    Time,
    Warburg,
)
from layoutgen.pdk.quantity import Quantity
from layoutgen.record import Form, KitRecord
from layoutgen.units import dimension_of

Reading: TypeAlias = Literal["ocv", "asr", "capacity", "leak", "contact", "temperature"]
"""What is read of a cell, or follows from what is read."""
READING_UNITS: dict[str, str] = {
    "ocv": "V",
    "asr": "ohm cm2",
    "capacity": "mAh",
    "leak": "uA",
    "contact": "ohm",
    "temperature": "degC",
}
"""The unit that a limit of a reading is counted in; any unit of the same kind may be given."""
LEAK_OF_AREA: str = "uA/cm2"
"""The unit in which a limit on the leak may be given too: it holds for cells of any size then."""
RuleName = Annotated[
    str, Form(r"[A-Z][A-Z0-9_]{0,31}", "capital letters, digits and _, at most 32, the first a letter")
]
RollerName = Annotated[str, Form(r"[a-z0-9][a-z0-9-]{0,39}", "lower-case letters, digits and -, at most 40")]


class Circuit(KitRecord):
    """The equivalent circuit of a cell: R0 + R1 parallel C1 + R2 parallel CPE + W / sqrt(jw)."""

    series: AnyAsr
    """R0: contacts and current collectors."""
    electrolyte: AnyAsr
    """R1: the electrolyte, thickness / conductivity."""
    electrolyte_capacitance: Capacitance
    """C1: the electrolyte as a dielectric."""
    interface: AnyAsr
    """R2: the interface of cathode and electrolyte."""
    interface_element: PhaseElement
    """Q2 of the constant phase element 1 / (Q2 (jw)^n) beside R2."""
    interface_exponent: Exponent
    """n of the constant phase element; 1 is a capacitor."""
    diffusion: Warburg
    """W of the Warburg element W / sqrt(jw): an impedance, not an admittance."""
    activation: Activation
    """Ea of R1 and R2: R(T) = R(25 degC) exp(Ea/k (1/T - 1/298.15 K))."""


class Sweep(KitRecord):
    """The impedance sweep of one touchdown: stepped, one period at each frequency."""

    low: Frequency
    """Lowest frequency; it sets how long a sweep takes."""
    high: Frequency
    """Highest frequency."""
    points_per_decade: Points
    """Frequencies in each decade."""


class Prober(KitRecord):
    """What moves and measures."""

    sites: Sites
    """Probes of a card."""
    channels: Sites
    """Cells that are measured at the same time; the sites of a touchdown take turns."""
    speed: Speed
    """Of the stage between touchdowns, and of the web between repeats."""
    move: Time
    """Added to each move: speeding up, stopping, settling."""
    contact: Time
    """Down, and up again."""
    voltage: Time
    """Reading the open-circuit voltage of one channel."""


class Range(KitRecord):
    """What a reading can be; outside, the instrument or the file is wrong, not the cell."""

    low: Quantity
    """Smallest plausible reading."""
    high: Quantity
    """Largest plausible reading."""


class Estimate(KitRecord):
    """What is worked out of readings; how well they tell the capacity is in `assembly`, for the rating too."""

    differential_capacitance: Capacitance
    """dQ/dV of the cell at rest, for the leak: I = C (V1 - V2) / (t2 - t1)."""
    rest: Time | None = None
    """Shortest time between two voltages of which a leak is worked out: in less, the meter's noise would be one."""


class Gauge(KitRecord):
    """The measurement system."""

    low: Quantity
    """Lower end of the tolerance that the gauge is measured by, a voltage."""
    high: Quantity
    """Upper end of it."""
    limit: Coverage
    """Largest 6 sigma of gauge over tolerance."""


class BinRule(KitRecord):
    """One rule: what it looks at, its limits, and the bin of a cell that it hits.

    Rules count in the order of their bins: the first that hits a cell decides its bin, all hits are kept.
    """

    kind: Literal[
        "limit", "part-average", "neighbour", "neighbourhood", "contact", "tester", "spectrum", "defect", "zone"
    ]  # fmt: skip
    """``limit``: outside low .. high; ``part-average``: further than k robust sigma from the lot's median;
    ``neighbour``: further than k robust sigma from cells beside it in its lane; ``neighbourhood``: k or more of the
    cells around it failed; ``contact``: no contact; ``tester``: the tester itself gave it a
    failing bin; ``spectrum``: not linear, causal or stable; ``defect``: a
    defect seen by inspection; ``zone``: in a part of the repeat that is declared dead."""
    bin: int = Field(ge=2, le=254)
    """Code of the bin; 0 is not tested, 1 good, 255 no device."""
    title: str = Field(min_length=3)
    """What it means, for maps and lists."""
    hard: bool = False
    """Whether the cell is dead: dead cells do not count where others are judged by their neighbours."""
    enabled: bool = True
    """Whether the rule bins; one that does not is priced by a what-if."""
    of: Reading | None = None
    """What is judged: for limit, part-average and neighbour."""
    low: Quantity | None = None
    """Lower limit; of a leak as the current of a cell or of its area, nA or nA/cm2."""
    high: Quantity | None = None
    """Upper limit, likewise."""
    k: Factor | None = None
    """Robust sigmas; for neighbourhood the number of failed cells around."""
    neighbours: Cells | None = None
    """Cells of the lane that a neighbour rule compares with, half of them on either side."""
    side: Literal["both", "low", "high"] = "both"
    """Which side of a statistical limit hits."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        judged = self.kind in {"limit", "part-average", "neighbour"}
        if judged != (self.of is not None):
            raise ValueError(f"'of' is given exactly for limit, part-average and neighbour, not for {self.kind}")
        if self.kind == "limit" and self.low is None and self.high is None:
            raise ValueError("a limit needs 'low', 'high' or both")
        if self.kind != "limit" and (self.low is not None or self.high is not None):
            raise ValueError(f"'low' and 'high' are for kind limit, not {self.kind}")
        if (self.kind in {"part-average", "neighbour", "neighbourhood"}) != (self.k is not None):
            raise ValueError("'k' is given exactly for part-average, neighbour and neighbourhood")
        if (self.kind == "neighbour") != (self.neighbours is not None):
            raise ValueError("'neighbours' is given exactly for kind neighbour")
        if self.neighbours is not None and not 4 <= self.neighbours.value <= 200:
            raise ValueError("'neighbours' is a number from 4 to 200")
        for name in ("low", "high"):
            _require_unit(getattr(self, name), self.of, name, of_area=True)
        return self


class Lot(KitRecord):
    """When a web is held."""

    yield_low: Coverage
    """Least share of good cells of those tested."""
    bin_high: Coverage
    """Largest share of a single failing bin."""
    retest_high: Coverage
    """Largest share of cells that passed only on retest."""
    tested_low: Coverage
    """Least share of cells that were tested."""


class Roller(KitRecord):
    """A roll that touches the web; a mark on it comes back every circumference."""

    circumference: Length
    """Measured around the roll, foil thickness included."""


class Learn(KitRecord):
    """How signatures are told from chance."""

    significance: Coverage
    """A signature is reported below this probability, corrected for the number of tests."""
    block: Length
    """Side of the square blocks in which defects are counted; the cluster parameter holds for it."""


class WebTest(KitRecord):
    """The electrical test, and what is made of its readings."""

    circuit: Circuit
    """A cell as a circuit, after formation."""
    sweep: Sweep
    """The impedance sweep."""
    prober: Prober
    """The web prober."""
    readings: dict[Reading, Range]
    """What readings may be, by name."""
    estimate: Estimate
    """Capacity from the test."""
    gauge: Gauge
    """The measurement system."""
    rules: dict[RuleName, BinRule] = Field(min_length=1)
    """Rules of bins by name."""
    lot: Lot
    """Limits of a lot."""
    rollers: dict[RollerName, Roller] = Field(default_factory=dict)
    """Rolls that touch the web, by name."""
    learn: Learn
    """Statistics of defects."""

    @model_validator(mode="after")
    def _bins_are_unique(self) -> Self:
        seen: dict[int, str] = {}
        for name, rule in self.rules.items():
            other = seen.setdefault(rule.bin, name)
            if other != name:
                raise ValueError(f"rules {other} and {name} share bin {rule.bin}")
        for name, limits in self.readings.items():
            _require_unit(limits.low, name, f"readings.{name}.low")
            _require_unit(limits.high, name, f"readings.{name}.high")
        for end in ("low", "high"):
            _require_unit(getattr(self.gauge, end), "ocv", f"gauge.{end}")
        return self

    @model_validator(mode="after")
    def _sweep_goes_up(self) -> Self:
        if self.sweep.low.value >= self.sweep.high.value:
            raise ValueError("sweep.low lies above sweep.high")
        return self


def _require_unit(quantity: Quantity | None, reading: str | None, name: str, *, of_area: bool = False) -> None:
    if quantity is None or reading is None:
        return
    wanted = READING_UNITS[reading]
    if of_area and reading == "leak" and dimension_of(quantity.unit) == dimension_of(LEAK_OF_AREA):
        return
    if dimension_of(quantity.unit) != dimension_of(wanted):
        raise ValueError(f"{name!r} is in {quantity.unit!r}; {reading} is counted in {wanted}")
