"""What the documents say, done word by word."""

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from layoutgen.cli import VERBS, main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    found: list[str] = []
    fence: str | None = None
    for line in text.splitlines():
        if line.startswith("```"):
            if fence is None:
                fence = line.removeprefix("```").strip()
                found += [""] if fence == language else []
            else:
                fence = None
        elif fence == language:
            found[-1] += line + "\n"
    return found


def test_tutorial_runs_as_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = blocks((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"), "python")
    assert len(code) >= 6
    names: dict[str, object] = {}
    for block in code:
        exec(compile(block, "tutorial.md", "exec"), names)
    assert "layers" in capsys.readouterr().out
    assert (tmp_path / "tutorial-battery" / "design.json").is_file()


def commands() -> list[str]:
    lines = [line for block in blocks(README, "") for line in block.splitlines()]
    return [
        line for line in lines if line.startswith("layoutgen ") and "COMMAND" not in line and "my-fab" not in line
    ]


@pytest.mark.parametrize("line", commands())
def test_commands_of_the_readme_do_what_they_say(line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    spec = blocks(README, "toml")[0]
    assert tomllib.loads(spec)["schema"] == "layoutgen.spec/1"
    (tmp_path / "ring.toml").write_text(spec)
    if "ring-battery" in line and " design " not in line:
        with pytest.raises(SystemExit):
            main(["design", "--mah", "20", "--footprint", "8x10", "--out", "ring-battery", "-q"])
        capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(shlex.split(line)[1:])
    out, err = capsys.readouterr()
    if caught.value.code == 1:
        refusal = err[err.index("error:") :].strip()
        assert f"{line}\n{refusal}" in README
    else:
        assert caught.value.code == 0, err
        assert out


def test_summary_in_the_readme_is_what_the_tool_prints(capsys):
    with pytest.raises(SystemExit):
        main(["solve", "--mah", "20", "--footprint", "8x10", "-q"])
    printed = capsys.readouterr().out
    (shown,) = (block for block in blocks(README, "") if block.startswith("mb-20mah-8x10"))
    assert printed.startswith(shown.rstrip("\n"))


def test_every_command_is_in_the_readme():
    for verb in VERBS:
        assert f"`layoutgen {verb}" in README or f"layoutgen {verb} " in README, verb


def test_pictures_are_what_the_tool_makes():
    place = importlib.util.spec_from_file_location("make_pictures", ROOT / "scripts" / "make_pictures.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    for name, content in module.pictures().items():
        assert (ROOT / "docs" / "pictures" / name).read_bytes() == content, f"run scripts/make_pictures.py: {name}"


def test_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target
