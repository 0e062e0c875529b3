"""Wrong input to every command but design: exit code 2, one message that names the place, nothing written."""

import itertools

import click
import pytest

from layoutgen.cli import cli, main
from layoutgen.document import to_document, to_text
from layoutgen.solver.solve import solve
from layoutgen.spec import build_spec
from tests.kits import kit
from tests.rules.webs import SMALL_WEB

READERS = (
    ("check",), ("report",), ("draw", "--out", "new"), ("export", "--shop", "laser", "--out", "new.zip"),
    ("export", "--for", "board", "--out", "new.zip"), ("verify",), ("diff", "design.json"),
)  # fmt: skip
NO_DESIGN = (
    "nowhere", "words", "empty", "binary", "loop", "empty.json", "deep.json", "list.json", "number.json",
    "twice.json", "nan.json", "edited.json", "truncated.json", "of-another-schema.json", "zip.zip", "spec.toml",
)  # fmt: skip
# every command for the plainest places; what is wrong inside a file is found by one reader for all commands
PLACES = [*itertools.product(READERS, NO_DESIGN[:5]), *itertools.product(READERS[:1], NO_DESIGN[5:])]
D = "design.json"
CASES = {
    ("check", D, "--waivers", "spec.toml"): "--date",
    ("check", D, "--waivers", "nowhere", "--date", "2026-01-01"): "cannot be read",
    ("check", D, "--waivers", "binary", "--date", "2026-01-01"): "not TOML",
    ("check", D, "--waivers", "deep.toml", "--date", "2026-01-01"): "nested too deep",
    ("check", D, "--waivers", "", "--date", "2026-01-01"): "--waivers",
    ("check", D, "--waivers", "spec.toml", "--date", "soon"): "soon",
    ("check", D, "--waivers", "spec.toml", "--date", "2026-13-01"): "2026-13-01",
    ("check", D, "--gds", "nowhere"): "nowhere",
    ("check", D, "--gds", "binary"): "neither GDSII nor OASIS",
    ("check", D, "--gds", "empty"): "empty",
    ("check", D, "--gds", ""): "not a file",
    ("export", D): "no receiver",
    ("export", D, "--shop", "laser", "--for", "board"): "two receivers",
    ("export", D, "--shop", "lazer"): "laser",
    ("export", D, "--shop", "board"): "--for board",
    ("export", D, "--for", "laser"): "--shop laser",
    ("export", D, "--for", "bord"): "'board'",
    ("export", D, "--shop", "deep.toml"): "nested too deep",
    ("export", D, "--shop", "spec.toml"): "spec.toml",
    ("export", D, "--shop", "laser", "--out", D, "--force"): ".zip",
    ("export", D, "--shop", "laser", "--out", "nowhere/a.zip"): "make it first",
    ("export", D, "--shop", "laser", "--out", "made/a.zip"): "lies inside made",
    ("export", D, "--shop", "laser", "--out", "empty"): "is a folder",
    ("export", D, "--shop", "laser", "--previous", "words", "--out", "new.zip"): "words",
    ("draw", D, "--format", "png"): "svg",
    ("draw", D, "--format", ","): "names no format",
    ("draw", D, "--sheet", "web-mop"): "web-map",
    ("draw", D, "--field", "owner"): "KEY=TEXT",
    ("draw", D, "--field", "onwer=x"): "owner",
    ("draw", D, "--field", "owner=a\x07b", "--out", "new"): "owner",
    ("draw", D, "--field", "owner=\udcff", "--out", "new"): "owner",
    ("draw", D, "--out", "made/new"): "lies inside made",
    ("draw", D, "--out", "words"): "not a folder",
    ("report", D, "--out", D): ".html",
    ("report", D, "--out", "words"): ".html",
    ("report", D, "--out", "nowhere/a.html"): "make it first",
    ("report", D, "--out", ""): "is a folder",
    ("report", D, "--checklist", "--out", "a.html"): "--checklist, --out",
    ("diff", D): "Missing argument",
    ("diff", D, D, "--html", D): ".html",
    ("diff", D, D, "--html", "nowhere/a.html"): "make it first",
    ("rule", "ABC999"): "ABC999",
    ("rule", ""): "''",
    ("rule", "ENC001", "--pdk", "fab"): "fab",
    ("rule", "ENC001", "--set", "web.kerf"): "PATH=VALUE",
    ("rule", "ENC001", "--set", "web.kerf=wide"): "web.kerf",
    ("rule", "--write-docs", "words"): "--write-docs",
    ("rule", "--write-docs", ""): "--write-docs",
    ("explore", "--mah", "2", "--height", "1", "--set", "web.kerf=5", "--vary", "web.kerf=4"): "set and varied",
    ("explore", "--mah", "2", "--footprint", "8x10", "--scheduler", ""): "--scheduler",
    ("pdk", "shwo"): "shwo",
    ("pdk", "show", "fab"): "fab",
    ("pdk", "check", "empty"): "holds no .toml",
    ("pdk", "check", "deep"): "nested too deep",
    ("pdk", "check", ""): "no process design kit",
    ("pdk", "explain", "anodeless-ss", "web"): "web.kerf",
    ("pdk", "explain", "anodeless-ss", "web.kref"): "web.kerf",
    ("pdk", "copy", "anodeless-ss", "words"): "words",
    ("pdk", "copy", "anodeless-ss", "words/new"): "cannot be written",
    ("pdk", "copy", "anodeless-ss", ""): "",
    ("pdk", "copy", "fab", "new"): "fab",
    ("serve", "--port", "0"): "--port",
    ("serve", "--port", "http"): "--port",
    ("serve", "--workers", "0"): "--workers",
    ("version", "now"): "now",
    ("explore",): "",
    ("explore", "--mah", "5:1:1", "--footprint", "8x10"): "--mah",
    ("explore", "--mah", "1:5:0", "--footprint", "8x10"): "--mah",
    ("explore", "--mah", "1:1e9:1e-6", "--footprint", "8x10"): "--mah",
    ("explore", "--mah", "nan", "--footprint", "8x10"): "nan",
    ("explore", "--mah", "2"): "capacity",
    ("explore", "--mah", "2", "--footprint", "8x10", "--vary", "web.kerf"): "--vary",
    ("explore", "--mah", "2", "--footprint", "8x10", "--vary", "web.kref=1,2"): "kerf",
    ("explore", "--mah", "2", "--footprint", "8x10", "--jobs", "0"): "--jobs",
    ("explore", "--mah", "2", "--footprint", "8x10", "--out", "words"): "not a folder",
    ("explore", "--mah", "2", "--footprint", "8x10", "--foil", "12", "-q", "--out", "new"): "not a foil",
    ("tile",): "--cell",
    ("tile", "--cell", "8x10"): "--field",
    ("tile", "--cell", "8", "--field", "30x30"): "--cell",
    ("tile", "--cell", "0x10", "--field", "30x30"): "above zero",
    ("tile", "--cell", "8x10", "--field", "30x30", "--kerf", "-1"): "--kerf",
    ("tile", "--cell", "8x10", "--field", "30x30", "--edge", "3"): "--edge",
    ("tile", "--cell", "8x10", "--field", "30x30", "--effort", "more"): "--effort: 'more' is not one of 'quick'",
    ("tile", "--cell", "8x10", "--web", "300", "--edge", "150"): "--edge",
    ("tile", "--cell", "8x10", "--web", "300", "--free", "--repeat", "100"): "--free",
    ("tile", "--cell", "8x10", "--web", "300", "--zone", "1,2"): "--zone",
    ("tile", "--cell", "8x10", "--web", "300", "--repeat", "0"): "--repeat",
    ("tile", "--cell", "8x10", "--web", "300", "--slit-width", "3"): "--slits",
    ("tile", "--cell", "8x10", "--field", "30x30", "--svg", ""): "--svg",
    ("tile", "--cell", "8x10", "--field", "30x30", "--svg", D): ".svg",
    ("tile", "--cell", "8x10", "--field", "30x30", "--svg", "made/a.svg"): "lies inside made",
    ("tile", "--csv", "nowhere"): "nowhere",
    ("tile", "--csv", "binary"): "binary",
}  # fmt: skip


