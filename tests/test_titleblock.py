"""Title block and revisions of a spec file: read, checked with the place, carried to every sheet and back."""

import json

import pytest
from click.testing import CliRunner

from layoutgen.cli import main
from layoutgen.cli.design import command as design_command
from layoutgen.cli.draw import command as draw_command

SPEC = """
capacity = 1
footprint = "5x6"
[title]
owner = "Example Ltd"
[[title.revisions]]
rev = "A"
date = 2026-01-05
description = "first issue"
by = "AS"
[[title.revisions]]
rev = "B"
date = "2026-02-06"
description = "wider lands"
"""


def test_revisions_of_the_spec_reach_every_sheet_and_are_kept(tmp_path):
    file = tmp_path / "ring.toml"
    file.write_text(SPEC, encoding="utf-8")
    made, again = tmp_path / "made", tmp_path / "again"
    CliRunner().invoke(design_command, ["--spec", str(file), "--out", str(made), "-q"], catch_exceptions=False)
    CliRunner().invoke(draw_command, [str(made), "--out", str(again), "--format", "svg"], catch_exceptions=False)
    told = json.loads((made / "design.json").read_text(encoding="utf-8"))["spec"]["title"]["revisions"]
    assert [(entry["rev"], entry["date"], entry["by"]) for entry in told] == [
        ("A", "2026-01-05", "AS"),
        ("B", "2026-02-06", ""),
    ]
    sheets = sorted((made / "drawings").glob("*.svg"))
    assert len(sheets) >= 5
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        assert text == (again / "drawings" / sheet.name).read_text(encoding="utf-8")
        for shown in ("first issue", "wider lands", "2026-01-05"):
            assert text.count(f">{shown}<") == 1, sheet.name
        for shown in ("B", "2026-02-06"):
            assert text.count(f">{shown}</text>") >= 2, sheet.name


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("2026-02-06", "6 February"), ["title.revisions.1.date", "a day such as"]),
        (("2026-02-06", "2025-02-06"), ["title", "oldest first"]),
        (('rev = "B"', 'rev = "A"'), ["title", "'A' is listed twice"]),
        (('rev = "B"', 'rev = "a very long mark"'), ["title.revisions.1.rev"]),
        (('by = "AS"', 'buy = "AS"'), ["title.revisions.0.buy", "by"]),
        (('owner = "Example Ltd"', 'revision = "C"'), ["title", "leave revision out"]),
        (('description = "first issue"', ""), ["title.revisions.0.description"]),
    ],
)
def test_wrong_revisions_end_in_one_message(tmp_path, capsys, change, words):
    file, target = tmp_path / "ring.toml", tmp_path / "made"
    file.write_text(SPEC.replace(*change), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        main(["design", "--spec", str(file), "--out", str(target), "-q"])
    assert stopped.value.code == 2
    output = capsys.readouterr().err
    for word in words:
        assert word in output
    assert "Traceback" not in output
    assert not target.exists()
