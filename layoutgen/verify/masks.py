"""Mask files and their order, as an independent reader sees them, against the design."""

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from layoutgen.errors import LayoutgenError, Problem
from layoutgen.units import counted
from layoutgen.verify.files import json_of

if TYPE_CHECKING:
    from layoutgen.layout.model import Layout
    from layoutgen.solver.solution import Solution


def against_layout(files: Mapping[str, bytes], path: str, solution: "Solution", layout: "Layout") -> list[Problem]:
    """A mask file against the layout that the design gives: every shape and every placement."""
    import gdstk

    from layoutgen.export.library import compare
    from layoutgen.rules.from_file import read_library

    if path not in files:
        return [Problem("is missing", path, remedy="ask for the package again")]
    pdk = solution.loaded.pdk
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(path).name
        file.write_bytes(files[path])
        try:
            if path.endswith(".oas") and not gdstk.oas_validate(str(file))[0]:
                return [Problem("its checksum (CRC32) does not match", path, remedy="ask for this file again")]
            compare(read_library(file), layout, pdk, path)
        except LayoutgenError as error:
            return [Problem(item.what, item.where.replace(folder, "").lstrip("/")) for item in error.problems]
        except (RuntimeError, ValueError, TypeError, AttributeError, OSError, KeyError, IndexError) as error:
            return [Problem(f"cannot be read: {error}".replace(folder, ""), path, remedy="ask for this file again")]
    return []


def order_against_masks(files: Mapping[str, bytes], masks: str, solution: "Solution") -> list[Problem]:
    """Counts, areas and boxes of the order against the mask file as gdstk reads it."""
    from layoutgen.layout.measure import LayerTotals, totals_by_layer
    from layoutgen.rules.from_file import layout_from, read_library

    where = "masks/order.json"
    order = json_of(files.get(where, b""))
    if not isinstance(order, dict) or masks not in files:
        return [Problem("is missing or damaged", where)] if not isinstance(order, dict) else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "masks.gds"
        file.write_bytes(files[masks])
        try:
            read = layout_from(read_library(file), solution.loaded.pdk, solution.dbu_nm, masks)
        except (LayoutgenError, RuntimeError, ValueError):
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
