"""Gerber X2: flat regions in mm, for film plotters and laser shops that come from circuit boards.

Follows the Gerber Layer Format Specification (Ucamco): format 4.6, regions only, attributes of X2, MD5 at the end.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from layoutgen.errors import PreflightError, Problem
from layoutgen.export.flat import flat_shapes
from layoutgen.export.preflight import preflight
from layoutgen.geometry.boxes import Box, Point
from layoutgen.layout.model import Layout, Polygon

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

CLEAR = "%LPC*%"
_LIMIT_NM = 9_999_999_999
"""Largest coordinate of format 4.6 in mm."""


def gerber_bytes(
    layout: Layout, pdk: "Pdk", layers: Sequence[str], *, function: str, generator: str, ground: Box | None = None
) -> bytes:
    """Polygons of some layers as a Gerber X2 file. Lines without width cannot be carried and are left out.

    Args:
        layout: what to write.
        pdk: says which layers there are, and the process.
        layers: which layers, drawn as one picture.
        function: what the file is, such as a mask's name; letters, digits, hyphens and underscores.
        generator: name and version of this tool, as ``layoutgen,0.1.0``.
        ground: dark ground that the polygons are clear in; without it they are dark. What is plotted dark is dark
            on the film, so the file is right as it is sent.

    Raises:
        PreflightError: the layout cannot be carried, has too many shapes, or the file read back differs.
    """
    preflight(layout, pdk)
    shapes = flat_shapes(layout, layers, "Gerber")
    polygons = [shape.points for shape in shapes if isinstance(shape, Polygon)]
    most = (
        max((abs(value) for points in polygons for point in points for value in point), default=0) * layout.dbu_nm
    )
    if most > _LIMIT_NM:
        raise PreflightError(
            Problem(f"reaches {most * 1e-9:.4g} m", "Gerber", "less than 10 m", "a shorter repeat")
        )
    project = uuid.uuid5(uuid.NAMESPACE_URL, f"layoutgen/{layout.top}/{pdk.name}")
    lines = [
        "G04 unit mm, 1:1, kerf not compensated*",
        f"%TF.GenerationSoftware,layoutgen,{generator}*%",
        f"%TF.ProjectId,{layout.top},{project},{pdk.version}*%",
        f"%TF.FileFunction,Other,{function}*%",
        "%TF.FilePolarity,Positive*%",
        f"%TF.SameCoordinates,{layout.top}*%",
        "%FSLAX46Y46*%",
        "%MOMM*%",
        "%LPD*%",
        "G01*",
    ]
    if ground is not None:
        x0, y0, x1, y1 = ground
        lines += [*_region(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), layout.dbu_nm), CLEAR]
    for points in polygons:
        lines += _region(points, layout.dbu_nm)
    digest = hashlib.md5("".join(lines).encode("ascii"), usedforsecurity=False).hexdigest()
    content = "\n".join([*lines, f"%TF.MD5,{digest}*%", "M02*", ""])
    if Counter(regions_of(content, layout.dbu_nm)) != Counter(polygons):
        raise PreflightError(Problem("differs from what was written", "Gerber read back"))
    return content.encode("ascii")


def _region(points: tuple[Point, ...], dbu_nm: int) -> Iterator[str]:
    yield "G36*"
    for index, (x, y) in enumerate((*points, points[0])):
        yield f"X{x * dbu_nm}Y{y * dbu_nm}D0{1 if index else 2}*"
    yield "G37*"


def regions_of(content: str, dbu_nm: int) -> Iterator[tuple[Point, ...]]:
    """The polygons of a file of this writer, read again from its text; the ground behind them is left out."""
    points: list[Point] = []
    lines = content.splitlines()
    for line in lines[lines.index(CLEAR) if CLEAR in lines else 0 :]:
        if line.startswith("X"):
            x, y = line[1:-4].split("Y")
            points.append((int(x) // dbu_nm, int(y) // dbu_nm))
        elif line == "G37*":
            if points[0] != points[-1]:
                return
            yield tuple(points[:-1])
            points = []
