"""What changed between two designs, as data."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layoutgen.document.integrity import DIGESTS
from layoutgen.report.formulas import formulas_for
from layoutgen.units import counted, plain

SCHEMA: Final = "layoutgen.diff/1"
SECTIONS: Final = {
    "question": "Question",
    "process": "Process and template",
    "answer": "Answer",
    "figures": "Figures",
    "ranges": "Ranges and explanation",
    "search": "Search and alternatives",
    "limits": "Limits and flags",
    "rules": "Rules",
    "tool": "Tool",
}
FOLLOWING: Final = ("ranges", "search")
"""Sections of what follows from the answer: they are counted first, and told where all is asked for."""
_FORMULAS: Final = formulas_for()
_ANSWER: Final = ("device.layers", "device.cell_mm", "device.package_mm", "web.blocks", "web.fields", "objective")
_TOP: Final = {
    "spec": "question",
    "name": "question",
    "pdk": "process",
    "template": "process",
    "device": "figures",
    "land_pattern": "figures",
    "web": "figures",
    "yield": "figures",
    "steps": "figures",
    "objective": "answer",
    "design_id": "question",
    "orders": "ranges",
    "widths": "ranges",
    "explanation": "ranges",
    "search": "search",
    "naive": "search",
    "alternatives": "search",
    "neighbours": "search",
    "limits": "limits",
    "flags": "limits",
    "rules": "rules",
    "tool": "tool",
    "schema": "tool",
}
# lists whose entries are matched by a name of their own and not by their place
_NAMED: Final = {"limits.all": "limit", "flags": "code", "alternatives": "layers", "spec.overrides": "path",
                 "device.stack": "film", "rules.states": "rule", "pdk.content.review": "id",
                 "land_pattern.levels": "level", "template.elements": "layer",
                 "template.films": "film", "orders": "order", "explanation.orders": "order",
                 "widths.figures": "figure", "widths.next": "path", "explanation.sensitivities": "path",
                 "explanation.ranges": "path", "explanation.prices": "limit"}  # fmt: skip

# of these, entries that are compared and told as a whole; what follows a name, where it is 1 and else
_WHOLE: Final = {"alternatives": (" layer", " layers"), "land_pattern.levels": ("", "")}


@dataclass(frozen=True, slots=True)
class Change:
    """One key of design.json that differs. ``percent`` is there where both values are numbers and the first is
    not zero; a value of None means that the key is absent."""

    section: str
    path: str
    title: str
    before: Any
    after: Any
    percent: float | None


def changes_between(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every difference between two design documents, by section, in the order of the documents.

    Digests are left out: they say nothing that their parts do not say.
    """
    one, two = (
        dict(_leaves({key: part for key, part in document.items() if key != DIGESTS}, ""))
        for document in (first, second)
    )
    found = [
        _change(path, one.get(path), two.get(path))
        for path in dict.fromkeys([*one, *two])
        if one.get(path, _ABSENT) != two.get(path, _ABSENT)
    ]
    order = list(SECTIONS)
    return tuple(sorted(found, key=lambda change: order.index(change.section)))


def files_between(first: Path, second: Path) -> tuple[tuple[str, str], ...]:
    """(path, "added" | "removed" | "changed") for the files of two design folders, by content."""
    one, two = _digests(first), _digests(second)
    found = []
    for path in sorted({*one, *two}):
        if path not in two:
            found.append((path, "removed"))
        elif path not in one:
            found.append((path, "added"))
        elif one[path] != two[path]:
            found.append((path, "changed"))
    return tuple(found)


def written(value: Any) -> str:  # noqa: PLR0911  (one line for each kind of value)
    """A value for people."""
    match value:
        case None | "":
            return "—"
        case bool():
            return "yes" if value else "no"
        case float():
            return plain(value, 6)
        case {"value": number, "unit": unit, "kind": kind}:
            return f"{plain(float(number), 6)} {unit} ({kind})"
        case {"cell_mm": cell, "devices_per_m2_good": good, "why_not": why}:
            size = f"{plain(cell['length'])} x {plain(cell['width'])} mm"
            return f"{size}, {plain(good, 5)} good per m2" if good else f"{size}, {why}"
        case {"package_height_mm": height, "good_devices_per_m2": good, "package_wh_per_l": dense}:
            return f"{plain(height, 4)} mm high, {plain(good, 5)} good per m2, {plain(dense, 4)} Wh/L"
        case {"z_mm": over, "g_mm": between, "x_mm": across, "paste_openings": printed}:
            size = f"Z {plain(over)}, G {plain(between)}, X {plain(across)} mm"
            return f"{size}, {counted(len(printed), 'paste opening')}"
        case [{"columns": _}, *_]:
            return ", ".join(
                f"{item['columns']} x {item['rows']} from {plain(item['x_mm'])}, {plain(item['y_mm'])} each"
                f" {plain(item['pitch_x_mm'])} x {plain(item['pitch_y_mm'])} mm"
                for item in value
            )
        case [{"cells": _}, *_]:
            return ", ".join(
                f"{counted(item['cells'], 'cell')} in {plain(item['width_mm'])} x {plain(item['length_mm'])} mm"
                for item in value
            )
        case list():
            return ", ".join(
                f"({written(item)})" if isinstance(item, list | dict) else written(item) for item in value
            )
        case dict():
            return ", ".join(f"{key} {written(item)}" for key, item in value.items())
        case _:
            return str(value)


_ABSENT: Final = object()


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and not {"value", "unit", "kind"} <= value.keys():
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and path in {"web.blocks", "web.fields"}:
        yield path, value
    elif isinstance(value, list) and path == "neighbours":
        for item in value:
            name = f"{item['varies'] or 'design'}, {counted(item['layers'], 'layer')}, foil {item['foil_um']:g} um"
            yield f"{path}[{name}]", item
    elif isinstance(value, list) and path in _NAMED:
        for name, item in _by_name(value, _NAMED[path]):
            if path in _WHOLE:
                yield f"{path}[{name}{_WHOLE[path][name != '1']}]", item
            else:
                yield from _leaves(item, f"{path}[{name}]")
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{path}[{number}]")
    elif value not in (None, [], {}):
        yield path, value


def _by_name(items: Sequence[Mapping[str, Any]], key: str) -> Iterator[tuple[str, Any]]:
    seen: dict[str, int] = {}
    for item in items:
        name = str(item.get(key, ""))
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} {seen[name]}"), {k: v for k, v in item.items() if k != key}


def _change(path: str, before: Any, after: Any) -> Change:
    known = _FORMULAS.get(path)
    title = known.title if known else path
    return Change(_section(path), path, title, before, after, _percent(before, after))


def _section(path: str) -> str:
    if any(path == start or path.startswith((f"{start}.", f"{start}[")) for start in _ANSWER):
        return "answer"
    return _TOP.get(path.partition(".")[0].partition("[")[0], "figures")


def _percent(before: Any, after: Any) -> float | None:
    one, two = _number(before), _number(after)
    if one is None or two is None or not one:
        return None
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before.get("unit") != after.get("unit"):
        return None
    return (two / one - 1.0) * 100.0


def _number(value: Any) -> float | None:
    if isinstance(value, Mapping):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _digests(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
