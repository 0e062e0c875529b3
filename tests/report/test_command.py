"""``layoutgen report`` as a user meets it."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from layoutgen.cli import main
from layoutgen.cli.report import command

QUESTION = ["design", "-q", "--mah", "5", "--footprint", "8x10"]


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    told = capsys.readouterr()
    return left.value.code, told.out, told.err


@pytest.fixture
def folder(tmp_path, capsys):
    code, _, err = run(capsys, *QUESTION, "--out", str(tmp_path / "made"))
    assert code == 0, err
    return tmp_path / "made"


def test_review_from_the_first_page_to_the_decision(folder, capsys):
    before = (folder / "report.html").read_bytes()
    code, text, _ = run(capsys, "report", str(folder), "--checklist")
    assert code == 0
    signed = text.replace('# [[decision]]\n# id = "SMT-2"', '[[decision]]\nid = "SMT-2"', 1)
    head, _, tail = signed.partition('id = "SMT-2"')
    tail = tail.replace("# verdict", "verdict", 1).replace('# by = ""', 'by = "A. Reviewer"', 1)
    tail = tail.replace('# date = "YYYY-MM-DD"', 'date = "2026-01-31"', 1)
    (folder / "review.toml").write_text(head + 'id = "SMT-2"' + tail)
    code, out, err = run(capsys, "report", str(folder))
    assert code == 0, err
    page = (folder / "report.html").read_bytes()
    assert page != before
    assert b"A. Reviewer" in page
    assert "SMT-2" not in out
    listed = {item["path"]: item for item in json.loads((folder / "MANIFEST.json").read_text())["files"]}
    assert listed["report.html"]["sha256"] == hashlib.sha256(page).hexdigest()
    assert listed["report.html"]["bytes"] == len(page)

    code, _, err = run(capsys, "verify", str(folder))
    assert code == 0, err

    # the same question again keeps the decisions, and they still count
    code, _, err = run(capsys, *QUESTION, "--out", str(folder), "--force")
    assert code == 0, err
    assert "A. Reviewer" in (folder / "review.toml").read_text()
    assert b"A. Reviewer" in (folder / "report.html").read_bytes()
    assert b"does not count" not in (folder / "report.html").read_bytes()


def signed_by(folder, who, criterion, verdict="accepted", design=None):
    """A file as the page's form saves it, outside the folder."""
    design = design or hashlib.sha256((folder / "design.json").read_bytes()).hexdigest()
    file = folder.parent / f"{who}.toml"
    file.write_text(
        f'schema = "layoutgen.review/1"\ndesign = "{design}"\n\n[[decision]]\nid = "{criterion}"\n'
        f'verdict = "{verdict}"\nby = "{who}"\ndate = "2026-01-31"\nrationale = "looked at \\"it\\""\n'
    )
    return str(file)


def test_a_signers_file_that_is_missing_is_named_in_words(folder, capsys):
    code, _, err = run(capsys, "report", str(folder), "--decisions", "nobody.toml")
    assert code == 2
    assert "--decisions nobody.toml: cannot be read: no such file" in err
    assert "Errno" not in err


def test_a_review_that_is_complete_says_how_much_of_it_is_waived(folder, capsys):
    _, text, _ = run(capsys, "report", str(folder), "--checklist")
    decided = re.sub(r"(?m)^# (?=\[\[|\w+ = )", "", text).replace('by = ""', 'by = "A. Reviewer"')
    decided = decided.replace('rationale = ""', 'rationale = "the board stays at 230 C"')
    (folder / "review.toml").write_text(decided)
    code, _, err = run(capsys, "report", str(folder))
    assert code == 2
    assert "a day such as" in err
    for wrong in ("2026-13-45", "20260131"):
        (folder / "review.toml").write_text(decided.replace("YYYY-MM-DD", wrong))
        assert run(capsys, "report", str(folder))[0] == 2
    (folder / "review.toml").write_text(decided.replace("YYYY-MM-DD", "2026-01-31"))
    code, _, err = run(capsys, "report", str(folder))
    assert code == 0, err
    waived = text.count('verdict = "waived"')
    assert waived
    assert f"review complete, {waived} waived" in (folder / "report.html").read_text("utf-8")


def test_several_signers_decide_on_the_same_page(folder, capsys):
    anna, ben = signed_by(folder, "Anna", "SMT-2"), signed_by(folder, "Ben", "BRD-1")
    code, out, err = run(capsys, "report", str(folder), "--decisions", anna, "--decisions", ben)
    assert code == 0, err
    assert "SMT-2" not in out
    assert "BRD-1" not in out
    together = (folder / "review.toml").read_text()
    page = (folder / "report.html").read_text()
    for who in ("Anna", "Ben"):
        assert f'by = "{who}"' in together
        assert f"accepted by {who}" in page
    assert run(capsys, "verify", str(folder))[0] == 0

    # one who signs later does not take away what is there, and the same file again changes nothing
    carl = signed_by(folder, "Carl", "MSK-1")
    code, _, err = run(capsys, "report", str(folder), "--decisions", carl, "--decisions", anna)
    assert code == 0, err
    assert (folder / "review.toml").read_text().startswith(together)
    assert 'by = "Carl"' in (folder / "review.toml").read_text()


