"""Public functions of geometry and physics say what their numbers are."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "layoutgen"
NUMBERS = re.compile(r"\b(int|float|Number|Point|Size|Box|Floats?|NDArray|complex)\b")
UNIT_IN_NAME = re.compile(
    r"_(um|mm|m|nm|dbu|cm2|mm2|mm3|mah|mwh|ohm|ma|v|g|percent|s|ev|c)$"
    r"|^(layers|cycles|seconds|cells|lots|trays|count|columns|rows|degrees|quarter_turns|confidence|correlation|utilization)$"
)
"""Names that say their unit, and those that are counts, angles or parts of one by what they mean."""


def public(tree):
    """Functions and methods that others may call, with the name to show."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node.name, node
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                    yield f"{node.name}.{item.name}", item


def unsaid(function):
    """Parameters that are numbers and of which neither name nor docstring says the unit."""
    text = ast.get_docstring(function) or ""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [
        item.arg
        for item in arguments
        if item.annotation is not None
        and NUMBERS.search(ast.unparse(item.annotation))
        and not UNIT_IN_NAME.search(item.arg)
        and not re.search(rf"^\s+{item.arg}(, \w+)*:|``{item.arg}\b", text, re.MULTILINE)
    ]


@pytest.mark.parametrize("package", ["geometry", "sizing"])
def test_numbers_have_units(package):
    found = [
        f"{path.name}: {name}({', '.join(missing)})"
        for path in sorted((PACKAGE / package).glob("*.py"))
        for name, function in public(ast.parse(path.read_text(encoding="utf-8")))
        if (missing := unsaid(function))
    ]
    assert found == []
