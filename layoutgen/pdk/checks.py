"""The checks that a rule may ask for: what a rule of each must state, what measures it, and its line of the deck.

This is the one place for a new check. Functions stand here by name, since a kit is read without them: ``measure``
is one of a module of ``layoutgen.rules``, ``deck`` one of ``layoutgen.export.deck_lines``.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

CheckName: TypeAlias = Literal[
    "width", "space", "separation", "enclosure", "extension", "area", "equal", "empty", "density", "count", "size",
    "single", "grid", "angle", "street", "centre", "mask", "stray", "short", "open", "insulation", "figure",
]  # fmt: skip


class Check(NamedTuple):
    """One kind of check.

    Attributes:
        measure: ``module.function`` below ``layoutgen.rules``.
        deck: the function that writes it for KLayout; empty where the deck leaves it to ``layoutgen check``.
        of, against, limit: whether a rule must state that key.
    """

    measure: str
    deck: str
    of: bool
    against: bool
    limit: bool


def _check(measure: str, needs: str = "", deck: str = "") -> Check:
    stated = needs.split()
    return Check(measure, deck, *(key in stated for key in ("of", "against", "limit")))


CHECKS: Final[Mapping[CheckName, Check]] = {
    "width": _check("geometric.check_width", "of limit", deck="width"),
    "space": _check("geometric.check_space", "of limit", deck="space"),
    "separation": _check("geometric.check_separation", "of against limit", deck="separation"),
    "enclosure": _check("geometric.check_enclosure", "of against limit", deck="enclosure"),
    "extension": _check("geometric.check_extension", "of against limit", deck="extension"),
    "area": _check("geometric.check_area", "of limit", deck="area"),
    "equal": _check("geometric.check_equal", "of against", deck="equal"),
    "empty": _check("geometric.check_empty", "of", deck="empty"),
    "single": _check("geometric.check_single", "of", deck="single"),
    "density": _check("geometric.check_density", "of against limit", deck="density"),
    "count": _check("geometric.check_count", "of against limit", deck="count"),
    "size": _check("geometric.check_size", "of limit", deck="size"),
    "street": _check("drawing.check_street", "of against limit", deck="street"),
    "centre": _check("drawing.check_centre", "of against limit"),
    "grid": _check("drawing.check_grid", "limit", deck="grid"),
    "angle": _check("drawing.check_angle", deck="angle"),
    "mask": _check("drawing.check_mask", deck="mask"),
    "stray": _check("drawing.check_stray"),
    "short": _check("connectivity.check_short", deck="short"),
    "open": _check("connectivity.check_open", deck="open_"),
    "insulation": _check("connectivity.check_insulation", "limit", deck="insulation"),
    "figure": _check("figures.check_figure", "limit"),
}
