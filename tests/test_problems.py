"""What is wrong says where: an input by its field path, a document by its key, a file by its name and the place."""

import ast
from pathlib import Path

import pytest

from layoutgen.errors import Key, LayoutgenError, Problem

PACKAGE = Path(__file__).resolve().parent.parent / "layoutgen"
NAMELESS = {
    "cli/serve.py": "a library is not installed",
    "expressions.py": "a text by itself: who evaluates it names it, unless a kit was checked with it",
    "lot/learn/science.py": "a library is not installed",
    "export/cell_table.py": "a library is not installed",
    "lot/stacks/nearest.py": "no single input is wrong: what does not fit names the values that would",
    "lot/table.py": "a library is not installed",
    "pdk/limits.py": "a limit of a kit that was checked with it",
    "rules/engine.py": "the design itself breaks a rule",
    "serve/app.py": "the server itself failed, or was asked for what it does not have",
    "solver/makeable.py": "no cell at all keeps a rule",
    "solver/nearest.py": "nothing meets the question as a whole",
    "spec.py": "nothing, or too little, is asked for",
    "units.py": "a text by itself: who asks for the quantity names it",
    "verify/files.py": "counts the problems that are not listed",
}
"""Modules whose problems belong to no input, each with what they tell instead."""


def nameless(path):
    """Lines at which a problem is made that says no place."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
            where = [*node.args[1:2], *(item.value for item in node.keywords if item.arg == "where")]
            if not where or ast.unparse(where[0]) in {"''", "Key('')", "Input('')"}:
                yield node.lineno
        if isinstance(node, ast.FunctionDef):
            named = zip(reversed(node.args.args), reversed(node.args.defaults), strict=False)
            every = [*named, *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
            for argument, default in every:
                if argument.arg == "where" and default is not None and ast.unparse(default) == "''":
                    yield node.lineno


def test_every_problem_of_an_input_names_it():
    found = {str(path.relative_to(PACKAGE)): [*nameless(path)] for path in sorted(PACKAGE.rglob("*.py"))}
    assert {name for name, lines in found.items() if lines} == NAMELESS.keys()


@pytest.mark.parametrize(
    ("where", "path"),
    [
        (Key("stack.cathode.thickness", "process.toml"), "stack.cathode.thickness"),
        (Key("", "process.toml"), "process.toml"),
        ("lot.stdf", "lot.stdf"),
        ("masks.gds, cell TOP", "masks.gds, cell TOP"),
        ("", ""),
    ],
)
def test_the_path_of_a_problem(where, path):
    assert Problem("is wrong", where).path == path


def wrong_layout(folder):
    from layoutgen.foreign.reading import read_layout

    (folder / "masks.gds").write_bytes(b"\x00\x06\x00\x02\x02\x58\x00\x00")
    read_layout(folder / "masks.gds")


def wrong_readings(folder):
    from layoutgen.lot.reading.tables import open_csv

    (folder / "web.csv").write_bytes(b"")
    open_csv(folder / "web.csv")


def off_the_grid(folder):
    from layoutgen.layout.dbu import web_frame
    from layoutgen.pdk.load import load_pdk

    web_frame(load_pdk().pdk, 3000)


@pytest.mark.parametrize(
    ("ask", "paths"),
    [
        (wrong_layout, {"masks.gds"}),
        (wrong_readings, {"web.csv"}),
        (off_the_grid, {"web.edge", "web.field_gap", "web.kerf", "web.slit_width"}),
    ],
)
def test_problems_of_files_and_layouts_say_where(ask, paths, tmp_path):
    with pytest.raises(LayoutgenError) as error:
        ask(tmp_path)
    assert {Path(problem.path).name for problem in error.value.problems} == paths
