"""The outline that a DXF or an SVG file holds: one closed loop of lines and arcs.

DXF: LINE, ARC, CIRCLE, LWPOLYLINE and flat POLYLINE with bulges; layers other than 0 name their edges; texts,
points and dimensions are left aside. SVG: one path of M, L, H, V, A, Z, or one circle, rect or polygon; y, which
points down there, is turned up. Ends up to 1 um apart are joined, and that is said.
"""

from itertools import pairwise
from math import cos, pi, sin, tan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layoutgen.errors import InputError, Problem
from layoutgen.geometry.outline import Outline
from layoutgen.geometry.outline_loop import Piece, chained

if TYPE_CHECKING:
    from ezdxf.document import Drawing
    from ezdxf.entities.dxfentity import DXFEntity

MOST_BYTES = 20_000_000
_MOST_EDGES = 2_000
_MILLIMETRES = {0: "none", 4: "mm"}
_UNIT_NAMES = {1: "inches", 2: "feet", 5: "cm", 6: "m", 9: "mils", 13: "um"}
_ASIDE = {"TEXT", "MTEXT", "DIMENSION", "POINT", "LEADER", "MULTILEADER", "VIEWPORT", "ATTDEF"}


def read_outline(path: Path, where: str) -> tuple[Outline, tuple[str, ...]]:
    """The outline of a file in dbu, and what was done to it.

    Raises:
        InputError: the file cannot be read, holds no single closed loop, has other units or other curves.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise InputError(Problem(f"{path} is no file", where))
        if size > MOST_BYTES:
            raise InputError(Problem(f"{path} has {size / 1e6:.0f} MB", where, "an outline of up to 20 MB"))
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(Problem(f"{path} is not there", where, "a DXF or SVG file")) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a file name"
        raise InputError(Problem(f"{path} cannot be read: {reason}", where)) from error
    if path.suffix.lower() == ".dxf":
        pieces, notes = _dxf(data, path, where)
    else:
        from layoutgen.geometry.outline_svg import svg_pieces

        pieces, notes = svg_pieces(data, path, where), ()
    if len(pieces) > _MOST_EDGES:
        raise InputError(
            Problem(
                f"{path} has {len(pieces)} edges", where, f"up to {_MOST_EDGES}", "arcs in place of short lines"
            )
        )
    outline, closed = chained(pieces, path, where)
    return outline, (*notes, *closed)


def _dxf(data: bytes, path: Path, where: str) -> tuple[list[Piece], tuple[str, ...]]:
    document = _document(data, path, where)
    units = int(document.header.get("$INSUNITS", 0))
    if units not in _MILLIMETRES:
        unit = _UNIT_NAMES.get(units, f"unit {units}")
        raise InputError(Problem(f"{path} is in {unit}: header $INSUNITS = {units}", where, "mm, $INSUNITS = 4"))
    pieces: list[Piece] = []
    aside: set[str] = set()
    for entity in document.modelspace():
        kind = entity.dxftype()
        if kind in _ASIDE:
            aside.add(kind)
            continue
        pieces += _pieces_of(entity, kind, path, where)
    if not pieces:
        raise InputError(
            Problem(f"{path} holds no line or arc", where, "one closed loop of LINE, ARC, LWPOLYLINE, CIRCLE")
        )
    notes = [f"{path.name}: {', '.join(sorted(aside))} left aside"] if aside else []
    if units == 0:
        notes.append(f"{path.name} states no unit; mm are taken")
    return pieces, tuple(notes)


def _document(data: bytes, path: Path, where: str) -> "Drawing":
    import io
    import logging

    import ezdxf.filemanagement

    logging.getLogger("ezdxf").setLevel(logging.CRITICAL)
    if data.startswith(b"AutoCAD Binary DXF"):
        raise InputError(Problem(f"{path} is a binary DXF", where, "a DXF in text"))
    try:
        text = data.decode("utf-8", errors="surrogateescape").replace("\r\n", "\n")
        return ezdxf.filemanagement.read(io.StringIO(text))
    except Exception as error:
        raise InputError(
            Problem(f"{path} is not a DXF file that can be read", where, "DXF R12 to R2018")
        ) from error


def _pieces_of(entity: "DXFEntity", kind: str, path: Path, where: str) -> list[Piece]:
    said = f"{kind} (handle {entity.dxf.handle})"
    layer = str(entity.dxf.layer)
    name = "" if layer == "0" else layer
    data: Any = entity
    if kind in {"LINE", "ARC", "CIRCLE", "LWPOLYLINE", "POLYLINE"}:
        extrusion = entity.dxf.get("extrusion", (0, 0, 1))
        if tuple(round(float(v), 9) for v in extrusion) != (0.0, 0.0, 1.0) and kind != "LINE":
            raise InputError(
                Problem(f"{path}: {said} is not drawn in the plane from above", where, "extrusion (0, 0, 1)")
            )
    if kind == "LINE":
        (x0, y0, _), (x1, y1, _) = data.dxf.start, data.dxf.end
        return [Piece((x0, y0), (x1, y1), 0.0, name, said)]
    if kind == "ARC":
        return [_arc(data.dxf.center, data.dxf.radius, data.dxf.start_angle, data.dxf.end_angle, name, said)]
    if kind == "CIRCLE":
        x, y, _ = data.dxf.center
        r = data.dxf.radius
        return [Piece((x - r, y), (x + r, y), 1.0, name, said), Piece((x + r, y), (x - r, y), 1.0, name, said)]
    if kind == "LWPOLYLINE":
        points = [(float(x), float(y), float(b)) for x, y, b in data.get_points("xyb")]
        return _polyline(points, name, said, closed=bool(data.closed))
    if kind == "POLYLINE" and data.is_2d_polyline:
        points = [(v.dxf.location.x, v.dxf.location.y, float(v.dxf.get("bulge", 0.0))) for v in data.vertices]
        return _polyline(points, name, said, closed=bool(data.is_closed))
    remedy = "explode the block" if kind == "INSERT" else "lines and arcs in its place"
    raise InputError(
        Problem(f"{path}: {said} is neither a line nor an arc", where, "LINE, ARC, LWPOLYLINE, CIRCLE", remedy)
    )


def _arc(centre: Any, radius: float, start: float, end: float, name: str, said: str) -> Piece:
    x, y, _ = centre
    turn = (end - start) % 360 or 360.0
    a, b = start * pi / 180, end * pi / 180
    ends = (x + radius * cos(a), y + radius * sin(a)), (x + radius * cos(b), y + radius * sin(b))
    return Piece(*ends, tan(turn * pi / 720), name, said)


def _polyline(points: list[tuple[float, float, float]], name: str, said: str, *, closed: bool) -> list[Piece]:
    found = [Piece(a[:2], b[:2], a[2], name, said) for a, b in pairwise(points)]
    if closed and len(points) > 1:
        found.append(Piece(points[-1][:2], points[0][:2], points[-1][2], name, said))
    return [piece for piece in found if piece.start != piece.end]
