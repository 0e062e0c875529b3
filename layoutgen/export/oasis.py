"""OASIS, hierarchical, all layers, with a CRC."""

from typing import TYPE_CHECKING

from layoutgen.errors import PreflightError, Problem
from layoutgen.export.library import compare, to_library
from layoutgen.export.preflight import preflight
from layoutgen.files.partial import scratch
from layoutgen.layout.model import Layout

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk


def oasis_bytes(layout: Layout, pdk: "Pdk") -> bytes:
    """A layout as an OASIS file with CRC32 validation, read back, checked and compared.

    Raises:
        PreflightError: the formats cannot carry this layout, or the file read back differs.
    """
    import gdstk

    preflight(layout, pdk)
    with scratch() as folder:
        path = folder / "layout.oas"
        to_library(layout, pdk).write_oas(
            str(path),
            compression_level=9,
            detect_rectangles=True,
            detect_trapezoids=True,
            standard_properties=True,
            validation="crc32",
        )
        valid, _ = gdstk.oas_validate(str(path))
        if not valid:
            raise PreflightError(Problem("its checksum does not match", "OASIS", remedy="report this as a bug"))
        compare(gdstk.read_oas(str(path)), layout, pdk, "OASIS")
        return path.read_bytes()
