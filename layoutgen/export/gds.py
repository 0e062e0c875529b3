"""GDSII, hierarchical, all layers."""

import datetime as dt
from typing import TYPE_CHECKING

from layoutgen.export.library import compare, to_library
from layoutgen.export.preflight import preflight
from layoutgen.files.partial import scratch
from layoutgen.layout.model import Layout

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

_TIMESTAMP = dt.datetime(2000, 1, 1)  # noqa: DTZ001  (GDSII knows no time zone; fixed, so that files repeat)


def gds_bytes(layout: Layout, pdk: "Pdk") -> bytes:
    """A layout as a GDSII file, read back and compared.

    The same layout gives the same bytes: the time stamp in the file is fixed.

    Raises:
        PreflightError: GDSII cannot carry this layout, or the file read back differs.
    """
    import gdstk

    preflight(layout, pdk)
    with scratch() as folder:
        path = folder / "layout.gds"
        to_library(layout, pdk).write_gds(str(path), timestamp=_TIMESTAMP)
        compare(gdstk.read_gds(str(path)), layout, pdk, "GDSII")
        return path.read_bytes()
