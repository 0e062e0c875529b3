"""Compiled templates beside their source: used when they fit, never when they do not."""

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from jinja2.compiler import CodeGenerator

from layoutgen.report.compiled import CompiledTemplates


def rendered(folder: Path, **options: bool) -> str:
    environment = Environment(
        loader=FileSystemLoader(folder), bytecode_cache=CompiledTemplates(folder), autoescape=True, **options
    )
    return environment.get_template("page.html").render(name="<a>")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "page.html").write_text("Hello {{ name }}\n", encoding="utf-8")
    return tmp_path


def test_a_template_is_compiled_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = rendered(folder)
    assert [file.name for file in folder.glob("__pycache__/*")] == [f"page.{sys.implementation.cache_tag}.pyc"]

    def compiled_again(*_: object, **__: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(CodeGenerator, "visit_Template", compiled_again)
    assert rendered(folder) == first == "Hello &lt;a&gt;"


def test_another_source_or_option_is_compiled_again(folder: Path) -> None:
    assert rendered(folder) == "Hello &lt;a&gt;"
    assert rendered(folder, keep_trailing_newline=True) == "Hello &lt;a&gt;\n"
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
