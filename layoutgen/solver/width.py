"""How wide an answer is: the chosen design under both ends of every assumed or derived number of its process.

Cell, layers and web stay as they were; one number at a time goes to an end of its range. What a search would make
of it is for :func:`layoutgen.solver.explain.explain` to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from layoutgen.errors import LayoutgenError
from layoutgen.pdk.quantity import Kind
from layoutgen.pdk.schema import Pdk
from layoutgen.pdk.values import numbers, quantities, with_value
from layoutgen.resources import data_folder
from layoutgen.sizing.device import size_device
from layoutgen.sizing.process import process_of
from layoutgen.sizing.yields import good_devices_per_cell
from layoutgen.solver.asked import asked_of
from layoutgen.solver.solution import Solution
from layoutgen.toml import read_toml

FIGURES: Final = ("rated_mah", "height_mm", "resistance_ohm", "good_devices_per_m2")
UNITS: Final = {"rated_mah": "mAh", "height_mm": "mm", "resistance_ohm": "ohm", "good_devices_per_m2": "1/m2"}
_TABLES: Final = ("stack.", "cell.", "assembly.", "yield.", "electrical.", "laser.", "device.", "package.lid")
"""Numbers that make the chosen device what it is."""
_MOST: Final = 5
_UNCERTAIN: Final = frozenset({Kind.ASSUMED, Kind.DERIVED})


@dataclass(frozen=True, slots=True)
class Width:
    """Least and most of one figure, and the number whose end gives it."""

    figure: str
    unit: str
    value: float
    low: float
    low_by: str
    high: float
    high_by: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number worth measuring: how far its range moves a figure, and what would settle it."""

    path: str
    figure: str
    swing_percent: float
    test: str


@dataclass(frozen=True, slots=True)
class Widths:
    """What the ranges do to the answer, and which number to measure next, the most worth first."""

    figures: tuple[Width, ...]
    next: tuple[Measurement, ...]


def widths_of(solution: Solution) -> Widths:
    """Size the chosen design at both ends of every range of its process."""
    pdk = solution.loaded.pdk
    stated = numbers(pdk)
    now = _figures(solution, pdk, stated)
    ends = [
        (path, found)
        for path, quantity in quantities(pdk)
        if path.startswith(_TABLES) and quantity.kind in _UNCERTAIN
        for end in (quantity.low, quantity.high)
        if end is not None and end != quantity.value
        for found in _at(solution, pdk, stated, path, end)
    ]
    figures = []
    for number, name in enumerate(FIGURES):
        low, high = (min((found[number], path) for path, found in [*ends, ("", now)]),
                     max((found[number], path) for path, found in [*ends, ("", now)]))  # fmt: skip
        figures.append(Width(name, UNITS[name], now[number], low[0], low[1], high[0], high[1]))
    return Widths(tuple(figures), tuple(_worth_measuring(now, ends)))


def _worth_measuring(now: tuple[float, ...], ends: list[tuple[str, tuple[float, ...]]]) -> Iterator[Measurement]:
    swings: dict[str, tuple[float, str]] = {}
    for path in dict.fromkeys(path for path, _ in ends):
        found = [now, *(figures for other, figures in ends if other == path)]
        spans = [
            (max(row[number] for row in found) - min(row[number] for row in found)) / now[number]
            for number in range(len(FIGURES))
            if now[number]
        ]
        largest = max(spans, default=0.0)
        swings[path] = (largest, FIGURES[spans.index(largest)] if spans else "")
    best = sorted(swings.items(), key=lambda item: (-item[1][0], item[0]))
    for path, (swing, figure) in best[:_MOST]:
        if swing > 1e-4:
            yield Measurement(path, figure, swing * 100.0, settled_by(path))


def _at(
    solution: Solution, pdk: Pdk, stated: dict[str, float], path: str, value: float
) -> Iterator[tuple[float, ...]]:
    """The figures with one number changed; nothing where the process is none then."""
    try:
        yield _figures(solution, with_value(pdk, path, value), {**stated, path: value})
    except (LayoutgenError, ValueError, ArithmeticError):
        return


def _figures(solution: Solution, pdk: Pdk, stated: dict[str, float]) -> tuple[float, ...]:
    device, spec = solution.device, solution.spec
    template = solution.template.with_numbers(stated)
    cell_um = device.cell_length_um, device.cell_width_um
    sized = size_device(pdk, template, cell_um, device.layers, device.confidence, device.cycles, asked_of(spec))
    good = float(good_devices_per_cell(process_of(pdk), device.layers, sized.active_area_cm2))
    return (
        sized.rated_mah,
        sized.package_height_um / 1000,
        sized.resistance_ohm,
        good * solution.cells_per_m2,
    )


def settled_by(path: str) -> str:
    """The coupon or test that would settle a number of the process."""
    tests = _tests()
    best = max((prefix for prefix in tests if path.startswith(prefix)), key=len, default="")
    return tests.get(best, "")


@cache
def _tests() -> dict[str, str]:
    content = read_toml(data_folder("templates") / "report" / "measurements.toml")
    return {prefix: str(text) for prefix, text in content["measure"].items()}
