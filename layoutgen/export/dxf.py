"""DXF for laser and film shops: flat closed polylines in model space, 1:1 in mm, R12 or R2010.

The document frame comes from ezdxf; entities are written as text, which is many times faster, and read back.
R12 carries no unit: file names say ``mm``.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from layoutgen.draw.dxf_text import MILLIMETRES, new_documents, text_of
from layoutgen.errors import PreflightError, Problem
from layoutgen.export.flat import FLAT_LIMIT, flat_shapes
from layoutgen.export.preflight import preflight
from layoutgen.geometry.boxes import Point
from layoutgen.layout.dbu import to_mm_text
from layoutgen.layout.measure import shape_box, totals_by_layer, union_of_boxes
from layoutgen.layout.model import Layout, Path, Polygon

if TYPE_CHECKING:
    from layoutgen.pdk.schema import Pdk

Version: TypeAlias = Literal["R12", "R2010"]
COMMENT = "unit mm, 1:1, kerf not compensated"
_COLOURS = 6
# no layer and no mask has these
_OPEN_LAYER = "OPEN_{}"
_OPEN_BOX = -1000001.5, -1000002.5, 1000003.5, 1000004.5
_WITH_PLACES = "LWPOLYLINE", "VERTEX"
_ENDS = "SEQEND", "ENDSEC"
_ENTITIES = "  0\nSECTION\n  2\nENTITIES\n"


def dxf_layer(pdk: "Pdk", name: str) -> str:
    """The DXF name of a layer: at most eight ASCII characters, which R12 and old laser software need."""
    layer = pdk.layers[name]
    return f"L{layer.number}" if not layer.datatype else f"L{layer.number}D{layer.datatype}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """A document of ezdxf's without entities, in which layer names and extents stand open.

    ezdxf takes far longer to make one than the rest of a file takes; frames of one version differ only there.
    """

    version: Version
    text: str
    owner: str
    """Handle of model space."""

    @classmethod
    def of(cls, version: Version, layers: int) -> "_Frame":
        quiet = logging.NullHandler()  # ezdxf warns that R12 has no unit, which file names make good
        logging.getLogger("ezdxf").addHandler(quiet)
        try:
            with new_documents() as new:
                document = new(version, units=MILLIMETRES)
                for index in range(layers):
                    document.layers.add(_OPEN_LAYER.format(index), color=1 + index % _COLOURS)
                x0, y0, x1, y1 = _OPEN_BOX
                document.modelspace().reset_extents((x0, y0, 0.0), (x1, y1, 0.0))
                return cls(version, text_of(document), str(document.modelspace().layout_key))
        finally:
            logging.getLogger("ezdxf").removeHandler(quiet)

    def filled(self, layers: Sequence[str], box_mm: tuple[float, float, float, float]) -> str:
        """The document with these layer names and extents."""
        text = self.text
        for index, name in enumerate(layers):
            text = text.replace(f"\n{_OPEN_LAYER.format(index)}\n", f"\n{name}\n")
        for still_open, value in zip(_OPEN_BOX, box_mm, strict=True):
            text = text.replace(f"\n{still_open}\n", f"\n{value}\n")
        return text


def dxf_bytes(layout: Layout, pdk: "Pdk", layers: Sequence[str], version: Version) -> bytes:
    """Some layers as DXF: polygons as closed, lines as open polylines of zero width; read back and compared.

    Args:
        layout: what to write.
        pdk: says the numbers of layers.
        layers: which layers, each on a DXF layer of its own; none on layer 0.
        version: ``R12`` (POLYLINE, no unit) or ``R2010`` (LWPOLYLINE, unit mm).

    Raises:
        PreflightError: the layout cannot be carried, has too many shapes, or the file read back differs.
    """
    preflight(layout, pdk)
    return _dxf(layout, pdk, layers, _Frame.of(version, len(layers)))


def _dxf(layout: Layout, pdk: "Pdk", layers: Sequence[str], frame: _Frame) -> bytes:
    """As :func:`dxf_bytes`, of a layout that has passed the preflight."""
    version, owner = frame.version, frame.owner
    shapes = flat_shapes(layout, layers, f"DXF {version}")
    x0, y0, x1, y1 = union_of_boxes([shape_box(shape) for shape in shapes]) or (0, 0, 0, 0)
    per_mm = 1e6 / layout.dbu_nm
    box_mm = x0 / per_mm, y0 / per_mm, x1 / per_mm, y1 / per_mm
    head, seed, tail = _opened(frame.filled([dxf_layer(pdk, name) for name in layers], box_mm))
    write = _polyline if version == "R12" else _lwpolyline
    body: list[str] = []
    handle = seed
    for shape in shapes:
        text, handle = write(shape, dxf_layer(pdk, shape.layer), layout.dbu_nm, handle, owner)
        body.append(text)
    content = f"999\n{COMMENT}\n" + head.replace(_seed(seed), _seed(handle), 1) + "".join(body) + tail
    _compare(content, shapes, layout.dbu_nm, pdk, version)
    return content.encode("ascii")


def mask_dxfs(layout: Layout, pdk: "Pdk", version: Version = "R2010") -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Every mask as a DXF file of its own, by layer name in mask order, and notes on those left out.

    A mask with more shapes than a flat file should hold is left out and named; GDSII and OASIS have it.
    """
    preflight(layout, pdk)
    totals = totals_by_layer(layout)
    frame = _Frame.of(version, 1)
    files: dict[str, bytes] = {}
    notes: list[str] = []
    for name in sorted(pdk.masks, key=lambda name: pdk.masks[name].number):
        count = totals[name].polygons if name in totals else 0
        if count > FLAT_LIMIT:
            notes.append(
                f"not written as DXF: {name}, {count} polygons are more than {FLAT_LIMIT}; see GDSII or OASIS"
            )
        elif count:
            files[name] = _dxf(layout, pdk, [name], frame)
    return files, tuple(notes)