@pytest.fixture(scope="module")
def design():
    return to_text(
        to_document(solve(build_spec({"capacity": 2, "footprint": "8x10"}, {}), kit(overrides=SMALL_WEB)))
    )


@pytest.fixture
def folder(design, tmp_path, monkeypatch):
    files = {
        "design.json": design, "words": "x", "empty.json": "", "deep.json": "[" * 100_000, "list.json": "[]",
        "number.json": "3", "twice.json": design.replace("{", '{"schema": "x",', 1), "truncated.json": design[:-40],
        "nan.json": design.replace('"layers": ', '"layers": NaN, "x": ', 1),
        "edited.json": design.replace('"layers": ', '"layers": 1', 1), "spec.toml": "capacity = 20\n",
        "of-another-schema.json": design.replace("layoutgen.design/1", "layoutgen.design/9", 1),
        "zip.zip": "PK\x03\x04", "deep.toml": "a = " + "[" * 9000, "made/MANIFEST.json": "{}",
        "deep/a.toml": "a = " + "[" * 9000,
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left_in(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def refused(arguments, folder, capsys):
    before = left_in(folder)
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    out, err = capsys.readouterr()
    assert caught.value.code == (1 if arguments[0] == "verify" and "damaged" in err else 2), err
    assert out == ""
    assert err.count("error:") == 1
    assert "internal" not in err
    assert "function" not in err
    assert str(folder) not in err
    assert left_in(folder) == before
    return err


@pytest.mark.parametrize(
    ("command", "place"),
    PLACES,
)
def test_what_is_not_a_design(command, place, folder, capsys):
    head, *options = command
    arguments = (head, *options, place) if head == "diff" else (head, place, *options)
    refused(arguments, folder, capsys)


@pytest.mark.parametrize("arguments", list(CASES))
def test_wrong_options(arguments, folder, capsys):
    assert CASES[arguments] in refused(arguments, folder, capsys)


def every_command(group=cli, path=()):
    """Every command with the words that call it, those of groups in groups too."""
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if isinstance(command, click.Group):
                yield from every_command(command, (*path, name))
            else:
                yield (*path, name), command


def takes_one_value(option):
    plain_flag = option.is_flag and not option.secondary_opts
    return isinstance(option, click.Option) and not option.multiple and not plain_flag


SINGLE = [
    pytest.param(path, option.opts[0], option.is_flag, id=f"{'-'.join(path)} {option.opts[0]}")
    for path, command in every_command()
    for option in command.params
    if isinstance(option, click.Option) and takes_one_value(option)
]


@pytest.mark.parametrize(("path", "option", "flag"), SINGLE)
def test_no_option_given_twice_is_dropped(path, option, flag, capsys):
    given = [option] if flag else [option, "1"]
    with pytest.raises(SystemExit) as done:
        main([*path, *given, *given])
    assert done.value.code == 2
    assert f"{option}: is given more than once" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("solve", "--mah", "2", "--footprint", "8x10", "--set", "web.kerf=40", "--set", " web.kerf = 50"),
        ("solve", "--mah", "2", "--footprint", "8x10", "--set", "spec.capacity=3"),
        ("rule", "ENC001", "--set", "web.kerf=40", "--set", "web.kerf=50"),
        ("explore", "--mah", "2", "--footprint", "8x10", "--vary", "web.kerf=40", "--vary", "web.kerf=50"),
        ("draw", "design.json", "--field", "owner=A", "--field", "owner=B"),
    ],
)
def test_no_value_given_twice_is_dropped(arguments, capsys):
    with pytest.raises(SystemExit) as done:
        main(list(arguments))
    assert done.value.code == 2
    assert "more than once" in (said := capsys.readouterr().err) or "as well" in said
