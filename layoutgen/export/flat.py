"""What formats without arrays share: shapes one by one, and a limit on how many."""

from collections.abc import Sequence

from layoutgen.errors import PreflightError, Problem
from layoutgen.layout.measure import expanded, totals_by_layer
from layoutgen.layout.model import Layout, Path, Polygon

FLAT_LIMIT = 200_000
"""Most shapes that one file without arrays is written for."""


def flat_shapes(layout: Layout, layers: Sequence[str], what: str, limit: int = FLAT_LIMIT) -> list[Polygon | Path]:
    """Every shape of some layers, arrays expanded, in a fixed order.

    Raises:
        PreflightError: there are more than a flat file is written for.
    """
    totals = totals_by_layer(layout)
    count = sum(totals[layer].polygons + totals[layer].paths for layer in layers if layer in totals)
    if count > limit:
        raise PreflightError(
            Problem(
                f"{', '.join(layers)} would be {count} shapes in a file without arrays",
                what,
                f"at most {limit}",
                "the GDSII or OASIS file, which keeps arrays, or a shorter repeat",
            )
        )
    return list(expanded(layout, layers))
