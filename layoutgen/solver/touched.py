"""Which rules an answer of a changed process may break: those that see what the changed value decides.

A shipped kit keeps its rules on every web, with every cell that it can make. Where a value is changed, cell, stack
and structures are drawn both ways. A rule whose layers are drawn alike, with a limit of the same values, says of
the answer what it says of the kit as shipped; the others have to be asked, mostly on one device.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from layoutgen.errors import LayoutgenError
from layoutgen.expressions import names_in, parse_expression
from layoutgen.pdk.load import LoadedPdk, load_pdk
from layoutgen.pdk.rule import Rule
from layoutgen.pdk.values import numbers
from layoutgen.solver.makeable import Makeable

if TYPE_CHECKING:
    from layoutgen.layout.cell import DrawnDevice
    from layoutgen.layout.structure import DrawnStructure
    from layoutgen.rules.context import Context

_AROUND_CELLS: Final = ("name", "version", "web", "marks", "layers", "masks")
"""Tables that decide what is drawn outside cells, stacks and structures."""
_ANY_SHAPE: Final = frozenset({"grid", "angle", "stray"})
"""Checks that look at each shape by itself, in whatever cell."""


@dataclass(frozen=True, slots=True)
class _Shipped:
    """A kit as shipped, and the cells that it can make."""

    loaded: LoadedPdk
    values: dict[str, float]
    dbu_nm: int
    makeable: Makeable

    @classmethod
    def of(cls, folder: Path) -> "_Shipped":
        from layoutgen.layout.dbu import plan_dbu_nm

        loaded = load_pdk(str(folder))
        makeable = Makeable.of(loaded.pdk, loaded.template.bind(loaded.pdk))
        return cls(loaded, numbers(loaded.pdk), plan_dbu_nm(loaded.pdk), makeable)


_shipped = lru_cache(maxsize=8)(_Shipped.of)


def touched_rules(
    loaded: LoadedPdk, drawn: "DrawnDevice", cell_um: tuple[float, float], context: "Context"
) -> frozenset[str] | None:
    """The rules that may say anything else of an answer than of the kit as shipped; None where all of them may.

    Args:
        loaded: a shipped kit with values set.
        drawn: its device.
        cell_um: finished cell (length, width).
        context: that device alone, with the rules that are not waived and the figures of the answer.
    """
    shipped = _shipped(loaded.chain[0].folder)
    dbu_nm = context.layout.dbu_nm
    if (
        shipped.loaded.sha256 != loaded.sha256
        or shipped.dbu_nm != dbu_nm
        or not _alike_around(shipped.loaded, loaded)
    ):
        return None
    if not shipped.makeable.allows(cell_um):
        return None
    layers = _unlike_layers(shipped, loaded, drawn, cell_um, dbu_nm)
    if layers is None:
        return None
    before, now = shipped.values, numbers(loaded.pdk)
    changed = {name for name in {*before, *now} if before.get(name) != now.get(name)}
    return frozenset(
        name
        for name, rule in context.pdk.rules.items()
        if rule.view == "figures"
        or rule != shipped.loaded.pdk.rules.get(name)
        or not changed.isdisjoint(names_in(parse_expression(rule.limit)))
        or layers & seen_layers(context, rule)
    )


def need_the_web(rules: Iterable[Rule]) -> bool:
    """Whether any of these rules looks at more than the shapes of one device."""
    views = {"device", "figures"}
    return any(rule.view not in views and rule.check not in _ANY_SHAPE for rule in rules)


def seen_layers(context: "Context", rule: Rule) -> frozenset[str]:
    """Every layer whose shapes a rule can see, wherever they are drawn."""
    from layoutgen.layer_expressions import layers_of
    from layoutgen.pdk.layers import parse_masks
    from layoutgen.rules.connectivity import nets_of

    found = {*rule.layer_names(), *([rule.outside] if rule.outside else [])}
    match rule.check:
        case "grid" | "angle":
            found |= {name for name in context.pdk.layers if rule.covers(name)}
        case "stray":
            found |= {element.layer for element in context.template.template.elements}
        case "mask":
            expressions = parse_masks(context.pdk)
            for name in context.masks_of(rule):
                found |= {name, *layers_of(expressions[name])}
        case "short" | "open" | "insulation":
            found |= {*nets_of(context.template.template).layers()}
    return frozenset(found)


def _alike_around(shipped: LoadedPdk, loaded: LoadedPdk) -> bool:
    """Whether all that is drawn around cells and structures follows from equal values."""
    if any(getattr(shipped.pdk, name) != getattr(loaded.pdk, name) for name in _AROUND_CELLS):
        return False
    return shipped.template == loaded.template and shipped.structures == loaded.structures


def _unlike_layers(
    shipped: _Shipped, loaded: LoadedPdk, drawn: "DrawnDevice", cell_um: tuple[float, float], dbu_nm: int
) -> set[str] | None:
    """Layers that cell, stack or structures draw unlike the kit as shipped; None where they do not lie alike."""
    from layoutgen.layout.cell import draw_device

    try:
        before = draw_device(shipped.loaded.pdk, shipped.makeable.template, cell_um, dbu_nm)
        structures = [_structures(kit, drawn.kerf, dbu_nm) for kit in (shipped.loaded, loaded)]
    except LayoutgenError:
        return None
    if (before.size, before.kerf, before.on_streets) != (drawn.size, drawn.kerf, drawn.on_streets):
        return None
    if [(item.size, item.on_streets) for item in structures[0]] != [
        (item.size, item.on_streets) for item in structures[1]
    ]:
        return None
    pairs = [(before.cell, drawn.cell), (before.stack, drawn.stack)]
    pairs += [(one.cell, other.cell) for one, other in zip(*structures, strict=True)]
    unlike: set[str] = set()
    for one, other in pairs:
        if one.placements != other.placements:
            return None
        first, second = Counter(one.shapes), Counter(other.shapes)
        unlike |= {shape.layer for shape in ((first - second) + (second - first))}
    return unlike


def _structures(kit: LoadedPdk, kerf: int, dbu_nm: int) -> "list[DrawnStructure]":
    from layoutgen.layout.structure import draw_structure

    return [
        draw_structure(kit.pdk, item.bind(kit.pdk, name), kerf, dbu_nm) for name, item in kit.structures.items()
    ]
