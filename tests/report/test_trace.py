"""The trace: every formula, evaluated by hand over its inputs, gives the figure of design.json."""

import math
from statistics import NormalDist

import pytest

from layoutgen.pdk.load import load_pdk
from layoutgen.report.trace import lookup, trace_of
from layoutgen.sizing.device import size_device
from tests.report.designs import QUESTIONS, made

FUNCTIONS = {
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
            result = eval(figure.formula, {"__builtins__": {}}, FUNCTIONS | values)  # our own formulas
            assert math.isclose(result, figure.result, rel_tol=1e-6, abs_tol=1e-9), figure.path
            checked += 1
    assert checked > 35


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
