"""The checklist: what the tool answers, what people sign, what does not count."""

import copy

import pytest

from layoutgen.errors import DocumentError
from layoutgen.report.checklist import checklist, read_review, review_skeleton
from layoutgen.report.signing import read_sent
from tests.report.designs import made

SHA = "a" * 64


@pytest.fixture
def criteria():
    return made("steel").solution.loaded.pdk.review


@pytest.fixture
def document():
    return copy.deepcopy(made("steel").document)


def review(criteria, *decisions, design=SHA):
    signed = 'by = "A. B."\ndate = 2026-01-31\n'
    blocks = [
        f'[[decision]]\nid = "{name}"\nverdict = "{verdict}"\n{signed}rationale = "{why}"\n'
        for name, verdict, why in decisions
    ]
    return read_review(f'schema = "layoutgen.review/1"\ndesign = "{design}"\n' + "".join(blocks), criteria)


def states(criteria, document, decided=None):
    return {item.criterion.id: item.state.value for item in checklist(criteria, document, decided, SHA)}


def test_computed_evidence(criteria, document):
    found = states(criteria, document)
    assert found["FIT-1"] == "passed"
    assert found["SMT-1"] == "to decide"
    assert found["DRC-1"] == "open"
    assert found["SMT-2"] == "to sign"


def test_a_broken_limit_fails(criteria, document):
    document["limits"]["all"][0]["used"] = document["limits"]["all"][0]["value"] + 0.1
    assert states(criteria, document)["FIT-1"] == "failed"


@pytest.mark.parametrize(
    ("part", "state"),
    [
        ({"run": 3, "passed": 3}, "passed"),
        ({"run": 3, "failed": 1}, "failed"),
        ({"run": 3, "not_run": 1}, "open"),
    ],
)
def test_rules_that_did_not_run_do_not_pass(criteria, document, part, state):
    document["rules"] |= part
    assert states(criteria, document)["DRC-1"] == state


def test_a_figure_on_the_wrong_side_fails(criteria, document):
    document["yield"]["stack"] = 0.49
    assert states(criteria, document)["YLD-1"] == "failed"


def test_decisions(criteria, document):
    given = ("SMT-2", "accepted", ""), ("SMT-1", "waived", "own profile"), ("BRD-1", "rejected", "no")
    decided = review(criteria, *given)
    found = states(criteria, document, decided)
    assert (found["SMT-2"], found["SMT-1"], found["BRD-1"]) == ("accepted", "waived", "rejected")


def test_a_flag_cannot_be_accepted_away(criteria, document):
    assert states(criteria, document, review(criteria, ("SMT-1", "accepted", "")))["SMT-1"] == "to decide"


def test_a_decision_on_another_design_does_not_count(criteria, document):
    decided = review(criteria, ("SMT-2", "accepted", ""), design="b" * 64)
    (item,) = (item for item in checklist(criteria, document, decided, SHA) if item.criterion.id == "SMT-2")
    assert item.state == "to sign"
    assert item.stale
    assert item.decision is not None


HEAD = f'schema = "layoutgen.review/1"\ndesign = "{SHA}"\n'


def decision(name, verdict, date="2026-01-01"):
    return f'{HEAD}[[decision]]\nid = "{name}"\nverdict = "{verdict}"\nby = "x"\ndate = "{date}"'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = ", "is not TOML"),
        ('schema = "layoutgen.review/1"', "'design' is missing"),
        (HEAD.replace("review/1", "review/2"), "is not allowed"),
        (decision("SMT-9", "accepted"), "did you mean"),
        (decision("SMT-1", "waived"), "needs a rationale"),
        (decision("SMT-1", "fine"), "fine"),
        (decision("SMT-2", "accepted", "soon"), "date"),
    ],
)
def test_a_wrong_review_is_refused(criteria, text, says):
    with pytest.raises(DocumentError) as caught:
        read_review(text, criteria)
    assert says in str(caught.value)


def test_the_skeleton_filled_in_is_a_review(criteria, document):
    items = checklist(criteria, document, None, SHA)
    text = review_skeleton(criteria, items, SHA)
    lines = [
        line.removeprefix("# ").replace('by = ""', 'by = "A. B."').replace("YYYY-MM-DD", "2026-01-31")
        .replace('rationale = ""', 'rationale = "seen"')
        if line.startswith(("# [[", "# id", "# verdict", "# by", "# date", "# rationale")) else line
        for line in text.splitlines()
    ]  # fmt: skip
    decided = read_review("\n".join(lines), criteria)
    assert all(item.settled for item in checklist(criteria, document, decided, SHA))


def test_a_verdict_that_a_criterion_does_not_take_is_refused_at_merge(criteria, tmp_path):
    """A flag cannot be accepted away: the signer is told, not the reader of the page."""
    file = tmp_path / "anna.toml"
    text = f'schema = "layoutgen.review/1"\ndesign = "{SHA}"\n[[decision]]\nid = "{{}}"\nverdict = "accepted"\n'
    text += 'by = "Anna"\ndate = "2026-11-30"\n'
    file.write_text(text.format("SMT-2"))
    assert read_sent(file, criteria).review.decision[0].id == "SMT-2"
    file.write_text(text.format("SMT-1"))
    with pytest.raises(DocumentError, match="SMT-1 is accepted, which it does not take") as refused:
        read_sent(file, criteria)
    assert refused.value.problems[0].allowed == "waived or rejected, with a rationale"
