"""What a check says: findings, the state of every rule, and the report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from layoutgen.geometry.boxes import Box
from layoutgen.pdk.rule import Severity
from layoutgen.units import counted, plain

State: TypeAlias = Literal["passed", "failed", "waived", "not run", "not applicable"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a rule does not hold. ``box`` is in dbu of ``cell``; None where it is no place."""

    cell: str
    box: Box | None
    measured: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check of one rule came to. ``measured`` is the worst value where one was measured.

    ``obstacle`` says why it could not run, ``exempt`` why it does not apply; both empty where it ran.
    """

    violations: tuple[Violation, ...] = ()
    measured: float | None = None
    obstacle: str = ""
    exempt: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation in the units of its rule; ``box_um`` is (x0, y0, x1, y1) in the coordinates of ``cell``."""

    rule: str
    severity: Severity
    cell: str
    layers: tuple[str, ...]
    box_um: tuple[float, float, float, float] | None
    measured: float
    required: float
    relation: str
    unit: str
    message: str
    waived_by: str = ""

    def line(self) -> str:
        """One line for people."""
        place = self.cell
        if self.box_um:
            x0, y0, x1, y1 = (plain(value, 10) for value in self.box_um)
            place += f" at ({x0}, {y0}; {x1}, {y1}) um"
        waived = f" [waived: {self.waived_by}]" if self.waived_by else ""
        return f"{self.rule} {self.severity}: {self.message}; {place}: {self.figures}{waived}"

    @property
    def figures(self) -> str:
        """What was measured, and what is required."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"measured {plain(self.measured, 9)}{unit}, required {self.relation} {plain(self.required, 9)}{unit}"


@dataclass(frozen=True, slots=True)
class RuleState:
    """How one rule came out. ``reason`` says why it was not run or does not apply."""

    rule: str
    severity: Severity
    state: State
    measured: float | None
    required: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RuleReport:
    """The result of a check. ``stale`` are waivers that matched nothing or have expired, in words.

    ``unjudged`` is what a file holds and no rule can judge, in words; None where no file was checked.
    """

    states: tuple[RuleState, ...]
    findings: tuple[Finding, ...]
    stale: tuple[str, ...] = ()
    unjudged: tuple[str, ...] | None = None

    def count(self, state: State) -> int:
        """How many rules came out so."""
        return sum(1 for item in self.states if item.state == state)

    @property
    def warned(self) -> int:
        """Rules of severity warning that do not hold."""
        return sum(1 for item in self.states if item.state == "failed" and item.severity == "warning")

    @property
    def failed(self) -> int:
        """Rules of severity error that do not hold."""
        return self.count("failed") - self.warned

    @property
    def clean(self) -> bool:
        """No rule of severity error failed, every rule that applies was run, and rules could judge all there is."""
        return not self.failed and not self.count("not run") and not self.unjudged

    def text(self) -> str:
        """The report for a terminal: findings, rules that were not run, waivers that did nothing, and the sums."""
        lines = [finding.line() for finding in self.findings]
        lines += [f"{item.rule} not run: {item.reason}" for item in self.states if item.state == "not run"]
        lines += [f"not judged: {text}" for text in self.unjudged or ()]
        lines += [f"stale: {text}" for text in self.stale]
        ran = len(self.states) - self.count("not run") - self.count("not applicable")
        sums = [
            f"{counted(ran, 'rule')} run: {self.count('passed')} passed",
            f"{self.failed} failed",
            f"{self.warned} warned",
            f"{self.count('waived')} waived",
            f"{self.count('not run')} not run",
            f"{self.count('not applicable')} not applicable",
        ]
        if self.unjudged:
            sums.append(f"{counted(len(self.unjudged), 'thing')} not judged")
        return "\n".join([*lines, ", ".join(sums)])

    def to_json(self) -> dict[str, Any]:
        """The ``rules`` part of design.json."""
        return {
            "run": self.count("passed") + self.count("failed") + self.count("waived"),
            "passed": self.count("passed"),
            "failed": self.failed,
            "warned": self.warned,
            "waived": self.count("waived"),
            "not_run": self.count("not run"),
            "not_applicable": self.count("not applicable"),
            "states": [_state(item) for item in self.states],
            "findings": [_finding(item) for item in self.findings],
            "stale_waivers": list(self.stale),
        } | ({} if self.unjudged is None else {"unjudged": list(self.unjudged)})


def _state(item: RuleState) -> Mapping[str, Any]:
    return {
        "rule": item.rule,
        "severity": item.severity,
        "state": item.state,
        "measured": item.measured,
        "required": item.required,
        "reason": item.reason,
    }


def _finding(item: Finding) -> Mapping[str, Any]:
    return {
        "rule": item.rule,
        "severity": item.severity,
        "cell": item.cell,
        "layers": list(item.layers),
        "place_um": list(item.box_um) if item.box_um else None,
        "measured": item.measured,
        "required": item.required,
        "relation": item.relation,
        "unit": item.unit,
        "message": item.message,
        "waived_by": item.waived_by,
    }
