"""Every schema is one, is published as it is made, and holds for what the tool really reads and writes."""

import copy
import datetime as dt
import io
import json
import re
import shutil
import tomllib
import zipfile
from pathlib import Path

import jsonschema
import pytest

from layoutgen.cli import main
from layoutgen.resources import data_folder
from layoutgen.schemas import SCHEMAS, schema_text

ROOT = data_folder("pdk").parent
PUBLISHED = ROOT / "docs" / "reference" / "schemas"


def problems(name, content):
    validator = jsonschema.Draft202012Validator(json.loads(schema_text(name)))
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(content)]


def plain(value):
    """TOML as JSON would say it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def toml(path):
    return plain(tomllib.loads(Path(path).read_text()))


def printed(capsys, *arguments):
    def refused(word):
        raise AssertionError(f"{word} is not JSON")

    with pytest.raises(SystemExit):
        main([str(argument) for argument in arguments])
    return json.loads(capsys.readouterr().out, parse_constant=refused)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_and_is_published_as_it_is(name):
    text = schema_text(name)
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    assert (PUBLISHED / f"{name}.schema.json").read_text() == text, "run scripts/make_docs.py"
    assert (PUBLISHED / "README.md").read_text().count(f"({name}.schema.json)") == 1


def test_nothing_else_is_published():
    assert {path.name for path in PUBLISHED.glob("*.json")} == {f"{name}.schema.json" for name in SCHEMAS}


def test_every_schema_that_the_code_names_has_one():
    """``layoutgen.NAME/1`` in the code: the schema NAME is there; tables of cells are Parquet and have a page."""
    named = set()
    for path in (ROOT / "layoutgen").rglob("*.py"):
        if path.name != "table.py":
            named |= set(re.findall(r"\"layoutgen\.([a-z0-9-]+)/\d+\"", path.read_text()))
    # tables of cells are Parquet, the identity of a file is a part of what check prints
    assert named - {"web", "identity", "stack-members"} <= SCHEMAS.keys(), "state a new file in layoutgen/schemas"


@pytest.mark.parametrize("path", sorted(ROOT.glob("pdk/**/*.toml")), ids=lambda path: "/".join(path.parts[-2:]))
def test_files_of_shipped_kits(path):
    assert problems("pdk-file", toml(path)) == []


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("template", "templates/devices/*/template.toml"),
        ("structure", "templates/structures/*/template.toml"),
        ("shop", "templates/shops/*.toml"),
        ("spec", "examples/*.toml"),
    ],
)
def test_files_that_ship(name, pattern):
    files = [path for path in ROOT.glob(pattern) if name != "spec" or "layoutgen.spec/1" in path.read_text()]
    assert files
    for path in files:
        assert problems(name, toml(path)) == [], path


def test_files_of_the_pages():
    """Every spec, waiver and review file that a page shows."""
    seen = set()
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for text in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL):
            name = re.search(r'schema = "layoutgen\.([a-z-]+)/1"', text)
            if name and name[1] in {"spec", "waivers", "review", "shop", "template", "structure"}:
                assert problems(name[1], plain(tomllib.loads(text))) == [], page
                seen.add(name[1])
    assert seen


@pytest.mark.parametrize(
    ("content", "good"),
    [
        ({"capacity": "20 mAh", "footprint": "8x10"}, True),
        ({"capacity": 20, "footprint": [8, 10], "foil": "any", "set": {"web.kerf": "50 um"}}, True),
        ({"capacity": 20, "foil": [10, "15 um"]}, True),
        ({"capacity": 20, "footprin": "8x10"}, False),
        ({"capacity": [20]}, False),
        ({"objective": "nothing"}, False),
    ],
)
def test_questions(content, good):
    assert (problems("spec", content) == []) == good


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schemas") / "made"
    with pytest.raises(SystemExit):
        main(
            [
                "design",
                "--mah",
                "2",
                "--footprint",
                "5x6",
                "--set",
                "web.structures=coupon",
                "--out",
                str(folder),
                "-q",
            ]
        )
    return folder


def test_files_of_a_folder(made):
    names = {"design.json": "design", "MANIFEST.json": "manifest", "masks/order.json": "order"}
    for file in sorted(made.rglob("*.json")):
        name = names[file.relative_to(made).as_posix()]
        assert problems(name, json.loads(file.read_text())) == []


def test_what_a_schema_says_is_true_of_what_is_left_out_too(made):
    """A design without one of its stated keys is none."""
    design = json.loads((made / "design.json").read_text())
    for key in json.loads(schema_text("design"))["required"]:
        less = copy.deepcopy(design)
        del less[key]
        assert problems("design", less)
    wrong = copy.deepcopy(design)
    wrong["device"]["package_mm"]["height"] = "1.2"
    assert problems("design", wrong) == ["$.device.package_mm.height: '1.2' is not of type 'number'"]


def test_archives(made, tmp_path):
    for receiver, names in (("--shop", {"order.json": "order"}), ("--for", {"land-pattern.json": "land-pattern"})):
        out = tmp_path / f"{receiver}.zip"
        with pytest.raises(SystemExit):
            main(["export", str(made), receiver, "laser" if receiver == "--shop" else "board", "--out", str(out)])
        with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
            found = [file for file in archive.namelist() if file.endswith(".json")]
            assert found
            for file in found:
                assert problems(names[Path(file).name], json.loads(archive.read(file))) == []


COMMANDS = {
    "design": ("solve", "--mah", "20", "--footprint", "8x10", "--json", "-q"),
    "tile": ("tile", "--cell", "8x10", "--field", "50x60", "--json"),
    "rule": ("rule", "--json"),
    "version": ("version", "--json"),
    "pdk": ("pdk", "show", "lithium-mica", "--json"),
    "pdk-list": ("pdk", "list", "--json"),
    "pdk-check": ("pdk", "check", "lithium-mica", "--json"),
    "pdk-value": ("pdk", "explain", "lithium-mica", "stack.cathode.thickness", "--json"),
    "pdk-diff": ("pdk", "diff", "lithium-mica", "lithium-alumina", "--json"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_commands_print(name, capsys):
    assert problems(name, printed(capsys, *COMMANDS[name])) == []


def test_more_of_tile(capsys):
    disc = ("tile", "--outline", "circle:d=10", "--effort", "quick", "--json")
    assert problems("tile-outline", printed(capsys, *disc, "--field", "50x60")) == []
    assert problems("tile-outline", printed(capsys, *disc, "--web", "100", "--field", "60x60")) == []
    assert problems("tile", printed(capsys, "tile", "--cell", "8x10", "--web", "300", "--json")) == []


def test_what_a_web_leaves(made, tmp_path, capsys):
    web = tmp_path / "web"
    for name, arguments in {
        "test-plan": ("test", "plan", made, "--web-length", "5", "--sites", "8", "--out", tmp_path / "plan"),
        "truth": ("test", "simulate", made, "--web-length", "2", "--seed", "1", "--out", web),
        "bins": ("bin", web),
        "stacks": ("stack", web, "--design", made, "--classes", "1.9,2", "--out", tmp_path / "stacks"),
        "stack-orders": ("stack", web, "--design", made, "--compare"),
        "stack-trace": ("stack", web, "--design", made, "--out", tmp_path / "stacks", "--trace", "1"),
        "stack-place": ("stack", web, "--design", made, "--out", tmp_path / "stacks", "--find", "W1-F1-B1-C1-R1"),
    }.items():
        assert problems(name, printed(capsys, *arguments, "--json")) == [], name
    assert problems("stacks", json.loads((tmp_path / "stacks" / "stacks.json").read_text())) == []
    assert problems("import", json.loads((web / "import.json").read_text())) == []


def test_what_is_asked_of_a_design(made, tmp_path, capsys):
    for name, arguments in {
        "check": ("check", made, "--json"),
        "check-file": ("check", made, "--gds", next(Path(made).glob("masks/*.oas")), "--json"),
        "verify": ("verify", made, "--json"),
        "diff": ("diff", made, made, "--json"),
        "bend": ("bend", made, "--radius", "10", "--json"),
        "compare": (
            "compare",
            "--flow",
            "anodeless-ss",
            "--flow",
            "one-step",
            "--mah",
            "0.5",
            "--footprint",
            "4x5",
            "--json",
        ),
        "design": (
            "solve",
            "--mah",
            "0.5",
            "--footprint",
            "4x5",
            "--bend-radius",
            "30",
            "--curved",
            "--json",
        ),
    }.items():
        assert problems(name, printed(capsys, *arguments)) == [], name
    for more in (
        ("--radius", "inf"),
        ("--radius", "9.5", "--curved"),
        ("--radius", "9.5", "--charged", "--layers", "1"),
    ):
        assert problems("bend", printed(capsys, "bend", made, *more, "--json")) == [], more


@pytest.mark.parametrize(("footprint", "height"), [("8x10", "1.5"), ("8x?", "0.2")])
def test_what_solve_prints_where_nothing_fits(footprint, height, capsys):
    asked = ("--mah", "20", "--footprint", footprint, "--height", height)
    found = printed(capsys, "solve", *asked, "--json")
    assert problems("refusal", found) == []
    assert found["limits"]["nearest"]


def test_what_explore_prints(tmp_path, capsys):
    """The table that it writes, also where nothing fits."""
    for capacity, fitting in (("1,2", 2), ("90", 0)):
        out = tmp_path / capacity
        arguments = (
            "explore",
            "--mah",
            capacity,
            "--footprint",
            "5x6",
            "--height",
            "3",
            "--out",
            out,
            "--json",
            "-q",
        )
        found = printed(capsys, *arguments)
        assert problems("explore", found) == []
        assert found == json.loads((out / "table.json").read_text())
        assert sum(row["fits"] for row in found["rows"]) == fitting


def test_what_was_written(made, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, "part")
    for arguments, wanted in (
        (("export", "part", "--for", "board", "--out", "b.zip"), "b.zip"),
        (
            ("draw", "part", "--sheet", "land-pattern", "--format", "svg", "--out", "d"),
            "d/drawings/land-pattern.svg",
        ),
        (("report", "part"), "part/report.html"),
        (("pdk", "copy", "lithium-mica", "fab"), "fab/pdk.toml"),
    ):
        found = printed(capsys, *arguments, "--json")
        assert problems("written", found) == []
        assert wanted in found["written"]
        assert all(Path(path).is_file() for path in found["written"])


def test_the_command_prints_and_lists_them(capsys):
    with pytest.raises(SystemExit):
        main(["schema"])
    listed = capsys.readouterr().out
    assert [line.split()[0] for line in listed.splitlines()] == list(SCHEMAS)
    with pytest.raises(SystemExit) as caught:
        main(["schema", "pdk-file"])
    assert (caught.value.code, capsys.readouterr().out) == (0, schema_text("pdk-file"))
    with pytest.raises(SystemExit) as caught:
        main(["schema", "pdk-fil"])
    assert (caught.value.code, "did you mean 'pdk-file'" in capsys.readouterr().err) == (2, True)
