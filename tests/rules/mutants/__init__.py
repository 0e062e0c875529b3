"""For every rule: layouts just beyond its limit, by one grid step, and layouts just inside.

Each check has its own maker; it gives pairs (name, changed layout or context) for "beyond" and "inside". Only the
layers that the rule names are changed, and only that rule is judged.
"""

from layoutgen.layout.model import Layout
from tests.rules.mutants import distances, figures, nets, regions
from tests.rules.mutants import web as webs
from tests.rules.webs import context, web

MAKERS = {
    "width": distances.width, "space": distances.space, "separation": distances.separation,
    "enclosure": distances.enclosure, "extension": distances.extension, "size": distances.size,
    "area": regions.area, "equal": regions.equal, "empty": regions.empty, "single": regions.single,
    "density": regions.density, "count": regions.count,
    "grid": webs.grid, "angle": webs.angle, "street": webs.street, "centre": webs.centre, "mask": webs.mask,
    "stray": webs.stray,
    "short": nets.shorted, "open": nets.broken, "insulation": nets.insulation,
    "figure": figures.figure,
}  # fmt: skip


def mutants(rule, sample=None):
    """(beyond, inside): lists of (what, Context)."""
    sample = sample or web()
    beyond, inside = MAKERS[rule.check](sample, rule)
    return judged(sample, beyond), judged(sample, inside)


def judged(sample, items):
    return [(what, context(sample, item) if isinstance(item, Layout) else item) for what, item in items]