def test_signers_who_disagree_or_saw_another_design_are_refused_by_name(folder, capsys):
    anna = signed_by(folder, "Anna", "SMT-2")
    assert run(capsys, "report", str(folder), "--decisions", anna)[0] == 0
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    ben, old = signed_by(folder, "Ben", "SMT-2", "rejected"), signed_by(folder, "Old", "BRD-1", design="0" * 64)
    code, _, err = run(capsys, "report", str(folder), "--decisions", ben, "--decisions", old)
    assert code == 2
    for fact in ("SMT-2 is rejected by Ben", "accepted by Anna in review.toml", "Old.toml", "another design.json"):
        assert fact in err.replace("\n", " ")
    code, _, err = run(capsys, "report", str(folder), "--decisions", str(folder / "nobody.toml"))
    assert code == 2
    assert "nobody.toml" in err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_without_decisions_the_page_is_the_one_that_design_wrote(folder, capsys):
    before = (folder / "report.html").read_bytes()
    code, _, err = run(capsys, "report", str(folder))
    assert code == 0, err
    assert (folder / "report.html").read_bytes() == before


def test_a_changed_design_voids_the_signature(folder, capsys):
    sha = "0" * 64
    (folder / "review.toml").write_text(
        f'schema = "layoutgen.review/1"\ndesign = "{sha}"\n[[decision]]\nid = "SMT-2"\nverdict = "accepted"\n'
        'by = "A. Reviewer"\ndate = "2026-01-31"\n'
    )
    code, out, _ = run(capsys, "report", str(folder))
    assert code == 0
    assert "SMT-2" in out
    assert b"does not count" in (folder / "report.html").read_bytes()


def test_an_empty_review_is_no_review(folder, capsys):
    (folder / "review.toml").write_text("")
    code, text, _ = run(capsys, "report", str(folder), "--checklist")
    assert code == 0
    assert text.startswith("#")


@pytest.mark.parametrize("content", ["nonsense = ", 'schema = "layoutgen.review/1"\ndesign = "short"\n'])
def test_a_wrong_review_is_one_clear_message(folder, capsys, content):
    before = (folder / "report.html").read_bytes()
    (folder / "review.toml").write_text(content)
    code, _, err = run(capsys, "report", str(folder))
    assert code == 2
    assert "review.toml" in err
    assert (folder / "report.html").read_bytes() == before


def test_design_json_alone_is_enough(folder, tmp_path, capsys):
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "design.json").write_bytes((folder / "design.json").read_bytes())
    code, out, err = run(capsys, "report", str(alone / "design.json"), "--out", str(tmp_path / "page.html"))
    assert code == 0, err
    assert (tmp_path / "page.html").stat().st_size > 100_000
    assert not (alone / "report.html").exists()
    assert "written" in out


def test_what_cannot_be_read_or_written(folder, tmp_path, capsys):
    assert run(capsys, "report", str(tmp_path / "nothing"))[0] == 2
    code, _, err = run(capsys, "report", str(folder), "--out", str(tmp_path / "no" / "page.html"))
    assert code == 2
    assert "cannot be written" in err
    assert not list(tmp_path.glob("**/*.partial"))


def test_help_shows_the_way():
    assert "--checklist" in CliRunner().invoke(command, ["--help"]).output


@pytest.mark.parametrize("design", [None, "0" * 64])
def test_accepted_stands_beside_nothing_that_is_left_to_do(folder, capsys, design):
    """Whatever review.toml says: accepted away, or accepted for the design before this one."""
    for criterion in ("SMT-1", "SMT-2"):
        (folder / "review.toml").write_text(Path(signed_by(folder, "Anna", criterion, design=design)).read_text())
        assert run(capsys, "report", str(folder))[0] == 0
        page = (folder / "report.html").read_text()
        rows = re.findall(r'<tr id="review-.*?</tr>', page, re.DOTALL)
        words = [re.sub("<[^>]*>", " ", row) for row in rows]
        (row,) = (text for text in words if text.split()[0] == criterion)
        left = bool(re.search(r"\bto decide\b|\bto sign\b", row))
        assert ("accepted" in row) is not left, row
        assert left is (design is not None or criterion == "SMT-1")
        assert "Anna" in row
        assert not left or "does not count" in row
