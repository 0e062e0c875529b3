"""The review checklist: criteria from the PDK, evidence from design.json, decisions from ``review.toml``.

``review.toml`` stands beside design.json and is written by people::

    schema = "layoutgen.review/1"
    design = "SHA-256 of the design.json that was reviewed"

    [[decision]]
    id = "SMT-2"
    verdict = "accepted"      # or "waived", "rejected"
    by = "A. Engineer"
    date = "2026-11-23"
    rationale = "why; needed for waived and rejected"

A decision that was made on another design.json is shown as such and does not count.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from layoutgen.errors import DocumentError, OutputError, Problem, did_you_mean
from layoutgen.pdk.review import Criterion
from layoutgen.reading import read_plain
from layoutgen.record import Form, Record, checked
from layoutgen.report.trace import lookup
from layoutgen.titleblock import IsoDate
from layoutgen.toml import NotTomlError, toml_of

FILE: Final = "review.toml"
SCHEMA: Final = "layoutgen.review/1"
_TOLERANCE: Final = 1e-9


class State(StrEnum):
    """Where a criterion stands.

    ``failed`` is what the tool computed and found broken; ``to decide`` what it can only point at, such as a flag;
    ``to sign`` what it cannot know; ``open`` what it was not asked to find out, such as rules that were not run.
    """

    PASSED = "passed"
    FAILED = "failed"
    DECIDE = "to decide"
    SIGN = "to sign"
    OPEN = "open"
    ACCEPTED = "accepted"
    WAIVED = "waived"
    REJECTED = "rejected"


_SETTLED: Final = frozenset({State.PASSED, State.ACCEPTED, State.WAIVED})


class Decision(Record):
    """What one person decided about one criterion."""

    refused = DocumentError

    id: str
    """Criterion of the process design kit that is decided."""
    verdict: Literal["accepted", "waived", "rejected"]
    """What was decided; a failure that the tool found can be waived, not accepted."""
    by: str = Field(min_length=1)
    """Who decided."""
    date: IsoDate
    """When, such as 2026-11-23."""
    rationale: str = ""
    """Why; needed for waived and rejected."""
    evidence: str = ""
    """Where the evidence is to be found."""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.verdict != "accepted" and not self.rationale:
            raise ValueError(f"a criterion that is {self.verdict} needs a rationale")
        return self


class Review(Record):
    """A review.toml."""

    refused = DocumentError

    schema_: Literal["layoutgen.review/1"] = Field(alias="schema")
    """Version of this schema."""
    design: Annotated[str, Form(r"[0-9a-f]{64}", "64 digits 0-9 a-f, a SHA-256")]
    """SHA-256 of the design.json that was reviewed."""
    decision: tuple[Decision, ...] = ()
    """Decisions, one for each criterion."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist. ``figures`` are (key path, unit-free) references that the evidence names."""

    criterion: Criterion
    state: State
    evidence: str
    figures: tuple[str, ...]
    decision: Decision | None
    stale: bool

    @property
    def settled(self) -> bool:
        return self.state in _SETTLED


def read_review(text: str, criteria: Sequence[Criterion], where: str = FILE) -> Review:
    """Check a review.toml.

    Raises:
        DocumentError: not TOML, not a review, or a decision about a criterion that the process does not have.
    """
    try:
        content = toml_of(text.encode(errors="surrogateescape"))
    except NotTomlError as error:
        raise DocumentError(Problem(f"is not TOML: {error}", where)) from error
    content["decision"] = [_dates_as_text(item) for item in _tables(content.get("decision", []))]
    review = checked(Review, content, {"": where})
    known = [item.id for item in criteria]
    given = [item.id for item in review.decision]
    problems = [
        Problem(f"the process has no criterion {name!r}", f"{where}: decision", remedy=did_you_mean(name, known))
        for name in dict.fromkeys(given)
        if name not in known
    ]
    problems += [
        Problem(f"{name} is decided twice", f"{where}: decision", remedy="leave the decision that holds")
        for name in dict.fromkeys(given)
        if given.count(name) > 1
    ]
    if problems:
        raise DocumentError(problems)
    return review


def checklist(
    criteria: Sequence[Criterion], document: Mapping[str, Any], review: Review | None, design_sha256: str
) -> tuple[Item, ...]:
    """Every criterion with its evidence and state, in the order of the PDK.

    Computed evidence stands whatever was signed: a decision can waive a failure and cannot turn it into a pass.
    """
    decisions = {item.id: item for item in review.decision} if review else {}
    stale = review is not None and review.design != design_sha256
    found = []
    for criterion in criteria:
        passed, evidence, figures = _evidence(criterion, document)
        decision = decisions.get(criterion.id)
        state = _state(criterion, None if stale else decision, passed=passed)
        found.append(Item(criterion, state, evidence, figures, decision, stale and decision is not None))
    return tuple(found)


def review_state(items: Sequence[Item]) -> dict[str, Any]:
    """How far the review is: criteria, how many are settled, and the state of each that is not."""
    left = {item.criterion.id: item.state.value for item in items if not item.settled}
    return {"criteria": len(items), "settled": len(items) - len(left), "open": left}


