"""The check of a design: every rule of its PDK, on its layout."""

import datetime as dt
import importlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from layoutgen.errors import Problem, RuleError
from layoutgen.layout.cell import STACK
from layoutgen.layout.dbu import to_um
from layoutgen.layout.model import Layout
from layoutgen.pdk.checks import CHECKS, CheckName
from layoutgen.pdk.rule import Rule
from layoutgen.rules import connectivity
from layoutgen.rules.context import Context
from layoutgen.rules.figures import figures_of
from layoutgen.rules.findings import Finding, Outcome, RuleReport, RuleState, State, Violation
from layoutgen.rules.waivers import Waiver, apply_waivers

if TYPE_CHECKING:
    from layoutgen.solver.solution import Solution

MOST_FINDINGS = 20
"""Findings that are kept of one rule; the count of the rule does not depend on it."""


@cache
def measure_of(check: CheckName) -> Callable[[Context, Rule], Outcome]:
    """The function that measures a rule of this check."""
    module, _, name = CHECKS[check].measure.partition(".")
    found: Callable[[Context, Rule], Outcome] = getattr(importlib.import_module(f"layoutgen.rules.{module}"), name)
    return found


def context_of(solution: "Solution", layout: Layout) -> Context:
    """What the rules are checked on."""
    return Context(solution.loaded.pdk, solution.template, layout, solution.web.repeat_length, figures_of(solution))


def check_solution(
    solution: "Solution", layout: Layout, waivers: Sequence[Waiver] = (), today: dt.date | None = None
) -> RuleReport:
    """Check every rule of the design's PDK on a layout.

    Args:
        solution: the design.
        layout: its layout, drawn from it or read from a file.
        waivers: accepted violations.
        today: the day that waivers are compared with.
    """
    return check_rules_on(context_of(solution, layout), waivers, today)


def check_rules_on(
    context: Context,
    waivers: Sequence[Waiver] = (),
    today: dt.date | None = None,
    only: Collection[str] | None = None,
) -> RuleReport:
    """Check every rule of a PDK on a context, or ``only`` some, in the order of the rule ids."""
    rules = {name: rule for name, rule in sorted(context.pdk.rules.items()) if only is None or name in only}
    outcomes = {name: _run_on_each(context, rule) for name, rule in rules.items()}
    raw = [
        _finding(name, rules[name], violation, context)
        for name, outcome in outcomes.items()
        for violation in outcome.violations
    ]
    marked, stale = apply_waivers(raw, waivers, today)
    states, kept = [], []
    for name, rule in rules.items():
        mine = [finding for finding in marked if finding.rule == name]
        states.append(_state(name, rule, outcomes[name], mine, context))
        # open findings first, so that a long list of waived ones does not hide them
        kept += sorted(mine, key=lambda finding: bool(finding.waived_by))[:MOST_FINDINGS]
    return RuleReport(tuple(states), tuple(kept), stale)


def require_clean(report: RuleReport) -> None:
    """Refuse a design that breaks a rule of severity error, or on which a rule could not be run.

    Raises:
        RuleError: with every such finding.
    """
    problems = [
        Problem(finding.line(), remedy=f"layoutgen rule {finding.rule}")
        for finding in report.findings
        if finding.severity == "error" and not finding.waived_by
    ]
    problems += [
        Problem(f"{item.rule} was not run: {item.reason}", remedy=f"layoutgen rule {item.rule}")
        for item in report.states
        if item.state == "not run"
    ]
    if problems:
        raise RuleError(problems)


def _run_on_each(context: Context, rule: Rule) -> Outcome:
    """Check one rule on every cell that is a device, where it looks at devices."""
    if rule.view != "device" or len(context.devices) == 1:
        return run_rule(context, rule)
    outcomes = [run_rule(one, rule) for one in context.each_device]
    ran = [outcome for outcome in outcomes if not outcome.exempt and not outcome.obstacle]
    violations = tuple(violation for outcome in ran for violation in outcome.violations)
    obstacle = next((outcome.obstacle for outcome in outcomes if outcome.obstacle), "")
    if obstacle and not violations:
        return Outcome(obstacle=obstacle)
    worst = next((outcome for outcome in ran if outcome.violations), ran[0] if ran else outcomes[0])
    return replace(worst, violations=violations)


def run_rule(context: Context, rule: Rule) -> Outcome:
    """Check one rule: not at all where it does not apply or its layers are missing."""
    regime = context.pdk.web.regime
    if rule.regimes and regime not in rule.regimes:
        return Outcome(exempt=f"for webs patterned {' or '.join(rule.regimes)}; this one is {regime}")
    if rule.view != "figures":
        missing = _missing(context, rule)
        if missing:
            return Outcome(obstacle=f"{', '.join(missing)} {'has' if len(missing) == 1 else 'have'} no shape")
    return measure_of(rule.check)(context, rule)


def _missing(context: Context, rule: Rule) -> list[str]:
    """Layers that a rule needs and that are not in the part of the layout that it looks at."""
    if rule.check == "open":  # says itself what is missing
        return []
    needed = rule.layer_names()
    if rule.check in {"short", "insulation"}:
        needed = connectivity.nets_of(context.template.template).layers()
    if rule.check == "mask":
        needed = context.masks_of(rule)
    present = set(context.windows.used)
    if rule.view == "device":
        present = set(context.windows.device.shapes)
    elif rule.view == "frame":
        present = set(context.windows.frame.shapes)
    missing = [name for name in needed if name not in present and name not in rule.may_be_empty]
    if rule.view == "web" and not context.windows.arrays:
        missing.append("the cell on the web")
    return missing


def _state(name: str, rule: Rule, outcome: Outcome, findings: Sequence[Finding], context: Context) -> RuleState:
    state: State = "passed"
    if outcome.exempt:
        state = "not applicable"
    elif outcome.obstacle:
        state = "not run"
    elif any(not finding.waived_by for finding in findings):
        state = "failed"
    elif findings:
        state = "waived"
    ran = state not in {"not applicable", "not run"}
    required = context.limit(rule) if ran else None
    return RuleState(name, rule.severity, state, outcome.measured, required, outcome.exempt or outcome.obstacle)


def _finding(name: str, rule: Rule, violation: Violation, context: Context) -> Finding:
    nm = context.layout.dbu_nm
    box, cell = violation.box, violation.cell
    if cell.endswith(f" + {STACK}"):
        on_web = all(context.pdk.layers[name].stage == "web" for name in rule.layer_names())
        cell = cell.removesuffix(f" + {STACK}") if on_web and rule.layer_names() else STACK
    return Finding(
        rule=name,
        severity=rule.severity,
        cell=cell,
        layers=rule.layer_names(),
        box_um=(to_um(box[0], nm), to_um(box[1], nm), to_um(box[2], nm), to_um(box[3], nm)) if box else None,
        measured=violation.measured,
        required=context.limit(rule),
        relation=rule.relation,
        unit=rule.unit,
        message=violation.message or rule.title,
    )
