"""Rules in words: the list, one rule in full, and the pages of the documentation."""

import ast
from typing import TYPE_CHECKING

from layoutgen.errors import PdkError, Problem, did_you_mean
from layoutgen.expressions import names_in, parse_expression
from layoutgen.pdk.limits import FIGURES, derivation, limit_of
from layoutgen.pdk.rule import Rule
from layoutgen.pdk.values import numbers, quantities
from layoutgen.units import plain

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_VIEWS = {
    "device": "one device: the cell and the stack on top of each other",
    "web": "the patterned web: cells, neighbours across a street, corners of blocks",
    "frame": "fields, marks and blocks of cells of one repeat",
    "cells": "each distinct cell of the layout by itself",
    "figures": "figures of the design, no geometry",
}


def rule_of(pdk: "Pdk", name: str) -> tuple[str, Rule]:
    """The id, as the PDK spells it, and the rule of it.

    Raises:
        PdkError: the PDK has no such rule.
    """
    known = {key.casefold(): key for key in pdk.rules}
    if name.casefold() not in known:
        what = f"{pdk.name} has no rule {name!r}"
        remedy = did_you_mean(name.upper(), pdk.rules) or "layoutgen rule lists all rules"
        raise PdkError(Problem(what, "RULE", remedy=remedy))
    found = known[name.casefold()]
    return found, pdk.rules[found]


def rule_list(pdk: "Pdk") -> str:
    """Every rule in a line, by family."""
    lines: list[str] = []
    for family in dict.fromkeys(rule.family for rule in pdk.rules.values()):
        lines.append(family)
        for name, rule in pdk.rules.items():
            if rule.family == family:
                lines.append(f"  {name}  {rule.severity:<8}{requirement(pdk, rule):<22}{rule.title}")
    return "\n".join(lines)


def requirement(pdk: "Pdk", rule: Rule) -> str:
    """What is required in numbers, as ``at least 25 um``; as an expression where it is a figure of the design."""
    unit = "" if rule.unit == "1" else f" {rule.unit}"
    if any(name in rule.limit for name in FIGURES):
        return f"{rule.relation} {rule.limit}"
    return f"{rule.relation} {plain(limit_of(rule, numbers(pdk)), 9)}{unit}"


def example_of(pdk: "Pdk", rule: Rule) -> str:
    """The rule's example; where it states none, what its limit is worked out of, empty for a single value."""
    known, limit = dict(quantities(pdk)), parse_expression(rule.limit)
    named = [name for name in names_in(limit) if name in known]
    if rule.example or not named or not isinstance(limit, ast.BinOp):
        return rule.example
    given = ", ".join(f"{name} {plain(known[name].value)} {known[name].unit}".removesuffix(" 1") for name in named)
    return f"{given}: {requirement(pdk, rule)}."


def rule_page(pdk: "Pdk", name: str) -> str:
    """One rule in full, for a terminal."""
    found, rule = rule_of(pdk, name)
    rows = [
        ("required", requirement(pdk, rule)),
        ("limit", derivation(rule, numbers(pdk))),
        ("measured", rule.measure),
        ("where", _VIEWS[rule.view]),
        ("layers", ", ".join(rule.layer_names()) or "see what is measured"),
        *(("left out", text) for text in _left_out(pdk, rule)),
        ("family", rule.family),
        ("severity", rule.severity + (f"; only for {', '.join(rule.regimes)}" if rule.regimes else "")),
        ("why", rule.why),
        *(("example", text) for text in [example_of(pdk, rule)] if text),
        ("remedy", rule.remedy),
    ]
    lines = [f"{found}  {rule.title}", rule.statement, ""]
    return "\n".join([*lines, *(f"  {key:<10}{text}" for key, text in rows)])


def _left_out(pdk: "Pdk", rule: Rule) -> list[str]:
    """What a rule does not look at, in words; empty where it looks at everything."""
    found = []
    if rule.outside:
        found.append(f"what lies inside {rule.outside}: {pdk.layers[rule.outside].description}")
    if rule.except_layers:
        found.append(f"the layers {', '.join(rule.except_layers)}")
    return found


def doc_pages(pdk: "Pdk") -> dict[str, str]:
    """docs/rules: file name -> Markdown, one page for each rule and an index."""
    pages = {f"{name}.md": _doc_page(pdk, name, rule) for name, rule in sorted(pdk.rules.items())}
    return {"README.md": _index(pdk), **pages}


def _index(pdk: "Pdk") -> str:
    lines = [
        "# Design rules",
        "",
        f"The rules of the process design kit `{pdk.name}`, made from its `rules.toml`. "
        "`layoutgen check DESIGN` measures them; "
        "`layoutgen rule ENC001` prints one with the numbers of another kit.",
        "",
        "KLayout's Region engine judges the same rules on the GDSII file and shares no geometry with this tool: in "
        "the sources, `python -m benchmarks.rules_klayout 300` compares its verdicts with ours on 300 random "
        "designs as drawn and edited, and prints how many there were and how many differ.",
        "",
        "| rule | family | required | severity | |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| [{name}]({name}.md) | {rule.family} | {requirement(pdk, rule)} | {rule.severity} | {rule.title} |"
        for name, rule in sorted(pdk.rules.items())
    ]
    return "\n".join(lines) + "\n"


def _doc_page(pdk: "Pdk", name: str, rule: Rule) -> str:
    layers = ", ".join(f"`{layer}`" for layer in rule.layer_names()) or "see what is measured"
    only = f" Only for webs patterned as: {', '.join(rule.regimes)}." if rule.regimes else ""
    return "\n".join(
        [
            f"# {name}: {rule.title}",
            "",
            rule.statement,
            "",
            f"| | {pdk.name} {pdk.version} |",
            "|---|---|",
            f"| required | {requirement(pdk, rule)} |",
            f"| limit | `{rule.limit}` |",
            f"| in numbers | {derivation(rule, numbers(pdk))} |",
            f"| measured | {rule.measure} |",
            f"| where | {_VIEWS[rule.view]} |",
            f"| layers | {layers} |",
            *(f"| left out | {text} |" for text in _left_out(pdk, rule)),
            f"| family | {rule.family} |",
            f"| severity | {rule.severity} |",
            "",
            "## Why it matters",
            "",
            rule.why + only,
            "",
            *(part for text in [example_of(pdk, rule)] if text for part in ("## Example", "", text, "")),
            "## What to do",
            "",
            f"{rule.remedy[:1].upper()}{rule.remedy[1:]}.",
            "",
        ]
    )
