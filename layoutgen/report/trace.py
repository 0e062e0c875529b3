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
from layoutgen.pdk.load import LoadedPdk
from layoutgen.pdk.quantity import Kind, Quantity
from layoutgen.pdk.schema import Pdk
from layoutgen.pdk.values import quantities as pdk_quantities
from layoutgen.report.formula import Formula
from layoutgen.report.formulas import FADE_MODELS, FORMULAS, ORDERS, YIELD_MODELS
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
    formulas = _formulas(solution)
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


def _fade(pdk: Pdk) -> Formula:
    """What is left after the cycles asked for, by the model of the process."""
    text, reference = FADE_MODELS[pdk.cell.fade]
    symbols = {"r": "pdk:cell.retention", "n": "device.capacity_mah.cycles", "n_r": "pdk:cell.retention_cycles"}
    if pdk.cell.fade == "power":
        symbols["p"] = "pdk:cell.fade_exponent"
    return Formula("Part of the capacity left after the asked cycles", "", text, symbols, reference)


def _formulas(solution: Solution) -> dict[str, Formula]:
    """The fixed formulas, and those that depend on the process and on the device template."""
    pdk = solution.loaded.pdk
    text, reference = YIELD_MODELS[pdk.yield_.model]
    symbols = {"d": "steps.defects_per_cell"}
    if "alpha" in text:
        symbols["alpha"] = "pdk:yield.cluster_parameter"
    films = [name for name in _BUILT if getattr(pdk.stack, name) is not None]
    parts = [*films, *_LAMINATE]
    plus = "substrate" if pdk.stack.substrate.conductive else "cathode_collector"
    own = {
        "steps.capacity_left": _fade(pdk),
        "yield.cell": Formula("Cells without a killer defect", "", text, symbols, reference),
        "steps.built_um": Formula(
            "Thickness of one cell as built, substrate included",
            "um",
            " + ".join(f"t_{name}" for name in films),
            {f"t_{name}": f"pdk:stack.{name}.thickness" for name in films},
            "without insulating film and plated lithium",
        ),
        "device.layer_pitch_um": Formula(
            "What one layer adds to the stack",
            "um",
            " + ".join(["t_built", "t_lithium", *(f"t_{name}" for name in _LAMINATE)]),
            {"t_built": "steps.built_um", "t_lithium": "steps.lithium_um"}
            | {f"t_{name}": f"pdk:stack.{name}.thickness" for name in _LAMINATE},
            "built cell, room for plated lithium, insulating film",
        ),
        "device.mass_g": Formula(
            "Mass",
            "g",
            "",
            {f"rho_{name}": f"pdk:stack.{name}.density" for name in parts}
            | {"rho_lid": "pdk:package.lid_density", "rho_terminal": "pdk:package.terminal_density"},
            "sum over films, lids, walls and terminals of area x thickness x density",
        ),
        "steps.plus_sheet_ohm": Formula(
            "Sheet resistance of the + collector",
            "ohm/sq",
            "rho / t * 0.01",
            {"rho": f"pdk:stack.{plus}.resistivity", "t": f"pdk:stack.{plus}.thickness"},
            "resistivity over thickness",
        ),
    }
    own |= _order_formulas(pdk.assembly.order)
    return {**FORMULAS, **own, **_template_formulas(solution.loaded)}


def _order_formulas(chosen: str) -> dict[str, Formula]:
    """Sigma of a stack by the order of the kit, and sigma and rated capacity by each of the others."""
    title = "Standard deviation of the mean utilisation of a stack"
    text, symbols, reference = ORDERS[chosen]
    found = {"steps.stack_sigma": Formula(title, "", text, symbols, reference)}
    rated = FORMULAS["device.capacity_mah.rated"]
    for number, (text, symbols, reference) in enumerate(ORDERS.values()):
        sigma = f"orders[{number}].stack_sigma"
        found[sigma] = Formula(title, "", text, symbols, reference)
        found[f"orders[{number}].rated_mah"] = Formula(
            rated.title,
            rated.unit,
            "N * A * q * max(u - z * s, 0) * left",
            {name: key for name, key in rated.symbols.items() if name != "u_rated"}
            | {"u": "pdk:cell.utilization_mean", "z": "steps.one_sided_z", "s": sigma},
            reference,
        )
    return found


_BUILT = ("substrate", "barrier", "cathode_collector", "cathode", "electrolyte", "anode", "anode_collector")
_LAMINATE = ("film_lower", "tab", "film_upper")


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
