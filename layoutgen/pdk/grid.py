"""What mask files cannot carry and a PDK must not ask for: lengths off the finest grid, layers beyond 255."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from layoutgen.errors import Input, Problem
from layoutgen.units import convert, dimension_of
from layoutgen.validation import located

FINEST_NM = 1
"""The finest database unit; coarser ones, where the repeat is long, are looked after when the layout is drawn."""
MOST_LAYER = 255
_DRAWN = "device", "web", "marks"
_OFF_GRID_NM = 1e-4


def off_grid(content: Mapping[str, Any], files: Mapping[str, str], overridden: frozenset[str]) -> list[Problem]:
    """Lengths that are drawn and that are no whole nanometres.

    Args:
        content: the document of a PDK, valid otherwise.
        files: key path -> the file that states it.
        overridden: key paths that were set by the user.
    """
    problems = []
    for path, item in _lengths(content):
        value_nm = convert(float(item["value"]), str(item["unit"]), "nm")
        if abs(value_nm - round(value_nm)) <= _OFF_GRID_NM:
            continue
        where = Input(f"set.{path}") if path in overridden else located(path, files)
        steps = (convert(float(nm), "nm", str(item["unit"])) for nm in (value_nm // 1, value_nm // 1 + 1))
        low, high = (f"{step:.12g} {item['unit']}" for step in steps)
        what = f"{item['value']:.12g} {item['unit']} is not on the grid of {FINEST_NM} nm"
        problems.append(Problem(what, where, "multiples of 0.001 um", f"{low} or {high}"))
    return problems


def free_layer(taken: Mapping[str, Any]) -> int | None:
    """The lowest layer number from 1 that no layer has; None where there is none."""
    used = [layer.get("number") for layer in taken.values() if isinstance(layer, Mapping)]
    return next((number for number in range(1, MOST_LAYER + 1) if number not in used), None)


def with_free_layer(problem: Problem, content: Mapping[str, Any]) -> Problem:
    """A problem of a layer's number with a number that would do."""
    layers = content.get("layers")
    concerned = re.fullmatch(r"layers\.\w+\.number", problem.path)
    free = free_layer(layers) if concerned and isinstance(layers, Mapping) else None
    if free is None:
        return problem
    return Problem(problem.what, problem.where, f"0 to {MOST_LAYER}, each once", f"a free number, such as {free}")


def _lengths(content: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    tables = [(section, content.get(section)) for section in _DRAWN]
    tables += [(f"masks.{name}", mask) for name, mask in content.get("masks", {}).items()]
    for name, table in tables:
        for key, item in table.items() if isinstance(table, Mapping) else ():
            if isinstance(item, Mapping) and "value" in item and dimension_of(str(item.get("unit"))) == "length":
                yield f"{name}.{key}", item
