"""A file that is there is the user's: it is replaced only where that is said."""

import pytest

from layoutgen.cli import main

OTHERS = b"mine, and not layoutgen's"


def run(capsys, *command):
    with pytest.raises(SystemExit) as caught:
        main([str(part) for part in command])
    return caught.value.code, capsys.readouterr()


@pytest.fixture(scope="module")
def part(tmp_path_factory):
    folder = tmp_path_factory.mktemp("there") / "part"
    with pytest.raises(SystemExit):
        main(["design", "--mah", "2", "--footprint", "8x10", "-q", "--out", str(folder)])
    return folder


CIRCLES = "tile", "--outline", "circle:d=10", "--field", "50x50", "--effort", "quick"
COMMANDS = {
    "tile": ("tile", "--cell", "8x10", "--field", "30x30", "--svg", "{there}.svg"),
    "tile, outline": (*CIRCLES, "--svg", "{there}.svg"),
    "tile, table": (*CIRCLES, "--csv", "{there}.csv"),
    "report": ("report", "{part}", "--out", "{there}.html"),
    "diff": ("diff", "{part}", "{part}", "--html", "{there}.html"),
    "check": ("check", "{part}", "--gds", "{part}/masks/mb-2mah-8x10.oas", "--picture", "{there}.svg"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_that_is_there_stays_unless_said_otherwise(name, part, tmp_path, capsys):
    command = [word.format(there=tmp_path / "there", part=part) for word in COMMANDS[name]]
    file = tmp_path / ("there" + command[-1][command[-1].rindex(".") :])
    file.write_bytes(OTHERS)
    code, said = run(capsys, *command)
    assert code == 2
    assert f"{file} exists already" in said.err
    assert "--force to replace it" in said.err
    assert file.read_bytes() == OTHERS
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    if name == "tile, table":  # another kind of table has another use there
        return
    code, _ = run(capsys, *command, "--force")
    assert code == 0
    assert file.read_bytes() != OTHERS


def test_pages_of_rules_replace_no_page_of_others(tmp_path, capsys):
    pages = tmp_path / "rules"
    assert run(capsys, "rule", "--write-docs", pages)[0] == 0
    before = {path.name: path.read_bytes() for path in pages.iterdir()}
    assert run(capsys, "rule", "--write-docs", pages)[0] == 0  # nothing is lost by it
    (pages / "ENC001.md").write_bytes(OTHERS)
    (pages / "README.md").write_bytes(OTHERS)
    (pages / "own.md").write_bytes(OTHERS)
    code, said = run(capsys, "rule", "--write-docs", pages)
    assert code == 2
    assert "2 of the pages are there and say something else: " in said.err
    assert (pages / "ENC001.md").read_bytes() == OTHERS
    assert run(capsys, "rule", "--write-docs", pages, "--force")[0] == 0
    assert {path.name: path.read_bytes() for path in pages.iterdir()} == {**before, "own.md": OTHERS}
