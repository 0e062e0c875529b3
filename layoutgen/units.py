"""Text to numbers: the only place that parses quantities.

A quantity is a decimal number and an optional unit, ``20``, ``20 mAh``, ``1.5mm``, ``10um``. Numbers are read
as exact decimals, so that ``0.07 mm`` is 70 um and not 70.00000000000001.
"""

import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from layoutgen.errors import Place, Problem, QuantityError

# unit -> (dimension, factor to the dimension's first unit); exact as Decimal, the inch too: 25.4 mm by definition
_UNITS: Final[dict[str, tuple[str, str]]] = {
    "um": ("length", "1"), "µm": ("length", "1"), "μm": ("length", "1"), "nm": ("length", "0.001"),
    "mm": ("length", "1000"), "cm": ("length", "10000"), "m": ("length", "1000000"),
    "mil": ("length", "25.4"), "in": ("length", "25400"),
    "mAh": ("charge", "1"), "uAh": ("charge", "0.001"), "µAh": ("charge", "0.001"), "Ah": ("charge", "1000"),
    "cm2": ("area", "1"), "mm2": ("area", "0.01"),
    "V": ("voltage", "1"), "mV": ("voltage", "0.001"),
    "mA": ("current", "1"), "A": ("current", "1000"), "uA": ("current", "0.001"),
    "nA": ("current", "0.000001"),
    "ohm": ("resistance", "1"), "mohm": ("resistance", "0.001"),
    "uohm cm": ("resistivity", "1"), "uohm m": ("resistivity", "100"),
    "ohm cm2": ("area-specific resistance", "1"), "kohm cm2": ("area-specific resistance", "1000"),
    "g/cm3": ("density", "1"), "kg/m3": ("density", "0.001"),
    "uAh/(cm2 um)": ("volumetric capacity", "1"), "mAh/cm3": ("volumetric capacity", "0.1"),
    "um/(mAh/cm2)": ("thickness per areal capacity", "1"),
    "Wh/L": ("energy density", "1"),
    "1/cm2": ("defect density", "1"), "1/m2": ("defect density", "0.0001"),
    "degC": ("temperature", "1"),
    "GPa": ("modulus", "1"), "MPa": ("modulus", "0.001"),
    "1": ("ratio", "1"), "%": ("ratio", "0.01"),
    "cycles": ("cycles", "1"), "layers": ("layers", "1"),
    "s": ("time", "1"), "ms": ("time", "0.001"), "min": ("time", "60"), "h": ("time", "3600"),
    "Hz": ("frequency", "1"), "kHz": ("frequency", "1000"), "MHz": ("frequency", "1000000"),
    "mm/s": ("speed", "1"), "m/s": ("speed", "1000"), "m/min": ("speed", "16.666666666666666667"),
    "uF/cm2": ("areal capacitance", "1"), "nF/cm2": ("areal capacitance", "0.001"),
    "uS s^n/cm2": ("constant phase element", "1"), "ohm cm2/s^0.5": ("Warburg coefficient", "1"),
    "cm2/s": ("diffusion coefficient", "1"), "m2/s": ("diffusion coefficient", "10000"),
    "mA/cm2": ("current density", "1"), "A/m2": ("current density", "0.1"),
    "uA/cm2": ("current density", "0.001"), "nA/cm2": ("current density", "0.000001"),
    "ohm cm": ("electronic resistivity", "1"), "ohm m": ("electronic resistivity", "100"),
    "eV": ("energy", "1"), "cells": ("cells", "1"), "sites": ("sites", "1"), "points": ("points", "1"),
}  # fmt: skip

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s.,].*?)?\s*")
_FOOTPRINT_SEPARATOR = re.compile(r"\s*[xX×*]\s*")


def units_of(dimension: str) -> list[str]:
    """The ASCII units that are understood for a dimension, the base unit first."""
    found = [name for name, (kind, _) in _UNITS.items() if kind == dimension and name.isascii()]
    return sorted(found, key=lambda name: Decimal(_UNITS[name][1]) != 1)


def dimension_of(unit: str) -> str | None:
    """The dimension of a unit, or None where the unit is unknown."""
    return _UNITS[unit][0] if unit in _UNITS else None


