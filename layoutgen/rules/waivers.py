"""Waivers: violations that somebody has accepted, for a reason, for a place, until a day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator

from layoutgen.errors import Input, Problem, WaiverError, did_you_mean
from layoutgen.record import Form, Record, checked, refusal
from layoutgen.rules.findings import Finding
from layoutgen.toml import NotTomlError, read_toml
from layoutgen.units import counted

_SLACK_UM = 1e-6


class Waiver(Record):
    """One accepted violation."""

    refused = WaiverError

    rule: Annotated[str, Form(r"[A-Z]{3}\d{3}", "three capital letters and three digits, such as ENC001")]
    """Rule that is waived."""
    cell: str = ""
    """Cell that the violation is in, as findings name it; empty for any."""
    place_um: tuple[float, float, float, float] | None = None
    """Box that the violation must lie in, (x0, y0, x1, y1) in coordinates of the cell; none for the whole cell."""
    reason: str = Field(min_length=5)
    """Why it is acceptable."""
    who: str = Field(min_length=1)
    """Who accepted it."""
    until: dt.date
    """Last day on which it holds."""

    @field_validator("until", mode="before")
    @classmethod
    def _is_a_day(cls, value: object) -> object:
        if isinstance(value, str):
            try:
                return dt.date.fromisoformat(value)
            except ValueError:
                raise refusal(f"{value!r} is not a day", allowed="2026-12-31") from None
        if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
            raise refusal(f"{value!r} is not a day", allowed="2026-12-31")
        return value

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is the one that this waiver means."""
        if finding.rule != self.rule or (self.cell and finding.cell != self.cell):
            return False
        if self.place_um is None:
            return True
        if finding.box_um is None:
            return False
        x0, y0, x1, y1 = finding.box_um
        a0, b0, a1, b1 = self.place_um
        s = _SLACK_UM
        return a0 - s <= x0 and b0 - s <= y0 and x1 <= a1 + s and y1 <= b1 + s


class WaiverFile(Record):
    """``[[waivers]]`` tables of a TOML file."""

    refused = WaiverError

    waivers: tuple[Waiver, ...]
    """Accepted violations."""


def read_day(text: str | None, *, waivers: bool) -> dt.date | None:
    """The day that waivers are compared with; it is given, never taken from the clock.

    Raises:
        WaiverError: it is not a day, or there are waivers and no day.
    """
    if text is None:
        if waivers:
            raise WaiverError(
                Problem("is missing", Input("date"), "the day that waivers hold or have ended on: 2026-12-31")
            )
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise WaiverError(Problem(f"{text!r} is not a day", Input("date"), "a day as 2026-12-31")) from None


def read_waivers(path: Path, rules: Sequence[str]) -> tuple[Waiver, ...]:
    """Read a waiver file.

    Args:
        path: TOML file with ``[[waivers]]`` tables.
        rules: the ids of the rules that there are.

    Raises:
        WaiverError: cannot be read, or is not valid; holds every problem found.
    """
    try:
        content = read_toml(path)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise WaiverError(Problem(f"cannot be read: {reason}", Input("waivers", str(path)))) from error
    except NotTomlError as error:
        raise WaiverError(Problem(f"is not TOML: {error}", path.name)) from error
    waivers = checked(WaiverFile, content, {"": path.name}).waivers
    unknown = [(number, item.rule) for number, item in enumerate(waivers) if item.rule not in rules]
    if unknown:
        raise WaiverError(
            Problem(
                f"there is no rule {rule!r}",
                f"{path.name}: waivers.{number}.rule",
                remedy=did_you_mean(rule, rules) or "layoutgen rule lists all rules",
            )
            for number, rule in unknown
        )
    return waivers


def waived_rules(waivers: Sequence[Waiver], today: dt.date | None) -> frozenset[str]:
    """Rules that are waived wherever they are broken: by a waiver that holds on the day, for any cell and place."""
    return frozenset(
        item.rule
        for item in waivers
        if not item.cell and item.place_um is None and (today is None or today <= item.until)
    )


def apply_waivers(
    findings: Sequence[Finding], waivers: Sequence[Waiver], today: dt.date | None
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Mark findings that a waiver covers, and say which waivers did nothing.

    Args:
        findings: of a check.
        waivers: in order; the first that covers a finding counts.
        today: the day to compare ``until`` with; without one no waiver expires.
    """
    used: set[int] = set()
    marked = []
    for finding in findings:
        for number, waiver in enumerate(waivers):
            if waiver.covers(finding):
                used.add(number)
                if today is None or today <= waiver.until:
                    text = f"{waiver.reason} ({waiver.who}, until {waiver.until.isoformat()})"
                    marked.append(replace(finding, waived_by=text))
                    break
        else:
            marked.append(finding)
    stale = []
    for number, waiver in enumerate(waivers):
        name = f"waiver {number + 1} of {waiver.rule} ({waiver.reason}; {waiver.who})"
        if today is not None and today > waiver.until:
            stale.append(f"{name} ended on {waiver.until.isoformat()}")
        elif number not in used:
            stale.append(f"{name} {_why_unused(number, waivers, findings)}")
    return tuple(marked), tuple(stale)


def _why_unused(number: int, waivers: Sequence[Waiver], findings: Sequence[Finding]) -> str:
    covered = [finding for finding in findings if waivers[number].covers(finding)]
    if covered:
        first = next(other for other in range(number) if any(waivers[other].covers(item) for item in covered))
        return f"covers only what waiver {first + 1} covers"
    elsewhere = sum(finding.rule == waivers[number].rule for finding in findings)
    if not elsewhere:
        return "matches nothing: the rule has no finding"
    return f"matches nothing: {counted(elsewhere, 'finding')} of the rule in another place"
