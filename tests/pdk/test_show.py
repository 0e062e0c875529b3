"""`pdk show`: table by table, one table, one kind; every line is one of the whole."""

import pytest

from layoutgen.cli import main


def shown(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(["pdk", "show", *arguments])
    told = capsys.readouterr()
    return left.value.code, [line for line in told.out.splitlines() if line.startswith("  ")], told


def kind_of(line):
    """The last word, but for a value that is the name of a kind itself."""
    words = line.split()
    return "" if words[0].endswith(".kind") else words[-1]


def test_tables_and_kinds_are_parts_of_the_whole(capsys):
    _, whole, told = shown(capsys, "anodeless-ss")
    tables = [line[1:-1] for line in told.out.splitlines() if line.startswith("[")]
    assert len(tables) == len(set(tables)) > 5
    parts = [line for table in tables for line in shown(capsys, "anodeless-ss", table)[1]]
    assert sorted(parts) == sorted(line for line in whole if line.split()[0].partition(".")[0] in tables)
    assert not [line for line in whole if line not in parts and "." in line.split()[0]]
    kinds = [
        line
        for kind in ("paper", "published", "derived", "assumed")
        for line in shown(capsys, "anodeless-ss", "--kind", kind)[1]
    ]
    assert sorted(kinds) == sorted(
        line for line in whole if kind_of(line) in {"paper", "published", "derived", "assumed"}
    )
    both = shown(capsys, "anodeless-ss", "stack.cathode", "--kind", "assumed", "--kind", "paper")[1]
    assert both == [line for line in whole if "stack.cathode." in line and kind_of(line) in {"assumed", "paper"}]
    assert len(shown(capsys, "anodeless-ss", "web.kerf")[1]) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["anodeless-ss", "yeild"], "did you mean 'yield'?"),
        (["anodeless-ss", "stack.cathod"], "did you mean 'stack.cathode'"),
        (["anodeless-ss", "--kind", "guessed"], "measured, paper, published"),
        (["anodeless-ss", "yield", "--json"], "prints the whole PDK"),
    ],
)
def test_what_is_wrong_is_said(capsys, arguments, says):
    code, _, told = shown(capsys, *arguments)
    assert (code, told.out) == (2, "")
    assert says in told.err


def test_a_kind_that_the_kit_does_not_have(capsys):
    code, lines, told = shown(capsys, "anodeless-ss", "--kind", "measured")
    assert (code, lines) == (0, [])
    assert "no value is of this kind" in told.out
