"""The measurement system: repeatability from cells that were read more than once, site to site from their means.

``%GRR = 6 sigma_gauge / tolerance``; sigma_gauge from both. Sites are told from the web by cells of one lane, which
other sites read: drift and lanes are no gauge.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.errors import DocumentError, Problem
from layoutgen.lot.kit import value_in
from layoutgen.lot.table import NULL, arrow
from layoutgen.lot.webmap import RepeatMap
from layoutgen.pdk.webtest import WebTest

FILE: Final = "passes.parquet"
_TICK_V: Final = 1e-4
_READ: Final = ["repeat", "cell", "touched", "ocv_100uv", "time_s"]


@dataclass(frozen=True, slots=True)
class Gauge:
    """Sigmas in V; None where nothing tells one. ``grr`` is 6 sigma of both over the tolerance."""

    repeatability: float | None
    cells: int
    site_to_site: float | None
    sites: int
    grr: float | None
    limit: float

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "unit": "V",
            "repeatability": self.repeatability,
            "cells_read_again": self.cells,
            "site_to_site": self.site_to_site,
            "sites": self.sites,
            "grr": self.grr,
            "limit": self.limit,
            "within": None if self.grr is None else self.grr <= self.limit,
        }


def repeatability(path: Path, least_rest_s: float = math.inf) -> tuple[float | None, int]:
    """Pooled standard deviation in V of cells that were read more than once, and how many cells these are.

    Args:
        path: ``passes.parquet``; all passes of a cell stand in one row group.
        least_rest_s: cells whose passes lie so far apart tell a leak and are left out: their voltage has fallen.

    Returns:
        None and 0 where no cell was read again, or every reading is a copy of the first.

    Raises:
        DocumentError: the file is damaged.
    """
    spread, free, again = 0.0, 0, 0
    for rows in _row_groups(path):
        ocv = rows["ocv_100uv"].fill_null(NULL).to_numpy().astype(np.int64)
        use = rows["touched"].to_numpy(zero_copy_only=False) & (ocv != NULL)
        place = (rows["repeat"].to_numpy().astype(np.int64) << 32) + rows["cell"].to_numpy()
        use[use] = ~_far_apart(place[use], rows["time_s"].to_numpy(zero_copy_only=False)[use], least_rest_s)
        _, which, counts = np.unique(place[use], return_inverse=True, return_counts=True)
        which = which.reshape(-1)
        means = np.bincount(which, weights=ocv[use], minlength=len(counts)) / np.maximum(counts, 1)
        spread += float(((ocv[use] - means[which]) ** 2).sum())
        free += int((counts - 1).sum())
        again += int((counts > 1).sum())
    if not spread:
        # readings that agree to the last digit are one reading, delivered twice
        return None, 0
    return math.sqrt(spread / free) * _TICK_V, again


def _row_groups(path: Path) -> Iterator[Any]:
    pa = arrow()
    try:
        file = pa.parquet.ParquetFile(path)
        for number in range(file.num_row_groups):
            yield file.read_row_group(number, columns=_READ, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise DocumentError(Problem(f"is damaged: {str(error).splitlines()[0][:160]}", str(path))) from error


def _far_apart(place: NDArray[np.int64], time_s: NDArray[np.float64], rest_s: float) -> NDArray[np.bool_]:
    """Readings of cells between whose first and last there is so much time."""
    _, which = np.unique(place, return_inverse=True)
    which = which.reshape(-1)
    first, last = np.full(which.max(initial=-1) + 1, np.inf), np.full(which.max(initial=-1) + 1, -np.inf)
    there = np.isfinite(time_s)
    np.minimum.at(first, which[there], time_s[there])
    np.maximum.at(last, which[there], time_s[there])
    apart: NDArray[np.bool_] = (last - first >= rest_s)[which]
    return apart


def site_to_site(
    means: NDArray[np.float64],
    counts: NDArray[np.int64],
    sites: NDArray[np.int64],
    lane: NDArray[np.int32],
    sigma: float,
) -> tuple[float | None, int]:
    """Standard deviation between sites, what chance adds taken away, and how many sites there are.

    Args:
        means: of each position of the repeat, V.
        counts: cells behind each mean.
        sites: probe that reads each position, 0 where it is not known.
        lane: of each position.
        sigma: of a single cell within its lane, V.
    """
    use = (sites > 0) & (counts > 0) & np.isfinite(means)
    if len(np.unique(sites[use])) < 2:
        return None, 0
    off = np.full(len(means), np.nan)
    for number in np.unique(lane[use]):
        here = use & (lane == number)
        if len(np.unique(sites[here])) > 1:
            off[here] = means[here] - np.average(means[here], weights=counts[here])
    use &= np.isfinite(off)
    found, which = np.unique(sites[use], return_inverse=True)
    if len(found) < 2:
        return None, 0
    which = which.reshape(-1)
    weight = np.bincount(which, weights=counts[use])
    effect = np.bincount(which, weights=off[use] * counts[use]) / weight
    chance = float((sigma**2 / weight).mean())
    return math.sqrt(max(0.0, float(effect.var(ddof=1)) - chance)), len(found)


def gauge_of(
    folder: Path, cells: RepeatMap, test: WebTest, means: NDArray[np.float64], counts: NDArray[np.int64],
    sites: NDArray[np.int64], sigma: float,
) -> Gauge:  # fmt: skip
    """The gauge of a web: of all passes that were kept, and of its positions."""
    repeat_v, again = None, 0
    if (folder / FILE).is_file():
        rest = test.estimate.rest
        repeat_v, again = repeatability(folder / FILE, rest.value if rest else math.inf)
    between, count = site_to_site(means, counts, sites, cells.lane, sigma)
    tolerance = value_in(test.gauge.high, "ocv") - value_in(test.gauge.low, "ocv")
    parts = [part for part in (repeat_v, between) if part is not None]
    grr = 6 * math.hypot(*parts) / tolerance if parts and tolerance > 0 else None
    return Gauge(repeat_v, again, between, count, grr, test.gauge.limit.value)
