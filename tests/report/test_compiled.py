"""Compiled templates beside their source: used when they fit, never when they do not."""

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from jinja2.compiler import CodeGenerator

from layoutgen.report.page import compiled_beside


def rendered(folder: Path) -> str:
    cache = compiled_beside(folder)
    environment = Environment(loader=FileSystemLoader(folder), bytecode_cache=cache, autoescape=True)
    return environment.get_template("page.html").render(name="<a>")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "page.html").write_text("Hello {{ name }}\n", encoding="utf-8")
    return tmp_path


def test_a_template_is_compiled_once_and_again_for_another_source(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rendered(folder)
    with monkeypatch.context() as patch:
        patch.setattr(CodeGenerator, "visit_Template", None)
        assert rendered(folder) == first == "Hello &lt;a&gt;"
    (folder / "page.html").write_text("Bye {{ name }}\n", encoding="utf-8")
    assert rendered(folder) == "Bye &lt;a&gt;"


def test_damaged_files_and_folders_that_cannot_be_written_cost_nothing_but_time(folder: Path) -> None:
    rendered(folder)
    for file in folder.glob("__pycache__/*"):
        file.write_bytes(file.read_bytes()[:-20])
    assert rendered(folder) == "Hello &lt;a&gt;"
    for file in folder.glob("__pycache__/*"):
        file.unlink()
    (folder / "__pycache__").rmdir()
    (folder / "__pycache__").write_text("a file where the folder should be", encoding="utf-8")
    assert rendered(folder) == "Hello &lt;a&gt;"
