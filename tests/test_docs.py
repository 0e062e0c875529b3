"""What the documents say, done word by word."""

import importlib.util
import json
import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from layoutgen import explain, solve
from layoutgen.cli import VERBS, main
from layoutgen.cli.options import spec_from_options
from layoutgen.document import to_document
from layoutgen.rules.findings import Finding, RuleReport, RuleState
from layoutgen.solver.explanation import Without
from layoutgen.spec import build_spec

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
        line for line in lines if line.startswith("layoutgen ") and "COMMAND" not in line and "./my-fab" not in line
    ]


@pytest.fixture(scope="module")
def ring_battery(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme") / "ring-battery"
    with pytest.raises(SystemExit):
        main(["design", "--mah", "20", "--footprint", "8x10", "--out", str(folder), "-q"])
    return folder


@pytest.mark.parametrize("line", commands())
def test_commands_of_the_readme_do_what_they_say(line, ring_battery, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    spec = blocks(README, "toml")[0]
    assert tomllib.loads(spec)["schema"] == "layoutgen.spec/1"
    (tmp_path / "ring.toml").write_text(spec)
    if "ring-battery" in line and " design " not in line:
        shutil.copytree(ring_battery, tmp_path / "ring-battery")
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


def script(name: str):
    place = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


def test_pictures_are_what_the_tool_makes():
    for name, content in script("make_pictures").pictures().items():
        assert (ROOT / "docs" / "pictures" / name).read_bytes() == content, f"run scripts/make_pictures.py: {name}"


@pytest.mark.slow
def test_gallery_is_what_the_tool_makes():
    made = script("make_pictures").gallery()
    for name, content in made.items():
        assert (ROOT / "docs" / name).read_bytes() == content, f"run scripts/make_pictures.py: {name}"
    assert sum(map(len, made.values())) < 1_500_000
    shown = {path.name for path in (ROOT / "docs" / "gallery").iterdir()}
    assert shown == {Path(name).name for name in made} - {"gallery.md"}


def test_pages_made_from_the_code_are_fresh():
    for name, text in script("make_docs").pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, f"run scripts/make_docs.py: {name}"


def test_site_builds_without_a_broken_link_and_needs_no_network(tmp_path):
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for page in tmp_path.rglob("*.html"):
        loaded = re.findall(
            r'<(?:script|link|img|iframe)[^>]* (?:src|href)="(https?:[^"]*)"', page.read_text("utf-8")
        )
        assert not loaded, page.name


def test_arithmetic_of_the_physics_page():
    lines = re.findall(r"^([^`|\n]+) = ([\d.]+)$", (ROOT / "docs" / "physics.md").read_text("utf-8"), re.MULTILINE)
    assert len(lines) > 30
    for sum_, shown in lines:
        digits = len(shown.partition(".")[2])
        value = eval(sum_, {"__builtins__": {}, "sqrt": math.sqrt, "exp": math.exp, "log": math.log})
        assert value == pytest.approx(float(shown), rel=3e-4, abs=0.6 * 10**-digits), sum_
    results = {float(shown) for _, shown in lines}
    solution = solve(build_spec({"capacity": "20", "footprint": "8x10"}, {}))
    device = solution.device
    for figure in (
        device.package_height_um / 1000, device.active_area_cm2, device.nominal_mah, device.rated_mah,
        device.cell_yield, device.screened_cell_yield, device.stack_yield, solution.good_devices_per_m2,
        device.resistance_ohm, device.max_continuous_ma, device.pitch_um,
    ):  # fmt: skip
        assert min(abs(figure - result) / figure for result in results) < 1e-3, figure


def keys_of(value, path="") -> set[str]:
    """Key paths of a JSON document; entries of lists as ``[]``."""
    if isinstance(value, dict) and value:
        return {key for name, item in value.items() for key in keys_of(item, f"{path}.{name}" if path else name)}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {key for item in value for key in keys_of(item, f"{path}[]")}
    return {path}


def test_every_key_of_design_json_is_documented():
    solution = solve(build_spec({"capacity": "2", "footprint": "5x6"}, {}))
    finding = Finding("WID001", "error", "CELL", ("TAB",), (0, 0, 1, 1), 1.0, 2.0, "at least", "um", "narrow")
    state = RuleState("WID001", "error", "failed", 1.0, 2.0)
    rules = RuleReport((state,), (finding,)).to_json()
    costs = Without("1 mA", 1, 0.2, 1000.0, 0, 0.0, 0.0)
    explained = replace(solution, explanation=replace(explain(solution), requirements=(costs,)))
    documents = [to_document(solution, rules), to_document(explained, rules)]
    whole = (
        "spec",
        "template",
        "structure_templates",
        "digests",
        "pdk.content",
        "spec.overrides[]",
        "web.structures",
        "web.zones",
    )
    found = {key for document in documents for key in keys_of(document)}
    found = {key for key in found if not any(key == name or key.startswith(f"{name}.") for name in whole)}
    page = (ROOT / "docs" / "reference" / "design-json.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    assert found - documented == set()
    assert documented - found - set(whole) == set()


PAGES = sorted([*(ROOT / "docs" / "howto").glob("*.md"), ROOT / "docs" / "pdk-guide.md"])


FROM_OTHERS = {
    "from-the-shop.oas": lambda path: shutil.copy(path.parent / "part/masks/mb-20mah-8x10.oas", path),
}
"""What pages take from somebody else, made in small before the command that takes it."""


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_the_pages_do_what_they_say(page, tmp_path, monkeypatch, capsys):
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for block in blocks(text, "toml"):
        if block.startswith("# "):
            named = tmp_path / block.splitlines()[0].removeprefix("# ")
            named.parent.mkdir(exist_ok=True)
            named.write_text(block)
    for line in (line for block in blocks(text, "sh") for line in block.splitlines()):
        command, _, target = line.partition(" > ")
        for name, bring in FROM_OTHERS.items():
            if name in command:
                bring(tmp_path / name)
        if "examples/" in command and not (tmp_path / "examples").exists():
            shutil.copytree(ROOT / "examples", tmp_path / "examples")
        with pytest.raises(SystemExit) as caught:
            main(shlex.split(command)[1:])
        out, err = capsys.readouterr()
        assert caught.value.code in ((0, 1) if " diff " in line else (0,)), f"{line}: {err}"
        if target:
            (tmp_path / target).write_text(out)


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.toml")), ids=lambda path: path.stem)
def test_examples_have_an_answer(path):
    solution = solve(spec_from_options({"spec_file": str(path)}))
    assert solution.spec.name == path.stem
    if solution.spec.capacity is not None:
        assert solution.device.rated_mah >= solution.spec.capacity


def test_notebook_runs_and_holds_no_output(tmp_path, monkeypatch, capsys):
    notebook = json.loads((ROOT / "examples" / "foil.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            exec(compile("".join(cell["source"]), "foil.ipynb", "exec"), names)
    assert "Wh/L" in capsys.readouterr().out


def test_every_dependency_is_explained():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = project["dependencies"] + [one for extra in project["optional-dependencies"].values() for one in extra]
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for requirement in listed:
        name = re.match(r"[A-Za-z0-9-]+", requirement)[0].lower()
        if not name.startswith(("types-", "scipy-stubs")):
            assert name in text, name


def test_links_of_the_readme_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_every_benchmark_is_on_its_page():
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    names = [path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__init__"]
    assert [name for name in names if f"`{name}" not in page and f"benchmarks.{name}`" not in page] == []


def test_the_map_of_the_code_names_what_is_there():
    """Every file and folder that CONTRIBUTING names, by the end of its path."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = {name.rstrip("/") for name in re.findall(r"`([\w/.-]+(?:/|\.py|\.toml|\.md))`", text)}
    tops = ["layoutgen", "pdk", "templates", "tests", "scripts", "docs"]
    there = tops + [path.relative_to(ROOT).as_posix() for top in tops for path in (ROOT / top).rglob("*")]
    lost = [name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in there)]
    assert len(named) > 40
    assert [name for name in lost if "NAME" not in name] == []