def _opened(frame: str) -> tuple[str, int, str]:
    """The text before the end of the empty entities section, the next free handle, the text after."""
    mark = "  2\nENTITIES\n"
    place = frame.index(mark) + len(mark)
    key = "$HANDSEED\n  5\n"
    start = frame.index(key) + len(key)
    return frame[:place], int(frame[start : frame.index("\n", start)], 16), frame[place:]


def _seed(handle: int) -> str:
    return f"$HANDSEED\n  5\n{handle:X}\n"


def _number(value: int, dbu_nm: int) -> str:
    text = to_mm_text(value, dbu_nm)
    return text if "." in text else text + ".0"


def _polyline(shape: Polygon | Path, layer: str, dbu_nm: int, handle: int, _owner: str) -> tuple[str, int]:
    closed = int(isinstance(shape, Polygon))
    start = f"  0\nPOLYLINE\n  5\n{handle:X}\n  8\n{layer}\n 66\n1\n"
    parts = [f"{start} 10\n0.0\n 20\n0.0\n 30\n0.0\n 70\n{closed}\n"]
    for x, y in shape.points:
        handle += 1
        place = f" 10\n{_number(x, dbu_nm)}\n 20\n{_number(y, dbu_nm)}\n 30\n0.0\n"
        parts.append(f"  0\nVERTEX\n  5\n{handle:X}\n  8\n{layer}\n{place}")
    handle += 1
    parts.append(f"  0\nSEQEND\n  5\n{handle:X}\n  8\n{layer}\n")
    return "".join(parts), handle + 1


def _lwpolyline(shape: Polygon | Path, layer: str, dbu_nm: int, handle: int, owner: str) -> tuple[str, int]:
    closed = int(isinstance(shape, Polygon))
    parts = [
        f"  0\nLWPOLYLINE\n  5\n{handle:X}\n330\n{owner}\n100\nAcDbEntity\n  8\n{layer}\n"
        f"100\nAcDbPolyline\n 90\n{len(shape.points)}\n 70\n{closed}\n 43\n0.0\n"
    ]
    parts += [f" 10\n{_number(x, dbu_nm)}\n 20\n{_number(y, dbu_nm)}\n" for x, y in shape.points]
    return "".join(parts), handle + 1


Outline: TypeAlias = tuple[str, bool, tuple[Point, ...]]


def _compare(content: str, shapes: list[Polygon | Path], dbu_nm: int, pdk: "Pdk", version: Version) -> None:
    meant = [(dxf_layer(pdk, shape.layer), isinstance(shape, Polygon), shape.points) for shape in shapes]
    if list(outlines_of(content, dbu_nm)) != meant:
        raise PreflightError(Problem("differs from what was written", f"DXF {version} read back"))


def outlines_of(content: str, dbu_nm: int) -> Iterator[Outline]:
    """Every polyline of the entities section, in order.

    Raises:
        ValueError: a group code or a coordinate is not a number, or there is no entities section.
    """
    per_mm = 1e6 / dbu_nm
    kind, layer, closed, xs, ys = "", "", False, list[int](), list[int]()
    # what stands before the entities is ezdxf's own, and no polyline
    lines = content[content.index(_ENTITIES) + len(_ENTITIES) :].split("\n")
    for code, value in zip(map(int, lines[::2]), lines[1::2], strict=False):
        if code == 10:
            if kind in _WITH_PLACES:
                xs.append(round(float(value) * per_mm))
        elif code == 20:
            if kind in _WITH_PLACES:
                ys.append(round(float(value) * per_mm))
        elif code == 0:
            if xs and (kind == "LWPOLYLINE" or value in _ENDS):
                yield layer, closed, tuple(zip(xs, ys, strict=True))
                xs, ys = [], []
            kind = value
            if kind == "ENDSEC":
                return
        elif code == 8:
            layer = value
        elif code == 70 and kind != "VERTEX":
            closed = bool(int(value) & 1)
