"""A sweep: the cross product of a few axes, as specs in a fixed order."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from layoutgen.errors import Problem, SpecError
from layoutgen.spec import SpecFile
from layoutgen.units import plain

_MOST_VALUES = 100_000
_MOST_POINTS = 10_000_000


@dataclass(frozen=True, slots=True)
class Sweep:
    """Axes over a common base.

    ``axes`` are (name, values): names are fields of a spec, or ``set.PATH`` for a PDK value. Points are ordered
    with the last axis running fastest.
    """

    base: Mapping[str, Any]
    axes: tuple[tuple[str, tuple[Any, ...]], ...]

    def __len__(self) -> int:
        return math.prod(len(values) for _, values in self.axes)

    def points(self) -> Iterator[dict[str, Any]]:
        """The values of each spec, in order."""
        names = [name for name, _ in self.axes]
        for values in itertools.product(*(values for _, values in self.axes)):
            point = dict(self.base)
            settings = dict(point.get("set", {}))
            for name, value in zip(names, values, strict=True):
                if name.startswith("set."):
                    settings[name.removeprefix("set.")] = value
                else:
                    point[name] = value
            if settings:
                point["set"] = settings
            yield point

    def varied(self) -> Iterator[dict[str, Any]]:
        """The values of the process that vary, by path, of each point in order; numbers where all of a path are."""
        paths = {name: _numbers(values) for name, values in self.axes if name.startswith("set.")}
        for values in itertools.product(*(paths.get(name, values) for name, values in self.axes)):
            found = zip(self.axes, values, strict=True)
            yield {name.removeprefix("set."): value for (name, _), value in found if name in paths}


def make_sweep(base: Mapping[str, Any], axes: Mapping[str, str], wheres: Mapping[str, str]) -> Sweep:
    """Read the axes.

    Args:
        base: spec values that all points share.
        axes: name -> text: values with commas, or ``start:stop:step`` with both ends included.
        wheres: name -> option, for messages.

    Raises:
        SpecError: an axis cannot be read, or there are too many points; holds every problem found.
    """
    problems: list[Problem] = []
    found: list[tuple[str, tuple[Any, ...]]] = []
    for name, text in axes.items():
        try:
            found.append((name, _values(name, text, wheres.get(name, name))))
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    sweep = Sweep(base, tuple(found))
    if len(sweep) > _MOST_POINTS:
        what = f"{len(sweep):,} points are too many"
        raise SpecError(Problem(what, "explore", f"at most {_MOST_POINTS:,}", "fewer axes or larger steps"))
    return sweep


def _values(name: str, text: str, where: str) -> tuple[Any, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise SpecError(Problem(f"{text!r} has an empty value", where, "values with commas, or start:stop:step"))
    values: list[str] = []
    for part in parts:
        values += _range(part, where) if ":" in part and name != "pulse" else [part]
    unique: dict[object, str] = {}
    for value in values:
        unique.setdefault(_meaning(name, value), value)
    if name in {"foil", "cathode"}:
        return tuple("any" if value == "any" else [value] for value in unique.values())
    return tuple(unique.values())


def _meaning(name: str, text: str) -> object:
    """What a value says, so that ``5``, ``5.0`` and ``5 mAh`` are one; a text that says nothing stays itself."""
    if name.startswith("set."):
        return _numbers((text,))[0]
    try:
        given = text if text == "any" or name not in {"foil", "cathode"} else [text]
        return repr(getattr(SpecFile.model_validate({name: given}), name))
    except SpecError:
        return text


def _numbers(values: Sequence[Any]) -> tuple[Any, ...]:
    """Texts as numbers where all of them are."""
    try:
        return tuple(map(float, values))
    except (TypeError, ValueError):
        return tuple(values)


def _range(text: str, where: str) -> list[str]:
    """``5:50:5`` as texts, both ends included where the step meets them; a unit may follow the last number."""
    numbers, unit = text, ""
    for index, character in enumerate(text):
        if character.isalpha():
            numbers, unit = text[:index].strip(), text[index:].strip()
            break
    try:
        start, stop, step = (Decimal(number) for number in numbers.split(":"))
    except (ValueError, InvalidOperation):
        allowed = "start:stop:step, three numbers"
        raise SpecError(Problem(f"{text!r} is not a range", where, allowed, "5:50:5")) from None
    if step <= 0 or stop < start:
        raise SpecError(Problem(f"{text!r} does not go upwards", where, "start <= stop, step above zero"))
    count = int((stop - start) / step) + 1
    if count > _MOST_VALUES:
        raise SpecError(Problem(f"{text!r} has {count:,} values", where, f"at most {_MOST_VALUES:,}"))
    return [f"{plain(float(start + number * step), 12)} {unit}".strip() for number in range(count)]
