"""The trace: each figure's formula, its inputs with value, unit, kind and source, and its result.

Nothing is computed here: results and inputs are read from design.json and from the process design kit. What a
figure rests on is followed through all formulas down to the process's own numbers, so that an assumption shows
wherever it has an influence.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from layoutgen.expressions import names_in, parse_expression
from layoutgen.formula import Formula
from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.quantity import Kind, Quantity
from layoutgen.pdk.values import quantities as pdk_quantities
from layoutgen.report.formulas import formulas_for
from layoutgen.solver.solution import Solution
from layoutgen.template import Template

QUESTION = "question"
FIGURE = "figure"


@dataclass(frozen=True, slots=True)
class Input:
    """One symbol of a formula.

    ``path`` is a key of design.json. ``kind`` is the PDK's (paper, published, derived, assumed, override), or
    ``figure`` for another figure of the design, or ``question`` for what was asked.
    """

    symbol: str
    path: str
    value: float
    unit: str
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``assumed`` lists the PDK quantities of kind assumed that it rests on, however indirectly."""

    path: str
    title: str
    unit: str
    formula: str
    inputs: tuple[Input, ...]
    result: float | None
    reference: str
    assumed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """Every figure by its key in design.json, and every quantity of the process by its key path."""

    figures: Mapping[str, Figure]
    quantities: Mapping[str, Quantity]


def trace_of(solution: Solution, document: Mapping[str, Any]) -> Trace:
    """The trace of a design.

    Args:
        solution: what was decided.
        document: its design.json.
    """
    quantities = dict(pdk_quantities(solution.loaded.pdk))
    loaded = solution.loaded
    formulas = {**formulas_for(loaded.pdk), **_template_formulas(loaded)}
    figures: dict[str, Figure] = {}
    for path, formula in formulas.items():
        result = lookup(document, path)
        if result is None:
            continue
        inputs = tuple(
            item
            for symbol, key in formula.symbols.items()
            if (item := _input(symbol, key, quantities, formulas, document)) is not None
        )
        figures[path] = Figure(
            path, formula.title, formula.unit, formula.text, inputs, result, formula.reference, ()
        )
    resting: dict[str, tuple[str, ...]] = {}
    for path in figures:
        _rests_on(path, figures, resting, ())
    return Trace(
        {path: replace(figure, assumed=resting[path]) for path, figure in figures.items()},
        quantities,
    )


def lookup(document: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted key path such as ``web.blocks[0].x_mm``; None where there is none."""
    current: Any = document
    for part in path.replace("[", ".[").split("."):
        if part.startswith("["):
            index = int(part[1:-1])
            current = current[index] if isinstance(current, list) and index < len(current) else None
        else:
            current = current.get(part) if isinstance(current, Mapping) else None
        if current is None:
            return None
    return current


def pdk_path(path: str) -> str:
    """Where a quantity of the process stands in design.json."""
    return f"pdk.content.{path}.value"


def _rests_on(
    path: str, figures: Mapping[str, Figure], known: dict[str, tuple[str, ...]], above: tuple[str, ...]
) -> tuple[str, ...]:
    if path in known:
        return known[path]
    found: dict[str, None] = {}
    figure = figures.get(path)
    for item in figure.inputs if figure and path not in above else ():
        if item.kind == Kind.ASSUMED:
            found[item.path.removeprefix("pdk.content.").removesuffix(".value")] = None
        elif item.kind == FIGURE:
            found |= dict.fromkeys(_rests_on(item.path, figures, known, (*above, path)))
    known[path] = tuple(found)
    return known[path]


def _input(
    symbol: str,
    key: str,
    quantities: Mapping[str, Quantity],
    formulas: Mapping[str, Formula],
    document: Mapping[str, Any],
) -> Input | None:
    if key.startswith("pdk:"):
        path = key.removeprefix("pdk:")
        quantity = quantities.get(path)
        if quantity is None:
            return None
        return Input(symbol, pdk_path(path), quantity.value, quantity.unit, quantity.kind.value, quantity.source)
    value = lookup(document, key)
    if not isinstance(value, int | float):
        return None
    known = formulas.get(key)
    if known is None:
        kind = QUESTION if key.startswith(("spec.", "device.capacity_mah.c")) else FIGURE
        return Input(symbol, key, value, "", kind, "what was asked" if kind == QUESTION else "design.json")
    return Input(symbol, key, value, known.unit, FIGURE, known.title)


def _template_formulas(loaded: LoadedPdk) -> dict[str, Formula]:
    """Outline, height and active size, as the device template states them, down to the process's own values."""
    template = loaded.template
    shape, active = template.package, template.package.active
    reference = f"device template {template.name}"

    def formula(title: str, text: str) -> Formula:
        text, symbols = _written_out(template, text)
        for side in ("cell_length", "cell_width"):
            text = _replaced(text, side, f"(1000 * {side})")
        text = ast.unparse(parse_expression(f"({text}) / 1000"))
        return Formula(title, "mm", text, symbols, reference)

    def overlap(axis: str) -> str:
        low, high = ([f"{name}.{axis}{end}" for name in active] for end in ("0", "1"))
        if len(active) == 1:
            return f"{high[0]} - {low[0]}"
        return f"max(min({', '.join(high)}) - max({', '.join(low)}), 0)"

    return {
        "device.package_mm.length": formula("Package length", f"({shape.x[1]}) - ({shape.x[0]})"),
        "device.package_mm.width": formula("Package width", f"({shape.y[1]}) - ({shape.y[0]})"),
        "device.package_mm.height": formula("Package height", shape.height),
        "steps.active_length_mm": formula("Active length", overlap("x")),
        "steps.active_width_mm": formula("Active width", overlap("y")),
    }


_FREE = {
    "cell_length": "device.cell_mm.length",
    "cell_width": "device.cell_mm.width",
    "layers": "device.layers",
    "pitch": "device.layer_pitch_um",
}


def _written_out(template: Template, text: str) -> tuple[str, dict[str, str]]:
    """An expression of the template in terms of PDK values and free variables, and what its symbols stand for.

    Edges of elements are replaced by their own expressions. A parameter that is one PDK value keeps its name; one
    that is an expression over several is replaced by it.
    """
    symbols: dict[str, str] = {}
    for name in names_in(parse_expression(text)):
        if name in _FREE:
            symbols[name] = _FREE[name]
        elif name in template.parameters:
            given = template.parameters[name].strip()
            paths = names_in(parse_expression(given))
            if paths == [given]:
                symbols[name] = f"pdk:{given}"
                continue
            for path in paths:
                given = _replaced(given, path, path.replace(".", "_"))
                symbols[path.replace(".", "_")] = f"pdk:{path}"
            text = _replaced(text, name, f"({given})")
        else:
            inner, more = _written_out(template, _edge(template, name))
            text = _replaced(text, name, f"({inner})")
            symbols |= more
    return text, symbols


def _edge(template: Template, name: str) -> str:
    layer, _, edge = name.rpartition(".")
    element = next(item for item in template.elements if item.layer == layer)
    return (element.x if edge[0] == "x" else element.y)[int(edge[1])]


def _replaced(text: str, word: str, replacement: str) -> str:
    return re.sub(rf"(?<![\w.]){re.escape(word)}(?![\w.])", lambda _: replacement, text)
