"""The commands in docs/review.md do what it says."""

import re
import shlex
from pathlib import Path

import pytest

from layoutgen.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "review.md"
CHANGES = {"layoutgen diff build/review build/other --html diff.html": 1}


def test_the_commands_of_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text(encoding="utf-8").replace(" --explain", "")  # tried with the search, and slow
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    assert len(lines) == 6
    for line in lines:
        if "--decisions" in line:
            _sign("anna.toml", "SMT-2")
            _sign("ben.toml", "BRD-1")
        command, _, target = line.partition(" > ")
        with pytest.raises(SystemExit) as left:
            main(shlex.split(command)[1:])
        told = capsys.readouterr()
        assert left.value.code == CHANGES.get(line, 0), told.err
        if target:
            Path(target).write_text(told.out)
    assert Path("diff.html").stat().st_size > 10_000
    assert "[[decision]]" in Path("review.toml").read_text()


def _sign(file, criterion):
    """What the form of the page saves."""
    head = "\n".join(Path("review.toml").read_text().splitlines()[1:3])
    decision = f'id = "{criterion}"\nverdict = "accepted"\nby = "{file}"\ndate = "2026-01-31"\n'
    Path(file).write_text(f"{head}\n\n[[decision]]\n{decision}")


def test_every_key_of_the_viewer_is_in_the_page_and_the_guide():
    viewer = (PAGE.parents[1] / "templates" / "report" / "viewer.js").read_text(encoding="utf-8")
    guide = PAGE.read_text(encoding="utf-8")
    for key in ("+", "-", "0", "M", "Escape"):
        assert f'"{key}"' in viewer
        assert f"`{key if key != 'Escape' else 'Esc'}`" in guide
