"""What is asked: capacity, footprint, height, and how to choose among the designs that meet them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from layoutgen.errors import Input, Key, Place, Problem, QuantityError, SpecError
from layoutgen.pdk.load import DEFAULT_PDK
from layoutgen.record import Form, Record, refusal
from layoutgen.sizing.attach import Attach
from layoutgen.sizing.load_file import MOST_MA, MOST_STEPS, STEP_S
from layoutgen.titleblock import Title
from layoutgen.toml import NotTomlError, read_toml
from layoutgen.units import (
    counted,
    parse,
    parse_footprint_mm,
    parse_outline_mm,
    parse_pulse,
    parse_temperature,
    plain,
    pulse_text,
)


class Objective(StrEnum):
    """What makes one design better than another that also meets the question."""

    WEB = "web"
    """Least web area for each good device; the lowest package among those within the indifference."""
    HEIGHT = "height"
    """Lowest package; then least web area."""
    FOOTPRINT = "footprint"
    """Smallest package outline; then least web area."""
    CAPACITY = "capacity"
    """Most rated capacity."""
    ENERGY_DENSITY = "energy-density"
    """Smallest package volume for the charge asked for; where none is asked for, most energy per volume."""


class SizeLimits(StrEnum):
    """Which package the footprint and the height of a question limit."""

    NOMINAL = "nominal"
    """The package as designed; parts vary around it by the tolerances of the process."""
    MAXIMUM = "maximum"
    """The largest part that the tolerances allow."""


class PackingEffort(StrEnum):
    """How hard the web of the chosen design is packed; the search itself uses quick exact strips."""

    STANDARD = "standard"
    MEDIUM = "medium"
    HIGH = "high"
    EXTREME = "extreme"


class Goal(StrEnum):
    """Figures that a weighted objective may combine; each is better when smaller."""

    WEB = "web"
    HEIGHT = "height"
    FOOTPRINT = "footprint"
    VOLUME = "volume"


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads a number, or a text with a unit, as one in ``unit`` within ``low .. high``."""

    unit: str
    low: float
    high: float

    def __call__(self, value: object) -> object:
        if isinstance(value, str):
            try:
                value = parse(value, self.unit)
            except QuantityError as error:
                raise _refused(error.problems[0]) from error
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise refusal(f"{value!r} is not a number", allowed=f"a number or text such as '10 {self.unit}'")
        if not self.low <= value <= self.high:
            allowed = f"{self.range_text()} {self.unit}"
            raise refusal(f"{plain(float(value))} {self.unit} is out of range", allowed=allowed)
        return float(value)

    def range_text(self) -> str:
        """What is allowed, as ``0.05 to 100``."""
        return f"{plain(self.low)} to {plain(self.high)}"


_THICKNESS = Reading("um", 0.1, 1000.0)
_MOST_THICKNESSES = 100


def _quantity(unit: str, low: float, high: float) -> BeforeValidator:
    return BeforeValidator(Reading(unit, low, high))


def _footprint(value: object) -> object:
    if isinstance(value, str):
        try:
            value = parse_footprint_mm(value)
        except QuantityError as error:
            raise _refused(error.problems[0]) from error
    sides = value if isinstance(value, Sequence) else ()
    for side in sides:
        if isinstance(side, int | float) and not 0.1 <= side <= 1000:
            raise refusal(f"a side of {plain(float(side))} mm is out of range", allowed="0.1 to 1000 mm")
    return value


def _thicknesses(value: object) -> object:
    """``any``, or thicknesses; read as a whole, so that one mistake gives one message."""
    if value is None or value == "any":
        return value
    several = value if isinstance(value, list | tuple) else [value]
    if not 1 <= len(several) <= _MOST_THICKNESSES:
        raise refusal(f"{len(several)} thicknesses are given", allowed=f"1 to {_MOST_THICKNESSES}, or any")
    return tuple(_THICKNESS(item) for item in several)


def _refused(problem: Problem) -> PydanticCustomError:
    return refusal(str(problem.what), allowed=str(problem.allowed), remedy=str(problem.remedy))


def _pulse(value: object) -> object:
    """A pulse in one spelling, so that equal questions are equal."""
    if not isinstance(value, str):
        raise refusal(f"{value!r} is not a pulse", allowed="a text such as '15mA:10ms:1s'")
    try:
        pulse = parse_pulse(value)
    except QuantityError as error:
        raise _refused(error.problems[0]) from error
    for item, unit, (low, high) in zip(pulse, ("mA", "s", "s"), ((1e-6, MOST_MA), STEP_S, STEP_S), strict=True):
        if not low <= item <= high:
            what = f"{plain(item)} {unit} is out of range"
            raise refusal(what, allowed=f"{plain(low)} to {plain(high)} {unit}")
    return pulse_text(*pulse)


