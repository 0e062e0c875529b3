"""Without the extra ``lot`` a design is made and reviewed as before, and what needs it says how to get it."""

import subprocess
import sys

import pytest

from tests.lot.webs import design_file

BLOCKED = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"scipy", "pyarrow"}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from layoutgen.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["report", "design.json", "--checklist"], 0, ""),
        (["check", "design.json"], 0, "89 passed"),
        (["test", "simulate", "design.json", "--web-length", "1"], 2, "pip install 'layoutgen[lot]'"),
    ],
)
def test_without_the_extra(arguments, code, said, tmp_path):
    design_file(tmp_path, small=True)
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert "internal" not in done.stderr
