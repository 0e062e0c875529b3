"""Values of columns put into records: in ticks, without what no reading can be."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from layoutgen.lot.reading.batch import OUT_OF_RANGE, Findings, Rows
from layoutgen.lot.reading.headings import Heading
from layoutgen.lot.reading.plausible import UnitCheck
from layoutgen.lot.rules import COLUMN_OF
from layoutgen.lot.table import NULL, ticks
from layoutgen.lot.webmap import RepeatMap
from layoutgen.pdk.schema import Pdk
from layoutgen.pdk.webtest import READING_UNITS, WebTest
from layoutgen.web.addresses import UNKNOWN, on_web, repeat_name

_SHOWN: Final = 3


class Gauge:
    """Puts values in ticks, and takes out what no reading can be."""

    def __init__(
        self, test: WebTest, pdk: Pdk, cells: RepeatMap, findings: Findings, units: Mapping[str, str]
    ) -> None:
        self._map, self._findings = cells, findings
        self.units = units
        """Reading -> unit, said beside the files."""
        self.check = UnitCheck(test, pdk, cells, findings)
        self.contact_high = self.check.ranges.get("contact", (0.0, np.inf))[1]
        self._live_v = self.check.expected["ocv"].low

    def put(self, made: NDArray[Any], heading: Heading, values: NDArray[np.float64], rows: Rows) -> None:
        """Put a column as the file has it into records, whose places and voltages are there already.

        NaN is missing; what is out of range is counted, flagged and left out.
        """
        reading = heading.reading
        area = self._map.area_cm2 if heading.times_area else 1.0
        told = (values * heading.factor + heading.offset) * area
        far = self._far(reading, told)
        if far.any():
            self._say(made, reading, told, far, rows)
            made["flags"][far] |= OUT_OF_RANGE
        ocv = COLUMN_OF["ocv"]
        live = None if reading == "ocv" or (made["ocv"] == NULL).all() else made["ocv"] >= self._live_v / ocv.tick
        self.check.count(heading, told, far, live)
        made[reading] = ticks(np.where(far, np.nan, told), COLUMN_OF[reading])

    def resistance(self, index: NDArray[np.int64], ohm_cm2: NDArray[np.float64], file: str) -> NDArray[np.bool_]:
        """Which resistances that a spectrum told can be one; the others are counted."""
        far = self._far("asr", ohm_cm2)
        if far.any():
            self._say({"index": index}, "asr", ohm_cm2, far, Rows(file))
        return ~far

    def _far(self, reading: str, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        low, high = self.check.ranges.get(reading, (-np.inf, np.inf))
        high = np.inf if reading == "contact" else high
        with np.errstate(invalid="ignore"):
            far: NDArray[np.bool_] = np.isinf(values) | (values < low) | (values > high)
        return far

    def _say(
        self, made: Any, reading: str, values: NDArray[np.float64], far: NDArray[np.bool_], rows: Rows
    ) -> None:
        low, high = self.check.ranges.get(reading, (-np.inf, np.inf))
        ends = f"at least {low:g}" if reading == "contact" else f"range {low:g} .. {high:g}"
        shown = []
        for row in np.flatnonzero(far)[:_SHOWN].tolist():
            value = f"{reading} {values[row]:.6g} {READING_UNITS[reading]}, {ends}"
            shown.append(f"{rows.at(row)}, {self.name(int(made['index'][row]))}: {value}")
        self._findings.add("out_of_range", int(far.sum()), *shown)

    def name(self, index: int) -> str:
        """The address of a place on the web."""
        if index == UNKNOWN:
            return "no cell of this design"
        repeat, cell = divmod(index, self._map.cells)
        return on_web(repeat_name(repeat + 1), self._map.names[cell])