def convert(value: float, unit: str, to: str) -> float:
    """``value`` in ``unit`` expressed in ``to``.

    Raises:
        QuantityError: one unit is unknown, or the two measure different things.
    """
    for name in (unit, to):
        if name not in _UNITS:
            raise QuantityError(Problem(f"unknown unit {name!r}", allowed=", ".join(sorted(_UNITS))))
    kind, factor = _UNITS[unit]
    wanted, wanted_factor = _UNITS[to]
    if kind != wanted:
        raise QuantityError(
            Problem(f"unit {unit!r} measures {kind}, not {wanted}", allowed=", ".join(units_of(wanted)))
        )
    if unit == to:
        return value
    return float(Decimal(repr(value)) * Decimal(factor) / Decimal(wanted_factor))


def parse(text: str, unit: str, where: Place = "", *, default_unit: str | None = None, zero: bool = False) -> float:
    """Read one positive quantity and return it in ``unit``.

    Args:
        text: such as ``"20 mAh"`` or, where ``default_unit`` (else ``unit``) is meant, ``"20"``.
        unit: the unit of the result, which also fixes what may be given.
        where: input or key path, for the message.
        default_unit: the unit of a bare number, where it is not ``unit``.
        zero: whether none at all is a quantity too.

    Raises:
        QuantityError: not a number, not this kind of quantity, not finite, or not above zero.
    """
    dimension = _UNITS[unit][0]
    bare = default_unit or unit
    least = "of zero or more" if zero else "above zero"
    allowed = f"a {dimension} {least} in {', '.join(units_of(dimension))} (a bare number is {bare})"
    example = f"{text.strip().replace(',', '.')}" if "," in text else ""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        hint = f"{example!r}, with a decimal point" if example else f"for example '10 {bare}'"
        raise QuantityError(Problem(f"{text!r} is not a {dimension}", where, allowed, hint))
    number, name = match.group(1), match.group(2) or bare
    known = {key.casefold(): key for key in _UNITS if _UNITS[key][0] == dimension}
    if name.casefold() not in known:
        other = dimension_of(name)
        what = f"{text!r} is a {other}" if other else f"unknown unit {name!r} in {text!r}"
        raise QuantityError(Problem(what, where, allowed, f"'{number} {bare}'"))
    try:
        value = Decimal(number) * Decimal(_UNITS[known[name.casefold()]][1]) / Decimal(_UNITS[unit][1])
    except InvalidOperation:
        value = Decimal(0)
    if zero and not value:
        return 0.0
    if value <= 0 or value > Decimal("1e9"):
        below = "is below zero" if zero else "is not above zero"
        what = f"{text!r} {'is too large' if value > 0 else below}"
        raise QuantityError(Problem(what, where, allowed))
    return float(value)


