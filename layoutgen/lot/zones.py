"""Dead places of a repeat, as ``[[zones]]`` of a spec file, and the cells that lie in them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
import shapely.affinity

from layoutgen.errors import Problem, SpecError
from layoutgen.lot.webmap import RepeatMap
from layoutgen.record import checked
from layoutgen.spec import SpecFile, Zone, read_spec_file


def read_zones(path: Path) -> tuple[Zone, ...]:
    """The zones of a spec file.

    Raises:
        SpecError: it cannot be read, has no zones, or one is measured in a field.
    """
    zones = checked(SpecFile, read_spec_file(path), {"": path.name}).zones
    if not zones:
        raise SpecError(Problem("holds no [[zones]]", path.name))
    if any(zone.field is not None for zone in zones):
        raise SpecError(Problem("measures a zone in a field", path.name, "outlines from the web's left edge"))
    return zones


def dead_cells(cells: RepeatMap, zones: Sequence[Zone]) -> list[int]:
    """The cells of a repeat that a zone touches; a zone past its end goes on at the start."""
    low = cells.corner_um / 1000
    high = low + cells.size_um / 1000
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    found: set[int] = set()
    for zone in zones:
        outline = shapely.Polygon(zone.corners_mm)
        for shift in (-cells.length_um / 1000, 0.0, cells.length_um / 1000):
            moved = shapely.affinity.translate(outline, yoff=shift)
            # edges that only meet take no cell
            inside = shapely.area(shapely.intersection(boxes, moved)) > 1e-9
            found |= set(np.flatnonzero(inside).tolist())
    return sorted(found)
