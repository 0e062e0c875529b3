"""Designs whose figures lie one step beyond a limit, and at it."""

from dataclasses import replace

from layoutgen.expressions import names_in, parse_expression
from layoutgen.pdk.limits import limit_of
from tests.rules.webs import context


def figure(sample, rule):
    """Figures one step of a nanometre beyond the limit, at five sizes."""
    beyond, inside = [], []
    limits = names_in(parse_expression(rule.limit))
    for size in (500.0, 1234.5, 7770.0, 9999.999, 12_345.678):
        figures = dict.fromkeys(context(sample).figures, size)
        base = context(sample)
        base = replace(base, figures=figures)
        limit = limit_of(rule, base.values)
        step = {"at least": -0.001, "at most": 0.001, "equal": 0.001}[rule.relation]
        for made, value in ((beyond, limit + step), (inside, limit)):
            changed = figures | {rule.figure: value}
            if rule.figure in limits:
                continue
            made.append((f"{value}", replace(base, figures=changed)))
    return beyond, inside
