"""Packages and modules import downwards only, in functions too, and each module can be imported by itself."""

import ast
import re
import sys
import tomllib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "layoutgen"
ROOT = "layoutgen"
"""Hands on the Python interface when it is asked for it; it holds the version, which many modules name."""

FLOORS = (
    "errors units reading validation record formula layer_expressions expressions resources toml libraries",
    "processes spread svg files",
    "geometry web",
    "template pdk",
    "sizing smt titleblock mechanics",
    "tile spec",
    "layout",
    "foreign rules",
    "solver",
    "document",
    "draw export receivers",
    "outputs",
    "report",
    "flow",
    "explorer diff identity verify lot patterning",
    "summary api",
    "schemas serve",
    "cli",
    "__main__",
)
LAYERS = [name for floor in FLOORS for name in floor.split()]
"""Packages, and modules that stand alone, from the ground up: each imports from those before it only."""


def module_name(path):
    parts = (ROOT, *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


@cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path, *, in_functions):
    """Modules that a file imports: at its top, or inside functions as well."""
    found = set()

    def visit(node):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ImportFrom):
                found.update(
                    f"{child.module}.{alias.name}" if f"{child.module}.{alias.name}" in MODULES else child.module
                    for alias in child.names
                )
            elif isinstance(child, ast.Import):
                found.update(alias.name for alias in child.names)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                continue
            elif in_functions or not isinstance(child, ast.FunctionDef):
                visit(child)

    visit(parsed(path))
    return found & MODULES.keys()


def packages_of(name):
    parts = name.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}


def circle(graph):
    """Names along a circle of a graph, empty where it has none."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        path.append(name)
        found = next(filter(None, (visit(other) for other in sorted(graph[name]))), [])
        path.pop()
        done.add(name)
        return found

    return next(filter(None, (visit(name) for name in sorted(graph))), [])


def test_no_circle_through_imports_in_functions():
    graph = {
        name: imported(path, in_functions=True) - {ROOT, name} for name, path in MODULES.items() if name != ROOT
    }
    assert circle(graph) == []


def test_every_module_can_be_imported_first():
    """What is imported with a module is the packages around it too, as ``pdk`` with ``pdk.values``."""
    graph = {}
    for name, path in MODULES.items():
        found = imported(path, in_functions=False)
        reached = found.union(*map(packages_of, found)) if found else set()
        graph[name] = (reached & MODULES.keys()) - packages_of(name) - {ROOT, name}
    assert circle(graph) == []


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_a_template_knows_no_kit():
    """A template is bound to whatever states numbers, layers and films; kits load templates, not the other way."""
    for name, path in MODULES.items():
        if name.startswith(f"{ROOT}.template"):
            assert not [other for other in imported(path, in_functions=True) if other.startswith(f"{ROOT}.pdk")], (
                name
            )
            assert "layoutgen.pdk" not in path.read_text(encoding="utf-8")


def package(name):
    return name.split(".")[1]


def test_packages_import_from_those_below_them_only():
    """One that is new takes its place in ``LAYERS``."""
    place = {name: number for number, name in enumerate(LAYERS)}
    wrong = [
        f"{name} imports {other}"
        for name, path in sorted(MODULES.items())
        if name != ROOT
        for other in sorted(imported(path, in_functions=True) - {ROOT})
        if package(other) != package(name) and place[package(other)] >= place[package(name)]
    ]
    assert wrong == []


def test_every_package_has_its_layer():
    assert sorted(LAYERS) == sorted({package(name) for name in MODULES if name != ROOT})


def test_what_is_imported_of_others_is_a_dependency_or_an_extra():
    """A package that only tests need is not there when the tool is installed."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    kept = [extras[name] for name in extras if name not in {"test", "lint", "docs", "browser"}]
    stated = {
        re.match(r"[A-Za-z0-9-]+", line)[0].lower() for group in (project["dependencies"], *kept) for line in group
    }
    found = {
        name.split(".")[0]
        for path in MODULES.values()
        for node in ast.walk(parsed(path))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    # what jinja2, pydantic and starlette are made of
    assert found - set(sys.stdlib_module_names) - {ROOT} - stated <= {"anyio", "markupsafe", "pydantic_core"}