def _counted(steps: object) -> object:
    if isinstance(steps, list | tuple) and not 1 <= len(steps) <= MOST_STEPS:
        raise refusal(f"the load has {counted(len(steps), 'step')}", allowed=f"1 to {MOST_STEPS} steps")
    return steps


def _temperature(value: object) -> object:
    if isinstance(value, str):
        try:
            value = parse_temperature(value)
        except QuantityError as error:
            raise _refused(error.problems[0]) from error
    return _CELSIUS(value)


_CELSIUS = Reading("degC", -55.0, 150.0)
Seconds = Annotated[float, _quantity("s", *STEP_S)]
Milliamperes = Annotated[float, Field(ge=0, le=MOST_MA, allow_inf_nan=False)]
# counted before the steps are read: where some are wrong, pydantic would also find too few of them
Steps = Annotated[
    tuple[tuple[Seconds, Milliamperes], ...],
    Field(json_schema_extra={"minItems": 1, "maxItems": MOST_STEPS}),
    BeforeValidator(_counted),
]
Capacity = Annotated[float, _quantity("mAh", 1e-4, 1e5)]
Height = Annotated[float, _quantity("mm", 0.05, 100.0)]
Thickness = Annotated[float, BeforeValidator(_THICKNESS)]
Thicknesses = Annotated[tuple[Thickness, ...] | Literal["any"], BeforeValidator(_thicknesses)]
Footprint = Annotated[tuple[float | None, float | None], BeforeValidator(_footprint)]
_NAME_LENGTH = 24
_DEVICE_NAMES = "con|prn|aux|nul|(com|lpt)[0-9]"
_NAME = "at most 24 letters, digits, _ and -, the first a letter or digit"


def _short(value: object) -> object:
    """A name that is only too long says what it would be cut short."""
    if isinstance(value, str) and len(value) > _NAME_LENGTH and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", value):
        better = value[:_NAME_LENGTH].rstrip("-_")
        raise refusal(f"{value[:60]!r} has {len(value)} characters", allowed=_NAME, remedy=better)
    if isinstance(value, str) and re.fullmatch(_DEVICE_NAMES, value, re.IGNORECASE):
        what = f"{value!r} is a device of Windows, where no file can have this name"
        raise refusal(what, allowed="any other name", remedy=f"{value}-1")
    return value


Name = Annotated[str, BeforeValidator(_short), Form(r"[A-Za-z0-9][A-Za-z0-9_-]{0,23}", _NAME)]


