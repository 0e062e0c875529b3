"""The trace: every formula, evaluated by hand over its inputs, gives the figure of design.json."""

import math
import sys
from statistics import NormalDist

import numpy as np
import pytest

from layoutgen.document import to_document
from layoutgen.pdk.load import load_pdk
from layoutgen.report.formulas import FUNCTIONS
from layoutgen.report.trace import lookup, trace_of
from layoutgen.sizing.device import size_device
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.report.designs import QUESTIONS, made

ARITHMETIC = {
    "sqrt": math.sqrt, "exp": math.exp, "floor": math.floor, "min": min, "max": max,
    "quantile": NormalDist().inv_cdf,
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_formula_gives_its_figure(name):
    found = made(name)
    trace = trace_of(found.solution, found.document)
    checked = 0
    for figure in trace.figures.values():
        assert figure.result == lookup(found.document, figure.path)
        if figure.formula:
            values = {item.symbol: item.value for item in figure.inputs}
            result = eval(figure.formula, {"__builtins__": {}}, ARITHMETIC | values)  # our own formulas
            assert math.isclose(result, figure.result, rel_tol=1e-6, abs_tol=1e-9), figure.path
            checked += 1
    assert checked > 35


def returned(codes, run):
    """What functions return while something runs: code -> numbers, those of arrays too; None for what is none."""
    found = {code: set() for code in codes}

    def watch(frame, event, value):
        if event == "return" and frame.f_code in found:
            numbers = isinstance(value, int | float | np.ndarray)
            found[frame.f_code].update(np.ravel(value).tolist() if numbers else [None])

    sys.setprofile(watch)
    try:
        run()
    finally:
        sys.setprofile(None)
    return found


@pytest.mark.parametrize(
    "asked", [QUESTIONS["steel"], QUESTIONS["steel"] | {"pulse": "15mA:10ms:1s"}, QUESTIONS["mica"]]
)
def test_each_formula_stands_beside_the_function_that_gives_its_figure(asked):
    """It runs on the way to design.json, and what it returns is the figure; lengths of the web are in dbu."""
    answers = []

    def run():
        solution = solve(build_spec(asked, {}), compare=False)
        answers.append((solution, to_document(solution)))

    found = returned({function.__code__ for function in FUNCTIONS.values()}, run)
    ((solution, document),) = answers
    mm = document["web"]["dbu_nm"] * 1e-6
    numbers = 0
    for path, function in FUNCTIONS.items():
        figure, values = lookup(document, path), found[function.__code__]
        if figure is None:
            continue
        assert values, f"{path}: nothing calls {function.__name__}"
        if values == {None}:
            continue
        numbers += 1
        given = [value * unit for value in values - {None} for unit in (1.0, mm)]
        assert any(math.isclose(value, figure, rel_tol=1e-9) for value in given), (
            f"{path}: {function.__name__} gave {given[:6]}, not {figure}"
        )
    assert numbers > 30
    stated = {path for path, figure in trace_of(solution, document).figures.items() if figure.formula}
    by_template = {"device.package_mm", "steps.active_length_mm", "steps.active_width_mm", "orders["}
    assert not {path for path in stated - FUNCTIONS.keys() if not path.startswith(tuple(by_template))}


@pytest.mark.parametrize("name", QUESTIONS)
def test_inputs_are_what_design_json_holds(name):
    found = made(name)
    for figure in trace_of(found.solution, found.document).figures.values():
        for item in figure.inputs:
            held = lookup(found.document, item.path)
            assert held is not None, item.path
            if item.kind not in {"figure", "question"}:
                assert len(item.source) >= 3
                assert item.kind in {"paper", "published", "derived", "assumed", "override"}
            else:
                assert held == item.value


def test_every_figure_of_the_device_and_the_yield_is_traced():
    found = made("steel")
    traced = trace_of(found.solution, found.document).figures
    numbers = [
        path
        for part in ("device", "yield")
        for path in numeric_paths(found.document[part], part)
        if not path.startswith(("device.stack", "device.tolerance_mm", "device.terminal_mm"))
    ]
    asked = {"device.capacity_mah.confidence", "device.capacity_mah.cycles"}
    assert set(numbers) - asked <= set(traced)


def numeric_paths(value, path):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numeric_paths(item, f"{path}.{key}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path


def test_assumed_values_are_those_that_move_the_figure(steel):
    """What a figure is said to rest on changes it, and other assumed values do not: probed by changing each."""
    found = made("steel")
    trace = trace_of(found.solution, found.document)
    device = found.solution.device
    size = device.cell_length_um, device.cell_width_um

    def mass_free(pdk):
        template = pdk.template.bind(pdk.pdk)
        sized = size_device(pdk.pdk, template, size, device.layers, device.confidence, device.cycles)
        return {
            "device.capacity_mah.rated": sized.rated_mah,
            "device.package_mm.height": sized.package_height_um,
            "device.package_mm.length": sized.package_length_um,
            "device.resistance_ohm": sized.resistance_ohm,
            "yield.stack": sized.stack_yield,
        }

    before = mass_free(steel)
    for path, quantity in trace.quantities.items():
        if quantity.kind != "assumed" or not path.startswith(("stack.", "cell.", "yield.", "package.", "device.")):
            continue
        if quantity.value == 0 or path == "device.window_length":
            continue
        after = mass_free(load_pdk("anodeless-ss", [(path, f"{quantity.value * 0.9:.9g}")]))
        for figure, value in before.items():
            moved = not math.isclose(value, after[figure], rel_tol=1e-12)
            assert moved == (path in trace.figures[figure].assumed), (path, figure)


def test_an_override_is_named_as_such():
    found = made("free")
    trace = trace_of(found.solution, found.document)
    assert trace.quantities["web.width"].kind == "assumed"
    assert found.document["spec"]["overrides"][0]["path"] == "web.regime"
    assert "Murphy" in trace.figures["yield.cell"].reference
