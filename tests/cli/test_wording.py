"""The words of the command line: in cli/ and nowhere else, and each names an option that there is."""

import ast
import re
from functools import cache
from pathlib import Path

import click
import pytest

from layoutgen.cli import cli, main
from layoutgen.cli.wording import FILE_ONLY, message, option
from layoutgen.errors import Input, Problem, SpecError, listed, said
from layoutgen.spec import Spec

PACKAGE = Path(__file__).resolve().parents[2] / "layoutgen"
CORE = sorted(path for path in PACKAGE.rglob("*.py") if "cli" not in path.relative_to(PACKAGE).parts)


@cache
def text_of(path):
    return path.read_text(encoding="utf-8")


def options_in(text):
    """Texts with an option in them, docstrings too, as ``line: text``."""
    nodes = ast.walk(ast.parse(text)) if re.search(r"--[a-z]", text) else ()
    return [
        f"{node.lineno}: {node.value!r}"
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"--[a-z]", node.value)
    ]


def commands(command, context=None):
    """Every command below one."""
    context = context or click.Context(command)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), context)
    yield command


def options_of(command):
    return {name for parameter in command.params if isinstance(parameter, click.Option) for name in parameter.opts}


def test_no_text_of_an_option_outside_the_command_line():
    assert {str(path.relative_to(PACKAGE)): found for path in CORE if (found := options_in(text_of(path)))} == {}


def test_a_text_of_an_option_is_found():
    assert options_in('x = f"{y} or --set {z}"\ndef f():\n    """``--mah``"""') == [
        "1: ' or --set '",
        "3: '``--mah``'",
    ]


def test_every_input_that_the_core_names_is_an_option():
    known = set().union(*map(options_of, commands(cli)))
    named = {
        call.args[0].value
        for path in CORE
        if "Input(" in text_of(path)
        for call in ast.walk(ast.parse(text_of(path)))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Input"
        if isinstance(call.args[0], ast.Constant)
    }
    assert {"capacity", "out", "set.web.field_width"} <= named  # they are looked for as they are written
    assert {
        name for name in named if name not in FILE_ONLY and option(Input(name)).split()[0] not in known
    } == set()


def test_every_field_of_a_question_is_an_option_or_stands_in_a_file():
    fields = Spec.model_fields.keys() - {"schema_"}
    known = options_of(cli.get_command(click.Context(cli), "solve"))
    assert fields >= FILE_ONLY
    assert {name for name in fields if option(Input(name)) in known} == fields - FILE_ONLY


@pytest.mark.parametrize(
    ("item", "typed", "in_python"),
    [
        (Input("capacity", "20"), "--mah 20", "capacity=20"),
        (Input("foil.0"), "--foil", "foil.0"),
        (Input("size_limits"), "--size-limits", "size_limits"),
        (Input("set"), "--set", "set"),
        (Input("set.web.kerf"), "--set web.kerf", "set.web.kerf"),
        (Input("set.web.kerf", "40"), "--set web.kerf=40", "set.web.kerf=40"),
        (Input("zones.0.outline"), "zones.0.outline", "zones.0.outline"),
    ],
)
def test_an_input_in_the_words_of_each(item, typed, in_python):
    assert (option(item), str(item)) == (typed, in_python)


def test_texts_join_with_the_inputs_that_they_name():
    text = "one of " + Input("foil") + " and " + ("not " + Input("set.web.kerf", "40"))
    assert said(text, option) == "one of --foil and not --set web.kerf=40"
    assert str(listed([text, "none", Input("out")])) == "one of foil and not set.web.kerf=40; none; out"


def test_an_error_says_the_same_to_both():
    problem = Problem("is wrong", Input("capacity"), "two of " + Input("height"), Input("force") + " it")
    error = SpecError([problem, problem])
    assert message(error) == "\n".join(2 * ["--mah: is wrong\n  allowed: two of --height\n  try: --force it"])
    assert str(error) == "\n".join(2 * ["capacity: is wrong\n  allowed: two of height\n  try: force it"])
    assert problem.path == "capacity"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve", "--mah", "20"], ["two of --mah, --footprint and --height", "--mah 20 --footprint 8x10"]),
        (["solve", "--mah", "5", "--footprint", "8x?"], ["--footprint: ", "try: --height 2"]),
        (["solve", "--mah", "x", "--footprint", "8x10"], ["--mah: "]),
        (["solve", "--mah", "9", "--footprint", "8x10", "--set", "spec.confidence=2"], ["--set spec.confidence: "]),
        (["solve", "--mah", "9", "--footprint", "8x10", "--set", "web.kerb=2"], ["--set web.kerb=2: ", "'kerf'"]),
        (["solve", "--mah", "9", "--footprint", "8x10", "--set", "web.kerf=-2"], ["--set web.kerf: "]),
        (["solve", "--mah", "9", "--footprint", "8x10", "--foil", "13"], ["try: --foil 15, or --set stack.sub"]),
        (["solve", "--mah", "9", "--footprint", "8x10", "--cycles=-4"], ["--cycles: "]),
        (["solve", "--mah", "9", "--footprint", "8x10", "--objective", "hieght"], ["--objective: ", "'height'?"]),
    ],
)
def test_what_is_wrong_is_said_with_the_option_that_gave_it(arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said_there = capsys.readouterr().err
    assert ended.value.code == 2
    assert all(word in said_there for word in words), said_there