class Zone(Record):
    """A part of every repeat that holds no cell: a splice, a known defect, a clamp."""

    name: Name
    """What drawings call it."""
    reason: Annotated[str, Field(min_length=3)]
    """Why there is no cell."""
    outline: str
    """``X,Y,AxB`` (lower left corner and size) or corners ``X,Y X,Y X,Y``, mm; from the web's left edge and the
    start of the repeat, or from the lower left corner of the field."""
    field: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Number of the field that the outline is measured in, from 1; None measures on the web."""

    @field_validator("outline")
    @classmethod
    def _is_an_outline(cls, text: str) -> str:
        from layoutgen.tile.zones.outline import Outline

        try:
            corners = parse_outline_mm(text)
        except QuantityError as error:
            raise _refused(error.problems[0]) from error
        if not Outline(tuple((round(x * 1e6), round(y * 1e6)) for x, y in corners)).is_simple:
            raise refusal(f"{text!r} crosses itself or has no area")
        return text

    @property
    def corners_mm(self) -> tuple[tuple[float, float], ...]:
        return parse_outline_mm(self.outline)


class SpecFile(Record):
    """What a spec file states: a question, or a part of one."""

    schema_: Literal["layoutgen.spec/1"] = Field(default="layoutgen.spec/1", alias="schema")
    """Version of this schema."""
    name: Name | None = None
    """Name of the design and of its files; made from the question where it is not given."""
    capacity: Capacity | None = None
    """Rated capacity that the device must reach, mAh."""
    footprint: Footprint | None = None
    """Largest package outline, two sides in mm; either may be the terminal axis. A side of None is free."""
    height: Height | None = None
    """Largest package height, mm."""
    size_limits: SizeLimits = SizeLimits.NOMINAL
    """What footprint and height limit: the nominal package, or the largest part that the tolerances allow."""
    bend_radius: Annotated[float, _quantity("mm", 0.01, 1e5)] | None = None
    """Radius that the part is bent to, films outside, mm: films with a sourced limit keep it; of others the
    strain is reported and not judged."""
    curved: bool = False
    """Whether the part is built curved: cells are bent one by one, and ``bend_radius`` is that of its inside."""
    attach: Attach = Attach.SOLDERED
    """How the part is joined to its board: soldered in reflow, laminated or welded; only soldering takes paste."""
    current: Annotated[float, _quantity("mA", 1e-6, 1e5)] | None = None
    """Current that is drawn all the time, mA, until the capacity asked for is drawn."""
    pulse: Annotated[str, BeforeValidator(_pulse)] | None = None
    """Pulses, ``CURRENT:TIME:PERIOD`` such as ``15mA:10ms:1s``, on top of ``current``."""
    load: Steps | None = None
    """Steps of a load, (s, mA) each, repeated until the capacity asked for is drawn. In a spec file also the name
    of a CSV file with the columns ``seconds`` and ``current_ma``."""
    lowest_voltage: Annotated[float, _quantity("V", 0.1, 10)] | None = None
    """Voltage that the load may never fall below, V; None takes the cut-off of the process."""
    charge_time: Annotated[float, _quantity("s", 1, 1e7)] | None = None
    """Time in which an empty device must take nine tenths of the capacity asked for, s."""
    temperature: Annotated[float, BeforeValidator(_temperature)] | None = None
    """Temperature that all electrical figures are for, degC; None is 25."""
    aspect: Annotated[float, Field(ge=1.0, le=100.0, allow_inf_nan=False)] | None = None
    """Long side over short side of the package, where the footprint is free."""
    objective: Objective | None = None
    """What is best; web area by default, footprint where a side is free, capacity where none is asked."""
    weights: dict[Goal, Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]] = Field(default_factory=dict)
    """Weighted objective: the product of figure ^ weight is made as small as possible."""
    indifference_percent: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = 0.1
    """Designs that need up to this much more web for each good device than the best are as good, and the lowest of
    them is taken (objective web); 0 takes the best itself."""
    confidence: Annotated[float, Field(ge=0.5, le=0.999999, allow_inf_nan=False)] = 0.99
    """Probability that a device reaches the rated capacity; 0.5 rates it at the mean."""
    cycles: Annotated[float, Field(ge=0, le=1e5, allow_inf_nan=False)] = 0.0
    """Cycles after which the rated capacity must still be there."""
    effort: PackingEffort = PackingEffort.STANDARD
    """How hard the web of the chosen design is packed: standard takes milliseconds, medium
    tenths of a second, high seconds."""
    foil: Thicknesses | None = None
    """Substrate thicknesses to choose from, um; None takes the PDK's value, "any" its options."""
    cathode: Thicknesses | None = None
    """Cathode thicknesses to choose from, um; None takes the PDK's value, "any" its options."""
    pdk: str = DEFAULT_PDK
    """Process design kit: a shipped one's name, or the path of a folder."""
    set: dict[str, str | bool | int | float] = Field(default_factory=dict)
    """PDK values replaced for this design."""
    zones: tuple[Zone, ...] = ()
    """Parts of every repeat that hold no cell."""
    title: Title = Title()
    """Title block of the drawings."""

    @model_validator(mode="after")
    def _objective_is_one(self) -> Self:
        if self.weights and self.objective is not None:
            raise refusal("objective and weights are both given", at="weights", allowed="one of the two")
        if self.weights and not any(self.weights.values()):
            raise refusal("no weight is above zero", at="weights", allowed="at least one")
        if self.aspect is not None and self.footprint is not None:
            raise refusal("aspect is for a free footprint", at="aspect", remedy="leave one of the two out")
        return self

    @property
    def overrides(self) -> tuple[tuple[str, str], ...]:
        """``set`` as pairs of text, in the order given."""
        return tuple(
            (key, str(value).lower() if isinstance(value, bool) else str(value)) for key, value in self.set.items()
        )

    def file_name(self) -> str:
        """The design's name: as given, else from the question, such as ``mb-20mah-8x10``."""
        if self.name:
            return self.name
        parts = ["mb"]
        if self.capacity is not None:
            parts.append(f"{_token(self.capacity)}mah")
        if self.footprint is not None:
            parts.append("x".join("free" if side is None else _token(side) for side in self.footprint))
        if self.height is not None:
            parts.append(f"h{_token(self.height)}")
        return "-".join(parts)[:24].rstrip("-")


class Spec(SpecFile):
    """The question. Any two of capacity, footprint and height fix the third; all three ask for a yes or no.

    Raises:
        SpecError: a value is wrong, or the question has no one answer; holds every problem found.
    """

    @model_validator(mode="after")
    def _has_one_answer(self) -> Self:
        problems = _undetermined(self)
        if problems:
            raise SpecError(problems)
        return self


