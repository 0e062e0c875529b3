"""Putting the decisions of several signers together into one review.toml.

Each signer decides on a page of their own copy and sends the file that it writes; nobody has to wait for another.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from layoutgen.errors import DocumentError, Input, Problem
from layoutgen.pdk.review import Criterion
from layoutgen.reading import read_plain
from layoutgen.report.checklist import SCHEMA, Decision, Review, read_review


@dataclass(frozen=True, slots=True)
class Sent:
    """A review.toml that a signer sent, and the name of its file."""

    name: str
    review: Review


def read_sent(file: Path, criteria: Sequence[Criterion]) -> Sent:
    """Read a signer's file.

    Raises:
        DocumentError: it cannot be read, is no review of this process, or accepts what can only be waived.
    """
    where = Input("decisions", file.name)
    try:
        text = read_plain(file).decode()
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise DocumentError(Problem(f"cannot be read: {reason}", where)) from error
    except UnicodeDecodeError as error:
        raise DocumentError(
            Problem("cannot be read: it is not UTF-8 text", Input("decisions", file.name))
        ) from error
    review = read_review(text, criteria, file.name)
    signed = {item.id for item in criteria if item.evidence == "signature"}
    problems = [
        Problem(
            f"{decision.id} is accepted, which it does not take: the tool found what it asks for, or did not",
            f"{file.name}: decision",
            "waived or rejected, with a rationale",
        )
        for decision in review.decision
        if decision.verdict == "accepted" and decision.id not in signed
    ]
    if problems:
        raise DocumentError(problems)
    return Sent(file.name, review)


def together(sent: Sequence[Sent], design_sha256: str) -> Review:
    """The decisions of all files, each criterion once, in the order in which they are first found.

    Raises:
        DocumentError: a file is about another design.json, or two decide one criterion differently.
    """
    problems = [
        Problem(
            "was decided on another design.json",
            one.name,
            remedy="decide again on the page of this design",
        )
        for one in sent
        if one.review.design != design_sha256
    ]
    found: dict[str, tuple[Decision, str]] = {}
    for one in sent:
        for decision in one.review.decision:
            known, where = found.setdefault(decision.id, (decision, one.name))
            if known != decision:
                problems.append(
                    Problem(
                        f"{decision.id} is {decision.verdict} by {decision.by}, and {known.verdict} by {known.by}"
                        f" in {where}",
                        one.name,
                        remedy="leave the decision that holds in one of the two files",
                    )
                )
    if problems:
        raise DocumentError(problems)
    decisions = tuple(decision for decision, _ in found.values())
    return Review(schema=SCHEMA, design=design_sha256, decision=decisions)


def review_text(review: Review) -> str:
    """A review.toml as the page's form writes it."""
    lines = [f'schema = "{SCHEMA}"', f'design = "{review.design}"']
    for decision in review.decision:
        lines += ["", "[[decision]]"]
        for key, value in decision.model_dump().items():
            if value:
                # a JSON string is a TOML string, but for the delete character
                lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f"))
    return "\n".join(lines) + "\n"
