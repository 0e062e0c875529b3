"""The Python interface as it is met at a prompt: its names, and what an answer says of itself."""

import subprocess
import sys

import layoutgen
from layoutgen import Spec, solve


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
