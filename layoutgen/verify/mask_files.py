"""Mask files and their order, as an independent reader sees them, against the design."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from layoutgen.errors import LayoutgenError, Problem
from layoutgen.units import counted
from layoutgen.verify.files import json_of

if TYPE_CHECKING:
    from layoutgen.layout.model import Layout
    from layoutgen.solver.solution import Solution


def against_layout(files: Mapping[str, bytes], path: str, solution: "Solution", layout: "Layout") -> list[Problem]:
    """A mask file against the layout that the design gives: every shape and every placement."""
    from layoutgen.export.library import compare_layouts
    from layoutgen.foreign.as_layout import layout_from
    from layoutgen.foreign.reading import read_layout_bytes

    if path not in files:
        return [Problem("is missing", path, remedy="ask for the package again")]
    pdk = solution.loaded.pdk
    try:
        read = layout_from(read_layout_bytes(files[path], path), pdk, layout.dbu_nm, path)
        compare_layouts(read, layout, pdk, path)
    except LayoutgenError as error:
        return [Problem(item.what, item.where, remedy="ask for this file again") for item in error.problems]
    return []


def order_against_masks(files: Mapping[str, bytes], masks: str, solution: "Solution") -> list[Problem]:
    """Counts, areas and boxes of the order against the mask file."""
    from layoutgen.foreign.as_layout import layout_from
    from layoutgen.foreign.reading import read_layout_bytes
    from layoutgen.layout.measure import LayerTotals, totals_by_layer

    where = "masks/order.json"
    order = json_of(files.get(where, b""))
    if not isinstance(order, dict) or masks not in files:
        return [Problem("is missing or damaged", where)] if not isinstance(order, dict) else []
    try:
        foreign = read_layout_bytes(files[masks], masks)
        read = layout_from(foreign, solution.loaded.pdk, solution.dbu_nm, masks)
    except LayoutgenError:
        return []  # said already where the file is compared
    totals = totals_by_layer(read)
    mm = solution.dbu_nm * 1e-6
    problems = []
    for mask in order.get("masks", ()):
        name = str(mask.get("name"))
        found = totals.get(name, LayerTotals(0, 0, 0, None))
        stated = mask.get("polygons"), mask.get("area_mm2"), mask.get("bounding_box_mm")
        box = [value * mm for value in found.bbox] if found.bbox else None
        if stated[0] != found.polygons:
            what = f"states {counted(stated[0], 'polygon')}, the mask file has {found.polygons}"
            problems.append(Problem(what, f"{where}: {name}"))
        if not _near(stated[1], found.area_dbu2 * mm**2, 2e-9):
            what = f"states {stated[1]} mm2, the mask file has {found.area_dbu2 * mm**2:.9f}"
            problems.append(Problem(what, f"{where}: {name}"))
        if (box is None) != (stated[2] is None) or any(
            not _near(a, b, 1e-9) for a, b in zip(stated[2] or (), box or (), strict=False)
        ):
            problems.append(Problem(f"states the box {stated[2]}, the mask file has {box}", f"{where}: {name}"))
    if {str(mask.get("name")) for mask in order.get("masks", ())} != set(solution.loaded.pdk.masks):
        problems.append(Problem("does not list the masks of the process", where))
    return problems


def _near(stated: object, value: float, slack: float) -> bool:
    return isinstance(stated, int | float) and math.isclose(stated, value, rel_tol=1e-9, abs_tol=slack)