def parse_temperature(text: str, where: Place = "") -> float:
    """Read a temperature in degC, ``"-10"``, ``"60 degC"`` or ``"-10C"``.

    Raises:
        QuantityError: not a number, or another unit.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None or (match.group(2) or "C").casefold() not in {"c", "degc", "°c"}:
        allowed = "a temperature in degC (a bare number is degC)"
        raise QuantityError(
            Problem(f"{text!r} is not a temperature", where, allowed, "for example -10 or '60 degC'")
        )
    return float(match.group(1))


def parse_pulse(text: str, where: Place = "") -> tuple[float, float, float]:
    """Read ``CURRENT:TIME:PERIOD`` such as ``"15mA:10ms:1s"``: mA, s and s; bare numbers are mA and s.

    Raises:
        QuantityError: not of this form, or the period is shorter than the pulse.
    """
    parts = text.split(":")
    if len(parts) != 3:
        allowed = "CURRENT:TIME:PERIOD, with units"
        raise QuantityError(Problem(f"{text!r} is not a pulse", where, allowed, "for example 15mA:10ms:1s"))
    current, seconds, period = (
        parse(part, unit, where) for part, unit in zip(parts, ("mA", "s", "s"), strict=True)
    )
    if period < seconds:
        what = f"a pulse of {duration_text(seconds)} is longer than its period of {duration_text(period)}"
        raise QuantityError(Problem(what, where, "a period as long as the pulse, or longer"))
    return current, seconds, period


def pulse_text(current_ma: float, seconds: float, period_s: float) -> str:
    """A pulse as :func:`parse_pulse` reads it, with every digit that counts."""
    times = (f"{plain(time * 1e3, 12)}ms" if time < 1 else f"{plain(time, 12)}s" for time in (seconds, period_s))
    return ":".join((f"{plain(current_ma, 12)}mA", *times))


def duration_text(seconds: float) -> str:
    """A time as people say it: ``10 ms``, ``90 s``, ``20 min``, ``3.5 h``."""
    for unit, size, least in (("h", 3600.0, 7200.0), ("min", 60.0, 120.0), ("s", 1.0, 1.0), ("ms", 1e-3, 0.0)):
        if seconds >= least:
            return f"{plain(seconds / size, 4)} {unit}"
    return f"{plain(seconds * 1e3, 4)} ms"


def parse_footprint_mm(text: str, where: Place = "") -> tuple[float | None, float | None]:
    """Read ``"8x10"`` (mm, or with units, ``"8mm x 1cm"``); a free side is ``?``, as in ``"8x?"``.

    A unit after the second number only holds for both: ``"800x1000um"``.

    Raises:
        QuantityError: not two lengths above zero.
    """
    parts = _FOOTPRINT_SEPARATOR.split(text.strip())
    if len(parts) != 2 or not all(parts):
        raise QuantityError(
            Problem(
                f"{text!r} is not a footprint",
                where,
                "two lengths joined by x, in mm unless said otherwise; ? leaves a side free",
                "for example 8x10, 8mmx1cm or 8x?",
            )
        )
    first, second = parts
    unit = _QUANTITY.fullmatch(second)
    shared = unit.group(2) if unit and unit.group(2) in _UNITS else None
    bare_first = _QUANTITY.fullmatch(first)
    if shared and bare_first and not bare_first.group(2):
        first = f"{first} {shared}"
    sides = tuple(None if side == "?" else parse(side, "mm", where) for side in (first, second))
    if sides == (None, None):
        raise QuantityError(Problem(f"{text!r} leaves both sides free", where, remedy="leave it out"))
    return sides[0], sides[1]


def parse_outline_mm(text: str, where: Place = "") -> tuple[tuple[float, float], ...]:
    """Read the corners of a plane outline, mm: ``"X,Y,AxB"`` (lower-left corner and size), or three or more corners
    ``"X,Y X,Y X,Y"``.

    Raises:
        QuantityError: neither of the two forms.
    """
    allowed = "'X,Y,AxB' (lower left corner and size) or at least three corners 'X,Y X,Y X,Y', in mm"
    corners = text.split()
    try:
        if len(corners) == 1:
            x, y, size = text.split(",", 2)
            width, length = parse_footprint_mm(size, where)
            if width is None or length is None:
                raise ValueError(size)
            left, low = _plane_mm(x), _plane_mm(y)
            right, high = (float(Decimal(repr(a)) + Decimal(repr(b))) for a, b in ((left, width), (low, length)))
            return (left, low), (right, low), (right, high), (left, high)
        pairs = [corner.split(",") for corner in corners]
        points = tuple((_plane_mm(x), _plane_mm(y)) for x, y in pairs)
    except (ValueError, InvalidOperation) as error:
        raise QuantityError(Problem(f"{text!r} is not an outline", where, allowed)) from error
    if len(points) < 3:
        raise QuantityError(Problem(f"{text!r} is not an outline", where, allowed))
    return points


def _plane_mm(text: str) -> float:
    value = Decimal(text.strip())
    if not value.is_finite() or abs(value) > 10**5:
        raise ValueError(text)
    return float(value)


def counted(number: int, noun: str, plural: str = "") -> str:
    """A count with its noun: ``1 layer``, ``49 layers``; ``plural`` where an s does not make it."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def plain(value: float, digits: int = 6) -> str:
    """A number for people: at most ``digits`` significant digits, no exponent for ordinary sizes, no -0."""
    text = f"{value:.{digits}g}"
    if "e" in text and 1e-6 <= abs(value) < 1e15:
        text = format(Decimal(text), "f")
    return "0" if text in {"-0", "-0.0"} else text


def rounded(value: Any, digits: int = 12) -> Any:
    """A value for JSON, its floats to so many significant digits as all machines agree on.

    Libraries of elementary functions differ in the digits after these.

    Raises:
        ValueError: a float in it is not finite.
    """
    if isinstance(value, float):
        number = float(f"{value:.{digits}g}")
        if not math.isfinite(number):
            raise ValueError("a figure of the design is not finite")
        return number
    if isinstance(value, Mapping):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item, digits) for item in value]
    return value
