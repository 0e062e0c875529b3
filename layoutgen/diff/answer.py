"""What a reader of a comparison asks first: ten figures of both designs, and a few words on all else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from layoutgen.units import plain

_FIGURES: Final[tuple[tuple[str, tuple[str, ...], int], ...]] = (
    ("layers", ("device.layers",), 6),
    ("cell, mm", ("device.cell_mm.length", "device.cell_mm.width"), 6),
    (
        "package, mm",
        ("device.package_mm.length", "device.package_mm.width", "device.package_mm.height"),
        4,
    ),
    ("rated capacity, mAh", ("device.capacity_mah.rated",), 4),
    ("energy, mWh", ("device.energy_mwh",), 4),
    ("package, Wh/L", ("device.energy_density_wh_per_l.package",), 3),
    ("resistance, ohm", ("device.resistance_ohm",), 3),
    ("continuous current, mA", ("device.max_continuous_ma",), 3),
    ("mass, g", ("device.mass_g",), 3),
    ("good devices per m2", ("web.devices_per_m2.good",), 4),
)
"""Titles, keys of design.json and digits."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A figure of both designs; ``percent`` is empty where it is the same to the digits shown, or no one number."""

    title: str
    before: str
    after: str
    percent: str


def answer_lines(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[AnswerLine, ...]:
    """The ten figures of two design documents, side by side."""
    return tuple(_line(*figure, first, second) for figure in _FIGURES)


def _line(
    title: str, paths: Sequence[str], digits: int, first: Mapping[str, Any], second: Mapping[str, Any]
) -> AnswerLine:
    one, two = ([_at(document, path) for path in paths] for document in (first, second))
    before, after = (
        " x ".join("-" if value is None else plain(value, digits) for value in side) for side in (one, two)
    )
    percent = ""
    if before != after and len(paths) == 1 and one[0] and two[0] is not None:
        percent = f"{(two[0] / one[0] - 1) * 100:+.3g} %"
    return AnswerLine(title, before, after, percent)


def _at(document: Mapping[str, Any], path: str) -> float | None:
    found: Any = document
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, int | float) else None
