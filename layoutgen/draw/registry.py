"""The sheets of a drawing set, by file name."""

from collections.abc import Callable
from typing import Final

from layoutgen.draw.inputs import DrawingInputs
from layoutgen.draw.scene import Scene
from layoutgen.draw.sheets import assembly, cross_section, land_pattern, package_outline, web_map, web_plan

Draw = Callable[[DrawingInputs, int, int], Scene]

SHEETS: Final[dict[str, Draw]] = {
    "cross-section": cross_section.sheet,
    "package-outline": package_outline.sheet,
    "land-pattern": land_pattern.sheet,
    "assembly": assembly.sheet,
    "web-map": web_map.sheet,
    "web-plan": web_plan.sheet,
}


def draw_sheets(inputs: DrawingInputs, names: tuple[str, ...] | None = None) -> dict[str, Scene]:
    """The scenes of the sheets, by file name without suffix, numbered in the order of the set."""
    order = list(SHEETS)
    chosen = order if names is None else [name for name in order if name in names]
    return {name: SHEETS[name](inputs, order.index(name) + 1, len(order)) for name in chosen}
