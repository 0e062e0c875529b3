"""The Python interface as it is met at a prompt: its names, and what an answer says of itself."""

import subprocess
import sys
from html.parser import HTMLParser

import pytest

import layoutgen
from layoutgen import Solution, Spec, design, open_design, solve
from layoutgen.errors import OutputError
from layoutgen.layout.model import Layout
from layoutgen.rules.findings import RuleReport
from layoutgen.solver.solve import solve as decide
from layoutgen.summary import summary
from tests.rules.webs import SMALL_WEB


def test_dir_names_the_interface_and_every_name_is_there():
    assert dir(layoutgen) == sorted(layoutgen.__all__)
    assert all(getattr(layoutgen, name) is not None for name in layoutgen.__all__)


def test_the_interface_is_imported_when_it_is_used():
    code = "import layoutgen, sys; dir(layoutgen); print([m for m in sys.modules if m.startswith('layoutgen.')])"
    found = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_an_answer_says_itself_in_a_line():
    said = repr(solve(Spec(capacity="2 mAh", footprint="8x10"), compare=False))
    assert said.startswith("<Solution mb-2mah-8x10: ")
    assert " mAh rated, " in said
    assert len(said) < 120
    assert "\n" not in said


SPEC = Spec(capacity="2 mAh", footprint="8x10", set=dict(SMALL_WEB))


@pytest.fixture(scope="module")
def solution():
    return solve(SPEC)


def test_an_answer_says_itself_at_length_as_the_command_does(solution):
    assert solution.summary() == summary(decide(SPEC))


def test_an_answer_shows_itself_in_a_notebook(solution):
    texts, opened = [], []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

        def handle_data(self, data):
            texts.append(data)

    Reader(convert_charrefs=True).feed(solution._repr_html_())
    assert opened == []
    assert {"mb-2mah-8x10", "package", "good devices"} <= set(texts)
    shown = " ".join(texts)
    assert all(text in shown for text in solution.summary().split("\n\n")[1].split() if text != "!")


def test_an_answer_gives_what_is_made_of_it(solution, tmp_path):
    assert isinstance(solution.layout(), Layout)
    assert solution.layout() is solution.layout()
    assert isinstance(solution.findings(), RuleReport)
    assert solution.findings().clean
    files = solution.files()
    drawings = solution.drawings()
    assert {f"drawings/{name}.svg": text.encode() for name, text in drawings.items()} == {
        path: content for path, content in files.items() if path.endswith(".svg") and path.startswith("drawings/")
    }
    assert design(SPEC, out=tmp_path / "part") == files
    assert {path: (tmp_path / "part" / path).read_bytes() for path in files} == files
    again = open_design(tmp_path / "part")
    assert isinstance(again, Solution)
    assert (again.device, again.layout()) == (solution.device, solution.layout())
    with pytest.raises(OutputError, match="exists already"):
        again.write(tmp_path / "part")
