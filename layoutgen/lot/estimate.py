"""The capacity of a cell from its test: shrunk to the lot, with its error, and its tray."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.rules import Statistics
from layoutgen.lot.table import NULL, Matrix
from layoutgen.lot.webmap import RepeatMap
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.assembly import correlation_interval


@dataclass(frozen=True, slots=True)
class Estimates:
    """Of the cells of some repeats, shape (repeats, cells): capacity and its standard error in nAh, tray from 1."""

    capacity: NDArray[np.int32]
    error: NDArray[np.int32]
    tray: NDArray[np.uint8]


class Estimator(ABC):
    """Makes capacities of readings: trays that cells are put into, and whether anybody read a capacity."""

    trays: int
    readings: bool

    @abstractmethod
    def of(self, readings: Mapping[str, Matrix], first_row: int) -> Estimates:
        """Estimates of repeats from the ``first_row``-th of the web on, from 0."""

    @abstractmethod
    def record(self) -> dict[str, Any]:
        """What the metadata of a table of bins say of its estimates."""


class KitEstimator(Estimator):
    """``lot + r2 (reading - lot)`` with the error ``r s sqrt(1 - r2)``, s the spread of readings in the lot.

    Where nothing told the capacity, every cell has the nominal one and the errors of the process, of which that of
    the lot is common to its cells. ``r`` is the lower end of the interval of the kit's correlation: rated is what
    is sure.
    """

    def __init__(self, cells: RepeatMap, pdk: Pdk, statistics: Statistics) -> None:
        read = statistics.values["capacity"]
        self.readings = "capacity" in statistics.present and read.n > 1
        line = pdk.assembly
        self.trays = min(255, int(line.trays.value))
        self.interval = correlation_interval(line.estimate_correlation.value, line.cycled.value)
        self.correlation, self.stated = self.interval[0], line.estimate_correlation.value
        self.lot_error_nah = 0
        if self.readings:
            self.lot_nah, spread = read.mean, read.sigma
            self.sigma_nah = self.correlation * spread
            self.error_nah = round(self.sigma_nah * math.sqrt(1 - self.correlation**2))
            shares = [number / self.trays for number in range(1, self.trays)]
            self.edges = np.array(read.quantiles(shares))
        else:
            cell = pdk.cell
            scale = cells.nominal_mah * 1e6 / cell.utilization_mean.value
            self.interval, self.stated = (0.0, 0.0), 0.0
            self.correlation, self.lot_nah = 0.0, cells.nominal_mah * 1e6
            self.sigma_nah = cell.utilization_sigma_cell.value * scale
            self.error_nah = round(self.sigma_nah)
            self.lot_error_nah = round(cell.utilization_sigma_lot.value * scale)
            self.edges = np.array([])
            self.trays = 1

    def of(self, readings: Mapping[str, Matrix], first_row: int) -> Estimates:
        del first_row
        read, lot = readings["capacity"], float(self.lot_nah)
        missing = read == NULL
        with np.errstate(invalid="ignore"):
            found = np.rint(lot + self.correlation**2 * (read.astype(np.float64) - lot))
        capacity = np.where(missing, round(lot), found).astype(np.int32)
        error = np.where(missing, round(self.sigma_nah), self.error_nah).astype(np.int32)
        return Estimates(capacity, error, trays_of(self.edges, np.where(missing, round(lot), read)))

    def record(self) -> dict[str, Any]:
        return {
            "readings": self.readings,
            "of": ["capacity"] if self.readings else [],
            "correlation": round(self.correlation, 12),
            "correlation_found": round(self.stated, 12),
            "correlation_interval": [round(end, 12) for end in self.interval],
            "error_nah": self.error_nah,
            "lot_error_nah": self.lot_error_nah,
            "lot_mean_nah": round(self.lot_nah),
            "sigma_cell_nah": round(self.sigma_nah),
            "cycled": None,
        }


def trays_of(edges: NDArray[np.float64], values: Matrix) -> NDArray[np.uint8]:
    """Trays of about equal count, from 1 for the smallest capacity."""
    return (np.searchsorted(edges, values, side="right") + 1).astype(np.uint8)