_CAPACITY, _FOOTPRINT, _HEIGHT, _OBJECTIVE = map(Input, ("capacity", "footprint", "height", "objective"))


def _undetermined(spec: Spec) -> list[Problem]:
    """Why a question has no one answer, whatever the process is."""
    given = [name for name in ("capacity", "footprint", "height") if getattr(spec, name) is not None]
    if len(given) < 2:
        what = f"only the {given[0]} is given" if given else "nothing is asked for"
        allowed = "two of " + _CAPACITY + ", " + _FOOTPRINT + " and " + _HEIGHT + ", or all three"
        return [Problem(what, "", allowed, Input("capacity", "20") + " " + Input("footprint", "8x10"))]
    problems = []
    problems += _of_the_load(spec)
    if spec.curved and spec.bend_radius is None:
        what = "a part that is built curved needs the radius of its inside"
        problems.append(Problem(what, Input("curved"), remedy="add " + Input("bend_radius", "10")))
    if None in (spec.footprint or ()) and (spec.height is None or spec.capacity is None):
        what = "a footprint with a free side leaves more than one answer"
        allowed = "both sides, or a free side together with " + _CAPACITY + " and " + _HEIGHT
        remedy = Input("height", "2") if spec.height is None else Input("capacity", "20")
        problems.append(Problem(what, _FOOTPRINT, allowed, remedy))
    wanted = spec.objective or Objective.CAPACITY
    filled = {Objective.CAPACITY, Objective.ENERGY_DENSITY}
    if spec.capacity is None and (spec.weights or wanted not in filled):
        what = f"{'weights' if spec.weights else f'objective {wanted.value!r}'} needs a capacity to reach"
        objectives = "capacity or energy-density where no capacity is asked for"
        problems.append(Problem(what, _OBJECTIVE, objectives, "add " + _CAPACITY))
    if spec.capacity is not None and spec.objective is Objective.CAPACITY and spec.height is None:
        what = "the most capacity in a footprint has no end without a height"
        without = "add " + _HEIGHT + ", or leave out " + Input("objective", "capacity")
        problems.append(Problem(what, _OBJECTIVE, remedy=without))
    return problems


def _of_the_load(spec: Spec) -> list[Problem]:
    """What is asked electrically and contradicts itself."""
    found = []
    if spec.load is not None and (spec.current is not None or spec.pulse is not None):
        what = "a load states every current, background and pulses too"
        found.append(Problem(what, Input("load"), "a load, or a current and pulses"))
    if spec.load is not None and not any(current for _, current in spec.load):
        found.append(
            Problem("no step of the load has a current", Input("load"), "one step at least with a current")
        )
    if spec.lowest_voltage is not None and (spec.load, spec.pulse, spec.current) == (None, None, None):
        what = "the lowest voltage is that of a load, and none is asked for"
        found.append(Problem(what, Input("lowest_voltage"), remedy="add " + Input("current", "5mA")))
    return found


def build_spec(values: Mapping[str, Any], origins: Mapping[str, Place]) -> Spec:
    """Check and build a spec.

    Args:
        values: by field name; texts with units are read.
        origins: field name -> name of the file that states it, or the input that it was given by where that is
            not the field itself; ``""`` -> the file that states a field which is not known.

    Raises:
        SpecError: with every problem found.
    """
    try:
        return Spec.model_validate(values)
    except SpecError as error:
        raise SpecError([_at_origin(problem, origins) for problem in error.problems]) from None


def read_spec_file(path: Path) -> dict[str, Any]:
    """The values of a spec file, not yet checked.

    Raises:
        SpecError: the file cannot be read, or is not TOML.
    """
    try:
        return read_toml(path)
    except OSError as error:
        raise SpecError(
            Problem(f"cannot be read: {(error.strerror or 'unknown reason').lower()}", path.name)
        ) from error
    except NotTomlError as error:
        raise SpecError(Problem(f"is not TOML: {error}", path.name)) from error


def _at_origin(problem: Problem, origins: Mapping[str, Place]) -> Problem:
    """Say the file that states a field, or the input that it was given by."""
    if not problem.path:
        return problem
    head = problem.path.partition(".")[0]
    origin = origins.get(head, "" if head in Spec.model_fields else origins.get("", ""))
    if isinstance(origin, str):
        return replace(problem, where=Key(problem.path, origin)) if origin else problem
    return replace(problem, where=origin)


def _token(value: float) -> str:
    return plain(value).replace(".", "p")