def review_skeleton(criteria: Sequence[Criterion], items: Sequence[Item], design_sha256: str) -> str:
    """A review.toml to fill in: one commented-out decision for each criterion that is not settled."""
    lines = [
        "# Decisions of the design review. Take the # away from a block to decide, and fill in who, when and why.",
        f'schema = "{SCHEMA}"',
        f'design = "{design_sha256}"',
    ]
    state = {item.criterion.id: item for item in items}
    for criterion in criteria:
        item = state[criterion.id]
        if item.settled:
            continue
        verdict = "accepted" if criterion.evidence == "signature" else "waived"
        lines += [
            "",
            f"# {criterion.id}: {criterion.criterion}",
            f"#   why: {criterion.rationale}",
            f"#   evidence: {item.evidence}",
            "# [[decision]]",
            f'# id = "{criterion.id}"',
            f'# verdict = "{verdict}"    # accepted, waived or rejected',
            '# by = ""',
            '# date = "YYYY-MM-DD"',
            '# rationale = ""' + ("" if verdict == "accepted" else "    # why it may be so; needed"),
        ]
    return "\n".join(lines) + "\n"


def sha256_of(content: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _state(criterion: Criterion, decision: Decision | None, *, passed: bool | None) -> State:
    if passed:
        return State.REJECTED if decision and decision.verdict == "rejected" else State.PASSED
    undecided = {"signature": State.SIGN, "flag": State.DECIDE}.get(
        criterion.evidence, State.OPEN if passed is None else State.FAILED
    )
    # what the tool pointed at can be waived, with a reason, and not accepted away
    if decision is None or (decision.verdict == "accepted" and undecided is not State.SIGN):
        return undecided
    return State(decision.verdict)


def _evidence(criterion: Criterion, document: Mapping[str, Any]) -> tuple[bool | None, str, tuple[str, ...]]:
    """(holds, in words, figures named); None where the tool cannot say."""
    match criterion.evidence:
        case "limits":
            return _limits(document)
        case "rules":
            return _rules(document)
        case "flag":
            messages = [flag["message"] for flag in document["flags"] if flag["code"] == criterion.flag]
            return not messages, messages[0] if messages else "not flagged", ()
        case "figure":
            return _figure(criterion, document)
        case _:
            if criterion.flag and all(flag["code"] != criterion.flag for flag in document["flags"]):
                return True, f"does not apply: {criterion.flag} is not flagged", ()
            return None, f"to be signed by the {criterion.sign}", ()


LEAST: Final = ("rated capacity", "lowest voltage")
"""Limits that a design must reach; it must stay below all others."""


def _limits(document: Mapping[str, Any]) -> tuple[bool | None, str, tuple[str, ...]]:
    broken = []
    for item in document["limits"]["all"]:
        least = item["limit"] in LEAST
        slack = item["used"] - item["value"] if least else item["value"] - item["used"]
        if slack < -_TOLERANCE * max(1.0, abs(item["value"])):
            broken.append(item["limit"])
    if broken:
        return False, "not kept: " + ", ".join(broken), ()
    return True, "every limit is kept; see the table of limits", ()


def _rules(document: Mapping[str, Any]) -> tuple[bool | None, str, tuple[str, ...]]:
    rules = document["rules"]
    figures = ("rules.run", "rules.failed", "rules.waived", "rules.not_run")
    if not rules["run"]:
        return None, "no rule has been run", figures
    if rules["failed"]:
        return False, "some rules are broken", figures
    if rules["not_run"]:
        return None, "some rules have not been run", figures
    return True, "every rule has run and none is broken", figures


def _figure(criterion: Criterion, document: Mapping[str, Any]) -> tuple[bool | None, str, tuple[str, ...]]:
    value = lookup(document, criterion.figure)
    than = lookup(document, criterion.than) if isinstance(criterion.than, str) else criterion.than
    named = (criterion.figure,) + ((criterion.than,) if isinstance(criterion.than, str) else ())
    if not isinstance(value, int | float) or not isinstance(than, int | float):
        return None, f"{criterion.figure} is not a figure of this design", ()
    holds = value >= than - _TOLERANCE if criterion.relation == "at least" else value <= than + _TOLERANCE
    limit = criterion.than if isinstance(criterion.than, str) else f"{than:g}"
    return holds, f"{criterion.relation} {limit}", named


def _tables(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _dates_as_text(item: Any) -> Any:
    """TOML's own dates are welcome as well."""
    if isinstance(item, dict) and hasattr(item.get("date"), "isoformat"):
        return {**item, "date": item["date"].isoformat()[:10]}
    return item


def kept_review(folder: Path) -> bytes | None:
    """The review.toml of a folder that is to be made again, if it has one.

    Raises:
        OutputError: it cannot be read.
    """
    file = folder / "review.toml"
    try:
        return read_plain(file) if os.path.lexists(file) else None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OutputError(Problem(f"cannot be read: {reason}", str(file), remedy="move it away first")) from error
