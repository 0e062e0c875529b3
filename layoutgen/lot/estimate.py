"""The capacity of a cell from its test: shrunk to the lot, with its error, and its tray."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.rules import Statistics
from layoutgen.lot.table import NULL, Matrix
from layoutgen.lot.webmap import RepeatMap
from layoutgen.pdk.schema import Pdk
from layoutgen.sizing.assembly import correlation_interval


class Estimator:
    """``lot + r2 (reading - lot)`` with the error ``r s sqrt(1 - r2)``, s the spread of readings in the lot.

    Where nothing told the capacity, every cell has the nominal one and the error of the process. ``r`` is the lower
    end of the interval of the kit's correlation: rated is what is sure.
    """

    def __init__(self, cells: RepeatMap, pdk: Pdk, statistics: Statistics) -> None:
        read = statistics.values["capacity"]
        self.readings = "capacity" in statistics.present and read.n > 1
        line = pdk.assembly
        self.trays = min(255, int(line.trays.value))
        self.interval = correlation_interval(line.estimate_correlation.value, line.cycled.value)
        self.correlation = self.interval[0]
        if self.readings:
            self.lot_nah, spread = read.mean, read.sigma
            self.sigma_nah = self.correlation * spread
            self.error_nah = round(self.sigma_nah * math.sqrt(1 - self.correlation**2))
            shares = [number / self.trays for number in range(1, self.trays)]
            self.edges = np.array(read.quantiles(shares))
        else:
            cell = pdk.cell
            scale = cells.nominal_mah * 1e6 / cell.utilization_mean.value
            self.interval = 0.0, 0.0
            self.correlation, self.lot_nah = 0.0, cells.nominal_mah * 1e6
            self.sigma_nah = cell.utilization_sigma_cell.value * scale
            self.error_nah = round(
                math.hypot(cell.utilization_sigma_cell.value, cell.utilization_sigma_lot.value) * scale
            )
            self.edges = np.array([])
            self.trays = 1

    def estimates(self, readings: Matrix) -> NDArray[np.int32]:
        """Estimates in nAh; the lot's mean where there is no reading."""
        lot = float(self.lot_nah)
        with np.errstate(invalid="ignore"):
            found = np.rint(lot + self.correlation**2 * (readings.astype(np.float64) - lot))
        return np.where(readings == NULL, round(lot), found).astype(np.int32)

    def trays_of(self, readings: Matrix) -> NDArray[np.uint8]:
        """Trays of about equal count, from 1 for the smallest capacity."""
        values = np.where(readings == NULL, round(self.lot_nah), readings)
        return (np.searchsorted(self.edges, values, side="right") + 1).astype(np.uint8)

    def record(self) -> dict[str, Any]:
        """What the metadata of a table of bins say of its estimates."""
        return {
            "readings": self.readings,
            "correlation": round(self.correlation, 12),
            "correlation_interval": [round(end, 12) for end in self.interval],
            "lot_mean_nah": round(self.lot_nah),
            "sigma_cell_nah": round(self.sigma_nah),
            "error_nah": self.error_nah,
        }
